"""The 20 cognitive tasks: neurogym's ``yang19`` collection is the oracle, trial by trial.

Since its version 2.1 the collection differs from the one that "Growing Brains" used, in three ways that
are tested below: the fixation cue of the decision and match families, the noise on that channel, and the
durations of ``dm1``. Everything else must be equal.
"""

import hashlib
import itertools

import numpy as np
import pytest
from neurogym.envs import get_collection
from neurogym.envs.collections import yang19
from scipy import stats

from fcmod_utils import cog_stream, cog_tasks, tasks
from fcmod_utils.cog_tasks import FEW, NAMES, TASKS, sample_trials

CHANGED = ("dm", "dlydm", "match")  # families whose cue neurogym 2.1 took back
ALTERNATING = ("go", "reaction", "match")


class Noiseless(np.random.Generator):
    """A real generator whose normal draws count for nothing: what is left of a trial is its signal."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))

    def standard_normal(self, *args, **kwargs):
        return 0 * super().standard_normal(*args, **kwargs)


# ------------------------------------------------------------------------------ neurogym's trials


class Script:
    """Stands in for an environment's random generator and says what it is told to."""

    def __init__(self, chosen, uniform=()):
        self.chosen, self.uniforms = iter(chosen), iter(uniform)

    def choice(self, *_, **__):
        return next(self.chosen)

    def uniform(self, *_):
        return next(self.uniforms)

    def randn(self, *shape):
        return np.zeros(shape)


def strengths(shown):
    """Strength of the bump at each place of a ring, from what the ring shows."""
    ring = 2 * np.pi * np.arange(len(shown)) / len(shown)
    each = np.array([yang19._gaussianbump(theta, ring, 1) for theta in ring])
    return np.round(np.linalg.solve(each.T, shown.astype(float)), 3) + 0.0


def dm_script(name, rings, targets, fixation):
    """Both places are in the rings at once; which is the first makes no difference."""
    task, shown = TASKS[name], [strengths(ring[fixation]) for ring in rings]
    first, second = np.flatnonzero(sum(shown))
    chosen = [first, second, *([500] if name == "dm1" else [])]
    for m in task.shown:
        coherence = shown[m][first] - shown[m][second]
        assert np.abs(coherence).round(3) in cog_tasks.COHERENCES
        assert shown[m][first] + shown[m][second] == pytest.approx(1)
        chosen += [np.abs(coherence), np.sign(coherence)]
    return chosen, first


def dlydm_script(name, rings, targets, fixation):
    task, periods = TASKS[name], (fixation, fixation + 15)
    shown = [[strengths(ring[start]) for ring in rings] for start in periods]
    places = [np.flatnonzero(sum(one)).item() for one in shown]
    chosen = [*places]
    for m in task.shown:
        pair = [one[m][place] for one, place in zip(shown, places, strict=True)]
        assert set(pair) <= set(cog_tasks.STRENGTHS) and pair[0] != pair[1]
        chosen += [pair]
    return chosen, places[0]


def match_script(name, rings, targets, fixation):
    half = rings.shape[2] // 2
    sample, test = (np.flatnonzero(strengths(sum(rings)[start])).item() for start in (3, 18))
    if TASKS[name].category:
        match = (sample > half) == (test >= half)
        return ["match" if match else "non-match", sample, test % half], None
    assert test in (sample, (sample + half) % len(rings[0, 0]))
    return ["match" if test == sample else "non-match", sample], None


SCRIPTS = {
    "go": lambda name, rings, targets, fixation: ([targets[-1] - 1], None),
    "reaction": lambda name, rings, targets, fixation: ([targets[-1] - 1], None),
    "dm": dm_script, "dlydm": dlydm_script, "match": match_script,
}  # fmt: skip


def neurogyms(name, inputs, targets):
    """neurogym's trial of the places and strengths that a trial of ours shows: ``ob`` and ``gt``."""
    family, ring = TASKS[name].family, (inputs.shape[1] - 1) // 2
    rings = inputs[:, 1:].reshape(len(inputs), 2, ring).swapaxes(0, 1)
    fixation = TASKS[name].fixation or len(inputs) - TASKS[name].steps(0)
    chosen, first = SCRIPTS[family](name, rings, targets, fixation)
    env = getattr(yang19, name)(dt=100, dim_ring=ring)
    if family in ALTERNATING:
        env = env.envs[int(rings[1].any())]
    task = env.unwrapped
    task.rng = Script(chosen, [100 * fixation, 1e-6 if targets[-1] - 1 == first else -1e-6])
    env.new_trial()
    return task.ob, task.gt


def assert_neurogym_agrees(name, inputs, targets):
    """The whole trial, but the cue of the families in which 2.1 ends it with the first period."""
    ob, gt = neurogyms(name, inputs, targets)
    np.testing.assert_array_equal(targets, gt)
    np.testing.assert_allclose(inputs[:, 1:], ob[:, 1:], rtol=1e-6, atol=1e-7)
    decision = len(targets) - TASKS[name].decision
    np.testing.assert_array_equal(inputs[:, 0], np.arange(len(inputs)) < decision)
    theirs = TASKS[name].fixation or len(inputs) - TASKS[name].steps(0)
    theirs = theirs if TASKS[name].family in CHANGED else decision
    np.testing.assert_array_equal(ob[:, 0], np.arange(len(inputs)) < theirs)


@pytest.mark.parametrize("dim_ring", [16, 8])
@pytest.mark.parametrize("name", NAMES)
def test_trials_equal_neurogyms(name, dim_ring):
    trials = sample_trials(name, 12, Noiseless(0), dim_ring=dim_ring, fixation=4)
    told = 1 + 2 * dim_ring
    assert trials.inputs.dtype == np.float32 and trials.targets.dtype == np.int64
    assert trials.inputs.shape == (len(trials.targets), 12, told + 20)
    for trial in range(12):
        assert_neurogym_agrees(name, trials.inputs[:, trial, :told], trials.targets[:, trial])
    assert (trials.inputs[..., told:] == np.eye(20)[NAMES.index(name)]).all()


def test_names_and_channels_are_neurogyms():
    assert list(get_collection("yang19")) == [f"yang19.{name}-v0" for name in NAMES]
    env = yang19.ctxdm1(dt=100)
    assert env.observation_space.shape == (cog_tasks.n_inputs() - 20,)
    assert env.action_space.n == len(cog_tasks.OUTPUTS)
    assert len(cog_tasks.INPUTS) == cog_tasks.n_inputs() == 53


LENGTHS = {"go": {15}, "reaction": {10}, "dm": {9, 10, 11}, "dlydm": {24, 25, 26}, "match": {32}}


def lengths_here(name):
    longest = TASKS[name].steps()
    return {longest} if TASKS[name].fixation else {longest - 2, longest - 1, longest}


@pytest.mark.parametrize("name", NAMES)
def test_lengths_are_those_of_the_old_collection_and_of_todays_but_for_dm1(name):
    env = getattr(yang19, name)(dt=100)
    for one in getattr(env, "envs", [env]):
        one.unwrapped.rng = np.random.RandomState(0)
    theirs = set()
    for _ in range(60):
        env.new_trial()
        theirs.add(len(env.unwrapped.ob))
    delay = TASKS[name].delay
    assert lengths_here(name) == {n + delay for n in LENGTHS[TASKS[name].family]}
    # dm1's stimulus lasts 200, 400 or 600 ms since 2.1: its twin dm2 kept 500 ms, as in the paper
    assert theirs == (set(range(6, 13)) if name == "dm1" else lengths_here(name))


# ------------------------------------------------------------------------------ noise


def noise_of(name, n_trials=400, seed=1):
    noisy, clean = (
        sample_trials(name, n_trials, rng) for rng in (np.random.default_rng(seed), Noiseless(seed))
    )
    np.testing.assert_array_equal(noisy.targets, clean.targets)
    return noisy.inputs - clean.inputs


def stimulus_steps(name):
    start = TASKS[name].fixation or 5
    later = [start + 15 + np.arange(5)] if TASKS[name].family in ("dlydm", "match") else []
    return np.concatenate([start + np.arange(5), *later])


@pytest.mark.parametrize("name", ["dm1", "ctxdm2", "multidlydm"])
def test_decisions_have_noise_of_one_tenth_on_every_input_while_a_stimulus_is_shown(name):
    noise, steps = noise_of(name), stimulus_steps(name)
    assert not np.delete(noise, steps, axis=0).any() and not noise[..., 33:].any()
    shown = noise[steps][..., :33].astype(float)
    assert stats.kstest(shown.ravel() / 0.1, "norm").pvalue > 1e-3
    per_channel = shown.std(axis=(0, 1)) / 0.1
    assert np.abs(per_channel - 1).max() < 5 / (2 * shown[..., 0].size) ** 0.5
    for a, b in ((shown[:-1], shown[1:]), (shown[:, :-1], shown[:, 1:]), (shown[..., :-1], shown[..., 1:])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / a.size**0.5


@pytest.mark.parametrize("name", ["dm2", "dlydm2"])
def test_noise_is_neurogyms_where_it_still_has_some(name):
    """Since 2.1 it keeps the fixation channel clean; before, and here, that was one of 33."""
    env, theirs = getattr(yang19, name)(dt=100), []
    env.rng = np.random.RandomState(0)
    for _ in range(60):
        env.new_trial()
        start = env.end_ind["fixation"]
        theirs.append(env.ob[start : start + 5, :17])  # fixation, and the ring on which nothing is shown
    theirs, noise = np.array(theirs), noise_of(name)[stimulus_steps(name)]
    assert not theirs[..., 0].any() and noise[..., 0].all()
    assert stats.ks_2samp(theirs[..., 1:].ravel(), noise[..., 1:17].ravel()).pvalue > 1e-3


@pytest.mark.parametrize("name", ["dms", "dnmc"])
def test_matches_have_noise_on_the_ring_that_shows_the_stimuli(name):
    noise, steps = noise_of(name), stimulus_steps(name)
    modality = sample_trials(name, 400, 1).conditions["modality"]
    assert not np.delete(noise, steps, axis=0).any() and not noise[..., 0].any()
    for m in (0, 1):
        ring = noise[steps][:, :, 1 + 16 * m : 17 + 16 * m]
        assert not ring[:, modality != m].any()
        assert stats.kstest(ring[:, modality == m].ravel() / 0.1, "norm").pvalue > 1e-3


@pytest.mark.parametrize("name", ["go", "rtanti", "dlyanti"])
def test_going_has_no_noise(name):
    assert not noise_of(name, 20).any()


# ------------------------------------------------------------------------------ what is drawn how often


def evenly(*columns, expected=None):
    """Whether all combinations of these columns come equally often."""
    _, counts = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    assert expected is None or len(counts) == expected
    return stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("name", ["go", "rtanti"])
def test_places_of_going_are_even(name):
    table = sample_trials(name, 4000, seed=1).conditions
    assert evenly(table["place"], table["modality"], expected=32)


@pytest.mark.parametrize("name", ["dm2", "dlydm1"])
def test_two_places_differ_and_are_even(name):
    table = sample_trials(name, 9600, seed=2).conditions
    assert evenly(table["place 1"], table["place 2"], expected=240)


def test_evidence_is_even_and_independent_of_the_other_modality():
    trials = sample_trials("ctxdm1", 1600, Noiseless(3))
    step, table = trials.periods["stimulus"].start, trials.conditions
    other = [strengths(row[17:33])[p] for row, p in zip(trials.inputs[step], table["place 1"], strict=True)]
    assert evenly(table["evidence"].round(3), np.round(other, 3), expected=64)
    delayed = sample_trials("dlydm2", 4000, seed=0).conditions["evidence"].round(3)
    assert set(delayed) == {-0.7, -0.4, -0.3, 0.3, 0.4, 0.7} and evenly(delayed, expected=6)


@pytest.mark.parametrize(("name", "ties"), [("multidm", 1 / 8), ("multidlydm", 1 / 6)])
def test_ties_are_broken_at_random(name, ties):
    trials = sample_trials(name, 6000, seed=4)
    table, answer = trials.conditions, trials.targets[-1] - 1
    tie = table["evidence"] == 0
    assert stats.binomtest(int(tie.sum()), len(tie), ties).pvalue > 1e-3
    first = answer == table["place 1"]
    assert (first | (answer == table["place 2"])).all()
    assert stats.binomtest(int(first[tie].sum()), int(tie.sum())).pvalue > 1e-3
    np.testing.assert_array_equal(first[~tie], table["evidence"][~tie] > 0)


@pytest.mark.parametrize("name", ["dms", "dnms", "dmc", "dnmc"])
def test_matches_and_their_answers(name):
    trials = sample_trials(name, 4000, seed=5)
    table, answer = trials.conditions, trials.targets[-1]
    assert evenly(table["match"], table["modality"], expected=4)
    go = table["match"] == (name in ("dms", "dmc"))
    np.testing.assert_array_equal(answer, np.where(go, 1 + table["place 2"], 0))
    if name in ("dmc", "dnmc"):  # the rule as published: above 8 as a sample, from 8 on as a test
        same = (table["place 1"] > 8) == (table["place 2"] >= 8)
        np.testing.assert_array_equal(table["match"] == 1, same)
        eight = table["place 1"] == 8
        assert set(table["place 2"][eight & (table["match"] == 1)]) == set(range(8))
    else:
        away = (table["place 2"] - table["place 1"]) % 16
        np.testing.assert_array_equal(away, np.where(table["match"] == 1, 0, 8))


# ------------------------------------------------------------------------------ the stream


def cut(inputs, targets):
    """Trials of one lane, in their order: name, inputs but those that name it, targets."""
    which = inputs[:, -20:].argmax(axis=1)
    assert (inputs[:, -20:].sum(axis=1) == 1).all()
    borders = [0, *(np.flatnonzero(np.diff(which)) + 1), len(which)]
    spans = [slice(a, b) for a, b in itertools.pairwise(borders)]
    return [(NAMES[which[s.start]], inputs[s, :-20], targets[s]) for s in spans]


def lanes(window, batch, n_windows, rng, **which):
    """Windows put end to end, by lane: inputs (step, channel) and targets (step,)."""
    drawn = itertools.islice(cog_stream.windows(window, batch, rng, **which), n_windows)
    inputs, targets = (np.concatenate(part) for part in zip(*drawn, strict=True))
    assert inputs.dtype == np.float32 and targets.dtype == np.int64
    return [(inputs[:, i], targets[:, i]) for i in range(batch)]


@pytest.mark.parametrize("window", [100, 7])
def test_a_lane_is_a_chain_of_neurogyms_trials_over_the_borders_of_windows_and_blocks(window):
    for lane in lanes(window, 2, 2300 // window, Noiseless(6)):
        *whole, rest = cut(*lane)
        assert sum(len(targets) for _, _, targets in whole) + len(rest[2]) == 2300 // window * window
        for trial in whole:  # that no task comes twice running is what tells trials apart
            assert_neurogym_agrees(*trial)


def test_modality_alternates_within_each_task_and_lane():
    starts = set()
    for lane in lanes(100, 3, 60, np.random.default_rng(7)):
        seen = {}
        for name, inputs, _ in cut(*lane):
            if TASKS[name].family in ALTERNATING:
                seen.setdefault(name, []).append(bool(inputs[:, 17:].any()))
        for values in seen.values():
            assert all(a != b for a, b in itertools.pairwise(values[:-1])), "a last trial may be cut short"
            starts.add(values[0])
    assert starts == {False, True}


def test_tasks_fixations_and_neighbors_come_evenly():
    trials = [t for lane in lanes(100, 16, 200, np.random.default_rng(8)) for t in cut(*lane)[1:-1]]
    order = np.array([NAMES.index(name) for name, *_ in trials])
    assert stats.chisquare(np.bincount(order, minlength=20)).pvalue > 1e-3
    step = (order[1:] - order[:-1]) % 20
    assert stats.chisquare(np.bincount(step[step > 0], minlength=20)[1:]).pvalue > 1e-3
    short = [TASKS[n].steps() - len(y) for n, _, y in trials if TASKS[n].fixation is None]
    assert len(set(short)) == 3 and stats.chisquare(np.bincount(short)).pvalue > 1e-3


def test_lanes_are_independent():
    (a, _), (b, _) = lanes(100, 2, 200, np.random.default_rng(9))
    share = np.mean((a[:, -20:] * b[:, -20:]).sum(axis=1))
    expected = (a[:, -20:].mean(axis=0) * b[:, -20:].mean(axis=0)).sum()
    assert abs(share - expected) < 0.02
    both = (a[:, 0] % 1 != 0) & (b[:, 0] % 1 != 0)  # steps in which the cue is noisy in either lane
    assert both.sum() > 500
    assert abs(np.corrcoef(a[both, 0], b[both, 0])[0, 1]) < 4 / both.sum() ** 0.5


def test_the_seed_decides():
    one, same, other = (lanes(50, 2, 5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[0][0], same[0][0])
    assert not np.array_equal(one[0][0], other[0][0])
    a, b, c = (sample_trials("dm1", 5, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(a.inputs, b.inputs)
    assert not np.array_equal(a.inputs, c.inputs)


def test_what_was_yielded_stays_as_it_is():
    stream = cog_stream.windows(100, 2, np.random.default_rng(0))
    first = next(stream)
    copy = [part.copy() for part in first]
    for _ in itertools.islice(stream, 25):
        pass
    for part, before in zip(first, copy, strict=True):
        np.testing.assert_array_equal(part, before)


def test_the_stream_is_the_one_that_the_stored_networks_have_seen():
    """Recipes name the weights in the store: another stream of the same seed would make them wrong."""
    digest = hashlib.sha256()
    for inputs, targets in itertools.islice(
        tasks.windows("cog_20", 100, 16, np.random.default_rng([0, 1])), 22
    ):
        digest.update(targets.astype(np.uint8).tobytes())
        digest.update(inputs[..., -20:].argmax(-1).astype(np.uint8).tobytes())
    assert digest.hexdigest()[:16] == "403cb2cf710d2749"


@pytest.mark.parametrize("names", [FEW, ("rtgo",), ["dnmc", "dm2"]])
def test_a_stream_may_hold_some_of_the_tasks(names):
    for inputs, targets in lanes(100, 2, 25, Noiseless(3), names=names):
        assert inputs.shape[1] == 53
        trials = cut(inputs, targets)
        assert {name for name, *_ in trials} == set(names)
        if len(names) > 1:
            for trial in trials[:-1]:
                assert_neurogym_agrees(*trial)


def test_six_tasks_have_a_name_of_their_own():
    ours = next(tasks.windows("cog_6", 40, 3, np.random.default_rng(5)))
    theirs = next(cog_stream.windows(40, 3, np.random.default_rng(5), FEW))
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert len(tasks.get("cog_6").inputs) == len(tasks.get("cog_20").inputs) == 53
    assert set(FEW) < set(NAMES) and len(FEW) == 6


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dm3", 5, 0), r"unknown task 'dm3' \(near: dm\d?.*\); allowed: go, rtgo"),
        (("ctxdm", 5, 0), "near: ctxdm"),
        (("?", 5, 0), r"unknown task '\?'; allowed: go"),
        ((None, 5, 0), "unknown task None"),
        (("go", 0, 0), "n_trials is 0; allowed: a whole number of at least 1"),
        (("go", 5, 0, 2.5), "fixation is 2.5; allowed"),
        (("go", 5, 0, 5, 15), "dim_ring is 15; allowed: an even number of places, at least 2"),
        (("go", 5, 0, 5, 0), "dim_ring is 0; allowed"),
        (("go", 5, 0, 5, 1), "dim_ring is 1; allowed"),
        (("go", 5, 0, 5, 16.0), "dim_ring is 16.0; allowed"),
    ],
)
def test_bad_trials_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        sample_trials(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 2), "window is 0; allowed"),
        ((10, -1), "batch is -1; allowed"),
        ((10, 2, ["go", "gone"]), r"unknown task 'gone' \(near: go"),
        ((10, 2, []), r"tasks are \[\]; allowed: different ones, at least one"),
        ((10, 2, ["go", "go"]), r"tasks are \['go', 'go'\]; allowed"),
        ((10, 2, NAMES, 7), "dim_ring is 7; allowed"),
    ],
)
def test_bad_streams_are_refused(arguments, message):
    window, batch, *more = arguments
    with pytest.raises(ValueError, match=message):
        next(cog_stream.windows(window, batch, np.random.default_rng(0), *more))


def test_a_stream_has_no_trials_of_one_length():
    with pytest.raises(
        ValueError, match=r"trials of cog_20 differ in length; allowed: one task, from cog_ta"
    ):
        tasks.sample_trials("cog_20", 3, 0)
