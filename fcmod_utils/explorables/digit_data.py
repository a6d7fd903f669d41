"""The digit lab's data: a trained network in 8 bits, its modules for each digit, real digits, as JSON."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..comparisons import agreement_matrix
from ..digits import PIXELS, SIDE, Digits
from ..perceptrons import Perceptrons

FORMAT, VERSION = "fc-digit-lab", 1
BOX, CENTER = 20, 14.5  # pixels; MNIST's centers of mass lie in the middle of pixel 14
LEVELS = 127  # of a weight's size in 8 bits
DRAWN = 2000  # test digits at most that are sent through the pad


def digit_payload(
    network: Perceptrons, labels: ArrayLike, data: Digits, *, seed: int | None = None, start: int = 4
) -> dict[str, Any]:
    """Gather what the digit lab needs, as a dict that is plain JSON.

    Parameters
    ----------
    network : Perceptrons
        One network, e.g. ``nets[k]``, that reads digits of 28 x 28 pixels.
    labels : array of int, shape (digit, unit)
        0-based module of each hidden unit for each digit, -1 for silent units.
    data : Digits
        Its test images give the examples (the first of each digit), the average activity for each
        digit and the accuracies that the page states.
    seed : int, optional
        Which network this is.
    start : int
        The digit that is shown at first.

    Returns
    -------
    dict
        ``format, version, seed, about`` (words for the page), ``accuracy {full, bits, drawn}``;
        ``weights``: ``w_in, w_out`` as base64 int8 ``[unit, input]`` with a scale for each unit,
        ``b_in, b_out``; ``labels[digit][unit]``; ``means`` and ``deviations`` of the activity
        ``[digit][unit]``; ``agreement[digit][digit]``, the adjusted Rand index of the partitions;
        ``examples`` (base64 uint8, ``[digit, pixel]``); ``start {example, ink}``.

    Raises
    ------
    ValueError
        For more than one network, or a network, labels, images or a start that do not belong together.
    """
    w = {name: np.asarray(value, float) for name, value in network.parameters().items()}
    labels, images, truth = np.asarray(labels), np.asarray(data.test_images), np.asarray(data.test_labels)
    _check_parts(w, labels, images, truth, start)
    w = {name: value[0] for name, value in w.items()}
    packed = {"b_in": w["b_in"].tolist(), "b_out": w["b_out"].tolist()}
    packed["w_in"], packed["in_scale"] = pack(w["w_in"])
    packed["w_out"], packed["out_scale"] = pack(w["w_out"])
    of_digit = [images[truth == digit] for digit in range(len(labels))]
    hidden = [_run(unpack(packed), some)[0] for some in of_digit]
    accuracy = _accuracies(w, unpack(packed), images, truth)
    return {
        "format": FORMAT,
        "version": VERSION,
        "seed": seed,
        "about": _about(accuracy, len(images), data.source),
        "accuracy": accuracy,
        "weights": packed,
        "labels": labels.tolist(),
        "means": [[float(f"{one:.4g}") for one in h.mean(axis=0)] for h in hidden],
        "deviations": [[float(f"{one:.4g}") for one in h.std(axis=0)] for h in hidden],
        "agreement": agreement_matrix(labels).round(4).tolist(),
        "examples": base64.b64encode(np.stack([some[0] for some in of_digit]).tobytes()).decode("ascii"),
        "start": {"example": int(start), "ink": "0"},
    }


def pack(w: np.ndarray) -> tuple[str, list[float]]:
    """Weights in 8 bits: each row in steps of its largest weight over 127.

    Parameters
    ----------
    w : ndarray, shape (unit, input)

    Returns
    -------
    text : str
        base64 of int8, last axis fastest.
    scales : list of float
        Size of a step, for each unit.

    Examples
    --------
    >>> pack(np.array([[1.27, -0.5, 0]]))
    ('f84A', [0.01])
    """
    scales = np.abs(w).max(axis=1) / LEVELS
    steps = np.round(w / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)
    return base64.b64encode(steps.tobytes()).decode("ascii"), scales.tolist()


def unpack(packed: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Weights of a payload as the page has them, in double precision."""
    weights = {name: np.array(packed[name], float) for name in ("b_in", "b_out")}
    for name, scale in (("w_in", "in_scale"), ("w_out", "out_scale")):
        scales = np.array(packed[scale], float)
        steps = np.frombuffer(base64.b64decode(packed[name]), np.int8)
        weights[name] = steps.reshape(len(scales), -1) * scales[:, None]
    return weights


def as_mnist(ink: np.ndarray) -> np.ndarray:
    """Bring a drawing into the form of MNIST's digits.

    The longer side of its bounding box becomes 20 pixels, and its center of mass comes to lie where
    MNIST's do, as far as the box then fits the image. A pixel's value is its share that has ink.

    Parameters
    ----------
    ink : ndarray, shape (28, 28)
        1 where there is ink, else 0.

    Returns
    -------
    ndarray, shape (28, 28)
        From 0 to 1; all 0 for an empty canvas.

    Examples
    --------
    >>> ink = np.zeros((28, 28))
    >>> ink[2:7, 3] = 1  # a small stroke in a corner
    >>> np.argwhere(as_mnist(ink) == 1)[[0, -1]]
    array([[ 5, 13],
           [23, 15]])
    """
    places = np.nonzero(ink)
    if not len(places[0]):
        return np.zeros((SIDE, SIDE))
    scale = BOX / max(np.ptp(at) + 1 for at in places)
    rows, columns = (_cover(scale, _shift(scale, at)) for at in places)
    return rows @ ink @ columns.T


def read_digit(data: Mapping[str, Any], images: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """What the page's network does with images: hidden activity and the probability of each digit.

    Parameters
    ----------
    data : dict
        What ``digit_payload`` returned.
    images : array, shape (image, 784)
        From 0 to 1, or uint8.

    Returns
    -------
    hidden : ndarray, shape (image, unit)
    shares : ndarray, shape (image, digit)
    """
    hidden, logits = _run(unpack(data["weights"]), np.asarray(images))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def example_digits(data: Mapping[str, Any]) -> np.ndarray:
    """The payload's real digits, uint8 [digit, pixel]."""
    return np.frombuffer(base64.b64decode(data["examples"]), np.uint8).reshape(-1, PIXELS)


def check_digits(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a digit lab payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with digit_payload(...)")
    digits, units = np.shape(data["labels"])
    expected = {"w_in": (units, PIXELS), "b_in": (units,), "w_out": (digits, units), "b_out": (digits,)}
    found = {name: one.shape for name, one in unpack(data["weights"]).items()}
    expected |= {"agreement": (digits, digits), "means": (digits, units), "deviations": (digits, units)}
    found |= {name: np.shape(data[name]) for name in ("agreement", "means", "deviations")}
    for name, shape in expected.items():
        if found[name] != shape:
            raise ValueError(f"{name} has shape {found[name]}; allowed: {shape}")
    if data["start"]["example"] not in range(digits) or len(example_digits(data)) != digits:
        raise ValueError(f"start is {data['start']}; allowed: one of {digits} digits, each with an example")
    return data


def _shift(scale: float, at: np.ndarray) -> float:
    """How far to move along one axis."""
    return float(
        np.clip(CENTER - scale * (at.mean() + 0.5), -scale * at.min(), SIDE - scale * (at.max() + 1))
    )


def _cover(scale: float, shift: float) -> np.ndarray:
    """Share of each pixel that each row of ink covers, after scaling and shifting: [pixel, row]."""
    pixel, row = np.arange(SIDE)[:, None], np.arange(SIDE)
    end = np.minimum(pixel + 1, (row + 1) * scale + shift)
    return np.clip(end - np.maximum(pixel, row * scale + shift), 0, None)


def _run(w: Mapping[str, np.ndarray], images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = images / 255 if images.dtype == np.uint8 else images
    hidden = np.maximum(x @ w["w_in"].T + w["b_in"], 0)
    return hidden, hidden @ w["w_out"].T + w["b_out"]


def _accuracies(full, packed, images: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Of the full network, of the 8 bits, and of these on digits that went through the pad."""
    some = slice(None, None, -(-len(images) // DRAWN))  # every fifth of 10,000
    ink = (images[some] >= 128).reshape(-1, SIDE, SIDE).astype(float)
    drawn = np.stack([as_mnist(one) for one in ink]).reshape(len(ink), -1)
    cases = {
        "full": (full, images, truth),
        "bits": (packed, images, truth),
        "drawn": (packed, drawn, truth[some]),
    }
    right = {name: _run(w, x)[1].argmax(axis=1) == y for name, (w, x, y) in cases.items()}
    return {name: float(one.mean()) for name, one in right.items()}


def _about(accuracy: Mapping[str, float], count: int, source: str) -> str:
    full, bits, drawn = (f"{100 * accuracy[name]:.1f}\u00a0%" for name in ("full", "bits", "drawn"))
    return (
        f"The network runs in your browser, its weights in 8 bits: it reads {bits} of {count:,} test digits "
        f"({full} with full precision), and {drawn} of a sample of these once they went through the canvas "
        f"as ink. Digits: {source}."
    )


def _check_parts(w, labels: np.ndarray, images: np.ndarray, truth: np.ndarray, start: int) -> None:
    if len(w["w_in"]) != 1:
        raise ValueError(f"{len(w['w_in'])} networks; allowed: one, e.g. nets[0]")
    units, digits = w["w_in"].shape[1], w["w_out"].shape[1]
    shapes = {"w_in": (1, units, PIXELS), "labels": (digits, units), "test_images": (len(truth), PIXELS)}
    found = {"w_in": w["w_in"].shape, "labels": labels.shape, "test_images": images.shape}
    for name, shape in shapes.items():
        if found[name] != shape:
            raise ValueError(f"{name} has shape {found[name]}; allowed: {shape}")
    if not all(np.isfinite(one).all() for one in w.values()):
        raise ValueError("a weight is not finite; allowed: finite weights")
    if set(range(digits)) - set(truth.tolist()):
        raise ValueError(f"no test image of {sorted(set(range(digits)) - set(truth.tolist()))}")
    if start not in range(digits):
        raise ValueError(f"start is {start}; allowed: 0 to {digits - 1}")
