"""What training may ask of the weights besides solving the task.

A penalty is one number per network, differentiable in the weights; training minimizes the task's
loss plus a strength, which each network may have of its own, times the penalty.
"""

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch

from .networks import Ensemble
from .tasks import check_count

STRENGTH_FLOOR = 1e-6  # a unit that sends less counts as sending this much: no division by zero


def l1(ensemble: Ensemble) -> torch.Tensor:
    """Sum of the absolute recurrent weights of each network, shape (network,).

    The regularizer that spatial embedding is compared with in Achterberg et al. (2023).

    Examples
    --------
    >>> from fcmod_utils.networks import initialize
    >>> nets = initialize([0, 1], n_inputs=3, n_units=8, n_outputs=2)
    >>> bool((l1(nets) == nets.w_rec.abs().sum((1, 2))).all())
    True
    """
    return ensemble.w_rec.abs().sum(dim=(1, 2))


# ------------------------------------------------------------------------------ where units sit


def box(n_units: int) -> np.ndarray:
    """Places of units on the most even three-dimensional grid that holds exactly so many.

    Parameters
    ----------
    n_units : int

    Returns
    -------
    ndarray, shape (unit, 3)
        In grid steps, from 0; 100 units fill 5 x 5 x 4.

    Raises
    ------
    ValueError
        If the number is not a whole number of at least 1.

    Examples
    --------
    >>> box(100).max(axis=0).tolist(), box(8).max(axis=0).tolist()
    ([4.0, 4.0, 3.0], [1.0, 1.0, 1.0])
    """
    check_count(n_units, "n_units")
    sides = [
        (n_units // (b * c), b, c)
        for c in range(1, round(n_units ** (1 / 3)) + 1)
        for b in range(c, n_units // c + 1)
        if n_units % (b * c) == 0 and n_units // (b * c) >= b
    ]
    shape = min(sides, key=lambda one: one[0] * one[1] + one[1] * one[2] + one[0] * one[2])
    return np.stack(np.unravel_index(np.arange(n_units), shape), axis=1).astype(float)


def sheet(n_units: int) -> np.ndarray:
    """Places of units on a sheet as square as can be, row by row: the Lab's.

    Returns
    -------
    ndarray, shape (unit, 2)
        In grid steps, from 0; the last row may be left unfinished.

    Examples
    --------
    >>> sheet(3).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    check_count(n_units, "n_units")
    columns = math.ceil(math.sqrt(n_units))
    return np.stack([np.arange(n_units) % columns, np.arange(n_units) // columns], axis=1).astype(float)


def distances(places: np.ndarray) -> np.ndarray:
    """Euclidean distance of each pair of units, shape (unit, unit).

    Examples
    --------
    >>> distances(np.array([[0.0, 0, 0], [3, 4, 0]])).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    places = np.asarray(places, float)
    if places.ndim != 2 or not np.isfinite(places).all():
        raise ValueError(f"places have shape {places.shape}; allowed: (unit, axis), finite")
    return np.linalg.norm(places[:, None] - places, axis=2)


@cache
def _box_distances(n_units: int, dtype: torch.dtype, own: float) -> torch.Tensor:
    """Distances in the box, with this one of each unit to itself."""
    d = distances(box(n_units))
    np.fill_diagonal(d, own)
    return torch.from_numpy(d).to(dtype)


@cache
def _sheet_distances(n_units: int, dtype: torch.dtype) -> torch.Tensor:
    """Distances on the sheet, whose mean over pairs of different units is 1."""
    d = distances(sheet(n_units))
    return torch.from_numpy(d * (n_units * (n_units - 1) / max(d.sum(), 1))).to(dtype)


# ------------------------------------------------------------------------------ communicability


def communicability(w_rec: torch.Tensor) -> torch.Tensor:
    """How well units can reach each other over paths of all lengths.

    .. math::

       C = \\exp(S^{-1/2} |W| S^{-1/2}), \\qquad S_j = \\sum_i |W_{ij}|,

    the matrix exponential, with each unit's out-strength ``S``: the sum of its column, since
    weights stand as ``[to, from]``. Differentiable in the weights.

    Parameters
    ----------
    w_rec : Tensor, shape (network, to, from)

    Returns
    -------
    Tensor, shape (network, to, from)

    Raises
    ------
    ValueError
        If the weights are not (network, unit, unit).

    References
    ----------
    Achterberg et al. (2023), Methods; Crofts and Higham (2009).
    """
    if w_rec.ndim != 3 or w_rec.shape[1] != w_rec.shape[2]:
        raise ValueError(f"weights have shape {tuple(w_rec.shape)}; allowed: (network, unit, unit)")
    return _communicability(w_rec.abs())


def _communicability(w: torch.Tensor) -> torch.Tensor:
    # S^-1/2 W S^-1/2 = S^-1/2 (W S^-1) S^1/2, and the columns of W S^-1 sum to 1: its powers stay
    # below 1, so that few terms of the exponential's series are enough whatever the weights are.
    strength = w.sum(dim=1).clamp_min(STRENGTH_FLOOR)
    root = strength.sqrt()
    return exponential(w / strength[:, None]) * (root[:, None] / root[..., None])


def exponential(m: torch.Tensor) -> torch.Tensor:
    """Matrix exponential of matrices without large powers, such as those whose columns sum to 1.

    Its series up to the 12th power, in five products (Paterson and Stockmeyer, 1973); what is left
    out is below 2e-10.

    Parameters
    ----------
    m : Tensor, shape (..., n, n)

    Examples
    --------
    >>> exponential(torch.zeros(2, 2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    one, two = torch.eye(m.shape[-1], dtype=m.dtype), m @ m
    three, four = two @ m, two @ two

    def block(k: int) -> torch.Tensor:
        terms = zip((one, m, two, three), range(k, k + 4), strict=True)
        return sum(power / math.factorial(n) for power, n in terms)

    top = four / math.factorial(12) + block(8)
    return (top @ four + block(4)) @ four + block(0)


# ------------------------------------------------------------------------------ spatial embedding


def spatial(
    ensemble: Ensemble,
    distance: bool = True,
    communication: bool = True,
    detached: bool = False,
    diagonal: bool = False,
) -> torch.Tensor:
    """Cost of spatial embedding of each network, its units in the box of :func:`box`.

    .. math::

       \\sum_{ij} |W_{ij}| D_{ij} C_{ij}

    with distances ``D`` and communicability ``C``. Self-connections cost nothing.

    Parameters
    ----------
    ensemble : Ensemble
    distance, communication : bool
        Without one, its factor is 1 for all pairs of different units.
    detached : bool
        Communicability weighs the connections, but no gradient goes through it.
    diagonal : bool
        Self-connections cost, too: as much as wires of length 1.

    Returns
    -------
    Tensor, shape (network,)

    References
    ----------
    Achterberg et al. (2023), Methods.
    """
    w = ensemble.w_rec.abs()
    n, own = w.shape[1], float(diagonal)
    cost = _box_distances(n, w.dtype, own) if distance else 1 - (1 - own) * torch.eye(n, dtype=w.dtype)
    if communication:
        cost = cost * _communicability(w.detach() if detached else w)
    return (w * cost).sum(dim=(1, 2))


def on_a_sheet(ensemble: Ensemble) -> torch.Tensor:
    """Sum of the absolute recurrent weights of each network times their length on a sheet.

    The Lab's price on distance. Lengths are relative to the mean over all pairs, so that a strength
    weighs about as much as with :func:`l1`. Shape (network,).

    Examples
    --------
    >>> from fcmod_utils.networks import initialize
    >>> nets = initialize([0], n_inputs=3, n_units=2, n_outputs=2)
    >>> round((on_a_sheet(nets) / nets.w_rec[0].fliplr().diagonal().abs().sum()).item(), 6)
    1.0
    """
    w = ensemble.w_rec.abs()
    return (w * _sheet_distances(w.shape[1], w.dtype)).sum(dim=(1, 2))


PENALTIES: dict[str, Callable[[Ensemble], torch.Tensor]] = {
    "l1": l1,
    "sernn": spatial,
    "distance": partial(spatial, communication=False),
    "communicability": partial(spatial, distance=False),
    "sernn_detached": partial(spatial, detached=True),
    "sernn_diagonal": partial(spatial, diagonal=True),
    "sheet": on_a_sheet,
}
