"""How often an ideal observer is right in a cognitive task: noise and ties leave some trials open.

Bayes' rule on what the inputs tell: noise is Gaussian, so all that matters is how far the two rings of
inputs, summed over the steps of a stimulus, point along the bumps that could have been there. In the decision
families the observer is told the two places, which a network has to see for itself: none can do better.
"""

from collections.abc import Sequence

import numpy as np

from .cog_tasks import COHERENCES, NAMES, NOISE, RING, SHOWN, STRENGTHS, TASKS, CogTask, bumps, check_names
from .trials import check_count

PRECISION = SHOWN / NOISE**2  # of what a stimulus tells, all its steps together


def ceiling(names: Sequence[str] = NAMES, n_trials: int = 20_000, seed: int = 0) -> np.ndarray:
    """Accuracy of an ideal observer in each task.

    Parameters
    ----------
    names : sequence of str
    n_trials : int
        Trials that are drawn per task. What is averaged is how sure the observer is, which varies less
        than whether it is right.
    seed : int
        A task's trials are the same whatever other tasks are asked for.

    Returns
    -------
    ndarray, shape (task,)

    Raises
    ------
    ValueError
        For unknown tasks or a count that is no positive whole number.

    Examples
    --------
    >>> ceiling(["go", "multidlydm"], 2000).round(2).tolist()
    [1.0, 0.92]
    """
    names = check_names(names)
    check_count(n_trials, "n_trials")
    chance = {"dm": _decide, "dlydm": _decide, "match": _match}
    found = np.ones(len(names))  # going has no noise
    for k, name in enumerate(names):
        if (family := TASKS[name].family) in chance:
            rng = np.random.default_rng([seed, NAMES.index(name)])
            found[k] = chance[family](TASKS[name], n_trials, rng)
    return found


def discriminability(coherence: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Standard deviations between the evidence for one and for the other place, in one modality of ``dm``.

    Parameters
    ----------
    coherence : array_like
    distance : array_like of int
        From place to place, along the ring of 16.

    Returns
    -------
    ndarray
        An observer who is told the places is right with the probability of a normal deviate below half
        of it.

    Examples
    --------
    >>> discriminability(0.08, [1, 8]).round(2).tolist()
    [1.27, 2.69]
    """
    own, shared = _overlaps(np.asarray(distance))
    return np.abs(coherence) * np.sqrt(PRECISION * 2 * (own - shared))


def _overlaps(distance: np.ndarray) -> tuple[float, np.ndarray]:
    """Products of a bump with itself and with one so many places away."""
    each = bumps(RING) @ bumps(RING)[0]
    return each[0], each[distance]


def _pairs(task: CogTask) -> np.ndarray:
    """Strengths that the two places can have in one modality, all equally likely, shape (case, 2)."""
    if task.family == "dm":
        half = np.array([sign * coherence / 2 for coherence in COHERENCES for sign in (-1, 1)])
        return np.stack([0.5 + half, 0.5 - half], axis=1)
    return np.array([(a, b) for a in STRENGTHS for b in STRENGTHS if a != b])


def _decide(task: CogTask, n: int, rng: np.random.Generator) -> float:
    """Which of two places, told, has more evidence."""
    pairs = _pairs(task)
    own, shared = _overlaps(rng.integers(1, RING, n))
    if task.family == "dlydm":  # one after the other: the bumps do not mix
        shared = np.zeros(n)
    likely, evidence = np.zeros((n, 1)), np.zeros(1)
    for m in task.shown:
        if not task.weights[m]:
            continue  # to be ignored, and tells nothing about the other
        seen = _projections(pairs[rng.integers(len(pairs), size=n)], own, shared, rng)
        size = own * (pairs**2).sum(axis=1) + 2 * shared[:, None] * pairs.prod(axis=1)
        one = PRECISION * (seen @ pairs.T - size / 2)
        likely = (likely[:, :, None] + one[:, None]).reshape(n, -1)
        evidence = (evidence[:, None] + task.weights[m] * (pairs[:, 0] - pairs[:, 1])).ravel()
    evidence[np.abs(evidence) < 1e-9] = 0
    first = _posterior(likely) @ (np.sign(evidence) + 1) / 2  # a tie is right half of the time
    return float(np.maximum(first, 1 - first).mean())


def _projections(strengths, own, shared, rng) -> np.ndarray:
    """Noisy rings along the bumps at both places, mean over the steps, shape (trial, 2)."""
    a, b = strengths.T
    x, y = rng.standard_normal((2, len(strengths))) / PRECISION**0.5
    noise = own**0.5 * x, shared / own**0.5 * x + (own - shared**2 / own) ** 0.5 * y
    return np.stack([own * a + shared * b + noise[0], shared * a + own * b + noise[1]], axis=1)


def _match(task: CogTask, n: int, rng: np.random.Generator) -> float:
    """Whether two places, both to be seen, match."""
    sample, test = np.divmod(np.arange(RING**2), RING)
    if task.category:
        match, prior = (sample > RING // 2) == (test >= RING // 2), np.ones(RING**2)
    else:
        match = sample == test
        prior = match | (sample == (test + RING // 2) % RING)
    case = rng.choice(RING**2, n, p=prior / prior.sum())
    with np.errstate(divide="ignore"):
        likely = np.log(prior)
    for place in (sample, test):
        ring = bumps(RING)[place[case]] + rng.standard_normal((n, RING)) / PRECISION**0.5
        likely = likely + (PRECISION * ring @ bumps(RING).T)[:, place]
    answer = np.where(match == task.go_on_match, 1 + test, 0)
    return float((_posterior(likely) @ np.eye(1 + RING)[answer]).max(axis=1).mean())


def _posterior(likely: np.ndarray) -> np.ndarray:
    """Probabilities of the cases, from their logarithms but for a constant, shape (trial, case)."""
    chance = np.exp(likely - likely.max(axis=1, keepdims=True))
    return chance / chance.sum(axis=1, keepdims=True)
