"""The training loop: cross-entropy over all time steps that are scored, Adam, many networks at once.

Each network sees its own batches and its own loss; nothing passes between networks.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from .constraints import PENALTIES
from .networks import Ensemble, forward
from .recipes import Recipe, check_seeds, untrained
from .sheets import Layout, wiring_cost
from .tasks import get, windows

Report = Callable[[int, float], None]


def train(
    recipe: Recipe, seeds: Sequence[int], report: Report | None = None, start: Ensemble | None = None
) -> tuple[Ensemble, np.ndarray, dict[int, Ensemble]]:
    """Train the networks of these seeds together, in this process.

    A network whose loss is no longer finite is stopped: its weights stay as they are from there on.

    Parameters
    ----------
    recipe : Recipe
    seeds : sequence of int
        One network per seed.
    report : callable, optional
        Called now and then with the share of steps done and the mean loss of the networks that
        have not been stopped.
    start : Ensemble, optional
        Networks to go on from, one per seed; by default untrained ones. Adam's memory begins anew.

    Returns
    -------
    ensemble : Ensemble
    loss : ndarray, shape (network, step)
    checkpoints : dict of int to Ensemble
        The networks on their way, by step: before the first, every ``checkpoint_every`` and after
        the last.

    Raises
    ------
    ValueError
        For a recipe that cannot be trained, seeds that are not different whole numbers, or a start with
        other networks than the recipe's.
    """
    recipe.check()
    seeds = check_seeds(seeds)
    recipe.strengths(seeds)
    ensemble = _begin(recipe, seeds, start)
    if recipe.penalty == "none":
        return _train(recipe, seeds, ensemble, report)
    torch.set_flush_denormal(True)  # a penalty leaves numbers so small that processors crawl
    try:
        return _train(recipe, seeds, ensemble, report)
    finally:
        torch.set_flush_denormal(False)


def _begin(recipe: Recipe, seeds: tuple[int, ...], start: Ensemble | None) -> Ensemble:
    fresh = untrained(recipe, seeds)
    if start is None:
        return fresh
    given, allowed = ({k: tuple(w.shape) for k, w in one.parameters().items()} for one in (start, fresh))
    if given != allowed:
        raise ValueError(f"start has weights of shapes {given}; allowed: {allowed}")
    return fresh.with_parameters(**{k: w.detach().clone() for k, w in start.parameters().items()})


@np.errstate(invalid="ignore", over="ignore")  # a loss that is not finite is seen to below
def _train(recipe: Recipe, seeds: tuple[int, ...], ensemble: Ensemble, report: Report | None):
    weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
    # not the fused one: it rounds the last numbers of an array in another way than those before
    settings = {"lr": recipe.learning_rate, "eps": recipe.adam_epsilon}
    optimizer = torch.optim.Adam(weights.values(), **settings, fused=False, foreach=False)
    batches, strengths = _batches(recipe, seeds), torch.from_numpy(recipe.strengths(seeds)).float()
    scored = slice(-1, None) if get(recipe.task).answers_last else slice(None)
    layout = Layout(recipe.sheet, len(seeds)) if recipe.sheet else None
    penalty = PENALTIES.get(recipe.penalty) or partial(_wiring, layout, recipe.locality)
    losses = np.empty((len(seeds), recipe.steps), np.float32)
    stopped = torch.zeros(len(seeds), dtype=torch.bool)
    kept, every = {0: _snapshot(ensemble, layout)}, recipe.checkpoint_every or recipe.steps
    for step in range(recipe.steps):
        inputs, targets, noise = next(batches)
        loss = cross_entropy(forward(ensemble, inputs, noise)[0][scored], targets[scored])
        losses[:, step] = loss.detach().numpy()
        if recipe.penalty != "none":
            loss = loss + strengths * penalty(ensemble)
        optimizer.zero_grad()
        loss.sum().backward()
        stopped |= ~torch.isfinite(loss.detach())
        if stopped.any():
            losses[stopped.numpy(), step] = np.nan
            _hold(stopped, optimizer, weights.values())
        if recipe.autapses:
            weights["w_rec"].grad *= torch.eye(recipe.units)
        if recipe.clip:
            _clip(weights.values(), recipe.clip)
        optimizer.step()
        if recipe.swap_every and (step + 1) % recipe.swap_every == 0:
            layout.swap(ensemble)
        if report and (step + 1) % 10 == 0:
            going = losses[~stopped.numpy(), step]
            report((step + 1) / recipe.steps, going.mean().item() if going.size else np.nan)
        if (step + 1) % every == 0 or step + 1 == recipe.steps:
            kept[step + 1] = _snapshot(ensemble, layout)
    return kept[recipe.steps], losses, kept


def _batches(recipe: Recipe, seeds: tuple[int, ...]) -> Iterator:
    """Inputs, targets and noise (or None) of each training step, (time, network, trial, ...)."""
    streams = [
        windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng([s, 1]), recipe.dt_ms)
        for s in seeds
    ]
    chances = [np.random.default_rng([s, 2]) for s in seeds]
    shape = recipe.window, recipe.batch, recipe.units
    while True:
        drawn = zip(*[next(stream) for stream in streams], strict=True)
        inputs, targets = (torch.from_numpy(np.stack(parts, axis=1)) for parts in drawn)
        noise = None
        if recipe.noise:
            drawn = np.empty((len(seeds), *shape), np.float32)
            for chance, part in zip(chances, drawn, strict=True):
                chance.standard_normal(out=part, dtype=np.float32)
            drawn *= recipe.noise
            noise = torch.from_numpy(drawn).transpose(0, 1)
        yield inputs, targets, noise


def _snapshot(ensemble: Ensemble, layout: Layout | None) -> Ensemble:
    copy = replace(ensemble, **{k: v.detach().clone() for k, v in ensemble.parameters().items()})
    return layout.arranged(copy) if layout else copy


def _wiring(layout: Layout | None, locality: float, ensemble: Ensemble) -> torch.Tensor:
    return wiring_cost(ensemble, layout.lengths if layout else torch.zeros(()), locality)


def _clip(weights: Iterable[torch.Tensor], largest: float) -> None:
    """Shorten the gradient of each network whose norm, over all its parameters, is larger."""
    gradients = [array.grad for array in weights]
    norm = sum(g.flatten(1).square().sum(dim=1) for g in gradients).sqrt()
    shorter = (largest / norm.clamp_min(1e-12)).clamp_max(1)
    for g in gradients:
        g.mul_(shorter.view(-1, *[1] * (g.dim() - 1)))


def _hold(stopped: torch.Tensor, optimizer: torch.optim.Optimizer, weights: Iterable[torch.Tensor]) -> None:
    """Nothing moves the weights of these networks any more, neither gradient nor momentum."""
    for array in weights:
        array.grad[stopped] = 0
        for moment in ("exp_avg", "exp_avg_sq"):
            if moment in optimizer.state[array]:
                optimizer.state[array][moment][stopped] = 0


def cross_entropy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of each network over all its time steps and trials.

    Parameters
    ----------
    outputs : Tensor, shape (time, network, trial, output)
    targets : Tensor, shape (time, network, trial)

    Returns
    -------
    Tensor, shape (network,)
    """
    by_output = outputs.movedim(-1, 0).contiguous()  # few outputs, many trials: long rows are faster
    log_p = torch.log_softmax(by_output, dim=0)
    return -log_p.gather(0, targets[None])[0].transpose(0, 1).flatten(1).mean(dim=1)
