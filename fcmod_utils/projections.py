"""Input weights from simple recipes, to see what about a projection makes modules.

Weights are ``w_in[unit, input]``. Two asymmetries can be dialed separately: the *sign* of a unit's
weights, and the *difference* between them.
"""

import numpy as np

from .connectivity import check_weights
from .tasks import check_count

RULES = (
    "both positive, first stronger",
    "both positive, second stronger",
    "first positive, second negative",
    "first negative, second positive",
    "both negative, first stronger",
    "both negative, second stronger",
)


def gaussian_weights(n_units: int, n_inputs: int, seed: int = 0) -> np.ndarray:
    """Input weights ``[unit, input]``, standard normal (Tanner et al. 2023, Fig. S7)."""
    _check_sizes(n_units, n_inputs)
    return np.random.default_rng(seed).normal(size=(n_units, n_inputs))


def sign_weights(n_units: int, share_negative: float, seed: int = 0, n_inputs: int = 2) -> np.ndarray:
    """Sign model: every weight is 1, but for a share of units all of whose weights are -1.

    Parameters
    ----------
    n_units : int
    share_negative : float
        Share of units with negative weights, 0 to 1; rounded to whole units.
    seed : int
        Decides which units.
    n_inputs : int

    Returns
    -------
    ndarray, shape (unit, input)

    References
    ----------
    Tanner et al. (2023), Fig. S4a.

    Examples
    --------
    >>> sign_weights(4, 0.5, seed=1).sum(axis=0)
    array([0., 0.])
    """
    _check_sizes(n_units, n_inputs)
    signs = _signs(n_units, share_negative, np.random.default_rng(seed))
    return np.repeat(signs[:, None], n_inputs, axis=1)


def difference_weights(n_units: int, difference: float, seed: int = 0, n_inputs: int = 2) -> np.ndarray:
    """Difference model: positive weights, one of each unit's larger than the others by a constant.

    Parameters
    ----------
    n_units : int
    difference : float
        At least 0, in units of the weights' standard deviation.
    seed : int
    n_inputs : int

    Returns
    -------
    ndarray, shape (unit, input)
        A unit's base weight is the absolute value of a standard normal number; which of its inputs
        gets more is drawn at random.

    References
    ----------
    Tanner et al. (2023), Fig. S4f.

    Examples
    --------
    >>> w = difference_weights(5, 0.5)
    >>> bool((w > 0).all()), np.ptp(w, axis=1).round(6)
    (True, array([0.5, 0.5, 0.5, 0.5, 0.5]))
    """
    return sign_difference_weights(n_units, difference, seed, n_inputs, share_negative=0.0)


def sign_difference_weights(
    n_units: int, difference: float, seed: int = 0, n_inputs: int = 2, share_negative: float | None = None
) -> np.ndarray:
    """Sign-difference model: as the difference model, with base weights of either sign.

    Parameters
    ----------
    n_units : int
    difference : float
        At least 0, in units of the base weights' standard deviation.
    seed : int
    n_inputs : int
    share_negative : float, optional
        Share of units with a negative base weight; by default each sign is left to chance.

    Returns
    -------
    ndarray, shape (unit, input)

    References
    ----------
    Tanner et al. (2023), Fig. S4k.
    """
    _check_sizes(n_units, n_inputs)
    if not 0 <= difference < np.inf:
        raise ValueError(f"difference is {difference!r}; allowed: a finite number of at least 0")
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n_units)
    favored = rng.integers(n_inputs, size=n_units)
    if share_negative is not None:
        base = np.abs(base) * _signs(n_units, share_negative, rng)
    weights = np.repeat(base[:, None], n_inputs, axis=1)
    weights[np.arange(n_units), favored] += difference
    return weights


def noise(
    w_in: np.ndarray, n_steps: int = 1000, seed: int = 0, private: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Send Gaussian noise through a projection.

    Parameters
    ----------
    w_in : ndarray, shape (unit, input)
    n_steps : int
    seed : int
    private : float
        Standard deviation of further noise that each unit has to itself.

    Returns
    -------
    inputs : ndarray, shape (step, input)
        Independent standard normal numbers.
    activity : ndarray, shape (step, unit)

    Raises
    ------
    ValueError
        For weights without a direction, fewer than two steps or units, or negative noise.
    """
    w_in = check_weights(w_in)
    check_count(n_steps - 1, "n_steps - 1")
    if not 0 <= private < np.inf:
        raise ValueError(f"private noise is {private!r}; allowed: a finite number of at least 0")
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n_steps, w_in.shape[1]))
    activity = inputs @ w_in.T
    if private:
        activity += private * rng.normal(size=activity.shape)
    return inputs, activity


def expected_connectivity(w_in: np.ndarray, private: float = 0.0) -> np.ndarray:
    """Correlation of the units in endless noise, in closed form.

    Without private noise this is the cosine of the input weights, the connection similarity: for
    independent inputs of variance 1, the covariance of two units is the product of their weights.

    Parameters
    ----------
    w_in : ndarray, shape (unit, input)
    private : float
        Standard deviation of the noise that each unit has to itself.

    Returns
    -------
    ndarray, shape (unit, unit)
        With an empty diagonal.
    """
    w_in = check_weights(w_in)
    covariance = w_in @ w_in.T
    sd = np.sqrt(np.diag(covariance) + private**2)
    fc = covariance / np.outer(sd, sd)
    np.fill_diagonal(fc, 0.0)
    return fc


def sign_model_q(n_units: int, n_negative: int) -> float:
    """Signed modularity of the sign model's two modules, in closed form.

    With modules of :math:`a` and :math:`b` units, correlations are 1 inside and -1 between, and

    .. math:: q = 1 - \\frac{a^2 (a-1)^2 + b^2 (b-1)^2}{(a (a-1) + b (b-1))^2} + \\frac{ab}{N (N-1)}.

    Parameters
    ----------
    n_units : int
        At least three: of two opposed units no pair agrees.
    n_negative : int

    Examples
    --------
    >>> round(sign_model_q(100, 50), 4), sign_model_q(100, 0)
    (0.7525, 0.0)
    """
    check_count(n_units - 2, "n_units - 2")
    if not 0 <= n_negative <= n_units:
        raise ValueError(f"{n_negative} negative units; allowed: 0 to {n_units}")
    pairs = [size * (size - 1) for size in (n_negative, n_units - n_negative)]
    expected = sum(p**2 for p in pairs) / sum(pairs) ** 2
    return 1 - expected + n_negative * (n_units - n_negative) / (n_units * (n_units - 1))


def rules(w_in: np.ndarray) -> np.ndarray:
    """Which of the six rules on sign and strength each unit's two weights follow.

    Parameters
    ----------
    w_in : ndarray, shape (unit, 2)

    Returns
    -------
    ndarray of int, shape (unit,)
        Index into ``RULES``. Where both weights are equally strong the first counts as stronger.

    Raises
    ------
    ValueError
        If there are not two weights per unit, or one of them is 0 or not finite.

    References
    ----------
    Tanner et al. (2023), Fig. S4p.

    Examples
    --------
    >>> rules([[2, 1], [1, 2], [1, -1], [-1, 1], [-2, -1], [-1, -2]])
    array([0, 1, 2, 3, 4, 5])
    """
    w = np.asarray(w_in, np.float64)
    if w.ndim != 2 or w.shape[1] != 2:
        raise ValueError(f"weights have shape {w.shape}; allowed: (unit, 2), the rules need two inputs")
    if not np.isfinite(w).all() or (w == 0).any():
        bad = np.flatnonzero((~np.isfinite(w) | (w == 0)).any(axis=1)).tolist()
        raise ValueError(f"units {bad} have weights without a sign; allowed: finite, not 0")
    second = (np.abs(w[:, 1]) > np.abs(w[:, 0])).astype(int)
    first_up, second_up = w[:, 0] > 0, w[:, 1] > 0
    return np.select(
        [first_up & second_up, first_up & ~second_up, ~first_up & second_up], [second, 2, 3], 4 + second
    )


def direction_clusters(w_in: np.ndarray, n_clusters: int = 6, seed: int = 0) -> np.ndarray:
    """Cluster units by the direction of their input weights, in a given number of clusters.

    K-means on weights scaled to length 1: the squared distance of two of them is 2 - 2 cosine, so
    this groups by cosine similarity.

    Parameters
    ----------
    w_in : ndarray, shape (unit, input)
    n_clusters : int
    seed : int

    Returns
    -------
    ndarray of int, shape (unit,)

    Raises
    ------
    ValueError
        For more clusters than units, or weights without a direction.
    """
    from sklearn.cluster import KMeans

    w = check_weights(w_in)
    check_count(n_clusters, "n_clusters")
    if n_clusters > len(w):
        raise ValueError(f"{n_clusters} clusters of {len(w)} units; allowed: at most one per unit")
    unit = w / np.linalg.norm(w, axis=1, keepdims=True)
    return KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(unit)


def _check_sizes(n_units: int, n_inputs: int) -> None:
    check_count(n_inputs, "n_inputs")
    check_count(n_units, "n_units")
    if n_units < 2:
        raise ValueError("n_units is 1; allowed: at least 2, since one unit has no correlation")


def _signs(n_units: int, share_negative: float, rng: np.random.Generator) -> np.ndarray:
    if not 0 <= share_negative <= 1:
        raise ValueError(f"share_negative is {share_negative!r}; allowed: 0 to 1")
    signs = np.ones(n_units)
    signs[rng.permutation(n_units)[: round(share_negative * n_units)]] = -1.0
    return signs
