"""The module maker as a still picture, for notebooks and print."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from ..connectivity import connection_similarity
from ..modules import find
from ..plots import GREY, WIDTH, module_matrix
from ..projections import noise as send_noise
from ..projections import rules
from ..weight_plots import rules_plane
from .maker_data import MODELS, maker_weights

DIALS = {"inputs": "number of inputs", "share": "share of negative units", "difference": "difference $d$"}


def maker_picture(data: Mapping[str, Any], model: str, at: float, noise: float, draw: int) -> plt.Figure:
    """Draw what the module maker shows: units by rule, similarity, connectivity, and q along the dial.

    Parameters
    ----------
    data : dict
        What ``maker_payload`` returned; its curves are drawn.
    model, at, draw
        As in ``maker_weights``.
    noise : float
        SD of each unit's private noise, one of the payload's.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For a noise that the payload has no curves for, or weights that ``maker_weights`` refuses.
    """
    if noise not in data["noise_levels"]:
        raise ValueError(f"noise is {noise!r}; allowed: {data['noise_levels']}")
    w_in = maker_weights(model, at, draw)
    part = find(send_noise(w_in, data["steps"], draw, noise)[1], runs=5)
    own = data["models"][model]
    values, curve = own["values"], own["curves"][data["noise_levels"].index(noise)]
    fig, axes = plt.subplots(1, 4, figsize=(WIDTH, 2.5), width_ratios=[1, 1, 1, 0.8])
    limit = max(2.0, 1.15 * np.abs(w_in[:, :2]).max())
    rules_plane(axes[0], w_in[:, :2], rules(w_in[:, :2]), part.labels, limit=limit)
    matrices = {"similarity": connection_similarity(w_in), "connectivity": part.fc}
    for ax, (title, matrix) in zip(axes[1:3], matrices.items(), strict=True):
        image = module_matrix(ax, matrix, part.labels, label="unit, by module")
        ax.set_title(title)
    bar = {"location": "bottom", "shrink": 0.5, "ticks": [-1, 0, 1], "label": "cosine, correlation"}
    fig.colorbar(image, ax=axes[1:3], **bar)
    axes[3].fill_between(values, curve["low"], curve["high"], color=GREY, alpha=0.2, lw=0)
    axes[3].plot(values, curve["median"], color=GREY)
    axes[3].plot(at, part.q, "D", color="black")
    axes[3].set(xlabel=DIALS[MODELS[model].parameter], ylabel="modularity $q$", ylim=(-0.02, 0.8))
    return fig
