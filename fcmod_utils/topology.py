"""Measures of a network's weights: how much, how far, how well they communicate, how modular.

Weights are ``[to, from]`` and count by their absolute value.
"""

import numpy as np
import torch

from .constraints import communicability
from .graphs import check_weights, strongest
from .modules import by_size, louvain

TINY = 1e-10  # gains below this are rounding


# ------------------------------------------------------------------------------ weight and distance


def total_weight(w: np.ndarray) -> float:
    """Sum of the absolute weights, self-connections included."""
    return float(np.abs(check_weights(w)).sum())


def weight_distance(w: np.ndarray, distances: np.ndarray) -> float:
    """Pearson r of absolute weight and distance, self-connections left out; NaN if all weights are equal.

    Parameters
    ----------
    w, distances : ndarray, shape (unit, unit)

    Raises
    ------
    ValueError
        If the weights are not square and finite, or the shapes differ.

    References
    ----------
    Achterberg et al. (2023), Fig. 2.
    """
    w, distances, others = *_pair(w, distances), ~np.eye(len(w), dtype=bool)
    if np.ptp(w[others]) == 0:
        return np.nan
    return float(np.corrcoef(w[others], distances[others])[0, 1])


def wiring_length(w: np.ndarray, distances: np.ndarray) -> float:
    """Mean distance that a unit of weight spans, self-connections left out; NaN without weights."""
    w, distances = _pair(w, distances)
    others = w.sum() - np.trace(w)
    return float((w * distances).sum() / others) if others > 0 else np.nan


def total_communicability(w: np.ndarray) -> float:
    """Sum of :func:`fcmod_utils.constraints.communicability`, its diagonal included."""
    return float(communicability(torch.from_numpy(check_weights(w))[None]).sum())


# ------------------------------------------------------------------------------ modularity


def directed_modularity_matrix(w: np.ndarray, diagonal: bool = True) -> np.ndarray:
    """What a partition's Q sums over pairs of the same module, for absolute weights, directed.

    .. math::

       B_{ij} = \\frac{1}{m} \\Big(|w_{ij}| - \\frac{k^{in}_i k^{out}_j}{m}\\Big), \\qquad
       m = \\sum_{ij} |w_{ij}|

    made symmetric, which changes no Q.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
    diagonal : bool
        Whether self-connections stay.

    Raises
    ------
    ValueError
        If the weights are not square and finite, or all zero.
    """
    w = np.abs(check_weights(w))
    if not diagonal:
        np.fill_diagonal(w, 0.0)
    if (m := w.sum()) == 0:
        raise ValueError("all weights are 0; allowed: at least one that is not")
    b = (w - np.outer(w.sum(1), w.sum(0)) / m) / m
    return (b + b.T) / 2


def newman(b: np.ndarray) -> tuple[np.ndarray, float]:
    """Partition by Newman's spectral bisection, each cut refined by moving one unit after another.

    Parameters
    ----------
    b : ndarray, shape (unit, unit)
        A symmetric modularity matrix.

    Returns
    -------
    labels : ndarray of int, shape (unit,)
        0-based, in order of falling size.
    q : float

    References
    ----------
    Newman (2006); Leicht and Newman (2008) for directed networks.

    Examples
    --------
    >>> w = np.kron(np.eye(2), np.ones((3, 3)))
    >>> newman(directed_modularity_matrix(w))[0]
    array([0, 0, 0, 1, 1, 1])
    """
    waiting, done = [np.arange(len(b))], []
    while waiting:
        units = waiting.pop()
        side = _bisect(b[np.ix_(units, units)])
        if side.all() or not side.any():
            done.append(units)
        else:
            waiting += [units[side], units[~side]]
    labels = np.empty(len(b), int)
    for i, units in enumerate(done):
        labels[units] = i
    return by_size(labels), quality(b, labels)


def _bisect(b: np.ndarray) -> np.ndarray:
    """Which units of a module go to one side of its best cut; all or none if no cut is a gain."""
    b = b - np.diag(b.sum(0))
    values, vectors = np.linalg.eigh(b)
    whole = np.ones(len(b), bool)
    if values[-1] <= TINY:
        return whole
    s = np.where(vectors[:, -1] < 0, -1.0, 1.0)
    if s @ b @ s <= TINY:
        return whole
    np.fill_diagonal(b, 0.0)
    while True:  # until no sequence of moves helps
        better = _move_each_once(b, s)
        if better is s:
            return s > 0
        s = better


def _move_each_once(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    """The best cut on the way when each unit changes sides once, the most profitable first; or ``s``."""
    best, best_gain, gain = s, TINY, 0.0
    s, pull, moved = s.copy(), b @ s, np.zeros(len(b))
    for _ in range(len(b)):
        gains = -4 * s * pull + moved
        unit = gains.argmax()
        gain += gains[unit]
        s[unit] *= -1
        pull += 2 * s[unit] * b[unit]
        moved[unit] = -np.inf
        if gain > best_gain + TINY:
            best_gain, best = gain, s.copy()
    return best


def quality(b: np.ndarray, labels: np.ndarray) -> float:
    """Modularity Q of a partition: the sum of ``b`` over pairs of units in the same module."""
    return float(b[np.equal.outer(labels, labels)].sum())


def modularity(
    w: np.ndarray, weighted: bool = True, diagonal: bool = True, method: str = "newman", runs: int = 3
) -> tuple[np.ndarray, float]:
    """Modules of the absolute weights and their Q, in any of the definitions that the page compares.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
    weighted : bool
        Or else binary: the strongest tenth.
    diagonal : bool
        Whether self-connections stay.
    method : {"newman", "louvain"}
        Spectral bisection, or the best of several seeded runs of Louvain.
    runs : int

    Returns
    -------
    labels : ndarray of int, shape (unit,)
    q : float

    Raises
    ------
    ValueError
        For weights that are not square and finite, or all zero; for an unknown method.
    """
    if method not in ("newman", "louvain"):
        raise ValueError(f"unknown method {method!r}; allowed: newman, louvain")
    w = check_weights(w) if weighted else strongest(w, diagonal=diagonal)
    b = directed_modularity_matrix(w, diagonal)
    return newman(b) if method == "newman" else louvain(b, runs)


# ------------------------------------------------------------------------------ checks


def _pair(w: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    w, distances = np.abs(check_weights(w)), check_weights(distances)
    if w.shape != distances.shape:
        raise ValueError(f"distances have shape {distances.shape}; allowed: that of the weights, {w.shape}")
    return w, distances
