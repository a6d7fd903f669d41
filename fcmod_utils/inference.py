"""The one-choice inference task of Achterberg et al. (2023): remember a goal, then pick the step toward it.

A goal on a 2 x 2 arrangement is shown, there is a delay, two directions are offered, and at the last
step the offered direction that leads toward the goal has to be named. Eight inputs: the goal,
one-hot, and the four directions; four outputs: the directions.
"""

import math
from functools import partial

import numpy as np

from .trials import Task, Trials, check_dt

GOALS = ("right-up", "right-down", "left-up", "left-down")
DIRECTIONS = ("left", "up", "right", "down")
NOISE = 0.05  # standard deviation on every input and step of 100 ms
TIMING_MS = {"fixation": 0, "stimulus": 2000, "delay": 1000, "decision": 2000}
# Goal, the two directions offered, and the one that leads toward the goal: Extended Data Table 1.
REGULAR = (
    ("right-up", "right", "down", "right"), ("right-up", "up", "left", "up"),
    ("right-down", "left", "right", "right"), ("right-down", "left", "down", "down"),
    ("left-up", "left", "right", "left"), ("left-up", "up", "right", "up"),
    ("left-down", "up", "left", "left"), ("left-down", "right", "down", "down"),
)  # fmt: skip
# All sixteen: each goal with one direction toward it and one away from it.
HARD = tuple(
    (goal, good, bad, good)
    for goal in GOALS
    for good in goal.split("-")
    for bad in DIRECTIONS
    if bad not in goal.split("-")
)


def signals(cases: tuple[tuple[str, ...], ...], task: Task, dt_ms: float) -> np.ndarray:
    """What is shown in each case, without noise, shape (time, case, channel)."""
    periods = task.periods(dt_ms)
    shown = np.zeros((task.n_steps(dt_ms), len(cases), len(task.inputs)), np.float32)
    for i, (goal, *offered, _) in enumerate(cases):
        shown[periods["stimulus"], i, GOALS.index(goal)] = 1.0
        for direction in offered:
            shown[periods["decision"], i, len(GOALS) + DIRECTIONS.index(direction)] = 1.0
    return shown


def _draw(task, n_trials, rng, dt_ms, case=None, cases=REGULAR, noise=NOISE, random_labels=False):
    drawn = rng.integers(0, len(cases), n_trials)
    case = drawn if case is None else _check_case(case, len(cases), n_trials)
    answers = np.array([DIRECTIONS.index(answer) for *_, answer in cases])[case]
    if random_labels:
        answers = rng.integers(0, len(DIRECTIONS), n_trials)
    inputs = rng.standard_normal((task.n_steps(dt_ms), n_trials, len(task.inputs)), dtype=np.float32)
    inputs = np.multiply(inputs, noise * math.sqrt(100 / dt_ms), dtype=np.float32)
    inputs += signals(cases, task, dt_ms)[:, case]
    targets = np.full(inputs.shape[:2], -1, np.int64)
    targets[-1] = answers
    return inputs, targets, conditions(cases, case) | {"ground_truth": answers}


def conditions(cases: tuple[tuple[str, ...], ...], case: np.ndarray) -> dict[str, np.ndarray]:
    """Case, goal and pair of options of each trial; pairs are numbered as they come up in ``HARD``."""
    pairs = list(dict.fromkeys(frozenset(one[1:3]) for one in HARD))
    goal = np.array([GOALS.index(one[0]) for one in cases])
    options = np.array([pairs.index(frozenset(one[1:3])) for one in cases])
    return {"case": case, "goal": goal[case], "options": options[case]}


def _check_case(case, n_cases, n_trials):
    values = np.asarray(case)
    if values.shape not in ((), (n_trials,)) or not np.isin(values, np.arange(n_cases)).all():
        raise ValueError(
            f"case is {case!r}; allowed: 0 to {n_cases - 1}, once or for each of {n_trials} trials"
        )
    return np.broadcast_to(values, n_trials).astype(np.int64)


def _task(name: str, timing_ms: dict[str, int] | None = None, **settings) -> Task:
    inputs = tuple(f"goal {goal}" for goal in GOALS) + DIRECTIONS
    draw = partial(_draw, **settings)
    timing_ms = TIMING_MS | (timing_ms or {})
    return Task(name, "OneChoiceInference", inputs, DIRECTIONS, timing_ms, draw, ("case",), answers_last=True)


TASKS = {
    task.name: task
    for task in (
        _task("one_choice"),
        _task("one_choice_hard", cases=HARD),
        _task("one_choice_random", random_labels=True),
        _task("one_choice_short", {"delay": 500}),
        _task("one_choice_long", {"delay": 2000}),
        _task("one_choice_quiet", noise=0.01),
        _task("one_choice_noisy", noise=0.2),
    )
}


def each_case(name: str, dt_ms: float = 100.0) -> Trials:
    """Every case of a task once, without noise: what networks are tested on, as in the paper.

    Parameters
    ----------
    name : str
        One of the one-choice tasks.
    dt_ms : float

    Returns
    -------
    Trials

    Raises
    ------
    ValueError
        For another task, or a step that does not fit into its periods.

    Examples
    --------
    >>> len(each_case("one_choice")), len(each_case("one_choice_hard"))
    (8, 16)
    """
    if name not in TASKS:
        raise ValueError(f"task is {name!r}; allowed: {', '.join(TASKS)}")
    task = TASKS[name]
    check_dt(task, dt_ms)
    cases = task.draw.keywords.get("cases", REGULAR)
    inputs = signals(cases, task, dt_ms)
    targets = np.full(inputs.shape[:2], -1, np.int64)
    targets[-1] = [DIRECTIONS.index(answer) for *_, answer in cases]
    table = conditions(cases, np.arange(len(cases))) | {"ground_truth": targets[-1].copy()}
    return Trials(inputs, targets, table, task.periods(dt_ms), dt_ms)


def goal_blind_accuracy(cases: tuple[tuple[str, ...], ...] = REGULAR) -> float:
    """Best accuracy of a network that sees the options and not the goal.

    Examples
    --------
    >>> goal_blind_accuracy(), goal_blind_accuracy(HARD)
    (0.625, 0.5)
    """
    answers: dict[frozenset, list[str]] = {}
    for _, one, other, answer in cases:
        answers.setdefault(frozenset((one, other)), []).append(answer)
    return sum(max(map(given.count, given)) for given in answers.values()) / len(cases)


def neurogym_env(name: str, dt_ms: int = 100):
    """A neurogym environment of a one-choice task: the definition, trial by trial.

    Returns
    -------
    neurogym.TrialEnv
        ``env.new_trial(case=0)``, then ``env.ob`` and ``env.gt`` hold one trial; the ground truth is
        -1 where no answer is asked for.
    """
    from neurogym.core import TrialEnv
    from neurogym.utils import spaces

    task = TASKS[name]
    settings = task.draw.keywords
    cases, sigma = settings.get("cases", REGULAR), settings.get("noise", NOISE)

    class OneChoiceInference(TrialEnv):
        def __init__(self, dt=dt_ms):
            super().__init__(dt=dt)
            self.timing, self.sigma = dict(task.timing_ms), sigma
            named = {"goal": range(4), "options": range(4, 8)}
            self.observation_space = spaces.Box(-np.inf, np.inf, shape=(8,), dtype=np.float32, name=named)
            self.action_space = spaces.Discrete(4, dict(zip(DIRECTIONS, range(4), strict=True)))

        def _new_trial(self, **given):
            trial = {"case": int(self.rng.randint(len(cases)))} | given
            goal, *offered, answer = cases[trial["case"]]
            trial["ground_truth"] = DIRECTIONS.index(answer)
            if settings.get("random_labels"):
                trial["ground_truth"] = int(self.rng.randint(4))
            self.add_period(["fixation", "stimulus", "delay", "decision"])
            self.add_ob(1, "stimulus", where=GOALS.index(goal))
            for direction in offered:
                self.add_ob(1, "decision", where=4 + DIRECTIONS.index(direction))
            self.add_randn(0, self.sigma * (100 / self.dt) ** 0.5)
            self.set_groundtruth(-1)
            self.gt[-1] = trial["ground_truth"]
            return trial

        def _step(self, action):
            last = self.t_ind == len(self.ob) - 1
            self.performance = int(last and action == self.gt_now)
            return self.ob_now, float(self.performance), False, False, {"new_trial": last}

    return OneChoiceInference()
