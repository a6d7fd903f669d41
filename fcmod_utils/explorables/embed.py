"""Put an explorable into a page: one inline script, its style and its data."""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from .lesion_data import check

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


def _json(data: Mapping[str, Any]) -> str:
    """Write compact JSON that cannot end the script it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


class LesionLab:
    """A lesion lab that a notebook shows as HTML; on its own it is a line of text."""

    def __init__(self, data: Mapping[str, Any], replaces: str, element_id: str) -> None:
        self.data, self.replaces, self.element_id = check(data), replaces, element_id

    def __repr__(self) -> str:
        names = ", ".join(self.data["module_names"])
        return f"Lesion lab (modules {names}), in place of the figure {self.replaces!r}"

    def _repr_html_(self) -> str:
        data = f'<script type="application/json">{_json(self.data)}</script>'
        tag = f'id="{html.escape(self.element_id)}" replaces="{html.escape(self.replaces)}"'
        script = bundle().replace("</", "<\\/")  # only ever inside a string
        return (
            f"<fc-lesion-lab {tag}>{data}</fc-lesion-lab>\n"
            f"<style>\n{_read('lesion-lab.css')}</style>\n"
            f'<script type="module">\n{script}</script>'
        )


def lesion_lab(
    data: Mapping[str, Any], replaces: str = "fig-lesion", element_id: str = "lesion-lab"
) -> LesionLab:
    """Show the lesion lab for a payload as HTML.

    Parameters
    ----------
    data
        What ``payload`` returned.
    replaces
        Id of the static figure that the lab stands in for where scripts run (not in print).
    element_id
        Id of the element; it also names the lab in the address that keeps its state.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", element_id):
        raise ValueError(f"element_id is {element_id!r}, expected letters, digits and dashes")
    return LesionLab(data, replaces, element_id)
