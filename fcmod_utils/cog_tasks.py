"""The 20 cognitive tasks of Yang et al. (2019), in the coarser form on which "Growing Brains" trains.

One network learns all of them and is told by a one-hot input which one is on. Definitions are those of
neurogym's ``yang19`` collection up to version 2.0 (Liu et al. 2023 used it); 2.1 took the fixation cue and
some of the noise away and made the durations of ``dm1`` random, so the collection of today is an oracle for
the rest only. Time goes in steps of 100 ms.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from .trials import Trials, check_count

RING = 16  # places on a ring of inputs or outputs
DT_MS = 100
NOISE = 0.1  # standard deviation, per channel and step
COHERENCES = (0.08, 0.16, 0.32, 0.64)
STRENGTHS = (0.3, 0.6, 1.0)
LONGEST_FIXATION = 4  # steps, where it is drawn at random from 2, 3 and 4
SHOWN = 5  # steps of each stimulus


@dataclass(frozen=True)
class CogTask:
    """One task: its family and what sets it apart in there."""

    family: str
    delay: int = 0  # steps
    opposite: bool = False  # the answer is across the ring
    weights: tuple[int, int] = (1, 1)  # of the two modalities in the evidence; 0: shown, to be ignored
    shown: tuple[int, ...] = (0, 1)  # modalities
    category: bool = False
    go_on_match: bool = True

    @property
    def fixation(self) -> int | None:
        """Steps before the stimulus; None if they are drawn from 2, 3 and 4."""
        return _FAMILIES[self.family].fixation

    @property
    def decision(self) -> int:
        """Steps in which the answer is due."""
        return _FAMILIES[self.family].decision

    def steps(self, fixation: int = LONGEST_FIXATION) -> int:
        """Length of a trial, with this fixation where it is drawn at random."""
        family = _FAMILIES[self.family]
        return (family.fixation or fixation) + family.between + self.delay + family.decision

    def draw(self, modality, rng, fixation: int = LONGEST_FIXATION, dim_ring: int = RING) -> tuple:
        """Inputs but those that name the task, targets and conditions of a trial per ``modality``."""
        return _FAMILIES[self.family].draw(self, modality, rng, self.fixation or fixation, dim_ring)


TASKS: dict[str, CogTask] = {
    "go": CogTask("go"),
    "rtgo": CogTask("reaction"),
    "dlygo": CogTask("go", delay=5),
    "anti": CogTask("go", opposite=True),
    "rtanti": CogTask("reaction", opposite=True),
    "dlyanti": CogTask("go", delay=5, opposite=True),
    "dm1": CogTask("dm", weights=(1, 0), shown=(0,)),
    "dm2": CogTask("dm", weights=(0, 1), shown=(1,)),
    "ctxdm1": CogTask("dm", weights=(1, 0)),
    "ctxdm2": CogTask("dm", weights=(0, 1)),
    "multidm": CogTask("dm"),
    "dlydm1": CogTask("dlydm", weights=(1, 0), shown=(0,)),
    "dlydm2": CogTask("dlydm", weights=(0, 1), shown=(1,)),
    "ctxdlydm1": CogTask("dlydm", weights=(1, 0)),
    "ctxdlydm2": CogTask("dlydm", weights=(0, 1)),
    "multidlydm": CogTask("dlydm"),
    "dms": CogTask("match"),
    "dnms": CogTask("match", go_on_match=False),
    "dmc": CogTask("match", category=True),
    "dnmc": CogTask("match", category=True, go_on_match=False),
}
NAMES = tuple(TASKS)  # in the order of the inputs that name them
FEW = "go", "dlygo", "anti", "dm1", "dm2", "ctxdm1"  # short ones, for the quick scale
INPUTS = (
    "fixation",
    *(f"ring {ring}, place {place}" for ring in (1, 2) for place in range(RING)),
    *NAMES,
)
OUTPUTS = ("fixate", *(f"place {place}" for place in range(RING)))


def get(name: str) -> CogTask:
    """Task by name; ValueError with the names nearest to it if there is none."""
    if name not in TASKS:
        near = difflib.get_close_matches(str(name), NAMES, cutoff=0.5)
        maybe = f" (near: {', '.join(near)})" if near else ""
        raise ValueError(f"unknown task {name!r}{maybe}; allowed: {', '.join(NAMES)}")
    return TASKS[name]


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names as a tuple; ValueError unless they are different tasks, at least one."""
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        get(name)
    if not names or len(set(names)) != len(names):
        raise ValueError(f"tasks are {list(names)}; allowed: different ones, at least one")
    return names


def check_ring(dim_ring: int) -> None:
    """Raise ValueError unless a ring has an even number of places, so that each has one across."""
    check_count(dim_ring, "dim_ring")
    if dim_ring % 2:
        raise ValueError(f"dim_ring is {dim_ring}; allowed: an even number of places, at least 2")


def n_inputs(dim_ring: int = RING) -> int:
    """How many inputs there are: fixation, two rings, one per task."""
    return 1 + 2 * dim_ring + len(NAMES)


def sample_trials(
    name: str,
    n_trials: int,
    seed: int | np.random.Generator,
    fixation: int = 5,
    dim_ring: int = RING,
) -> Trials:
    """Trials of one task, all of one length, as they are used to measure a network.

    Parameters
    ----------
    name : str
        One of ``NAMES``.
    n_trials : int
    seed : int or numpy Generator
    fixation : int
        Steps before the stimulus, where the task draws them at random (the decision families). Tasks of
        the other families have a fixed fixation of their own.
    dim_ring : int
        Places on each ring of inputs and on that of outputs; even.

    Returns
    -------
    Trials
        Inputs are fixation, ring of modality 1, ring of modality 2, task. Target 0 is to fixate, 1 + g
        the place g of the ring. Conditions hold the two places, the evidence and the modality. Period
        "stimulus" is all between fixation and decision, delays with it: none in rtgo and rtanti.

    Raises
    ------
    ValueError
        For an unknown task, counts that are not positive whole numbers or a ring that is odd.

    Examples
    --------
    >>> trials = sample_trials("dlygo", 3, seed=0)
    >>> trials.inputs.shape, trials.targets.min(0).tolist()
    ((20, 3, 53), [0, 0, 0])
    """
    task = get(name)
    check_count(n_trials, "n_trials")
    check_count(fixation, "fixation")
    check_ring(dim_ring)
    rng = np.random.default_rng(seed)
    modality = (np.arange(n_trials) + rng.integers(2)) % 2
    stimuli, targets, conditions = task.draw(modality, rng, fixation, dim_ring)
    told = stimuli.shape[2]
    inputs = np.zeros((*targets.shape, n_inputs(dim_ring)), np.float32)
    inputs[..., :told] = stimuli
    inputs[..., told + NAMES.index(name)] = 1
    ends = 0, task.fixation or fixation, len(targets) - task.decision, len(targets)
    periods = {
        period: slice(*ends[i : i + 2]) for i, period in enumerate(("fixation", "stimulus", "decision"))
    }
    return Trials(inputs, targets, conditions, periods, DT_MS)


# ---------------------------------------------------------------- families: stimuli, answers, conditions


@cache
def bumps(dim_ring: int = RING) -> np.ndarray:
    """What a ring of inputs shows for a stimulus of strength 1 at each place, shape (place, input)."""
    places = np.arange(dim_ring)
    away = np.abs(places[:, None] - places)
    return 0.8 * np.exp(-((np.minimum(away, dim_ring - away) * 2 * np.pi / dim_ring / (np.pi / 8)) ** 2) / 2)


def _blank(steps: int, n: int, cue: int, ring: int) -> tuple[np.ndarray, np.ndarray]:
    """Nothing shown but the fixation cue, nothing to do but to fixate."""
    stimuli = np.zeros((steps, n, 1 + 2 * ring), np.float32)
    stimuli[:cue, :, 0] = 1
    return stimuli, np.zeros((steps, n), np.int64)


def _columns(modality, ring) -> np.ndarray:
    """Inputs of the ring of each trial's modality, shape (trial, place)."""
    return 1 + ring * np.asarray(modality)[:, None] + np.arange(ring)


def _go(task, modality, rng, fixation, ring):
    n, trials, reaction = len(modality), np.arange(len(modality)), task.family == "reaction"
    place = rng.integers(ring, size=n)
    cue = fixation if reaction else fixation + SHOWN + task.delay
    stimuli, answers = _blank(task.steps(fixation), n, cue, ring)
    shown = bumps(ring)[(place + ring // 2 * task.opposite) % ring]
    stimuli[fixation : fixation + SHOWN, trials[:, None], _columns(modality, ring)] = shown
    answers[-task.decision :] = 1 + place
    return stimuli, answers, {"place": place, "modality": modality}


def _places(rng, n, ring):
    """Two different places for each trial."""
    first = rng.integers(ring, size=n)
    return first, (first + rng.integers(1, ring, n)) % ring


def _answer(task, strengths, places, rng):
    """The place with more evidence; ties are broken at random."""
    evidence = sum(w * (s[0] - s[1]) for w, s in zip(task.weights, strengths, strict=True))
    tie = np.abs(evidence) < 1e-9
    first = np.where(tie, rng.integers(2, size=len(evidence)) == 1, evidence > 0)
    conditions = {"place 1": places[0], "place 2": places[1], "evidence": np.where(tie, 0, evidence)}
    return 1 + np.where(first, *places), conditions


def _dm(task, modality, rng, fixation, ring):
    n = len(modality)
    places = _places(rng, n, ring)
    stimuli, answers = _blank(task.steps(fixation), n, fixation + SHOWN, ring)
    period = slice(fixation, fixation + SHOWN)
    stimuli[period] += _noise(rng, (SHOWN, n, 1 + 2 * ring))
    strengths = np.zeros((2, 2, n))
    for m in task.shown:
        half = rng.choice(COHERENCES, n) * rng.choice((-1, 1), n) / 2
        strengths[m] = 0.5 + half, 0.5 - half
        bump = sum(s[:, None] * bumps(ring)[place] for s, place in zip(strengths[m], places, strict=True))
        stimuli[period, :, 1 + ring * m : 1 + ring * (m + 1)] += bump
    answers[-task.decision :], conditions = _answer(task, strengths, places, rng)
    return stimuli, answers, conditions


def _dlydm(task, modality, rng, fixation, ring):
    n = len(modality)
    places = _places(rng, n, ring)
    stimuli, answers = _blank(task.steps(fixation), n, fixation + 20, ring)
    periods = slice(fixation, fixation + SHOWN), slice(fixation + 15, fixation + 20)
    for period in periods:
        stimuli[period] += _noise(rng, (SHOWN, n, 1 + 2 * ring))
    strengths = np.zeros((2, 2, n))
    for m in task.shown:
        one = rng.integers(3, size=n)
        strengths[m] = np.take(STRENGTHS, (one, (one + rng.integers(1, 3, n)) % 3))
        for period, place, strength in zip(periods, places, strengths[m], strict=True):
            stimuli[period, :, 1 + ring * m : 1 + ring * (m + 1)] += strength[:, None] * bumps(ring)[place]
    answers[-task.decision :], conditions = _answer(task, strengths, places, rng)
    return stimuli, answers, conditions


def _match(task, modality, rng, fixation, ring):
    n, trials = len(modality), np.arange(len(modality))
    match, sample = rng.integers(2, size=n), rng.integers(ring, size=n)
    if (
        task.category
    ):  # the place across 0 is of one category as a sample, of the other as a test, as published
        category = sample > ring // 2
        test = rng.integers(ring // 2, size=n) + ring // 2 * np.where(match, category, ~category)
    else:
        test = np.where(match, sample, (sample + ring // 2) % ring)
    stimuli, answers = _blank(task.steps(fixation), n, fixation + 20, ring)
    for start, place in ((fixation, sample), (fixation + 15, test)):
        shown = bumps(ring)[place] + _noise(rng, (SHOWN, n, ring))
        stimuli[start : start + SHOWN, trials[:, None], _columns(modality, ring)] = shown
    answers[-task.decision :] = np.where(match == task.go_on_match, 1 + test, 0)
    return stimuli, answers, {"match": match, "place 1": sample, "place 2": test, "modality": modality}


def _noise(rng, shape):
    noise = rng.standard_normal(shape, np.float32)
    noise *= NOISE
    return noise


class _Family(NamedTuple):
    draw: Callable
    fixation: int | None  # steps; None: drawn at random
    between: int  # steps from fixation to decision, without the task's own delay
    decision: int


_FAMILIES = {
    "go": _Family(_go, 5, SHOWN, 5),
    "reaction": _Family(_go, 5, 0, 5),  # answered while the stimulus is shown
    "dm": _Family(_dm, None, SHOWN, 2),
    "dlydm": _Family(_dlydm, None, 20, 2),
    "match": _Family(_match, 3, 20, 9),
}
