"""Jacobians: finite differences, and one matrix per step of a run, are the oracles."""

import numpy as np
import pytest
import torch

from fcmod_utils import flow, jacobians, networks

KINDS = [(1.0, "relu"), (0.4, "tanh"), (0.5, "softplus")]


def example(n_units, nonlinearity="relu", alpha=1.0):
    net = networks.initialize([3], 3, n_units, 3, alpha, nonlinearity)
    return net.with_parameters(w_rec=1.4 * net.w_rec)


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_jacobian_equals_differences(alpha, nonlinearity):
    net, inputs = example(6, nonlinearity, alpha), (1.0, 0.2, 0.0)
    state = np.random.default_rng(0).normal(0.5, 1, 6)
    ours = jacobians.at(net, state[None], inputs)[0]
    double = jacobians.in_double(net)
    for unit in range(6):
        nudge = 1e-6 * np.eye(6)[unit]
        ends = torch.from_numpy(np.stack([state - nudge, state + nudge]))[None]
        low, high = flow.step(double, ends, inputs)[0].numpy()
        np.testing.assert_allclose(ours[:, unit], (high - low) / 2e-6, atol=1e-6)


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_mean_jacobian_is_the_mean_along_the_way(alpha, nonlinearity):
    net = example(8, nonlinearity, alpha)
    inputs = np.random.default_rng(1).normal(size=(5, 2, 3)).astype(np.float32)
    did = networks.run(net, inputs)[0]
    before = np.concatenate([np.zeros((1, 2, 8), np.float32), did.hidden[:-1]])
    each = [jacobians.at(net, before[t, [k]], inputs[t, k])[0] for t in range(5) for k in range(2)]
    np.testing.assert_allclose(jacobians.mean_jacobian(net, did), np.mean(each, axis=0), atol=1e-5)


def test_eigenvalues_come_largest_first():
    net = example(6)
    states = np.random.default_rng(0).normal(0.5, 1, (3, 6))
    values = jacobians.eigenvalues(net, states, (1.0, 0.2, 0.0))
    for one, matrix in zip(values, jacobians.at(net, states, (1.0, 0.2, 0.0)), strict=True):
        assert (np.diff(np.abs(one)) <= 1e-12).all()
        assert np.prod(one).real == pytest.approx(np.linalg.det(matrix), abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n: jacobians.at(n, np.zeros((2, 7)), (1, 0, 0)), r"allowed: \(state, 6 units\)"),
        (lambda n: jacobians.mean_jacobian(n, networks.run(n, np.zeros((4, 2, 3)))), r"\(time, trial, 6"),
        (lambda n: jacobians.mean_jacobian(n[[0, 0]], networks.run(n, np.zeros((4, 2, 3)))[0]), "2 networks"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call(example(6))
