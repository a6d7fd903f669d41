"""A tiny model written to a file and read back holds what transformers' own says; damaged ones say why."""

import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import missing

from fcmod_utils import language, model_files, store
from fcmod_utils.public_data import MissingData
from fcmod_utils.sentences import partitions

gguf = pytest.importorskip("gguf")
transformers = pytest.importorskip("transformers")
LETTERS = [*"abcdefgh", "Ġ", "?", *"0123456789"]
PAIRS = ["a b", "Ġ c", "Ġc d", "ab e"]
TOKENS = [*LETTERS, *(pair.replace(" ", "") for pair in PAIRS)]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a language model was looked for on the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv(language.VARIABLE, raising=False)


@pytest.fixture(scope="module")
def llama() -> torch.nn.Module:
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(TOKENS), hidden_size=32, intermediate_size=64, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, rms_norm_eps=1e-5, max_position_embeddings=64,
        rope_parameters={"rope_type": "default", "rope_theta": 100.0}, tie_word_embeddings=True,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config).eval()


def write(path: Path, module: torch.nn.Module, architecture="llama", quantized=None, skip=()) -> Path:
    """The model as llama.cpp's converter writes it: rows of q and k in another order."""
    config, writer = module.config, gguf.GGUFWriter(path, architecture)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_merges(PAIRS)
    name_of = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, weights in module.state_dict().items():
        values = weights.numpy()
        for part, heads in (("q_proj", config.num_attention_heads), ("k_proj", config.num_key_value_heads)):
            if part in name:
                halves = values.reshape(heads, 2, -1, values.shape[1])
                values = np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(values.shape)
        if name != "lm_head.weight" and name not in skip:
            kind = quantized if quantized is not None and values.ndim == 2 else gguf.GGMLQuantizationType.F32
            stored = name_of.get_name(name, try_suffixes=(".weight",))
            writer.add_tensor(stored, gguf.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def by_transformers(module: torch.nn.Module, tokens: np.ndarray):
    with torch.no_grad():
        return module(torch.as_tensor(tokens), output_hidden_states=True)


def test_a_file_gives_what_transformers_computes(tmp_path, llama):
    model = language.load(write(tmp_path / "tiny.gguf", llama))
    tokens = np.array([model.encode("ab cd?"), model.encode("cab?")])
    theirs = by_transformers(llama, tokens)
    ours = model.run(tokens)
    for layer in range(3):  # transformers gives the last one after its normalization
        np.testing.assert_allclose(ours[:, layer], theirs.hidden_states[layer], atol=1e-6)
    last = llama.model.norm(torch.from_numpy(ours[:, 3]))
    np.testing.assert_allclose(last.detach(), theirs.hidden_states[3], atol=1e-5)
    np.testing.assert_allclose(model.run(tokens, "logits"), theirs.logits, atol=1e-5)


def test_a_block_adds_attention_and_mlp(tmp_path, llama):
    model = language.load(write(tmp_path / "tiny.gguf", llama))
    tokens = np.array([model.encode("ab cd?")])
    residual, mlp = model.run(tokens), model.run(tokens, "mlp")
    block = llama.model.layers[0]
    with torch.no_grad():
        before_mlp = torch.from_numpy(residual[:, 1] - mlp[:, 0])
        again = block.mlp(block.post_attention_layernorm(before_mlp))
    np.testing.assert_allclose(mlp[:, 0], again, atol=1e-5)


def test_quantized_weights_are_read_to_their_precision(tmp_path, llama):
    exact = language.load(write(tmp_path / "exact.gguf", llama))
    coarse = language.load(write(tmp_path / "q8.gguf", llama, quantized=gguf.GGMLQuantizationType.Q8_0))
    tokens = np.array([exact.encode("ab cd?")])
    a, b = exact.run(tokens), coarse.run(tokens)
    assert 0 < np.abs(a - b).max() < 0.05 * np.abs(a).max()


def test_tokens_are_byte_pairs_and_digits_stand_alone(tmp_path, llama):
    encode = language.load(write(tmp_path / "tiny.gguf", llama)).encode
    words = [[TOKENS[k] for k in encode(text)] for text in ("abe", "ab cd", "a 12")]
    assert words == [["abe"], ["ab", "Ġcd"], ["a", "Ġ", "1", "2"]]


def test_earlier_tokens_do_not_see_later_ones(tmp_path, llama):
    model = language.load(write(tmp_path / "tiny.gguf", llama))
    one, two = language.activity(model, ["abcd?", "abcde"])
    np.testing.assert_array_equal(one[:, :-1], two[:, :-1])
    assert np.abs(one[:, -1] - two[:, -1]).max() > 0.01


def test_activity_keeps_the_order_of_sentences_and_layers(tmp_path, llama, monkeypatch):
    model = language.load(write(tmp_path / "tiny.gguf", llama))
    texts = ["ab cd?", "a", "c?", "h", "ab cd?"]
    together = language.activity(model, texts, layers=[3, 0])
    monkeypatch.setattr(language, "AT_ONCE", 1)
    for text, values in zip(texts, together, strict=True):
        alone = language.activity(model, [text])[0]
        np.testing.assert_allclose(values, alone[[3, 0]], atol=1e-6)


@pytest.mark.parametrize(
    "bad", [{"layers": [4]}, {"layers": [0], "tensor": "mlp"}, {"layers": []}, {"tensor": "x"}]
)
def test_layers_and_tensors_that_do_not_exist_are_named(tmp_path, llama, bad):
    model = language.load(write(tmp_path / "tiny.gguf", llama))
    with pytest.raises(ValueError, match="allowed"):
        language.activity(model, ["ab"], **bad)


@pytest.mark.parametrize("texts", [[], [""], "ab"])
def test_sentences_must_be_some(tmp_path, llama, texts):
    model = language.load(write(tmp_path / "tiny.gguf", llama))
    with pytest.raises(ValueError, match="one or more"):
        language.activity(model, texts)


# ---------------------------------------------------------------- files that cannot be read


def fails(path: Path, words: str):
    """Reading fails with these words, and nothing is left in the store."""
    model = language.load(path)
    with pytest.raises(ValueError, match=words):
        partitions(model, [["ab cd?", "a b?"]], [1])
    assert not [one for one in store.root().rglob("*.safetensors")]


def test_another_architecture_is_refused(tmp_path, llama, store_folder):
    fails(write(tmp_path / "other.gguf", llama, architecture="gemma"), "'gemma'; allowed: 'llama'")


@pytest.mark.parametrize("share", [0, 0.001, 0.02, 0.5, 0.99])
def test_a_file_cut_short_is_refused(tmp_path, llama, store_folder, share):
    path = write(tmp_path / "tiny.gguf", llama)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    fails(path, "cannot be read as a GGUF file")


def test_a_file_that_is_something_else_is_refused(tmp_path, store_folder):
    (tmp_path / "x.gguf").write_bytes(b"<html>not found</html>" * 100)
    fails(tmp_path / "x.gguf", "cannot be read as a GGUF file")


def test_a_file_without_all_weights_is_refused(tmp_path, llama, store_folder):
    fails(write(tmp_path / "t.gguf", llama, skip=("model.norm.weight",)), "output_norm")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"config\.json and model\.safetensors or pytorch_model\.bin"):
        language.load(tmp_path)


# ---------------------------------------------------------------- GPT-2 where the reader has it


@pytest.fixture
def gpt2(tmp_path) -> Path:
    """A tiny GPT-2 in transformers' format."""
    torch.manual_seed(0)
    config = transformers.GPT2Config(vocab_size=len(TOKENS), n_positions=32, n_embd=16, n_layer=2, n_head=2)
    folder = tmp_path / "gpt2"
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps({token: k for k, token in enumerate(TOKENS)}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(PAIRS) + "\n")
    return folder


def test_gpt2_in_a_folder_is_taken_first(gpt2, monkeypatch, capfd):
    monkeypatch.setenv(language.VARIABLE, str(gpt2))
    model = language.load()
    assert model.name == "GPT-2" and model.digest in language.present()
    tokens = np.array([model.encode("ab cd?")])
    module = transformers.GPT2LMHeadModel.from_pretrained(gpt2).eval()
    capfd.readouterr()
    theirs = by_transformers(module, tokens)
    ours = model.run(tokens)
    np.testing.assert_allclose(ours[:, 1], theirs.hidden_states[1], atol=1e-6)
    assert model.run(tokens, "mlp").shape == (1, 2, tokens.shape[1], 16)
    assert capfd.readouterr() == ("", "")


def test_gpt2_is_found_in_the_hub_cache(gpt2, tmp_path, monkeypatch):
    snapshot = tmp_path / "hub" / "models--openai-community--gpt2" / "snapshots" / "0"
    snapshot.parent.mkdir(parents=True)
    gpt2.rename(snapshot)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("0")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    assert language.load().name == "GPT-2"
    (snapshot / "model.safetensors").unlink()
    assert language._in_hub_cache() is None


def test_another_model_in_the_folder_is_refused(gpt2, store_folder):
    config = json.loads((gpt2 / "config.json").read_text())
    (gpt2 / "config.json").write_text(json.dumps({**config, "model_type": "bert"}))
    fails(gpt2, "'bert'; allowed: 'gpt2'")


def test_damaged_weights_of_gpt2_are_refused(gpt2, store_folder):
    whole = (gpt2 / "model.safetensors").read_bytes()
    (gpt2 / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    fails(gpt2, "cannot be read as GPT-2")


def test_missing_weights_of_gpt2_are_refused(gpt2, store_folder):
    config = json.loads((gpt2 / "config.json").read_text())
    (gpt2 / "config.json").write_text(json.dumps({**config, "n_layer": 3}))
    fails(gpt2, "it lacks transformer.h.2")


def test_flags_are_as_before(gpt2):
    from transformers.utils import hub, logging

    constants = hub.constants
    before = constants.HF_HUB_OFFLINE, logging.get_verbosity(), logging.is_progress_bar_enabled()
    with model_files._quietly():
        assert constants.HF_HUB_OFFLINE
    language.load(gpt2).encode("ab")
    assert before == (constants.HF_HUB_OFFLINE, logging.get_verbosity(), logging.is_progress_bar_enabled())


# ---------------------------------------------------------------- what is on this machine


@pytest.fixture
def no_hub_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    real = language.importlib.util.find_spec
    monkeypatch.setattr(
        language.importlib.util, "find_spec", lambda name: None if name == "gguf" else real(name)
    )
    with pytest.raises(MissingData, match="pip install gguf"):
        language.load()
    assert "pip install gguf" in language.present()


def test_without_any_model_it_says_what_is_missing(monkeypatch, no_hub_cache):
    monkeypatch.setattr(language, "PACKAGE", "no_such_package")
    with pytest.raises(MissingData, match="no_such_package"):
        language.load()


def test_another_file_in_the_package_is_refused(monkeypatch, no_hub_cache, tmp_path):
    (tmp_path / "x.gguf").write_bytes(b"x")
    monkeypatch.setattr(language, "package_file", lambda *_: tmp_path / "x.gguf")
    with pytest.raises(ValueError, match=r"SHA-256 .*allowed: b179c9523d0e"):
        language.load()


def test_the_real_model_knows_its_capitals(no_hub_cache, capfd):
    try:
        model = language.load()
    except MissingData as error:
        missing(str(error))
    tokens = np.array([model.encode("The capital of France is")])
    (paris,) = model.encode(" Paris")
    assert model.run(tokens, "logits")[0, -1].argmax() == paris
    values = language.activity(model, ["What is a car?", "What is a cat?", "Where is 12?"])
    assert [one.shape for one in values] == [(31, 5, 576), (31, 5, 576), (31, 6, 576)]
    np.testing.assert_array_equal(values[0][:, :3], values[1][:, :3])
    assert capfd.readouterr() == ("", "") and "HF_HUB_OFFLINE" not in os.environ
