"""Decoding whole networks and comparing populations, on networks made by hand and drawn at random."""

import numpy as np
import pytest
import torch

from fcmod_utils import embedded, inference, networks, selectivity, tasks


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


def test_other_preferences_change_what_they_say():
    net = relay(gain=1.0)
    found = embedded.other_preferences(net)
    trials, hidden = embedded.record(net)
    now, groups = selectivity.window_means(hidden)[6:7], embedded.predictors(trials)
    turned = dict(reversed(groups.items()))
    plain = selectivity.explained(
        now, {name: groups[name] for name in ("options", "answer", "goal")}, ridge=0
    )
    np.testing.assert_array_equal(found["options first"], (plain["goal"] - plain["options"])[0])
    same = [selectivity.explained(now, coded)["goal"] for coded in (groups, turned)]
    np.testing.assert_allclose(*same, atol=1e-6)  # with a ridge the order does not matter
    # two axes cannot tell one goal of four: what was the goal's goes to the groups beside it
    assert (found["two axes"][:4] < found["goal first"][:4]).all()


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
