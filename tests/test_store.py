"""Store: what comes back is what went in, or it is made again and said."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import safe_open

from fcmod_utils import store

SPEC = {"task": "go_nogo", "seeds": [0, 1]}
ARRAYS = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "loss": np.ones(4)}


class Maker:
    """A ``make`` that counts its calls."""

    def __init__(self, arrays=ARRAYS):
        self.arrays, self.calls = arrays, 0

    def __call__(self):
        self.calls += 1
        return self.arrays


def kept():
    """The one entry, made if need be: its file."""
    store.get_or_make("kind", SPEC, Maker())
    return store.path_of("kind", SPEC)


def assert_same(a, b):
    assert a.keys() == b.keys()
    for name, array in a.items():
        assert (array.dtype, array.shape) == (b[name].dtype, b[name].shape), name
        np.testing.assert_array_equal(array, b[name])


# ------------------------------------------------------------------------------ round trip

DTYPES = st.sampled_from([np.dtype(t) for t in ("f4", "f8", "i8", "i4", "u1", "?")])
STORABLE = st.dictionaries(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8),
    hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
    max_size=4,
)


@given(arrays=STORABLE, number=st.integers())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_come_back_as_they_went_in(arrays, number, store_folder):
    make, spec = Maker(arrays), {"number": number, "names": sorted(arrays)}
    store.path_of("kind", spec).unlink(missing_ok=True)
    assert store.load("kind", spec) is None
    assert_same(store.get_or_make("kind", spec, make), arrays)
    assert_same(store.load("kind", spec), arrays)
    assert_same(store.get_or_make("kind", spec, make), arrays)
    assert make.calls == 1


def test_a_transposed_array_keeps_its_shape_and_values(store_folder):
    arrays = {"w": np.arange(6.0).reshape(2, 3).T}
    store.get_or_make("kind", SPEC, Maker(arrays))
    assert_same(store.load("kind", SPEC), arrays)


def test_the_name_follows_the_specification_and_nothing_else(store_folder):
    path = store.path_of("kind", {"a": 1, "b": [1, 2]})
    assert path == store.path_of("kind", {"b": (1, 2), "a": 1})
    others = [("kind", {"a": 1, "b": [2, 1]}), ("kind", {"a": 1}), ("other", {"a": 1, "b": [1, 2]})]
    assert path not in [store.path_of(*other) for other in others]
    assert path.parent == store_folder / "kind"


def test_a_specification_that_json_cannot_hold_is_refused(store_folder):
    with pytest.raises(ValueError, match="JSON compliant"):
        store.get_or_make("kind", {"alpha": float("nan")}, Maker())
    with pytest.raises(TypeError, match="not JSON serializable"):
        store.get_or_make("kind", {"seed": np.int64(1)}, Maker())


def test_the_folder_is_the_one_that_is_named(store_folder, monkeypatch):
    assert store.root() == store_folder
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("FCMOD_STORE")
        else:
            monkeypatch.setenv("FCMOD_STORE", unset)
        assert store.root().name == "fcmod"


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_people_who_share_a_store_can_read_each_others_entries(store_folder):
    before = os.umask(0o002)
    try:
        store.get_or_make("kind", {"a": 1}, lambda: {"w": np.zeros(3)})
    finally:
        os.umask(before)
    path = store.path_of("kind", {"a": 1})
    assert path.stat().st_mode & 0o777 == 0o664
    lock = path.with_suffix(".lock")  # some versions of filelock remove it
    assert not lock.exists() or lock.stat().st_mode & 0o660 == 0o660


def test_a_failed_make_leaves_nothing_and_the_next_one_works(store_folder):
    def fails():
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        store.get_or_make("kind", SPEC, fails)
    assert store.load("kind", SPEC) is None
    assert_same(store.get_or_make("kind", SPEC, Maker()), ARRAYS)


# ------------------------------------------------------------------------------ damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:5],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: b"PK\x03\x04 some other program's file",
        lambda data: b"\xff" * len(data),
        lambda data: os.urandom(len(data)),
    ],
    ids=["emptied", "header cut", "half", "last byte cut", "byte added", "foreign", "overwritten", "noise"],
)
def test_a_damaged_file_is_said_and_made_again(damage, store_folder):
    path = kept()
    path.write_bytes(damage(path.read_bytes()))
    make = Maker()
    with pytest.warns(store.StoreWarning, match=path.name):
        assert_same(store.get_or_make("kind", SPEC, make), ARRAYS)
    assert make.calls == 1
    assert_same(store.load("kind", SPEC), ARRAYS)  # without a warning: it is whole again


def test_no_flipped_byte_goes_unnoticed(store_folder):
    path = kept()
    whole = path.read_bytes()
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        try:
            with pytest.warns(store.StoreWarning, match=path.name):
                assert store.load("kind", SPEC) is None
        except pytest.fail.Exception:  # no warning: then nothing that counts may have changed
            assert_same(store.load("kind", SPEC), ARRAYS)
            assert whole[position : position + 1] == b" ", f"byte {position}"


def test_an_entry_under_another_ones_name_is_not_used(store_folder):
    other = {"task": "another"}
    shutil.copy(kept(), store.path_of("kind", other))
    with pytest.warns(store.StoreWarning, match="was made by something else"):
        assert store.load("kind", other) is None


# ------------------------------------------------------------------------------ unusable folders


def assert_refused(message):
    make = Maker()
    with pytest.raises(store.StoreError, match=message) as refused:
        store.get_or_make("kind", SPEC, make)
    assert make.calls == 0, "work was started"
    for named in ("FCMOD_STORE", os.environ["FCMOD_STORE"]):
        assert named in str(refused.value)


def test_a_folder_below_a_file_is_refused_before_work_starts(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path / "file" / "store"))
    assert_refused("cannot be written to")


def test_a_file_in_place_of_the_kinds_folder_is_refused_before_work_starts(store_folder):
    store_folder.mkdir()
    (store_folder / "kind").touch()
    assert_refused("cannot be written to")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a read-only file system that is always there")
def test_a_read_only_file_system_is_refused_before_work_starts(monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", "/proc/fcmod")
    assert_refused("cannot be written to")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused_before_work_starts(store_folder):
    store_folder.mkdir(mode=0o500)
    assert_refused("cannot be written to")


def test_what_is_there_can_be_read_from_a_folder_that_takes_nothing_new(store_folder, monkeypatch):
    kept()
    monkeypatch.setattr(store, "FREE_BYTES", 10**18)
    make = Maker()
    assert_same(store.get_or_make("kind", SPEC, make), ARRAYS)
    assert make.calls == 0


def test_a_full_disk_is_refused_before_work_starts(store_folder, monkeypatch):
    monkeypatch.setattr(store, "FREE_BYTES", 10**18)
    assert_refused("is full: .* MB left, 1000000000000 MB needed")


WRITE_TOO_MUCH = """
import resource
import numpy as np
from fcmod_utils import store
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    store.get_or_make("kind", {"a": 1}, lambda: {"w": np.ones(100_000)})
except store.StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes to set")
def test_a_disk_that_fills_up_while_writing_leaves_nothing(store_folder):
    """The system itself stops the writing half-way, here at a limit on the size of files."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE_TOO_MUCH], capture_output=True, text=True, check=True, timeout=60
    )
    path = store.path_of("kind", {"a": 1})
    assert str(path) in done.stdout
    assert "could not be written" in done.stdout
    assert "nothing was kept of it" in done.stdout
    assert [file.name for file in path.parent.iterdir() if file.suffix != ".lock"] == []


# ------------------------------------------------------------------------------ the book's artifacts


def test_what_the_book_brings_along_is_used_and_said(store_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_ARTIFACTS", str(tmp_path / "artifacts"))
    assert store.where("kind", SPEC) is None
    made = kept()
    assert store.where("kind", SPEC) == "read from the store"
    brought = store.artifacts() / made.relative_to(store_folder)
    brought.parent.mkdir(parents=True)
    shutil.move(made, brought)
    assert store.where("kind", SPEC) == "read from the book's artifacts"
    make = Maker()
    assert_same(store.get_or_make("kind", SPEC, make), ARRAYS)
    assert make.calls == 0
    assert not made.exists(), "it stays where it is"


def test_a_damaged_artifact_is_said_and_made_in_the_store(store_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_ARTIFACTS", str(tmp_path / "artifacts"))
    made = kept()
    brought = store.artifacts() / made.relative_to(store_folder)
    brought.parent.mkdir(parents=True)
    brought.write_bytes(made.read_bytes()[:-1])
    made.unlink()
    with pytest.warns(store.StoreWarning, match=str(brought)):
        assert_same(store.get_or_make("kind", SPEC, Maker()), ARRAYS)
    assert store.path_of("kind", SPEC).is_file()


def test_a_home_folder_is_expanded(monkeypatch):
    monkeypatch.setenv("FCMOD_STORE", "~/networks")
    assert store.root() == Path.home() / "networks"


def test_the_books_own_artifacts_are_small_and_whole():
    """At most 20 MB together, and each file is what its name says."""
    files = list((ROOT / "artifacts").rglob("*.safetensors"))
    assert sum(file.stat().st_size for file in files) <= 20e6
    for file in files:
        with safe_open(file, framework="numpy") as opened:
            spec = json.loads(opened.metadata()["spec"])
        assert store.path_of(file.parent.name, spec).name == file.name
        assert store.load(file.parent.name, spec) is not None
