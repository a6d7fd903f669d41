"""The ledger on the page: ``{claims} CHAPTER`` and ``{scoreboard}``.

Rows come from book/claims.yml, records from the outputs of the executed chapters.
"""

import re
from collections import Counter
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .results import outputs, remember

LOGGER = logging.getLogger(__name__)
LEDGER = "book/claims.yml"
MIME = "application/vnd.fcmod.claim+json"
VERDICTS = (
    "reproduced",
    "same direction",
    "not reproduced",
    "not testable here",
    "not built yet",
)


class Ledger(nodes.General, nodes.Element):
    """Placeholder for a table of claims."""


TITLES = {
    "feedforward": "Feed-forward networks",
    "sernn": "Wiring that costs (seRNN)",
    "bimt": "Wiring that costs (BIMT)",
}


def slug(text: str) -> str:
    """Part of an HTML id or class."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text)


def rows(env, chapter: str | None = None) -> list[dict]:
    """Rows of claims.yml, of one chapter or of all."""
    ledger = yaml.safe_load((Path(env.srcdir) / LEDGER).read_text(encoding="utf-8"))
    return [row for row in ledger if chapter in (None, row["chapter"])]


def records(app) -> dict[str, dict]:
    """Record of each claim that a chapter tested, with the page it is on."""
    found = {}
    for docname in sorted(app.env.found_docs):
        for out in outputs(app, docname):
            if MIME in out["data"]:
                record = {**out["data"][MIME], "docname": docname}
                if record["id"] in found:
                    LOGGER.warning("claim %s is recorded twice", record["id"], location=docname)
                found[record["id"]] = record
    return found


def verdict(row: dict, record: dict | None) -> str:
    """The record's verdict, or why there is none."""
    if record:
        return record["verdict"]
    return "not testable here" if "not_testable" in row else "not built yet"


def chip(text: str) -> str:
    """A verdict in words, with a mark and a color on top."""
    return f'<span class="fc-chip fc-chip-{slug(text)}">{escape(text)}</span>'


def ours(record: dict | None) -> str:
    """What this book found, as the table shows it."""
    if not record:
        return "\N{EM DASH}"
    value, low, high = record["shown"]
    sample = escape(f"n = {record['n']} {record['unit']}")
    return f"{value} <span>[{low}, {high}]</span> <small>{sample}</small>"


def typeset(text: str) -> str:
    """A rule or a number as a reader writes it: one sign for each comparison, a minus that is no hyphen."""
    for typed, sign in ((">=", "\N{GREATER-THAN OR EQUAL TO}"), ("<=", "\N{LESS-THAN OR EQUAL TO}")):
        text = text.replace(typed, sign)
    return escape(re.sub(r"(?<![\w.])-(?=\.?\d)", "\N{MINUS SIGN}", text))


def details(row: dict) -> str:
    """The statistic and the rule behind a row's verdict, folded away."""
    parts = [f"<p><b>Statistic:</b> {typeset(row['statistic'])}</p>"] if "statistic" in row else []
    if "reproduced" in row:
        rule, weaker = typeset(row["reproduced"]), typeset(row["direction"])
        parts.append(f"<p><b>Reproduced:</b> value {rule} and interval {weaker}.</p>")
        parts.append(f"<p><b>Same direction:</b> only interval {weaker}.</p>")
    if "rule_note" in row:
        parts.append(f"<p><b>Why:</b> {typeset(row['rule_note'])}</p>")
    if not parts:
        return ""
    whose = f'<span class="visually-hidden"> of {escape(row["id"])}</span>'
    return f'<details class="fc-rule"><summary>Rule{whose}</summary>{"".join(parts)}</details>'


def line(app, row: dict, record: dict | None, docname: str, rules: bool) -> str:
    """One row of the table."""
    name = escape(row["id"])
    if record:
        page = app.builder.get_relative_uri(docname, record["docname"])
        name = f'<a href="{page}#claim-{slug(row["id"])}">{name}</a>'
    said = f"{escape(row['sentence'])} <small>{escape(row['source'])}</small>"
    if "not_testable" in row:
        said += f" <small>Not testable here: {escape(row['not_testable'])}</small>"
    said += details(row) if rules else ""
    cells = [
        chip(verdict(row, record)),
        said,
        typeset(str(row.get("paper", "\N{EM DASH}"))),
        ours(record),
    ]
    cells = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def table(app, chapter: str, docname: str, rules: bool) -> str:
    """The chapter's claims, with the rules if asked.

    The box scrolls sideways on a narrow screen, by keyboard too.
    """
    known = records(app)
    body = "".join(line(app, row, known.get(row["id"]), docname, rules) for row in rows(app.env, chapter))
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("Claim", "Verdict", "What the paper says", "Paper", "Here")
    )
    label = f"Claims of the chapter {chapter}"
    return (
        f'<div class="fc-scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="table fc-claims"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def summary(app) -> str:
    """How many claims have which verdict."""
    known = records(app)
    counts = Counter(verdict(row, known.get(row["id"])) for row in rows(app.env))
    items = "".join(f"<li>{chip(name)} {counts[name]}</li>" for name in VERDICTS if counts[name])
    return f'<ul class="fc-counts">{items}</ul>'


class ClaimsDirective(SphinxDirective):
    """Table of one chapter's claims."""

    required_arguments = 1

    def run(self):
        """Leave a placeholder: the chapter may not have run yet."""
        remember(self.env)
        self.env.note_dependency(LEDGER)
        if not rows(self.env, self.arguments[0]):
            raise self.error(f"no chapter {self.arguments[0]!r} in book/claims.yml")
        return [Ledger(kind="table", chapter=self.arguments[0], rules=False)]


class ScoreboardDirective(SphinxDirective):
    """Counts, then one section with a table for every chapter."""

    def run(self):
        """Make the sections now, so that the page's contents list them."""
        remember(self.env)
        self.env.note_dependency(LEDGER)
        found = [Ledger(kind="summary", chapter=None)]
        for chapter in dict.fromkeys(row["chapter"] for row in rows(self.env)):
            section = nodes.section(ids=[f"scoreboard-{slug(chapter)}"])
            section += nodes.title("", TITLES.get(chapter, chapter.capitalize()))
            section += Ledger(kind="table", chapter=chapter, rules=True)
            found.append(section)
        return found


def resolve(app, doctree, docname):
    """Fill the placeholders of a page that is about to be written."""
    for node in list(doctree.findall(Ledger)):
        if node["kind"] == "summary":
            text = summary(app)
        else:
            text = table(app, node["chapter"], docname, node["rules"])
        node.replace_self(nodes.raw("", text, format="html"))


def setup(app):
    """Connect to Sphinx."""
    app.add_node(Ledger)
    app.add_directive("claims", ClaimsDirective)
    app.add_directive("scoreboard", ScoreboardDirective)
    app.connect("doctree-resolved", resolve)
