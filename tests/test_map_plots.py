"""Pictures of brain maps: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fcmod_utils import map_plots, wire_maps
from fcmod_utils.brain_maps import Shuffled

PLACES = np.indices((4, 4)).reshape(2, -1).T
LABELS = np.array([0, 0, 1, -1] * 4)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_a_mark_per_network_and_the_range_of_its_shuffles(ax):
    map_plots.dots(ax, {"bimt": [1.0, 2.0], "l1": [3.0]}, published=4.0, line=0.5)
    assert sorted(y for line in ax.lines for y in line.get_ydata()) == [0.5, 0.5, 1, 2, 3, 4]
    ax.clear()
    map_plots.ranges(ax, {"bimt": [Shuffled(5.0, np.linspace(0, 1, 101))]})
    assert list(ax.lines[0].get_ydata()) == pytest.approx([0.025, 0.975])
    assert list(ax.lines[1].get_ydata()) == [5]


def test_histograms_hold_all_shuffles(ax):
    fair, loose = (Shuffled(0.2, np.random.default_rng(k).integers(k, 9 + k, 50) / 9) for k in (0, 4))
    map_plots.histograms(ax, fair, loose, 1 / 9, "share")
    assert sum(bar.get_height() for bar in ax.patches) == 100


def test_curves_are_medians_over_networks(ax):
    distances = np.abs(PLACES[:, None] - PLACES[None]).sum(axis=2) / 4
    curves = [wire_maps.by_distance(np.full((16, 16), size), distances) for size in (0.1, 0.2, 0.4)]
    map_plots.by_distance(ax, {"bimt": curves}, curves[:1], [0.3, 0.2])
    whole, pairs, article = ax.lines
    assert np.allclose(whole.get_ydata(), 0.2) and np.allclose(pairs.get_ydata(), 0.1)
    assert list(article.get_xdata()) == [0, 0.05]


def test_blocks_are_means_without_self_connections(ax):
    w = np.arange(16.0).reshape(4, 4)
    map_plots.blocks(ax, -w, np.array([0, 0, 1, -1]))
    expected = [[(1 + 4) / 2, (2 + 6) / 2], [(8 + 9) / 2, 0]]
    np.testing.assert_allclose(ax.images[0].get_array(), expected)


def test_a_band_shows_active_units_only(ax):
    w = np.random.default_rng(0).normal(size=(16, 16))
    map_plots.band(ax, w, LABELS >= 0, "band")
    np.testing.assert_array_equal(ax.images[0].get_array(), np.abs(w)[np.ix_(LABELS >= 0, LABELS >= 0)])
