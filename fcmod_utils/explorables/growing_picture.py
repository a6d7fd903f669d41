"""The growing sheet as a still picture, for notebooks and print."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from ..plots import WIDTH
from ..sheets import positions
from ..task_plots import sheet
from .growing_data import check_growing, unpack


def growing_picture(data: Mapping[str, Any], n_links: int = 300) -> plt.Figure:
    """Draw what the growing sheet shows first: the trained network without its most telling cluster.

    Parameters
    ----------
    data : dict
        What ``growing_payload`` returned.
    n_links : int
        Connections that are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        The sheet, right answers in each task, and the cluster's task variance.
    """
    cluster = check_growing(data)["start"]["lesion"]
    arrays, places = unpack(data), positions(data["sheet"])
    labels = arrays["labels"][0].astype(int)
    gone = labels == cluster
    fig, (at, right, varied) = plt.subplots(1, 3, figsize=(WIDTH, 3.9), width_ratios=[2, 0.8, 0.4])
    sheet(at, places, labels, _left(data, arrays, gone), n_links)
    at.plot(*places[gone, ::-1].T, "x", color="black", ms=6, zorder=4)
    at.legend(title="group (crossed out: cut)", loc="upper center", bbox_to_anchor=(0.5, 0), ncols=5)
    rows, variance = np.arange(len(data["names"])), arrays["variance"][0, gone].mean(axis=0)
    right.barh(rows, data["cut"][cluster], color="#B0B0B0", label="cut")
    right.plot(data["intact"], rows, "|", color="black", ms=9, mew=1.8, label="intact")
    right.plot(data["chance"][cluster], rows, "D", color="black", mfc="white", ms=4, label="random cut")
    right.set(yticks=rows, yticklabels=data["names"], xlim=(0, 1.04), xlabel="right answers")
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1))
    varied.barh(rows, variance, color="#B0B0B0")
    varied.set(yticks=[], xlim=(0, 1), xlabel="task variance")
    for ax in (right, varied):
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.tick_params(labelsize=8)
    return fig


def _left(data, arrays, gone) -> np.ndarray:
    """The trained network's connections, as far as the payload has them and no lesion took them."""
    last = len(data["steps"]) - 1
    w = np.zeros((len(gone), len(gone)))
    w[tuple(arrays["ends"][last].T)] = arrays["weights"][last]
    w[gone] = w[:, gone] = 0
    return w
