"""Fixed points: networks of one and two units that can be solved by hand, autograd, the plain loop."""

import bench_dynamics
import numpy as np
import pytest
import torch

from fcmod_utils import fixed_points, jacobians, networks
from fcmod_utils.networks import run

NOTHING = (0.0,)


def by_hand(w_rec, bias, nonlinearity="relu", alpha=1.0):
    """A network whose only parts are its recurrent weights and biases."""
    w = torch.tensor(w_rec, dtype=torch.float32)[None]
    net = networks.initialize([0], 1, w.shape[1], 2, alpha, nonlinearity)
    zeros = {name: torch.zeros_like(x) for name, x in net.parameters().items()}
    return net.with_parameters(**zeros | {"w_rec": w, "b_rec": torch.tensor([bias], dtype=torch.float32)})


def larger(n_units=20, nonlinearity="relu", alpha=1.0):
    net = networks.initialize([3], 3, n_units, 3, alpha, nonlinearity)
    return net.with_parameters(w_rec=1.4 * net.w_rec)


# ---------------------------------------------------------------- search


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_one_unit_has_the_fixed_point_of_its_equation(alpha):
    """r = relu(0.5 r + 1) at r = 2; one step shrinks a distance to 1 - alpha / 2 of itself."""
    net = by_hand([[0.5]], [1.0], alpha=alpha)
    found = fixed_points.search(net, np.array([[0.0], [5.0], [-3.0]]), NOTHING)
    assert found.converged.all()
    np.testing.assert_allclose(found.points, 2, atol=1e-4)
    values = jacobians.eigenvalues(net, found.points, NOTHING)
    np.testing.assert_allclose(values, 1 - alpha / 2, atol=1e-6)


def test_three_fixed_points_two_of_them_stable():
    """r = tanh(2 r): 0 and both solutions of r = tanh(2 r); slope 2 at 0."""
    net = by_hand([[2.0]], [0.0], "tanh")
    found = fixed_points.search(net, np.linspace(-1.5, 1.5, 9)[:, None], NOTHING)
    points = found.points[fixed_points.distinct(found.points)].ravel()
    np.testing.assert_allclose(np.sort(points), [-0.957504, 0, 0.957504], atol=1e-5)
    modulus = np.abs(jacobians.eigenvalues(net, found.points, NOTHING)).ravel()
    np.testing.assert_array_equal(modulus > 1, np.abs(found.points.ravel()) < 0.1)
    np.testing.assert_allclose(modulus[modulus > 1], 2, atol=1e-5)


def test_where_there_is_no_fixed_point_the_search_says_so():
    """r = relu(r + 1) has none: for r above -1 the speed is 1, and flat."""
    found = fixed_points.search(by_hand([[1.0]], [1.0]), np.array([[0.0], [2.0]]), NOTHING, max_steps=50)
    assert not found.converged.any()
    np.testing.assert_allclose(found.speed, 1)


def test_a_search_cut_short_is_marked_start_by_start():
    net = by_hand([[0.5]], [1.0])
    found = fixed_points.search(net, np.array([[2.0], [40.0]]), NOTHING, max_steps=3)
    assert found.converged.tolist() == [True, False]
    assert found.speed[0] < 1e-6 < found.speed[1]


def test_the_search_finds_what_one_start_after_the_other_finds():
    net, rng = larger(), np.random.default_rng(0)
    starts, inputs = rng.uniform(0, 3, (6, 20)), (1.0, 0.5, 0.5)
    found = fixed_points.search(net, starts, inputs)
    np.testing.assert_allclose(found.points, bench_dynamics.plain_search(net, starts, inputs), atol=1e-4)
    assert found.converged.all()
    assert found.speed.max() < 1e-6
    end = run(net, np.tile(np.float32(inputs), (400, 1, 1))).hidden[0, -1]  # it is where the state goes
    np.testing.assert_allclose(found.points, np.tile(end, (6, 1)), atol=1e-4)


def test_a_large_tolerance_gives_slow_points():
    net = by_hand([[0.98]], [0.1])
    slow = fixed_points.search(net, np.array([[20.0]]), NOTHING, tolerance=0.2)
    assert slow.converged.all()
    assert 1e-3 < slow.speed[0] < 0.2
    assert slow.points[0, 0] > 6  # the fixed point is at 5


@pytest.mark.parametrize(("nonlinearity", "alpha"), [("relu", 1.0), ("tanh", 0.4), ("softplus", 0.5)])
def test_descent_is_that_of_torchs_adam(nonlinearity, alpha):
    net, starts = larger(8, nonlinearity, alpha), np.random.default_rng(0).uniform(0, 3, (5, 8))
    r = torch.tensor(starts, dtype=torch.float32, requires_grad=True)
    optimizer = torch.optim.Adam([r], lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        (fixed_points.step(net, r[None], (1.0, 0.5, 0.5))[0] - r).square().mean().backward()
        optimizer.step()
    ours = fixed_points.descend(net, starts, (1.0, 0.5, 0.5), 60, 0.01)
    np.testing.assert_allclose(ours.points, r.detach(), atol=1e-4)


def test_adam_goes_downhill_but_says_where_it_did_not_arrive():
    net, starts = larger(), np.random.default_rng(0).uniform(0, 3, (6, 20))
    inputs = (1.0, 0.5, 0.5)
    short, long = (fixed_points.descend(net, starts, inputs, n, 0.01, 0.01) for n in (20, 2000))
    assert (long.speed < short.speed).all()
    assert not short.converged.any()
    assert long.converged.all()
    exact = fixed_points.search(net, starts, inputs)
    np.testing.assert_allclose(long.points, exact.points, atol=0.05)
    np.testing.assert_array_less(exact.speed, long.speed)


def test_points_closer_than_the_tolerance_are_one():
    points = np.array([[0.0, 0], [1, 0], [0, 1e-4], [1, 1e-4], [0, 0.5]])
    assert fixed_points.distinct(points).tolist() == [0, 1, 4]
    assert fixed_points.distinct(points, 1e-5).tolist() == [0, 1, 2, 3, 4]
    assert fixed_points.distinct(np.zeros((0, 3))).tolist() == []


# ---------------------------------------------------------------- long runs


def test_a_cycle_of_four_is_told_from_a_fixed_point():
    """r1 = relu(1 - r2), r2 = relu(r1) walks around a square; its center is a fixed point."""
    net = by_hand([[0, -1], [1, 0]], [1.0, 0.0])
    kinds = {
        "cycle": [[0, 0], [0.9, 0.1]],
        "one point": [[0.5, 0.5]],
        "both": [[0, 0], [0.5, 0.5]],
    }
    for kind, starts in kinds.items():
        assert fixed_points.long_run(net, np.array(starts), NOTHING, 300, 50).kind == kind
    end = fixed_points.long_run(net, np.zeros((1, 2)), NOTHING, 300, 50)
    assert end.variation.tolist() == [1.0]


def test_several_points_and_states_that_run_away():
    several = fixed_points.long_run(by_hand([[2.0]], [0.0], "tanh"), np.array([[-1.0], [1.0]]), NOTHING, 300)
    assert several.kind == "several points"
    np.testing.assert_allclose(several.ends.ravel(), [-0.957504, 0.957504], atol=1e-4)
    away = fixed_points.long_run(by_hand([[2.0]], [1.0]), np.array([[0.0]]), NOTHING, 2000)
    assert away.kind == "runs away"
    assert np.isinf(away.variation).all()


def test_slow_approach_is_not_a_cycle_if_the_run_is_long_enough():
    net, start = by_hand([[0.99]], [0.01]), np.array([[30.0]])
    assert fixed_points.long_run(net, start, NOTHING, 400).kind == "cycle"
    assert fixed_points.long_run(net, start, NOTHING, 2000).kind == "one point"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_for_each_network_as_one_by_one(workers, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", workers)
    nets = networks.initialize(range(2), 3, 5, 3)
    states = np.random.default_rng(0).normal(size=(2, 4, 5))
    both = fixed_points.for_each(fixed_points.long_run, nets, states, inputs=(1, 0, 0), n_steps=20, window=5)
    for k, run_ in enumerate(both):
        alone = fixed_points.long_run(nets[k], states[k], (1, 0, 0), 20, 5)
        np.testing.assert_array_equal(run_.ends, alone.ends)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n: fixed_points.search(n, np.zeros((2, 3)), NOTHING, tolerance=0), "tolerance is 0; allowed"),
        (lambda n: fixed_points.search(n, np.zeros((2, 3)), NOTHING, max_steps=0), "max_steps is 0"),
        (lambda n: fixed_points.search(n, np.zeros((2, 4)), NOTHING), r"allowed: \(state, 3 units\)"),
        (lambda n: fixed_points.search(n, np.zeros((2, 3)), (1, 0)), r"allowed: \(1 channels,\)"),
        (lambda n: fixed_points.long_run(n, np.zeros((2, 3)), NOTHING, 100), "allowed: n_steps >= window"),
        (lambda n: fixed_points.long_run(n[[0, 0]], np.zeros((2, 3)), NOTHING), "2 networks; allowed: one"),
        (lambda n: fixed_points.for_each(fixed_points.long_run, n, []), "0 sets of states; allowed: one for"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call(by_hand(np.eye(3).tolist(), [0.0, 0.0, 0.0]))
