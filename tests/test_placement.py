"""Placement tests against a plain loop, on units that were placed by hand."""

import numpy as np
import pytest

from fcmod_utils import placement

PLACES = np.stack(np.meshgrid(range(5), range(5), range(4), indexing="ij"), axis=-1).reshape(-1, 3)
D = np.linalg.norm(PLACES[:, None] - PLACES[None], axis=-1)


def test_weighted_distance_is_the_mean_over_all_pairs():
    rng = np.random.default_rng(0)
    units, weight = rng.choice(100, 7, replace=False), rng.normal(size=100)
    by_hand = np.mean([D[i, j] * abs(weight[j]) for i in units for j in units])
    assert placement.weighted_distance(D, units, weight) == pytest.approx(by_hand)


def test_share_is_that_of_a_plain_loop():
    rng = np.random.default_rng(0)
    units, weight = rng.choice(100, 12, replace=False), rng.random(100)
    real = placement.weighted_distance(D, units, weight)
    below = 0
    for places in np.random.default_rng(0).permuted(np.tile(np.arange(100), (300, 1)), axis=1)[:, :12]:
        moved = np.zeros(100)
        moved[places] = weight[units]
        below += placement.weighted_distance(D, places, moved) < real
    assert placement.clustering_p(D, units, weight, 300) == below / 300


def test_a_corner_is_clustered_and_the_corners_are_dispersed():
    weight = np.ones(100)
    corner = np.flatnonzero((PLACES <= 1).all(axis=1))
    corners = np.flatnonzero(np.isin(PLACES, [0, 4, 3]).all(axis=1) & (PLACES[:, :2] != 3).all(axis=1))
    assert placement.clustering_p(D, corner, weight) == 0
    assert placement.clustering_p(D, corners, weight) > 0.9


def test_without_organization_the_shares_are_even():
    rng = np.random.default_rng(1)
    found = [placement.preference_p(D, rng.normal(size=100), 200, seed) for seed in range(150)]
    for side in np.transpose(found):
        assert 0.4 < np.median(side) < 0.6
        assert 0.03 < np.mean(side < 0.1) < 0.2


def test_preference_divides_by_sign_and_leaves_nan_out():
    preference = np.full(100, np.nan)
    preference[:8] = 1.0
    preference[8:16] = -1.0
    both = placement.preference_p(D, preference)
    expected = [placement.clustering_p(D, units, np.ones(100)) for units in (range(8), range(8, 16))]
    assert list(both) == expected
    assert np.isnan(placement.preference_p(D, np.ones(100))[1])


def test_only_the_places_of_units_that_count_may_be_drawn():
    """Silent units fill the far half: the others look clustered unless their places alone are drawn."""
    preference = np.where(PLACES[:, 0] < 2, np.random.default_rng(0).choice([-1.0, 1], 100), np.nan)
    assert max(placement.preference_p(D, preference)) < 0.05
    assert min(placement.preference_p(D, preference, kept_places=True)) > 0.05


def test_top_units_are_counted_alike():
    values = -D[0]
    values[50] = np.nan
    order = np.argsort(-np.nan_to_num(values, nan=-99), kind="stable")
    assert placement.top_p(D, values, 10) == placement.clustering_p(D, order[:10], np.ones(100)) == 0
    assert np.isfinite(placement.top_p(D, values, 200))  # fewer are left: all of them


def test_modules_that_are_slabs_lie_together():
    labels = PLACES[:, 0].copy()
    share, ratio = placement.module_p(labels, D)
    same = [(i, j) for i in range(100) for j in range(100) if i != j and labels[i] == labels[j]]
    assert placement.module_distance(labels, D) == pytest.approx(np.mean([D[pair] for pair in same]))
    assert share == 0 and ratio < 0.85
    shuffled = np.random.default_rng(0).permutation(labels)
    assert 0.02 < placement.module_p(shuffled, D)[0] < 0.98


def test_silent_units_keep_their_places():
    labels = np.where(PLACES[:, 0] < 2, np.arange(100) % 2, -1)
    assert placement.module_p(labels, D)[1] == pytest.approx(1, abs=0.05)
    assert np.isnan(placement.module_p(np.zeros(100, int), D)[0])
    assert np.isnan(placement.module_distance(np.full(100, -1), D))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: placement.clustering_p(D, [100, 1], np.ones(100)), "whole numbers from 0 to 99"),
        (lambda: placement.clustering_p(D[:5], [1], np.ones(100)), r"allowed: \(n, n\)"),
        (lambda: placement.clustering_p(D * np.nan, [1], np.ones(100)), "finite distances"),
        (lambda: placement.clustering_p(D, [1, 2], np.full(100, np.nan)), "a weight is NaN"),
        (lambda: placement.clustering_p(D, [1, 2, 3], np.ones(100), places=[1, 2]), "2 places for 3 units"),
        (lambda: placement.clustering_p(D, [1, 2], np.ones(100), 0), "n_draws"),
        (lambda: placement.top_p(D, np.ones(100), 0), "n_top"),
        (lambda: placement.module_p(np.zeros(9, int), D), "one label per unit"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
