"""One network as one JSON file, which the Lab in the page and Python both write and read.

The file holds the weights (base64 of little-endian float32, so that nothing is rounded), what the
network computes with them, and the setup it was trained by. No code is stored, and none is run.
"""

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import ArrayLike

from .networks import PARAMETERS, Ensemble, check_dynamics, check_one
from .recipes import Recipe, check_seeds
from .tasks import COHERENCES, TASKS, check_count

FORMAT, VERSION = "fcmod-network", 1
MOST_UNITS = 1000
PENALTIES_OF_THE_LAB = {"none": "none", "l1": "l1", "sheet": "distance"}  # by their names in Python
_STRENGTHS = ("penalty_to", "penalty_networks")
SETUP = (  # what the Lab trains by; a recipe's other parts have no place in it
    "task", "units", "nonlinearity", "tau_ms", "dt_ms", "steps", "batch", "window", "learning_rate",
    "noise", "penalty", "penalty_strength",
)  # fmt: skip


@dataclass(frozen=True)
class NetworkFile:
    """A network that was read from a file.

    Attributes
    ----------
    ensemble : Ensemble
        Of this one network, in single precision.
    task : str
        A key of ``tasks.TASKS``.
    dt_ms : float
    name : str
        What its owner calls it.
    setup : dict or None
        What it was trained by, in the words of ``recipes.Recipe`` and with ``coherences`` and
        ``seed``, as far as the file says; the Lab's distance penalty is our ``sheet``. The Lab draws
        other random numbers than Python, so the same seed is another network.
    step : int or None
        Training steps taken.
    made_by : str
    """

    ensemble: Ensemble
    task: str
    dt_ms: float
    name: str = ""
    setup: dict[str, Any] | None = None
    step: int | None = None
    made_by: str = ""


def save_network(path: str | Path, ensemble: Ensemble, recipe: Recipe, seed: int = 0, name: str = "") -> Path:
    """Write one network for the Lab, whose "Load a network" reads it.

    Parameters
    ----------
    path : str or Path
    ensemble : Ensemble
        One network, e.g. ``trained.ensemble[3]``.
    recipe : Recipe
        What it was trained by.
    seed : int
        Its seed.
    name : str
        What the Lab calls it.

    Raises
    ------
    ValueError
        For more than one network, weights that are not finite, or a network that the recipe does
        not make.
    """
    path = Path(path)
    path.write_text(json.dumps(pack_network(ensemble, recipe, seed, name), allow_nan=False) + "\n", "utf-8")
    return path


def load_network(path: str | Path) -> NetworkFile:
    """Read a network that the Lab or :func:`save_network` has written.

    Raises
    ------
    ValueError
        Saying what in the file was wrong and what is allowed.
    OSError
        If there is no such file, or it cannot be read.
    """
    try:
        data = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:  # of the encoding or the JSON
        raise ValueError(f"{path} is not a network file: it is not JSON ({error})") from error
    return unpack_network(data)


def pack_network(ensemble: Ensemble, recipe: Recipe, seed: int = 0, name: str = "") -> dict[str, Any]:
    """The content of a network file, with the parameters and errors of :func:`save_network`."""
    recipe.check()
    check_seeds([seed])
    check_one(ensemble)
    task = TASKS[recipe.task]
    shape = {"inputs": len(task.inputs), "units": recipe.units, "outputs": len(task.outputs)}
    arrays = {k: w[0].detach().numpy() for k, w in ensemble.parameters().items()}
    given = {k: array.shape for k, array in arrays.items()}
    if given != (expected := _shapes(shape)):
        raise ValueError(f"weights have shapes {given}; allowed with this recipe: {expected}")
    dynamics = ensemble.alpha, ensemble.nonlinearity
    if dynamics != (expected := (recipe.dt_ms / recipe.tau_ms, recipe.nonlinearity)):
        raise ValueError(f"alpha and nonlinearity are {dynamics}; allowed with this recipe: {expected}")
    for key, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{key} holds NaN or infinite values; allowed: finite numbers")
    return {
        "format": FORMAT, "version": VERSION, "made_by": "fcmod_utils", "name": name,
        "task": recipe.task, "dt_ms": recipe.dt_ms, "alpha": ensemble.alpha,
        "nonlinearity": ensemble.nonlinearity, "shape": shape,
        "weights": {key: encode_floats(array) for key, array in arrays.items()},
        "setup": _setup(recipe, seed), "step": recipe.steps,
    }  # fmt: skip


def _setup(recipe: Recipe, seed: int) -> dict[str, Any] | None:
    """The recipe as the Lab's setup, or None if the Lab cannot train by it."""
    parts = {k: v for k, v in asdict(recipe).items() if k in SETUP}
    kept = {k: getattr(recipe, k) for k in ("checkpoint_every", *_STRENGTHS)}
    if recipe.penalty not in PENALTIES_OF_THE_LAB or Recipe(**parts, **kept) != recipe:
        return None
    parts["penalty"] = PENALTIES_OF_THE_LAB[recipe.penalty]
    parts["penalty_strength"] = float(recipe.strengths([seed])[0])
    return parts | {"coherences": list(COHERENCES), "seed": int(seed)}


def unpack_network(data: Mapping[str, Any]) -> NetworkFile:
    """The network of a network file's content.

    Raises
    ------
    ValueError
        Saying what was wrong and what is allowed.
    """
    if not isinstance(data, Mapping):
        _fail("content", data, "an object")
    for name, allowed in {"format": (FORMAT,), "version": (VERSION,), "task": tuple(TASKS)}.items():
        if data.get(name) not in allowed:
            _fail(name, data.get(name), ", ".join(map(str, allowed)))
    for name in ("alpha", "dt_ms"):
        value = data.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
            _fail(name, value, "a number above 0")
    if not isinstance(data.get("nonlinearity"), str):
        _fail("nonlinearity", data.get("nonlinearity"), "a word")
    check_dynamics(data["alpha"], data["nonlinearity"])
    weights = _weights(data)
    ensemble = Ensemble(**weights, alpha=float(data["alpha"]), nonlinearity=data["nonlinearity"])
    setup, step = data.get("setup"), data.get("step")
    if setup is not None and not isinstance(setup, dict):
        _fail("setup", setup, "an object or null")
    if step is not None and (isinstance(step, bool) or not isinstance(step, int) or step < 0):
        _fail("step", step, "a whole number of at least 0 or null")
    if setup is not None:
        names = {lab: ours for ours, lab in PENALTIES_OF_THE_LAB.items()}
        penalty = setup.get("penalty")
        setup = setup | {"penalty": names.get(penalty, penalty) if isinstance(penalty, str) else "none"}
    words = {name: str(data.get(name) or "") for name in ("name", "made_by")}
    return NetworkFile(ensemble, data["task"], float(data["dt_ms"]), setup=setup, step=step, **words)


def encode_floats(values: ArrayLike) -> str:
    """Little-endian float32 numbers as base64 text, last axis fastest."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def decode_floats(text: str) -> np.ndarray:
    """Flat float32 array of a base64 text."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4")
    except ValueError as error:
        raise ValueError(f"not float32 numbers in base64: {text[:20]!r}...") from error


def _shapes(shape: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    inputs, units, outputs = (shape[k] for k in ("inputs", "units", "outputs"))
    sizes = (units, inputs), (units,), (units, units), (units,), (outputs, units), (outputs,)
    return dict(zip(PARAMETERS, sizes, strict=True))


def _weights(data: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    task, shape, texts = TASKS[data["task"]], data.get("shape"), data.get("weights")
    if not isinstance(shape, dict) or not isinstance(texts, dict):
        _fail("shape" if not isinstance(shape, dict) else "weights", None, "an object")
    for name, names in (("inputs", task.inputs), ("outputs", task.outputs)):
        if shape.get(name) != len(names):
            _fail(f"shape.{name}", shape.get(name), f"{len(names)} for {data['task']}")
    check_count(shape.get("units"), "shape.units")
    if shape["units"] > MOST_UNITS:
        _fail("shape.units", shape["units"], f"up to {MOST_UNITS}")
    weights = {}
    for name, size in _shapes(shape).items():
        if not isinstance(texts.get(name), str):
            _fail(f"weights.{name}", texts.get(name), "float32 numbers in base64")
        numbers = decode_floats(texts[name])
        if numbers.size != math.prod(size):
            raise ValueError(f"weights.{name} holds {numbers.size} numbers; allowed: {math.prod(size)}")
        if not np.isfinite(numbers).all():
            raise ValueError(f"weights.{name} holds NaN or infinite values; allowed: finite numbers")
        weights[name] = torch.from_numpy(numbers.astype(np.float32).reshape(1, *size))
    return weights


def _fail(name: str, value: Any, allowed: str) -> NoReturn:
    raise ValueError(f"{name} of the network file is {str(value)[:60]!r}; allowed: {allowed}")
