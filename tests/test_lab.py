"""The Lab: its scores against Python's, its address and words, and its element in a browser."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import axe_playwright_python
import numpy as np
import pytest

from fcmod_utils import (
    activity,
    exchange,
    explorables,
    lesions,
    modules,
    networks,
    projections,
    tasks,
    training,
)
from fcmod_utils.explorables import check_lab, lab, lab_payload, network_scores
from fcmod_utils.explorables.compact import compact
from fcmod_utils.explorables.embed import bundle, short

FOLDER = Path(explorables.__file__).parent
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PDM, GNG = "perceptual_decision_making", "go_nogo"
UNITS = 24


@pytest.fixture(scope="module")
def trained():
    """Two small networks of either task, trained here."""
    made = {}
    for task, steps in ((PDM, 200), (GNG, 100)):
        recipe = training.Recipe(task, units=UNITS, steps=steps, learning_rate=0.005)
        ensemble, loss, _ = training.train(recipe, range(2))
        made[task] = training.Trained(ensemble, ensemble, loss, recipe, (0, 1))
    return made


def trials_of(task, n=200):
    return tasks.sample_trials(task, n, 3, ground_truth=np.arange(n) % 2)


@pytest.fixture(scope="module")
def scores(trained):
    """Python's scores of all of them."""
    return {
        task: [network_scores(task, one.ensemble[k], trials_of(task), runs=20) for k in range(2)]
        for task, one in trained.items()
    }


@pytest.fixture(scope="module")
def data(trained, scores):
    return json.loads(json.dumps(lab_payload(trained[PDM], 0, scores), allow_nan=False))


@pytest.fixture(scope="module")
def ask(node, tmp_path_factory):
    """Put questions to the JavaScript."""
    file = tmp_path_factory.mktemp("lab") / "questions.json"

    def answers(**questions):
        file.write_text(json.dumps(questions))
        command = [node, Path(__file__).with_name("lab_page_node.mjs"), FOLDER, file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return answers


def question(task, one, trials):
    """A network and trials, as the page has them."""
    x, truth = trials.inputs.swapaxes(0, 1), trials.conditions["ground_truth"]
    coherence = trials.conditions.get("coherence")
    return {
        "file": exchange.pack_network(one, training.Recipe(task, units=UNITS)),
        "set": {
            "inputs": x.ravel().tolist(), "trials": len(trials), "steps": x.shape[1],
            "groundTruth": truth.tolist(), "targets": trials.targets[-1].tolist(),
            "coherence": None if coherence is None else coherence.tolist(),
        },
        "periods": {name: [steps.start, steps.stop] for name, steps in trials.periods.items()},
        "cut": [0, 3, 5, 7],
    }  # fmt: skip


# ------------------------------------------------------------------------------ numbers


def test_page_and_python_give_a_network_the_same_scores(ask, trained, scores):
    same = []
    for task, one in trained.items():
        asked = [question(task, one.ensemble[k], trials_of(task)) for k in range(2)]
        for k, got in enumerate(ask(networks=asked)["networks"]):
            wanted = scores[task][k]
            assert set(got["scores"]) == set(wanted)
            for name, value in wanted.items():
                near = 0.02 if name in explorables.lab_data.TESTS else 1e-4  # p: other shuffles
                same.append(abs(got["scores"][name] - value) <= near)
            assert got["rules"] == projections.rules(one.ensemble.w_in[k, :, 1:].numpy()).tolist()
    assert np.mean(same) > 0.9  # the rest: one search found better modules than the other


def test_lesions_are_pythons(ask, trained):
    for task, one in trained.items():
        network, trials = one.ensemble[0], trials_of(task)
        got = ask(networks=[question(task, network, trials)])["networks"][0]
        cut = [0, 3, 5, 7]
        w_in = network.w_in.clone()
        w_in[:, cut] = 0
        lesioned = {
            "output": lesions.cut_outputs(network, [cut]),
            "input": network.with_parameters(w_in=w_in),
            "neurons": lesions.cut_units(network, cut),
        }
        for kind, other in lesioned.items():
            right = activity.accuracy(networks.run(other, trials.inputs).outputs[:, -1], trials)
            np.testing.assert_allclose(got["lesions"][kind], [right[0][0], right[1][0]], atol=0.011)


def test_agreement_of_partitions_is_pythons(ask):
    rng = np.random.default_rng(0)
    pairs = [rng.integers(-1, n, (2, 40)).tolist() for n in (1, 2, 3, 5) for _ in range(3)]
    for (a, b), got in zip(pairs, ask(partitions=pairs)["partitions"], strict=True):
        assert got == pytest.approx(modules.agreement(np.array(a), np.array(b)), abs=1e-9)


@pytest.mark.alone
def test_no_part_of_the_work_holds_the_page(ask):
    assert max(ask(slices=[200])["slices"]) < 45  # of a frame of 50 ms


def test_scores_need_a_task_that_they_know(trained):
    with pytest.raises(ValueError, match="allowed: perceptual_decision_making, go_nogo"):
        network_scores("maze", trained[PDM].ensemble[0], trials_of(PDM))


# ------------------------------------------------------------------------------ the data


def test_payload_holds_what_it_documents(data, scores):
    assert set(data) == {"format", "version", "scale", "network", "about", "loss", "book", "start"}
    assert [claim["id"] for claim in data["book"][PDM]["claims"]] == list(explorables.lab_scores.CLAIMS[PDM])
    for task, one in data["book"].items():
        for claim in one["claims"]:
            assert claim["values"] == pytest.approx(
                [s[claim["id"]] for s in scores[task] if claim["id"] in s], abs=1e-5
            )
            assert claim["low"] <= min(claim["values"]) and max(claim["values"]) <= claim["high"]
    assert check_lab(data) is data
    assert exchange.unpack_network(data["network"]).task == PDM


def test_bad_payload_is_named(data, trained, scores):
    with pytest.raises(ValueError, match="make one with lab_payload"):
        lab({**data, "version": 99})
    with pytest.raises(ValueError, match="allowed: with perceptual"):
        check_lab({**data, "book": {}})
    with pytest.raises(ValueError, match="scores of 'maze'"):
        lab_payload(trained[PDM], 0, {"maze": scores[PDM]})
    unfit = replace(trained[PDM], recipe=replace(trained[PDM].recipe, clip=1.0))
    with pytest.raises(ValueError, match="the Lab cannot train by this recipe"):
        lab_payload(unfit, 0, scores)
    for start in ({"group": "x-1"}, {"group": "ri-0"}, {"group": "-0"}, {"lesion": "all"}, {"push": 3}):
        with pytest.raises(ValueError, match="start's"):
            lab_payload(trained[PDM], 0, scores, start)


# ------------------------------------------------------------------------------ script, address, words


def test_script_keeps_its_budget_and_its_names_apart(node, tmp_path):
    text = bundle("lab.js")
    names = re.findall(r"^(?:async )?(?:function\*?|const|class|let) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)), "modules share one scope in the page"
    assert not re.search(r"https?://|fetch\(|XMLHttpRequest|WebSocket", text)
    assert len(short("lab.js").encode()) < 120_000
    for entry in ("lab.js", "lesion-lab.js", "module-maker.js", "phase-portrait.js", "thalamus-map.js"):
        (tmp_path / "short.mjs").write_text(short(entry))
        assert subprocess.run([node, "--check", tmp_path / "short.mjs"], check=False).returncode == 0


def test_short_scripts_do_what_long_ones_do(node):
    source = """
    // a comment with "quotes" and `ticks`
    const re = /[/"'`]+ \\/ x/g; /* gone */ const q = 6 / 2 / 3 + 0.5;
    const a = 1 + +"2" - -3, text = "a  //  b", made = `x  ${ [1, 2].map((v) =>
      `<${ v  + 1 }>`).join(" , ") } /* y */`;
    let i = 0
    i++
    class K { #p = 1; static make() { return new K().p }
      *each() { yield this.p; yield* [2, 3] }
      get p() { return this.#p } }
    if (q) { i += 0.25 }
    else i = 9
    for (const one of [1, 2]) i += one ? 0.5 : 0
    const f = async (x) => { return x ?? 7 };
    const last = "a/b".replace(re, "z");
    console.log(JSON.stringify([re.source, q, a, text, made, i, K.make(), [...new K().each()], last]))
    """
    said = [
        subprocess.run([node, "-e", one], capture_output=True, text=True, check=True).stdout
        for one in (source, compact(source))
    ]
    assert said[0] == said[1] and len(compact(source)) < 0.8 * len(source)


def test_address_says_the_whole_setup(ask):
    changes = [
        {}, {"task": GNG, "units": 3}, {"nonlinearity": "tanh", "learning_rate": 0.0005, "seed": 7},
        {"penalty": "distance", "penalty_strength": 0.003, "units": 64, "steps": 12000, "batch": 8},
        {"coherences": [6.4, 51.2], "noise": 0.25, "tau_ms": 200, "dt_ms": 20, "window": 50},
        {"learning_rate": 1e-6, "penalty": "l1", "penalty_strength": 0.00001},
        {"penalty": "l1", "penalty_strength": 0}, {"penalty": "l1", "penalty_strength": 1.5e-7},
    ]  # fmt: skip
    answer = ask(addresses=changes)
    for got in answer["addresses"]:
        assert got["decoded"] == got["setup"]
        assert all(re.fullmatch(r"[A-Za-z0-9-]+", value) for value in got["fields"].values()), got["fields"]
    assert len({got["text"] for got in answer["addresses"]}) == len(changes)
    assert answer["unknown"] == [None] * len(answer["unknown"])


def test_silly_settings_end_in_words_and_never_in_nan(ask):
    silly = [
        {"units": 3}, {"units": 3, "task": GNG, "nonlinearity": "tanh"},
        *({**one, "units": 12} for one in ({"learning_rate": 10}, {"steps": 1}, {"coherences": [0]})),
        {"dt_ms": 20, "tau_ms": 2000, "units": 5},
        {"dt_ms": 500, "tau_ms": 500, "task": GNG},
        {"units": 1}, {"learning_rate": None}, {"coherences": []}, {"tau_ms": 50},
        {"nonlinearity": "softplus", "units": 10},
    ]  # fmt: skip
    for changes, got in zip(silly, ask(setups=silly)["setups"], strict=True):
        assert len(got["words"]) > 40
        assert not re.search(
            r"NaN|undefined|Infinity|null\b", got["words"].replace("is null", "") + got["svg"]
        ), (changes, got)
    wrong = [got["words"] for got in ask(setups=[{"units": 1}, {"learning_rate": -1}])["setups"]]
    assert "units is 1; allowed: a whole number from 3 to 200" in wrong[0]
    assert "learning_rate is -1" in wrong[1]


# ------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def lab_page(data, tmp_path_factory):
    """A bare page with the Lab in place of a figure."""
    page = tmp_path_factory.mktemp("lab") / "page.html"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Lab</title>'
    dark = "<style>html[data-theme=dark] body { background: #14181e; color: #ced6dd }</style>"
    body = f'<h1>Lab</h1><h2>Bench</h2><figure id="fig-lab">static</figure>{lab(data)._repr_html_()}'
    page.write_text(
        f'<!doctype html><html lang="en"><head>{head}{dark}</head><body><main>{body}</main></body></html>'
    )
    return page.as_uri()


@pytest.fixture
def opened(browser, lab_page):
    """Open the page; any script error or request elsewhere fails the test that used it."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
    page.on(
        "request", lambda request: request.url.startswith(("file:", "blob:")) or trouble.append(request.url)
    )

    def at(fragment=""):
        page.goto("about:blank")
        page.goto(lab_page + fragment)
        page.wait_for_function("document.querySelector('fc-lab').lab")
        return page

    yield at
    context.close()
    assert not trouble


def state(page):
    return page.evaluate("document.querySelector('fc-lab').state()")


def until(page, words):
    page.wait_for_function(f"(s => {words})(document.querySelector('fc-lab').state())", timeout=30_000)


def part(page, name):
    return page.locator(f"#lab [data-part='{name}']")


def train(page, settings="units-8--steps-40"):
    """Train with some settings and wait until the network is taken apart."""
    before = len(state(page)["networks"])
    page.evaluate(f"location.hash = '#lab--{settings}'")
    part(page, "train").click()
    until(page, "s.training === 'done'")
    until(page, "!s.busy && !s.drawing")
    return before


PICTURES = """e => [...e.querySelectorAll('svg')].map(one => one.outerHTML).join()
  + [...e.querySelectorAll('canvas')].map(one => one.toDataURL())"""


@pytest.mark.browser
def test_first_view_has_pythons_scores(opened, scores):
    page = opened()
    until(page, "s.networks[0].scores")
    got = state(page)["networks"][0]["scores"]
    assert set(got) == set(scores[PDM][0])
    assert not page.locator("#fig-lab").is_visible()
    assert "module 1" in part(page, "live").inner_text().lower()
    page.emulate_media(media="print")
    assert page.locator("#fig-lab").is_visible()


@pytest.mark.browser
def test_training_is_shown_paused_stopped_and_taken_apart(opened):
    page = opened("#lab--units-12--steps-5000")
    part(page, "train").focus()
    page.keyboard.press("Enter")
    until(page, "s.step > 20 && s.liveQ !== null")
    assert state(page)["mode"] == "worker"
    assert part(page, "train").inner_text() == "Pause"
    page.keyboard.press("Enter")
    until(page, "s.training === 'paused'")
    assert "Paused at step" in part(page, "said").inner_text()
    page.keyboard.press("Enter")
    until(page, "s.training === 'running'")
    part(page, "stop").click()
    until(page, "s.training === 'done' && !s.busy")
    got = state(page)
    assert 20 < got["step"] < 5000 and got["losses"] == got["step"]
    assert [one["name"] for one in got["networks"]] == ["book", "A"] and got["apart"] == "A"
    assert got["networks"][1]["scores"]
    assert "Stopped after" in part(page, "said").inner_text()
    part(page, "reset").click()
    until(page, "s.apart === 'book' && !s.busy")
    assert state(page)["setup"]["units"] == 24 and state(page)["training"] == "idle"


@pytest.mark.browser
def test_everything_is_linked(opened):
    page = opened()
    until(page, "!s.busy")
    element = page.locator("#lab")
    for name, key in (
        ("group", "ArrowDown"),
        ("lesion", "ArrowDown"),
        ("push", "ArrowDown"),
        ("flow", "ArrowRight"),
    ):
        words, pictures = part(page, "live").inner_text(), element.evaluate(PICTURES)
        part(page, name).focus()
        page.keyboard.press(key)
        until(page, "!s.drawing && s.after")
        assert part(page, "live").inner_text() != words, name
        assert element.evaluate(PICTURES) != pictures, name
    box = part(page, "input").bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 40)
    assert state(page)["group"] == "i-0" and part(page, "group").input_value() == "i-0"
    until(page, "!s.drawing")  # a click on a plane that is being drawn anew may be lost
    part(page, "plane").locator("[data-unit='5'] :last-child").click(force=True)
    unit = state(page)["group"]
    assert unit.startswith("u-") and state(page)["chosen"] == [int(unit[2:])]
    box = part(page, "felt").bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 20)
    assert state(page)["group"] != unit
    box = part(page, "flow").bounding_box()
    before = state(page)["from"]
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 60, steps=4)
    page.mouse.up()
    assert state(page)["from"] != before
    np.testing.assert_allclose(state(page)["path"][0], state(page)["from"], atol=1e-5)
    assert "--look-u-" in page.evaluate("location.hash")


@pytest.mark.browser
def test_the_state_is_dragged_with_the_main_button_only(opened):
    page = opened()
    until(page, "!s.busy && !s.drawing")
    part(page, "flow").scroll_into_view_if_needed()
    box, before = part(page, "flow").bounding_box(), state(page)["path"][0]
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    for button, moves in (("right", False), ("left", True)):
        page.mouse.down(button=button)
        page.mouse.move(box["x"] + 150, box["y"] + 60, steps=3)
        page.mouse.up(button=button)
        let_go = state(page)["path"][0]
        page.mouse.move(box["x"] + 100, box["y"] + 100, steps=3)  # nothing follows without a button
        assert state(page)["path"][0] == let_go and (let_go != before) is moves


@pytest.mark.browser
def test_reset_leaves_nothing_of_a_training(opened):
    page = opened()
    train(page)
    assert part(page, "fcTitle").inner_text().startswith("FC at step")
    part(page, "reset").click()
    until(page, "!s.busy && !s.drawing")
    assert part(page, "fcTitle").inner_text() == "FC while it trains"
    assert state(page)["liveQ"] is None


@pytest.mark.browser
def test_no_picture_of_the_network_before_stays(opened):
    page = opened()
    until(page, "s.networks[0].scores && !s.busy && !s.drawing")
    drawn = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean)"
    assert part(page, "pairs").evaluate(drawn)
    few = page.evaluate("""() => {
      const lab = document.querySelector('fc-lab'), { file } = structuredClone(lab.networks[0]);
      lab.keep({ ...file, weights: { ...file.weights, b_rec: btoa(String.fromCharCode(
        ...new Uint8Array(new Float32Array(file.shape.units).fill(-1e6).buffer))) } });
      return lab.networks.length;
    }""")
    assert few == 2
    until(page, "!s.busy && !s.drawing")
    assert "fewer than two units that vary" in part(page, "live").inner_text()
    assert not part(page, "pairs").evaluate(drawn) and not part(page, "flow").evaluate(drawn)


@pytest.mark.browser
def test_a_network_goes_home_and_comes_back(opened, tmp_path):
    page = opened()
    train(page, "task-gonogo--units-6--steps-30--penalty-distance--strength-0-01")
    assert part(page, "sheetView").is_visible()
    with page.expect_download() as waiting:
        part(page, "download").click()
    file = tmp_path / "mine.json"
    waiting.value.save_as(file)
    mine = exchange.load_network(file)
    assert (mine.task, mine.step, mine.ensemble.w_rec.shape) == (GNG, 30, (1, 6, 6))
    part(page, "file").set_input_files(file)
    until(page, "s.networks.length === 3 && !s.busy")
    assert "is read; it is network B" in part(page, "said").inner_text()
    for content, words in (("{", "is not JSON"), ('{"format": "x"}', "format is")):
        (tmp_path / "bad.json").write_text(content)
        part(page, "file").set_input_files(tmp_path / "bad.json")
        page.wait_for_function(f"document.querySelector('[data-part=said]').textContent.includes('{words}')")
    part(page, "forget").click()
    until(page, "s.networks.length === 2 && !s.busy")


@pytest.mark.browser
def test_shared_input_weights_and_at_most_four_networks(opened):
    page = opened()
    until(page, "!s.busy")
    train(page, "units-24--steps-5--inputs-shared")
    assert "with whose input weights it began" in part(page, "live").inner_text()
    part(page, "train").click()  # the same once more
    until(page, "s.networks.length === 3 && !s.busy")
    page.evaluate("location.hash = '#lab--units-5--inputs-shared'")
    part(page, "train").click()
    assert "set 24 units" in part(page, "said").inner_text()
    for _ in range(3):
        train(page, "units-5--steps-3")
    assert [one["name"] for one in state(page)["networks"]] == ["book", "B", "C", "D", "E"]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("units-3--steps-1", "more steps"),
        ("units-6--steps-60--rate-10", ""),
        ("units-6--steps-5--coherences-0", "no trial has a right answer"),
    ],
)  # fmt: skip
def test_silly_settings_end_in_a_message(opened, settings, words):
    page = opened()
    train(page, settings)
    element = page.locator("#lab")
    assert words in part(page, "said").inner_text()
    assert not re.search(
        r"NaN|undefined|Infinity", element.inner_text() + element.evaluate("e => e.innerHTML")
    )


@pytest.mark.browser
def test_settings_that_cannot_be_trained_are_refused_and_marked(opened):
    page = opened()
    page.locator("#lab summary").click()
    part(page, "batch").fill("0")
    part(page, "batch").blur()
    assert "batch is 0; allowed" in part(page, "said").inner_text()
    assert part(page, "batch").get_attribute("aria-invalid") == "true"
    part(page, "train").click()
    assert state(page)["training"] == "idle"
    for name in ("steps", "learning_rate", "window", "tau_ms", "dt_ms", "noise", "seed"):
        words = part(page, "said").inner_text()
        part(page, name).fill({"learning_rate": "0.01", "noise": "0.1", "dt_ms": "20"}.get(name, "77"))
        part(page, name).blur()
        assert part(page, "said").inner_text() != words or "batch is 0" in words, name


@pytest.mark.browser
def test_ten_trainings_keep_memory_flat(opened):
    page = opened()
    until(page, "!s.busy")
    session, used = page.context.new_cdp_session(page), []
    for k in range(10):
        train(page, f"units-6--steps-4--seed-{k}")
        if k in (4, 9):
            session.send("HeapProfiler.collectGarbage")
            used.append(session.send("Runtime.getHeapUsage")["usedSize"])
    assert used[1] - used[0] < 2e6, used


@pytest.mark.browser
def test_axe_finds_nothing(opened):
    page = opened()
    page.locator("#lab summary").click()
    train(page, "units-9--steps-5--penalty-distance--strength-0-001")
    page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        page.wait_for_timeout(300)
        until(page, "!s.drawing")
        found = page.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")[
            "violations"
        ]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], theme


@pytest.mark.browser
def test_phone_does_not_scroll_sideways(opened):
    page = opened()
    page.set_viewport_size({"width": 375, "height": 700})
    page.locator("#lab summary").click()
    until(page, "!s.busy && !s.drawing")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
