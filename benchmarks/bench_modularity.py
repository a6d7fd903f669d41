"""How fast is the permutation null? Ours against a loop over bctpy's function, in one run.

    OMP_NUM_THREADS=1 python benchmarks/bench_modularity.py

Both sides shuffle the same labels in the same order, so they must find the same values. They take
turns, so that a machine that gets busy half-way slows both.
"""

import os
import statistics
import time

import bct
import numpy as np

from fcmod_utils import connectivity, modules, projections

UNITS = 100
PERMUTATIONS = 1000
REPETITIONS = 9


def network(n_units: int = UNITS, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """FC of noise sent through a random two-input projection, and modules of its weights."""
    w_in = projections.gaussian_weights(n_units, 2, seed)
    fc = connectivity.functional_connectivity(projections.noise(w_in, seed=seed)[1])
    return fc, modules.detect(connectivity.connection_similarity(w_in), runs=5)[0]


def plain_null(fc: np.ndarray, labels: np.ndarray, n_permutations: int, seed: int = 0) -> np.ndarray:
    """The loop that everybody writes first."""
    rng = np.random.default_rng(seed)
    shuffled = (labels[rng.permutation(len(labels))] for _ in range(n_permutations))
    return np.array([bct.modularity_und_sign(fc, one + 1, qtype="sta")[1] for one in shuffled])


def measure(n_units=UNITS, n_permutations=PERMUTATIONS, repetitions=REPETITIONS):
    """Seconds of every repetition by side, and the largest difference between their values."""
    fc, labels = network(n_units)
    sides = {
        "loop over bctpy": lambda seed: plain_null(fc, labels, n_permutations, seed),
        "ours": lambda seed: modules.permutation_null(fc, labels, n_permutations, seed)[0],
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    error = 0.0
    for repetition in range(repetitions + 1):
        nulls = []
        for name, null in sides.items():
            start = time.perf_counter()
            nulls.append(null(repetition))
            if repetition:  # the first loads and warms up
                seconds[name].append(time.perf_counter() - start)
        error = max(error, float(np.abs(nulls[0] - nulls[1]).max()))
    return seconds, error


def table(seconds: dict[str, list[float]]) -> str:
    """Best and median seconds of both sides, and how many times ours fits into the loop's."""
    plain, ours = seconds["loop over bctpy"], seconds["ours"]
    lines = [f"{'seconds':<20}{'best':>10}{'median':>10}"]
    lines += [f"{k:<20}{min(v):>10.4f}{statistics.median(v):>10.4f}" for k, v in seconds.items()]
    ratios = min(plain) / min(ours), statistics.median(plain) / statistics.median(ours)
    lines.append(f"{'ratio':<20}{ratios[0]:>9.1f}x{ratios[1]:>9.1f}x")
    return "\n".join(lines)


def main():
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start, numpy {np.__version__}")
    print(f"{PERMUTATIONS} permutations of induced modularity, {UNITS} units; {REPETITIONS} repetitions")
    seconds, error = measure()
    print(table(seconds))
    print(f"largest difference between the two sides: {error:.0e}")


if __name__ == "__main__":
    main()
