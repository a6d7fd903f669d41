"""Networks that grew on a sheet: trained, measured, and kept small enough to be shipped with the book.

Trainings at the paper's size take a quarter of an hour each. What a chapter needs of one are its numbers,
made with the whole network, and a copy of its weights without those that the penalty has all but removed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch

from . import cog_tasks, scale, store
from .networks import PARAMETERS, Ensemble
from .recipes import Recipe, untrained
from .sheets import distances, positions
from .task_variance import accuracy, active, task_variance
from .training import LARGE, MADE, Trained, checkpoints, fit_many

VERSION = 1  # raise when the same network would be measured in another way
CUT = 1e-3  # smaller weights are left out: Adam alone makes them jitter by as much
LOSSES = 100  # equal parts of training, whose mean losses are kept
TASKS = {"cog_20": cog_tasks.NAMES, "cog_6": cog_tasks.FEW}
Seeds = Sequence[int]
SHORT = "-short"  # a headline network on its way, when the short ones end
NUMBERS_ONLY = ("line-short",)  # the book ships what they need (pareto.needs), not their weights


@dataclass(frozen=True)
class Grown:
    """A network, what was measured on it, and where its units sit.

    Attributes
    ----------
    recipe : Recipe
    seed : int
    step : int
        Training steps behind it.
    network : Ensemble
        One network, in half precision, weights below ``CUT`` left out; units in the order of the cells.
    accuracy : ndarray, shape (task,)
        Share of 1,000 trials that the whole network answers correctly at their last step.
    variance : ndarray, shape (unit, task)
        Task variance in the whole network.
    cost : float
        Summed ``|w_rec|`` x distance in the whole network.
    loss : ndarray, shape (100,)
        Means over equal parts of the training up to here.
    source : str
        Where it came from, in words for the page.
    """

    recipe: Recipe
    seed: int
    step: int
    network: Ensemble
    accuracy: np.ndarray
    variance: np.ndarray
    cost: float
    loss: np.ndarray
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """Tasks, in the order of ``accuracy``."""
        return TASKS[self.recipe.task]

    @property
    def error(self) -> float:
        """1 minus the mean accuracy over tasks."""
        return float(1 - self.accuracy.mean())

    @property
    def active(self) -> np.ndarray:
        """Units whose task variance, summed over the tasks, is above 0.001; shape (unit,)."""
        return active(self.variance)

    @property
    def w_rec(self) -> np.ndarray:
        """Recurrent weights, shape (to, from)."""
        return self.network.w_rec[0].numpy()

    @property
    def sheet(self) -> tuple[int, ...]:
        """Sides of the sheet or line; a network trained without one is laid on a sheet in its own order."""
        return self.recipe.sheet or _square(self.recipe)

    @property
    def places(self) -> np.ndarray:
        """Where each unit sits, in steps of the grid, shape (unit, dimension)."""
        return positions(self.sheet)

    @cached_property
    def lengths(self) -> np.ndarray:
        """City-block distance between units, the side being 1, shape (unit, unit)."""
        return distances(self.sheet)


def _kinds() -> dict[str, Callable[[scale.Scale], dict]]:
    """Parts of the recipe that make a kind what it is."""
    l1 = lambda s: {"penalty": "wiring", "penalty_strength": s.sheet_strength}  # noqa: E731
    bimt = lambda s: l1(s) | {"sheet": s.sheet, "locality": 1.0, "swap_every": s.sheet_swaps}  # noqa: E731
    return {
        "bimt": bimt, "l1": l1, "none": lambda s: {},
        "line": lambda s: bimt(s) | {"sheet": s.line}, "noswap": lambda s: bimt(s) | {"swap_every": 0},
        "square": lambda s: bimt(s) | {"locality": s.sheet_square},
        "softplus": lambda s: bimt(s) | {"nonlinearity": "softplus"},
        "tanh": lambda s: bimt(s) | {"nonlinearity": "tanh"},
        "autapses": lambda s: {"autapses": True},
    }  # fmt: skip


KINDS = _kinds()
HEADLINE = ("bimt", "l1", "none", "line")
SWEPT = ("bimt", "l1", "line")  # trained with several strengths of the penalty, too


def recipe_of(kind: str, size: scale.Scale | None = None) -> Recipe:
    """How the networks of a kind are trained.

    Parameters
    ----------
    kind : str
        ``"bimt"``, ``"l1"``, ``"none"`` (no penalty) and ``"line"`` (BIMT on a line) are headline kinds.
        Those of fewer steps: ``"noswap"`` (distance penalty, no swaps), ``"square"`` (distance divided
        by the square of the side), ``"softplus"``, ``"tanh"`` (BIMT), ``"autapses"`` (self-connections
        only, no penalty).
    size : Scale, optional
        By default the present one.

    Raises
    ------
    ValueError
        For an unknown kind.

    Examples
    --------
    >>> recipe_of("line", scale.SCALES["book"]).sheet
    (400,)
    """
    kind = kind.removesuffix(SHORT)
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; allowed: {', '.join(KINDS)}")
    size, whole = size or scale.current(), kind in HEADLINE
    return Recipe(
        size.sheet_task, units=size.sheet_units, steps=size.sheet_steps if whole else size.sheet_short,
        checkpoint_every=size.sheet_checkpoints if whole else 0, learning_rate=size.sheet_rate, clip=1.0,
        **KINDS[kind](size),
    )  # fmt: skip


def seeds_of(kind: str, size: scale.Scale | None = None) -> range:
    """Seeds of the networks of a kind."""
    size, kind = size or scale.current(), kind.removesuffix(SHORT)
    return range(getattr(size, f"sheet_{kind}") if kind in HEADLINE else size.sheet_variants)


def grow(kind: str, size: scale.Scale | None = None) -> list[Grown]:
    """Networks of a kind, from the store or the book's artifacts; trained and measured where in neither.

    Parameters
    ----------
    kind : str
        See :func:`recipe_of`; ``"bimt-short"`` and so on are the headline networks on their way, after
        as many steps as the kinds of fewer steps have.
    size : Scale, optional

    Returns
    -------
    list of Grown
        One per seed.
    """
    size = size or scale.current()
    entry = "swept" if kind in NUMBERS_ONLY else "grown"
    return _grow(recipe_of(kind, size), seeds_of(kind, size), step_of(kind, size), size, entry)


def step_of(kind: str, size: scale.Scale) -> int:
    """Training steps behind the networks of a kind; ValueError if weights are not kept then."""
    recipe = recipe_of(kind, size)
    step = size.sheet_short if kind.endswith(SHORT) else recipe.steps
    if step != recipe.steps and step % (every := recipe.checkpoint_every):
        raise ValueError(f"sheet_short is {step}; allowed: a multiple of {every}, when weights are kept")
    return step


def at_strength(kind: str, strength: float, size: scale.Scale, seeds: Seeds | None = None) -> list[Grown]:
    """Networks of a kind of ``SWEPT`` at one strength of the penalty (of these seeds), trained to the end.

    Those of other strengths than the headline's are not among the book's artifacts (their amounts are,
    see :func:`fcmod_utils.pareto.front`): where the store does not hold them they are trained.

    Raises
    ------
    ValueError
        For an unknown kind, or a strength that is not in its sweep.
    """
    recipe = at(kind, strength, size)
    seeds = seeds_at(kind, strength, size) if seeds is None else seeds
    return _grow(recipe, seeds, recipe.steps, size, "grown" if strength == size.sheet_strength else "swept")


def swept(kind: str, size: scale.Scale) -> dict[float, Recipe]:
    """Recipes of a sweep by strength."""
    if kind not in SWEPT:
        raise ValueError(f"unknown kind {kind!r}; allowed: {', '.join(SWEPT)}")
    strengths = size.line_strengths if kind == "line" else size.sheet_strengths
    return {one: replace(recipe_of(kind, size), penalty_strength=one) for one in strengths}


def at(kind: str, strength: float, size: scale.Scale) -> Recipe:
    """The recipe of a sweep at one strength; ValueError as in :func:`at_strength`."""
    if strength not in (recipes := swept(kind, size)):
        raise ValueError(f"strength is {strength!r}; allowed: {', '.join(map(str, recipes))}")
    return recipes[strength]


def seeds_at(kind: str, strength: float, size: scale.Scale) -> range:
    """Seeds of the networks of a sweep at one strength."""
    if strength == size.sheet_strength:
        return seeds_of(kind, size)
    return range(size.line_swept if kind == "line" else size.sheet_swept)


def jobs(size: scale.Scale) -> list[tuple[Recipe, range]]:
    """All trainings of a scale: recipes with their seeds."""
    kinds = [(recipe_of(kind, size), seeds_of(kind, size)) for kind in KINDS]
    others = [(kind, one) for kind in SWEPT for one in swept(kind, size) if one != size.sheet_strength]
    return kinds + [(swept(kind, size)[one], seeds_at(kind, one, size)) for kind, one in others]


def is_kept(recipe: Recipe, seeds: range | tuple[int, ...]) -> bool:
    """Whether these networks, or the amounts of them, are in the store or the book's artifacts."""
    specs = [address(recipe, seed, recipe.steps) for seed in seeds]
    return all(any(store.where(entry, spec) for entry in ("grown", "swept", "front")) for spec in specs)


def address(recipe: Recipe, seed: int, step: int) -> dict:
    """All that an entry of the store about one network hangs on."""
    return {"grown_version": VERSION, "step": step, **recipe.address([seed])}


def _grow(recipe: Recipe, seeds: Seeds, step: int, size: scale.Scale, entry: str = "grown") -> list[Grown]:
    sources = {seed: store.where(entry, address(recipe, seed, step)) for seed in seeds}
    missing = [seed for seed in seeds if not sources[seed]]
    trained = None
    if missing and recipe.units > LARGE:
        trained = fit_many([(recipe, missing)])[0]
    elif missing:  # to start processes takes longer than to train small networks: all at once
        every = jobs(size)
        trained = fit_many(every)[[one for one, _ in every].index(recipe)]
    grown = []
    for seed, source in sources.items():
        spec, make = address(recipe, seed, step), partial(_measure, trained, seed, step)
        network = unpack(kept := store.get_or_make(entry, spec, make), untrained(recipe, [seed]))
        numbers = [kept[key].astype(float)[()] for key in ("accuracy", "variance", "cost", "loss")]
        grown.append(Grown(recipe, seed, step, network, *numbers, source or MADE))
    return grown


def _measure(trained: Trained, seed: int, step: int) -> dict[str, np.ndarray]:
    recipe, which = trained.recipe, trained.seeds.index(seed)
    network = (trained.ensemble if step == recipe.steps else checkpoints(trained)[step])[which]
    parts = np.array_split(trained.loss[which, :step], min(step, LOSSES))
    return measured(network, recipe) | {"loss": np.array([part.mean() for part in parts])}


def measured(network: Ensemble, recipe: Recipe) -> dict[str, np.ndarray]:
    """A network made small, and what was measured on the whole of it."""
    names, lengths = TASKS[recipe.task], distances(recipe.sheet or _square(recipe))
    return pack(network) | {
        "accuracy": accuracy(network, names, n_trials=1000)[0],
        "variance": task_variance(network, names, n_trials=200)[0].astype(np.float32),
        "cost": np.array((network.w_rec[0].abs().numpy() * lengths).sum()),
    }


def _square(recipe: Recipe) -> tuple[int, int]:
    """Sides of the sheet on which a network is laid that was trained without one."""
    return (round(recipe.units**0.5),) * 2


def pack(network: Ensemble) -> dict[str, np.ndarray]:
    """A network's weights without those below ``CUT``: a bit for each, and the others in half precision."""
    packed = {}
    for name, weights in network.parameters().items():
        flat = weights.detach().numpy().ravel()
        held = np.abs(flat) >= CUT
        packed |= {f"{name} held": np.packbits(held), name: flat[held].astype(np.float16)}
    return packed


def unpack(packed: dict[str, np.ndarray], like: Ensemble) -> Ensemble:
    """The network that :func:`pack` made small; ``like`` is one network of the same shape."""
    weights = {name: torch.zeros_like(getattr(like, name)) for name in PARAMETERS}
    for name, array in weights.items():
        held = np.unpackbits(packed[f"{name} held"], count=array.numel()).astype(bool)
        array.view(-1)[torch.from_numpy(held)] = torch.from_numpy(packed[name].astype(np.float32))
    return like.with_parameters(**weights)
