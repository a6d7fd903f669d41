"""The one-choice task: neurogym's environment, the article's table and counting by hand are the oracle."""

import numpy as np
import pytest
from test_tasks import Noiseless

from fcmod_utils import inference, tasks

NAMES = list(inference.TASKS)
TOWARD = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}


def cases_of(name):
    return inference.TASKS[name].draw.keywords.get("cases", inference.REGULAR)


@pytest.mark.parametrize("name", NAMES)
def test_signal_timing_and_labels_equal_the_environment_trial_by_trial(name):
    env, clean = tasks.neurogym_env(name), inference.each_case(name)
    env.sigma = 0
    for case in range(len(clean)):
        env.new_trial(case=case)
        np.testing.assert_array_equal(clean.inputs[:, case], env.ob)
        assert (env.gt[:-1] == -1).all()
        assert name == "one_choice_random" or env.gt[-1] == clean.targets[-1, case]
    for period, steps in clean.periods.items():
        assert (steps.start, steps.stop) == (env.start_ind[period], env.end_ind[period])
    assert len(tasks.get(name).inputs) == env.observation_space.shape[0]
    assert len(tasks.get(name).outputs) == env.action_space.n


def test_the_environment_rewards_the_right_answer_at_the_last_step_only():
    env = tasks.neurogym_env("one_choice")
    env.seed(0)
    env.reset(options={"no_step": True})
    rewards, ends = zip(*[env.step(env.gt[-1])[1::3] for _ in range(50)], strict=True)
    assert rewards == (0.0,) * 49 + (1.0,)
    assert [end["new_trial"] for end in ends] == [False] * 49 + [True]


def test_every_answer_brings_one_nearer_to_the_goal_and_the_other_does_not():
    for goal, *offered, answer in inference.HARD:
        place = np.sum([TOWARD[part] for part in goal.split("-")], axis=0)
        gain = {d: np.dot(place, TOWARD[d]) for d in offered}
        assert sorted(gain.values()) == [-1, 1]
        assert gain[answer] == 1


def test_lists_are_the_articles():
    sets = [{(goal, frozenset(pair), answer) for goal, *pair, answer in cases}
            for cases in (inference.REGULAR, inference.HARD)]  # fmt: skip
    assert [len(one) for one in sets] == [8, 16]
    assert sets[0] < sets[1]
    assert tasks.get("one_choice").n_steps(100) == 50
    assert [tasks.get(n).n_steps(100) for n in ("one_choice_short", "one_choice_long")] == [45, 60]


def test_who_ignores_the_goal_gets_five_of_eight():
    """By trying every rule from pairs of options to answers."""
    trials = inference.each_case("one_choice")
    best = 0.0
    options, answers = trials.conditions["options"], trials.targets[-1]
    for pair in np.unique(options):
        best += np.bincount(answers[options == pair]).max()
    assert best / 8 == 0.625 == inference.goal_blind_accuracy()


@pytest.mark.parametrize("name", NAMES)
def test_trials_are_their_case_and_noise_on_every_input(name):
    trials, clean = tasks.sample_trials(name, 400, seed=1), inference.each_case(name)
    case = trials.conditions["case"]
    noise = trials.inputs - clean.inputs[:, case]
    sd = {"one_choice_quiet": 0.01, "one_choice_noisy": 0.2}.get(name, 0.05)
    assert abs(noise.std() / sd - 1) < 0.01
    assert abs(noise.mean(axis=(0, 1))).max() < 0.05 * sd
    for condition in ("goal", "options"):
        np.testing.assert_array_equal(trials.conditions[condition], clean.conditions[condition][case])
    np.testing.assert_array_equal(trials.targets[-1], trials.conditions["ground_truth"])
    assert len(np.unique(case)) == len(clean)
    if name != "one_choice_random":
        np.testing.assert_array_equal(trials.targets[-1], clean.targets[-1, case])


def test_random_labels_say_nothing_about_the_case():
    trials = tasks.sample_trials("one_choice_random", 4000, seed=2)
    table = np.zeros((8, 4))
    np.add.at(table, (trials.conditions["case"], trials.targets[-1]), 1)
    assert table.min() > 80


def test_a_case_can_be_fixed_and_noise_keeps_its_size_at_other_time_steps():
    fixed = tasks.sample_trials("one_choice", 3, Noiseless(0), case=[1, 1, 7])
    np.testing.assert_array_equal(fixed.inputs, inference.each_case("one_choice").inputs[:, [1, 1, 7]])
    fine = tasks.sample_trials("one_choice", 20, 0, dt_ms=50.0, case=0)
    assert len(fine.inputs) == 100
    assert abs(fine.inputs[:40, :, 7].std() / (0.05 * 2**0.5) - 1) < 0.05


def test_windows_are_whole_trials():
    inputs, targets = next(tasks.windows("one_choice", 50, 6, np.random.default_rng(0)))
    assert inputs.shape == (50, 6, 8)
    assert (targets[:-1] == -1).all() and (targets[-1] >= 0).all()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="case is 8; allowed: 0 to 7, once or for each of 2 trials"):
        tasks.sample_trials("one_choice", 2, 0, case=8)
    with pytest.raises(ValueError, match=r"no condition \['coherence'\]; allowed: \['case'\]"):
        tasks.sample_trials("one_choice", 2, 0, coherence=1)
    with pytest.raises(ValueError, match="task is 'go_nogo'; allowed: one_choice"):
        inference.each_case("go_nogo")
    with pytest.raises(ValueError, match="dt_ms is 3000; allowed"):
        inference.each_case("one_choice", 3000)
