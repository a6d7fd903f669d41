"""Predictive coding: each layer believes something, predicts the next, and learns from its own errors.

Layer l of L predicts ``p_l = f(w_l v_{l-1} + b_l)`` from the belief ``v_{l-1}`` of the layer before it
(``v_0`` is the image, the last layer is linear). Its error is ``e_l = p_l - v_l``; that of the last
layer is the slope of the loss, ``e_L = dLoss / dp_L``. Beliefs begin where a forward pass puts them, and
each step moves them between two forces: their own error, and the next layer's, carried back,

.. math::

   v_l \\leftarrow v_l + \\eta \\left(e_l - e_{l+1} \\frac{\\partial p_{l+1}}{\\partial v_l}\\right).

Then the weights of a layer follow that layer's error, ``e_l dp_l / dw_l``. Two rules differ in what the
predictions are. *Strict*: made from the current beliefs, so that the steps descend the energy
``sum_l |e_l|^2 / 2 + Loss``. *Fixed prediction*: made once, by the forward pass, slopes included.

Rosenbaum (2022), On the relationship between predictive coding and backpropagation, PLoS ONE 17:
e0266102, written here from its equations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from .perceptrons import PARAMETERS, Perceptrons, Weights, output_error
from .recurrence import NONLINEARITIES, SLOPES
from .tasks import check_count

RULES = ("fixed_prediction", "strict")
Layers = Sequence[tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class State:
    """Beliefs after some steps, one array per layer, with what they predict and how that errs.

    Attributes
    ----------
    beliefs : list of Tensor, each (network, image, unit)
        The images first, then one of each hidden layer.
    predictions, errors : list of Tensor, each (network, image, unit)
        Of each hidden layer, then of the outputs.
    outputs : Tensor, shape (network, image, output)
        Of the forward pass.
    """

    beliefs: list[torch.Tensor]
    predictions: list[torch.Tensor]
    errors: list[torch.Tensor]
    outputs: torch.Tensor

    def energy(self, loss: torch.Tensor) -> torch.Tensor:
        """Half the squared errors of the hidden layers plus the loss of the outputs, (network, image)."""
        return sum(((e**2).sum(-1) / 2 for e in self.errors[:-1]), loss)


def check(rule: str, step_size: float, n_steps: int, n_layers: int = 2) -> None:
    """Raise ValueError, naming the value and what is allowed, unless such a rule can teach all layers.

    An error needs one step per layer to come down to the first.
    """
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}; allowed: {', '.join(RULES)}")
    if isinstance(step_size, bool) or not isinstance(step_size, int | float) or not 0 < step_size <= 1:
        raise ValueError(f"step_size is {step_size!r}; allowed: a number above 0, up to 1")
    check_count(n_steps, "n_steps")
    if n_steps < n_layers:
        raise ValueError(
            f"n_steps is {n_steps} for {n_layers} layers; allowed: at least as many steps as layers, "
            "or no error reaches the first"
        )


def settle(
    rule: str,
    layers: Layers,
    inputs: torch.Tensor,
    output_error: Callable[[torch.Tensor], torch.Tensor],
    nonlinearity: str = "relu",
    step_size: float = 0.1,
    n_steps: int = 20,
) -> State:
    """Beliefs of every layer after some steps, begun at the forward pass; weights stay as they are.

    In each step errors are measured and then beliefs moved; the errors given back are those measured
    in the last step, with the beliefs that they belong to.

    Parameters
    ----------
    rule : {"fixed_prediction", "strict"}
    layers : sequence of (w, b)
        ``w[network, to, from]`` and ``b[network, to]``, from the images to the outputs.
    inputs : Tensor, shape (network, image, pixel)
    output_error : callable
        From outputs (network, image, output) to the slope of each image's own loss, same shape.
    nonlinearity : {"relu", "tanh", "softplus"}
        Of the hidden layers.
    step_size : float
        The eta of the equation, above 0, up to 1.
    n_steps : int
        At least the number of layers.

    Returns
    -------
    State

    Raises
    ------
    ValueError
        For an unknown rule or nonlinearity, a step size out of its range, or too few steps.
    """
    check(rule, step_size, n_steps, len(layers))
    if nonlinearity not in NONLINEARITIES:
        raise ValueError(f"unknown nonlinearity {nonlinearity!r}; allowed: {list(NONLINEARITIES)}")
    with torch.no_grad():
        predictions = []
        for depth, layer in enumerate(layers):
            before = predictions[-1] if predictions else inputs
            predictions.append(_predict(layer, before, _kind(depth, layers, nonlinearity)))
        beliefs, outputs = [inputs, *predictions[:-1]], predictions[-1]
        errors = _errors(beliefs, predictions, output_error)
        for _ in range(n_steps - 1):
            for depth in range(1, len(layers)):  # each from the errors measured last
                carried = _slope(errors[depth], predictions[depth], _kind(depth, layers, nonlinearity))
                force = errors[depth - 1] - carried @ layers[depth][0].detach()
                beliefs[depth] = beliefs[depth] + step_size * force
            if rule == "strict":  # the first layer's belief is the image, and stays
                for depth in range(1, len(layers)):
                    kind = _kind(depth, layers, nonlinearity)
                    predictions[depth] = _predict(layers[depth], beliefs[depth], kind)
            errors = _errors(beliefs, predictions, output_error)
        return State(beliefs, predictions, errors, outputs)


def gradients(
    rule: str,
    layers: Layers,
    inputs: torch.Tensor,
    output_error: Callable[[torch.Tensor], torch.Tensor],
    nonlinearity: str = "relu",
    step_size: float = 0.1,
    n_steps: int = 20,
    error_scale: float = 1.0,
) -> tuple[list[tuple[torch.Tensor, torch.Tensor]], torch.Tensor]:
    """What the weights and biases of each layer follow downhill, mean over images.

    Parameters
    ----------
    rule, layers, inputs, output_error, nonlinearity, step_size, n_steps
        As in :func:`settle`.
    error_scale : float
        The error of the outputs is multiplied by this before beliefs move, and the gradient divided
        by it afterwards. It does not matter to fixed predictions; the strict rule comes the nearer to
        backpropagation the smaller it is. A loss that is a mean over a batch has it at 1 / batch.

    Returns
    -------
    gradients : list of (Tensor, Tensor)
        In the shapes of ``layers``.
    outputs : Tensor, shape (network, image, output)
        Of the forward pass.

    Raises
    ------
    ValueError
        As :func:`settle`, and for an error scale that is not above 0 and finite.

    Examples
    --------
    One image, one hidden unit of weight 1 and an output of weight 2 that should be 0: the output errs
    by 2. A fixed prediction's error grows to 2 x 2, but after two steps of 0.1 it is a tenth of that.

    >>> one, none = torch.ones(1, 1, 1), torch.zeros(1, 1)
    >>> layers, whole_output = [(one, none), (2 * one, none)], lambda outputs: outputs
    >>> grads, _ = gradients("fixed_prediction", layers, one, whole_output, "relu", 1.0, 2)
    >>> [w.item() for w, _ in grads]
    [4.0, 2.0]
    >>> grads, _ = gradients("fixed_prediction", layers, one, whole_output, "relu", 0.1, 2)
    >>> [round(w.item(), 6) for w, _ in grads]
    [0.4, 2.0]
    """
    if not 0 < error_scale < float("inf"):
        raise ValueError(f"error_scale is {error_scale!r}; allowed: above 0, finite")

    def scaled(outputs: torch.Tensor) -> torch.Tensor:
        return error_scale * output_error(outputs)

    state = settle(rule, layers, inputs, scaled, nonlinearity, step_size, n_steps)
    sources = state.beliefs
    if rule == "fixed_prediction":  # the whole forward pass is fixed, and the slopes with it
        sources = [inputs, *state.predictions[:-1]]
    found = []
    for depth, source in enumerate(sources):
        kind = _kind(depth, layers, nonlinearity)
        change = _slope(state.errors[depth], state.predictions[depth], kind)
        change = change / (error_scale * inputs.shape[1])
        found.append((change.mT @ source, change.sum(dim=1)))
    return found, state.outputs


def teach(
    networks: Perceptrons,
    x: torch.Tensor,
    targets: torch.Tensor,
    rule: str,
    step_size: float = 0.1,
    n_steps: int = 20,
    error_scale: float = 1.0,
) -> tuple[Weights, torch.Tensor]:
    """Predictive coding in the place of :func:`fcmod_utils.perceptrons.backprop`.

    An image's beliefs answer to its own cross-entropy, however many images are in the batch.

    Parameters
    ----------
    networks : Perceptrons
    x : Tensor, shape (network, image, pixel)
    targets : Tensor of int, shape (network, image)
    rule, step_size, n_steps, error_scale
        As for :func:`gradients`.

    Returns
    -------
    gradients : dict of str to Tensor
    loss : Tensor, shape (network,)
        Mean cross-entropy of the forward pass.
    """
    n_images = x.shape[1]

    def own_error(outputs: torch.Tensor) -> torch.Tensor:
        return n_images * output_error(outputs, targets)[1]

    layers = [(networks.w_in, networks.b_in), (networks.w_out, networks.b_out)]
    found, outputs = gradients(rule, layers, x, own_error, "relu", step_size, n_steps, error_scale)
    arrays = (array for layer in found for array in layer)
    return dict(zip(PARAMETERS, arrays, strict=True)), output_error(outputs, targets)[0]


def _kind(depth: int, layers: Layers, nonlinearity: str) -> str | None:
    """Nonlinearity of a layer, counted from 0; the last has none."""
    return nonlinearity if depth < len(layers) - 1 else None


def _predict(layer: tuple[torch.Tensor, torch.Tensor], belief: torch.Tensor, kind: str | None):
    w, b = (array.detach() for array in layer)
    drive = torch.baddbmm(b[:, None], belief, w.mT)
    if kind:
        NONLINEARITIES[kind](drive, out=drive)
    return drive


def _slope(error: torch.Tensor, prediction: torch.Tensor, kind: str | None) -> torch.Tensor:
    """An error after the nonlinearity as one before it."""
    return SLOPES[kind](error, prediction, out=torch.empty_like(error)) if kind else error


def _errors(beliefs, predictions, output_error) -> list[torch.Tensor]:
    hidden = [p - v for p, v in zip(predictions[:-1], beliefs[1:], strict=True)]
    return [*hidden, output_error(predictions[-1])]
