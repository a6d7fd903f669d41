"""Jacobians: how each unit's next activity depends on each unit's present one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from .flow import as_states, step
from .networks import Activity, Ensemble, check_one
from .recurrence import SLOPES


def at(network: Ensemble, states: np.ndarray, inputs: Sequence[float]) -> np.ndarray:
    """Change of each unit's next activity with each unit's present one.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    states : ndarray, shape (state, unit)
    inputs : sequence of float (channel)

    Returns
    -------
    ndarray, shape (state, unit, unit)
        ``[state, to, from]``.
    """
    net = in_double(check_one(network))

    def one(state: torch.Tensor) -> torch.Tensor:
        return step(net, state[None, None], inputs)[0, 0]

    return torch.func.vmap(torch.func.jacrev(one))(as_states(net, states)).numpy()


def eigenvalues(network: Ensemble, states: np.ndarray, inputs: Sequence[float]) -> np.ndarray:
    """Eigenvalues of the Jacobian at each state, largest modulus first.

    A fixed point is stable if all lie within the unit circle; a direction with a real eigenvalue
    near 1 is a slow one, along which the state forgets with time constant ``-dt / log(eigenvalue)``.

    Returns
    -------
    ndarray of complex, shape (state, unit)
    """
    values = np.linalg.eigvals(at(network, states, inputs))
    return np.take_along_axis(values, np.argsort(-np.abs(values), axis=1), axis=1)


def mean_jacobian(network: Ensemble, did: Activity) -> np.ndarray:
    """Jacobian averaged over all steps of all trials that a network ran.

    Parameters
    ----------
    network : Ensemble
        Of one network.
    did : Activity
        Of this network: arrays (time, trial, unit), as from ``run(network, inputs)[0]``.

    Returns
    -------
    ndarray, shape (unit, unit)
        ``[to, from]``.

    Raises
    ------
    ValueError
        If the activity has another shape.
    """
    n_units = check_one(network).w_rec.shape[1]
    if did.hidden.ndim != 3 or did.hidden.shape[2] != n_units:
        raise ValueError(f"activity has shape {did.hidden.shape}; allowed: (time, trial, {n_units} units)")
    before = torch.from_numpy(did.hidden).roll(1, dims=0)
    before[0] = 0  # every trial starts from zero
    drives = torch.from_numpy(did.projection) + network.b_rec[0] + before @ network.w_rec[0].T
    rates = getattr(torch.nn.functional, network.nonlinearity)(drives)
    slope = SLOPES[network.nonlinearity](torch.ones_like(rates), rates, torch.empty_like(rates))
    gain = slope.double().mean(dim=(0, 1))[:, None].numpy()
    return (1 - network.alpha) * np.eye(n_units) + network.alpha * gain * network.w_rec[0].double().numpy()


def in_double(network: Ensemble) -> Ensemble:
    """The same network in double precision."""
    return replace(network, **{name: weights.double() for name, weights in network.parameters().items()})
