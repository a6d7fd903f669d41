"""What a lesion lab payload must be: each check names the value and what is expected."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

STEPS = {"fixation": 1, "stimulus": 20, "delay": 0, "decision": 1}
NONLINEARITIES = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "softplus": lambda x: np.logaddexp(x, 0),
}


def weight_shapes(units: int) -> dict[str, tuple[int, ...]]:
    """Shape of each parameter of a network with 3 inputs and 3 outputs."""
    n = units
    inner = {"w_in": (n, 3), "b_in": (n,), "w_rec": (n, n), "b_rec": (n,)}
    return {**inner, "w_out": (3, n), "b_out": (3,)}


def check_network(weights: Mapping[str, np.ndarray], alpha: float, nonlinearity: str) -> None:
    """Check shapes, finite weights, alpha and nonlinearity."""
    for name, shape in weight_shapes(weights["b_in"].size).items():
        if weights[name].shape != shape:
            raise ValueError(f"{name} has shape {weights[name].shape}, expected {shape}")
        if not np.isfinite(weights[name]).all():
            raise ValueError(f"{name} has numbers that are not finite")
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}, expected more than 0 and at most 1")
    if nonlinearity not in NONLINEARITIES:
        allowed = ", ".join(NONLINEARITIES)
        raise ValueError(f"nonlinearity is {nonlinearity!r}, expected one of {allowed}")


def check_modules(labels: np.ndarray, names: Sequence[str], units: int) -> None:
    """Check for one label a unit, no gap in them, and a name for each module."""
    if labels.shape != (units,) or labels.dtype.kind not in "iu":
        got = f"shape {labels.shape}, type {labels.dtype}"
        raise ValueError(f"modules has {got}, expected {units} integers")
    found = sorted(set(labels.tolist()) - {-1})
    if not found or found != list(range(len(found))):
        raise ValueError(f"modules has labels {found}, expected 0, 1, ... (-1: silent)")
    if len(names) != len(found):
        raise ValueError(f"module_names has {len(names)} names for {len(found)} modules")


def check_trials(task: Mapping[str, Any], noise: np.ndarray, truth: np.ndarray) -> None:
    """Check that steps, coherences, noise and trial types belong together."""
    steps, coherences = task["steps"], task["coherences"]
    if set(steps) != set(STEPS) or any(not isinstance(n, int) or n < 0 for n in steps.values()):
        raise ValueError(f"steps is {steps}, expected counts of {list(STEPS)}")
    if min(steps["stimulus"], steps["decision"]) < 1:
        raise ValueError(f"steps is {steps}, expected at least one stimulus and one decision step")
    expected = (len(truth), steps["stimulus"], 2)
    if noise.shape != expected:
        raise ValueError(f"noise has shape {noise.shape}, expected {expected}")
    if not np.isfinite(noise).all():
        raise ValueError("noise has numbers that are not finite")
    if truth.ndim != 1 or not np.isin(truth, (0, 1)).all() or not 2 * truth.sum() == truth.size > 0:
        raise ValueError("ground_truth must be 0 or 1 for each trial, as many 0 as 1")
    increasing = len(coherences) > 0 and list(coherences) == sorted(set(coherences))
    if not increasing or not 0 <= coherences[0] <= coherences[-1] <= 100:
        raise ValueError(f"coherences is {coherences}, expected increasing percentages")


def check_start(start: Mapping[str, float], data: Mapping[str, Any]) -> None:
    """Check that the controls can show the first view."""
    if set(start) != {"module", "share", "coherence"}:
        raise ValueError(f"start has {sorted(start)}, expected module, share and coherence")
    count, coherences = len(data["module_names"]), data["task"]["coherences"]
    if start["module"] not in range(count):
        raise ValueError(f"start's module is {start['module']}, expected 0 to {count - 1}")
    if not 0 <= start["share"] <= 1:
        raise ValueError(f"start's share is {start['share']}, expected 0 to 1")
    if start["coherence"] not in coherences:
        raise ValueError(f"start's coherence is {start['coherence']}, expected one of {coherences}")
