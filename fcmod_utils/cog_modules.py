"""Functional modules of networks that do many tasks, beside other groupings of the same units.

Modules are found as everywhere in the book, in the functional connectivity of activity during trials: of
all tasks, one after the other, or of one task alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from . import store
from .activity import rows
from .cog_tasks import NAMES, check_names, sample_trials
from .connectivity import correlate
from .lesions import check_units
from .modularity import check_labels, permutation_null
from .modules import SILENT, agreement, find, induced
from .networks import Ensemble, check_one, run
from .placement import module_p
from .task_variance import normalized
from .trials import check_count

N_TRIALS = 60  # of each task
SEED = 2  # of the trials: neither those of the accuracies nor those of the lesions
DRAWS = 1000  # shuffles of the labels
HALVES_RUNS = 3  # of Louvain, for modules of one task
VERSION = 1  # raise when a table would hold other numbers


def record(
    network: Ensemble, units: Sequence[int], names: Sequence[str] = NAMES, n_trials: int = N_TRIALS
) -> list[np.ndarray]:
    """What some units of a network do in trials of each task.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    units : sequence of int
    names : sequence of str
    n_trials : int

    Returns
    -------
    list of ndarray, shape (time, trial, unit), one per task

    Raises
    ------
    ValueError
        For more than one network, units that it does not have or unknown tasks.
    """
    units, found = check_units(units, check_one(network).w_rec.shape[1]), []
    for name in check_names(names):
        trials = sample_trials(name, n_trials, np.random.default_rng([SEED, NAMES.index(name)]))
        found.append(run(network, trials.inputs).hidden[0][..., units])
    return found


def together(activity: Sequence[np.ndarray], centered: bool = False) -> np.ndarray:
    """Trials of all tasks as rows.

    Parameters
    ----------
    activity : sequence (task) of ndarray, shape (time, trial, unit)
    centered : bool
        Take away each unit's mean in each task: what is left cannot tell one task from another.
    """
    parts = [rows(one) for one in activity]
    return np.concatenate([one - one.mean(axis=0) if centered else one for one in parts])


def compare(
    network: Ensemble, variance: np.ndarray, groups: Sequence[int], lengths: np.ndarray, runs: int = 5,
    names: Sequence[str] = NAMES, centered: bool = False,
) -> dict[str, np.ndarray]:  # fmt: skip
    """What the functional modules of a network go with.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    variance : ndarray, shape (unit, task)
        Task variance.
    groups : sequence of int, shape (unit,)
        Another grouping of the active units, such as clusters of task variance; -1 for the others,
        which are left out of everything.
    lengths : ndarray, shape (unit, unit)
        Distance between units.
    runs : int
        Of Louvain.
    names : sequence of str
    centered : bool
        See :func:`together`.

    Returns
    -------
    dict of str to ndarray
        ``labels`` (unit,) and numbers: ``q`` and ``n_modules``; ``share``, the modularity that the
        groups induce as a share of ``q``, its mean ``share_null`` with shuffled groups and ``share_p``;
        ``ari`` with the groups, 0 by chance, and ``ari_p``; ``space_ratio``, ``space_p`` of the modules
        and ``group_ratio``, ``group_p`` of the groups (see ``placement.module_p``); ``r_distance``,
        ``r_weight`` and ``r_profile``, correlation of FC over pairs of units with their distance, their
        mean \\|weight\\| and the correlation of their normalized task variances.

    Raises
    ------
    ValueError
        If groups are not one per unit, fewer than two units have one or vary, or a task is unknown.
    """
    groups = check_labels(groups, network.w_rec.shape[1])
    units = np.flatnonzero(groups >= 0)
    if len(units) < 2:
        raise ValueError(f"{len(units)} units have a group; allowed: at least two")
    part = find(together(record(network, units, names), centered), runs)
    live, inner = part.labels != SILENT, groups[units]
    labels = np.full(len(groups), SILENT)
    labels[units] = part.labels
    null, p = permutation_null(part.fc, inner[live], DRAWS)
    found = {"labels": labels, "q": part.q, "n_modules": part.n_modules}
    found |= {"share": induced(inner, part) / part.q, "share_null": null.mean() / part.q, "share_p": p}
    found["ari"], found["ari_p"] = _agreement_p(part.labels[live], inner[live])
    found["space_p"], found["space_ratio"] = module_p(labels, lengths)
    found["group_p"], found["group_ratio"] = module_p(groups, lengths)
    weights, pick = np.abs(network.w_rec[0].double().numpy()), units[live]
    profiles = np.nan_to_num(np.corrcoef(normalized(variance)[pick]))
    pairs = np.triu_indices(len(pick), 1)
    others = {"distance": lengths[np.ix_(pick, pick)], "profile": profiles}
    others["weight"] = (weights + weights.T)[np.ix_(pick, pick)] / 2
    for name, matrix in others.items():
        found[f"r_{name}"] = correlate(part.fc[pairs], matrix[pairs]).item()
    return {name: np.asarray(value) for name, value in found.items()}


def by_task(
    network: Ensemble, units: Sequence[int], names: Sequence[str] = NAMES, runs: int = HALVES_RUNS
) -> dict[str, np.ndarray]:
    """Functional modules in each task alone, and how alike those of two tasks are.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    units : sequence of int
    names : sequence of str
    runs : int
        Of Louvain.

    Returns
    -------
    dict of str to ndarray
        ``labels`` (task, unit of those given), of the first half of a task's trials, -1 for those silent
        there; ``alike`` (task, task), adjusted Rand index over the units live in both, NaN where fewer
        than two are: of the modules in one half of the trials with those in the other half, so that its
        diagonal says how well modules of one task can be told at all.

    Raises
    ------
    ValueError
        As in :func:`record`, for activity that is not finite, and for ``runs`` that are no positive number.
    """
    check_count(runs, "runs")
    halves = [[], []]
    for one in record(network, units, names):  # trials alternate between the two rings: not every other one
        for found, part in zip(halves, np.array_split(one, 2, axis=1), strict=True):
            found.append(_labels(rows(part), runs))
    first, second = (np.array(found) for found in halves)
    alike = np.array([[_alike(a, b) for b in second] for a in first])
    return {"labels": first, "alike": (alike + alike.T) / 2}


def kept(spec: Mapping, make, *arguments, **how) -> dict[str, np.ndarray]:
    """What ``compare`` or ``by_task`` return, from the store where it has been made before.

    Parameters
    ----------
    spec : dict
        What made the network and its groups.
    make : callable
        One of the two.
    *arguments, **how
        Of ``make``; those given by name are part of the entry's address.
    """
    how = {key: list(value) if key == "names" else value for key, value in how.items()}
    spec = {**spec, **how, "what": make.__name__, "modules_version": VERSION}
    return store.get_or_make("modules_cog", spec, lambda: make(*arguments, **how))


def _labels(activity: np.ndarray, runs: int) -> np.ndarray:
    """Modules; all units silent where fewer than two vary."""
    if not np.isfinite(activity).all():
        raise ValueError("activity holds NaN or infinite values; allowed: finite numbers")
    try:
        return find(activity, runs).labels
    except ValueError:
        return np.full(activity.shape[1], SILENT)


def _alike(a: np.ndarray, b: np.ndarray) -> float:
    both = (a != SILENT) & (b != SILENT)
    return agreement(a, b) if both.sum() > 1 else np.nan


def _agreement_p(labels: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Adjusted Rand index, and the share of shuffled groups that reach it."""
    rng, real = np.random.default_rng(0), agreement(labels, groups)
    null = np.array([agreement(labels, rng.permutation(groups)) for _ in range(DRAWS)])
    return real, float((1 + (null >= real - 1e-12).sum()) / (1 + DRAWS))
