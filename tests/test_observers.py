"""Ideal observers: a closed form where there is one, and observers who look at the real trials."""

import functools
import itertools

import numpy as np
import pytest
from scipy import stats

from fcmod_utils import cog_tasks, observers
from fcmod_utils.cog_tasks import COHERENCES, NAMES, STRENGTHS, TASKS, sample_trials

BUMPS = cog_tasks.bumps()


@functools.cache
def named(name):
    return observers.ceiling([name]).item()


@pytest.mark.parametrize("name", ["dm1", "dm2", "ctxdm1", "ctxdm2"])
def test_one_modality_is_the_chance_that_a_noisy_difference_has_the_right_sign(name):
    """The rings, summed along the difference of the two bumps, are Gaussian; 5 steps, noise 0.1."""
    right = []
    for coherence, place in itertools.product(COHERENCES, range(1, 16)):
        along = BUMPS[0] - BUMPS[place]
        mean, sd = 5 * coherence / 2 * along @ along, 0.1 * (5 * along @ along) ** 0.5
        right.append(stats.norm.cdf(mean / sd))
        found = observers.discriminability(coherence, place)
        assert stats.norm.cdf(found / 2) == pytest.approx(right[-1])
    assert named(name) == pytest.approx(np.mean(right), abs=0.003)


def test_all_that_is_lost_with_delayed_stimuli_is_half_of_the_ties():
    assert named("multidlydm") == pytest.approx(1 - 1 / 12, abs=0.004)
    for name in ("dlydm1", "dlydm2", "ctxdlydm1", "ctxdlydm2"):
        assert 1 - 1e-4 < named(name) <= 1


def test_the_others_can_be_done_without_a_mistake():
    easy = [name for name in NAMES if TASKS[name].family in ("go", "reaction", "match")]
    assert len(easy) == 10
    for name in easy:
        assert named(name) == pytest.approx(1, abs=1e-9)


def likelihood(trials, shown):
    """Of the rings of each trial, for every case: ``shown[trial, case]`` is (step, 32) without noise."""
    rings = trials.inputs[:, :, 1:33].swapaxes(0, 1)
    return np.array(
        [-((ring - each) ** 2).sum(axis=(1, 2)) / 0.02 for ring, each in zip(rings, shown, strict=True)]
    )


def decision_cases(name, trials):
    """All that could have been shown, and which of two places has more evidence (0.5: neither)."""
    task, table = TASKS[name], trials.conditions
    if task.family == "dm":
        pairs = [(0.5 + s * c / 2, 0.5 - s * c / 2) for c in COHERENCES for s in (-1, 1)]
    else:
        pairs = list(itertools.permutations(STRENGTHS, 2))
    cases = list(itertools.product(*[pairs if m in task.shown else [(0.0, 0.0)] for m in (0, 1)]))
    sums = [sum(w * (a - b) for w, (a, b) in zip(task.weights, case, strict=True)) for case in cases]
    fixation, shown = trials.periods["stimulus"].start, []
    for first, second in zip(table["place 1"], table["place 2"], strict=True):
        each = np.zeros((len(cases), len(trials.inputs), 32))
        for k, case in enumerate(cases):
            for m, (a, b) in enumerate(case):
                ring = each[k, :, 16 * m : 16 * (m + 1)]
                ring[fixation : fixation + 5] += a * BUMPS[first]
                start = fixation if task.family == "dm" else fixation + 15
                ring[start : start + 5] += b * BUMPS[second]
        shown.append(each)
    return shown, (np.sign(np.round(sums, 6)) + 1) / 2


@pytest.mark.parametrize("name", ["dm2", "ctxdm1", "multidm", "multidlydm"])
def test_an_observer_of_real_trials_is_as_good(name):
    """It compares each input, at each step, with each case that there could be."""
    trials = sample_trials(name, 250 if name == "multidm" else 600, seed=11, fixation=1)
    shown, first = decision_cases(name, trials)
    likely = likelihood(trials, shown)
    chance = np.exp(likely - likely.max(axis=1, keepdims=True))
    says_first = chance @ first > chance.sum(axis=1) / 2
    table = trials.conditions
    answer = 1 + np.where(says_first, table["place 1"], table["place 2"])
    right = int((answer == trials.targets[-1]).sum())
    assert stats.binomtest(right, len(answer), named(name)).pvalue > 1e-3


@pytest.mark.parametrize("name", ["dms", "dnmc"])
def test_matches_can_be_told_in_real_trials(name):
    trials = sample_trials(name, 500, seed=12)
    rings = trials.inputs[:, :, 1:17] + trials.inputs[:, :, 17:33]
    sample, test = (rings[start : start + 5].mean(axis=0) @ BUMPS for start in (3, 18))
    sample, test = sample.argmax(axis=1), test.argmax(axis=1)
    match = (sample > 8) == (test >= 8) if TASKS[name].category else sample == test
    answer = np.where(match == TASKS[name].go_on_match, 1 + test, 0)
    np.testing.assert_array_equal(answer, trials.targets[-1])


def test_a_task_has_the_same_ceiling_in_any_company():
    assert observers.ceiling(["multidm", "dm1"], 500).tolist() == [
        observers.ceiling([name], 500).item() for name in ("multidm", "dm1")
    ]
    assert observers.ceiling(["dm1"], 500, seed=1) != observers.ceiling(["dm1"], 500)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["dm"],), r"unknown task 'dm' \(near: dm"),
        ((["dm1"], 0), "n_trials is 0; allowed"),
        (([],), "tasks are"),
    ],
)
def test_bad_questions_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        observers.ceiling(*arguments)
