"""How much work a run does: ``quick``, ``book`` or ``paper``, chosen by ``FCMOD_SCALE``."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes that every chapter reads, so that one variable resizes the whole book.

    Attributes
    ----------
    name : str
        ``"quick"`` (tests, Binder, class), ``"book"`` (what is published) or ``"paper"``.
    networks : int
        Networks in a headline ensemble.
    variant_networks : int
        Networks in an ensemble that only shows a sensitivity (another nonlinearity, say).
    steps : int
        Training steps (batches) of each network.
    louvain_runs : int
        Seeded Louvain runs of which the best is kept.
    permutations : int
        Draws of a permutation null or a bootstrap.
    lesion_trials : int
        Test trials behind every accuracy.
    spatial_networks : int
        Networks in a population that spans a range of penalties.
    spatial_variants : int
        Networks in a smaller population, of another task or penalty; the book's artifacts serve
        the quick scale, too.
    sheet_side : int
        Neurons along a side of the sheet on which networks grow.
    sheet_bimt, sheet_l1, sheet_none, sheet_line : int
        Networks of each headline kind; one takes a quarter of an hour and more.
    sheet_swept, line_swept : int
        Networks of BIMT and of L1 with each other strength of the penalty; of BIMT on a line.
    sheet_variants : int
        Networks of each kind that shows a sensitivity.
    sheet_steps, sheet_short : int
        Training steps of headline kinds, whatever their penalty's strength, and of sensitivities.
    """

    name: str
    networks: int
    variant_networks: int
    steps: int
    louvain_runs: int
    permutations: int
    lesion_trials: int
    spatial_networks: int
    spatial_variants: int
    sheet_side: int
    sheet_bimt: int
    sheet_l1: int
    sheet_none: int
    sheet_line: int
    sheet_swept: int
    line_swept: int
    sheet_variants: int
    sheet_steps: int
    sheet_short: int

    @property
    def half_networks(self) -> int:
        """Networks in each of two groups that are compared."""
        return self.networks // 2

    @property
    def sheet_task(self) -> str:
        """What networks on the sheet learn: 20 tasks, or 6."""
        return "cog_6" if self.name == "quick" else "cog_20"

    @property
    def sheet_strength(self) -> float:
        """Strength of their penalty, lambda."""
        return 3e-5 if self.name == "quick" else 1e-5

    @property
    def sheet_rate(self) -> float:
        """Their learning rate: higher where there are few steps."""
        return 5e-3 if self.name == "quick" else 1e-3

    @property
    def sheet_units(self) -> int:
        """Neurons on the sheet."""
        return self.sheet_side**2

    @property
    def sheet(self) -> tuple[int, ...]:
        """Its sides."""
        return self.sheet_side, self.sheet_side

    @property
    def line(self) -> tuple[int, ...]:
        """As many neurons in a row."""
        return (self.sheet_units,)

    @property
    def sheet_swaps(self) -> int:
        """Training steps between two rounds of swaps."""
        return self.sheet_steps // 150

    @property
    def sheet_checkpoints(self) -> int:
        """Training steps between two checkpoints."""
        return self.sheet_steps // 20

    @property
    def sheet_strengths(self) -> list[float]:
        """Strengths of the penalty in a sweep, the headline's among them."""
        if self.name == "quick":  # stronger ones leave no neuron where steps are few
            return [3e-6, 3e-5, 1e-4]
        return [3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4]

    @property
    def line_strengths(self) -> list[float]:
        """Those of the sweep on the line."""
        return self.sheet_strengths[2:5] if self.name == "book" else self.sheet_strengths

    @property
    def sheet_others(self) -> list[float]:
        """Strengths that are not the headline's."""
        return [strength for strength in self.sheet_strengths if strength != self.sheet_strength]

    @property
    def line_others(self) -> list[float]:
        """The same of the line."""
        return [strength for strength in self.line_strengths if strength != self.sheet_strength]

    @property
    def sheet_square(self) -> float:
        """Locality with which distances count as if divided by the square of the side."""
        return 1 / self.sheet_side

    def words(self) -> dict:
        """All of these by name."""
        derived = [name for name, kind in vars(Scale).items() if isinstance(kind, property)]
        return {name: getattr(self, name) for name in (*self.__dataclass_fields__, *derived)}


SCALES = {
    "quick": Scale("quick", 6, 6, 600, 5, 200, 200, 10, 20, 8, 2, 2, 1, 1, 1, 1, 1, 1000, 600),
    "book": Scale("book", 100, 20, 1000, 20, 1000, 1000, 100, 20, 20, 3, 3, 3, 3, 3, 1, 3, 30_000, 6000),
    "paper": Scale(
        "paper", 100, 100, 1000, 100, 1000, 2000, 1000, 100, 20, 3, 3, 3, 3, 3, 3, 3, 30_000, 30_000
    ),
}


def current() -> Scale:
    """Scale named by the environment variable ``FCMOD_SCALE``.

    The default is ``book``; on Binder, whose machines are small and short-lived, it is ``quick``.

    Raises
    ------
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> SCALES["book"].networks
    100
    """
    default = "quick" if "BINDER_SERVICE_HOST" in os.environ else "book"
    name = os.environ.get("FCMOD_SCALE", default)
    if name not in SCALES:
        raise ValueError(f"FCMOD_SCALE is {name!r}; allowed: {', '.join(SCALES)}")
    return SCALES[name]
