"""Penalties: autograd and a sum by hand are the oracle."""

import pytest
import torch

from fcmod_utils import constraints, networks


def test_l1_is_the_sum_of_absolute_recurrent_weights():
    nets = networks.initialize([0, 1], 3, 4, 2)
    by_hand = [sum(abs(w) for row in net.tolist() for w in row) for net in nets.w_rec]
    assert constraints.l1(nets).tolist() == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("name", constraints.PENALTIES)
def test_a_penalty_is_each_networks_own_and_pulls_on_its_weights_only(name):
    nets = networks.initialize([0, 1], 3, 6, 2)
    nets.w_rec.requires_grad_()
    value = constraints.PENALTIES[name](nets)
    assert value.shape == (2,)
    value[1].backward()
    assert not nets.w_rec.grad[0].any()
    assert nets.w_rec.grad[1].any()
    torch.testing.assert_close(constraints.PENALTIES[name](nets[1])[0], value[1])
