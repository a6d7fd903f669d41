"""Training many networks: in chunks, over processes or a cluster, each finished chunk kept on disk.

Networks are trained in chunks of ``CHUNK`` that fit into the processor's cache; chunks are spread
over processes, one torch thread each.
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from . import processes, store
from .learning import cross_entropy, train
from .networks import PARAMETERS, Ensemble
from .recipes import RECIPE, Recipe, check_seeds, untrained

__all__ = [
    "RECIPE", "Recipe", "Trained", "TrainingWarning",
    "checkpoints", "cross_entropy", "fit", "fit_many", "is_kept", "train", "untrained",
]  # fmt: skip
CHUNK = 10
LARGE = 300  # units above which a network is trained by itself
MADE = "trained in this run"
Job = tuple[Recipe, tuple[int, ...]]
Arrays = dict[str, np.ndarray]


class TrainingWarning(UserWarning):
    """A network was stopped, since its loss was no longer finite."""


@dataclass(frozen=True)
class Trained:
    """An ensemble with the history of its training.

    Attributes
    ----------
    ensemble : Ensemble
    untrained : Ensemble
        The same networks before the first step.
    loss : ndarray, shape (network, step)
        Cross-entropy of each training batch; NaN from the step on at which a network was stopped.
    recipe : Recipe
    seeds : tuple of int
    source : str
        Where the networks came from, in words for the page.
    """

    ensemble: Ensemble
    untrained: Ensemble
    loss: np.ndarray
    recipe: Recipe
    seeds: tuple[int, ...]
    source: str = MADE

    @property
    def stopped(self) -> dict[int, int]:
        """Step at which a network was stopped because its loss was no longer finite, by seed."""
        bad = ~np.isfinite(self.loss)
        return {self.seeds[i]: int(bad[i].argmax()) for i in np.flatnonzero(bad.any(axis=1))}


def fit(recipe: Recipe, seeds: Sequence[int], executor: Executor | None = None) -> Trained:
    """Train an ensemble: :func:`fit_many` for one recipe.

    Parameters
    ----------
    recipe : Recipe
    seeds : sequence of int
        One network per seed.
    executor : concurrent.futures.Executor, optional

    Returns
    -------
    Trained
    """
    return fit_many([(recipe, seeds)], executor)[0]


def fit_many(jobs: Sequence[tuple[Recipe, Sequence[int]]], executor: Executor | None = None) -> list[Trained]:
    """Train ensembles, chunk by chunk, keeping each finished chunk in the store.

    Chunks already in the store are read, not trained: an interrupted call goes on where it was.

    Parameters
    ----------
    jobs : sequence of (Recipe, sequence of int)
        One ensemble each, one network per seed. The same job gives the same weights, bit for bit,
        on one machine, whatever the number of workers and the order in which they finish.
    executor : concurrent.futures.Executor, optional
        Where chunks are trained; by default as many local processes as there are cores
        (``FCMOD_WORKERS`` overrides). A Dask cluster: ``distributed.Client(address).get_executor()``.

    Returns
    -------
    list of Trained

    Raises
    ------
    ValueError
        For a bad recipe, or seeds that are not different whole numbers of at least 0.
    fcmod_utils.store.StoreError
        Before training, if the store cannot be written to.
    RuntimeError
        If local workers are killed again and again with nothing finished in between.

    Warns
    -----
    TrainingWarning
        Names each network that was stopped because its loss was no longer finite.
    fcmod_utils.processes.WorkerWarning
        If a local worker died; what it had in hand is trained again.
    """
    if not jobs:
        raise ValueError("no jobs; allowed: at least one (recipe, seeds)")
    for recipe, _ in jobs:
        recipe.check()
    jobs = [(recipe, check_seeds(seeds)) for recipe, seeds in jobs]
    for recipe, seeds in jobs:
        recipe.strengths(seeds)
    chunks = {job: _chunks(job) for job in jobs}
    wanted = list(dict.fromkeys(chunk for parts in chunks.values() for chunk in parts))
    sources = {chunk: where for chunk in wanted if (where := _where(chunk))}
    missing = [chunk for chunk in wanted if chunk not in sources]
    if missing:
        store.check_writable()
        sizes = [len(seeds) for _, seeds in missing]
        title = f"training {', '.join(dict.fromkeys(recipe.task for recipe, _ in missing))}"
        for chunk, made in processes.collect(_make, missing, sizes, title, executor):
            _keep(chunk, made)
    return [_assemble(job, parts, sources) for job, parts in chunks.items()]


def is_kept(recipe: Recipe, seeds: Sequence[int]) -> bool:
    """Whether all these networks are in the store or in the book's artifacts, whole."""
    return all(_where(chunk) for chunk in _chunks((recipe, check_seeds(seeds))))


def checkpoints(trained: Trained) -> dict[int, Ensemble]:
    """The networks on their way, by training step: the untrained ones first, the trained ones last.

    Parameters
    ----------
    trained : Trained
        Of a recipe with ``checkpoint_every`` above 0.

    Returns
    -------
    dict of int to Ensemble

    Raises
    ------
    ValueError
        If the recipe keeps none.
    """
    if not trained.recipe.checkpoint_every:
        raise ValueError("checkpoint_every is 0; allowed: a recipe that keeps checkpoints")
    parts = [_load_checkpoints(chunk) for chunk in _chunks((trained.recipe, trained.seeds))]
    if any(part is None for part in parts):  # removed or damaged since: fit makes them again
        fit(trained.recipe, trained.seeds)
        parts = [_load_checkpoints(chunk) for chunk in _chunks((trained.recipe, trained.seeds))]
    joined = {name: np.concatenate([part[name] for part in parts], axis=1) for name in PARAMETERS}
    return {
        int(step): replace(
            trained.ensemble, **{name: torch.from_numpy(array[i]) for name, array in joined.items()}
        )
        for i, step in enumerate(parts[0]["steps"])
    }


# ------------------------------------------------------------------------------ chunks


def _chunks(job: Job) -> list[Job]:
    """Networks that a process trains together; large ones gain nothing by company, so each is kept alone."""
    recipe, seeds = job
    count = CHUNK if recipe.units <= LARGE else 1
    return [(recipe, seeds[i : i + count]) for i in range(0, len(seeds), count)]


def _spec(chunk: Job) -> dict:
    recipe, seeds = chunk
    return recipe.address(seeds)


def _checkpoint_spec(chunk: Job) -> dict:
    return _spec(chunk) | {"checkpoint_every": chunk[0].checkpoint_every}


def _load_checkpoints(chunk: Job) -> Arrays | None:
    return store.load("checkpoints", _checkpoint_spec(chunk))


def _where(chunk: Job) -> str | None:
    """Where a whole chunk is kept, or None if something of it is missing or damaged."""
    if chunk[0].checkpoint_every and not store.where("checkpoints", _checkpoint_spec(chunk)):
        return None
    return store.where("ensemble", _spec(chunk))


def _make(slot: int, recipe: Recipe, seeds: tuple[int, ...]) -> dict[str, Arrays]:
    """What a worker does: train a chunk into its store, unless it is there, and return it."""
    torch.set_num_threads(1)
    chunk, kept = (recipe, seeds), {}

    def make() -> Arrays:
        ensemble, loss, on_the_way = train(recipe, seeds, partial(processes.report, slot))
        weights = [networks.parameters() for networks in on_the_way.values()]
        kept.update({name: np.stack([w[name].numpy() for w in weights]) for name in PARAMETERS})
        kept["steps"] = np.array(list(on_the_way))
        return {name: w.numpy() for name, w in ensemble.parameters().items()} | {"loss": loss}

    def make_both() -> Arrays:
        weights = make()
        store.get_or_make("ensemble", _spec(chunk), lambda: weights)
        return kept

    made = {}
    if recipe.checkpoint_every:
        made["checkpoints"] = store.get_or_make("checkpoints", _checkpoint_spec(chunk), make_both)
    made["ensemble"] = store.get_or_make("ensemble", _spec(chunk), make)
    return made


def _keep(chunk: Job, made: dict[str, Arrays]) -> None:
    """Save here what a worker made: a worker elsewhere may have a store of its own."""
    if "checkpoints" in made:
        store.get_or_make("checkpoints", _checkpoint_spec(chunk), lambda: made["checkpoints"])
    store.get_or_make("ensemble", _spec(chunk), lambda: made["ensemble"])


def _assemble(job: Job, chunks: list[Job], sources: dict[Job, str]) -> Trained:
    recipe, seeds = job
    start, loss = untrained(recipe, seeds), np.empty((len(seeds), recipe.steps), np.float32)
    arrays = {name: np.empty(w.shape, np.float32) for name, w in start.parameters().items()} | {"loss": loss}
    counts, row = Counter(), 0
    for chunk in chunks:
        part = store.get_or_make("ensemble", _spec(chunk), lambda c=chunk: _make(0, *c)["ensemble"])
        rows = slice(row, row + len(chunk[1]))
        for name, array in arrays.items():
            array[rows] = part[name]
        counts[sources.get(chunk, MADE)] += len(chunk[1])
        row = rows.stop
    many = len(counts) > 1
    source = ", ".join(f"{n} {where}" if many else where for where, n in counts.items())
    del arrays["loss"]
    ensemble = replace(start, **{name: torch.from_numpy(array) for name, array in arrays.items()})
    trained = Trained(ensemble, start, loss, recipe, seeds, source)
    for seed, step in trained.stopped.items():
        message = (
            f"{recipe.task}, seed {seed}: loss not finite at step {step}; this network was stopped there"
        )
        warnings.warn(message, TrainingWarning, stacklevel=4)
    return trained
