"""Make the book's long trainings anew and put them into artifacts/, where every chapter finds them.

    .venv/bin/python book/artifacts.py        (twenty minutes or more)

Only what chapters read is kept: populations with their measures, not every training step.
"""

import os
import shutil
import tempfile
from pathlib import Path

from fcmod_utils import sernn
from fcmod_utils.scale import SCALES

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
KINDS_OF_ENTRY = ("population",)


def main() -> None:
    """Train into an empty store; then exchange what is in artifacts/."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FCMOD_STORE": folder, "FCMOD_ARTIFACTS": str(Path(folder) / "none")}
        for size in (SCALES["quick"], SCALES["book"]):
            for kind in sernn.KINDS:
                print(f"{size.name}: {kind}", flush=True)
                sernn.population(kind, size)
        exchange(Path(folder))


def exchange(store: Path) -> None:
    """Replace the entries in artifacts/ by those of a store."""
    for kind in KINDS_OF_ENTRY:
        shutil.rmtree(ARTIFACTS / kind, ignore_errors=True)
        (ARTIFACTS / kind).mkdir(parents=True)
        for entry in sorted((store / kind).glob("*.safetensors")):
            shutil.copyfile(entry, ARTIFACTS / kind / entry.name)


if __name__ == "__main__":
    main()
