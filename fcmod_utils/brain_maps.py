"""Brain maps: where on a sheet or a line the neurons of a cluster sit, and how they are wired there.

Labels are over all units, -1 for inactive ones. Places are cells in grid steps, shape (unit, 2); a line
needs none, its units come in their order. Every test keeps the cells that are active and lets neurons
change places among them, unless said otherwise: a network that lives in one corner is no evidence of
clusters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .graphs import check_weights
from .modularity import check_labels
from .placement import module_distance
from .trials import check_count

AMONG = ("active", "sheet")


@dataclass(frozen=True)
class Shuffled:
    """A measure and what it is when neurons change places at random.

    Attributes
    ----------
    observed : float
    null : ndarray, shape (shuffle,)
        NaN where a shuffle leaves nothing to measure.
    """

    observed: float
    null: np.ndarray

    @property
    def mean(self) -> float:
        """Of the shuffles."""
        return float(np.nanmean(self.null))

    @property
    def sd(self) -> float:
        """Standard deviation of the shuffles."""
        return float(np.nanstd(self.null))

    @property
    def z(self) -> float:
        """Distance from the mean of the shuffles in their standard deviations; NaN where all are equal."""
        return (self.observed - self.mean) / self.sd if self.sd > 1e-12 else float("nan")

    @property
    def p_low(self) -> float:
        """One-sided: (1 + shuffles at least as low) / (1 + shuffles), of those not NaN; NaN if it is."""
        return self._p(self.null <= self.observed + 1e-12)

    @property
    def p_high(self) -> float:
        """One-sided: (1 + shuffles at least as high) / (1 + shuffles), of those not NaN; NaN if it is."""
        return self._p(self.null >= self.observed - 1e-12)

    def _p(self, reached: np.ndarray) -> float:
        measured = (~np.isnan(self.null)).sum()
        return float("nan") if np.isnan(self.observed) else float((1 + reached.sum()) / (1 + measured))

    @property
    def inside(self) -> bool:
        """Whether it lies in the central 95 % of the shuffles, ends included; a NaN does not."""
        low, high = np.nanquantile(self.null, [0.025, 0.975])
        return bool(low - 1e-12 <= self.observed <= high + 1e-12)


# ------------------------------------------------------------------------------ clusters on a map


def isolated(labels: Sequence[int], places: np.ndarray | None = None) -> float:
    """Share of active units none of whose neighbors is of the same cluster.

    On a sheet these are the eight cells around; on a line, the next active unit on either side.

    Parameters
    ----------
    labels : sequence of int, shape (unit,)
    places : ndarray, shape (unit, 2), optional
        Without, the units sit on a line in their order.

    Raises
    ------
    ValueError
        If there are no active units, or the places do not fit: one each, whole steps, no two the same.

    References
    ----------
    Liu et al. (2023), Fig. 2 and, on a line, Fig. 5.

    Examples
    --------
    >>> isolated([0, 0, 1, -1, 1, 0])
    0.2
    """
    units, inner = in_order(labels)
    return float(_isolated(units[None], inner, _ground(labels, places)[1])[0])


def extent(labels: Sequence[int], places: np.ndarray) -> float:
    """Root mean squared distance of a cluster's units from their center, mean over clusters.

    In shares of the sheet's longest side. The paper prints no formula; it asks for a size that is small
    where a cluster sits together.

    Examples
    --------
    >>> extent([0, 0, -1, -1], np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    0.25
    """
    units, inner = in_order(labels)
    return float(np.sqrt(_variances(units[None], inner, _ground(labels, places)[0])).mean())


def rank_variance(labels: Sequence[int]) -> float:
    """Variance of the ranks that a cluster's units have among the active ones, summed over clusters.

    The units sit on a line in their order.

    Examples
    --------
    >>> rank_variance([0, -1, 0, 1, 1])
    0.5
    """
    units, inner = in_order(labels)
    return float(_variances(units[None], inner, _ground(labels, None)[0]).sum())


def shuffles(
    labels: Sequence[int], places: np.ndarray | None = None, n: int = 10_000, seed: int = 0,
    among: str = "active",
) -> dict[str, Shuffled]:  # fmt: skip
    """The measures against shuffled places: clusters that sit together are below.

    Parameters
    ----------
    labels : sequence of int, shape (unit,)
    places : ndarray, shape (unit, 2), optional
        Without, a line.
    n : int
        Shuffles.
    seed : int
    among : {"active", "sheet"}
        Whether neurons change places among the active cells or may go to any cell. On a line only their
        order counts, so there the two are one.

    Returns
    -------
    dict
        ``"isolated"``; ``"extent"``, on a line the :func:`rank_variance`; and ``"pooled"``, in which
        each unit has the same say, not each cluster: root mean squared distance of all active units
        from the center of their own cluster.

    Raises
    ------
    ValueError
        As :func:`isolated`; for an unknown ``among`` or an ``n`` that is no count.
    """
    check_count(n, "n")
    if among not in AMONG:
        raise ValueError(f"among is {among!r}; allowed: {', '.join(AMONG)}")
    units, inner = in_order(labels)
    spots, neighbors = _ground(labels, places)
    cells = np.arange(len(labels)) if among == "sheet" and places is not None else np.sort(units)
    drawn = np.random.default_rng(seed).permuted(np.tile(cells, (n, 1)), axis=1)[:, : len(units)]
    drawn = np.vstack([units, drawn])  # the real one first
    variances = _variances(drawn, inner, spots)
    size = variances.sum(axis=1) if places is None else np.sqrt(variances).mean(axis=1)
    pooled = np.sqrt(variances @ np.bincount(inner) / len(inner))
    measures = {"isolated": _isolated(drawn, inner, neighbors), "extent": size, "pooled": pooled}
    return {name: Shuffled(float(values[0]), values[1:]) for name, values in measures.items()}


def within_ratio(labels: Sequence[int], pairs: np.ndarray) -> float:
    """Mean of a symmetric matrix over pairs of one cluster, over that of pairs of different clusters.

    Of distances, below 1 where clusters sit together; of weights, above 1 where they are wired together.
    Pairs of a unit with itself and inactive units are left out; NaN where either kind of pair is missing.

    Examples
    --------
    >>> within_ratio([0, 0, 1, -1], np.abs(np.subtract.outer(range(4), range(4))))
    0.6666666666666666
    """
    labels = check_labels(labels, len(pairs))
    live = labels >= 0
    differ = (labels[:, None] != labels) & live[:, None] & live
    between = np.asarray(pairs, float)[differ].mean() if differ.any() else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):  # infinite where all is within
        return float(np.divide(module_distance(labels, pairs), between))


def gyration(active: Sequence[bool], places: np.ndarray, n: int = 1000, seed: int = 0) -> Shuffled:
    """Root mean squared distance of the active units from their center, against random cells; in grid steps.

    Parameters
    ----------
    active : sequence of bool, shape (unit,)
    places : ndarray, shape (unit, dimension)
    n : int
        Random placements of as many units on the whole sheet.

    References
    ----------
    Liu et al. (2023), Fig. 1c.
    """
    check_count(n, "n")
    labels = np.where(np.asarray(active, bool), 0, -1)
    units, inner = in_order(labels)
    places = _check_places(places, len(labels), None)
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.tile(np.arange(len(labels)), (n, 1)), axis=1)[:, : len(units)]
    radii = np.sqrt(_variances(np.vstack([units, drawn]), inner, places - places.mean(axis=0))[:, 0])
    return Shuffled(float(radii[0]), radii[1:])


def wiring_length(w_rec: np.ndarray, places: np.ndarray, cut: float = 1e-2) -> float:
    """Summed city-block length, in grid steps, of the recurrent connections above ``cut``.

    However strong they are; :func:`fcmod_utils.topology.wiring_length` is the mean per unit of weight.

    Examples
    --------
    >>> wiring_length([[5, 0.1], [-0.02, 0.001]], np.array([[0, 0], [1, 2]]))
    6.0
    """
    w = check_weights(w_rec)
    places = _check_places(places, len(w), None)
    return float(np.abs(places[:, None] - places[None]).sum(axis=2)[np.abs(w) > cut].sum())


# ------------------------------------------------------------------------------ the same for many shuffles


def in_order(labels: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Active units, cluster after cluster, and the cluster of each, from 0."""
    labels = check_labels(labels, np.size(labels))
    units = np.argsort(labels, kind="stable")[(labels < 0).sum() :]
    if not len(units):
        raise ValueError(f"{len(labels)} labels, none of an active unit; allowed: at least one of 0 or more")
    return units, np.unique(labels[units], return_inverse=True)[1]


def _ground(labels: Sequence[int], places: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Where each cell is, centered, and its neighbors (cell, neighbor); cell -1 stands for none."""
    active = np.asarray(labels) >= 0
    if places is None:
        rank = np.cumsum(active) - 1
        live = np.concatenate([[-1], np.flatnonzero(active), [-1]])
        return (rank - rank.mean())[:, None], np.stack([live[rank], live[rank + 2]], axis=1)
    places = _check_places(places, len(active), 2)
    apart = np.abs(places[:, None] - places[None]).max(axis=2)
    side = np.ptp(places, axis=0).max() + 1
    near = np.where(apart == 1, np.arange(len(places)), -1)
    return (places - places.mean(axis=0)) / side, np.sort(near, axis=1)[:, -8:]


def _variances(drawn: np.ndarray, inner: np.ndarray, spots: np.ndarray) -> np.ndarray:
    """Mean squared distance to the center of each cluster, shape (draw, cluster)."""
    sizes = np.bincount(inner)
    starts = np.cumsum(sizes) - sizes
    squares = np.add.reduceat((spots**2).sum(axis=1)[drawn], starts, axis=1) / sizes
    for axis in spots.T:
        squares -= (np.add.reduceat(axis[drawn], starts, axis=1) / sizes) ** 2
    return np.clip(squares, 0, None)


def _isolated(drawn: np.ndarray, inner: np.ndarray, neighbors: np.ndarray) -> np.ndarray:
    """Share of units without a neighbor of their cluster, shape (draw,)."""
    at = np.full((len(neighbors) + 1, len(drawn)), -1, np.int16)  # [cell, draw], the last cell is none
    at[drawn.T, np.arange(len(drawn))] = inner[:, None]
    cells = at[:-1]
    alone = cells >= 0
    for one in neighbors.T:
        alone &= at[one] != cells
    return alone.sum(axis=0) / len(inner)


def _check_places(places: np.ndarray, n_units: int, dimension: int | None) -> np.ndarray:
    places = np.asarray(places, float)
    fits = places.ndim == 2 and len(places) == n_units and dimension in (None, places.shape[1])
    whole = fits and (places == places.round()).all()
    if not whole or len(np.unique(places, axis=0)) < n_units:
        raise ValueError(
            f"places have shape {places.shape} for {n_units} units; allowed: "
            f"({n_units}, {dimension or 'dimension'}), whole steps of the grid, no two the same"
        )
    return places
