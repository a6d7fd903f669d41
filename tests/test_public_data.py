"""Public data: found where a reader has them, else fetched by checksum; nothing damaged is kept."""

import gzip
import http.server
import io
import tarfile
import threading
import zipfile
from functools import partial

import pytest

from fcmod_utils import public_data
from fcmod_utils.public_data import MissingData, Source, sha256

TEXTS = {"a.csv": b"1,2", "b.txt": b"3 1 2 3", "c-one": b"one", "c-two": b"two"}
PACKED = {"a.csv": ("a.csv", ""), "b.txt": ("b.zip", "centres.txt"), "c-one": ("c.tgz", "one"),
          "c-two": ("c.tgz", "two")}  # fmt: skip


@pytest.fixture
def host(tmp_path):
    """A host, the folder it serves, and what was asked of it."""
    folder, asked = tmp_path / "served", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    handler = partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.fixture
def published(host, store_folder, monkeypatch):
    """The four files as a stranger publishes them, and no data at hand."""
    folder, address, asked = host
    monkeypatch.delenv("FCMOD_DATA", raising=False)
    (folder / "a.csv").write_bytes(TEXTS["a.csv"])
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("in/centres.txt", TEXTS["b.txt"])
    with tarfile.open(folder / "c.tgz", "w:gz") as archive:
        for name in ("one", "two"):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = 3
            archive.addfile(member, io.BytesIO(TEXTS[f"c-{name}"]))
    files = {
        name: Source("set", f"{address}/{file}", sha256(TEXTS[name]), member)
        for name, (file, member) in PACKED.items()
    }
    monkeypatch.setattr(public_data, "FILES", files)
    return folder, asked


def kept(store_folder):
    return sorted(path.name for path in (store_folder / "data").rglob("*"))


def test_files_are_fetched_once_into_the_cache(published, store_folder):
    folder, asked = published
    for name, text in TEXTS.items():
        assert public_data.read(name) == text
        assert public_data.fetch(name) == store_folder / "data" / name
        assert name in public_data.present()
    assert asked == ["/a.csv", "/b.zip", "/c.tgz"], "an archive is fetched once for all that is in it"
    for served in folder.iterdir():
        served.unlink()
    assert [public_data.read(name) for name in TEXTS] == list(TEXTS.values())
    assert kept(store_folder) == sorted(TEXTS)


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def login_page(path):
    path.write_bytes(b"<html>please log in</html>")


def other_bytes(path):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("in/centres.txt", "other")
        return
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [cut, login_page, other_bytes])
@pytest.mark.parametrize("name", ["a.csv", "b.txt", "c-one"])
def test_damaged_download_is_refused_not_kept_and_fetched_again(published, store_folder, name, harm):
    folder, _ = published
    file = folder / PACKED[name][0]
    sound = file.read_bytes()
    harm(file)
    with pytest.raises(MissingData, match=f"{name}: what was fetched has another checksum; get it from http"):
        public_data.fetch(name)
    assert kept(store_folder) == [] and len(public_data.prefetch()) == 1 + (name == "c-one")
    assert public_data.prefetch("another set") == []
    file.write_bytes(sound)
    assert public_data.read(name) == TEXTS[name]


def test_a_connection_that_breaks_leaves_nothing(published, store_folder, monkeypatch):
    def promise_more(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"1,2")

    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "do_GET", promise_more)
    with pytest.raises(MissingData, match=r"a.csv is not here and could not be fetched; .* FCMOD_DATA names"):
        public_data.fetch("a.csv")
    assert kept(store_folder) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(published, store_folder):
    public_data.fetch("a.csv").write_bytes(b"1,")
    assert public_data.read("a.csv") == TEXTS["a.csv"]


@pytest.mark.parametrize("place", ["set/{}", "{}", "set/{}.gz", "{}.gz"])
def test_data_folder_comes_first_and_is_checked(published, tmp_path, monkeypatch, place):
    _, asked = published
    path = tmp_path / place.format("a.csv")
    path.parent.mkdir(exist_ok=True)
    pack = gzip.compress if place.endswith("gz") else bytes
    monkeypatch.setenv("FCMOD_DATA", str(tmp_path))
    path.write_bytes(pack(b"not it"))
    with pytest.raises(ValueError, match=rf"a.csv.*: SHA-256 .*; allowed: {sha256(b'1,2')[:12]}"):
        public_data.fetch("a.csv")
    path.write_bytes(pack(TEXTS["a.csv"]))
    assert public_data.fetch("a.csv") == path and public_data.read("a.csv") == TEXTS["a.csv"]
    assert asked == []
    if place.endswith("gz"):
        path.write_bytes(path.read_bytes()[:-4])
        with pytest.raises(ValueError, match=r"a.csv.gz is damaged .*; allowed: a whole gzip file"):
            public_data.fetch("a.csv")


def test_without_a_network_it_says_what_to_do(store_folder, monkeypatch):
    monkeypatch.delenv("FCMOD_DATA", raising=False)
    nowhere = Source("set", "http://127.0.0.1:9/a.csv", "0" * 64)
    monkeypatch.setattr(public_data, "FILES", {"a.csv": nowhere})
    with pytest.raises(MissingData, match=r"a.csv is not here .* FCMOD_DATA names"):
        public_data.fetch("a.csv")
    with pytest.raises(ValueError, match=r"unknown file 'b'; allowed: a.csv"):
        public_data.fetch("b")


def test_package_that_is_not_installed_says_how_to_get_it():
    with pytest.raises(MissingData, match=r"no_such_thing.* --no-deps -r requirements-data.lock"):
        public_data.package_file("no_such_thing", "data/x.csv")
    with pytest.raises(MissingData, match=r"no-such-file is missing; install iblatlas"):
        public_data.package_file("iblatlas", "no-such-file")
