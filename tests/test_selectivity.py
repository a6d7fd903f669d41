"""Explained variance by group against scikit-learn, and on units made by hand."""

import itertools

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LassoCV
from sklearn.metrics import explained_variance_score

from fcmod_utils import selectivity


def made(n_trials=400, seed=0, noise=0.2):
    """Two windows of five units: goal, option, both, noise, silent; independent goals and options."""
    rng = np.random.default_rng(seed)
    goal, option = rng.integers(0, 3, (2, n_trials))
    groups = {"goal": selectivity.one_hot(goal), "option": selectivity.one_hot(option)}
    unit = [goal == 1, option == 2, (goal == 0) + (option == 0), 0 * goal]
    activity = np.stack(unit, axis=1) + noise * rng.normal(size=(2, n_trials, 4))
    return np.concatenate([activity, np.zeros((2, n_trials, 1))], axis=2), groups


def plain(activity, groups, alphas=30, seed=0):
    """The same by scikit-learn, unit by unit, for one window."""
    x, n = np.hstack(list(groups.values())), len(activity)
    edges = np.cumsum([0, *(one.shape[1] for one in groups.values())])
    rng = np.random.default_rng(seed)
    splits = [rng.permutation(n) % 3 for _ in range(2)]
    found = []
    for y in activity.T:
        y = (y - y.mean()) / y.std()
        alpha = LassoCV(alphas=alphas, cv=5, max_iter=10_000).fit(x, y).alpha_
        scores = []
        for fold in splits:
            for k in range(3):
                held = fold == k
                fit = Lasso(alpha, max_iter=10_000, tol=1e-8).fit(x[~held], y[~held])
                full = explained_variance_score(y[held], fit.predict(x[held]))
                row = [full]
                for a, b in itertools.pairwise(edges):
                    without = x[held].copy()
                    without[:, a:b] = 0
                    row.append(full - explained_variance_score(y[held], fit.predict(without)))
                scores.append(row)
        found.append(np.mean(scores, axis=0))
    return np.array(found).T


def test_explained_variance_is_that_of_scikit_learn():
    activity, groups = made()
    ours = selectivity.explained(activity, groups)
    for window in range(2):
        theirs = plain(activity[window, :, :3], groups)
        np.testing.assert_allclose([one[window, :3] for one in ours.values()], theirs, atol=2e-3)


def test_units_made_by_hand_tell_what_they_were_made_of():
    found = selectivity.explained(*made())
    goal, option = found["goal"][0], found["option"][0]
    assert goal[0] > 0.7 and abs(option[0]) < 0.02
    assert option[1] > 0.7 and abs(goal[1]) < 0.02
    assert goal[2] > 0.25 and option[2] > 0.25
    assert abs(found["all"][0, 3]) < 0.05
    assert goal[2] + option[2] == pytest.approx(found["all"][0, 2], abs=0.05)  # independent: they add up


def test_silent_and_rare_units_are_left_out():
    activity, groups = made()
    activity[1, :, 3] = 0
    activity[1, 7, 3] = 1  # in one trial only: no test part but one varies
    found = selectivity.explained(activity, groups)
    assert all(np.isnan(one[:, 4]).all() and np.isnan(one[1, 3]) for one in found.values())
    assert np.isfinite(found["all"][:, :3]).all() and np.isfinite(found["all"][0, 3])


def test_scale_and_offset_of_a_unit_do_not_matter():
    activity, groups = made()
    one = selectivity.explained(activity, groups)
    other = selectivity.explained(3 * activity + 10 * (activity[..., :1] * 0 + 1), groups)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-6)


def test_constants_added_to_predictors_change_nothing():
    activity, groups = made()
    shifted = {name: columns + 2 for name, columns in groups.items()}
    one, other = selectivity.explained(activity, groups), selectivity.explained(activity, shifted)
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-6)


def test_mixing_is_a_correlation_over_units_that_count():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 3, 20))
    one[1, 4] = other[1, 7] = np.nan
    keep = [k for k in range(20) if k not in (4, 7)]
    found = selectivity.mixing(one, other)
    assert found[0] == pytest.approx(np.corrcoef(one[0], other[0])[0, 1])
    assert found[1] == pytest.approx(np.corrcoef(one[1, keep], other[1, keep])[0, 1])
    assert np.isnan(selectivity.mixing(np.ones(5), rng.normal(size=5)))
    assert np.isnan(selectivity.mixing(np.array([1, np.nan, 2]), np.array([1, 3.0, 2])))


def test_windows_are_means():
    hidden = np.random.default_rng(0).normal(size=(6, 3, 2))
    np.testing.assert_allclose(selectivity.window_means(hidden, 3)[1], hidden[3:].mean(axis=0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a, g: selectivity.explained(a[0], g), r"allowed: \(window, trial, unit\)"),
        (lambda a, g: selectivity.explained(a, {}), "one or more"),
        (lambda a, g: selectivity.explained(a, {"all": g["goal"]}), "none of them called 'all'"),
        (lambda a, g: selectivity.explained(a, {"goal": g["goal"][1:]}), r"\(trial, predictor\)"),
        (
            lambda a, g: selectivity.explained(a[:, :9], {"goal": g["goal"][:9]}),
            "9 trials; allowed: at least 10",
        ),
        (lambda a, g: selectivity.explained(a * np.nan, g), "finite"),
        (lambda a, g: selectivity.explained(a, g, n_folds=1), "n_folds - 1 is 0"),
        (lambda a, g: selectivity.explained(a, g, n_repeats=0), "n_repeats is 0"),
        (lambda a, g: selectivity.window_means(a, 3), "windows that fill the time"),
        (lambda a, g: selectivity.window_means(a, 0), "width"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call(*made(40))
