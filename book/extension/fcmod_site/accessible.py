"""Repairs to the HTML that other extensions write, so that screen readers get it right."""

import re

REPAIRS = (
    # The corner of a pandas table heads nothing.
    (re.compile(r"<th></th>"), "<td></td>"),
    # Docutils marks citations with roles that ARIA has withdrawn.
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
)


def repair(app, pagename, templatename, context, doctree):
    """Rewrite a page's body just before it is put into the template."""
    for pattern, better in REPAIRS:
        context["body"] = pattern.sub(better, context.get("body", ""))


def setup(app):
    """Connect to Sphinx."""
    app.connect("html-page-context", repair)
