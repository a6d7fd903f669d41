"""The sheet as it grows: one network along its training, and networks along the strength of their penalty.

What a reader looks at of them: where each neuron sits, the strongest connections, how well each task goes.
A checkpoint has its neurons in the order of the cells, so who is who is lost where neurons changed places;
here they are followed by their weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import linear_sum_assignment

from . import cog_lesions, grown, scale, store
from .networks import Ensemble
from .task_variance import accuracy, active, normalized, of_network, task_variance
from .training import LARGE, checkpoints, fit
from .trials import check_count

VERSION = 2  # raise when the same networks would be told in another way
SWEPT = ("bimt", "l1")
STRONGEST = 1200  # connections that are kept of each network, at most
CUT = 1e-2  # weaker ones count as none (Liu et al. 2023)
N_TRIALS = 200  # of each task, at each checkpoint
STAY = 3e-4  # likeness that a move by one cell must bring: dead neurons are all alike and would seem to jump
ROUNDS = 20


@dataclass(frozen=True)
class Links:
    """The strongest connections between different units of a network.

    Attributes
    ----------
    ends : ndarray of int, shape (link, 2)
        Unit that receives, unit that sends; the strongest first.
    weights : ndarray, shape (link,)
        0 in rows that a sparse network leaves over.
    count : int
        Connections above ``CUT``, shown or not.
    length : float
        Their mean length in grid steps, city block; NaN if there are none.
    """

    ends: np.ndarray
    weights: np.ndarray
    count: int
    length: float


def links(w_rec: np.ndarray, steps: np.ndarray, n: int = STRONGEST) -> Links:
    """The ``n`` strongest connections of a network, and what all above ``CUT`` come to.

    Parameters
    ----------
    w_rec : ndarray, shape (to, from)
    steps : ndarray, shape (unit, unit)
        Distance between units in grid steps.
    n : int

    Examples
    --------
    >>> found = links(np.array([[5.0, 0.5], [0, 5]]), np.array([[0, 3], [3, 0]]), n=2)
    >>> found.ends.tolist(), found.weights.tolist(), found.count, found.length
    ([[0, 1], [0, 0]], [0.5, 0.0], 1, 3.0)
    """
    check_count(n, "n")
    size = np.abs(w_rec) * (1 - np.eye(len(w_rec)))
    above = size > CUT
    order = np.argsort(-size, axis=None, kind="stable")[: min(n, int(above.sum()))]
    ends, weights = np.zeros((n, 2), int), np.zeros(n)
    ends[: len(order)] = np.stack(np.unravel_index(order, size.shape), axis=1)
    weights[: len(order)] = w_rec.ravel()[order]
    length = steps[above].mean() if above.any() else np.nan
    return Links(ends, weights, int(above.sum()), float(length))


def follow(networks: Sequence[Ensemble], steps: np.ndarray) -> np.ndarray:
    """Cell of each neuron of the last network in every one before it, shape (network, unit).

    Neurons are matched from network to network by their weights, see :func:`match`; where a network is new
    to its task its weights change much between checkpoints, and a neuron without weights is like any other:
    of those, no more is known than that someone sat there.

    Parameters
    ----------
    networks : sequence of Ensemble
        One network each, units in the order of the cells, from one checkpoint to the next.
    steps : ndarray, shape (cell, cell)
        Distance between cells in grid steps.
    """
    cells = [np.arange(len(steps))]
    for before, after in zip(networks[-2::-1], networks[:0:-1], strict=True):
        cells.append(np.argsort(match(before, after, steps))[cells[-1]])
    return np.stack(cells[::-1])


def match(before: Ensemble, after: Ensemble, steps: np.ndarray) -> np.ndarray:
    """Which unit of a later network each unit of an earlier one is, shape (unit,).

    The assignment that leaves the least squared change of all weights and biases: first by those of input,
    output and bias alone, then, again and again, by the recurrent ones that the last assignment implies. A
    move by one cell must pay for ``STAY``.

    Parameters
    ----------
    before, after : Ensemble
        One network each.
    steps : ndarray, shape (unit, unit)
    """
    alike = _ends(before) @ _ends(after).T - STAY * steps
    a, b = (one.w_rec[0].numpy().astype(float) for one in (before, after))
    to = linear_sum_assignment(alike, maximize=True)[1]
    found, best = to, -np.inf
    for _ in range(ROUNDS):
        value = alike[np.arange(len(to)), to].sum() + (a * b[np.ix_(to, to)]).sum()
        if value <= best + 1e-9 * abs(value):
            return found
        best, found = value, to
        to = linear_sum_assignment(alike + a @ b[:, to].T + a.T @ b[to], maximize=True)[1]
    return found


def _ends(network: Ensemble) -> np.ndarray:
    """Weights of each unit that are not recurrent, shape (unit, weight)."""
    parts = network.w_in, network.w_out.mT, network.b_in[..., None], network.b_rec[..., None]
    return np.concatenate([part[0].numpy() for part in parts], axis=1).astype(float)


def story(seed: int = 0, size: scale.Scale | None = None) -> dict[str, np.ndarray]:
    """A BIMT network along its training, and both kinds over the strengths of their penalty.

    Read from the store or the book's artifacts; made from the networks' trainings where it is in neither.

    Parameters
    ----------
    seed : int
        Of the network that is followed.
    size : Scale, optional
        By default the present one.

    Returns
    -------
    dict of ndarray
        Frames are the checkpoints of training, then the strengths of ``SWEPT``, kind by kind.
        ``steps`` (checkpoint,); ``strengths`` (strength,); ``cells`` (checkpoint, unit), see :func:`follow`;
        ``ends`` (frame, link, 2), ``weights`` (frame, link), ``count`` and ``length`` (frame,), see
        :class:`Links`, in the numbers of the followed neurons; ``active`` (frame, unit); ``accuracy``
        (frame, task).
        Looks are the trained network, then the sweeps': ``labels`` (look, unit), see
        ``task_variance.of_network``; ``variance`` (look, unit, task), normalized.
        ``intact`` (task,), ``cut`` and ``chance`` (cluster, task): see ``cog_lesions.Table``, mean over
        random sets.

    Raises
    ------
    ValueError
        For a seed that the book's networks do not have.
    """
    size = size or scale.current()
    if seed not in (seeds := grown.seeds_of("bimt", size)):
        raise ValueError(f"seed is {seed!r}; allowed: {', '.join(map(str, seeds))}")
    return store.get_or_make("growth", story_spec(seed, size), partial(_make, seed, size))


def story_spec(seed: int, size: scale.Scale) -> dict:
    """All that the story's entry in the store hangs on."""
    recipe = grown.recipe_of("bimt", size)
    swept = [one.address([0]) for kind in SWEPT for one in grown.swept(kind, size).values()]
    versions = [VERSION, grown.VERSION, cog_lesions.VERSION]
    every = recipe.checkpoint_every
    return {"versions": versions, "story": recipe.address([seed]), "checkpoint_every": every, "swept": swept}


def _make(seed: int, size: scale.Scale) -> dict[str, np.ndarray]:
    net = next(one for one in grown.grow("bimt", size) if one.seed == seed)
    every = [(kind, strength) for kind in SWEPT for strength in grown.swept(kind, size)]
    others = [grown.at_strength(*one, size, [0])[0] for one in every]
    told, cells = _checkpoints(net, size)
    stay = [np.arange(len(net.active))] * len(others)
    shown = [told, _frames([(one.w_rec, one.active, one.accuracy) for one in others], stay, grid_steps(net))]
    labels = [clusters(one.variance) for one in (net, *others)]
    table = cog_lesions.table(net.network, labels[0], names=net.names)
    return {
        **{name: np.concatenate([one[name] for one in shown]) for name in told if name != "steps"},
        "steps": told["steps"],
        "strengths": np.array(list(grown.swept("bimt", size))),
        "cells": cells.astype(np.uint16),
        "labels": np.array(labels, np.int16),
        "variance": np.array([normalized(one.variance) for one in (net, *others)], np.float16),
        "intact": table.intact,
        "cut": table.cut,
        "chance": table.random.mean(axis=1),
    }


def clusters(variance: np.ndarray) -> np.ndarray:
    """``task_variance.of_network``; one cluster where too few units are active for more."""
    alive = active(variance)
    return of_network(variance) if alive.sum() > 2 else np.where(alive, 0, -1)


def grid_steps(net: grown.Grown) -> np.ndarray:
    """City-block distance between the cells of a network's sheet, in steps of its grid."""
    return np.round(net.lengths * max(net.sheet))


def _checkpoints(net: grown.Grown, size: scale.Scale) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The frames of a network's training, and where its neurons sat."""
    # small networks are trained and kept in company, so all of them are asked for
    seeds = [net.seed] if net.recipe.units > LARGE else grown.seeds_of("bimt", size)
    trained = fit(net.recipe, seeds)
    which = trained.seeds.index(net.seed)
    nets = {step: every[which] for step, every in checkpoints(trained).items()}
    steps = grid_steps(net)
    cells = follow(list(nets.values()), steps)
    seen = []
    for network in list(nets.values())[:-1]:
        variance = task_variance(network, net.names, N_TRIALS)[0]
        seen.append((network.w_rec[0].numpy(), active(variance), accuracy(network, net.names, N_TRIALS)[0]))
    seen.append((nets[net.step].w_rec[0].numpy(), net.active, net.accuracy))
    return _frames(seen, cells, steps) | {"steps": np.array(list(nets))}, cells


def _frames(
    seen: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], cells: Sequence[np.ndarray], steps: np.ndarray
) -> dict[str, np.ndarray]:
    """Weights, active units and accuracy of networks as arrays, in the numbers of the followed neurons."""
    found = [links(w_rec, steps) for w_rec, _, _ in seen]
    neuron = [np.argsort(at) for at in cells]
    return {
        "ends": np.array([of[one.ends] for of, one in zip(neuron, found, strict=True)], np.uint16),
        "weights": np.array([one.weights for one in found], np.float32),
        "count": np.array([one.count for one in found]),
        "length": np.array([one.length for one in found]),
        "active": np.array([alive[at] for (_, alive, _), at in zip(seen, cells, strict=True)]),
        "accuracy": np.array([share for _, _, share in seen]),
    }
