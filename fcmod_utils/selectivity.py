"""Selectivity: what each unit's activity tells about the task, window by window, and how the parts relate.

The measure is a Lasso's explained variance on held-out trials, and how much of it is lost when the
predictors of one group (the goal, the options, the answer) are taken away.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from .connectivity import live_units
from .lasso import (
    Moments,
    choose_alpha,
    explained_variance,
    moments,
    solve,
    variance,
    with_intercept,
)  # fmt: skip
from .tasks import check_count

ALL = "all"
RIDGE = 0.01  # of the penalty: the predictors of a task depend on each other, so a Lasso alone is not unique
CV_FOLDS = 5  # behind the choice of alpha
TINY = 1e-3  # a unit that varies less than this share of the most variable one is left out in that window,
RARE = 0.01  # and one whose variance in a test part is below this share of its variance in all trials


def window_means(hidden: np.ndarray, width: int = 5) -> np.ndarray:
    """Mean activity in windows that follow each other.

    Parameters
    ----------
    hidden : ndarray, shape (time, trial, unit)
    width : int
        Steps; must divide the number of steps.

    Returns
    -------
    ndarray, shape (window, trial, unit)

    Examples
    --------
    >>> window_means(np.arange(4.0).reshape(4, 1, 1), 2)[:, 0, 0].tolist()
    [0.5, 2.5]
    """
    check_count(width, "width")
    hidden = np.asarray(hidden)
    if hidden.ndim != 3 or len(hidden) % width:
        raise ValueError(
            f"activity has shape {hidden.shape} and windows {width} steps; "
            "allowed: (time, trial, unit), windows that fill the time"
        )
    return hidden.reshape(-1, width, *hidden.shape[1:]).mean(axis=1)


def one_hot(values: Sequence[int], n: int | None = None) -> np.ndarray:
    """Whole numbers as columns of zeros with a one.

    Parameters
    ----------
    values : sequence of int, shape (trial,)
    n : int, optional
        Number of columns; by default up to the largest value.

    Examples
    --------
    >>> one_hot([0, 2], 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    values = np.asarray(values)
    n = int(values.max()) + 1 if n is None else n
    return (values[:, None] == np.arange(n)).astype(float)


def explained(
    activity: np.ndarray, groups: Mapping[str, np.ndarray], seed: int = 0,
    n_folds: int = 3, n_repeats: int = 2, n_alphas: int = 30, ridge: float = RIDGE,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Variance of each unit that the task explains in held-out trials, and the share of each group.

    For each unit and window: alpha by cross-validation over all trials, then repeated k-fold. In each
    split a Lasso is fitted on one part; on the other its explained variance is taken with all
    predictors and with those of one group at 0. The loss is the group's; means over splits.

    Parameters
    ----------
    activity : ndarray, shape (window, trial, unit)
    groups : mapping of str to ndarray, shape (trial, predictor)
    seed : int
        Of the splits.
    n_folds, n_repeats : int
    n_alphas : int
        Candidates on the path; 30 lie a quarter apart.
    ridge : float
        See ``lasso.solve``. At 0 it is coordinate descent from 0 that chooses among equally good fits,
        as in scikit-learn, and groups that come first get more.

    Returns
    -------
    dict of str to ndarray, shape (window, unit)
        ``"all"`` and one entry per group. NaN for units that are left out in a window, since they vary
        less than ``TINY`` there or, in a test part, less than ``RARE``: a division by almost 0.

    Raises
    ------
    ValueError
        For arrays that do not fit, values that are not finite, or fewer trials than folds.

    References
    ----------
    Achterberg et al. (2023), Methods of Figs. 4-6.
    """
    check_count(n_repeats, "n_repeats")
    check_count(n_folds - 1, "n_folds - 1")
    activity, x, members = _check(activity, groups, max(n_folds, CV_FOLDS))
    kept, y, n = *_targets(activity), len(x)
    rng = np.random.default_rng(seed)
    parts = [moments(x, y, rng.permutation(n) % n_folds) for _ in range(n_repeats)]
    often = np.all([(variance(part) > RARE).all(axis=0) for part in parts], axis=0)
    kept[kept], y = often, y[:, often]
    alpha = choose_alpha(moments(x, y, np.arange(n) * CV_FOLDS // n), n_alphas)
    found = np.mean([_by_group(part.only(often), alpha, members, ridge) for part in parts], axis=0)
    results = {name: np.full(kept.shape, np.nan) for name in (ALL, *groups)}
    for values, one in zip(results.values(), found, strict=True):
        values[kept] = one
    return results


def _targets(activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Units that vary in a window, [window, unit], and their standardized activity, [trial, target]."""
    sd = activity.std(axis=1)
    kept = live_units(activity) & (sd > TINY * sd.max(axis=1, keepdims=True))
    y = activity.transpose(1, 0, 2)[:, kept]
    return kept, (y - y.mean(axis=0)) / y.std(axis=0)


def _check(activity, groups, least: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    activity = np.asarray(activity, np.float64)
    columns = [np.asarray(one, np.float64) for one in groups.values()]
    shapes = {name: one.shape for name, one in zip(groups, columns, strict=True)}
    fits = activity.ndim == 3 and columns and ALL not in groups
    if not fits or any(one.ndim != 2 or len(one) != activity.shape[1] for one in columns):
        raise ValueError(
            f"activity has shape {activity.shape}, groups {shapes}; allowed: (window, trial, unit), "
            f"one or more (trial, predictor), none of them called {ALL!r}"
        )
    if activity.shape[1] < 2 * least:
        raise ValueError(f"{activity.shape[1]} trials; allowed: at least {2 * least}, two for each fold")
    if not np.isfinite(activity).all():
        raise ValueError("activity holds NaN or infinite values; allowed: finite numbers")
    owner = np.repeat(np.arange(len(columns)), [one.shape[1] for one in columns])
    return activity, np.hstack(columns), [owner == k for k in range(len(columns))]


def _by_group(data: Moments, alpha: np.ndarray, members: list[np.ndarray], ridge: float) -> np.ndarray:
    """Explained variance and what is lost without each group, mean over folds, shape (1 + group, target)."""
    train = data.rest()
    gram, with_y, _ = train.centered()
    how = {"ridge": ridge} if ridge else {"tolerance": 1e-5}
    whole = with_intercept(train, solve(gram, with_y, alpha * train.n[:, None], **how))
    full = explained_variance(data, whole)
    lost = []
    for member in members:
        without = whole.copy()
        without[:, 1:][:, member] = 0
        lost.append(full - explained_variance(data, without))
    return np.mean([full, *lost], axis=1)


def mixing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Correlation over units of the variance that two groups explain: 0 in a fully mixed code.

    Negative where units that tell the one hardly tell the other: a code in two specialized parts.

    Parameters
    ----------
    one, other : ndarray, shape (..., unit)
        NaN marks units that are left out.

    Returns
    -------
    ndarray, shape (...)
        NaN where fewer than three units are left, or one of the two does not vary.

    References
    ----------
    Achterberg et al. (2023), Fig. 5a.
    """
    one, other = (np.asarray(a, np.float64) for a in (one, other))
    both = np.isfinite(one) & np.isfinite(other)
    n = both.sum(axis=-1, keepdims=True)
    centered = []
    for values in (one, other):
        values = np.where(both, values, 0)
        centered.append(np.where(both, values - values.sum(-1, keepdims=True) / np.maximum(n, 1), 0))
    a, b = centered
    scale = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    valid = (n[..., 0] >= 3) & (scale > 0)
    return np.divide((a * b).sum(-1), scale, out=np.full(scale.shape, np.nan), where=valid)
