"""Pictures of spatially embedded networks: their task, their cost, their box, their populations."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch

from .constraints import communicability
from .graphs import strongest
from .plots import GREY
from .sernn import Population
from .trials import Trials

NAME = {"sernn": "spatially embedded", "l1": "L1"}
LOOK = {  # never color alone: a mark and a line style of its own
    "sernn": {"color": "black", "marker": "o", "ls": "-", "fill": True},
    "l1": {"color": "#0072B2", "marker": "s", "ls": "--", "fill": False},
}
MEASURE = {
    "accuracy": "accuracy", "total_weight": "total weight", "weight_distance": "r(|w|, distance)",
    "wiring_length": "mean length of wire", "communicability": "total communicability",
    "q": "Q, with diagonal", "small_world": "small-worldness",
}  # fmt: skip


def case(ax: plt.Axes, trials: Trials, which: int) -> None:
    """One trial of the one-choice task as rows of inputs over time, with its answer."""
    shown = trials.inputs[:, which].T
    names = ("right-up", "right-down", "left-up", "left-down", "left", "up", "right", "down")
    ax.imshow(shown, cmap="Greys", vmin=0, vmax=1.3, aspect="auto", extent=(0, shown.shape[1], 8, 0))
    answer = int(trials.targets[-1, which])
    ax.plot([len(trials.inputs) - 0.8], [4.5 + answer], marker="<", color="#D55E00", ms=7, clip_on=False)
    ax.axhline(4, color=GREY, lw=0.8)
    ax.set(xlabel="step", yticks=np.arange(8) + 0.5, yticklabels=names, title=f"answer: {names[4 + answer]}")


def cost_terms(axes: Sequence[plt.Axes], w: np.ndarray, distances: np.ndarray) -> None:
    """Distance, communicability and cost of each connection, three heat maps."""
    c = communicability(torch.from_numpy(np.asarray(w, float))[None])[0].numpy()
    np.fill_diagonal(c, 0.0)
    cost = np.abs(w) * distances * c
    terms = {"distance $D$": distances, "communicability $C$": c, "cost $|W| D C$": cost}
    for ax, (name, values) in zip(axes, terms.items(), strict=True):
        top = values.max() if name.startswith("dist") else np.quantile(values, 0.995)
        image = ax.imshow(values, cmap="Purples", vmin=0, vmax=top)
        ax.figure.colorbar(image, ax=ax, shrink=0.7)
        ax.set(title=name, xlabel="from unit", xticks=[0, 50, 99], yticks=[0, 50, 99])
    axes[0].set_ylabel("to unit")


def box(ax: plt.Axes, places: np.ndarray, w: np.ndarray, share: float = 0.02) -> None:
    """Units at their places in perspective, with the strongest share of the connections.

    A unit whose self-connection is among the strongest is drawn large.

    Parameters
    ----------
    ax : Axes, three-dimensional
    places : ndarray, shape (unit, 3)
    w : ndarray, shape (unit, unit)
    share : float
    """
    kept = strongest(w, share)
    to, source = np.nonzero(kept)
    least = np.abs(w)[kept > 0].min()
    for i, j in zip(to, source, strict=True):
        ax.plot(*places[[i, j]].T, color=GREY, lw=0.5, alpha=0.5)
    heavy = np.abs(np.diag(w)) >= least
    for group, size in ((heavy, 30), (~heavy, 6)):
        ax.scatter(*places[group].T, s=size, color="black", depthshade=True)
    ax.set(xticks=[], yticks=[], zticks=[])
    ax.set_box_aspect(np.ptp(places, axis=0) + 0.5, zoom=1.15)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.pane.set_visible(False)
        axis.line.set_color("#BBBBBB")


def against(ax: plt.Axes, x: np.ndarray, population: Population, name: str, kind: str) -> None:
    """A measure at the headline epoch against something else, a mark per network; crosses do not pass.

    Parameters
    ----------
    ax : Axes
    x : ndarray, shape (network,)
        Of all networks.
    population : Population
    name : str
        Of the measure.
    kind : str
        A key of ``LOOK``.
    """
    y, look, passing = population.at(name, all_networks=True), LOOK[kind], population.working
    face = look["color"] if look["fill"] else "none"
    style = {"marker": look["marker"], "markerfacecolor": face, "markeredgecolor": look["color"]}
    ax.plot(x[passing], y[passing], ls="", ms=4, alpha=0.7, **style)
    ax.plot(x[~passing], y[~passing], "x", color=look["color"], ms=3.5, mew=0.7, alpha=0.6)


def by_epoch(axes: Sequence[plt.Axes], populations: Mapping[str, Population], names: Sequence[str]) -> None:
    """Measures over training, median and middle 90 % of the networks that pass."""
    for ax, name in zip(axes, names, strict=True):
        for kind, one in populations.items():
            look, values = LOOK[kind], one.measures[name][:, one.working]
            low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95], axis=1)
            ax.plot(middle, color=look["color"], ls=look["ls"], label=NAME[kind])
            ax.fill_between(np.arange(len(low)), low, high, color=look["color"], alpha=0.15, lw=0)
        ax.set(xlabel="epoch", xticks=[0, 5, 10], title=MEASURE[name])
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


def legend(fig: plt.Figure) -> None:
    """Names of the marks, above the panels."""
    keys = []
    for kind, look in LOOK.items():
        face = look["color"] if look["fill"] else "none"
        style = {"marker": look["marker"], "markerfacecolor": face, "markeredgecolor": look["color"]}
        keys.append(plt.Line2D([], [], ls="", ms=5, label=NAME[kind], **style))
    keys.append(plt.Line2D([], [], ls="", marker="x", color=GREY, ms=5, label="at or below 90 %"))
    fig.legend(handles=keys, loc="outside upper center", ncols=3)


def window(axes: Sequence[plt.Axes], maps: Mapping[str, np.ndarray], meets: np.ndarray) -> None:
    """Maps over penalty and epoch, each divided by its maximum; dots where all conditions are met.

    Parameters
    ----------
    axes : sequence of Axes
    maps : mapping of str to ndarray, shape (epoch, bin of the penalty)
    meets : ndarray of bool, shape (epoch, bin)
    """
    for ax, (name, values) in zip(axes, maps.items(), strict=True):
        scaled = values / np.nanmax(values)
        image = ax.imshow(scaled, origin="lower", cmap="Purples", vmin=0, vmax=1, aspect="auto")
        ax.plot(*np.nonzero(meets)[::-1], "o", color="#E69F00", mec="black", mew=0.5, ms=5)
        n = values.shape[1]
        ax.set(title=MEASURE[name], xlabel="penalty", xticks=[0, n - 1], xticklabels=["weak", "strong"])
    axes[0].set_ylabel("epoch")
    axes[-1].figure.colorbar(image, ax=axes[-1], label="share of maximum", shrink=0.8)
