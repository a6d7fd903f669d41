"""`make book`'s promises, on a book of two pages: what runs again, what does not, and how it fails."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from conftest import ROOT, hears_interrupts
from filelock import FileLock

pytestmark = pytest.mark.site

INTRO = """# Intro

The chapter found {result}`notebooks/one:value:.2f`.

```{claims} one
```

```{scoreboard}
```
"""
CHAPTER = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
---

# One

PROSE {cite}`tanner2023`

```{code-cell} ipython3
import sys

if "google.colab" in sys.modules:
    !git clone nothing
from fcmod_utils import VALUE
from myst_nb import glue
glue("value", VALUE, display=False)
print("value", VALUE)
```

```{code-cell} ipython3
class Claim:
    def _repr_mimebundle_(self, **_):
        record = {"id": "T1a,b", "value": VALUE, "low": 0.1, "high": 2.0, "n": 5}
        record["shown"] = [f"{VALUE:.2f}", "0.10", "2.00"]
        record |= {"unit": "networks", "verdict": "reproduced"}
        html = '<p id="claim-T1a-b" class="fc-claim">reproduced</p>'
        return {"application/vnd.fcmod.claim+json": record, "text/html": html, "text/plain": "claim"}
Claim()
```
"""
CLAIMS = """
- {id: "T1a,b", chapter: one, sentence: Tested., source: Here, paper: not published}
- {id: T2, chapter: two, sentence: Later., source: Here, paper: "4"}
- {id: T3, chapter: two, sentence: Never., source: Here, paper: "4", not_testable: the data are gone}
"""
TOC = "format: jb-book\nroot: book/intro\nchapters:\n  - file: notebooks/one\n  - file: book/references\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A folder laid out like the project, with one chapter."""
    root = tmp_path_factory.mktemp("project")
    for folder in ("notebooks", "fcmod_utils"):
        (root / folder).mkdir()
    for folder in ("extension", "assets"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder)
    for name in ("_config.yml", "requirements.lock", "book/build.py", "book/references.md"):
        shutil.copy(ROOT / name, root / name)
    shutil.copy(ROOT / "book/references.bib", root / "book/references.bib")
    (root / "_toc.yml").write_text(TOC)
    (root / "book/claims.yml").write_text(CLAIMS)
    (root / "book/intro.md").write_text(INTRO)
    (root / "notebooks/one.md").write_text(CHAPTER)
    (root / "fcmod_utils/__init__.py").write_text("VALUE = 1.234\n")
    for room in ("scale", "store", "public_data", "model_files", "language"):  # what the build itself asks
        shutil.copy(ROOT / f"fcmod_utils/{room}.py", root / f"fcmod_utils/{room}.py")
    return root


def environment(root):
    known = {
        key: value for key, value in os.environ.items() if not key.startswith("FCMOD") or key == "FCMOD_DATA"
    }
    return {**known, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def command(root):
    return [sys.executable, str(root / "book/build.py")]


def build(root):
    """Run the build as make does; returns the finished process."""
    given = {"cwd": root, "env": environment(root), "capture_output": True, "text": True}
    return subprocess.run(command(root), check=False, **given)


def page(root, name):
    return (root / "_build/html" / f"{name}.html").read_text(encoding="utf-8")


def executed_at(root):
    return json.loads((root / "_build/runs.json").read_text())["notebooks/one"]["at"]


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_builds_again_only_what_it_must(book):
    done = build(book)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "notebooks/one" in done.stdout and "index.html" in done.stdout
    assert "1.23" in page(book, "book/intro")
    board = page(book, "book/intro")
    assert 'href="../notebooks/one.html#claim-T1a-b"' in board
    assert "not built yet" in board and "the data are gone" in board
    first = executed_at(book)

    edit(book / "notebooks/one.md", "PROSE", "Other words")
    assert build(book).returncode == 0
    assert "Other words" in page(book, "notebooks/one")
    assert executed_at(book) == first, "a change of prose must not execute anything"
    assert 'href="../notebooks/one.html#claim-T1a-b"' in page(book, "book/intro")
    download = json.loads((book / "_build/html/_sources/notebooks/one.ipynb").read_text())
    assert any(cell.get("outputs") for cell in download["cells"])

    edit(book / "fcmod_utils/__init__.py", "1.234", "9.876")
    assert build(book).returncode == 0
    assert executed_at(book) > first, "a change of the module must execute the chapter again"
    assert "9.88" in page(book, "book/intro")
    assert "value 9.876" in page(book, "notebooks/one")


def test_a_chapter_that_warns_is_built_and_the_page_does_not_show_it(book):
    warn = "import warnings\nwarnings.warn('mind the step')\n"
    edit(book / "notebooks/one.md", "class Claim:", warn + "class Claim:")
    done = build(book)
    assert done.returncode == 0, done.stderr
    assert "UserWarning: mind the step" in done.stdout
    edit(book / "notebooks/one.md", "Other words", "Third words")  # from the cache now
    assert build(book).returncode == 0
    shown = page(book, "notebooks/one")
    assert "Third words" in shown and "UserWarning" not in shown
    edit(book / "notebooks/one.md", warn, "")


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_after_an_interruption_no_page_is_stale(book, by):
    assert build(book).returncode == 0
    now = f"{10 + by}.5"
    (book / "fcmod_utils/__init__.py").write_text(f"VALUE = {now}\n")
    given = {"cwd": book, "env": environment(book), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    given |= {"start_new_session": True, "preexec_fn": hears_interrupts, "text": True}
    with subprocess.Popen(command(book), **given) as running:
        assert any("pickling environment" in line for line in running.stdout)
        os.killpg(running.pid, by)
        _, said = running.communicate()
    assert running.returncode == (130 if by == signal.SIGINT else -by)
    assert "Traceback" not in said
    assert f"value {now}" not in page(book, "notebooks/one"), "the test came too late to test anything"
    assert build(book).returncode == 0
    assert f"value {now}" in page(book, "notebooks/one")


def test_waits_for_another_build(book):
    given = {"cwd": book, "env": environment(book), "stdout": subprocess.PIPE, "text": True}
    with FileLock(book / "_build/lock"):
        running = subprocess.Popen(command(book), **given)
        assert "Another build of this book is at work here" in running.stdout.readline()
    said, _ = running.communicate()
    assert running.returncode == 0 and "Built in" in said


def test_fails_loudly_and_again(book):
    edit(book / "notebooks/one.md", "from fcmod_utils import VALUE", "from fcmod_utils import NOTHING")
    for _ in range(2):
        done = build(book)
        assert done.returncode != 0
        assert "cannot import name 'NOTHING'" in done.stderr
    edit(book / "notebooks/one.md", "from fcmod_utils import NOTHING", "from fcmod_utils import VALUE")
    edit(book / "book/intro.md", "one:value", "one:valve")
    for _ in range(2):
        done = build(book)
        assert done.returncode != 0
        assert "no glued 'valve'" in done.stderr


def test_unknown_scale_is_named(book):
    given = {"env": environment(book) | {"FCMOD_SCALE": "huge"}, "capture_output": True, "text": True}
    done = subprocess.run(command(book), check=False, **given)
    assert done.returncode == 2
    assert "'huge'" in done.stderr and "quick, book, paper" in done.stderr
