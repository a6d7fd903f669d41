"""Penalties: small networks by hand, autograd and torch's matrix exponential are the oracle."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from fcmod_utils import constraints, networks

SPATIAL = [name for name in constraints.PENALTIES if name != "l1"]


def nets(w_rec, dtype=torch.float64):
    """An ensemble with these recurrent weights, (network, to, from)."""
    w_rec = torch.as_tensor(w_rec if torch.is_tensor(w_rec) else np.array(w_rec), dtype=dtype)
    like = networks.initialize(range(len(w_rec)), 3, w_rec.shape[1], 2)
    return like.with_parameters(w_rec=w_rec)


def random_weights(n_networks=2, n_units=6, seed=0):
    return torch.randn(
        n_networks, n_units, n_units, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )


def slow_communicability(w):
    """As the formula is written, with torch's matrix exponential."""
    w = w.abs()
    root = w.sum(0).clamp_min(constraints.STRENGTH_FLOOR) ** -0.5  # column sums: what a unit sends
    return torch.linalg.matrix_exp(torch.diag(root) @ w @ torch.diag(root))


def test_l1_is_the_sum_of_absolute_recurrent_weights():
    ensemble = networks.initialize([0, 1], 3, 4, 2)
    by_hand = [sum(abs(w) for row in net.tolist() for w in row) for net in ensemble.w_rec]
    assert constraints.l1(ensemble).tolist() == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("name", constraints.PENALTIES)
def test_a_penalty_is_each_networks_own_and_pulls_on_its_weights_only(name):
    ensemble = networks.initialize([0, 1], 3, 6, 2)
    ensemble.w_rec.requires_grad_()
    value = constraints.PENALTIES[name](ensemble)
    assert value.shape == (2,)
    value[1].backward()
    assert not ensemble.w_rec.grad[0].any()
    assert ensemble.w_rec.grad[1].any()
    torch.testing.assert_close(constraints.PENALTIES[name](ensemble[1])[0], value[1])


# ------------------------------------------------------------------------------ by hand


def test_two_units_by_hand():
    """Unit 0 sends 4 to unit 1, unit 1 sends -1 back; they lie one step apart.

    Out-strengths are 4 and 1, so both entries of S^-1/2 |W| S^-1/2 are 4 / sqrt(4 * 1) = 2 (to 1 from
    0) and 1 / 2 (to 0 from 1); their product is 1, so exp has cosh 1 on the diagonal and sinh 1 times
    2 and 1/2 beside it. The cost is 4 * 2 sinh 1 + 1 * sinh 1 / 2.
    """
    ensemble = nets([[[0, -1], [4, 0]]])
    c = constraints.communicability(ensemble.w_rec)[0]
    sinh, cosh = math.sinh(1), math.cosh(1)
    np.testing.assert_allclose(c, [[cosh, sinh / 2], [2 * sinh, cosh]], rtol=1e-9)
    assert constraints.spatial(ensemble).item() == pytest.approx(8.5 * sinh, rel=1e-9)
    assert constraints.spatial(ensemble, communication=False).item() == pytest.approx(5)
    assert constraints.spatial(ensemble, distance=False).item() == pytest.approx(8.5 * sinh, rel=1e-9)


def test_a_chain_of_three_units_by_hand():
    """0 sends 2 to 1, 1 sends 3 to 2, 2 sends 1 to 0: a ring; they lie in a row, 1 apart.

    W S^-1 moves everything one unit on, so its exponential holds, at 0, 1 and 2 moves, the sums of
    1/k! over k = 0, 1, 2 modulo 3; S^-1/2 and S^1/2 scale them by the root of the senders' ratio.
    """
    ensemble = nets([[[0, 0, 1], [2, 0, 0], [0, 3, 0]]])
    one_on = sum(1 / math.factorial(k) for k in range(1, 30, 3))
    expected = one_on * (1 * 2 * math.sqrt(1 / 2) + 2 * 1 * math.sqrt(2 / 3) + 3 * 1 * math.sqrt(3 / 1))
    assert constraints.box(3).tolist() == [[0, 0, 0], [1, 0, 0], [2, 0, 0]]
    assert constraints.spatial(ensemble).item() == pytest.approx(expected, rel=1e-9)


def test_self_connections_cost_nothing_unless_they_are_asked_to():
    ensemble = nets([np.diag([5.0, 2.0])])
    for name in set(SPATIAL) - {"sernn_diagonal"}:
        assert constraints.PENALTIES[name](ensemble).item() == 0, name
    assert constraints.PENALTIES["sernn_diagonal"](ensemble).item() == pytest.approx(7 * math.e, rel=1e-9)


# ------------------------------------------------------------------------------ communicability


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_communicability_is_torchs_and_that_of_the_eigenvalues(scale):
    w = random_weights(3, 20) * scale
    w[1] *= torch.rand(20, 20, dtype=torch.float64) ** 8  # uneven: strengths differ by much
    ours = constraints.communicability(w)
    for network, c in zip(w, ours, strict=True):
        torch.testing.assert_close(c, slow_communicability(network), rtol=1e-8, atol=1e-9)
        strength = network.abs().sum(0)
        values, vectors = np.linalg.eig((network.abs() / (strength[:, None] * strength).sqrt()).numpy())
        by_eigenvalues = (vectors * np.exp(values)) @ np.linalg.inv(vectors)
        np.testing.assert_allclose(c, by_eigenvalues.real, rtol=1e-6, atol=1e-8)


def test_single_precision_is_enough():
    w = random_weights(2, 100)
    close = partial(torch.testing.assert_close, rtol=1e-4, atol=1e-5)
    close(constraints.communicability(w.float()).double(), constraints.communicability(w))


def test_strength_is_what_a_unit_sends():
    """Unit 1 sends to all others and hears nobody: the sum of its column, not of its row, counts."""
    w = torch.zeros(1, 3, 3, dtype=torch.float64)
    w[0, [0, 2], 1] = 2.0
    w[0, 1, 1] = w[0, 0, 0] = w[0, 2, 2] = 1.0  # so that everybody sends something
    c = constraints.communicability(w)[0]
    torch.testing.assert_close(c, slow_communicability(w[0]), rtol=1e-8, atol=1e-9)
    assert not torch.allclose(c, slow_communicability(w[0].T).T)


def test_units_that_send_nothing_leave_all_finite():
    w = random_weights(1, 5)
    w[0, :, 2] = 0  # sends nothing
    w[0, 3] = w[0, :, 3] = 0  # neither sends nor hears
    w.requires_grad_()
    c = constraints.communicability(w)
    assert torch.isfinite(c).all()
    assert c[0, 3].tolist() == [0, 0, 0, 1, 0]
    constraints.spatial(nets(w.detach()).with_parameters(w_rec=w)).sum().backward()
    assert torch.isfinite(w.grad).all()
    assert constraints.spatial(nets(np.zeros((1, 4, 4)))).item() == 0


# ------------------------------------------------------------------------------ gradients


@pytest.mark.parametrize("name", SPATIAL)
def test_gradients_are_those_of_differences(name):
    w = random_weights(2, 5, seed=3).requires_grad_()
    like = nets(w.detach())
    if name == "sernn_detached":
        fixed = constraints.communicability(w.detach())
        d = torch.from_numpy(constraints.distances(constraints.box(5)))
        (ours,) = torch.autograd.grad(
            constraints.spatial(like.with_parameters(w_rec=w), detached=True).sum(), w
        )
        torch.testing.assert_close(ours, w.sign() * d * fixed)
        return
    penalty = constraints.PENALTIES[name]
    assert torch.autograd.gradcheck(lambda x: penalty(like.with_parameters(w_rec=x)), (w,))


def test_the_gradient_goes_through_the_exponential():
    w = random_weights(1, 8).requires_grad_()
    like, d = nets(w.detach()), torch.from_numpy(constraints.distances(constraints.box(8)))
    (ours,) = torch.autograd.grad(constraints.spatial(like.with_parameters(w_rec=w)).sum(), w)
    (slow,) = torch.autograd.grad((w[0].abs() * d * slow_communicability(w[0])).sum(), w)
    torch.testing.assert_close(ours, slow, rtol=1e-7, atol=1e-9)
    detached = constraints.spatial(like.with_parameters(w_rec=w), detached=True).sum()
    assert not torch.allclose(ours, torch.autograd.grad(detached, w)[0], rtol=0.1)


# ------------------------------------------------------------------------------ places


def test_a_hundred_units_fill_the_papers_grid():
    places = constraints.box(100)
    assert sorted(places.max(0) + 1) == [4, 5, 5]
    assert len(np.unique(places, axis=0)) == 100
    d = constraints.distances(places)
    off = d[~np.eye(100, dtype=bool)]
    assert (off.min(), off.max(), off.mean()) == pytest.approx((1, 6.40, 3.06), abs=0.005)
    assert (d == d.T).all()


@pytest.mark.parametrize("n", [1, 2, 7, 12, 27, 64, 97])
def test_any_number_of_units_has_places_of_its_own(n):
    assert constraints.box(n).shape == (n, 3)
    assert len(np.unique(constraints.box(n), axis=0)) == n


# ------------------------------------------------------------------------------ bad input


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="n_units is 0; allowed"):
        constraints.box(0)
    with pytest.raises(ValueError, match=r"weights have shape \(3, 4\); allowed: \(network, unit, unit\)"):
        constraints.communicability(torch.zeros(3, 4))
    with pytest.raises(ValueError, match=r"places have shape .*; allowed"):
        constraints.distances(np.array([[np.nan, 0, 0]]))


def test_the_sheets_price_by_hand():
    """Three units: 1 beside 0, 2 below 0; pairs are 1, 1 and sqrt 2 apart."""
    ensemble = nets([[[7, 1, 2], [-3, 7, 4], [5, -6, 7]]])
    root = math.sqrt(2)
    expected = (1 + 3 + 2 + 5 + root * (4 + 6)) / ((2 + root) / 3)
    assert constraints.on_a_sheet(ensemble).item() == pytest.approx(expected, rel=1e-12)
    assert constraints.sheet(64)[[9, 63]].tolist() == [[1, 1], [7, 7]]
