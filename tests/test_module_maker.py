"""The module maker: its data, its JavaScript against Python and bctpy, its element in a browser."""

import json
import re

import bct
import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import ask_node, axe_finds_nothing, bare_page
from scipy.stats import kstest

from fcmod_utils import connectivity, explorables, modules, projections
from fcmod_utils.explorables import (
    check_maker,
    maker_data,
    maker_payload,
    maker_picture,
    maker_weights,
    maker_widgets,
    module_maker,
)

MODELS = maker_data.MODELS
WHOLE = 6  # one state in so many comes with its matrices


@pytest.fixture(scope="module")
def data():
    """A payload whose curves cost nothing; their own numbers are another test's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            maker_data, "map_local", lambda function, points, draws: [[0.4, 0.3, 0.5]] * len(points)
        )
        return json.loads(json.dumps(maker_payload(draws=3, curve_draws=2), allow_nan=False))


@pytest.fixture(scope="module")
def ask(node, tmp_path_factory):
    """Put questions to the JavaScript."""
    file = tmp_path_factory.mktemp("maker") / "questions.json"

    def answers(**questions):
        file.write_text(json.dumps(questions))
        return ask_node(node, "maker_node.mjs", file)

    return answers


def every_state(data):
    """Each model at each place of its slider, at each noise, for one of the draws."""
    return [
        {"model": name, "at": at, "noise": noise, "draw": (i + j) % len(data["draws"])}
        for name, model in data["models"].items()
        for i, noise in enumerate(data["noise_levels"])
        for j, at in enumerate(model["values"])
    ]


@pytest.fixture(scope="module")
def grid(ask, data):
    """The whole slider grid, with what the page says and draws."""
    states = every_state(data)
    for state in states[::WHOLE]:
        state["whole"] = True
    answer = ask(payload=data, states=states)
    return list(zip(states, answer["states"], strict=True)), answer["longest"]


def symmetric(seed, n):
    """Random signed weights with an empty diagonal."""
    w = np.random.default_rng(seed).normal(size=(n, n))
    w = (w + w.T) / 2
    np.fill_diagonal(w, 0)
    return w


# ------------------------------------------------------------------------------ the data


def test_payload_holds_what_it_documents(data):
    assert set(data) == {
        "format", "version", "scale", "units", "steps", "noise_levels", "start", "draws", "models",
    }  # fmt: skip
    assert (data["units"], len(data["draws"])) == (100, 3)
    assert list(data["models"]) == ["gaussian", "sign", "difference", "sign_difference"]
    for model in data["models"].values():
        assert model["start"] in model["values"]
        assert len(model["curves"]) == len(data["noise_levels"])
        assert {len(row) for curve in model["curves"] for row in curve.values()} == {len(model["values"])}
    assert check_maker(data) is data


def test_curves_are_of_the_networks_they_name(monkeypatch):
    few = {
        name: maker_data.Model(model.weights, model.parameter, model.values[3:5], model.values[3])
        for name, model in MODELS.items()
    }
    monkeypatch.setattr(maker_data, "MODELS", few)
    monkeypatch.setattr(maker_data, "NOISE", (0, 4))
    monkeypatch.setattr(maker_data, "_numbers", lambda seed: {})
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    made = maker_payload(draws=1, curve_draws=3)
    for name, noise, k in (("sign", 1, 0), ("gaussian", 0, 1)):
        q = []
        for seed in range(3):
            w = few[name].weights(100, few[name].values[k], seed)
            q.append(modules.find(projections.noise(w, 1000, seed, (0, 4)[noise])[1], runs=10).q)
        curve = made["models"][name]["curves"][noise]
        assert curve["median"][k] == pytest.approx(np.median(q), abs=0.02)
        assert curve["low"][k] <= curve["median"][k] <= curve["high"][k]
        assert (curve["low"][k], curve["high"][k]) == pytest.approx((min(q), max(q)), abs=0.02)


@pytest.mark.parametrize(("name", "value"), [("draws", 0), ("curve_draws", 1.5)])
def test_numbers_of_draws_are_checked(name, value):
    with pytest.raises(ValueError, match=name):
        maker_payload(**{name: value})


def test_damaged_payload_is_named(data):
    with pytest.raises(ValueError, match="make one with maker_payload"):
        check_maker({**data, "version": 99})
    with pytest.raises(ValueError, match="allowed: a model of"):
        check_maker({**data, "start": {**data["start"], "at": 0.123}})
    with pytest.raises(ValueError, match="noise and draw that the payload has"):
        check_maker({**data, "start": {**data["start"], "draw": 3}})
    with pytest.raises(ValueError, match=r"a draw holds \[2000, 100, 99, 100\] numbers"):
        check_maker({**data, "draws": [{**data["draws"][0], "favored": [0] * 99}]})
    broken = explorables.encode_floats(np.full(100, np.nan))
    with pytest.raises(ValueError, match="a draw holds NaN"):
        check_maker({**data, "draws": [{**data["draws"][0], "base": broken}]})
    with pytest.raises(ValueError, match="model is 'chance'; allowed: gaussian"):
        maker_weights("chance", 1)


def test_page_carries_little(data):
    made = maker_payload.__kwdefaults__ or dict(
        zip(("draws", "curve_draws"), maker_payload.__defaults__, strict=True)
    )
    full = {**data, "draws": [data["draws"][0]] * made["draws"]}
    text = module_maker(full, replaces="fig-other")._repr_html_()
    assert 'replaces="fig-other"' in text
    assert len(text.encode()) < 150_000
    script = explorables.bundle("module-maker.js")
    assert not re.search(r"https?://|fetch\(|XMLHttpRequest|WebSocket", script)
    names = re.findall(r"^(?:async )?(?:function|const|class|let) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names)), "modules share one scope in the page"
    assert "fig-other" in repr(module_maker(full, replaces="fig-other"))
    with pytest.raises(ValueError, match="not a fc-module-maker payload"):
        module_maker({})


# ------------------------------------------------------------------------------ weights, similarity, FC


def test_weights_are_pythons_at_every_place_of_every_slider(grid):
    for state, got in grid[0]:
        w = maker_weights(state["model"], state["at"], state["draw"])
        np.testing.assert_allclose(np.reshape(got["w"], w.shape), w, rtol=0, atol=1e-6, err_msg=str(state))


def test_similarity_is_pythons(grid):
    for state, got in grid[0][::WHOLE]:
        s = connectivity.connection_similarity(maker_weights(state["model"], state["at"], state["draw"]))
        np.testing.assert_allclose(np.reshape(got["s"], s.shape), s, rtol=0, atol=1e-6)


def test_rules_are_pythons(ask, grid):
    for _state, got in grid[0][::3]:
        np.testing.assert_array_equal(got["rules"], projections.rules(got["plane"]))
    assert ask(rules=[[1, 0], [0, 0], [2, 2], [-2, -2]])["rules"] == [-1, -1, 0, 4]


def test_noise_is_standard_normal_and_comes_back(ask):
    drawn = ask()
    assert kstest(drawn["normals"], "norm").pvalue > 0.01
    assert drawn["again"] == drawn["normals"][:5] != drawn["other"]
    lagged = np.corrcoef(drawn["normals"][:-1], drawn["normals"][1:])[0, 1]
    assert abs(lagged) < 3 / np.sqrt(20_000)


@pytest.mark.parametrize(
    ("model", "at", "noise"),
    [("gaussian", 7, 0), ("gaussian", 20, 4), ("sign", 0.3, 2), ("difference", 2.0, 8)],
)
def test_fc_is_the_correlation_of_noise_sent_through_the_weights(ask, data, model, at, noise):
    state = {"model": model, "at": at, "noise": noise, "draw": 1, "rows": True, "whole": True}
    got = ask(payload=data, states=[state])["states"][0]
    rows = np.reshape(got["rows"], (data["steps"], data["units"]))
    fc = np.reshape(got["fc"], (100, 100))
    np.testing.assert_allclose(fc, connectivity.functional_connectivity(rows), rtol=0, atol=1e-5)
    expected = projections.expected_connectivity(maker_weights(model, at, 1), noise)
    error = (fc - expected)[np.triu_indices(100, 1)]  # a correlation from 1000 steps has an SD of up to 0.032
    assert np.sqrt(np.mean(error**2)) < 0.05
    assert abs(error).max() < 0.2


# ------------------------------------------------------------------------------ modules


def bctpys_best(w, runs=20):
    """The best q that bctpy finds, on the way that its own first step does not spoil."""
    return modules.detect(w, runs)


def test_q_and_partition_are_bctpys_best_over_the_slider_grid(grid):
    same = []
    for state, got in grid[0][::WHOLE]:
        fc = np.reshape(got["fc"], (100, 100))
        fc = (fc + fc.T) / 2
        labels, q = bctpys_best(fc)
        assert got["q"] > q - 1e-6, state
        assert got["q"] == pytest.approx(modules.signed_modularity(fc, got["labels"]), abs=1e-9)
        if q > 0.02:  # below, many partitions are as good as each other
            same.append(abs(got["q"] - q) < 1e-6 and modules.agreement(got["labels"], labels) == 1)
    assert np.mean(same) > 0.8  # the rest are better than bctpy's twenty runs


@pytest.mark.parametrize("n", [2, 3, 5, 12, 30])
def test_random_signed_matrices_reach_bctpys_best(ask, n):
    cases = [symmetric(seed, n) for seed in range(4)]
    cases = [w for w in cases if (w > 0).any()]
    found = ask(matrices=[{"w": w.tolist(), "n": n, "runs": 100} for w in cases])["matrices"]
    for w, got in zip(cases, found, strict=True):
        np.testing.assert_allclose(np.reshape(got["b"], (n, n)), modules.modularity_matrix(w), atol=1e-12)
        assert got["q"] > bctpys_best(w, 100)[1] - 1e-6
        assert got["q"] == pytest.approx(bct.modularity_und_sign(w, np.add(got["labels"], 1))[1], abs=1e-9)


def test_planted_modules_and_edge_cases(ask):
    truth = np.repeat([0, 1, 2], [12, 8, 5])
    planted = np.where(np.equal.outer(truth, truth), 0.6, -0.3) + 0.1 * symmetric(0, 25)
    ones, zeros = np.ones((6, 6)), np.zeros((4, 4))
    opposed = np.array([[0.0, -1], [-1, 0]])
    cases = [planted, ones, zeros, [[0.0]], opposed, -opposed, -np.ones((3, 3))]
    found = ask(matrices=[{"w": np.asarray(w).tolist(), "n": len(w)} for w in cases])["matrices"]
    assert found[0]["labels"] == truth.tolist()
    assert found[1]["labels"] == [0] * 6 and found[1]["q"] == pytest.approx(0, abs=1e-12)
    assert found[2]["q"] == 0
    assert (found[3]["labels"], found[3]["q"]) == ([0], 0)
    assert len(set(found[4]["labels"])) == 2 and len(set(found[5]["labels"])) == 1
    assert len(set(found[6]["labels"])) == 3
    assert ask(matrices=[{"w": [], "n": 0}])["matrices"][0]["labels"] == []


@pytest.mark.parametrize("seed", range(3))
def test_q_does_not_depend_on_the_order_of_units(ask, seed):
    rng = np.random.default_rng(seed)
    w, labels, order = symmetric(seed, 20), rng.integers(0, 4, 20), rng.permutation(20)
    moved = {"w": w[np.ix_(order, order)].tolist(), "n": 20, "runs": 100, "labels": labels[order].tolist()}
    one, other = ask(matrices=[{**moved, "w": w.tolist(), "labels": labels.tolist()}, moved])["matrices"]
    assert one["given"] == pytest.approx(other["given"], abs=1e-12)
    assert one["given"] == pytest.approx(modules.signed_modularity(w, labels), abs=1e-12)
    assert one["q"] == pytest.approx(other["q"], abs=1e-9)
    assert modules.agreement(np.array(one["labels"])[order], other["labels"]) == 1


# ------------------------------------------------------------------------------ words and pictures


def test_nothing_is_nan_at_any_place_of_any_slider(grid):
    for state, got in grid[0]:
        said = got["text"] + got["start"] + "".join(got["spoken"].values()) + got["svg"]
        assert not re.search(r"NaN|undefined|Infinity|null|−0\.00", said), (state, got["text"])
        assert np.isfinite(got["q"])
        assert sorted(got["order"]) == list(range(100))


def test_words_say_why_there_are_no_modules(grid):
    for model, at in (("sign", 0), ("sign", 1), ("difference", 0)):
        got = next(g for s, g in grid[0] if (s["model"], s["at"], s["noise"]) == (model, at, 0))
        assert got["sizes"] == [100] and abs(got["q"]) < 1e-9
        assert "no modules, for all 100 units go up and down together" in got["text"]
        noisy = next(g for s, g in grid[0] if (s["model"], s["at"], s["noise"]) == (model, at, 4))
        assert noisy["q"] < 0.1 and "it is the private noise that makes these modules" in noisy["text"]


def test_words_carry_the_numbers(grid):
    for state, got in grid[0]:
        if got["modules"] < 2:
            continue
        assert f"{got['modules']} modules" in got["text"]
        assert all(str(size) in got["text"] for size in got["sizes"][: got["modules"]])
        assert f"draw {state['draw'] + 1}" in got["text"]
        assert ("six rules know only these" in got["text"]) == (got["inputs"] > 2)
        assert sum(map(int, re.findall(r"\): (\d+)", got["spoken"]["plane"]))) == 100


def test_words_never_outgrow_their_room(grid):
    states, longest = grid
    assert max(len(got["text"]) for _, got in states) <= longest
    assert longest < 1.15 * max(len(got["text"]) for _, got in states)


def test_rules_in_modules_are_counted(grid):
    for _state, got in grid[0][::4]:
        table = np.zeros((6, max(got["labels"]) + 1))
        np.add.at(table, (got["rules"], got["labels"]), 1)
        assert got["nested"] == table.max(axis=1).sum()


@pytest.mark.parametrize("units", [1, 2, 5])
@pytest.mark.parametrize("noise", [0, 2])
def test_weights_without_direction_are_said_to_be_so(ask, units, noise):
    none, equal, one_silent = [0.0] * (2 * units), [1.0] * (2 * units), [1.0] * (2 * units - 2) + [0.0, 0.0]
    found = ask(weights=[{"w": w, "units": units, "noise": noise} for w in (none, equal, one_silent)])[
        "weights"
    ]
    for got in found:
        said = got["text"] + "".join(got["spoken"].values()) + got["svg"]
        assert not re.search(r"NaN|undefined|Infinity|null", said)
    if noise == 0:
        assert found[0]["labels"] == [-1] * units
        assert "no unit varies" in found[0]["text"]
    if noise == 0 and units == 5:
        assert "no modules" in found[1]["text"]
        assert found[2]["labels"] == [0, 0, 0, 0, -1]
        assert "1 unit without activity belongs to none" in found[2]["text"]


# ------------------------------------------------------------------------------ with a kernel


def test_widgets_are_not_made_while_publishing(monkeypatch):
    monkeypatch.setenv("FCMOD_PUBLISH", "1")
    assert maker_widgets(lambda **_: pytest.fail("called")) is None


def test_widgets_redraw_with_the_same_parameters(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.delenv("FCMOD_PUBLISH", raising=False)
    calls = []

    def redraw(**state):
        maker_weights(state["model"], state["at"], state["draw"])  # never a value of another model
        calls.append(state)

    panel = maker_widgets(redraw, draws=3)
    model, inputs, share, difference, noise, draw, reset, _ = panel.children
    assert calls[-1] == maker_data.START
    assert (inputs.disabled, share.disabled, difference.disabled) == (True, True, False)
    model.value = "gaussian"
    assert calls[-1] == {**maker_data.START, "model": "gaussian", "at": MODELS["gaussian"].start}
    assert (inputs.disabled, share.disabled, difference.disabled) == (False, True, True)
    inputs.value, noise.value, draw.value = 20, 4, 2
    assert calls[-1] == {"model": "gaussian", "at": 20, "noise": 4, "draw": 2}
    model.value, share.value = "sign", 0.25
    assert calls[-1] == {"model": "sign", "at": 0.25, "noise": 4, "draw": 2}
    reset.click()
    assert calls[-1] == maker_data.START
    plt.close("all")


def test_still_picture_shows_what_the_maker_computes(data):
    fig = maker_picture(data, "sign", 0.4, 0, 1)
    plane, similarity, fc, along = fig.axes[:4]
    assert len(plane.collections) == 2, "rules 1 and 5"
    np.testing.assert_allclose(similarity.images[0].get_array(), fc.images[0].get_array(), atol=1e-9)
    line, mark = along.lines
    model = data["models"]["sign"]
    np.testing.assert_array_equal(
        line.get_xydata(), np.transpose([model["values"], model["curves"][0]["median"]])
    )
    np.testing.assert_allclose(mark.get_xydata(), [[0.4, projections.sign_model_q(100, 40)]], atol=1e-9)
    plt.close(fig)
    with pytest.raises(ValueError, match=r"noise is 3; allowed: \[0, 2, 4, 8\]"):
        maker_picture(data, "sign", 0.4, 3, 1)


# ------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def maker_page(data, tmp_path_factory):
    return bare_page(tmp_path_factory.mktemp("maker"), {"fig-maker": module_maker(data)._repr_html_()})


@pytest.fixture
def opened(opens, maker_page):
    return opens(maker_page, "fc-module-maker", reduced_motion="reduce")


def state(page):
    return page.evaluate("document.querySelector('fc-module-maker').state()")


PICTURES = """e => [[...e.querySelectorAll("canvas")].map(c => c.toDataURL()),
                    [...e.querySelectorAll("svg")].map(s => s.outerHTML)].join()"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("control", "key"),
    [
        ("model", "ArrowUp"),
        ("at", "ArrowRight"),
        ("at", "Home"),
        ("noise", "ArrowRight"),
        ("noise", "End"),
        ("another", "Enter"),
        ("reset", "Space"),
    ],
)
def test_each_control_moves_words_pictures_and_address(opened, data, control, key):
    page = opened()
    maker = page.locator("fc-module-maker")
    if control == "reset":
        maker.locator("[data-part=noise]").press("ArrowRight")
    before = maker.locator(".fc-live").inner_text(), maker.evaluate(PICTURES)
    height = maker.bounding_box()["height"]
    part = maker.locator(f"[data-part={control}]")
    part.focus()
    page.keyboard.press(key)
    assert maker.locator(".fc-live").inner_text() != before[0]
    assert maker.evaluate(PICTURES) != before[1]
    assert maker.bounding_box()["height"] == height, "nothing may jump"
    assert page.evaluate("location.hash").startswith("#module-maker--model-")
    if control == "reset":
        assert {key: state(page)[key] for key in data["start"]} == data["start"]


@pytest.mark.browser
def test_each_model_brings_its_own_slider(opened, data):
    page = opened()
    seen = []
    for name, model in data["models"].items():
        page.locator("[data-part=model]").select_option(name)
        slider = page.locator("[data-part=at]")
        seen.append(page.locator("[data-part=atLabel]").inner_text())
        assert state(page)["at"] == model["start"]
        assert int(slider.get_attribute("max")) == len(model["values"]) - 1
        for key, value in (("End", model["values"][-1]), ("Home", model["values"][0])):
            slider.press(key)
            assert state(page)["at"] == value
        hint = page.locator("[data-part=hint]").inner_text()
        assert ("Two inputs" in hint) == (name != "gaussian")
    assert seen == ["Inputs", "Negative weights", "Difference", "Difference"]


@pytest.mark.browser
def test_address_restores_the_state(opened, data):
    got = state(opened("#module-maker--model-gaussian--at-7--noise-4--draw-2"))
    assert {key: got[key] for key in data["start"]} == {"model": "gaussian", "at": 7, "noise": 4, "draw": 1}
    got = state(opened("#module-maker--model-sign--at-0-35--noise-0--draw-1"))
    assert (got["model"], got["at"]) == ("sign", 0.35)
    rest = "at-1--noise-0--draw-1"
    for wrong in (
        "model-sign--at-7--noise-4--draw-2",
        f"model-x--{rest}",
        f"model-toString--{rest}",
        "draw-1",
        "",
    ):
        got = state(opened(f"#module-maker--{wrong}"))
        assert {key: got[key] for key in data["start"]} == data["start"]


@pytest.mark.browser
def test_figure_is_replaced_on_screen_but_not_in_print(opened):
    page = opened()
    assert not page.locator("#fig-maker").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#fig-maker").is_visible()
    assert not page.locator("fc-module-maker").is_visible()


@pytest.mark.alone
@pytest.mark.browser
def test_moves_redraw_in_time(opened):
    """The promise is 150 ms a move; as the machine may be busy, the best of three rounds counts."""
    page = opened()
    rounds = page.evaluate("""() => {
      const maker = document.querySelector("fc-module-maker");
      const moves = [0, 5, 10, 15].map((k) => ["at", k]).concat([1, 2, 3, 0].map((k) => ["noise", k]));
      const round = (model) => {
        const choose = maker.querySelector("[data-part=model]");
        choose.value = model;
        choose.dispatchEvent(new Event("change", { bubbles: true }));
        return moves.map(([name, value]) => {
          const control = maker.querySelector(`[data-part=${name}]`);
          const began = performance.now();
          control.value = value;
          control.dispatchEvent(new Event("input", { bubbles: true }));
          maker.getBoundingClientRect();
          return performance.now() - began;
        });
      };
      const models = ["gaussian", "sign", "difference", "sign_difference"];
      return [1, 2, 3].map(() => models.flatMap(round));
    }""")
    best = np.min(rounds, axis=0)
    assert best.shape == (32,)
    assert np.median(best) < 150
    assert best.max() < 300


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 375])
def test_axe_finds_nothing_and_phones_do_not_scroll_sideways(opened, theme, width):
    axe_finds_nothing(
        opened("#module-maker--model-sign--at-0--noise-0--draw-1"), "fc-module-maker", theme, width
    )


@pytest.mark.browser
def test_touch_moves_the_slider(browser, maker_page):
    context = browser.new_context(viewport={"width": 375, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(maker_page)
    slider = page.locator("[data-part=at]")
    slider.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('fc-module-maker').lab")
    box = slider.bounding_box()
    assert box["height"] >= 44
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function("document.querySelector('fc-module-maker').current.at > 3")
    context.close()
