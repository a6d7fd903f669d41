"""Functional modules of many-task networks: networks whose groups, places and agreement are known."""

import numpy as np
import pytest
import torch

from fcmod_utils import cog_modules, cog_tasks, modules, networks, sheets, store

NAMES = ("go", "anti", "dm1")
GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 1, -1])
LENGTHS = sheets.distances((3, 3))


def two_rings():
    """Units 0 to 3 hear the first ring, 4 to 7 the second, 8 nothing; nobody hears another."""
    net = networks.initialize([0], cog_tasks.n_inputs(), 9, 17)
    w_in, zero = torch.zeros(1, 9, cog_tasks.n_inputs()), torch.zeros(1, 9)
    w_in[0, :4, 1:17], w_in[0, 4:8, 17:33] = 1.0, 1.0
    w_in[0, :8] *= torch.arange(1.0, 9)[:, None]
    return net.with_parameters(w_in=w_in, w_rec=torch.zeros(1, 9, 9), b_in=zero, b_rec=zero)


VARIANCE = np.repeat([[1.0, 0.2, 0.1], [0.1, 0.2, 1.0], [0, 0, 0]], [4, 4, 1], axis=0)


def compared(groups=GROUPS, **how):
    return cog_modules.compare(two_rings(), VARIANCE, groups, LENGTHS, runs=2, names=NAMES, **how)


def test_modules_of_a_network_with_two_halves_are_its_halves():
    found = compared()
    assert modules.agreement(found["labels"], GROUPS) == 1 and found["labels"][8] == -1
    assert found["n_modules"] == 2 and found["q"] > 0.3
    assert found["share"] == pytest.approx(1) and found["ari"] == pytest.approx(1)
    assert abs(found["share_null"]) < 0.3 and found["share_p"] < 0.1 and found["ari_p"] < 0.1
    assert found["r_profile"] > 0.9 and found["r_weight"] == 0  # no weights at all
    assert found["space_ratio"] < 1 and found["space_ratio"] == pytest.approx(found["group_ratio"])


def test_groups_across_the_halves_induce_nothing():
    found = compared(np.array([0, 1, 0, 1, 0, 1, 0, 1, -1]))
    assert found["ari"] < 0 and found["share"] < 0.05 and found["share_p"] > 0.5 and found["ari_p"] > 0.5


def test_distance_has_the_sign_it_should():
    """Halves whose units sit together: the nearer, the more correlated."""
    assert compared()["r_distance"] < -0.2


def test_units_of_no_group_are_left_out():
    found = compared(np.where(np.arange(9) == 0, -1, GROUPS))
    assert found["labels"][0] == found["labels"][8] == -1 and (found["labels"][1:8] >= 0).all()


def test_centered_rows_cannot_tell_tasks_apart():
    activity = cog_modules.record(two_rings(), range(8), NAMES, 10)
    assert [one.shape for one in activity] == [(15, 10, 8), (15, 10, 8), (12, 10, 8)]
    plain, centered = (cog_modules.together(activity, which) for which in (False, True))
    start = 0
    for one in activity:
        part = slice(start, start := start + 150 if len(one) == 15 else start + 120)
        np.testing.assert_allclose(centered[part].mean(axis=0), 0, atol=1e-5)
        np.testing.assert_array_equal(plain[part], one.reshape(-1, 8))
    assert np.abs(plain[:150].mean(axis=0)).min() > 0.01


def test_trials_of_a_task_do_not_depend_on_the_other_tasks():
    alone = cog_modules.record(two_rings(), [2, 5], ("dm1",), 10)[0]
    np.testing.assert_array_equal(alone, cog_modules.record(two_rings(), [2, 5], NAMES, 10)[2])


def test_modules_of_each_task_and_how_alike_they_are():
    """Each half of the trials has both rings in it, so that the halves are told apart in each."""
    found = cog_modules.by_task(two_rings(), range(8), ("go", "anti"))
    assert found["labels"].shape == (2, 8)
    np.testing.assert_allclose(found["alike"], 1)


def test_a_task_in_which_nothing_varies_agrees_with_nothing():
    still = two_rings().with_parameters(w_in=torch.zeros(1, 9, cog_tasks.n_inputs()))
    found = cog_modules.by_task(still, range(8), ("go", "anti"))
    assert (found["labels"] == -1).all() and np.isnan(found["alike"]).all()


@pytest.mark.parametrize(
    ("network", "units", "how", "message"),
    [
        (two_rings(), range(8), {"runs": 0}, "runs is 0; allowed: a whole number of at least 1"),
        (two_rings(), [-1, 2], {}, "units .*; allowed: whole numbers from 0 to 8"),
        (two_rings(), [9], {}, "allowed: whole numbers from 0 to 8"),
        (two_rings()[[0, 0]], range(8), {}, "2 networks; allowed: one"),
        (
            two_rings().with_parameters(b_rec=torch.full((1, 9), np.inf)),
            range(8),
            {},
            "NaN or infinite values",
        ),
    ],
)
def test_bad_input_is_no_silence(network, units, how, message):
    with pytest.raises(ValueError, match=message), np.errstate(all="ignore"):
        cog_modules.by_task(network, units, ("go", "anti"), **how)


def test_tables_are_kept_by_network_and_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path))
    arguments = cog_modules.by_task, two_rings(), range(8)
    made = cog_modules.kept({"network": 1}, *arguments, names=("go", "anti"), runs=1)
    again = cog_modules.kept({"network": 1}, *arguments, names=("go", "anti"), runs=1)
    np.testing.assert_array_equal(made["alike"], again["alike"])
    cog_modules.kept({"network": 1}, *arguments, names=("go", "anti"), runs=2)
    assert len(list((store.root() / "modules_cog").glob("*.safetensors"))) == 2


@pytest.mark.parametrize(
    ("groups", "names", "said"),
    [
        (GROUPS[:8], NAMES, "one label per unit"),
        (np.full(9, -1), NAMES, "0 units have a group"),
        (GROUPS, ("goo",), "unknown task 'goo'"),
    ],
)
def test_bad_input_is_named(groups, names, said):
    with pytest.raises(ValueError, match=said):
        cog_modules.compare(two_rings(), VARIANCE, groups, LENGTHS, names=names)
