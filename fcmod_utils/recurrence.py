"""All time steps of an ensemble as one operation, forward and backward: where training spends its time."""

import numpy as np
import torch

BLOCK = 5  # steps of the backward pass between two products for the gradient of the weights, or more
SMALL = 2**16  # weights of a network up to which products are faster for many networks, and by numpy

# each writes into `out`, which may be `x` itself; numpy's tanh is several times faster than torch's
NONLINEARITIES = {
    "relu": lambda x, out: torch.clamp_min(x, 0, out=out),
    "tanh": lambda x, out: np.tanh(x.numpy(), out=out.numpy()),
    "softplus": lambda x, out: torch.nn.functional.softplus(x, out=out),
}
_ATEN = torch.ops.aten
_relu_slope, _tanh_slope = _ATEN.threshold_backward.grad_input, _ATEN.tanh_backward.grad_input
# gradient before the nonlinearity from the gradient after it and the nonlinearity's output
SLOPES = {
    "relu": lambda grad, a, out: _relu_slope(grad, a, 0, grad_input=out),
    "tanh": lambda grad, a, out: _tanh_slope(grad, a, grad_input=out),
    "softplus": lambda grad, a, out: torch.mul(grad, -torch.expm1(-a), out=out),
}


def is_small(weights: torch.Tensor) -> bool:
    """Whether these networks take their steps together; larger ones leave each other no room in cache.

    Parameters
    ----------
    weights : Tensor, shape (network, row, column)
        As in :func:`recur`.

    Examples
    --------
    >>> [is_small(torch.empty(10, n + 3, n + 4)) for n in (100, 200, 400)]
    [True, True, False]
    """
    return weights[0].numel() <= SMALL


def recur(
    inputs: torch.Tensor, noise: torch.Tensor | None, weights: torch.Tensor, alpha: float, nonlinearity: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs and states of an ensemble whose weights stand in one array; differentiable in the weights.

    Parameters
    ----------
    inputs : Tensor, shape (time, network, trial, channel)
    noise : Tensor, shape (time, network, trial, unit), or None
        Added to the drive.
    weights : Tensor, shape (network, unit + output, unit + channel + 1)
        ``[[w_rec, w_in, b_in + b_rec], [w_out, 0, b_out]]``.
    alpha : float
    nonlinearity : {"relu", "tanh", "softplus"}

    Returns
    -------
    outputs : Tensor, shape (time, network, trial, output)
    hidden : Tensor, shape (time, network, trial, unit)
        Without gradient.
    """
    count = len(weights) if is_small(weights) else 1
    noises = [None] * len(weights) if noise is None else noise.split(count, dim=1)
    groups = zip(inputs.split(count, dim=1), noises, weights.split(count), strict=False)
    done = [_Recurrence.apply(*group, alpha, nonlinearity) for group in groups]
    if len(done) == 1:
        return done[0]
    outputs, hidden = (torch.cat(parts, dim=1) for parts in zip(*done, strict=True))
    return outputs, hidden


class _Recurrence(torch.autograd.Function):
    """One operation with a hand-written backward pass, for networks that step together.

    With the state ``s_t = (r_t, x_t, 1)`` one matrix does everything a step needs,

    ``[[w_rec, w_in, b_in + b_rec], [w_out, 0, b_out]] s_t = (drive of r_{t+1}, outputs of r_t)``,

    so a step is one batched product and one nonlinearity, forward and backward, and the gradient
    of all weights is one product per network and block of steps. Autograd would record a dozen
    nodes per step. Of small networks the products are numpy's, whose library is the faster one
    there and takes networks one by one, so that their number does not change how they are rounded.
    """

    @staticmethod
    def forward(ctx, inputs, noise, weights, alpha, nonlinearity):
        act, (multiply, view) = NONLINEARITIES[nonlinearity], _products(weights)
        n_steps, n_networks, n_trials, n_channels = inputs.shape
        n_units = weights.shape[2] - n_channels - 1
        states = inputs.new_empty(n_networks, n_steps + 1, n_trials, weights.shape[2])
        states[:, 0, :, :n_units] = states[:, -1, :, n_units:-1] = 0.0
        states[:, :-1, :, n_units:-1], states[..., -1] = inputs.transpose(0, 1), 1.0
        hidden = states[:, 1:, :, :n_units]
        rates = hidden if alpha == 1 else torch.empty_like(hidden)
        transposed = weights.detach().mT.contiguous()
        recurrent, read_out = view(transposed[..., :n_units]), transposed[..., n_units:].numpy()
        state, drive = view(states), view(rates)
        state_at, rate_at = states[..., :n_units].unbind(1), rates.unbind(1)  # views made once
        for t in range(n_steps):
            multiply(state[:, t], recurrent, out=drive[:, t])
            if noise is not None:
                rate_at[t].add_(noise[t])
            act(rate_at[t], out=rate_at[t])
            if alpha != 1:
                torch.lerp(state_at[t], rate_at[t], alpha, out=state_at[t + 1])
        later = states[:, 1:].flatten(1, 2).numpy()  # many rows, few columns: numpy's at any size
        outputs = torch.from_numpy(np.matmul(later, read_out)).unflatten(1, (n_steps, n_trials))
        ctx.save_for_backward(weights, states, rates)
        ctx.alpha, ctx.nonlinearity = alpha, nonlinearity
        hidden = hidden.transpose(0, 1)
        ctx.mark_non_differentiable(hidden)
        return outputs.transpose(0, 1), hidden

    @staticmethod
    def backward(ctx, grad, _):
        weights, states, rates = ctx.saved_tensors
        n_networks, n_steps, n_trials, n_units = rates.shape
        slope, (multiply, view) = SLOPES[ctx.nonlinearity], _products(weights)
        grad, block = grad.transpose(0, 1), max(BLOCK, n_units // 20)
        # Row i of a block holds the changes of (drive, outputs) made of state `start + i - 1`.
        changes = weights.new_zeros(n_networks, block + 1, n_trials, weights.shape[1])
        change, state = view(changes), view(states)
        drive_at, rate_at = changes[..., :n_units].unbind(1), rates.unbind(1)
        to_rates = view(weights[..., :n_units].contiguous())
        upstream = weights.new_empty(n_networks, n_trials, n_units)
        leak, back = torch.zeros_like(upstream), view(upstream)
        grad_weights, share = torch.zeros_like(weights), torch.empty_like(weights)
        for start in range(n_steps + 1 - block, -block, -block):
            stop, first = start + block, max(start, 1)
            drive_at[block].copy_(drive_at[0])  # where the block before has ended
            changes[:, : 2 - start, :, n_units:] = 0.0  # nothing is read from the first state
            changes[:, first - start + 1 :, :, n_units:] = grad[:, first - 1 : stop - 1]
            for t in range(stop - 1, first - 1, -1):
                multiply(change[:, t - start + 1], to_rates, out=back)
                if ctx.alpha != 1:
                    leak.mul_(1 - ctx.alpha).add_(upstream)
                    torch.mul(leak, ctx.alpha, out=upstream)
                slope(upstream, rate_at[t - 1], out=drive_at[t - start])
            made, of = change[:, max(1 - start, 1) :], state[:, max(start, 0) : stop]
            rows = n_networks, made.shape[1] * n_trials, -1
            multiply(made.reshape(rows).swapaxes(1, 2), of.reshape(rows), out=view(share))
            grad_weights += share
        return None, None, grad_weights, None, None


def _products(weights: torch.Tensor) -> tuple:
    """The faster library's batched product for networks of this size, and how it wants its arrays."""
    return (np.matmul, torch.Tensor.numpy) if is_small(weights) else (torch.bmm, torch.Tensor.detach)
