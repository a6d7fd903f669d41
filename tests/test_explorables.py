"""The lesion lab: its data, its JavaScript against plain numpy, its element in a browser."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from conftest import ask_node, axe_finds_nothing, bare_page

from fcmod_utils import explorables, lesions, networks, tasks
from fcmod_utils.explorables import bundle, check, lesion_lab, lesion_widgets, payload

FOLDER = Path(explorables.__file__).parent
COHERENCES = (0, 6.4, 12.8, 25.6, 51.2)


PDM = "perceptual_decision_making"


def network(units=30, trials=20, seed=0, **changes):
    """Plain arrays: random weights, three modules, four silent units, noise of every coherence."""
    rng = np.random.default_rng(seed)
    modules = np.repeat([0, 1, 2, -1], [12, 7, units - 23, 4])
    arguments = {
        "w_in": rng.normal(0, 0.6, (units, 3)),
        "b_in": rng.normal(0, 0.2, units),
        "w_rec": rng.normal(0, 0.7 / np.sqrt(units), (units, units)),
        "b_rec": rng.normal(0, 0.2, units),
        "w_out": rng.normal(0, 0.5, (3, units)),
        "b_out": np.array([-9.0, 0, 0]),  # some choice, even if a poor one
        "alpha": 1.0,
        "nonlinearity": "relu",
        "labels": rng.permutation(modules),
        "noise": np.float32(rng.normal(0, 0.1, (trials, 20, 2))),
        "ground_truth": np.arange(trials) % 2,
        "coherence": np.resize(COHERENCES, trials),
    }
    return {**arguments, **changes}


def ensemble_of(arguments):
    """Those weights as an ensemble of one network."""
    weights = {name: torch.tensor(arguments[name])[None].float() for name in networks.PARAMETERS}
    return networks.Ensemble(**weights, alpha=arguments["alpha"], nonlinearity=arguments["nonlinearity"])


def trials_of(arguments):
    """Those trials as the book's, whose inputs hold means and noise together."""
    fixed = {key: arguments[key] for key in ("ground_truth", "coherence")}
    made = tasks.sample_trials(PDM, len(arguments["noise"]), 0, **fixed)
    shift = np.asarray(arguments["coherence"])[:, None] / 200
    stronger = np.asarray(arguments["ground_truth"])[:, None] == (0, 1)
    means = 0.5 + np.where(stronger, shift, -shift)
    made.inputs[1:21, :, 1:] = means + arguments["noise"].swapaxes(0, 1)
    return made


def lab_of(arguments, **options):
    """Payload of plain arrays."""
    return payload(ensemble_of(arguments), arguments["labels"], trials_of(arguments), **options)


def reference(arguments, coherence, alpha, f):
    """The network of the book, written out: every trial, step and stimulus by itself."""
    weights = {k: np.float32(v).astype(float) for k, v in arguments.items() if k[:2] in ("w_", "b_")}
    hidden, inputs = [], []
    for noise, stronger in zip(np.float32(arguments["noise"]), arguments["ground_truth"], strict=True):
        x = np.zeros((22, 3))
        x[:21, 0] = 1
        for stimulus in (0, 1):
            sign = 1 if stimulus == stronger else -1
            x[1:21, 1 + stimulus] = 0.5 + sign * coherence / 200 + noise[:, stimulus]
        r, path = np.zeros(len(weights["b_in"])), []
        for now in x:
            drive = weights["w_in"] @ now + weights["b_in"]
            drive = drive + weights["w_rec"] @ r + weights["b_rec"]
            r = (1 - alpha) * r + alpha * f(drive)
            path.append(r)
        hidden.append(path)
        inputs.append(x)
    return np.array(hidden), weights


def run_node(node, tmp_path, data, states):
    for name, content in (("payload.json", data), ("states.json", states)):
        (tmp_path / name).write_text(json.dumps(content))
    return ask_node(node, "explorables_node.mjs", tmp_path / "payload.json", tmp_path / "states.json")


# --- the data


def test_payload_survives_json_and_reads_back(monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", "quick")
    arguments = network()
    data = json.loads(json.dumps(lab_of(arguments, seed=7), allow_nan=False))
    assert set(data) == {
        "format", "version", "scale", "seed", "alpha", "nonlinearity", "shape", "weights", "modules",
        "module_names", "task", "noise", "ground_truth", "start", "range", "reference",
    }  # fmt: skip
    assert data["shape"] == {"inputs": 3, "units": 30, "outputs": 3}
    for name, text in data["weights"].items():
        np.testing.assert_array_equal(explorables.decode_floats(text), np.float32(arguments[name]).ravel())
    np.testing.assert_allclose(  # whatever the coherence of the trials was
        explorables.decode_floats(data["noise"]), arguments["noise"].ravel(), atol=1e-7
    )
    assert data["modules"] == arguments["labels"].tolist()
    assert data["ground_truth"] == arguments["ground_truth"].tolist()
    assert (data["seed"], data["scale"]) == (7, "quick")
    steps = {"fixation": 1, "stimulus": 20, "delay": 0, "decision": 1}
    assert data["task"]["steps"] == steps and data["task"]["dt_ms"] == 100
    assert (data["task"]["baseline"], data["task"]["contrast_per_percent"]) == (0.5, 1 / 200)
    assert data["module_names"] == ["1", "2", "3"]
    assert data["task"]["coherences"] == list(COHERENCES)
    assert set(data["start"]) == {"module", "share", "coherence"}
    assert data["start"]["share"] == 1
    assert data["start"]["coherence"] == 12.8
    assert data["range"][0] < 0 < data["range"][1]
    assert set(data["reference"]) == {"cut_units", "accuracy", "final"}
    assert check(data) is data


def test_first_view_cuts_the_module_that_favors_choice_2():
    arguments = network()
    arguments["w_out"] = np.zeros((3, 30))
    arguments["w_out"][2, arguments["labels"] == 1] = 1
    arguments["w_out"][1, arguments["labels"] == 0] = 1
    arguments["b_in"] = np.full(30, 0.5)
    assert lab_of(arguments)["start"]["module"] == 1


def test_units_are_cut_from_the_largest_read_out_down():
    w_out = np.zeros((3, 6))
    w_out[:, 1:] = np.array([[3, 0, 0], [0, 4, 0], [1, 1, 1], [0, 0, 9], [0, 0, 5]]).T
    first = lesions.strongest_first
    assert first(torch.tensor(w_out), [1, 2, 3, 5]).tolist() == [5, 2, 1, 3]
    assert first(torch.tensor(w_out), [1, 2, 3, 5], 0.5).tolist() == [5, 2]
    assert first(torch.tensor(w_out), [1, 2, 3, 5], 0.1).tolist() == []
    assert first(torch.tensor(w_out), [4]).tolist() == [4]


def test_the_lab_cuts_the_units_that_the_lesion_cuts():
    arguments = network(seed=2)
    one, members = ensemble_of(arguments), np.flatnonzero(arguments["labels"] == 1)
    for share in (0, 0.3, 0.5, 1):
        data = lab_of(arguments, start={"module": 1, "share": share, "coherence": 0.0})
        silenced = (lesions.cut_outputs(one, [members], share).w_out[0] == 0).all(0).numpy()
        assert sorted(data["reference"]["cut_units"]) == np.flatnonzero(silenced).tolist()


def test_same_trials_at_another_coherence_give_the_same_lab():
    arguments = network()
    one, labels = ensemble_of(arguments), arguments["labels"]
    low, high = (
        payload(one, labels, tasks.sample_trials(PDM, 20, 3, ground_truth=np.arange(20) % 2, coherence=c))
        for c in (0, 51.2)
    )
    noise = [explorables.decode_floats(data["noise"]) for data in (low, high)]
    np.testing.assert_allclose(*noise, atol=1e-7)
    assert low["reference"]["accuracy"] == high["reference"]["accuracy"]
    np.testing.assert_allclose(low["range"], high["range"], atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"w_out": np.full((3, 30), np.nan)}, "outputs at coherence 0.0 are not finite"),
        ({"noise": np.full((20, 20, 2), np.inf)}, "outputs at coherence 0.0 are not finite"),
        ({"w_in": np.zeros((30, 2))}, r"network has \(2, 3\) inputs and outputs; allowed: 3 and 3"),
        ({"w_out": np.zeros((2, 30))}, r"network has \(3, 2\) inputs and outputs"),
        ({"alpha": 0}, "alpha = dt / tau is 0"),
        ({"alpha": 1.5}, "alpha = dt / tau is 1.5"),
        ({"nonlinearity": "sine"}, "nonlinearity 'sine'"),
        ({"labels": np.zeros(29, int)}, "labels have shape"),
        ({"labels": np.zeros(30)}, "allowed: 30 integers"),
        ({"labels": np.full(30, 2)}, r"labels are \[2\]"),
        ({"labels": np.full(30, -1)}, r"labels are \[\]"),
        ({"ground_truth": np.zeros(20, int)}, "20 trials of ground_truth 0, 0 of 1; allowed: as many 0 as 1"),
    ],
)
def test_bad_input_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        lab_of(network(**changes))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"module_names": ["a"]}, "1 names for 3 modules"),
        ({"start": {"module": 3, "share": 1, "coherence": 0}}, "start's module is 3"),
        ({"start": {"module": 0, "share": 2, "coherence": 0}}, "start's share is 2"),
        ({"start": {"module": 0, "share": 1, "coherence": 3}}, "start's coherence is 3"),
        ({"start": {"module": 0}}, "start has"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        lab_of(network(), **options)


def test_one_network_and_trials_of_its_task_are_asked_for():
    arguments = network()
    labels, trials = arguments["labels"], trials_of(arguments)
    with pytest.raises(ValueError, match=r"2 networks; allowed: one, e.g. ensemble\[0\]"):
        payload(networks.initialize([0, 1], 3, 30, 3), labels, trials)
    with pytest.raises(ValueError, match="allowed: trials of perceptual_decision_making"):
        payload(ensemble_of(arguments), labels, tasks.sample_trials("go_nogo", 20, 0))


def test_damaged_payload_is_named():
    data = lab_of(network())
    with pytest.raises(ValueError, match="not a fc-lesion-lab payload"):
        check({**data, "version": 99})
    with pytest.raises(ValueError, match="w_rec has 3 numbers"):
        check({**data, "weights": {**data["weights"], "w_rec": data["weights"]["w_rec"][:16]}})
    with pytest.raises(ValueError, match="not float32 numbers in base64"):
        check({**data, "noise": "?"})
    with pytest.raises(ValueError, match="start's module is 3"):
        check({**data, "start": {**data["start"], "module": 3}})
    with pytest.raises(ValueError, match="2 names for 3 modules"):
        check({**data, "module_names": ["1", "2"]})


# --- the page's text


def test_bundle_is_one_self_contained_script():
    text = bundle()
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)
    names = re.findall(r"^(?:async )?(?:function|const|class|let) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)), "modules share one scope in the page"
    assert not re.search(r"https?://|fetch\(|XMLHttpRequest|WebSocket", text)


def test_sources_stay_small():
    for file in [*FOLDER.glob("*.js"), *FOLDER.glob("*.py"), *FOLDER.glob("*.css")]:
        lines = file.read_text().splitlines()
        assert len(lines) < 300, file.name
        assert max(map(len, lines)) <= 125, file.name


def test_html_escapes_its_data_and_keeps_its_budget():
    data = lab_of(network(units=100, trials=200), module_names=["</script>", "<!--", "3"])
    text = lesion_lab(data, replaces="fig-other")._repr_html_()
    assert text.count("</script>") == 2
    assert "<!--" not in text
    body = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL).group(1)
    assert json.loads(body) == json.loads(json.dumps(data))
    assert 'replaces="fig-other"' in text
    assert len(text.encode()) < 150_000


def test_lab_takes_a_payload_only():
    data = lab_of(network())
    assert lesion_lab(data).data == data
    assert "fig-lesion" in repr(lesion_lab(data))
    with pytest.raises(ValueError, match="make one with payload"):
        lesion_lab(network())
    with pytest.raises(ValueError, match="element_id is 'a b'"):
        lesion_lab(data, element_id="a b")


# --- JavaScript against numpy


@pytest.mark.parametrize("alpha", [1.0, 0.2])
@pytest.mark.parametrize(
    ("nonlinearity", "f"),
    [
        ("relu", lambda x: np.maximum(x, 0)),
        ("tanh", np.tanh),
        ("softplus", lambda x: np.log1p(np.exp(x))),
    ],
)
def test_javascript_agrees_with_numpy(node, tmp_path, nonlinearity, f, alpha):
    arguments = network(nonlinearity=nonlinearity, alpha=alpha, seed=3)
    data = lab_of(arguments)
    states = [
        {"module": m, "share": s, "coherence": c}
        for m, s, c in [(0, 1, 12.8), (1, 0.5, 51.2), (2, 0.3, 0), (1, 0, 6.4)]
    ]
    truth = arguments["ground_truth"]
    for state, got in zip(states, run_node(node, tmp_path, data, states)["results"], strict=True):
        hidden, weights = reference(arguments, state["coherence"], alpha, f)
        close = {"rtol": 0, "atol": 1e-5}
        np.testing.assert_allclose(np.reshape(got["hidden"], hidden.shape), hidden, **close)
        outputs = hidden @ weights["w_out"].T + weights["b_out"]
        np.testing.assert_allclose(np.reshape(got["intact"], outputs.shape), outputs, **close)
        members = np.flatnonzero(arguments["labels"] == state["module"])
        size = np.linalg.norm(weights["w_out"][:, members], axis=0)
        chosen = members[np.argsort(-size)][: round(state["share"] * len(members))]
        assert got["cutUnits"] == chosen.tolist()
        w_cut = weights["w_out"].copy()
        w_cut[:, chosen] = 0
        cut = hidden @ w_cut.T + weights["b_out"]
        np.testing.assert_allclose(np.reshape(got["cut"], cut.shape), cut, **close)
        right = cut[:, -1].argmax(-1) == truth + 1
        np.testing.assert_allclose(got["accuracy"]["cut"], [right[truth == k].mean() for k in (0, 1)])
        means = [[cut[truth == k, :, o].mean(0) for o in range(3)] for k in (0, 1)]
        np.testing.assert_allclose(got["means"], means, **close)
        compare_fc(got, hidden, arguments["labels"])


def compare_fc(got, hidden, labels):
    """FC of live units in module order; units that never change have none."""
    live = [u for m in range(3) for u in np.flatnonzero(labels == m)]
    assert got["live"] == live
    rows = hidden.reshape(-1, hidden.shape[-1])[:, live]
    constant = rows.std(0) < 1e-12
    with np.errstate(invalid="ignore", divide="ignore"):
        fc = np.corrcoef(rows.T)
    np.fill_diagonal(fc, 0)
    found = np.array(got["fc"], dtype=float).reshape(fc.shape)
    keep = ~constant
    np.testing.assert_allclose(found[keep][:, keep], fc[keep][:, keep], rtol=0, atol=1e-5)
    off = ~np.eye(len(live), dtype=bool)
    assert np.isnan(found[constant[:, None] & off]).all()
    same = np.equal.outer(labels[live], labels[live])
    for name, pairs in (("within", same & off), ("between", ~same)):
        np.testing.assert_allclose(got["summary"][name], np.nanmean(fc[pairs]), atol=1e-5)


@pytest.mark.parametrize("coherence", [0.0, 12.8])  # at 0 % no answer is right, and both still count
def test_python_reference_agrees_with_javascript(node, tmp_path, coherence):
    data = lab_of(network(seed=5), start={"module": 1, "share": 0.6, "coherence": coherence})
    got = run_node(node, tmp_path, data, [data["start"]])["results"][0]
    assert got["cutUnits"] == data["reference"]["cut_units"]
    assert got["accuracy"] == data["reference"]["accuracy"]
    assert 0 < sum(got["accuracy"]["intact"]) < 2
    final = [[values[-1] for values in outputs] for outputs in got["means"]]
    np.testing.assert_allclose(final, data["reference"]["final"]["cut"], atol=1e-5)


def test_every_control_changes_the_words(node, tmp_path):
    data = lab_of(network())
    base = {"module": 0, "share": 1, "coherence": 12.8}
    moves = [base, {**base, "module": 1}, {**base, "share": 0.75}, {**base, "coherence": 0}]
    moves += [{**base, "share": 0}, {**base, "share": 0, "module": 1}]
    answer = run_node(node, tmp_path, data, moves)
    texts = [result["text"]["share"] for result in answer["results"]]
    assert len(set(texts)) == len(texts)
    first = answer["results"][0]["text"]
    assert "all 12 units of module 1 is cut" in first["start"]
    assert "the read-out comes after the recurrent layer" in first["share"]
    assert "FC follows coherence" in first["coherence"]
    assert first["reset"].startswith("Back to the first view.")
    guesses = answer["results"][3]
    for shares, word in ((guesses["shares"], "now"), (guesses["sharesIntact"], "choice\u00a01 in")):
        first_choice = np.floor(50 * (shares[0][1] + shares[1][1]) + 0.5)
        assert f"{word} {first_choice:.0f}\u00a0%" in guesses["text"]["coherence"]
    assert "no answer is right" in guesses["text"]["coherence"]
    assert "correct" not in guesses["text"]["coherence"] + guesses["labels"]["bars"]
    assert "correct" in answer["results"][0]["labels"]["bars"]
    assert texts[4].startswith("Nothing is cut")
    for result in answer["results"]:  # a reset always leads to the first view
        texts = [text for moved, text in result["text"].items() if moved != "reset"]
        assert max(map(len, texts)) <= answer["longest"]
    assert len(first["reset"]) <= answer["longest"]
    assert "stimulus-2 trials" in answer["hint"]
    assert "module 1" in answer["hint"]


def test_words_never_outgrow_their_room(node, tmp_path):
    data = lab_of(network(units=40, seed=1))
    states = [
        {"module": m, "share": s, "coherence": c} for m in range(3) for s in (0.5, 1) for c in COHERENCES
    ]
    answer = run_node(node, tmp_path, data, states)
    for result in answer["results"]:
        texts = [text for moved, text in result["text"].items() if moved != "reset"]
        assert max(map(len, texts)) <= answer["longest"]


def test_words_say_once_what_both_types_do(node, tmp_path):
    arguments = network(b_out=np.array([99.0, 0, 0]))  # it never stops fixating
    state = {"module": 2, "share": 1, "coherence": 12.8}
    result = run_node(node, tmp_path, lab_of(arguments), [state])["results"][0]
    assert "trials of both types stay at 0\u00a0% correct." in result["text"]["start"]


# --- with a kernel


def test_widgets_are_not_made_while_publishing(monkeypatch):
    monkeypatch.setenv("FCMOD_PUBLISH", "1")
    assert lesion_widgets(lambda **_: pytest.fail("called"), modules=3) is None


def test_widgets_redraw_with_the_same_parameters(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.delenv("FCMOD_PUBLISH", raising=False)
    calls = []
    panel = lesion_widgets(lambda **state: calls.append(state), modules=["a", "b"])
    module, share, coherence, reset, _ = panel.children
    assert calls[-1] == {"module": 1, "share": 1.0, "coherence": 12.8}
    module.value, share.value, coherence.value = 0, 0.5, 51.2
    assert calls[-1] == {"module": 0, "share": 0.5, "coherence": 51.2}
    reset.click()
    assert calls[-1] == {"module": 1, "share": 1.0, "coherence": 12.8}
    plt.close("all")


# --- in a browser


@pytest.fixture(scope="module")
def lab_page(tmp_path_factory):
    """A page with two labs at the size of the real one."""
    data = lab_of(network(units=100, trials=200))
    labs = {figure: lesion_lab(data, figure)._repr_html_() for figure in ("fig-lesion", "fig-twin")}
    return bare_page(tmp_path_factory.mktemp("lab"), labs), data


@pytest.fixture
def opened(opens, lab_page):
    url, data = lab_page
    at = opens(url, "fc-lesion-lab")
    return lambda fragment="": (at(fragment), data)


def state(page, lab="fc-lesion-lab"):
    return page.evaluate(f"document.querySelector('{lab}').state()")


@pytest.mark.browser
def test_page_shows_pythons_numbers(opened):
    page, data = opened()
    got = state(page)
    assert {key: got[key] for key in data["start"]} == data["start"]
    assert got["cutUnits"] == data["reference"]["cut_units"]
    assert got["accuracy"] == data["reference"]["accuracy"]
    for run in ("intact", "cut"):
        np.testing.assert_allclose(got["final"][run], data["reference"]["final"][run], atol=1e-5)


@pytest.mark.browser
def test_labs_replace_their_figures_on_screen_but_not_in_print(opened):
    page, _ = opened()
    assert not page.locator("#fig-lesion").is_visible()
    assert not page.locator("#fig-twin").is_visible()
    assert page.locator("fc-lesion-lab").evaluate_all("e => e.map(x => x.id)") == [
        "lesion-lab",
        "lesion-lab-2",
    ]
    page.emulate_media(media="print")
    assert page.locator("#fig-lesion").is_visible()
    assert not page.locator("#lesion-lab").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("control", "key"),
    [("share", "ArrowLeft"), ("coherence", "ArrowRight"), ("module", None), ("reset", "Enter")],
)
def test_each_control_moves_words_pictures_and_address(opened, control, key):
    page, data = opened()
    lab = page.locator("#lesion-lab")
    pictures = """e => [e.querySelector("canvas").toDataURL(),
                        e.querySelector(".fc-views").innerHTML].join()"""
    before = lab.locator(".fc-live").inner_text(), lab.evaluate(pictures)
    height = lab.bounding_box()["height"]
    part = lab.locator(f"[data-part={control}]")
    part.focus()
    if key is None:
        part.select_option(str((data["start"]["module"] + 1) % 3))
    else:
        page.keyboard.press(key)
    assert lab.locator(".fc-live").inner_text() != before[0]
    if control != "reset":
        assert lab.evaluate(pictures) != before[1]
    assert lab.bounding_box()["height"] == height, "nothing may jump"
    assert page.evaluate("location.hash").startswith("#lesion-lab--module-")
    assert state(page, "#lesion-lab-2") is not None
    assert {k: state(page, "#lesion-lab-2")[k] for k in data["start"]} == data["start"]


@pytest.mark.browser
def test_address_restores_the_state(opened):
    page, data = opened("#lesion-lab-2--module-3--cut-40--coherence-6-4")
    got = state(page, "#lesion-lab-2")
    assert (got["module"], got["share"], got["coherence"]) == (2, 0.4, 6.4)
    assert state(page)["module"] == data["start"]["module"]
    page, _ = opened("#lesion-lab--module-1--cut-37--coherence-6-4")
    assert state(page)["share"] == 0.35, "the slider has no place in between"
    page, _ = opened("#lesion-lab--module-9--cut-40--coherence-6-4")
    assert {key: state(page)[key] for key in data["start"]} == data["start"]


@pytest.mark.alone
@pytest.mark.browser
def test_slider_moves_redraw_in_time(opened):
    page, _ = opened()
    page.wait_for_function("document.querySelector('fc-lesion-lab').payload.task.coherences"
                           ".every(c => document.querySelector('fc-lesion-lab').lab.has(c))")  # fmt: skip
    times = page.evaluate("""() => {
      const lab = document.querySelector("fc-lesion-lab");
      const moves = [...Array(21).keys()].map((i) => ["share", 5 * i]);
      moves.push(...[0, 1, 2, 3, 4].map((i) => ["coherence", i]));
      return moves.map(([name, value]) => {
        const control = lab.querySelector(`[data-part=${name}]`);
        const began = performance.now();
        control.value = value;
        control.dispatchEvent(new Event("input", { bubbles: true }));
        lab.getBoundingClientRect();
        return performance.now() - began;
      });
    }""")
    assert np.median(times) < 100


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 375])
def test_axe_finds_nothing_and_phones_do_not_scroll_sideways(opened, theme, width):
    axe_finds_nothing(opened()[0], "fc-lesion-lab", theme, width)


@pytest.mark.browser
def test_dark_ground_is_seen_without_a_theme_attribute(opened):
    page, _ = opened()
    page.evaluate("document.body.style.background = '#111'; document.body.className = 'x'")
    page.wait_for_function("document.querySelector('fc-lesion-lab').dataset.theme === 'dark'")
