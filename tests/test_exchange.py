"""One network as one JSON file, from Python and back; what the page makes of it is tested with the Lab."""

import json
from dataclasses import fields, replace

import pytest
import torch

from fcmod_utils.exchange import load_network, pack_network, save_network, unpack_network
from fcmod_utils.networks import PARAMETERS
from fcmod_utils.recipes import Recipe, untrained

RECIPE = Recipe("go_nogo", units=5, nonlinearity="tanh", tau_ms=200.0, penalty="l1", penalty_strength=0.01)


@pytest.fixture
def content():
    return json.loads(json.dumps(pack_network(untrained(RECIPE, [4]), RECIPE, 4)))


def test_a_file_holds_the_very_weights(tmp_path):
    ensemble = untrained(RECIPE, [4, 5])
    path = save_network(tmp_path / "net.json", ensemble[1], RECIPE, seed=5, name="the fifth")
    file = load_network(path)
    for name in PARAMETERS:
        assert torch.equal(getattr(file.ensemble, name), getattr(ensemble[1], name)), name
    assert (file.ensemble.alpha, file.ensemble.nonlinearity) == (0.5, "tanh")
    assert (file.task, file.dt_ms, file.name, file.step) == ("go_nogo", 100.0, "the fifth", 1000)
    assert file.setup["penalty_strength"] == 0.01 and file.setup["seed"] == 5
    assert file.made_by == "fcmod_utils"


def test_a_file_need_not_say_how_it_was_trained(content):
    assert unpack_network({**content, "setup": None, "step": None}).setup is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "fc-lesion-lab"}, "format .* 'fc-lesion-lab'; allowed: fcmod-network"),
        ({"version": 7}, "version .* '7'; allowed: 1"),
        ({"task": ["go_nogo"]}, "task .*; allowed: perceptual_decision_making, go_nogo"),
        ({"alpha": 2}, "alpha = dt / tau is 2; allowed: above 0, up to 1"),
        ({"alpha": "1"}, "alpha .* '1'; allowed: a number above 0"),
        ({"dt_ms": float("nan")}, "dt_ms .* 'nan'; allowed: a number above 0"),
        ({"nonlinearity": "step"}, "unknown nonlinearity 'step'; allowed: .'relu', 'tanh', 'softplus'"),
        ({"nonlinearity": {}}, "nonlinearity .* allowed: a word"),
        ({"shape": 5}, "shape .* allowed: an object"),
        ({"shape": {"inputs": 3, "units": 5, "outputs": 3}}, r"shape.outputs .* '3'; allowed: 2 for go_nogo"),
        ({"shape": {"inputs": 3, "units": -1, "outputs": 2}}, "shape.units is -1; allowed: a whole number"),
        (
            {"shape": {"inputs": 3, "units": 10**6, "outputs": 2}},
            "shape.units .* '1000000'; allowed: up to 1000",
        ),
        ({"weights": None}, "weights .* allowed: an object"),
        ({"setup": "mine"}, "setup .* 'mine'; allowed: an object or null"),
        ({"step": -1}, "step .* '-1'; allowed: a whole number of at least 0 or null"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(content, change, words):
    with pytest.raises(ValueError, match=words):
        unpack_network(content | change)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "weights.w_in .* 'None'; allowed: float32 numbers in base64"),
        ("AAAA", "not float32 numbers in base64: 'AAAA'"),
        ("?", "not float32 numbers in base64"),
        ("AAAAAA==", "weights.w_in holds 1 numbers; allowed: 15"),
        ("AADAfwAAwH8AAMB/" * 5, "weights.w_in holds NaN or infinite"),
    ],
)
def test_weights_that_do_not_fit_are_named(content, text, words):
    content["weights"]["w_in"] = text
    with pytest.raises(ValueError, match=words):
        unpack_network(content)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\x80", '"net"'])
def test_what_is_not_such_a_file_is_refused(tmp_path, text):
    path = tmp_path / "net.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"not a network file|allowed: an object"):
        load_network(path)


def test_only_a_recipes_own_network_is_written(tmp_path):
    pair = untrained(RECIPE, [0, 1])
    nan = pair[0].with_parameters(b_out=torch.full((1, 2), torch.nan))
    for ensemble, recipe, words in (
        (pair, RECIPE, "2 networks; allowed: one"),
        (pair[0], Recipe("go_nogo", units=6), "weights have shapes"),
        (pair[0], Recipe("go_nogo", units=5), "alpha and nonlinearity are .0.5, 'tanh'"),
        (nan, RECIPE, "b_out holds NaN"),
    ):
        with pytest.raises(ValueError, match=words):
            save_network(tmp_path / "net.json", ensemble, recipe)
    assert not (tmp_path / "net.json").exists()


def test_the_setup_is_one_that_python_can_train_by():
    recipe = Recipe("go_nogo", units=5, penalty="sheet", penalty_strength=0.01, checkpoint_every=10)
    packed = pack_network(untrained(recipe, [4]), recipe, 4)
    assert packed["setup"]["penalty"] == "distance", "what the Lab calls it"
    setup = unpack_network(packed).setup
    names = [field.name for field in fields(Recipe)]
    assert Recipe(**{k: v for k, v in setup.items() if k in names}) == replace(recipe, checkpoint_every=0)


@pytest.mark.parametrize("parts", [{"template": 3}, {"penalty": "sernn", "penalty_strength": 0.1}])
def test_what_the_lab_cannot_train_by_has_no_setup(parts):
    recipe = Recipe("go_nogo", units=5, **parts)
    assert pack_network(untrained(recipe, [4]), recipe, 4)["setup"] is None
