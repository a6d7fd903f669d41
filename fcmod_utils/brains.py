"""Do inputs predict cortical functional connectivity? Statistics over areas that are neighbors.

Pairs of areas are not independent: each area is in many pairs, and near areas are alike in everything.
So intervals redraw or leave out *areas*; nulls are in ``spatial_nulls``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from .connectivity import correlate
from .modularity import modularity_matrix
from .modules import detect
from .spatial_nulls import induced_many
from .tasks import check_count

DETERMINED = 1e-9  # below this share of its variance, what distance leaves over is rounding


def pairs(matrix: np.ndarray) -> np.ndarray:
    """Upper triangle of a matrix, one number per pair of areas."""
    return matrix[np.triu_indices(len(matrix), 1)]


def without_distance(values: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """What is left of each column once distance has said all it can.

    Residuals of a regression on distance d, its square, and exp(-d / median d).

    Parameters
    ----------
    values : ndarray, shape (pair,) or (pair, column)
    distance : ndarray, shape (pair,)

    Returns
    -------
    ndarray, shape of ``values``

    Examples
    --------
    >>> d = np.arange(1.0, 9)
    >>> bool(np.abs(without_distance(3 * d**2 - d, d)).max() < 1e-9)
    True
    """
    d = np.asarray(distance, np.float64)
    d = d / np.median(d)
    known = np.stack([np.ones_like(d), d, d**2, np.exp(-d)], axis=1)
    return values - known @ np.linalg.lstsq(known, values, rcond=None)[0]


def relation(similarity: np.ndarray, fc: np.ndarray, distance: np.ndarray | None = None) -> float:
    """Pearson r of two matrices over pairs of areas, on request with distance taken out of both.

    Parameters
    ----------
    similarity, fc : ndarray, shape (area, area)
    distance : ndarray, shape (area, area), optional

    References
    ----------
    Tanner et al. (2023), Fig. 3j.
    """
    return float(_relations([pairs(similarity)], pairs(fc), None if distance is None else pairs(distance))[0])


def _relations(similar: Sequence[np.ndarray], fc: np.ndarray, distance: np.ndarray | None) -> np.ndarray:
    x, y = np.stack(similar, axis=1), fc[:, None]
    if distance is not None:
        before = x.std(axis=0), y.std(axis=0)
        x, y = without_distance(x, distance), without_distance(y, distance)
        x[:, x.std(axis=0) < DETERMINED * before[0]] = 0.0
    return correlate(x, y)[:, 0]


def relation_draws(
    similarities: Sequence[np.ndarray],
    fc: np.ndarray,
    distance: np.ndarray | None = None,
    n_draws: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """Bootstrap of ``relation`` over areas, for several similarities at once.

    Each draw takes as many areas as there are, with replacement; pairs of an area with its own double
    are left out. All similarities see the same draws, so their differences can be taken draw by draw.

    Parameters
    ----------
    similarities : sequence of ndarray, shape (area, area)
    fc : ndarray, shape (area, area)
    distance : ndarray, shape (area, area), optional
    n_draws : int
    seed : int

    Returns
    -------
    ndarray, shape (similarity, draw)

    Raises
    ------
    ValueError
        If ``n_draws`` is no positive number, or the matrices are not of the same areas.
    """
    check_count(n_draws, "n_draws")
    n, rng = len(fc), np.random.default_rng(seed)
    shapes = [np.shape(one) for one in (*similarities, fc, *(() if distance is None else (distance,)))]
    if set(shapes) != {(n, n)}:
        raise ValueError(f"matrices have shapes {shapes}; allowed: all ({n}, {n})")
    i, j = np.triu_indices(n, 1)
    draws = np.empty((n_draws, len(similarities)))
    for k in range(n_draws):
        areas = rng.integers(0, n, n)
        a, b = areas[i], areas[j]
        a, b = a[a != b], b[a != b]
        far = None if distance is None else distance[a, b]
        draws[k] = _relations([one[a, b] for one in similarities], fc[a, b], far)
    return draws.T


def interval(value: float, draws: np.ndarray) -> tuple[float, float, float]:
    """Value with the middle 95 % of its draws, widened to hold the value."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(value), float(min(low, value)), float(max(high, value))


def induced_share(similarity: np.ndarray, fc: np.ndarray, runs: int = 20, seed: int = 0) -> float:
    """Modularity that the modules of a similarity induce on FC, as a share of FC's own best.

    References
    ----------
    Tanner et al. (2023), Fig. 3h.
    """
    b = modularity_matrix(fc)
    return induced_many(b, detect(similarity, runs, seed)[0][None])[0] / detect(fc, runs, seed)[1]


def jackknife(statistic: Callable[[np.ndarray], float], n_areas: int) -> tuple[float, float, float]:
    """A statistic with its jackknife 95 % interval, leaving out one area at a time.

    Parameters
    ----------
    statistic : callable
        From indices of areas to a number.
    n_areas : int

    Returns
    -------
    value, low, high : float

    Examples
    --------
    >>> x = np.array([1.0, 2, 3, 4])
    >>> jackknife(lambda areas: x[areas].mean(), 4)[0]
    2.5
    """
    areas = np.arange(n_areas)
    value = statistic(areas)
    left_out = np.array([statistic(np.delete(areas, k)) for k in areas])
    error = np.sqrt((n_areas - 1) * left_out.var())
    return float(value), float(value - 1.96 * error), float(value + 1.96 * error)
