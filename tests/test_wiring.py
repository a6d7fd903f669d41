"""Generative rules against bctpy's measures and on graphs whose outcome is known."""

import bct
import numpy as np
import pytest
from scipy.stats import ks_2samp

from fcmod_utils import wiring

PLACES = np.random.default_rng(3).random((20, 2))
D = np.linalg.norm(PLACES[:, None] - PLACES[None], axis=-1)


def random_graphs(n=6, seed=0):
    a = np.triu(np.random.default_rng(seed).random((n, 20, 20)) < 0.2, 1)
    return a | a.mT


@pytest.mark.parametrize("rule", wiring.RULES)
def test_what_grows_side_by_side_is_what_the_definition_says(rule):
    """After every edge the kept measures equal those computed afresh."""
    a, common = np.zeros((2, 3, 20, 20), np.float32)
    rng = np.random.default_rng(0)
    known = wiring.similarity(a, rule)
    for _ in range(40):
        free = [np.argwhere(np.triu(one == 0, 1)) for one in a]
        u, v = np.array([pairs[rng.integers(len(pairs))] for pairs in free]).T
        changed = wiring._connect(a, common, u, v, rule)
        rows = wiring._rows(a, common, rule, *changed)
        known[changed] = rows
        known.mT[changed] = rows
        fresh = wiring.similarity(a, rule)
        off = ~np.eye(20, dtype=bool)
        np.testing.assert_allclose(known[:, off], fresh[:, off], atol=1e-6)


def test_similarities_are_those_of_bctpy():
    graphs = random_graphs()
    for k, graph in enumerate(graphs.astype(float)):
        off = ~np.eye(20, dtype=bool)
        degree, clustering = graph.sum(0), bct.clustering_coef_bu(graph)
        np.testing.assert_allclose(
            wiring.similarity(graphs, "degree")[k][off], ((degree[:, None] + degree) / 2)[off]
        )
        np.testing.assert_allclose(
            wiring.similarity(graphs, "clustering")[k][off],
            ((clustering[:, None] + clustering) / 2)[off], atol=1e-6,
        )  # fmt: skip
        matching = np.triu(bct.matching_ind(graph)[0], 1)  # of the in-connections: the graph is undirected
        np.testing.assert_allclose(np.triu(wiring.similarity(graphs, "matching")[k], 1), matching, atol=1e-6)
        np.testing.assert_allclose(wiring.similarity(graphs, "neighbors")[k][off], (graph @ graph)[off])


def test_node_measures_are_those_of_bctpy():
    graphs = random_graphs(8)
    graphs[3] = False  # no edge at all
    graphs[4, :10, 10:] = graphs[4, 10:, :10] = False  # two parts
    degree, clustering, between = wiring.node_measures(graphs)
    for k, graph in enumerate(graphs.astype(float)):
        np.testing.assert_allclose(degree[k], bct.degrees_und(graph))
        np.testing.assert_allclose(clustering[k], bct.clustering_coef_bu(graph), atol=1e-6)
        np.testing.assert_allclose(between[k], bct.betweenness_bin(graph), atol=1e-4)


def test_ks_distance_is_that_of_scipy():
    rng = np.random.default_rng(0)
    for _ in range(20):
        x, y = rng.integers(0, 6, 30), rng.integers(1, 8, 17)
        assert wiring.ks_distance(x, y) == pytest.approx(ks_2samp(x, y).statistic)


def test_energy_is_the_largest_of_four_and_0_for_the_graph_itself():
    graphs = random_graphs(3)
    found = wiring.energy(graphs, graphs[0], D)
    assert found[0] == 0
    upper = np.triu_indices(20, 1)
    measures = [one[:2] for one in wiring.node_measures(graphs)]
    by_hand = [ks_2samp(*one).statistic for one in measures]
    by_hand.append(ks_2samp(*(D[upper][graph[upper]] for graph in graphs[:2])).statistic)
    assert found[1] == pytest.approx(max(by_hand))


@pytest.mark.parametrize("rule", wiring.RULES)
def test_grown_graphs_have_the_edges_asked_for(rule):
    graphs = wiring.grow(D, 40, rule, [-2, 0, 2], [-1, 0, 1])
    assert (graphs == graphs.mT).all() and not graphs[:, range(20), range(20)].any()
    assert (graphs.sum(axis=(1, 2)) == 80).all()
    assert (graphs == wiring.grow(D, 40, rule, [-2, 0, 2], [-1, 0, 1])).all()  # same seed, same graph
    assert not (graphs == wiring.grow(D, 40, rule, [-2, 0, 2], [-1, 0, 1], seed=1)).all()


def test_first_edges_follow_the_probabilities():
    """Of 4,000 first edges among four nodes, each pair's share is its power of distance."""
    d, eta = D[:4, :4], -1.5
    graphs = wiring.grow(d, 1, "spatial", np.full(4000, eta), np.zeros(4000))
    upper = np.triu_indices(4, 1)
    expected = d[upper] ** eta / (d[upper] ** eta).sum()
    np.testing.assert_allclose(graphs[:, *upper].mean(axis=0), expected, atol=0.03)


def test_all_edges_give_the_full_graph():
    assert wiring.grow(D, 190, "degree", [1.0], [1.0]).sum() == 380


def test_rules_leave_their_traces():
    far, near = wiring.grow(D, 40, "spatial", [4, -4], [0, 0])
    assert D[near].mean() < D[far].mean()
    like, unlike = (wiring.grow(D, 50, "matching", [0.0] * 10, [p] * 10) for p in (1.5, -1.5))
    clustering = [wiring.node_measures(one)[1].mean() for one in (like, unlike)]
    assert clustering[0] > clustering[1] + 0.2
    star, even = (wiring.grow(D, 40, "degree", [0.0] * 10, [p] * 10) for p in (4, -4))
    assert star.sum(axis=2).std(axis=1).mean() > 2 * even.sum(axis=2).std(axis=1).mean()


def test_the_rule_that_made_a_graph_is_found():
    eta, gamma = (a.ravel() for a in np.meshgrid([-3.0, -1, 0], [0.0, 1, 2]))
    target = wiring.grow(D, 60, "matching", [-1.0], [1.0], seed=9)[0]
    least = {
        rule: np.mean(
            [wiring.energy(wiring.grow(D, 60, rule, eta, gamma, seed), target, D).min() for seed in range(5)]
        )
        for rule in ("matching", "degree")
    }
    assert least["matching"] < least["degree"]


def test_strongest_graph_joins_where_either_direction_is_strong():
    w = np.diag([9.0, 9, 9, 9])
    w[0, 1], w[2, 3], w[3, 2], w[1, 2] = -5, 4, 3, 1
    graph = wiring.strongest_graph(w, 3 / 12)
    assert np.argwhere(np.triu(graph)).tolist() == [[0, 1], [2, 3]]
    assert (graph == graph.T).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wiring.grow(D, 10, "love", [0.0], [0.0]), "allowed: spatial, neighbors"),
        (lambda: wiring.grow(D, 191, "degree", [0.0], [0.0]), "up to 190"),
        (lambda: wiring.grow(D, 10, "degree", [0.0], [0.0, 1]), r"\(point,\) both"),
        (lambda: wiring.grow(D, 10, "degree", [np.nan], [0.0]), "finite"),
        (lambda: wiring.grow(D, 10, "matching", [0.0], [8]), "nothing but 0 or infinity"),
        (lambda: wiring.grow(D, 10, "matching", [0.0], [-8]), "nothing but 0 or infinity"),
        (lambda: wiring.grow(0 * D, 10, "degree", [0.0], [0.0]), "above 0 between nodes"),
        (lambda: wiring.grow(D, 0, "degree", [0.0], [0.0]), "n_edges"),
        (lambda: wiring.strongest_graph(D[:3]), "square"),
        (lambda: wiring.strongest_graph(D, 0), "above 0"),
        (lambda: wiring.strongest_graph(np.eye(4)), "0 are not 0"),
        (lambda: wiring.energy(random_graphs(), D[:3] > 0, D), r"allowed: \(graph, n, n\)"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
