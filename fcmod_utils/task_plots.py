"""Pictures of networks of many tasks: trials, accuracies, task variance, groups, and their sheet."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from .cog_tasks import RING
from .graphs import strongest
from .plots import GREY, MARKS, MODULE, SIGNED
from .task_variance import ACTIVE, Clusters
from .trials import Trials

NAME = {"bimt": "BIMT", "l1": "L1", "none": "no penalty", "line": "BIMT on a line"}
LOOK = {  # never color alone: a mark and a line style of its own
    "bimt": {"color": "black", "marker": "o", "ls": "-"},
    "l1": {"color": "#0072B2", "marker": "s", "ls": "--"},
    "none": {"color": GREY, "marker": "^", "ls": ":"},
    "line": {"color": "#CC79A7", "marker": "D", "ls": "-."},
}
PAPER = {"color": "#D55E00", "marker": "D", "markerfacecolor": "none", "ls": "", "ms": 5}
STRIPS = {"cue": 3, "ring 1": RING, "ring 2": RING, "answer": RING}  # rows of a trial's picture
GAP = 2
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(value: float) -> str:
    """A number with one digit and a power of ten, for a text.

    Examples
    --------
    >>> scientific(3e-6), scientific(1e-5)
    ('3 × 10⁻⁶', '10⁻⁵')
    """
    digit, power = f"{value:.0e}".split("e")
    raised = f"10{str(int(power)).translate(RAISED)}"
    return raised if digit == "1" else f"{digit} × {raised}"


def trial(ax: plt.Axes, trials: Trials, which: int, title: str) -> None:
    """One trial: cue, both rings and the answer that is due, as strips over time.

    Parameters
    ----------
    ax : Axes
    trials : Trials
        Of one of the 20 tasks.
    which : int
    title : str
    """
    inputs, answers = trials.inputs[:, which].T, trials.targets[:, which]
    due = (np.arange(1, RING + 1)[:, None] == answers) * 1.0
    strips = (
        np.repeat(inputs[:1], STRIPS["cue"], 0),
        inputs[1 : 1 + RING],
        inputs[1 + RING : 1 + 2 * RING],
        due,
    )
    top, ticks = 0, []
    for strip in strips:
        box = (0, inputs.shape[1], top + len(strip), top)
        ax.imshow(strip, cmap="Greys", vmin=-0.15, vmax=1, aspect="auto", extent=box)
        ax.plot([0, 0, box[1], box[1], 0], [top, box[2], box[2], top, top], color="black", lw=0.6)
        ticks.append(top + len(strip) / 2)
        top += len(strip) + GAP
    ax.set(xlim=(-0.1, inputs.shape[1] + 0.1), ylim=(top - GAP + 0.3, -0.3), title=title, xlabel="step")
    ax.set_yticks(ticks, STRIPS)
    ax.tick_params(left=False)
    ax.spines[:].set_visible(False)


def moves(ax: plt.Axes, change: np.ndarray, places: np.ndarray, now: int) -> None:
    """What the wiring would cost more or less if a unit moved to each cell of its sheet.

    Parameters
    ----------
    ax : Axes
    change : ndarray, shape (cell,)
        Of the cost, if the unit there and the one that moves changed places.
    places : ndarray of int, shape (cell, 2)
    now : int
        Cell of the unit that moves.
    """
    sheet = np.zeros(places.max(axis=0) + 1)
    sheet[tuple(places.T)] = change
    limit = np.abs(change).max()
    image = ax.imshow(sheet, cmap=SIGNED, vmin=-limit, vmax=limit)
    ax.figure.colorbar(image, ax=ax, label="change of cost", shrink=0.85)
    for at, mark, name in ((now, "o", "now"), (int(np.argmin(change)), "*", "best")):
        ax.plot(*places[at][::-1], mark, color="white", mec="black", ms=11 if mark == "*" else 8, label=name)
    ax.set(xticks=[], yticks=[])
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2, handletextpad=0.2)


def training(ax: plt.Axes, losses: Mapping[str, Sequence[np.ndarray]], steps: int) -> None:
    """Loss of each network over its training, a line each.

    Parameters
    ----------
    ax : Axes
    losses : mapping of str to sequence of ndarray, shape (part,)
        By kind, means over equal parts of the training.
    steps : int
    """
    for kind, networks in losses.items():
        look = {name: LOOK[kind][name] for name in ("color", "ls")}
        for i, loss in enumerate(networks):
            x = (np.arange(len(loss)) + 0.5) * steps / len(loss)
            ax.plot(x, loss, lw=1.2, label=NAME[kind] if i == 0 else None, **look)
    every = np.concatenate([loss for networks in losses.values() for loss in networks])
    top = min(1.2 * np.nanmax(every), 20 * np.nanmedian(every))  # the first steps can spike
    ax.set(xlabel="training step", ylabel="cross-entropy", yscale="log", xlim=(0, steps), ylim=(None, top))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend()


def accuracies(
    ax: plt.Axes, found: Mapping[str, np.ndarray], best: np.ndarray, names: Sequence[str],
    published: Sequence[float] = (),
) -> None:  # fmt: skip
    """Accuracy in each task, a mark per network, with the best that is possible.

    Parameters
    ----------
    ax : Axes
    found : mapping of str to ndarray, shape (network, task)
        By kind.
    best : ndarray, shape (task,)
    names : sequence of str
    published : sequence of float, shape (task,), optional
    """
    at = np.arange(len(names))
    ax.hlines(best, at - 0.42, at + 0.42, color="black", lw=1, label="best possible")
    if len(published):
        ax.plot(at + 0.33, published, **PAPER, label="article")
    for i, (kind, values) in enumerate(found.items()):
        look = {"marker": LOOK[kind]["marker"], "color": LOOK[kind]["color"], "ls": "", "ms": 4}
        x = np.repeat(at - 0.27 + 0.2 * i, len(values))
        ax.plot(x, values.T.ravel(), alpha=0.75, mew=0, label=NAME[kind], clip_on=False, **look)
    ax.set_xticks(at, names, rotation=60, ha="right", rotation_mode="anchor")
    ax.set(ylabel="accuracy", xlim=(-0.7, len(names) - 0.3))
    ax.yaxis.set_major_formatter(PercentFormatter(1, 0))
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=5)


def importance(
    ax: plt.Axes, found: Mapping[str, Sequence[np.ndarray]], published: Mapping[int, float] | None = None
) -> None:
    """Task variance, summed over tasks, of all units of each network by rank; a line per network.

    Parameters
    ----------
    ax : Axes
    found : mapping of str to sequence of ndarray, shape (unit, task)
        By kind.
    published : mapping of int to float, optional
        By rank.
    """
    for kind, networks in found.items():
        look = {name: LOOK[kind][name] for name in ("color", "ls")}
        for i, variance in enumerate(networks):
            ranked = np.sort(variance.sum(axis=1))[::-1]
            ranked = ranked[ranked > 0]
            rank = np.arange(1, len(ranked) + 1)
            ax.plot(rank, ranked, label=NAME[kind] if i == 0 else None, **look)
    if published:
        ax.plot(list(published), list(published.values()), **PAPER, label="article")
    ax.axhline(ACTIVE, color="black", lw=0.8)
    ax.text(1, ACTIVE * 1.3, "active above this", fontsize=8.5)
    ax.set(yscale="log", ylim=(1e-9, 60), xlabel="neuron, by importance", ylabel="summed task variance")
    ax.legend()


def variance_map(ax: plt.Axes, normalized: np.ndarray, found: Clusters, names: Sequence[str]) -> None:
    """Normalized task variance, units in the order of their clusters, with a bar and number for each.

    Parameters
    ----------
    ax : Axes
    normalized : ndarray, shape (unit, task)
    found : Clusters
    names : sequence of str
        Tasks.
    """
    order = np.argsort(found.labels, kind="stable")
    image = ax.imshow(normalized[order].T, cmap="Purples", vmin=0, vmax=1, aspect="auto")
    edges = np.concatenate([[0], np.cumsum(np.bincount(found.labels))])
    for k, (start, stop) in enumerate(pairwise(edges)):
        bar = {"lw": 5, "color": MODULE[k % len(MODULE)], "clip_on": False, "solid_capstyle": "butt"}
        ax.plot([start - 0.5, stop - 0.5], [-1.2] * 2, **bar)
        ax.text((start + stop - 1) / 2, -1.9, str(k + 1), ha="center", va="bottom")
        ax.axvline(stop - 0.5, color="black", lw=0.6)
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -0.5), xlabel="active neurons, by group")
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(image, ax=ax, label="task variance / largest", shrink=0.8, pad=0.01)


def silhouettes(ax: plt.Axes, found: Sequence[Clusters], chance: np.ndarray, title: str) -> None:
    """Silhouette against the number of groups, a line per network with its best marked, and chance below.

    Parameters
    ----------
    ax : Axes
    found : sequence of Clusters
    chance : ndarray, shape (copy, count)
        Of shuffled copies of the first network.
    title : str
    """
    for i, one in enumerate(found):
        ax.plot(one.counts, one.silhouettes, color="black", lw=1.2, label=None if i else "networks")
        ax.plot(one.count, one.silhouette, "*", color="black", ms=10, label=None if i else "best")
    look = {"color": GREY, "lw": 0.8, "alpha": 0.6}
    ax.plot(found[0].counts, chance.T, **look, label=["shuffled"] + [None] * (len(chance) - 1))
    ax.set(xlabel="number of groups", title=title)
    ax.xaxis.get_major_locator().set_params(integer=True)


def neurons(ax: plt.Axes, places: np.ndarray, labels: np.ndarray) -> None:
    """Active neurons where they sit, a color and a mark for each group; inactive ones as small dots.

    Parameters
    ----------
    ax : Axes
    places : ndarray of int, shape (unit, 2)
    labels : ndarray of int, shape (unit,)
        -1 for inactive ones.
    """
    at, side = places[:, ::-1], np.ptp(places) + 1
    width = ax.get_window_extent().width / ax.figure.dpi * 72  # in points, as marks are
    look = {"ls": "", "ms": min(8, 0.7 * width / side), "mec": "black", "mew": 0.3}
    ax.plot(*at[labels < 0].T, ".", color=GREY, ms=1.5)
    for k in range(labels.max() + 1):
        mark = MARKS[(k + k // 6) % len(MARKS)]
        ax.plot(*at[labels == k].T, mark, color=MODULE[k % len(MODULE)], label=k + 1, **look)
    ax.set(xticks=[], yticks=[], aspect="equal", xlim=(-1, side), ylim=(side, -1))
    ax.spines[:].set_visible(False)


def sheet(ax: plt.Axes, places: np.ndarray, labels: np.ndarray, w: np.ndarray, n_shown: int = 300) -> None:
    """A network where it lies: its :func:`neurons` on its strongest connections.

    Parameters
    ----------
    ax, places, labels
        See :func:`neurons`.
    w : ndarray, shape (unit, unit)
    n_shown : int
        Connections that are drawn.
    """
    at = places[:, ::-1]
    kept = strongest(w, min(1.0, n_shown / (len(w) * (len(w) - 1))))
    for to, source in zip(*np.nonzero(kept), strict=True):
        ax.plot(*at[[to, source]].T, color=GREY, lw=0.4, alpha=0.5)
    neurons(ax, places, labels)
    ax.legend(title="group", loc="center left", bbox_to_anchor=(1, 0.5), ncols=1 + labels.max() // 10)
