"""The tasks, as labeled trials drawn all at once.

Definitions follow neurogym 2.3.1 (Molano-Mazon et al. 2022), which also serves as the oracle in
the tests. One thing differs, on purpose: since neurogym 2.1 the perceptual task shows its fixation
cue during the first period only. Tanner et al. (2023) used the older form, in which the cue stays
on until the decision and its offset is the go signal; so do we.
"""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from . import cog_stream, cog_tasks, inference
from .trials import PERIODS, Task, Trials, check_count, check_dt

__all__ = [
    "BASELINE", "COHERENCES", "PERCENT", "PERIODS", "TASKS", "Task", "Trials",
    "check_count", "check_dt", "get", "neurogym_env", "perceptual_means", "sample_trials", "windows",
]  # fmt: skip
COHERENCES = (0.0, 6.4, 12.8, 25.6, 51.2)
BASELINE = 0.5  # mean of both stimuli of the perceptual task at coherence 0
PERCENT = 200  # coherence (%) that would move a mean by 1


def perceptual_means(coherence: np.ndarray | float, ground_truth: np.ndarray) -> np.ndarray:
    """Means of the two stimuli of the perceptual task, in its stimulus period.

    Parameters
    ----------
    coherence : float or ndarray, shape (trial,)
        In %.
    ground_truth : ndarray, shape (trial,)
        The stronger stimulus, 0 or 1.

    Returns
    -------
    ndarray, shape (trial, 2)

    Examples
    --------
    >>> perceptual_means(20, np.array([0, 1])).tolist()
    [[0.6, 0.4], [0.4, 0.6]]
    """
    if not np.isin(ground_truth, (0, 1)).all():
        raise ValueError(f"ground_truth is {ground_truth!r}; allowed: 0 or 1")
    drift = np.where(np.asarray(ground_truth) == 0, coherence, -np.asarray(coherence)) / PERCENT
    return BASELINE + np.stack([drift, -drift], axis=1)


def _draw_perceptual(task, n_trials, rng, dt_ms, ground_truth=None, coherence=None):
    periods = task.periods(dt_ms)
    side = _condition(ground_truth, rng.integers(0, 2, n_trials), n_trials, "ground_truth")
    coh = _condition(coherence, rng.choice(COHERENCES, n_trials), n_trials, "coherence")
    inputs = np.zeros((task.n_steps(dt_ms), n_trials, 3), np.float32)
    inputs[: periods["decision"].start, :, 0] = 1.0
    stimulus = inputs[periods["stimulus"], :, 1:]
    drawn = rng.standard_normal(stimulus.shape)
    drawn /= math.sqrt(dt_ms)  # in place: drawing is a part of every training step
    drawn += perceptual_means(coh, side)
    stimulus[:] = drawn
    targets = np.zeros(inputs.shape[:2], np.int64)
    targets[periods["decision"]] = side + 1
    return inputs, targets, {"ground_truth": side, "coherence": coh}


def _draw_go_nogo(task, n_trials, rng, dt_ms, ground_truth=None):
    periods = task.periods(dt_ms)
    go = _condition(ground_truth, rng.integers(0, 2, n_trials), n_trials, "ground_truth")
    inputs = np.zeros((task.n_steps(dt_ms), n_trials, 3), np.float32)
    inputs[: periods["decision"].start, :, 0] = 1.0
    inputs[periods["stimulus"], np.arange(n_trials), go + 1] = 1.0
    targets = np.zeros(inputs.shape[:2], np.int64)
    targets[periods["decision"]] = go
    return inputs, targets, {"ground_truth": go}


def _many(name, names):
    """Several cognitive tasks in one stream."""
    timing_ms = {"fixation": 200, "stimulus": 500, "delay": 0, "decision": 200}  # of the shortest trials
    channels = cog_tasks.INPUTS, cog_tasks.OUTPUTS
    stream = partial(cog_stream.windows, names=names)
    return Task(name, "yang19", *channels, timing_ms, _draw_many, (), stream=stream)


def _draw_many(task, n_trials, rng, dt_ms):
    raise ValueError(
        f"trials of {task.name} differ in length; allowed: one task, from cog_tasks.sample_trials"
    )


TASKS = {
    "perceptual_decision_making": Task(
        "perceptual_decision_making",
        "PerceptualDecisionMaking-v0",
        ("fixation", "stimulus 1", "stimulus 2"),
        ("fixate", "choice 1", "choice 2"),
        {"fixation": 100, "stimulus": 2000, "delay": 0, "decision": 100},
        _draw_perceptual,
        ("ground_truth", "coherence"),
    ),
    "go_nogo": Task(
        "go_nogo",
        "GoNogo-v0",
        ("fixation", "no-go", "go"),
        ("no-go", "go"),
        {"fixation": 0, "stimulus": 500, "delay": 500, "decision": 500},
        _draw_go_nogo,
    ),
    **inference.TASKS,
    "cog_20": _many("cog_20", cog_tasks.NAMES),
    "cog_6": _many("cog_6", cog_tasks.FEW),
}


def get(name: str) -> Task:
    """Task by name.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; allowed: {', '.join(TASKS)}")
    return TASKS[name]


def sample_trials(
    name: str, n_trials: int, seed: int | np.random.Generator, dt_ms: float = 100.0, **conditions
) -> Trials:
    """Draw trials of a task, all at once.

    Parameters
    ----------
    name : str
        A key of ``TASKS``.
    n_trials : int
    seed : int or numpy Generator
    dt_ms : float
        Time step in ms; at most the shortest period.
    **conditions
        Fix a condition for all trials (a number) or trial by trial (an array): ``ground_truth``
        (0 or 1) and, for the perceptual task, ``coherence`` (%); for the one-choice tasks ``case``,
        the row of their list.

    Returns
    -------
    Trials

    Raises
    ------
    ValueError
        For an unknown task or condition, a bad number of trials or a bad ``dt_ms``.

    Examples
    --------
    >>> trials = sample_trials("go_nogo", 4, seed=0, ground_truth=1)
    >>> trials.inputs.shape, trials.targets[-1].tolist()
    ((15, 4, 3), [1, 1, 1, 1])
    """
    task = get(name)
    check_count(n_trials, "n_trials")
    check_dt(task, dt_ms)
    if unknown := set(conditions) - set(task.conditions):
        raise ValueError(f"{name} has no condition {sorted(unknown)}; allowed: {list(task.conditions)}")
    inputs, targets, table = task.draw(task, n_trials, np.random.default_rng(seed), dt_ms, **conditions)
    return Trials(inputs, targets, table, task.periods(dt_ms), dt_ms)


def windows(
    name: str, window: int, batch: int, rng: np.random.Generator, dt_ms: float = 100.0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless training batches: streams of whole trials, cut every ``window`` steps.

    Each lane of the batch is one stream; windows ignore trial borders, so most start mid-trial
    (as neurogym's ``Dataset`` does, which the paper's author used). Trials are drawn in the
    smallest block that holds whole trials and whole windows.

    Yields
    ------
    inputs : ndarray, shape (window, batch, channel), float32
    targets : ndarray, shape (window, batch), int64

    Raises
    ------
    ValueError
        For an unknown task, sizes that are not positive whole numbers or a bad ``dt_ms``.
    """
    check_dt(get(name), dt_ms)
    check_count(window, "window")
    check_count(batch, "batch")
    task, length = get(name), get(name).n_steps(dt_ms)
    if task.stream:
        yield from task.stream(window, batch, rng)  # for ever
    steps = math.lcm(window, length)
    while True:
        trials = sample_trials(name, batch * steps // length, rng, dt_ms)
        inputs, targets = (
            a.reshape(length, batch, -1, *a.shape[2:]).swapaxes(0, 1).swapaxes(1, 2)
            for a in (trials.inputs, trials.targets)
        )  # (lane, trial, time, ...): trials of a lane follow one another
        inputs = inputs.reshape(batch, steps, len(task.inputs)).swapaxes(0, 1)
        targets = targets.reshape(batch, steps).swapaxes(0, 1)
        for start in range(0, steps, window):
            yield inputs[start : start + window], targets[start : start + window]


def neurogym_env(name: str, dt_ms: int = 100):
    """neurogym's own environment of a task, with the fixation cue held until the decision.

    Returns
    -------
    neurogym.TrialEnv
        Unwrapped; ``env.new_trial(...)`` then ``env.ob`` and ``env.gt`` hold one trial.
    """
    if name in inference.TASKS:
        return inference.neurogym_env(name, dt_ms)
    if get(name).stream:
        raise ValueError(f"{name} is many tasks; allowed: one with trials of one kind")
    from neurogym.envs.native.gonogo import GoNogo
    from neurogym.envs.native.perceptualdecisionmaking import PerceptualDecisionMaking

    class HeldFixation(PerceptualDecisionMaking):
        def _new_trial(self, **kwargs):
            trial = super()._new_trial(**kwargs)
            self.add_ob(1, period=["stimulus", "delay"], where="fixation")
            return trial

    return {"perceptual_decision_making": HeldFixation, "go_nogo": GoNogo}[get(name).name](dt=dt_ms)


_CONDITIONS = {
    "ground_truth": ("0 or 1", lambda v: np.isin(v, (0, 1))),
    "coherence": ("0 to 100", lambda v: (v >= 0) & (v <= 100)),
}


def _condition(given, drawn, n_trials, name):
    if given is None:
        return drawn
    values, (allowed, fits) = np.asarray(given), _CONDITIONS[name]
    if values.shape not in ((), (n_trials,)) or not fits(values).all():
        raise ValueError(f"{name} is {given!r}; allowed: {allowed}, once or for each of {n_trials} trials")
    return np.broadcast_to(values, n_trials).astype(drawn.dtype)
