"""Signed modularity: how good a partition of a signed network is, and how good by chance."""

from collections.abc import Sequence

import numpy as np

from .tasks import check_count

PERMUTATIONS_AT_ONCE = 100


def signed_modularity(w: np.ndarray, labels: np.ndarray, gamma: float = 1.0) -> float:
    """Quality q of a partition of a signed network, positive weights counting for more.

    .. math::

       q = \\frac{1}{s^+} \\sum_{ij} B^+_{ij} \\delta_{ij}
           - \\frac{1}{s^+ + s^-} \\sum_{ij} B^-_{ij} \\delta_{ij}, \\qquad
       B^\\pm_{ij} = w^\\pm_{ij} - \\gamma \\frac{s^\\pm_i s^\\pm_j}{s^\\pm}

    Imposed on a network other than the one it was found on, this is the *induced* modularity.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
        Symmetric; the diagonal is ignored.
    labels : ndarray of int, shape (unit,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``w`` is not finite, square and symmetric, the number of labels differs from its size,
        or a label marks a silent unit (leave those out of ``w``).

    References
    ----------
    Rubinov and Sporns (2011), eq. 17 (``negative_asym`` in the Brain Connectivity Toolbox).

    Examples
    --------
    >>> w = np.kron(np.array([[1, -1], [-1, 1]]), np.ones((50, 50)))
    >>> round(signed_modularity(w, np.repeat([0, 1], 50)), 4)
    0.7525
    """
    b = modularity_matrix(w, gamma)
    labels = check_labels(labels, len(b), silent=False)
    member = labels[:, None] == np.unique(labels)
    return float(np.einsum("im,ij,jm->", member, b, member, optimize=True))


def modularity_matrix(w: np.ndarray, gamma: float = 1.0) -> np.ndarray:
    """Signed asymmetric modularity matrix: q is its sum over pairs in the same module.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
    gamma : float
        Resolution.

    Returns
    -------
    ndarray, shape (unit, unit)

    Raises
    ------
    ValueError
        If ``w`` is not finite, square and symmetric.
    """
    w = np.array(w, np.float64)
    if w.ndim != 2 or w.shape[0] != w.shape[1] or not np.isfinite(w).all():
        raise ValueError(f"matrix has shape {w.shape}; allowed: square, finite values only")
    if not np.allclose(w, w.T, rtol=1e-9, atol=1e-12):
        raise ValueError("the matrix is not symmetric; allowed: w equal to its transpose")
    np.fill_diagonal(w, 0.0)
    b, positive = np.zeros_like(w), np.clip(w, 0, None).sum()
    for part, sign, norm in (
        (np.clip(w, 0, None), 1, positive),
        (np.clip(-w, 0, None), -1, np.abs(w).sum()),
    ):
        if (total := part.sum()) > 0:
            expected = np.outer(part.sum(1), part.sum(0)) / total
            b += sign * (part - gamma * expected) / norm
    return b


def permutation_null(
    w: np.ndarray, labels: np.ndarray, n_permutations: int = 1000, seed: int = 0
) -> tuple[np.ndarray, float]:
    """Induced modularity of shuffled labels: same number of modules, same sizes.

    Parameters
    ----------
    w : ndarray, shape (unit, unit)
    labels : ndarray of int, shape (unit,)
    n_permutations : int
    seed : int

    Returns
    -------
    null : ndarray, shape (permutation,)
    p : float
        (1 + number of null values at least as large) / (1 + number of permutations).
    """
    check_count(n_permutations, "n_permutations")
    b = modularity_matrix(w)
    labels = check_labels(labels, len(b), silent=False)
    rng = np.random.default_rng(seed)
    member = (labels[:, None] == np.unique(labels)).astype(np.float64)
    orders = np.stack([rng.permutation(len(labels)) for _ in range(n_permutations)])
    null = np.empty(n_permutations)
    for start in range(0, n_permutations, PERMUTATIONS_AT_ONCE):  # one product for many, in bounded memory
        some = member[orders[start : start + PERMUTATIONS_AT_ONCE]]  # [permutation, unit, module]
        inside = (b @ some.transpose(1, 0, 2).reshape(len(b), -1)).reshape(len(b), *some.shape[::2])
        null[start : start + len(some)] = np.einsum("upm,pum->p", inside, some)
    real = np.sum((b @ member) * member)
    return null, float((1 + (null >= real - 1e-12).sum()) / (1 + n_permutations))


def check_labels(labels: Sequence[int], n_units: int, silent: bool = True) -> np.ndarray:
    """Labels as an array; ValueError unless one per unit and, on request, none of them silent."""
    labels = np.asarray(labels)
    if labels.shape != (n_units,):
        raise ValueError(f"{labels.size} labels for {n_units} units; allowed: one label per unit")
    if not silent and (labels < 0).any():
        raise ValueError(
            f"{(labels < 0).sum()} units are labeled silent (-1); allowed: live units only, "
            "live = labels >= 0, w[np.ix_(live, live)], labels[live]"
        )
    return labels
