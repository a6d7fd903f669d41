"""Pareto fronts: power laws, whose ratio is known everywhere, and curves that turn back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcmod_utils import pareto

ERRORS = np.array([0.3, 0.1, 0.05, 0.02])


def test_on_a_power_law_lines_between_points_are_exact():
    amounts = 7 * ERRORS**-1.5
    wanted = [0.3, 0.21, 0.1, 0.033, 0.02]
    np.testing.assert_allclose(pareto.least_at(ERRORS, amounts, wanted), 7 * np.array(wanted) ** -1.5)


@given(st.floats(0.1, 10), st.floats(0.3, 3), st.floats(0.5, 2))
@settings(max_examples=30, deadline=None)
def test_the_ratio_of_two_power_laws(factor, power, shift):
    other = ERRORS * shift
    first, second = (ERRORS, factor * ERRORS**-power), (other, other**-power)
    wanted, ratio = pareto.ratios(first, second)
    np.testing.assert_allclose(ratio, factor, rtol=1e-9)
    low, high = max(ERRORS.min(), other.min()), min(ERRORS.max(), other.max())
    np.testing.assert_allclose(wanted, np.geomspace(low, high, 9))
    np.testing.assert_allclose(pareto.ratios(second, first)[1], 1 / factor, rtol=1e-9)


def test_a_curve_that_turns_back_counts_with_its_least_amount():
    """Too little of the penalty costs accuracy, too: error 0.05 is passed at 100 and again at 1,000."""
    errors, amounts = [0.2, 0.05, 0.02, 0.05], [10, 100, 300, 1000]
    assert pareto.least_at(errors, amounts, [0.05])[0] == pytest.approx(100)
    assert pareto.least_at(errors[::-1], amounts[::-1], [0.05])[0] == pytest.approx(100)


def test_a_level_piece_counts_with_its_lower_end():
    assert pareto.least_at([0.1, 0.1], [50, 20], [0.1])[0] == pytest.approx(20)


def test_outside_the_range_there_is_nothing():
    assert np.isnan(pareto.least_at(ERRORS, 1 / ERRORS, [0.4, 0.01])).all()


def test_a_single_point_is_compared_at_its_own_error():
    wanted, ratio = pareto.ratios((ERRORS, 1 / ERRORS), ([0.1], [5]))
    np.testing.assert_allclose(wanted, 0.1)
    np.testing.assert_allclose(ratio, 2)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (([0.5, 0.6], [1, 2]), "ranges that meet"),
        (([0.1], [1, 2]), "1 errors, 2 amounts"),
        (([], []), "one or more"),
        (([0.1, 0.0], [1, 2]), "above 0"),
        (([0.1, np.nan], [1, 2]), "finite"),
    ],
)
def test_bad_input_is_named(first, said):
    with pytest.raises(ValueError, match=said):
        pareto.ratios(first, (ERRORS, 1 / ERRORS))


def test_no_errors_are_none():
    with pytest.raises(ValueError, match="n is 0"):
        pareto.ratios((ERRORS, 1 / ERRORS), (ERRORS, 1 / ERRORS), 0)
