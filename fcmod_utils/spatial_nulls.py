"""Random partitions of a cortex, whose near areas are alike anyway.

Shuffled labels (``modularity.permutation_null``) forget space. The partitions here are patchy, too:
less so to exactly so.
"""

import warnings
from collections.abc import Sequence

import numpy as np

from .modularity import check_labels
from .tasks import check_count

SWAPS = 3000
PATCHY_ENOUGH = 1e-3  # sum of squared differences of shares


def surrogate_maps(values: np.ndarray, distance: np.ndarray, n: int = 100, seed: int = 0) -> np.ndarray:
    """Random maps as smooth as a given one: brainsmash, which matches the variogram.

    Parameters
    ----------
    values : ndarray, shape (area,)
    distance : ndarray, shape (area, area)
    n : int
    seed : int

    Returns
    -------
    ndarray, shape (surrogate, area)

    Raises
    ------
    ValueError
        If the map is constant or the distances do not fit it.

    References
    ----------
    Burt et al. (2020), NeuroImage 220, 117038.
    """
    from brainsmash.mapgen.base import Base

    check_count(n, "n")
    values, distance = np.asarray(values, np.float64), np.asarray(distance, np.float64)
    if values.ndim != 1 or distance.shape != (len(values),) * 2:
        raise ValueError(
            f"map of shape {values.shape}, distances of shape {distance.shape}; allowed: (n,), (n, n)"
        )
    if np.ptp(values) == 0:
        raise ValueError("the map is constant; allowed: one that varies, or it has no variogram")
    with warnings.catch_warnings():  # brainsmash 0.11 calls numpy by an old name
        warnings.filterwarnings("ignore", "`row_stack` alias is deprecated", DeprecationWarning)
        return Base(values, distance, seed=seed)(n, batch_size=n).reshape(n, -1)


def surrogate_labels(labels: Sequence[int], distance: np.ndarray, n: int = 100, seed: int = 0) -> np.ndarray:
    """Random partitions with modules of the same sizes that are about as patchy as the given ones.

    Each module is a map of zeros and ones. Every map gets variogram-matched surrogates, and each area
    goes to the module whose surrogate says so most, as far as its seats reach (an assignment problem).

    Parameters
    ----------
    labels : sequence of int, shape (area,)
        At least two modules.
    distance : ndarray, shape (area, area)
    n : int
    seed : int

    Returns
    -------
    ndarray of int, shape (surrogate, area)

    References
    ----------
    After Tanner et al. (2023), Fig. 3i, whose text does not say how labels became a map.
    """
    from scipy.optimize import linear_sum_assignment

    labels = check_labels(labels, len(distance), silent=False)
    members = labels[:, None] == np.unique(labels)
    maps = [surrogate_maps(one, distance, n, seed + k) for k, one in enumerate(members.T)]
    votes = np.stack([(one - one.mean(1, keepdims=True)) / one.std(1, keepdims=True) for one in maps], axis=2)
    seats = np.sort(labels)  # one per area
    column = np.searchsorted(np.unique(labels), seats)
    found = np.empty((n, len(labels)), int)
    for k, vote in enumerate(votes):  # [area, module]
        area, seat = linear_sum_assignment(vote[:, column], maximize=True)
        found[k, area] = seats[seat]
    return found


def reordered_labels(
    labels: Sequence[int], values: np.ndarray, distance: np.ndarray, n: int = 100, seed: int = 0
) -> np.ndarray:
    """Random partitions by reordering areas along surrogates of one map.

    The area that is k-th in a surrogate takes the label of the area that is k-th in the map.

    Parameters
    ----------
    labels : sequence of int, shape (area,)
    values : ndarray, shape (area,)
        The map, for example ``leading_map`` of the FC.
    distance : ndarray, shape (area, area)
    n : int
    seed : int

    Returns
    -------
    ndarray of int, shape (surrogate, area)
    """
    labels = check_labels(labels, len(distance), silent=False)
    rank = surrogate_maps(values, distance, n, seed).argsort(axis=1).argsort(axis=1)
    return labels[np.argsort(values)][rank]


def patchy_labels(
    labels: Sequence[int], distance: np.ndarray, edges: Sequence[float], n: int = 100, seed: int = 0
) -> np.ndarray:
    """Random partitions as patchy as the given one, module sizes kept.

    Labels are shuffled; then two areas at a time trade theirs wherever that brings the share of pairs
    that are ``together``, by distance, nearer to the given partition's: until all surrogates differ from it
    by less than 0.001 in the summed squares, or after 3,000 tries, however near they have come by then.

    Parameters
    ----------
    labels : sequence of int, shape (area,)
    distance : ndarray, shape (area, area)
    edges : sequence of float
        Borders of the bins of distance.
    n : int
    seed : int

    Returns
    -------
    ndarray of int, shape (surrogate, area)

    Raises
    ------
    ValueError
        For labels that are not one per area or silent, or edges between which no pair of areas lies.
    """
    check_count(n, "n")
    labels = check_labels(labels, len(distance), silent=False)
    wanted, rng = together(labels[None], distance, edges)[0], np.random.default_rng(seed)
    if not np.isfinite(wanted).any():
        raise ValueError(f"no pair of areas lies between the edges {list(edges)}; allowed: bins of distances")

    def misfit(many: np.ndarray) -> np.ndarray:
        return np.nansum((together(many, distance, edges) - wanted) ** 2, axis=1)

    found = rng.permuted(np.tile(labels, (n, 1)), axis=1)
    lines, now = np.arange(n), misfit(found)
    for _ in range(SWAPS):  # all surrogates side by side
        a, b = rng.integers(0, len(labels), (2, n))
        tried = found.copy()
        tried[lines, a], tried[lines, b] = found[lines, b], found[lines, a]
        then = misfit(tried)
        better = then <= now
        found[better], now[better] = tried[better], then[better]
        if now.max() < PATCHY_ENOUGH:
            break
    return found


def leading_map(matrix: np.ndarray) -> np.ndarray:
    """Eigenvector of the largest eigenvalue of a symmetric matrix: its smoothest single map."""
    return np.linalg.eigh(matrix)[1][:, -1]


def induced_many(b: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Modularity that each of many partitions induces, shape (partition,).

    Parameters
    ----------
    b : ndarray, shape (area, area)
        A ``modularity.modularity_matrix``.
    labels : ndarray of int, shape (partition, area)
    """
    return np.einsum("kij,ij->k", labels[:, :, None] == labels[:, None, :], b)


def tail(real: float, null: np.ndarray) -> float:
    """Share of a null that is at least as large as the real value, which counts itself, too.

    NaN on either side counts as at least as large, so that it is never taken for evidence.
    """
    return float((1 + (~(null < real - 1e-12)).sum()) / (1 + len(null)))


def together(labels: np.ndarray, distance: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """Share of pairs in one module, by distance: how patchy partitions are.

    Parameters
    ----------
    labels : ndarray of int, shape (partition, area)
    distance : ndarray, shape (area, area)
    edges : sequence of float
        Borders of the bins of distance.

    Returns
    -------
    ndarray, shape (partition, bin)
        NaN where a bin has no pair.
    """
    i, j = np.triu_indices(labels.shape[1], 1)
    place = np.digitize(distance[i, j], edges) - 1
    member = (place[:, None] == np.arange(len(edges) - 1)).astype(float)
    count = member.sum(axis=0)
    same = (labels[:, i] == labels[:, j]).astype(float) @ member
    return np.divide(same, count, out=np.full(same.shape, np.nan), where=count > 0)
