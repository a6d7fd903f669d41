"""Which executed notebooks may be used again, and how long and how large each run was."""

import hashlib
import json
import os
import shutil
import threading
import time
from pathlib import Path

import myst_nb.core.execute.cache as nb_cache
import psutil
from sphinx.util import logging

from fcmod_utils import language, public_data

LOGGER = logging.getLogger(__name__)
KEPT = 6  # older caches are removed: each holds every chapter with its outputs once


def sources(root: Path) -> list[Path]:
    """Files besides a notebook's own cells that its outputs depend on."""
    folders = [root / "fcmod_utils", root / "artifacts"]
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
    """Largest memory of this process's children, watched from the side."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak_bytes, self.done = 0, threading.Event()

    def run(self):
        """Sample every quarter of a second until told to stop."""
        while not self.done.wait(0.25):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.Error:
                    continue
            self.peak_bytes = max(self.peak_bytes, total)


def metered(execute):
    """Wrap MyST-NB's execution: write seconds and peak memory beside the cache."""

    def run(notebook, **options):
        meter, start = Meter(), time.perf_counter()
        meter.start()
        try:
            return execute(notebook, **options)
        finally:
            meter.done.set()
            last_run.update(seconds=time.perf_counter() - start, megabytes=meter.peak_bytes / 2**20)

    return run


last_run: dict[str, float] = {}


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


def note_run(app, doctree):
    """Remember the run of the page just read."""
    if last_run:
        path = Path(app.config.nb_execution_cache_path) / "runs.json"
        runs = json.loads(path.read_text()) if path.exists() else {}
        runs[app.env.docname] = {**last_run, "at": time.time()}
        path.write_text(json.dumps(runs, indent=1))
        last_run.clear()


def report(app, exception):
    """Leave a table of runs for book/build.py to print."""
    path = Path(app.config.nb_execution_cache_path) / "runs.json"
    target = Path(app.outdir).parent / "runs.json"
    target.write_text(path.read_text() if path.exists() else "{}")


def setup(app):
    """Connect to Sphinx."""
    nb_cache.single_nb_execution = metered(nb_cache.single_nb_execution)
    client = nb_cache.NotebookClientCache
    client.start_client = keeping_outputs(client.start_client)
    app.connect("config-inited", choose_cache)
    app.connect("doctree-read", note_run)
    app.connect("build-finished", report)
