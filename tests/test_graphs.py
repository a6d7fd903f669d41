"""Binary graphs: bctpy, scipy and graphs drawn by hand are the oracle."""

import time

import bct
import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path

from fcmod_utils import graphs


def random_graph(n=30, edges=80, seed=0):
    rng = np.random.default_rng(seed)
    g = np.zeros((n, n))
    upper = np.triu_indices(n, 1)
    chosen = rng.choice(len(upper[0]), edges, replace=False)
    g[upper[0][chosen], upper[1][chosen]] = 1
    return g + g.T


@pytest.mark.parametrize("edges", [20, 60, 200])
def test_clustering_and_paths_equal_bctpys_and_scipys(edges):
    g = random_graph(edges=edges)
    assert graphs.clustering(g) == pytest.approx(bct.clustering_coef_bu(g).mean(), rel=1e-5)
    ours = graphs.path_lengths(g)
    np.testing.assert_array_equal(ours, shortest_path(g, unweighted=True))
    off = ~np.eye(len(g), dtype=bool)
    np.testing.assert_array_equal(ours[off], bct.distance_bin(g)[off])


def test_many_graphs_at_once_are_each_alone():
    many = np.stack([random_graph(12, 20, seed) for seed in range(4)])
    np.testing.assert_array_equal(graphs.path_lengths(many), [graphs.path_lengths(g) for g in many])
    np.testing.assert_allclose(graphs.clustering(many), [graphs.clustering(g) for g in many], rtol=1e-6)


def test_a_long_chain_has_its_longest_path():
    chain = np.diag(np.ones(9), 1)
    assert graphs.path_lengths(chain + chain.T).max() == 9


def test_small_worldness_is_its_parts():
    g = random_graph(40, 120)
    world = graphs.small_world(g, nulls=50)
    expected = shortest_path(g, unweighted=True)[~np.eye(40, dtype=bool)].mean()
    assert world.path_length == pytest.approx(expected, rel=1e-6)
    c, length = world.clustering / world.random_clustering, world.path_length / world.random_path_length
    assert world.sigma == pytest.approx(c / length)
    nulls = [random_graph(40, 120, seed) for seed in range(300)]
    assert world.random_clustering == pytest.approx(np.mean(graphs.clustering(np.array(nulls))), rel=0.1)
    assert world.unreachable == 0


def test_random_graphs_are_not_small_worlds_and_a_ring_of_neighbors_with_shortcuts_is():
    chance = [graphs.small_world(random_graph(100, 495, seed), 200).sigma for seed in range(5)]
    assert abs(np.mean(chance) - 1) < 0.05
    away = abs(np.subtract.outer(np.arange(100), np.arange(100)))
    ring = ((np.minimum(away, 100 - away) <= 5) & (away > 0)).astype(float)
    ring = np.maximum(ring, random_graph(100, 20, 1))
    assert graphs.small_world(ring, 200).sigma > 2


def test_pairs_without_a_path_are_counted_and_left_out_of_the_mean():
    two = np.zeros((7, 7))
    two[:3, :3] = two[3:6, 3:6] = 1 - np.eye(3)  # two triangles and a unit alone
    world = graphs.small_world(two, nulls=20)
    assert world.path_length == 1
    assert world.unreachable == pytest.approx(1 - 12 / 42)


def test_the_error_of_the_archived_code_is_not_ours():
    """An adjacency matrix given as distances has the density as its mean 'path length'."""
    g = random_graph(100, 510)
    density = g.sum() / (100 * 99)
    with np.errstate(divide="ignore"):
        assert bct.charpath(g)[0] == pytest.approx(density)
    assert graphs.small_world(g, nulls=5).path_length > 2


def test_a_thousand_nulls_at_a_hundred_units_are_made_once():
    g = random_graph(100, 497)
    graphs.small_world(g)
    begun = time.process_time()
    graphs.small_world(random_graph(100, 497, seed=3))
    assert time.process_time() - begun < 0.5


def test_the_strongest_tenth():
    rng = np.random.default_rng(0)
    w = rng.standard_normal((20, 20)) + 9 * np.eye(20)
    kept = graphs.strongest(w)
    assert kept.sum() == 38 and not kept.diagonal().any()
    np.testing.assert_array_equal(kept, bct.binarize(bct.threshold_proportional(abs(w), 0.1)))
    with_own = graphs.strongest(w, diagonal=True)
    assert with_own.sum() == 40 and with_own.diagonal().all()
    few = np.zeros((10, 10))
    few[0, 1] = 0.5
    assert graphs.strongest(few).sum() == 1, "a connection of weight 0 is none"


def test_an_undirected_graph_has_the_same_number_of_edges_whatever_the_directions():
    rng = np.random.default_rng(1)
    one_way = np.triu(rng.random((100, 100)))
    for w in (one_way, one_way + one_way.T, rng.random((100, 100))):
        g = graphs.undirected(w)
        assert g.sum() == 2 * 495 and (g == g.T).all() and not g.diagonal().any()


@pytest.mark.parametrize(
    "graph", [np.eye(3), np.zeros((3, 3)), np.triu(np.ones((3, 3)), 1), 2 * (1 - np.eye(3))]
)
def test_other_matrices_are_refused(graph):
    with pytest.raises(ValueError, match="allowed: a symmetric matrix of 0 and 1"):
        graphs.small_world(graph)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"weights have shape \(2, 3\); allowed: square"):
        graphs.strongest(np.ones((2, 3)))
    with pytest.raises(ValueError, match="finite"):
        graphs.undirected(np.full((3, 3), np.nan))
    with pytest.raises(ValueError, match="share is 0; allowed: above 0"):
        graphs.strongest(np.ones((3, 3)), share=0)
    with pytest.raises(ValueError, match="nulls is 0; allowed"):
        graphs.small_world(1 - np.eye(4), nulls=0)
