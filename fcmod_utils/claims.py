"""The ledger: what the papers claim, the rule for each claim, and what we found.

``book/claims.yml`` holds one row per claim with a rule that was written before looking. A chapter
calls :func:`record`; the verdict is computed from the rule, never typed.
"""

import html
import operator
import re
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from . import scale

VERDICTS = ("reproduced", "same direction", "not reproduced", "not testable here")
MIME = "application/vnd.fcmod.claim+json"
_OPERATORS = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_RULE = re.compile(r"(>=|<=|==|>|<)\s*(-?\d+(?:\.\d+)?)")


@cache
def load(path: str | None = None) -> dict[str, dict]:
    """Rows of the ledger by id.

    Parameters
    ----------
    path : str, optional
        Default: the book's own ``book/claims.yml``.

    Raises
    ------
    ValueError
        For a row that lacks a field, holds a rule that cannot be read, or appears twice.
    """
    file = Path(path) if path else Path(__file__).parents[1] / "book" / "claims.yml"
    rows: dict[str, dict] = {}
    for row in yaml.safe_load(file.read_text(encoding="utf8")):
        missing = {"id", "chapter", "sentence", "source", "statistic", "paper"} - set(row)
        if missing or row["id"] in rows:
            raise ValueError(f"claim {row.get('id')!r}: lacks {sorted(missing)} or appears twice")
        if "not_testable" not in row:
            for rule in ("reproduced", "direction"):
                meets(0.0, str(row.get(rule)))
        rows[row["id"]] = row
    return rows


def meets(value: float, rule: str) -> bool:
    """Whether a value meets a rule such as ``">= 0.7"``.

    Raises
    ------
    ValueError
        If the rule is not one comparison with a number.

    Examples
    --------
    >>> meets(0.8, ">= 0.7"), meets(0.8, "< 0")
    (True, False)
    """
    match = _RULE.fullmatch(rule.strip())
    if match is None:
        raise ValueError(f"rule {rule!r}; allowed: one of {', '.join(_OPERATORS)} and a number")
    return bool(_OPERATORS[match[1]](value, float(match[2])))


def verdict(row: dict, value: float, low: float, high: float) -> str:
    """Verdict on a claim: see the page *Scoreboard* for what the words mean."""
    if "not_testable" in row:
        return "not testable here"
    same_way = all(meets(end, str(row["direction"])) for end in (low, high))
    if same_way and meets(value, str(row["reproduced"])):
        return "reproduced"
    return "same direction" if same_way else "not reproduced"


def decimals(*values: float) -> list[str]:
    """Numbers with two decimals, or up to four where two would turn one of them into zero.

    Examples
    --------
    >>> decimals(0.5, 0.25), decimals(0.0069, 0.0032, 0.0107), decimals(-1e-17, 1.0)
    (['0.50', '0.25'], ['0.007', '0.003', '0.011'], ['0.00', '1.00'])
    """
    digits = next((n for n in (2, 3) if all(round(v, n) or abs(v) < 5e-5 for v in values)), 4)
    return [f"{v:z.{digits}f}".replace("-", "\N{MINUS SIGN}") for v in values]


@dataclass(frozen=True)
class Record:
    """A claim with what we found; shows itself as a line with a verdict chip in a notebook."""

    id: str
    chapter: str
    sentence: str
    source: str
    statistic: str
    paper: str
    reproduced: str
    direction: str
    value: float
    low: float
    high: float
    n: int
    unit: str
    note: str
    verdict: str
    scale: str

    @property
    def anchor(self) -> str:
        """Name of the place on the page where the claim is decided."""
        return "claim-" + re.sub(r"[^A-Za-z0-9]+", "-", self.id)

    def numbers(self) -> str:
        """Value, interval and sample in one phrase."""
        value, low, high = self._shown()
        return f"{value} [{low}, {high}], n = {self.n} {html.escape(self.unit)}"

    def _shown(self) -> list[str]:
        return decimals(self.value, self.low, self.high)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        chip = f"fc-chip fc-chip-{self.verdict.replace(' ', '-')}"
        text = f"{self.id}: {self.verdict}. {self.sentence} {self.numbers()}."
        note = f" {html.escape(self.note)}" if self.note else ""
        page = (
            f'<p id="{self.anchor}" class="fc-claim"><span class="{chip}">{self.verdict}</span> '
            f"<strong>{html.escape(self.id)}</strong> {html.escape(self.sentence)} "
            f'<span class="fc-numbers">{self.numbers()}</span>.{note}</p>'
        )
        return {MIME: asdict(self) | {"shown": self._shown()}, "text/html": page, "text/plain": text}


def record(
    id: str, value: float, low: float, high: float, n: int, unit: str = "networks", note: str = ""
) -> Record:
    """Hold a number against the ledger.

    Parameters
    ----------
    id : str
        Row of the ledger.
    value, low, high : float
        The statistic that the row names and its 95 % interval.
    n : int
        Number of independent units behind it.
    unit : str
        What those units are, in the plural.
    note : str
        Shown after the numbers, e.g. why a claim fails.

    Raises
    ------
    ValueError
        For an unknown id, or numbers that are not finite and in order.
    """
    if id not in load():
        raise ValueError(f"unknown claim {id!r}; allowed: {', '.join(load())}")
    if not (np.isfinite([value, low, high]).all() and low <= value <= high):
        raise ValueError(f"{id}: value {value} with interval [{low}, {high}]; allowed: low <= value <= high")
    row = load()[id]
    kept = {k: str(row.get(k, "")) for k in ("id", "chapter", "sentence", "source", "statistic")}
    rules = {k: str(row.get(k, "")) for k in ("paper", "reproduced", "direction")}
    return Record(
        **kept, **rules, value=float(value), low=float(low), high=float(high), n=int(n),
        unit=unit.removesuffix("s") if n == 1 else unit, note=note,
        verdict=verdict(row, value, low, high), scale=scale.current().name,
    )  # fmt: skip


def median_interval(
    values: np.ndarray, seed: int = 0, n_resamples: int = 10_000
) -> tuple[float, float, float]:
    """Median over networks with its bootstrap 95 % interval (networks are resampled).

    Parameters
    ----------
    values : ndarray, shape (network,)

    Returns
    -------
    value, low, high : float

    Examples
    --------
    >>> median_interval(np.ones(5))
    (1.0, 1.0, 1.0)
    """
    return _interval(values, np.median, seed, n_resamples)


def mean_interval(values: np.ndarray, seed: int = 0, n_resamples: int = 10_000) -> tuple[float, float, float]:
    """Mean over networks with its bootstrap 95 % interval; of yes and no, it is a share.

    Parameters
    ----------
    values : ndarray, shape (network,)

    Returns
    -------
    value, low, high : float

    Examples
    --------
    >>> mean_interval(np.array([True, True]))
    (1.0, 1.0, 1.0)
    """
    return _interval(values, np.mean, seed, n_resamples)


def _interval(values, statistic, seed, n_resamples) -> tuple[float, float, float]:
    values = _one_per_network(values)
    draws = np.random.default_rng(seed).integers(0, len(values), (n_resamples, len(values)))
    middle = statistic(values)
    low, high = np.quantile(statistic(values[draws], axis=1), [0.025, 0.975])
    return float(middle), float(min(low, middle)), float(max(high, middle))


def phrase(values: np.ndarray, digits: int = 2, unit: str = "networks") -> str:
    """A number over networks in words, for prose: median, middle 90 % and how many.

    Examples
    --------
    >>> phrase(np.linspace(0, 1, 101))
    '0.50 (90 % of networks between 0.05 and 0.95, n = 101)'
    """
    low, middle, high = np.quantile(_one_per_network(values), [0.05, 0.5, 0.95])
    spread = f"{low:.{digits}f} and {high:.{digits}f}"
    return f"{middle:.{digits}f} (90 % of {unit} between {spread}, n = {len(values)})"


def typical(values: np.ndarray) -> int:
    """The network to show: the one nearest to the median, of equals the first.

    Parameters
    ----------
    values : ndarray, shape (network,)

    Examples
    --------
    >>> typical(np.array([0.9, 0.5, 0.8]))
    2
    """
    values = _one_per_network(values)
    return int(np.argmin(np.abs(values - np.median(values))))


def _one_per_network(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"values have shape {values.shape}; allowed: (network,), finite")
    return values
