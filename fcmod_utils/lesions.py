"""Lesions: each takes weights and returns weights."""

from collections.abc import Sequence

import numpy as np
import torch

from .networks import Ensemble


def cut_outputs(
    ensemble: Ensemble, units: Sequence[Sequence[int]], share: float = 1.0
) -> Ensemble:
    """Output lesion: the read-out no longer hears some units; biases stay, nothing is retrained.

    Parameters
    ----------
    ensemble : Ensemble
    units : sequence (network) of unit indices
        Which units to cut in each network.
    share : float
        Share of those units that is cut, from the strongest read-out weights (Euclidean norm of
        the unit's column of ``w_out``) down.

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
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}; allowed: 0 to 1")
    if len(units) != len(ensemble):
        raise ValueError(f"units for {len(units)} networks; allowed: one list for each of {len(ensemble)}")
    w_out = ensemble.w_out.clone()
    n_units = w_out.shape[2]
    for weights, chosen in zip(w_out, units, strict=True):
        chosen = np.asarray(chosen, int)
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < n_units:
            raise ValueError(f"units {chosen.tolist()}; allowed: 0 to {n_units - 1}")
        strength = torch.linalg.vector_norm(weights[:, chosen], dim=0).numpy()
        order = chosen[np.argsort(-strength, kind="stable")]
        weights[:, order[: round(share * len(order))]] = 0.0
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
