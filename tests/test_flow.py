"""Flow: scikit-learn, the plain network and a copied, lesioned network are the oracles."""

import bench_dynamics
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from fcmod_utils import activity, flow, learning, modules, networks, tasks
from fcmod_utils.recipes import Recipe

KINDS = [(1.0, "relu"), (0.4, "relu"), (1.0, "tanh"), (0.5, "softplus")]
INPUTS = (1.0, 0.5, 0.25)


def example(alpha=1.0, nonlinearity="relu", n_units=12, n=1, gain=1.5):
    nets = networks.initialize(range(n), 3, n_units, 3, alpha, nonlinearity)
    return nets.with_parameters(w_rec=gain * nets.w_rec)


def some_states(n=40, n_units=12, seed=0):
    return np.random.default_rng(seed).normal(0.5, 2, (n, n_units)).astype(np.float32)


# ---------------------------------------------------------------- the plane and its grid


def test_plane_is_that_of_principal_component_analysis():
    activity = some_states(200) * np.linspace(0.5, 3, 12)
    plane, expected = flow.principal_plane(activity), PCA(2).fit(activity)
    turned = plane.axes * np.sign((plane.axes * expected.components_).sum(1, keepdims=True))
    np.testing.assert_allclose(turned, expected.components_, atol=1e-6)
    np.testing.assert_allclose(plane.share, expected.explained_variance_ratio_, atol=1e-6)
    np.testing.assert_allclose(plane.origin, activity.mean(0), atol=1e-5)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in plane.axes)


@given(st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_lifting_and_projecting_gives_the_point_back(seed):
    plane = flow.principal_plane(some_states(30, seed=seed))
    points = np.random.default_rng(seed).normal(size=(7, 2))
    np.testing.assert_allclose(plane.project(plane.lift(points)), points, atol=1e-9)


@pytest.mark.parametrize(
    ("activity", "message"),
    [
        (np.ones((9, 4)), "fewer than two directions"),
        (np.zeros((9, 4)), "fewer than two directions"),
        (np.outer(np.arange(9.0), np.ones(4)), "fewer than two directions"),
        (np.full((9, 4), np.nan), "finite values only"),
        (np.ones((2, 9, 4)), r"allowed: \(row, unit\)"),
        (np.arange(9.0)[:, None], r"shape \(9, 1\); allowed: \(row, unit\)"),
    ],
)
def test_activity_without_a_plane_is_refused(activity, message):
    with pytest.raises(ValueError, match=message):
        flow.principal_plane(activity)


def test_grid_covers_the_points_and_the_margin():
    points = np.array([[[-1.0, 2.0], [3.0, 5.0]]])
    grid = flow.grid(points)
    assert grid.shape == (625, 2)
    np.testing.assert_allclose([grid.min(0), grid.max(0)], [[-3, 0], [5, 7]])
    np.testing.assert_allclose(np.diff(np.unique(grid[:, 0].round(9))), 8 / 24, atol=1e-6)
    assert np.ptp(grid[:25, 1]) == 0, "the first coordinate changes fastest"


@pytest.mark.parametrize(
    ("n", "margin", "message"),
    [(1, 2, "n of at least 2"), (0, 2, "n is 0"), (5, -1, "margin of at least 0"), (5, np.nan, "margin nan")],
)
def test_a_grid_of_nothing_is_refused(n, margin, message):
    with pytest.raises(ValueError, match=message):
        flow.grid(np.zeros((3, 2)), n, margin)


def test_a_grid_of_states_in_place_of_points_is_refused():
    with pytest.raises(ValueError, match=r"points have shape \(5, 12\); allowed: \(..., 2\)"):
        flow.grid(some_states()[:5])


@pytest.mark.parametrize("points", [np.array([[np.nan, 0], [1, 2]]), np.zeros((0, 2))])
def test_a_grid_over_no_range_is_refused(points):
    with pytest.raises(ValueError, match=r"allowed: \(\.\.\., 2\), one or more, finite"):
        flow.grid(points)


# ---------------------------------------------------------------- one step


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_step_by_step_gives_the_run(alpha, nonlinearity):
    nets = example(alpha, nonlinearity, n=3)
    inputs = np.random.default_rng(0).normal(size=(6, 1, 3)).astype(np.float32)
    expected = networks.run(nets, inputs).hidden
    r = torch.zeros(3, 1, 12)
    for t in range(6):
        r = flow.step(nets, r, inputs[t, 0])
        np.testing.assert_allclose(r.numpy(), expected[:, t], atol=1e-5)


def test_arrows_point_from_here_to_the_next_state():
    net, states = example(), some_states()
    plane = flow.principal_plane(states)
    points = flow.grid(plane.project(states), 4)
    arrows = flow.arrows(net, plane, points, INPUTS)
    for point, arrow in zip(points, arrows, strict=True):
        drive = net.w_rec[0].numpy() @ plane.lift(point) + net.w_in[0].numpy() @ INPUTS
        after = np.maximum(drive + net.b_in[0].numpy() + net.b_rec[0].numpy(), 0)
        np.testing.assert_allclose(point + arrow, plane.project(after), atol=1e-4)


def test_the_boundary_is_where_two_outputs_are_equal():
    net, states = example(), some_states()
    plane = flow.principal_plane(states)
    points = np.random.default_rng(1).normal(size=(9, 2))
    out = plane.lift(points) @ net.w_out[0].numpy().T + net.b_out[0].numpy()
    for pair in ((1, 2), (0, 2)):
        normal, offset = flow.boundary(net, plane, pair)
        np.testing.assert_allclose(points @ normal + offset, out[:, pair[0]] - out[:, pair[1]], atol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n: flow.step(n, torch.zeros(1, 2, 12), (1, 0)), r"shape \(2,\); allowed: \(3 channels"),
        (lambda n: flow.lesion_distances(n, np.zeros((2, 11)), INPUTS), r"\(2, 11\); allowed: \(state, 12"),
        (
            lambda n: flow.lesion_distances(n, some_states(), INPUTS, [12]),
            "allowed: whole numbers from 0 to 11",
        ),
        (
            lambda n: flow.lesion_distances(n, some_states(), INPUTS, [-1]),
            "allowed: whole numbers from 0 to 11",
        ),
        (lambda n: flow.lesion_distances(n, some_states(), INPUTS, [0.5]), "allowed: whole numbers"),
        (lambda n: flow.lesion_distances(example(n=2), some_states(), INPUTS), "2 networks; allowed: one"),
        *[
            (lambda n, pair=pair: flow.boundary(n, flow.principal_plane(some_states()), pair), "from 0 to 2")
            for pair in ((-1, 1), (1, 3), (0, 1, 2))
        ],
    ],
)
def test_bad_input_is_named_with_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call(example())


# ---------------------------------------------------------------- lesions


@pytest.mark.parametrize(("alpha", "nonlinearity"), KINDS)
def test_flow_distances_are_those_of_a_copied_and_lesioned_network(alpha, nonlinearity):
    net, states = example(alpha, nonlinearity), some_states()
    ours = flow.lesion_distances(net, states, INPUTS)
    np.testing.assert_allclose(ours, bench_dynamics.plain_distances(net, states, INPUTS, True), atol=1e-5)
    assert ours.shape == (12, 40)
    assert ours.std(axis=1).min() > 0


def test_flow_distances_at_full_size():
    """100 units from 625 states: within 1e-5 of the plain loop."""
    assert bench_dynamics.errors()[0] < 1e-5


def test_some_units_only_and_the_network_stays():
    net, states = example(), some_states()
    before = net.w_rec.clone()
    every = flow.lesion_distances(net, states, INPUTS)
    np.testing.assert_array_equal(flow.lesion_distances(net, states, INPUTS, [7, 2]), every[[7, 2]])
    assert torch.equal(net.w_rec, before)


def test_a_unit_that_talks_to_nobody_and_hears_nobody_is_not_missed():
    net = example()
    net.w_rec[0, 3, :] = net.w_rec[0, :, 3] = 0
    distances = flow.lesion_distances(net, some_states(), INPUTS)
    assert not distances[3].any()
    assert distances[[0, 1, 2, 4]].any(axis=1).all()


def test_twins_have_the_same_lesion_effect():
    """Units 0 and 1 hear and say the same; from states in which both are as active, so do their lesions."""
    net = example(gain=1.0)
    for name in ("w_in", "b_in", "w_rec", "b_rec"):
        getattr(net, name)[0, 1] = getattr(net, name)[0, 0]
    net.w_rec[0, :, 1] = net.w_rec[0, :, 0]
    states = some_states()
    states[:, 1] = states[:, 0]
    similarity = flow.lesion_similarity(flow.lesion_distances(net, states, INPUTS))
    assert similarity[0, 1] == pytest.approx(1, abs=1e-4)
    assert similarity[0, 2:].max() < 0.99


def test_similarity_is_a_correlation_and_needs_maps_that_vary():
    distances = np.abs(some_states(6, 30))
    expected = np.corrcoef(distances)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(flow.lesion_similarity(distances), expected, atol=1e-6)
    distances[2] = 1
    with pytest.raises(ValueError, match=r"units \[2\] are constant"):
        flow.lesion_similarity(distances)


def test_both_matrices_are_of_the_same_live_units():
    net, states = example(), some_states()
    hidden = some_states(60, seed=5)
    hidden[:, 2] = 0  # silent in trials
    net.w_rec[0, 7, :] = net.w_rec[0, :, 7] = 0  # never missed
    similarity, fc, live = flow.compare(net, hidden, states, INPUTS)
    assert np.flatnonzero(~live).tolist() == [2, 7]
    maps = flow.lesion_distances(net, states, INPUTS)
    np.testing.assert_allclose(similarity + np.eye(10), np.corrcoef(maps[live]), atol=1e-5)
    np.testing.assert_allclose(fc + np.eye(10), np.corrcoef(hidden[:, live].T), atol=1e-5)


# ---------------------------------------------------------------- claims, on a few small networks


@pytest.fixture(scope="module")
def trained():
    """Three go/no-go networks of 40 units, briefly trained, and their activity."""
    ensemble = learning.train(Recipe("go_nogo", units=40, steps=250, batch=8, window=60), range(3))[0]
    trials = tasks.sample_trials("go_nogo", 20, 0, ground_truth=np.arange(20) % 2)
    return ensemble, activity.rows(networks.run(ensemble, trials.inputs).hidden)


def test_units_of_one_module_are_missed_alike(trained):
    for k, hidden in enumerate(trained[1]):
        plane = flow.principal_plane(hidden)
        states = plane.lift(flow.grid(plane.project(hidden)))
        similarity, fc, live = flow.compare(trained[0][k], hidden, states, (1, 0, 0))
        pairs = np.triu_indices(live.sum(), 1)
        assert np.corrcoef(similarity[pairs], fc[pairs])[0, 1] > 0.4
        labels = modules.find(hidden).labels[live]
        assert modules.permutation_null(similarity, labels, 200)[1] < 0.05
        shuffled = np.random.default_rng(0).permutation(len(fc))
        assert abs(np.corrcoef(similarity[pairs], fc[np.ix_(shuffled, shuffled)][pairs])[0, 1]) < 0.3
