"""Functional connectivity and connection similarity: numpy and scikit-learn are the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from fcmod_utils import connectivity


def random_activity(seed=0, rows=200, units=8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 3)) @ rng.normal(size=(3, units)) + 0.3 * rng.normal(size=(rows, units))


def test_fc_is_the_pearson_correlation_with_an_empty_diagonal():
    activity = random_activity()
    expected = np.corrcoef(activity.T)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(connectivity.functional_connectivity(activity), expected, atol=1e-12)
    single = connectivity.functional_connectivity(activity.astype(np.float32))
    np.testing.assert_allclose(single, expected, atol=1e-5)
    assert single.dtype == np.float64


@given(st.permutations(range(8)), st.integers(0, 99), st.floats(0.1, 100), st.floats(-50, 50))
@settings(max_examples=30, deadline=None)
def test_fc_follows_the_units_and_ignores_their_scale(order, seed, gain, offset):
    activity, order = random_activity(seed), list(order)
    fc = connectivity.functional_connectivity(activity)
    np.testing.assert_allclose(
        connectivity.functional_connectivity(gain * activity[:, order] + offset),
        fc[np.ix_(order, order)],
        atol=1e-8,
    )
    np.testing.assert_allclose(fc, fc.T, atol=1e-14)
    assert not np.diag(fc).any()
    assert abs(fc).max() <= 1 + 1e-12


def test_fc_does_not_depend_on_the_order_of_rows():
    activity = random_activity()
    shuffled = np.random.default_rng(1).permutation(activity)
    np.testing.assert_allclose(
        *(connectivity.functional_connectivity(a) for a in (activity, shuffled)), atol=1e-12
    )


def test_constant_units_are_named():
    activity = random_activity()
    activity[:, [2, 5]] = 0.3, 0.0
    with pytest.raises(ValueError, match=r"units \[2, 5\] are constant.*drop the others with live_units"):
        connectivity.functional_connectivity(activity)
    np.testing.assert_array_equal(np.flatnonzero(~connectivity.live_units(activity)), [2, 5])


@pytest.mark.parametrize("value", [0.1, 0.3, 1.0, 3.3, 100.1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_unit_is_silent_at_any_level(value, dtype):
    """In single precision the mean of many equal numbers is not that number."""
    activity = np.full((2200, 2), value, dtype)
    activity[:, 1] += np.random.default_rng(0).normal(size=2200)
    assert connectivity.live_units(activity).tolist() == [False, True]


def test_correlations_do_not_depend_on_the_scale():
    x = np.random.default_rng(0).normal(size=(50, 3))
    expected = connectivity.correlate(x, x[:, ::-1])
    np.testing.assert_allclose(connectivity.correlate(1e-9 * x, 1e-9 * x[:, ::-1]), expected)
    assert not connectivity.correlate(np.full((50, 1), 0.1), x).any(), "a constant carries nothing"


def test_live_units_of_many_networks():
    activity = np.stack([random_activity(0), random_activity(1)])
    activity[0, :, 3] = 0
    activity[1, :, 0] = 0
    live = connectivity.live_units(activity)
    assert live.shape == (2, 8)
    assert np.argwhere(~live).tolist() == [[0, 3], [1, 0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad):
    activity = random_activity()
    activity[3, 1] = bad
    with pytest.raises(ValueError, match="activity holds NaN or infinite values; allowed: finite"):
        connectivity.functional_connectivity(activity)


@pytest.mark.parametrize("shape", [(10,), (1, 5), (10, 1), (2, 10, 5)])
def test_activity_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"activity has shape .*; allowed: \(row, unit\)"):
        connectivity.functional_connectivity(np.random.default_rng(0).normal(size=shape))


# ------------------------------------------------------------------------------ similarity


@given(st.integers(0, 99), st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_similarity_is_the_cosine_of_input_weights(seed, inputs):
    w_in = np.random.default_rng(seed).normal(size=(10, inputs))
    expected = cosine_similarity(w_in)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(connectivity.connection_similarity(w_in), expected, atol=1e-12)


def test_similarity_ignores_the_length_of_weights_but_not_their_sign():
    w_in = np.array([[1.0, 2], [2, 4], [-3, -6]])
    similarity = connectivity.connection_similarity(w_in)
    np.testing.assert_allclose(similarity, [[0, 1, -1], [1, 0, -1], [-1, -1, 0]], atol=1e-12)


def test_units_without_input_weights_are_named():
    w_in = np.ones((5, 2))
    w_in[1], w_in[3, 0] = 0, np.nan
    with pytest.raises(ValueError, match=r"units \[1, 3\] have no finite, non-zero input weights"):
        connectivity.connection_similarity(w_in)


def test_noise_through_a_projection_has_the_fc_that_similarity_predicts():
    """Claim O2c-d in its exact case: white inputs, so covariance is w_in times its transpose."""
    rng = np.random.default_rng(0)
    w_in = rng.normal(size=(30, 2))
    activity = rng.normal(size=(20_000, 2)) @ w_in.T
    difference = connectivity.functional_connectivity(activity) - connectivity.connection_similarity(w_in)
    assert abs(difference).max() < 0.03


@given(st.integers(0, 99), st.integers(1, 4), st.integers(1, 4), st.floats(1e-3, 1e3), st.floats(-10, 10))
@settings(max_examples=30, deadline=None)
def test_correlate_equals_numpys_corrcoef(seed, i, j, gain, offset):
    rng = np.random.default_rng(seed)
    a, b = gain * rng.normal(size=(40, i)) + offset, rng.normal(size=(40, j))
    expected = np.corrcoef(a.T, b.T).reshape(i + j, i + j)[:i, i:]
    np.testing.assert_allclose(connectivity.correlate(a, b), expected, atol=1e-10)
    np.testing.assert_allclose(connectivity.correlate(b, a), expected.T, atol=1e-10)


def test_correlate_takes_single_columns_and_single_precision():
    a = np.random.default_rng(0).normal(size=50)
    b = a + np.random.default_rng(1).normal(size=50)
    found = connectivity.correlate(a.astype(np.float32), b)
    assert found.shape == (1, 1)
    assert found.item() == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-6)


@pytest.mark.parametrize("level", [0.0, 0.1, -3.3, 1e6])
def test_a_constant_column_carries_nothing(level):
    b = np.random.default_rng(0).normal(size=(2200, 2))
    for dtype in (np.float64, np.float32):
        found = connectivity.correlate(np.full(2200, level, dtype), b)
        np.testing.assert_allclose(found, np.zeros((1, 2)), atol=1e-12)


def test_correlate_refuses_different_numbers_of_rows():
    with pytest.raises(ValueError, match="5 rows against 6; allowed: the same number of rows"):
        connectivity.correlate(np.zeros(5), np.zeros(6))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_correlate_takes_nan_for_an_error_not_for_a_constant(bad):
    with pytest.raises(ValueError, match="NaN or infinite values; allowed: finite numbers"):
        connectivity.correlate(np.arange(5.0), np.array([1, 2, bad, 4, 5]))
