"""The same parameters with a kernel: ipywidgets that redraw a figure."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..tasks import COHERENCES
from .lesion_data import whole


def lesion_widgets(
    redraw: Callable[..., Any],
    modules: int | Sequence[str],
    start: Mapping[str, float] | None = None,
) -> Any:
    """Make widgets for module, share of output weights and coherence, over ``redraw``.

    Parameters
    ----------
    redraw
        Called as ``redraw(module=0, share=1.0, coherence=12.8)`` at once and after every move;
        the matplotlib figure it draws is shown below the controls.
    modules
        How many modules, or their names.
    start
        First values, as in ``payload``; the last module, cut whole, at the middle coherence.

    Returns
    -------
    ipywidgets.VBox or None
        The panel; None, and nothing is made, while the site is built (``FCMOD_PUBLISH=1``).
    """
    if os.environ.get("FCMOD_PUBLISH") == "1":
        return None
    import ipywidgets as widgets

    names = [str(k + 1) for k in range(modules)] if isinstance(modules, int) else list(modules)
    first = {**whole(len(names) - 1), **(start or {})}
    look = {"style": {"description_width": "9em"}, "layout": widgets.Layout(width="28em")}
    lazy = {"continuous_update": False, **look}
    controls = {
        "module": widgets.Dropdown(
            options=[(name, k) for k, name in enumerate(names)], description="Module", **look
        ),
        "share": widgets.FloatSlider(
            min=0, max=1, step=0.05, readout_format=".0%", description="Output cut", **lazy
        ),
        "coherence": widgets.SelectionSlider(
            options=[(f"{c} %", c) for c in COHERENCES], description="Coherence", **lazy
        ),
    }
    reset = widgets.Button(description="Reset")

    def restore(_: object = None) -> None:
        for name, control in controls.items():
            control.value = first[name]

    restore()
    reset.on_click(restore)
    figure = widgets.interactive_output(redraw, controls)
    return widgets.VBox([*controls.values(), reset, figure])
