"""The project's own rules: pairs in step, one set of pins, rooms that know only rooms to their left."""

import ast
import re
import statistics
import tomllib
from importlib.metadata import version
from pathlib import Path

import jupytext
import pytest
import yaml
from conftest import ROOT, toc_pages
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from fcmod_utils import public_data

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.md"))
INFRASTRUCTURE = ("scale", "store", "claims", "processes")  # any room may use these
ROOMS = (
    "trials", "inference", "cog_tasks", "cog_stream", "observers", "tasks",
    "recurrence", "networks", "sheets", "constraints", "recipes", "exchange", "learning", "training",
    "activity", "connectivity", "projections", "modularity", "modules", "comparisons",
    "lesions", "flow", "jacobians", "fixed_points", "graphs", "topology", "effects", "sernn",
    "lasso", "selectivity", "task_variance", "placement", "brain_maps", "wire_maps",
    "cog_lesions", "cog_modules",
    "wiring", "embedded", "bridge", "spiking", "grown", "growth", "pareto",
    "public_data", "digits", "perceptrons", "predictive_coding", "feedforward", "digit_modules",
    "brain_data", "mouse_data", "human_data", "spatial_nulls", "brains", "standin",
    "model_files", "language", "sentences",
    "exercises", "plots", "weight_plots", "spatial_plots", "task_plots", "map_plots",
    "explorables", "card", "sweep",
)  # fmt: skip
SOURCES = sorted((ROOT / "fcmod_utils").rglob("*.py"))
named = {"ids": lambda path: path.relative_to(ROOT).as_posix()}


# ---------------------------------------------------------------- notebooks


def test_notebooks_come_in_pairs_and_are_in_the_contents():
    names = {path.stem for path in NOTEBOOKS}
    assert names and names == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert names == {Path(page).name for page in toc_pages() if page.startswith("notebooks/")}


def test_figures_have_names_of_their_own():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    names = re.findall(r"^ *:?name: +(fig-[\w-]+)", pages, re.MULTILINE)
    twice = {name for name in names if names.count(name) > 1}
    assert len(names) > 100 and not twice


@pytest.mark.parametrize("path", NOTEBOOKS, **named)
def test_pair_is_in_sync(path):
    text, notebook = jupytext.read(path), jupytext.read(path.with_suffix(".ipynb"))

    def parts(one):
        return [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in one.cells]

    assert parts(text) == parts(notebook), "run `make pair`"
    assert text.metadata["kernelspec"] == notebook.metadata["kernelspec"]


@pytest.mark.parametrize("path", NOTEBOOKS, **named)
def test_pair_has_no_outputs_in_the_repository(path):
    for cell in jupytext.read(path.with_suffix(".ipynb")).cells:
        assert cell.cell_type != "code" or (not cell.outputs and cell.execution_count is None)


# ---------------------------------------------------------------- pins


def lock() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def wanted() -> list[Requirement]:
    extras = project()["optional-dependencies"].values()
    lines = [*project()["dependencies"], *(line for extra in extras for line in extra)]
    return [one for one in map(Requirement, lines) if one.name != "fcmod_utils"]


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_lock_pins_every_package_and_names_no_host():
    for one in lock():
        assert [pin.operator for pin in one.specifier] == ["=="], str(one)
        assert one.url is None and not one.name.startswith(("nvidia", "triton", "cuda"))
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_data_packages_are_pinned_by_checksum_and_named_where_they_are_read():
    lines = [line.split() for line in (ROOT / "requirements-data.lock").read_text().splitlines()]
    pins = [(Requirement(name), sha) for name, *sha in lines if name != "#" and not name.startswith("#")]
    for one, (sha,) in pins:
        assert sha.startswith("--hash=sha256:") and version(one.name) in one.specifier
    assert {one.name.replace("-", "_") for one, _ in pins} >= set(public_data.PACKAGES)


@pytest.mark.parametrize("need", wanted(), ids=str)
def test_lock_has_what_the_project_needs(need):
    pins = [one for one in lock() if canonical(one.name) == canonical(need.name)]
    assert pins, "not in requirements.lock"
    for pin in pins:
        assert next(iter(pin.specifier)).version in need.specifier


def test_environment_is_the_locked_one():
    here = [one for one in lock() if one.marker is None or one.marker.evaluate()]
    other = {str(one): version(one.name) for one in here if version(one.name) not in one.specifier}
    assert other == {}, "run `make env`"


def test_conda_environment_agrees_with_project_and_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [one for one in environment["dependencies"] if isinstance(one, str)]
    (pip,) = [one["pip"] for one in environment["dependencies"] if isinstance(one, dict)]
    (python,) = [one.split("=")[1] for one in conda if one.startswith("python=")]
    assert python in SpecifierSet(project()["requires-python"])
    assert "-r requirements.lock" in pip and "-e ." in pip
    assert sorted(one.split("=")[0] for one in conda) == ["pip", "python"], "pins belong into the lock"


def test_book_is_built_by_jupyter_book_1():
    assert version("jupyter-book") == "1.0.4.post1"


# ---------------------------------------------------------------- rooms


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "fcmod_utils").parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found, package = set(), ["fcmod_utils", *path.relative_to(ROOT / "fcmod_utils").parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("fcmod_utils.")}


def may_know(room: str) -> set[str]:
    left = ROOMS[: ROOMS.index(room)] if room in ROOMS else ()
    return {room, *left, *INFRASTRUCTURE}


@pytest.mark.parametrize("path", SOURCES, **named)
def test_room_knows_only_rooms_to_its_left(path):
    room = room_of(path)
    if room == "__init__":
        assert not imported_rooms(path)
    else:
        assert room in (*INFRASTRUCTURE, *ROOMS), "give the new room its place in ROOMS"
        assert imported_rooms(path) & {*ROOMS, *INFRASTRUCTURE} <= may_know(room)


def test_the_rule_of_rooms_can_fail():
    assert "training" not in may_know("networks") and "networks" in may_know("training")


@pytest.mark.parametrize("path", SOURCES, **named)
def test_bars_in_docstrings_are_code(path):
    """Sphinx reads a bare |w| as a substitution, and the book's build ends with an error."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, holders)]
    for text in texts:
        prose = re.sub(r"``.*?``|:math:`.*?`|>>>.*|^\.\. math::\n\n(?: +.*\n?|\n)+", "", text, flags=re.M)
        assert not re.search(r"\|\w+\|", prose), text


@pytest.mark.parametrize("path", SOURCES, **named)
def test_room_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def code_lines(function: ast.FunctionDef, text: list[str]) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    lines = text[body[0].lineno - 1 : function.end_lineno]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


def functions() -> list[tuple[str, int]]:
    found = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                found.append((f"{room_of(path)}.{node.name}", code_lines(node, text.splitlines())))
    return found


def test_functions_are_short():
    assert [one for one in functions() if one[1] > 50] == []
    assert statistics.median(lines for _, lines in functions()) <= 12
