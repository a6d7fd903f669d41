"""Partitions and networks compared: scikit-learn, plain loops and numbers worked by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcmod_utils import comparisons, modules

seeds = st.integers(0, 10**6)


def pairs_matrix(n=8, seed=0):
    """Random symmetric numbers, one per pair, with rubbish on the diagonal."""
    a = np.random.default_rng(seed).normal(size=(n, n))
    return a + a.T


# ------------------------------------------------------------------------------ nesting


def test_nesting_by_hand():
    inner, outer = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]
    # overlap (2 + 3) / 6; of the 20 ways to draw the first group, by how many of it lie in outer 0:
    # both (4 ways) 5/6, one (12) 4/6, none (4) 5/6
    expected = (8 * 5 + 12 * 4) / 20 / 6
    exact = (5 / 6 - expected) / (1 - expected)
    assert comparisons.nesting(inner, outer, 20_000) == pytest.approx(exact, abs=0.02)


@given(seed=seeds, n=st.integers(6, 30))
@settings(max_examples=30, deadline=None)
def test_a_finer_partition_is_nested_and_names_do_not_matter(seed, n):
    rng = np.random.default_rng(seed)
    inner = np.append(rng.integers(0, 5, n), [0, 1, 2])
    outer = np.array([0, 0, 1, 1, 0])[inner]
    assert comparisons.nesting(inner, outer, 50) == pytest.approx(1, abs=1e-12)
    other = rng.integers(0, 3, n + 3)
    value = comparisons.nesting(inner, other, 50)
    assert value == pytest.approx(comparisons.nesting(9 - inner, 7 * other, 50), abs=0.35)
    assert value <= 1


def test_unrelated_partitions_are_not_nested():
    rng = np.random.default_rng(0)
    values = [comparisons.nesting(*rng.integers(0, 4, (2, 60)), 100) for _ in range(100)]
    assert abs(np.mean(values)) < 0.02


def test_one_outer_module_says_nothing():
    assert comparisons.nesting([0, 1, 2, 0], [0, 0, 0, 0]) == 0


def test_nesting_leaves_silent_units_out():
    inner, outer = [-1, 0, 0, 1, 1, 0], [2, 0, 1, 0, 1, -1]
    assert comparisons.nesting(inner, outer) == comparisons.nesting([0, 0, 1, 1], [0, 1, 0, 1])
    with pytest.raises(ValueError, match="no unit has a label in both"):
        comparisons.nesting([-1, 0], [0, -1])


def test_nesting_wants_as_many_labels():
    with pytest.raises(ValueError, match="3 labels for 4 units; allowed"):
        comparisons.nesting([0, 0, 1, 1], [0, 1, 1])


# ------------------------------------------------------------------------------ partitions


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_agreement_of_all_pairs_equals_one_by_one(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 4, (6, 20))
    labels[:, 0] = 0
    labels[4], labels[5] = labels[3], 0  # the same again, and one module only
    matrix = comparisons.agreement_matrix(labels)
    for i, j in itertools.product(range(6), repeat=2):
        assert matrix[i, j] == pytest.approx(modules.agreement(labels[i], labels[j]), abs=1e-12)


def test_agreement_of_all_pairs_needs_common_units():
    with pytest.raises(ValueError, match="no unit is live in both"):
        comparisons.agreement_matrix([[0, -1, 1], [-1, 0, -1]])


def partition(seed, n_units=16, n_modules=3):
    """Random labels, some silent, with a random matrix of the live units."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, n_modules, n_units)
    labels[:2] = 0
    w = rng.normal(size=(2, (labels >= 0).sum(), (labels >= 0).sum())).sum(0)
    w = np.tanh(w + w.T)
    np.fill_diagonal(w, 0)
    return modules.Partition(labels, 0.0, w)


@pytest.mark.parametrize("seed", range(5))
def test_induced_modularity_of_all_pairs_equals_one_by_one(seed):
    some = [partition(10 * seed + i, n_modules=2 + i % 3) for i in range(6)]
    ones = np.eye(len(some[0].fc))  # on the diagonal, where they count for nothing
    some.append(modules.Partition(some[0].labels, 0.0, abs(some[0].fc) + ones))  # without negative weights
    found = comparisons.induced_matrix(some)
    for i, j in itertools.product(range(7), repeat=2):
        assert found[i, j] == pytest.approx(modules.induced(some[i].labels, some[j]), abs=1e-12)


def test_induced_modularity_wants_the_same_units():
    with pytest.raises(ValueError, match="12 labels for 16 units; allowed"):
        comparisons.induced_matrix([partition(0), partition(1, 12)])


# ------------------------------------------------------------------------------ pairs


@given(seed=seeds, n=st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_mean_over_pairs_is_a_mean_over_pairs(seed, n):
    matrix = pairs_matrix(n, seed)
    every = [matrix[i, j] for i, j in itertools.combinations(range(n), 2)]
    assert comparisons.mean_over_pairs(matrix) == pytest.approx(np.mean(every), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_counts_stand_for_networks_drawn(seed):
    rng, matrix = np.random.default_rng(seed), pairs_matrix()
    drawn = rng.integers(0, 8, 8)
    every = [matrix[i, j] for i, j in itertools.combinations(drawn, 2) if i != j]
    counts = np.bincount(drawn, minlength=8)
    assert comparisons.mean_over_pairs(matrix, counts) == pytest.approx(np.mean(every), abs=1e-12)


def test_interval_holds_the_truth_about_as_often_as_it_says():
    """Pairs that share a network are alike, so an interval over pairs would be far too narrow."""
    inside = []
    for seed in range(150):
        effects = np.random.default_rng(seed).normal(size=(2, 25))
        a, b = (np.add.outer(one, one) for one in effects)
        _, low, high = comparisons.difference_over_pairs(a, b, seed, 400)
        inside.append(low <= 0 <= high)
    assert 0.85 < np.mean(inside) <= 0.99


def test_difference_of_groups():
    a, b = np.full((5, 5), 0.8), np.full((6, 6), 0.1)
    assert comparisons.difference_over_pairs(a, b) == pytest.approx((0.7, 0.7, 0.7))


def test_two_networks_have_one_pair_however_drawn():
    a, b = np.full((2, 2), 0.8), np.full((2, 2), 0.1)
    assert comparisons.difference_over_pairs(a, b, n_resamples=50) == pytest.approx((0.7, 0.7, 0.7))


def test_p_is_small_for_an_alike_group_and_uniform_without():
    truth = np.arange(16) < 8
    alike = 0.5 * np.outer(truth, truth) + 0.01 * pairs_matrix(16)
    assert comparisons.shuffled_groups_p(alike, 8, 300) == 1 / 301
    assert comparisons.shuffled_groups_p(-alike, 8, 300) > 0.9
    values = [comparisons.shuffled_groups_p(pairs_matrix(12, s), 6, 99) for s in range(150)]
    assert 0.4 < np.mean(values) < 0.6
    assert abs(np.mean(np.array(values) <= 0.2) - 0.2) < 0.1


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.ones((1, 1)), np.ones(4)])
def test_matrices_of_pairs_are_checked(matrix):
    with pytest.raises(ValueError, match=r"matrix has shape .*; allowed: \(network, network\)"):
        comparisons.mean_over_pairs(matrix)


def test_nan_and_group_sizes_are_refused():
    broken = pairs_matrix()
    broken[0, 1] = np.nan
    lopsided = pairs_matrix()
    lopsided[0, 1] += 1
    with pytest.raises(ValueError, match="not symmetric; allowed: one value for each pair"):
        comparisons.mean_over_pairs(lopsided)
    with pytest.raises(ValueError, match="holds NaN"):
        comparisons.mean_over_pairs(broken)
    for n_first in (1, 7):
        with pytest.raises(ValueError, match=f"{n_first} of 8 networks in the first group; allowed"):
            comparisons.shuffled_groups_p(pairs_matrix(), n_first)
