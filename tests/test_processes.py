"""Local processes: one thread each, results in order."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

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


SCRIPT = """
import numpy as np
import threadpoolctl
from fcmod_utils import processes

def threads(_):
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]

if __name__ == "__main__":
    with processes.local_processes(1) as pool:
        print(pool.submit(threads, None).result())
"""


def test_a_script_that_loads_numpy_first_gives_its_workers_one_thread(tmp_path):
    """A worker imports the script, and numpy with it, before anything else."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    several = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")
    given = {"env": os.environ | several, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, str(path)], check=True, timeout=60, **given)
    assert set(json.loads(done.stdout)) == {1}


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


# ------------------------------------------------------------------------------ tasks under a bar


def halfway(slot, name):
    processes.report(slot, 0.5, 0.25)
    return slot, name


def die(slot, name):
    os.kill(os.getpid(), signal.SIGKILL)


def test_each_task_comes_back_with_its_result(monkeypatch, capsys):
    monkeypatch.setenv("FCMOD_WORKERS", "2")
    tasks = [("a",), ("b",), ("c",)]
    found = dict(processes.collect(halfway, tasks, [10, 10, 4], "training"))
    assert found == {task: (slot, *task) for slot, task in enumerate(tasks)}
    said = capsys.readouterr().err
    assert "training: " in said and "of 24 networks" in said
    assert "loss 0.25" in said
    assert said.endswith("\r"), "the bar is wiped out at the end"


def test_an_executor_of_ones_own_is_used():
    with ThreadPoolExecutor(1) as executor:
        assert list(processes.collect(halfway, [("a",)], [1], "training", executor)) == [(("a",), (0, "a"))]


def test_nothing_of_the_bar_is_left_in_a_published_page(monkeypatch, capsys):
    monkeypatch.setenv("FCMOD_PUBLISH", "1")
    with ThreadPoolExecutor(1) as executor:
        assert len(list(processes.collect(halfway, [("a",)], [1], "training", executor))) == 1
    assert capsys.readouterr().err == ""


def test_the_bar_counts_what_is_half_done():
    board = processes.Board(2)
    assert (board.share(0), board.loss) == (0, "")
    board.write(0, 0.5, 0.2)
    assert (board.share(0), board.share(1), board.loss) == (0.5, 0, "loss 0.2")
    board.write(1, 0.1, 0.4)
    assert board.loss == "loss 0.3"
    assert processes.Board(0).share(3) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_workers_that_die_again_and_again_are_given_up(monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    with (
        pytest.warns(processes.WorkerWarning, match="a worker died") as warned,
        pytest.raises(RuntimeError, match=r"workers died 3 times in a row.*FCMOD_WORKERS.*__main__"),
    ):
        list(processes.collect(die, [("a",)], [1], "training"))
    assert len(warned) == processes.PATIENCE - 1


def test_memory_is_given_back_where_the_system_takes_it(monkeypatch):
    trimmed = []
    monkeypatch.setattr(processes.ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=trimmed.append))
    processes.give_back()
    monkeypatch.setattr(processes.ctypes, "CDLL", lambda _: SimpleNamespace())  # not glibc
    processes.give_back()
    assert trimmed == [0]
