"""The phase portrait's data: trained networks, their planes and their modules, as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import scale
from ..activity import rows
from ..exchange import decode_floats, encode_floats
from ..flow import Plane, arrows, boundary, lesion_distances
from ..networks import Ensemble, check_dynamics, check_one, run
from ..tasks import Trials, get
from .lesion_checks import check_modules

FORMAT, VERSION = "fc-phase-portrait", 1


@dataclass(frozen=True)
class View:
    """What the page offers for a task: limits of its inputs, their values at rest, two pushes."""

    title: str
    limits: tuple[float, ...]
    rest: tuple[float, ...]
    pushes: dict[str, tuple[float, ...]]
    pair: tuple[int, int]
    hint: str


VIEWS = {
    "perceptual_decision_making": View(
        "Decision-making",
        limits=(1.0, 4.0, 4.0),
        rest=(1.0, 0.5, 0.5),
        pushes={"Push 1": (1.0, 4.0, 0.0), "Push 2": (1.0, 0.0, 4.0)},
        pair=(1, 2),
        hint="Push with stimulus 1 (its input at 4), then with 2: the state slides to either side of the "
        "decision boundary. Then lesion a module and push again.",
    ),
    "go_nogo": View(
        "Go/no-go",
        limits=(1.0, 2.0, 2.0),
        rest=(1.0, 0.0, 0.0),
        pushes={"No-go cue": (1.0, 1.0, 0.0), "Go cue": (1.0, 0.0, 1.0)},
        pair=(0, 1),
        hint="Drop states anywhere in the plane: do they come to rest, and where? Show a cue, or take a "
        "unit with a tall bar out, and see the flow bend.",
    ),
}


def portrait_network(
    task: str,
    network: Ensemble,
    labels: ArrayLike,
    plane: Plane,
    points: ArrayLike,
    trials: Trials,
    *,
    seed: int | None = None,
    module_names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Gather one network's part of the phase portrait, as a dict that is plain JSON.

    Parameters
    ----------
    task : {"perceptual_decision_making", "go_nogo"}
    network : Ensemble
        One network, e.g. ``ensemble[k]``, of that task.
    labels : array of int, shape (unit,)
        0-based module of each unit, -1 for silent units.
    plane : Plane
        Where the portrait is drawn, from ``flow.principal_plane``.
    points : array, shape (n * n, 2)
        The grid in that plane, from ``flow.grid``.
    trials : Trials
        Trials of the task; the mean path of each ground truth is drawn behind the flow.
    seed : int, optional
        Which network this is.
    module_names : sequence of str, optional
        What the page calls the modules; "1", "2", ... by default.

    Returns
    -------
    dict
        ``task, title, hint, seed, alpha, nonlinearity``; ``shape {inputs, units, outputs}``;
        ``weights`` (name to base64 float32, axes as in Ensemble, less the first); ``modules,
        module_names``; ``inputs`` (``{name, high, rest}`` each, from 0), ``outputs`` (names),
        ``compare`` (the two outputs that are equal on the boundary), ``pushes`` (``{name,
        inputs}``), ``plane {origin, axes, low, high, count, share}``, ``paths`` ([ground truth]
        [step][2]), ``dt_ms``; ``reference``: Python's own numbers at rest, which the page must
        reproduce.

    Raises
    ------
    ValueError
        For an unknown task, more than one network, or labels, a plane, a grid or trials that do
        not belong to the network.
    """
    view = _check_network(task, network, trials)
    labels, count = np.asarray(labels), int(np.max(labels, initial=-1)) + 1
    names = [str(k + 1) for k in range(count)] if module_names is None else list(module_names)
    check_modules(labels, names, units=network.w_rec.shape[1])
    side = _check_grid(plane, np.asarray(points), units=labels.size)
    # as in the page: numbers of single precision, run in double precision
    plane = Plane(*(np.float32(part).astype(float) for part in (plane.origin, plane.axes, plane.share)))
    network = network.with_parameters(**{k: w.float().double() for k, w in network.parameters().items()})
    return {
        "task": task,
        "title": view.title,
        "hint": view.hint,
        "seed": seed,
        "alpha": float(network.alpha),
        "nonlinearity": network.nonlinearity,
        "shape": {"inputs": 3, "units": labels.size, "outputs": len(get(task).outputs)},
        "weights": {name: encode_floats(w[0].numpy()) for name, w in network.parameters().items()},
        "modules": labels.tolist(),
        "module_names": names,
        "inputs": [
            {"name": name, "high": high, "rest": rest}
            for name, high, rest in zip(get(task).inputs, view.limits, view.rest, strict=True)
        ],
        "outputs": list(get(task).outputs),
        "compare": list(view.pair),
        "pushes": [{"name": name, "inputs": list(inputs)} for name, inputs in view.pushes.items()],
        "plane": {
            "origin": encode_floats(plane.origin),
            "axes": encode_floats(plane.axes),
            "low": np.min(points, axis=0).tolist(),
            "high": np.max(points, axis=0).tolist(),
            "count": side,
            "share": plane.share.round(4).tolist(),
        },
        "paths": _paths(network, plane, trials),
        "dt_ms": trials.dt_ms,
        "reference": _reference(network, plane, np.asarray(points), view, trials),
    }


def portrait_payload(
    networks: Sequence[Mapping[str, Any]], start: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Join networks, each from ``portrait_network``, into the phase portrait's payload.

    Parameters
    ----------
    networks : sequence of dict
    start : dict, optional
        First view: ``{"network": 0-based, "inputs": [...], "lesion": {"kind": "none" | "module" |
        "unit", "index": 0-based}, "from": [a, b] in the plane or None for the state 0}``; by
        default the first network, intact, at rest, from 0.

    Raises
    ------
    ValueError
        If there is no network, or the controls cannot show the start.
    """
    at_rest = {"network": 0, "lesion": {"kind": "none", "index": 0}, "from": None}
    if networks:
        first = (start or {}).get("network", 0)
        at_rest["inputs"] = [
            one["rest"] for one in networks[first if first in range(len(networks)) else 0]["inputs"]
        ]
    return dict(
        check_portrait(
            {
                "format": FORMAT,
                "version": VERSION,
                "scale": scale.current().name,
                "networks": [dict(one) for one in networks],
                "start": {**at_rest, **(start or {})},
            }
        )
    )


def check_portrait(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a phase portrait's payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with portrait_payload(...)")
    if not data["networks"]:
        raise ValueError("no networks; allowed: one or more, from portrait_network(...)")
    for one in data["networks"]:
        _check_sizes(one)
        check_modules(np.asarray(one["modules"]), one["module_names"], one["shape"]["units"])
    _check_start(data["start"], data["networks"])
    return data


def _check_network(task: str, network: Ensemble, trials: Trials) -> View:
    if task not in VIEWS:
        raise ValueError(f"task is {task!r}; allowed: {', '.join(VIEWS)}")
    check_one(network)
    sizes, wanted = (network.w_in.shape[2], network.w_out.shape[1]), (3, len(get(task).outputs))
    if sizes != wanted:
        raise ValueError(f"network has {sizes} inputs and outputs; allowed for {task}: {wanted}")
    if trials.inputs.shape[2] != 3 or set(np.unique(trials.conditions["ground_truth"])) != {0, 1}:
        raise ValueError(f"trials do not show both ground truths; allowed: both, of {task}")
    check_dynamics(network.alpha, network.nonlinearity)
    return VIEWS[task]


def _check_grid(plane: Plane, points: np.ndarray, units: int) -> int:
    if plane.origin.shape != (units,) or plane.axes.shape != (2, units):
        raise ValueError(f"plane has axes of shape {plane.axes.shape}; allowed: (2, {units})")
    side = round(np.sqrt(len(points)))
    if side < 2 or points.shape != (side * side, 2) or not np.isfinite(points).all():
        raise ValueError(
            f"points have shape {points.shape}; allowed: a square grid, (n * n, 2), n at least 2"
        )
    return side


def _check_sizes(one: Mapping[str, Any]) -> None:
    n, inputs, outputs = (one["shape"][key] for key in ("units", "inputs", "outputs"))
    expected = {
        "w_in": n * inputs, "b_in": n, "w_rec": n * n, "b_rec": n, "w_out": outputs * n, "b_out": outputs,
        "origin": n, "axes": 2 * n,
    }  # fmt: skip
    texts = {**one["weights"], **{name: one["plane"][name] for name in ("origin", "axes")}}
    for name, size in expected.items():
        numbers = decode_floats(texts[name])
        if numbers.size != size or not np.isfinite(numbers).all():
            raise ValueError(f"{name} has {numbers.size} numbers, expected {size}, all finite")


def _check_start(start: Mapping[str, Any], networks: Sequence[Mapping[str, Any]]) -> None:
    if set(start) != {"network", "inputs", "lesion", "from"}:
        raise ValueError(f"start has {sorted(start)}; allowed: network, inputs, lesion and from")
    if start["network"] not in range(len(networks)):
        raise ValueError(f"start's network is {start['network']}; allowed: 0 to {len(networks) - 1}")
    one = networks[start["network"]]
    highs = [each["high"] for each in one["inputs"]]
    fits = len(start["inputs"]) == 3 and all(
        0 <= x <= high for x, high in zip(start["inputs"], highs, strict=True)
    )
    if not fits:
        raise ValueError(f"start's inputs are {start['inputs']}; allowed: 0 to {highs}")
    kinds = {"none": 1, "module": len(one["module_names"]), "unit": one["shape"]["units"]}
    kind, index = (start["lesion"].get(key) for key in ("kind", "index"))
    if kind not in kinds or index not in range(kinds[kind]):
        raise ValueError(f"start's lesion is {dict(start['lesion'])}; allowed: kind and index below {kinds}")
    if start["from"] is not None and (len(start["from"]) != 2 or not np.isfinite(start["from"]).all()):
        raise ValueError(f"start's from is {start['from']}; allowed: None, or two numbers")


def _paths(network: Ensemble, plane: Plane, trials: Trials) -> list[list[list[float]]]:
    """Mean path of each ground truth in the plane."""
    hidden = run(network, trials.inputs)[0].hidden
    truth = trials.conditions["ground_truth"]
    return [plane.project(hidden[:, truth == k].mean(1)).round(4).tolist() for k in (0, 1)]


def _reference(network, plane, points, view, trials) -> dict[str, Any]:
    """Python's numbers at rest: flow, boundary, the lesion of unit 0 and 20 steps from the state 0."""
    rest = list(view.rest)
    normal, offset = boundary(network, plane, view.pair)
    held = np.tile(np.array(rest), (20, 1, 1))
    distances = lesion_distances(network, plane.lift(points), rest, units=[0])[0]
    return {
        "flow": float(np.linalg.norm(arrows(network, plane, points, rest), axis=1).mean()),
        "boundary": [offset, *normal.tolist()],
        "distance": float(distances.mean()),
        "largest": float(distances.max()),
        "path": plane.project(rows(run(network, held).hidden)[0]).tolist(),
    }
