"""Sweeps: a list in, ensembles and one row per network out."""

import csv
import json
import os
import re

import numpy as np
import pytest
import torch
from conftest import ROOT, SCALE
from safetensors import safe_open

from fcmod_utils import activity, grown, networks, scale, sernn, store, sweep, tasks, training
from fcmod_utils.recipes import Recipe

CONFIG = """
- task: perceptual_decision_making
  units: [5, 7]
  learning_rate: [1e-2, 0.001]
  steps: 12
  batch: 3
  window: 20
  seeds: 2
- {task: go_nogo, units: 6, steps: 12, batch: 3, window: 20,
   penalty: l1, penalty_strength: 0.1, seeds: [8, 3]}
"""


@pytest.fixture
def config(tmp_path, store_folder, monkeypatch):
    """A configuration file, one worker and an empty store."""
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    path = tmp_path / "config.yml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def here(monkeypatch):
    """Train in this process."""
    monkeypatch.setattr(
        training.processes, "collect", lambda function, jobs, *_: ((job, function(0, *job)) for job in jobs)
    )


def test_a_list_is_all_combinations(config):
    sizes = {"steps": 12, "batch": 3, "window": 20}
    task = "perceptual_decision_making"
    expected = [
        (Recipe(task, units=units, learning_rate=rate, **sizes), (0, 1))
        for units in (5, 7)
        for rate in (0.01, 0.001)
    ]
    penalty = {"penalty": "l1", "penalty_strength": 0.1}
    assert sweep.read(config) == [*expected, (Recipe("go_nogo", units=6, **sizes, **penalty), (8, 3))]


@pytest.mark.parametrize("name", scale.SCALES)
def test_words_stand_for_the_scales_sizes(config, name, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", name)
    config.write_text("- {task: go_nogo, steps: steps, seeds: variant_networks}")
    size = scale.SCALES[name]
    assert sweep.read(config) == [(Recipe("go_nogo", steps=size.steps), tuple(range(size.variant_networks)))]


def test_words_stand_for_sizes_in_lists_and_a_penalty_is_no_word(config):
    config.write_text(
        "- {task: go_nogo, units: [9, sheet_units], penalty: sheet, penalty_strength: 1, seeds: 1}"
    )
    recipes = [recipe for recipe, _ in sweep.read(config)]
    assert [recipe.units for recipe in recipes] == [9, scale.current().sheet_units]
    assert {recipe.penalty for recipe in recipes} == {"sheet"}


def test_a_table_holds_sheets_of_all_kinds(config, tmp_path):
    common = "task: go_nogo, units: 9, steps: 2, seeds: 1"
    config.write_text(f"- {{{common}, sheet: [[3, 3], [9]]}}\n- {{{common}}}")
    assert sweep.main([str(config), "--output", str(tmp_path / "all.csv")]) == 0
    head, *rows = [line.split(",") for line in (tmp_path / "all.csv").read_text().split()]
    assert [row[head.index("sheet")] for row in rows] == ["3x3", "9", ""]
    assert {len(row) for row in rows} == {len(head)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds NoneType; allowed: a list"),
        ("task: go_nogo", "holds dict; allowed: a list"),
        ("- [", "cannot be read"),
        ("- go_nogo", "entry 1: fields are go_nogo; allowed: task, seeds"),
        ("- {task: go_nogo}", "allowed: task, seeds"),
        ("- {task: go_nogo, seeds: 2, lr: 0.1}", "lr.*allowed: task, seeds and any of units"),
        ("- {task: go_nogo, seeds: many}", "seeds is 'many'; allowed: a number, a list, or one of name"),
        ("- {task: go_nogo, seeds: true}", "seeds is True; allowed"),
        ("- {task: go_nogo, seeds: 0}", "allowed: different whole numbers"),
        ("- {task: go_nogo, seeds: 1}\n- {task: stroop, seeds: 1}", "entry 2: unknown task 'stroop'"),
        ("- {task: go_nogo, units: [5, -1], seeds: 1}", "units is -1; allowed"),
        ("- {task: go_nogo, learning_rate: fast, seeds: 1}", "learning_rate is 'fast'; allowed: a number"),
        ("- {task: go_nogo, units: 6, sheet: [[2, 2]], seeds: 1}", r"sheet is \(2, 2\) for 6 units"),
    ],
)
def test_bad_configurations_are_refused_before_training(config, text, message, capsys):
    config.write_text(text)
    assert sweep.main([str(config)]) == 1
    with pytest.raises(ValueError, match=message):
        sweep.read(config)
    assert "config.yml" in capsys.readouterr().err
    assert not list(store.root().glob("*/*.safetensors"))


def test_a_missing_file_is_said(tmp_path, capsys):
    assert sweep.main([str(tmp_path / "none.yml")]) == 1
    assert "none.yml cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--output", "x.pkl"], ["--output", "no/x.csv"], ["--again", "--output", "x.csv"]]
)
def test_bad_arguments_are_refused(config, arguments):
    with pytest.raises(SystemExit, match="2"):
        sweep.main([str(config), *arguments])


def test_a_row_is_what_the_network_does(config, here):
    trained = training.fit_many(sweep.read(config))
    columns = sweep.table(trained)
    assert {len(column) for column in columns.values()} == {10}
    assert columns["units"].tolist() == [5] * 4 + [7] * 4 + [6] * 2
    assert columns["seed"].tolist() == [0, 1] * 4 + [8, 3]
    trials = tasks.sample_trials("go_nogo", sweep.TRIALS, seed=20_000)
    seen = networks.run(trained[-1].ensemble, trials.inputs)
    right = activity.accuracy(seen.outputs[:, -1], trials)
    np.testing.assert_allclose(columns["accuracy"][-2:], (right[0] + right[1]) / 2)
    np.testing.assert_allclose(columns["loss"][-2:], trained[-1].loss[:, -1:].mean(1))
    assert (columns["stopped"] == -1).all()


def test_the_table_is_kept_and_written_without_pickle(config, here, tmp_path, capsys, monkeypatch):
    assert sweep.main([str(config), "--output", str(tmp_path / "table.npz")]) == 0
    assert "10" not in capsys.readouterr().err
    monkeypatch.setattr(sweep, "_measure", lambda *_: pytest.fail("measured again"))
    assert sweep.main([str(config), "--output", str(tmp_path / "table.csv")]) == 0
    with np.load(tmp_path / "table.npz", allow_pickle=False) as arrays, open(tmp_path / "table.csv") as file:
        rows = list(csv.DictReader(file))
        for name in arrays.files:
            assert [row[name] for row in rows] == [str(value) for value in arrays[name]], name
    assert capsys.readouterr().out.count("read from the store") == 5
    assert not list(tmp_path.glob(".writing-*"))


def test_training_again_reports_what_differs(config, here, capsys, monkeypatch):
    assert sweep.main([str(config), "--again"]) == 0
    assert capsys.readouterr().out.count("nothing stored to compare with") == 5
    first = training.fit_many(sweep.read(config))
    assert sweep.main([str(config), "--again"]) == 0
    assert capsys.readouterr().out.count("the same, bit for bit") == 5

    def nudged(recipe, seeds, report):
        ensemble, loss, kept = sweep_train(recipe, seeds, report)
        if recipe.task == "go_nogo":
            ensemble = ensemble.with_parameters(b_out=ensemble.b_out + 0.25)
        return ensemble, loss, kept

    sweep_train = training.train
    monkeypatch.setattr(training, "train", nudged)
    assert sweep.main([str(config), "--again"]) == 0
    said = capsys.readouterr().out
    assert said.count("the same, bit for bit") == 4
    assert "go_nogo, units 6" in said and "largest difference of a weight 0.25" in said
    kept = training.fit_many(sweep.read(config))
    assert torch.equal(first[-1].ensemble.b_out, kept[-1].ensemble.b_out), "what was stored stays"
    assert not (store.root() / "again").exists()


def test_a_scheduler_that_does_not_answer_is_said(config, capsys, monkeypatch):
    def never(address, timeout):
        raise OSError(f"Timed out trying to connect to {address}")

    monkeypatch.setattr("distributed.Client", never)
    assert sweep.main([str(config), "--scheduler", "tcp://127.0.0.1:1"]) == 1
    assert "tcp://127.0.0.1:1" in capsys.readouterr().err


# ------------------------------------------------------------------------------ the book's own list


def test_the_pages_example_is_a_configuration(config):
    page = (ROOT / "book" / "scaling.md").read_text(encoding="utf-8")
    config.write_text(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])
    assert [(recipe.units, recipe.learning_rate) for recipe, _ in sweep.read(config)] == [
        (10, 0.001), (10, 0.01), (30, 0.001), (30, 0.01), (100, 0.001), (100, 0.01),
    ]  # fmt: skip


@pytest.mark.parametrize("name", scale.SCALES)
def test_the_books_list_can_be_read_at_every_scale(name, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", name)
    assert sweep.read(ROOT / "book" / "ensembles.yml")


@pytest.mark.site
def test_every_ensemble_of_the_list_is_one_that_the_chapters_train(site, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", SCALE)
    for recipe, seeds in sweep.read(ROOT / "book" / "ensembles.yml"):
        kept = training.is_kept(recipe, seeds) or sernn.is_kept(recipe, seeds) or grown.is_kept(recipe, seeds)
        assert kept, f"no chapter trains {recipe}"


@pytest.mark.site
@pytest.mark.skipif(os.environ.get("CI") != "true", reason="a reader's store may hold networks of their own")
def test_every_ensemble_that_the_chapters_train_is_on_the_list(site, monkeypatch):
    listed = []
    for name in ("quick", "book"):
        monkeypatch.setenv("FCMOD_SCALE", name)
        for recipe, seeds in sweep.read(ROOT / "book" / "ensembles.yml"):
            chunks = training._chunks((recipe, seeds))
            listed += [store.path_of("ensemble", recipe.address(chunk)).name for _, chunk in chunks]
    for path in (store.root() / "ensemble").glob("*.safetensors"):
        with safe_open(path, framework="numpy") as file:
            assert path.name in listed, json.loads(file.metadata()["spec"])
