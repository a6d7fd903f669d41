"""Trials: neurogym's own environments are the oracle."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fcmod_utils import tasks

PDM, GNG = "perceptual_decision_making", "go_nogo"
NAMES = [PDM, GNG]  # the one-choice tasks have a file of their own


class Noiseless(np.random.Generator):
    """A real generator whose normal draws are all 0: what is left of a trial is its signal."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))

    def standard_normal(self, size=None, **_):
        return np.zeros(size)


def conditions_of(name):
    """All combinations of conditions, as arrays with one entry per trial."""
    if name == GNG:
        return {"ground_truth": np.array([0, 1])}
    truth, coherence = zip(*itertools.product((0, 1), tasks.COHERENCES), strict=True)
    return {"ground_truth": np.array(truth), "coherence": np.array(coherence)}


def neurogym_trial(env, **conditions):
    """One trial of an environment: observations (time, channel) and labels (time,)."""
    env.new_trial(**{{"coherence": "coh"}.get(k, k): v for k, v in conditions.items()})
    return env.ob.copy(), env.gt.copy()


def stimulus_noise(name, n_trials, seed, dt_ms):
    """What is random in the stimulus channels, shape (stimulus step, trial, 2)."""
    fixed = {"ground_truth": 0, "coherence": 25.6}
    noisy = tasks.sample_trials(name, n_trials, seed, dt_ms, **fixed)
    clean = tasks.sample_trials(name, n_trials, Noiseless(seed), dt_ms, **fixed)
    difference = noisy.inputs - clean.inputs
    steps = noisy.periods["stimulus"]
    assert not np.delete(difference, np.r_[steps], axis=0).any(), "noise outside the stimulus"
    assert not difference[:, :, 0].any(), "noise on the fixation channel"
    return difference[steps, :, 1:]


@pytest.mark.parametrize("dt_ms", [100, 50, 20])
@pytest.mark.parametrize("name", NAMES)
def test_signal_timing_and_labels_equal_neurogym_trial_by_trial(name, dt_ms):
    conditions = conditions_of(name)
    n_trials = len(conditions["ground_truth"])
    ours = tasks.sample_trials(name, n_trials, Noiseless(0), dt_ms, **conditions)
    env = tasks.neurogym_env(name, dt_ms)
    env.sigma = 0
    assert ours.inputs.dtype == np.float32
    assert ours.targets.dtype == np.int64
    for trial in range(n_trials):
        ob, gt = neurogym_trial(env, **{k: v[trial] for k, v in conditions.items()})
        np.testing.assert_allclose(ours.inputs[:, trial], ob, rtol=1e-6)
        np.testing.assert_array_equal(ours.targets[:, trial], gt)
    for period, steps in ours.periods.items():
        assert (steps.start, steps.stop) == (env.start_ind[period], env.end_ind[period])


@given(dt_ms=st.integers(4, 100), name=st.sampled_from(NAMES))
@settings(max_examples=25, deadline=None)
def test_any_time_step_gives_neurogyms_shapes(dt_ms, name):
    ob, gt = neurogym_trial(tasks.neurogym_env(name, dt_ms), ground_truth=1)
    ours = tasks.sample_trials(name, 1, 0, dt_ms, ground_truth=1)
    assert ours.inputs[:, 0].shape == ob.shape
    np.testing.assert_array_equal(ours.targets[:, 0], gt)


def test_default_sizes_are_those_of_the_paper():
    assert tasks.get(PDM).n_steps(100) == 22
    assert tasks.get(GNG).n_steps(100) == 15
    strongest = tasks.sample_trials(PDM, 1, Noiseless(0), ground_truth=1, coherence=51.2)
    np.testing.assert_allclose(strongest.inputs[5, 0], [1, 0.244, 0.756], rtol=1e-6)
    np.testing.assert_array_equal(strongest.inputs[-1, 0], [0, 0, 0])
    assert strongest.times_ms[[0, 1, -1]].tolist() == [-100, 0, 2000]


@pytest.mark.parametrize("name", NAMES)
def test_channels_and_conditions_are_neurogyms(name):
    task, env = tasks.get(name), tasks.neurogym_env(name)
    assert len(task.inputs) == env.observation_space.shape[0]
    assert len(task.outputs) == env.action_space.n
    if name == PDM:
        assert tuple(env.cohs) == tasks.COHERENCES


@pytest.mark.parametrize("dt_ms", [100, 20])
def test_noise_is_white_and_has_the_distribution_of_neurogyms(dt_ms):
    noise = stimulus_noise(PDM, 300, 0, dt_ms).astype(float)
    sd = dt_ms**-0.5  # 0.1 at 100 ms
    count = noise.size
    assert abs(noise.mean()) < 4 * sd / count**0.5
    assert abs(noise.std() / sd - 1) < 4 / (2 * count) ** 0.5
    assert stats.kstest(noise.ravel() / sd, "norm").pvalue > 1e-3
    for a, b in (
        (noise[:-1], noise[1:]),  # step after step
        (noise[:, :-1], noise[:, 1:]),  # trial after trial
        (noise[..., 0], noise[..., 1]),  # between the two stimuli
    ):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / a.size**0.5

    env = tasks.neurogym_env(PDM, dt_ms)
    env.seed(0)
    steps = tasks.get(PDM).periods(dt_ms)["stimulus"]
    theirs = [neurogym_trial(env, ground_truth=0, coherence=0)[0][steps, 1:] - 0.5 for _ in range(100)]
    assert stats.ks_2samp(noise.ravel(), np.ravel(theirs)).pvalue > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_conditions_are_equally_frequent_and_independent(name):
    table = tasks.sample_trials(name, 4000, seed=1).conditions
    _, counts = np.unique(np.stack(list(table.values()), axis=1), axis=0, return_counts=True)
    assert len(counts) == len(conditions_of(name)["ground_truth"])
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_conditions_describe_their_trials(name):
    trials = tasks.sample_trials(name, 50, Noiseless(3))
    again = tasks.sample_trials(name, 50, Noiseless(4), **trials.conditions)
    np.testing.assert_array_equal(trials.inputs, again.inputs)
    np.testing.assert_array_equal(trials.targets, again.targets)
    assert len(trials) == 50


def test_stock_neurogym_shows_the_fixation_cue_in_the_first_period_only():
    """Why we do not use neurogym 2.3.1 as it is.

    Since 2.1 its perceptual task ends the fixation cue with the fixation period, so the network
    would have to count 20 steps to know when to answer. The paper's version holds the cue until
    the decision, and its end is the go signal. Nothing else differs.
    """
    from neurogym.envs.native.perceptualdecisionmaking import PerceptualDecisionMaking

    stock, _ = neurogym_trial(PerceptualDecisionMaking(sigma=0), ground_truth=0, coherence=51.2)
    ours = tasks.sample_trials(PDM, 1, Noiseless(0), ground_truth=0, coherence=51.2).inputs[:, 0]
    assert stock[:, 0].tolist() == [1] + [0] * 21
    assert ours[:, 0].tolist() == [1] * 21 + [0]
    np.testing.assert_allclose(ours[:, 1:], stock[:, 1:], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides(name):
    a, b, other = (tasks.sample_trials(name, 20, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(a.inputs, b.inputs)
    assert not np.array_equal(a.inputs, other.inputs)
    rng = np.random.default_rng(5)
    first, second = (tasks.sample_trials(name, 20, rng) for _ in range(2))
    np.testing.assert_array_equal(first.inputs, a.inputs)
    assert not np.array_equal(second.inputs, a.inputs), "the generator did not move on"


# ------------------------------------------------------------------------------ training windows


def streams(name, window, batch, n_windows, rng, dt_ms=100.0):
    """The lanes of a batch: consecutive windows put end to end, cut at trial borders."""
    parts = list(itertools.islice(tasks.windows(name, window, batch, rng, dt_ms), n_windows))
    return whole_trials(*(np.concatenate(part) for part in zip(*parts, strict=True)), name, dt_ms)


def whole_trials(inputs, targets, name, dt_ms=100.0):
    """(time, lane, ...) cut into trials: inputs (trial, step, lane, channel) and targets."""
    length = tasks.get(name).n_steps(dt_ms)
    kept = len(inputs) // length * length
    return tuple(a[:kept].reshape(-1, length, *a.shape[1:]) for a in (inputs, targets))


def assert_made_of(name, inputs, targets, dt_ms=100.0):
    """Every trial of every lane is one that the task can make, in full and in step with its label."""
    truth = targets[:, -1] - (name == PDM)
    coherence = {} if name == GNG else {"coherence": 0}
    for lane in range(inputs.shape[2]):
        made = tasks.sample_trials(
            name, len(inputs), Noiseless(0), dt_ms, ground_truth=truth[:, lane], **coherence
        )
        np.testing.assert_array_equal(targets[:, :, lane].T, made.targets)
        np.testing.assert_array_equal(inputs[:, :, lane, 0].T, made.inputs[:, :, 0])
        if name == GNG:
            np.testing.assert_array_equal(inputs[:, :, lane].swapaxes(0, 1), made.inputs)
        else:
            np.testing.assert_array_equal(inputs[..., lane, 1:].any((0, 2)), made.inputs[..., 1:].any((1, 2)))


@pytest.mark.parametrize("window", [1, 7, 30, 44])
@pytest.mark.parametrize("name", NAMES)
def test_windows_are_endless_streams_of_whole_trials(name, window):
    length = tasks.get(name).n_steps(100)
    n_windows = 3 * np.lcm(window, length) // window + 2  # over the border of two blocks
    inputs, targets = streams(name, window, 3, n_windows, np.random.default_rng(0))
    assert len(inputs) == n_windows * window // length
    assert_made_of(name, inputs, targets)


def test_windows_in_shorter_time_steps():
    inputs, targets = streams(PDM, 64, 2, 8, np.random.default_rng(0), dt_ms=50.0)
    assert_made_of(PDM, inputs, targets, dt_ms=50.0)


@pytest.mark.parametrize("name", NAMES)
def test_windows_have_the_shapes_and_cuts_of_neurogyms_dataset(name):
    from neurogym.utils.data import Dataset

    window, batch = 40, 3
    data = Dataset(tasks.neurogym_env(name), batch_size=batch, seq_len=window, cache_len=400)
    data.seed(0)
    theirs = [tuple(part.copy() for part in data()) for _ in range(6)]
    ours = list(itertools.islice(tasks.windows(name, window, batch, np.random.default_rng(0)), 6))
    for (x, y), (ob, gt) in zip(ours, theirs, strict=True):
        assert x.shape == ob.shape == (window, batch, 3)
        assert y.shape == gt.shape == (window, batch)
        assert x.dtype == ob.dtype == np.float32
    for batches in (ours, theirs):
        joined = [np.concatenate(part) for part in zip(*batches, strict=True)]
        assert_made_of(name, *whole_trials(*joined, name))


def test_evidence_in_a_stream_belongs_to_its_label():
    inputs, targets = streams(PDM, 100, 4, 11, Noiseless(0))
    evidence = (inputs[..., 1] - inputs[..., 2]).sum(axis=1)
    sign = np.sign(np.round(evidence, 4))
    label = targets[:, -1]
    assert set(sign[label == 1].tolist()) <= {0.0, 1.0}
    assert set(sign[label == 2].tolist()) <= {0.0, -1.0}
    assert (sign == 0).mean() < 0.5


def test_no_trial_comes_twice():
    inputs, _ = streams(PDM, 22, 4, 60, np.random.default_rng(0))
    first_noise = inputs[:, 1, :, 1].ravel()
    assert len(np.unique(first_noise)) > 0.99 * len(first_noise)


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("go-nogo", 3, 0), "unknown task 'go-nogo'; allowed: perceptual_decision_making, go_nogo"),
        ((PDM, 0, 0), "n_trials is 0; allowed: a whole number of at least 1"),
        ((PDM, -2, 0), "n_trials is -2; allowed"),
        ((PDM, 2.5, 0), "n_trials is 2.5; allowed"),
        ((PDM, True, 0), "n_trials is True; allowed"),
        ((PDM, "3", 0), "n_trials is '3'; allowed"),
        ((PDM, 3, 0, 0), "dt_ms is 0; allowed for perceptual_decision_making: above 0, up to 100"),
        ((PDM, 3, 0, 101), "dt_ms is 101; allowed"),
        ((PDM, 3, 0, float("nan")), "dt_ms is nan; allowed"),
        ((GNG, 3, 0, 501), "dt_ms is 501; allowed for go_nogo: above 0, up to 500"),
    ],
)
def test_bad_arguments_are_named_with_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        tasks.sample_trials(*arguments)


@pytest.mark.parametrize(
    ("name", "conditions", "message"),
    [
        (PDM, {"side": 1}, r"no condition \['side'\]; allowed: \['ground_truth', 'coherence'\]"),
        (GNG, {"coherence": 6.4}, r"no condition \['coherence'\]; allowed: \['ground_truth'\]"),
        (GNG, {"ground_truth": 2}, r"ground_truth is 2; allowed: 0 or 1"),
        (PDM, {"ground_truth": [0, 1, 5]}, r"ground_truth is \[0, 1, 5\]; allowed: 0 or 1"),
        (PDM, {"ground_truth": [0, 1]}, r"ground_truth is \[0, 1\]; allowed: .* each of 3 trials"),
        (PDM, {"coherence": float("nan")}, "coherence is nan; allowed"),
        (PDM, {"coherence": -6.4}, "coherence is -6.4; allowed"),
        (PDM, {"coherence": 101}, "coherence is 101; allowed"),
    ],
)
def test_bad_conditions_are_named_with_what_is_allowed(name, conditions, message):
    with pytest.raises(ValueError, match=message):
        tasks.sample_trials(name, 3, 0, **conditions)


def test_what_many_tasks_do_not_have_is_named():
    with pytest.raises(ValueError, match=r"no condition \['ground_truth'\]"):
        tasks.sample_trials("cog_20", 4, 0, ground_truth=1)
    with pytest.raises(ValueError, match="cog_20 is many tasks"):
        tasks.neurogym_env("cog_20")


def test_means_want_the_stronger_stimulus():
    assert tasks.perceptual_means(20, [0, 1]).tolist() == [[0.6, 0.4], [0.4, 0.6]]
    with pytest.raises(ValueError, match=r"ground_truth is \[1, 2\]; allowed: 0 or 1"):
        tasks.perceptual_means(20, [1, 2])


def test_conditions_may_be_whole_or_decimal_numbers():
    a = tasks.sample_trials(PDM, 2, 0, ground_truth=[0.0, 1.0], coherence=26)
    b = tasks.sample_trials(PDM, 2, 0, ground_truth=[0, 1], coherence=26.0)
    np.testing.assert_array_equal(a.inputs, b.inputs)
    assert a.conditions["ground_truth"].dtype == np.int64
    assert a.conditions["coherence"].dtype == np.float64


def test_trials_are_read_only_records():
    with pytest.raises(AttributeError):
        tasks.sample_trials(GNG, 2, 0).dt_ms = 5
    assert replace(tasks.sample_trials(GNG, 2, 0), dt_ms=5).times_ms[1] == 5
