"""Task variance: how much each task makes a unit's activity vary, and which units vary alike.

Trials of a task are held against each other at every step, so they must be of one length; units that serve
the same tasks form clusters. The measure is that of Yang et al. (2019), in the form in which Liu et al.
(2023) seem to have used it: see :func:`task_variance`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances, silhouette_score

from .cog_tasks import INPUTS, NAMES, OUTPUTS, check_names, sample_trials
from .networks import Ensemble, forward
from .trials import Trials, check_count

ACTIVE = 1e-3  # summed task variance above which a unit counts as active
MOST = 19  # clusters that are tried at most, from 2
RESTARTS = 20  # of k-means, as in the code of Yang et al. (2019)
COPIES = 20  # shuffled ones behind clearness()
METHODS = ("ward", "kmeans")


def accuracy(
    ensemble: Ensemble, names: Sequence[str] = NAMES, n_trials: int = 1000, seed: int = 0
) -> np.ndarray:
    """Share of trials whose largest output at the last step is the target, shape (network, task).

    Parameters
    ----------
    ensemble : Ensemble
        Networks with the 53 inputs and 17 outputs of the 20 tasks.
    names : sequence of str
        Tasks, of ``cog_tasks.NAMES``.
    n_trials : int
        Of each task.
    seed : int
        Trials of a task depend on it and on the task, not on what else is asked for.

    Raises
    ------
    ValueError
        For unknown tasks, counts that are not positive whole numbers, or networks of another shape.
    """
    found = [
        [np.mean(outputs[-1].argmax(-1).numpy() == trials.targets[-1]) for outputs, _ in runs]
        for trials, runs in _runs(ensemble, names, n_trials, seed)
    ]
    return np.array(found).T


def task_variance(
    ensemble: Ensemble, names: Sequence[str] = NAMES, n_trials: int = 200, seed: int = 0
) -> np.ndarray:
    """Variance of each unit over the trials of each task, shape (network, unit, task).

    At each step the variance over trials, then the mean over steps. Trials are random ones with noise,
    their fixation is fixed, and all their steps count, as in neurogym's example for these tasks, on
    which the article seems to rest. The code of Yang et al. (2019) takes each combination of conditions
    once, without noise, from the end of the fixation on.

    Parameters
    ----------
    ensemble, names, n_trials, seed
        As in :func:`accuracy`; variance needs two trials or more.

    Raises
    ------
    ValueError
        As :func:`accuracy`, and for a single trial.

    References
    ----------
    Yang et al. (2019), Fig. 2; Liu et al. (2023), Fig. 1b.
    """
    check_count(n_trials, "n_trials")
    if n_trials < 2:
        raise ValueError("n_trials is 1; allowed: 2 or more, for variance is taken over trials")
    found = [
        [torch.var(hidden, dim=1, correction=0).mean(dim=0).numpy() for _, hidden in runs]
        for _, runs in _runs(ensemble, names, n_trials, seed)
    ]
    return np.moveaxis(np.array(found), 0, 2)


def _runs(ensemble, names, n_trials, seed) -> Iterator[tuple[Trials, Iterator]]:
    """Trials of each task and what each network makes of them: (outputs, hidden), each [time, trial, ...]."""
    names = check_names(names)
    shape, allowed = (ensemble.w_in.shape[2], ensemble.w_out.shape[1]), (len(INPUTS), len(OUTPUTS))
    if shape != allowed:
        raise ValueError(f"networks have {shape} inputs and outputs; allowed: {allowed}")
    for name in names:
        trials = sample_trials(name, n_trials, np.random.default_rng([seed, NAMES.index(name)]))
        yield trials, (_one(ensemble[i], trials) for i in range(len(ensemble)))


@torch.no_grad()
def _one(network: Ensemble, trials: Trials) -> tuple[torch.Tensor, torch.Tensor]:
    outputs, hidden = forward(network, torch.from_numpy(trials.inputs)[:, None])
    return outputs[:, 0], hidden[:, 0]


def active(variance: np.ndarray) -> np.ndarray:
    """Which units vary at all: task variance, summed over tasks, above ``ACTIVE``.

    Parameters
    ----------
    variance : ndarray, shape (..., unit, task)

    Returns
    -------
    ndarray of bool, shape (..., unit)
    """
    return np.asarray(variance).sum(axis=-1) > ACTIVE


def normalized(variance: np.ndarray) -> np.ndarray:
    """Task variance over the unit's largest; rows of units that never vary stay 0.

    Parameters
    ----------
    variance : ndarray, shape (..., unit, task)

    Examples
    --------
    >>> normalized([[2.0, 1.0], [0.0, 0.0]]).tolist()
    [[1.0, 0.5], [0.0, 0.0]]
    """
    variance = np.asarray(variance, float)
    largest = variance.max(axis=-1, keepdims=True)
    return np.divide(variance, largest, out=np.zeros_like(variance), where=largest > 0)


@dataclass(frozen=True)
class Clusters:
    """Groups of units that vary in the same tasks.

    Attributes
    ----------
    labels : ndarray of int, shape (unit,)
        0-based; clusters stand in the order of their preferred tasks, larger ones first.
    count : int
        Number of clusters, the one with the largest silhouette.
    silhouettes : ndarray, shape (count,)
        One for each of ``counts``.
    counts : ndarray of int
        Numbers of clusters that were tried.
    preferred : ndarray of int, shape (cluster,)
        Task with the largest mean in each cluster.
    """

    labels: np.ndarray
    count: int
    silhouettes: np.ndarray
    counts: np.ndarray
    preferred: np.ndarray

    @property
    def silhouette(self) -> float:
        """The largest one, which chose the number of clusters."""
        return float(self.silhouettes.max())


def cluster(
    normalized: np.ndarray, method: str = "ward", counts: Sequence[int] | None = None, seed: int = 0
) -> Clusters:
    """Units in groups by their normalized task variance; the silhouette chooses how many.

    Parameters
    ----------
    normalized : ndarray, shape (unit, task)
        Of the active units only.
    method : {"ward", "kmeans"}
        Ward's tree, as in neurogym's example, or k-means, as in the code of Yang et al. (2019).
    counts : sequence of int, optional
        Numbers of clusters to try; 2 to ``MOST`` unless given, and fewer than units.
    seed : int
        Of k-means.

    Raises
    ------
    ValueError
        If there are fewer than three units, a count below 2 or not below the number of units, or the
        method is unknown.
    """
    x, counts = _check(normalized, method, counts)
    labels = _ward(x, counts) if method == "ward" else _kmeans(x, counts, seed)
    apart = pairwise_distances(x)
    silhouettes = np.array([_silhouette(apart, one) for one in labels])
    best = int(np.argmax(silhouettes))
    ordered, preferred = _in_order(x, labels[best])
    return Clusters(ordered, int(counts[best]), silhouettes, counts, preferred)


def of_network(
    variance: np.ndarray, method: str = "ward", counts: Sequence[int] | None = None, seed: int = 0
) -> np.ndarray:
    """Cluster of each unit of a network, -1 for those that are not active.

    Parameters
    ----------
    variance : ndarray, shape (unit, task)
    method, counts, seed
        See :func:`cluster`.

    Returns
    -------
    ndarray of int, shape (unit,)

    Raises
    ------
    ValueError
        As :func:`cluster`; so also if no unit is active.
    """
    alive = active(variance)
    labels = np.full(len(alive), -1)
    labels[alive] = cluster(normalized(variance)[alive], method, counts, seed).labels
    return labels


def clearness(
    normalized: np.ndarray, method: str = "ward", counts: Sequence[int] | None = None, seed: int = 0,
    copies: int = COPIES,
) -> float:  # fmt: skip
    """How much clearer the clusters are than chance makes them.

    The best silhouette minus the mean of the same over copies in which each task's column is shuffled
    among the units: any data fall into clusters of a sort when their best number is chosen afterwards.

    Parameters
    ----------
    normalized, method, counts, seed
        See :func:`cluster`.
    copies : int
    """
    chance = by_chance(normalized, method, counts, seed, copies).max(axis=1)
    return cluster(normalized, method, counts, seed).silhouette - float(chance.mean())


def by_chance(
    normalized: np.ndarray, method: str = "ward", counts: Sequence[int] | None = None, seed: int = 0,
    copies: int = COPIES,
) -> np.ndarray:  # fmt: skip
    """Silhouettes of copies in which each task's column is shuffled among the units, shape (copy, count).

    Parameters
    ----------
    normalized, method, counts, seed, copies
        See :func:`clearness`.
    """
    check_count(copies, "copies")
    x, counts = _check(normalized, method, counts)
    rng = np.random.default_rng(seed)
    shuffled = (rng.permuted(x, axis=0) for _ in range(copies))
    return np.array([cluster(one, method, counts, seed).silhouettes for one in shuffled])


def _check(normalized, method, counts) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(normalized, float)
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; allowed: {', '.join(METHODS)}")
    if x.ndim != 2 or len(x) < 3 or not np.isfinite(x).all():
        raise ValueError(
            f"task variance of active units has shape {x.shape}; allowed: (unit, task), finite, "
            "of three active units or more"
        )
    counts = np.asarray(range(2, min(MOST + 1, len(x))) if counts is None else list(counts))
    if not counts.size or counts.dtype.kind not in "iu" or counts.min() < 2 or counts.max() >= len(x):
        raise ValueError(
            f"counts of clusters are {counts.tolist()}; allowed: whole numbers from 2 to {len(x) - 1}, "
            f"fewer than the {len(x)} active units"
        )
    return x, counts


def _ward(x: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return cut_tree(linkage(x, "ward"), n_clusters=counts).T


def _kmeans(x: np.ndarray, counts: np.ndarray, seed: int) -> list[np.ndarray]:
    return [KMeans(k, n_init=RESTARTS, random_state=seed).fit_predict(x) for k in counts]


def _silhouette(apart: np.ndarray, labels: np.ndarray) -> float:
    return silhouette_score(apart, labels, metric="precomputed")


def _in_order(x: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels anew, in the order of the clusters' preferred tasks, and those tasks."""
    names, sizes = np.unique(labels, return_counts=True)
    preferred = np.array([x[labels == name].mean(axis=0).argmax() for name in names])
    order = np.lexsort((-sizes, preferred))
    rank = np.argsort(order)
    return rank[np.searchsorted(names, labels)], preferred[order]
