"""The benchmark of the Lab's training runs, at a size that says nothing about speed."""

from dataclasses import replace

import bench_lab
import pytest


def test_both_sides_are_measured_on_the_same_case():
    cases = {"tiny": replace(bench_lab.PAPER, units=5, window=4, batch=2)}
    times = bench_lab.measure(cases, repetitions=2, count=2, warm_up=1)
    assert {side: len(values) for side, values in times["tiny"].items()} == {"lab": 2, "python": 2}
    assert min(times["tiny"]["lab"] + times["tiny"]["python"]) > 0


def test_the_ratio_is_of_the_best_repetitions():
    line = bench_lab.table({"some units": {"lab": [6.0, 4.0], "python": [2.0, 3.0]}}).splitlines()[1]
    assert line.split()[2:] == ["4.00", "2.00", "2.0x", "4.0", "s"]


@pytest.mark.browser
def test_whole_trainings_are_timed(browser):
    (row,) = bench_lab.in_browser(browser, steps=1, cases=["30 units"], modes=["auto"])
    assert row["mode"] == "worker" and row["seconds"] > 0
