"""Recipes: what names a network, and what it starts from."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from fcmod_utils import recipes
from fcmod_utils.recipes import Recipe

PLAIN = Recipe("perceptual_decision_making", units=6)
OTHER = {  # another value for every field
    "task": "go_nogo", "units": 7, "nonlinearity": "tanh", "tau_ms": 200.0, "dt_ms": 50.0, "steps": 5,
    "batch": 3, "window": 9, "learning_rate": 0.5, "noise": 0.1, "penalty": "l1", "penalty_strength": 0.1,
    "penalty_to": 0.2, "penalty_networks": 5, "initialization": "orthogonal", "adam_epsilon": 1e-7,
    "template": 3, "template_output": True, "checkpoint_every": 2,
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
