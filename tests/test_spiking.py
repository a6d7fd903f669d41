"""Spiking networks: snntorch's neurons written out, networks that do not touch each other, gradients."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fcmod_utils import constraints, networks, spiking, tasks

RECIPE = spiking.SpikingRecipe(units=12, steps=3, batch=8)


def by_hand(weights, inputs, decay):
    """One network on one trial, unit by unit; a unit that passed 1 loses 1 at the next step."""
    n = len(weights["b_in"])
    potential, fired, integrated = np.zeros(n), np.zeros(n), np.zeros(len(weights["b_out"]))
    every = []
    for x in inputs:
        drive = weights["w_in"] @ x + weights["b_in"] + weights["w_rec"] @ fired + weights["b_rec"]
        potential = decay * potential + drive - (potential > 1)
        fired = (potential > 1).astype(float)
        integrated = decay * integrated + weights["w_out"] @ fired + weights["b_out"]
        every.append(fired)
    return np.array(every), integrated


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_units_fire_as_written_out(decay):
    ensemble = networks.initialize([0, 1], 3, 7, 2)
    ensemble = ensemble.with_parameters(w_in=2 * ensemble.w_in, w_rec=3 * ensemble.w_rec)
    inputs = np.random.default_rng(0).uniform(-1, 2, (30, 2, 4, 3)).astype(np.float32)
    seen = spiking.run(ensemble, torch.from_numpy(inputs), decay)
    assert 0.05 < seen.spikes.mean() < 0.95
    for k in range(2):
        weights = {name: v[k].double().numpy() for name, v in ensemble.parameters().items()}
        for trial in range(4):
            spikes, outputs = by_hand(weights, inputs[:, k, trial].astype(float), decay)
            np.testing.assert_array_equal(seen.spikes[:, k, trial], spikes)
            np.testing.assert_allclose(seen.outputs[k, trial], outputs, rtol=1e-4, atol=1e-4)


def test_a_unit_with_constant_drive_fires_at_the_rate_of_its_closed_form():
    # never at or below drive / (1 - decay) = 1; at drive d without leak once in 1 / d steps
    one = networks.initialize([0], 1, 1, 1)
    silent = {name: torch.zeros_like(v) for name, v in one.parameters().items()}
    for drive, decay, rate in ((0.09, 0.9, 0.0), (0.25, 0.9999999, 0.25)):
        ensemble = one.with_parameters(**silent | {"b_in": torch.tensor([[drive]])})
        seen = spiking.run(ensemble, torch.zeros(400, 1, 1, 1), decay)
        assert seen.spikes.mean().item() == pytest.approx(rate, abs=0.02)


def test_networks_do_not_touch_each_other():
    recipe = replace(RECIPE, penalty="sernn_detached")
    both, one = spiking.train(recipe, (3, 5), (0.05, 0.1)), spiking.train(recipe, (5,), (0.1,))
    for name, array in both.items():
        np.testing.assert_allclose(array[1], one[name][0], rtol=1e-4, atol=1e-5)
        assert np.abs(array[0] - array[1]).max() > 1e-3 or name.startswith("b_")


def test_gradients_pass_spikes_and_reach_every_weight():
    ensemble = networks.initialize([0], 8, 12, 4, initialization="orthogonal")
    weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
    inputs = torch.from_numpy(tasks.sample_trials("one_choice", 5, 0).inputs)[:, None]
    spiking.run(ensemble, inputs).outputs.square().sum().backward()
    for name, weight in weights.items():
        assert weight.grad.abs().max() > 0, name


def test_a_penalty_makes_weights_smaller():
    free, held = (
        spiking.train(replace(RECIPE, steps=20, penalty=penalty), (0,), (0.1,)) for penalty in ("none", "l1")
    )
    assert np.abs(held["w_rec"]).sum() < np.abs(free["w_rec"]).sum()


def test_trained_networks_are_kept(store_folder, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    made = spiking.fit(RECIPE, [1, 2, 3])
    monkeypatch.setattr(spiking, "train", lambda *_: pytest.fail("trained again"))
    assert torch.equal(spiking.fit(RECIPE, [1, 2, 3]).w_rec, made.w_rec)
    trials = tasks.sample_trials("one_choice", 16, 0)
    share = spiking.accuracy(made, trials.inputs, trials.targets)
    assert share.shape == (3,) and ((share >= 0) & (share <= 1)).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "go_nogo"}, "task is 'go_nogo'; allowed: one that is answered at the last step"),
        ({"steps": 0}, "steps is 0; allowed"),
        ({"decay": 1.0}, "decay is 1.0; allowed: between 0 and 1"),
        ({"slope": -1}, "slope is -1; allowed: above 0"),
        ({"penalty": "l3"}, "unknown penalty 'l3'; allowed: none, l1"),
        ({"penalty": "l1"}, "penalty is 'l1' from 0.0 to 0.0; allowed"),
        ({"penalty": "l1", "low": -1, "high": 1}, "allowed"),
        ({"penalty": "l1", "low": 0.1, "high": float("nan")}, "allowed"),
    ],
)
def test_bad_recipes_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        spiking.fit(replace(RECIPE, **changes), [0])


def test_strengths_run_from_low_to_high():
    recipe = replace(RECIPE, penalty="l1", low=0.1, high=0.3)
    np.testing.assert_allclose(spiking.strengths(recipe, 3), [0.1, 0.2, 0.3])
    assert set(constraints.PENALTIES) >= {"l1", "sernn_detached"}
