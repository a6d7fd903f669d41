"""How fast does a population of embedded networks train? Ours against one network after another.

    OMP_NUM_THREADS=1 python benchmarks/bench_sernn.py

The plain loop is what the formula says: a loop over time, torch's matrix exponential, autograd
through both, one network at a time. Both sides start alike, draw the same batches and must end with the
same weights. They take turns, so that a machine that gets busy half-way slows both.
"""

import os
import statistics
import time
from dataclasses import replace

import numpy as np
import torch
from rivals import PlainRNN

from fcmod_utils import constraints, learning, sernn, tasks, training
from fcmod_utils.scale import SCALES

STEPS = 8  # of training, per repetition
REPETITIONS = 5


def recipe(kind: str = "sernn", **changes) -> training.Recipe:
    """The chapter's recipe with fewer steps."""
    return replace(sernn.recipe_of(kind, SCALES["book"])[0], checkpoint_every=0, **changes)


def plain_cost(w: torch.Tensor, kind: str) -> torch.Tensor:
    """What the wiring of one network costs, as the formula is written."""
    w = w.abs()
    if kind == "l1":
        return w.sum()
    root = w.sum(0) ** -0.5
    c = torch.linalg.matrix_exp(root[:, None] * w * root)
    return (w * torch.from_numpy(constraints.distances(constraints.box(len(w)))).float() * c).sum()


def plain_train(recipe: training.Recipe, seed: int) -> PlainRNN:
    """One network, trained by itself."""
    model = PlainRNN(training.untrained(recipe, [seed]))
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate, eps=recipe.adam_epsilon)
    batches = tasks.windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng([seed, 1]))
    strength = float(recipe.strengths([seed])[0])
    for _, (inputs, targets) in zip(range(recipe.steps), batches, strict=False):
        state = torch.zeros(recipe.batch, recipe.units)
        for x in torch.from_numpy(inputs):
            state = torch.relu(model.in_layer(x) + model.rec_layer(state))
        loss = torch.nn.functional.cross_entropy(model.out_layer(state), torch.from_numpy(targets[-1]))
        loss = loss + strength * plain_cost(model.rec_layer.weight, recipe.penalty)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def measure(
    kind: str = "sernn", repetitions: int = REPETITIONS, chunk: int = training.CHUNK, **changes
) -> tuple[dict[str, list[float]], float]:
    """Milliseconds per network and step, by side and repetition, and the largest difference of a weight."""
    one, error = recipe(kind, **{"steps": STEPS} | changes), 0.0
    spent: dict[str, list[float]] = {"one at a time": [], "ours": []}
    for repetition in range(repetitions + 1):
        seeds = range(repetition * chunk % 90, repetition * chunk % 90 + chunk)
        start = time.perf_counter()
        alone = plain_train(one, seeds[0])
        middle = time.perf_counter()
        together, *_ = learning.train(one, seeds)
        end = time.perf_counter()
        if repetition:  # the first loads and warms up
            spent["one at a time"].append(1e3 * (middle - start) / one.steps)
            spent["ours"].append(1e3 * (end - middle) / one.steps / chunk)
        for name, weights in alone.arrays().items():
            error = max(error, (weights - together.parameters()[name][0]).abs().max().item())
    return spent, error


def table(spent: dict[str, list[float]]) -> str:
    """Best and median of both sides, and how many times ours fits into the other."""
    lines = [f"{'ms per network and step':<26}{'best':>8}{'median':>8}"]
    for name, values in spent.items():
        lines.append(f"{name:<26}{min(values):>8.1f}{statistics.median(values):>8.1f}")
    plain, ours = spent.values()
    ratio = statistics.median(a / b for a, b in zip(plain, ours, strict=True))
    return "\n".join(
        [*lines, f"one at a time over ours: {min(plain) / min(ours):.1f}x (median {ratio:.1f}x)"]
    )


def main() -> None:
    """Measure and print both kinds."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    for kind in sernn.COMPARED:
        spent, error = measure(kind)
        minutes = 100 * 400 * min(spent["ours"]) / 2 / 6e4
        print(f"{kind}\n{table(spent)}\nlargest difference of a weight {error:.0e}")
        print(f"100 networks on two such cores: {minutes:.1f} minutes\n")


if __name__ == "__main__":
    main()
