"""Recipes: what names a network, and what it starts from."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from fcmod_utils import recipes
from fcmod_utils.recipes import Recipe

PLAIN = Recipe("perceptual_decision_making", units=6)
WIRING = {"penalty": "wiring", "penalty_strength": 1e-5}
OTHER = {  # another value for every field
    "task": "go_nogo", "units": 7, "nonlinearity": "tanh", "tau_ms": 200.0, "dt_ms": 50.0, "steps": 5,
    "batch": 3, "window": 9, "learning_rate": 0.5, "noise": 0.1, "penalty": "l1", "penalty_strength": 0.1,
    "penalty_to": 0.2, "penalty_networks": 5, "initialization": "orthogonal", "adam_epsilon": 1e-7,
    "template": 3, "template_output": True, "checkpoint_every": 2, "clip": 1.0, "sheet": (2, 3),
    "locality": 0.5, "swap_every": 4, "autapses": True,
}  # fmt: skip


def test_every_field_changes_the_address_but_what_is_kept():
    assert set(OTHER) == {field.name for field in fields(Recipe)}
    plain = PLAIN.address([0])
    for name, value in OTHER.items():
        assert (replace(PLAIN, **{name: value}).address([0]) != plain) == (name != "checkpoint_every"), name
    assert PLAIN.address([1]) != plain


def test_what_is_off_leaves_no_trace():
    """Networks that were stored before a part existed are still found."""
    assert not set(recipes.OFF) & set(PLAIN.address([0]))
    for name, value in recipes.OFF.items():
        assert getattr(PLAIN, name) == value


def test_numpys_numbers_are_plain_ones():
    same = replace(PLAIN, units=np.int64(6), tau_ms=np.float32(100), template=np.int64(3))
    assert same == replace(PLAIN, template=3)
    assert json.dumps(same.address([0])) == json.dumps(replace(PLAIN, template=3).address([0]))


def test_a_template_gives_all_networks_its_input_weights():
    own, same = recipes.untrained(PLAIN, [4, 5]), recipes.untrained(replace(PLAIN, template=5), [4, 5])
    for name in ("w_in", "b_in"):
        for network in range(2):
            assert torch.equal(getattr(same, name)[network], getattr(own, name)[1]), name
    for name in ("w_rec", "b_rec", "w_out", "b_out"):
        assert torch.equal(getattr(same, name), getattr(own, name)), name
    assert not torch.equal(own.w_in[0], own.w_in[1])


def test_a_template_may_be_the_read_out_too():
    both = recipes.untrained(replace(PLAIN, template=5, template_output=True), [4, 5])
    assert torch.equal(both.w_out, both.w_in.mT)
    assert both.w_in.data_ptr() != both.w_out.data_ptr(), "training one must not train the other"


def test_a_sheet_is_one_sheet_however_it_is_written():
    plain = replace(PLAIN, sheet=(2, 3))
    for sheet in ([2, 3], np.array([2, 3]), (np.int64(2), 3)):
        same = replace(PLAIN, sheet=sheet)
        assert same == plain and hash(same) == hash(plain)
        assert json.dumps(same.address([0])) == json.dumps(plain.address([0]))


@pytest.mark.parametrize(
    "parts",
    [
        {"sheet": (2, 3)},
        {"sheet": (6,), "swap_every": 5},
        {"sheet": (2, 3), "swap_every": 5, "locality": 1.0, "penalty": "wiring", "penalty_strength": 1e-5},
        {"penalty": "wiring", "penalty_strength": 1e-5},
        {"autapses": True, "penalty": "l1", "penalty_strength": 1e-5},
    ],
)
def test_parts_that_go_together_are_allowed(parts):
    replace(PLAIN, **parts).check()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"noise": -0.1}, "noise is -0.1; allowed: at least 0"),
        ({"noise": "much"}, "noise is 'much'; allowed: a number"),
        ({"penalty": "l3", "penalty_strength": 1.0}, "unknown penalty 'l3'; allowed: none, l1"),
        ({"penalty": "l1"}, "penalty is 'l1' with penalty_strength 0; allowed: a penalty with a strength"),
        ({"penalty_strength": 0.1}, "penalty is 'none' with penalty_strength 0.1; allowed"),
        ({"penalty": "l1", "penalty_strength": float("inf")}, "penalty_strength is inf; allowed"),
        ({"penalty": "sernn", "penalty_strength": -0.1}, "penalty_strength is -0.1; allowed: at least 0"),
        ({"penalty": "sernn", "penalty_strength": float("nan")}, "penalty_strength is nan; allowed"),
        (
            {"penalty": "sernn", "penalty_strength": 0.1, "penalty_to": -1.0, "penalty_networks": 3},
            "penalty_to",
        ),
        (
            {"penalty": "l1", "penalty_strength": 0.1, "penalty_to": 0.3},
            "with penalty_networks 0 and penalty",
        ),
        ({"penalty_to": 0.3, "penalty_networks": 3}, "penalty 'none'; allowed: all of them, or"),
        (
            {"penalty": "l1", "penalty_strength": 0.1, "penalty_networks": -3},
            "penalty_networks is -3; allowed",
        ),
        ({"initialization": "identity"}, "unknown initialization 'identity'; allowed"),
        ({"adam_epsilon": 0.0}, "adam_epsilon is 0; allowed: above 0"),
        ({"task": "one_choice"}, "window is 100; allowed for one_choice, .*: 50, one trial"),
        ({"checkpoint_every": -5}, "checkpoint_every is -5; allowed"),
        ({"template": -1}, r"seeds are \[-1\]; allowed"),
        ({"template_output": True}, "template_output with template None"),
        ({"task": "go_nogo", "template": 0, "template_output": True}, "3 inputs, 2 outputs; allowed"),
        ({"task": "cog_20", "dt_ms": 50.0}, "dt_ms is 50; allowed for cog_20: 100, the step of its stream"),
        ({"clip": -1.0}, "clip is -1; allowed: at least 0"),
        ({"clip": "much"}, "clip is 'much'; allowed: a number"),
        ({"sheet": (2, 2)}, r"sheet is \(2, 2\) for 6 units; allowed: as many cells as units"),
        ({"sheet": (-2, -3)}, "a side of the sheet is -2; allowed: a whole number of at least 1"),
        ({"sheet": (2, 3.0)}, "a side of the sheet is 3.0; allowed"),
        ({"sheet": (True, 6)}, "a side of the sheet is True; allowed"),
        ({"sheet": ()}, r"sheet is \(\); allowed: cells along each side"),
        ({"sheet": 6}, r"sheet is 6; allowed: cells along each side, as \(20, 20\) or \(400,\)"),
        ({"sheet": "2x3"}, "sheet is '2x3'; allowed"),
        ({"swap_every": 5}, "swap_every is 5 without a sheet; allowed: on a sheet"),
        ({"swap_every": -5, "sheet": (2, 3)}, "swap_every is -5; allowed"),
        ({"swap_every": 2.5, "sheet": (2, 3)}, "swap_every is 2.5; allowed"),
        ({**WIRING, "locality": -1.0, "sheet": (2, 3)}, "locality is -1; allowed: at least 0, finite"),
        ({**WIRING, "locality": float("nan"), "sheet": (2, 3)}, "locality is nan; allowed: at least 0"),
        ({**WIRING, "penalty_strength": -1e-5}, "penalty_strength is -1e-05; allowed: at least 0"),
        ({**WIRING, "locality": 1.0}, "locality is 1 with sheet None and penalty 'wiring'; allowed: on a"),
        ({"locality": 1.0, "sheet": (2, 3)}, r"sheet \(2, 3\) and penalty 'none'; allowed"),
        ({**WIRING, "penalty": "l1", "locality": 1.0, "sheet": (2, 3)}, "and penalty 'l1'; allowed"),
        ({"autapses": 1}, "autapses is 1; allowed: True or False"),
        ({"autapses": True, "sheet": (2, 3)}, r"autapses with sheet \(2, 3\), .*; allowed: no sheet"),
        ({**WIRING, "autapses": True, "penalty": "sernn"}, "autapses with .* penalty 'sernn'"),
        ({"autapses": True, "initialization": "orthogonal"}, "'orthogonal'; allowed: .* start uniform"),
    ],
)
def test_bad_parts_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(PLAIN, **change).check()


def test_each_network_may_have_a_strength_of_its_own():
    recipe = replace(PLAIN, penalty="l1", penalty_strength=0.1, penalty_to=0.5, penalty_networks=5)
    recipe.check()
    np.testing.assert_allclose(recipe.strengths([0, 4, 2]), [0.1, 0.5, 0.3])
    np.testing.assert_array_equal(replace(PLAIN, penalty="l1", penalty_strength=0.1).strengths([7, 9]), 0.1)
    with pytest.raises(ValueError, match="seeds go up to 5; allowed: below penalty_networks, 5"):
        recipe.strengths([0, 5])


@pytest.mark.parametrize("seeds", [[None], [[1]], ["a"]])
def test_seeds_that_are_no_numbers_are_refused(seeds):
    with pytest.raises(ValueError, match="allowed: different whole numbers"):
        recipes.check_seeds(seeds)
