"""Pictures of embedded networks: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fcmod_utils import constraints, inference, sernn, spatial_plots
from fcmod_utils.scale import SCALES


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_a_case_shows_its_answer_among_the_options(ax):
    trials = inference.each_case("one_choice")
    for which in range(8):
        ax.clear()
        spatial_plots.case(ax, trials, which)
        (row,) = ax.lines[0].get_ydata()
        assert trials.inputs[-1, which, int(row)] == 1


def test_networks_that_fail_are_crosses(ax):
    population = sernn.population("sernn", SCALES["quick"])
    spatial_plots.against(ax, population.strengths, population, "q", "sernn")
    passing, failing = ax.lines
    assert (passing.get_marker(), failing.get_marker()) == ("o", "x")
    assert len(passing.get_xdata()) == population.working.sum()
    assert len(failing.get_xdata()) == (~population.working).sum() > 0


def test_a_box_shows_the_strongest_connections_and_marks_strong_self_connections():
    w = np.random.default_rng(0).random((27, 27))
    np.fill_diagonal(w, 0)
    w[4, 4] = 5
    fig = plt.figure()
    ax = fig.add_subplot(projection="3d")
    spatial_plots.box(ax, constraints.box(27), w, share=0.1)
    assert len(ax.lines) == round(0.1 * 27 * 26)
    heavy, rest = ax.collections
    assert (len(heavy._offsets3d[0]), len(rest._offsets3d[0])) == (1, 26)
    plt.close(fig)


def test_maps_are_shares_of_their_maximum_and_dots_mark_cells():
    maps = {"q": np.arange(6.0).reshape(3, 2), "accuracy": np.ones((3, 2))}
    meets = np.zeros((3, 2), bool)
    meets[2, 1] = True
    fig, axes = plt.subplots(1, 2)
    spatial_plots.window(axes, maps, meets)
    np.testing.assert_allclose(axes[0].images[0].get_array(), maps["q"] / 5)
    assert [axes[0].lines[0].get_xdata().tolist(), axes[0].lines[0].get_ydata().tolist()] == [[1], [2]]
    plt.close(fig)
