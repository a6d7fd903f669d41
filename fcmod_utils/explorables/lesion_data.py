"""The lesion lab's data: a trained network, its modules and some trials, as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import scale
from ..activity import accuracy, read_out
from ..exchange import decode_floats, encode_floats
from ..lesions import cut_outputs, strongest_first
from ..networks import Activity, Ensemble, run
from ..tasks import BASELINE, COHERENCES, PERCENT, Trials, perceptual_means
from .lesion_checks import check_modules, check_network, check_sizes, check_start, check_trials

FORMAT, VERSION = "fc-lesion-lab", 1


def payload(
    network: Ensemble,
    labels: ArrayLike,
    trials: Trials,
    *,
    seed: int | None = None,
    module_names: Sequence[str] | None = None,
    start: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Gather what the lesion lab needs, as a dict that is plain JSON.

    Parameters
    ----------
    network : Ensemble
        One network, e.g. ``ensemble[k]``, of the perceptual decision-making task.
    labels : array of int, shape (unit,)
        0-based module of each unit, -1 for silent units (left out of FC).
    trials : Trials
        Trials of that task, as many of one ground truth as of the other. The lab keeps their
        noise and shows it at every coherence, whatever theirs was.
    seed : int, optional
        Which network this is.
    module_names : sequence of str, optional
        What the page calls the modules; "1", "2", ... by default.
    start : dict, optional
        First view: ``{"module": 0-based, "share": 0 to 1, "coherence": one of COHERENCES}``. By
        default the module that most favors choice 2 is cut whole, at the middle coherence.

    Returns
    -------
    dict
        ``format, version, scale, seed, alpha, nonlinearity``; ``shape {inputs, units, outputs}``;
        ``weights`` (name to base64 float32, axes as in Ensemble, less the first); ``modules,
        module_names``; ``task {steps, dt_ms, baseline, contrast_per_percent, coherences}``;
        ``noise`` (base64 float32, ``[trial, stimulus step, 2]``), ``ground_truth``; ``start``;
        ``range`` (limits of the mean choice outputs over the lab's states); ``reference``:
        Python's own numbers at the first view, ``cut_units``, ``accuracy {intact, cut}[type]``
        and ``final {intact, cut}[type][output]`` (mean outputs at the decision), which the page
        must reproduce.

    Raises
    ------
    ValueError
        For more than one network, or a network, labels, trials or a start that do not belong
        together.
    """
    check_network(network)
    check_trials(trials)
    labels = np.asarray(labels)
    count = int(labels.max(initial=-1)) + 1
    names = [str(k + 1) for k in range(count)] if module_names is None else list(module_names)
    check_modules(labels, names, units=network.w_rec.shape[1])
    truth = trials.conditions["ground_truth"]
    period = trials.periods["stimulus"]
    noise = trials.inputs[period, :, 1:] - perceptual_means(trials.conditions["coherence"], truth)
    noise = noise.astype(np.float32)
    # as in the page: numbers of single precision, run in double precision
    network = network.with_parameters(**{k: w.float().double() for k, w in network.parameters().items()})
    seen = {c: _seen(network, trials, noise, c) for c in COHERENCES}
    start = _first_view(network, labels, trials, seen) if start is None else dict(start)
    check_start(start, names, COHERENCES)
    return {
        "format": FORMAT,
        "version": VERSION,
        "scale": scale.current().name,
        "seed": seed,
        "alpha": float(network.alpha),
        "nonlinearity": network.nonlinearity,
        "shape": {"inputs": 3, "units": labels.size, "outputs": 3},
        "weights": {name: encode_floats(w[0].numpy()) for name, w in network.parameters().items()},
        "modules": labels.tolist(),
        "module_names": names,
        "task": _task(trials),
        "noise": encode_floats(noise.swapaxes(0, 1)),
        "ground_truth": truth.tolist(),
        "start": start,
        "range": _range(network, labels, trials, seen),
        "reference": _reference(network, labels, trials, seen[start["coherence"]], start),
    }


def check(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a lesion lab payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with payload(...)")
    texts = {**data["weights"], "noise": data["noise"]}
    check_sizes({name: decode_floats(text).size for name, text in texts.items()}, data)
    check_modules(np.asarray(data["modules"]), data["module_names"], data["shape"]["units"])
    check_start(data["start"], data["module_names"], data["task"]["coherences"])
    return data


def whole(module: int) -> dict[str, float]:
    """View in which a module is cut whole, at the middle coherence."""
    return {"module": module, "share": 1.0, "coherence": COHERENCES[len(COHERENCES) // 2]}


def _task(trials: Trials) -> dict[str, Any]:
    return {
        "steps": {name: steps.stop - steps.start for name, steps in trials.periods.items()},
        "dt_ms": trials.dt_ms,
        "baseline": BASELINE,
        "contrast_per_percent": 1 / PERCENT,
        "coherences": list(COHERENCES),
    }


def _seen(network: Ensemble, trials: Trials, noise: np.ndarray, coherence: float) -> Activity:
    """What the network does on the same trials at another coherence."""
    inputs = trials.inputs.copy()
    inputs[trials.periods["stimulus"], :, 1:] = noise + perceptual_means(
        coherence, trials.conditions["ground_truth"]
    )
    with np.errstate(all="ignore"):  # what is not finite is named below
        seen = run(network, inputs)
    if not np.isfinite(seen.outputs).all():
        raise ValueError(f"outputs at coherence {coherence} are not finite; check weights and inputs")
    return seen


def _by_type(trials: Trials, outputs: np.ndarray) -> np.ndarray:
    """Mean outputs of each trial type, ``[type, time, output]``, of one network's outputs."""
    truth = trials.conditions["ground_truth"]
    return np.stack([outputs[0][:, truth == k].mean(1) for k in (0, 1)])


def _cut(network: Ensemble, units: np.ndarray, seen: Activity) -> np.ndarray:
    return read_out(cut_outputs(network, [units]), seen.hidden)


def _first_view(network, labels, trials, seen) -> dict[str, float]:
    """Cut the module that adds most to choice 2 over choice 1 when stimulus 2 is stronger."""
    rate = seen[whole(0)["coherence"]].hidden[0, -1, trials.conditions["ground_truth"] == 1].mean(0)
    favor = rate * (network.w_out[0, 2] - network.w_out[0, 1]).numpy()
    return whole(int(np.argmax([favor[labels == k].sum() for k in range(labels.max() + 1)])))


def _range(network, labels, trials, seen) -> list[float]:
    """Limits of the mean choice outputs, over the lab's states in steps of a quarter."""
    means = [np.zeros(1)]
    for units in (np.flatnonzero(labels == k) for k in range(labels.max() + 1)):
        for share in (0, 0.25, 0.5, 0.75, 1):
            chosen = strongest_first(network.w_out[0], units, share)
            means += [_by_type(trials, _cut(network, chosen, did))[..., 1:] for did in seen.values()]
    low, high = (float(end(np.concatenate([m.ravel() for m in means]))) for end in (np.min, np.max))
    room = 0.05 * (high - low)
    return [low - room, high + room]


def _reference(network, labels, trials, seen, start) -> dict[str, Any]:
    """Python's numbers at the first view."""
    members = np.flatnonzero(labels == start["module"])
    units = strongest_first(network.w_out[0], members, start["share"])
    outputs = {"intact": seen.outputs, "cut": _cut(network, units, seen)}
    # without coherences every trial counts, as in the page: also where no answer is right
    every = replace(trials, conditions={"ground_truth": trials.conditions["ground_truth"]})
    right = {name: accuracy(out[:, -1], every) for name, out in outputs.items()}
    return {
        "cut_units": units.tolist(),
        "accuracy": {name: [float(share[k][0]) for k in (0, 1)] for name, share in right.items()},
        "final": {name: _by_type(trials, out)[:, -1].tolist() for name, out in outputs.items()},
    }
