"""Modules of networks that see digits: from their activity, and from their masked input weights."""

from collections.abc import Sequence

import numpy as np

from .connectivity import connection_similarity
from .digits import scaled
from .modules import detect, find_many
from .perceptrons import Perceptrons, run


def partitions(networks: Perceptrons, sets: np.ndarray, runs: int = 20, seed: int = 0) -> np.ndarray:
    """Modules of the hidden units, found on each set of images for itself.

    Parameters
    ----------
    networks : Perceptrons
    sets : ndarray of uint8, shape (..., image, pixel)
    runs, seed : int
        As for :func:`fcmod_utils.modules.detect`.

    Returns
    -------
    ndarray of int, shape (network, ..., unit)
        -1 for units that are silent on the whole set.
    """
    flat = sets.reshape(-1, *sets.shape[-2:])
    rows = (run(networks[k], images)[0][0] for k in range(len(networks)) for images in flat)
    labels = np.stack([part.labels for part in find_many(rows, runs, seed)])
    return labels.reshape(len(networks), *sets.shape[:-2], -1)


def block_means(matrix: np.ndarray, size: int) -> np.ndarray:
    """Mean of each block of a symmetric matrix, pairs of one thing with itself left out.

    Parameters
    ----------
    matrix : ndarray, shape (..., group x size, group x size)
        Agreement of partitions, say, of ten sets of each digit.
    size : int
        Members of each group, two or more.

    Returns
    -------
    ndarray, shape (..., group, group)

    Raises
    ------
    ValueError
        If the groups do not fill the matrix, or have one member only.

    Examples
    --------
    >>> block_means(np.array([[1, 0.5, 0, 0], [0.5, 1, 0, 0], [0, 0, 1, 0.3], [0, 0, 0.3, 1]]), 2)
    array([[0.5, 0. ],
           [0. , 0.3]])
    """
    matrix = np.asarray(matrix, np.float64)
    n = matrix.shape[-1]
    if size < 2 or n % size or matrix.shape[-2] != n:
        raise ValueError(f"groups of {size} in {matrix.shape}; allowed: 2 or more that fill the matrix")
    blocks = matrix.reshape(*matrix.shape[:-2], n // size, size, n // size, size)
    means = blocks.mean((-3, -1))
    itself = np.einsum("...ikik->...i", blocks) / size**2
    groups = np.arange(n // size)
    means[..., groups, groups] = (means[..., groups, groups] - itself) * size / (size - 1)
    return means


def on_pixels(images: np.ndarray, ink: float = 0.9, share: float = 0.5) -> np.ndarray:
    """Pixels that are on in at least a share of the images: a digit's mask.

    Parameters
    ----------
    images : ndarray of uint8, shape (image, pixel)
    ink : float
        From which value on, 0 to 1, a pixel is on.
    share : float

    Returns
    -------
    ndarray of bool, shape (pixel,)

    Raises
    ------
    ValueError
        If no pixel is on so often: no weight would be left.
    """
    mask = (scaled(images) >= ink).mean(axis=0) >= share
    if not mask.any():
        raise ValueError(f"no pixel reaches {ink} in {share:.0%} of the images; allowed: what one does")
    return mask


def weight_partitions(
    w_in: np.ndarray, masks: np.ndarray, runs: int = 20, seeds: Sequence[int] | None = None
) -> np.ndarray:
    """Modules of the connection similarity of masked input weights, one partition per mask.

    Parameters
    ----------
    w_in : ndarray, shape (unit, pixel)
    masks : ndarray of bool, shape (mask, pixel)
    runs : int
    seeds : sequence of int, optional
        Of each mask's search; by default 0 for all.

    Returns
    -------
    ndarray of int, shape (mask, unit)

    Raises
    ------
    ValueError
        If masks and weights differ in pixels, or a unit is left without weights.
    """
    masks = np.asarray(masks)
    if masks.ndim != 2 or masks.shape[1] != w_in.shape[1] or masks.dtype != bool:
        allowed = f"(mask, {w_in.shape[1]} pixels), bool"
        raise ValueError(f"masks have shape {masks.shape} and are {masks.dtype}; allowed: {allowed}")
    seeds = [0] * len(masks) if seeds is None else seeds
    matrices = [connection_similarity(w_in[:, mask]) for mask in masks]
    return np.stack([detect(one, runs, seed)[0] for one, seed in zip(matrices, seeds, strict=True)])
