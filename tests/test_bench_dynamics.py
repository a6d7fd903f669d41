"""The benchmark of lesion maps and fixed points runs, and its sides agree."""

import bench_dynamics


def test_lesion_maps_and_fixed_points_are_measured():
    seconds = bench_dynamics.measure(n_units=8, n_grid=3, n_starts=2, repetitions=2, slow=2)
    assert {name: len(values) for name, values in seconds.items()} == {
        "lesions, one state at a time": 2,
        "lesions, states in a batch": 2,
        "lesions, ours": 2,
        "fixed points, one by one": 1,
        "fixed points, ours": 2,
    }


def test_the_ratio_is_to_the_best_of_ours():
    seconds = {"lesions, slow": [6.0, 4.0], "lesions, ours": [0.5, 1.0]}
    lines = bench_dynamics.table(seconds).splitlines()
    assert lines[1].split()[-3:] == ["4.0000", "5.0000", "8.0x"]
    assert lines[2].split()[-3:] == ["0.5000", "0.7500", "1.0x"]


def test_both_sides_agree_at_full_size():
    difference, speed = bench_dynamics.errors()
    assert difference < 1e-5
    assert speed < bench_dynamics.TOLERANCE
