"""The wiring box's data: networks along penalty and training in 8 bits, with their measures, as JSON."""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from .. import scale, sernn, store
from ..constraints import box, communicability, distances
from ..inference import each_case
from ..networks import Ensemble, run
from ..topology import modularity
from ..training import checkpoints, fit

FORMAT, VERSION = "fc-wiring-box", 1
STORY = 1  # raise when the arrays made of the same networks would be others
EPOCHS = (0, 1, 3, 5, 7, 9)  # that can be looked at; the last is the chapter's
LEVELS = 127
MEASURES = ("accuracy", "small_world", "q", "q_bare")  # of the full weights; q_bare without the diagonal
START = {"kind": 0, "strength": 0, "epoch": len(EPOCHS) - 1, "diagonal": True, "share": 2, "color": 0}
TURN = {"yaw": 25, "pitch": 20}  # degrees
ARRAYS = {"weights": np.int8, "labels": np.uint8, "preference": np.int8}


def pack_weights(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights in 8 bits whose steps grow with the weight, so that small ones keep their order.

    Parameters
    ----------
    w : ndarray, shape (..., unit, unit)

    Returns
    -------
    steps : ndarray of int8, shape (..., unit, unit)
        Root of the weight's share of the network's largest, in 127 steps, with its sign.
    largest : ndarray of float32, shape (...,)

    Examples
    --------
    >>> steps, largest = pack_weights(np.array([[1.0, -0.25], [0, 0.01]]))
    >>> steps.tolist(), unpack_weights(steps, largest).round(2).tolist()
    ([[127, -64], [0, 13]], [[1.0, -0.25], [0.0, 0.01]])
    """
    largest = np.abs(w).max(axis=(-1, -2)).astype(np.float32)
    share = np.abs(w) / np.where(largest > 0, largest, 1)[..., None, None]
    return (np.sign(w) * np.round(LEVELS * np.sqrt(np.minimum(share, 1)))).astype(np.int8), largest


def unpack_weights(steps: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """The weights as the page has them, in double precision."""
    roots = steps.astype(float) / LEVELS
    return roots * np.abs(roots) * np.asarray(largest, float)[..., None, None]


def wiring_story(size: scale.Scale | None = None) -> dict[str, np.ndarray]:
    """Networks of both kinds, evenly spaced in the strength of their penalty, along training.

    Read from the store or the book's artifacts; made from the populations' training where it is in
    neither. Eight strengths, four where a population has fewer than forty networks.

    Parameters
    ----------
    size : Scale, optional
        By default the present one.

    Returns
    -------
    dict of ndarray
        All start with kind (as in ``sernn.COMPARED``), strength and, but for ``strengths``, epoch
        (``EPOCHS``): ``weights`` (unit, unit) and ``largest``, see ``pack_weights``; ``labels``
        (2, unit), modules with the diagonal and without; ``preference`` (unit,), see
        ``preference``, in 127 steps; ``measures``, see ``MEASURES``; ``strengths``.
    """
    return store.get_or_make("wiring_story", story_spec(size), partial(_make, size))


def story_spec(size: scale.Scale | None = None) -> dict:
    """All that the story's entry in the store hangs on."""
    recipes = [sernn.recipe_of(kind, size) for kind in sernn.COMPARED]
    return {"version": STORY, "epochs": EPOCHS, "networks": [one.address(seeds) for one, seeds in recipes]}


def shown_networks(n: int) -> np.ndarray:
    """Which networks of a population are shown: evenly spaced, the first and the last among them."""
    return np.linspace(0, n - 1, 8 if n >= 40 else min(4, n)).round().astype(int)


def _make(size: scale.Scale | None) -> dict[str, np.ndarray]:
    parts = [_of_kind(kind, size) for kind in sernn.COMPARED]
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def _of_kind(kind: str, size: scale.Scale | None) -> dict[str, np.ndarray]:
    people = sernn.population(kind, size)
    which = shown_networks(len(people))
    by_step = checkpoints(fit(people.recipe, people.seeds))
    nets = [by_step[epoch * sernn.STEPS_PER_EPOCH][which.tolist()] for epoch in EPOCHS]
    w = np.stack([one.w_rec.numpy() for one in nets], axis=1)  # [network, epoch, to, from]
    found = [[[modularity(v, diagonal=keep) for keep in (True, False)] for v in row] for row in w]
    known = [people.measures[name][list(EPOCHS)][:, which].T for name in MEASURES[:3]]
    bare = [[pair[1][1] for pair in row] for row in found]
    steps, largest = pack_weights(w)
    liked = np.stack([preference(one, people.recipe.task) for one in nets], axis=1)
    return {
        "weights": steps,
        "largest": largest,
        "labels": np.array([[[labels for labels, _ in pair] for pair in row] for row in found], np.uint8),
        "preference": np.round(LEVELS * liked).astype(np.int8),
        "measures": np.stack([*known, bare], axis=-1).astype(np.float32),
        "strengths": people.strengths[which].astype(np.float32),
    }


def preference(ensemble: Ensemble, task: str = "one_choice") -> np.ndarray:
    """How much more of a unit's variance over cases goes with the goal than with the options.

    Of the activity while the options are shown, without noise: the variance between goals minus
    that between pairs of options, as shares of all.

    Returns
    -------
    ndarray, shape (network, unit)
        From -1 to 1; 0 for a unit that does not vary.
    """
    cases = each_case(task)
    activity = run(ensemble, cases.inputs).hidden[:, cases.periods["decision"]].mean(axis=1)
    total = activity.var(axis=1)
    shares = []
    for name in ("goal", "options"):
        _, group = np.unique(cases.conditions[name], return_inverse=True)
        means = np.stack([activity[:, group == g].mean(axis=1) for g in range(group.max() + 1)])
        between = means[group].var(axis=0)
        shares.append(np.divide(between, total, out=np.zeros_like(total), where=total > 1e-12))
    return np.clip(shares[0] - shares[1], -1, 1)


def wiring_payload(story: Mapping[str, np.ndarray], about: str = "") -> dict[str, Any]:
    """Gather what the wiring box needs, as a dict that is plain JSON.

    The first view is of the embedded network with the strongest penalty among those that solve the
    task (the strongest if none does); the unit that pays most is picked.

    Parameters
    ----------
    story : dict of ndarray
        What ``wiring_story`` returned.
    about : str
        Where the networks come from, in words.

    Returns
    -------
    dict
        ``format, version, about, epochs, start``; ``places[unit]`` in grid steps;
        ``strengths[kind][strength]``; ``largest[kind][strength][epoch]`` and
        ``measures[kind][strength][epoch]`` (null where one is not defined); ``weights``,
        ``labels`` and ``preference`` as base64 of the story's bytes.
    """
    steps = story["weights"]
    works = np.flatnonzero(story["measures"][0, :, -1, 0] > sernn.PASS)
    strength = int(works[-1]) if len(works) else steps.shape[1] - 1
    w = unpack_weights(steps[0, strength, -1], story["largest"][0, strength, -1])
    places = box(steps.shape[-1])
    paid = wiring_cost(w, places)
    start = START | TURN | {"strength": strength, "unit": int((paid.sum(0) + paid.sum(1)).argmax())}
    return {
        "format": FORMAT,
        "version": VERSION,
        "about": about,
        "epochs": list(EPOCHS),
        "start": start | {"x": float(places[start["unit"], 0])},
        "places": places.tolist(),
        "strengths": short_numbers(story["strengths"]),
        "largest": story["largest"].astype(float).tolist(),
        "measures": short_numbers(story["measures"]),
        **{name: base64.b64encode(story[name].tobytes()).decode("ascii") for name in ARRAYS},
    }


def wiring_cost(w: np.ndarray, places: np.ndarray) -> np.ndarray:
    """What each connection of a network costs, ``|w| D C``, shape (to, from)."""
    c = communicability(torch.from_numpy(np.asarray(w, float))[None])[0].numpy()
    return np.abs(w) * distances(places) * c


def check_wiring(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a wiring box payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with wiring_payload(story)")
    kinds, units, epochs = len(sernn.COMPARED), len(data["places"]), len(data["epochs"])
    strengths = np.shape(data["strengths"])[-1]
    networks = kinds * strengths * epochs
    expected = {"strengths": (kinds, strengths), "places": (units, 3)}
    expected |= {"largest": (kinds, strengths, epochs), "measures": (kinds, strengths, epochs, len(MEASURES))}
    for name, shape in expected.items():
        if np.shape(data[name]) != shape:
            raise ValueError(f"{name} has shape {np.shape(data[name])}; allowed: {shape}")
    sizes = {"weights": units * units, "labels": 2 * units, "preference": units}
    for name, each in sizes.items():
        if (found := len(base64.b64decode(data[name]))) != networks * each:
            raise ValueError(f"{name} has {found} bytes; allowed: {networks * each}")
    start = data["start"]
    if start["strength"] not in range(strengths) or start["unit"] not in range(units):
        raise ValueError(f"start is {start}; allowed: a strength and a unit that the payload has")
    return data


def short_numbers(values: np.ndarray) -> list:
    """Numbers to four digits, None for those that are not numbers."""
    if np.ndim(values):
        return [short_numbers(one) for one in values]
    return float(f"{values:.4g}") if np.isfinite(values) else None
