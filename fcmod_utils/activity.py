"""What trained networks do: their activity as rows, their choices and accuracies."""

import numpy as np

from .networks import Ensemble, run
from .tasks import Trials


def rows(activity: np.ndarray, steps: slice = slice(None)) -> np.ndarray:
    """Concatenate trials in time: (..., time, trial, unit) to (..., time x trial, unit).

    Parameters
    ----------
    activity : ndarray, shape (..., time, trial, unit)
    steps : slice
        Time steps to keep, e.g. ``trials.periods["stimulus"]``.
    """
    kept = activity[..., steps, :, :]
    return kept.reshape(*kept.shape[:-3], -1, kept.shape[-1])


def cumulative_mean_difference(trials: Trials) -> np.ndarray:
    """Running mean of stimulus 1 minus that of stimulus 2 since stimulus onset.

    This is the evidence so far: what an ideal observer would decide on at each step.

    Parameters
    ----------
    trials : Trials
        Of perceptual decision-making.

    Returns
    -------
    ndarray, shape (stimulus step, trial)
    """
    stimulus = trials.inputs[trials.periods["stimulus"]]
    count = np.arange(1, len(stimulus) + 1)[:, None]
    return (stimulus[:, :, 1] - stimulus[:, :, 2]).cumsum(axis=0) / count


def accuracy(outputs: np.ndarray, trials: Trials) -> dict[int, np.ndarray]:
    """Share of correct choices, by ground truth.

    Trials of coherence 0 have no right answer and are left out.

    Parameters
    ----------
    outputs : ndarray, shape (trial, output) or (network, trial, output)
        Logits at the last step, where the choice is read.
    trials : Trials

    Returns
    -------
    dict of int to ndarray, shape () or (network,)
        One entry per ground truth.

    Raises
    ------
    ValueError
        If the outputs do not have these axes, or no trial of a kind has a right answer.
    """
    if outputs.ndim not in (2, 3) or outputs.shape[-2] != len(trials):
        raise ValueError(
            f"outputs have shape {outputs.shape}; allowed: ([network,] {len(trials)} trials, output), "
            "the last step alone"
        )
    if "ground_truth" not in trials.conditions:
        raise ValueError(f"conditions are {sorted(trials.conditions)}; allowed: with ground_truth")
    correct = outputs.argmax(-1) == trials.targets[-1]
    answerable = trials.conditions.get("coherence", np.ones(len(trials))) > 0
    truth = trials.conditions["ground_truth"]
    kinds = {int(g): (truth == g) & answerable for g in np.unique(truth)}
    if not all(kind.any() for kind in kinds.values()):
        raise ValueError("no trial of one kind has a right answer; allowed: coherence above 0 in some")
    return {g: correct[..., kind].mean(-1) for g, kind in kinds.items()}


def final_states(ensemble: Ensemble, trials: Trials) -> np.ndarray:
    """Recurrent state at the last step, where the choice is read, kept for many trials.

    Parameters
    ----------
    ensemble : Ensemble
    trials : Trials

    Returns
    -------
    ndarray, shape (network, trial, unit)
    """
    final = np.empty((len(ensemble), len(trials), ensemble.w_rec.shape[1]), np.float32)
    for k in range(len(ensemble)):  # one by one: the states before the last are not kept
        final[k] = run(ensemble[k], trials.inputs).hidden[0, -1]
    return final


def read_out(ensemble: Ensemble, hidden: np.ndarray) -> np.ndarray:
    """Logits that an ensemble reads from given activity.

    Parameters
    ----------
    hidden : ndarray, shape (network, ..., unit)

    Returns
    -------
    ndarray, shape (network, ..., output)

    Raises
    ------
    ValueError
        If the activity is of another number of networks or units.
    """
    w, b = ensemble.w_out.numpy(), ensemble.b_out.numpy()
    if hidden.ndim < 2 or (len(hidden), hidden.shape[-1]) != (len(w), w.shape[2]):
        allowed = f"({len(w)} networks, ..., {w.shape[2]} units)"
        raise ValueError(f"activity has shape {hidden.shape}; allowed: {allowed}")
    flat = hidden.reshape(len(w), -1, hidden.shape[-1])
    return (flat @ w.swapaxes(1, 2) + b[:, None]).reshape(*hidden.shape[:-1], w.shape[1])
