"""Functional modules beside places, inputs, wiring and lesions, in networks made by hand."""

import numpy as np
import pytest
import torch

from fcmod_utils import bridge, embedded, flow, modules, networks, wiring

N = 16


def two_halves(gain=0.6):
    """Units 0-7 hear whether the goal is on the right and hold it; 8-15 whether it is on the left."""
    net = networks.initialize([0], 8, N, 4)
    zero = {name: torch.zeros_like(weights) for name, weights in net.parameters().items()}
    own = torch.from_numpy(np.random.default_rng(0).uniform(0.5, 1, (N, N))).float()
    zero["w_in"][0, :8, :2] = 1
    zero["w_in"][0, 8:, 2:4] = 1
    for half in (slice(0, 8), slice(8, N)):
        zero["w_rec"][0, half, half] = gain * own[half, half] / 8
    zero["w_rec"][0, :8, 8:] = zero["w_rec"][0, 8:, :8] = -0.1 * gain / 8
    return net.with_parameters(**zero)


LINE = np.abs(np.subtract.outer(np.arange(N), np.arange(N))).astype(float)


@pytest.fixture(scope="module")
def found():
    return bridge.compare(two_halves(), LINE)


def test_halves_are_modules_of_activity_input_wiring_and_space(found):
    assert modules.agreement(found["labels"], np.arange(N) // 8) == 1
    assert found["n_modules"] == 2 and found["ari_input"] == found["ari_wiring"] == 1
    assert found["share_input"] == pytest.approx(1) and found["share_wiring"] == pytest.approx(1)
    assert found["space_p"] == 0 and found["space_ratio"] < 0.7
    assert found["r_distance"] < -0.5 and found["r_weight"] > 0.8


def test_space_says_nothing_when_units_are_moved_about(found):
    order = np.random.default_rng(5).permutation(N)
    moved = bridge.compare(two_halves(), LINE[np.ix_(order, order)])
    assert 0.02 < moved["space_p"] < 0.98 and abs(moved["r_distance"]) < 0.3
    assert moved["q"] == found["q"]


def test_losing_units_of_one_half_is_felt_alike(found):
    assert found["r_lesion"] > 0.3 and found["q_lesion"] > 0.1


def test_lesion_maps_start_from_states_of_their_case():
    net = two_halves()
    trials, hidden = embedded.record(net, n_trials=40)
    maps = bridge.lesion_maps(net, trials.conditions["case"], hidden)
    assert maps.shape == (N, len(np.unique(trials.conditions["case"])) * bridge.STATES_PER_CASE)
    only = trials.conditions["case"] == 3
    rng = np.random.default_rng(0)
    states = hidden[30:][:, only].reshape(-1, N)
    states = states[rng.choice(len(states), bridge.STATES_PER_CASE)]
    shown = np.array([0, 0, 0, 0, 1, 0, 0, 1.0])  # left and down
    expected = flow.lesion_distances(net, states, shown)
    np.testing.assert_allclose(bridge.lesion_maps(net, np.full(only.sum(), 3), hidden[:, only]), expected)


def test_table_is_made_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path))
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    first = bridge.table(two_halves(), LINE, {"which": "halves"})
    monkeypatch.setattr(bridge, "compare", None)
    again = bridge.table(two_halves(), LINE, {"which": "halves"})
    assert first["q"].shape == (1,) and first["labels"].shape == (1, N)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    with pytest.raises(TypeError):  # other distances are another table: it would be made
        bridge.table(two_halves(), 2 * LINE, {"which": "halves"})


def test_rule_energies_are_the_least_of_two_grids():
    net, places = networks.initialize([0], 8, 12, 4), np.random.default_rng(0).random((12, 2))
    d = np.linalg.norm(places[:, None] - places, axis=2)
    found = bridge.rule_energies(net, d, n_powers=3, share=0.2)
    target = wiring.strongest_graph(net.w_rec[0].numpy(), 0.2)
    eta, gamma = np.tile([-3.0, 0, 3], 3), np.repeat([-3.0, 0, 3], 3)
    for i, rule in enumerate(wiring.RULES):
        first = wiring.energy(wiring.grow(d, target.sum() // 2, rule, eta, gamma), target, d)
        at = [(one[first.argmin()] + one).clip(-3, 3) for one in (eta, gamma)]
        second = wiring.energy(wiring.grow(d, target.sum() // 2, rule, *at, seed=1), target, d)
        every = np.append(first, second)
        assert found["energy"][i] == found["four"][i].max() == every.min()
        powers = np.append(eta, at[0])[every.argmin()], np.append(gamma, at[1])[every.argmin()]
        assert tuple(found["powers"][i]) == powers


def test_rule_table_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path))
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    nets, d = networks.initialize([0, 1], 8, 12, 4), 1 - np.eye(12)
    first = bridge.rule_table(nets, d, {"which": "two"}, n_powers=2, share=0.2)
    monkeypatch.setattr(bridge, "rule_energies", None)
    assert first["energy"].shape == (2, 5)
    again = bridge.rule_table(nets, d, {"which": "two"}, n_powers=2, share=0.2)
    np.testing.assert_array_equal(again["energy"], first["energy"])
