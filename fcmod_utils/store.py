"""Arrays on disk, addressed by what made them.

An entry's name is a hash of its specification (a small dictionary that holds everything that can
change the result, and nothing else). Files are safetensors with the specification and a checksum
in the header; they are written to the side and moved into place, so a reader never sees half of one.
"""

import hashlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from filelock import FileLock
from platformdirs import user_cache_path
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

FREE_BYTES = 50_000_000  # less free space than this counts as full


class StoreError(OSError):
    """The store's folder cannot be used."""


class StoreWarning(UserWarning):
    """A stored file was damaged or foreign; it is made again."""


def root() -> Path:
    """Folder of the store: ``FCMOD_STORE``, or else the user's cache folder."""
    return Path(os.environ.get("FCMOD_STORE") or user_cache_path("fcmod")).expanduser()


def artifacts() -> Path:
    """The book's own long trainings, read and never written: ``FCMOD_ARTIFACTS``, or ``artifacts/``."""
    given = os.environ.get("FCMOD_ARTIFACTS")
    return Path(given).expanduser() if given else Path(__file__).parent.parent / "artifacts"


def path_of(kind: str, spec: dict) -> Path:
    """Where the entry with this specification lives.

    Examples
    --------
    >>> path_of("table", {"a": 1}) == path_of("table", {"a": 1})
    True
    >>> path_of("table", {"a": 1}) == path_of("table", {"a": 2})
    False
    """
    return root() / _name(kind, spec)


def _name(kind: str, spec: dict) -> str:
    return f"{kind}/{hashlib.sha256(_canonical(spec).encode()).hexdigest()[:24]}.safetensors"


def load(kind: str, spec: dict) -> dict[str, np.ndarray] | None:
    """The entry's arrays, or None where there is none; looked for in the store, then in ``artifacts``.

    A damaged or foreign file is reported with a ``StoreWarning`` and counts as none.
    """
    return _find(kind, spec)[0]


def where(kind: str, spec: dict) -> str | None:
    """Where a sound entry is, in words for the page, or None where there is none."""
    return _find(kind, spec)[1]


def _find(kind: str, spec: dict) -> tuple[dict[str, np.ndarray] | None, str | None]:
    for folder, said in ((root(), "read from the store"), (artifacts(), "read from the book's artifacts")):
        if (arrays := _read(folder / _name(kind, spec), spec)) is not None:
            return arrays, said
    return None, None


def _read(path: Path, spec: dict) -> dict[str, np.ndarray] | None:
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        return _unusable(path, f"cannot be read ({error})")
    if header.get("spec") != _canonical(spec):
        return _unusable(path, "was made by something else")
    if header.get("sha256") != _checksum(arrays):
        return _unusable(path, "does not match its checksum")
    return arrays


def get_or_make(kind: str, spec: dict, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The entry's arrays; made and saved first where there is none.

    Two processes may ask for the same entry at once: one makes it, the other waits for it.

    Raises
    ------
    StoreError
        If the folder cannot be written to or is full: before ``make`` is called where that can
        be known.
    """
    if (arrays := load(kind, spec)) is not None:
        return arrays
    path = path_of(kind, spec)
    check_writable(path.parent)
    with FileLock(path.with_suffix(".lock"), mode=0o666):  # people who share a store share its locks
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StoreWarning)  # said above
            arrays = load(kind, spec)
        if arrays is None:
            arrays = make()
            _write(path, arrays, spec)
    return arrays


def check_writable(folder: Path | None = None) -> None:
    """Raise StoreError, saying what to do, unless the store's folder takes new files."""
    folder = folder or root()
    advice = "set FCMOD_STORE to a folder that can be written to and has room"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe-"):
            pass
    except OSError as error:
        raise StoreError(f"the store {folder} cannot be written to ({error}); {advice}") from error
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise StoreError(
            f"the store {folder} is full: {free / 1e6:.0f} MB left, "
            f"{FREE_BYTES / 1e6:.0f} MB needed; {advice}"
        )


def _write(path: Path, arrays: dict[str, np.ndarray], spec: dict) -> None:
    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    header = {"spec": _canonical(spec), "sha256": _checksum(arrays)}
    prefix = f".writing-{path.stem}-"
    for left in path.parent.glob(f"{prefix}*"):  # by a writer that was killed: we hold its lock now
        shutil.rmtree(left, ignore_errors=True)
    try:  # in a folder: safetensors, too, writes to the side first, under a name of its own
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=prefix) as folder:
            made = Path(folder) / path.name
            save_file(arrays, made, metadata=header)
            made.chmod(path.parent.stat().st_mode & 0o666)  # who may read the folder may read the file
            os.replace(made, path)
    except (OSError, SafetensorError) as error:
        raise StoreError(f"{path} could not be written ({error}); nothing was kept of it") from error


def _canonical(spec: dict) -> str:
    return json.dumps(spec, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _checksum(arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name], order="C")
        digest.update(f"{name}:{array.dtype}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _unusable(path: Path, why: str) -> None:
    warnings.warn(f"stored file {path} {why}: it is made again", StoreWarning, stacklevel=5)
