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

ROOT = Path(__file__).resolve().parent.parent
SCALES = ("quick", "book", "paper")


def output_folder(scale: str) -> Path:
    """Where Jupyter Book puts this scale's ``_build``."""
    return ROOT if scale == "book" else ROOT / "_build" / scale


def command(scale: str) -> list[str]:
    """Jupyter Book's command line: nitpicky, and a warning is an error."""
    jupyter_book = str(Path(sys.executable).parent / "jupyter-book")
    options = ["-n", "-W", "--keep-going", "--path-output", str(output_folder(scale))]
    return [jupyter_book, "build", str(ROOT), *options]


def environment(scale: str) -> dict[str, str]:
    """One thread per process, no widgets that would need a kernel, kernels of this Python."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    own = {"FCMOD_SCALE": scale, "FCMOD_PUBLISH": "1", "JUPYTER_PREFER_ENV_PATH": "1"}
    return {**os.environ, **threads, **own}


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
    """Build, then say where the site is; on failure, what failed and where."""
    scale = os.environ.get("FCMOD_SCALE", "book")
    if scale not in SCALES:
        print(f"FCMOD_SCALE is {scale!r}; allowed: {', '.join(SCALES)}", file=sys.stderr)
        return 2
    build, start = output_folder(scale) / "_build", time.time()
    shutil.rmtree(build / "html" / "reports", ignore_errors=True)
    print(f"Building the book at {scale} scale", flush=True)
    code = subprocess.run(command(scale), cwd=ROOT, env=environment(scale), check=False).returncode
    print_runs(build, start)
    if code:
        print_tracebacks(build)
        # Sphinx would not look again at the pages it warned about, and the next build would pass.
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
        print("The book was not built: see above.", file=sys.stderr)
        return 1
    print(f"Built in {time.time() - start:.0f} s: {build / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
