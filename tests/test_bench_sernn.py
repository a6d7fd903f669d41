"""The benchmark of populations runs, and its sides agree."""

import bench_sernn
import pytest


@pytest.mark.parametrize("kind", ["sernn", "l1"])
def test_both_sides_are_measured_and_end_with_the_same_weights(kind):
    spent, error = bench_sernn.measure(kind, repetitions=2, chunk=2, steps=3, units=20, batch=8)
    assert {name: len(values) for name, values in spent.items()} == {"one at a time": 2, "ours": 2}
    assert min(min(values) for values in spent.values()) > 0
    assert 0 < error < 1e-4


def test_the_ratio_is_of_the_best_and_of_the_pairs():
    text = bench_sernn.table({"one at a time": [30.0, 20.0], "ours": [5.0, 8.0]})
    assert text.splitlines()[-1] == "one at a time over ours: 4.0x (median 4.2x)"
