"""The same parameters with a kernel: ipywidgets that redraw a figure."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..tasks import COHERENCES
from .lesion_data import whole
from .maker_data import MODELS, NOISE, START


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
    look, lazy = looks()
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
    return panel(redraw, controls, first)


def maker_widgets(redraw: Callable[..., Any], start: Mapping[str, Any] | None = None, draws: int = 6) -> Any:
    """Make widgets for model, its parameter, noise and draw of the module maker, over ``redraw``.

    Parameters
    ----------
    redraw
        Called as ``redraw(model="sign", at=0.5, noise=0, draw=0)`` at once and after every move,
        as for ``maker_weights``; the matplotlib figure it draws is shown below the controls.
    start
        First values, those of the page by default.
    draws
        How many networks of each model there are.

    Returns
    -------
    ipywidgets.VBox or None
        The panel; None, and nothing is made, while the site is built (``FCMOD_PUBLISH=1``).
    """
    if os.environ.get("FCMOD_PUBLISH") == "1":
        return None
    import ipywidgets as widgets

    look, lazy = looks()
    given = {**START, **(start or {})}
    first = {m.parameter: m.start for m in MODELS.values()} | {MODELS[given["model"]].parameter: given["at"]}
    controls = {
        "model": widgets.Dropdown(options=list(MODELS), description="Model", **look),
        "inputs": widgets.IntSlider(min=2, max=20, description="Inputs", **lazy),
        "share": widgets.FloatSlider(
            min=0, max=1, step=0.05, readout_format=".0%", description="Negative", **lazy
        ),
        "difference": widgets.FloatSlider(min=0, max=4, step=0.25, description="Difference", **lazy),
        "noise": widgets.SelectionSlider(options=list(NOISE), description="Private noise", **lazy),
        "draw": widgets.IntSlider(min=0, max=draws - 1, description="Draw", **lazy),
    }

    def show(model: str, noise: float, draw: int, **parameters: float) -> None:
        for name in parameters:  # a model has one parameter; the other sliders would do nothing
            controls[name].disabled = name != MODELS[model].parameter
        redraw(model=model, at=parameters[MODELS[model].parameter], noise=noise, draw=draw)

    return panel(show, controls, {**given, **first})


def thalamus_widgets(redraw: Callable[..., Any], nuclei: Sequence[str]) -> Any:
    """Make widgets for the nucleus that is removed and for distance, over ``redraw``.

    Parameters
    ----------
    redraw
        Called as ``redraw(without="LGd", distance=True)`` at once and after every move, with ``""``
        for no nucleus; the matplotlib figure it draws is shown below the controls.
    nuclei
        Their names.

    Returns
    -------
    ipywidgets.VBox or None
        The panel; None, and nothing is made, while the site is built (``FCMOD_PUBLISH=1``).
    """
    if os.environ.get("FCMOD_PUBLISH") == "1":
        return None
    import ipywidgets as widgets

    look, _ = looks()
    options = [("none", ""), *((name, name) for name in sorted(nuclei))]
    controls = {
        "without": widgets.Dropdown(options=options, description="Remove nucleus", **look),
        "distance": widgets.Checkbox(description="Distance taken out", **look),
    }
    return panel(redraw, controls, {"without": "", "distance": False})


def digit_widgets(redraw: Callable[..., Any], start: int = 4) -> Any:
    """Make widgets for the digit and for how much of it is erased, over ``redraw``.

    Parameters
    ----------
    redraw
        Called as ``redraw(example=4, erased=0)`` at once and after every move, as for
        ``digit_picture``; the matplotlib figure it draws is shown below the controls.
    start
        The digit at first.

    Returns
    -------
    ipywidgets.VBox or None
        The panel; None, and nothing is made, while the site is built (``FCMOD_PUBLISH=1``).
    """
    if os.environ.get("FCMOD_PUBLISH") == "1":
        return None
    import ipywidgets as widgets

    look, lazy = looks()
    controls = {
        "example": widgets.Dropdown(options=list(range(10)), description="Digit", **look),
        "erased": widgets.IntSlider(min=0, max=28, description="Rows erased", **lazy),
    }
    return panel(redraw, controls, {"example": start, "erased": 0})


def looks() -> tuple[dict[str, Any], dict[str, Any]]:
    """How a widget looks, and the same for sliders, which redraw when let go."""
    import ipywidgets as widgets

    look = {"style": {"description_width": "9em"}, "layout": widgets.Layout(width="28em")}
    return look, {"continuous_update": False, **look}


def panel(redraw: Callable[..., Any], controls: dict[str, Any], first: Mapping[str, Any]) -> Any:
    """Controls at their first values, a reset, and what ``redraw`` draws."""
    import ipywidgets as widgets

    reset = widgets.Button(description="Reset")

    def restore(_: object = None) -> None:
        for name, control in controls.items():
            control.value = first[name]

    restore()
    reset.on_click(restore)
    figure = widgets.interactive_output(redraw, controls)
    return widgets.VBox([*controls.values(), reset, figure])
