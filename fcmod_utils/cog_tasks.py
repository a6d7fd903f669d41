"""The 20 cognitive tasks of Yang et al. (2019), in the coarser form on which "Growing Brains" trains.

One network sees all of them in one stream and is told by a one-hot input which one is on. Definitions are
those of neurogym's ``yang19`` collection up to version 2.0 (Liu et al. 2023 used it); 2.1 took the fixation
cue and some of the noise away and made the durations of ``dm1`` random, so the collection of today is an
oracle for the rest only. Time goes in steps of 100 ms.
"""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .trials import Trials, check_count

RING = 16  # places on a ring of inputs or outputs
DT_MS = 100
NOISE = 0.1  # standard deviation, per channel and step
COHERENCES = (0.08, 0.16, 0.32, 0.64)
STRENGTHS = (0.3, 0.6, 1.0)
LONGEST = 32  # steps of the longest trial
BLOCK = 1000  # steps drawn at once, or a little more


@dataclass(frozen=True)
class CogTask:
    """One of the 20: how its trials are drawn, and what its family and parameters are."""

    family: str
    delay: int = 0  # steps
    opposite: bool = False  # the answer is across the ring
    weights: tuple[int, int] = (1, 1)  # of the two modalities in the evidence; 0: shown, to be ignored
    shown: tuple[int, ...] = (0, 1)  # modalities
    category: bool = False
    go_on_match: bool = True


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
NAMES = tuple(TASKS)
INPUTS = (
    "fixation",
    *(f"ring {ring}, place {place}" for ring in (1, 2) for place in range(RING)),
    *NAMES,
)
OUTPUTS = ("fixate", *(f"place {place}" for place in range(RING)))
N_INPUTS = len(INPUTS)

_FIXATION = {"go": 5, "reaction": 5, "match": 3}  # steps; of the others 2, 3 or 4 at random
_PLACES = np.arange(RING)
_away = np.abs(_PLACES[:, None] - _PLACES)
_BUMPS = 0.8 * np.exp(-((np.minimum(_away, RING - _away) * 2 * np.pi / RING / (np.pi / 8)) ** 2) / 2)


def get(name: str) -> CogTask:
    """Task by name; ValueError with the names nearest to it if there is none."""
    if name not in TASKS:
        near = difflib.get_close_matches(str(name), NAMES, cutoff=0.5) or NAMES
        raise ValueError(f"unknown task {name!r}; allowed: {', '.join(near)}")
    return TASKS[name]


def sample_trials(name: str, n_trials: int, seed: int | np.random.Generator, fixation: int = 5) -> Trials:
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

    Returns
    -------
    Trials
        Inputs are fixation, ring of modality 1, ring of modality 2, task. Target 0 is to fixate, 1 + g
        the place g of the ring. Conditions hold the two places, the evidence and the modality.

    Raises
    ------
    ValueError
        For an unknown task or counts that are not positive whole numbers.

    Examples
    --------
    >>> trials = sample_trials("dlygo", 3, seed=0)
    >>> trials.inputs.shape, trials.targets.min(0).tolist()
    ((20, 3, 53), [0, 0, 0])
    """
    task = get(name)
    check_count(n_trials, "n_trials")
    check_count(fixation, "fixation")
    rng = np.random.default_rng(seed)
    fixation = _FIXATION.get(task.family, fixation)
    modality = (np.arange(n_trials) + rng.integers(2)) % 2
    stimuli, targets, conditions = _FAMILIES[task.family](task, modality, rng, fixation)
    inputs = np.zeros((*targets.shape, N_INPUTS), np.float32)
    inputs[..., : 1 + 2 * RING] = stimuli
    inputs[..., 1 + 2 * RING + NAMES.index(name)] = 1
    decision = len(targets) - _DECISION[task.family]
    periods = {
        "fixation": slice(0, fixation),
        "stimulus": slice(fixation, decision),
        "decision": slice(decision, len(targets)),
    }
    return Trials(inputs, targets, conditions, periods, DT_MS)


def windows(window: int, batch: int, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless training batches: streams of trials, no task twice running, cut every ``window`` steps.

    Yields
    ------
    inputs : ndarray, shape (window, batch, 53), float32
    targets : ndarray, shape (window, batch), int64

    Raises
    ------
    ValueError
        For sizes that are not positive whole numbers.
    """
    check_count(window, "window")
    check_count(batch, "batch")
    block = window * -(-BLOCK // window)
    shape = batch, block + LONGEST
    inputs, targets = np.zeros((*shape, N_INPUTS), np.float32), np.zeros(shape, np.int64)
    filled = np.zeros(batch, int)
    last, turn = rng.integers(len(NAMES), size=batch), rng.integers(2, size=(batch, len(NAMES)))
    while True:
        last, turn, filled = _fill(inputs, targets, last, turn, filled, block, rng)
        for start in range(0, block, window):
            cut = slice(start, start + window)
            yield inputs[:, cut].swapaxes(0, 1), targets[:, cut].swapaxes(0, 1)
        rest, inputs = inputs[:, block:], np.zeros_like(inputs)  # what was yielded stays as it is
        answers, targets = targets[:, block:], np.zeros_like(targets)
        inputs[:, :LONGEST], targets[:, :LONGEST] = rest, answers
        filled = filled - block


def _fill(inputs, targets, last, turn, filled, block, rng):
    """Append whole trials to every lane until each reaches the end of the block."""
    lanes, most = len(last), -(-block // 9) + 1  # 9 steps is the shortest trial
    order = (last[:, None] + np.cumsum(rng.integers(1, len(NAMES), (lanes, most)), axis=1)) % len(NAMES)
    skip = rng.integers(0, 3, order.shape) * _RANDOM[order]
    ends = filled[:, None] + np.cumsum(_LENGTHS[order] - skip, axis=1)
    used = np.argmax(ends >= block, axis=1)  # the last trial that is laid down
    laid = np.arange(most) <= used[:, None]
    starts = ends - _LENGTHS[order]  # those steps that are skipped lie before
    turn = turn.copy()
    for k, name in enumerate(NAMES):
        lane, place = np.nonzero(laid & (order == k))
        modality = (turn[lane, k] + _rank(lane, lanes)) % 2
        turn[:, k] += np.bincount(lane, minlength=lanes)
        _lay(inputs, targets, k, name, lane, starts[lane, place], skip[lane, place], modality, rng)
    rows = np.arange(lanes)
    return order[rows, used], turn % 2, ends[rows, used]


def _rank(lane: np.ndarray, lanes: int) -> np.ndarray:
    """How many of the same lane stand before each, in a sorted list."""
    first = np.searchsorted(lane, np.arange(lanes))
    return np.arange(len(lane)) - first[lane]


def _lay(inputs, targets, k, name, lane, start, skip, modality, rng):
    task = TASKS[name]
    stimuli, answers, _ = _FAMILIES[task.family](task, modality, rng, _FIXATION.get(task.family, 4))
    step = np.arange(len(answers))
    trial, step = np.nonzero(step >= skip[:, None])
    at = lane[trial], start[trial] + step
    inputs[(*at, slice(0, 1 + 2 * RING))] = stimuli[step, trial]
    inputs[(*at, 1 + 2 * RING + k)] = 1
    targets[at] = answers[step, trial]


# ---------------------------------------------------------------- families: stimuli, answers, conditions


def _blank(steps: int, n: int, cue: int) -> tuple[np.ndarray, np.ndarray]:
    stimuli = np.zeros((steps, n, 1 + 2 * RING), np.float32)
    stimuli[:cue, :, 0] = 1
    return stimuli, np.zeros((steps, n), np.int64)


def _ring(modality) -> np.ndarray:
    """Columns of the ring of each trial's modality, shape (trial, 16)."""
    return 1 + RING * np.asarray(modality)[:, None] + _PLACES


def _go(task, modality, rng, fixation):
    n, trials = len(modality), np.arange(len(modality))
    place = rng.integers(RING, size=n)
    shown = _BUMPS[(place + RING // 2 * task.opposite) % RING]
    reaction = task.family == "reaction"
    start, stop = (fixation, fixation + 5) if reaction else (fixation, fixation + 5 + task.delay)
    stimuli, answers = _blank(stop if reaction else stop + 5, n, start if reaction else stop)
    stimuli[fixation : fixation + 5, trials[:, None], _ring(modality)] = shown
    answers[-5:] = 1 + place
    return stimuli, answers, {"place": place, "modality": modality}


def _places(rng, n):
    """Two different places for each trial."""
    first = rng.integers(RING, size=n)
    return first, (first + rng.integers(1, RING, n)) % RING


def _answer(task, strengths, places, rng):
    """The place with more evidence; ties are broken at random."""
    evidence = sum(w * (s[0] - s[1]) for w, s in zip(task.weights, strengths, strict=True))
    tie = np.abs(evidence) < 1e-9
    first = np.where(tie, rng.integers(2, size=len(evidence)) == 1, evidence > 0)
    conditions = {"place 1": places[0], "place 2": places[1], "evidence": np.where(tie, 0, evidence)}
    return 1 + np.where(first, *places), conditions


def _dm(task, modality, rng, fixation):
    n = len(modality)
    places = _places(rng, n)
    stimuli, answers = _blank(fixation + 7, n, fixation + 5)
    period = slice(fixation, fixation + 5)
    stimuli[period] += _noise(rng, (5, n, 1 + 2 * RING))
    strengths = np.zeros((2, 2, n))
    for m in task.shown:
        half = rng.choice(COHERENCES, n) * rng.choice((-1, 1), n) / 2
        strengths[m] = 0.5 + half, 0.5 - half
        bump = strengths[m, 0, :, None] * _BUMPS[places[0]] + strengths[m, 1, :, None] * _BUMPS[places[1]]
        stimuli[period, :, 1 + RING * m : 1 + RING * (m + 1)] += bump
    answers[-2:], conditions = _answer(task, strengths, places, rng)
    return stimuli, answers, conditions


def _dlydm(task, modality, rng, fixation):
    n = len(modality)
    places = _places(rng, n)
    stimuli, answers = _blank(fixation + 22, n, fixation + 20)
    periods = slice(fixation, fixation + 5), slice(fixation + 15, fixation + 20)
    for period in periods:
        stimuli[period] += _noise(rng, (5, n, 1 + 2 * RING))
    strengths = np.zeros((2, 2, n))
    for m in task.shown:
        one = rng.integers(3, size=n)
        strengths[m] = np.take(STRENGTHS, (one, (one + rng.integers(1, 3, n)) % 3))
        for period, place, strength in zip(periods, places, strengths[m], strict=True):
            stimuli[period, :, 1 + RING * m : 1 + RING * (m + 1)] += strength[:, None] * _BUMPS[place]
    answers[-2:], conditions = _answer(task, strengths, places, rng)
    return stimuli, answers, conditions


def _match(task, modality, rng, fixation):
    n, trials = len(modality), np.arange(len(modality))
    match, sample = rng.integers(2, size=n), rng.integers(RING, size=n)
    if task.category:  # the place 8 is of one category as a sample and of the other as a test, as published
        category = sample > RING // 2
        test = rng.integers(RING // 2, size=n) + RING // 2 * np.where(match, category, ~category)
    else:
        test = np.where(match, sample, (sample + RING // 2) % RING)
    stimuli, answers = _blank(fixation + 29, n, fixation + 20)
    for start, place in ((fixation, sample), (fixation + 15, test)):
        shown = _BUMPS[place] + _noise(rng, (5, n, RING))
        stimuli[start : start + 5, trials[:, None], _ring(modality)] = shown
    answers[-9:] = np.where(match == task.go_on_match, 1 + test, 0)
    return stimuli, answers, {"match": match, "place 1": sample, "place 2": test, "modality": modality}


def _noise(rng, shape):
    noise = rng.standard_normal(shape, np.float32)
    noise *= NOISE
    return noise


_FAMILIES: dict[str, Callable] = {"go": _go, "reaction": _go, "dm": _dm, "dlydm": _dlydm, "match": _match}
_DECISION = {"go": 5, "reaction": 5, "dm": 2, "dlydm": 2, "match": 9}
_RANDOM = np.array([task.family in ("dm", "dlydm") for task in TASKS.values()], int)
_AFTER = {"go": 10, "reaction": 5, "dm": 11 - 4, "dlydm": 26 - 4, "match": 29}  # steps after fixation
_LENGTHS = np.array([_FIXATION.get(t.family, 4) + _AFTER[t.family] + t.delay for t in TASKS.values()])


def draw(task, n_trials, rng, dt_ms):
    """There are no trials of all 20 at once: their lengths differ."""
    raise ValueError(
        "trials of cog_20 differ in length; draw one task at a time with cog_tasks.sample_trials"
    )
