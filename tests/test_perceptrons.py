"""Networks without recurrence: torch's own layers and autograd say what they should do."""

import numpy as np
import pytest
import torch

from fcmod_utils import perceptrons
from fcmod_utils.perceptrons import Perceptrons, backprop, forward, initialize


def some(seed=0, n=3, images=7, **sizes):
    given = {"n_inputs": 12, "n_units": 9, "n_outputs": 4} | sizes
    nets, rng = initialize(range(seed, seed + n), **given), np.random.default_rng(seed)
    x = torch.from_numpy(rng.random((n, images, given["n_inputs"]), np.float32))
    return nets, x, torch.from_numpy(rng.integers(0, given["n_outputs"], (n, images)))


def test_forward_is_torch_linear_relu_linear():
    nets, x, _ = some()
    hidden, outputs = forward(nets, x)
    for k in range(3):
        h = torch.relu(torch.nn.functional.linear(x[k], nets.w_in[k], nets.b_in[k]))
        torch.testing.assert_close(hidden[k], h)
        torch.testing.assert_close(outputs[k], torch.nn.functional.linear(h, nets.w_out[k], nets.b_out[k]))
    shared = forward(nets, x[0])[1]
    torch.testing.assert_close(shared[0], outputs[0])


@pytest.mark.parametrize("seed", range(3))
def test_gradient_is_that_of_autograd_for_each_network_alone(seed):
    nets, x, y = some(seed)
    gradients, loss = backprop(nets, x, y)
    for k in range(3):
        weights = {name: w[k : k + 1].clone().requires_grad_() for name, w in nets.parameters().items()}
        out = forward(Perceptrons(**weights), x[k])[1][0]
        own = torch.nn.functional.cross_entropy(out, y[k])
        own.backward()
        torch.testing.assert_close(loss[k], own.detach())
        for name, w in weights.items():
            torch.testing.assert_close(gradients[name][k], w.grad[0], atol=1e-6, rtol=1e-4)


def test_start_is_that_of_torch_linear_and_each_seed_its_own():
    nets = initialize([5, 7], n_inputs=784, n_units=100)
    alone = initialize([7], n_inputs=784, n_units=100)
    for name, w in nets.parameters().items():
        bound = 784**-0.5 if name.endswith("in") else 0.1
        assert w.abs().max() <= bound and (0.95 * bound < w.abs().max() or w[0].numel() < 200)
        assert torch.equal(w[1], getattr(alone, name)[0]) and not torch.equal(w[0], w[1])
    assert (
        len(nets[np.int64(1)]) == len(nets[1]) == 1
        and torch.equal(nets[1].w_in[0], nets.w_in[1])
        and len(nets[-1]) == 1
    )
    with pytest.raises(IndexError, match="network 2 of 2"):
        nets[2]
    with pytest.raises(ValueError, match="n_units"):
        initialize([0], n_units=0)


def test_run_takes_bytes_as_ink_and_checks_the_pixels():
    nets = some()[0]
    images = np.arange(24, dtype=np.uint8).reshape(2, 12) * 10
    hidden, outputs = perceptrons.run(nets, images)
    assert hidden.shape == (3, 2, 9) and outputs.shape == (3, 2, 4)
    np.testing.assert_allclose(perceptrons.run(nets, images / np.float32(255))[0], hidden)
    for bad in (images[:, 1:], images[0]):
        with pytest.raises(ValueError, match=r"allowed: \(image, 12 pixels\)"):
            perceptrons.run(nets, bad)


def test_accuracy_of_a_network_made_by_hand():
    eye, none = torch.eye(3)[None], torch.zeros(1, 3)
    nets = Perceptrons(eye, none, eye, none)  # names the brightest of three pixels
    images = np.eye(3, dtype=np.uint8)[np.arange(2500) % 3] * 200
    labels = np.arange(2500) % 3
    labels[:25] = (labels[:25] + 1) % 3
    assert perceptrons.accuracy(nets, images, labels) == pytest.approx([0.99])
    with pytest.raises(ValueError, match="2 labels for 3 images"):
        perceptrons.accuracy(nets, images[:3], labels[:2])
    with pytest.raises(ValueError, match="at least one"):
        perceptrons.accuracy(nets, images[:0], labels[:0])
