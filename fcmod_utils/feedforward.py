"""Training networks without recurrence on digits, many at once and kept in the store."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import torch

from . import predictive_coding, processes, store
from .digits import Digits, scaled
from .perceptrons import PARAMETERS, Perceptrons, Rule, backprop, initialize
from .recipes import check_seeds
from .tasks import check_count

VERSION = 1  # raise when the same recipe, seed and images would give other weights
CHUNK = 10  # networks trained together, in one process
KIND = "perceptrons"
MADE = "trained in this run"
RULES: dict[str, Rule] = {"backprop": backprop}
RULES |= {rule: partial(predictive_coding.teach, rule=rule) for rule in predictive_coding.RULES}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights of a network, but its seed and the images.

    The paper says only that its network is simple; these are our choices.

    Attributes
    ----------
    units : int
        Hidden ones.
    steps, batch : int
        Batches, and images in each.
    learning_rate : float
        Of Adam.
    rule : str
        One of ``RULES``: how weights learn from a batch.
    checkpoint_every : int
        Keep the weights every so many batches (0: only the last).
    """

    units: int = 100
    steps: int = 1200
    batch: int = 100
    learning_rate: float = 1e-3
    rule: str = "backprop"
    checkpoint_every: int = 0

    def check(self) -> None:
        """Raise ValueError, naming the value and what is allowed, before any work starts."""
        for name in ("units", "steps", "batch"):
            check_count(getattr(self, name), name)
        if self.checkpoint_every != 0:
            check_count(self.checkpoint_every, "checkpoint_every")
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"learning_rate is {self.learning_rate!r}; allowed: above 0, finite")
        if self.rule not in RULES:
            raise ValueError(f"unknown rule {self.rule!r}; allowed: {', '.join(RULES)}")

    def address(self, seeds: Sequence[int], images: str) -> dict:
        """What names these networks in the store."""
        made = {"version": VERSION, "torch": torch.__version__.split(".")[0], "images": images}
        return asdict(self) | made | {"seeds": list(seeds)}


@dataclass(frozen=True)
class Trained:
    """Networks with the history of their training.

    Attributes
    ----------
    ensemble, untrained : Perceptrons
        After and before.
    loss : ndarray, shape (network, step)
        Cross-entropy of each batch before its step.
    checkpoints : dict of int to Perceptrons
        The networks by number of batches seen: 0 and the last among them.
    recipe : Recipe
    seeds : tuple of int
    source : str
        Where the networks came from, in words for the page.
    """

    ensemble: Perceptrons
    untrained: Perceptrons
    loss: np.ndarray
    checkpoints: dict[int, Perceptrons]
    recipe: Recipe
    seeds: tuple[int, ...]
    source: str


Chunk = tuple[Recipe, tuple[int, ...], str]  # networks trained together, with their images' fingerprint


def fit(recipe: Recipe, seeds: Sequence[int], data: Digits) -> Trained:
    """Train networks on the images to learn from: :func:`fit_many` for one recipe.

    Parameters
    ----------
    recipe : Recipe
    seeds : sequence of int
        One network per seed; it decides the first weights and the order of the images.
    data : Digits

    Returns
    -------
    Trained
    """
    return next(fit_many([(recipe, seeds, data)]))


def fit_many(jobs: Sequence[tuple[Recipe, Sequence[int], Digits]]) -> Iterator[Trained]:
    """Train ensembles in one pool of processes, chunk by chunk; finished chunks are kept in the store.

    Parameters
    ----------
    jobs : sequence of (Recipe, sequence of int, Digits)
        One ensemble each, one network per seed.

    Returns
    -------
    iterator of Trained
        All are trained when this returns, and each is read from the store when its turn comes:
        checkpoints are large, and one ensemble after the other takes less memory than all of them.

    Raises
    ------
    ValueError
        For no jobs, a bad recipe, seeds that are not different whole numbers, or fewer images than
        a batch.
    FloatingPointError
        If a network's loss is no longer finite; nothing of its chunk is kept.
    fcmod_utils.store.StoreError
        Before training, if the store cannot be written to.
    """
    if not jobs:
        raise ValueError("no jobs; allowed: at least one (recipe, seeds, data)")
    chunks = [_chunks(*job) for job in jobs]
    images = {data.fingerprint: data for _, _, data in jobs}
    make = partial(_make, images=images)
    kept = {chunk: store.where(KIND, chunk[0].address(*chunk[1:])) for parts in chunks for chunk in parts}
    missing = [chunk for chunk, where in kept.items() if where is None]
    if missing:
        store.check_writable()
        sizes = [len(seeds) for _, seeds, _ in missing]
        for chunk, made in processes.collect(make, missing, sizes, "training on digits"):
            spec = chunk[0].address(*chunk[1:])
            store.get_or_make(KIND, spec, lambda made=made: made)  # a worker may have its own store
    return (_assemble(parts, kept, make) for parts in chunks)


def _chunks(recipe: Recipe, seeds: Sequence[int], data: Digits) -> list[Chunk]:
    recipe.check()
    seeds = check_seeds(seeds)
    _check_images(recipe, data)
    return [(recipe, seeds[i : i + CHUNK], data.fingerprint) for i in range(0, len(seeds), CHUNK)]


def _assemble(chunks: list[Chunk], kept: dict[Chunk, str | None], make: Callable) -> Trained:
    processes.give_back()
    parts = [store.get_or_make(KIND, c[0].address(*c[1:]), partial(make, 0, *c)) for c in chunks]
    joined = {name: np.concatenate([part[name] for part in parts], axis=1) for name in PARAMETERS}
    recipe, seeds = chunks[0][0], tuple(seed for _, some, _ in chunks for seed in some)
    untrained = initialize(seeds, n_units=recipe.units)
    checkpoints = {0: untrained} | {
        int(step): Perceptrons(**{name: torch.from_numpy(array[i]) for name, array in joined.items()})
        for i, step in enumerate(parts[0]["steps"])
    }
    loss = np.concatenate([part["loss"] for part in parts])
    source = ", ".join(dict.fromkeys(kept[chunk] or MADE for chunk in chunks))
    return Trained(checkpoints[recipe.steps], untrained, loss, checkpoints, recipe, seeds, source)


def _make(
    slot: int, recipe: Recipe, seeds: tuple[int, ...], fingerprint: str, images: dict[str, Digits]
) -> dict[str, np.ndarray]:
    """What a worker does: train a chunk into its store, unless it is there, and return it."""
    torch.set_num_threads(1)

    def make() -> dict[str, np.ndarray]:
        kept, loss = train(recipe, seeds, images[fingerprint], partial(processes.report, slot))
        weights = [networks.parameters() for networks in kept.values()]
        arrays = {name: np.stack([w[name].numpy() for w in weights]) for name in PARAMETERS}
        return arrays | {"steps": np.array(list(kept)), "loss": loss}

    return store.get_or_make(KIND, recipe.address(seeds, fingerprint), make)


def train(
    recipe: Recipe, seeds: Sequence[int], data: Digits, report=None
) -> tuple[dict[int, Perceptrons], np.ndarray]:
    """Train the networks of these seeds together, in this process, and keep none of it.

    Each network sees the images in an order of its own, all of them before one for a second time.

    Parameters
    ----------
    recipe : Recipe
    seeds : sequence of int
    data : Digits
    report : callable, optional
        Called now and then with the share of steps done and the mean loss.

    Returns
    -------
    checkpoints : dict of int to Perceptrons
        By number of batches seen, the last among them.
    loss : ndarray, shape (network, step)
    """
    recipe.check()
    _check_images(recipe, data)
    networks = initialize(check_seeds(seeds), n_units=recipe.units)
    weights, learn = networks.parameters(), RULES[recipe.rule]
    optimizer = torch.optim.Adam(weights.values(), lr=recipe.learning_rate, fused=False, foreach=False)
    orders = [_order(seed, len(data.labels), recipe.batch, recipe.steps) for seed in seeds]
    losses, kept = np.empty((len(seeds), recipe.steps), np.float32), {}
    every = recipe.checkpoint_every or recipe.steps
    for step in range(recipe.steps):
        rows = np.stack([order[step] for order in orders])
        x, targets = torch.from_numpy(scaled(data.images[rows])), torch.from_numpy(data.labels[rows])
        gradients, loss = learn(networks, x, targets)
        losses[:, step] = loss.numpy()
        if not np.isfinite(losses[:, step]).all():
            bad = [seed for seed, one in zip(seeds, losses[:, step], strict=True) if not np.isfinite(one)]
            raise FloatingPointError(f"seeds {bad}: loss not finite at step {step}; lower learning_rate")
        for name, array in weights.items():
            array.grad = gradients[name]
        optimizer.step()
        if report and (step + 1) % 10 == 0:
            report((step + 1) / recipe.steps, float(losses[:, step].mean()))
        if (step + 1) % every == 0 or step + 1 == recipe.steps:
            kept[step + 1] = Perceptrons(**{name: array.detach().clone() for name, array in weights.items()})
    return kept, losses


def _check_images(recipe: Recipe, data: Digits) -> None:
    if (n := len(data.labels)) < recipe.batch:
        raise ValueError(f"{n} images to learn from; allowed: a batch of {recipe.batch} or more")


def _order(seed: int, n_images: int, batch: int, steps: int) -> np.ndarray:
    """Which images each batch holds, (step, image): shuffled again for each pass; a rest is left out."""
    rng, per_pass = np.random.default_rng([seed, 1]), n_images // batch
    passes = [rng.permutation(n_images)[: per_pass * batch] for _ in range(-(-steps // per_pass))]
    return np.concatenate(passes).reshape(-1, batch)[:steps]
