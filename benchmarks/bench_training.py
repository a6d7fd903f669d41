"""How fast is the ensemble? Ours against the loop that everybody writes first, in one run.

    python benchmarks/bench_training.py

The plain loop trains one network at a time with ``nn.Linear`` layers, one call per time step; it is
given its best number of threads. Both sides draw their batches from the same sampler. Repetitions
take turns, so that a machine that gets busy half-way slows both sides.

The plain network is also the oracle of the tests: same numbers, written for reading.
"""

import math
import os
import statistics
import time
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from fcmod_utils import networks, tasks, training
from fcmod_utils.processes import local_processes

RECIPE = training.Recipe("perceptual_decision_making")  # 100 units, batch 16, windows of 100 steps
THREADS = (1, 2)  # tried for the plain loop
WORKERS = 2  # processes of ours
REPETITIONS = 5
PLAIN_STEPS = 33  # one network; whole blocks of the sampler (11 windows) on both sides
OUR_STEPS = 44  # two chunks of networks
PATIENCE_S = 1.5  # a setting of the plain loop that is slower than this is stopped early


class PlainRNN(nn.Module):
    """One leaky RNN as a tutorial would write it, with the weights of one network of an ensemble."""

    def __init__(self, ensemble: networks.Ensemble, network: int = 0):
        super().__init__()
        self.alpha = ensemble.alpha
        self.act = {"relu": torch.relu, "tanh": torch.tanh, "softplus": nn.functional.softplus}[
            ensemble.nonlinearity
        ]
        for name in ("in", "rec", "out"):
            weight = getattr(ensemble, f"w_{name}")[network].detach()
            layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
            layer.weight.data.copy_(weight)
            layer.bias.data.copy_(getattr(ensemble, f"b_{name}")[network].detach())
            setattr(self, f"{name}_layer", layer)

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Outputs and states (time, trial, ...) for inputs (time, trial, channel)."""
        state = inputs.new_zeros(inputs.shape[1], self.rec_layer.in_features)
        states = []
        for x in inputs:
            rate = self.act(self.in_layer(x) + self.rec_layer(state))
            state = (1 - self.alpha) * state + self.alpha * rate
            states.append(state)
        states = torch.stack(states)
        return self.out_layer(states), states

    def arrays(self, gradients: bool = False) -> dict[str, torch.Tensor]:
        """Weights (or their gradients) under the names that an ensemble gives them."""
        found = {}
        for name in ("in", "rec", "out"):
            layer = getattr(self, f"{name}_layer")
            found[f"w_{name}"], found[f"b_{name}"] = layer.weight, layer.bias
        return {k: (v.grad if gradients else v.detach()) for k, v in found.items()}


def plain_train(
    recipe: training.Recipe, seed: int, patience_s: float = math.inf
) -> tuple[PlainRNN, list[float]]:
    """Train one network the plain way; from the same start and on the same batches as ours."""
    stop = time.perf_counter() + patience_s
    model = PlainRNN(training.untrained(recipe, [seed]))
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate)
    criterion = nn.CrossEntropyLoss()
    rng = np.random.default_rng([seed, 1])
    batches = tasks.windows(recipe.task, recipe.window, recipe.batch, rng, recipe.dt_ms)
    losses = []
    for _ in range(recipe.steps):
        inputs, targets = (torch.from_numpy(np.ascontiguousarray(part)) for part in next(batches))
        optimizer.zero_grad()
        loss = criterion(model(inputs)[0].flatten(0, 1), targets.flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if time.perf_counter() > stop:
            break
    return model, losses


def plain_rate(recipe: training.Recipe, threads: int) -> float:
    """Network-steps per second of the plain loop."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        start = time.perf_counter()
        _, losses = plain_train(recipe, 0, PATIENCE_S)
        return len(losses) / (time.perf_counter() - start)
    finally:
        torch.set_num_threads(before)


def our_rate(recipe: training.Recipe, pool, chunks: list[range]) -> float:
    """Network-steps per second of ours: chunks of networks, as ``fit_many`` hands them out."""
    start = time.perf_counter()
    for future in [pool.submit(training.train, recipe, chunk) for chunk in chunks]:
        future.result()
    return recipe.steps * sum(map(len, chunks)) / (time.perf_counter() - start)


def gradient_errors(recipe: training.Recipe, seeds) -> np.ndarray:
    """Largest difference between our gradients and autograd's, one per network.

    Autograd follows the plain loop in double precision, ours runs as it trains, in single. The
    difference is a share of the largest entry of the network's gradient array.
    """
    ensemble = training.untrained(recipe, seeds)
    weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
    batches = [
        next(tasks.windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng(s), recipe.dt_ms))
        for s in seeds
    ]
    inputs, targets = (torch.from_numpy(np.stack(part, axis=1)) for part in zip(*batches, strict=True))
    outputs, _ = networks.forward(ensemble, inputs)
    training.cross_entropy(outputs, targets).sum().backward()
    errors = np.zeros(len(seeds))
    for i in range(len(seeds)):
        model = PlainRNN(ensemble, i).double()
        logits = model(inputs[:, i].double())[0]
        nn.functional.cross_entropy(logits.flatten(0, 1), targets[:, i].flatten()).backward()
        for name, expected in model.arrays(gradients=True).items():
            difference = (weights[name].grad[i] - expected).abs().max() / expected.abs().max()
            errors[i] = max(errors[i], difference.item())
    return errors


def measure(recipe=RECIPE, repetitions=REPETITIONS, plain_steps=PLAIN_STEPS, our_steps=OUR_STEPS):
    """Rates of every repetition: ``{"plain, 1 thread": [...], ..., "ours": [...]}``."""
    plain, ours = replace(recipe, steps=plain_steps), replace(recipe, steps=our_steps)
    chunks = [range(i * training.CHUNK, (i + 1) * training.CHUNK) for i in range(WORKERS)]
    rates: dict[str, list[float]] = {}
    with local_processes(WORKERS) as pool:
        our_rate(replace(recipe, steps=2), pool, chunks)  # workers start and load their libraries
        for _ in range(repetitions):
            for threads in THREADS:
                name = f"plain loop, {threads} thread{'s' * (threads > 1)}"
                rates.setdefault(name, []).append(plain_rate(plain, threads))
            rates.setdefault("ours", []).append(our_rate(ours, pool, chunks))
    return rates


def table(rates: dict[str, list[float]]) -> str:
    """Best and median rates, and ours over the best plain setting, by both measures."""
    plain = [values for name, values in rates.items() if name != "ours"]
    best, middle = max(map(max, plain)), max(map(statistics.median, plain))
    lines = [f"{'network-steps per second':<28}{'best':>10}{'median':>10}{'ratio':>9}{'ratio':>9}"]
    for name, values in rates.items():
        high, mid = max(values), statistics.median(values)
        lines.append(f"{name:<28}{high:>10.1f}{mid:>10.1f}{high / best:>8.1f}x{mid / middle:>8.1f}x")
    return "\n".join(lines)


def main():
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start, torch {torch.__version__}")
    print(
        f"{RECIPE.units} units, batch {RECIPE.batch} x {RECIPE.window} steps; ours: chunks of "
        f"{training.CHUNK} networks over {WORKERS} processes; {REPETITIONS} repetitions in turn"
    )
    print(table(measure()))
    errors = gradient_errors(RECIPE, range(training.CHUNK))
    print("largest gradient error against autograd, by network (share of the largest entry):")
    print("  " + " ".join(f"{error:.0e}" for error in errors))


if __name__ == "__main__":
    main()
