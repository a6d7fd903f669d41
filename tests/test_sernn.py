"""Populations: what is measured, kept and refused; training itself is tested elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT

from fcmod_utils import inference, networks, sernn, store, sweep, training
from fcmod_utils.scale import SCALES

SMALL = replace(SCALES["quick"], spatial_networks=3, spatial_variants=2)


@pytest.fixture
def tiny(monkeypatch, store_folder, tmp_path):
    """Populations of small networks, trained for a moment."""
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    monkeypatch.setenv("FCMOD_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setattr(sernn, "STEPS_PER_EPOCH", 2)
    recipe_of = sernn.recipe_of
    monkeypatch.setattr(
        sernn,
        "recipe_of",
        lambda *given: (replace(recipe_of(*given)[0], units=12, batch=4), recipe_of(*given)[1]),
    )
    monkeypatch.setattr(training.processes, "collect", in_this_process)
    return tmp_path


def in_this_process(function, tasks, *_):
    return ((task, function(0, *task)) for task in tasks)


def test_every_kind_has_a_recipe_that_can_be_trained():
    for kind in sernn.KINDS:
        for size in SCALES.values():
            recipe, seeds = sernn.recipe_of(kind, size)
            recipe.check()
            low, high = sernn.KINDS[kind][2:]
            np.testing.assert_allclose(recipe.strengths(seeds)[[0, -1]], [low, high])
    assert len(sernn.recipe_of("sernn", SCALES["paper"])[1]) == 1000


def test_a_population_holds_every_epoch_and_the_headline_weights(tiny):
    made = sernn.population("sernn", SMALL)
    assert made.source == "trained in this run"
    assert set(made.measures) == set(sernn.MEASURES)
    assert all(values.shape == (11, 3) for values in made.measures.values())
    trained = training.fit(made.recipe, made.seeds)
    kept = training.checkpoints(trained)[18]
    np.testing.assert_array_equal(made.ensemble.w_rec, kept.w_rec.half().float())
    last = networks.run(kept, inference.each_case("one_choice").inputs).outputs[:, -1].argmax(-1)
    answers = inference.each_case("one_choice").targets[-1]
    np.testing.assert_allclose(made.measures["accuracy"][9], (last == answers).mean(1))
    w = kept.w_rec.abs().sum((1, 2))
    np.testing.assert_allclose(made.measures["total_weight"][9], w, rtol=1e-5)
    np.testing.assert_allclose(
        made.q_by_definition["newman, weighted, with diagonal"], made.measures["q"][9], rtol=1e-6
    )


def test_a_population_is_read_from_the_books_artifacts_without_training(tiny, store_folder, monkeypatch):
    first = sernn.population("l1", SMALL)
    assert sernn.is_kept(first.recipe, first.seeds)
    assert sernn.population("l1", SMALL).source == "read from the store"
    (store_folder / "population").rename(tiny / "artifacts-population")
    (tiny / "artifacts").mkdir()
    (tiny / "artifacts-population").rename(tiny / "artifacts" / "population")
    monkeypatch.setattr(sernn, "fit", None)
    again = sernn.population("l1", SMALL)
    assert again.source == "read from the book's artifacts"
    np.testing.assert_array_equal(again.ensemble.w_rec, first.ensemble.w_rec)
    assert store.where("ensemble", {"a": 1}) is None


def test_controls_keep_numbers_but_no_weights(tiny):
    made = sernn.population("random labels", SMALL)
    assert made.ensemble is None and len(made) == 2
    with pytest.raises(ValueError, match="weights of 'random labels' are not kept; allowed: sernn, l1"):
        made.networks([0])


def test_networks_that_do_not_pass_are_refused_unless_asked_for(tiny):
    made = sernn.population("sernn", SMALL)
    passing = made.measures["accuracy"].copy()
    passing[9] = [1.0, 0.625, 1.0]
    made = replace(made, measures=made.measures | {"accuracy": passing})
    assert made.working.tolist() == [True, False, True]
    assert made.at("q").shape == (2,) and made.at("q", all_networks=True).shape == (3,)
    assert len(made.networks([0, 2])) == 2
    with pytest.raises(ValueError, match=r"networks \[1\] have accuracies \[0.625\]; allowed: above 90%"):
        made.networks([0, 1])
    assert len(made.networks([0, 1], failing=True)) == 2
    for wrong in (made.working, [3], [-1]):
        with pytest.raises(ValueError, match=r"networks \[.*\]; allowed: whole numbers from 0 to 2"):
            made.networks(wrong)


def test_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="unknown kind 'l2'; allowed: sernn, l1, distance only"):
        sernn.population("l2")


def test_measures_of_one_network_come_in_their_order():
    w = np.random.default_rng(0).standard_normal((2, 20, 20))
    rows = dict(zip(sernn.MEASURES[1:], np.array(sernn.measure(w)), strict=True))
    np.testing.assert_allclose(rows["total_weight"], np.abs(w).sum((1, 2)))
    np.testing.assert_allclose(rows["self_weight"], [np.abs(np.diag(one)).sum() for one in w])
    assert (rows["path_length"] > 1).all() and (rows["communicability"] > 20).all()
    assert len(sernn.all_definitions(w[0])) == len(sernn.DEFINITIONS) == 8


@pytest.mark.parametrize("name", SCALES)
def test_every_population_is_on_the_books_list(name, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", name)
    listed = sweep.read(ROOT / "book" / "ensembles.yml")
    for kind in sernn.KINDS:
        assert sernn.recipe_of(kind) in listed, kind


def test_the_book_holds_every_population_it_shows(monkeypatch, store_folder):
    monkeypatch.setattr(sernn, "fit", None)  # nothing is trained
    for size in (SCALES["quick"], SCALES["book"]):
        for kind in sernn.KINDS:
            assert sernn.is_kept(*sernn.recipe_of(kind, size)), f"{kind}: run book/artifacts.py"
            made = sernn.population(kind, size)
            assert made.source == "read from the book's artifacts"
            assert np.isfinite(made.measures["q"]).all()
