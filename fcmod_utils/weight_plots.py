"""Pictures of input weights: units in the plane of their two weights."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np

from .plots import GREY, MARKS, MODULE, STIMULUS


def weights_plane(
    ax: plt.Axes, w_in: np.ndarray, groups: Sequence[int], title: str = "", limit: float = 3.2
) -> None:
    """Units at their two input weights, one color and mark per group.

    Parameters
    ----------
    ax : Axes
    w_in : ndarray, shape (unit, 2)
    groups : sequence of int, shape (unit,)
        Modules, rules or clusters, from 0.
    title : str
    limit : float
        Both axes run from ``-limit`` to ``limit``.
    """
    groups = np.asarray(groups)
    _plane(ax, title, limit)
    for group in np.unique(groups):
        look = {"color": MODULE[group % len(MODULE)], "marker": MARKS[group % len(MARKS)]}
        look |= {"edgecolor": "black", "linewidth": 0.3, "s": 16}
        ax.scatter(*w_in[groups == group].T, label=f"{group + 1}", **look)


def rules_plane(
    ax: plt.Axes, w_in: np.ndarray, rules: Sequence[int], labels: Sequence[int], title: str = "",
    limit: float = 3.2,
) -> None:  # fmt: skip
    """Units at their two input weights, colored by rule and marked by module, as in the module maker.

    The color is that of the input that is stronger, or gray where the signs differ; it fills the
    mark where the first weight is positive, or both are.

    Parameters
    ----------
    ax : Axes
    w_in : ndarray, shape (unit, 2)
    rules, labels : sequence of int, shape (unit,)
        From 0.
    """
    rules, labels = np.asarray(rules), np.asarray(labels)
    _plane(ax, title, limit)
    for rule, module in sorted(set(zip(rules.tolist(), labels.tolist(), strict=True))):
        color = (*STIMULUS, GREY, GREY, *STIMULUS)[rule]
        look = {"marker": MARKS[module % len(MARKS)], "s": 16, "linewidth": 0.8, "edgecolor": color}
        look["facecolor"] = color if rule < 3 else "none"
        ax.scatter(*w_in[(rules == rule) & (labels == module)].T, **look)


def _plane(ax: plt.Axes, title: str, limit: float) -> None:
    for line in (ax.axhline, ax.axvline):
        line(0, color=GREY, lw=0.6)
    ax.axline((0, 0), slope=1, color="black", ls=":", lw=0.8)
    ticks = np.arange(-(limit // 2) * 2, limit, 2)
    ax.set(xlabel="weight from input 1", ylabel="weight from input 2", title=title, aspect="equal")
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=ticks, yticks=ticks)
