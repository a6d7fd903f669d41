"""Language models in files: what transformers and gguf read, made into two functions.

Whatever the format, a model is ``encode`` and ``run``: from a sentence to the numbers of its tokens,
and from such numbers to activity. Nothing is ever downloaded.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

if TYPE_CHECKING:  # loading it takes seconds, and who reads from the store does not need it
    import torch

Encode = Callable[[str], list[int]]
Run = Callable[[np.ndarray, str], np.ndarray]


def read_gpt2(path: Path) -> tuple[Encode, Run]:
    """``encode`` and ``run`` of GPT-2 in a folder of transformers' format.

    Raises
    ------
    ValueError
        For another architecture, or files that are damaged or incomplete.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import GPT2LMHeadModel, GPT2TokenizerFast

    try:
        kind = json.loads((path / "config.json").read_text())["model_type"]
        if kind != "gpt2":
            raise ValueError(f"architecture {kind!r}; allowed: 'gpt2'")
        with _quietly():
            encode = GPT2TokenizerFast.from_pretrained(path, local_files_only=True).encode
            module, about = GPT2LMHeadModel.from_pretrained(
                path, local_files_only=True, output_loading_info=True, dtype=torch.float32
            )
        if lacks := sorted(about["missing_keys"]):
            raise ValueError(f"it lacks {', '.join(lacks[:3])}; allowed: all weights of its configuration")
    except (ValueError, KeyError, TypeError, OSError, RuntimeError, SafetensorError) as error:
        raise ValueError(f"{path} cannot be read as GPT-2: {error}") from error
    return encode, _runner(module, module.transformer.h)


def read_gguf(path: Path) -> tuple[Encode, Run]:
    """``encode`` and ``run`` of a model in a GGUF file with Llama's architecture.

    transformers' own way to the weights needs a further package and four times as long; here gguf
    reads them, and transformers runs them.

    Raises
    ------
    ValueError
        For another architecture, or a file that is damaged or cut short.
    """
    import gguf
    from transformers import AutoTokenizer

    try:
        reader = gguf.GGUFReader(path)
        fields = {name: field.contents() for name, field in reader.fields.items()}
        if (kind := fields["general.architecture"]) != "llama":
            raise ValueError(f"architecture {kind!r}; allowed: 'llama'")
        module = _llama(reader, fields)
        with _quietly():
            tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
    except (ValueError, KeyError, IndexError, NotImplementedError, OverflowError) as error:
        raise ValueError(f"{path} cannot be read as a GGUF file: {error}") from error
    return tokenizer.encode, _runner(module, module.model.layers)


def _llama(reader, fields: dict) -> "torch.nn.Module":
    import gguf
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    n_layers, heads = fields["llama.block_count"], fields["llama.attention.head_count"]
    few_heads = fields.get("llama.attention.head_count_kv", heads)
    stored = {tensor.name: tensor for tensor in reader.tensors}
    config = LlamaConfig(
        vocab_size=len(fields["tokenizer.ggml.tokens"]),
        hidden_size=fields["llama.embedding_length"],
        intermediate_size=fields["llama.feed_forward_length"],
        num_hidden_layers=n_layers,
        num_attention_heads=heads,
        num_key_value_heads=few_heads,
        rms_norm_eps=fields["llama.attention.layer_norm_rms_epsilon"],
        max_position_embeddings=fields["llama.context_length"],
        rope_parameters={"rope_type": "default", "rope_theta": fields.get("llama.rope.freq_base", 10_000.0)},
        tie_word_embeddings="output.weight" not in stored,
    )
    with torch.device("meta"):
        wanted = {name: one.shape for name, one in LlamaForCausalLM(config).state_dict().items()}
    name_of = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, n_layers)
    weights = {}
    for name, shape in wanted.items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        one = stored[name_of.get_name(name, try_suffixes=(".weight",))]
        values = gguf.dequantize(one.data, one.tensor_type)
        if "q_proj" in name or "k_proj" in name:  # GGUF keeps the two halves of a rotation side by side
            rows = values.reshape(heads if "q_proj" in name else few_heads, -1, 2, values.shape[-1])
            values = rows.swapaxes(1, 2).reshape(values.shape)
        if values.shape != shape:
            raise ValueError(f"{name} has shape {values.shape}; allowed: {tuple(shape)}")
        weights[name] = torch.from_numpy(np.array(values, np.float32))
    with _quietly():
        return LlamaForCausalLM.from_pretrained(None, config=config, state_dict=weights)


def _runner(module: "torch.nn.Module", blocks: "Sequence[torch.nn.Module]") -> Run:
    import torch

    module.eval()

    def run(tokens: np.ndarray, tensor: str) -> np.ndarray:
        kept: list[torch.Tensor] = []

        def keep(_, __, out) -> None:
            kept.append(out[0] if isinstance(out, tuple) else out)

        watched = [block.mlp if tensor == "mlp" else block for block in blocks]
        hooks = [one.register_forward_hook(keep) for one in watched]
        try:
            with torch.inference_mode():
                out = module(torch.as_tensor(tokens), use_cache=False, output_hidden_states=True)
        finally:
            for hook in hooks:
                hook.remove()
        if tensor == "logits":
            return out.logits.numpy()
        if tensor == "residual":  # of out, only the first is used: its last comes after a normalization
            kept.insert(0, out.hidden_states[0])
        return torch.stack(kept, 1).numpy()

    return run


@contextmanager
def _quietly():
    """No network, no progress bar and no advice on stderr; afterwards all is as it was."""
    from transformers.utils import hub, logging

    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with patch.object(hub.constants, "HF_HUB_OFFLINE", True):
            yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()
