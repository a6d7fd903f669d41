"""Bridge: functional modules beside places, inputs, wiring and lesions; rules that could have wired them.

Modules are found as everywhere in the book: in the functional connectivity of activity during trials.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from . import store
from .activity import rows
from .connectivity import correlate, live_units
from .constraints import box, distances
from .embedded import record, stack
from .flow import lesion_distances, lesion_similarity
from .inference import each_case
from .modules import SILENT, Partition, agreement, detect, find, induced, signed_modularity
from .networks import Ensemble, run
from .placement import module_p
from .wiring import RULES, four_distances, grow, strongest_graph

N_TRIALS = 200
STATES_PER_CASE = 80  # visited states behind a lesion map, for each case of the task
VERSION = 1  # raise when the table would hold other numbers


def compare(network: Ensemble, distance: np.ndarray, runs: int = 5, seed: int = 0) -> dict[str, np.ndarray]:
    """What the functional modules of a network go with.

    Parameters
    ----------
    network : Ensemble
        Of one network, trained on the one-choice task.
    distance : ndarray, shape (unit, unit)
    runs : int
        Of Louvain.
    seed : int

    Returns
    -------
    dict of str to ndarray
        ``labels`` (unit,) and numbers: ``q`` and ``n_modules``; ``space_p`` and ``space_ratio`` (see
        ``placement.module_p``); ``r_distance`` and ``r_weight``, correlation of FC with distance and
        with the mean absolute weight over pairs of live units; ``ari_input`` and ``share_input``,
        agreement with the modules of the input projection and the modularity these induce on FC as
        a share of ``q``; ``ari_wiring`` and ``share_wiring``, the same for modules of the weights;
        ``r_lesion`` and ``q_lesion``, correlation of FC with lesion similarity and the modularity that
        the functional modules induce on that.
    """
    trials, hidden = record(network, n_trials=N_TRIALS)
    part = find(rows(hidden), runs, seed)
    found = {"labels": part.labels, "q": part.q, "n_modules": part.n_modules}
    found["space_p"], found["space_ratio"] = module_p(part.labels, distance, seed=seed)
    weights = np.abs(network.w_rec[0].double().numpy())
    weights = (weights + weights.T) / 2
    for name, matrix in (("r_distance", distance), ("r_weight", weights)):
        found[name] = _over_pairs(part.fc, _among(matrix, part.labels != SILENT))
    projection = run(network, trials.inputs).projection[0]
    others = {
        "input": find(rows(projection), runs, seed).labels,
        "wiring": detect(weights, runs, seed)[0],
    }
    for name, labels in others.items():
        found[f"ari_{name}"] = agreement(labels, part.labels)
        found[f"share_{name}"] = induced(labels, part) / part.q
    found["r_lesion"], found["q_lesion"] = _lesions(network, trials.conditions["case"], hidden, part, seed)
    return {name: np.asarray(value) for name, value in found.items()}


def lesion_maps(network: Ensemble, case: np.ndarray, hidden: np.ndarray, seed: int = 0) -> np.ndarray:
    """How far each state that a network visits moves when a unit is lost, options on the screen.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    case : ndarray of int, shape (trial,)
        Row of the task's list.
    hidden : ndarray, shape (time, trial, unit)
    seed : int
        Of the choice of states.

    Returns
    -------
    ndarray, shape (unit, state)
        The same number of states of each case, drawn from the steps with the options.
    """
    shown, rng, maps = each_case("one_choice"), np.random.default_rng(seed), []
    while_shown = hidden[shown.periods["decision"]]
    for one in np.unique(case):
        states = rows(while_shown[:, case == one])
        states = states[rng.choice(len(states), STATES_PER_CASE)]
        maps.append(lesion_distances(network, states, shown.inputs[-1, one]))
    return np.hstack(maps)


def _lesions(network, case, hidden, part: Partition, seed: int) -> tuple[float, float]:
    maps = lesion_maps(network, case, hidden, seed)
    live = (part.labels != SILENT) & live_units(maps.T)
    similarity = lesion_similarity(maps[live])
    kept = live[part.labels != SILENT]
    return _over_pairs(similarity, _among(part.fc, kept)), signed_modularity(similarity, part.labels[live])


def _among(matrix: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return matrix[np.ix_(chosen, chosen)]


def _over_pairs(a: np.ndarray, b: np.ndarray) -> float:
    pairs = np.triu_indices(len(a), 1)
    return correlate(a[pairs], b[pairs]).item()


def _where(distance: np.ndarray) -> dict[str, str]:
    """What names distances in the store; those of the box, which the book has, leave no trace."""
    if np.array_equal(distance, distances(box(len(distance)))):
        return {}
    return {"distance": hashlib.sha256(np.ascontiguousarray(distance, float).tobytes()).hexdigest()[:24]}


def table(ensemble: Ensemble, distance: np.ndarray, spec: Mapping, runs: int = 5) -> dict[str, np.ndarray]:
    """``compare`` of every network of a population, made once and kept in the store.

    Parameters
    ----------
    ensemble : Ensemble
    distance : ndarray, shape (unit, unit)
    spec : mapping
        What names these networks, as in a store entry.
    runs : int

    Returns
    -------
    dict of str to ndarray
        With a leading network axis, in single precision.
    """
    made_by = {"networks": dict(spec), "trials": N_TRIALS, "runs": runs, "version": VERSION}
    made_by |= _where(distance)
    return store.get_or_make(
        "bridge", made_by, lambda: stack(compare, ensemble, distance=distance, runs=runs)
    )


def rule_energies(
    network: Ensemble, distance: np.ndarray, n_powers: int = 9, share: float = 0.05, seed: int = 0
) -> dict[str, np.ndarray]:
    """Lowest energy of each generative rule: a grid of powers from -3 to 3, then one around its best.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    distance : ndarray, shape (unit, unit)
    n_powers : int
        Of distance, and of ``K``, in either round; one graph for each pair.
    share : float
        Of the connections, the strongest, that make the graph to match.
    seed : int

    Returns
    -------
    dict of str to ndarray
        ``energy``, (rule,), in the order of ``wiring.RULES``; ``four``, (rule, 4), the distances behind
        it; ``powers``, (rule, 2), of distance and ``K``.
    """
    target = strongest_graph(network.w_rec[0].numpy(), share)
    best = [_search(rule, target, distance, n_powers, seed) for rule in RULES]
    four, powers = (np.stack(one) for one in zip(*best, strict=True))
    return {"energy": four.max(axis=1), "four": four, "powers": powers}


def _search(rule, target, distance, n_powers, seed) -> tuple[np.ndarray, np.ndarray]:
    """The four distances of a rule's best graph and the powers that made it."""
    around = np.linspace(-3, 3, n_powers)
    found, tried = np.empty((0, 4)), np.zeros((0, 2))
    center = np.zeros(2)
    for round_ in range(2):
        powers = center + np.stack(np.meshgrid(around, around), axis=-1).reshape(-1, 2)
        powers = powers.clip(-3, 3)
        grown = grow(distance, int(target.sum()) // 2, rule, *powers.T, seed=seed + round_)
        found = np.vstack([found, four_distances(grown, target, distance)])
        tried = np.vstack([tried, powers])
        center = tried[found.max(axis=1).argmin()]
        around = np.linspace(-1, 1, n_powers) * 6 / (n_powers - 1)
    return found[found.max(axis=1).argmin()], center


def rule_table(
    ensemble: Ensemble, distance: np.ndarray, spec: Mapping, n_powers: int = 9, share: float = 0.05
) -> dict[str, np.ndarray]:
    """``rule_energies`` of several networks, made once and kept in the store.

    Returns
    -------
    dict of str to ndarray
        With a leading network axis, in single precision.
    """
    how = {"n_powers": n_powers, "share": share}
    made_by = {"networks": dict(spec), **how, "rules": list(RULES), "version": VERSION, **_where(distance)}
    return store.get_or_make(
        "wiring", made_by, lambda: stack(rule_energies, ensemble, distance=distance, **how)
    )
