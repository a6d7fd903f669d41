"""The digit lab as a still picture, for notebooks and print."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import linear_sum_assignment

from ..digits import SIDE
from ..plots import GREY, MODULE, WIDTH
from .digit_data import check_digits, example_digits, read_digit


def digit_picture(data: Mapping[str, Any], example: int = 4, erased: int = 0) -> plt.Figure:
    """Draw what the digit lab shows of a real digit: image, hidden units, answer and partitions.

    Parameters
    ----------
    data : dict
        What ``digit_payload`` returned.
    example : int
        The digit.
    erased : int
        How many of its 28 rows are blank, from the top.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For a digit that the payload has no example of, or a number of rows that the image does not have.
    """
    digits = len(check_digits(data)["labels"])
    if example not in range(digits) or erased not in range(SIDE + 1):
        raise ValueError(
            f"example is {example}, erased is {erased}; allowed: 0 to {digits - 1} and 0 to {SIDE} rows"
        )
    image = example_digits(data)[example].reshape(SIDE, SIDE).copy()
    image[:erased] = 0
    hidden, shares = read_digit(data, image.reshape(1, -1))
    read = int(shares[0].argmax())
    labels, agreement = np.array(data["labels"]), np.array(data["agreement"])
    alike = [other for other in np.argsort(-agreement[read], kind="stable") if other != read][:2]
    fig = plt.figure(figsize=(WIDTH, 4.4))
    grid = fig.add_gridspec(4, 3, height_ratios=[3.4, 1, 1, 1], width_ratios=[1, 1.7, 1.3])
    _image(fig.add_subplot(grid[0, 0]), image)
    _units(fig.add_subplot(grid[0, 1]), hidden[0], np.array(data["means"][read]), labels[read])
    _answers(fig.add_subplot(grid[0, 2]), shares[0])
    rows = [labels[read], *(numbered_as(labels[other], labels[read]) for other in alike)]
    order = np.lexsort(np.where(np.array(rows) < 0, labels.max() + 1, rows)[::-1])
    for k, digit in enumerate([read, *alike]):
        ax = fig.add_subplot(grid[k + 1, :])
        _partition(ax, rows[k][order], labels.max() + 1)
        ax.set_title(
            f"{digit}: ARI {agreement[read, digit]:.2f}" if k else f"modules of a {read}", loc="left"
        )
    ax.set_xlabel(f"hidden unit, by module of a {read}")
    return fig


def numbered_as(labels: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Number modules so that as many units as possible have the number they have in a reference.

    Parameters
    ----------
    labels, reference : ndarray of int, shape (unit,)
        -1 for silent units, which stay silent.

    Examples
    --------
    >>> numbered_as(np.array([0, 0, 1, 1, 2, -1]), np.array([1, 1, 0, 0, 0, 0]))
    array([ 1,  1,  0,  0,  2, -1])
    """
    count = max(labels.max(), reference.max()) + 1
    overlap = np.zeros((count, count))
    both = (labels >= 0) & (reference >= 0)
    np.add.at(overlap, (labels[both], reference[both]), 1)
    return np.append(linear_sum_assignment(overlap, maximize=True)[1], -1)[labels]


def _image(ax: plt.Axes, image: np.ndarray) -> None:
    ax.imshow(image, cmap="Greys", vmin=0, vmax=255)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)


def _units(
    ax: plt.Axes, hidden: np.ndarray, means: np.ndarray, labels: np.ndarray, columns: int = 13
) -> None:
    """Units by module: a disc as large as the activity, a ring where the digit's average is."""
    full, top, ticks = 120 / max(hidden.max(), means.max(), 1e-9), 0.0, {}
    ring = {"facecolor": "none", "edgecolor": GREY, "lw": 0.7}
    for module in [*range(labels.max() + 1), -1]:
        units = np.flatnonzero(labels == module)
        if not len(units):
            continue
        x, y = np.arange(len(units)) % columns, top + np.arange(len(units)) // columns
        color = MODULE[min(module, len(MODULE) - 1)] if module >= 0 else "none"
        for values, look in ((hidden, {"color": color, "lw": 0}), (means, ring)):
            on = values[units] > 0.01 * hidden.max()
            ax.scatter(x[on], y[on], full * values[units][on], **look)
        ticks[(top + y[-1]) / 2] = f"module {module + 1}" if module >= 0 else "silent"
        top = y[-1] + 1.5
    ax.set(xticks=[], ylim=(top - 0.5, -0.8), xlim=(-0.8, columns - 0.2))
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _answers(ax: plt.Axes, shares: np.ndarray) -> None:
    colors = np.where(shares == shares.max(), "black", GREY)
    ax.bar(np.arange(len(shares)), shares, color=colors)
    ax.set(ylim=(0, 1), xticks=np.arange(len(shares)), xlabel="digit", ylabel="probability")


def _partition(ax: plt.Axes, labels: np.ndarray, levels: int) -> None:
    """A column for each unit, a line for each module."""
    for module in range(levels):
        units = np.flatnonzero(labels == module)
        runs = [run for run in np.split(units, np.flatnonzero(np.diff(units) > 1) + 1) if len(run)]
        color = MODULE[min(module, len(MODULE) - 1)]
        ax.broken_barh([(run[0], len(run)) for run in runs], (module, 0.9), color=color, lw=0)
    ax.set(xlim=(0, len(labels)), ylim=(levels, 0), xticks=[], yticks=[])
