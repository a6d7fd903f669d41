"""Modules: bctpy and scikit-learn are the oracle."""

import itertools

import bct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from fcmod_utils import connectivity, modules


def signed_matrix(seed=0, n=12):
    """Random symmetric signed weights with an empty diagonal."""
    w = np.random.default_rng(seed).normal(size=(n, n))
    w = (w + w.T) / 2
    np.fill_diagonal(w, 0)
    return w


def planted(sizes, inside=0.6, outside=-0.3, noise=0.1, seed=0):
    """A signed network with known modules."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    w = np.where(labels[:, None] == labels, inside, outside) + noise * signed_matrix(seed, len(labels))
    return w, labels


def planted_activity(seed=0, silent=(), rows=400):
    """Activity of 9 + 6 + 5 units that follow three signals; some units silent."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], [9, 6, 5])
    activity = rng.normal(size=(rows, 3))[:, labels] + 0.5 * rng.normal(size=(rows, 20))
    activity[:, list(silent)] = 0.7
    return activity, labels


seeds = st.integers(0, 10**6)


# ------------------------------------------------------------------------------ quality


@given(seed=seeds, n=st.integers(2, 15), k=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_q_equals_bctpys(seed, n, k):
    w, labels = signed_matrix(seed, n), np.random.default_rng(seed).integers(0, k, n)
    if (w > 0).any():  # without, bctpy divides by zero; see below
        _, expected = bct.modularity_und_sign(w, labels + 1, qtype="sta")
        assert modules.signed_modularity(w, labels) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 1.7])
@pytest.mark.parametrize("seed", range(5))
def test_q_equals_what_louvain_reports_at_any_resolution(seed, gamma):
    w = signed_matrix(seed)
    labels, q = bct.community_louvain(w, gamma=gamma, B="negative_asym", seed=seed)
    assert modules.signed_modularity(w, labels, gamma) == pytest.approx(q, abs=1e-10)


def test_q_equals_the_formula_written_as_a_double_sum():
    w, labels = signed_matrix(3, 6), np.array([0, 1, 0, 2, 1, 0])
    plus, minus = np.maximum(w, 0), np.maximum(-w, 0)
    q = 0.0
    for i in range(6):
        for j in range(6):
            if labels[i] == labels[j]:
                q += (plus[i, j] - plus[i].sum() * plus[j].sum() / plus.sum()) / plus.sum()
                q -= (minus[i, j] - minus[i].sum() * minus[j].sum() / minus.sum()) / (plus + minus).sum()
    assert modules.signed_modularity(w, labels) == pytest.approx(q, abs=1e-12)


def test_q_in_closed_form():
    """Two halves, +1 inside and -1 between: 1/2 + n^2 / 4 / (n (n - 1))."""
    for n in (10, 100):
        half = np.repeat([0, 1], n // 2)
        w = np.where(half[:, None] == half, 1.0, -1.0)
        assert modules.signed_modularity(w, half) == pytest.approx(0.5 + n / (4 * (n - 1)), abs=1e-12)
    assert round(modules.signed_modularity(w, half), 4) == 0.7525


@pytest.mark.parametrize("sign", [1, -1])
def test_q_of_one_sign_only(sign):
    w = sign * np.abs(signed_matrix(1))
    labels = np.arange(12) % 3
    part = np.abs(w)
    expected = sign * sum(
        (part[i, j] - part[i].sum() * part[j].sum() / part.sum()) / part.sum()
        for i in range(12) for j in range(12) if labels[i] == labels[j]
    )  # fmt: skip
    assert modules.signed_modularity(w, labels) == pytest.approx(expected, abs=1e-12)


@given(seed=seeds, order=st.permutations(range(12)))
@settings(max_examples=25, deadline=None)
def test_q_does_not_depend_on_names(seed, order):
    w, order = signed_matrix(seed), list(order)
    labels = np.random.default_rng(seed).integers(0, 4, 12)
    q = modules.signed_modularity(w, labels)
    assert modules.signed_modularity(w[np.ix_(order, order)], labels[order]) == pytest.approx(q, abs=1e-12)
    assert modules.signed_modularity(w, np.array([30, 5, 7, 2])[labels]) == pytest.approx(q, abs=1e-12)
    assert modules.signed_modularity(3.7 * w, labels) == pytest.approx(q, abs=1e-12)
    with_diagonal = w + np.diag(np.arange(12.0))
    assert modules.signed_modularity(with_diagonal, labels) == pytest.approx(q, abs=1e-12)


def test_everything_in_one_module_has_no_quality():
    assert modules.signed_modularity(signed_matrix(), np.zeros(12)) == pytest.approx(0, abs=1e-12)


# ------------------------------------------------------------------------------ detection


@pytest.mark.parametrize("n_negative", [40, 45, 46, 50])  # of 100: at 45 the weights sum to 0, then to less
def test_networks_whose_weights_cancel_are_searched(n_negative):
    sign = np.repeat([-1.0, 1.0], [n_negative, 100 - n_negative])
    labels, q = modules.detect(np.outer(sign, sign), runs=1)
    assert q == pytest.approx(modules.signed_modularity(np.outer(sign, sign), sign > 0), abs=1e-12)
    assert q > 0.66
    assert modules.agreement(labels, (sign > 0).astype(int)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_search_goes_on_until_no_merger_helps(seed):
    w = signed_matrix(seed, 40)
    w -= (w.sum() + 0.01) / (w.size - len(w))  # a sum just below 0: bctpy alone stops after one level
    np.fill_diagonal(w, 0)
    labels, q = modules.detect(w, runs=1)
    for one, other in itertools.combinations(range(labels.max() + 1), 2):
        assert modules.signed_modularity(w, np.where(labels == other, one, labels)) <= q + 1e-9


@pytest.mark.parametrize("sizes", [(10, 10), (12, 8, 5), (9, 7, 5, 3)])
def test_planted_modules_are_found_largest_first(sizes):
    w, truth = planted(sizes)
    order = np.random.default_rng(0).permutation(len(truth))
    labels, q = modules.detect(w[np.ix_(order, order)], runs=5)
    if len(set(sizes)) == len(sizes):
        np.testing.assert_array_equal(labels, truth[order])
    assert modules.agreement(labels, truth[order]) == 1
    assert q == pytest.approx(modules.signed_modularity(w, truth), abs=1e-10)


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_reported_q_belongs_to_the_reported_labels(seed):
    w = signed_matrix(seed, 20)
    labels, q = modules.detect(w, runs=3, seed=seed)
    assert q == pytest.approx(modules.signed_modularity(w, labels), abs=1e-10)
    assert sorted(set(labels.tolist())) == list(range(labels.max() + 1))


@pytest.mark.parametrize("seed", range(3))
def test_more_runs_are_never_worse_and_seeds_decide(seed):
    w = signed_matrix(seed, 40)
    found = {runs: modules.detect(w, runs, seed) for runs in (1, 4, 12)}
    assert found[1][1] <= found[4][1] <= found[12][1]
    again = modules.detect(w, 4, seed)
    np.testing.assert_array_equal(again[0], found[4][0])
    assert again[1] == found[4][1]


def test_single_runs_differ_so_several_are_worth_it():
    w = signed_matrix(0, 40)
    assert len({round(modules.detect(w, 1, seed)[1], 9) for seed in range(8)}) > 1


@pytest.mark.parametrize("gamma", [1.0, 1.5])
@pytest.mark.parametrize("seed", range(4))
def test_detection_equals_bctpys_own_negative_mode(seed, gamma):
    w, _ = planted((12, 9, 6), noise=0.5, seed=seed)
    np.fill_diagonal(w, 0)
    assert abs(w.sum()) > 1
    results = [
        bct.community_louvain(w, gamma, B="negative_asym", seed=np.random.RandomState([seed, run]))
        for run in range(3)
    ]
    expected, q = max(results, key=lambda result: result[1])
    labels, found = modules.detect(w, 3, seed, gamma)
    np.testing.assert_array_equal(labels, modules.by_size(expected))
    assert found == pytest.approx(q, abs=1e-12)


def test_resolution_splits():
    w = signed_matrix(0, 30)
    counts = [modules.detect(w, 5, 0, gamma)[0].max() for gamma in (0.3, 1.0, 3.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_detection_leaves_the_matrix_as_it_is():
    w = signed_matrix() + np.eye(12)
    kept = w.copy()
    modules.detect(w, 2)
    modules.permutation_null(w, np.arange(12) % 2, 3)
    np.testing.assert_array_equal(w, kept)


@pytest.mark.parametrize(
    "w",
    [np.zeros((4, 4)), -np.ones((4, 4)), np.array([[0.0, -1], [-1, 0]])],
    ids=["empty", "all negative", "two opposed units"],
)
def test_a_network_without_positive_weights_has_no_modules(w):
    with pytest.raises(ValueError, match="no positive weights; allowed: "):
        modules.detect(w)


# ------------------------------------------------------------------------------ from activity


def test_find_drops_silent_units():
    activity, truth = planted_activity(silent=[0, 13])
    partition = modules.find(activity, runs=5)
    live = np.ones(20, bool)
    live[[0, 13]] = False
    assert (partition.labels[~live] == -1).all()
    np.testing.assert_array_equal(partition.labels[live], truth[live])
    np.testing.assert_allclose(
        partition.fc, connectivity.functional_connectivity(activity[:, live]), atol=1e-12
    )
    assert partition.q == pytest.approx(modules.signed_modularity(partition.fc, truth[live]), abs=1e-10)
    assert partition.n_modules == 3
    np.testing.assert_array_equal(partition.units(2), [15, 16, 17, 18, 19])


def test_a_module_has_at_least_two_units():
    assert modules.Partition(np.array([0, 0, 1, 1, 2, -1]), 0.0, np.zeros((5, 5))).n_modules == 2


def test_many_networks_equal_one_by_one_in_order(monkeypatch):
    stack = np.stack([planted_activity(seed, silent=[seed])[0] for seed in range(3)])
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    for found, activity in zip(modules.find_many(stack, runs=2, seed=4), stack, strict=True):
        alone = modules.find(activity, runs=2, seed=4)
        np.testing.assert_array_equal(found.labels, alone.labels)
        assert found.q == alone.q


def test_many_networks_may_come_one_at_a_time(monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    stack = np.stack([planted_activity(seed)[0] for seed in range(3)])
    for a, b in zip(
        modules.find_many(stack, runs=2), modules.find_many((one for one in stack), runs=2), strict=True
    ):
        np.testing.assert_array_equal(a.labels, b.labels)
        np.testing.assert_array_equal(a.fc, b.fc)


def test_induced_modularity_counts_units_live_in_both():
    activity, truth = planted_activity(silent=[3])
    found = modules.find(activity, runs=3)
    elsewhere = np.where(np.arange(20) == 10, -1, np.roll(truth, 2))
    both = [i for i in range(20) if i not in (3, 10)]
    fc = connectivity.functional_connectivity(activity[:, both])
    _, expected = bct.modularity_und_sign(fc, elsewhere[both] + 1, qtype="sta")
    assert modules.induced(elsewhere, found) == pytest.approx(expected, abs=1e-10)
    assert modules.induced(found.labels, found) == pytest.approx(found.q, abs=1e-12)


def test_induced_modularity_needs_two_units_and_one_label_each():
    found = modules.Partition(np.array([0, 0, -1]), 0.1, np.array([[0, 1.0], [1, 0]]))
    with pytest.raises(ValueError, match="1 units are live in both; allowed: at least two"):
        modules.induced([0, -1, 1], found)
    with pytest.raises(ValueError, match="2 labels for 3 units; allowed"):
        modules.induced([0, 0], found)


@pytest.mark.parametrize("live", [0, 1])
def test_fewer_than_two_live_units_are_refused(live):
    activity = np.zeros((50, 4))
    activity[:, :live] = np.random.default_rng(0).normal(size=(50, live))
    with pytest.raises(ValueError, match=f"{live} units vary; allowed: at least two"):
        modules.find(activity)


def test_nan_is_not_silence():
    activity, _ = planted_activity()
    activity[5, 3] = np.nan
    with pytest.raises(ValueError, match="activity holds NaN"):
        modules.find(activity)


# ------------------------------------------------------------------------------ comparisons


@given(seed=seeds, n=st.integers(2, 30))
@settings(max_examples=40, deadline=None)
def test_agreement_is_the_adjusted_rand_index_without_silent_units(seed, n):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-1, 3, n), rng.integers(-1, 4, n)
    a[0], b[0] = 0, 0
    both = (a >= 0) & (b >= 0)
    expected = adjusted_rand_score(a[both], b[both])
    assert modules.agreement(a, b) == pytest.approx(expected, abs=1e-12)
    assert modules.agreement(b, a) == pytest.approx(expected, abs=1e-12)
    assert modules.agreement(a, a) == 1
    renamed = np.where(a < 0, -1, 5 - a)
    assert modules.agreement(renamed, b) == pytest.approx(expected, abs=1e-12)


def test_agreement_of_unrelated_partitions_is_about_zero():
    rng = np.random.default_rng(0)
    values = [modules.agreement(*rng.integers(0, 3, (2, 60))) for _ in range(200)]
    assert abs(np.mean(values)) < 0.01


def test_agreement_needs_a_common_unit():
    with pytest.raises(ValueError, match="no unit is live in both partitions"):
        modules.agreement([0, -1, 1], [-1, 0, -1])


@pytest.mark.parametrize("seed", range(3))
def test_the_null_equals_a_plain_loop_over_bctpy(seed):
    w = signed_matrix(seed, 14)
    labels = np.repeat([0, 1, 2], [7, 4, 3])
    null, p = modules.permutation_null(w, labels, 50, seed)
    rng = np.random.default_rng(seed)
    expected = []
    for _ in range(50):
        shuffled = labels[rng.permutation(14)]
        assert np.bincount(shuffled).tolist() == [7, 4, 3]
        expected.append(bct.modularity_und_sign(w, shuffled + 1, qtype="sta")[1])
    np.testing.assert_allclose(null, expected, atol=1e-10)
    real = bct.modularity_und_sign(w, labels + 1, qtype="sta")[1]
    assert p == (1 + sum(q >= real for q in expected)) / 51


def test_p_is_smallest_for_planted_modules_and_one_for_the_worst():
    w, labels = planted((15, 13))
    null, p = modules.permutation_null(w, labels, 200)
    assert p == 1 / 201
    assert null.shape == (200,)
    assert modules.permutation_null(-w, labels, 200)[1] == 1
    assert modules.permutation_null(w, np.zeros(28), 20)[1] == 1  # all draws equal: none is smaller


def test_p_of_unrelated_labels_is_uniform():
    rng = np.random.default_rng(0)
    values = [
        modules.permutation_null(signed_matrix(s), rng.integers(0, 3, 12), 39, seed=s)[1] for s in range(200)
    ]
    assert abs(np.mean(np.array(values) <= 0.2) - 0.2) < 0.1
    assert 0.4 < np.mean(values) < 0.6


# ------------------------------------------------------------------------------ labels and means


def test_module_means_by_hand():
    activity = np.array([[1.0, 3, 10, 7], [0, 2, 20, 7]])
    np.testing.assert_array_equal(modules.module_means(activity, [0, 0, 1, -1]), [[2, 10], [1, 20]])
    assert modules.module_means(activity.astype(np.float32), [0, 0, 1, -1]).dtype == np.float32
    np.testing.assert_array_equal(modules.module_means(np.array([[1, 2]]), [0, 0]), [[1.5]])


@given(st.lists(st.integers(-3, 5), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_by_size_orders_and_keeps_the_partition(labels):
    renamed = modules.by_size(labels)
    assert adjusted_rand_score(labels, renamed) == 1
    sizes = np.bincount(renamed)
    assert (np.diff(sizes) <= 0).all()
    assert (sizes > 0).all()
    firsts = [np.flatnonzero(renamed == k)[0] for k in range(len(sizes))]
    order = list(zip(-sizes, firsts, strict=True))
    assert order == sorted(order), "ties by first unit"


@pytest.mark.parametrize(
    "use",
    [
        lambda labels: modules.signed_modularity(signed_matrix(), labels),
        lambda labels: modules.permutation_null(signed_matrix(), labels),
        lambda labels: modules.module_means(np.zeros((5, 12)), labels),
        lambda labels: modules.agreement(np.zeros(12, int), labels),
    ],
    ids=["quality", "null", "means", "agreement"],
)
@pytest.mark.parametrize("n", [0, 11, 13])
def test_a_partition_of_another_length_is_refused(use, n):
    with pytest.raises(ValueError, match=f"{n} labels for 12 units; allowed: one label per unit"):
        use(np.zeros(n, int))


@pytest.mark.parametrize("w", [np.ones((3, 4)), np.ones(5), np.full((3, 3), np.nan), np.full((3, 3), np.inf)])
def test_matrices_that_are_not_square_and_finite_are_refused(w):
    for use in (modules.detect, lambda w: modules.signed_modularity(w, np.zeros(len(w), int))):
        with pytest.raises(ValueError, match=r"matrix has shape .*; allowed: square, finite values only"):
            use(w)


@pytest.mark.parametrize("number", [0, -1, 2.5])
def test_numbers_of_runs_and_permutations_are_checked(number):
    with pytest.raises(ValueError, match=f"runs is {number}; allowed"):
        modules.detect(signed_matrix(), number)
    with pytest.raises(ValueError, match=f"n_permutations is {number}; allowed"):
        modules.permutation_null(signed_matrix(), np.zeros(12, int), number)
