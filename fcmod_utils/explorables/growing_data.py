"""The growing sheet's data: a network along training, others along their penalty, as JSON in few bytes."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .wiring_data import short_numbers

FORMAT, VERSION = "fc-growing-sheet", 1
LEVELS = 127  # of weights: a step is the root of a weight's share of the largest of all frames
STEPS = 200  # of task variance, normalized
NONE = -1  # no lesion, no neuron picked
TYPES = {"ends": np.uint16, "weights": np.int8, "cells": np.uint16, "labels": np.int8, "active": np.uint8}


def growing_payload(
    story: Mapping[str, np.ndarray], names: Sequence[str], sheet: Sequence[int], about: str = ""
) -> dict[str, Any]:
    """Gather what the growing sheet needs, as a dict that is plain JSON.

    The first view is of the trained network without the cluster of :func:`most_telling`.

    Parameters
    ----------
    story : dict of ndarray
        What ``growth.story`` returned.
    names : sequence of str
        Tasks.
    sheet : sequence of int
        Rows and columns of the sheet.
    about : str
        Where the networks come from, in words.

    Returns
    -------
    dict
        ``format, version, about, names, sheet, steps, strengths, links, start``; ``count[frame]``,
        ``length[frame]`` (null where there are no connections) and ``accuracy[frame][task]``;
        ``intact[task]``, ``cut[cluster][task]`` and ``chance[cluster][task]``; ``largest``, the weight of
        step 127; and as base64 of their bytes (``TYPES``) ``ends``, ``weights``, ``cells``, ``labels``,
        ``active``, and ``variance`` of the units that have a cluster, in 200 steps.
    """
    largest = float(np.abs(story["weights"]).max()) or 1.0
    share = np.abs(story["weights"]) / largest
    packed = {
        **{name: story[name] for name in TYPES},
        "weights": np.sign(story["weights"]) * np.round(LEVELS * np.sqrt(share)),
    }
    variance = np.round(STEPS * story["variance"][story["labels"] >= 0].astype(float)).astype(np.uint8)
    trained = len(story["steps"]) - 1
    start = {"kind": 0, "step": trained, "strength": len(story["strengths"]) // 2, "unit": NONE}
    return {
        "format": FORMAT,
        "version": VERSION,
        "about": about,
        "names": list(names),
        "sheet": [int(side) for side in sheet],
        "steps": story["steps"].tolist(),
        "strengths": short_numbers(story["strengths"]),
        "links": story["weights"].shape[1],
        "start": start | {"lesion": most_telling(story["cut"], story["chance"])},
        "largest": largest,
        **{name: short_numbers(story[name]) for name in ("length", "accuracy", "intact", "cut", "chance")},
        "count": story["count"].tolist(),
        **{name: _base64(packed[name].astype(kind)) for name, kind in TYPES.items()},
        "variance": _base64(variance),
    }


def most_telling(cut: np.ndarray, chance: np.ndarray) -> int:
    """The cluster whose cut tells tasks apart most: the spread over tasks of what is lost beyond chance.

    Parameters
    ----------
    cut, chance : ndarray, shape (cluster, task)
        Share of right answers without a cluster, and without as many random units.

    Examples
    --------
    >>> most_telling(np.array([[0.5, 0.5], [0, 1.0]]), np.array([[0.9, 0.9], [0.8, 0.8]]))
    1
    """
    return int((chance - cut).std(axis=1).argmax())


def unpack(data: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """A payload's arrays as in the story: the weights as the page has them, the rest as it was."""
    units, tasks = int(np.prod(data["sheet"])), len(data["names"])
    arrays = {name: np.frombuffer(base64.b64decode(data[name]), kind) for name, kind in TYPES.items()}
    shapes = {"ends": (-1, data["links"], 2), "weights": (-1, data["links"])}
    arrays = {name: array.reshape(shapes.get(name, (-1, units))) for name, array in arrays.items()}
    roots = arrays["weights"] / LEVELS
    arrays["weights"] = roots * np.abs(roots) * data["largest"]
    variance = np.zeros((*arrays["labels"].shape, tasks))
    packed = np.frombuffer(base64.b64decode(data["variance"]), np.uint8)
    variance[arrays["labels"] >= 0] = packed.reshape(-1, tasks) / STEPS
    return arrays | {"variance": variance}


def check_growing(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a growing sheet payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with growing_payload(story)")
    units, tasks, checkpoints = int(np.prod(data["sheet"])), len(data["names"]), len(data["steps"])
    looks = 1 + 2 * len(data["strengths"])
    frames = checkpoints + looks - 1
    expected = {name: (frames,) for name in ("count", "length")} | {"accuracy": (frames, tasks)}
    expected |= {"intact": (tasks,)} | dict.fromkeys(("cut", "chance"), (len(data["cut"]), tasks))
    for name, shape in expected.items():
        if np.shape(data[name]) != shape:
            raise ValueError(f"{name} has shape {np.shape(data[name])}; allowed: {shape}")
    sizes = {"ends": frames * data["links"] * 4, "weights": frames * data["links"]}
    sizes |= {"cells": checkpoints * units * 2, "labels": looks * units, "active": frames * units}
    bytes_of = {name: base64.b64decode(data[name]) for name in (*sizes, "variance")}
    labels = np.frombuffer(bytes_of["labels"], np.int8)
    sizes["variance"] = int((labels >= 0).sum()) * tasks
    for name, size in sizes.items():
        if len(bytes_of[name]) != size:
            raise ValueError(f"{name} has {len(bytes_of[name])} bytes; allowed: {size}")
    if (clusters := 1 + int(labels[:units].max())) != len(data["cut"]):
        raise ValueError(f"cut has {len(data['cut'])} clusters; allowed: as many as labels, {clusters}")
    return data


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
