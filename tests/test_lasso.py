"""Many Lassos at once against scikit-learn, one at a time."""

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet, Lasso, LassoCV
from sklearn.metrics import explained_variance_score

from fcmod_utils import lasso


@pytest.fixture(scope="module")
def data():
    """200 rows of eight predictors, some of them alike, and six targets: weak, strong, noise."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 8))
    x[:, 3] = x[:, 0] + 0.3 * rng.normal(size=200)
    x[:, 7] += 3
    w = rng.normal(size=(8, 6)) * (rng.random((8, 6)) < 0.5)
    w[:, 5] = 0
    return x, x @ w + rng.normal(size=(200, 6)) * [0.1, 0.5, 1, 3, 0.01, 1] + 5


def folds(n, k):
    return np.arange(n) * k // n


def test_alpha_is_that_of_scikit_learn(data):
    x, y = data
    ours = lasso.choose_alpha(lasso.moments(x, y, folds(200, 5)), 30, tolerance=1e-6)
    theirs = [LassoCV(alphas=30, cv=5, tol=1e-8, max_iter=100_000).fit(x, one).alpha_ for one in y.T]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_alpha_hardly_depends_on_the_tolerance(data):
    x, y = data
    found = lasso.moments(x, y, folds(200, 5))
    step = 1000 ** (1 / 29)
    ratio = lasso.choose_alpha(found) / lasso.choose_alpha(found, tolerance=1e-6)
    assert (np.abs(np.log(ratio)) < 1.01 * np.log(step)).all()


@pytest.mark.parametrize("alpha", [1e-3, 0.05, 0.5])
def test_fits_are_those_of_scikit_learn(data, alpha):
    x, y = data
    fold = np.random.default_rng(1).permutation(200) % 3
    held = lasso.moments(x, y, fold)
    train = held.rest()
    gram, with_y, _ = train.centered()
    b = lasso.solve(gram, with_y, np.full((3, 6), alpha) * train.n[:, None], tolerance=1e-9)
    ours = lasso.with_intercept(train, b)
    error = lasso.residual(held, ours)
    share = lasso.explained_variance(held, ours)
    for k in range(3):
        for j in range(6):
            theirs = Lasso(alpha, tol=1e-10, max_iter=100_000).fit(x[fold != k], y[fold != k, j])
            np.testing.assert_allclose(b[k, :, j], theirs.coef_, atol=2e-4)
            assert ours[k, 0, j] == pytest.approx(theirs.intercept_, abs=1e-3)
            predicted = theirs.predict(x[fold == k])
            truth = y[fold == k, j]
            assert error[k, j] == pytest.approx(np.square(truth - predicted).sum(), rel=1e-3)
            assert share[k, j] == pytest.approx(explained_variance_score(truth, predicted), abs=1e-3)


def test_the_usual_tolerance_leaves_explained_variance_as_it_is(data):
    found = lasso.moments(*data, folds(200, 3))
    gram, with_y, _ = found.rest().centered()
    penalty = np.full((3, 6), 1e-3) * found.rest().n[:, None]
    loose, tight = (
        lasso.explained_variance(
            found, lasso.with_intercept(found.rest(), lasso.solve(gram, with_y, penalty, None, t))
        )
        for t in (1e-5, 1e-9)
    )
    np.testing.assert_allclose(loose, tight, atol=1e-4)


def test_a_large_penalty_leaves_nothing(data):
    x, y = data
    gram, with_y, _ = lasso.moments(x, y, np.zeros(200, int)).centered()
    assert not lasso.solve(gram, with_y, np.full((1, 6), 1.01 * np.abs(with_y).max())).any()


def test_a_constant_predictor_and_a_constant_target_do_no_harm():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), rng.normal(size=(60, 2))
    x[:, 1], y[:, 1] = 2, 1
    found = lasso.moments(x, y, folds(60, 5))
    alpha = lasso.choose_alpha(found)
    gram, with_y, _ = found.rest().centered()
    b = lasso.solve(gram, with_y, alpha * found.rest().n[:, None])
    assert np.isfinite(b).all() and not b[:, 1].any()
    share = lasso.explained_variance(found, lasso.with_intercept(found.rest(), b))
    assert np.isfinite(share[:, 0]).all()


def test_a_start_elsewhere_ends_in_the_same_place(data):
    x, y = data
    gram, with_y, _ = lasso.moments(x, y, np.zeros(200, int)).centered()
    penalty = np.full((1, 6), 2.0)
    start = np.random.default_rng(0).normal(size=with_y.shape)
    there = lasso.solve(gram, with_y, penalty, start, 1e-9)
    np.testing.assert_allclose(there, lasso.solve(gram, with_y, penalty, None, 1e-9), atol=1e-6)


def dependent():
    """Groups of one-hot columns that depend on each other: many Lassos are equally good."""
    rng = np.random.default_rng(2)
    case = rng.integers(0, 8, 300)
    x = np.hstack([np.eye(4)[case // 2], np.eye(4)[case % 4], np.eye(2)[case % 2]])
    return x, rng.normal(size=(8, 5))[case] + 0.05 * rng.normal(size=(300, 5))


def test_a_little_ridge_is_the_elastic_net_of_scikit_learn():
    x, y = dependent()
    found = lasso.moments(x, y, np.zeros(300, int))
    gram, with_y, _ = found.centered()
    alpha = 5e-3
    b = lasso.solve(gram, with_y, np.full((1, 5), alpha * 300), ridge=0.05)
    for j in range(5):
        net = ElasticNet(1.05 * alpha, l1_ratio=1 / 1.05, tol=1e-9, max_iter=1_000_000).fit(x, y[:, j])
        np.testing.assert_allclose(b[0, :, j], net.coef_, atol=2e-3)


def test_only_with_a_ridge_is_the_solution_one():
    x, y = dependent()
    gram, with_y, _ = lasso.moments(x, y, np.zeros(300, int)).centered()
    penalty, start = np.full((1, 5), 1.0), np.random.default_rng(0).normal(size=with_y.shape)

    def apart(ridge):
        pair = [lasso.solve(gram, with_y, penalty, from_, ridge=ridge) for from_ in (None, start)]
        return np.abs(pair[0] - pair[1]).max()

    assert apart(0.01) < 1e-6
    assert apart(0.0) > 0.01
    losses = [
        (np.einsum("fit,fij,fjt->ft", b, gram, b) / 2 - (b * with_y).sum(1) + np.abs(b).sum(1))
        for b in (lasso.solve(gram, with_y, penalty, from_) for from_ in (None, start))
    ]
    np.testing.assert_allclose(*losses, rtol=1e-6)  # equally good


def test_moments_of_some_targets_and_of_the_rest(data):
    x, y = data
    fold = folds(200, 4)
    some = lasso.moments(x, y, fold).only(np.arange(6) < 2).rest()
    direct = lasso.moments(x[fold != 2], y[fold != 2, :2], np.zeros(150, int))
    for a, b in zip((some.xx, some.xy, some.yy), (direct.xx, direct.xy, direct.yy), strict=True):
        np.testing.assert_allclose(a[2], b[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fold": np.zeros(9, int)}, "as many rows"),
        ({"x": np.full((10, 2), np.nan)}, "finite"),
        ({"fold": np.full(10, 1)}, "none of them empty"),
        ({"fold": np.full(10, -1)}, "none of them empty"),
        ({"y": np.zeros(10)}, r"allowed: \(row, predictor\)"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(change, message):
    given = {"x": np.zeros((10, 2)), "y": np.zeros((10, 3)), "fold": np.zeros(10, int)}
    with pytest.raises(ValueError, match=message):
        lasso.moments(**given | change)


def test_number_of_candidates_is_checked(data):
    with pytest.raises(ValueError, match="n_alphas"):
        lasso.choose_alpha(lasso.moments(*data, folds(200, 5)), 0)
