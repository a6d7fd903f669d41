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

from .tasks import check_count

PARAMETERS = ("w_in", "b_in", "w_rec", "b_rec", "w_out", "b_out")
NONLINEARITIES = {
    "relu": torch.relu_,
    "tanh": torch.tanh_,
    "softplus": lambda x: x.copy_(torch.nn.functional.softplus(x)),
}
# slopes of the smooth nonlinearities, as functions of their output
_SLOPES = {
    "tanh": lambda a: 1 - a * a,
    "softplus": lambda a: -torch.expm1(-a),
}


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
        rows = slice(index, index + 1 or None) if isinstance(index, int) else index
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
) -> Ensemble:
    """Untrained networks, each from its own seed, drawn as PyTorch's ``Linear`` layers are.

    Every weight and bias is uniform within +/- 1 / sqrt(fan-in).

    Raises
    ------
    ValueError
        For sizes that are not positive whole numbers, alpha outside (0, 1] or an unknown
        nonlinearity.
    """
    for name, size in (("n_inputs", n_inputs), ("n_units", n_units), ("n_outputs", n_outputs)):
        check_count(size, name)
    check_dynamics(alpha, nonlinearity)
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
            bound = fan_in[name.split("_")[1]] ** -0.5
            weights[name][i] = rng.uniform(-bound, bound, shape)
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    return Ensemble(**tensors, alpha=alpha, nonlinearity=nonlinearity)


def check_dynamics(alpha: float, nonlinearity: str) -> None:
    """Raise ValueError unless alpha and the nonlinearity are ones the networks know."""
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha = dt / tau is {alpha!r}; allowed: above 0, up to 1 (dt <= tau)")
    if nonlinearity not in NONLINEARITIES:
        raise ValueError(f"unknown nonlinearity {nonlinearity!r}; allowed: {list(NONLINEARITIES)}")


class _Recurrence(torch.autograd.Function):
    """All time steps of an ensemble as one operation with a hand-written backward pass.

    Autograd would record a dozen small nodes per step. Here a step is two batched products and
    one in-place nonlinearity, and each weight gradient is one large product per network.
    """

    @staticmethod
    def forward(ctx, inputs, w_in, w_rec, w_out, alpha, nonlinearity):
        act = NONLINEARITIES[nonlinearity]
        from_in, from_rec = w_in.transpose(1, 2), w_rec.transpose(1, 2)
        rates = inputs.new_empty(*inputs.shape[:3], w_rec.shape[1])
        states = rates if alpha == 1 else torch.empty_like(rates)
        for t, (rate, state) in enumerate(zip(rates, states, strict=True)):
            torch.bmm(inputs[t], from_in, out=rate)
            if t:
                rate.baddbmm_(states[t - 1], from_rec)
            act(rate)
            if alpha != 1:
                torch.mul(rate, alpha, out=state)
                if t:
                    state.add_(states[t - 1], alpha=1 - alpha)
        outputs = inputs.new_empty(*inputs.shape[:3], w_out.shape[1])
        for i, weights in enumerate(w_out):
            outputs[:, i] = states[:, i] @ weights.T
        ctx.save_for_backward(inputs, w_rec, w_out, rates, states)
        ctx.alpha, ctx.nonlinearity = alpha, nonlinearity
        ctx.mark_non_differentiable(states)
        return outputs, states

    @staticmethod
    def backward(ctx, grad, _):
        inputs, w_rec, w_out, rates, states = ctx.saved_tensors
        grad = grad.contiguous()
        delta = _backward_through_time(ctx, grad, w_rec, w_out, rates)
        grad_in = w_rec.new_empty(*w_rec.shape[:2], inputs.shape[-1])
        grads = grad_in, torch.empty_like(w_rec), torch.empty_like(w_out)
        rows = grad.shape[0] * grad.shape[2]
        for i, (grad_in, grad_rec, grad_out) in enumerate(zip(*grads, strict=True)):
            change, state = delta[:, i].reshape(rows, -1), states[:, i].reshape(rows, -1)
            later = change[grad.shape[2] :]
            torch.mm(change.T, inputs[:, i].reshape(rows, -1), out=grad_in)
            torch.mm(later.T, state[: len(later)], out=grad_rec)
            torch.mm(grad[:, i].reshape(rows, -1).T, state, out=grad_out)
        return None, *grads, None, None


def _backward_through_time(ctx, grad, w_rec, w_out, rates):
    """Gradient with respect to the pre-activations, shape (time, network, trial, unit)."""
    delta, carry = torch.empty_like(rates), None
    for t in range(len(grad) - 1, -1, -1):
        total = torch.bmm(grad[t], w_out, out=delta[t])
        if t < len(grad) - 1:
            total.baddbmm_(delta[t + 1], w_rec)
        if ctx.alpha != 1:
            if carry is not None:
                total.add_(carry, alpha=1 - ctx.alpha)
            carry = total.clone()  # gradient with respect to the leaking state
            total.mul_(ctx.alpha)
        if ctx.nonlinearity == "relu":
            _relu_backward(total, rates[t], 0, grad_input=total)
        else:
            total.mul_(_SLOPES[ctx.nonlinearity](rates[t]))
    return delta


_relu_backward = torch.ops.aten.threshold_backward.grad_input


def forward(ensemble: Ensemble, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Run every network on its own inputs; the outputs are differentiable in the weights.

    Parameters
    ----------
    ensemble : Ensemble
    inputs : Tensor, shape (time, network, trial, channel)

    Returns
    -------
    outputs : Tensor, shape (time, network, trial, output)
    hidden : Tensor, shape (time, network, trial, unit)
        Without gradient.
    """
    one = inputs.new_ones(*inputs.shape[:-1], 1)  # a constant channel carries the biases
    w_in = torch.cat([ensemble.w_in, (ensemble.b_in + ensemble.b_rec)[..., None]], dim=2)
    outputs, hidden = _Recurrence.apply(
        torch.cat([inputs, one], dim=3), w_in, ensemble.w_rec, ensemble.w_out,
        ensemble.alpha, ensemble.nonlinearity,
    )  # fmt: skip
    return outputs + ensemble.b_out[:, None], hidden


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
    arrays: dict[str, list[np.ndarray]] = {"projection": [], "hidden": [], "outputs": []}
    for i in range(len(ensemble)):  # one by one: the working set stays in cache
        network = ensemble[i]
        outputs, hidden = forward(network, x[:, None])
        arrays["projection"].append((x @ network.w_in[0].T + network.b_in[0]).numpy())
        arrays["hidden"].append(hidden[:, 0].numpy())
        arrays["outputs"].append(outputs[:, 0].numpy())
    return Activity(**{name: np.stack(values) for name, values in arrays.items()})
