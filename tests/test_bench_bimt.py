"""The benchmark of growing networks runs, and its sides agree."""

from dataclasses import replace

import bench_bimt
import pytest


def test_a_step_is_measured_beside_its_products_and_trials():
    tiny = replace(bench_bimt.RECIPE, units=16, sheet=(4, 4), batch=2, window=20, steps=2)
    spent = bench_bimt.step(tiny, repetitions=1)
    assert len(spent) == 5 and min(spent.values()) > 0
    assert spent["training step"] > spent["its trials"]


def test_a_round_of_swaps_is_measured_both_ways_and_leads_to_the_same_places(monkeypatch):
    spent = bench_bimt.swaps((5, 6), repetitions=2)
    assert len(spent) == 2 and min(spent.values()) > 0
    monkeypatch.setattr(bench_bimt, "full_swap", lambda w_rec, lengths, order: (range(len(w_rec)), 0.0))
    with pytest.raises(AssertionError, match="disagree"):
        bench_bimt.swaps((5, 6), repetitions=1)


def test_shuffles_are_measured_both_ways_and_have_the_same_means(monkeypatch):
    small = {"side": 6, "n_active": 20, "n": 200, "n_plain": 20, "repetitions": 1}
    spent = bench_bimt.shuffles(**small)
    assert len(spent) == 2 and min(spent.values()) > 0
    monkeypatch.setattr(bench_bimt, "plain_measures", lambda labels, places: (0.0, 0.0))
    with pytest.raises(AssertionError, match="disagree"):
        bench_bimt.shuffles(**small)


def test_the_best_repetition_counts():
    values = iter([3.0, 5.0, 2.0, 7.0])
    sides = {name: lambda: next(values) for name in ("a", "b")}
    assert bench_bimt.best(sides, repetitions=2) == {"a": 2.0, "b": 5.0}


def test_figures_are_what_is_asked():
    spent = dict(zip("abcde", (40.0, 30.0, 24.0, 4.0, 80.0), strict=True))
    assert list(bench_bimt.step_figures(spent).values()) == pytest.approx([0.6, 0.1, 2.0])
    assert list(bench_bimt.swap_figures({"ours": 0.02, "full": 2.0}).values()) == pytest.approx([0.02, 100])
    assert list(bench_bimt.shuffle_figures({"ours": 0.1, "loop": 0.5}).values()) == pytest.approx([0.1, 500])
    text = bench_bimt.report("Swaps", {"ours": 0.02}, {"seconds": 0.02})
    assert [line.split() for line in text.splitlines()] == [
        ["Swaps"],
        ["ours", "20.0", "ms"],
        ["seconds", "0.02"],
    ]
