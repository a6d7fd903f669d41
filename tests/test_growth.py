"""Growth: neurons are followed where they were moved on purpose; a story is what its networks are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fcmod_utils import cog_lesions, grown, growth, learning, sheets, task_variance, training
from fcmod_utils.networks import initialize
from fcmod_utils.recipes import Recipe
from fcmod_utils.scale import SCALES

TINY = replace(SCALES["quick"], sheet_side=4, sheet_steps=160, sheet_short=32)
STEPS = sheets.distances((5, 5)) * 5


def placed(network, order):
    """The network with unit ``order[i]`` in place i, and every weight a little other."""
    torch.manual_seed(0)
    layout = sheets.Layout((5, 5), 1)
    layout.cells[0] = np.argsort(order)
    moved = layout.arranged(network)
    return moved.with_parameters(
        **{k: w * (1 + 0.2 * torch.randn_like(w)) for k, w in moved.parameters().items()}
    )


@pytest.fixture(scope="module")
def network():
    return initialize([0], 53, 25, 17, 1.0, "relu")


@pytest.mark.parametrize("dead", ["w_in", "w_rec", "none"])
def test_units_are_found_by_whichever_weights_they_have(network, dead):
    if dead != "none":
        network = network.with_parameters(**{dead: 0 * getattr(network, dead)})
    order = np.random.default_rng(0).permutation(25)
    assert growth.match(network, placed(network, order), STEPS).tolist() == np.argsort(order).tolist()


def test_units_without_weights_stay_where_they_are(network):
    nothing = network.with_parameters(**{k: 0 * w for k, w in network.parameters().items()})
    assert growth.match(nothing, nothing, STEPS).tolist() == list(range(25))


def test_neurons_are_followed_over_many_moves(network):
    rng = np.random.default_rng(1)
    nets, orders = [network], [np.arange(25)]
    for _ in range(3):
        order = rng.permutation(25)
        nets.append(placed(nets[-1], order))
        orders.append(orders[-1][order])  # who sits in each cell
    cells = growth.follow(nets, STEPS)
    for at, order in zip(cells, orders, strict=True):
        assert order[at].tolist() == orders[-1].tolist()


def test_swaps_of_a_training_are_recovered(monkeypatch):
    seen, arranged = [], sheets.Layout.arranged
    monkeypatch.setattr(
        sheets.Layout, "arranged", lambda self, net: seen.append(self.cells[0].copy()) or arranged(self, net)
    )
    recipe = Recipe(
        "cog_6", units=25, steps=240, batch=8, window=30, sheet=(5, 5), locality=1.0, swap_every=20,
        penalty="wiring", penalty_strength=1e-4, checkpoint_every=80,
    )  # fmt: skip
    nets = list(learning.train(recipe, [0])[2].values())
    for k in (1, 2):  # from the untrained network too much changes at once
        truth = np.empty(25, int)
        truth[seen[k]] = seen[k + 1]
        found = growth.match(nets[k], nets[k + 1], STEPS)
        assert (truth != np.arange(25)).any() and (found == truth).mean() > 0.9


def test_links_are_the_strongest_and_no_units_own():
    rng = np.random.default_rng(0)
    w = rng.standard_normal((25, 25)) * (rng.random((25, 25)) < 0.3)
    found = growth.links(w, STEPS, 40)
    bare = np.abs(w - np.diag(np.diag(w)))
    np.testing.assert_array_equal(np.abs(found.weights), np.sort(bare.ravel())[::-1][:40])
    np.testing.assert_array_equal(w[tuple(found.ends.T)], found.weights)
    assert found.count == (bare > 0.01).sum() and found.length == STEPS[bare > 0.01].mean()
    none = growth.links(np.eye(25), STEPS, 3)
    assert none.count == 0 and np.isnan(none.length) and not none.weights.any()


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FCMOD_STORE", str(tmp_path_factory.mktemp("store")))
        patch.setenv("FCMOD_WORKERS", "1")
        accuracy, variance = grown.accuracy, grown.task_variance
        patch.setattr(grown, "accuracy", lambda *a, n_trials: accuracy(*a, n_trials=50))
        patch.setattr(grown, "task_variance", lambda *a, n_trials: variance(*a, n_trials=20))
        patch.setattr(growth, "N_TRIALS", 20)
        made = growth.story(1, TINY)
        patch.setattr(growth, "_make", lambda *_: pytest.fail("made again"))
        assert growth.story(1, TINY).keys() == made.keys(), "the second time it is read"
        yield (
            made,
            grown.grow("bimt", TINY)[1],
            {s: grown.at_strength("l1", s, TINY) for s in TINY.sheet_strengths},
        )


def test_a_story_ends_with_the_grown_network(story):
    made, net, _ = story
    frames = len(made["steps"]) - 1
    assert made["steps"].tolist() == list(range(0, 161, 8)) and made["cells"].shape == (21, 16)
    np.testing.assert_array_equal(np.sort(made["cells"], axis=1), np.tile(np.arange(16), (frames + 1, 1)))
    np.testing.assert_array_equal(made["cells"][-1], np.arange(16))
    np.testing.assert_array_equal(made["accuracy"][frames], net.accuracy)
    np.testing.assert_array_equal(made["active"][frames], net.active)
    np.testing.assert_array_equal(made["labels"][0], task_variance.of_network(net.variance))
    np.testing.assert_allclose(made["variance"][0], task_variance.normalized(net.variance), atol=1e-3)
    table = cog_lesions.table(net.network, made["labels"][0], names=net.names)
    np.testing.assert_array_equal(made["cut"], table.cut)
    np.testing.assert_array_equal(made["chance"], table.random.mean(axis=1))


def test_links_of_a_checkpoint_are_in_the_numbers_of_the_followed_neurons(story):
    made, net, _ = story
    trained = training.fit(net.recipe, [0, 1])
    step, before = list(training.checkpoints(trained).items())[3]
    w = before[1].w_rec[0].numpy()
    assert step == made["steps"][3]
    held = made["weights"][3] != 0
    to, source = made["cells"][3][made["ends"][3][held]].T.astype(int)
    np.testing.assert_array_equal(w[to, source], made["weights"][3][held])
    variance = task_variance.task_variance(before[1], net.names, 20)[0]
    np.testing.assert_array_equal(made["active"][3], task_variance.active(variance)[made["cells"][3]])


def test_frames_of_the_sweep_come_kind_by_kind(story):
    made, _, swept = story
    count = len(made["strengths"])
    assert made["strengths"].tolist() == list(swept) == TINY.sheet_strengths
    assert len(made["labels"]) == 1 + 2 * count and len(made["accuracy"]) == len(made["steps"]) + 2 * count
    for k, nets in enumerate(swept.values()):
        frame = len(made["steps"]) + count + k
        np.testing.assert_array_equal(made["accuracy"][frame], nets[0].accuracy)
        w = nets[0].w_rec * (1 - np.eye(16))
        assert made["count"][frame] == (np.abs(w) > 0.01).sum()


def test_too_few_active_units_are_one_cluster_or_none():
    variance = np.zeros((5, 6))
    assert growth.clusters(variance).tolist() == [-1] * 5
    variance[:2] = 1
    assert growth.clusters(variance).tolist() == [0, 0, -1, -1, -1]


def test_unknown_seed_is_refused():
    with pytest.raises(ValueError, match="seed is 2; allowed: 0, 1"):
        growth.story(2, TINY)
