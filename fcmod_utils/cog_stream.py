"""The cognitive tasks in one endless stream, as networks are trained on them.

As in neurogym's ``Dataset``: each lane of a batch is a stream of whole trials of changing tasks, cut into
windows wherever these end.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from .cog_tasks import NAMES, RING, TASKS, check_names, check_ring, n_inputs
from .trials import check_count

BLOCK = 1000  # steps drawn at once, or a little more


def windows(
    window: int,
    batch: int,
    rng: np.random.Generator,
    names: Sequence[str] = NAMES,
    dim_ring: int = RING,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless training batches: no task comes twice running, if there are two or more.

    Parameters
    ----------
    window, batch : int
        Steps of each stream in a batch, streams.
    rng : numpy Generator
    names : sequence of str
        The tasks that come up. There is an input for each of the 20 all the same.
    dim_ring : int
        Places on a ring; even.

    Yields
    ------
    inputs : ndarray, shape (window, batch, 1 + 2 * dim_ring + 20), float32
    targets : ndarray, shape (window, batch), int64

    Raises
    ------
    ValueError
        For sizes that are not positive whole numbers, unknown tasks, or a ring that is odd.
    """
    check_count(window, "window")
    check_count(batch, "batch")
    check_ring(dim_ring)
    names = check_names(names)
    block = window * -(-BLOCK // window)
    over = max(TASKS[name].steps() for name in names)  # what the last trial may need beyond
    shape = batch, block + over
    inputs, targets = np.zeros((*shape, n_inputs(dim_ring)), np.float32), np.zeros(shape, np.int64)
    filled = np.zeros(batch, int)
    last, turn = rng.integers(len(names), size=batch), rng.integers(2, size=(batch, len(names)))
    while True:
        last, turn, filled = _fill(inputs, targets, names, last, turn, filled, block, rng)
        for start in range(0, block, window):
            cut = slice(start, start + window)
            yield inputs[:, cut].swapaxes(0, 1), targets[:, cut].swapaxes(0, 1)
        rest, inputs = inputs[:, block:], np.zeros_like(inputs)  # what was yielded stays as it is
        answers, targets = targets[:, block:], np.zeros_like(targets)
        inputs[:, :over], targets[:, :over] = rest, answers
        filled = filled - block


def _fill(inputs, targets, names, last, turn, filled, block, rng):
    """Append whole trials to every lane until each reaches the end of the block."""
    lengths = np.array([TASKS[name].steps() for name in names])
    random = np.array([TASKS[name].fixation is None for name in names], int)
    lanes, most = len(last), -(-block // (lengths - 2 * random).min()) + 1
    order = last[:, None] + np.cumsum(rng.integers(1, max(2, len(names)), (lanes, most)), axis=1)
    order %= len(names)
    skip = rng.integers(0, 3, order.shape) * random[order]
    ends = filled[:, None] + np.cumsum(lengths[order] - skip, axis=1)
    used = np.argmax(ends >= block, axis=1)  # the last trial that is laid down
    laid = np.arange(most) <= used[:, None]
    starts = ends - lengths[order]  # those steps that are skipped lie before
    turn = turn.copy()
    for k, name in enumerate(names):
        lane, place = np.nonzero(laid & (order == k))
        modality = (turn[lane, k] + _rank(lane, lanes)) % 2
        turn[:, k] += np.bincount(lane, minlength=lanes)
        _lay(inputs, targets, name, lane, starts[lane, place], skip[lane, place], modality, rng)
    rows = np.arange(lanes)
    return order[rows, used], turn % 2, ends[rows, used]


def _rank(lane: np.ndarray, lanes: int) -> np.ndarray:
    """How many of the same lane stand before each, in a sorted list."""
    first = np.searchsorted(lane, np.arange(lanes))
    return np.arange(len(lane)) - first[lane]


def _lay(inputs, targets, name, lane, start, skip, modality, rng):
    """Write trials of one task into their lanes, without the steps that each skips."""
    told = inputs.shape[2] - len(NAMES)  # inputs before those that name the task
    stimuli, answers, _ = TASKS[name].draw(modality, rng, dim_ring=(told - 1) // 2)
    step = np.arange(len(answers))
    trial, step = np.nonzero(step >= skip[:, None])
    at = lane[trial], start[trial] + step
    inputs[(*at, slice(0, told))] = stimuli[step, trial]
    inputs[(*at, told + NAMES.index(name))] = 1
    targets[at] = answers[step, trial]
