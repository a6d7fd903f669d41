"""Functional connectivity, correlation with other signals, and connection similarity."""

import numpy as np

SILENT_SHARE = 1e-6  # a unit that varies less than this share of the most variable one is silent
ROUNDING = 1e-9  # a standard deviation below this share of the mean is rounding, not activity


def live_units(activity: np.ndarray) -> np.ndarray:
    """Units whose activity varies, the only ones that have a correlation.

    A ReLU unit whose input never rises above zero is silent. About a quarter of the units of a
    trained network are: left in, each would become a "module" of its own.

    Parameters
    ----------
    activity : ndarray, shape (..., row, unit)

    Returns
    -------
    ndarray of bool, shape (..., unit)
    """
    # In double precision: in single, the mean of many equal numbers is not that number. Compared
    # so that NaN is not taken for silence but reaches the check of finite values.
    sd, mean = activity.std(axis=-2, dtype=np.float64), activity.mean(axis=-2, dtype=np.float64)
    still = sd <= SILENT_SHARE * sd.max(axis=-1, keepdims=True)
    return ~(still | (sd <= ROUNDING * np.abs(mean)))


def functional_connectivity(activity: np.ndarray) -> np.ndarray:
    """Pearson correlation between all pairs of units, with an empty diagonal.

    Parameters
    ----------
    activity : ndarray, shape (row, unit)
        Rows are time steps, usually of many trials one after the other.

    Returns
    -------
    ndarray, shape (unit, unit)

    Raises
    ------
    ValueError
        For fewer than two rows or units, values that are not finite, or constant (silent) units.

    Examples
    --------
    >>> functional_connectivity(np.array([[0.0, 1], [1, 0], [2, -1]])).round(6)
    array([[ 0., -1.],
           [-1.,  0.]])
    """
    activity = np.asarray(activity, np.float64)
    if activity.ndim != 2 or min(activity.shape) < 2:
        raise ValueError(f"activity has shape {activity.shape}; allowed: (row, unit), two or more each")
    if not np.isfinite(activity).all():
        raise ValueError("activity holds NaN or infinite values; allowed: finite numbers")
    if not (live := live_units(activity)).all():
        raise ValueError(
            f"units {np.flatnonzero(~live).tolist()} are constant, so their correlation is "
            "undefined; allowed: units that vary (drop the others with live_units)"
        )
    fc = np.corrcoef(activity, rowvar=False)
    np.fill_diagonal(fc, 0.0)
    return fc


def correlate(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation of every column of ``a`` with every column of ``b``.

    Parameters
    ----------
    a : ndarray, shape (row, i) or (row,)
    b : ndarray, shape (row, j) or (row,)

    Returns
    -------
    ndarray, shape (i, j)
        0 where a column is constant, since it then carries nothing.

    Raises
    ------
    ValueError
        If the numbers of rows differ, or a value is not finite.

    Examples
    --------
    >>> correlate(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])).round(6).item()
    -1.0
    """
    a, b = (np.reshape(x, (len(x), -1)).astype(np.float64) for x in (a, b))
    if len(a) != len(b):
        raise ValueError(f"{len(a)} rows against {len(b)}; allowed: the same number of rows")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):  # NaN would pass for a constant column
        raise ValueError("columns hold NaN or infinite values; allowed: finite numbers")
    (a, of_a), (b, of_b) = _centered(a), _centered(b)
    scale = of_a[:, None] * of_b
    return np.divide(a.T @ b, scale, out=np.zeros_like(scale), where=scale > 0)


def _centered(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns about their mean, and their norms; 0 where all that varies is rounding."""
    mean = x.mean(0)
    norm = np.linalg.norm(x - mean, axis=0)
    return x - mean, np.where(norm > ROUNDING * np.abs(mean) * len(x) ** 0.5, norm, 0.0)


def connection_similarity(w_in: np.ndarray) -> np.ndarray:
    """Cosine similarity between the input weights of all pairs of units, with an empty diagonal.

    Parameters
    ----------
    w_in : ndarray, shape (unit, input)

    Returns
    -------
    ndarray, shape (unit, unit)

    Raises
    ------
    ValueError
        If a unit has no input weights, or one that is not finite, or there is only one unit.

    References
    ----------
    Tanner et al. (2023), Fig. 2a.
    """
    w_in = check_weights(w_in)
    unit = w_in / np.linalg.norm(w_in, axis=1, keepdims=True)
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, 0.0)
    return similarity


def check_weights(w_in: np.ndarray) -> np.ndarray:
    """Input weights as an array; ValueError unless every one of two or more units has a direction."""
    w_in = np.asarray(w_in, np.float64)
    if w_in.ndim != 2 or len(w_in) < 2:
        raise ValueError(f"weights have shape {w_in.shape}; allowed: (unit, input), two or more units")
    norms = np.linalg.norm(w_in, axis=1)
    if not np.isfinite(norms).all() or (norms == 0).any():
        bad = np.flatnonzero(~np.isfinite(norms) | (norms == 0)).tolist()
        raise ValueError(f"units {bad} have no finite, non-zero input weights; their angle is undefined")
    return w_in
