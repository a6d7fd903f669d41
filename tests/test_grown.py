"""Grown networks: what is kept of them is what was measured, and small."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fcmod_utils import claims, cog_tasks, grown, growth, learning, pareto, store, sweep, training
from fcmod_utils import task_variance as tv
from fcmod_utils.networks import initialize
from fcmod_utils.scale import SCALES
from fcmod_utils.sheets import distances

TINY = replace(SCALES["quick"], sheet_side=4, sheet_steps=150, sheet_short=28, sheet_none=2)


@pytest.fixture(autouse=True, scope="module")
def one_store(tmp_path_factory):
    """All tests share the networks; few trials are enough for them."""
    accuracy, variance = grown.accuracy, grown.task_variance
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FCMOD_STORE", str(tmp_path_factory.mktemp("store")))
        patch.setenv("FCMOD_ARTIFACTS", str(tmp_path_factory.mktemp("none")))
        patch.setenv("FCMOD_WORKERS", "1")
        patch.setattr(grown, "accuracy", lambda *a, n_trials: accuracy(*a, n_trials=50))
        patch.setattr(grown, "task_variance", lambda *a, n_trials: variance(*a, n_trials=20))
        yield


def test_a_packed_network_is_the_network_but_for_small_weights():
    network = initialize([3], 53, 20, 17, 1.0, "relu")
    packed = grown.pack(network)
    again = grown.unpack(packed, initialize([4], 53, 20, 17, 1.0, "relu"))
    for name, weights in network.parameters().items():
        held = weights.abs() >= grown.CUT
        torch.testing.assert_close(getattr(again, name), weights * held, rtol=5e-4, atol=0)
        assert packed[name].size == held.sum()


def test_what_is_kept_was_measured_on_the_trained_network():
    made = grown.grow("bimt", TINY)
    assert [one.seed for one in made] == [0, 1]
    trained = training.fit(grown.recipe_of("bimt", TINY), [0, 1])
    for i, one in enumerate(made):
        w = trained.ensemble.w_rec[i].numpy()
        np.testing.assert_allclose(one.cost, (np.abs(w) * distances((4, 4))).sum(), rtol=1e-5)
        np.testing.assert_allclose(one.loss[:50], trained.loss[i, :100].reshape(50, 2).mean(1), rtol=1e-5)
        variance = tv.task_variance(trained.ensemble[i], cog_tasks.FEW, n_trials=20)[0]
        np.testing.assert_allclose(one.variance, variance, rtol=1e-6)
        assert one.names == cog_tasks.FEW and one.accuracy.shape == (6,) and one.places.shape == (16, 2)


def test_the_second_time_nothing_is_trained(monkeypatch):
    first = grown.grow("l1", TINY)
    assert {one.source for one in first} == {"trained in this run"}
    monkeypatch.setattr(grown, "fit_many", None)
    again = grown.grow("l1", TINY)
    assert {one.source for one in again} == {"read from the store"}
    np.testing.assert_array_equal(first[1].w_rec, again[1].w_rec)
    assert grown.is_kept(grown.recipe_of("l1", TINY), (0, 1))
    assert not grown.is_kept(grown.recipe_of("l1", TINY), (0, 1, 2))


def test_short_ones_are_the_headline_networks_on_their_way():
    short = grown.grow("none-short", TINY)
    by_step = training.checkpoints(training.fit(grown.recipe_of("none", TINY), [0, 1]))
    for i, one in enumerate(short):
        assert one.step == 28
        np.testing.assert_allclose(one.w_rec, by_step[28].w_rec[i].numpy(), rtol=1e-3, atol=grown.CUT)


def test_a_sweep_holds_the_headline_strength():
    found = {strength: grown.at_strength("bimt", strength, TINY) for strength in grown.swept("bimt", TINY)}
    assert list(found) == TINY.sheet_strengths
    assert [len(found[strength]) for strength in found] == [1, 2, 1]
    assert {one.step for networks in found.values() for one in networks} == {150}
    assert [one.seed for one in found[TINY.sheet_strength]] == [one.seed for one in grown.grow("bimt", TINY)]
    strengths = [networks[0].recipe.penalty_strength for networks in found.values()]
    assert strengths == TINY.sheet_strengths


def test_short_ones_end_at_a_checkpoint():
    with pytest.raises(ValueError, match="sheet_short is 29; allowed: a multiple of 7"):
        grown.grow("bimt-short", replace(TINY, sheet_short=29))


def test_a_strength_outside_the_sweep_is_an_error():
    with pytest.raises(ValueError, match=r"strength is 0\.5; allowed: 3e-06, 3e-05, 0\.0001$"):
        grown.at_strength("l1", 0.5, TINY)
    with pytest.raises(ValueError, match="unknown kind 'none'; allowed: bimt, l1, line"):
        grown.at_strength("none", TINY.sheet_strength, TINY)


def test_a_front_is_what_the_swept_networks_need(monkeypatch):
    found = pareto.front("line", TINY)
    swept = {strength: grown.at_strength("line", strength, TINY) for strength in TINY.line_strengths}
    assert list(found) == list(swept)
    for strength, many in swept.items():
        assert found[strength].shape == (len(many), 3)
        for row, one in zip(found[strength], many, strict=True):
            apart = np.abs(np.subtract.outer(np.arange(16), np.arange(16)))
            wire = apart[np.abs(one.w_rec) > 0.01].sum()
            np.testing.assert_allclose(row, [1 - one.accuracy.mean(), one.active.sum(), wire])
    monkeypatch.setattr(grown, "_grow", None)  # the second time the numbers are enough
    again = pareto.front("line", TINY)
    assert all(np.array_equal(found[strength], again[strength]) for strength in found)
    assert all(grown.is_kept(recipe, (0,)) for recipe in grown.swept("line", TINY).values())


@pytest.mark.parametrize("kind", ["none-short", "line-short", "tanh"])
def test_what_a_kind_needs_is_what_its_networks_need(kind, monkeypatch):
    found, networks = pareto.needs(kind, TINY), grown.grow(kind, TINY)
    np.testing.assert_array_equal(found, [pareto.amounts(one) for one in networks])
    monkeypatch.setattr(grown, "_grow", None)  # the second time the numbers are enough
    np.testing.assert_array_equal(pareto.needs(kind, TINY), found)


def test_networks_of_one_strength_are_grown_together(monkeypatch, store_folder):
    asked, at_strength = [], grown.at_strength

    def heard(kind, strength, size, seeds):
        asked.append([strength, seeds])
        return at_strength(kind, strength, size, seeds)

    monkeypatch.setattr(grown, "at_strength", heard)
    pareto.front("bimt", TINY)
    assert asked == [[one, [0, 1] if one == TINY.sheet_strength else [0]] for one in TINY.sheet_strengths]


def test_weights_that_the_book_does_not_ship_are_kept_apart():
    one = grown.grow("line-short", TINY)[0]
    spec = grown.address(one.recipe, one.seed, one.step)
    assert store.where("swept", spec) and not store.where("grown", spec)


@pytest.mark.parametrize("slower", [1, 10])
def test_training_goes_on_from_what_is_kept(slower, monkeypatch):
    strength = TINY.sheet_strengths[-1]
    needed = pareto.trained_on("bimt", strength, slower, TINY)
    one = grown.at_strength("bimt", strength, TINY)[-1]
    recipe = replace(one.recipe, steps=15, learning_rate=one.recipe.learning_rate / slower)
    network = learning.train(recipe, [one.seed], start=one.network)[0]
    kept = grown.measured(network, recipe)
    rows, columns = np.divmod(np.arange(16), 4)
    apart = sum(np.abs(np.subtract.outer(at, at)) for at in (rows, columns))
    wire = apart[np.abs(network.w_rec[0].numpy()) > 0.01].sum()
    error, active = 1 - kept["accuracy"].mean(), tv.active(kept["variance"]).sum()
    np.testing.assert_allclose(needed, [error, active, wire])
    monkeypatch.setattr(grown, "_grow", None)  # the second time the numbers are enough
    np.testing.assert_array_equal(pareto.trained_on("bimt", strength, slower, TINY), needed)


@pytest.mark.parametrize(
    ("strength", "slower", "said"),
    [(0.5, 10, r"strength is 0\.5; allowed: 3e-06"), (1e-4, 0, "slower is 0; allowed: above 0")],
)
def test_training_on_refuses_what_cannot_be(strength, slower, said):
    with pytest.raises(ValueError, match=said):
        pareto.trained_on("l1", strength, slower, TINY)


def test_some_seeds_of_a_sweep_alone():
    strength = TINY.sheet_strength
    (one,), every = grown.at_strength("bimt", strength, TINY, [1]), grown.at_strength("bimt", strength, TINY)
    assert one.seed == 1 and np.array_equal(one.w_rec, every[1].w_rec)


@pytest.mark.parametrize("kind", grown.KINDS)
@pytest.mark.parametrize("size", SCALES.values(), ids=SCALES)
def test_every_kind_can_be_trained(kind, size):
    recipe = grown.recipe_of(kind, size)
    recipe.check()
    assert (
        recipe.steps % recipe.checkpoint_every == 0 if recipe.checkpoint_every else kind not in grown.HEADLINE
    )
    assert size.sheet_short % size.sheet_checkpoints == 0 and len(grown.seeds_of(kind, size))


@pytest.mark.parametrize("name", SCALES)
def test_every_training_is_on_the_books_list(name, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", name)
    listed = sweep.read(Path(__file__).parents[1] / "book" / "ensembles.yml")
    for recipe, seeds in grown.jobs(SCALES[name]):
        assert (recipe, tuple(seeds)) in listed, recipe


def test_the_book_holds_every_network_it_shows(monkeypatch, store_folder):
    monkeypatch.delenv("FCMOD_ARTIFACTS")
    monkeypatch.setattr(grown, "fit_many", None)  # nothing is trained
    size = SCALES["book"]
    short = [f"{kind}{grown.SHORT}" for kind in grown.HEADLINE]
    shown = [grown.grow(kind, size) for kind in (*grown.KINDS, *short) if kind not in grown.NUMBERS_ONLY]
    for network in (one for networks in shown for one in networks):
        assert network.source == "read from the book's artifacts", f"{network.recipe}: run book/artifacts.py"
    for kind in grown.SWEPT:
        for strength, recipe in grown.swept(kind, size).items():
            for seed in grown.seeds_at(kind, strength, size):
                spec = grown.address(recipe, seed, recipe.steps)
                assert store.where("front", spec), f"{recipe}: run book/artifacts.py"
    told = claims.typical(np.array([network.accuracy.mean() for network in grown.grow("bimt", size)]))
    assert store.where("growth", growth.story_spec(told, size)), "run book/artifacts.py"
    monkeypatch.setattr(grown, "_grow", None)
    assert all(pareto.needs(kind, size).shape == (3, 3) for kind in short)
    for kind in ("bimt", "l1"):
        assert pareto.trained_on(kind, size.sheet_strength, 1, size).shape == (3,)
        for strength, of in pareto.front(kind, size).items():
            assert of[-1, 0] > 0.5 or pareto.trained_on(kind, strength, 10, size).shape == (3,)


@pytest.mark.parametrize("call", [grown.recipe_of, grown.grow, pareto.front, pareto.needs])
def test_an_unknown_kind_is_refused(call):
    with pytest.raises(ValueError, match="unknown kind 'brain'"):
        call("brain")
