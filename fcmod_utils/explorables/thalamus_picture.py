"""The thalamus map as a still picture, for notebooks."""

import matplotlib.pyplot as plt
import numpy as np

from .. import brains
from ..brain_data import Cortex
from ..modules import detect
from ..plots import WIDTH, module_matrix
from ..plots import cortex as draw_cortex
from .thalamus_data import similarity_without


def left_of(similarity: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """What distance leaves of a similarity, as a matrix with an empty diagonal.

    Parameters
    ----------
    similarity, distance : ndarray, shape (area, area)

    Returns
    -------
    ndarray, shape (area, area)
    """
    left = np.zeros_like(similarity)
    left[np.triu_indices(len(left), 1)] = brains.without_distance(
        brains.pairs(similarity), brains.pairs(distance)
    )
    return left + left.T


def thalamus_picture(cortex: Cortex, without: str = "", distance: bool = False) -> plt.Figure:
    """Draw similarity of thalamic input, its modules and r, without one nucleus.

    Parameters
    ----------
    cortex : Cortex
    without : str
        The nucleus that is removed; "" for none.
    distance : bool
        Whether distance is taken out.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For a nucleus that the cortex does not have.
    """
    nuclei = cortex.sources["TH"]
    if without and without not in nuclei:
        raise ValueError(f"without is {without!r}; allowed: '' or one of {', '.join(nuclei)}")
    raw = similarity_without(cortex.inputs["TH"], nuclei.index(without) if without else None)
    s = left_of(raw, cortex.distance) if distance else raw
    labels, q = detect(s, 20)
    r = brains.relation(raw, cortex.fc, cortex.distance if distance else None)
    front, _, right = cortex.coordinates.T
    fig, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.4))
    image = module_matrix(axes[0], s, labels, label="area, by module")
    axes[0].set_title(f"r = {r:.3f}, q = {q:.2f}")
    fig.colorbar(image, ax=axes[0], label="similarity", ticks=[-1, 0, 1], shrink=0.75)
    draw_cortex(axes[1], np.stack([right, -front], 1), labels, cortex.names, "from above")
    return fig
