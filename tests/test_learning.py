"""The training loop's parts that can be switched on, and a network whose loss explodes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fcmod_utils import constraints, learning, training
from fcmod_utils.networks import PARAMETERS
from fcmod_utils.recipes import Recipe, untrained

TINY = Recipe("go_nogo", units=8, steps=6, batch=3, window=20)


def weights(ensemble, network=0):
    return {name: array[network] for name, array in ensemble.parameters().items()}


# ------------------------------------------------------------------------------ checkpoints


def test_checkpoints_are_what_shorter_trainings_end_with():
    recipe = replace(TINY, checkpoint_every=2, steps=5)
    _, loss, kept = learning.train(recipe, [0, 1])
    assert list(kept) == [0, 2, 4, 5]
    for step in (2, 4, 5):
        shorter, shorter_loss, _ = learning.train(replace(recipe, steps=step), [0, 1])
        np.testing.assert_array_equal(loss[:, :step], shorter_loss)
        for name in PARAMETERS:
            assert torch.equal(kept[step].parameters()[name], shorter.parameters()[name]), (step, name)
    start = untrained(recipe, [0, 1])
    assert all(torch.equal(kept[0].parameters()[n], start.parameters()[n]) for n in PARAMETERS)


# ------------------------------------------------------------------------------ a start of one's own


def test_training_goes_on_from_the_networks_that_are_given():
    start, *_ = learning.train(TINY, [0, 1])
    before = {name: array.clone() for name, array in start.parameters().items()}
    still, *_ = learning.train(replace(TINY, learning_rate=1e-12), [0, 1], start=start)
    on, *_ = learning.train(TINY, [0, 1], start=start)
    for name, array in before.items():
        assert torch.equal(start.parameters()[name], array), "what is given stays as it is"
        torch.testing.assert_close(still.parameters()[name], array, rtol=0, atol=1e-9)
        assert not torch.equal(on.parameters()[name], array)
    fresh, *_ = learning.train(TINY, [0, 1], start=untrained(TINY, [0, 1]))
    assert all(torch.equal(fresh.parameters()[name], array) for name, array in before.items())


@pytest.mark.parametrize("other", [untrained(TINY, [0]), untrained(replace(TINY, units=9), [0, 1])])
def test_a_start_of_other_networks_is_refused(other):
    with pytest.raises(ValueError, match=r"start has weights of shapes .* allowed: "):
        learning.train(TINY, [0, 1], start=other)


# ------------------------------------------------------------------------------ noise


def test_noise_changes_the_weights_and_comes_from_the_seed():
    quiet, *_ = learning.train(TINY, [0, 1])
    loud, again, alone = (
        learning.train(replace(TINY, noise=0.5), seeds)[0] for seeds in ([0, 1], [0, 1], [1])
    )
    assert torch.equal(loud.w_rec, again.w_rec)
    assert not torch.allclose(loud.w_rec, quiet.w_rec)
    torch.testing.assert_close(alone.w_rec[0], loud.w_rec[1], rtol=0, atol=1e-6)


# ------------------------------------------------------------------------------ penalty


def test_a_penalty_adds_its_gradient_and_not_its_value_to_the_loss():
    """One step of Adam goes against the sign of the whole gradient: task and penalty."""
    recipe = replace(TINY, steps=1, penalty="l1", penalty_strength=1e3)  # the penalty decides the sign
    start = untrained(recipe, [0, 1])
    ensemble, loss, _ = learning.train(recipe, [0, 1])
    _, plain, _ = learning.train(replace(TINY, steps=1), [0, 1])
    np.testing.assert_array_equal(loss, plain)
    moved = ensemble.w_rec - start.w_rec
    torch.testing.assert_close(moved, -recipe.learning_rate * start.w_rec.sign(), rtol=0, atol=1e-6)


def test_a_penalty_shrinks_what_it_penalizes():
    recipe = replace(TINY, steps=60, learning_rate=1e-2)
    sums = [
        constraints.l1(learning.train(one, [0, 1])[0]).sum()
        for one in (recipe, replace(recipe, penalty="l1", penalty_strength=1e-2))
    ]
    assert sums[1] < 0.7 * sums[0]


def test_networks_of_different_strength_train_together_as_they_would_alone():
    spread = replace(TINY, penalty="sernn", penalty_strength=0.01, penalty_to=0.3, penalty_networks=3)
    together, *_ = learning.train(spread, [0, 1, 2])
    for seed, strength in enumerate(spread.strengths([0, 1, 2])):
        one = replace(TINY, penalty="sernn", penalty_strength=float(strength))
        torch.testing.assert_close(learning.train(one, [seed])[0].w_rec[0], together.w_rec[seed])
    assert not torch.allclose(together.w_rec[0], learning.train(TINY, [0])[0].w_rec[0])


def test_denormal_numbers_are_flushed_with_a_penalty_and_only_then(monkeypatch):
    tiny, half = torch.tensor([1e-40]), []
    monkeypatch.setattr(learning, "_train", lambda *_: half.append((tiny * 0.5).item()))
    for recipe in (replace(TINY, penalty="l1", penalty_strength=0.1), TINY):
        learning.train(recipe, [0])
        assert (tiny * 0.5).item() != 0, "the setting is put back"
    assert half[0] == 0 and half[1] > 0


# ------------------------------------------------------------------------------ one answer, at the end


def test_only_the_last_step_counts_where_the_answer_is_given_last():
    recipe = Recipe("one_choice", units=12, batch=16, window=50, steps=3, initialization="orthogonal")
    _, loss, _ = learning.train(recipe, [0, 1])
    for i, seed in enumerate((0, 1)):
        start = untrained(recipe, [seed])
        rng = np.random.default_rng([seed, 1])
        inputs, targets = next(learning.windows("one_choice", 50, 16, rng))
        assert (targets[:-1] == -1).all()
        r = torch.zeros(16, 12)
        for x in torch.from_numpy(inputs):
            r = torch.relu(x @ start.w_in[0].T + r @ start.w_rec[0].T)
        logits = r @ start.w_out[0].T
        expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets[-1]))
        assert loss[i, 0] == pytest.approx(expected.item(), rel=1e-5)


def test_adams_epsilon_is_the_recipes():
    big = replace(TINY, adam_epsilon=1e3)
    moved = learning.train(big, [0])[0].w_rec - untrained(TINY, [0]).w_rec
    assert 0 < moved.abs().max() < 1e-5


# ------------------------------------------------------------------------------ a loss that explodes


@pytest.fixture
def exploding(monkeypatch):
    """The trials of seed 7 hold an infinite input from the third step on."""
    windows = learning.windows

    def broken(task, window, batch, rng, dt_ms):
        bad = rng.bit_generator.seed_seq.entropy[0] == 7
        for step, (inputs, targets) in enumerate(windows(task, window, batch, rng, dt_ms)):
            yield (np.full_like(inputs, np.inf) if bad and step >= 2 else inputs), targets

    monkeypatch.setattr(learning, "windows", broken)


@pytest.mark.parametrize("recipe", [TINY, replace(TINY, penalty="l1", penalty_strength=0.01)])
def test_a_network_that_explodes_is_stopped_and_the_others_go_on(recipe, exploding, monkeypatch):
    together, loss, kept = learning.train(replace(recipe, checkpoint_every=1), [3, 7, 9])
    assert np.isfinite(loss[1, :2]).all()
    assert np.isnan(loss[1, 2:]).all()
    assert np.isfinite(loss[[0, 2]]).all()
    for name, array in weights(together, 1).items():  # as before the step that failed
        assert torch.equal(array, weights(kept[2], 1)[name]), name
        assert torch.isfinite(array).all()
    monkeypatch.undo()
    undisturbed, expected, _ = learning.train(recipe, [3, 7, 9])
    np.testing.assert_array_equal(loss[[0, 2]], expected[[0, 2]])
    for network in (0, 2):
        for name, array in weights(undisturbed, network).items():
            assert torch.equal(weights(together, network)[name], array), name


def test_a_stopped_network_does_not_hide_the_loss_of_the_others(exploding):
    said, recipe = [], replace(TINY, steps=10)
    _, loss, _ = learning.train(recipe, [3, 7, 9], lambda *state: said.append(state))
    assert said == [(1.0, pytest.approx(loss[[0, 2], 9].mean()))]
    learning.train(recipe, [7], lambda *state: said.append(state))
    assert np.isnan(said[1][1])


def test_the_stopped_network_is_named_at_every_reading(exploding, store_folder, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    monkeypatch.setattr(training.processes, "collect", in_this_process)
    for _ in range(2):  # trained, then read
        with pytest.warns(training.TrainingWarning, match="go_nogo, seed 7: loss not finite at step 2"):
            trained = training.fit(TINY, [3, 7])
        assert trained.stopped == {7: 2}


def in_this_process(function, tasks, *_):
    return ((task, function(0, *task)) for task in tasks)


def test_training_reports_how_far_it_is():
    said = []
    _, loss, _ = learning.train(replace(TINY, steps=25), [0, 1], lambda *state: said.append(state))
    assert [share for share, _ in said] == [0.4, 0.8]
    assert said[0][1] == pytest.approx(loss[:, 9].mean())
