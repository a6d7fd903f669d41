"""Pictures of networks of many tasks: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fcmod_utils import cog_tasks, task_plots, task_variance


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def drawn(ax, label):
    """Coordinates of the line with this label."""
    return next(line.get_xydata() for line in ax.lines if line.get_label() == label)


def test_a_trial_has_its_inputs_and_its_answer_in_strips(ax):
    trials = cog_tasks.sample_trials("anti", 3, seed=0)
    task_plots.trial(ax, trials, 2, "anti")
    cue, one, other, due = (image.get_array() for image in ax.images)
    assert (cue == trials.inputs[:, 2, 0]).all()
    np.testing.assert_array_equal(np.vstack([one, other]).T, trials.inputs[:, 2, 1:33])
    assert (due.argmax(axis=0)[-5:] == trials.conditions["place"][2]).all() and not due[:, :-5].any()


def test_importance_is_ranked_and_leaves_out_what_never_varies(ax):
    variance = np.array([[0, 0], [1, 2], [4, 1], [0.5, 0]])
    task_plots.importance(ax, {"bimt": [variance]}, {2: 1.0})
    assert drawn(ax, "BIMT").tolist() == [[1, 5], [2, 3], [3, 0.5]]
    assert drawn(ax, "article").tolist() == [[2, 1]]


def test_each_network_has_a_mark_in_each_task(ax):
    found = {"bimt": np.array([[0.9, 0.8], [0.7, 0.6]]), "none": np.array([[0.5, 0.4]])}
    task_plots.accuracies(ax, found, np.array([1, 0.9]), ("go", "dm1"))
    assert drawn(ax, "BIMT")[:, 1].tolist() == [0.9, 0.7, 0.8, 0.6] and len(drawn(ax, "no penalty")) == 2
    assert [text.get_text() for text in ax.get_xticklabels()] == ["go", "dm1"]


def test_units_stand_by_group_and_the_best_number_is_marked(ax):
    x = np.repeat(np.eye(3), 4, axis=0)[np.random.default_rng(0).permutation(12)]
    x += 0.01 * np.random.default_rng(1).random(x.shape)
    found = task_variance.cluster(x)
    task_plots.variance_map(ax, x, found, "abc")
    assert (ax.images[0].get_array().argmax(axis=0) == np.repeat([0, 1, 2], 4)).all()
    _, other = plt.subplots()
    task_plots.silhouettes(other, [found], task_variance.by_chance(x, copies=2), "Ward")
    assert drawn(other, "best").tolist() == [[3, found.silhouette]]
    plt.close(other.figure)


def test_a_move_shows_where_the_unit_is_and_where_it_should_be(ax):
    places = np.indices((2, 3)).reshape(2, -1).T
    task_plots.moves(ax, np.array([0, 1, 2, -3, 4, 5.0]), places, 0)
    assert drawn(ax, "now").tolist() == [[0, 0]] and drawn(ax, "best").tolist() == [[0, 1]]  # (column, row)
    assert ax.images[0].get_array()[1, 0] == -3


def test_a_sheet_shows_groups_and_the_strongest_connections(ax):
    places = np.indices((2, 2)).reshape(2, -1).T
    w = np.array([[9, 0, 0, 2], [0, 0, 1, 0], [0, 0, 0, 0], [0, 3, 0, 0.0]])
    task_plots.sheet(ax, places, np.array([0, 1, -1, 1]), w, n_shown=2)
    lines = [line.get_xydata().tolist() for line in ax.lines]
    assert lines[:2] == [[[0, 0], [1, 1]], [[1, 1], [1, 0]]]
    assert lines[2:] == [[[0, 1]], [[0, 0]], [[1, 0], [1, 1]]]


def test_neurons_lie_where_they_sit_and_groups_differ_in_mark_and_color(ax):
    places, labels = np.indices((4, 4)).reshape(2, -1).T, np.array([0, 0, 1, -1] * 4)
    task_plots.neurons(ax, places, labels)
    inactive, *groups = ax.lines
    assert [len(line.get_xdata()) for line in (inactive, *groups)] == [4, 8, 4]
    np.testing.assert_array_equal(groups[1].get_xydata(), places[labels == 1][:, ::-1])
    ax.clear()
    task_plots.neurons(ax, places, np.arange(16))
    assert len({(line.get_color(), line.get_marker()) for line in ax.lines[1:]}) == 16


def test_a_spike_at_the_start_does_not_flatten_the_rest(ax):
    loss = np.full(100, 0.05)
    loss[0] = 500
    task_plots.training(ax, {"bimt": [loss], "l1": [loss]}, 1000)
    assert ax.get_ylim()[1] == pytest.approx(1) and drawn(ax, "L1")[0].tolist() == [5, 500]
