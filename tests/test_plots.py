"""Plots: the figure shows the numbers that it was given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from fcmod_utils import activity, flow, lesions, networks, plots, tasks, weight_plots


@pytest.fixture
def ax():
    with mpl.rc_context():
        mpl.use("agg")
        fig, ax = plt.subplots()
        yield ax
        plt.close(fig)


def test_a_matrix_is_drawn_in_order_of_modules(ax):
    w = np.arange(25.0).reshape(5, 5) / 25
    image = plots.module_matrix(ax, w, [1, 0, 1, 0, 2], limit=0.5, label="unit")
    order = [1, 3, 0, 2, 4]
    np.testing.assert_array_equal(image.get_array(), w[np.ix_(order, order)])
    assert image.get_clim() == (-0.5, 0.5)
    assert [text.get_text() for text in ax.texts] == ["1", "2", "3"], "readers count modules from 1"
    across = sorted({line.get_ydata()[0] for line in ax.lines if line.get_ydata()[0] == line.get_ydata()[1]})
    assert across == [1.5, 3.5], "a line where a module ends"
    bars = [line for line in ax.lines if not line.get_clip_on()]
    assert [to_hex(bar.get_color()) for bar in bars] == [c.lower() for c in plots.MODULE[:3]]
    assert ax.get_xlabel() == "unit"


def test_a_matrix_has_a_label_for_each_unit(ax):
    with pytest.raises(ValueError, match="2 labels for 3 units"):
        plots.module_matrix(ax, np.eye(3), [0, 1])


def test_a_matrix_of_one_module_has_no_lines(ax):
    plots.module_matrix(ax, np.eye(3), [0, 0, 0])
    assert len([line for line in ax.lines if line.get_clip_on()]) == 0


def test_a_spread_shows_every_network_its_median_and_middle_90_percent(ax):
    values = np.linspace(0, 1, 101)
    plots.spread(ax, 3.0, values, plots.GREY, mark="s")
    dots, bar, middle = ax.lines
    np.testing.assert_array_equal(dots.get_ydata(), values)
    assert abs(dots.get_xdata() - 3).max() < 0.5
    assert dots.get_marker() == "s"
    np.testing.assert_allclose(bar.get_ydata(), [0.05, 0.95])
    np.testing.assert_allclose(middle.get_ydata(), [0.5])
    plots.spread(ax, 3.0, values, plots.GREY)
    np.testing.assert_array_equal(ax.lines[3].get_xdata(), dots.get_xdata())  # jitter is seeded


def test_a_band_is_median_and_middle_90_percent(ax):
    values = np.linspace(0, 1, 101)[:, None] * [1, 10]
    plots.band(ax, [3, 4], values, marker="s")
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_ydata(), [0.5, 5])
    assert line.get_marker() == "s"
    corners = ax.collections[0].get_paths()[0].vertices
    for x, edges in ((3, [0.05, 0.95]), (4, [0.5, 9.5])):
        np.testing.assert_allclose(sorted(set(corners[corners[:, 0] == x, 1].round(9))), edges)


def test_units_in_the_plane_of_weights_have_a_mark_per_group(ax):
    w = np.array([[1.0, 0], [2, 1], [-1, 1]])
    weight_plots.weights_plane(ax, w, [0, 2, 0], "title", limit=4)
    first, third = ax.collections
    np.testing.assert_array_equal(first.get_offsets(), w[[0, 2]])
    np.testing.assert_array_equal(third.get_offsets(), w[[1]])
    assert [c.get_label() for c in ax.collections] == ["1", "3"], "readers count from 1"
    assert [to_hex(c.get_facecolor()[0]) for c in ax.collections] == [
        plots.MODULE[0].lower(), plots.MODULE[2].lower()
    ]  # fmt: skip
    assert len(first.get_paths()[0].vertices) != len(third.get_paths()[0].vertices), "marks differ"
    assert ax.get_xlim() == (-4, 4) and ax.get_ylim() == (-4, 4)


def test_units_by_rule_have_the_hue_of_the_stronger_input_and_the_mark_of_their_module(ax):
    w = np.array([[2.0, 1], [1, 2], [1, -1], [-1, 1], [-2, -1], [-1, -2]])
    weight_plots.rules_plane(ax, w, range(6), [0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal([c.get_offsets()[0] for c in ax.collections], w)
    first, second = (to_hex(color) for color in plots.STIMULUS)
    assert [to_hex(c.get_edgecolor()[0]) for c in ax.collections] == [
        first, second, plots.GREY.lower(), plots.GREY.lower(), first, second
    ]  # fmt: skip
    assert [len(c.get_facecolor()) > 0 for c in ax.collections] == [True] * 3 + [False] * 3
    shapes = [len(c.get_paths()[0].vertices) for c in ax.collections]
    assert shapes[0] == shapes[2] == shapes[4] != shapes[1] == shapes[3]


@pytest.mark.parametrize(
    ("dt_ms", "names", "edges"),
    [
        (100, ["stimulus"], [(0, 2000)]),
        (50, ["stimulus", "decision"], [(0, 2000), (2000, 2100)]),
        (20, ["fixation"], [(-100, 0)]),
    ],
)
def test_periods_are_shaded_in_ms_from_stimulus_onset(ax, dt_ms, names, edges):
    plots.periods(ax, tasks.sample_trials("perceptual_decision_making", 2, 0, dt_ms), names)
    found = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
    np.testing.assert_allclose(found, edges)
    assert "ms" in ax.get_xlabel()


@pytest.mark.parametrize(("coherence", "name"), [(12.8, "accuracy"), (0.0, "gave own choice")])
def test_lesion_panels_are_outputs_by_trial_type_as_in_the_lab(coherence, name):
    truth = np.arange(20) % 2
    trials = tasks.sample_trials("perceptual_decision_making", 20, 0, coherence=coherence, ground_truth=truth)
    runs = np.random.default_rng(0).normal(size=(2, *trials.targets.shape, 3))
    fig = plots.lesion_panels(trials, *runs, np.eye(4), [0, 0, 1, 1])
    for choice, ax in ((1, fig.axes[0]), (2, fig.axes[1])):
        assert f"choice {choice}" in ax.get_title(loc="left")
        for side, color in enumerate(plots.STIMULUS):
            intact, cut = [line for line in ax.lines if line.get_color() == color]
            assert (intact.get_linestyle(), cut.get_linestyle()) == ("-", "--")
            for line, outputs in ((intact, runs[0]), (cut, runs[1])):
                assert line.get_marker() == "o^"[side]
                np.testing.assert_allclose(line.get_ydata(), outputs[:, truth == side, choice].mean(1))
    bars = fig.axes[2]
    own = [[(run[-1, truth == k].argmax(-1) == k + 1).mean() for k in (0, 1)] for run in runs]
    np.testing.assert_allclose([bar.get_height() for bar in bars.patches], np.ravel(own))
    assert bars.get_ylabel() == name
    plt.close(fig)


@pytest.mark.parametrize("units", [[], [3], [1, 4, 5]])
def test_portrait_panels_show_flow_path_and_map(units):
    network = networks.initialize([0], 3, 12, 3)
    trials = tasks.sample_trials("perceptual_decision_making", 10, 0)
    plane = flow.principal_plane(activity.rows(networks.run(network, trials.inputs).hidden)[0])
    points, inputs = flow.grid(np.zeros((1, 2)), n=5), (1.0, 0.5, 0.5)
    fig = plots.portrait_panels(network, plane, points, inputs, units, start=(0.5, -0.5), n_steps=3)
    left, right = fig.axes[:2]
    assert len([one for one in left.collections if one.get_offsets().shape == (25, 2)]) == 1 + bool(units)
    path = left.lines[0].get_xydata()
    np.testing.assert_allclose(path[0], (0.5, -0.5), atol=1e-6)
    cut = lesions.cut_units(network, units)
    np.testing.assert_allclose(path[1] - path[0], flow.arrows(cut, plane, path[:1], inputs)[0], atol=1e-5)
    assert len(path) == 4
    wanted = flow.lesion_distances(network, plane.lift(points), inputs, units or None).mean(axis=0)
    if len(units) < 2:
        np.testing.assert_allclose(right.collections[0].get_array().ravel(), wanted, rtol=1e-4)
    else:
        assert right.collections[0].get_array().max() > 0
    plt.close(fig)


def test_colors_are_distinct_and_never_alone():
    assert len(set(plots.STIMULUS + plots.MODULE)) == len(plots.STIMULUS) + len(plots.MODULE)
    assert len(set(plots.MARKS)) == len(plots.MARKS) >= len(plots.MODULE)


def test_the_style_has_no_ground_of_its_own():
    with mpl.rc_context():
        plots.use_style()
        for key in ("figure.facecolor", "axes.facecolor", "savefig.facecolor"):
            assert mpl.rcParams[key] == "none"
        assert mpl.rcParams["svg.hashsalt"] == "fcmod", "the same figure, the same file"
        assert mpl.rcParams["figure.figsize"][0] == plots.WIDTH
