"""Put an explorable into a page: one inline script, its style and its data."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from .compact import compact
from .digit_data import check_digits
from .growing_data import check_growing
from .lab_data import check_lab
from .lesion_data import check
from .maker_data import check_maker
from .portrait_data import check_portrait
from .thalamus_data import check_thalamus
from .wiring_data import check_wiring

IMPORT = re.compile(r'^import .*? from "\./([\w-]+\.js)";\n', re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"^export (?=(async )?(const|function|class)\b)", re.MULTILINE)
COMMENT = re.compile(r"^\s*(//.*|/\*\*.*?\*/)\n", re.MULTILINE)


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def bundle(entry: str = "lesion-lab.js") -> str:
    """Join an ES module and all it imports into one text, each after what it needs."""
    done: dict[str, str] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        source = _read(name)
        for needed in IMPORT.findall(source):
            visit(needed)
        done[name] = EXPORT.sub("", IMPORT.sub("", COMMENT.sub("", source)))

    visit(entry)
    return "\n".join(done.values())


@cache
def short(entry: str) -> str:
    """The joined script as the page carries it."""
    return compact(bundle(entry))


def _json(data: Mapping[str, Any]) -> str:
    """Write compact JSON that cannot end the script it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


@dataclass(frozen=True)
class Explorable:
    """A custom element and its data, which a notebook shows as HTML; else a line of text.

    Attributes
    ----------
    tag : str
        The element's name, ``fc-...``; its script and style are the files of that name.
    data : dict
        The JSON it starts from.
    replaces : str
        Id of the static figure that it stands in for where scripts run (not in print); empty if it
        stands beside all figures.
    element_id : str
        Id of the element; it also names it in the address that keeps its state.
    about : str
        What it is, in a few words.
    """

    tag: str
    data: Mapping[str, Any]
    replaces: str
    element_id: str
    about: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*", self.element_id):
            raise ValueError(f"element_id is {self.element_id!r}, expected letters, digits and single dashes")

    def __repr__(self) -> str:
        return f"{self.about}, in place of the figure {self.replaces!r}" if self.replaces else self.about

    def _repr_html_(self) -> str:
        name = self.tag.removeprefix("fc-")
        data = f'<script type="application/json">{_json(self.data)}</script>'
        where = f'id="{html.escape(self.element_id)}" replaces="{html.escape(self.replaces)}"'
        script = short(f"{name}.js").replace("</", "<\\/")  # only ever inside a string
        return (
            f"<{self.tag} {where}>{data}</{self.tag}>\n"
            f"<style>\n{_read('explorable.css')}{_read(f'{name}.css')}</style>\n"
            f'<script type="module">\n{script}</script>'
        )


def lesion_lab(
    data: Mapping[str, Any], replaces: str = "fig-lesion", element_id: str = "lesion-lab"
) -> Explorable:
    """Show the lesion lab for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Lesion lab (modules {', '.join(check(data)['module_names'])})"
    return Explorable("fc-lesion-lab", data, replaces, element_id, about)


def phase_portrait(
    data: Mapping[str, Any], replaces: str = "fig-portrait", element_id: str = "phase-portrait"
) -> Explorable:
    """Show the phase portrait for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Phase portrait ({', '.join(one['task'] for one in check_portrait(data)['networks'])})"
    return Explorable("fc-phase-portrait", data, replaces, element_id, about)


def lab(data: Mapping[str, Any], replaces: str = "fig-lab", element_id: str = "lab") -> Explorable:
    """Show the Lab for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Lab (first network: {check_lab(data)['about']})"
    return Explorable("fc-lab", data, replaces, element_id, about)


def module_maker(
    data: Mapping[str, Any], replaces: str = "fig-maker", element_id: str = "module-maker"
) -> Explorable:
    """Show the module maker for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Module maker ({', '.join(check_maker(data)['models'])})"
    return Explorable("fc-module-maker", data, replaces, element_id, about)


def thalamus_map(data: Mapping[str, Any], replaces: str = "", element_id: str = "thalamus-map") -> Explorable:
    """Show the thalamus map for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Thalamus map ({len(check_thalamus(data)['nuclei'])} nuclei, {len(data['areas'])} areas)"
    return Explorable("fc-thalamus-map", data, replaces, element_id, about)


def digit_lab(
    data: Mapping[str, Any], replaces: str = "fig-digit-lab", element_id: str = "digit-lab"
) -> Explorable:
    """Show the digit lab for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Digit lab ({len(check_digits(data)['labels'])} digits, {len(data['labels'][0])} hidden units)"
    return Explorable("fc-digit-lab", data, replaces, element_id, about)


def wiring_box(
    data: Mapping[str, Any], replaces: str = "fig-box", element_id: str = "wiring-box"
) -> Explorable:
    """Show the wiring box for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    about = f"Wiring box ({len(check_wiring(data)['strengths'][0])} networks of each kind, along training)"
    return Explorable("fc-wiring-box", data, replaces, element_id, about)


def growing_sheet(
    data: Mapping[str, Any], replaces: str = "fig-sheet", element_id: str = "growing-sheet"
) -> Explorable:
    """Show the growing sheet for a payload, with ``replaces`` and ``element_id`` as in ``Explorable``."""
    side = " x ".join(map(str, check_growing(data)["sheet"]))
    about = f"Growing sheet ({side} neurons, {len(data['steps'])} checkpoints, {len(data['names'])} tasks)"
    return Explorable("fc-growing-sheet", data, replaces, element_id, about)
