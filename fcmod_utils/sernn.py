"""Populations of spatially embedded networks: each spans a range of penalties, measured epoch by epoch.

A population's entry in the store holds what the chapter needs: statistics of each network at each
epoch and, for the two kinds that are compared, the weights at the headline epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from . import scale, store
from .constraints import box, distances
from .graphs import small_world, undirected
from .inference import TASKS, each_case
from .lesions import check_units
from .networks import PARAMETERS, Ensemble, run
from .processes import map_local
from .recipes import Recipe, untrained
from .topology import modularity, total_communicability, total_weight, weight_distance, wiring_length
from .training import checkpoints, fit

POPULATION = 1  # raise when the measures of the same networks would be other numbers
STEPS_PER_EPOCH, EPOCHS, HEADLINE = 40, 10, 9
PASS = 0.9  # networks at or below are not analyzed
COMPARED = ("sernn", "l1")
# Task, penalty and its range. All ranges end where the penalty costs an untrained network about as much.
KINDS = {
    "sernn": ("one_choice", "sernn", 0.001, 0.3),
    "l1": ("one_choice", "l1", 0.0002, 0.02),
    "distance only": ("one_choice", "distance", 0.00005, 0.0065),
    "communicability only": ("one_choice", "communicability", 0.003, 0.9),
    "hard task": ("one_choice_hard", "sernn", 0.001, 0.3),
    "random labels": ("one_choice_random", "sernn", 0.001, 0.3),
    "short delay": ("one_choice_short", "sernn", 0.001, 0.3),
    "long delay": ("one_choice_long", "sernn", 0.001, 0.3),
    "low noise": ("one_choice_quiet", "sernn", 0.001, 0.3),
    "high noise": ("one_choice_noisy", "sernn", 0.001, 0.3),
    "self-connections cost": ("one_choice", "sernn_diagonal", 0.001, 0.3),
}
MEASURES = (
    "accuracy", "total_weight", "self_weight", "weight_distance", "wiring_length", "communicability", "q",
    "small_world", "clustering", "path_length", "unreachable",
)  # fmt: skip
DEFINITIONS = {
    f"{method}, {'weighted' if weighted else 'binary'}, {'with' if diagonal else 'without'} diagonal": {
        "method": method, "weighted": weighted, "diagonal": diagonal,
    }
    for method in ("newman", "louvain") for weighted in (True, False) for diagonal in (True, False)
}  # fmt: skip


@dataclass(frozen=True)
class Population:
    """Networks of one kind over a range of penalties.

    Attributes
    ----------
    kind : str
    strengths : ndarray, shape (network,)
        Of the penalty.
    measures : dict of str to ndarray, shape (epoch, network)
        ``MEASURES`` from epoch 0 (untrained) to 10; NaN where one is not defined.
    q_by_definition : dict of str to ndarray, shape (network,)
        Modularity at the headline epoch, by ``DEFINITIONS``; of the kinds in ``COMPARED``.
    ensemble : Ensemble or None
        Weights at the headline epoch, rounded to half precision; of the kinds in ``COMPARED``.
    recipe : Recipe
    seeds : tuple of int
    source : str
        Where it came from, in words for the page.
    """

    kind: str
    strengths: np.ndarray
    measures: dict[str, np.ndarray]
    q_by_definition: dict[str, np.ndarray]
    ensemble: Ensemble | None
    recipe: Recipe
    seeds: tuple[int, ...]
    source: str

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def working(self) -> np.ndarray:
        """Which networks pass 90 % at the headline epoch, shape (network,)."""
        return self.measures["accuracy"][HEADLINE] > PASS

    def at(self, name: str, epoch: int = HEADLINE, all_networks: bool = False) -> np.ndarray:
        """A measure at an epoch, of the networks that work or of all."""
        return self.measures[name][epoch][slice(None) if all_networks else self.working]

    def networks(self, which: Sequence[int], failing: bool = False) -> Ensemble:
        """Weights of some networks at the headline epoch.

        Raises
        ------
        ValueError
            If they are not kept or do not exist, or one of them is at or below 90 %, unless ``failing``
            are asked for.
        """
        which = check_units(which, len(self), "networks").tolist()
        if self.ensemble is None:
            raise ValueError(f"weights of {self.kind!r} are not kept; allowed: {', '.join(COMPARED)}")
        if not failing and (low := [i for i in which if not self.working[i]]):
            accuracies = self.measures["accuracy"][HEADLINE][low]
            raise ValueError(
                f"networks {low} have accuracies {accuracies.tolist()}; allowed: above {PASS:.0%}, "
                "or failing=True"
            )
        return self.ensemble[which]


def recipe_of(kind: str, size: scale.Scale | None = None) -> tuple[Recipe, tuple[int, ...]]:
    """How the networks of a kind are trained, and their seeds.

    Parameters
    ----------
    kind : str
        A key of ``KINDS``.
    size : Scale, optional
        By default the present one.

    Raises
    ------
    ValueError
        For an unknown kind.

    Examples
    --------
    >>> recipe, seeds = recipe_of("l1", scale.SCALES["book"])
    >>> recipe.penalty, recipe.steps, len(seeds)
    ('l1', 400, 100)
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; allowed: {', '.join(KINDS)}")
    size = size or scale.current()
    task, penalty, low, high = KINDS[kind]
    n = size.spatial_networks if kind in COMPARED else size.spatial_variants
    recipe = Recipe(
        task, steps=EPOCHS * STEPS_PER_EPOCH, batch=128, window=TASKS[task].n_steps(100),
        initialization="orthogonal", adam_epsilon=1e-7, checkpoint_every=STEPS_PER_EPOCH,
        penalty=penalty, penalty_strength=low, penalty_to=high, penalty_networks=n,
    )  # fmt: skip
    return recipe, tuple(range(n))


def population(kind: str, size: scale.Scale | None = None) -> Population:
    """A population, from the store or the book's artifacts; trained and measured where it is in neither.

    Parameters
    ----------
    kind : str
        A key of ``KINDS``.
    size : Scale, optional
        By default the present one.

    Returns
    -------
    Population

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    recipe, seeds = recipe_of(kind, size)
    spec = _spec(recipe, seeds)
    source = store.where("population", spec) or "trained in this run"
    kept = store.get_or_make("population", spec, partial(_make, recipe, seeds, kind in COMPARED))
    ensemble, by_definition = None, {}
    if kind in COMPARED:
        by_definition = dict(zip(DEFINITIONS, kept["q_by_definition"].astype(float), strict=True))
        weights = {name: torch.from_numpy(kept[name].astype(np.float32)) for name in PARAMETERS}
        ensemble = untrained(recipe, seeds[:1]).with_parameters(**weights)
    measures = {name: kept["measures"][i].astype(float) for i, name in enumerate(MEASURES)}
    return Population(
        kind, recipe.strengths(seeds), measures, by_definition, ensemble, recipe, seeds, source
    )  # fmt: skip


def is_kept(recipe: Recipe, seeds: Sequence[int]) -> bool:
    """Whether a population of these networks is in the store or the book's artifacts."""
    return store.where("population", _spec(recipe, tuple(seeds))) is not None


def _spec(recipe: Recipe, seeds: tuple[int, ...]) -> dict:
    return {"population_version": POPULATION, **recipe.address(seeds)}


def _make(recipe: Recipe, seeds: tuple[int, ...], with_weights: bool) -> dict[str, np.ndarray]:
    by_step = checkpoints(fit(recipe, seeds))
    epochs = [by_step[e * STEPS_PER_EPOCH] for e in range(EPOCHS + 1)]
    trials = each_case(recipe.task)
    right = [run(one, trials.inputs).outputs[:, -1].argmax(-1) == trials.targets[-1] for one in epochs]
    w = np.stack([one.w_rec.numpy() for one in epochs])  # [epoch, network, to, from]
    measured = np.array(map_local(measure, [w[:, i] for i in range(len(seeds))]))
    accuracy = np.mean(right, axis=-1)[None]
    kept = {"measures": np.concatenate([accuracy, np.moveaxis(measured, 0, -1)]).astype(np.float32)}
    if with_weights:
        every = map_local(all_definitions, list(w[HEADLINE]))
        kept["q_by_definition"] = np.array(every).T.astype(np.float32)
        final = epochs[HEADLINE].parameters()
        kept |= {name: array.numpy().astype(np.float16) for name, array in final.items()}
    return kept


def measure(w: np.ndarray) -> list[list[float]]:
    """All measures of ``MEASURES`` but accuracy, of one network on its way.

    Parameters
    ----------
    w : ndarray, shape (epoch, unit, unit)

    Returns
    -------
    list, shape (measure, epoch)
    """
    d, rows = distances(box(w.shape[-1])), []
    for one in w:
        world = small_world(undirected(one))
        rows.append([
            total_weight(one), float(np.abs(np.diag(one)).sum()), weight_distance(one, d),
            wiring_length(one, d), total_communicability(one), modularity(one)[1],
            world.sigma, world.clustering, world.path_length, world.unreachable,
        ])  # fmt: skip
    return np.transpose(rows).tolist()


def all_definitions(w: np.ndarray) -> list[float]:
    """Modularity of one network in all ``DEFINITIONS``."""
    return [modularity(w, **definition)[1] for definition in DEFINITIONS.values()]
