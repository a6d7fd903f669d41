"""Local worker processes, one numeric thread each.

At these sizes threads inside a product cost more than they save; whole networks side by side
do not.
"""

import ctypes
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread

from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

PATIENCE = 3  # pools of workers that may die in a row with nothing finished in between
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f} of {total:.0f} {unit}{postfix} [{elapsed}, {remaining} left]"
DYING = (
    "Killed, or out of memory? What is finished is kept: call again to go on, with fewer workers "
    "(FCMOD_WORKERS) if memory is short. In a script of your own? Workers import it: put the call "
    'under `if __name__ == "__main__":`'
)


class WorkerWarning(UserWarning):
    """A worker process died; what it had in hand is done again."""


def n_workers() -> int:
    """Processes to use: ``FCMOD_WORKERS``, or else the cores this process may use.

    Raises
    ------
    ValueError
        If the variable is not a positive whole number.
    """
    from joblib import cpu_count  # heeds the limits of a container; late, since it loads numpy

    given = os.environ.get("FCMOD_WORKERS") or str(cpu_count())
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"FCMOD_WORKERS is {given!r}; allowed: a whole number of at least 1")
    return int(given)


class Board:
    """How far each of several tasks is, written by the workers and read by their parent.

    Plain shared memory without a lock: a worker that is killed can leave nothing locked.
    """

    def __init__(self, tasks: int) -> None:
        self._shares, self._losses = (get_context("spawn").RawArray("d", tasks) for _ in range(2))

    def write(self, task: int, share: float, loss: float) -> None:
        """Note what share of a task is done, and its loss."""
        self._shares[task], self._losses[task] = share, loss

    def share(self, task: int) -> float:
        """What share of a task is done."""
        return self._shares[task] if task < len(self._shares) else 0.0

    @property
    def loss(self) -> str:
        """Mean loss of the tasks that have begun, in words; empty where nothing is known."""
        begun = [loss for share, loss in zip(self._shares, self._losses, strict=True) if share]
        return f"loss {sum(begun) / len(begun):.3g}" if begun else ""


_board: Board | None = None


def report(task: int, share: float, loss: float) -> None:
    """From a worker: how far its task is. Without a board (on a cluster) nothing happens."""
    if _board is not None:
        _board.write(task, share, loss)


def local_processes(workers: int, board: Board | None = None) -> ProcessPoolExecutor:
    """Fresh local processes with one thread each, which may write to a board."""
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(board,))


def give_back() -> None:
    """Hand memory that is free back to the system.

    On Linux a process keeps what lies between small arrays that live on: after many large ones that
    did not, more than a gigabyte. Elsewhere nothing happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def map_local(function: Callable, items: Iterable, **fixed) -> list:
    """``[function(item, **fixed) for item in items]``, spread over local processes.

    Parameters
    ----------
    function : callable
        Importable by name, since the processes start afresh.
    items : iterable
    **fixed
        The same for all items.
    """
    items = list(items)
    workers = min(n_workers(), len(items))
    if workers < 2:
        return [function(item, **fixed) for item in items]
    with local_processes(workers) as pool:
        chunk = -(-len(items) // (4 * workers))
        return list(pool.map(partial(function, **fixed), items, chunksize=chunk))


def collect(
    function: Callable,
    tasks: Sequence[tuple],
    sizes: Sequence[int],
    title: str,
    executor: Executor | None = None,
) -> Iterator[tuple[tuple, object]]:
    """Each task with its result, in the order in which they finish, under a progress bar.

    Without an executor the tasks go to local processes, and those of a worker that dies to the
    next one.

    Parameters
    ----------
    function : callable
        Called as ``function(slot, *task)``; it may :func:`report` how far the task in its slot is.
    tasks : sequence of tuple
        All different.
    sizes : sequence of int
        How many networks each task trains, for the bar.
    title : str
    executor : concurrent.futures.Executor, optional

    Raises
    ------
    RuntimeError
        If local workers die ``PATIENCE`` times in a row with nothing finished in between.
    """
    left, deaths = dict(zip(tasks, sizes, strict=True)), 0
    off = os.environ.get("FCMOD_PUBLISH") == "1"  # nothing of it is left over in a published page
    with tqdm(
        total=sum(sizes), desc=title, unit="networks", bar_format=BAR, smoothing=0, leave=False, disable=off
    ) as bar:
        if executor is not None:
            yield from _run(executor, function, left, bar, Board(0))
        while left:
            board = Board(len(left))
            try:
                with local_processes(min(n_workers(), len(left)), board) as pool:
                    for result in _run(pool, function, left, bar, board):
                        deaths = 0
                        yield result
            except BrokenProcessPool as error:
                deaths += 1
                if deaths == PATIENCE:
                    raise RuntimeError(f"workers died {deaths} times in a row. {DYING}") from error
                warnings.warn("a worker died; its task is begun again", WorkerWarning, stacklevel=2)


def _run(
    executor: Executor, function: Callable, left: dict[tuple, int], bar: tqdm, board: Board
) -> Iterator[tuple[tuple, object]]:
    """Results as they come; finished tasks are taken out of ``left``."""
    slots = list(left)
    futures = {executor.submit(function, slot, *task): slot for slot, task in enumerate(slots)}
    try:
        while futures:
            done, _ = wait(futures, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                task = slots[futures.pop(future)]
                result = future.result()
                del left[task]
                yield task, result
            going = sum(left[slots[slot]] * board.share(slot) for slot in futures.values())
            bar.n = bar.total - sum(left.values()) + going
            bar.set_postfix_str(board.loss, refresh=True)
    finally:  # after a failure the tasks that have not begun would only delay its message
        for future in futures:
            future.cancel()


def _begin(board: Board | None) -> None:
    """What a worker does first: take one thread, and end when its parent does, even by kill -9."""
    global _board
    _board = board
    for library in ("OMP", "OPENBLAS", "MKL"):  # read when the libraries load, later than this
        os.environ[f"{library}_NUM_THREADS"] = "1"
    if "numpy" in sys.modules:  # a script that imports it at its top has loaded its library by now
        threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent_process().join()
    os._exit(1)
