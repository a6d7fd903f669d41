"""What embedded networks do with their task: explained variance and activity of a whole population.

These are slow to make and small to keep, so they are kept in the store, a table per population.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from . import store
from .inference import GOALS, each_case
from .networks import Ensemble, run
from .processes import map_local
from .selectivity import RIDGE, explained, one_hot, window_means
from .tasks import Trials, check_count, sample_trials

N_TRIALS = 640
WIDTH = 5  # steps of a window
VERSION = 2  # raise when the table would hold other numbers


def predictors(trials: Trials, task: str = "one_choice") -> dict[str, np.ndarray]:
    """Goal and options as a network is shown them, without noise, and the right answer, one-hot.

    Returns
    -------
    dict of str to ndarray, shape (trial, predictor)
    """
    shown = each_case(task, trials.dt_ms)
    case, n = trials.conditions["case"], len(GOALS)
    return {
        "goal": shown.inputs[shown.periods["stimulus"].start, case, :n],
        "options": shown.inputs[-1, case, n:],
        "answer": one_hot(trials.conditions["ground_truth"], 4),
    }


def record(
    network: Ensemble,
    task: str = "one_choice",
    n_trials: int = N_TRIALS,
    noise: bool = True,
    seed: int = 30_000,
) -> tuple[Trials, np.ndarray]:
    """Trials and what a network does in them.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    task : str
    n_trials : int
    noise : bool
        Leave the inputs' noise on.
    seed : int

    Returns
    -------
    trials : Trials
    hidden : ndarray, shape (time, trial, unit)
    """
    trials = sample_trials(task, n_trials, seed)
    inputs = trials.inputs if noise else each_case(task).inputs[:, trials.conditions["case"]]
    return trials, run(network, inputs).hidden[0]


def decode(network: Ensemble, task: str = "one_choice", noise: bool = True) -> dict[str, np.ndarray]:
    """Explained variance in windows of five steps and mean activity after the options appear.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    task : str
    noise : bool
        Leave the inputs' noise on while recording.

    Returns
    -------
    dict of str to ndarray
        As ``selectivity.explained``, each (window, unit), and ``activity``, (unit,).
    """
    trials, hidden = record(network, task, noise=noise)
    found = explained(window_means(hidden, WIDTH), predictors(trials, task))
    return found | {"activity": hidden[trials.periods["decision"]].mean(axis=(0, 1), dtype=np.float64)}


def other_preferences(network: Ensemble, task: str = "one_choice", window: int = 6) -> dict[str, np.ndarray]:
    """Preference for the goal over the options in one window, with the predictors coded in other ways.

    ``goal first`` and ``options first`` leave the ridge away, so that the order of the groups decides
    between equally good fits; ``two axes`` codes the goal as right or left and up or down.

    Returns
    -------
    dict of str to ndarray, shape (unit,)
    """
    trials, hidden = record(network, task)
    now = window_means(hidden, WIDTH)[window : window + 1]
    groups = predictors(trials, task)
    to_axes = np.array([["right" in goal, "up" in goal] for goal in GOALS], float)
    codings = {
        "goal first": ({name: groups[name] for name in ("goal", "options", "answer")}, 0.0),
        "options first": ({name: groups[name] for name in ("options", "answer", "goal")}, 0.0),
        "two axes": (groups | {"goal": groups["goal"] @ to_axes}, RIDGE),
    }
    found = {name: explained(now, coded, ridge=ridge) for name, (coded, ridge) in codings.items()}
    return {name: (one["goal"] - one["options"])[0] for name, one in found.items()}


def table(ensemble: Ensemble, spec: Mapping, noise: bool = True) -> dict[str, np.ndarray]:
    """``decode`` of every network of a population, made once and kept in the store.

    Parameters
    ----------
    ensemble : Ensemble
    spec : mapping
        What names these networks, as in a store entry.
    noise : bool

    Returns
    -------
    dict of str to ndarray
        With a leading network axis, in single precision.
    """
    made_by = {"networks": dict(spec), "trials": N_TRIALS, "noise": noise, "version": VERSION}
    return _kept("decoding", made_by, lambda: stack(decode, ensemble, noise=noise))


def other_table(ensemble: Ensemble, spec: Mapping) -> dict[str, np.ndarray]:
    """``other_preferences`` of every network of a population, made once and kept in the store."""
    made_by = {"networks": dict(spec), "trials": N_TRIALS, "version": VERSION}
    return _kept("preferences", made_by, lambda: stack(other_preferences, ensemble))


def _kept(kind: str, spec: dict, make: Callable) -> dict[str, np.ndarray]:
    """A table that is kept in half precision, which is three digits, and handed out in single."""

    def rounded() -> dict[str, np.ndarray]:
        return {name: one.astype(np.float16) for name, one in make().items()}

    return {name: one.astype(np.float32) for name, one in store.get_or_make(kind, spec, rounded).items()}


def stack(function: Callable, ensemble: Ensemble, **fixed) -> dict[str, np.ndarray]:
    """A function's results for every network, spread over local processes, one above the other.

    Parameters
    ----------
    function : callable
        Importable by name; takes an ensemble of one and returns a dict of arrays.
    ensemble : Ensemble
    **fixed
        The same for all networks.

    Returns
    -------
    dict of str to ndarray
        With a leading network axis, in single precision.
    """
    rows = map_local(function, [ensemble[k] for k in range(len(ensemble))], **fixed)
    return {name: np.stack([row[name] for row in rows]).astype(np.float32) for name in rows[0]}


def unit_weights(w_rec: np.ndarray) -> np.ndarray:
    """Mean absolute recurrent weight of each unit, over its connections in and out.

    Parameters
    ----------
    w_rec : ndarray, shape (..., unit, unit)

    Returns
    -------
    ndarray, shape (..., unit)
    """
    w = np.abs(np.asarray(w_rec, np.float64))
    return (w.mean(axis=-1) + w.mean(axis=-2)) / 2


def gap_at_equal_weight(
    activity: np.ndarray, weight: np.ndarray, second: Sequence[bool], seed: int = 0, n_resamples: int = 10_000
) -> np.ndarray:
    """Difference in activity between two kinds of network at equal weight, and in resampled networks.

    Unit by unit, activity is regressed on the kind and the unit's weight. The units of a network
    depend on each other, so networks are resampled, within each kind, and not units.

    Parameters
    ----------
    activity, weight : ndarray, shape (network, unit)
    second : sequence of bool, shape (network,)
        Which networks are of the second kind.
    seed : int
    n_resamples : int

    Returns
    -------
    ndarray, shape (1 + n_resamples,)
        The second kind minus the first: the value, then those of the resamples.

    Raises
    ------
    ValueError
        For arrays that do not fit, values that are not finite, or fewer than two networks of a kind.

    References
    ----------
    Achterberg et al. (2023), Fig. 5b.
    """
    check_count(n_resamples, "n_resamples")
    activity, weight = np.asarray(activity, float), np.asarray(weight, float)
    second = np.asarray(second, bool)
    _check_gap(activity, weight, second)
    kind = np.broadcast_to(second[:, None], activity.shape)
    x = np.stack([np.ones_like(activity), kind, weight], axis=2)  # [network, unit, predictor]
    xx, xy = x.mT @ x, (x.mT @ activity[..., None])[..., 0]
    rng, counts = np.random.default_rng(seed), np.ones((1 + n_resamples, len(second)))
    for chosen in (second, ~second):
        n = int(chosen.sum())
        counts[1:, chosen] = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples)
    sums = np.einsum("rk,kij->rij", counts, xx), np.einsum("rk,ki->ri", counts, xy)
    return np.linalg.solve(sums[0], sums[1][..., None])[:, 1, 0]


def _check_gap(activity: np.ndarray, weight: np.ndarray, second: np.ndarray) -> None:
    if activity.ndim != 2 or activity.shape != weight.shape or second.shape != activity.shape[:1]:
        raise ValueError(
            f"activity, weight and kind have shapes {activity.shape}, {weight.shape}, {second.shape}; "
            "allowed: (network, unit) twice and (network,)"
        )
    if not (np.isfinite(activity).all() and np.isfinite(weight).all()):
        raise ValueError("activity or weight holds NaN or infinite values; allowed: finite numbers")
    if min(second.sum(), (~second).sum()) < 2:
        raise ValueError(
            f"{second.sum()} of {len(second)} networks are of the second kind; allowed: two of each or more"
        )


def interval(draws: np.ndarray) -> tuple[float, float, float]:
    """Value and 95 % interval of draws whose first is the value itself.

    Examples
    --------
    >>> interval(np.array([1.0, 0.0, 2.0, 0.0, 2.0]))
    (1.0, 0.0, 2.0)
    """
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    return float(draws[0]), float(min(low, draws[0])), float(max(high, draws[0]))
