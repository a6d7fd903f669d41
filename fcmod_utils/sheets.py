"""Units on a sheet: what their wiring costs there, and which swaps of places make it cheaper.

Brain-inspired modular training (Liu et al. 2023) asks for few, short connections and now and then lets
two units change places where that shortens the wiring: a swap moves no weight, so the network computes
what it did, but gradient descent alone could never make it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from .networks import Ensemble
from .trials import check_count

CANDIDATES = 30  # units that may move in a round, those with most weight first


def positions(sheet: Sequence[int], n_units: int | None = None) -> np.ndarray:
    """Where the units of a sheet sit, row by row, in steps of the grid, shape (unit, dimension).

    Parameters
    ----------
    sheet : sequence of int
        Cells along each side: ``(20, 20)`` for a sheet, ``(400,)`` for a line.
    n_units : int, optional
        If given, the sheet must have a cell for each.

    Raises
    ------
    ValueError
        If its sides are no positive whole numbers, or it does not have as many cells as there are units.

    Examples
    --------
    >>> positions((2, 2)).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    if not isinstance(sheet, Sequence) or isinstance(sheet, str) or not len(sheet):
        raise ValueError(f"sheet is {sheet!r}; allowed: cells along each side, as (20, 20) or (400,)")
    for side in sheet:
        check_count(side, "a side of the sheet")
    if n_units not in (None, math.prod(sheet)):
        raise ValueError(f"sheet is {tuple(sheet)} for {n_units} units; allowed: as many cells as units")
    return np.indices(tuple(sheet)).reshape(len(sheet), -1).T


def distances(sheet: Sequence[int]) -> np.ndarray:
    """City-block distance between the cells of a sheet whose longest side is 1, shape (cell, cell).

    Liu et al. (2023) print a division by the square of the side, with which "0.6" on their own axes could
    not be reached; the side itself fits every figure.
    """
    at = positions(sheet)
    return np.abs(at[:, None] - at[None]).sum(axis=2) / max(sheet)


def wiring_cost(ensemble: Ensemble, lengths: torch.Tensor, locality: float) -> torch.Tensor:
    """L1 norm of all weights and biases, recurrent ones counted ``1 + locality * length`` times.

    Parameters
    ----------
    ensemble : Ensemble
    lengths : Tensor, shape (unit, unit) or (network, unit, unit)
        Distance between two units.
    locality : float
        A of Liu et al. (2023); 0 is plain L1.

    Returns
    -------
    Tensor, shape (network,)
        Differentiable in the weights.
    """
    cost = (ensemble.w_rec.abs() * (1 + locality * lengths)).sum(dim=(1, 2))
    others = (v for k, v in ensemble.parameters().items() if k != "w_rec")
    return cost + sum(v.abs().flatten(1).sum(dim=1) for v in others)


def scores(ensemble: Ensemble) -> np.ndarray:
    """How much weight reaches and leaves each unit, shape (network, unit)."""
    rec = ensemble.w_rec.detach().abs()
    ends = ensemble.w_in.detach().abs().sum(2) + ensemble.w_out.detach().abs().sum(1)
    return (ends + rec.sum(2) + rec.sum(1)).numpy()


def gains(weights: np.ndarray, lengths: np.ndarray, moved: np.ndarray, unit: int) -> np.ndarray:
    """Change of the summed ``|weight|`` x length if ``unit`` and another one changed places, shape (unit,).

    Parameters
    ----------
    weights : ndarray, shape (unit, unit)
        ``|w|`` of both directions summed, diagonal 0.
    lengths : ndarray, shape (unit, unit)
        Symmetric, diagonal 0.
    moved : ndarray, shape (unit, unit)
        ``weights @ lengths``: what the wiring of the row's unit would cost at the column's place.
    unit : int
    """
    own = np.diagonal(moved)
    change = moved[unit] + moved[:, unit] - own - own[unit] + 2 * weights[unit] * lengths[unit]
    change[unit] = 0
    return change


def swap(w_rec: np.ndarray, lengths: np.ndarray, order: Sequence[int]) -> tuple[np.ndarray, float]:
    """Let units change places, one after the other, each with whom it gains most.

    Parameters
    ----------
    w_rec : ndarray, shape (unit, unit)
    lengths : ndarray, shape (unit, unit)
        Distance between the units where they are now; symmetric.
    order : sequence of int
        The units that may move, in their order (:data:`CANDIDATES` of the largest :func:`scores`).

    Returns
    -------
    place : ndarray of int, shape (unit,)
        Unit ``i`` now sits where unit ``place[i]`` sat.
    gain : float
        By how much the summed ``|weight|`` x length fell.
    """
    size = np.abs(w_rec).astype(float)
    weights = size + size.T
    np.fill_diagonal(weights, 0)
    lengths = np.array(lengths, float)
    moved, place, gain = weights @ lengths, np.arange(len(weights)), 0.0
    for unit in order:
        change = gains(weights, lengths, moved, unit)
        other = int(np.argmin(change))
        if change[other] >= -1e-9 * own_cost(moved):
            continue
        pair, back = [unit, other], [other, unit]
        gain -= change[other]
        place[pair] = place[back]
        before = lengths[:, pair].copy()
        lengths[pair] = lengths[back]
        lengths[:, pair] = lengths[:, back]
        after = lengths[:, pair]
        # only two rows and columns of the lengths are new, so their product is mended, not made again
        new = weights @ after
        moved += weights[:, pair] @ (after - before).T
        moved[:, pair] = new
    return place, gain


class Layout:
    """Which unit of each network sits in which cell, while they are trained.

    Weights stay where they are, so an optimizer's memory of each goes with its unit.

    Attributes
    ----------
    cells : ndarray of int, shape (network, unit)
        Cell of each unit.
    lengths : Tensor, shape (network, unit, unit)
        Distance between two units.
    """

    def __init__(self, sheet: Sequence[int], n_networks: int) -> None:
        self._distances = distances(sheet)
        self.cells = np.tile(np.arange(len(self._distances)), (n_networks, 1))
        self.lengths = torch.from_numpy(self._distances).float().repeat(n_networks, 1, 1)

    def swap(self, ensemble: Ensemble) -> np.ndarray:
        """One round of swaps in each network; by how much each one's summed ``|w|`` x length fell."""
        gain, order = np.zeros(len(self.cells)), np.argsort(-scores(ensemble), axis=1, kind="stable")
        for k, w_rec in enumerate(ensemble.w_rec.detach().numpy()):
            cells = self.cells[k]
            place, gain[k] = swap(w_rec, self._distances[np.ix_(cells, cells)], order[k, :CANDIDATES])
            self.cells[k] = cells[place]
            self.lengths[k] = torch.from_numpy(self._distances[np.ix_(self.cells[k], self.cells[k])])
        return gain

    def arranged(self, ensemble: Ensemble) -> Ensemble:
        """The same networks with their units in the order of the cells."""
        order = torch.from_numpy(np.argsort(self.cells, axis=1))
        rows = torch.arange(len(order))[:, None]
        return replace(
            ensemble,
            w_in=ensemble.w_in[rows, order],
            b_in=ensemble.b_in[rows, order],
            b_rec=ensemble.b_rec[rows, order],
            w_rec=ensemble.w_rec[rows[..., None], order[:, :, None], order[:, None, :]],
            w_out=ensemble.w_out.transpose(1, 2)[rows, order].transpose(1, 2).contiguous(),
        )


def own_cost(moved: np.ndarray) -> float:
    """Summed ``|weight|`` x length of a network, from ``weights @ lengths``."""
    return float(np.trace(moved)) / 2
