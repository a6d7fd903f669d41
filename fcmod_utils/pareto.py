"""Pareto fronts: what two kinds of networks need to reach the same error.

A kind is trained with several strengths of a penalty; each gives an error and an amount of something that
one would like to have little of, such as neurons or wire. Between neighboring strengths both are taken to
follow a straight line on logarithmic axes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from . import grown, scale, store
from .brain_maps import wiring_length
from .learning import train
from .recipes import Recipe
from .trials import check_count

N_ERRORS = 9
MORE = 0.1  # share of its steps for which a network is trained on

# Read off the figures of Liu et al. (2023), to about 1 % of an axis; single networks.
SHEET = {  # Fig. 1g-h: error, active neurons, wiring length in grid steps, by strength of the penalty
    "bimt": np.array([
        [0.174, 0.095, 0.057, 0.045, 0.031, 0.026, 0.028],
        [25, 44, 70, 82, 109, 146, 200],
        [1.0e3, 3.1e3, 6.2e3, 1.1e4, 2.0e4, 5.0e4, 1.0e5],
    ]),
    "l1": np.array([
        [0.196, 0.097, 0.044, 0.031, 0.030, 0.033, 0.036],
        [41, 66, 109, 131, 180, 239, 285],
        [1.4e4, 3.9e4, 6.9e4, 1.0e5, 2.3e5, 4.1e5, 7.3e5],
    ]),
    "none": np.array([[0.033], [356], [1.98e6]]),
}  # fmt: skip
LINE = {  # Fig. 4a: error, active neurons
    "line": np.array([[0.154, 0.099, 0.055, 0.038, 0.034, 0.032, 0.029], [37, 57, 78, 102, 146, 192, 240]]),
    "l1": np.array([[0.185, 0.071, 0.050, 0.035, 0.036, 0.033, 0.029], [41, 67, 96, 132, 173, 232, 287]]),
    "none": np.array([[0.050], [354]]),
}
WEIGHTS = np.array([  # Fig. 1f: mean |w| at distances 0, 0.05, ..., 0.95
    0.32, 0.131, 0.081, 0.054, 0.041, 0.029, 0.027, 0.028, 0.054, 0.074,
    0.057, 0.097, 0.095, 0.063, 0.061, 0.036, 0.041, 0.025, 0.029, 0.029,
])  # fmt: skip


def front(kind: str, size: scale.Scale | None = None) -> dict[float, np.ndarray]:
    """What the networks of a kind need, and how well they do with it, over strengths of the penalty.

    Three numbers of each network are kept, so the book ships those of networks whose weights it does not.

    Parameters
    ----------
    kind : {"bimt", "l1", "line"}
        BIMT and L1 on the sheet, BIMT on a line.
    size : Scale, optional
        By default the present one.

    Returns
    -------
    dict of float to ndarray, shape (network, 3)
        By strength, rising: see :func:`amounts`.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    size = size or scale.current()
    found = {}
    for strength, recipe in grown.swept(kind, size).items():
        seeds, grow = grown.seeds_at(kind, strength, size), partial(grown.at_strength, kind, strength, size)
        found[strength] = _kept(recipe, seeds, recipe.steps, grow)
    return found


def needs(kind: str, size: scale.Scale | None = None) -> np.ndarray:
    """What the networks of any kind need, kept as in :func:`front`.

    Parameters
    ----------
    kind : str
        As in :func:`fcmod_utils.grown.grow`.
    size : Scale, optional
        By default the present one.

    Returns
    -------
    ndarray, shape (network, 3)
        See :func:`amounts`.

    Raises
    ------
    ValueError
        For an unknown kind.
    """
    size = size or scale.current()
    recipe, step, seeds = grown.recipe_of(kind, size), grown.step_of(kind, size), grown.seeds_of(kind, size)
    return _kept(recipe, seeds, step, lambda missing: grown.grow(kind, size))


def _kept(
    recipe: Recipe, seeds: range, step: int, grow: Callable[[list[int]], list[grown.Grown]]
) -> np.ndarray:
    """Amounts of networks; those of which none are kept are grown together."""
    specs = {seed: grown.address(recipe, seed, step) for seed in seeds}
    missing = [seed for seed, spec in specs.items() if not store.where("front", spec)]
    made = {one.seed: {"amounts": amounts(one)} for one in (grow(missing) if missing else ())}
    kept = [store.get_or_make("front", spec, lambda seed=seed: made[seed]) for seed, spec in specs.items()]
    return np.array([entry["amounts"] for entry in kept])


def trained_on(kind: str, strength: float, slower: float, size: scale.Scale | None = None) -> np.ndarray:
    """What the last network of a strength needs after a tenth more steps, at a lower learning rate.

    Adam makes weights jitter by about its learning rate; at a lower one they settle. Training goes on from
    the copy that is kept of the network: in half precision, without weights below ``grown.CUT``.

    Parameters
    ----------
    kind : {"bimt", "l1", "line"}
    strength : float
        Of its sweep.
    slower : float
        The learning rate is divided by this.
    size : Scale, optional
        By default the present one.

    Returns
    -------
    ndarray, shape (3,)
        See :func:`amounts`.

    Raises
    ------
    ValueError
        For an unknown kind, a strength outside its sweep, or ``slower`` not above 0.
    """
    if not 0 < slower < np.inf:
        raise ValueError(f"slower is {slower!r}; allowed: above 0, finite")
    size = size or scale.current()
    recipe, seed = grown.at(kind, strength, size), grown.seeds_at(kind, strength, size)[-1]
    spec = {"trained_on": MORE, "slower": slower, **grown.address(recipe, seed, recipe.steps)}

    def make() -> dict[str, np.ndarray]:
        one = grown.at_strength(kind, strength, size, [seed])[0]
        more = {"steps": int(MORE * recipe.steps), "learning_rate": recipe.learning_rate / slower}
        network = train(replace(recipe, checkpoint_every=0, **more), [seed], start=one.network)[0]
        found = grown.measured(network, recipe)
        whole = replace(one, network=network, accuracy=found["accuracy"], variance=found["variance"])
        return {"amounts": amounts(whole)}

    return store.get_or_make("front", spec, make)["amounts"]


def amounts(one: grown.Grown) -> np.ndarray:
    """Error, active neurons, and wiring length in grid steps, shape (3,)."""
    return np.array([one.error, one.active.sum(), wiring_length(one.w_rec, one.places)])


def least_at(errors: Sequence[float], amounts: Sequence[float], wanted: Sequence[float]) -> np.ndarray:
    """The least amount with which a kind reaches each wanted error.

    Parameters
    ----------
    errors, amounts : sequence of float, shape (strength,)
        In the order of the strengths; all above 0.
    wanted : sequence of float, shape (error,)

    Returns
    -------
    ndarray, shape (error,)
        Where the curve passes an error more than once, its least amount; NaN where it never does.

    Raises
    ------
    ValueError
        For sequences that differ in length or are empty, or numbers that are not finite and above 0.

    Examples
    --------
    >>> least_at([0.4, 0.1], [10, 40], [0.2, 0.5]).round(6)
    array([20., nan])
    """
    x, y = _check(errors, amounts)
    found = np.full(len(wanted), np.inf)
    for k, goal in enumerate(np.log(wanted)):
        for i in range(max(len(x) - 1, 1)):
            (x0, x1), (y0, y1) = (one[[i, min(i + 1, len(x) - 1)]] for one in (x, y))
            if min(x0, x1) - 1e-12 <= goal <= max(x0, x1) + 1e-12:
                share = (goal - x0) / (x1 - x0) if x0 != x1 else float(y1 < y0)
                found[k] = min(found[k], y0 + np.clip(share, 0, 1) * (y1 - y0))
    return np.where(np.isfinite(found), np.exp(found), np.nan)


def ratios(
    first: tuple[Sequence[float], Sequence[float]],
    second: tuple[Sequence[float], Sequence[float]],
    n: int = N_ERRORS,
) -> tuple[np.ndarray, np.ndarray]:
    """What one kind needs at the same error, over what another needs.

    Parameters
    ----------
    first, second : (errors, amounts) of a kind
        As in :func:`least_at`.
    n : int
        Errors, spread evenly on a logarithmic axis over the range that both kinds cover.

    Returns
    -------
    wanted : ndarray, shape (n,)
        The errors.
    ratio : ndarray, shape (n,)
        Amount of the first over that of the second.

    Raises
    ------
    ValueError
        As in :func:`least_at`, and where the ranges of the errors do not meet.

    References
    ----------
    Liu et al. (2023), Fig. 1g-h, as numbers.
    """
    check_count(n, "n")
    logs = [_check(*kind)[0] for kind in (first, second)]
    low, high = max(one.min() for one in logs), min(one.max() for one in logs)
    if low > high:
        ends = " and ".join(f"{np.exp(one.min()):.3g} to {np.exp(one.max()):.3g}" for one in logs)
        raise ValueError(f"errors run from {ends}; allowed: ranges that meet")
    wanted = np.exp(np.linspace(low, high, n))
    return wanted, least_at(*first, wanted) / least_at(*second, wanted)


def _check(errors: Sequence[float], amounts: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    both = np.asarray(errors, float), np.asarray(amounts, float)
    if both[0].ndim != 1 or both[0].shape != both[1].shape or not both[0].size:
        raise ValueError(f"{both[0].size} errors, {both[1].size} amounts; allowed: as many, one or more")
    if not all(np.isfinite(one).all() and (one > 0).all() for one in both):
        raise ValueError("an error or amount is 0, negative or not finite; allowed: finite, above 0")
    return np.log(both[0]), np.log(both[1])
