"""Modules: partitions of signed networks, how good they are and how alike.

Labels are 0-based, in order of falling module size; -1 marks silent units, which belong nowhere.
Only this room talks to bctpy, whose labels start at 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .connectivity import correlate, functional_connectivity, live_units
from .modularity import check_labels, modularity_matrix, permutation_null, signed_modularity
from .processes import map_local
from .tasks import check_count

SILENT = -1
__all__ = [
    "SILENT", "Partition", "agreement", "by_size", "detect", "find", "find_many", "induced", "louvain",
    "modularity_matrix", "module_means", "number_by", "permutation_null", "put_first", "signed_modularity",
]  # fmt: skip


@dataclass(frozen=True)
class Partition:
    """Modules of one network.

    Attributes
    ----------
    labels : ndarray of int, shape (unit,)
        Module of each unit, -1 for silent ones.
    q : float
        Signed modularity of the partition.
    fc : ndarray, shape (live unit, live unit)
        The matrix that was partitioned.
    """

    labels: np.ndarray
    q: float
    fc: np.ndarray

    @property
    def n_modules(self) -> int:
        """Number of modules with at least two units."""
        return int((np.bincount(self.labels[self.labels >= 0]) >= 2).sum())

    def units(self, module: int) -> np.ndarray:
        """Indices of the units of a module."""
        return np.flatnonzero(self.labels == module)


def detect(w: np.ndarray, runs: int = 20, seed: int = 0, gamma: float = 1.0) -> tuple[np.ndarray, float]:
    """Partition a signed network by maximizing its signed modularity.

    bctpy's ``community_louvain`` with the asymmetric treatment of negative weights; the best of
    several seeded runs is kept.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
    runs : int
    seed : int
    gamma : float
        Resolution; larger values give more modules.

    Returns
    -------
    labels : ndarray of int, shape (unit,)
        0-based, in order of falling size.
    q : float

    Raises
    ------
    ValueError
        For a matrix that is not square and finite or has no positive weight, or a bad number of runs.

    Examples
    --------
    >>> w = np.kron(np.array([[1, -1], [-1, 1]]), np.ones((3, 3)))
    >>> detect(w, runs=3)[0]
    array([0, 0, 0, 1, 1, 1])
    """
    b = modularity_matrix(w, gamma)
    w = np.array(w, np.float64)
    np.fill_diagonal(w, 0.0)
    if not (w > 0).any():
        raise ValueError("the matrix has no positive weights; allowed: at least one pair of units that agree")
    return louvain(b, runs, seed)


def louvain(b: np.ndarray, runs: int = 20, seed: int = 0) -> tuple[np.ndarray, float]:
    """The best of several seeded Louvain runs on a ready-made modularity matrix.

    Parameters
    ----------
    b : ndarray, shape (unit, unit)
        Symmetric; q is its sum over pairs in the same module.
    runs, seed : int

    Returns
    -------
    labels : ndarray of int, shape (unit,)
        0-based, in order of falling size.
    q : float
    """
    from bct import community_louvain

    check_count(runs, "runs")
    # bctpy begins with a q divided by the sum of all weights. Where that is 0 or negative, as in many
    # signed networks, it does not search or stops early; so it gets its matrix ready-made (as a
    # list: it compares B with names), and weights that sum to 1.
    even, ready = np.full(b.shape, 1 / b.size), b.tolist()
    results = [
        community_louvain(even, B=ready, seed=np.random.RandomState([seed, run])) for run in range(runs)
    ]
    labels, q = max(results, key=lambda result: result[1])
    return by_size(labels), float(q)


def find(activity: np.ndarray, runs: int = 20, seed: int = 0) -> Partition:
    """Modules of the functional connectivity of one layer.

    Parameters
    ----------
    activity : ndarray, shape (row, unit)

    Returns
    -------
    Partition
        Silent units are dropped from the matrix and labeled -1.

    Raises
    ------
    ValueError
        If the activity is not (row, unit), or fewer than two units vary.
    """
    live, fc = _live_connectivity(activity)
    return _partition(live, fc, *detect(fc, runs, seed))


def find_many(activity: Iterable[np.ndarray], runs: int = 20, seed: int = 0) -> list[Partition]:
    """``find`` for each network, spread over local processes.

    Parameters
    ----------
    activity : ndarray, shape (network, row, unit), or iterable of (row, unit) arrays
        A generator is asked for one array at a time, and only its FC is kept.
    """
    matrices = [_live_connectivity(one) for one in activity]
    results = map_local(detect, [fc for _, fc in matrices], runs=runs, seed=seed)
    return [_partition(*matrix, *result) for matrix, result in zip(matrices, results, strict=True)]


def _live_connectivity(activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    activity = np.asarray(activity)
    if activity.ndim != 2:
        raise ValueError(f"activity has shape {activity.shape}; allowed: (row, unit)")
    live = live_units(activity)
    if live.sum() < 2:
        raise ValueError(f"{live.sum()} units vary; allowed: at least two, or there is no FC")
    return live, functional_connectivity(activity[:, live])


def _partition(live: np.ndarray, fc: np.ndarray, found: np.ndarray, q: float) -> Partition:
    labels = np.full(len(live), SILENT)
    labels[live] = found
    return Partition(labels, q, fc)


def induced(labels: Sequence[int], partition: Partition) -> float:
    """Modularity that labels found elsewhere induce on the matrix of a partition.

    Parameters
    ----------
    labels : sequence of int, shape (unit,)
        One per unit of the network; -1 leaves a unit out.
    partition : Partition
        Its matrix counts, and its silent units are left out, too.

    Raises
    ------
    ValueError
        If fewer than two units are live in both.

    Examples
    --------
    >>> w = np.kron(np.array([[1, -1], [-1, 1]]), np.ones((3, 3)))
    >>> found = Partition(np.array([0, 0, 0, 1, 1, 1]), 0.8, w)
    >>> round(induced([0, 0, 0, 1, 1, 1], found), 6), round(induced([0, 0, -1, 0, 0, 0], found), 6)
    (0.8, 0.0)
    """
    labels, live = check_labels(labels, len(partition.labels)), partition.labels != SILENT
    both = labels[live] != SILENT
    if both.sum() < 2:
        raise ValueError(f"{both.sum()} units are live in both; allowed: at least two")
    return signed_modularity(partition.fc[np.ix_(both, both)], labels[live][both])


def number_by(partition: Partition, activity: np.ndarray, signal: np.ndarray) -> Partition:
    """Number modules by what they follow.

    The one whose mean correlates most positively with a signal comes first, the one that
    correlates most negatively second, the others after.

    Parameters
    ----------
    partition : Partition
    activity : ndarray, shape (row, unit)
    signal : ndarray, shape (row,)
        For decision modules, the logit of choice 1 minus that of choice 2.
    """
    follows = correlate(module_means(activity, partition.labels), signal)[:, 0]
    return put_first(partition, [int(follows.argmax()), int(follows.argmin())])


def put_first(partition: Partition, first: Sequence[int]) -> Partition:
    """The same partition with some modules numbered first; the others keep their order.

    Raises
    ------
    ValueError
        If a module to put first does not exist.

    Examples
    --------
    >>> put_first(Partition(np.array([0, 0, 1, 2, -1]), 0.1, np.zeros((4, 4))), [2, 0]).labels
    array([ 1,  1,  2,  0, -1])
    """
    present = range(partition.labels.max() + 1)
    if not set(first) <= set(present):
        raise ValueError(f"modules {list(first)} first; allowed: 0 to {len(present) - 1}")
    order = list(dict.fromkeys([*first, *present]))
    rank = np.append(np.argsort(order), SILENT)  # label -1 stays -1
    return replace(partition, labels=rank[partition.labels])


def module_means(activity: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean activity of each module.

    Parameters
    ----------
    activity : ndarray, shape (row, unit)
    labels : ndarray of int, shape (unit,)

    Returns
    -------
    ndarray, shape (row, module)
    """
    labels = check_labels(labels, activity.shape[-1])
    member = labels[:, None] == np.arange(labels.max() + 1)
    if not member.any(axis=0).all():
        raise ValueError(f"module {member.any(axis=0).argmin()} has no units; allowed: labels 0, 1, 2, ...")
    return activity @ (member / member.sum(0)).astype(np.result_type(activity, np.float32))


def agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index of two partitions of the same units, silent ones left out.

    1 for identical partitions, about 0 for unrelated ones (Hubert and Arabie 1985).

    Parameters
    ----------
    a, b : ndarray of int, shape (unit,)

    Raises
    ------
    ValueError
        If the partitions have different lengths, or no unit is live in both.
    """
    from sklearn.metrics import adjusted_rand_score

    b = check_labels(b, len(a))
    both = (np.asarray(a) != SILENT) & (b != SILENT)
    if not both.any():
        raise ValueError("no unit is live in both partitions; allowed: at least one")
    return float(adjusted_rand_score(np.asarray(a)[both], b[both]))


def by_size(labels: Sequence[int]) -> np.ndarray:
    """Relabel modules 0, 1, 2, ... in order of falling size; ties by first unit.

    Examples
    --------
    >>> by_size([7, 3, 3, 3, 7, 1])
    array([1, 0, 0, 0, 1, 2])
    """
    values, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[np.searchsorted(values, labels)]
