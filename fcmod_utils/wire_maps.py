"""Wire maps: how strong connections are by the distance they span, and within clusters.

Weights are ``[to, from]`` and count by their absolute value. Tests let active neurons change places or
labels, so that what remains is the order among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .brain_maps import Shuffled, in_order
from .graphs import check_weights
from .modularity import check_labels, permutation_null, signed_modularity
from .trials import check_count

CUT = 1e-3  # below it a weight does not count as a connection


@dataclass(frozen=True)
class Curve:
    """Absolute weights by the distance they span, each of shape (distance,)."""

    distance: np.ndarray
    mean: np.ndarray
    median: np.ndarray
    count: np.ndarray

    def at(self, distance: float) -> float:
        """Mean ``|w|`` in the bin nearest to a distance."""
        return float(self.mean[np.abs(self.distance - distance).argmin()])


def by_distance(w_rec: np.ndarray, lengths: np.ndarray, cut: float = CUT) -> Curve:
    """Mean and median ``|w|`` of the connections above ``cut``, at every distance; NaN where there is none.

    Parameters
    ----------
    w_rec, lengths : ndarray, shape (unit, unit)
    cut : float
        A negative one lets all pairs count.

    References
    ----------
    Liu et al. (2023), Fig. 1f.
    """
    w, distance, bins = _binned(w_rec, lengths)
    groups = [w[(bins == k) & (w > cut)] for k in range(len(distance))]
    mean, median = np.array([(g.mean(), np.median(g)) if len(g) else (np.nan,) * 2 for g in groups]).T
    return Curve(distance, mean, median, np.array([len(g) for g in groups]))


def second_peak(
    w_rec: np.ndarray, lengths: np.ndarray, active: Sequence[bool], n: int = 1000, seed: int = 0,
    cut: float = CUT, far: tuple[float, float] = (0.45, 0.75), near: tuple[float, float] = (0.2, 0.4),
) -> Shuffled:  # fmt: skip
    """Largest mean ``|w|`` of the far bins over the smallest of the near ones, active units shuffled.

    Parameters
    ----------
    w_rec, lengths : ndarray, shape (unit, unit)
    active : sequence of bool, shape (unit,)
    far, near : tuple of float
        First and last distance of the bins.
    """
    distance, counts, sums = _moved(w_rec, lengths, active, n, seed, cut)
    mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    ends = {}
    for (low, high), pick in ((far, np.fmax), (near, np.fmin)):
        chosen = (distance > low - 1e-9) & (distance < high + 1e-9)
        ends[pick] = pick.reduce(mean[:, chosen], axis=1, initial=np.nan)
    ratio = ends[np.fmax] / ends[np.fmin]
    return Shuffled(float(ratio[0]), ratio[1:])


def band_share(
    w_rec: np.ndarray, lengths: np.ndarray, active: Sequence[bool], n: int = 1000, seed: int = 0,
    width: float = 0.05,
) -> Shuffled:  # fmt: skip
    """Share of the summed ``|w|`` between units that spans at most ``width``, active units shuffled.

    References
    ----------
    Liu et al. (2023), Fig. 3.
    """
    distance, _, sums = _moved(w_rec, lengths, active, n, seed, 0.0)
    others = sums[:, distance > 0]
    share = others[:, distance[distance > 0] < width + 1e-9].sum(axis=1) / others.sum(axis=1)
    return Shuffled(float(share[0]), share[1:])


def wiring_modularity(w_rec: np.ndarray, labels: Sequence[int], n: int = 1000, seed: int = 0) -> Shuffled:
    """Modularity Q of ``|w|`` among the active units under their labels, and under shuffled ones.

    Both directions averaged, no self-connections; Newman's Q, as elsewhere in the book.
    """
    labels = check_labels(labels, len(check_weights(w_rec)))
    units = np.flatnonzero(labels >= 0)
    in_order(labels)
    size = np.abs(check_weights(w_rec))[np.ix_(units, units)]
    size = (size + size.T) / 2
    null, _ = permutation_null(size, labels[units], n, seed)
    return Shuffled(signed_modularity(size, labels[units]), null)


def _binned(w_rec: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``|w|``, the distances there are and the place of each pair among them."""
    w, lengths = np.abs(check_weights(w_rec)), check_weights(lengths)
    if w.shape != lengths.shape:
        raise ValueError(f"lengths have shape {lengths.shape}; allowed: that of the weights, {w.shape}")
    distance, bins = np.unique(lengths.round(9), return_inverse=True)
    return w, distance, bins.reshape(w.shape)


def _moved(
    w_rec: np.ndarray, lengths: np.ndarray, active: Sequence[bool], n: int, seed: int, cut: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distances there are, and how many weights and how much of them spans each, (draw, distance).

    The first row is the network as it is; in the others, active units have changed places.
    """
    check_count(n, "n")
    w, distance, bins = _binned(w_rec, lengths)
    units, _ = in_order(np.where(np.asarray(active, bool), 0, -1))
    check_labels(active, len(w))
    to, source = np.nonzero(w > cut)
    if not len(to):
        raise ValueError(f"no recurrent weight is above {cut:g}; allowed: at least one")
    w, rng, place = w[to, source], np.random.default_rng(seed), np.arange(len(w))
    counts, sums = np.zeros((2, n + 1, len(distance)))
    for k in range(n + 1):
        span = bins[place[to], place[source]]
        counts[k] = np.bincount(span, minlength=len(distance))
        sums[k] = np.bincount(span, w, len(distance))
        place[units] = rng.permutation(units)
    return distance, counts, sums
