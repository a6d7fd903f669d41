"""Train a whole list of ensembles, here or on a cluster: ``python -m fcmod_utils.sweep CONFIG``.

A configuration is a YAML list with one entry per sweep. Each entry holds fields of
:class:`fcmod_utils.recipes.Recipe` and ``seeds`` (how many, or a list of them); a field given as a
list is swept, in all combinations. A word that names a field of :class:`fcmod_utils.scale.Scale`
stands for its value at the present scale::

    - task: perceptual_decision_making
      units: [10, 30, 100]
      steps: steps
      seeds: networks
"""

import argparse
import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import yaml

from . import grown, scale, store, task_variance, tasks
from .activity import accuracy, final_states, read_out
from .networks import Ensemble
from .recipes import Recipe, check_seeds
from .training import Trained, fit_many, is_kept

TRIALS = 400  # test trials behind each accuracy
TABLE = 1  # raise when the columns would hold other numbers
FIELDS = [field.name for field in fields(Recipe)]
Job = tuple[Recipe, tuple[int, ...]]


def read(path: Path | str) -> list[Job]:
    """The ensembles that a configuration asks for, one per combination of its swept fields.

    Raises
    ------
    ValueError
        For a file that is no such list, a field that recipes do not have, or a value they do not
        allow; the message names the entry.
    """
    try:
        entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{path} holds {type(entries).__name__}; allowed: a list with an entry per sweep")
    jobs = []
    for number, entry in enumerate(entries, 1):
        try:
            jobs += _expand(entry)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}, entry {number}: {error}") from error
    return list(dict.fromkeys(jobs))


def _expand(entry: dict) -> Iterator[Job]:
    if not isinstance(entry, dict) or not {"task", "seeds"} <= set(entry) <= {*FIELDS, "seeds"}:
        given = list(entry) if isinstance(entry, dict) else entry
        raise ValueError(f"fields are {given}; allowed: task, seeds and any of {', '.join(FIELDS[1:])}")
    words = scale.current().words()
    entry = {name: _sized(words, name, value) for name, value in entry.items()}
    seeds = entry.pop("seeds")
    if not isinstance(seeds, int | list) or isinstance(seeds, bool):
        raise ValueError(f"seeds is {seeds!r}; allowed: a number, a list, or one of {', '.join(words)}")
    seeds = check_seeds(range(seeds) if isinstance(seeds, int) else seeds)
    swept = {name: value if isinstance(value, list) else [value] for name, value in entry.items()}
    for values in itertools.product(*swept.values()):
        chosen = dict(zip(swept, values, strict=True))
        recipe = Recipe(**{name: _number(name, value) for name, value in chosen.items()})
        recipe.check()
        yield recipe, seeds


def _sized(words: dict, name: str, value):
    """A value with the scale's sizes in place of their names; one of the penalties is called "sheet", too."""
    if isinstance(value, list):
        return [_sized(words, name, one) for one in value]
    return words.get(value, value) if isinstance(value, str) and name != "penalty" else value


def _number(name: str, value):
    """YAML reads 1e-3 as a word."""
    if isinstance(value, str) and Recipe.__annotations__[name] is float:
        with contextlib.suppress(ValueError):
            return float(value)
    return value


def table(trained: Sequence[Trained]) -> dict[str, np.ndarray]:
    """One row per network: its recipe, seed, loss, accuracy, and where it was stopped.

    Returns
    -------
    dict of str to ndarray, shape (network,)
        The recipe's fields, ``sheet`` as a word such as ``20x20``; ``seed``; ``loss``, mean over the
        last tenth of the training steps; ``accuracy``, mean over the ground truths on the same ``TRIALS``
        fresh trials for all networks of a task; ``stopped``, the step at which a network was stopped, or -1.
    """
    spec = {"table_version": TABLE, "trials": TRIALS, "jobs": [t.recipe.address(t.seeds) for t in trained]}
    numbers = store.get_or_make("table", spec, lambda: _measure(trained))
    columns = {}
    for name in FIELDS:
        values = [getattr(t.recipe, name) for t in trained for _ in t.seeds]
        if name == "sheet":  # sides differ in number
            values = ["x".join(map(str, sides or ())) for sides in values]
        columns[name] = np.array([-1 if v is None else v for v in values])
    return columns | numbers


def _measure(trained: Sequence[Trained]) -> dict[str, np.ndarray]:
    parts = []
    for one in trained:
        correct = _correct(one.ensemble, one.recipe)
        loss = one.loss[:, -max(1, one.recipe.steps // 10) :].mean(axis=1)
        stopped = np.array([one.stopped.get(seed, -1) for seed in one.seeds])
        parts.append((np.array(one.seeds), loss, correct, stopped))
    columns = zip(("seed", "loss", "accuracy", "stopped"), zip(*parts, strict=True), strict=True)
    return {name: np.concatenate(column) for name, column in columns}


def _correct(ensemble: Ensemble, recipe: Recipe) -> np.ndarray:
    """Accuracy of each network, mean over ground truths, or over tasks where the task is many."""
    if names := grown.TASKS.get(recipe.task):
        return task_variance.accuracy(ensemble, names, TRIALS, seed=20_000).mean(axis=1)
    trials = tasks.sample_trials(recipe.task, TRIALS, seed=20_000, dt_ms=recipe.dt_ms)
    last = read_out(ensemble, final_states(ensemble, trials))
    return np.mean(list(accuracy(last, trials).values()), axis=0)


def save(columns: dict[str, np.ndarray], path: Path) -> None:
    """Write a table as NPZ (read it with ``numpy.load``; no pickle) or, by its ending, as CSV."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:  # gone if it fails
        with open(Path(folder) / path.name, "wb") as file:
            if path.suffix == ".csv":
                rows = [
                    ",".join(columns),
                    *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
                ]
                file.write("\n".join(rows).encode() + b"\n")
            else:
                np.savez(file, allow_pickle=False, **columns)
        os.replace(file.name, path)


def differences(jobs: Sequence[Job]) -> list[tuple[Job, float | None]]:
    """Train everything again, beside the store, and compare.

    Returns
    -------
    list of (job, float or None)
        Largest absolute difference between a stored and a new weight; None where nothing was
        stored. Stored networks stay as they are.
    """
    stored = [job for job in jobs if is_kept(*job)]
    before = dict(zip(stored, fit_many(stored), strict=True)) if stored else {}
    folder = store.root() / "again"  # what an interrupted run has finished is found there
    with _elsewhere(folder):
        after = dict(zip(jobs, fit_many(jobs), strict=True))
    shutil.rmtree(folder)
    return [(job, _largest(before[job], after[job]) if job in before else None) for job in jobs]


@contextlib.contextmanager
def _elsewhere(folder: Path) -> Iterator[None]:
    """Another store and no artifacts, for this process and those that it starts."""
    before = {name: os.environ.get(name) for name in ("FCMOD_STORE", "FCMOD_ARTIFACTS")}
    os.environ |= {"FCMOD_STORE": str(folder), "FCMOD_ARTIFACTS": str(folder / "none")}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def _largest(one: Trained, other: Trained) -> float:
    """Largest absolute difference of two ensembles' weights; those that are NaN in both are equal."""
    pairs = zip(one.ensemble.parameters().values(), other.ensemble.parameters().values(), strict=True)
    return max(
        np.where(np.isnan(a) & np.isnan(b), 0, abs(a - b)).max().item()
        for a, b in ((a.numpy(), b.numpy()) for a, b in pairs)
    )


# ------------------------------------------------------------------------------ command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m fcmod_utils.sweep", description=__doc__.split("\n")[0])
    parser.add_argument("config", type=Path, help="YAML list of sweeps, as the book's API page describes")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://host:8786")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write a row per network, .npz or .csv")
    parser.add_argument("--again", action="store_true", help="train all again and report differences")
    given = parser.parse_args(arguments)
    if given.again and (given.scheduler or given.output):
        parser.error("--again stands alone: it compares with this machine's store")
    if given.output and (given.output.suffix not in (".npz", ".csv") or not given.output.parent.is_dir()):
        parser.error(f"--output is {given.output}; allowed: a .npz or .csv file in a folder that exists")
    try:
        jobs = read(given.config)
        if given.again:
            for job, largest in differences(jobs):
                print(f"{_named(*job)}: {_said(largest)}")
            return 0
        with _executor(given.scheduler) as executor:
            trained = fit_many(jobs, executor)
        columns = table(trained)
        if given.output:
            save(columns, given.output)
        _print(trained, columns)
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError(f"{error}: pip install 'fcmod_utils[cluster]'") from error
    with Client(address, timeout="20s") as client:
        yield client.get_executor()


def _named(recipe: Recipe, seeds: Sequence[int]) -> str:
    """A recipe by what it sets otherwise than the defaults."""
    default = asdict(Recipe(recipe.task))
    changed = [f"{name} {value}" for name, value in asdict(recipe).items() if value != default[name]]
    return f"{', '.join([recipe.task, *changed])}, {len(seeds)} networks"


def _said(largest: float | None) -> str:
    if largest is None:
        return "made, nothing stored to compare with"
    return "the same, bit for bit" if largest == 0 else f"largest difference of a weight {largest:.2g}"


def _print(trained: Sequence[Trained], columns: dict[str, np.ndarray]) -> None:
    row = 0
    for one in trained:
        rows = slice(row, row := row + len(one.seeds))
        loss, right = (np.nanmedian(columns[name][rows]) for name in ("loss", "accuracy"))
        stopped = f", {len(one.stopped)} stopped" if one.stopped else ""
        print(
            f"{_named(one.recipe, one.seeds)}: {one.source}; "
            f"loss {loss:.3g}, accuracy {right:.3f} (medians){stopped}"
        )


if __name__ == "__main__":
    sys.exit(main())
