"""Checks for the exercises: they say whether an answer is right and, if not, give a hint."""

import numpy as np


def check(answer: float, truth: float, tolerance: float, too_low: str, too_high: str) -> str:
    """Compare an answer with the truth.

    Parameters
    ----------
    answer, truth : float
    tolerance : float
        Largest difference that still counts as right.
    too_low, too_high : str
        Hints.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the answer is not a finite number.

    Examples
    --------
    >>> check(0.2, 0.9, 0.1, "Think of the other module.", "")
    'Not yet: too low. Think of the other module.'
    """
    if not np.isfinite(answer):
        raise ValueError(f"the answer is {answer!r}; allowed: a finite number")
    if abs(answer - truth) <= tolerance:
        return f"Right: it is {truth:.2f}."
    return f"Not yet: too low. {too_low}" if answer < truth else f"Not yet: too high. {too_high}"
