"""Training: cross-entropy over all time steps, Adam, many networks at once.

Networks are trained in chunks of ``CHUNK`` that fit into the processor's cache; chunks are spread
over processes, one torch thread each. Nothing passes between the networks of a chunk.
"""

import os
from collections.abc import Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral, Real

import numpy as np
import torch
from tqdm.auto import tqdm

from . import store
from .networks import PARAMETERS, Ensemble, check_dynamics, forward, initialize
from .processes import local_processes, n_workers
from .tasks import check_count, check_dt, get, windows

CHUNK = 10
RECIPE = 1  # raise when the same configuration and seed would give other weights


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights of a trained network, but its seed.

    The defaults are those inferred from the public code of the paper's first author: the paper
    itself does not print them (see the digest of settings in the Function chapter).
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

    def __post_init__(self) -> None:
        """Equal recipes are one entry in the store: 100 and 100.0 and numpy's 100 are one number."""
        for field in fields(self):
            value, kind = getattr(self, field.name), {int: Integral, float: Real}.get(field.type)
            if kind and isinstance(value, kind) and not isinstance(value, bool):
                object.__setattr__(self, field.name, field.type(value))

    def check(self) -> None:
        """Raise ValueError, naming the value and what is allowed, before any work starts."""
        for name in ("tau_ms", "dt_ms", "learning_rate"):
            if not isinstance(value := getattr(self, name), float):
                raise ValueError(f"{name} is {value!r}; allowed: a number")
        check_dt(get(self.task), self.dt_ms)
        for name in ("units", "steps", "batch", "window"):
            check_count(getattr(self, name), name)
        if self.dt_ms > self.tau_ms:
            raise ValueError(f"dt_ms is {self.dt_ms:g} with tau_ms {self.tau_ms:g}; allowed: dt_ms <= tau_ms")
        check_dynamics(self.dt_ms / self.tau_ms, self.nonlinearity)
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"learning_rate is {self.learning_rate:g}; allowed: above 0, finite")


@dataclass(frozen=True)
class Trained:
    """An ensemble with the history of its training.

    Attributes
    ----------
    ensemble : Ensemble
    untrained : Ensemble
        The same networks before the first step.
    loss : ndarray, shape (network, step)
        Cross-entropy of each training batch.
    recipe : Recipe
    seeds : tuple of int
    """

    ensemble: Ensemble
    untrained: Ensemble
    loss: np.ndarray
    recipe: Recipe
    seeds: tuple[int, ...]


def untrained(recipe: Recipe, seeds: Sequence[int]) -> Ensemble:
    """The networks of these seeds before training."""
    task = get(recipe.task)
    sizes = len(task.inputs), recipe.units, len(task.outputs)
    return initialize(seeds, *sizes, recipe.dt_ms / recipe.tau_ms, recipe.nonlinearity)


def train(recipe: Recipe, seeds: Sequence[int]) -> tuple[Ensemble, np.ndarray]:
    """Train the networks of these seeds together, in this process.

    Each network sees its own batches and its own loss; nothing passes between networks.

    Parameters
    ----------
    recipe : Recipe
    seeds : sequence of int
        One network per seed.

    Returns
    -------
    ensemble : Ensemble
    loss : ndarray, shape (network, step)

    Raises
    ------
    ValueError
        For a recipe that cannot be trained, or seeds that are not different whole numbers.
    """
    recipe.check()
    seeds = _check_seeds(seeds)
    if len(seeds) == 1:  # a batch of one is rounded in its own way: train it beside its twin
        ensemble, losses = _train(recipe, seeds * 2)
        return ensemble[0], losses[:1]
    return _train(recipe, seeds)


def _train(recipe: Recipe, seeds: tuple[int, ...]) -> tuple[Ensemble, np.ndarray]:
    ensemble = untrained(recipe, seeds)
    weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
    optimizer = torch.optim.Adam(weights.values(), lr=recipe.learning_rate, fused=True)
    streams = [
        windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng([s, 1]), recipe.dt_ms)
        for s in seeds
    ]
    losses = np.empty((len(seeds), recipe.steps), np.float32)
    for step in range(recipe.steps):
        batches = [next(stream) for stream in streams]
        inputs, targets = (torch.from_numpy(np.stack(parts, axis=1)) for parts in zip(*batches, strict=True))
        loss = cross_entropy(forward(ensemble, inputs)[0], targets)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        losses[:, step] = loss.detach().numpy()
    return replace(ensemble, **{k: v.detach() for k, v in weights.items()}), losses


def cross_entropy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of each network over all its time steps and trials.

    Parameters
    ----------
    outputs : Tensor, shape (time, network, trial, output)
    targets : Tensor, shape (time, network, trial)

    Returns
    -------
    Tensor, shape (network,)
    """
    log_p = torch.log_softmax(outputs, dim=-1)
    return -log_p.gather(-1, targets[..., None])[..., 0].mean(dim=(0, 2))


def fit_many(recipe: Recipe, seeds: Sequence[int], executor: Executor | None = None) -> Trained:
    """Train an ensemble, chunk by chunk, keeping each finished chunk in the store.

    Chunks already in the store are read, not trained: an interrupted call goes on where it was.

    Parameters
    ----------
    recipe : Recipe
    seeds : sequence of int
        One network per seed. The same call gives the same weights, bit for bit, on one machine,
        whatever the number of workers.
    executor : concurrent.futures.Executor, optional
        Where chunks are trained; by default as many local processes as there are cores
        (``FCMOD_WORKERS`` overrides).

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        For a bad recipe, or seeds that are not different whole numbers of at least 0.
    fcmod_utils.store.StoreError
        Before training, if the store cannot be written to.
    """
    recipe.check()
    seeds = _check_seeds(seeds)
    chunks = [seeds[i : i + CHUNK] for i in range(0, len(seeds), CHUNK)]
    parts = {chunk: store.load("ensemble", _spec(recipe, chunk)) for chunk in chunks}
    missing = [chunk for chunk, part in parts.items() if part is None]
    if missing:
        store.check_writable()
        bar = tqdm(
            total=len(seeds), desc=f"training {recipe.task}", unit="network", leave=False,
            initial=len(seeds) - sum(map(len, missing)), disable=os.environ.get("FCMOD_PUBLISH") == "1",
        )  # fmt: skip
        with bar:
            for chunk, part in _train_chunks(recipe, missing, executor):
                # an executor elsewhere may have a store of its own: keep the result here, too
                parts[chunk] = store.get_or_make("ensemble", _spec(recipe, chunk), lambda p=part: p)
                bar.update(len(chunk))
    arrays = {
        name: np.concatenate([parts[chunk][name] for chunk in chunks]) for name in (*PARAMETERS, "loss")
    }
    loss, start = arrays.pop("loss"), untrained(recipe, seeds)
    ensemble = replace(start, **{name: torch.from_numpy(array) for name, array in arrays.items()})
    return Trained(ensemble, start, loss, recipe, seeds)


def _train_chunks(recipe, chunks, executor):
    if executor is not None:
        yield from _collect(executor, recipe, chunks)
        return
    with local_processes(min(n_workers(), len(chunks))) as pool:
        yield from _collect(pool, recipe, chunks)


def _collect(executor, recipe, chunks):
    futures = {executor.submit(_train_into_store, recipe, chunk): chunk for chunk in chunks}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:  # after a failure the chunks that have not begun would only delay its message
        for future in futures:
            future.cancel()


def _train_into_store(recipe: Recipe, seeds: tuple[int, ...]) -> dict[str, np.ndarray]:
    def make() -> dict[str, np.ndarray]:
        ensemble, loss = train(recipe, seeds)
        weights = {name: w.numpy() for name, w in ensemble.parameters().items()}
        return weights | {"loss": loss}

    return store.get_or_make("ensemble", _spec(recipe, seeds), make)


def _spec(recipe: Recipe, seeds: tuple[int, ...]) -> dict:
    version = torch.__version__.split(".")[0]
    return asdict(recipe) | {"seeds": list(seeds), "recipe_version": RECIPE, "torch": version}


def _check_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    given = tuple(int(s) for s in seeds if s == int(s) >= 0)
    if not given or len(given) != len(seeds) or len(set(given)) != len(given):
        raise ValueError(f"seeds are {list(seeds)!r}; allowed: different whole numbers, at least 0")
    return given
