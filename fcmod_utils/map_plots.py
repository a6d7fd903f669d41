"""Pictures of brain maps: measures by kind of network, weights by distance, shuffles."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from .brain_maps import Shuffled
from .plots import GREY
from .task_plots import LOOK, NAME, PAPER
from .wire_maps import Curve

FAIR, LOOSE = {"color": "#555555"}, {"color": "#DDDDDD", "ec": GREY, "lw": 0.3, "hatch": "////", "alpha": 0.8}


def dots(
    ax: plt.Axes, values: Mapping[str, Sequence[float]], shift: float = 0.0, hollow: bool = False,
    published: float | None = None, line: float | None = None,
) -> None:  # fmt: skip
    """One mark per network, kinds side by side.

    Parameters
    ----------
    ax : Axes
    values : mapping of str to sequence of float
        By kind.
    shift : float
        To the right, for a second set beside the first.
    hollow : bool
        Marks without a filling.
    published : float, optional
        The article's value, left of the first kind.
    line : float, optional
        Height of a dashed line.
    """
    for x, (kind, many) in enumerate(values.items()):
        color = LOOK[kind]["color"]
        face = {"mfc": "none" if hollow else color, "mec": color}
        ax.plot([x + shift] * len(many), many, ls="", marker=LOOK[kind]["marker"], ms=5, **face)
    if published is not None:
        ax.plot(-0.4, published, **PAPER)
    if line is not None:
        ax.axhline(line, color="black", lw=0.8, ls="--")
    names = [NAME[kind].replace("no penalty", "none").replace(" on a ", "\n") for kind in values]
    ax.set(xticks=range(len(values)), xticklabels=names, xlim=(-0.6, len(values) - 0.4))


def ranges(ax: plt.Axes, tests: Mapping[str, Sequence[Shuffled]], published: float | None = None) -> None:
    """One mark per network over the middle 95 % of its shuffles, kinds side by side."""
    for x, (kind, many) in enumerate(tests.items()):
        for k, test in enumerate(many):
            place = x + 0.2 * (k - (len(many) - 1) / 2)
            ax.plot([place] * 2, np.nanquantile(test.null, [0.025, 0.975]), color="#BBBBBB", lw=4)
            ax.plot(place, test.observed, LOOK[kind]["marker"], color=LOOK[kind]["color"], ms=5)
    dots(ax, {kind: [] for kind in tests}, published=published)


def histograms(ax: plt.Axes, fair: Shuffled, loose: Shuffled, step: float, label: str) -> None:
    """A network against the shuffles of two nulls.

    Parameters
    ----------
    ax : Axes
    fair, loose : Shuffled
        Among the active cells and over the sheet.
    step : float
        Width of a bar.
    label : str
        Of the horizontal axis.
    """
    values = np.concatenate([fair.null, loose.null])
    bins = np.arange(values.min() - step / 2, values.max() + step, step)
    ax.hist(fair.null, bins, label="labels shuffled among active", **FAIR)
    ax.hist(loose.null, bins, label="over the sheet", **LOOSE)
    ax.axvline(fair.observed, color="#D55E00", lw=2, label="network")
    ax.set(yticks=[], xlabel=label)
    ax.spines["left"].set_visible(False)


def by_distance(
    ax: plt.Axes, curves: Mapping[str, Sequence[Curve]], pairs: Sequence[Curve], published: Sequence[float],
) -> None:  # fmt: skip
    """Mean ``|w|`` by distance, below 1: median over the networks of each kind.

    Parameters
    ----------
    ax : Axes
    curves : mapping of str to sequence of Curve
        By kind.
    pairs : sequence of Curve
        Of all pairs of active neurons, for the first kind.
    published : sequence of float
        The article's curve, in steps of 0.05.
    """
    looks = [{**LOOK[kind], "ls": "-", "label": NAME[kind]} for kind in curves]
    looks.append({"color": looks[0]["color"], "ls": "--", "label": f"{looks[0]['label']}, all active pairs"})
    for many, style in zip([*curves.values(), pairs], looks, strict=True):
        near = many[0].distance < 0.96
        mean = np.median([curve.mean[: near.sum()] for curve in many], axis=0)
        ax.plot(many[0].distance[near], mean, ms=3, lw=1, **style)
    ax.plot(
        np.arange(len(published)) / 20, published, **{**PAPER, "ls": ":", "lw": 1, "ms": 4}, label="article"
    )
    ax.set(yscale="log", xlabel="distance", ylabel="mean |w|")
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=5)


def blocks(ax: plt.Axes, w: np.ndarray, labels: np.ndarray) -> None:
    """Mean ``|w|`` from cluster to cluster, self-connections and inactive units left out."""
    member = (labels[:, None] == np.arange(labels.max() + 1)).astype(float)
    pairs = np.outer(*[member.sum(0)] * 2) - np.diag(member.sum(0))
    total = member.T @ (np.abs(w) * (1 - np.eye(len(w)))) @ member
    mean = np.divide(total, pairs, out=np.zeros_like(pairs), where=pairs > 0)
    ax.figure.colorbar(ax.imshow(mean, cmap="Purples", vmin=0), ax=ax, label="mean |w|")
    ticks = np.arange(len(mean))
    ax.set(xlabel="from cluster", ylabel="to cluster")
    ax.set_xticks(ticks, ticks + 1)
    ax.set_yticks(ticks, ticks + 1)


def band(ax: plt.Axes, w: np.ndarray, active: np.ndarray, title: str) -> None:
    """``|w|`` among the active units in the order of their places."""
    w = np.abs(w[np.ix_(active, active)])
    ax.imshow(w, cmap="Greys", vmin=0, vmax=np.quantile(w[w > 0], 0.9))
    ends = [0, len(w) - 1]
    ax.set(title=title, xlabel="from neuron, by place", ylabel="to neuron", xticks=ends, yticks=ends)
