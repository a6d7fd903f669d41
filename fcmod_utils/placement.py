"""Placement: whether units that share something lie together in space.

Every test moves the *same* units to random places and asks how often they come to lie closer
together than they do. 0 is clustered, 1 dispersed, 0.5 neither.
"""

from collections.abc import Sequence

import numpy as np

from .lesions import check_units
from .modularity import check_labels
from .tasks import check_count

ROUNDING = 1e-12


def weighted_distance(distance: np.ndarray, units: Sequence[int], weight: np.ndarray) -> float:
    """Mean over all pairs of some units of their distance times the weight of the second.

    A unit's pair with itself is in the mean, with distance 0, as in the archived code; that scales
    the mean by the same factor for every placement.

    Parameters
    ----------
    distance : ndarray, shape (unit, unit)
    units : sequence of int
    weight : ndarray, shape (unit,)
        Of all units; its size counts, not its sign.

    References
    ----------
    Achterberg et al. (2023), Fig. 4e.

    Examples
    --------
    >>> weighted_distance(np.array([[0.0, 2], [2, 0]]), [0, 1], np.array([1.0, -3]))
    2.0
    """
    units = check_units(units, len(distance))
    return float((distance[np.ix_(units, units)] @ np.abs(weight[units])).sum() / len(units) ** 2)


def clustering_p(
    distance: np.ndarray, units: Sequence[int], weight: np.ndarray, n_draws: int = 1000, seed: int = 0,
    places: Sequence[int] | None = None,
) -> float:  # fmt: skip
    """Share of random placements of some units in which they lie closer together than they do.

    Parameters
    ----------
    distance : ndarray, shape (unit, unit)
    units : sequence of int
        The units that share something.
    weight : ndarray, shape (unit,)
        How much they have of it; ones for the plain mean distance.
    n_draws : int
    seed : int
    places : sequence of int, optional
        Units whose places may be drawn; all unless given.

    Returns
    -------
    float
        0 is clustered, 1 dispersed; NaN for fewer than two units.

    Raises
    ------
    ValueError
        For arrays that do not fit, values that are not finite, a unit that does not exist, or fewer
        places than units.

    References
    ----------
    Achterberg et al. (2023), Fig. 4e and its Methods.
    """
    check_count(n_draws, "n_draws")
    distance, weight = _check(distance, weight)
    units = check_units(units, len(distance))
    places = check_units(range(len(distance)) if places is None else places, len(distance))
    if len(places) < len(units):
        raise ValueError(f"{len(places)} places for {len(units)} units; allowed: at least as many")
    if not np.isfinite(weight[units]).all():
        raise ValueError("a weight is NaN or infinite; allowed: finite numbers for the chosen units")
    if len(units) < 2:
        return float("nan")
    drawn = np.random.default_rng(seed).permuted(np.tile(places, (n_draws, 1)), axis=1)[:, : len(units)]
    rows = np.arange(n_draws)[:, None]
    there, weighted = np.zeros((2, n_draws, len(distance)))
    there[rows, drawn], weighted[rows, drawn] = 1, np.abs(weight[units])
    null = np.einsum("dp,dp->d", there @ distance, weighted) / len(units) ** 2
    return float((null < weighted_distance(distance, units, weight) - ROUNDING).mean())


def preference_p(
    distance: np.ndarray,
    preference: np.ndarray,
    n_draws: int = 1000,
    seed: int = 0,
    kept_places: bool = False,
) -> tuple[float, float]:
    """``clustering_p`` of the units with positive and of those with negative preference.

    Parameters
    ----------
    distance : ndarray, shape (unit, unit)
    preference : ndarray, shape (unit,)
        For instance variance explained by the goal minus that by the options; NaN leaves a unit out.
    kept_places : bool
        Draw among the places of units that are not left out, instead of all.

    Returns
    -------
    positive, negative : float
    """
    places = np.flatnonzero(np.isfinite(preference)) if kept_places else None
    signs = (np.flatnonzero(preference > 0), np.flatnonzero(preference < 0))
    return tuple(clustering_p(distance, units, preference, n_draws, seed, places) for units in signs)


def top_p(
    distance: np.ndarray, values: np.ndarray, n_top: int = 50, n_draws: int = 1000, seed: int = 0
) -> float:
    """``clustering_p`` of the units with the largest values, all counted alike.

    Parameters
    ----------
    distance : ndarray, shape (unit, unit)
    values : ndarray, shape (unit,)
        NaN leaves a unit out.
    n_top : int
        Fewer where fewer units are left.

    References
    ----------
    Achterberg et al. (2023), Supplementary Fig. 12, by its description in the text.
    """
    check_count(n_top, "n_top")
    order = np.argsort(-np.where(np.isfinite(values), values, -np.inf), kind="stable")
    chosen = order[: min(n_top, int(np.isfinite(values).sum()))]
    return clustering_p(distance, chosen, np.ones(len(values)), n_draws, seed)


def module_distance(labels: Sequence[int], distance: np.ndarray) -> float:
    """Mean distance over pairs of different units in the same module; silent units (-1) are left out.

    Returns
    -------
    float
        NaN where no two units share a module.
    """
    labels = check_labels(labels, len(distance))
    same = (labels[:, None] == labels) & (labels >= 0)
    np.fill_diagonal(same, False)
    return float(np.asarray(distance)[same].mean()) if same.any() else float("nan")


def module_p(
    labels: Sequence[int], distance: np.ndarray, n_draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Do modules lie together? Their mean inner distance against shuffled labels of the same units.

    Parameters
    ----------
    labels : sequence of int, shape (unit,)
        -1 marks silent units; they keep their places.
    distance : ndarray, shape (unit, unit)

    Returns
    -------
    share : float
        Of shuffles with a smaller inner distance: 0 is clustered, 1 dispersed; NaN where no two
        units share a module or all do.
    ratio : float
        Inner distance over its mean in the shuffles: below 1 is clustered.
    """
    check_count(n_draws, "n_draws")
    labels = check_labels(labels, len(distance))
    live = labels >= 0
    inner, d = labels[live], np.asarray(distance, np.float64)[np.ix_(live, live)]
    member = (inner[:, None] == np.unique(inner)).astype(float)  # [unit, module]
    sizes = member.sum(axis=0)
    pairs = (sizes * (sizes - 1)).sum()
    if pairs == 0 or len(sizes) < 2:
        return float("nan"), float("nan")
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(len(inner)), (n_draws, 1)), axis=1)
    shuffled = member[np.vstack([np.arange(len(inner)), orders])]  # the real one first
    mean = np.einsum("kum,uv,kvm->k", shuffled, d, shuffled, optimize=True) / pairs
    return float((mean[1:] < mean[0] - ROUNDING).mean()), float(mean[0] / mean[1:].mean())


def _check(distance: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distance, weight = np.asarray(distance, np.float64), np.asarray(weight, np.float64)
    if distance.ndim != 2 or distance.shape != (len(weight),) * 2 or not np.isfinite(distance).all():
        raise ValueError(
            f"distances have shape {distance.shape}, weights {weight.shape}; allowed: (n, n) and (n,), "
            "finite distances"
        )
    return distance, weight
