"""Lesions of networks that do many tasks: which of them fall when a group of units is cut.

A cut unit is gone: nobody hears it, neither the other units nor the read-out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from . import store
from .cog_tasks import NAMES
from .lesions import check_units, random_sets
from .modularity import check_labels
from .networks import Ensemble, check_one
from .task_variance import accuracy
from .trials import check_count

N_TRIALS = 200
N_RANDOM = 10
SEED = 1  # of the trials: not those with which the networks are measured intact
VERSION = 1  # raise when a table would hold other numbers


@dataclass(frozen=True)
class Table:
    """Share of right answers with nothing cut, with each group cut and with as many others cut.

    Attributes
    ----------
    intact : ndarray, shape (task,)
    cut : ndarray, shape (group, task)
    random : ndarray, shape (group, draw, task)
        As many units as the group has, drawn from all that belong to a group.
    """

    intact: np.ndarray
    cut: np.ndarray
    random: np.ndarray

    @property
    def loss(self) -> np.ndarray:
        """What the cut of a group costs, shape (group, task)."""
        return self.intact - self.cut

    @property
    def chance_loss(self) -> np.ndarray:
        """What the cut of as many random units costs, shape (group, draw, task)."""
        return self.intact - self.random


def only(network: Ensemble, units: Sequence[int] | Sequence[Sequence[int]]) -> Ensemble:
    """Copies of a network without some of its units: those are cut, and take no time.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    units : sequence of int, shape (unit,) or (copy, unit)
        Those that stay, in their new order.

    Returns
    -------
    Ensemble
        One network for each copy.

    Raises
    ------
    ValueError
        For several networks or a unit that does not exist.

    Examples
    --------
    >>> from fcmod_utils.networks import initialize
    >>> only(initialize([0], 3, 8, 2), [[1, 5], [2, 7], [0, 6]]).w_rec.shape
    torch.Size([3, 2, 2])
    """
    check_one(network)
    kept = np.atleast_2d(units)
    check_units(kept.ravel(), network.w_rec.shape[1])
    kept = torch.from_numpy(kept.astype(int))
    return network.with_parameters(
        w_in=network.w_in[0][kept],
        b_in=network.b_in[0][kept],
        b_rec=network.b_rec[0][kept],
        w_rec=network.w_rec[0][kept[:, :, None], kept[:, None, :]],
        w_out=network.w_out[0].T[kept].mT.contiguous(),
        b_out=network.b_out.repeat(len(kept), 1),
    )


def heard(network: Ensemble) -> np.ndarray:
    """Units from which a chain of weights leads to an output: the others can go unnoticed.

    Parameters
    ----------
    network : Ensemble
        Of one network.

    Returns
    -------
    ndarray of bool, shape (unit,)
    """
    check_one(network)
    reaches = (network.w_out[0] != 0).any(dim=0)
    while True:
        more = reaches | (network.w_rec[0][reaches] != 0).any(dim=0)
        if bool((more == reaches).all()):
            return reaches.numpy()
        reaches = more


def table(
    network: Ensemble,
    labels: Sequence[int],
    n_random: int = N_RANDOM,
    n_trials: int = N_TRIALS,
    names: Sequence[str] = NAMES,
    seed: int = 0,
) -> Table:
    """Accuracy in each task after the cut of each group, and of as many units at random.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    labels : sequence of int, shape (unit,)
        Group of each unit, from 0; -1 for units of none, which are cut in no run.
    n_random : int
        Random sets for each group.
    n_trials : int
        Of each task; the same ones for all lesions.
    names : sequence of str
        Tasks.
    seed : int
        Of the random sets.

    Raises
    ------
    ValueError
        For several networks, labels that do not fit or name no group, counts that are not positive
        whole numbers, or an unknown task.
    """
    check_one(network)
    labels = check_labels(labels, network.w_rec.shape[1])
    if (labels < 0).all():
        raise ValueError("no unit has a group; allowed: at least one label of 0 or more")
    check_count(n_random, "n_random")
    units, pool = np.flatnonzero(heard(network) | (labels >= 0)), np.flatnonzero(labels >= 0)
    intact, found = accuracy(only(network, units), names, n_trials, SEED)[0], []
    for k in range(labels.max() + 1):
        group = np.flatnonzero(labels == k)
        sets = [group, *random_sets([group] * n_random, [pool] * n_random, seed + k)]
        copies = only(network, [np.setdiff1d(units, cut) for cut in sets])
        found.append(accuracy(copies, names, n_trials, SEED))
    return Table(intact, np.array(found)[:, 0], np.array(found)[:, 1:])


def kept(spec: dict, network: Ensemble, labels: Sequence[int], **how) -> Table:
    """``table``, from the store where it has been made before.

    Parameters
    ----------
    spec : dict
        What made the network.
    network : Ensemble
    labels : sequence of int, shape (unit,)
    **how
        Further arguments of ``table``.
    """
    spec = spec | {"labels": np.asarray(labels).tolist(), "lesions_version": VERSION}
    spec |= {key: list(value) if key == "names" else value for key, value in how.items()}
    arrays = store.get_or_make("lesions_cog", spec, lambda: vars(table(network, labels, **how)))
    return Table(**arrays)


def permuted_r(shares: np.ndarray, losses: np.ndarray, n_draws: int = 1000, seed: int = 0):
    """Correlation of two tables (group, task), and the same with the tasks of one in random orders.

    All groups get the same order, so that a group that matters for everything, or tasks that fall
    together, do so in the null, too.

    Returns
    -------
    r : float
        NaN where one of the tables is constant.
    null : ndarray, shape (draw,)
    """
    shares, losses = np.asarray(shares, float), np.asarray(losses, float)
    if shares.shape != losses.shape or shares.ndim != 2:
        raise ValueError(f"tables of shape {shares.shape} and {losses.shape}; allowed: (group, task), alike")
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(shares.shape[1]), (n_draws, 1)), axis=1)
    a = shares - shares.mean()
    b = np.stack([losses, *losses.T[orders].swapaxes(1, 2)]) - losses.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (a * b).sum((1, 2)) / np.sqrt((a**2).sum() * (losses - losses.mean()).var() * losses.size)
    if not (np.ptp(shares) and np.ptp(losses)):
        r[:] = np.nan
    return float(r[0]), r[1:]
