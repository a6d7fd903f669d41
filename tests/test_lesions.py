"""Lesions: by hand, and nothing else touched."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fcmod_utils import activity, lesions, networks
from fcmod_utils.networks import PARAMETERS


def two_units():
    """Output 0 reads unit 0 with weight 3, output 1 reads unit 1 with weight 4."""
    nets = networks.initialize([0], 1, 2, 2)
    return nets.with_parameters(
        w_out=torch.tensor([[[3.0, 0.0], [0.0, 4.0]]]), b_out=torch.tensor([[0.5, -0.5]])
    )


@pytest.mark.parametrize(
    ("units", "expected"),
    [([], [3.5, 3.5]), ([0], [0.5, 3.5]), ([1], [3.5, -0.5]), ([0, 1], [0.5, -0.5])],
)
def test_two_units_by_hand(units, expected):
    """The unit's contribution goes, the bias stays."""
    cut = lesions.cut_outputs(two_units(), [units])
    assert activity.read_out(cut, np.ones((1, 1, 2), np.float32)).tolist() == [[expected]]


def test_a_share_takes_the_strongest_read_out_weights_first():
    nets = networks.initialize([0, 1], 3, 6, 2)
    nets.w_out[0] = torch.tensor([[0.0, 3, 0, 1, 0, 9], [2.0, 0, 1, 1, 5, 9]])  # norms 2 3 1 1.4 5 9
    units = [[0, 1, 2, 4], [5]]
    for share, gone in ((0, []), (0.25, [4]), (0.5, [4, 1]), (0.75, [4, 1, 0]), (1, [4, 1, 0, 2])):
        cut = lesions.cut_outputs(nets, units, share)
        expected = nets.w_out[0].clone()
        expected[:, gone] = 0
        assert torch.equal(cut.w_out[0], expected), share


def test_of_equally_strong_units_the_first_named_goes_first():
    nets = networks.initialize([0], 3, 4, 2)
    nets.w_out[:] = 1.0
    cut = lesions.cut_outputs(nets, [[3, 1, 2]], 1 / 3)
    assert cut.w_out[0].any(dim=0).tolist() == [True, True, True, False]


@given(st.lists(st.integers(0, 7), unique=True), st.lists(st.integers(0, 7), unique=True), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_nothing_else_changes_and_the_original_stays(first, second, share):
    nets = networks.initialize([0, 1], 3, 8, 2, 0.5, "tanh")
    kept = {name: weights.clone() for name, weights in nets.parameters().items()}
    cut = lesions.cut_outputs(nets, [first, np.array(second)], share)
    for name in PARAMETERS:
        assert torch.equal(nets.parameters()[name], kept[name]), name
        if name != "w_out":
            assert torch.equal(cut.parameters()[name], kept[name]), name
    assert (cut.alpha, cut.nonlinearity) == (0.5, "tanh")
    for i, units in enumerate((first, second)):
        gone = (~cut.w_out[i].any(dim=0)).nonzero().flatten().tolist()
        assert set(gone) <= set(units)
        assert len(gone) == round(share * len(units))
        others = np.setdiff1d(np.arange(8), gone)
        assert torch.equal(cut.w_out[i][:, others], kept["w_out"][i][:, others])


@pytest.mark.parametrize(
    ("units", "share", "message"),
    [
        ([[0], [1]], 1.1, "share is 1.1; allowed: 0 to 1"),
        ([[0], [1]], -0.1, "share is -0.1; allowed: 0 to 1"),
        ([[0], [1]], float("nan"), "share is nan; allowed: 0 to 1"),
        ([[0]], 1, "units for 1 networks; allowed: one list for each of 2"),
        ([[0], [4]], 1, r"units \[4\]; allowed: whole numbers from 0 to 3"),
        ([[-1], [0]], 1, r"units \[-1\]; allowed: whole numbers from 0 to 3"),
        ([[True, False, False, True], [0]], 1, r"units \[True, False, False, True\]; allowed: whole"),
        ([[0.5], [0]], 1, r"units \[0.5\]; allowed: whole numbers from 0 to 3"),
    ],
)
def test_bad_lesions_are_named_with_what_is_allowed(units, share, message):
    with pytest.raises(ValueError, match=message):
        lesions.cut_outputs(networks.initialize([0, 1], 3, 4, 2), units, share)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=5), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_random_sets_have_the_same_sizes_and_only_live_units(sizes, seed):
    like = [np.arange(size) for size in sizes]
    among = [np.array([1, 3, 5, 7, 9, 11]) + i for i in range(len(sizes))]
    drawn = lesions.random_sets(like, among, seed)
    assert [len(units) for units in drawn] == sizes
    for units, pool in zip(drawn, among, strict=True):
        assert len(set(units.tolist())) == len(units)
        assert set(units.tolist()) <= set(pool.tolist())
    again = lesions.random_sets(like, among, seed)
    assert [u.tolist() for u in again] == [u.tolist() for u in drawn]


def test_random_sets_draw_every_unit_equally_often():
    drawn = lesions.random_sets([[0, 0]] * 3000, [np.arange(5)] * 3000, seed=0)
    counts = np.bincount(np.concatenate(drawn), minlength=5)
    assert abs(counts - 1200).max() < 5 * (3000 * 0.4 * 0.6) ** 0.5
    assert any(u.tolist() != drawn[0].tolist() for u in drawn)


def test_random_sets_need_one_pool_for_each_network():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        lesions.random_sets([[0], [1]], [[0, 1]])


# ---------------------------------------------------------------- connections inside a module


def by_hand():
    """Three units; weights [to, from]."""
    nets = networks.initialize([0], 1, 3, 2)
    return nets.with_parameters(w_rec=torch.tensor([[[3.0, 1, 9], [-7, 2, 9], [9, 9, 9]]]))


def test_the_largest_positive_weights_inside_go_first():
    doses = lesions.cut_within(by_hand(), [0, 1], [0, 1, 2, 3])
    inside = doses.w_rec[:, :2, :2].tolist()
    assert inside == [[[3, 1], [-7, 2]], [[0, 1], [-7, 2]], [[0, 1], [-7, 0]], [[0, 0], [-7, 0]]]
    assert (doses.w_rec[:, 2] == 9).all()
    assert (doses.w_rec[:, :, 2] == 9).all()


def test_nothing_else_changes_when_connections_are_cut():
    nets = networks.initialize([5], 3, 30, 2, 0.5, "tanh")
    kept = nets.w_rec.clone()
    doses = lesions.cut_within(nets, np.arange(10), [0, 20, 40])
    assert torch.equal(nets.w_rec, kept)
    assert torch.equal(doses.w_rec[0], kept[0])
    for name in set(PARAMETERS) - {"w_rec"}:
        assert torch.equal(getattr(doses, name), getattr(nets, name)[[0, 0, 0]]), name
    gone = (doses.w_rec == 0) & (kept != 0)
    assert gone.sum(dim=(1, 2)).tolist() == [0, 20, 40]
    assert (gone[1] <= gone[2]).all()
    assert (doses.alpha, doses.nonlinearity) == (0.5, "tanh")


def test_weights_that_were_transposed_are_cut_like_any():
    net = networks.initialize([5], 3, 6, 2)
    net = net.with_parameters(w_rec=net.w_rec.mT)
    cut = lesions.cut_within(net, range(6), [0, 3]).w_rec
    assert ((cut == 0) & (net.w_rec != 0)).sum(dim=(1, 2)).tolist() == [0, 3]


@pytest.mark.parametrize(
    ("units", "doses", "message"),
    [
        ([0, 1], [4], r"doses \[4\]; allowed: 0 to 3"),
        ([0, 1], [-1], r"doses \[-1\]; allowed: 0 to 3"),
        ([0, 3], [0], r"units \[0, 3\]; allowed: whole numbers from 0 to 2"),
    ],
)
def test_bad_doses_are_named_with_what_is_allowed(units, doses, message):
    with pytest.raises(ValueError, match=message):
        lesions.cut_within(by_hand(), units, doses)
    with pytest.raises(ValueError, match="2 networks; allowed: one"):
        lesions.cut_within(by_hand()[[0, 0]], [0, 1], [1])


def test_units_cut_out_neither_send_nor_receive_and_nothing_else_changes():
    nets = networks.initialize([5, 6], 3, 10, 2)
    kept, cut = nets.w_rec.clone(), lesions.cut_units(nets, [2, 7])
    gone = np.zeros((10, 10), bool)
    gone[[2, 7]] = gone[:, [2, 7]] = True
    assert torch.equal(nets.w_rec, kept)
    assert (cut.w_rec[:, gone] == 0).all()
    assert torch.equal(cut.w_rec[:, ~gone], kept[:, ~gone])
    for name in set(PARAMETERS) - {"w_rec"}:
        assert torch.equal(getattr(cut, name), getattr(nets, name)), name
    assert torch.equal(lesions.cut_units(nets, []).w_rec, kept)
    with pytest.raises(ValueError, match=r"units \[10\]; allowed: whole numbers from 0 to 9"):
        lesions.cut_units(nets, [10])
