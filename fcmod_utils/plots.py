"""The house style: one palette with fixed meaning, figures drawn at the width they are shown."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

STIMULUS = ("#0072B2", "#D55E00")  # stimulus 1, stimulus 2 (or no-go, go)
MODULE = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
GREY = "#6E6E6E"
MARKS = ("o", "s", "^", "D", "v", "P")  # one per module: never color alone
SIGNED = "RdBu_r"  # diverging map, always centered on 0
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
    labels = np.asarray(labels)
    order = np.argsort(labels, kind="stable")
    n = len(labels)
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
    """What an output lesion does: outputs over time, accuracy by trial type, connectivity.

    Parameters
    ----------
    trials : Trials
    intact, cut : ndarray, shape (time, trial, output)
        Logits before and after the lesion; output 0 is fixation.
    fc : ndarray, shape (unit, unit)
    labels : sequence of int, shape (unit,)
    """
    truth = trials.conditions["ground_truth"]
    fig = plt.figure(figsize=(WIDTH, 4.2))
    grid = fig.add_gridspec(2, 3, width_ratios=[1, 1, 1.1])
    for side in (0, 1):
        ax = fig.add_subplot(grid[0, side], sharey=None if side == 0 else fig.axes[0])
        for choice in (0, 1):
            for outputs, style, what in ((intact, "-", "intact"), (cut, "--", "lesioned")):
                mean = outputs[:, truth == side, choice + 1].mean(axis=1)
                label = f"choice {choice + 1}, {what}"
                ax.plot(trials.times_ms, mean, style, color=STIMULUS[choice], label=label)
        ax.set(title=f"stimulus {side + 1} trials", ylabel="mean output" if side == 0 else "")
        periods(ax, trials)
    bars = fig.add_subplot(grid[1, :2])
    for place, outputs in enumerate((intact, cut)):
        right = outputs[-1].argmax(-1) == trials.targets[-1]
        for side in (0, 1):
            height = right[truth == side].mean()
            fill = {"facecolor": STIMULUS[side] if place == 0 else "none", "edgecolor": STIMULUS[side]}
            bars.bar(side + 0.4 * place - 0.2, height, 0.34, lw=1.5, ls=("-", "--")[place], **fill)
            bars.text(side + 0.4 * place - 0.2, height + 0.03, f"{height:.2f}", ha="center")
    names = [f"stimulus {side + 1} trials\n(intact | lesioned)" for side in (0, 1)]
    bars.set(xticks=[0, 1], xticklabels=names, ylabel="accuracy", ylim=(0, 1.15))
    image = module_matrix(fig.add_subplot(grid[:, 2]), fc, labels, label="unit, by module")
    fig.colorbar(image, ax=fig.axes[-1], label="correlation", ticks=[-1, 0, 1], location="bottom", shrink=0.8)
    fig.legend(*fig.axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=4, columnspacing=1)
    return fig
