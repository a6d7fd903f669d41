"""Input weights from recipes: closed forms and bctpy are the oracle."""

import bct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcmod_utils import connectivity, modules, projections

seeds = st.integers(0, 10**6)


# ------------------------------------------------------------------------------ the models


@given(seed=seeds, share=st.floats(0, 1), n=st.integers(2, 60), k=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_sign_model_has_the_share_asked_for(seed, share, n, k):
    w = projections.sign_weights(n, share, seed, k)
    assert w.shape == (n, k)
    assert (np.abs(w) == 1).all() and (w == w[:, :1]).all()
    assert (w[:, 0] < 0).sum() == round(share * n)


@given(seed=seeds, difference=st.floats(0, 5), n=st.integers(2, 60), k=st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_one_weight_of_each_unit_is_larger_by_the_difference(seed, difference, n, k):
    for w, positive in (
        (projections.difference_weights(n, difference, seed, k), True),
        (projections.sign_difference_weights(n, difference, seed, k), False),
    ):
        np.testing.assert_allclose(np.ptp(w, axis=1), difference, atol=1e-12)
        np.testing.assert_allclose(np.sort(w, axis=1)[:, :-1].std(axis=1), 0, atol=1e-12)
        assert not positive or (w > 0).all()


@pytest.mark.parametrize("make", [projections.difference_weights, projections.sign_difference_weights])
def test_either_input_is_favored_about_equally_often(make):
    w = make(4000, 1.0, seed=3)
    assert abs(w.argmax(axis=1).mean() - 0.5) < 0.03
    base = w.min(axis=1)
    assert abs(base).mean() == pytest.approx(np.sqrt(2 / np.pi), abs=0.03)
    share = (base < 0).mean()
    assert share == 0 if make is projections.difference_weights else abs(share - 0.5) < 0.03


def test_share_of_negative_base_weights_can_be_set():
    w = projections.sign_difference_weights(50, 0.0, 2, share_negative=0.3)
    assert (w[:, 0] < 0).sum() == 15


def test_seeds_decide():
    for make in (projections.sign_weights, projections.difference_weights):
        np.testing.assert_array_equal(make(50, 0.4, 7), make(50, 0.4, 7))
        assert (make(50, 0.4, 7) != make(50, 0.4, 8)).any()


# ------------------------------------------------------------------------------ what they make


@pytest.mark.parametrize("n_negative", [0, 1, 10, 45, 50, 55, 100])
def test_sign_model_in_closed_form(n_negative):
    w = projections.sign_weights(100, n_negative / 100, seed=n_negative)
    found = modules.find(projections.noise(w, 50)[1], runs=2)
    assert found.q == pytest.approx(projections.sign_model_q(100, n_negative), abs=1e-9)
    assert modules.agreement(found.labels, (w[:, 0] > 0).astype(int)) == 1


@pytest.mark.parametrize(("n", "n_negative"), [(3, 1), (12, 5), (100, 50)])
def test_closed_form_equals_bctpys(n, n_negative):
    w = projections.sign_weights(n, n_negative / n)
    s = connectivity.connection_similarity(w)
    _, q = bct.modularity_und_sign(s, (w[:, 0] > 0) + 1, qtype="sta")
    assert projections.sign_model_q(n, n_negative) == pytest.approx(q, abs=1e-12)


@pytest.mark.parametrize("private", [0.0, 1.5])
@pytest.mark.parametrize("seed", range(3))
def test_long_noise_reaches_the_closed_form(seed, private):
    w = projections.gaussian_weights(20, 3, seed)
    fc = connectivity.functional_connectivity(projections.noise(w, 40_000, seed, private)[1])
    expected = projections.expected_connectivity(w, private)
    np.testing.assert_allclose(fc, expected, atol=0.03)
    if not private:
        np.testing.assert_allclose(expected, connectivity.connection_similarity(w), atol=1e-12)


def test_noise_is_the_product_of_inputs_and_weights():
    w = projections.gaussian_weights(5, 2)
    inputs, activity = projections.noise(w, 30, seed=4)
    np.testing.assert_allclose(activity, [[row @ x for row in w] for x in inputs], atol=1e-12)


# ------------------------------------------------------------------------------ rules, clusters


def test_rules_written_out():
    w = np.random.default_rng(0).normal(size=(200, 2))
    for (a, b), rule in zip(w, projections.rules(w), strict=True):
        stronger = "first" if abs(a) > abs(b) else "second"
        if a * b > 0:
            text = f"both {'positive' if a > 0 else 'negative'}, {stronger} stronger"
        else:
            text = "first positive, second negative" if a > 0 else "first negative, second positive"
        assert projections.RULES[rule] == text


@given(seed=seeds, scale=st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_rules_ignore_length_and_follow_exchange_of_inputs(seed, scale):
    w = projections.gaussian_weights(40, 2, seed)
    np.testing.assert_array_equal(projections.rules(scale * w), projections.rules(w))
    exchanged = np.array([1, 0, 3, 2, 5, 4])
    np.testing.assert_array_equal(projections.rules(w[:, ::-1]), exchanged[projections.rules(w)])
    turned = np.array([4, 5, 3, 2, 0, 1])
    np.testing.assert_array_equal(projections.rules(-w), turned[projections.rules(w)])


def test_clusters_are_of_directions():
    angle = np.repeat([0.2, 2.0, 4.0], 10) + np.random.default_rng(0).normal(0, 0.02, 30)
    length = np.random.default_rng(1).uniform(0.1, 50, (30, 1))
    w = length * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert modules.agreement(projections.direction_clusters(w, 3), np.repeat([0, 1, 2], 10)) == 1


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: projections.gaussian_weights(1, 2), "n_units is 1; allowed: at least 2"),
        (lambda: projections.gaussian_weights(10, 0), "n_inputs is 0; allowed"),
        (lambda: projections.sign_weights(10, 1.2), "share_negative is 1.2; allowed: 0 to 1"),
        (lambda: projections.sign_weights(10, np.nan), "share_negative is nan; allowed: 0 to 1"),
        (lambda: projections.difference_weights(10, -1), "difference is -1; allowed"),
        (lambda: projections.sign_difference_weights(10, np.inf), "difference is inf; allowed"),
        (lambda: projections.sign_difference_weights(1, 1.0), "n_units is 1; allowed"),
        (lambda: projections.noise(np.ones((3, 2)), 1), "n_steps - 1 is 0; allowed"),
        (lambda: projections.noise(np.ones((3, 2)), 10, private=-1), "private noise is -1; allowed"),
        (lambda: projections.rules(np.ones((3, 3))), r"weights have shape \(3, 3\); allowed: \(unit, 2\)"),
        (lambda: projections.rules([[1, 0], [1, 2]]), r"units \[0\] have weights without a sign; allowed"),
        (lambda: projections.rules([[1, 2], [np.nan, 1]]), r"units \[1\] have weights without a sign"),
        (lambda: projections.direction_clusters(np.ones((3, 2)), 4), "4 clusters of 3 units; allowed"),
        (lambda: projections.sign_model_q(2, 1), "n_units - 2 is 0; allowed"),
        (lambda: projections.sign_model_q(10, 11), "11 negative units; allowed: 0 to 10"),
    ],
)
def test_bad_numbers_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "use",
    [
        projections.noise,
        projections.expected_connectivity,
        projections.direction_clusters,
        connectivity.connection_similarity,
    ],
)
@pytest.mark.parametrize(
    ("w", "message"),
    [
        (np.zeros((4, 2)), r"units \[0, 1, 2, 3\] have no finite, non-zero input weights"),
        (np.array([[1, 2], [np.nan, 1], [3, np.inf]]), r"units \[1, 2\] have no finite"),
        (np.ones((1, 2)), r"weights have shape \(1, 2\); allowed: \(unit, input\), two or more units"),
        (np.ones(4), r"weights have shape \(4,\); allowed"),
    ],
)
def test_weights_without_a_direction_are_refused(use, w, message):
    with pytest.raises(ValueError, match=message):
        use(w)


def test_constant_weights_are_one_module():
    """All units do the same, so everything correlates and nothing is divided."""
    found = modules.find(projections.noise(np.full((10, 2), 0.3))[1], runs=2)
    assert found.n_modules == 1
    assert found.q == pytest.approx(0, abs=1e-12)
