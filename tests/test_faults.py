"""Faults with real processes: kill -9 in the middle of things, and go on where it was."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
import torch
from conftest import hears_interrupts

from fcmod_utils import store, training
from fcmod_utils.training import Recipe

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")

RECIPE = Recipe("go_nogo", units=20, steps=150, batch=8, window=30)
SEEDS = range(10)

FIT = """
from fcmod_utils import training
training.CHUNK = 2
training.fit(training.Recipe("go_nogo", units=20, steps=150, batch=8, window=30), range(10))
"""

ON_A_CLUSTER = """
import os, sys
from distributed import Client, LocalCluster
from fcmod_utils import training

if __name__ == "__main__":
    theirs = {"FCMOD_STORE": sys.argv[1]}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, env=theirs) as cluster:
        with Client(cluster) as client:
            print(min(client.run(os.getpid).values()), flush=True)
            training.CHUNK = 2
            recipe = training.Recipe("go_nogo", units=20, steps=150, batch=8, window=30)
            training.fit(recipe, range(10), client.get_executor())
"""

MAKE = """
import pathlib, sys, time
import numpy as np
from fcmod_utils import store

log, seconds, size = pathlib.Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])

def make():
    with log.open("a") as lines:
        lines.write("made\\n")
    time.sleep(seconds)
    return {"w": np.ones(size)}

print(store.get_or_make("kind", {"a": 1}, make)["w"].sum())
"""


def start(code, *arguments, warning="error", **environment):
    """Run code in a process of its own."""
    command = [sys.executable, "-W", warning, "-c", code, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=os.environ | environment, preexec_fn=hears_interrupts, **pipes)


def wait_for(condition, seconds=60.0):
    """Poll until something is true, and say what it is."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.001)
    return found


def entries(folder, kind="ensemble"):
    return sorted(folder.glob(f"{kind}/*.safetensors"))


def assert_gone(processes, otherwise):
    """They end soon; if they do not, they are ended before the test fails."""
    _, alive = psutil.wait_procs(processes, timeout=30)
    for process in alive:
        process.kill()
    assert not alive, otherwise


def stamp(files):
    """What changes when a file is written again."""
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


class Watched(ThreadPoolExecutor):
    """An executor that counts the chunks it was asked to train."""

    asked = 0

    def submit(self, *given):
        self.asked += 1
        return super().submit(*given)


def finish(executor):
    """Ask for all networks, in this process."""
    return training.fit(RECIPE, SEEDS, executor)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Weights of the same networks, trained in a store of their own with nothing going wrong."""
    with pytest.MonkeyPatch.context() as patch, Watched(1) as executor:
        patch.setenv("FCMOD_STORE", str(tmp_path_factory.mktemp("undisturbed")))
        patch.setattr(training, "CHUNK", 2)
        return finish(executor).ensemble.parameters()


def assert_goes_on(folder, undisturbed, monkeypatch):
    """The finished chunks are kept, the others trained, and nothing differs."""
    monkeypatch.setattr(training, "CHUNK", 2)
    kept = entries(folder)
    before = stamp(kept)
    assert 0 < len(kept) < 5, "the fault came too early or too late to test anything"
    with Watched(1) as executor:
        found = finish(executor).ensemble.parameters()
        assert executor.asked == 5 - len(kept)
    assert stamp(kept) == before, "a finished chunk was trained again"
    for name, weights in found.items():
        assert torch.equal(weights, undisturbed[name]), name


def assert_complete(folder, undisturbed, kept):
    """All chunks are there and as they should be; those in ``kept`` were not trained again."""
    found = entries(folder)
    assert len(found) == 5
    assert stamp(found).items() >= kept.items(), "a finished chunk was trained again"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FCMOD_STORE", str(folder))
        patch.setattr(training, "CHUNK", 2)
        with Watched(1) as executor:
            weights = finish(executor).ensemble.parameters()
            assert executor.asked == 0
    for name, expected in undisturbed.items():
        assert torch.equal(weights[name], expected), name


# ------------------------------------------------------------------------------ training


def test_killing_the_parent_loses_only_the_chunks_in_flight(store_folder, undisturbed, monkeypatch):
    parent = start(FIT, FCMOD_WORKERS="2")
    wait_for(lambda: entries(store_folder) or parent.poll() is not None)
    workers = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    assert_gone(workers, "workers outlived their parent")
    parent.communicate(timeout=10)
    assert_goes_on(store_folder, undisturbed, monkeypatch)


def test_killing_a_worker_is_said_and_another_takes_over(store_folder, undisturbed):
    parent = start(FIT, warning="default", FCMOD_WORKERS="2")
    kept = stamp(wait_for(lambda: entries(store_folder)))
    for child in psutil.Process(parent.pid).children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
            break
    _, said = parent.communicate(timeout=120)
    assert parent.returncode == 0, said
    assert "WorkerWarning: a worker died" in said
    assert_complete(store_folder, undisturbed, kept)


def test_killing_a_worker_of_a_cluster_costs_what_it_had_in_hand(store_folder, undisturbed, tmp_path):
    """A real Dask cluster of two worker processes; its workers have a store of their own."""
    theirs = tmp_path / "theirs"
    parent = start(ON_A_CLUSTER, theirs, warning="default")
    pid = int(wait_for(lambda: parent.stdout.readline()))
    kept = stamp(wait_for(lambda: entries(theirs)))
    os.kill(pid, signal.SIGKILL)
    _, said = parent.communicate(timeout=120)
    assert parent.returncode == 0, said
    assert "Restarting worker" in said
    assert_complete(theirs, undisturbed, kept)
    assert_complete(store_folder, undisturbed, {})


def test_interrupting_leaves_a_store_to_go_on_from(store_folder, undisturbed, monkeypatch):
    """Ctrl-C, as it reaches a chapter that is being built."""
    parent = start(FIT, FCMOD_WORKERS="1")
    wait_for(lambda: entries(store_folder) or parent.poll() is not None)
    workers = psutil.Process(parent.pid).children(recursive=True)
    for process in (*workers, parent):
        process.send_signal(signal.SIGINT)  # the terminal sends it to all
    assert_gone(workers, "workers went on after Ctrl-C")
    parent.communicate(timeout=60)
    assert parent.returncode != 0
    assert_goes_on(store_folder, undisturbed, monkeypatch)


# ------------------------------------------------------------------------------ store


def test_two_processes_that_ask_at_once_make_once(store_folder, tmp_path):
    log = tmp_path / "log"
    both = [start(MAKE, log, 0.3, 1000) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert said == [("1000.0\n", "")] * 2
    assert log.read_text() == "made\n"


def test_who_waits_for_a_killed_maker_makes_it(store_folder, tmp_path):
    log = tmp_path / "log"
    first = start(MAKE, log, 600, 1000)
    wait_for(log.exists)
    second = start(MAKE, log, 0, 1000)
    time.sleep(0.3)
    assert second.poll() is None, "it did not wait"
    first.kill()
    first.communicate(timeout=10)
    assert second.communicate(timeout=60) == ("1000.0\n", "")
    assert log.read_text() == "made\nmade\n"


def test_killing_a_writer_leaves_no_entry(store_folder, tmp_path):
    """Killed while the file is being written: nothing by that name, and the next writer tidies up."""
    writer = start(MAKE, tmp_path / "log", 0, 30_000_000)
    left = wait_for(lambda: list(store_folder.glob("kind/.writing-*")))
    writer.kill()
    writer.communicate(timeout=10)
    assert entries(store_folder, "kind") == []
    assert left[0].exists(), "the writer had finished: nothing was tested"
    assert store.load("kind", {"a": 1}) is None  # and no warning: there is no entry, not a damaged one
    arrays = store.get_or_make("kind", {"a": 1}, lambda: {"w": np.zeros(3)})
    assert arrays["w"].tolist() == [0, 0, 0]
    left = {path.suffix for path in (store_folder / "kind").iterdir()}
    assert left <= {".safetensors", ".lock"}
