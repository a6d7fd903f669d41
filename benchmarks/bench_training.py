"""How fast is the ensemble? Ours against three other ways, and against the machine's own limit.

    make bench            (or: python benchmarks/bench_training.py)

Rates are network-steps per second: one network, one training step (draw a batch, forward, loss,
backward, Adam). Repetitions take turns, so that a machine that gets busy half-way slows all sides;
of the repetitions the best counts, since only disturbances make a run slower. Everything runs in
the same two worker processes, which have been started and warmed up before. Building the others'
models is not counted; setting up ours is.

**The others** (``rivals.py``): a plain loop over ``nn.Linear``, ``torch.nn.RNN``, and ``torch.func.vmap``
over stacked plain networks. Each is tried in one process with 1 and 2 threads, and in two processes
with one thread each. Ours is one thread per process, in one or two processes.

**The share** is our rate divided by the rate at which the same processes do nothing but the batched
products that a step cannot do without. With H units, C inputs, O outputs, B trials, T steps of time:

    forward   T times    (B, H + C + 1) @ (H + C + 1, H + O)        drive and outputs
    backward  T times    (B, H + O) @ (H + O, H)                    gradient of the state
    weights   once       (H + O, T B) @ (T B, H + C + 1)            gradient of all weights

each for as many networks in one call as ours takes at once, on arrays made before. Both ``torch.bmm`` and
``numpy.matmul`` are timed, and the share is of the faster one. Drawing batches, the nonlinearity,
the loss, Adam and the interpreter are what keeps the share below 100 %.

The result goes to ``benchmarks/latest.json``, which the page "How fast is it?" shows.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import rivals
import torch

from fcmod_utils import training
from fcmod_utils.processes import local_processes
from fcmod_utils.recurrence import is_small

LATEST = Path(__file__).with_name("latest.json")
RECIPE = training.Recipe("perceptual_decision_making")  # 100 units, batch 16, windows of 100 steps
WORKERS = 2
REPETITIONS = 3
BLOCK = 11  # windows that the sampler draws at once: every run trains whole blocks
STEPS = {"plain loop": 3 * BLOCK, "torch.nn.RNN": 3 * BLOCK, "torch.func.vmap": BLOCK, "ours": 4 * BLOCK}
STACK = 50  # networks of a vmap; with 10 or 100 it is slower
SIZES = (1, 10, 100, 1000)  # networks
UNITS = {50: 22, 100: 22, 200: 11, 400: 4, 800: 3}  # with steps of training
KINDS = (
    {"tau_ms": 100.0, "nonlinearity": "relu"}, {"tau_ms": 500.0, "nonlinearity": "relu"},
    {"tau_ms": 100.0, "nonlinearity": "tanh"}, {"tau_ms": 500.0, "nonlinearity": "tanh"},
    {"tau_ms": 100.0, "nonlinearity": "softplus"}, {"tau_ms": 500.0, "nonlinearity": "softplus"},
    {"tau_ms": 100.0, "nonlinearity": "relu", "noise": 0.1},
)  # fmt: skip
MEMORY = (20, 200)  # networks
WHOLE = (100, 1000)  # networks, steps: a training as the book does it, from start to end
PATIENCE_S = 4.0  # a rival's run that takes longer is stopped early


# ------------------------------------------------------------------------------ what a worker does


def our_run(recipe: training.Recipe, seeds: range) -> tuple[int, float]:
    """Train one chunk; network-steps done, and seconds."""
    start = time.perf_counter()
    training.train(recipe, seeds)
    return len(seeds) * recipe.steps, time.perf_counter() - start


def rival_run(name: str, recipe: training.Recipe, seeds: range, threads: int) -> tuple[int, float]:
    """Train with a rival; network-steps done, and seconds."""
    torch.set_num_threads(threads)
    try:
        losses, seconds = rivals.fit(rivals.build(name, recipe, seeds), recipe, seeds, PATIENCE_S)
        return len(seeds) * len(losses), seconds * len(losses)
    finally:
        torch.set_num_threads(1)


def product_run(recipe: training.Recipe, n: int, library: str, rounds: int) -> tuple[int, float]:
    """The products of so many training steps and nothing else; network-steps done, and seconds."""
    task, n_time, batch, n_units = training.untrained(recipe, [0]), recipe.window, recipe.batch, recipe.units
    wide, high = n_units + task.w_in.shape[2] + 1, n_units + task.w_out.shape[1]
    states, changes = torch.rand(n, n_time, batch, wide), torch.rand(n, n_time, batch, high)
    weights = torch.rand(n, high, wide)
    transposed, inner = weights.mT.contiguous(), weights[..., :n_units].contiguous()
    drive, up, grad = torch.empty(n, batch, high), torch.empty(n, batch, n_units), torch.empty_like(weights)
    rows = changes.flatten(1, 2).mT, states.flatten(1, 2)
    multiply = torch.bmm
    if library == "numpy.matmul":
        multiply = np.matmul
        states, changes, transposed, inner = (a.numpy() for a in (states, changes, transposed, inner))
        drive, up, grad, rows = drive.numpy(), up.numpy(), grad.numpy(), [a.numpy() for a in rows]
    start = time.perf_counter()
    for _ in range(rounds):
        for t in range(n_time):
            multiply(states[:, t], transposed, out=drive)
        for t in range(n_time):
            multiply(changes[:, t], inner, out=up)
        multiply(*rows, out=grad)
    return n * rounds, time.perf_counter() - start


# ------------------------------------------------------------------------------ rates


def rate(pool, function, *arguments: tuple) -> float:
    """Network-steps per second of these calls, which run in the workers at the same time."""
    start = time.perf_counter()
    done = [future.result() for future in [pool.submit(function, *call) for call in arguments]]
    if function is our_run and len(arguments) > 1:  # many chunks: the whole time counts
        return sum(steps for steps, _ in done) / (time.perf_counter() - start)
    return sum(steps for steps, _ in done) / max(seconds for _, seconds in done)


def our_rate(pool, recipe: training.Recipe, n_networks: int, workers: int = WORKERS) -> float:
    """Ours: chunks of networks as ``fit_many`` hands them out, to one worker or to all."""
    seeds = [range(i, min(i + training.CHUNK, n_networks)) for i in range(0, n_networks, training.CHUNK)]
    if workers > 1:
        return rate(pool, our_run, *[(recipe, chunk) for chunk in seeds])
    each = [rate(pool, our_run, (recipe, chunk)) for chunk in seeds]
    return n_networks / sum(len(chunk) / one for chunk, one in zip(seeds, each, strict=True))


def rival_rates(pool, name: str, recipe: training.Recipe, n: int) -> dict[str, float]:
    """One rival in its three settings."""
    call = (name, recipe, range(n))
    found = {f"{k} thread{'s' * (k > 1)}": rate(pool, rival_run, (*call, k)) for k in (1, 2)}
    return found | {f"{WORKERS} processes": rate(pool, rival_run, *[(*call, 1)] * WORKERS)}


def product_rates(pool, recipe: training.Recipe, rounds: int) -> dict[str, dict[str, float]]:
    """Both libraries' products, in one process and in all."""
    rates = {}
    for library in ("torch.bmm", "numpy.matmul"):
        weights = torch.empty(training.CHUNK, recipe.units + 3, recipe.units + 4)
        call = (recipe, training.CHUNK if is_small(weights) else 1, library, rounds)
        rates[library] = {
            "1 process": rate(pool, product_run, call),
            f"{WORKERS} processes": rate(pool, product_run, *[call] * WORKERS),
        }
    return rates


def compare(pool, recipe=RECIPE, steps=STEPS, repetitions=REPETITIONS, stack=STACK) -> dict:
    """All ways at one size: ``{way: {setting: [rate of each repetition]}}``."""
    found: dict = {}

    def note(way, rates):
        for setting, value in rates.items():
            found.setdefault(way, {}).setdefault(setting, []).append(value)

    for _ in range(repetitions):
        for name in rivals.RIVALS:
            n = stack if name == "torch.func.vmap" else 1
            note(name, rival_rates(pool, name, replace(recipe, steps=steps[name]), n))
        ours = replace(recipe, steps=steps["ours"])
        note("ours", {"1 process": our_rate(pool, ours, training.CHUNK, 1)})
        note("ours", {f"{WORKERS} processes": our_rate(pool, ours, WORKERS * training.CHUNK)})
        for library, rates in product_rates(pool, recipe, steps["ours"]).items():
            note(library, rates)
    return found


def by_size(pool, recipe=RECIPE, sizes=SIZES, repetitions=REPETITIONS) -> dict[int, float]:
    """Ours by number of networks: milliseconds of one core per network and step."""
    recipe, cost = replace(recipe, steps=BLOCK), {}
    for turn in range(repetitions):
        for n in sizes:
            if n > 100 and turn == repetitions - 1 and turn:  # long enough to need fewer repetitions
                continue
            busy = min(WORKERS, -(-n // training.CHUNK))
            for _ in range(max(1, 40 // n)):
                one = 1e3 * busy / our_rate(pool, recipe, n)
                cost[n] = min(cost.get(n, np.inf), one)
    return cost


def by_units(pool, recipe=RECIPE, units=UNITS, repetitions=REPETITIONS) -> dict[int, dict[str, float]]:
    """All ways by number of units, in two processes each: best rates."""
    found: dict = {n: {} for n in units}
    for _ in range(repetitions - 1 or 1):
        for n, steps in units.items():
            one = replace(recipe, units=n, steps=steps)
            rates = {"ours": our_rate(pool, one, WORKERS * training.CHUNK)}
            for name in rivals.RIVALS:
                seeds = range(training.CHUNK if name == "torch.func.vmap" else 1)
                rates[name] = rate(pool, rival_run, *[(name, one, seeds, 1)] * WORKERS)
            both = product_rates(pool, one, max(1, steps // 4))
            rates["products"] = max(one[f"{WORKERS} processes"] for one in both.values())
            for way, value in rates.items():
                found[n][way] = max(found[n].get(way, 0), value)
    return found


def by_kind(pool, recipe=RECIPE, kinds=KINDS, repetitions=REPETITIONS) -> list[dict]:
    """Ours with leak, other nonlinearities, noise: best rates."""
    best = [0.0] * len(kinds)
    for _ in range(repetitions - 1 or 1):
        for i, kind in enumerate(kinds):
            one = replace(recipe, steps=2 * BLOCK, **kind)
            best[i] = max(best[i], our_rate(pool, one, WORKERS * training.CHUNK))
    return [
        {"alpha": recipe.dt_ms / kind["tau_ms"], "nonlinearity": kind["nonlinearity"],
         "noise": kind.get("noise", 0.0), "rate": value}
        for kind, value in zip(kinds, best, strict=True)
    ]  # fmt: skip


# ------------------------------------------------------------------------------ whole trainings

_WHOLE = """
import json, resource, sys, time
from fcmod_utils import training
if __name__ == "__main__":
    start = time.perf_counter()
    recipe = training.Recipe({task!r}, steps={steps}, units={units})
    trained = training.fit(recipe, range({n}))
    seconds = time.perf_counter() - start
    unit = 1e6 if sys.platform == "darwin" else 1e3
    who = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    here, worker = (resource.getrusage(one).ru_maxrss / unit for one in who)
    kept = sum(w.nbytes for e in (trained.ensemble, trained.untrained) for w in e.parameters().values())
    print(json.dumps({{"networks": {n}, "steps": {steps}, "seconds": seconds, "here_mb": here,
                      "worker_mb": worker, "results_mb": (kept + trained.loss.nbytes) / 1e6}}))
"""


def whole(n: int, steps: int, recipe=RECIPE) -> dict[str, float]:
    """A training as a chapter does it, in a fresh process with an empty store: time, peak memory.

    Starting the workers and writing the store is counted.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "whole.py")
        script.write_text(_WHOLE.format(n=n, steps=steps, task=recipe.task, units=recipe.units))
        own = {"FCMOD_STORE": str(Path(folder, "store")), "FCMOD_PUBLISH": "1", "FCMOD_WORKERS": str(WORKERS)}
        run = subprocess.run(
            [sys.executable, script], env={**os.environ, **own}, check=True, capture_output=True, text=True
        )
    return json.loads(run.stdout)


# ------------------------------------------------------------------------------ result


def load() -> float | None:
    """Processes that want a core, mean of the last minute; ours are two of them."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def machine() -> dict[str, str | int | float]:
    """What it ran on, without names of hosts or folders."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": model, "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
        "load at the start": load(), "python": platform.python_version(), "torch": torch.__version__,
        "numpy": np.__version__, "numpy's products": f"{blas['name']} {blas['version']}",
        "torch's products": "MKL" if torch.backends.mkl.is_available() else "another library",
    }  # fmt: skip


def best(rates: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """The best repetition of each setting of each way."""
    return {way: {name: max(values) for name, values in settings.items()} for way, settings in rates.items()}


def rows(rates: dict[str, dict[str, float]]) -> list[dict]:
    """The table: a way in one setting, its rate, its share of the products, ours over it.

    A setting in one process is compared with products in one process; two threads, and two
    processes, with products in two. Ours over it is ours in two processes throughout.
    """
    one, two = "1 process", f"{WORKERS} processes"
    limit = {k: max(rates[library][k] for library in ("torch.bmm", "numpy.matmul")) for k in (one, two)}
    found = []
    for way, settings in rates.items():
        for setting, value in settings.items():
            share = value / limit[one if setting in (one, "1 thread") else two]
            ratio = rates["ours"][two] / value
            found.append({"way": way, "setting": setting, "rate": value, "share": share, "ratio": ratio})
    return found


def table(found: list[dict]) -> str:
    """The rows as text."""
    lines = [
        f"{'way':<17}{'setting':<13}{'network-steps/s':>16}{'share of products':>19}{'ours over it':>14}"
    ]
    for row in found:
        lines.append(
            f"{row['way']:<17}{row['setting']:<13}{row['rate']:>16.1f}{row['share']:>18.0%} "
            f"{row['ratio']:>12.1f}x"
        )
    return "\n".join(lines)


def verdicts(result: dict) -> dict[str, float]:
    """The figures to reach, computed: see the page."""
    rates = {(row["way"], row["setting"]): row for row in result["table"]}
    two = f"{WORKERS} processes"

    def over(way, settings):
        return min(rates[way, setting]["ratio"] for setting in settings)

    threads = ("1 thread", "2 threads")
    sizes = [cost for n, cost in result["sizes"].items() if int(n) >= 10]
    few, many = result["memory"]
    return {
        "over the plain loop": over("plain loop", threads),
        "over the better of nn.RNN and vmap": min(
            over(w, threads) for w in ("torch.nn.RNN", "torch.func.vmap")
        ),
        "over the best other in two processes": min(rates[w, two]["ratio"] for w in rivals.RIVALS),
        "share of the products": rates["ours", two]["share"],
        "most over least cost, 10 networks and more": max(sizes) / min(sizes),
        "seconds of a whole training": result["whole"]["seconds"],
        "more memory with more networks, MB": sum(
            many[k] - few[k] + (WORKERS - 1) * (k == "worker_mb") * (many[k] - few[k])
            for k in ("here_mb", "worker_mb")
        ),
        "of it results, MB": many["results_mb"] - few["results_mb"],
    }


def measure() -> dict:
    """Everything; minutes."""
    result = {"date": date.today().isoformat(), "machine": machine()}
    begun = time.perf_counter()
    with local_processes(WORKERS) as pool:
        warm = replace(RECIPE, steps=2)
        our_rate(pool, warm, WORKERS * training.CHUNK)
        say("ways")
        rates = compare(pool)
        result |= {"repetitions": rates, "table": rows(best(rates))}
        print(table(result["table"]), flush=True)
        say("number of networks")
        result["sizes"] = {str(n): cost for n, cost in by_size(pool).items()}
        say("number of units")
        result["units"] = {str(n): found for n, found in by_units(pool).items()}
        say("leak, nonlinearity, noise")
        result["kinds"] = by_kind(pool)
    say("gradients")
    result["gradient_errors"] = {
        name: rivals.gradient_errors(name, RECIPE, range(3)).max() for name in ("ours", *rivals.RIVALS)
    }
    say("memory")
    result["memory"] = [whole(n, 3) for n in MEMORY]
    say(f"{WHOLE[0]} networks x {WHOLE[1]} steps")
    result["whole"] = whole(*WHOLE)
    result["machine"]["load at the end"] = load()
    result |= {"minutes": (time.perf_counter() - begun) / 60, "figures": verdicts(result)}
    return result


def say(what: str) -> None:
    """Tell what is being measured."""
    print(f"-- {what}", flush=True)


def report(result: dict) -> str:
    """What the table does not show, as text."""
    lines = ["ms of one core per network and step, by number of networks:"]
    lines += [f"  {n:>5} {cost:6.2f}" for n, cost in result["sizes"].items()]
    lines += ["network-steps per second in two processes, by number of units:"]
    for n, found in result["units"].items():
        lines += [f"  {n:>5} " + "  ".join(f"{way} {value:.1f}" for way, value in found.items())]
    lines += ["ours with other dynamics:"]
    for kind in result["kinds"]:
        lines += [f"  alpha {kind['alpha']:.1f} {kind['nonlinearity']:<9} noise {kind['noise']:.1f} "
                  f"{kind['rate']:8.1f}"]  # fmt: skip
    lines += ["largest gradient error against autograd in double precision (share of the largest entry):"]
    lines += [f"  {name:<17}{error:.0e}" for name, error in result["gradient_errors"].items()]
    lines += [f"{name}: {value:.2f}" for name, value in result["figures"].items()]
    return "\n".join(lines)


def main() -> int:
    """Measure, print, keep; 1 if the ways do not compute the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=LATEST)
    output = parser.parse_args().output
    torch.set_num_threads(1)
    result = measure()
    print(report(result))
    output.write_text(json.dumps(result, indent=1) + "\n")
    return int(max(result["gradient_errors"].values()) > 1e-5)


if __name__ == "__main__":
    sys.exit(main())
