"""Lesions: each takes weights and returns weights."""

from collections.abc import Sequence

import numpy as np
import torch

from .networks import Ensemble, check_one


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
    chosen = check_units(units, w_out.shape[1])
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


def cut_units(network: Ensemble, units: Sequence[int]) -> Ensemble:
    """Take units out of the recurrent layer: their recurrent weights are 0, in and out.

    Input, biases and read-out stay, as in ``flow.lesion_distances``, which cuts one at a time.

    Parameters
    ----------
    network : Ensemble
        The same units are cut in each of its networks.
    units : sequence of unit indices

    Raises
    ------
    ValueError
        For a unit that does not exist.

    References
    ----------
    Tanner et al. (2023), Methods of Fig. 5d-f.
    """
    chosen, w_rec = check_units(units, network.w_rec.shape[1]), network.w_rec.clone()
    w_rec[:, chosen, :] = w_rec[:, :, chosen] = 0.0
    return network.with_parameters(w_rec=w_rec)


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


def cut_within(network: Ensemble, units: Sequence[int], doses: Sequence[int]) -> Ensemble:
    """Cut the strongest positive recurrent connections inside a set of units, in several doses.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    units : sequence of unit indices
        A connection counts if it starts and ends within them; a unit's own does, too.
    doses : sequence of int
        How many connections to cut, from the largest weight down.

    Returns
    -------
    Ensemble
        One copy of the network per dose.

    Raises
    ------
    ValueError
        For several networks, a unit that does not exist, or a dose that is negative or above the
        number of positive connections.

    References
    ----------
    Tanner et al. (2023), Fig. 4e.

    Examples
    --------
    >>> from fcmod_utils.networks import initialize
    >>> network = initialize([0], 3, 8, 2)
    >>> (cut_within(network, [0, 1, 2], [0, 2]).w_rec == 0).sum(dim=(1, 2)).tolist()
    [0, 2]
    """
    inside = np.zeros(check_one(network).w_rec.shape[1:], bool)
    chosen = check_units(units, len(inside))
    inside[np.ix_(chosen, chosen)] = True
    weights = network.w_rec[0].numpy().ravel()
    candidates = np.flatnonzero(inside.ravel() & (weights > 0))
    order = candidates[np.argsort(-weights[candidates], kind="stable")]
    if not all(0 <= dose <= len(order) for dose in doses):
        raise ValueError(f"doses {list(doses)}; allowed: 0 to {len(order)}, the positive connections inside")
    copies = network[[0] * len(doses)]
    w_rec = copies.w_rec.clone(memory_format=torch.contiguous_format)  # else flatten would copy
    for flat, dose in zip(w_rec.flatten(1), doses, strict=True):
        flat[order[:dose]] = 0.0
    return copies.with_parameters(w_rec=w_rec)


def check_units(units: Sequence[int], n_units: int, what: str = "units") -> np.ndarray:
    """Indices as an array; ValueError if one does not exist."""
    chosen = np.asarray(units)
    if chosen.ndim != 1 or (
        chosen.size and (chosen.dtype.kind not in "iu" or not 0 <= chosen.min() <= chosen.max() < n_units)
    ):
        raise ValueError(f"{what} {chosen.tolist()}; allowed: whole numbers from 0 to {n_units - 1}")
    return chosen.astype(int)
