"""Make the book's long trainings anew and put them into artifacts/, where every chapter finds them.

    .venv/bin/python book/artifacts.py        (some hours on two cores, nearly all for the BIMT chapter)

The chapters that read them are run from a store of their own, at the scales at which they read them; what it
then holds is kept, but for the trainings themselves: weights of every epoch are too many. If a chapter fails,
that store stays, and the next run goes on from there.
"""

import os
import shutil
from pathlib import Path

import jupytext
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "_build" / "artifacts-store"
SPATIAL = ("sernn", "sernn-checks", "sernn-function", "sernn-modules", "sernn-spiking")
GROWN = ("bimt", "bimt-maps", "bimt-modules", "bimt-checks")
CHAPTERS = {
    "quick": SPATIAL,
    "book": (*SPATIAL, *GROWN),
}  # at quick scale the networks of GROWN are trained live
KINDS_OF_ENTRY = (
    "population", "decoding", "preferences", "bridge", "wiring", "wiring_story", "spiking",
    "grown", "front", "growth", "lesions_cog", "modules_cog",
)  # fmt: skip


def main() -> None:
    """Run the chapters on a store of their own; then exchange what is in artifacts/."""
    os.environ |= {
        "FCMOD_STORE": str(STORE),
        "FCMOD_ARTIFACTS": str(STORE / "none"),
        "FCMOD_PUBLISH": "1",
    }
    for size, names in CHAPTERS.items():
        os.environ["FCMOD_SCALE"] = size
        for name in names:
            print(f"{size}: {name}", flush=True)
            notebook = jupytext.read(ROOT / "notebooks" / f"{name}.md")
            NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(ROOT)}}).execute()
    exchange(STORE)
    shutil.rmtree(STORE)


def exchange(store: Path) -> None:
    """Replace the entries in artifacts/ by those of a store; ValueError, before, if it lacks a kind."""
    if missing := [kind for kind in KINDS_OF_ENTRY if not any((store / kind).glob("*.safetensors"))]:
        raise ValueError(f"the store holds no {', '.join(missing)}; nothing was exchanged")
    for kind in KINDS_OF_ENTRY:
        shutil.rmtree(ROOT / "artifacts" / kind, ignore_errors=True)
        (ROOT / "artifacts" / kind).mkdir(parents=True)
        for entry in sorted((store / kind).glob("*.safetensors")):
            shutil.copyfile(entry, ROOT / "artifacts" / kind / entry.name)


if __name__ == "__main__":
    main()
