"""What likeness means is checked on partitions whose answer is known; the rest on a made-up model."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from fcmod_utils import modules, sentences, store
from fcmod_utils.language import activity
from fcmod_utils.sentences import Reading, likeness, made_up, partitions

NINE = sentences.sentences("car house cat")
LAYERS = (0, 1, 3)


@pytest.fixture(scope="module")
def model():
    return made_up(width=24, n_layers=3)


def test_sentences_go_subject_by_subject():
    assert NINE[:4] == ("What is a car?", "Where is the car?", "This is a car.", "What is a house?")


def test_no_subject_is_in_two_sets():
    words = " ".join(sentences.SUBJECTS).split()
    assert len(set(words)) == len(words) == 3 * len(sentences.SUBJECTS) and words[:3] == [
        "car",
        "house",
        "cat",
    ]


@pytest.mark.parametrize(
    ("follows", "like"),
    [
        (lambda s, f: s, (1, 0)),
        (lambda s, f: f, (0, 1)),
        (lambda s, f: 0, (1, 1)),
        (lambda s, f: 3 * s + f, (0, 0)),
    ],
)
def test_likeness_where_modules_follow_subject_or_form(follows, like):
    kinds = np.random.default_rng(0).integers(0, 4, (9, 5000))
    labels = np.stack([kinds[follows(*divmod(k, 3))] for k in range(9)])[None, :, None]
    subject, form, neither = likeness(labels)[0, 0]
    assert (subject, form) == pytest.approx(like, abs=0.01)
    assert neither == pytest.approx(float(like == (1, 1)), abs=0.01)
    np.testing.assert_allclose(
        sentences.beyond_neither(likeness(labels))[0, 0], (subject - neither, form - neither)
    )


def test_likeness_is_a_mean_over_pairs():
    labels = np.random.default_rng(1).integers(0, 3, (6, 2, 40))  # two subjects, three forms
    like = likeness(labels)
    pairs = {"subject": [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)], "form": [(0, 3), (1, 4), (2, 5)]}
    pairs["neither"] = [(0, 4), (0, 5), (1, 3), (1, 5), (2, 3), (2, 4)]
    for column, name in enumerate(sentences.SHARED):
        for layer in range(2):
            values = [adjusted_rand_score(labels[a, layer], labels[b, layer]) for a, b in pairs[name]]
            assert like[layer, column] == pytest.approx(np.mean(values))


@pytest.mark.parametrize("n", [3, 7])
def test_likeness_needs_each_subject_in_each_form(n):
    with pytest.raises(ValueError, match="two or more subjects"):
        likeness(np.zeros((n, 1, 4), int))


@pytest.mark.parametrize("reading", [Reading(), Reading(tensor="mlp", first=1, last=-1, scaled=True, runs=1)])
def test_partitions_are_those_of_each_sentence_and_layer(model, reading, store_folder):
    sets = [NINE, sentences.sentences("dog tree book")]
    labels = partitions(model, sets, LAYERS[1:], reading)
    assert labels.shape == (2, 9, 2, 24)
    values = activity(model, [sets[1][4]], LAYERS[1:], reading.tensor)[0][1].astype(float)
    if reading.scaled:
        values = values / np.linalg.norm(values, axis=1, keepdims=True)
    chosen = values[reading.first : reading.last]
    np.testing.assert_array_equal(labels[1, 4, 1], modules.find(chosen, reading.runs).labels)


def test_the_second_time_nothing_is_computed(model, store_folder, monkeypatch):
    first = partitions(model, [NINE], LAYERS)
    monkeypatch.setattr(sentences, "activity", None)
    np.testing.assert_array_equal(partitions(model, [NINE], list(LAYERS)), first)
    with pytest.raises(TypeError):
        partitions(model, [NINE], LAYERS, Reading(runs=1))


def test_states_are_kept(model, store_folder, monkeypatch):
    first = sentences.states(model, NINE[:2])
    monkeypatch.setattr(sentences, "activity", None)
    for again, one, values in zip(
        sentences.states(model, NINE[:2]), first, activity(model, NINE[:2]), strict=True
    ):
        np.testing.assert_array_equal(one, values)
        np.testing.assert_array_equal(again, values)


def test_only_what_is_missing_is_computed(model, store_folder, monkeypatch):
    sets = [sentences.sentences(three) for three in sentences.SUBJECTS[:3]]
    kept = partitions(model, [sets[1]], [1])
    asked = []
    monkeypatch.setattr(sentences, "activity", lambda m, s, *more: asked.extend(s) or activity(m, s, *more))
    labels = partitions(model, sets, [1])
    assert asked == [*sets[0], *sets[2]]
    np.testing.assert_array_equal(labels[1], kept[0])


@pytest.mark.parametrize("sets", [[], [[]], [NINE, NINE[:3]]])
def test_sets_must_be_equally_large(model, sets):
    with pytest.raises(ValueError, match="equally many"):
        partitions(model, sets, [1])


def test_a_full_store_is_noticed_before_anything_is_computed(model, store_folder, monkeypatch):
    monkeypatch.setattr(store, "FREE_BYTES", 10**18)
    monkeypatch.setattr(sentences, "activity", None)
    with pytest.raises(store.StoreError, match="full"):
        partitions(model, [NINE], [1])


def test_one_token_has_no_connectivity(model, store_folder):
    with pytest.raises(ValueError, match="1 tokens count; allowed: two or more"):
        partitions(model, [NINE], [1], Reading(first=4))


def test_chance_agreement_grows_from_none_to_all_with_what_is_shared(store_folder):
    mean = [sentences.chance_agreement(5, shared, 4, n_units=120).mean() for shared in (0, 3, 5)]
    assert abs(mean[0]) < 0.05 and 0.1 < mean[1] < 0.9 and mean[2] == 1
    with pytest.raises(ValueError, match="0 to 5"):
        sentences.chance_agreement(5, 6, 1)


def test_a_made_up_model_is_causal_and_repeatable(model):
    one, two = activity(model, NINE[:2])
    three, again = activity(made_up(width=24, n_layers=3), [NINE[3], NINE[0]])
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(one[:, :3], three[:, :3])  # "What is a"
    assert (one[:, 3] != three[:, 3]).all() and (one[:, 0] != two[:, 0]).all()
    mlp = activity(model, NINE[:1], tensor="mlp")[0]
    np.testing.assert_allclose(one[1:] - one[:-1], mlp, atol=1e-9)
