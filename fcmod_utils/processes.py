"""Local worker processes, one numeric thread each.

At these sizes threads inside a product cost more than they save; whole networks side by side
do not.
"""

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread


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


def local_processes(workers: int) -> ProcessPoolExecutor:
    """Fresh local processes with one thread each."""
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin)


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


def _begin() -> None:
    """What a worker does first: take one thread, and end when its parent does, even by kill -9."""
    for library in ("OMP", "OPENBLAS", "MKL"):  # read when the libraries load, later than this
        os.environ[f"{library}_NUM_THREADS"] = "1"
    if "torch" in sys.modules:  # a script that imports torch at its top has loaded it by now
        sys.modules["torch"].set_num_threads(1)
    Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent_process().join()
    os._exit(1)
