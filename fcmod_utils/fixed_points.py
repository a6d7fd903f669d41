"""Where a network's state comes to rest, and whether it does: fixed points and long runs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from .flow import as_states, drive, step
from .jacobians import in_double
from .networks import PARAMETERS, Ensemble, check_one
from .processes import map_local
from .recurrence import NONLINEARITIES, SLOPES
from .tasks import check_count

MOVES = 1e-3  # a state that varies by more than this at the end of a long run has not come to rest


@dataclass(frozen=True)
class Search:
    """What a search for fixed points found.

    Attributes
    ----------
    points : ndarray, shape (start, unit)
        End of the descent from each start.
    speed : ndarray, shape (start,)
        Length of the step that the network takes from there.
    converged : ndarray of bool, shape (start,)
        Whether the speed fell below the tolerance. Elsewhere the descent ran out of steps, or into
        a place where the speed is least but not 0: no fixed point.
    """

    points: np.ndarray
    speed: np.ndarray
    converged: np.ndarray


@torch.no_grad()
def search(
    network: Ensemble,
    starts: np.ndarray,
    inputs: Sequence[float],
    tolerance: float = 1e-6,
    max_steps: int = 5_000,
) -> Search:
    """Fixed points under constant input, by gradient descent on half the squared speed.

    All starts descend together, in double precision, with Nesterov's momentum that is given up
    whenever it points uphill. A start is done when its speed is below the tolerance; a
    large tolerance therefore gives slow points, not fixed ones.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    starts : ndarray, shape (start, unit)
    inputs : sequence of float (channel)
    tolerance : float
        In units of activity per step.
    max_steps : int

    Returns
    -------
    Search

    Raises
    ------
    ValueError
        For a tolerance that is not above 0, or starts that do not fit the network.

    References
    ----------
    Sussillo and Barak (2013); O'Donoghue and Candès (2015) for the restart.
    """
    if not 0 < tolerance < np.inf:
        raise ValueError(f"tolerance is {tolerance!r}; allowed: above 0, finite")
    check_count(max_steps, "max_steps")
    net = in_double(check_one(network))
    points, mover = as_states(net, starts).clone(), _mover(net, inputs)
    speed, at = points.new_full((len(points),), np.inf), torch.arange(len(points))
    steepest = net.alpha * (1 + torch.linalg.matrix_norm(net.w_rec[0], 2)).item()
    old, here, age = points.clone(), points.clone(), points.new_zeros(len(points), 1)
    for remaining in reversed(range(max_steps)):
        move, slope = mover(here)
        length = move.norm(dim=1)
        left = length >= tolerance
        if not (remaining and left.all()):
            points[at], speed[at] = here, length
            at, old, here, age, slope = (x[left] for x in (at, old, here, age, slope))
            if not len(at):
                break
        new = torch.add(here, slope, alpha=-1 / steepest**2)
        way = new - old
        age = torch.where((slope * way).sum(dim=1, keepdim=True) > 0, 0, age + 1)  # uphill: momentum ends
        old, here = new, torch.addcmul(new, age / (age + 3), way)
    return Search(points.numpy(), speed.numpy(), (speed < tolerance).numpy())


def _mover(net: Ensemble, inputs: Sequence[float]) -> Callable:
    """A function of states: the step from each, and the gradient of half its squared length."""
    w, name = net.w_rec[0], net.nonlinearity
    rate_of, slope_of = getattr(torch.nn.functional, name), SLOPES[name]
    still, transposed = drive(net, torch.zeros_like(net.w_rec[:, :1]), inputs)[0], w.mT.contiguous()

    def mover(states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rate = rate_of(torch.addmm(still, states, transposed))
        move = (rate - states).mul_(net.alpha)
        back = slope_of(move, rate, torch.empty_like(move))
        return move, torch.addmm(move, back, w, beta=-1).mul_(net.alpha)

    return mover


@torch.no_grad()
def descend(
    network: Ensemble,
    starts: np.ndarray,
    inputs: Sequence[float],
    n_steps: int = 10_000,
    learning_rate: float = 1e-3,
    tolerance: float = 1e-6,
) -> Search:
    """What is often done instead of :func:`search`: so many steps of Adam, wherever they lead.

    Adam descends on the mean squared difference between a state and the next one, from all starts
    at once, in single precision. Its points are often slow, not fixed.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    starts : ndarray, shape (start, unit)
    inputs : sequence of float (channel)
    n_steps : int
    learning_rate : float
    tolerance : float
        Speed below which a point is called converged; nothing else depends on it.

    Returns
    -------
    Search

    References
    ----------
    The notebook that Tanner et al. (2023) point to, from Yang and Wang (2020), has these steps.
    """
    check_count(n_steps, "n_steps")
    points = as_states(check_one(network), starts).clone()[None]
    still = drive(network, torch.zeros_like(points), inputs)[:, :1]
    act, back = NONLINEARITIES[network.nonlinearity], SLOPES[network.nonlinearity]
    transposed = network.w_rec.mT.contiguous()
    mean, square = torch.zeros_like(points), torch.zeros_like(points)
    rate, move, slope, size = (torch.empty_like(points) for _ in range(4))
    # The loss's slope is 2 alpha^2 / (numbers in points) times that below: Adam asks for it in epsilon alone.
    epsilon = 1e-8 * points.numel() / (2 * network.alpha**2)
    for t in range(1, n_steps + 1):  # in place: at these sizes new arrays take longer than the products
        torch.baddbmm(still, points, transposed, out=rate)
        act(rate, out=rate)
        torch.sub(rate, points, out=move)
        back(move, rate, size)
        torch.baddbmm(move, size, network.w_rec, beta=-1, out=slope)
        mean.lerp_(slope, 0.1)
        square.mul_(0.999).addcmul_(slope, slope, value=0.001)
        unbias = math.sqrt(1 - 0.999**t)
        torch.sqrt(square, out=size).add_(epsilon * unbias)
        points.addcdiv_(mean, size, value=-learning_rate * unbias / (1 - 0.9**t))
    speed = _mover(network, inputs)(points[0])[0].norm(dim=1).numpy()
    return Search(points[0].numpy(), speed, speed < tolerance)


def distinct(points: np.ndarray, tolerance: float = 1e-3) -> np.ndarray:
    """Indices of points that differ from all points kept before them.

    Parameters
    ----------
    points : ndarray, shape (point, unit)
    tolerance : float
        Points closer than this are one.

    Examples
    --------
    >>> distinct(np.array([[0.0], [1.0], [1e-6]]))
    array([0, 1])
    """
    kept: list[int] = []
    for i, point in enumerate(points):
        if not (np.linalg.norm(points[kept] - point, axis=1) < tolerance).any():
            kept.append(i)
    return np.array(kept, int)


@dataclass(frozen=True)
class LongRun:
    """Where many states of one network ended after a long run under constant input.

    Attributes
    ----------
    ends : ndarray, shape (state, unit)
        The last state.
    variation : ndarray, shape (state,)
        Over the last steps, highest minus lowest activity of the unit that varies most;
        infinite if the state ran away.
    """

    ends: np.ndarray
    variation: np.ndarray

    @property
    def kind(self) -> str:
        """What the ends are: ``one point``, ``several points``, ``cycle``, ``both``, ``runs away``.

        A cycle is what still moves, a slow approach and growth that has not yet overflowed among it.
        """
        if not np.isfinite(self.variation).all():
            return "runs away"
        moves = self.variation > MOVES
        if moves.any():
            return "cycle" if moves.all() else "both"
        return "one point" if len(distinct(self.ends, 10 * MOVES)) == 1 else "several points"


@torch.no_grad()
def long_run(
    network: Ensemble, states: np.ndarray, inputs: Sequence[float], n_steps: int = 2000, window: int = 200
) -> LongRun:
    """Let many states run under constant input and watch the last steps.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    states : ndarray, shape (state, unit)
    inputs : sequence of float (channel)
    n_steps : int
    window : int
        Steps at the end over which variation is measured.

    Raises
    ------
    ValueError
        For a window longer than the run, or states that do not fit the network.

    References
    ----------
    Tanner et al. (2023), Fig. 5b,c.
    """
    check_count(window, "window")
    if n_steps < window:
        raise ValueError(f"n_steps is {n_steps} with a window of {window}; allowed: n_steps >= window")
    r = as_states(check_one(network), states)[None]
    for _ in range(n_steps - window):
        r = step(network, r, inputs)
    low = high = r
    for _ in range(window):
        r = step(network, r, inputs)
        low, high = torch.minimum(low, r), torch.maximum(high, r)
    variation = (high - low).amax(dim=2)[0].double().nan_to_num(np.inf, np.inf)
    return LongRun(r[0].numpy(), variation.numpy())


def for_each(function: Callable, ensemble: Ensemble, states: Sequence[np.ndarray], **fixed) -> list:
    """``[function(ensemble[k], states[k], **fixed) for k in ...]``, spread over local processes.

    Parameters
    ----------
    function : callable
        ``search``, ``long_run`` or another function of a network and its states, importable by name.
    ensemble : Ensemble
    states : sequence (network) of ndarray, shape (state, unit)
    **fixed
        The same for all networks.

    Raises
    ------
    ValueError
        If there are not as many sets of states as networks.
    """
    if len(states) != len(ensemble):
        raise ValueError(f"{len(states)} sets of states; allowed: one for each of {len(ensemble)} networks")
    # as arrays: tensors would be moved into memory that processes share
    each = [ensemble[k].parameters() for k in range(len(states))]
    arrays = [{name: weights.numpy() for name, weights in one.items()} for one in each]
    like = replace(ensemble, **dict.fromkeys(PARAMETERS))
    return map_local(partial(_for_one, function, like), zip(arrays, states, strict=True), **fixed)


def _for_one(function: Callable, like: Ensemble, item: tuple[dict, np.ndarray], **fixed):
    weights, states = item
    return function(replace(like, **{k: torch.tensor(w) for k, w in weights.items()}), states, **fixed)
