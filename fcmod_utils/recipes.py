"""Recipes: everything that decides the weights of a trained network, but its seed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from numbers import Integral, Real

import numpy as np
import torch

from .constraints import PENALTIES
from .networks import INITIALIZATIONS, Ensemble, check_dynamics, initialize
from .sheets import positions
from .tasks import check_count, check_dt, get

RECIPE = 1  # raise when the same configuration and seed would give other weights
# Parts that are off leave no trace in a recipe's address: a new part does not retrain old networks.
OFF = {
    "noise": 0.0, "penalty": "none", "penalty_strength": 0.0, "penalty_to": 0.0, "penalty_networks": 0,
    "template": None, "template_output": False, "initialization": "uniform", "adam_epsilon": 1e-8,
    "clip": 0.0, "sheet": None, "locality": 0.0, "swap_every": 0, "autapses": False,
}  # fmt: skip
_POSITIVE = "learning_rate", "adam_epsilon"
_SIZES = "noise", "clip", "locality", "penalty_strength", "penalty_to"  # 0 is off


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights of a trained network, but its seed.

    The defaults are those inferred from the public code of the paper's first author: the paper
    itself does not print them (see the digest of settings in the Function chapter).

    Attributes
    ----------
    task : str
    units : int
    nonlinearity : {"relu", "tanh", "softplus"}
    tau_ms, dt_ms : float
        alpha = dt / tau.
    steps, batch, window : int
        Training steps, trials' streams per step, time steps of each stream.
    learning_rate : float
        Of Adam.
    noise : float
        Standard deviation of the noise added to the drive of each unit at each time step.
    penalty : {"none", "l1", "sernn", ..., "wiring"}
        What is asked of the weights besides the task, see :mod:`fcmod_utils.constraints` and
        :func:`fcmod_utils.sheets.wiring_cost`.
    penalty_strength : float
    penalty_to : float
    penalty_networks : int
        With these, each network has a strength of its own: they run evenly from
        ``penalty_strength``, for seed 0, to ``penalty_to``, for seed ``penalty_networks - 1``.
    template : int, optional
        All networks start with the input weights and biases that the network of this seed has.
    template_output : bool
        They start with these weights, transposed, as the read-out, too.
    initialization : {"uniform", "orthogonal"}
        See :func:`fcmod_utils.networks.initialize`.
    adam_epsilon : float
        Of Adam.
    clip : float
        Largest norm of a network's gradient, over all its parameters (0: any).
    sheet : tuple of int, optional
        Cells of the sheet or line on which the units sit, see :mod:`fcmod_utils.sheets`. Networks come
        with their units in the order of the cells.
    locality : float
        How much more a connection of length 1 costs than one of length 0, with the penalty "wiring".
    swap_every : int
        Let units change places every so many steps (0: never).
    autapses : bool
        Each unit is connected with itself only. These weights start as those of a layer with one input.
    checkpoint_every : int
        Keep the weights every so many steps (0: only the last). It decides what is kept, not
        what the weights are.
    """

    task: str
    units: int = 100
    nonlinearity: str = "relu"
    tau_ms: float = 100.0
    dt_ms: float = 100.0
    steps: int = 1000
    batch: int = 16
    window: int = 100
    learning_rate: float = 1e-3
    noise: float = 0.0
    penalty: str = "none"
    penalty_strength: float = 0.0
    penalty_to: float = 0.0
    penalty_networks: int = 0
    template: int | None = None
    template_output: bool = False
    initialization: str = "uniform"
    adam_epsilon: float = 1e-8
    clip: float = 0.0
    sheet: tuple[int, ...] | None = None
    locality: float = 0.0
    swap_every: int = 0
    autapses: bool = False
    checkpoint_every: int = 0

    def __post_init__(self) -> None:
        """Equal recipes are one entry in the store: 100 and 100.0 and numpy's 100 are one number."""
        kinds = {int: (Integral, int), float: (Real, float), int | None: (Integral, int)}
        for field in fields(self):
            value, (kind, plain) = getattr(self, field.name), kinds.get(field.type, ((), None))
            if isinstance(value, kind) and not isinstance(value, bool):
                object.__setattr__(self, field.name, plain(value))
        if isinstance(self.sheet, list | tuple | np.ndarray):
            sides = (int(n) if isinstance(n, Integral) and not isinstance(n, bool) else n for n in self.sheet)
            object.__setattr__(self, "sheet", tuple(sides))

    def check(self) -> None:
        """Raise ValueError, naming the value and what is allowed, before any work starts."""
        for name in ("tau_ms", "dt_ms", *_POSITIVE, *_SIZES):
            if not isinstance(value := getattr(self, name), float):
                raise ValueError(f"{name} is {value!r}; allowed: a number")
        check_dt(get(self.task), self.dt_ms)
        for name in ("units", "steps", "batch", "window"):
            check_count(getattr(self, name), name)
        if self.dt_ms > self.tau_ms:
            raise ValueError(f"dt_ms is {self.dt_ms:g} with tau_ms {self.tau_ms:g}; allowed: dt_ms <= tau_ms")
        check_dynamics(self.dt_ms / self.tau_ms, self.nonlinearity)
        for name in _POSITIVE:
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name):g}; allowed: above 0, finite")
        if (task := get(self.task)).answers_last and self.window != task.n_steps(self.dt_ms):
            raise ValueError(
                f"window is {self.window}; allowed for {self.task}, which is answered at the last step: "
                f"{task.n_steps(self.dt_ms)}, one trial"
            )
        if self.initialization not in INITIALIZATIONS:
            raise ValueError(f"unknown initialization {self.initialization!r}; allowed: {INITIALIZATIONS}")
        self._check_parts()
        self._check_sheet()

    def _check_parts(self) -> None:
        for name in _SIZES:
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name):g}; allowed: at least 0, finite")
        if self.penalty not in (known := ("none", *PENALTIES, "wiring")):
            raise ValueError(f"unknown penalty {self.penalty!r}; allowed: {', '.join(known)}")
        if (self.penalty == "none") != (self.penalty_strength == 0):
            raise ValueError(
                f"penalty is {self.penalty!r} with penalty_strength {self.penalty_strength:g}; "
                "allowed: a penalty with a strength above 0, or neither"
            )
        if self.penalty_networks != 0:
            check_count(self.penalty_networks, "penalty_networks")
        if (self.penalty_networks != 0) != (self.penalty_to != 0) or (
            self.penalty_to and self.penalty == "none"
        ):
            raise ValueError(
                f"penalty_to is {self.penalty_to:g} with penalty_networks {self.penalty_networks} and "
                f"penalty {self.penalty!r}; allowed: all of them, or no penalty_to and no penalty_networks"
            )
        if self.checkpoint_every != 0:
            check_count(self.checkpoint_every, "checkpoint_every")
        if self.template is not None:
            check_seeds([self.template])
        sizes = [len(get(self.task).inputs), len(get(self.task).outputs)]
        if self.template_output and (self.template is None or sizes[0] != sizes[1]):
            raise ValueError(
                f"template_output with template {self.template} and {sizes[0]} inputs, {sizes[1]} outputs; "
                "allowed: with a template, for a task of as many inputs as outputs"
            )

    def _check_sheet(self) -> None:
        if self.sheet is not None:
            positions(self.sheet, self.units)
        if self.swap_every != 0:
            check_count(self.swap_every, "swap_every")
        if self.swap_every and self.sheet is None:
            raise ValueError(f"swap_every is {self.swap_every} without a sheet; allowed: on a sheet")
        if self.locality and (self.sheet is None or self.penalty != "wiring"):
            raise ValueError(
                f"locality is {self.locality:g} with sheet {self.sheet} and penalty {self.penalty!r}; "
                "allowed: on a sheet, with the penalty 'wiring'"
            )
        if not isinstance(self.autapses, bool):
            raise ValueError(f"autapses is {self.autapses!r}; allowed: True or False")
        spatial = self.sheet is not None or self.penalty not in ("none", "l1", "wiring")
        if self.autapses and (spatial or self.initialization != "uniform"):
            raise ValueError(
                f"autapses with sheet {self.sheet}, penalty {self.penalty!r} and initialization "
                f"{self.initialization!r}; allowed: no sheet and no price of length, for nothing is long, "
                "and weights that start uniform"
            )

    def strengths(self, seeds: Sequence[int]) -> np.ndarray:
        """Strength of the penalty for the network of each seed, shape (network,).

        Raises
        ------
        ValueError
            For a seed that ``penalty_networks`` leaves without one.

        Examples
        --------
        >>> Recipe("go_nogo", penalty="l1", penalty_strength=0.1).strengths([5, 7]).tolist()
        [0.1, 0.1]
        """
        if not self.penalty_networks:
            return np.full(len(seeds), self.penalty_strength)
        if max(seeds) >= self.penalty_networks:
            raise ValueError(
                f"seeds go up to {max(seeds)}; allowed: below penalty_networks, {self.penalty_networks}"
            )
        every = np.linspace(self.penalty_strength, self.penalty_to, self.penalty_networks)
        return every[list(seeds)]

    def address(self, seeds: Sequence[int]) -> dict:
        """What names these networks in the store: all that can change their weights."""
        parts = {k: v for k, v in asdict(self).items() if k != "checkpoint_every" and OFF.get(k, ...) != v}
        version = torch.__version__.split(".")[0]
        return parts | {"seeds": list(seeds), "recipe_version": RECIPE, "torch": version}


def check_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds as a tuple of int; ValueError unless they are different whole numbers of at least 0."""
    try:
        given = tuple(int(s) for s in seeds if s == int(s) >= 0)
    except (TypeError, ValueError):
        given = ()
    if not given or len(given) != len(seeds) or len(set(given)) != len(given):
        raise ValueError(f"seeds are {list(seeds)!r}; allowed: different whole numbers, at least 0")
    return given


def untrained(recipe: Recipe, seeds: Sequence[int]) -> Ensemble:
    """The networks of these seeds before training."""
    task = get(recipe.task)
    sizes = len(task.inputs), recipe.units, len(task.outputs)
    dynamics = recipe.dt_ms / recipe.tau_ms, recipe.nonlinearity
    ensemble = initialize(seeds, *sizes, *dynamics, recipe.initialization)
    if recipe.autapses:  # one input instead of many: PyTorch's bound grows by the root of their number
        own = torch.eye(recipe.units) * recipe.units**0.5
        ensemble = ensemble.with_parameters(w_rec=ensemble.w_rec * own)
    if recipe.template is None:
        return ensemble
    first, n = initialize([recipe.template], *sizes, *dynamics, recipe.initialization), len(seeds)
    shared = {name: getattr(first, name).repeat_interleave(n, 0) for name in ("w_in", "b_in")}
    if recipe.template_output:
        shared["w_out"] = shared["w_in"].mT.contiguous()
    return ensemble.with_parameters(**shared)
