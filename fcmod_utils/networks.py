"""One leaky RNN for the whole book, held as an ensemble: every array has a leading network axis.

.. math::

   r_{t+1} = (1 - \\alpha) r_t + \\alpha f(W_{in} x_t + b_{in} + W_{rec} r_t + b_{rec}),
   \\qquad y_t = W_{out} r_{t+1} + b_{out}, \\qquad \\alpha = dt / \\tau, \\; r_0 = 0.

Weights act on column vectors, as in ``torch.nn.Linear``: ``w_rec[network, to, from]``.
At alpha = 1 this is the vanilla RNN; the form that rectifies before it leaks is the one in the
public code of the paper's first author.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch

from .recurrence import NONLINEARITIES, recur
from .tasks import check_count

INITIALIZATIONS = ("uniform", "orthogonal")
PARAMETERS = ("w_in", "b_in", "w_rec", "b_rec", "w_out", "b_out")


@dataclass(frozen=True)
class Ensemble:
    """Weights of several networks of the same shape.

    Attributes
    ----------
    w_in : Tensor, shape (network, unit, input)
    b_in, b_rec : Tensor, shape (network, unit)
    w_rec : Tensor, shape (network, unit, unit)
        ``w_rec[network, to, from]``.
    w_out : Tensor, shape (network, output, unit)
    b_out : Tensor, shape (network, output)
    alpha : float
        dt / tau, in (0, 1].
    nonlinearity : {"relu", "tanh", "softplus"}
    """

    w_in: torch.Tensor
    b_in: torch.Tensor
    w_rec: torch.Tensor
    b_rec: torch.Tensor
    w_out: torch.Tensor
    b_out: torch.Tensor
    alpha: float = 1.0
    nonlinearity: str = "relu"

    def __len__(self) -> int:
        return len(self.w_in)

    def __getitem__(self, index: int | slice | Sequence[int]) -> "Ensemble":
        """Some of the networks, still as an ensemble."""
        rows = chosen(index, len(self))
        return replace(self, **{name: getattr(self, name)[rows] for name in PARAMETERS})

    def parameters(self) -> dict[str, torch.Tensor]:
        """The six weight arrays by name."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def with_parameters(self, **weights: torch.Tensor) -> "Ensemble":
        """The same networks with some weight arrays exchanged."""
        return replace(self, **weights)


@dataclass(frozen=True)
class Activity:
    """What an ensemble did on a set of trials.

    Attributes
    ----------
    projection : ndarray, shape (network, time, trial, unit)
        Input-layer output before the recurrent dynamics, ``w_in x + b_in``.
    hidden : ndarray, shape (network, time, trial, unit)
        Recurrent state after each step.
    outputs : ndarray, shape (network, time, trial, output)
        Logits read from ``hidden``.
    """

    projection: np.ndarray
    hidden: np.ndarray
    outputs: np.ndarray

    def __getitem__(self, network: int) -> "Activity":
        """One network's activity, without the network axis."""
        return Activity(*(getattr(self, f.name)[network] for f in fields(self)))


def initialize(
    seeds: Sequence[int],
    n_inputs: int,
    n_units: int,
    n_outputs: int,
    alpha: float = 1.0,
    nonlinearity: str = "relu",
    initialization: str = "uniform",
) -> Ensemble:
    """Untrained networks, each from its own seed.

    ``"uniform"``, as PyTorch's ``Linear`` layers are drawn: every weight and bias uniform within
    +/- 1 / sqrt(fan-in). ``"orthogonal"``, as Keras draws its simple recurrent layer: a random
    orthogonal recurrent matrix, input and output weights uniform within +/- sqrt(6 / (fan-in +
    fan-out)) (Glorot and Bengio, 2010), no biases.

    Raises
    ------
    ValueError
        For sizes that are not positive whole numbers, alpha outside (0, 1], an unknown
        nonlinearity or initialization.
    """
    for name, size in (("n_inputs", n_inputs), ("n_units", n_units), ("n_outputs", n_outputs)):
        check_count(size, name)
    check_dynamics(alpha, nonlinearity)
    if initialization not in INITIALIZATIONS:
        raise ValueError(f"unknown initialization {initialization!r}; allowed: {list(INITIALIZATIONS)}")
    shapes = {
        "w_in": (n_units, n_inputs), "b_in": (n_units,),
        "w_rec": (n_units, n_units), "b_rec": (n_units,),
        "w_out": (n_outputs, n_units), "b_out": (n_outputs,),
    }  # fmt: skip
    fan_in = {"in": n_inputs, "rec": n_units, "out": n_units}
    weights = {name: np.empty((len(seeds), *shape), np.float32) for name, shape in shapes.items()}
    for i, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 0])
        for name, shape in shapes.items():
            if initialization == "orthogonal":
                weights[name][i] = _orthogonal(name, shape, rng)
                continue
            bound = fan_in[name.split("_")[1]] ** -0.5
            weights[name][i] = rng.uniform(-bound, bound, shape)
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    return Ensemble(**tensors, alpha=alpha, nonlinearity=nonlinearity)


def _orthogonal(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """One array of the initialization of this name."""
    if name.startswith("b_"):
        return np.zeros(shape)
    if name == "w_rec":
        q, r = np.linalg.qr(rng.standard_normal(shape))
        return q * np.sign(np.diag(r))  # signs make all orthogonal matrices equally likely
    bound = (6 / sum(shape)) ** 0.5
    return rng.uniform(-bound, bound, shape)


def chosen(index, n: int):
    """Index of the network axis; of one network it is a slice, so that the axis stays."""
    if not isinstance(index, int | np.integer):
        return list(index) if isinstance(index, tuple) else index
    if not -n <= index < n:
        raise IndexError(f"network {index} of {n}")
    return slice(int(index), int(index) + 1 or None)


def check_dynamics(alpha: float, nonlinearity: str) -> None:
    """Raise ValueError unless alpha and the nonlinearity are ones the networks know."""
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha = dt / tau is {alpha!r}; allowed: above 0, up to 1 (dt <= tau)")
    if nonlinearity not in NONLINEARITIES:
        raise ValueError(f"unknown nonlinearity {nonlinearity!r}; allowed: {list(NONLINEARITIES)}")


def check_one(network: Ensemble) -> Ensemble:
    """The ensemble itself; ValueError unless it holds one network."""
    if len(network) != 1:
        raise ValueError(f"{len(network)} networks; allowed: one, e.g. ensemble[0]")
    return network


def forward(
    ensemble: Ensemble, inputs: torch.Tensor, noise: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run every network on its own inputs; the outputs are differentiable in the weights.

    Parameters
    ----------
    ensemble : Ensemble
    inputs : Tensor, shape (time, network, trial, channel)
    noise : Tensor, shape (time, network, trial, unit), optional
        Added to each unit's drive, before the nonlinearity.

    Returns
    -------
    outputs : Tensor, shape (time, network, trial, output)
    hidden : Tensor, shape (time, network, trial, unit)
        Without gradient.

    Raises
    ------
    ValueError
        If the inputs are of another number of networks or channels, or the noise has another shape.
    """
    e, n_units = ensemble, ensemble.w_rec.shape[1]
    if inputs.ndim != 4 or (inputs.shape[1], inputs.shape[3]) != (len(e), e.w_in.shape[2]):
        allowed = f"(time, {len(e)} networks, trial, {e.w_in.shape[2]} channels)"
        raise ValueError(f"inputs have shape {tuple(inputs.shape)}; allowed: {allowed}")
    if noise is not None and noise.shape != (expected := (*inputs.shape[:3], n_units)):
        raise ValueError(f"noise has shape {tuple(noise.shape)}; allowed: {expected}")
    none = e.w_out.new_zeros(*e.w_out.shape[:2], e.w_in.shape[2])
    upper = torch.cat([e.w_rec, e.w_in, (e.b_in + e.b_rec)[..., None]], dim=2)
    lower = torch.cat([e.w_out, none, e.b_out[..., None]], dim=2)
    weights = torch.cat([upper, lower], dim=1)
    return recur(inputs, noise, weights, e.alpha, e.nonlinearity)


@torch.no_grad()
def run(ensemble: Ensemble, inputs: np.ndarray) -> Activity:
    """Activity of every network on the same trials.

    Parameters
    ----------
    ensemble : Ensemble
    inputs : ndarray, shape (time, trial, channel)

    Returns
    -------
    Activity
        With (network, time, trial, ...) arrays.

    Raises
    ------
    ValueError
        If the inputs do not have three axes or the networks' number of channels.

    Examples
    --------
    >>> nets = initialize([0, 1], n_inputs=3, n_units=8, n_outputs=2)
    >>> run(nets, np.zeros((5, 4, 3), np.float32)).hidden.shape
    (2, 5, 4, 8)
    """
    n_channels = ensemble.w_in.shape[2]
    if np.ndim(inputs) != 3 or inputs.shape[2] != n_channels:
        raise ValueError(
            f"inputs have shape {np.shape(inputs)}; allowed: (time, trial, {n_channels} channels)"
        )
    x = torch.as_tensor(inputs, dtype=ensemble.w_in.dtype)
    widths = {"projection": ensemble.w_in.shape[1], "hidden": ensemble.w_in.shape[1]}
    widths["outputs"] = ensemble.w_out.shape[1]
    shape = len(ensemble), *x.shape[:2]
    arrays = {name: np.empty((*shape, n), x.numpy().dtype) for name, n in widths.items()}
    for i in range(len(ensemble)):  # one by one: the working set stays in cache
        network = ensemble[i]
        outputs, hidden = forward(network, x[:, None])
        arrays["projection"][i] = (x @ network.w_in[0].T + network.b_in[0]).numpy()
        arrays["hidden"][i], arrays["outputs"][i] = hidden[:, 0].numpy(), outputs[:, 0].numpy()
    return Activity(**arrays)
