"""The module maker's data: random numbers for its networks, and q over each model's parameter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import projections, scale
from ..connectivity import functional_connectivity
from ..exchange import decode_floats, encode_floats
from ..modules import detect
from ..processes import map_local
from ..tasks import check_count

FORMAT, VERSION = "fc-module-maker", 1
UNITS, STEPS = 100, 1000  # units, and steps of noise behind each FC
NOISE = (0, 2, 4, 8)  # SD of each unit's private noise; weights are in units of theirs


@dataclass(frozen=True)
class Model:
    """A recipe for input weights with one parameter.

    Attributes
    ----------
    weights : callable
        ``weights(UNITS, value, seed)`` gives ``w_in[unit, input]``.
    parameter : str
        "inputs", "share" (of units with negative weights) or "difference".
    values : tuple
        Places of the parameter's slider.
    start : float
        Its first place.
    """

    weights: Callable[..., np.ndarray]
    parameter: str
    values: tuple[float, ...]
    start: float


_DIFFERENCES = tuple(k / 4 for k in range(17))
MODELS = {
    "gaussian": Model(projections.gaussian_weights, "inputs", tuple(range(2, 21)), 2),
    "sign": Model(projections.sign_weights, "share", tuple(k / 20 for k in range(21)), 0.5),
    "difference": Model(projections.difference_weights, "difference", _DIFFERENCES, 1.0),
    "sign_difference": Model(projections.sign_difference_weights, "difference", _DIFFERENCES, 1.0),
}
START = {"model": "sign_difference", "at": 1.0, "noise": 0, "draw": 0}


def maker_payload(draws: int = 6, curve_draws: int = 8) -> dict[str, Any]:
    """Gather what the module maker needs, as a dict that is plain JSON.

    Parameters
    ----------
    draws : int
        Networks of each model that the reader can leaf through; seeds 0, 1, ... of
        ``fcmod_utils.projections``, so that Python makes the very same weights.
    curve_draws : int
        Networks behind each point of the curves of q. A curve takes some 20 points for each of
        four models and levels of noise.

    Returns
    -------
    dict
        ``format, version, scale, units, steps, noise_levels, start``; ``draws``: for each, ``normal``
        (base64 float32, as many as the most inputs need, ``[unit, input]`` for any number of
        inputs), ``base`` (weight of each unit before a difference), ``favored`` (the input that
        gets the difference) and ``order`` (in which units turn negative); ``models``: for each,
        ``values, start, draws`` and ``curves``, one for each level of noise, with ``median, low,
        high`` of q at each value.

    Raises
    ------
    ValueError
        If a number of draws is not a positive integer.
    """
    check_count(draws, "draws")
    check_count(curve_draws, "curve_draws")
    points = [(name, at, noise) for name, model in MODELS.items() for noise in NOISE for at in model.values]
    q = dict(zip(points, map_local(_summary, points, draws=curve_draws), strict=True))

    def curve(name: str, noise: float) -> dict[str, list[float]]:
        columns = zip(*(q[name, at, noise] for at in MODELS[name].values), strict=True)
        return dict(zip(("median", "low", "high"), map(list, columns), strict=True))

    models = {
        name: {
            "values": list(model.values),
            "start": model.start,
            "draws": curve_draws,
            "curves": [curve(name, noise) for noise in NOISE],
        }
        for name, model in MODELS.items()
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "scale": scale.current().name,
        "units": UNITS,
        "steps": STEPS,
        "noise_levels": list(NOISE),
        "start": dict(START),
        "draws": [_numbers(seed) for seed in range(draws)],
        "models": models,
    }


def check_maker(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a module maker payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with maker_payload()")
    start, units, models = data["start"], data["units"], data["models"]
    if start["model"] not in models or start["at"] not in models[start["model"]]["values"]:
        raise ValueError(f"start is {start}; allowed: a model of {list(models)} and one of its values")
    if start["noise"] not in data["noise_levels"] or start["draw"] not in range(len(data["draws"])):
        raise ValueError(f"start is {start}; allowed: noise and draw that the payload has")
    most = max(models["gaussian"]["values"])
    for numbers in data["draws"]:
        drawn = [decode_floats(numbers[key]) for key in ("normal", "base")]
        sizes = [one.size for one in drawn] + [len(numbers[key]) for key in ("favored", "order")]
        if sizes != [units * most, units, units, units]:
            raise ValueError(f"a draw holds {sizes} numbers, expected {[units * most, units, units, units]}")
        if not all(np.isfinite(one).all() for one in drawn):
            raise ValueError("a draw holds NaN or infinite numbers; allowed: finite ones")
    return data


def maker_weights(model: str, at: float, draw: int = 0) -> np.ndarray:
    """Input weights ``[unit, input]`` of one of the module maker's networks.

    Parameters
    ----------
    model : str
        "gaussian", "sign", "difference" or "sign_difference".
    at : float
        Value of the model's parameter: number of inputs, share of negative units, or difference.
    draw : int
        Which network.

    Raises
    ------
    ValueError
        For an unknown model, or a parameter that the model refuses.
    """
    if model not in MODELS:
        raise ValueError(f"model is {model!r}; allowed: {', '.join(MODELS)}")
    return MODELS[model].weights(UNITS, at, draw)


def _summary(point: tuple[str, float, float], draws: int) -> list[float]:
    """Median, lowest and highest q over networks."""
    q = [_q(*point, seed) for seed in range(draws)]
    return [round(float(end(q)), 4) for end in (np.median, np.min, np.max)]


def _q(model: str, at: float, noise: float, seed: int) -> float:
    activity = projections.noise(maker_weights(model, at, seed), STEPS, seed, noise)[1]
    return detect(functional_connectivity(activity), runs=2)[1]


def _numbers(seed: int) -> dict[str, Any]:
    """Random numbers behind one network of each model, read off the networks themselves."""
    base, shifted = (projections.sign_difference_weights(UNITS, d, seed) for d in (0.0, 1.0))
    positive = [projections.sign_weights(UNITS, k / UNITS, seed)[:, 0] > 0 for k in range(1, UNITS + 1)]
    return {
        "normal": encode_floats(projections.gaussian_weights(UNITS, max(MODELS["gaussian"].values), seed)),
        "base": encode_floats(base[:, 0]),
        "favored": (shifted - base).argmax(axis=1).tolist(),
        "order": np.sum(positive, axis=0).tolist(),
    }
