"""How fast does brain-inspired modular training go? Against what it cannot do without, and plain versions.

    OMP_NUM_THREADS=1 python benchmarks/bench_bimt.py

Four questions, each answered in this one process, on one thread:

1. Of a training step of the chapter's network (400 units on a sheet, 16 streams of 100 steps), how much is
   matrix products? The products alone, of the sizes that a step needs, are timed beside it::

       forward   T times    (B, H + C + 1) @ (H + C + 1, H + O)        drive and outputs
       backward  T times    (B, H + O) @ (H + O, H)                    gradient of the state
       weights   once       (H + O, T B) @ (T B, H + C + 1)            gradient of all weights

2. What share of a step goes into drawing its trials, and how long would neurogym's ``Dataset`` take?
3. How long does a round of 30 swaps take, and how many times longer if each of the 30 x 399 swaps that
   could be made is priced by its full cost?
4. How long do 10,000 shuffles of a brain map take, isolated neurons and extent of clusters in each, and how
   many times longer one by one in plain Python?

To ask one more, add to ``QUESTIONS`` what measures the seconds of its sides and what makes figures of them.

Sides take turns and the best repetition of each counts. What is counted is the time that the process had a
processor (``time.process_time``), not the time on the wall: other work on the machine then counts only by
crowding the caches.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
import torch
from bench_training import product_run
from neurogym.envs.collections import yang19
from neurogym.utils.data import Dataset
from neurogym.utils.scheduler import RandomSchedule
from neurogym.wrappers.block import ScheduleEnvs

from fcmod_utils import brain_maps, cog_tasks, learning, sheets, tasks, training

REPETITIONS = 5
STEPS = 20  # of training, per repetition; the stream draws blocks of 10
RECIPE = training.Recipe(
    "cog_20", units=400, steps=STEPS, clip=1.0,
    sheet=(20, 20), locality=1.0, penalty="wiring", penalty_strength=1e-5,
)  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """Processor time of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def best(sides: dict[str, Callable[[], float]], repetitions: int = REPETITIONS) -> dict[str, float]:
    """Least seconds of each side; they take turns."""
    found = [{name: side() for name, side in sides.items()} for _ in range(repetitions)]
    return {name: min(one[name] for one in found) for name in sides}


# ------------------------------------------------------------------------------ step and sampling


def ours(recipe: training.Recipe) -> float:
    """Seconds of a training step of ours: trials, forward, cost of the wiring, backward, Adam."""
    return seconds(lambda: learning.train(recipe, [0])) / recipe.steps


def products(recipe: training.Recipe, library: str) -> float:
    """Seconds of the products of a training step."""
    return seconds(lambda: product_run(recipe, 1, library, recipe.steps)) / recipe.steps


def trials(recipe: training.Recipe) -> float:
    """Seconds to draw the batch of a training step."""
    stream = tasks.windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng(0))
    return seconds(lambda: list(islice(stream, recipe.steps))) / recipe.steps


def neurogyms_trials(recipe: training.Recipe) -> float:
    """Seconds for the same with neurogym's ``Dataset``, on its collection of today."""
    envs = [getattr(yang19, name)(dt=100) for name in cog_tasks.NAMES]
    env = ScheduleEnvs(envs, RandomSchedule(len(envs)), env_input=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of its own use of gymnasium
        data = Dataset(env, batch_size=recipe.batch, seq_len=recipe.window)
        return seconds(lambda: [data() for _ in range(recipe.steps)]) / recipe.steps


def step(recipe: training.Recipe = RECIPE, repetitions: int = REPETITIONS) -> dict[str, float]:
    """Best seconds of a training step, of its products and of its trials."""
    sides = {
        "training step": partial(ours, recipe),
        "its products, torch.bmm": partial(products, recipe, "torch.bmm"),
        "its products, numpy.matmul": partial(products, recipe, "numpy.matmul"),
        "its trials": partial(trials, recipe),
        "its trials, neurogym's Dataset": partial(neurogyms_trials, recipe),
    }
    return best(sides, repetitions)


def step_figures(spent: dict[str, float]) -> dict[str, float]:
    """What is asked of a training step."""
    whole, torchs, numpys, drawn, neurogyms = spent.values()
    return {
        "share of the products (asked: 0.5 or more)": min(torchs, numpys) / whole,
        "share of its trials (asked: below 0.15)": drawn / whole,
        "neurogym's trials over the whole step": neurogyms / whole,
    }


# ------------------------------------------------------------------------------ swaps


def full_swap(w_rec: np.ndarray, lengths: np.ndarray, order: Sequence[int]) -> tuple[np.ndarray, float]:
    """What :func:`fcmod_utils.sheets.swap` does, from the full cost of each swap that could be made."""
    size, lengths, place = np.abs(w_rec).astype(float), np.array(lengths, float), np.arange(len(w_rec))

    def exchange(a: int, b: int) -> None:
        lengths[[a, b]] = lengths[[b, a]]
        lengths[:, [a, b]] = lengths[:, [b, a]]

    first = before = np.vdot(size, lengths)
    for unit in order:
        costs = np.empty(len(size))
        for other in range(len(size)):
            exchange(unit, other)
            costs[other] = np.vdot(size, lengths)
            exchange(unit, other)
        other = int(np.argmin(costs))
        if costs[other] < before - 1e-9 * before:
            exchange(unit, other)
            place[[unit, other]] = place[[other, unit]]
            before = costs[other]
    return place, float(first - before)


def swaps(sheet: Sequence[int] = RECIPE.sheet, repetitions: int = REPETITIONS) -> dict[str, float]:
    """Best seconds of a round of swaps in an untrained network, where nearly every candidate moves.

    Raises
    ------
    AssertionError
        If the two ways do not lead to the same places.
    """
    lengths = sheets.distances(sheet)
    ensemble = training.untrained(replace(RECIPE, units=len(lengths)), [0])
    w_rec, order = ensemble.w_rec[0].numpy(), np.argsort(-sheets.scores(ensemble)[0])[: sheets.CANDIDATES]
    found = {}

    def side(name: str, way: Callable) -> float:
        return seconds(lambda: found.update({name: way(w_rec, lengths, order)}))

    ways = {"a round of swaps": sheets.swap, "by the full cost of each": full_swap}
    spent = best({name: partial(side, name, way) for name, way in ways.items()}, repetitions)
    (place, gain), (same, same_gain) = found.values()
    assert (place == same).all() and np.isclose(gain, same_gain), "the two ways disagree"
    return spent


def swap_figures(spent: dict[str, float]) -> dict[str, float]:
    """What is asked of a round of swaps."""
    fast, full = spent.values()
    return {"seconds (asked: below 0.2)": fast, "full cost over it (asked: 50 or more)": full / fast}


# ------------------------------------------------------------------------------ shuffles


def plain_measures(labels: np.ndarray, places: np.ndarray) -> tuple[float, float]:
    """Share of isolated neurons and extent of clusters of a map, cell by cell and cluster by cluster."""
    cell = {(int(x), int(y)): label for (x, y), label in zip(places, labels, strict=True) if label >= 0}
    around = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    kin = [any(cell.get((x + i, y + j)) == k for i, j in around) for (x, y), k in cell.items()]
    members = [places[labels == k] / (places.max() + 1) for k in range(labels.max() + 1)]
    extents = [np.sqrt(((one - one.mean(axis=0)) ** 2).sum(axis=1).mean()) for one in members]
    return 1 - np.mean(kin), float(np.mean(extents))


def shuffles(
    side: int = RECIPE.sheet[0], n_active: int = 123, n: int = 10_000, n_plain: int = 100,
    repetitions: int = REPETITIONS,
) -> dict[str, float]:  # fmt: skip
    """Best seconds of ``n`` shuffles of a map and of ``n_plain`` in a loop.

    Raises
    ------
    AssertionError
        If the map itself has other measures, or the shuffles' means are further apart than chance allows.
    """
    places, rng = sheets.positions((side, side)), np.random.default_rng(0)
    labels = np.full(side * side, -1)
    labels[rng.choice(side * side, n_active, replace=False)] = np.arange(n_active) % 7
    live, found = np.flatnonzero(labels >= 0), {}

    def loop() -> np.ndarray:
        orders = [np.arange(len(live)), *(rng.permutation(len(live)) for _ in range(n_plain))]
        measured = []
        for order in orders:
            moved = labels.copy()
            moved[live] = labels[live][order]
            measured.append(plain_measures(moved, places))
        return np.array(measured)

    fast = lambda: seconds(lambda: found.update(fast=brain_maps.shuffles(labels, places, n)))  # noqa: E731
    slow = lambda: seconds(lambda: found.update(slow=loop()))  # noqa: E731
    spent = best({f"{n:,} shuffles": fast, f"{n_plain:,} in a plain loop": slow}, repetitions)
    for values, test in zip(found["slow"].T, list(found["fast"].values())[:2], strict=True):
        apart = abs(values[1:].mean() - test.mean)
        close = np.isclose(values[0], test.observed) and apart < 5 * test.sd / n_plain**0.5
        assert close, "the two ways disagree"
    return spent


def shuffle_figures(spent: dict[str, float], times: float = 100) -> dict[str, float]:
    """What is asked of shuffles; ``times`` as many are made at once as in the loop."""
    fast, slow = spent.values()
    return {"seconds (asked: below 2)": fast, "a shuffle in the loop over one of ours": times * slow / fast}


# ------------------------------------------------------------------------------ all questions

QUESTIONS: dict[
    str, tuple[Callable[[], dict[str, float]], Callable[[dict[str, float]], dict[str, float]]]
] = {
    "Training": (step, step_figures),
    "Swaps": (swaps, swap_figures),
    "Shuffles": (shuffles, shuffle_figures),
}


def report(title: str, spent: dict[str, float], figures: dict[str, float]) -> str:
    """Milliseconds of each side, and the figures, as text."""
    lines = [f"{name:<45}{1e3 * value:>10.1f} ms" for name, value in spent.items()]
    return "\n".join([title, *lines, *(f"{name:<45}{value:>10.3g}" for name, value in figures.items())])


def main() -> None:
    """Answer all questions."""
    torch.set_num_threads(1)
    for title, (measure, figures) in QUESTIONS.items():
        spent = measure()
        print(report(title, spent, figures(spent)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
