"""Lesions of many-task networks: by hand, against zeroed weights, and networks whose groups are known."""

import numpy as np
import pytest
import torch

from fcmod_utils import cog_lesions, cog_tasks, lesions, networks, store, task_variance

GO, MATCH = cog_tasks.sample_trials("go", 40, 0), cog_tasks.sample_trials("dms", 40, 1)


def network(n_units=12, seed=0):
    return networks.initialize([seed], cog_tasks.n_inputs(), n_units, 17)


def test_without_units_is_with_their_weights_at_zero():
    net, cut = network(), [1, 4, 9]
    zeroed = lesions.cut_outputs(lesions.cut_units(net, cut), [cut])
    small = cog_lesions.only(net, np.setdiff1d(range(12), cut))
    for trials in (GO, MATCH):
        a, b = (networks.run(one, trials.inputs).outputs for one in (zeroed, small))
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_units_that_stay_keep_the_order_they_are_given_in():
    small = cog_lesions.only(network(), [5, 2])
    assert torch.equal(small.w_rec[0], network().w_rec[0][[5, 2]][:, [5, 2]])
    assert torch.equal(small.w_out[0], network().w_out[0][:, [5, 2]])
    assert torch.equal(small.w_in[0], network().w_in[0][[5, 2]])
    assert (small.alpha, small.nonlinearity) == (1.0, "relu")


def test_heard_follows_chains_of_weights_to_the_output():
    """0 is read; 1 speaks to 0, 2 to 1; 3 listens to all and speaks to nobody but itself."""
    net = network(4)
    w_rec, w_out = torch.zeros(1, 4, 4), torch.zeros(1, 17, 4)
    w_out[0, 3, 0] = w_rec[0, 0, 1] = w_rec[0, 1, 2] = 1.0
    w_rec[0, 3] = 1.0
    net = net.with_parameters(w_rec=w_rec, w_out=w_out)
    assert cog_lesions.heard(net).tolist() == [True, True, True, False]
    outputs = [networks.run(one, GO.inputs).outputs for one in (net, cog_lesions.only(net, [0, 1, 2]))]
    np.testing.assert_allclose(*outputs, atol=1e-6)


def fixator():
    """Two units: 0 holds the fixation output up while the cue is on, 1 does so in one task only."""
    net = network(3)
    zero = {name: torch.zeros_like(value) for name, value in net.parameters().items()}
    zero["w_in"][0, 0, 0] = 1  # the cue
    zero["w_in"][0, 1, 33 + cog_tasks.NAMES.index("dms")] = 1
    zero["w_out"][0, 0, 1] = 5.0  # in dms, fixate
    zero["b_out"][0, 1] = 1.0  # else, place 0
    return net.with_parameters(**zero)


def test_a_task_that_hangs_on_one_unit_falls_with_its_group_only():
    names = ("go", "dms")
    found = cog_lesions.table(fixator(), [0, 1, -1], n_random=20, n_trials=400, names=names)
    trials = cog_tasks.sample_trials("dms", 400, np.random.default_rng([cog_lesions.SEED, 16]))
    share = [(trials.targets[-1] == k).mean() for k in (0, 1)]
    assert found.intact[1] == share[0] and found.cut[1, 1] == share[1]
    np.testing.assert_allclose(found.loss[0], 0)
    assert found.loss[1, 0] == 0 and found.loss[1, 1] == share[0] - share[1] > 0.3
    assert found.random.shape == (2, 20, 2)
    assert 0 < (found.chance_loss[1, :, 1] > 0).mean() < 1  # one unit of two at random


def test_a_unit_of_no_group_is_never_cut():
    """Unit 1 carries dms but belongs nowhere: no lesion, random ones included, touches the task."""
    found = cog_lesions.table(fixator(), [0, -1, 1], n_random=20, n_trials=50, names=("dms",))
    assert not found.loss.any() and not found.chance_loss.any()


def test_the_same_trials_and_seed_give_the_same_table(tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path))
    labels, how = np.arange(12) % 3, {"n_random": 2, "n_trials": 20, "names": ("go", "anti")}
    made = cog_lesions.kept({"network": 0}, network(), labels, **how)
    again = cog_lesions.kept({"network": 0}, network(), labels, **how)
    plain = cog_lesions.table(network(), labels, **how)
    for name in ("intact", "cut", "random"):
        np.testing.assert_array_equal(getattr(made, name), getattr(plain, name))
        np.testing.assert_array_equal(getattr(made, name), getattr(again, name))
    assert len(list((store.root() / "lesions_cog").glob("*.safetensors"))) == 1
    cog_lesions.kept({"network": 0}, network(), labels[::-1].copy(), **how)
    assert len(list((store.root() / "lesions_cog").glob("*.safetensors"))) == 2


@pytest.mark.parametrize(
    ("labels", "how", "said"),
    [
        (np.zeros(11, int), {}, "one label per unit"),
        (np.full(12, -1), {}, "no unit has a group"),
        (np.zeros(12, int), {"n_random": 0}, "n_random is 0"),
        (np.zeros(12, int), {"n_trials": 2.5}, "n_trials is 2.5"),
        (np.zeros(12, int), {"names": ("dmz",)}, "unknown task 'dmz'"),
    ],
)
def test_bad_input_is_named(labels, how, said):
    with pytest.raises(ValueError, match=said):
        cog_lesions.table(network(), labels, **how)


def test_several_networks_are_refused():
    two = networks.initialize([0, 1], 53, 4, 17)
    for call in (lambda: cog_lesions.table(two, [0, 0, 1, 1]), lambda: cog_lesions.only(two, [0])):
        with pytest.raises(ValueError, match="2 networks"):
            call()


def test_lesions_agree_with_the_weights_at_zero_in_every_run():
    """The whole table again, from the networks with zeroed weights and all their units."""
    net, labels = network(), np.array([0, 0, 1, 1, 1, 0, -1, -1, 0, 1, 0, 1])
    found = cog_lesions.table(net, labels, n_random=1, n_trials=60, names=("anti", "dm1"))

    def measured(cut):
        gone = lesions.cut_outputs(lesions.cut_units(net, cut), [cut])
        return task_variance.accuracy(gone, ("anti", "dm1"), 60, cog_lesions.SEED)[0]

    np.testing.assert_array_equal(found.intact, measured([]))
    for k in (0, 1):
        np.testing.assert_array_equal(found.cut[k], measured(np.flatnonzero(labels == k)))


def test_correlation_of_tables_and_its_null():
    rng = np.random.default_rng(0)
    shares = rng.random((5, 20))
    r, null = cog_lesions.permuted_r(shares, 3 * shares + 1)
    assert r == pytest.approx(1) and null.shape == (1000,) and null.max() < 0.9 and abs(null.mean()) < 0.1
    other = rng.random((5, 20))
    r, null = cog_lesions.permuted_r(shares, other)
    assert r == pytest.approx(np.corrcoef(shares.ravel(), other.ravel())[0, 1])
    order = np.random.default_rng(0).permuted(np.tile(np.arange(20), (1000, 1)), axis=1)[7]
    assert null[7] == pytest.approx(np.corrcoef(shares.ravel(), other[:, order].ravel())[0, 1])
    rows = np.arange(5.0)[:, None] + np.zeros(20)  # groups differ, tasks do not: the null knows it
    assert (cog_lesions.permuted_r(rows, rows)[1] > 1 - 1e-9).all()
    for even in (1.0, 0.1):  # the mean of many 0.1 is not quite 0.1
        assert np.isnan(cog_lesions.permuted_r(shares, np.full((5, 20), even))[0])
        assert np.isnan(cog_lesions.permuted_r(np.full((5, 20), even), shares)[0])
    with pytest.raises(ValueError, match="alike"):
        cog_lesions.permuted_r(shares, shares[:4])
