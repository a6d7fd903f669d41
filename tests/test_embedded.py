"""Decoding whole networks and comparing populations, on networks made by hand and drawn at random."""

import numpy as np
import pytest
import torch

from fcmod_utils import embedded, inference, networks, tasks, wiring


def relay(gain=0.5):
    """Twelve units: 0-3 hold the goal, 4-7 show the options, the others are silent."""
    net = networks.initialize([0], 8, 12, 4)
    zero = {name: torch.zeros_like(weights) for name, weights in net.parameters().items()}
    zero["w_in"][0, range(8), range(8)] = 1
    zero["w_rec"][0, range(4), range(4)] = gain
    return net.with_parameters(**zero)


def test_predictors_are_what_the_network_is_shown():
    trials = tasks.sample_trials("one_choice", 40, 0)
    found = embedded.predictors(trials)
    np.testing.assert_allclose(found["goal"], trials.inputs[:20, :, :4].mean(axis=0), atol=0.1)
    np.testing.assert_allclose(found["options"], trials.inputs[30:, :, 4:].mean(axis=0), atol=0.1)
    assert (found["answer"].argmax(axis=1) == trials.targets[-1]).all()
    assert (found["options"].sum(axis=1) == 2).all() and (found["goal"].sum(axis=1) == 1).all()


def test_noise_can_be_turned_off():
    trials, hidden = embedded.record(relay(), n_trials=30, noise=False)
    case = trials.conditions["case"]
    for one in np.unique(case):
        assert (hidden[:, case == one] == hidden[:, case == one][:, :1]).all()
    assert not (embedded.record(relay(), n_trials=30)[1] == hidden).all()
    shown = inference.each_case("one_choice").inputs[0, case, :4]
    np.testing.assert_array_equal(hidden[0, :, :4], shown)


def test_decoding_finds_the_relays():
    found = embedded.decode(relay(gain=1.0))
    assert set(found) == {"all", "goal", "options", "answer", "activity"}
    goal, options = found["goal"][:, :8], found["options"][:, :8]
    assert goal[3, :4].min() > 0.8 and options[3, :4].max() < 0.1
    assert np.abs(goal[3, 4:8]).max() < 0.1  # nothing but noise before the options appear
    assert options[6, 4:8].min() > 0.5
    assert np.isnan(found["all"][:, 8:]).all()
    hidden = embedded.record(relay(gain=1.0))[1]
    np.testing.assert_allclose(found["activity"], hidden[30:].mean(axis=(0, 1)), rtol=1e-5)


def test_table_is_made_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path))
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    nets = networks.initialize([0, 1], 8, 12, 4)
    first = embedded.table(nets, {"which": "two"})
    monkeypatch.setattr(embedded, "decode", None)  # not called again
    again = embedded.table(nets, {"which": "two"})
    assert first["all"].shape == (2, 10, 12) and first["activity"].shape == (2, 12)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])


def populations(effect=-0.4, n=30, units=20, seed=0):
    """Two kinds of networks with other weights; units of a network share an offset."""
    rng = np.random.default_rng(seed)
    second = np.arange(2 * n) >= n
    weight = rng.random((2 * n, units)) + 0.5 * second[:, None]
    own = rng.normal(size=(2 * n, 1)) * 0.3
    return 2 * weight + effect * second[:, None] + own + 0.1 * rng.normal(size=weight.shape), weight, second


def test_gap_is_the_coefficient_of_least_squares():
    activity, weight, second = populations()
    x = np.column_stack([np.ones(activity.size), np.repeat(second, 20), weight.ravel()])
    expected = np.linalg.lstsq(x, activity.ravel(), rcond=None)[0][1]
    value, low, high = embedded.interval(
        embedded.gap_at_equal_weight(activity, weight, second, n_resamples=500)
    )
    assert value == pytest.approx(expected)
    assert low < value < high


def test_interval_covers_and_is_wider_than_one_over_units():
    inside, widths = 0, []
    for seed in range(60):
        _, low, high = embedded.interval(
            embedded.gap_at_equal_weight(*populations(seed=seed), n_resamples=300)
        )
        inside += low <= -0.4 <= high
        widths.append(high - low)
    assert inside >= 52
    activity, weight, second = populations()
    x = np.column_stack([np.ones(activity.size), np.repeat(second, 20), weight.ravel()])
    left = activity.ravel() - x @ np.linalg.lstsq(x, activity.ravel(), rcond=None)[0]
    by_units = 2 * 1.96 * np.sqrt(left.var() * np.linalg.inv(x.T @ x)[1, 1])
    assert np.mean(widths) > 2 * by_units


def test_median_difference_covers_and_is_0_for_equal_groups():
    rng, inside = np.random.default_rng(0), 0
    for seed in range(60):
        value, low, high = embedded.median_difference(1 + rng.normal(size=25), rng.normal(size=25), seed, 500)
        assert low <= value <= high
        inside += low <= 1 <= high
    assert inside >= 52
    assert embedded.median_difference(np.ones(4), np.ones(6)) == (0, 0, 0)


def test_rule_energies_are_the_least_of_their_grid():
    net, places = networks.initialize([0], 8, 12, 4), np.random.default_rng(0).random((12, 2))
    d = np.linalg.norm(places[:, None] - places, axis=2)
    found = embedded.rule_energies(net, d, n_powers=3, share=0.2)
    target = wiring.strongest_graph(net.w_rec[0].numpy(), 0.2)
    eta, gamma = np.tile([-3.0, 0, 3], 3), np.repeat([-3.0, 0, 3], 3)
    for rule, least, powers in zip(wiring.RULES, found["energy"], found["powers"], strict=True):
        every = wiring.energy(wiring.grow(d, target.sum() // 2, rule, eta, gamma), target, d)
        assert least == every.min()
        assert powers.tolist() == [eta[every.argmin()], gamma[every.argmin()]]


def test_rule_table_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path))
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    nets, d = networks.initialize([0, 1], 8, 12, 4), 1 - np.eye(12)
    first = embedded.rule_table(nets, d, {"which": "two"}, n_powers=2, share=0.2)
    monkeypatch.setattr(embedded, "rule_energies", None)
    assert first["energy"].shape == (2, 5)
    again = embedded.rule_table(nets, d, {"which": "two"}, n_powers=2, share=0.2)
    np.testing.assert_array_equal(again["energy"], first["energy"])


def test_unit_weights_are_means_over_both_directions():
    w = np.random.default_rng(0).normal(size=(2, 5, 5))
    found = embedded.unit_weights(w)
    by_hand = (np.abs(w[1, 3]).mean() + np.abs(w[1, :, 3]).mean()) / 2
    assert found[1, 3] == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0: np.zeros((3, 2))}, r"allowed: \(network, unit\) twice"),
        ({0: np.full((60, 20), np.nan)}, "finite"),
        ({2: np.zeros(60, bool)}, "two of each"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(change, message):
    given = list(populations())
    for place, value in change.items():
        given[place] = value
    with pytest.raises(ValueError, match=message):
        embedded.gap_at_equal_weight(*given)
