"""Modules: partitions of signed networks, how good they are and how alike.

Labels are 0-based, in order of falling module size; -1 marks silent units, which belong nowhere.
Only this room talks to bctpy, whose labels start at 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .connectivity import functional_connectivity, live_units
from .processes import map_local
from .tasks import check_count

SILENT = -1


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


def signed_modularity(w: np.ndarray, labels: np.ndarray, gamma: float = 1.0) -> float:
    """Quality q of a partition of a signed network, positive weights counting for more.

    .. math::

       q = \\frac{1}{s^+} \\sum_{ij} B^+_{ij} \\delta_{ij}
           - \\frac{1}{s^+ + s^-} \\sum_{ij} B^-_{ij} \\delta_{ij}, \\qquad
       B^\\pm_{ij} = w^\\pm_{ij} - \\gamma \\frac{s^\\pm_i s^\\pm_j}{s^\\pm}

    Imposed on a network other than the one it was found on, this is the *induced* modularity.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
        Symmetric; the diagonal is ignored.
    labels : ndarray of int, shape (unit,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``w`` is not a finite square matrix or the number of labels differs from its size.

    References
    ----------
    Rubinov and Sporns (2011), eq. 17 (``negative_asym`` in the Brain Connectivity Toolbox).

    Examples
    --------
    >>> w = np.kron(np.array([[1, -1], [-1, 1]]), np.ones((50, 50)))
    >>> round(signed_modularity(w, np.repeat([0, 1], 50)), 4)
    0.7525
    """
    b = modularity_matrix(w, gamma)
    labels = _check_labels(labels, len(b))
    member = labels[:, None] == np.unique(labels)
    return float(np.einsum("im,ij,jm->", member, b, member, optimize=True))


def modularity_matrix(w: np.ndarray, gamma: float = 1.0) -> np.ndarray:
    """Signed asymmetric modularity matrix: q is its sum over pairs in the same module.

    Raises
    ------
    ValueError
        If ``w`` is not a finite, square matrix.
    """
    w = np.array(w, np.float64)
    if w.ndim != 2 or w.shape[0] != w.shape[1] or not np.isfinite(w).all():
        raise ValueError(f"matrix has shape {w.shape}; allowed: square, finite values only")
    np.fill_diagonal(w, 0.0)
    b, positive = np.zeros_like(w), np.clip(w, 0, None).sum()
    for part, sign, norm in (
        (np.clip(w, 0, None), 1, positive),
        (np.clip(-w, 0, None), -1, np.abs(w).sum()),
    ):
        if (total := part.sum()) > 0:
            expected = np.outer(part.sum(1), part.sum(0)) / total
            b += sign * (part - gamma * expected) / norm
    return b


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
    from bct import community_louvain

    check_count(runs, "runs")
    modularity_matrix(w)  # checks
    w = np.array(w, np.float64)
    np.fill_diagonal(w, 0.0)
    if not (w > 0).any():  # bctpy would divide by their sum
        raise ValueError("the matrix has no positive weights; allowed: at least one pair of units that agree")
    results = [
        community_louvain(w, gamma=gamma, B="negative_asym", seed=np.random.RandomState([seed, run]))
        for run in range(runs)
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
        If fewer than two units vary.
    """
    live = live_units(activity)
    if live.sum() < 2:
        raise ValueError(f"{live.sum()} units vary; allowed: at least two, or there is no FC")
    fc = functional_connectivity(activity[:, live])
    labels = np.full(len(live), SILENT)
    labels[live], q = detect(fc, runs, seed)
    return Partition(labels, q, fc)


def find_many(activity: np.ndarray, runs: int = 20, seed: int = 0) -> list[Partition]:
    """``find`` for each network, spread over local processes.

    Parameters
    ----------
    activity : ndarray, shape (network, row, unit)
    """
    return map_local(find, activity, runs=runs, seed=seed)


def put_first(partition: Partition, first: Sequence[int]) -> Partition:
    """The same partition with some modules numbered first; the others keep their order.

    Examples
    --------
    >>> put_first(Partition(np.array([0, 0, 1, 2, -1]), 0.1, np.zeros((4, 4))), [2, 0]).labels
    array([ 1,  1,  2,  0, -1])
    """
    order = list(dict.fromkeys([*first, *range(partition.labels.max() + 1)]))
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
    labels = _check_labels(labels, activity.shape[-1])
    member = labels[:, None] == np.arange(labels.max() + 1)
    return activity @ (member / member.sum(0)).astype(activity.dtype)


def agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index of two partitions of the same units, silent ones left out.

    1 for identical partitions, about 0 for unrelated ones (Hubert and Arabie 1985).

    Raises
    ------
    ValueError
        If the partitions have different lengths, or no unit is live in both.
    """
    from sklearn.metrics import adjusted_rand_score

    b = _check_labels(b, len(a))
    both = (np.asarray(a) != SILENT) & (b != SILENT)
    if not both.any():
        raise ValueError("no unit is live in both partitions; allowed: at least one")
    return float(adjusted_rand_score(np.asarray(a)[both], b[both]))


def permutation_null(
    w: np.ndarray, labels: np.ndarray, n_permutations: int = 1000, seed: int = 0
) -> tuple[np.ndarray, float]:
    """Induced modularity of shuffled labels: same number of modules, same sizes.

    Returns
    -------
    null : ndarray, shape (permutation,)
    p : float
        (1 + number of null values at least as large) / (1 + number of permutations).
    """
    check_count(n_permutations, "n_permutations")
    b = modularity_matrix(w)
    labels = _check_labels(labels, len(b))
    rng = np.random.default_rng(seed)
    member = (labels[:, None] == np.unique(labels)).astype(np.float64)
    shuffled = [member[rng.permutation(len(labels))] for _ in range(n_permutations)]
    null = np.array([np.sum((b @ m) * m) for m in shuffled])
    real = np.sum((b @ member) * member)
    return null, float((1 + (null >= real - 1e-12).sum()) / (1 + n_permutations))


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


def _check_labels(labels: Sequence[int], n_units: int) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.shape != (n_units,):
        raise ValueError(f"{labels.size} labels for {n_units} units; allowed: one label per unit")
    return labels
