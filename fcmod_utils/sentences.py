"""Modules of a language model, one sentence at a time, and what sentences with like modules share."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from . import store
from .comparisons import agreement_matrix
from .language import LanguageModel, activity
from .modules import find
from .processes import map_local
from .tasks import check_count

FORMS = ("What is a {}?", "Where is the {}?", "This is a {}.")
LONG_FORMS = (
    "What is a {}, and why would anybody want to have it at home?",
    "Where is the {} that we saw when we came here the other day?",
    "This is a {}, as you can see if you look at the picture.",
)
SUBJECTS = (  # each one token long in SmolLM2; the paper's set first
    "car house cat", "dog tree book", "table river train", "bird phone garden", "knife horse church",
    "bottle doctor ship", "flower chair window", "clock mountain camera", "teacher lamp pencil",
    "spoon castle hat", "bridge fish guitar", "farmer road boat", "mouse bed door", "key wolf hospital",
    "plane king soldier", "desk rabbit mirror", "piano bicycle lion", "shirt market snake",
    "school apple star", "pig bus ring",
)  # fmt: skip
KIN = (  # pairs of related words
    "car truck", "cat dog", "king queen", "boat ship", "doctor nurse", "knife sword", "road street",
    "shirt coat",
)  # fmt: skip
SHARED = ("subject", "form", "neither")  # what the two sentences of a pair have in common


@dataclass(frozen=True)
class Reading:
    """How activity becomes modules.

    Attributes
    ----------
    tensor : str
        See :func:`fcmod_utils.language.activity`.
    first, last : int, optional
        Tokens from ``first`` up to, and without, ``last`` count.
    scaled : bool
        Whether each token's activity is divided by its root mean square over units, as a block does
        with what it gets.
    runs : int
        Louvain runs of which the best is kept.
    """

    tensor: str = "residual"
    first: int = 0
    last: int | None = None
    scaled: bool = False
    runs: int = 2

    def rows(self, values: np.ndarray) -> np.ndarray:
        """The rows (token, unit) whose correlation counts, of all (token, unit)."""
        values = np.asarray(values, np.float64)
        if self.scaled:
            values = values / np.sqrt((values**2).mean(axis=1, keepdims=True))
        if len(values := values[self.first : self.last]) < 2:
            raise ValueError(f"{len(values)} tokens count; allowed: two or more, or there is no correlation")
        return values


def sentences(subjects: Sequence[str] | str, forms: Sequence[str] = FORMS) -> tuple[str, ...]:
    """Every form about the first subject, then about the second, ...

    Examples
    --------
    >>> sentences("car cat", ("A {}.", "The {}?"))
    ('A car.', 'The car?', 'A cat.', 'The cat?')
    """
    subjects = subjects.split() if isinstance(subjects, str) else subjects
    return tuple(form.format(subject) for subject in subjects for form in forms)


def states(model: LanguageModel, texts: Sequence[str], tensor: str = "residual") -> list[np.ndarray]:
    """:func:`fcmod_utils.language.activity` of all layers, kept in the store: for a few sentences."""
    spec = {"model": model.digest, "sentences": list(texts), "tensor": tensor}

    def make() -> dict[str, np.ndarray]:
        return {str(k): values for k, values in enumerate(activity(model, texts, tensor=tensor))}

    arrays = store.get_or_make("states", spec, make)
    return [arrays[str(k)] for k in range(len(texts))]


def partitions(
    model: LanguageModel, sets: Sequence[Sequence[str]], layers: Sequence[int], reading: Reading = Reading()
) -> np.ndarray:
    """Modules of a language model's units, for each sentence and layer; kept in the store.

    Parameters
    ----------
    model : LanguageModel
    sets : sequence of sequence of str
        Sets of equally many sentences; each set is an entry of its own in the store.
    layers : sequence of int
    reading : Reading

    Returns
    -------
    ndarray of int, shape (set, sentence, layer, unit)

    Raises
    ------
    ValueError
        For sets that differ in size, a sentence with fewer than two tokens that count, or layers or a
        tensor that do not exist.
    """
    check_count(reading.runs, "runs")
    if not sets or not sets[0] or len({len(one) for one in sets}) != 1:
        raise ValueError(f"{len(sets)} sets; allowed: one or more, with equally many sentences each")
    common = {"model": model.digest, "layers": list(layers), **asdict(reading)}
    specs = [{**common, "sentences": list(one)} for one in sets]
    found = [store.load("sentences", spec) for spec in specs]
    missing = [k for k, arrays in enumerate(found) if arrays is None]
    made = _labels(model, [sets[k] for k in missing], layers, reading) if missing else []
    for k, labels in zip(missing, made, strict=True):
        found[k] = store.get_or_make("sentences", specs[k], lambda labels=labels: {"labels": labels})
    return np.stack([arrays["labels"] for arrays in found]).astype(int)


def _labels(model: LanguageModel, sets: Sequence, layers: Sequence[int], reading: Reading) -> np.ndarray:
    store.check_writable()
    values = activity(model, [s for one in sets for s in one], layers, reading.tensor)
    rows = [reading.rows(layer) for sentence in values for layer in sentence]
    labels = np.stack(map_local(_modules, rows, runs=reading.runs)).astype(np.int16)
    return labels.reshape(len(sets), -1, len(layers), labels.shape[1])


def _modules(rows: np.ndarray, runs: int, seed: int = 0) -> np.ndarray:
    return find(rows, runs, seed).labels


def likeness(labels: np.ndarray, n_forms: int = 3) -> np.ndarray:
    """Mean adjusted Rand index over pairs of sentences, by what the two share.

    Parameters
    ----------
    labels : ndarray of int, shape (..., sentence, layer, unit)
        Sentences in the order of :func:`sentences`.
    n_forms : int

    Returns
    -------
    ndarray, shape (..., layer, 3)
        Pairs of one subject, of one form, of neither.

    Raises
    ------
    ValueError
        If the number of sentences is not a multiple of the number of forms, or there is only one subject
        or form.
    """
    labels = np.asarray(labels)
    *sets, n, n_layers, n_units = labels.shape
    if n_forms < 2 or n % n_forms or n < 2 * n_forms:
        raise ValueError(
            f"{n} sentences of {n_forms} forms; allowed: each of two or more subjects in each form"
        )
    subject, form = np.divmod(np.arange(n), n_forms)
    same = subject[:, None] == subject, form[:, None] == form
    masks = (same[0] & ~same[1], same[1] & ~same[0], ~same[0] & ~same[1])
    flat = np.moveaxis(labels, -2, -3).reshape(-1, n, n_units)
    means = [[pairs[mask].mean() for mask in masks] for pairs in map(agreement_matrix, flat)]
    return np.array(means).reshape(*sets, n_layers, 3)


def beyond_neither(like: np.ndarray) -> np.ndarray:
    """What sharing a subject, and sharing a form, adds to what unrelated sentences have in common.

    Parameters
    ----------
    like : ndarray, shape (..., 3)
        From :func:`likeness`.

    Returns
    -------
    ndarray, shape (..., 2)
    """
    return like[..., :2] - like[..., 2:]


def chance_agreement(
    n_tokens: int, n_shared: int, n_pairs: int, n_units: int = 576, runs: int = 2, seed: int = 0
) -> np.ndarray:
    """Agreement of two "sentences" of random numbers whose first tokens are the same.

    Parameters
    ----------
    n_tokens, n_shared : int
        Tokens of each sentence, and how many of them both have.
    n_pairs : int
    n_units : int
    runs : int
        Louvain runs of which the best is kept.
    seed : int

    Returns
    -------
    ndarray, shape (pair,)

    Raises
    ------
    ValueError
        Unless 0 <= n_shared <= n_tokens.
    """
    if not 0 <= n_shared <= n_tokens:
        raise ValueError(f"{n_shared} of {n_tokens} tokens shared; allowed: 0 to {n_tokens}")
    spec = {"tokens": n_tokens, "shared": n_shared, "pairs": n_pairs, "units": n_units, "runs": runs}

    def make() -> dict[str, np.ndarray]:
        rng = np.random.default_rng([seed, n_tokens, n_shared])
        values = rng.normal(size=(n_pairs, 2, n_tokens, n_units))
        values[:, 1, :n_shared] = values[:, 0, :n_shared]
        labels = np.stack(map_local(_modules, values.reshape(-1, n_tokens, n_units), runs=runs))
        both = labels.reshape(n_pairs, 2, n_units)
        return {"ari": np.array([agreement_matrix(pair)[0, 1] for pair in both])}

    return store.get_or_make("chance", {**spec, "seed": seed}, make)["ari"]


def made_up(width: int = 60, n_layers: int = 30, seed: int = 0) -> LanguageModel:
    """No language model at all: random numbers of the right shape, for tests and where none is here.

    Each layer adds to a token something random that depends on the token and on those before it.
    """

    def encode(sentence: str) -> list[int]:
        return [sum(map(ord, word)) for word in sentence.replace("?", " ?").replace(".", " .").split()]

    def run(tokens: np.ndarray, tensor: str) -> np.ndarray:
        first = 0 if tensor == "residual" else 1
        steps = np.empty((len(tokens), n_layers + 1, tokens.shape[1], width))
        for s, sentence in enumerate(tokens.tolist()):
            for t in range(len(sentence)):
                rng = np.random.default_rng([seed, *sentence[: t + 1]])
                own = np.random.default_rng([seed, sentence[t]]).normal(size=width)
                steps[s, :, t] = 0.3 * rng.normal(size=(n_layers + 1, width))
                steps[s, 0, t] = own
        return np.cumsum(steps, axis=1) if tensor == "residual" else steps[:, first:]

    return LanguageModel("made up", "made up", f"made up {width} {n_layers} {seed}", lambda: (encode, run))
