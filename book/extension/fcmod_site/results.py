"""Show on one page what a chapter computed, without running it again.

``{result}`notebooks/function:key:.2f` `` is a glued number; the directive of the same name shows a
glued figure or HTML output. Both read the executed notebook when the page is written, so they
follow the chapter in incremental builds.
"""

import ast
import base64
import hashlib
import html
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

LOGGER = logging.getLogger(__name__)


class Result(nodes.General, nodes.Element):
    """Placeholder for a glued value."""


@lru_cache
def _json(path: Path, stamp: int) -> dict:
    """A JSON file; read once for each of its versions."""
    return json.loads(path.read_text(encoding="utf-8"))


def executed(app, docname: str, suffix: str) -> dict:
    """What MyST-NB left when it executed a page; empty where the page is no notebook."""
    path = Path(app.outdir).parent / "jupyter_execute" / f"{docname}{suffix}"
    return _json(path, path.stat().st_mtime_ns) if path.is_file() else {}


def outputs(app, docname: str) -> list[dict]:
    """All rich outputs of a page's executed notebook."""
    cells = executed(app, docname, ".ipynb").get("cells", [])
    return [out for cell in cells for out in cell.get("outputs", []) if "data" in out]


def glued(app, docname: str, key: str) -> dict[str, str]:
    """What a chapter glued under this key, by mime type; empty where it did not."""
    out = executed(app, docname, ".glue.json").get(key, {"data": {}})
    prefix = out.get("metadata", {}).get("scrapbook", {}).get("mime_prefix") or ""
    return {mime.removeprefix(prefix): text for mime, text in out["data"].items()}


def plain(text: str, spec: str) -> str:
    """A value's repr as a reader wants it: quotes and NumPy's type names off, then formatted."""
    text = re.sub(r"^np\.\w+\((.*)\)$", r"\1", text.strip())
    try:
        return format(ast.literal_eval(text), spec)
    except (SyntaxError, ValueError):
        return text


class ResultRole(SphinxRole):
    """``docname:key`` or ``docname:key:format``."""

    def run(self):
        """Leave a placeholder."""
        docname, key, spec = ([*self.text.split(":", 2), ""])[:3]
        remember(self.env)
        node = Result(docname=docname, key=key, spec=spec, inline=True)
        self.set_source_info(node)
        return [node], []


class ResultDirective(SphinxDirective):
    """``docname:key`` with the options name, alt and caption (for a figure)."""

    required_arguments = 1
    option_spec: ClassVar = dict.fromkeys(("name", "alt", "caption"), directives.unchanged)

    def run(self):
        """Leave a placeholder."""
        docname, key = self.arguments[0].split(":", 1)
        remember(self.env)
        node = Result(docname=docname, key=key, inline=False, options=dict(self.options))
        self.set_source_info(node)
        return [node]


def remember(env):
    """Note that this page shows what another computed: it is written anew in every build."""
    if not hasattr(env, "fcmod_borrowers"):
        env.fcmod_borrowers = set()
    env.fcmod_borrowers.add(env.docname)


def purge(app, env, docname):
    """Forget a page before it is read again."""
    getattr(env, "fcmod_borrowers", set()).discard(docname)


def write_again(app, env):
    """Pages to write although they did not change themselves."""
    return sorted(getattr(env, "fcmod_borrowers", ()))


def figure(app, docname: str, data: dict, options: dict) -> str:
    """HTML of a glued image, written to the site's image folder."""
    svg = data.get("image/svg+xml")
    raw = svg.encode() if svg else base64.b64decode(data["image/png"])
    name = f"fc-{hashlib.sha256(raw).hexdigest()[:16]}.{'svg' if svg else 'png'}"
    folder = Path(app.outdir) / "_images"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(raw)
    source = "../" * docname.count("/") + "_images/" + name
    identity = f' id="{html.escape(options["name"])}"' if "name" in options else ""
    caption = html.escape(options.get("caption", ""))
    return (
        f'<figure class="align-default fc-figure"{identity}>'
        f'<img src="{source}" alt="{html.escape(options.get("alt", ""))}">'
        + (f"<figcaption><p>{caption}</p></figcaption>" if caption else "")
        + "</figure>"
    )


def show(app, node: Result, docname: str) -> nodes.Node:
    """The node that takes a placeholder's place."""
    data = glued(app, node["docname"], node["key"])
    if node["inline"] and "text/plain" in data:
        return nodes.Text(plain(data["text/plain"], node["spec"]))
    if not node["inline"] and "text/html" in data:
        return nodes.raw("", data["text/html"], format="html")
    if not node["inline"] and ("image/svg+xml" in data or "image/png" in data):
        return nodes.raw("", figure(app, docname, data, node["options"]), format="html")
    LOGGER.warning("nothing to show: %s has no glued %r", node["docname"], node["key"], location=node)
    return nodes.Text(f"[{node['key']}]")


def resolve(app, doctree, docname):
    """Replace the placeholders of a page that is about to be written."""
    for node in list(doctree.findall(Result)):
        node.replace_self(show(app, node, docname))


def setup(app):
    """Connect to Sphinx."""
    app.add_node(Result)
    app.add_role("result", ResultRole())
    app.add_directive("result", ResultDirective)
    app.connect("env-purge-doc", purge)
    app.connect("env-updated", write_again)
    app.connect("doctree-resolved", resolve)
