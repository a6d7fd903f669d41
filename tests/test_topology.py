"""Measures of weights: Newman's formula, a planted partition and small networks by hand are the oracle."""

import numpy as np
import pytest
import torch

from fcmod_utils import constraints, modules, topology

DISTANCES = constraints.distances(constraints.box(30))


def weights(n=30, seed=0):
    return np.random.default_rng(seed).standard_normal((n, n))


def planted(n=40, groups=4, seed=0, inside=0.7, outside=0.02):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(groups), n // groups)
    order = rng.permutation(n)
    chance = np.where(np.equal.outer(truth, truth), inside, outside)
    return (rng.random((n, n)) < chance)[np.ix_(order, order)] * rng.random((n, n)), truth[order]


def test_weight_and_distance_by_hand():
    w = np.array([[9.0, -1, 2], [0, 9, -3], [4, 0, 9]])
    d = np.array([[0.0, 1, 2], [1, 0, 3], [2, 3, 0]])
    assert topology.total_weight(w) == 37
    assert topology.wiring_length(w, d) == (1 * 1 + 2 * 2 + 3 * 3 + 4 * 2) / 10
    off = ~np.eye(3, dtype=bool)
    expected = np.corrcoef([1, 2, 0, 3, 4, 0], d[off])[0, 1]
    assert topology.weight_distance(w, d) == pytest.approx(expected)


def test_communicability_is_summed_with_its_diagonal():
    w = weights()
    c = constraints.communicability(torch.from_numpy(w)[None])[0].numpy()
    assert topology.total_communicability(w) == pytest.approx(c.sum())
    assert topology.total_communicability(w) == pytest.approx(topology.total_communicability(7 * w)), (
        "no scale"
    )


# ------------------------------------------------------------------------------ modularity


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("method", ["newman", "louvain"])
def test_q_is_newmans_formula_for_that_partition(method, diagonal):
    w = weights(seed=2)
    labels, q = topology.modularity(w, diagonal=diagonal, method=method)
    a = np.abs(w) * (1 if diagonal else 1 - np.eye(len(w)))
    m, sent, heard = a.sum(), a.sum(0), a.sum(1)
    pairs = [(i, j) for i in range(len(a)) for j in range(len(a)) if labels[i] == labels[j]]
    assert q == pytest.approx(sum(a[i, j] - heard[i] * sent[j] / m for i, j in pairs) / m, abs=1e-9)


@pytest.mark.parametrize("method", ["newman", "louvain"])
@pytest.mark.parametrize("seed", range(5))
def test_a_planted_partition_is_found(method, seed):
    w, truth = planted(seed=seed)
    labels, q = topology.modularity(w, method=method)
    assert modules.agreement(labels, truth) == 1
    assert q > 0.4


def test_no_single_move_improves_a_cut_in_two():
    w, _ = planted(groups=2, inside=0.3, outside=0.1, seed=4)
    b = topology.directed_modularity_matrix(w)
    side = topology._bisect(b)
    q = topology.quality(b, side)
    for unit in range(len(b)):
        moved = side.copy()
        moved[unit] ^= True
        assert topology.quality(b, moved) <= q + 1e-12


def test_newman_is_never_worse_than_one_module_and_close_to_louvain():
    for seed in range(5):
        b = topology.directed_modularity_matrix(weights(40, seed))
        _, q = topology.newman(b)
        _, best = modules.louvain(b, 10)
        assert 0 < q <= best + 0.01
        assert q > 0.7 * best


def test_self_connections_make_modules_where_they_are_strong():
    w = abs(weights(seed=5))
    heavy = w + 20 * np.eye(30)
    with_own, without = (topology.modularity(heavy, diagonal=kept)[1] for kept in (True, False))
    assert with_own > 0.2 + without
    assert without == pytest.approx(topology.modularity(w, diagonal=False)[1])


def test_binary_modularity_does_not_depend_on_sizes_of_weights():
    w = np.abs(weights(seed=6))
    same = topology.modularity(w, weighted=False)[1]
    assert topology.modularity(w**3, weighted=False)[1] == same
    assert topology.modularity(w**3)[1] != topology.modularity(w)[1]


# ------------------------------------------------------------------------------ bad input


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="all weights are 0; allowed: at least one"):
        topology.modularity(np.zeros((4, 4)))
    with pytest.raises(ValueError, match="unknown method 'leiden'; allowed: newman, louvain"):
        topology.modularity(weights(), method="leiden")
    with pytest.raises(ValueError, match=r"distances have shape \(30, 30\); allowed: .*\(4, 4\)"):
        topology.weight_distance(weights(4), DISTANCES)
    with pytest.raises(ValueError, match="finite"):
        topology.total_weight(np.full((3, 3), np.inf))
    assert np.isnan(topology.weight_distance(np.ones((30, 30)), DISTANCES))
    assert np.isnan(topology.wiring_length(np.eye(30), DISTANCES))
