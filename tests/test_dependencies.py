"""pyproject.toml declares what is imported, and little else."""

import ast
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FIXED = {"jupyter-book", "jupytext", "torch", "neurogym", "bctpy", "numpy", "seaborn", "ipywidgets"}
FOLDERS = ("fcmod_utils", "book", "tests", "benchmarks")
OURS = {"fcmod_utils", "fcmod_site", *(path.stem for one in FOLDERS for path in (ROOT / one).glob("*.py"))}
DISTRIBUTIONS = packages_distributions()


def imported(folder: str) -> set[str]:
    """Distributions that a folder's Python files import, wherever in the file."""
    modules = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.split(".")[0])
    found = modules - OURS - set(sys.stdlib_module_names)
    return {canonicalize_name(DISTRIBUTIONS[module][0]) for module in found}


@cache
def declared(*extras: str) -> set[str]:
    """What is installed with the project and these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return {canonicalize_name(Requirement(line).name) for lines in lists for line in lines}


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("fcmod_utils", ("brains", "cluster", "lm", "spiking")),
        ("tests", ("test", "brains", "cluster", "lm", "spiking")),
        ("benchmarks", ("test",)),
        ("book", ("test", "dev")),
    ],
)
def test_every_import_is_declared(folder, extras):
    assert imported(folder) - declared(*extras) == set()


def test_every_runtime_dependency_is_imported_or_fixed():
    assert declared() - imported("fcmod_utils") - FIXED == set()


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.md")), ids=lambda path: path.stem)
def test_colab_fetches_the_repository_of_the_book(path):
    url = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    assert f"git clone -q --depth 1 {url} " in path.read_text(encoding="utf-8")
