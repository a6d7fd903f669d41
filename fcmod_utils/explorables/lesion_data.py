"""The lesion lab's data: a trained network, its modules and stored trials, checked, as JSON."""

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .lesion_checks import (
    NONLINEARITIES,
    STEPS,
    check_modules,
    check_network,
    check_start,
    check_trials,
    weight_shapes,
)

FORMAT, VERSION = "fc-lesion-lab", 1
WEIGHTS = ("w_in", "b_in", "w_rec", "b_rec", "w_out", "b_out")
COHERENCES = (0, 6.4, 12.8, 25.6, 51.2)


def encode_floats(values: ArrayLike) -> str:
    """Little-endian float32 numbers as base64 text, last axis fastest."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def decode_floats(text: str) -> np.ndarray:
    """Flat float32 array of a base64 text."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4")
    except ValueError as error:
        raise ValueError(f"not float32 numbers in base64: {text[:20]!r}...") from error


def payload(
    *,
    w_in: ArrayLike,
    b_in: ArrayLike,
    w_rec: ArrayLike,
    b_rec: ArrayLike,
    w_out: ArrayLike,
    b_out: ArrayLike,
    modules: ArrayLike,
    noise: ArrayLike,
    ground_truth: ArrayLike,
    alpha: float = 1.0,
    nonlinearity: str = "relu",
    module_names: Sequence[str] | None = None,
    steps: Mapping[str, int] = STEPS,
    dt_ms: float = 100,
    coherences: Sequence[float] = COHERENCES,
    start: Mapping[str, float] | None = None,
    seed: int | None = None,
    scale: str = "book",
) -> dict[str, Any]:
    """Gather what the lesion lab needs, as a dict that is plain JSON.

    Parameters
    ----------
    w_in, b_in, w_rec, b_rec, w_out, b_out
        One network: ``[unit, 3]``, ``[unit]``, ``[to, from]``, ``[unit]``, ``[3, unit]``, ``[3]``.
    modules
        0-based module of each unit, -1 for silent units (left out of FC).
    noise
        Added to both stimulus inputs in the stimulus steps, ``[trial, stimulus step, 2]``.
    ground_truth
        The stronger stimulus of each trial, 0 or 1, as many of one as of the other.
    alpha, nonlinearity
        ``r <- (1 - alpha) r + alpha f(w_in x + b_in + w_rec r + b_rec)``; relu, tanh or softplus.
    module_names
        What the page calls the modules; "1", "2", ... by default.
    steps, dt_ms, coherences
        The task. Stimulus inputs have mean ``0.5 +/- coherence / 200``; fixation is on until the
        decision, whose last step is the choice.
    start
        First view: ``{"module": 0-based, "share": 0 to 1, "coherence": one of coherences}``. By
        default the module that most favors choice 2 is cut whole, at the middle coherence.
    seed, scale
        Where the network came from.

    Returns
    -------
    dict
        ``format, version, scale, seed, alpha, nonlinearity``; ``shape {inputs, units, outputs}``;
        ``weights`` (name to base64 float32, as the arguments); ``modules, module_names``;
        ``task {steps, dt_ms, baseline, contrast_per_percent, coherences}``; ``noise`` (base64
        float32), ``ground_truth``; ``start``; ``range`` (limits of the mean choice outputs over
        the lab's states); ``reference``: Python's own numbers at the first view, ``cut_units``,
        ``accuracy {intact, cut}[type]`` and ``final {intact, cut}[type][output]`` (mean outputs
        at the decision), which the page must reproduce.
    """
    given = zip(WEIGHTS, (w_in, b_in, w_rec, b_rec, w_out, b_out), strict=True)
    weights = {name: np.asarray(value, dtype="<f4") for name, value in given}
    labels = np.asarray(modules)
    count = int(labels.max(initial=-1)) + 1
    names = [str(k + 1) for k in range(count)] if module_names is None else list(module_names)
    task = {"steps": dict(steps), "dt_ms": dt_ms, "baseline": 0.5, "contrast_per_percent": 1 / 200}
    task["coherences"] = [float(c) for c in coherences]
    noise, truth = np.asarray(noise, dtype="<f4"), np.asarray(ground_truth)
    check_network(weights, alpha, nonlinearity)
    check_modules(labels, names, units=weights["b_in"].size)
    check_trials(task, noise, truth)
    data = {
        "format": FORMAT,
        "version": VERSION,
        "scale": scale,
        "seed": seed,
        "alpha": float(alpha),
        "nonlinearity": nonlinearity,
        "shape": {"inputs": 3, "units": weights["b_in"].size, "outputs": 3},
        "weights": {name: encode_floats(value) for name, value in weights.items()},
        "modules": labels.tolist(),
        "module_names": names,
        "task": task,
        "noise": encode_floats(noise),
        "ground_truth": truth.tolist(),
    }
    data["start"] = _first_view(data) if start is None else dict(start)
    check_start(data["start"], data)
    data |= _reference(data)
    return data


def check(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a lesion lab payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with payload(...)")
    arrays = _arrays(data)
    check_network(arrays, data["alpha"], data["nonlinearity"])
    units = data["shape"]["units"]
    check_modules(np.asarray(data["modules"]), data["module_names"], units)
    check_trials(data["task"], arrays["noise"], np.asarray(data["ground_truth"]))
    check_start(data["start"], data)
    return data


def cut_units(w_out: np.ndarray, modules: np.ndarray, module: int, share: float) -> np.ndarray:
    """Units of a module to cut: largest read-out column (L2 norm) first, round(share * size)."""
    members = np.flatnonzero(np.asarray(modules) == module)
    size = np.square(np.asarray(w_out, dtype=float)[:, members]).sum(0)
    ordered = members[np.argsort(-size, kind="stable")]
    return ordered[: round(share * len(ordered))]


def simulate(data: Mapping[str, Any], coherence: float) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activity ``[trial, step, unit]`` and intact outputs of the stored trials."""
    arrays = _arrays(data)
    inputs = _inputs(data["task"], arrays["noise"], np.asarray(data["ground_truth"]), coherence)
    f, alpha = NONLINEARITIES[data["nonlinearity"]], data["alpha"]
    projection = inputs @ arrays["w_in"].T + arrays["b_in"] + arrays["b_rec"]
    hidden = np.zeros_like(projection)
    state = np.zeros_like(projection[:, 0])
    for step in range(projection.shape[1]):
        state = state + alpha * (f(projection[:, step] + state @ arrays["w_rec"].T) - state)
        hidden[:, step] = state
    return hidden, hidden @ arrays["w_out"].T + arrays["b_out"]


def _arrays(data: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Weights and noise in their shapes, in double precision."""
    n = data["shape"]["units"]
    trials, stimulus = len(data["ground_truth"]), data["task"]["steps"]["stimulus"]
    texts = {**data["weights"], "noise": data["noise"]}
    arrays = {name: decode_floats(text).astype(float) for name, text in texts.items()}
    for name, shape in {**weight_shapes(n), "noise": (trials, stimulus, 2)}.items():
        if arrays[name].size != math.prod(shape):
            raise ValueError(f"{name} has {arrays[name].size} numbers, expected shape {shape}")
        arrays[name] = arrays[name].reshape(shape)
    return arrays


def _inputs(task: Mapping, noise: np.ndarray, truth: np.ndarray, coherence: float) -> np.ndarray:
    """Fixation and the two stimuli, ``[trial, step, 3]``, in single precision as in the page."""
    steps = task["steps"]
    inputs = np.zeros((len(truth), sum(steps.values()), 3), dtype="f4")
    inputs[:, : -steps["decision"], 0] = 1
    stimulus = slice(steps["fixation"], steps["fixation"] + steps["stimulus"])
    sign = np.where(truth[:, None] == np.arange(2), 1, -1)
    mean = task["baseline"] + sign * task["contrast_per_percent"] * coherence
    inputs[:, stimulus, 1:] = mean[:, None, :] + noise
    return inputs.astype(float)


def _first_view(data: Mapping[str, Any]) -> dict[str, float]:
    """Cut the module that adds most to choice 2 over choice 1 when stimulus 2 is stronger."""
    coherences = data["task"]["coherences"]
    middle = coherences[len(coherences) // 2]
    hidden, _ = simulate(data, middle)
    rate = hidden[np.asarray(data["ground_truth"]) == 1, -1].mean(0)
    w_out, labels = _arrays(data)["w_out"], np.asarray(data["modules"])
    favor = rate * (w_out[2] - w_out[1])
    sums = [favor[labels == k].sum() for k in range(len(data["module_names"]))]
    return {"module": int(np.argmax(sums)), "share": 1.0, "coherence": middle}


def _reference(data: Mapping[str, Any]) -> dict[str, Any]:
    """Python's numbers at the first view, and the limits of the mean choice outputs."""
    w_out, labels = _arrays(data)["w_out"], np.asarray(data["modules"])
    truth, start = np.asarray(data["ground_truth"]), data["start"]
    low, high, found = 0.0, 0.0, {}
    for coherence in data["task"]["coherences"]:
        hidden, intact = simulate(data, coherence)
        states = [(m, s) for m in range(len(data["module_names"])) for s in (0, 0.25, 0.5, 0.75, 1)]
        states += [(start["module"], start["share"])]
        for module, share in states:
            units = cut_units(w_out, labels, module, share)
            outputs = intact - hidden[..., units] @ w_out[:, units].T
            means = np.stack([outputs[truth == k].mean(0) for k in (0, 1)])
            low, high = min(low, means[..., 1:].min()), max(high, means[..., 1:].max())
        if coherence == start["coherence"]:  # the last state is the first view
            found = {"cut_units": units.tolist(), "accuracy": {}, "final": {}}
            for name, out in (("intact", intact), ("cut", outputs)):
                right = out[:, -1].argmax(-1) == truth + 1
                found["accuracy"][name] = [float(right[truth == k].mean()) for k in (0, 1)]
                found["final"][name] = [out[truth == k, -1].mean(0).tolist() for k in (0, 1)]
    room = 0.05 * (high - low)
    return {"range": [float(low - room), float(high + room)], "reference": found}
