"""Spatially embedded networks that spike: leaky integrate-and-fire units with surrogate gradients.

Neurons and gradients are those of snntorch (Eshraghian et al. 2023; the optional extra ``spiking``). A few
networks are trained side by side, which snntorch's elementwise neuron allows.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from . import store
from .constraints import PENALTIES
from .learning import cross_entropy
from .networks import PARAMETERS, Ensemble, initialize
from .processes import map_local
from .recipes import check_seeds
from .tasks import check_count, get, windows

CHUNK = 2  # networks trained together: autograd keeps half a gigabyte of each


@dataclass(frozen=True)
class SpikingRecipe:
    """Everything that decides the weights of a trained spiking network, but its seed.

    Attributes
    ----------
    task : str
        One that is answered at the last step.
    penalty : {"none", "l1", "sernn_detached", ...}
        See :data:`fcmod_utils.constraints.PENALTIES`.
    low, high : float
        Strengths of the penalty run evenly from the one, for the first seed, to the other, for the last.
    decay : float
        Share of a membrane potential that is left after a time step.
    slope : float
        Of the fast sigmoid whose derivative stands in for that of a spike.
    """

    task: str = "one_choice"
    penalty: str = "none"
    low: float = 0.0
    high: float = 0.0
    units: int = 100
    decay: float = 0.9
    slope: float = 10.0
    steps: int = 400
    batch: int = 128
    learning_rate: float = 2e-3

    def check(self) -> None:
        """Raise ValueError, naming the value and what is allowed, before any work starts."""
        if not get(self.task).answers_last:
            raise ValueError(f"task is {self.task!r}; allowed: one that is answered at the last step")
        for name in ("units", "steps", "batch"):
            check_count(getattr(self, name), name)
        if not 0 < self.decay < 1:
            raise ValueError(f"decay is {self.decay!r}; allowed: between 0 and 1")
        for name in ("slope", "learning_rate"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: above 0, finite")
        if self.penalty not in ("none", *PENALTIES):
            raise ValueError(f"unknown penalty {self.penalty!r}; allowed: none, {', '.join(PENALTIES)}")
        if not 0 <= self.low <= self.high < np.inf or (self.penalty == "none") != (self.high == 0):
            raise ValueError(
                f"penalty is {self.penalty!r} from {self.low!r} to {self.high!r}; allowed: a penalty with "
                "0 <= low <= high, high above 0, or none and zeros"
            )


@dataclass(frozen=True)
class SpikingActivity:
    """What spiking networks did.

    Attributes
    ----------
    spikes : Tensor, shape (time, network, trial, unit)
        1 where a unit fired.
    outputs : Tensor, shape (network, trial, output)
        Of the leaky read-out at the last step.
    """

    spikes: torch.Tensor
    outputs: torch.Tensor


def neurons(decay: float, slope: float) -> tuple[Callable, Callable]:
    """A layer of spiking units and the read-out that integrates without spiking, both snntorch's.

    Raises
    ------
    ModuleNotFoundError
        If snntorch is not installed; says how to get it.
    """
    try:
        import snntorch
        from snntorch import surrogate
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'spiking networks need snntorch: pip install "fcmod_utils[spiking]"'
        ) from error
    units = snntorch.Leaky(beta=decay, spike_grad=surrogate.fast_sigmoid(slope=slope))
    return units, snntorch.Leaky(beta=decay, reset_mechanism="none")


def run(ensemble: Ensemble, inputs: torch.Tensor, decay: float = 0.9, slope: float = 10.0) -> SpikingActivity:
    """Run spiking networks, each on inputs of its own.

    Each unit's potential decays, adds what its inputs and the spikes of the step before bring, and when it
    passes 1 the unit fires and loses 1.

    Parameters
    ----------
    ensemble : Ensemble
        Its weights; its ``alpha`` and ``nonlinearity`` play no part.
    inputs : Tensor, shape (time, network, trial, channel)
    decay, slope : float
        As in :class:`SpikingRecipe`.

    Returns
    -------
    SpikingActivity
        Differentiable in the weights.
    """
    units, read_out = neurons(decay, slope)
    e, drive = ensemble, torch.einsum("tnbc,nuc->tnbu", inputs, ensemble.w_in) + ensemble.b_in[:, None]
    spikes = drive.new_zeros(drive.shape[1:])
    potential, integrated = units.init_leaky(), read_out.init_leaky()
    every = []
    for now in drive:
        spikes, potential = units(now + spikes @ e.w_rec.mT + e.b_rec[:, None], potential)
        _, integrated = read_out(spikes @ e.w_out.mT + e.b_out[:, None], integrated)
        every.append(spikes)
    return SpikingActivity(torch.stack(every), integrated)


def fit(recipe: SpikingRecipe, seeds: Sequence[int]) -> Ensemble:
    """Train spiking networks, a few at a time in each process; each few are kept in the store.

    Parameters
    ----------
    recipe : SpikingRecipe
    seeds : sequence of int
        One network per seed.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        For a bad recipe or seeds.
    """
    recipe.check()
    seeds = check_seeds(seeds)
    each = list(zip(seeds, strengths(recipe, len(seeds)).tolist(), strict=True))
    parts = map_local(_made, [each[i : i + CHUNK] for i in range(0, len(each), CHUNK)], recipe=recipe)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in PARAMETERS}
    return _untrained(recipe, seeds).with_parameters(**{k: torch.from_numpy(v) for k, v in joined.items()})


def strengths(recipe: SpikingRecipe, n_networks: int) -> np.ndarray:
    """Strength of the penalty of each network, shape (network,)."""
    return np.linspace(recipe.low, recipe.high, n_networks)


def _untrained(recipe: SpikingRecipe, seeds: Sequence[int]) -> Ensemble:
    task = get(recipe.task)
    return initialize(seeds, len(task.inputs), recipe.units, len(task.outputs), initialization="orthogonal")


def _made(each: list[tuple[int, float]], recipe: SpikingRecipe) -> dict[str, np.ndarray]:
    torch.set_num_threads(1)
    settings = {k: v for k, v in asdict(recipe).items() if k not in ("low", "high")}
    spec = settings | {"networks": [list(one) for one in each], "torch": torch.__version__.split(".")[0]}
    return store.get_or_make("spiking", spec, lambda: train(recipe, *zip(*each, strict=True)))


def train(recipe: SpikingRecipe, seeds: Sequence[int], gammas: Sequence[float]) -> dict[str, np.ndarray]:
    """Train networks together in this process, each under a penalty of its own strength; their weights."""
    ensemble = _untrained(recipe, seeds)
    weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
    optimizer = torch.optim.Adam(weights.values(), lr=recipe.learning_rate)
    length = get(recipe.task).n_steps(100.0)
    streams = [windows(recipe.task, length, recipe.batch, np.random.default_rng([s, 1])) for s in seeds]
    for _ in range(recipe.steps):
        drawn = zip(*[next(stream) for stream in streams], strict=True)
        inputs, targets = (torch.from_numpy(np.stack(parts, axis=1)) for parts in drawn)
        outputs = run(ensemble, inputs, recipe.decay, recipe.slope).outputs
        loss = cross_entropy(outputs[None], targets[-1:])
        if recipe.penalty != "none":
            loss = loss + torch.tensor(gammas) * PENALTIES[recipe.penalty](ensemble)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
    return {k: v.detach().numpy() for k, v in weights.items()}


@torch.no_grad()
def accuracy(ensemble: Ensemble, inputs: np.ndarray, targets: np.ndarray, decay: float = 0.9) -> np.ndarray:
    """Share of trials answered correctly by each network, all on the same trials, shape (network,).

    Parameters
    ----------
    inputs : ndarray, shape (time, trial, channel)
    targets : ndarray, shape (time, trial)
        Those of the last step count.
    """
    each = torch.from_numpy(inputs)[:, None].expand(-1, len(ensemble.w_rec), -1, -1)
    answers = run(ensemble, each, decay).outputs.argmax(dim=-1).numpy()
    return (answers == targets[-1]).mean(axis=1)
