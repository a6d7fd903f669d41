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

    @property
    def half_networks(self) -> int:
        """Networks in each of two groups that are compared."""
        return self.networks // 2


SCALES = {
    "quick": Scale("quick", 6, 6, 600, 5, 200, 200, 10, 20),
    "book": Scale("book", 100, 20, 1000, 20, 1000, 1000, 100, 20),
    "paper": Scale("paper", 100, 100, 1000, 100, 1000, 2000, 1000, 100),
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
