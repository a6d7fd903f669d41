"""Effects of groups of networks on each other, with intervals from resampling networks."""

from collections.abc import Callable

import numpy as np


def cohens_d(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Difference of two means over their pooled standard deviation.

    Parameters
    ----------
    a, b : ndarray, shape (..., network)

    Examples
    --------
    >>> cohens_d(np.array([1.0, 3.0]), np.array([0.0, 2.0])).round(3).item()
    0.707
    """
    n, m = a.shape[-1], b.shape[-1]
    pooled = ((n - 1) * a.var(-1, ddof=1) + (m - 1) * b.var(-1, ddof=1)) / (n + m - 2)
    return (a.mean(-1) - b.mean(-1)) / np.sqrt(pooled)


def effect(
    a: np.ndarray, b: np.ndarray, seed: int = 0, n_resamples: int = 10_000
) -> tuple[float, float, float]:
    """Cohen's d of two groups of networks with its bootstrap 95 % interval: each group is resampled.

    Parameters
    ----------
    a, b : ndarray, shape (network,)

    Returns
    -------
    value, low, high : float

    Raises
    ------
    ValueError
        For fewer than three networks in a group, values that are not finite, or no difference in a group.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if min(a.size, b.size) < 3 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"groups of {a.size} and {b.size} networks; allowed: three or more each, finite")
    if (a.ndim, b.ndim) != (1, 1) or not (np.ptp(a) or np.ptp(b)):
        raise ValueError("all networks of a group are alike; allowed: one value per network, some different")
    rng, value = np.random.default_rng(seed), float(cohens_d(a, b))
    drawn = [one[rng.integers(0, one.size, (n_resamples, one.size))] for one in (a, b)]
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of equal values has no spread
        draws = cohens_d(*drawn)
    low, high = np.nanquantile(draws[np.isfinite(draws)], [0.025, 0.975])
    return value, float(min(low, value)), float(max(high, value))


def resampled(
    statistic: Callable[..., float], *groups: np.ndarray, seed: int = 0, n_resamples: int = 2000
) -> tuple[float, float, float]:
    """A number made of groups of networks with its bootstrap 95 % interval: each group is resampled.

    Parameters
    ----------
    statistic : callable
        Of as many arrays as there are groups.
    *groups : ndarray, shape (network, ...)

    Returns
    -------
    value, low, high : float
    """
    rng, value, draws = np.random.default_rng(seed), float(statistic(*groups)), []
    for _ in range(n_resamples):
        draws.append(statistic(*(one[rng.integers(0, len(one), len(one))] for one in groups)))
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return value, float(min(low, value)), float(max(high, value))


def half_way(places: np.ndarray, passing: np.ndarray) -> float:
    """Where along a range half of the networks pass, from a logistic fit; 0 to 1.

    Networks pass at its low end; where passing does not fall along the range, it is the share that passes.

    Parameters
    ----------
    places : ndarray, shape (network,)
        Of each network in the range, 0 to 1.
    passing : ndarray of bool, shape (network,)

    Examples
    --------
    >>> half_way(np.linspace(0, 1, 101), np.linspace(0, 1, 101) < 0.3).__round__(2)
    0.3
    """
    x = np.stack([np.ones(len(places)), np.asarray(places) - 0.5], axis=1)
    b, ridge = np.zeros(2), 1e-3 * np.eye(2)  # a touch of it, for ranges that a single point divides
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
        b = b + np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, x.T @ (passing - p) - ridge @ b)
    return float(np.clip(0.5 - b[0] / b[1], 0, 1)) if b[1] < 0 else float(np.mean(passing))
