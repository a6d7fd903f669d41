"""The ledger's claims that one network can answer: Python's values, to which the page holds its own."""

import numpy as np

from .. import activity, connectivity, flow, lesions, modules, networks
from ..networks import Ensemble
from ..tasks import Trials

PAIRS = {"perceptual_decision_making": (1, 2), "go_nogo": (0, 1)}  # the outputs that are compared
REST = {"perceptual_decision_making": (1.0, 0.5, 0.5), "go_nogo": (1.0, 0.0, 0.0)}
CLAIMS = {
    "perceptual_decision_making": (
        "F1e,g", "F1f,h", "F1b-d", "F1j", "F1k", "O3c", "O3d", "O3e", "DS11c,d,f", "DS11d,e",
    ),
    "go_nogo": ("FS1b", "FS1c", "FS1d", "FS1e-g", "D5f", "D5d,e"),
}  # fmt: skip
PERMUTATIONS = 1000


def network_scores(task: str, network: Ensemble, trials: Trials, runs: int = 5) -> dict[str, float]:
    """What one network says of each claim in ``CLAIMS``, by the ledger's statistic.

    Parameters
    ----------
    task : {"perceptual_decision_making", "go_nogo"}
    network : Ensemble
        One network, e.g. ``ensemble[k]``.
    trials : Trials
        Of that task, as many of one ground truth as of the other; everything is measured on them.
    runs : int
        Louvain runs of which the best is kept.

    Returns
    -------
    dict of str to float
        By the claim's id. A claim of p-values has the network's p; a claim that the network cannot
        answer, such as one with a single module, is missing.
    """
    if task not in CLAIMS:
        raise ValueError(f"task is {task!r}; allowed: {', '.join(CLAIMS)}")
    seen = networks.run(network, trials.inputs)[0]
    hidden, outputs = activity.rows(seen.hidden), activity.rows(seen.outputs)
    found = modules.find(hidden, runs=runs)
    one, other = PAIRS[task]
    scores = {}
    if found.labels.max() > 0:
        found = modules.number_by(found, hidden, outputs[:, one] - outputs[:, other])
        scores = (_decision if task != "go_nogo" else _go)(network, trials, seen, found)
    if task != "go_nogo":
        scores["F1e,g"] = _stimuli(seen.projection, trials, runs)
        scores |= _inputs(network, found, runs)
    r, p = ("D5f", "D5d,e") if task == "go_nogo" else ("DS11c,d,f", "DS11d,e")
    return scores | dict(zip((r, p), _lesions(task, network, hidden, found), strict=True))


def _accuracy(network: Ensemble, trials: Trials, seen: networks.Activity, units: np.ndarray) -> np.ndarray:
    outputs = activity.read_out(lesions.cut_outputs(network, [units]), seen.hidden[None, -1])
    right = activity.accuracy(outputs, trials)
    return np.array([right[0][0], right[1][0]])


def _stimuli(projection: np.ndarray, trials: Trials, runs: int) -> float:
    stimulus = trials.periods["stimulus"]
    part = modules.find(activity.rows(projection), runs=runs)
    means = modules.module_means(activity.rows(projection, stimulus), part.labels)
    r = connectivity.correlate(means, activity.rows(trials.inputs, stimulus)[:, 1:])
    return float(np.abs(r).max(axis=0).min())


def _decision(network: Ensemble, trials: Trials, seen: networks.Activity, found: modules.Partition):
    stimulus, decision = trials.periods["stimulus"], trials.periods["decision"]
    means = modules.module_means(activity.rows(seen.hidden, stimulus), found.labels)[:, :2]
    evidence = activity.cumulative_mean_difference(trials).ravel()
    late = slice(stimulus.start, decision.stop)  # the task has no delay between them
    sides = modules.module_means(activity.rows(seen.hidden, late), found.labels)
    logits = activity.rows(seen.outputs, late)
    own = [connectivity.correlate(sides[:, k], logits[:, k + 1]).item() for k in (0, 1)]
    first, second = (_accuracy(network, trials, seen, found.units(k)) for k in (0, 1))
    return {
        "F1f,h": float(np.abs(connectivity.correlate(means, evidence)).min()),
        "F1b-d": float(np.abs(own).min()),
        "F1j": float(first[1] - first[0]),
        "F1k": float(second[0] - second[1]),
    }


def _go(network: Ensemble, trials: Trials, seen: networks.Activity, found: modules.Partition):
    is_go = trials.conditions["ground_truth"] == 1
    means = modules.module_means(activity.rows(seen.hidden), found.labels)
    course = means.reshape(*trials.targets.shape, -1)  # [time, trial, module]
    late = course[trials.periods["delay"].start :]
    effect = (late[:, is_go].mean((0, 1)) - late[:, ~is_go].mean((0, 1))) / course.std((0, 1))
    favor = activity.rows(seen.outputs) @ [-1.0, 1.0]
    follow = np.sort(np.abs(connectivity.correlate(means, favor)[:, 0]))
    sizes = [found.units(k) for k in range(means.shape[1])]
    lost = [_accuracy(network, trials, seen, units) for units in sizes]
    worst = min(range(len(lost)), key=lambda k: (lost[k][1], -len(sizes[k])))
    return {
        "FS1b": float(found.n_modules),
        "FS1c": float(np.abs(effect).max()),
        "FS1d": float(follow[-2]),
        "FS1e-g": float(lost[worst][0] - lost[worst][1]),
    }


def _over_pairs(a: np.ndarray, b: np.ndarray) -> float:
    pairs = np.triu_indices(len(a), 1)
    return connectivity.correlate(a[pairs], b[pairs]).item()


def _inputs(network: Ensemble, found: modules.Partition, runs: int) -> dict[str, float]:
    similar = connectivity.connection_similarity(network.w_in[0, found.labels >= 0].numpy())
    labels, _ = modules.detect(similar, runs=runs)
    p = modules.permutation_null(found.fc, labels, PERMUTATIONS)[1]
    ratio = modules.signed_modularity(found.fc, labels) / found.q
    return {"O3c": ratio, "O3d": p, "O3e": _over_pairs(similar, found.fc)}


def _lesions(task: str, network: Ensemble, hidden: np.ndarray, found: modules.Partition):
    plane = flow.principal_plane(hidden)
    states = plane.lift(flow.grid(plane.project(hidden)))
    similar, fc, live = flow.compare(network, hidden, states, REST[task])
    p = modules.permutation_null(similar, found.labels[live], PERMUTATIONS)[1]
    return _over_pairs(similar, fc), p
