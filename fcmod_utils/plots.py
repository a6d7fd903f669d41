"""The house style: one palette with fixed meaning, figures drawn at the width they are shown."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import torch

from .flow import Plane, arrows, boundary, lesion_distances, step
from .lesions import cut_units
from .modularity import check_labels
from .networks import Ensemble

STIMULUS = ("#0072B2", "#D55E00")  # stimulus 1, stimulus 2 (or no-go, go)
MODULE = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
GREY = "#6E6E6E"
MARKS = ("o", "s", "^", "D", "v", "P")  # one per module: never color alone
TYPE = ("o", "^")  # trials of stimulus 1, of stimulus 2
LOOK = ({"ls": "-"}, {"ls": "--", "markerfacecolor": "white"})  # intact, lesioned
SIGNED = "RdBu_r"  # diverging map, always centered on 0
ROOM_FOR_NAME_MM = (1.1, 0.3)  # on a map of the cortex
WIDTH = 7.0  # inches, the width of the text column


def use_style() -> None:
    """Set the house style; in a notebook, figures become SVG."""
    mpl.rcParams.update({
        "figure.figsize": (WIDTH, 2.6), "figure.constrained_layout.use": True,
        "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
        "font.size": 9.5, "axes.titlesize": 9.5, "axes.labelsize": 9.5, "legend.fontsize": 9,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
        "lines.linewidth": 1.6, "svg.hashsalt": "fcmod", "image.interpolation": "nearest",
    })  # fmt: skip
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    from IPython import get_ipython

    if get_ipython() is not None:
        set_matplotlib_formats("svg", bbox_inches=None)


def module_matrix(
    ax: plt.Axes, w: np.ndarray, labels: Sequence[int], limit: float = 1.0, label: str = ""
) -> mpl.image.AxesImage:
    """Draw a matrix ordered by module, with module color bars and thin separators.

    Parameters
    ----------
    ax : Axes
    w : ndarray, shape (unit, unit)
    labels : sequence of int, shape (unit,)
    limit : float
        The color map runs from ``-limit`` to ``limit``.
    label : str
        Name of both axes.
    """
    labels, n = check_labels(labels, len(w)), len(w)
    order = np.argsort(labels, kind="stable")
    image = ax.imshow(w[np.ix_(order, order)], cmap=SIGNED, vmin=-limit, vmax=limit)
    edges = np.flatnonzero(np.diff(labels[order])) + 1
    for edge in edges:
        ax.axhline(edge - 0.5, color="black", lw=0.6)
        ax.axvline(edge - 0.5, color="black", lw=0.6)
    for start, stop in zip([0, *edges], [*edges, n], strict=True):
        module = labels[order][start]
        bar = {"lw": 5, "color": MODULE[module % len(MODULE)], "clip_on": False, "solid_capstyle": "butt"}
        ax.plot([-0.035 * n] * 2, [start - 0.5, stop - 0.5], **bar)
        ax.text(-0.09 * n, (start + stop) / 2 - 0.5, str(module + 1), ha="center", va="center")
    ax.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xticks=[], yticks=[], xlabel=label)
    ax.spines[:].set_visible(False)
    return image


def spread(ax: plt.Axes, x: float, values: np.ndarray, color: str, mark: str = "o", seed: int = 0):
    """One dot per network, jittered, with the median and the middle 90 % beside them."""
    jitter = np.random.default_rng(seed).uniform(-0.12, 0.12, len(values))
    ax.plot(x + jitter, values, mark, color=color, ms=3, alpha=0.45, mew=0, clip_on=False)
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    ax.plot([x + 0.19] * 2, [low, high], color="black", lw=1.2, clip_on=False)
    ax.plot([x + 0.19], [middle], mark, color="black", ms=5, clip_on=False)


def band(ax: plt.Axes, x: Sequence[float], values: np.ndarray, color: str = GREY, **look) -> None:
    """Median over draws or networks as a line, the middle 90 % as a band.

    Parameters
    ----------
    ax : Axes
    x : sequence of float, shape (x,)
    values : ndarray, shape (draw, x)
    color : str
    **look
        For the line.
    """
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
    ax.plot(x, middle, color=color, ms=4, **look)
    ax.fill_between(x, low, high, color=color, alpha=0.2, lw=0)


def cortex(
    ax: plt.Axes, places: np.ndarray, labels: Sequence[int], names: Sequence[str] = (), title: str = ""
) -> None:
    """Areas where they lie, one color and mark per module.

    Parameters
    ----------
    ax : Axes
    places : ndarray, shape (area, 2)
        In mm, to the right and up.
    labels : sequence of int, shape (area,)
    names : sequence of str, shape (area,), optional
        Written beside the areas, where there is room.
    title : str
    """
    labels = np.asarray(labels)
    for module in np.unique(labels):
        look = {"color": MODULE[module % len(MODULE)], "marker": MARKS[module % len(MARKS)]}
        ax.scatter(*places[labels == module].T, s=60, edgecolor="black", linewidth=0.4, **look)
    taken = np.empty((0, 2))
    for place, name in zip(places, names, strict=False):
        if (np.abs(taken - place) / ROOM_FOR_NAME_MM < 1).all(axis=1).any():
            continue
        taken = np.vstack([taken, place])
        ax.annotate(name, place, (3, 4), textcoords="offset points", fontsize=7.5)
    ax.set(title=title, aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def periods(ax: plt.Axes, trials, names: Sequence[str] = ("stimulus",)) -> None:
    """Shade the named periods of a trial and label time."""
    for name in names:
        steps = trials.periods[name]
        start = trials.times_ms[steps.start]
        ax.axvspan(start, start + (steps.stop - steps.start) * trials.dt_ms, color=GREY, alpha=0.12, lw=0)
    ax.set_xlabel("time from stimulus onset (ms)")


def lesion_panels(
    trials, intact: np.ndarray, cut: np.ndarray, fc: np.ndarray, labels: Sequence[int]
) -> plt.Figure:
    """What an output lesion does, laid out and colored as in the lesion lab.

    Left, both choices' mean outputs over time, by trial type; middle, accuracy by trial type;
    right, connectivity. The decision step is drawn apart from the others, intact before lesioned.

    Parameters
    ----------
    trials : Trials
    intact, cut : ndarray, shape (time, trial, output)
        Logits before and after the lesion; output 0 is fixation.
    fc : ndarray, shape (unit, unit)
    labels : sequence of int, shape (unit,)
    """
    runs = {"intact": intact, "lesioned": cut}
    fig = plt.figure(figsize=(WIDTH, 3.6))
    left, middle, right = fig.subfigures(1, 3, width_ratios=[1.1, 0.9, 1])
    top, bottom = left.subplots(2, sharex=True, sharey=True)
    for choice, ax in ((1, top), (2, bottom)):
        _traces(ax, trials, [outputs[..., choice] for outputs in runs.values()])
        ax.set_title(f"choice {choice} output", loc="left")
    bottom.set_xlabel("time from stimulus onset (ms)")
    _bars(middle.subplots(), trials, runs.values())
    matrix = right.subplots()
    image = module_matrix(matrix, fc, labels, label="unit, by module")
    right.colorbar(image, ax=matrix, label="correlation", ticks=[-1, 0, 1], location="bottom", shrink=0.8)
    types = [{"color": STIMULUS[k], "marker": TYPE[k], "label": f"stimulus-{k + 1} trials"} for k in (0, 1)]
    styles = [{"color": "black", "label": name, **LOOK[name == "lesioned"]} for name in runs]
    keys = [mpl.lines.Line2D([], [], **{"ls": "", **key}) for key in (*types, *styles)]
    fig.legend(handles=keys, loc="outside upper left", ncols=4, handlelength=3)
    return fig


def portrait_panels(
    network: Ensemble,
    plane: Plane,
    points: np.ndarray,
    inputs: Sequence[float],
    units: Sequence[int] = (),
    start: Sequence[float] | None = None,
    pair: tuple[int, int] = (1, 2),
    n_steps: int = 100,
) -> plt.Figure:
    """A phase portrait and the lesion map beside it, as in the explorable.

    Left, one step from each point (pale: with nothing cut), the path of one state and the decision
    boundary; right, the flow distance.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    plane : Plane
    points : ndarray, shape (n * n, 2)
        A grid in the plane, from ``flow.grid``.
    inputs : sequence of float (channel)
    units : sequence of unit indices
        Units cut out together; if none, the map is the mean of the maps of all units.
    start : (float, float), optional
        Where in the plane the state starts; from the state 0 unless given.
    pair : (int, int)
        Outputs that are equal on the boundary.
    n_steps : int
        Steps that the state takes.
    """
    cut, side = cut_units(network, units), round(np.sqrt(len(points)))
    fig, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.2), sharey=True, width_ratios=[1.5, 1])
    reach = 1.3 * np.ptp(points, axis=0).min() / side
    for one, color in ((network, "#C3C9D1"), (cut, GREY))[0 if len(units) else 1 :]:
        steps = arrows(one, plane, points, inputs)  # long ones are compressed, as in the page
        steps *= reach / (np.linalg.norm(steps, axis=1, keepdims=True) + 0.4 * reach)
        left.quiver(*points.T, *steps.T, color=color, angles="xy", scale_units="xy", scale=1, width=0.002)
    path = [plane.lift(np.array(start, float)) if start is not None else np.zeros(plane.origin.size)]
    for _ in range(n_steps):
        path.append(_next(cut, path[-1][None], inputs)[0])
    left.plot(*plane.project(np.array(path)).T, "k.-", lw=1.2, ms=3)
    left.plot(*plane.project(path[-1]), "ko", ms=7)
    normal, offset = boundary(network, plane, pair)
    foot = -offset * normal / (normal @ normal)
    left.axline(foot, foot + np.array([-normal[1], normal[0]]), color="black", ls="--", lw=1)
    states = plane.lift(points)
    maps = lesion_distances(network, states, inputs)
    if len(units):
        maps = np.linalg.norm(_next(cut, states, inputs) - _next(network, states, inputs), axis=1)[None]
    x, y, z = (values.reshape(side, side) for values in (*points.T, maps.mean(axis=0)))
    image = right.pcolormesh(x, y, z, cmap="Purples", vmin=0, rasterized=True)
    fig.colorbar(image, ax=right, label="flow distance")
    left.set(xlabel=f"component 1 ({plane.share[0]:.0%} of variance)", ylabel="component 2")
    right.set_xlabel("component 1")
    return fig


def _next(network: Ensemble, states: np.ndarray, inputs: Sequence[float]) -> np.ndarray:
    """States (state, unit) one step later."""
    return step(network, torch.as_tensor(states, dtype=network.w_rec.dtype)[None], inputs)[0].numpy()


def _traces(ax: plt.Axes, trials, runs: Sequence[np.ndarray]) -> None:
    """Mean over trials of each type, ``[time, trial]`` before and after; marks at the decision."""
    truth = trials.conditions["ground_truth"]
    end = trials.times_ms[-1]
    room, place = 0.3 * end, 1.15 * end
    for lesioned, values in enumerate(runs):
        times = np.append(trials.times_ms[:-1], place + (2 * lesioned - 1) * room / 5)
        for side in (0, 1):
            look = {"color": STIMULUS[side], "marker": TYPE[side], "markevery": [-1], "ms": 5}
            ax.plot(times, values[:, truth == side].mean(axis=1), **look, **LOOK[lesioned])
    ax.axvspan(place - room / 2, place + room / 2, color=GREY, alpha=0.12, lw=0)
    ax.text(place, 1.04, "decision", transform=ax.get_xaxis_transform(), ha="center")
    ax.axhline(0, color=GREY, ls=":", lw=0.8)
    ax.set_xticks([0, end / 2, place], ["0", f"{end / 2:.0f}", f"{end:.0f}"])
    ax.set_ylabel("mean output")


def _bars(ax: plt.Axes, trials, runs: Sequence[np.ndarray]) -> None:
    """Share of trials of each type that end in the choice of their own stimulus."""
    truth = trials.conditions["ground_truth"]
    for lesioned, outputs in enumerate(runs):
        own = outputs[-1].argmax(-1) == trials.targets[-1]
        for side in (0, 1):
            height, place = own[truth == side].mean(), side + 0.42 * lesioned - 0.21
            fill = {"facecolor": "none" if lesioned else STIMULUS[side], "edgecolor": STIMULUS[side]}
            ax.bar(place, height, 0.34, lw=1.5, ls=LOOK[lesioned]["ls"], **fill)
            ax.text(place, height + 0.02, f"{height:.2f}", ha="center", fontsize=8.5)
    answerable = np.any(trials.conditions["coherence"])  # at 0 % no answer is right
    ax.set(ylabel="accuracy" if answerable else "gave own choice", ylim=(0, 1.1), yticks=[0, 0.5, 1])
    ax.set(xticks=[0, 1], xticklabels=["1", "2"], xlabel="stimulus of the trial")
