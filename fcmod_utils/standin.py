"""A made-up cortex, for tests and for a page whose data are not at hand, which then says so."""

import html
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from matplotlib.figure import Figure

from .brain_data import Cortex
from .connectivity import functional_connectivity
from .public_data import MissingData

MM_PER_SIDE = 8.0
T = TypeVar("T")


class Notice:
    """Says in a notebook what is missing and how to get it; nothing where nothing is missing."""

    def __init__(self, missing: str) -> None:
        self.missing = missing

    def __repr__(self) -> str:
        return f"The data of this page are not here. {self.missing}" if self.missing else ""

    def _repr_html_(self) -> str:
        if not self.missing:
            return ""
        return (
            '<div class="admonition warning"><p class="admonition-title">The data of this page are not here'
            f"</p><p>{html.escape(self.missing)}. Until then every figure shows made-up numbers and says "
            "so, as do the exercises without saying so; numbers in the text read <em>not run</em>, and no "
            "claim is decided.</p></div>"
        )


def obtain(load: Callable[[], T], instead: Callable[[], T]) -> tuple[T, str]:
    """Data, or a stand-in and what is missing.

    Parameters
    ----------
    load : callable
        For example ``mouse_data.mouse``.
    instead : callable
        What to use where ``load`` raises MissingData; all figures made from then on are marked.

    Returns
    -------
    data
        What the one or the other returns.
    missing : str
        Empty where the data are real.
    """
    try:
        return load(), ""
    except MissingData as error:
        import matplotlib as mpl

        mpl.rcParams["figure.hooks"] = [f"{__name__}:mark"]
        return instead(), str(error)


def mark(fig: Figure) -> None:
    """Write over a figure that its numbers are made up."""
    look = {"color": "#D55E00", "alpha": 0.35, "rotation": 12, "size": 30, "ha": "center", "va": "center"}
    fig.text(0.5, 0.5, "made-up numbers", zorder=100, **look)


def made_up(n_areas: int = 37, divisions: dict[str, int] | None = None, seed: int = 0) -> Cortex:
    """Areas on a sheet: inputs fall off with distance from where they aim, FC follows the first division.

    Parameters
    ----------
    n_areas : int
    divisions : dict of str to int, optional
        Number of sources by division.
    seed : int

    Returns
    -------
    Cortex

    Examples
    --------
    >>> made_up(6, {"TH": 3}).inputs["TH"].shape
    (6, 3)
    """
    divisions = divisions or {"TH": 40, "Isocortex": n_areas}
    rng = np.random.default_rng(seed)
    places = np.column_stack([rng.uniform(0, MM_PER_SIDE, (n_areas, 2)), np.zeros(n_areas)])
    inputs = {}
    for name, n_sources in divisions.items():
        aims = rng.uniform(0, MM_PER_SIDE, (n_sources, 2))
        far = np.linalg.norm(places[:, None, :2] - aims[None], axis=2)
        inputs[name] = np.exp(-far / 2) * rng.uniform(0.5, 1.5, (n_areas, n_sources))
    first = next(iter(inputs.values()))
    activity = rng.normal(size=(200, first.shape[1])) @ first.T + rng.normal(size=(200, n_areas))
    return Cortex(
        names=tuple(f"area {k + 1}" for k in range(n_areas)),
        fc=functional_connectivity(activity),
        coordinates=places,
        inputs=inputs,
        sources={name: tuple(f"{name} {k + 1}" for k in range(n)) for name, n in divisions.items()},
        source="made up",
    )
