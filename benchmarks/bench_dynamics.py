"""How fast are lesion maps and fixed points? Ours against plain loops, in one run.

    python benchmarks/bench_dynamics.py

Lesion maps: the plain loop copies the network, sets one unit's recurrent weights to 0 and steps,
once from each of the 625 states, and once more with all states as one batch, which is the most that
a loop over copies can do. Fixed points: the plain loop descends from one start after the other.
Repetitions take turns. The plain sides are also the oracle of the tests.
"""

import copy
import os
import statistics
import time

import numpy as np
import torch
from rivals import PlainRNN

from fcmod_utils import fixed_points, flow, networks

N_UNITS, N_GRID, N_STARTS = 100, 25, 64
TOLERANCE = 1e-6
REPETITIONS = 5
STEPWISE_LESIONS = 10  # the slow side does a tenth of the lesions, and its time counts ten times
INPUTS = (1.0, 0.5, 0.5)


def example(n_units: int = N_UNITS, seed: int = 0) -> networks.Ensemble:
    """A network whose recurrent weights are about as strong as trained ones."""
    network = networks.initialize([seed], 3, n_units, 3)
    return network.with_parameters(w_rec=1.5 * network.w_rec / torch.linalg.matrix_norm(network.w_rec, 2))


def plain_distances(
    network: networks.Ensemble, states: np.ndarray, inputs, one_by_one: bool, n_lesions: int | None = None
) -> np.ndarray:
    """Flow distances (lesion, state): copy the network, lesion, step."""
    model, x = PlainRNN(network), torch.tensor(inputs)
    states = torch.as_tensor(states, dtype=torch.float32)

    def step(net: PlainRNN, r: torch.Tensor) -> torch.Tensor:
        return (1 - net.alpha) * r + net.alpha * net.act(net.in_layer(x) + net.rec_layer(r))

    def land(net: PlainRNN) -> torch.Tensor:
        return torch.stack([step(net, r) for r in states]) if one_by_one else step(net, states)

    distances = []
    with torch.no_grad():
        usual = land(model)
        for unit in range(n_lesions or states.shape[1]):
            lesioned = copy.deepcopy(model)
            lesioned.rec_layer.weight[unit] = 0.0
            lesioned.rec_layer.weight[:, unit] = 0.0
            distances.append((land(lesioned) - usual).norm(dim=1))
    return torch.stack(distances).numpy()


def plain_search(
    network: networks.Ensemble, starts: np.ndarray, inputs, tolerance: float = TOLERANCE, max_steps=20_000
) -> np.ndarray:
    """Fixed points (start, unit) by the same descent, one start after the other."""
    model, x = PlainRNN(network).double(), torch.tensor(inputs, dtype=torch.float64)
    rate = 1 / (model.alpha * (1 + torch.linalg.matrix_norm(model.rec_layer.weight.detach(), 2))) ** 2
    ends = []
    for start in starts:
        old = here = torch.tensor(start, dtype=torch.float64)
        age = 0
        for _ in range(max_steps):
            here = here.detach().requires_grad_()
            after = model.act(model.in_layer(x) + model.rec_layer(here))
            move = model.alpha * (after - here)
            if move.norm() < tolerance:
                break
            (slope,) = torch.autograd.grad(move.square().sum() / 2, here)
            new = here.detach() - rate * slope
            age = 0 if slope @ (new - old) > 0 else age + 1
            old, here = new, new + age / (age + 3) * (new - old)
        ends.append(here.detach())
    return torch.stack(ends).numpy()


def clock(call) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def measure(
    n_units=N_UNITS, n_grid=N_GRID, n_starts=N_STARTS, repetitions=REPETITIONS, slow=STEPWISE_LESIONS
):
    """Seconds of every repetition, by what was timed."""
    network = example(n_units)
    activity = networks.run(network, np.random.default_rng(0).uniform(0, 1, (200, 4, 3))).hidden[0]
    plane = flow.principal_plane(activity.reshape(-1, n_units))
    states = plane.lift(flow.grid(plane.project(activity), n_grid))
    starts = np.random.default_rng(1).uniform(0, 3, (n_starts, n_units))

    def similarity(distances):
        return flow.lesion_similarity(distances[distances.std(axis=1) > 1e-6])

    sides = {
        "lesions, one state at a time": lambda: plain_distances(network, states, INPUTS, True, slow),
        "lesions, states in a batch": lambda: similarity(plain_distances(network, states, INPUTS, False)),
        "lesions, ours": lambda: similarity(flow.lesion_distances(network, states, INPUTS)),
        "fixed points, one by one": lambda: plain_search(network, starts, INPUTS),
        "fixed points, ours": lambda: fixed_points.search(network, starts, INPUTS, TOLERANCE),
    }
    seconds = {name: [] for name in sides}
    for repetition in range(repetitions):
        for name, call in sides.items():
            if name == "fixed points, one by one" and repetition > 0:
                continue  # half a minute: once is enough
            part = n_units / slow if name == "lesions, one state at a time" else 1
            seconds[name].append(part * clock(call))
    return seconds


def table(seconds: dict[str, list[float]]) -> str:
    """Best and median seconds, and how often ours goes into each plain side's best."""
    best = {name: min(values) for name, values in seconds.items()}
    lines = [f"{'seconds':<32}{'best':>10}{'median':>10}{'ratio':>9}"]
    for name, values in seconds.items():
        ratio = best[name] / best[name.split(",")[0] + ", ours"]
        lines.append(f"{name:<32}{best[name]:>10.4f}{statistics.median(values):>10.4f}{ratio:>8.1f}x")
    return "\n".join(lines)


def errors(n_units=N_UNITS, n_states=N_GRID**2) -> tuple[float, float]:
    """Largest difference of the flow distances, and largest speed that the search leaves."""
    network, rng = example(n_units), np.random.default_rng(2)
    states = rng.normal(1, 2, (n_states, n_units)).astype(np.float32)
    ours = flow.lesion_distances(network, states, INPUTS)
    found = fixed_points.search(network, rng.uniform(0, 3, (8, n_units)), INPUTS, TOLERANCE)
    return abs(ours - plain_distances(network, states, INPUTS, False)).max(), found.speed.max()


def main():
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start, torch {torch.__version__}, one thread")
    print(f"{N_UNITS} lesions x {N_GRID**2} states x {N_UNITS} units; {N_STARTS} starts to {TOLERANCE:g}")
    torch.set_num_threads(1)
    print(table(measure()))
    print("largest difference of flow distances {:.0e}; largest speed left {:.0e}".format(*errors()))


if __name__ == "__main__":
    main()
