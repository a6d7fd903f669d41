"""Local processes: one thread each, results in order."""

import os

import pytest

from fcmod_utils import processes


def shifted(item, by=0):
    return item + by, os.getpid()


def numeric_threads(_):
    """Threads of every numeric library in this process."""
    import numpy as np
    import threadpoolctl
    import torch

    np.ones((4, 4)) @ np.ones((4, 4))
    return torch.get_num_threads(), [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]


def test_order_and_arguments_are_kept_and_the_work_is_spread(monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "2")
    found = processes.map_local(shifted, range(9), by=10)
    assert [value for value, _ in found] == list(range(10, 19))
    assert os.getpid() not in {pid for _, pid in found}


def test_a_single_worker_needs_no_process(monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    assert processes.map_local(shifted, iter([1, 2]), by=1) == [(2, os.getpid()), (3, os.getpid())]
    assert processes.map_local(shifted, []) == []


def test_each_process_has_one_thread_whatever_the_environment_says(monkeypatch):
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "2")
    with processes.local_processes(1) as pool:
        torch_threads, others = pool.submit(numeric_threads, None).result()
    assert torch_threads == 1
    assert set(others) == {1}


def test_the_number_of_workers(monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "7")
    assert processes.n_workers() == 7
    for unset in ("", None):
        monkeypatch.delenv("FCMOD_WORKERS")
        if unset is not None:
            monkeypatch.setenv("FCMOD_WORKERS", unset)
        assert 1 <= processes.n_workers() <= os.cpu_count()


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "two", "²"])
def test_other_numbers_of_workers_are_refused(given, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", given)
    with pytest.raises(
        ValueError, match=f"FCMOD_WORKERS is '{given}'; allowed: a whole number of at least 1"
    ):
        processes.n_workers()
