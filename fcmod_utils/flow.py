"""Flow: where a network's state goes next, seen in a plane, and what losing a unit does to it.

A *network* here is an ensemble of one, ``ensemble[k]``. States may be any vectors, also such as
the network never visits; inputs are held constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .connectivity import functional_connectivity, live_units
from .lesions import check_units
from .networks import Ensemble, check_one
from .tasks import check_count


@dataclass(frozen=True)
class Plane:
    """The plane of the first two principal components of some activity.

    Attributes
    ----------
    origin : ndarray, shape (unit,)
        Mean activity.
    axes : ndarray, shape (2, unit)
        Orthonormal; each points where its largest weight is positive.
    share : ndarray, shape (2,)
        Share of the variance along each axis.
    """

    origin: np.ndarray
    axes: np.ndarray
    share: np.ndarray

    def project(self, states: np.ndarray) -> np.ndarray:
        """States (..., unit) as points (..., 2) of the plane."""
        return (states - self.origin) @ self.axes.T

    def lift(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of the plane as states (..., unit)."""
        return points @ self.axes + self.origin


def principal_plane(activity: np.ndarray) -> Plane:
    """Plane of the first two principal components.

    Parameters
    ----------
    activity : ndarray, shape (row, unit)

    Raises
    ------
    ValueError
        If the activity is not finite, or varies in fewer than two directions.

    Examples
    --------
    >>> principal_plane(np.array([[0.0, 0, 1], [3, 0, 1], [0, 1, 1], [3, 1, 1]])).axes.round(6)
    array([[1., 0., 0.],
           [0., 1., 0.]])
    """
    activity = np.asarray(activity, np.float64)
    if activity.ndim != 2 or activity.shape[1] < 2 or not np.isfinite(activity).all():
        raise ValueError(f"activity has shape {activity.shape}; allowed: (row, unit), finite values only")
    origin = activity.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(activity, rowvar=False, bias=True))
    values, axes = values[::-1].clip(0), vectors.T[::-1][:2]
    if not values[:2].min() > 1e-12 * max(float(np.square(origin).sum()), 1e-12):
        raise ValueError("the activity varies in fewer than two directions; allowed: two or more")
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return Plane(origin, axes * np.sign(largest), values[:2] / values.sum())


def grid(points: np.ndarray, n: int = 25, margin: float = 2.0) -> np.ndarray:
    """An even grid over the range of some points in a plane.

    Parameters
    ----------
    points : ndarray, shape (..., 2)
    n : int
        Grid points along either axis.
    margin : float
        How far the grid reaches beyond the points, on every side.

    Returns
    -------
    ndarray, shape (n * n, 2)
        The first coordinate changes fastest.

    Raises
    ------
    ValueError
        For fewer than 2 points along an axis, a margin that is negative or not finite, or points
        that are not finite.

    Examples
    --------
    >>> grid(np.array([[0.0, 0], [1, 2]]), n=2, margin=1).tolist()
    [[-1.0, -1.0], [2.0, -1.0], [-1.0, 3.0], [2.0, 3.0]]
    """
    check_count(n, "n")
    if n < 2 or not 0 <= margin < np.inf:
        raise ValueError(f"n is {n} and margin {margin}; allowed: n of at least 2, margin of at least 0")
    flat = np.reshape(points, (-1, 2)) if np.shape(points)[-1:] == (2,) else np.empty((0, 2))
    if not len(flat) or not np.isfinite(flat).all():
        raise ValueError(f"points have shape {np.shape(points)}; allowed: (..., 2), one or more, finite")
    x, y = np.linspace(flat.min(axis=0) - margin, flat.max(axis=0) + margin, n).T
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def drive(ensemble: Ensemble, states: torch.Tensor, inputs: Sequence[float]) -> torch.Tensor:
    """Summed input of every unit, ``w_in x + b_in + w_rec r + b_rec``.

    Parameters
    ----------
    ensemble : Ensemble
    states : Tensor, shape (network, state, unit)
    inputs : sequence of float (channel)

    Raises
    ------
    ValueError
        If the inputs do not have the networks' number of channels.
    """
    n_channels = ensemble.w_in.shape[2]
    if np.shape(inputs) != (n_channels,):
        raise ValueError(f"inputs have shape {np.shape(inputs)}; allowed: ({n_channels} channels,)")
    x = torch.as_tensor(inputs, dtype=ensemble.w_in.dtype)
    still = ensemble.w_in @ x + ensemble.b_in + ensemble.b_rec
    return torch.baddbmm(still[:, None], states, ensemble.w_rec.mT)


def step(ensemble: Ensemble, states: torch.Tensor, inputs: Sequence[float]) -> torch.Tensor:
    """States of an ensemble one step later; differentiable.

    Arguments and result as for :func:`drive`.
    """
    rate = getattr(torch.nn.functional, ensemble.nonlinearity)
    return torch.lerp(states, rate(drive(ensemble, states, inputs)), ensemble.alpha)


def arrows(network: Ensemble, plane: Plane, points: np.ndarray, inputs: Sequence[float]) -> np.ndarray:
    """Phase portrait: how far each point of the plane moves in one step, within the plane.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    plane : Plane
    points : ndarray, shape (point, 2)
    inputs : sequence of float (channel)

    Returns
    -------
    ndarray, shape (point, 2)

    References
    ----------
    Tanner et al. (2023), Fig. 5a.
    """
    return plane.project(_step_one(network, plane.lift(points), inputs)) - points


def boundary(network: Ensemble, plane: Plane, pair: tuple[int, int] = (1, 2)) -> tuple[np.ndarray, float]:
    """Decision boundary within a plane: ``normal @ point + offset`` is the one output minus the other.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    plane : Plane
    pair : (int, int)
        Outputs; those of choice 1 and choice 2 unless given.

    Returns
    -------
    normal : ndarray, shape (2,)
        Points to the side where the first output is the greater.
    offset : float

    Raises
    ------
    ValueError
        For more than one network, or outputs that it does not have.
    """
    n_outputs = check_one(network).w_out.shape[1]
    if len(pair) != 2 or not set(pair) <= set(range(n_outputs)):
        raise ValueError(f"pair is {pair!r}; allowed: two outputs, from 0 to {n_outputs - 1}")
    w, b = network.w_out[0].double().numpy(), network.b_out[0].double().numpy()
    difference = w[pair[0]] - w[pair[1]]
    return plane.axes @ difference, float(difference @ plane.origin + b[pair[0]] - b[pair[1]])


@torch.no_grad()
def lesion_distances(
    network: Ensemble, states: np.ndarray, inputs: Sequence[float], units: Sequence[int] | None = None
) -> np.ndarray:
    """Flow distance: how far from its usual place each state lands when a unit is cut out.

    Cutting unit ``u`` sets its recurrent weights to 0, in and out. No copy of the network is
    needed: the drive of every other unit loses ``w_rec[:, u] r_u``, and the drive of ``u`` itself
    falls back to its input and bias.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    states : ndarray, shape (state, unit)
        Where to start from, e.g. a grid in a plane.
    inputs : sequence of float (channel)
    units : sequence of int, optional
        Which units to cut, one at a time; all unless given.

    Returns
    -------
    ndarray, shape (lesion, state)
        Euclidean distance over all units, after one step.

    Raises
    ------
    ValueError
        For a unit that does not exist or states of another size.

    References
    ----------
    Tanner et al. (2023), Fig. 5d-f and its Methods.
    """
    n_units = check_one(network).w_rec.shape[1]
    chosen = check_units(range(n_units) if units is None else units, n_units)
    rate = getattr(torch.nn.functional, network.nonlinearity)
    r = as_states(network, states)
    intact_drive = drive(network, r[None], inputs)[0]
    intact, moved = rate(intact_drive), torch.empty_like(intact_drive)
    alone = rate(drive(network, torch.zeros_like(r[None, :1]), inputs)[0, 0])  # no recurrent input
    distances = np.empty((len(chosen), len(r)), np.float32)
    weights, activity = network.w_rec[0].T.contiguous(), r.T.contiguous()
    for i, u in enumerate(chosen.tolist()):
        torch.addr(intact_drive, activity[u], weights[u], alpha=-1, out=moved)
        difference = rate(moved).sub_(intact)
        difference[:, u] = alone[u] - intact[:, u]
        distances[i] = torch.linalg.vector_norm(difference, dim=1).numpy()
    return network.alpha * distances


def lesion_similarity(distances: np.ndarray) -> np.ndarray:
    """Correlation between the flow distances of all pairs of units, with an empty diagonal.

    Two units are alike if losing the one bends the flow in the same places as losing the other.
    ``distances`` has shape (lesion, state).

    Raises
    ------
    ValueError
        If a unit's distances are all equal (drop such units first), or not finite.

    References
    ----------
    Tanner et al. (2023), Fig. 5d-f.
    """
    return functional_connectivity(np.asarray(distances).T)


def compare(
    network: Ensemble, hidden: np.ndarray, states: np.ndarray, inputs: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lesion similarity beside the functional connectivity of the same units.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    hidden : ndarray, shape (row, unit)
        Its activity in trials, for the functional connectivity.
    states : ndarray, shape (state, unit)
    inputs : sequence of float (channel)

    Returns
    -------
    similarity, fc : ndarray, shape (live unit, live unit)
    live : ndarray of bool, shape (unit,)
        Units that vary in trials and whose loss is not felt equally everywhere.
    """
    distances = lesion_distances(network, states, inputs)
    live = live_units(hidden) & live_units(distances.T)
    return lesion_similarity(distances[live]), functional_connectivity(hidden[:, live]), live


@torch.no_grad()
def _step_one(network: Ensemble, states: np.ndarray, inputs: Sequence[float]) -> np.ndarray:
    return step(check_one(network), as_states(network, states)[None], inputs)[0].numpy()


def as_states(network: Ensemble, states: np.ndarray) -> torch.Tensor:
    """States (state, unit) as the network's kind of numbers; ValueError for another shape."""
    n_units = network.w_rec.shape[1]
    if np.ndim(states) != 2 or np.shape(states)[1] != n_units:
        raise ValueError(f"states have shape {np.shape(states)}; allowed: (state, {n_units} units)")
    return torch.as_tensor(states, dtype=network.w_rec.dtype)
