"""Everything a page loads comes from the site itself, and nothing loads that no page uses."""

import shutil
from pathlib import Path

import mathjax

MATHJAX = Path(mathjax.__file__).parent / "static" / "mathjax" / "es5"
PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")


def drop_thebe(app):
    """Jupyter Book always loads sphinx-thebe: a foreign host, and one script error per page."""
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files[:] = [css for css in app.registry.css_files if "thebe" not in css[0]]


def copy_mathjax(app, exception):
    """Copy the parts of MathJax that formulas need, from the package that carries them."""
    if exception or app.builder.format != "html":
        return
    for part in PARTS:
        source, target = MATHJAX / part, Path(app.outdir) / "_static" / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)


def setup(app):
    """Connect to Sphinx."""
    drop_thebe(app)
    app.connect("build-finished", copy_mathjax)
