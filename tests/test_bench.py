"""The benchmark runs, at a size that says nothing about speed; its rivals compute what ours does."""

import json

import bench_training
import numpy as np
import pytest
import rivals
from conftest import ROOT

from fcmod_utils import training
from fcmod_utils.processes import local_processes

TINY = training.Recipe("go_nogo", units=6, batch=2, window=10)
STEPS = dict.fromkeys(bench_training.STEPS, 2)
TWO = "2 processes"


@pytest.fixture(scope="module")
def pool():
    with local_processes(2) as started:
        yield started


# ------------------------------------------------------------------------------ the same numbers


@pytest.mark.parametrize("name", ["ours", *rivals.RIVALS])
@pytest.mark.parametrize("task", ["perceptual_decision_making", "go_nogo"])
def test_gradients_at_full_size_equal_autograds(task, name):
    """100 units, batch 16 x 100 steps, in single precision: within 1e-5 of autograd in double."""
    errors = rivals.gradient_errors(name, training.Recipe(task), [0, 1, 2])
    assert errors.shape == (3,)
    assert np.all((errors > 0) & (errors < 1e-5))


@pytest.mark.parametrize("name", rivals.RIVALS)
def test_rivals_train_from_the_same_start_on_the_same_batches(name):
    seeds = [3, 8] if name == "torch.func.vmap" else [3]
    recipe = training.Recipe("go_nogo", units=10, batch=4, window=20, steps=5)
    losses, seconds = rivals.fit(rivals.build(name, recipe, seeds), recipe, seeds)
    _, ours, _ = training.train(recipe, seeds)
    np.testing.assert_allclose(np.transpose(losses), ours, rtol=1e-5)
    assert seconds > 0


def test_pytorchs_rnn_knows_no_leak():
    with pytest.raises(ValueError, match=r"alpha is 0.5 with relu; allowed in torch.nn.RNN: alpha 1 with"):
        rivals.build("torch.nn.RNN", training.Recipe("go_nogo", tau_ms=200.0), [0])


def test_a_slow_rival_is_stopped_early():
    recipe = training.Recipe("go_nogo", units=6, batch=2, window=10, steps=50)
    losses, _ = rivals.fit(rivals.build("plain loop", recipe, [0]), recipe, [0], patience_s=0.0)
    assert len(losses) == 1


# ------------------------------------------------------------------------------ every side is measured


def test_every_way_is_measured_in_every_setting(pool):
    rates = bench_training.compare(pool, TINY, STEPS, repetitions=2, stack=3)
    assert list(rates) == [*rivals.RIVALS, "ours", "torch.bmm", "numpy.matmul"]
    for way, settings in rates.items():
        one = ["1 thread", "2 threads"] if way in rivals.RIVALS else ["1 process"]
        assert list(settings) == [*one, TWO]
        assert all(len(values) == 2 and min(values) > 0 for values in settings.values())
    assert len(bench_training.rows(bench_training.best(rates))) == 15


def test_scaling_is_measured_at_every_size(pool, monkeypatch):
    monkeypatch.setattr(training, "CHUNK", 2)
    assert [*bench_training.by_size(pool, TINY, (1, 5), 1)] == [1, 5]
    units = bench_training.by_units(pool, TINY, {4: 2, 8: 2}, 1)
    assert {n: sorted(found) for n, found in units.items()} == dict.fromkeys(
        (4, 8), sorted([*rivals.RIVALS, "ours", "products"])
    )
    kinds = bench_training.by_kind(pool, TINY, ({"tau_ms": 500.0, "nonlinearity": "tanh", "noise": 0.1},), 1)
    assert [(kind["alpha"], kind["nonlinearity"], kind["noise"]) for kind in kinds] == [(0.2, "tanh", 0.1)]
    assert kinds[0]["rate"] > 0


def test_memory_grows_by_no_more_than_the_results(monkeypatch):
    """Each network's states in training take 0.7 MB; kept for all, 80 more would take 55 MB."""
    monkeypatch.setattr(bench_training, "WORKERS", 1)
    few, many = (bench_training.whole(n, steps=1) for n in (20, 100))
    assert many["results_mb"] - few["results_mb"] > 5
    assert many["worker_mb"] - few["worker_mb"] < 25
    assert many["here_mb"] - few["here_mb"] < 50


# ------------------------------------------------------------------------------ what is made of it

RATES = {
    "plain loop": {"1 thread": 3.0, "2 threads": 4.0, TWO: 6.0},
    "torch.nn.RNN": {"1 thread": 8.0, "2 threads": 5.0, TWO: 12.0},
    "torch.func.vmap": {"1 thread": 10.0, "2 threads": 6.0, TWO: 15.0},
    "ours": {"1 process": 35.0, TWO: 60.0},
    "torch.bmm": {"1 process": 40.0, TWO: 80.0},
    "numpy.matmul": {"1 process": 50.0, TWO: 75.0},
}


def test_best_is_the_best_repetition():
    assert bench_training.best({"ours": {TWO: [3.0, 9.0, 6.0]}}) == {"ours": {TWO: 9.0}}


def test_share_is_of_the_faster_products_in_as_many_processes():
    found = {(row["way"], row["setting"]): row for row in bench_training.rows(RATES)}
    shares = {
        ("plain loop", "1 thread"): 3 / 50, ("plain loop", "2 threads"): 4 / 80, ("plain loop", TWO): 6 / 80,
        ("ours", "1 process"): 35 / 50, ("ours", TWO): 60 / 80, ("numpy.matmul", TWO): 75 / 80,
    }  # fmt: skip
    for key, share in shares.items():
        assert found[key]["share"] == pytest.approx(share), key
    assert found["torch.func.vmap", "1 thread"]["ratio"] == 6.0
    line = bench_training.table(bench_training.rows(RATES)).splitlines()[3]
    assert line.split() == ["plain", "loop", "2", "processes", "6.0", "8%", "10.0x"]


def test_figures_are_those_of_the_best_thread_setting():
    result = {
        "table": bench_training.rows(RATES),
        "sizes": {"1": 9.0, "10": 2.0, "100": 2.2, "1000": 2.1},
        "memory": [
            {"here_mb": 300.0, "worker_mb": 350.0, "results_mb": 1.0},
            {"here_mb": 320.0, "worker_mb": 352.0, "results_mb": 16.0},
        ],
        "whole": {"seconds": 90.0},
    }
    assert bench_training.verdicts(result) == pytest.approx({
        "over the plain loop": 15.0,
        "over the better of nn.RNN and vmap": 6.0,
        "over the best other in two processes": 4.0,
        "share of the products": 0.75,
        "most over least cost, 10 networks and more": 1.1,
        "seconds of a whole training": 90.0,
        "more memory with more networks, MB": 24.0,
        "of it results, MB": 15.0,
    })  # fmt: skip


@pytest.mark.parametrize("name", ["latest", "earlier"])
def test_the_kept_results_are_whole_and_name_no_machine(name):
    text = (ROOT / "benchmarks" / f"{name}.json").read_text(encoding="utf-8")
    kept = json.loads(text)
    assert kept["figures"] == pytest.approx(bench_training.verdicts(kept))
    assert kept["table"] == bench_training.rows(bench_training.best(kept["repetitions"]))
    assert max(kept["gradient_errors"].values()) < 1e-5
    assert [*kept["sizes"]] == [str(n) for n in bench_training.SIZES]
    assert [*kept["units"]] == [str(n) for n in bench_training.UNITS]
    assert not {"node", "host", "user"} & set(kept["machine"])
    assert "/home" not in text and "\\Users" not in text and str(ROOT) not in text
