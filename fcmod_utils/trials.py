"""What a task and its trials are: channels, timing, conditions."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

PERIODS = ("fixation", "stimulus", "delay", "decision")


@dataclass(frozen=True)
class Trials:
    """Trials of equal length, in the axis order of the whole book.

    Attributes
    ----------
    inputs : ndarray, shape (time, trial, channel), float32
    targets : ndarray, shape (time, trial), int64
        Index of the output that should be largest; -1 where no answer is asked for.
    conditions : dict of str to ndarray, shape (trial,)
        One entry per condition, e.g. ``ground_truth`` and ``coherence`` (%).
    periods : dict of str to slice
        Time steps of each period.
    dt_ms : float
    """

    inputs: np.ndarray
    targets: np.ndarray
    conditions: dict[str, np.ndarray]
    periods: dict[str, slice]
    dt_ms: float

    def __len__(self) -> int:
        return self.inputs.shape[1]

    @property
    def times_ms(self) -> np.ndarray:
        """Start of each step, in ms from stimulus onset, shape (time,)."""
        return (np.arange(len(self.inputs)) - self.periods["stimulus"].start) * self.dt_ms


@dataclass(frozen=True)
class Task:
    """A task: names of its channels, its timing and how to draw its trials.

    ``draw(task, n_trials, rng, dt_ms, **fixed)`` returns inputs, targets and conditions; those named
    in ``conditions`` can be fixed. With ``answers_last`` only the last step of a trial is scored.
    A task whose trials differ in length has a ``stream(window, batch, rng)`` instead.
    """

    name: str
    neurogym_id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    timing_ms: dict[str, int]
    draw: Callable = field(repr=False)
    conditions: tuple[str, ...] = ("ground_truth",)
    answers_last: bool = False
    stream: Callable | None = field(default=None, repr=False)

    def periods(self, dt_ms: float) -> dict[str, slice]:
        """Time steps of each period at step ``dt_ms``."""
        ends = np.cumsum([int(self.timing_ms[p] // dt_ms) for p in PERIODS])
        return {p: slice(int(a), int(b)) for p, a, b in zip(PERIODS, [0, *ends], ends, strict=False)}

    def n_steps(self, dt_ms: float) -> int:
        """Length of one trial in steps."""
        return self.periods(dt_ms)["decision"].stop


def check_count(value, name: str) -> None:
    """Raise ValueError unless ``value`` is a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} is {value!r}; allowed: a whole number of at least 1")


def check_dt(task: Task, dt_ms: float) -> None:
    """Raise ValueError unless ``dt_ms`` is positive and fits into every period of the task."""
    if task.stream and dt_ms != 100:
        raise ValueError(f"dt_ms is {dt_ms:g}; allowed for {task.name}: 100, the step of its stream")
    shortest = min(duration for duration in task.timing_ms.values() if duration)
    if not 0 < dt_ms <= shortest:
        raise ValueError(f"dt_ms is {dt_ms:g}; allowed for {task.name}: above 0, up to {shortest}")
