"""Which executed notebooks may be used again; how the others run, how long and with how much memory."""

import contextlib
import hashlib
import json
import os
import queue
import shutil
import threading
import time
from pathlib import Path

import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.execute import NotebookClientCache
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from sphinx.util import logging

from fcmod_utils import language, public_data

LOGGER = logging.getLogger(__name__)
KEPT = 6  # older caches are removed: each holds every chapter with its outputs once
AT_ONCE = min(2, os.cpu_count() or 1)  # chapters; many hold processes of their own, and over 1 GB with them
WRITING = threading.Lock()


def sources(root: Path) -> list[Path]:
    """Files besides a notebook's own cells that its outputs depend on."""
    folders = [root / "fcmod_utils", root / "data"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files += [root / "book" / "claims.yml", root / "requirements.lock", root / "benchmarks" / "latest.json"]
    hidden = ("__pycache__", ".")
    return sorted(
        path
        for path in files
        if path.is_file() and not any(part.startswith(hidden) for part in path.relative_to(root).parts)
    )


def cache_key(root: Path, scale: str) -> str:
    """Name of the cache: it changes with the scale, any byte of the sources, and the data at hand."""
    digest = hashlib.sha256(f"{scale}; {public_data.present()}; {language.present()}".encode())
    for path in sources(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{scale}-{digest.hexdigest()[:16]}"


def choose_cache(app, config):
    """Point MyST-NB to the cache of exactly these sources; a new one makes Sphinx read again."""
    caches = Path(app.srcdir) / "_build" / ".cache"
    folder = caches / cache_key(Path(app.srcdir), os.environ.get("FCMOD_SCALE", "book"))
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    for old in sorted(caches.iterdir(), key=lambda path: -path.stat().st_mtime)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    config.nb_execution_cache_path = str(folder)


class Meter(threading.Thread):
    """Largest memory of a notebook's kernel and its children, watched from the side."""

    def __init__(self, client: NotebookClient):
        super().__init__(daemon=True)
        self.client, self.peak_bytes, self.done = client, 0, threading.Event()

    def run(self):
        """Sample every quarter of a second until told to stop."""
        while not self.done.wait(0.25):
            with contextlib.suppress(AttributeError, psutil.Error):  # no kernel yet, or none any more
                kernel = psutil.Process(self.client.km.provisioner.pid)
                family = [kernel, *kernel.children(recursive=True)]
                self.peak_bytes = max(self.peak_bytes, sum(map(memory, family)))


def memory(process: psutil.Process) -> int:
    """Bytes that a process holds; 0 once it is gone."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


begun: dict[str, threading.Event] = {}  # chapters that are run ahead, by path; set once they are done


def run_ahead(app, env, docnames):
    """Start to execute the chapters that are not in the cache, some at a time; Sphinx reads one by one."""
    cache, todo = get_cache(app.config.nb_execution_cache_path), queue.SimpleQueue()
    for name in docnames:
        path = env.doc2path(name)
        text = Path(path).read_text(encoding="utf-8")
        if (reader := create_nb_reader(path, env.myst_config, env.mystnb_config, text)) is None:
            continue
        notebook = reader.read(text)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            begun[path] = threading.Event()
            todo.put((name, path, notebook))
    for _ in range(AT_ONCE):  # daemons: an interrupted build does not wait for them
        threading.Thread(target=work, args=(todo, app.config), daemon=True).start()


def work(todo: queue.SimpleQueue, config):
    """Execute chapters and put them into the cache; MyST-NB runs those that fail again, and reports them."""
    while True:
        try:
            name, path, notebook = todo.get_nowait()
        except queue.Empty:
            return
        try:
            run = execute(notebook, Path(path).parent, config)
            with WRITING:
                bundle = CacheBundleIn(notebook, path, data={"execution_seconds": run["seconds"]})
                cache = get_cache(config.nb_execution_cache_path)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
                note_run(Path(config.nb_execution_cache_path) / "runs.json", name, run)
        except Exception as error:
            LOGGER.info("%s: %s", name, type(error).__name__)
        finally:
            begun[path].set()


def execute(notebook, folder: Path, config) -> dict[str, float]:
    """Execute a notebook in place; returns seconds and peak memory."""
    client = NotebookClient(
        notebook,
        timeout=config.nb_execution_timeout,
        allow_errors=config.nb_execution_allow_errors,
        record_timing=False,  # it would make another notebook of it, which the cache does not find again
        resources={"metadata": {"path": str(folder)}},
    )
    meter, start = Meter(client), time.perf_counter()
    meter.start()
    try:
        client.execute()
    finally:
        meter.done.set()
    return {"seconds": time.perf_counter() - start, "megabytes": meter.peak_bytes / 2**20, "at": time.time()}


def note_run(path: Path, name: str, run: dict[str, float]):
    """Remember a chapter's run beside the cache."""
    runs = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**runs, name: run}, indent=1))


def waiting(start_client):
    """Wrap MyST-NB's cache client: a chapter that is run ahead is waited for."""

    def start(client):
        if (done := begun.get(str(client.path))) is not None:
            done.wait()
        start_client(client)

    return start


def keeping_outputs(start_client):
    """Wrap MyST-NB's cache client: outputs from the cache also go into the notebook it writes.

    Without this the notebook behind the download button, which the ledger reads too, is empty
    after every build that executes nothing.
    """

    def start(client):
        given = client.notebook
        start_client(client)
        for cell, executed in zip(given.cells, client.notebook.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = executed.outputs, executed.execution_count
        # which lexer colors the code: `!git clone` is no Python
        given.metadata["language_info"] = client.notebook.metadata["language_info"]
        client._notebook = given
        say_stderr(client.path, given)

    return start


def say_stderr(path, notebook):
    """Print what a chapter wrote to stderr, such as warnings, which the page leaves out."""
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    said = [out["text"] for out in outputs if out.get("name") == "stderr"]
    if said:
        LOGGER.info("%s wrote to stderr:\n%s", path, "".join(said))


def report(app, exception):
    """Leave a table of runs for book/build.py to print."""
    path = Path(app.config.nb_execution_cache_path) / "runs.json"
    target = Path(app.outdir).parent / "runs.json"
    target.write_text(path.read_text() if path.exists() else "{}")


def setup(app):
    """Connect to Sphinx."""
    NotebookClientCache.start_client = keeping_outputs(waiting(NotebookClientCache.start_client))
    app.connect("config-inited", choose_cache)
    app.connect("env-before-read-docs", run_ahead)
    app.connect("build-finished", report)
