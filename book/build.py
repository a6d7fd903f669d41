"""Execute the chapters and build the site: ``make book``.

The scale is read from FCMOD_SCALE. What was executed before is used again where nothing it
depends on changed; an interrupted or failed build picks up where it was.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from fcmod_utils import public_data
from fcmod_utils import scale as scales

ROOT = Path(__file__).resolve().parent.parent
UNFINISHED = "unfinished"  # a file in the build folder while a build runs, and after it failed
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"  # its script names a fixed folder


def output_folder(scale: str) -> Path:
    """Where Jupyter Book puts this scale's ``_build``."""
    return ROOT if scale == "book" else ROOT / "_build" / scale


def command(scale: str) -> list[str]:
    """Jupyter Book's command line: nitpicky, and a warning is an error."""
    options = ["-n", "-W", "--keep-going", "--path-output", str(output_folder(scale))]
    return [sys.executable, "-c", JUPYTER_BOOK, "build", str(ROOT), *options]


def environment(scale: str) -> dict[str, str]:
    """One thread per process, no widgets that would need a kernel, kernels of this Python."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    own = {"FCMOD_SCALE": scale, "FCMOD_PUBLISH": "1", "JUPYTER_PREFER_ENV_PATH": "1"}
    return {**os.environ, **threads, **own}


def alone(build: Path) -> AcquireReturnProxy:
    """Wait until no other build writes into the same folder; they would spoil each other's pages."""
    build.mkdir(parents=True, exist_ok=True)
    lock = FileLock(build / "lock")
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        print("Another build of this book is at work here: waiting for it", flush=True)
        return lock.acquire()


def begin(build: Path):
    """Mark the build as unfinished; if the last one never got further, have Sphinx forget it.

    Sphinx would not look again at pages that it warned about or had yet to write.
    """
    if (build / UNFINISHED).exists():
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
    (build / UNFINISHED).touch()


def print_runs(build: Path, start: float):
    """How long each chapter took, and how much memory it needed at most."""
    path = build / "runs.json"
    for name, run in json.loads(path.read_text()).items() if path.exists() else ():
        when = "" if run["at"] >= start else "   (earlier; used again)"
        print(f"  {name:30s} {run['seconds']:7.1f} s {run['megabytes']:7.0f} MB{when}")


def print_tracebacks(build: Path):
    """The whole traceback of each notebook that failed."""
    for path in sorted((build / "html" / "reports").rglob("*.err.log")):
        print(f"\n{path.relative_to(build / 'html' / 'reports')}\n{path.read_text()}", file=sys.stderr)


def main() -> int:
    """Build where and when nobody else does; see :func:`make`."""
    try:
        scale = scales.current().name
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    build = output_folder(scale) / "_build"
    with alone(build):
        return make(scale, build)


def make(scale: str, build: Path) -> int:
    """Build, then say where the site is; on failure, what failed and where."""
    start = time.time()
    shutil.rmtree(build / "html" / "reports", ignore_errors=True)
    begin(build)
    print(f"Building the book at {scale} scale", flush=True)
    for missing in public_data.prefetch():  # before Sphinx asks which data are here
        print(f"A file of data is missing: {missing}", file=sys.stderr)
    code = subprocess.run(command(scale), cwd=ROOT, env=environment(scale), check=False).returncode
    print_runs(build, start)
    if code:
        print_tracebacks(build)
        print("The book was not built: see above.", file=sys.stderr)
        return 1
    (build / UNFINISHED).unlink()
    print(f"Built in {time.time() - start:.0f} s: {build / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Interrupted: the next build picks up where this one was.", file=sys.stderr)
        sys.exit(130)
