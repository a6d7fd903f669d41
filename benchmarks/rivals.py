"""Other ways to train the same networks, written as their own manuals would: what ours is measured against.

All start from the same weights, draw the same batches and take the same loss and optimizer as ours.
The plain loop is also the oracle of the tests: same numbers, written for reading.
"""

import math
import time
from dataclasses import replace

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from fcmod_utils import networks, tasks, training

ACTS = {"relu": torch.relu, "tanh": torch.tanh, "softplus": nn.functional.softplus}


class Layered(nn.Module):
    """A network whose weights come from, and compare with, one network of an ensemble."""

    def arrays(self, gradients: bool = False) -> dict[str, torch.Tensor]:
        """Weights (or their gradients) under the names that an ensemble gives them."""
        found = self.named()
        return {k: (v.grad if gradients else v.detach()) for k, v in found.items()}

    def take(self, ensemble: networks.Ensemble, network: int) -> None:
        """Copy the weights of one network of an ensemble."""
        for name, parameter in self.named().items():
            parameter.data = getattr(ensemble, name)[network].detach().clone()


class PlainRNN(Layered):
    """(a) One leaky RNN as a tutorial would write it: ``nn.Linear`` layers, a loop over time."""

    def __init__(self, ensemble: networks.Ensemble, network: int = 0):
        super().__init__()
        self.alpha, self.act = ensemble.alpha, ACTS[ensemble.nonlinearity]
        for name in ("in", "rec", "out"):
            outs, ins = getattr(ensemble, f"w_{name}").shape[1:]
            setattr(self, f"{name}_layer", nn.Linear(ins, outs))
        self.take(ensemble, network)

    def named(self) -> dict[str, nn.Parameter]:
        """Parameters under the names that an ensemble gives them."""
        layers = {name: getattr(self, f"{name}_layer") for name in ("in", "rec", "out")}
        weights = {f"w_{name}": layer.weight for name, layer in layers.items()}
        return weights | {f"b_{name}": layer.bias for name, layer in layers.items()}

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Outputs and states (time, trial, ...) for inputs (time, trial, channel)."""
        state = inputs.new_zeros(inputs.shape[1], self.rec_layer.in_features)
        states = []
        for x in inputs:
            rate = self.act(self.in_layer(x) + self.rec_layer(state))
            state = (1 - self.alpha) * state + self.alpha * rate
            states.append(state)
        states = torch.stack(states)
        return self.out_layer(states), states


class TorchRNN(Layered):
    """(b) ``torch.nn.RNN`` with a linear read-out: no leak, ReLU or tanh only."""

    def __init__(self, ensemble: networks.Ensemble, network: int = 0):
        super().__init__()
        if ensemble.alpha != 1 or ensemble.nonlinearity == "softplus":
            raise ValueError(
                f"alpha is {ensemble.alpha:g} with {ensemble.nonlinearity}; allowed in torch.nn.RNN: "
                "alpha 1 with relu or tanh"
            )
        n_units, n_inputs = ensemble.w_in.shape[1:]
        self.rnn = nn.RNN(n_inputs, n_units, nonlinearity=ensemble.nonlinearity)
        self.out_layer = nn.Linear(n_units, ensemble.w_out.shape[1])
        self.take(ensemble, network)

    def named(self) -> dict[str, nn.Parameter]:
        """Parameters under the names that an ensemble gives them."""
        rnn, out = self.rnn, self.out_layer
        recurrent = {"w_in": rnn.weight_ih_l0, "b_in": rnn.bias_ih_l0}
        recurrent |= {"w_rec": rnn.weight_hh_l0, "b_rec": rnn.bias_hh_l0}
        return recurrent | {"w_out": out.weight, "b_out": out.bias}

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Outputs and states (time, trial, ...) for inputs (time, trial, channel)."""
        states, _ = self.rnn(inputs)
        return self.out_layer(states), states


class Alone:
    """One network, trained by itself."""

    def __init__(self, models: list[Layered]):
        (self.model,) = models
        self.parameters = list(self.model.parameters())

    def losses(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Loss of the network, shape (1,)."""
        outputs, _ = self.model(inputs[:, 0])
        return nn.functional.cross_entropy(outputs.flatten(0, 1), targets[:, 0].flatten())[None]

    def gradients(self) -> list[dict[str, torch.Tensor]]:
        """By network and name."""
        return [self.model.arrays(gradients=True)]


class Stacked:
    """(c) Plain networks stacked by ``torch.func``, all run at once by ``vmap``.

    Backward through the ``vmap`` is taken by autograd, which is up to twice as fast as ``vmap`` of
    ``torch.func.grad`` (ten networks: 5.2 against 11.2 ms per network and step, measured once).
    """

    def __init__(self, models: list[Layered]):
        stacked, _ = stack_module_state(models)
        self.model, self.stacked = models[0], {k: v.detach().requires_grad_() for k, v in stacked.items()}
        self.parameters = list(self.stacked.values())

    def _loss(self, weights, inputs, targets):
        outputs, _ = functional_call(self.model, weights, (inputs,))
        return nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())

    def losses(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Loss of each network."""
        return vmap(self._loss, in_dims=(0, 1, 1))(self.stacked, inputs, targets)

    def gradients(self) -> list[dict[str, torch.Tensor]]:
        """By network and name."""
        names = {id(parameter): name for name, parameter in self.model.named().items()}
        grads = {names[id(p)]: self.stacked[k].grad for k, p in self.model.named_parameters()}
        return [{k: v[i] for k, v in grads.items()} for i in range(len(grads["w_in"]))]


RIVALS = {
    "plain loop": (PlainRNN, Alone),
    "torch.nn.RNN": (TorchRNN, Alone),
    "torch.func.vmap": (PlainRNN, Stacked),
}


def build(name: str, recipe: training.Recipe, seeds) -> Alone | Stacked:
    """A rival with the starting weights of these seeds."""
    model, holder = RIVALS[name]
    ensemble = training.untrained(recipe, seeds)
    return holder([model(ensemble, i) for i in range(len(seeds))])


def batches(recipe: training.Recipe, seeds):
    """The same batches as ours: inputs and targets (time, network, trial, ...)."""
    streams = [
        tasks.windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng([s, 1]), recipe.dt_ms)
        for s in seeds
    ]
    while True:
        parts = zip(*[next(stream) for stream in streams], strict=True)
        yield tuple(torch.from_numpy(np.stack(part, axis=1)) for part in parts)


def fit(
    rival: Alone | Stacked, recipe: training.Recipe, seeds, patience_s: float = math.inf
) -> tuple[list[list[float]], float]:
    """Train; losses [step][network], and seconds per step. A slow one is stopped after ``patience_s``."""
    drawn, losses = batches(recipe, seeds), []
    optimizer = torch.optim.Adam(rival.parameters, lr=recipe.learning_rate, fused=True)
    start = time.perf_counter()
    while len(losses) < recipe.steps and (not losses or time.perf_counter() - start < patience_s):
        optimizer.zero_grad()
        loss = rival.losses(*next(drawn))
        loss.sum().backward()
        optimizer.step()
        losses.append(loss.tolist())
    return losses, (time.perf_counter() - start) / len(losses)


def plain_train(recipe: training.Recipe, seed: int) -> tuple[PlainRNN, list[float]]:
    """Train one network the plain way; from the same start and on the same batches as ours."""
    rival = build("plain loop", recipe, [seed])
    losses, _ = fit(rival, recipe, [seed])
    return rival.model, [loss for (loss,) in losses]


def first_gradients(name: str, recipe: training.Recipe, seeds) -> list[dict[str, torch.Tensor]]:
    """Gradients of the first step, by network and name; of ours, if that is the name."""
    inputs, targets = next(batches(recipe, seeds))
    if name == "ours":
        ensemble = training.untrained(recipe, seeds)
        weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
        training.cross_entropy(networks.forward(ensemble, inputs)[0], targets).sum().backward()
        return [{k: v.grad[i] for k, v in weights.items()} for i in range(len(seeds))]
    groups = [range(len(seeds))] if RIVALS[name][1] is Stacked else [[i] for i in range(len(seeds))]
    found = []
    for group in groups:
        rival, rows = build(name, recipe, [seeds[i] for i in group]), list(group)
        rival.losses(inputs[:, rows], targets[:, rows]).sum().backward()
        found += rival.gradients()
    return found


def gradient_errors(name: str, recipe: training.Recipe, seeds) -> np.ndarray:
    """Largest difference to autograd's gradients, one per network, as a share of the largest entry.

    Autograd follows the plain loop in double precision; the others run as they train, in single.
    """
    seeds, errors = list(seeds), []
    inputs, targets = next(batches(recipe, seeds))
    single = replace(recipe, steps=1)
    for i, ours in enumerate(first_gradients(name, single, seeds)):
        oracle = build("plain loop", single, [seeds[i]])
        oracle.model.double()
        oracle.losses(inputs[:, [i]].double(), targets[:, [i]]).sum().backward()
        exact = oracle.gradients()[0]
        errors.append(max(((ours[k] - g).abs().max() / g.abs().max()).item() for k, g in exact.items()))
    return np.array(errors)
