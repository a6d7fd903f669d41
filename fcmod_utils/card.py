"""The run's card at the end of a chapter: what ran, how large, how long, with which versions."""

import html
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from . import scale

PACKAGES = ("torch", "numpy", "bctpy", "neurogym")
_START = time.perf_counter()


class Card:
    """A small table that a notebook shows as HTML."""

    def __init__(self, rows: dict[str, str]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self.rows.items())

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><th scope='row'>{k}</th><td>{html.escape(v)}</td></tr>" for k, v in self.rows.items()
        )
        return f"<table class='fc-card'><tbody>{body}</tbody></table>"


def card(seeds: Sequence[int], **more: str) -> Card:
    """Scale, seeds, time, memory, versions and commit of this run.

    Parameters
    ----------
    seeds : sequence of int
        Seeds of the networks, or of what else is random.
    **more : str
        Further rows, such as ``networks="read from the store"``.
    """
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    to_gb = 1e9 if sys.platform == "darwin" else 1e6  # bytes there, kilobytes elsewhere
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rows = {
        "scale": scale.current().name,
        "seeds": str(seeds[0]) if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}",
        **more,
        "time": f"{time.perf_counter() - _START:.0f} s",
        "peak memory": f"{used[0] / to_gb:.2f} GB here, {used[1] / to_gb:.2f} GB in the largest worker",
        "versions": f"Python {platform.python_version()}, {versions}",
        "commit": _commit(),
    }
    return Card(rows)


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not known (no git checkout)"
