"""What a lesion lab can show: each check names the value and what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..networks import Ensemble, check_dynamics, check_one
from ..tasks import Trials, get


def check_network(network: Ensemble) -> None:
    """Check for one network with the task's inputs and outputs."""
    check_one(network)
    task = get("perceptual_decision_making")
    sizes = network.w_in.shape[2], network.w_out.shape[1]
    if sizes != (len(task.inputs), len(task.outputs)):
        raise ValueError(f"network has {sizes} inputs and outputs; allowed: 3 and 3")
    check_dynamics(network.alpha, network.nonlinearity)


def check_trials(trials: Trials) -> None:
    """Check for trials of the perceptual task, as many of one ground truth as of the other."""
    if "coherence" not in trials.conditions or trials.inputs.shape[2] != 3:
        raise ValueError(
            f"trials have conditions {list(trials.conditions)}; allowed: trials of perceptual_decision_making"
        )
    counts = [int((trials.conditions["ground_truth"] == k).sum()) for k in (0, 1)]
    if counts[0] != counts[1]:
        raise ValueError(
            f"{counts[0]} trials of ground_truth 0, {counts[1]} of 1; allowed: as many 0 as 1, e.g. "
            "sample_trials(..., ground_truth=np.arange(80) % 2)"
        )


def check_modules(labels: np.ndarray, names: Sequence[str], units: int) -> None:
    """Check for one label a unit, no gap in them, and a name for each module."""
    if labels.shape != (units,) or labels.dtype.kind not in "iu":
        raise ValueError(f"labels have shape {labels.shape}, type {labels.dtype}; allowed: {units} integers")
    found = sorted(set(labels.tolist()) - {-1})
    if not found or found != list(range(len(found))):
        raise ValueError(f"labels are {found}; allowed: 0, 1, ... (-1: silent)")
    if len(names) != len(found):
        raise ValueError(f"module_names has {len(names)} names for {len(found)} modules")


def check_start(start: Mapping[str, float], names: Sequence[str], coherences: Sequence[float]) -> None:
    """Check that the controls can show the first view."""
    if set(start) != {"module", "share", "coherence"}:
        raise ValueError(f"start has {sorted(start)}; allowed: module, share and coherence")
    if start["module"] not in range(len(names)):
        raise ValueError(f"start's module is {start['module']}; allowed: 0 to {len(names) - 1}")
    if not 0 <= start["share"] <= 1:
        raise ValueError(f"start's share is {start['share']}; allowed: 0 to 1")
    if start["coherence"] not in coherences:
        raise ValueError(f"start's coherence is {start['coherence']}; allowed: {list(coherences)}")


def check_sizes(sizes: Mapping[str, int], data: Mapping[str, Any]) -> None:
    """Check how many numbers each array of a payload holds."""
    n, inputs, outputs = (data["shape"][key] for key in ("units", "inputs", "outputs"))
    expected = {
        "w_in": n * inputs, "b_in": n, "w_rec": n * n, "b_rec": n, "w_out": outputs * n, "b_out": outputs,
        "noise": len(data["ground_truth"]) * data["task"]["steps"]["stimulus"] * 2,
    }  # fmt: skip
    for name, size in expected.items():
        if sizes.get(name) != size:
            raise ValueError(f"{name} has {sizes.get(name)} numbers, expected {size}")
