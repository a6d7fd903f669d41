"""The benchmark runs, at a size that says nothing about speed."""

import bench_dynamics
import bench_modularity
import bench_training
import numpy as np
import pytest

from fcmod_utils import training

TINY = training.Recipe("go_nogo", units=6, batch=2, window=10)


def test_every_side_is_measured_every_time(monkeypatch, capsys):
    monkeypatch.setattr(training, "CHUNK", 2)
    rates = bench_training.measure(TINY, repetitions=2, plain_steps=2, our_steps=2)
    assert list(rates) == ["plain loop, 1 thread", "plain loop, 2 threads", "ours"]
    assert all(len(values) == 2 and min(values) > 0 for values in rates.values())


def test_the_ratio_is_to_the_best_plain_setting():
    rates = {"plain loop, 1 thread": [1, 3, 2], "plain loop, 2 threads": [5, 4, 6], "ours": [30, 12, 10]}
    lines = bench_training.table(rates).splitlines()
    assert [line.split()[-4:] for line in lines[1:]] == [
        ["3.0", "2.0", "0.5x", "0.4x"],
        ["6.0", "5.0", "1.0x", "1.0x"],
        ["30.0", "12.0", "5.0x", "2.4x"],
    ]


def test_a_slow_setting_is_stopped_early(monkeypatch):
    monkeypatch.setattr(bench_training, "PATIENCE_S", 0.0)
    _, losses = bench_training.plain_train(TINY, 0, patience_s=0.0)
    assert len(losses) == 1
    assert bench_training.plain_rate(TINY, threads=1) > 0


@pytest.mark.parametrize("task", ["perceptual_decision_making", "go_nogo"])
def test_gradients_at_full_size_equal_autograds(task):
    """100 units, batch 16 x 100 steps, in single precision: within 1e-5 of autograd in double."""
    errors = bench_training.gradient_errors(training.Recipe(task), range(3))
    assert errors.shape == (3,)
    assert np.all((errors > 0) & (errors < 1e-5))


# ------------------------------------------------------------------------------ modularity


def test_both_sides_of_the_null_are_measured_and_equal():
    """Permutations by the thousand, 100 units, to 1e-10; speed is the benchmark's to say."""
    seconds, error = bench_modularity.measure(repetitions=1)
    assert list(seconds) == ["loop over bctpy", "ours"]
    assert all(len(values) == 1 and values[0] > 0 for values in seconds.values())
    assert error < 1e-10


def test_the_ratio_is_the_loop_over_ours():
    lines = bench_modularity.table({"loop over bctpy": [4, 2, 6], "ours": [0.1, 0.2, 0.4]}).splitlines()
    assert [line.split()[-2:] for line in lines[1:]] == [
        ["2.0000", "4.0000"],
        ["0.1000", "0.2000"],
        ["20.0x", "20.0x"],
    ]


def test_lesion_maps_and_fixed_points_are_measured(capsys):
    seconds = bench_dynamics.measure(n_units=8, n_grid=3, n_starts=2, repetitions=2, slow=2)
    assert {name: len(values) for name, values in seconds.items()} == {
        "lesions, one state at a time": 2,
        "lesions, states in a batch": 2,
        "lesions, ours": 2,
        "fixed points, one by one": 1,
        "fixed points, ours": 2,
    }
    lines = bench_dynamics.table({"lesions, slow": [6.0, 4.0], "lesions, ours": [0.5, 1.0]}).splitlines()
    assert [line.split()[-3:] for line in lines[1:]] == [
        ["4.0000", "5.0000", "8.0x"],
        ["0.5000", "0.7500", "1.0x"],
    ]


def test_both_sides_of_the_dynamics_benchmark_agree():
    difference, speed = bench_dynamics.errors()
    assert difference < 1e-5
    assert speed < bench_dynamics.TOLERANCE
