"""Training: PyTorch's optimizer on the plain loop is the oracle."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from rivals import plain_train

from fcmod_utils import networks, store, training
from fcmod_utils.networks import PARAMETERS
from fcmod_utils.training import Recipe

TINY = Recipe("go_nogo", units=8, steps=4, batch=3, window=20)


class Watched(ThreadPoolExecutor):
    """An executor that remembers which seeds it was asked to train."""

    def __init__(self):
        super().__init__(1)
        self.asked = []

    def submit(self, function, slot, recipe, seeds):
        self.asked.append(tuple(seeds))
        return super().submit(function, slot, recipe, seeds)


@pytest.fixture
def pairs(monkeypatch):
    """Chunks of two networks."""
    monkeypatch.setattr(training, "CHUNK", 2)


def assert_same_weights(a, b):
    for name in PARAMETERS:
        assert torch.equal(a.parameters()[name], b.parameters()[name]), name


def assert_close_weights(a, b):
    """Equal but for the order in which sums are taken, which the width of a batch may change."""
    for name in PARAMETERS:
        torch.testing.assert_close(a.parameters()[name], b.parameters()[name], rtol=0, atol=1e-6, msg=name)


# ------------------------------------------------------------------------------ the loop


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("perceptual_decision_making", units=10, steps=6, batch=4, window=25),
        Recipe("go_nogo", 10, "tanh", tau_ms=200.0, steps=6, batch=4, window=25, learning_rate=1e-2),
        Recipe("go_nogo", 10, "softplus", tau_ms=100.0, dt_ms=50.0, steps=6, batch=4, window=25),
    ],
    ids=lambda r: r.nonlinearity,
)
def test_training_equals_adam_on_the_plain_loop(recipe):
    ensemble, losses, _ = training.train(recipe, [4, 9])
    for i, seed in enumerate((4, 9)):
        model, expected = plain_train(recipe, seed)
        np.testing.assert_allclose(losses[i], expected, rtol=1e-5)
        for name, weights in model.arrays().items():
            torch.testing.assert_close(ensemble.parameters()[name][i], weights, rtol=0, atol=1e-5, msg=name)
            start = training.untrained(recipe, [seed]).parameters()[name][0]
            assert (weights - start).abs().max() > recipe.learning_rate, "nothing was learned"


def test_cross_entropy_equals_pytorchs_network_by_network():
    outputs = torch.randn(7, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    targets = torch.randint(0, 4, (7, 3, 5), generator=torch.Generator().manual_seed(1))
    ours = training.cross_entropy(outputs, targets)
    for i in range(3):
        expected = torch.nn.functional.cross_entropy(outputs[:, i].flatten(0, 1), targets[:, i].flatten())
        torch.testing.assert_close(ours[i], expected)


@pytest.mark.parametrize("task", ["go_nogo", "perceptual_decision_making"])
def test_loss_falls_in_every_network(task):
    recipe = Recipe(task, units=20, steps=120, batch=8, window=44, learning_rate=1e-2)
    ensemble, losses, _ = training.train(recipe, [0, 1])
    assert losses.shape == (2, 120)
    assert np.isfinite(losses).all()
    assert (losses[:, -20:].mean(1) < 0.4 * losses[:, :3].mean(1)).all()
    assert not any(weights.requires_grad for weights in ensemble.parameters().values())


def test_the_same_seeds_give_the_same_weights_bit_for_bit():
    (a, loss_a, _), (b, loss_b, _) = (training.train(TINY, [0, 1]) for _ in range(2))
    assert_same_weights(a, b)
    np.testing.assert_array_equal(loss_a, loss_b)
    assert not torch.equal(a.w_rec[0], a.w_rec[1])


def test_a_network_does_not_depend_on_those_trained_beside_it():
    together, _, _ = training.train(TINY, [0, 1, 2])
    alone, _, _ = training.train(TINY, [1])
    assert_close_weights(together[1], alone)


# ------------------------------------------------------------------------------ many networks


def test_many_equals_training_them_here(store_folder, pairs):
    with Watched() as executor:
        trained = training.fit(TINY, [5, 0, 7], executor)
    for i, seed in enumerate((5, 0, 7)):
        alone, loss, _ = training.train(TINY, [seed])
        assert_close_weights(trained.ensemble[i], alone)
        np.testing.assert_allclose(trained.loss[i], loss[0], rtol=1e-6)
        assert_same_weights(trained.untrained[i], training.untrained(TINY, [seed]))
    assert trained.seeds == (5, 0, 7)
    assert trained.recipe == TINY
    assert trained.loss.shape == (3, TINY.steps)


def test_results_do_not_depend_on_the_workers(tmp_path, monkeypatch, pairs):
    results = []
    for workers in ("1", "2", "given"):
        monkeypatch.setenv("FCMOD_STORE", str(tmp_path / workers))
        monkeypatch.setenv("FCMOD_WORKERS", workers)  # never read where an executor is given
        if workers == "given":
            with Watched() as executor:
                results.append(training.fit(TINY, range(4), executor))
        else:
            results.append(training.fit(TINY, range(4)))
    for other in results[1:]:
        assert_same_weights(results[0].ensemble, other.ensemble)
        np.testing.assert_array_equal(results[0].loss, other.loss)


def test_only_what_is_missing_is_trained(store_folder, pairs):
    with Watched() as executor:
        training.fit(TINY, [2, 3], executor)
        first = training.fit(TINY, range(6), executor)
        assert executor.asked == [(2, 3), (0, 1), (4, 5)]
        again = training.fit(TINY, range(6), executor)
        training.fit(replace(TINY, steps=3), [2, 3], executor)
        assert executor.asked[3:] == [(2, 3)], "another recipe is another entry"
    assert_same_weights(first.ensemble, again.ensemble)


def test_a_damaged_chunk_is_made_again_and_said(store_folder, pairs):
    with Watched() as executor:
        first = training.fit(TINY, range(4), executor)
        damaged = sorted(store_folder.glob("ensemble/*.safetensors"))[0]
        damaged.write_bytes(damaged.read_bytes()[:-1])
        executor.asked.clear()
        with pytest.warns(store.StoreWarning, match=damaged.name):
            again = training.fit(TINY, range(4), executor)
        assert len(executor.asked) == 1
    assert_same_weights(first.ensemble, again.ensemble)


def test_a_store_that_cannot_be_written_is_noticed_before_training(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FCMOD_STORE", str(tmp_path / "file" / "store"))
    with Watched() as executor:
        with pytest.raises(store.StoreError, match="FCMOD_STORE"):
            training.fit(TINY, range(4), executor)
        assert not executor.asked


def test_an_error_in_a_worker_reaches_the_caller(store_folder, monkeypatch):
    def broken(*_):
        raise RuntimeError("no more memory")

    monkeypatch.setattr(training, "train", broken)
    with Watched() as executor, pytest.raises(RuntimeError, match="no more memory"):
        training.fit(TINY, range(4), executor)
    assert not list(store_folder.glob("ensemble/*.safetensors"))


def test_any_list_of_ensembles_is_trained_over_one_executor(store_folder, pairs):
    small, large = TINY, replace(TINY, units=9, penalty="l1", penalty_strength=0.1)
    with Watched() as executor:
        many = training.fit_many([(small, range(3)), (large, [4]), (small, [0, 1])], executor)
        assert executor.asked == [(0, 1), (2,), (4,)], "what two ensembles share is trained once"
    assert [(one.recipe, one.seeds) for one in many] == [(small, (0, 1, 2)), (large, (4,)), (small, (0, 1))]
    assert_same_weights(many[0].ensemble[[0, 1]], many[2].ensemble)
    assert_same_weights(many[1].ensemble, training.fit(large, [4]).ensemble)
    with pytest.raises(ValueError, match="no jobs; allowed"):
        training.fit_many([])


def test_one_bad_recipe_in_a_list_stops_it_before_training(store_folder):
    with Watched() as executor:
        with pytest.raises(ValueError, match="units is 0"):
            training.fit_many([(TINY, [0]), (replace(TINY, units=0), [0])], executor)
        assert not executor.asked


def test_where_the_networks_came_from_is_said(store_folder, pairs, tmp_path, monkeypatch):
    monkeypatch.setenv("FCMOD_ARTIFACTS", str(tmp_path / "artifacts"))
    assert not training.is_kept(TINY, [0, 1])
    with Watched() as executor:
        assert training.fit(TINY, [0, 1], executor).source == "trained in this run"
        assert training.fit(TINY, [0, 1], executor).source == "read from the store"
        assert (
            training.fit(TINY, [0, 1, 2], executor).source == "2 read from the store, 1 trained in this run"
        )
        store_folder.rename(tmp_path / "artifacts")
        assert training.is_kept(TINY, [0, 1])
        assert training.fit(TINY, [0, 1], executor).source == "read from the book's artifacts"


# ------------------------------------------------------------------------------ checkpoints


def test_checkpoints_come_back_by_step(store_folder, pairs):
    recipe = replace(TINY, checkpoint_every=3)
    with Watched() as executor:
        trained = training.fit(recipe, [5, 0, 7], executor)
        kept = training.checkpoints(trained)
        assert executor.asked == [(5, 0), (7,)]
    assert list(kept) == [0, 3, 4]
    assert_same_weights(kept[0], trained.untrained)
    assert_same_weights(kept[4], trained.ensemble)
    _, _, expected = training.train(recipe, [5, 0])
    assert_same_weights(kept[3][[0, 1]], expected[3])


def test_checkpoints_do_not_change_the_entry_of_the_last_weights(store_folder, pairs):
    with Watched() as executor:
        with_them = training.fit(replace(TINY, checkpoint_every=2), [0, 1], executor)
        without = training.fit(TINY, [0, 1], executor)
        assert len(executor.asked) == 1
    assert_same_weights(with_them.ensemble, without.ensemble)
    with pytest.raises(ValueError, match="checkpoint_every is 0; allowed"):
        training.checkpoints(without)


def test_lost_checkpoints_are_made_again(store_folder, pairs, monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    with Watched() as executor:
        trained = training.fit(replace(TINY, checkpoint_every=2), [0, 1], executor)
        first = training.checkpoints(trained)
        damaged = next(store_folder.glob("checkpoints/*.safetensors"))
        damaged.write_bytes(damaged.read_bytes()[:-1])
        with pytest.warns(store.StoreWarning, match=damaged.name):
            training.fit(trained.recipe, trained.seeds, executor)
        assert len(executor.asked) == 2
    again = training.checkpoints(trained)
    for step, ensemble in first.items():
        assert_same_weights(ensemble, again[step])


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize("seeds", [[], [-1], [0, 0], [1.5], ["1"]])
def test_bad_seeds_are_refused_before_training(seeds, store_folder):
    with Watched() as executor:
        with pytest.raises(ValueError, match=r"seeds are .*; allowed: different whole numbers, at least 0"):
            training.fit(TINY, seeds, executor)
        assert not executor.asked


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "stroop"}, "unknown task 'stroop'; allowed: perceptual_decision_making, go_nogo"),
        ({"units": -100}, "units is -100; allowed: a whole number of at least 1"),
        ({"units": 10.0}, "units is 10.0; allowed"),
        ({"steps": 0}, "steps is 0; allowed"),
        ({"batch": True}, "batch is True; allowed"),
        ({"window": "100"}, "window is '100'; allowed"),
        ({"dt_ms": 200.0}, r"dt_ms is 200 with tau_ms 100; allowed: dt_ms <= tau_ms"),
        ({"dt_ms": -20}, "dt_ms is -20; allowed"),
        ({"dt_ms": 1000, "tau_ms": 1000}, "dt_ms is 1000; allowed for go_nogo"),
        ({"tau_ms": 0}, "tau_ms 0; allowed"),
        ({"tau_ms": float("nan")}, "nan"),
        ({"nonlinearity": "gelu"}, "'gelu'; allowed"),
        ({"learning_rate": 0}, "learning_rate is 0; allowed: above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan; allowed"),
        ({"learning_rate": float("inf")}, "learning_rate is inf; allowed"),
    ],
)
def test_bad_recipes_are_refused_before_training(change, message, store_folder):
    recipe = replace(TINY, **change)
    with pytest.raises(ValueError, match=message):
        training.train(recipe, [0])
    with Watched() as executor:
        with pytest.raises(ValueError, match=message):
            training.fit(recipe, [0], executor)
        assert not executor.asked


# ------------------------------------------------------------------------------ the golden training

GOLDEN = {  # by training.RECIPE, from golden_numbers()
    1: {
        "start": 60.63236,
        "loss": 21.81565,
        "w_in": 0.6066917,
        "b_in": 0.2175276,
        "w_rec": 2.22759,
        "b_rec": 0.2175274,
        "w_out": 0.6493436,
        "b_out": 0.05941686,
    },
}


def golden_numbers():
    """How far each array moved in a tiny training (sum of absolute changes), and all losses' sum."""
    recipe = Recipe("perceptual_decision_making", units=16, steps=20, batch=4, window=30)
    ensemble, loss, _ = training.train(recipe, [0])
    start, end = training.untrained(recipe, [0]).parameters(), ensemble.parameters()
    numbers = {"start": sum(w.abs().sum().item() for w in start.values()), "loss": loss.sum().item()}
    return numbers | {n: (end[n] - start[n]).abs().sum().item() for n in PARAMETERS}


def test_weights_change_only_together_with_the_recipe_version():
    """If this fails, stored networks are no longer what the code would train: raise ``training.RECIPE``.

    Then add a row to GOLDEN with what ``golden_numbers()`` gives now. The tolerance leaves room for
    other processors, which add in another order, and for nothing else.
    """
    numbers = golden_numbers()
    assert training.RECIPE in GOLDEN, f"add {training.RECIPE}: {numbers}"
    assert numbers == pytest.approx(GOLDEN[training.RECIPE], rel=1e-4)


@pytest.mark.parametrize("change", [{"betas": (0.9, 0.995)}, {"lr": 0.001001}, {"weight_decay": 0.001}])
def test_the_golden_numbers_notice_a_small_change(change, monkeypatch):
    adam = torch.optim.Adam
    monkeypatch.setattr(torch.optim, "Adam", lambda *given, **named: adam(*given, **named | change))
    assert golden_numbers() != pytest.approx(GOLDEN[training.RECIPE], rel=1e-4)


def test_an_untrained_ensemble_has_the_recipes_shape_and_dynamics():
    start = training.untrained(Recipe("go_nogo", 7, "tanh", tau_ms=200.0, dt_ms=50.0), [0, 1])
    assert start.w_in.shape == (2, 7, 3)
    assert start.w_out.shape == (2, 2, 7)
    assert (start.alpha, start.nonlinearity) == (0.25, "tanh")
    assert_same_weights(start, networks.initialize([0, 1], 3, 7, 2))


def test_a_network_trained_alone_equals_itself_in_company():
    recipe = Recipe("go_nogo", units=20, steps=12)
    alone, loss, _ = training.train(recipe, [7])
    company, losses, _ = training.train(recipe, [5, 6, 7])
    np.testing.assert_array_equal(loss[0], losses[2])
    for name, weights in alone.parameters().items():
        assert torch.equal(weights[0], company.parameters()[name][2]), name
