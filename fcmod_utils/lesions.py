"""Lesions: each takes weights and returns weights."""

from collections.abc import Sequence

import numpy as np
import torch

from .networks import Ensemble


def strongest_first(w_out: torch.Tensor, units: Sequence[int], share: float = 1.0) -> np.ndarray:
    """Some units of one network, from the strongest read-out weights down.

    Parameters
    ----------
    w_out : Tensor, shape (output, unit)
    units : sequence of unit indices
    share : float
        Share of the units to keep, rounded to whole units.

    Returns
    -------
    ndarray of int
        Ordered by the Euclidean norm of the unit's column of ``w_out``; equals keep their order.

    Raises
    ------
    ValueError
        For a share outside [0, 1] or a unit that does not exist.

    Examples
    --------
    >>> strongest_first(torch.tensor([[1.0, 3.0, 2.0]]), [0, 1, 2], share=0.7).tolist()
    [1, 2]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}; allowed: 0 to 1")
    chosen, n_units = np.asarray(units), w_out.shape[1]
    if chosen.size and (chosen.dtype.kind not in "iu" or not 0 <= chosen.min() <= chosen.max() < n_units):
        raise ValueError(f"units {chosen.tolist()}; allowed: whole numbers from 0 to {n_units - 1}")
    chosen = chosen.astype(int)
    strength = w_out[:, chosen].double().square().sum(0).numpy()
    return chosen[np.argsort(-strength, kind="stable")][: round(share * len(chosen))]


def cut_outputs(ensemble: Ensemble, units: Sequence[Sequence[int]], share: float = 1.0) -> Ensemble:
    """Output lesion: the read-out no longer hears some units; biases stay, nothing is retrained.

    Parameters
    ----------
    ensemble : Ensemble
    units : sequence (network) of unit indices
        Which units to cut in each network.
    share : float
        Share of those units that is cut, ``strongest_first``.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        For a share outside [0, 1], a unit that does not exist, or units for another number of
        networks.

    References
    ----------
    Tanner et al. (2023), Fig. 1i.
    """
    if len(units) != len(ensemble):
        raise ValueError(f"units for {len(units)} networks; allowed: one list for each of {len(ensemble)}")
    w_out = ensemble.w_out.clone()
    for weights, chosen in zip(w_out, units, strict=True):
        weights[:, strongest_first(weights, chosen, share)] = 0.0
    return ensemble.with_parameters(w_out=w_out)


def random_sets(
    like: Sequence[Sequence[int]], among: Sequence[Sequence[int]], seed: int = 0
) -> list[np.ndarray]:
    """Control for a lesion: as many units, drawn at random from the network's live units.

    Parameters
    ----------
    like : sequence (network) of unit indices
        Only their number counts.
    among : sequence (network) of unit indices
        Units to draw from.
    """
    rng = np.random.default_rng(seed)
    return [rng.choice(pool, len(set_), replace=False) for set_, pool in zip(like, among, strict=True)]
