"""Task variance by hand and by loops; clusters against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from fcmod_utils import cog_tasks, networks, task_variance

FEW = ("go", "rtanti", "dm1", "dms")


def two_units():
    """Unit 0 follows the fixation input and place 0 of ring 1, unit 1 is dead."""
    network = networks.initialize([0], len(cog_tasks.INPUTS), 2, len(cog_tasks.OUTPUTS))
    blank = {name: torch.zeros_like(value) for name, value in network.parameters().items()}
    blank["w_in"][0, 0, :2] = 1
    blank["w_out"][0, 1, 0] = 1
    blank["b_out"][0, 0] = 0.5
    return network.with_parameters(**blank)


def groups(sizes=(9, 12, 15), seed=0, noise=0.05):
    """Units that vary in one task each, and a little in all."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    x = np.eye(len(sizes) + 1)[labels] * 0.9 + noise * rng.random((len(labels), len(sizes) + 1))
    return x, labels


@pytest.fixture(scope="module")
def nets():
    return networks.initialize([0, 1], len(cog_tasks.INPUTS), 30, len(cog_tasks.OUTPUTS))


# ---------------------------------------------------------------- measured on networks


def test_variance_of_two_units_by_hand():
    """Unit 0 is the fixation cue plus the bump at place 0: only the bump varies over trials."""
    found = task_variance.task_variance(two_units(), ("go",), 200, seed=3)[0]
    trials = cog_tasks.sample_trials("go", 200, np.random.default_rng([3, cog_tasks.NAMES.index("go")]))
    away = np.abs((trials.conditions["place"] + 8) % 16 - 8) * 2 * np.pi / 16
    bump = 0.8 * np.exp(-((away / (np.pi / 8)) ** 2) / 2) * (trials.conditions["modality"] == 0)
    assert found[0, 0] == pytest.approx(bump.var() * 5 / 15, rel=1e-4)  # 5 of 15 steps
    assert found[1, 0] == 0


def test_accuracy_of_two_units_by_hand():
    """It says "place 0" while unit 0 is above 1/2; with nothing shown at the end it fixates."""
    found = task_variance.accuracy(two_units(), ("go", "dms"), 400)[0]
    trials = cog_tasks.sample_trials("dms", 400, np.random.default_rng([0, cog_tasks.NAMES.index("dms")]))
    assert found[0] == 0 and found[1] == np.mean(trials.conditions["match"] == 0)


def test_variance_and_accuracy_are_those_of_plain_loops(nets):
    variance = task_variance.task_variance(nets, FEW, 20, seed=1)
    right = task_variance.accuracy(nets, FEW, 20, seed=1)
    assert variance.shape == (2, 30, 4) and right.shape == (2, 4)
    for k, name in enumerate(FEW):
        rng = np.random.default_rng([1, cog_tasks.NAMES.index(name)])
        trials = cog_tasks.sample_trials(name, 20, rng)
        run = networks.run(nets, trials.inputs)
        for n in range(2):
            steps = [[np.var(step[:, u].astype(float)) for u in range(30)] for step in run.hidden[n]]
            np.testing.assert_allclose(variance[n, :, k], np.mean(steps, axis=0), rtol=1e-4, atol=1e-10)
            hits = [run.outputs[n, -1, i].argmax() == trials.targets[-1, i] for i in range(20)]
            assert right[n, k] == np.mean(hits)


def test_a_task_is_measured_on_the_same_trials_whatever_else_is_asked_for(nets):
    both = task_variance.task_variance(nets, ("dm1", "go"), 10)
    np.testing.assert_array_equal(both[..., :1], task_variance.task_variance(nets, ("dm1",), 10))
    assert not np.array_equal(both, task_variance.task_variance(nets, ("dm1", "go"), 10, seed=1))


def test_units_in_another_order_have_their_variances_in_that_order(nets):
    order = torch.from_numpy(np.random.default_rng(0).permutation(30))
    moved = nets.with_parameters(
        w_in=nets.w_in[:, order], b_in=nets.b_in[:, order], b_rec=nets.b_rec[:, order],
        w_rec=nets.w_rec[:, order][:, :, order], w_out=nets.w_out[:, :, order],
    )  # fmt: skip
    found = [task_variance.task_variance(one, FEW, 20) for one in (nets, moved)]
    np.testing.assert_allclose(found[0][:, order.numpy()], found[1], rtol=1e-3, atol=1e-9)


# ---------------------------------------------------------------- clusters


@pytest.mark.parametrize("seed", range(3))
def test_wards_clusters_are_those_of_scikit_learn(seed):
    x = np.random.default_rng(seed).random((40, 5)) ** 3
    found = task_variance.cluster(x, counts=range(2, 12))
    theirs = [AgglomerativeClustering(k).fit_predict(x) for k in range(2, 12)]
    scores = [silhouette_score(x, one) for one in theirs]
    np.testing.assert_allclose(found.silhouettes, scores, rtol=1e-9)
    assert found.count == range(2, 12)[np.argmax(scores)]
    assert adjusted_rand_score(found.labels, theirs[np.argmax(scores)]) == 1


def test_k_means_is_that_of_scikit_learn():
    x = np.random.default_rng(0).random((40, 5)) ** 3
    found = task_variance.cluster(x, "kmeans", counts=(3,), seed=2)
    theirs = KMeans(3, n_init=20, random_state=2).fit_predict(x)
    assert adjusted_rand_score(found.labels, theirs) == 1


@pytest.mark.parametrize("method", task_variance.METHODS)
def test_groups_made_by_hand_are_found_in_the_order_of_their_tasks(method):
    x, labels = groups()
    shuffled = np.random.default_rng(1).permutation(len(x))
    found = task_variance.cluster(x[shuffled], method)
    np.testing.assert_array_equal(found.labels, labels[shuffled])
    assert found.count == 3 and found.preferred.tolist() == [0, 1, 2]
    assert found.counts.tolist() == list(range(2, 20))
    assert found.silhouette == found.silhouettes.max() > 0.8


def test_of_clusters_with_one_preferred_task_the_larger_comes_first():
    x = np.array([[1, 0.0]] * 3 + [[1, 0.9]] * 5 + [[0, 1.0]] * 4) + 1e-3 * np.arange(12)[:, None]
    found = task_variance.cluster(x, counts=(3,))
    assert found.labels.tolist() == [1] * 3 + [0] * 5 + [2] * 4 and found.preferred.tolist() == [0, 0, 1]


def test_units_that_are_not_active_get_no_cluster():
    x, labels = groups()
    variance = np.vstack([x[:20], np.zeros((2, 4)), np.full((1, 4), 2e-4), x[20:]])
    found = task_variance.of_network(variance)
    dead = np.arange(20, 23)
    assert (found[dead] == -1).all() and not task_variance.active(variance)[dead].any()
    alive = task_variance.normalized(variance[task_variance.active(variance)])
    np.testing.assert_array_equal(np.delete(found, dead), task_variance.cluster(alive).labels)
    np.testing.assert_array_equal(np.delete(found, dead), labels)


def test_normalized_variance_knows_no_scale():
    variance = np.random.default_rng(0).random((6, 4))
    scaled = variance * np.arange(1, 7)[:, None]
    np.testing.assert_allclose(task_variance.normalized(variance), task_variance.normalized(scaled))
    assert (task_variance.normalized(variance).max(axis=1) == 1).all()


def test_groups_are_clearer_than_chance_and_independent_columns_are_not():
    rng = np.random.default_rng(0)
    prototypes = rng.random((4, 12))
    assert task_variance.clearness(np.repeat(prototypes, 12, axis=0) + 0.1 * rng.random((48, 12))) > 0.2
    x = groups()[0]
    chance = task_variance.by_chance(x, copies=3)
    assert chance.shape == (3, 18) and task_variance.clearness(x, copies=3) == pytest.approx(
        task_variance.cluster(x).silhouette - chance.max(axis=1).mean()
    )
    independent = np.random.default_rng(0).random((60, 6))
    assert abs(task_variance.clearness(independent)) < 0.05


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n: task_variance.accuracy(n, ("dm3",)), "unknown task 'dm3'.*dm2"),
        (lambda n: task_variance.task_variance(n, ("go", "memory")), "unknown task 'memory'"),
        (lambda n: task_variance.accuracy(n, ()), "at least one"),
        (lambda n: task_variance.accuracy(n, ("go",), 0), "n_trials is 0"),
        (lambda n: task_variance.task_variance(n, ("go",), 1), "n_trials is 1; allowed: 2 or more"),
        (lambda n: task_variance.accuracy(networks.initialize([0], 3, 4, 3), ("go",)), r"\(3, 3\) inputs"),
        (lambda n: task_variance.cluster(groups()[0], "dbscan"), "unknown method 'dbscan'; allowed: ward"),
        (lambda n: task_variance.cluster(groups()[0][:5], counts=(2, 6)), "fewer than the 5 active units"),
        (lambda n: task_variance.cluster(groups()[0], counts=(1, 2)), "whole numbers from 2 to 35"),
        (lambda n: task_variance.cluster(groups()[0], counts=(2.5,)), "whole numbers from 2 to 35"),
        (lambda n: task_variance.cluster(np.full((5, 2), np.nan)), "finite"),
        (lambda n: task_variance.of_network(np.zeros((9, 4))), r"shape \(0, 4\).*three active units"),
        (lambda n: task_variance.clearness(groups()[0], copies=0), "copies is 0"),
    ],
)  # fmt: skip
def test_bad_input_is_named(nets, call, message):
    with pytest.raises(ValueError, match=message):
        call(nets)
