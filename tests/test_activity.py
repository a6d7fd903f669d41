"""Activity: rows, choices and accuracies, by hand."""

import numpy as np
import pytest

from fcmod_utils import activity, networks, tasks

PDM = "perceptual_decision_making"


def made_trials(coherence, truth):
    """Perceptual trials with given conditions."""
    return tasks.sample_trials(PDM, len(truth), 0, ground_truth=truth, coherence=coherence)


def answers(choices, n_outputs=3):
    """Outputs (trial, output) whose largest entry is the choice."""
    return np.eye(n_outputs, dtype=np.float32)[np.asarray(choices)]


def test_rows_put_trials_one_after_the_other():
    hidden = np.arange(2 * 4 * 3 * 5).reshape(2, 4, 3, 5)  # network, time, trial, unit
    joined = activity.rows(hidden)
    assert joined.shape == (2, 12, 5)
    assert {tuple(row) for row in joined[1]} == {tuple(hidden[1, t, k]) for t in range(4) for k in range(3)}
    for steps in (slice(1, 3), slice(None, None, 2)):
        np.testing.assert_array_equal(activity.rows(hidden[0], steps), activity.rows(hidden[0, steps]))
    np.testing.assert_array_equal(activity.rows(hidden)[0], activity.rows(hidden[0]))


def test_rows_of_two_arrays_stay_in_step():
    trials = tasks.sample_trials(PDM, 6, 0)
    joined = activity.rows(np.concatenate([trials.inputs, trials.inputs * 2], axis=-1))
    np.testing.assert_array_equal(joined[:, 3:], 2 * joined[:, :3])
    np.testing.assert_array_equal(joined[:, :3], activity.rows(trials.inputs))


def test_cumulative_difference_by_hand():
    trials = tasks.sample_trials(PDM, 3, 0)
    found = activity.cumulative_mean_difference(trials)
    assert found.shape == (20, 3)
    for step in (0, 1, 7, 19):
        seen = trials.inputs[1 : step + 2]
        expected = seen[:, :, 1].mean(0) - seen[:, :, 2].mean(0)
        np.testing.assert_allclose(found[step], expected, atol=1e-6)


def test_cumulative_difference_points_to_the_right_choice():
    trials = made_trials(51.2, [0, 1])
    last = activity.cumulative_mean_difference(trials)[-1]
    assert last[0] > 0.3
    assert last[1] < -0.3


def test_accuracy_by_hand_leaves_out_trials_without_an_answer():
    trials = made_trials([51.2, 6.4, 0, 0, 12.8, 12.8, 12.8], [0, 0, 0, 1, 1, 1, 1])
    chosen = [1, 2, 2, 1, 2, 0, 2]  # right, wrong, left out, left out, right, never answered, right
    found = activity.accuracy(answers(chosen), trials)
    assert found.keys() == {0, 1}
    assert found[0] == pytest.approx(1 / 2)
    assert found[1] == pytest.approx(2 / 3)


def test_accuracy_of_go_nogo_counts_every_trial():
    trials = tasks.sample_trials("go_nogo", 4, 0, ground_truth=[0, 1, 1, 1])
    found = activity.accuracy(answers([0, 1, 0, 0], 2), trials)
    assert (found[0], found[1]) == (1.0, pytest.approx(1 / 3))


@pytest.mark.parametrize("n_networks", [1, 2, 22])
def test_accuracy_of_many_networks_is_that_of_each(n_networks):
    """22 is the number of time steps of a trial: networks must not be taken for steps."""
    trials = made_trials(51.2, np.arange(12) % 2)
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(n_networks, 12, 3))
    found = activity.accuracy(outputs, trials)
    for truth in (0, 1):
        assert found[truth].shape == (n_networks,)
        for i in range(n_networks):
            assert found[truth][i] == activity.accuracy(outputs[i], trials)[truth]


def test_read_out_equals_the_outputs_of_a_run():
    nets = networks.initialize([0, 1, 2], 3, 7, 3)
    seen = networks.run(nets, tasks.sample_trials(PDM, 4, 0).inputs)
    np.testing.assert_allclose(activity.read_out(nets, seen.hidden), seen.outputs, rtol=1e-5, atol=1e-6)
    last = activity.read_out(nets, seen.hidden[:, -1])
    np.testing.assert_allclose(last, seen.outputs[:, -1], rtol=1e-5, atol=1e-6)
    assert last.shape == (3, 4, 3)
    with pytest.raises(ValueError, match=r"shape \(6, 4, 7\); allowed: \(3 networks, ..., 7 units\)"):
        activity.read_out(nets, np.zeros((6, 4, 7)))
