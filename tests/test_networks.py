"""Networks: PyTorch's own modules and autograd are the oracle."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rivals import PlainRNN
from scipy import stats

from fcmod_utils import networks, recurrence
from fcmod_utils.networks import PARAMETERS

KINDS = [(a, f) for a in (1.0, 0.3) for f in networks.NONLINEARITIES]


def ensemble_of(seeds=(0, 1, 2), alpha=1.0, nonlinearity="relu", dtype=torch.float32, units=12):
    """Small networks: 3 inputs, 12 units of which one is silent under ReLU, 2 outputs."""
    made = networks.initialize(seeds, 3, units, 2, alpha, nonlinearity)
    made.b_rec[:, 0] = -20.0
    return made.with_parameters(**{k: v.to(dtype) for k, v in made.parameters().items()})


def inputs_for(ensemble, seed=0, time=9, trials=4):
    rng = torch.Generator().manual_seed(seed)
    shape = (time, len(ensemble), trials, ensemble.w_in.shape[2])
    return torch.randn(shape, generator=rng, dtype=ensemble.w_in.dtype)


def gradients(ensemble, inputs, weights_of_outputs):
    """Ours: the six gradient arrays of a weighted sum of the outputs."""
    leaves = {k: v.clone().requires_grad_() for k, v in ensemble.parameters().items()}
    outputs, _ = networks.forward(ensemble.with_parameters(**leaves), inputs)
    (outputs * weights_of_outputs).sum().backward()
    return {k: v.grad for k, v in leaves.items()}


# ------------------------------------------------------------------------------ forward


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_forward_equals_the_plain_loop_network_by_network(alpha, nonlinearity):
    ensemble = ensemble_of(alpha=alpha, nonlinearity=nonlinearity)
    inputs = inputs_for(ensemble)
    outputs, hidden = networks.forward(ensemble, inputs)
    for i in range(len(ensemble)):
        expected, states = PlainRNN(ensemble, i)(inputs[:, i])
        torch.testing.assert_close(outputs[:, i], expected, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(hidden[:, i], states, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("nonlinearity", ["relu", "tanh"])
def test_without_leak_it_is_pytorchs_rnn_with_a_linear_read_out(nonlinearity):
    ensemble = ensemble_of(nonlinearity=nonlinearity)
    inputs = inputs_for(ensemble)
    outputs, hidden = networks.forward(ensemble, inputs)
    for i in range(len(ensemble)):
        rnn = torch.nn.RNN(3, 12, nonlinearity=nonlinearity)
        rnn.load_state_dict({
            "weight_ih_l0": ensemble.w_in[i], "bias_ih_l0": ensemble.b_in[i],
            "weight_hh_l0": ensemble.w_rec[i], "bias_hh_l0": ensemble.b_rec[i],
        })  # fmt: skip
        states, _ = rnn(inputs[:, i])
        read = torch.nn.functional.linear(states, ensemble.w_out[i], ensemble.b_out[i])
        torch.testing.assert_close(hidden[:, i], states.detach(), rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(outputs[:, i], read.detach(), rtol=1e-5, atol=1e-6)


def test_two_neurons_by_hand():
    """Unit 0 hears the input, unit 1 hears unit 0 (w_rec[to, from]); half of the rate is kept."""
    ensemble = networks.Ensemble(
        w_in=torch.tensor([[[1.0], [0.0]]]), b_in=torch.tensor([[0.0, 0.5]]),
        w_rec=torch.tensor([[[0.0, 0.0], [2.0, 0.0]]]), b_rec=torch.tensor([[0.0, -0.5]]),
        w_out=torch.tensor([[[1.0, -1.0]]]), b_out=torch.tensor([[0.25]]), alpha=0.5,
    )  # fmt: skip
    seen = networks.run(ensemble, np.array([1.0, -1.0, 0.0], np.float32).reshape(3, 1, 1))
    assert seen.projection[0, :, 0].tolist() == [[1.0, 0.5], [-1.0, 0.5], [0.0, 0.5]]
    assert seen.hidden[0, :, 0].tolist() == [[0.5, 0.0], [0.25, 0.5], [0.125, 0.5]]
    assert seen.outputs[0, :, 0, 0].tolist() == [0.75, 0.0, -0.125]


@given(st.permutations(range(12)), st.sampled_from(KINDS))
@settings(max_examples=20, deadline=None)
def test_names_of_units_do_not_matter(order, kind):
    ensemble, order = ensemble_of((0,), *kind), list(order)
    shuffled = ensemble.with_parameters(
        w_in=ensemble.w_in[:, order], b_in=ensemble.b_in[:, order], b_rec=ensemble.b_rec[:, order],
        w_rec=ensemble.w_rec[:, order][:, :, order], w_out=ensemble.w_out[:, :, order],
    )  # fmt: skip
    inputs = inputs_for(ensemble)
    (outputs, hidden), (again, moved) = (networks.forward(e, inputs) for e in (ensemble, shuffled))
    torch.testing.assert_close(again, outputs, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(moved, hidden[..., order], rtol=1e-4, atol=1e-5)


def test_run_is_forward_on_the_same_trials_for_every_network():
    ensemble = ensemble_of()
    x = inputs_for(ensemble[0])[:, 0]
    seen = networks.run(ensemble, x.numpy())
    outputs, hidden = networks.forward(ensemble, x[:, None].repeat(1, 3, 1, 1))
    np.testing.assert_allclose(seen.outputs, outputs.transpose(0, 1).numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen.hidden, hidden.transpose(0, 1).numpy(), rtol=1e-5, atol=1e-6)
    for i in range(3):
        by_hand = x.numpy() @ ensemble.w_in[i].numpy().T + ensemble.b_in[i].numpy()
        np.testing.assert_allclose(seen.projection[i], by_hand, rtol=1e-5, atol=1e-6)
    assert seen[1].hidden.shape == (9, 4, 12)
    np.testing.assert_array_equal(seen[1].outputs, seen.outputs[1])


def test_parts_of_an_ensemble():
    ensemble = ensemble_of((0, 1, 2, 3), alpha=0.5, nonlinearity="tanh")
    for index, expected in ((2, [2]), (-1, [3]), (slice(1, 3), [1, 2]), ([3, 0], [3, 0])):
        part = ensemble[index]
        assert len(part) == len(expected)
        assert (part.alpha, part.nonlinearity) == (0.5, "tanh")
        for name, weights in part.parameters().items():
            assert torch.equal(weights, getattr(ensemble, name)[expected])


# ------------------------------------------------------------------------------ backward


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_every_gradient_equals_autograds(alpha, nonlinearity, dtype, tolerance):
    ensemble = ensemble_of(alpha=alpha, nonlinearity=nonlinearity, dtype=dtype)
    inputs = inputs_for(ensemble)
    weighting = torch.randn(9, 3, 4, 2, dtype=dtype, generator=torch.Generator().manual_seed(1))
    ours = gradients(ensemble, inputs, weighting)
    for i in range(3):
        plain = PlainRNN(ensemble, i).double()  # the oracle is the more exact of the two
        outputs, _ = plain(inputs[:, i].double())
        (outputs * weighting[:, i]).sum().backward()
        for name, expected in plain.arrays(gradients=True).items():
            error = (ours[name][i] - expected).abs().max() / expected.abs().max()
            assert error < tolerance, (name, i)
            assert expected.abs().max() > 0, name


@pytest.mark.parametrize("alpha", [1.0, 0.3])
@pytest.mark.parametrize("time", [1, 2, *(n * recurrence.BLOCK + k for n in (1, 2) for k in (-1, 0, 1))])
def test_every_length_has_all_its_gradients(time, alpha):
    """The backward pass goes block by block: lengths at the borders of its blocks."""
    ensemble = ensemble_of((0, 1), alpha=alpha, dtype=torch.float64)
    inputs = inputs_for(ensemble, time=time)
    weighting = torch.randn(time, 2, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    ours = gradients(ensemble, inputs, weighting)
    for i in range(2):
        plain = PlainRNN(ensemble, i)
        (plain(inputs[:, i])[0] * weighting[:, i]).sum().backward()
        for name, expected in plain.arrays(gradients=True).items():
            torch.testing.assert_close(ours[name][i], expected, rtol=1e-9, atol=1e-11, msg=name)


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_size_decides_how_it_is_computed_but_not_what(alpha, nonlinearity, monkeypatch):
    """Large networks go one by one through torch's products."""
    ensemble = ensemble_of(alpha=alpha, nonlinearity=nonlinearity, dtype=torch.float64)
    rng = torch.Generator().manual_seed(1)
    weighting = torch.randn(23, 3, 4, 2, dtype=torch.float64, generator=rng)
    noise, found = torch.randn(23, 3, 4, 12, dtype=torch.float64, generator=rng), []
    inputs = inputs_for(ensemble, time=23)
    for small in (recurrence.SMALL, 0):
        monkeypatch.setattr(recurrence, "SMALL", small)
        grads = gradients(ensemble, inputs, weighting)
        found.append([*grads.values(), *networks.forward(ensemble, inputs, noise)])
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_gradients_of_a_single_step_and_trial(alpha):
    ensemble = ensemble_of((0,), alpha=alpha)
    inputs = inputs_for(ensemble, time=1, trials=1)
    ours = gradients(ensemble, inputs, torch.ones(1, 1, 1, 2))
    plain = PlainRNN(ensemble)
    plain(inputs[:, 0])[0].sum().backward()
    for name, expected in plain.arrays(gradients=True).items():
        torch.testing.assert_close(ours[name][0], expected, msg=name)
    assert not ours["w_rec"].any()  # nothing has come round yet


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_networks_do_not_touch_each_other(alpha, nonlinearity):
    ensemble = ensemble_of(alpha=alpha, nonlinearity=nonlinearity)
    other = ensemble_of((0, 7, 2), alpha, nonlinearity)  # another network 1 ...
    inputs, changed = inputs_for(ensemble), inputs_for(ensemble)
    changed[:, 1] = 3 * inputs_for(ensemble, seed=5)[:, 1]  # ... on other data
    weighting = torch.ones(9, 3, 4, 2)
    before, after = gradients(ensemble, inputs, weighting), gradients(other, changed, weighting)
    out_before, out_after = (networks.forward(*p)[0] for p in ((ensemble, inputs), (other, changed)))
    for i in (0, 2):
        assert torch.equal(out_before[:, i], out_after[:, i])
        for name in PARAMETERS:
            assert torch.equal(before[name][i], after[name][i]), name
    assert not torch.equal(out_before[:, 1], out_after[:, 1])
    assert not torch.equal(before["w_rec"][1], after["w_rec"][1])


def test_forward_leaves_weights_and_inputs_as_they_are():
    ensemble = ensemble_of(alpha=0.3)
    inputs = inputs_for(ensemble)
    kept, x = {k: v.clone() for k, v in ensemble.parameters().items()}, inputs.clone()
    gradients(ensemble, inputs, torch.ones(9, 3, 4, 2))
    assert torch.equal(x, inputs)
    assert all(torch.equal(v, getattr(ensemble, k)) for k, v in kept.items())


# ------------------------------------------------------------------------------ noise


def plain_with_noise(ensemble, i, inputs, noise):
    """Autograd's oracle: the equation of the module's docstring, with noise on the drive."""
    w = {k: v[i].clone().requires_grad_() for k, v in ensemble.parameters().items()}
    act = {"relu": torch.relu, "tanh": torch.tanh, "softplus": torch.nn.functional.softplus}
    r, outputs, states = inputs.new_zeros(inputs.shape[1], w["w_rec"].shape[0]), [], []
    for x, kick in zip(inputs, noise, strict=True):
        drive = x @ w["w_in"].T + w["b_in"] + r @ w["w_rec"].T + w["b_rec"] + kick
        r = (1 - ensemble.alpha) * r + ensemble.alpha * act[ensemble.nonlinearity](drive)
        states.append(r)
        outputs.append(r @ w["w_out"].T + w["b_out"])
    return torch.stack(outputs), torch.stack(states), w


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_noise_joins_the_drive_forward_and_backward(alpha, nonlinearity):
    ensemble = ensemble_of(alpha=alpha, nonlinearity=nonlinearity, dtype=torch.float64)
    inputs, rng = inputs_for(ensemble), torch.Generator().manual_seed(3)
    noise = torch.randn(9, 3, 4, 12, dtype=torch.float64, generator=rng)
    kept, weighting = noise.clone(), torch.randn(9, 3, 4, 2, dtype=torch.float64, generator=rng)
    leaves = {k: v.clone().requires_grad_() for k, v in ensemble.parameters().items()}
    outputs, hidden = networks.forward(ensemble.with_parameters(**leaves), inputs, noise)
    (outputs * weighting).sum().backward()
    for i in range(3):
        expected, states, w = plain_with_noise(ensemble, i, inputs[:, i], noise[:, i])
        (expected * weighting[:, i]).sum().backward()
        torch.testing.assert_close(outputs[:, i], expected, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(hidden[:, i], states.detach(), rtol=1e-10, atol=1e-12)
        for name, leaf in w.items():
            torch.testing.assert_close(leaves[name].grad[i], leaf.grad, rtol=1e-9, atol=1e-11, msg=name)
    assert torch.equal(noise, kept)
    assert not torch.allclose(outputs, networks.forward(ensemble, inputs)[0])


def test_noise_of_zero_is_no_noise():
    ensemble = ensemble_of(alpha=0.3)
    inputs = inputs_for(ensemble)
    silent, none = (
        networks.forward(ensemble, inputs, torch.zeros(9, 3, 4, 12)),
        networks.forward(ensemble, inputs),
    )
    assert all(torch.equal(a, b) for a, b in zip(silent, none, strict=True))


@pytest.mark.parametrize("index", [np.int64(1), -2, (1,), slice(1, 2), np.array([1])])
def test_any_index_keeps_the_axis_of_networks(index):
    ensemble = ensemble_of()
    one = ensemble[index]
    assert len(one) == 1 and torch.equal(one.w_rec[0], ensemble.w_rec[1])
    with pytest.raises(IndexError, match=f"network {len(ensemble)} of {len(ensemble)}"):
        ensemble[np.int64(len(ensemble))]


def test_inputs_of_other_networks_are_refused():
    ensemble = ensemble_of()
    with pytest.raises(ValueError, match=r"inputs have shape .*; allowed: \(time, 1 networks, trial"):
        networks.forward(ensemble[0], inputs_for(ensemble))


def test_noise_of_another_shape_is_refused():
    ensemble = ensemble_of()
    message = r"noise has shape \(9, 3, 4, 1\); allowed: \(9, 3, 4, 12\)"
    with pytest.raises(ValueError, match=message):
        networks.forward(ensemble, inputs_for(ensemble), torch.zeros(9, 3, 4, 1))


# ------------------------------------------------------------------------------ start


@pytest.mark.parametrize(("name", "fan_in"), [("in", 3), ("rec", 60), ("out", 60)])
def test_start_weights_are_distributed_as_those_of_a_linear_layer(name, fan_in):
    made = networks.initialize(range(40), 3, 60, 2)
    torch.manual_seed(0)
    units = made.parameters()[f"w_{name}"].shape[1]
    layers = [torch.nn.Linear(fan_in, units) for _ in range(40)]
    for ours, theirs in (
        (made.parameters()[f"w_{name}"], torch.stack([layer.weight for layer in layers])),
        (made.parameters()[f"b_{name}"], torch.stack([layer.bias for layer in layers])),
    ):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        assert ours.abs().max() <= fan_in**-0.5 * (1 + 1e-6)
        a, b = ours.numpy().ravel(), theirs.detach().numpy().ravel()
        assert stats.ks_2samp(a, b).pvalue > 1e-3
        assert stats.kstest(a * fan_in**0.5, stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_a_network_depends_on_its_own_seed_only():
    together, alone = networks.initialize([3, 5, 3], 3, 8, 2), networks.initialize([5], 3, 8, 2)
    for name in PARAMETERS:
        a, b, again = together.parameters()[name]
        assert torch.equal(b, alone.parameters()[name][0])
        assert torch.equal(a, again)
        assert not torch.equal(a, b)


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_units": 0}, "n_units is 0; allowed: a whole number of at least 1"),
        ({"n_units": -5}, "n_units is -5; allowed"),
        ({"n_inputs": 2.0}, "n_inputs is 2.0; allowed"),
        ({"n_outputs": None}, "n_outputs is None; allowed"),
        ({"alpha": 0}, r"alpha = dt / tau is 0; allowed: above 0, up to 1 \(dt <= tau\)"),
        ({"alpha": 1.5}, "alpha = dt / tau is 1.5; allowed"),
        ({"alpha": float("nan")}, "alpha = dt / tau is nan; allowed"),
        ({"nonlinearity": "sigmoid"}, r"'sigmoid'; allowed: \['relu', 'tanh', 'softplus'\]"),
    ],
)
def test_bad_sizes_and_dynamics_are_named_with_what_is_allowed(change, message):
    with pytest.raises(ValueError, match=message):
        networks.initialize(**{"seeds": [0], "n_inputs": 3, "n_units": 4, "n_outputs": 2} | change)


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 2), (5, 2, 4, 3)])
def test_inputs_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"inputs have shape .*; allowed: \(time, trial, 3 channels\)"):
        networks.run(ensemble_of(), np.zeros(shape, np.float32))


def test_orthogonal_networks_start_as_keras_ones():
    nets = networks.initialize([3, 4], 8, 100, 4, initialization="orthogonal")
    for w in nets.w_rec:
        torch.testing.assert_close(w @ w.T, torch.eye(100), rtol=0, atol=1e-5)
    assert not torch.allclose(nets.w_rec[0], nets.w_rec[1])
    for name, bound in (("w_in", (6 / 108) ** 0.5), ("w_out", (6 / 104) ** 0.5)):
        w = nets.parameters()[name]
        assert 0.98 * bound < w.abs().max() <= bound
    assert not nets.b_in.any() and not nets.b_rec.any() and not nets.b_out.any()
    with pytest.raises(ValueError, match="unknown initialization 'he'; allowed"):
        networks.initialize([0], 3, 4, 2, initialization="he")
