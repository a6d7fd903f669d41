"""The Lab's engine in Node: the same training as Python's, from the same weights on the same batches."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from fcmod_utils import exchange, explorables, learning, tasks
from fcmod_utils.explorables import bundle
from fcmod_utils.networks import PARAMETERS, forward, run
from fcmod_utils.recipes import Recipe, untrained

FOLDER = Path(explorables.__file__).parent
STEPS = (1, 10, 100)
PDM = "perceptual_decision_making"


@pytest.fixture(scope="module")
def engine(node, tmp_path_factory):
    """Answers of the engine to jobs, which one run of Node takes together."""
    folder = tmp_path_factory.mktemp("jobs")

    def ask(*jobs):
        (folder / "jobs.json").write_text(json.dumps(jobs))
        command = [node, Path(__file__).with_name("lab_node.mjs"), FOLDER, folder / "jobs.json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def flat(array):
    return np.asarray(array).ravel().tolist()


# --- the same training


def recipe_of(nonlinearity, penalty, **changes):
    """A small training; 18 units and 5 trials leave remainders wherever the engine works by fours."""
    strength = {"none": 0.0, "l1": 1e-3, "sheet": 1e-3}[penalty]
    parts = {"units": 18, "batch": 5, "window": 27, "steps": 100, "learning_rate": 3e-3}
    parts |= {"nonlinearity": nonlinearity, "penalty": penalty, "penalty_strength": strength}
    return Recipe(**({"task": "perceptual_decision_making"} | parts | changes))


def job_of(recipe, seed, kind="train", steps=None):
    """Python's initial weights and batches, and the setup that trains on them."""
    batches = learning._batches(recipe, (seed,))
    drawn = [next(batches) for _ in range(steps or recipe.steps)]
    start = untrained(recipe, [seed]).parameters()
    return {
        "kind": kind,
        "at": STEPS,
        "setup": exchange.pack_network(untrained(recipe, [seed]), recipe, seed)["setup"],
        "weights": {name: flat(array[0]) for name, array in start.items()},
        "batches": [
            {"inputs": flat(x), "targets": flat(y), "noise": None if noise is None else flat(noise)}
            for x, y, noise in drawn
        ],
    }


RECIPES = {
    "relu": recipe_of("relu", "none"),
    "relu, l1, go/no-go": recipe_of("relu", "l1", task="go_nogo"),
    "relu, distance": recipe_of("relu", "sheet"),
    "tanh, slow": recipe_of("tanh", "none", tau_ms=400.0),
    "tanh, l1": recipe_of("tanh", "l1"),
    "tanh, distance, noise": recipe_of("tanh", "sheet", noise=0.1),
    "softplus, go/no-go": recipe_of("softplus", "none", task="go_nogo", dt_ms=50.0),
    "softplus, l1, slow, noise": recipe_of("softplus", "l1", tau_ms=250.0, noise=0.05),
    "softplus, distance": recipe_of("softplus", "sheet"),
}


@pytest.fixture(scope="module")
def trainings(engine):
    return dict(zip(RECIPES, engine(*[job_of(recipe, seed=3) for recipe in RECIPES.values()]), strict=True))


@pytest.mark.parametrize("name", RECIPES)
def test_training_agrees_with_python(trainings, name):
    """Loss and all weights after 1, 10 and 100 steps, against training in single precision."""
    recipe = Recipe(**{**vars(RECIPES[name]), "checkpoint_every": 1})
    _, loss, kept = learning.train(recipe, [3])
    np.testing.assert_allclose(trainings[name]["loss"], loss[0], rtol=1e-4)
    assert loss[0, -1] < loss[0, 0] / 2
    for step in STEPS:
        for parameter in PARAMETERS:
            theirs = flat(getattr(kept[step], parameter)[0])
            ours = trainings[name]["weights"][str(step)][parameter]
            np.testing.assert_allclose(
                ours, theirs, rtol=0, atol=1e-4 * np.abs(theirs).max(), err_msg=parameter
            )


def test_at_full_size_it_agrees_with_python_in_double_precision(engine):
    """Single precision, ours too, leaves the path of a ReLU network of 100 units by 2 % in 100 steps."""
    recipe = Recipe(PDM, steps=100)
    (got,) = engine(job_of(recipe, 0))
    ensemble = untrained(recipe, [0])
    weights = {k: w.double().requires_grad_() for k, w in ensemble.parameters().items()}
    ensemble, batches = ensemble.with_parameters(**weights), learning._batches(recipe, (0,))
    optimizer = torch.optim.Adam(weights.values(), lr=recipe.learning_rate)
    for step in range(1, recipe.steps + 1):
        inputs, targets, _ = next(batches)
        loss = learning.cross_entropy(forward(ensemble, inputs.double())[0], targets)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        assert got["loss"][step - 1] == pytest.approx(loss.item(), rel=1e-6)
        if step in STEPS:
            for name, array in weights.items():
                theirs = flat(array.detach()[0])
                np.testing.assert_allclose(
                    got["weights"][str(step)][name], theirs, rtol=0, atol=1e-6, err_msg=name
                )


def test_gradients_are_those_of_finite_differences(engine):
    changes = {"steps": 1, "units": 7, "batch": 3, "window": 9}
    recipes = [
        recipe_of(nonlinearity, penalty, **changes, **more)
        for nonlinearity in ("relu", "tanh", "softplus")
        for penalty, more in (("l1", {}), ("sheet", {"tau_ms": 300.0, "noise": 0.2}))
    ]
    for answer in engine(*[job_of(recipe, 1, "gradient", 1) for recipe in recipes]):
        assert np.count_nonzero(answer["exact"]) > 25  # a silent unit has none
        np.testing.assert_allclose(answer["differences"], answer["exact"], rtol=1e-5, atol=1e-9)


# --- what it draws


def test_random_numbers_follow_their_laws_and_can_be_taken_up_again(engine):
    one, same, other, stream = engine(
        *[
            {"kind": "random", "seed": s, "stream": t, "count": 60_000}
            for s, t in ((1, 0), (1, 0), (2, 0), (1, 1))
        ]
    )
    assert one == same
    assert one["next"] == one["again"], "the state is four integers and nothing else"
    assert all(value == int(value) and abs(value) <= 2**31 for value in one["state"])
    draws = np.array(one["draws"])
    for another in (other, stream):
        assert np.abs(np.corrcoef(draws[:, 0], np.array(another["draws"])[:, 0])[0, 1]) < 0.03
    uniform, normal, whole = draws.T
    assert 0 < uniform.min() < 0.001 and 0.999 < uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.01
    moments = [np.mean(normal**k) for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.1)
    assert abs(np.mean(np.abs(normal) < 1) - 0.6827) < 0.015
    np.testing.assert_allclose(np.bincount(whole.astype(int)) / len(whole), 1 / 7, atol=0.01)


@pytest.mark.parametrize(("task", "dt_ms"), [(PDM, 100), (PDM, 40), ("go_nogo", 100), ("go_nogo", 30)])
def test_streams_hold_the_trials_that_python_draws(engine, task, dt_ms):
    """Windows joined again are whole trials, with Python's periods, labels, means and noise."""
    setup = {"task": task, "dt_ms": dt_ms, "window": 37, "batch": 16, "seed": 5}
    (drawn,) = engine({"kind": "windows", "setup": setup, "count": 60})
    reference = tasks.get(task)
    length, periods = reference.n_steps(dt_ms), reference.periods(dt_ms)
    assert drawn["periods"] == {**{k: [p.start, p.stop] for k, p in periods.items()}, "steps": length}
    inputs = np.reshape(drawn["inputs"], (-1, 16, 3))
    whole = len(inputs) // length
    inputs = inputs[: whole * length].reshape(whole, length, 16, 3).swapaxes(0, 1).reshape(length, -1, 3)
    targets = np.reshape(drawn["targets"], (-1, 16))[: whole * length].reshape(whole, length, 16)
    targets = targets.swapaxes(0, 1).reshape(length, -1)
    truth = targets[-1] - (task == "perceptual_decision_making")
    assert abs(truth.mean() - 0.5) < 5 / np.sqrt(len(truth)) / 2
    theirs = tasks.sample_trials(task, len(truth), 0, dt_ms, ground_truth=truth)
    np.testing.assert_array_equal(targets, theirs.targets)
    if task == "go_nogo":
        np.testing.assert_array_equal(inputs, theirs.inputs)
        return
    np.testing.assert_array_equal(inputs[..., 0], theirs.inputs[..., 0])
    stimulus = inputs[periods["stimulus"], :, 1:]
    assert not np.delete(inputs[..., 1:], np.arange(length)[periods["stimulus"]], axis=0).any()
    difference = (stimulus[..., 0] - stimulus[..., 1]).mean(0) * np.where(truth == 0, 1, -1) * 100
    steps, sd = len(stimulus), dt_ms**-0.5
    found = np.array([difference.mean(), difference.std()])  # of means over the stimulus, in %
    expected = [np.mean(tasks.COHERENCES), np.hypot(np.std(tasks.COHERENCES), 100 * sd * np.sqrt(2 / steps))]
    np.testing.assert_allclose(found, expected, rtol=0.12)
    np.testing.assert_allclose(stimulus.std(0, ddof=1).mean(), sd, rtol=0.05)
    np.testing.assert_allclose(stimulus.mean(), 0.5, atol=0.01)


def test_untrained_weights_are_drawn_as_pythons(engine):
    first, again, other = engine(*[{"kind": "weights", "setup": {"seed": s}} for s in (4, 4, 5)])
    assert first == again != other
    theirs = untrained(Recipe("perceptual_decision_making"), [0]).parameters()
    assert list(first["weights"]) == list(PARAMETERS)
    for name, array in theirs.items():
        ours, array = np.array(first["weights"][name]), array.numpy().ravel()
        assert ours.shape == array.shape
        bound = (3 if name.endswith("in") else 100) ** -0.5
        assert max(np.abs(ours).max(), np.abs(array).max()) <= bound
        assert np.abs(ours.mean()) < 4 * bound / np.sqrt(3 * ours.size)
    distances = np.reshape(first["distances"], (100, 100))
    assert (distances == distances.T).all() and not distances.diagonal().any()
    np.testing.assert_allclose(distances.sum() / 9900, 1)
    np.testing.assert_allclose(distances[0, 11] / distances[0, 1], np.sqrt(2))


# --- what it says of a network


@pytest.mark.parametrize("task", ["perceptual_decision_making", "go_nogo"])
def test_evaluation_is_that_of_the_page_and_of_python(engine, task):
    changes = {"task": task, "units": 18, "tau_ms": 200, "coherences": [0, 20, 50]}
    recipe = Recipe(task, units=18, tau_ms=200.0)
    weights = {k: flat(v[0] * 3) for k, v in untrained(recipe, [2]).parameters().items()}
    weights["w_rec"][:18], weights["w_in"][:3], weights["b_in"][0] = [0] * 18, [0] * 3, -1  # unit 0 is silent
    (got,) = engine({"kind": "evaluate", "setup": changes, "weights": weights})
    test = got["set"]
    assert (test["trials"], test["steps"]) == (200, tasks.get(task).n_steps(100))
    assert got["live"][0] == 0 and sum(got["live"]) >= 12
    live = np.flatnonzero(got["live"])
    page = np.reshape(np.array(got["pageFc"], float), (len(live),) * 2)
    fc = np.reshape(got["fc"], (18, 18))
    np.testing.assert_allclose(fc[np.ix_(live, live)], page, atol=1e-5)
    assert not fc[0].any() and not fc.diagonal().any()
    outputs = np.reshape(got["outputs"], (200, test["steps"], -1))
    log_p = torch.log_softmax(torch.tensor(outputs), -1)
    right = np.zeros((200, test["steps"]), int)
    right[:, test["rightFrom"] :] = np.array(test["targets"])[:, None]
    np.testing.assert_allclose(
        got["loss_test"], -log_p.gather(2, torch.tensor(right)[..., None]).mean(), rtol=1e-5
    )
    correct = outputs[:, -1].argmax(-1) == test["targets"]
    truth, coherence = np.array(test["groundTruth"]), test["coherence"] and np.array(test["coherence"])
    counts = np.ones(200, bool) if coherence is None else coherence > 0
    assert truth.mean() == 0.5
    accuracy = got["accuracy"]
    assert accuracy["all"] == pytest.approx(correct[counts].mean())
    assert accuracy["types"] == pytest.approx([correct[counts & (truth == k)].mean() for k in (0, 1)])
    if task == "go_nogo":
        assert accuracy["coherences"] is None
        return
    assert [row["coherence"] for row in accuracy["coherences"]] == [0, 20, 50]
    assert accuracy["coherences"][0]["right"] is None
    assert accuracy["coherences"][2]["right"] == pytest.approx(correct[coherence == 50].mean())


# --- what the page hears


def types_of(answer):
    return [event["type"] for event in answer["events"]]


SMALL = {"units": 12, "window": 22, "batch": 8, "steps": 60}


def test_a_training_tells_its_story_in_order(engine):
    (answer,) = engine({"kind": "serve", "setup": SMALL, "messages": []})
    kinds = types_of(answer)
    assert kinds[:2] == ["started", "evaluation"] and kinds[-1] == "done"
    assert all(event["run"] == 1 for event in answer["events"])
    loss = [value for event in answer["events"] if event["type"] == "progress" for value in event["loss"]]
    assert len(loss) == 60 and loss[-1] < loss[0]
    done = answer["events"][-1]
    assert (done["step"], done["stopped"], done["evaluation"]["step"], done["network"]["step"]) == (
        60,
        False,
        60,
        60,
    )
    assert done["network"]["setup"]["units"] == 12
    assert "NOT FINITE" not in json.dumps(answer)


def test_pause_resume_stop_and_reset_are_obeyed(engine):
    pause, resume, stop = ({"type": name} for name in ("pause", "resume", "stop"))
    reset, again = (
        {"type": "reset", "run": 2},
        {"type": "start", "run": 3, "setup": {**explorable_setup(), "steps": 3}},
    )
    long = {**SMALL, "steps": 20_000}
    calm, stopped, gone = engine(
        {"kind": "serve", "setup": SMALL, "messages": [["evaluation", 1, pause], ["paused", 1, resume]]},
        {"kind": "serve", "setup": long, "messages": [["progress", 1, pause], ["paused", 1, stop]]},
        {"kind": "serve", "setup": long, "messages": [["progress", 1, reset], ["idle", 1, again]]},
    )
    assert types_of(calm).index("paused") + 1 == types_of(calm).index("resumed")
    assert calm["events"][-1]["step"] == 60
    end = stopped["events"][-1]
    assert end["type"] == "done" and end["stopped"] and 0 < end["step"] < 20_000
    assert end["evaluation"]["step"] == end["step"]
    assert "resumed" not in types_of(stopped)
    kinds, runs = types_of(gone), [event["run"] for event in gone["events"]]
    assert runs[kinds.index("idle") :] == [2] + [3] * (len(runs) - kinds.index("idle") - 1)
    assert kinds[-1] == "done" and gone["events"][-1]["step"] == 3


@pytest.mark.alone
def test_slices_of_the_pages_thread_are_short(engine):
    """Milliseconds of processor time; a frame has 16. Machines pause, so the best of three rounds counts."""
    served = {"kind": "serve", "setup": {"steps": 20}, "messages": [], "slice": 8}
    answers = [engine(served)[0] for _ in range(3)]
    assert 0 < min(answer["longest"] for answer in answers) < 50
    assert all(answer["events"][-1]["step"] == 20 for answer in answers)


def explorable_setup():
    return {
        "task": "go_nogo", "units": 5, "nonlinearity": "tanh", "tau_ms": 100, "dt_ms": 100, "batch": 2,
        "window": 15, "learning_rate": 0.01, "noise": 0, "coherences": [0], "penalty": "none",
        "penalty_strength": 0, "seed": 1,
    }  # fmt: skip


def test_silly_settings_end_in_words_and_finite_numbers(engine):
    silly = [
        {"learning_rate": 10, "steps": 300, "window": 100, "batch": 4},
        {"learning_rate": 100, "nonlinearity": "tanh", "steps": 50},
        {"learning_rate": 100, "nonlinearity": "softplus", "steps": 50},
        {"steps": 1},
        {"units": 3, "steps": 5},
        {"coherences": [0], "steps": 5},
        {"noise": 10, "steps": 5},
        {"batch": 1, "window": 1, "steps": 5},
        {"penalty": "l1", "penalty_strength": 10, "steps": 50},
    ]
    answers = engine(*[{"kind": "serve", "setup": {"units": 20, **s}, "messages": []} for s in silly])
    for answer in answers:
        assert "NOT FINITE" not in json.dumps(answer)
        end = answer["events"][-1]
        assert end["type"] in ("done", "failed")
        assert len(end["network"]["weights"]) == 6
    diverged = answers[0]["events"][-1]
    assert (diverged["type"], diverged["reason"]) == ("failed", "diverged")
    assert (
        "Training diverged at step" in diverged["message"] and "smaller learning rate" in diverged["message"]
    )
    only_zero = answers[5]["events"][-1]["evaluation"]["accuracy"]
    assert only_zero == {"all": None, "types": [None, None], "coherences": [{"coherence": 0, "right": None}]}


@pytest.mark.parametrize(
    ("setup", "name", "words"),
    [
        ({"units": 2}, "units", "units is 2; allowed: a whole number from 3 to 200"),
        ({"units": "many"}, "units", 'units is "many"; allowed: a whole number'),
        ({"learning_rate": 0}, "learning_rate", "learning_rate is 0; allowed: a number from 0.000001 to 100"),
        ({"task": "chess"}, "task", "allowed: perceptual_decision_making, go_nogo"),
        ({"nonlinearity": "step"}, "nonlinearity", "allowed: relu, tanh, softplus"),
        ({"dt_ms": 200, "tau_ms": 300}, "dt_ms", "up to 100, the shortest period"),
        ({"dt_ms": 50, "tau_ms": 20}, "dt_ms", "up to tau_ms, which is 20"),
        ({"coherences": []}, "coherences", "1 to 20 numbers from 0 to 100"),
        ({"coherences": [5, 101]}, "coherences", "1 to 20 numbers from 0 to 100"),
        ({"batch": 256, "window": 500}, "batch", "up to 51 with a window of 500"),
        ({"seed": -1}, "seed", "a whole number from 0"),
    ],
)
def test_setups_that_cannot_be_trained_are_named(engine, setup, name, words):
    found, served = engine(
        {"kind": "check", "setup": setup}, {"kind": "serve", "setup": setup, "messages": []}
    )
    assert [one["name"] for one in found] == [name]
    assert words in found[0]["message"]
    (event,) = served["events"]
    assert (event["type"], event["reason"]) == ("failed", "setup") and words in event["message"]


def test_joined_modules_start_with_the_workers_program(node, tmp_path):
    """A page's script up to the mark is all that a worker needs, and names nothing twice."""
    script = bundle("lab-client.js")
    program = script[: script.index("\n", script.index("fc-lab-worker-ends-here"))] + "\n"
    assert "class LabClient" not in program and "document." not in program
    (tmp_path / "whole.mjs").write_text(script)
    check = """
      const { self } = globalThis, said = [];
      const scope = { postMessage: (message) => said.push(message.type) };
      serve(scope);
      scope.onmessage({ data: { type: "start", run: 1, setup: { units: 1 } } });
      console.log(said.join());
      process.exit();
    """
    (tmp_path / "worker.cjs").write_text(program + check)
    subprocess.run([node, "--check", tmp_path / "whole.mjs"], check=True)
    done = subprocess.run([node, tmp_path / "worker.cjs"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "ready,failed"


# --- a network as a file, both ways


@pytest.mark.parametrize(("task", "nonlinearity"), [(PDM, "tanh"), ("go_nogo", "softplus")])
def test_networks_travel_from_python_to_the_page_and_back(engine, task, nonlinearity):
    recipe = Recipe(task, units=9, nonlinearity=nonlinearity, tau_ms=250.0)
    ensemble = untrained(recipe, [6])
    (got,) = engine({"kind": "file", "file": exchange.pack_network(ensemble, recipe, 6, "mine")})
    set_ = got["set"]
    inputs = np.float32(set_["inputs"]).reshape(6, set_["steps"], 3).swapaxes(0, 1)
    outputs = run(ensemble, inputs).outputs[0].swapaxes(0, 1)
    np.testing.assert_allclose(np.reshape(got["outputs"], outputs.shape), outputs, atol=1e-5)
    back = exchange.unpack_network(got["again"])
    for name, array in ensemble.parameters().items():
        np.testing.assert_array_equal(got["weights"][name], flat(array[0]))
        assert torch.equal(getattr(back.ensemble, name), array)
    assert (back.ensemble.alpha, back.ensemble.nonlinearity) == (0.4, nonlinearity)
    assert (back.task, back.dt_ms, back.name, back.step, back.made_by) == (
        task,
        100,
        "mine",
        1000,
        "fcmod lab",
    )
    assert (back.setup["seed"], back.setup["units"]) == (6, 9)


def test_a_trained_network_of_the_lab_is_pythons_network(engine):
    """The accuracy that the Lab states is the one that Python finds for the file it gives away."""
    setup = {"window": 22, "steps": 200}
    served, evaluated = engine(
        {"kind": "serve", "setup": setup, "messages": []}, {"kind": "evaluate", "setup": setup}
    )
    done, test = served["events"][-1], evaluated["set"]
    network = exchange.unpack_network(done["network"]).ensemble
    inputs = np.float32(test["inputs"]).reshape(200, test["steps"], 3).swapaxes(0, 1)
    choices = run(network, inputs).outputs[0, -1].argmax(-1)
    counts = np.array(test["coherence"]) > 0
    accuracy = (choices == test["targets"])[counts].mean()
    assert done["evaluation"]["accuracy"]["all"] == pytest.approx(accuracy, abs=0.011)
    assert accuracy > 0.6


def test_the_page_names_what_is_wrong_with_a_file(engine):
    recipe = Recipe("go_nogo", units=4)
    good = exchange.pack_network(untrained(recipe, [0]), recipe)
    few = {**good["weights"], "w_rec": exchange.encode_floats([1.0])}
    bad = {**good["weights"], "b_in": exchange.encode_floats([1.0, np.nan, 0, 0])}
    cases = [
        ([], "format is missing; allowed: fcmod-network"),
        ({**good, "version": 2}, "version is 2; allowed: 1"),
        ({**good, "task": "chess"}, 'task is "chess"; allowed: perceptual_decision_making, go_nogo'),
        ({**good, "alpha": 3}, "alpha is 3; allowed: a number from 0.000001 to 1"),
        ({**good, "nonlinearity": "step"}, 'nonlinearity is "step"'),
        ({**good, "shape": {"inputs": 3, "units": 4, "outputs": 3}}, "shape.outputs is 3; allowed: 2"),
        ({**good, "weights": few}, "weights.w_rec holds 1 numbers; allowed: 16"),
        ({**good, "weights": bad}, "weights.b_in holds numbers that are not finite"),
        ({**good, "weights": {}}, "weights.w_in cannot be read; allowed: float32 numbers in base64"),
    ]
    for (_, words), got in zip(
        cases, engine(*[{"kind": "file", "file": file} for file, _ in cases]), strict=True
    ):
        assert words in got["error"]
    (kept,) = engine({"kind": "file", "file": {**good, "setup": {"units": "all"}}})
    assert kept["file"]["setup"] is None


# --- in a browser, from the disk


@pytest.fixture
def lab_page(browser, tmp_path):
    """A page with nothing but the engine; ``train(setup, mode)`` gives the events of a training."""
    script = bundle("lab-client.js").replace("</", "<\\/")
    script += """
      Object.assign(window, { LabClient, DEFAULT_SETUP });
      window.train = (setup, mode, act = () => {}) => new Promise((resolve) => {
        const events = [];
        const client = (window.client = new LabClient((event) => {
          events.push(event);
          act(event, client);
          if (["done", "failed", "idle"].includes(event.type)) resolve(events);
        }, { mode }));
        client.start({ ...DEFAULT_SETUP, ...setup });
      });
      window.ready = true;
    """
    head = '<meta charset="utf-8"><title>Engine</title><link rel="icon" href="data:,">'
    path = tmp_path / "page.html"
    path.write_text(
        f'<!doctype html><html lang="en"><head>{head}</head><body><script type="module">{script}</script>'
    )
    context = browser.new_context()
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: said.type == "error" and trouble.append(said.text))
    page.goto(path.as_uri())
    page.wait_for_function("window.ready")
    yield page
    context.close()
    assert not trouble


LONG = {"units": 100, "steps": 20}
BUSY = """async ([setup, mode]) => {
  const gaps = [];
  let last = performance.now(), going = true;
  const frame = (now) => { gaps.push(now - last); last = now; if (going) requestAnimationFrame(frame); };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
  const tasks = [];
  const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)));
  watch.observe({ type: "longtask" });
  const events = await train(setup, mode);
  going = false;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const done = events.at(-1);
  return { gaps, tasks, mode: events[0].mode, kinds: events.map((e) => e.type), step: done.step,
           weights: done.network.weights, fc: done.evaluation.fc.length };
}"""


@pytest.mark.browser
def test_a_worker_and_the_pages_thread_train_alike(lab_page):
    worker, page = (lab_page.evaluate(BUSY, [LONG, mode]) for mode in ("auto", "page"))
    assert (worker["mode"], page["mode"]) == ("worker", "page")
    assert worker["weights"] == page["weights"]
    assert worker["step"] == page["step"] == 20 and worker["fc"] == 100**2
    assert worker["kinds"][-1] == page["kinds"][-1] == "done"


@pytest.mark.browser
@pytest.mark.alone
def test_the_page_stays_alive_while_it_trains(lab_page):
    """No task of 50 ms, whoever trains; a machine that stops for a moment may try again."""
    for mode in ("auto", "page"):
        lab_page.evaluate(BUSY, [{"steps": 5}, mode])  # until it has been compiled
        runs = (lab_page.evaluate(BUSY, [{"steps": 30}, mode]) for _ in range(5))
        assert any(run["tasks"] == [] and np.median(run["gaps"]) < 50 for run in runs), mode


@pytest.mark.browser
def test_where_no_worker_starts_the_page_trains(lab_page):
    for breakage in ("null", "class { terminate() {} }"):  # it cannot be made; it never answers
        lab_page.evaluate(f"() => {{ window.Worker = {breakage}; }}")
        got = lab_page.evaluate(BUSY, [{"units": 5, "steps": 3}, "auto"])
        assert (got["mode"], got["step"]) == ("page", 3)


RETRAIN = """(setup) => new Promise((resolve) => {
  client.onEvent = (event) => event.type === "done" && resolve();
  client.start({ ...DEFAULT_SETUP, ...setup });
})"""


@pytest.mark.browser
def test_ten_trainings_leave_no_memory_behind(lab_page):
    """A server that is told to train again keeps nothing of the training before."""
    tools, used = lab_page.context.new_cdp_session(lab_page), []
    lab_page.evaluate("() => { window.client = new LabClient(() => {}, { mode: 'page' }); }")
    for seed in range(10):
        lab_page.evaluate(RETRAIN, {"units": 100, "steps": 1, "seed": seed})
        tools.send("HeapProfiler.collectGarbage")
        found = tools.send("Runtime.getHeapUsage")
        used.append(found["usedSize"] + found["backingStorageSize"])
    assert used[0] > 1e6, "one training's arrays are seen"
    assert max(used[3:]) - min(used[3:]) < 0.05 * used[3]
