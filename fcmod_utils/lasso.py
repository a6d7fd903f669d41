"""Lasso for thousands of targets that share their predictors.

scikit-learn fits one target at a time. With few predictors all that a fit needs of the data are sums
of products, and the same few numbers serve every target: so targets, and folds, are fitted side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .tasks import check_count

SWEEPS = 5000
EXACT_EVERY = 5  # times that, an exact solution is tried
SETTLED_EVERY = 4  # sweeps between looks for targets that have settled


@dataclass(frozen=True)
class Moments:
    """Sums of products of one or more sets of rows (folds): all that a linear fit needs of them.

    Attributes
    ----------
    xx : ndarray, shape (fold, 1 + predictor, 1 + predictor)
        Column 0 is the constant 1.
    xy : ndarray, shape (fold, 1 + predictor, target)
    yy : ndarray, shape (fold, target)
    """

    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """Rows of each fold, shape (fold,)."""
        return self.xx[:, 0, 0]

    def rest(self) -> "Moments":
        """Moments of all rows but those of the fold, for each fold."""
        return Moments(*(a.sum(axis=0) - a for a in (self.xx, self.xy, self.yy)))

    def only(self, targets: np.ndarray) -> "Moments":
        """The same for some targets only."""
        return Moments(self.xx, self.xy[..., targets], self.yy[:, targets])

    def centered(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sums of products about the means of each fold: of predictors, with targets, of targets."""
        n = self.n[:, None, None]
        gram = self.xx[:, 1:, 1:] - self.xx[:, 1:, :1] * self.xx[:, :1, 1:] / n
        with_y = self.xy[:, 1:] - self.xx[:, 1:, :1] * self.xy[:, :1] / n
        return gram, with_y, self.yy - self.xy[:, 0] ** 2 / self.n[:, None]


def moments(x: np.ndarray, y: np.ndarray, fold: Sequence[int]) -> Moments:
    """Sums of products within each fold.

    Parameters
    ----------
    x : ndarray, shape (row, predictor)
    y : ndarray, shape (row, target)
    fold : sequence of int, shape (row,)
        0, 1, 2, ...

    Raises
    ------
    ValueError
        If the numbers of rows differ, values are not finite, or a fold is empty.
    """
    x, y, fold = np.asarray(x, np.float64), np.asarray(y, np.float64), np.asarray(fold)
    if x.ndim != 2 or y.ndim != 2 or not len(x) == len(y) == len(fold):
        raise ValueError(
            f"x, y and fold have shapes {x.shape}, {y.shape}, {fold.shape}; "
            "allowed: (row, predictor), (row, target), (row,), with as many rows"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("x or y holds NaN or infinite values; allowed: finite numbers")
    if fold.min() < 0 or not np.bincount(fold).all():
        raise ValueError(f"folds are {np.unique(fold).tolist()}; allowed: 0, 1, 2, ..., none of them empty")
    x1 = np.column_stack([np.ones(len(x)), x])
    parts = [(x1[rows], y[rows]) for rows in (fold == k for k in range(fold.max() + 1))]
    sums = ((a.T @ a, a.T @ b, np.square(b).sum(axis=0)) for a, b in parts)
    return Moments(*(np.stack(one) for one in zip(*sums, strict=True)))


def solve(
    gram: np.ndarray, with_y: np.ndarray, penalty: np.ndarray, start: np.ndarray | None = None,
    tolerance: float = 0.0, ridge: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Minimize ``|y - x b|^2 / 2 + penalty |b|_1`` by cyclic coordinate descent, for all targets at once.

    Parameters
    ----------
    gram : ndarray, shape (fold, predictor, predictor)
        Centered sums of products of the predictors.
    with_y : ndarray, shape (fold, predictor, target)
    penalty : ndarray, shape (fold, target)
        scikit-learn's ``alpha`` times the number of rows.
    start : ndarray, shape (fold, predictor, target), optional
        Where to begin; at 0 unless given.
    tolerance : float
        At 0, the conditions for an optimum must hold. Above, a sweep that changes no coefficient's
        share of the prediction by more than this (as a share of what the best single predictor
        explains, in standard deviations) will do: fast, and short of the optimum where descent creeps.
    ridge : float
        Adds ``ridge * penalty * |b|^2 / 2``. A little of it makes the optimum unique: where predictors
        are linearly dependent the Lasso has many, and the order of the predictors decides between them.

    Returns
    -------
    ndarray, shape (fold, predictor, target)

    Examples
    --------
    >>> solve(np.eye(2)[None], np.array([[[3.0], [-0.5]]]), np.array([[1.0]]))[0, :, 0].round(6).tolist()
    [2.0, 0.0]
    """
    b = np.zeros_like(with_y) if start is None else start.copy()
    square = np.diagonal(gram, axis1=1, axis2=2)
    varies = square > 0
    others = np.where(np.eye(gram.shape[1], dtype=bool), 0, gram)  # of predictor j with all others
    inverse = 1 / np.where(varies, square, np.inf)[..., None]
    best_of_one = (with_y**2 * inverse).max(axis=1)  # variance that one predictor explains
    limit = tolerance**2 * np.maximum(best_of_one, 1e-300)
    inverse = 1 / (1 / np.maximum(inverse, 1e-300) + ridge * penalty[:, None])  # [fold, predictor, target]
    left, now, c, p, inv = np.arange(with_y.shape[2]), b.copy(), with_y, penalty, inverse
    for block in range(1, SWEEPS // SETTLED_EVERY + 1):
        for _ in range(SETTLED_EVERY - 1):
            _sweep(others, inv, now, c, p)
        before = now.copy()
        _sweep(others, inv, now, c, p)
        change = (np.square(now - before) * square[..., None]).max(axis=1)
        going = (change > limit[:, left]).any(axis=0) | (tolerance == 0)
        if block % EXACT_EVERY == 0 and going.any():
            going[going] = ~_exact(gram, now, c, p, ridge, going)
        b[..., left] = now
        if not going.any():
            break
        if going.mean() < 0.8:
            left, now, c, p = left[going], now[..., going], c[..., going], p[:, going]
            inv = inv[..., going]
    return b


def _exact(gram, b, with_y, penalty, ridge, chosen) -> np.ndarray:
    """Walk some targets to the optimum of their present signs, in place; True where that is the optimum.

    Descent creeps where predictors depend on each other. With signs given, the optimum solves a linear
    system; a coefficient that would change its sign on the way there is set to 0 and left out, which
    makes the loss no larger. The conditions for an optimum say whether the end of the way is one.
    """
    c, p = (a[..., chosen].swapaxes(-1, -2) for a in (with_y, penalty[:, None]))  # [fold, target, ...]
    shape = c.shape
    c, p, now = (a.reshape(-1, a.shape[-1]) for a in (c, p, b[..., chosen].swapaxes(-1, -2)))
    fold = np.repeat(np.arange(len(gram)), shape[1])
    going = np.arange(len(c))
    for _ in range(shape[-1]):
        now[going], crossed = _toward(gram[fold[going]], now[going], c[going], p[going], ridge)
        going = going[crossed]
        if not len(going):
            break
    slope = c - np.einsum("ij,ijk->ik", now, gram[fold]) - ridge * p * now
    slack = 1e-9 * np.abs(c).max(axis=1, keepdims=True)
    met = np.where(now != 0, np.abs(slope - p * np.sign(now)) <= slack, np.abs(slope) <= p + slack)
    b[..., chosen] = now.reshape(shape).swapaxes(-1, -2)
    return met.reshape(shape).all(axis=(0, 2))


def _toward(gram, now, c, p, ridge) -> tuple[np.ndarray, np.ndarray]:
    """To the optimum with these signs, or to where the first coefficient on the way is 0 (True)."""
    sign = np.sign(now)
    inside = sign != 0
    system = gram * (inside[:, :, None] & inside[:, None])
    diagonal = np.arange(now.shape[1])
    system[:, diagonal, diagonal] += np.where(inside, np.maximum(ridge * p, 1e-12 * gram.max()), 1.0)
    goal = np.linalg.solve(system, ((c - p * sign) * inside)[..., None])[..., 0]
    crossing = inside & (np.sign(goal) != sign)
    part = np.divide(now, now - goal, out=np.full(now.shape, np.inf), where=crossing)
    first, crossed = part.argmin(axis=1), crossing.any(axis=1)
    there = now + np.minimum(part.min(axis=1), 1)[:, None] * (goal - now)
    there[crossed, first[crossed]] = 0
    return there, crossed


def _sweep(others, inverse, b, with_y, penalty) -> None:
    """Update every coefficient once, in place."""
    for j in range(b.shape[1]):
        pull = (others[:, j : j + 1] @ b)[:, 0]
        np.subtract(with_y[:, j], pull, out=pull)
        pull -= np.clip(pull, -penalty, penalty)
        np.multiply(pull, inverse[:, j], out=b[:, j])


def choose_alpha(data: Moments, n_alphas: int = 30, eps: float = 1e-3, tolerance: float = 1e-3) -> np.ndarray:
    """The alpha of least mean squared error on held-out folds, one per target.

    As scikit-learn's ``LassoCV`` with an intercept: the candidates fall evenly in the logarithm from
    the alpha at which all coefficients vanish to ``eps`` times that, and each fold's path begins at
    the largest.

    Parameters
    ----------
    data : Moments
        One fold per held-out part.

    Returns
    -------
    ndarray, shape (target,)
        0 where no predictor goes with the target at all.
    """
    check_count(n_alphas, "n_alphas")
    whole = Moments(*(a.sum(axis=0, keepdims=True) for a in (data.xx, data.xy, data.yy)))
    top = np.abs(whole.centered()[1][0]).max(axis=0) / whole.n[0]
    train = data.rest()
    gram, with_y, _ = train.centered()
    b, best, least = None, np.zeros_like(top), np.full(top.shape, np.inf)
    for alpha in (top * share for share in np.geomspace(1, eps, n_alphas)):
        b = solve(gram, with_y, alpha * train.n[:, None], b, tolerance)
        error = (residual(data, with_intercept(train, b)) / data.n[:, None]).mean(axis=0)
        better = error < least * (1 - 1e-12)
        best, least = np.where(better, alpha, best), np.where(better, error, least)
    return best


def with_intercept(train: Moments, b: np.ndarray) -> np.ndarray:
    """Coefficients with the intercept first, shape (fold, 1 + predictor, target)."""
    mean = (train.xy[:, :1] - train.xx[:, :1, 1:] @ b) / train.n[:, None, None]
    return np.concatenate([mean, b], axis=1)


def residual(data: Moments, coefficients: np.ndarray) -> np.ndarray:
    """Sum of squared errors of predictions within each fold, shape (fold, target)."""
    explained = ((data.xx @ coefficients - 2 * data.xy) * coefficients).sum(axis=1)
    return np.maximum(data.yy + explained, 0)


def variance(data: Moments) -> np.ndarray:
    """Variance of the targets within each fold, shape (fold, target)."""
    n = data.n[:, None]
    return np.maximum(data.yy / n - (data.xy[:, 0] / n) ** 2, 0)


def explained_variance(data: Moments, coefficients: np.ndarray) -> np.ndarray:
    """Explained variance within each fold, as scikit-learn's ``explained_variance_score``.

    The error's own mean does not count, so constants added to predictors change nothing.

    Returns
    -------
    ndarray, shape (fold, target)
        NaN where the target does not vary.
    """
    mean_error = (data.xy[:, 0] - (data.xx[:, :1] @ coefficients)[:, 0]) / data.n[:, None]
    left = residual(data, coefficients) / data.n[:, None] - mean_error**2
    total = variance(data)
    return 1 - np.divide(left, total, out=np.full(total.shape, np.nan), where=total > 0)
