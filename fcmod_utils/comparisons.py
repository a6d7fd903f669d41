"""How alike partitions are, and how alike networks are, pair by pair.

A group of n networks has n (n - 1) / 2 pairs, but only n independent things in it. So intervals
and p-values here redraw or shuffle *networks*; a t-test over pairs would count each many times.
"""

from collections.abc import Sequence

import numpy as np

from .modularity import check_labels
from .modules import Partition
from .tasks import check_count


def nesting(inner: Sequence[int], outer: Sequence[int], n_shuffles: int = 1000, seed: int = 0) -> float:
    """How far the groups of one partition lie inside the groups of another, corrected for chance.

    For each inner group, count the units in the one outer group that holds most of it; the share
    of all units counted so is the overlap. It is 1 when every inner group lies within an outer one,
    however many of them do. Chance is the mean overlap with shuffled inner labels.

    Parameters
    ----------
    inner, outer : sequence of int, shape (unit,)
        Units that are silent, -1, in either are left out.
    n_shuffles : int
    seed : int

    Returns
    -------
    float
        (overlap - chance) / (1 - chance): 0 at chance, 1 for perfect nesting; 0 where chance is 1.

    Raises
    ------
    ValueError
        If the numbers of labels differ, or no unit is live in both.

    Examples
    --------
    >>> nesting([0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1])
    1.0
    """
    check_count(n_shuffles, "n_shuffles")
    inner, outer = np.asarray(inner), check_labels(outer, len(inner))
    live = (inner >= 0) & (outer >= 0)
    if not live.any():
        raise ValueError("no unit has a label in both partitions; allowed: one or more")
    inner, outer = (np.unique(one[live], return_inverse=True)[1] for one in (inner, outer))
    rng = np.random.default_rng(seed)
    shuffled = np.stack([inner, *(rng.permutation(inner) for _ in range(n_shuffles))])
    in_groups = shuffled[..., None] == np.arange(inner.max() + 1)  # [shuffle, unit, group]
    table = in_groups.transpose(0, 2, 1).astype(float) @ (outer[:, None] == np.arange(outer.max() + 1))
    overlap = table.max(axis=2).sum(axis=1) / len(inner)
    chance = overlap[1:].mean()
    return float((overlap[0] - chance) / (1 - chance)) if chance < 1 else 0.0


def agreement_matrix(labels: np.ndarray) -> np.ndarray:
    """Adjusted Rand index of the partitions of all pairs of networks, as ``modules.agreement``.

    Parameters
    ----------
    labels : ndarray of int, shape (network, unit)
        -1 marks silent units; a pair is compared on the units that are live in both.

    Returns
    -------
    ndarray, shape (network, network)
        Ones on the diagonal.

    Raises
    ------
    ValueError
        If two networks have no live unit in common.
    """
    labels = np.asarray(labels)
    live = (labels >= 0).astype(float)
    member = (labels[..., None] == np.arange(labels.max() + 1)).astype(float)  # [network, unit, module]
    n = live @ live.T
    if not n.all():
        raise ValueError("no unit is live in both networks of a pair; allowed: at least one")
    sizes = np.einsum("aum,bu->abm", member, live)  # of a's modules, on the units live in b
    table = np.einsum("aum,bun->abmn", member, member, optimize=True)
    together = (table**2).sum((2, 3)) - n  # ordered pairs of units: together in both,
    only_a = (sizes**2).sum(2) - n - together  # in a only,
    only_b = (sizes**2).sum(2).T - n - together  # in b only,
    apart = n * (n - 1) - together - only_a - only_b  # in neither
    top = 2 * (together * apart - only_a * only_b)
    bottom = (together + only_a) * (only_a + apart) + (together + only_b) * (only_b + apart)
    return np.divide(top, bottom, out=np.ones_like(top), where=bottom > 0)


def induced_matrix(partitions: Sequence[Partition]) -> np.ndarray:
    """Modularity that each partition induces on the matrix of each other, as ``modules.induced``.

    Parameters
    ----------
    partitions : sequence of Partition
        Of the same units, for instance of one network at its checkpoints.

    Returns
    -------
    ndarray, shape (partition, partition)
        ``[i, j]`` is that of the labels of ``i`` on the matrix of ``j``, over units live in both;
        the diagonal holds each partition's own modularity.
    """
    labels = np.stack([check_labels(one.labels, len(partitions[0].labels)) for one in partitions])
    member = (labels[..., None] == np.arange(labels.max() + 1)).astype(float)  # [i, unit, module]
    fc = np.zeros((len(labels), labels.shape[1], labels.shape[1]))  # silent units have no weights
    for one, matrix in zip(partitions, fc, strict=True):
        matrix[np.ix_(one.labels >= 0, one.labels >= 0)] = one.fc
        np.fill_diagonal(matrix, 0.0)
    totals = []  # of weights between modules, for positive and negative ones: [i, j, module, module]
    for part in (np.clip(fc, 0, None), np.clip(-fc, 0, None)):
        totals.append(np.einsum("ium,juv,ivn->ijmn", member, part, member, optimize=True))
    both = sum(total.sum((2, 3)) for total in totals)
    q = 0.0
    for total, sign, norm in zip(totals, (1, -1), (totals[0].sum((2, 3)), both), strict=True):
        weight, within = total.sum((2, 3)), np.trace(total, axis1=2, axis2=3)
        expected = (total.sum(3) ** 2).sum(2) / np.maximum(weight, 1e-300)
        q = q + sign * (within - expected) / np.maximum(norm, 1e-300)
    return q


def mean_over_pairs(matrix: np.ndarray, counts: np.ndarray | None = None) -> np.ndarray:
    """Mean over pairs of different networks.

    Parameters
    ----------
    matrix : ndarray, shape (network, network)
        Symmetric; the diagonal is ignored.
    counts : ndarray, shape (..., network), optional
        How often each network is drawn, for resampling; by default once.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> mean_over_pairs(np.array([[1.0, 0.5, 0], [0.5, 1, 0.1], [0, 0.1, 1]])).round(3).item()
    0.2
    """
    matrix = _check_pairs(matrix)
    counts = np.ones(len(matrix)) if counts is None else np.asarray(counts, float)
    total = ((counts @ matrix) * counts).sum(-1)
    return total / (counts.sum(-1) ** 2 - (counts**2).sum(-1))


def difference_over_pairs(
    a: np.ndarray, b: np.ndarray, seed: int = 0, n_resamples: int = 10_000
) -> tuple[float, float, float]:
    """Mean over pairs in one group minus that in another, with its bootstrap 95 % interval.

    Networks are redrawn, in each group on its own. A network drawn twice makes no pair with itself.

    Parameters
    ----------
    a, b : ndarray, shape (network, network)
        Symmetric; diagonals are ignored.

    Returns
    -------
    value, low, high : float
    """
    rng, means = np.random.default_rng(seed), []
    for matrix in (a, b):
        n = len(_check_pairs(matrix))
        counts = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples)
        counts[(counts > 0).sum(1) < 2] = 1  # one network n times has no pairs
        means.append(mean_over_pairs(matrix, counts))
    value = float(mean_over_pairs(a) - mean_over_pairs(b))
    low, high = np.quantile(means[0] - means[1], [0.025, 0.975])
    return value, float(min(low, value)), float(max(high, value))


def shuffled_groups_p(matrix: np.ndarray, n_first: int, n_permutations: int = 1000, seed: int = 0) -> float:
    """Permutation test over networks: whether pairs in the first group are more alike than in the second.

    Parameters
    ----------
    matrix : ndarray, shape (network, network)
        All networks of both groups, the first group first.
    n_first : int
        Size of the first group.
    n_permutations : int
        Random assignments of networks to groups.

    Returns
    -------
    float
        (1 + number of assignments with at least this difference) / (1 + number of assignments).
    """
    check_count(n_permutations, "n_permutations")
    n = len(_check_pairs(matrix))
    if not 2 <= n_first <= n - 2:
        raise ValueError(f"{n_first} of {n} networks in the first group; allowed: two or more in each")
    first = np.arange(n) < n_first
    rng = np.random.default_rng(seed)
    drawn = np.stack([first, *(rng.permutation(first) for _ in range(n_permutations))]).astype(float)
    gaps = mean_over_pairs(matrix, drawn) - mean_over_pairs(matrix, 1 - drawn)
    return float((1 + (gaps[1:] >= gaps[0] - 1e-12).sum()) / (1 + n_permutations))


def _check_pairs(matrix: np.ndarray) -> np.ndarray:
    matrix = np.array(matrix, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(f"matrix has shape {matrix.shape}; allowed: (network, network), two or more")
    np.fill_diagonal(matrix, 0.0)
    if not np.isfinite(matrix).all():
        raise ValueError("the matrix of pairs holds NaN or infinite values; allowed: finite numbers")
    if not np.allclose(matrix, matrix.T):
        raise ValueError("the matrix of pairs is not symmetric; allowed: one value for each pair")
    return matrix
