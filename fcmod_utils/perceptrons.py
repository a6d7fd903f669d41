"""Networks without recurrence: pixels, one hidden layer of rectified units, ten digits; many at once.

.. math:: h = \\max(0, W_{in} x + b_{in}), \\qquad y = W_{out} h + b_{out}.

Weights act on column vectors, as in ``torch.nn.Linear``: ``w_in[network, unit, pixel]``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch

from .digits import PIXELS, scaled
from .networks import chosen
from .tasks import check_count

PARAMETERS = ("w_in", "b_in", "w_out", "b_out")
Weights = dict[str, torch.Tensor]
# gradients of each network's own loss, and that loss, from (networks, x, targets)
Rule = Callable[["Perceptrons", torch.Tensor, torch.Tensor], tuple[Weights, torch.Tensor]]


@dataclass(frozen=True)
class Perceptrons:
    """Weights of several networks of the same shape.

    Attributes
    ----------
    w_in : Tensor, shape (network, unit, pixel)
    b_in : Tensor, shape (network, unit)
    w_out : Tensor, shape (network, digit, unit)
    b_out : Tensor, shape (network, digit)
    """

    w_in: torch.Tensor
    b_in: torch.Tensor
    w_out: torch.Tensor
    b_out: torch.Tensor

    def __len__(self) -> int:
        return len(self.w_in)

    def __getitem__(self, index: int | slice | Sequence[int]) -> "Perceptrons":
        """Some of the networks, still with a network axis."""
        rows = chosen(index, len(self))
        return Perceptrons(**{name: array[rows] for name, array in self.parameters().items()})

    def parameters(self) -> Weights:
        """The four weight arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def with_parameters(self, **weights: torch.Tensor) -> "Perceptrons":
        """The same networks with some weight arrays exchanged."""
        return replace(self, **weights)


def initialize(
    seeds: Sequence[int], n_inputs: int = PIXELS, n_units: int = 100, n_outputs: int = 10
) -> Perceptrons:
    """Untrained networks, each from its own seed, drawn as PyTorch's ``Linear`` layers are.

    Every weight and bias is uniform within +/- 1 / sqrt(fan-in).

    Raises
    ------
    ValueError
        For sizes that are not positive whole numbers.
    """
    for name, size in (("n_inputs", n_inputs), ("n_units", n_units), ("n_outputs", n_outputs)):
        check_count(size, name)
    shapes = {
        "w_in": (n_units, n_inputs), "b_in": (n_units,), "w_out": (n_outputs, n_units), "b_out": (n_outputs,),
    }  # fmt: skip
    weights = {name: np.empty((len(seeds), *shape), np.float32) for name, shape in shapes.items()}
    for i, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 0])
        for name, shape in shapes.items():
            bound = (n_inputs if name.endswith("in") else n_units) ** -0.5
            weights[name][i] = rng.uniform(-bound, bound, shape)
    return Perceptrons(**{name: torch.from_numpy(array) for name, array in weights.items()})


def forward(networks: Perceptrons, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What the hidden units and the outputs do; differentiable in weights and pixels.

    Parameters
    ----------
    networks : Perceptrons
    x : Tensor, shape (image, pixel) or (network, image, pixel)
        The same images for all networks, or each network's own.

    Returns
    -------
    hidden : Tensor, shape (network, image, unit)
    outputs : Tensor, shape (network, image, digit)
        Logits.
    """
    if x.ndim == 2:  # one product for all networks: the images are not copied for each
        drive = (x @ networks.w_in.flatten(0, 1).mT).unflatten(1, networks.b_in.shape).transpose(0, 1)
    else:
        drive = x @ networks.w_in.mT
    hidden = torch.relu(drive + networks.b_in[:, None])
    return hidden, hidden @ networks.w_out.mT + networks.b_out[:, None]


@torch.no_grad()
def run(networks: Perceptrons, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activity and outputs of every network on the same images.

    Parameters
    ----------
    networks : Perceptrons
    images : ndarray of uint8, shape (image, pixel), or of float from 0 to 1

    Returns
    -------
    hidden : ndarray, shape (network, image, unit)
    outputs : ndarray, shape (network, image, digit)

    Raises
    ------
    ValueError
        If the images do not have two axes and the networks' number of pixels.
    """
    n_pixels = networks.w_in.shape[2]
    if np.ndim(images) != 2 or images.shape[1] != n_pixels:
        raise ValueError(f"images have shape {np.shape(images)}; allowed: (image, {n_pixels} pixels)")
    ink = np.asarray(images, np.float32) if images.dtype.kind == "f" else scaled(images)
    hidden, outputs = forward(networks, torch.from_numpy(ink))
    return hidden.numpy(), outputs.numpy()


@torch.no_grad()
def backprop(networks: Perceptrons, x: torch.Tensor, targets: torch.Tensor) -> tuple[Weights, torch.Tensor]:
    """Gradient of each network's mean cross-entropy, by the chain rule, one line a layer.

    Parameters
    ----------
    networks : Perceptrons
    x : Tensor, shape (network, image, pixel)
    targets : Tensor of int, shape (network, image)

    Returns
    -------
    gradients : dict of str to Tensor
        Of each weight array, in its shape.
    loss : Tensor, shape (network,)
    """
    hidden, outputs = forward(networks, x)
    loss, out = output_error(outputs, targets)
    back = (out @ networks.w_out) * (hidden > 0)
    return gradients(x, hidden, back, out), loss


def output_error(outputs: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy of each network, and its derivative by the outputs.

    Returns
    -------
    loss : Tensor, shape (network,)
    error : Tensor, shape (network, image, digit)
        Softmax minus the one right digit, over the number of images.
    """
    log_p = torch.log_softmax(outputs, dim=-1)
    right = torch.nn.functional.one_hot(targets, outputs.shape[-1]).to(outputs.dtype)
    return -(log_p * right).sum((1, 2)) / outputs.shape[1], (log_p.exp() - right) / outputs.shape[1]


def gradients(x: torch.Tensor, hidden: torch.Tensor, back: torch.Tensor, out: torch.Tensor) -> Weights:
    """Gradients of all weights from the errors at the two layers' drives.

    Parameters
    ----------
    x, hidden : Tensor, shape (network, image, pixel or unit)
    back : Tensor, shape (network, image, unit)
    out : Tensor, shape (network, image, digit)
    """
    return {"w_in": back.mT @ x, "b_in": back.sum(1), "w_out": out.mT @ hidden, "b_out": out.sum(1)}


def accuracy(networks: Perceptrons, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of images whose digit each network names, shape (network,).

    Raises
    ------
    ValueError
        If there is not one label per image, or none.
    """
    if len(images) != len(labels) or not len(labels):
        raise ValueError(
            f"{len(labels)} labels for {len(images)} images; allowed: one per image, at least one"
        )
    right = np.zeros(len(networks))
    for start in range(0, len(labels), 1000):  # in bounded memory
        these = slice(start, start + 1000)
        right += (run(networks, images[these])[1].argmax(-1) == labels[these]).sum(1)
    return right / len(labels)
