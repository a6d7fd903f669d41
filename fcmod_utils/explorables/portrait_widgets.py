"""The phase portrait with a kernel: the page's controls as ipywidgets that redraw a figure."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .portrait_data import check_portrait
from .widgets import looks, panel


def portrait_widgets(redraw: Callable[..., Any], data: Mapping[str, Any]) -> Any:
    """Make widgets for network, lesion, inputs and place to start from, over ``redraw``.

    Parameters
    ----------
    redraw
        Called as ``redraw(network=0, inputs=(1.0, 0.5, 0.5), units=[], start=None)`` at once and
        after every move, ``units`` being those cut out and ``start`` a place in the plane, or None
        for the state 0; the matplotlib figure it draws is shown below the controls.
    data
        What ``portrait_payload`` returned; its ``start`` gives the first values.

    Returns
    -------
    ipywidgets.VBox or None
        The panel; None, and nothing is made, while the site is built (``FCMOD_PUBLISH=1``).
    """
    if os.environ.get("FCMOD_PUBLISH") == "1":
        return None
    import ipywidgets as widgets

    entries, start = check_portrait(data)["networks"], data["start"]
    look, lazy = looks()
    controls = {
        "network": widgets.Dropdown(options=[(one["title"], k) for k, one in enumerate(entries)], **look),
        "lesion": widgets.Dropdown(options=[("nothing", ("none", 0))], description="Lesion", **look),
        **{f"input{k}": widgets.FloatSlider(min=0, step=0.05, **lazy) for k in range(3)},
        "from_zero": widgets.Checkbox(description="start from the state 0", **look),
        **{
            f"start{k}": widgets.FloatSlider(step=0.1, description=f"component {k + 1}", **lazy)
            for k in (0, 1)
        },
    }
    controls["network"].description = "Network"

    def name(change: Mapping[str, Any] | None = None) -> None:
        """Names, limits and places at rest that come with a network."""
        one = entries[controls["network"].value]
        controls["lesion"].options = _lesions(one)
        for k, each in enumerate(one["inputs"]):
            controls[f"input{k}"].description, controls[f"input{k}"].max = each["name"], each["high"]
            controls[f"input{k}"].value = each["rest"]
        for k in (0, 1):
            _limit(controls[f"start{k}"], one["plane"]["low"][k], one["plane"]["high"][k])

    def show(network: int, lesion: tuple[str, int], from_zero: bool, **sliders: float) -> None:
        kind, index = lesion
        members = np.flatnonzero(np.array(entries[network]["modules"]) == index).tolist()
        redraw(
            network=network,
            inputs=tuple(sliders[f"input{k}"] for k in range(3)),
            units={"none": [], "unit": [index], "module": members}[kind],
            start=None if from_zero else tuple(sliders[f"start{k}"] for k in (0, 1)),
        )

    controls["network"].observe(name, "value")
    controls["network"].value = start["network"]
    name()
    place = start["from"] or np.mean(
        [entries[start["network"]]["plane"][end] for end in ("low", "high")], axis=0
    )
    first = {
        "network": start["network"],
        "lesion": (start["lesion"]["kind"], start["lesion"]["index"]),
        **{f"input{k}": x for k, x in enumerate(start["inputs"])},
        "from_zero": start["from"] is None,
        **{f"start{k}": float(x) for k, x in enumerate(place)},
    }
    return panel(show, controls, first)


def _lesions(one: Mapping[str, Any]) -> list[tuple[str, tuple[str, int]]]:
    """What the menu of lesions offers for a network."""
    names = one["module_names"]
    modules = [(f"module {name}", ("module", k)) for k, name in enumerate(names)]
    units = [
        (f"unit {unit} ({'silent' if label < 0 else f'module {names[label]}'})", ("unit", unit))
        for unit, label in enumerate(one["modules"])
    ]
    return [("nothing", ("none", 0)), *modules, *units]


def _limit(slider: Any, low: float, high: float) -> None:
    """New limits, in an order that never has the lower one above the upper one."""
    slider.max = max(slider.max, high)
    slider.min, slider.max = low, high
