"""Wiring on a sheet: costs as the formulas read, swaps against all that could be made, and what stays."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from bench_bimt import full_swap

from fcmod_utils import learning, sheets, tasks
from fcmod_utils.networks import PARAMETERS, forward, run
from fcmod_utils.recipes import Recipe, untrained

TINY = Recipe("go_nogo", units=9, steps=12, batch=3, window=20, learning_rate=1e-2)
WIRING = {"penalty": "wiring", "penalty_strength": 1e-2}
BIMT = replace(TINY, sheet=(3, 3), locality=2.0, swap_every=3, **WIRING)


def random_network(n, seed):
    """Recurrent weights, and distances between units that lie in a random order on two rows."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    return rng.standard_normal((n, n)), sheets.distances((2, n // 2))[np.ix_(order, order)]


def cost(w_rec, lengths):
    return (np.abs(w_rec) * lengths).sum()


# ------------------------------------------------------------------------------ places and cost


def test_places_run_along_the_rows():
    assert sheets.positions((2, 3)).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert sheets.positions((4,), 4).tolist() == [[0], [1], [2], [3]]


@pytest.mark.parametrize("sheet", [(20, 20), (400,), (3, 5)])
def test_distance_is_in_steps_over_the_longest_side(sheet):
    found, at = sheets.distances(sheet), sheets.positions(sheet)
    for i, j in np.random.default_rng(0).integers(len(at), size=(50, 2)):
        assert found[i, j] == sum(abs(int(a) - int(b)) for a, b in zip(at[i], at[j], strict=True)) / max(
            sheet
        )
    assert found.max() == sum(side - 1 for side in sheet) / max(sheet)


@pytest.mark.parametrize("locality", [0.0, 1.0, 2.5])
def test_the_cost_is_the_formula_and_its_gradient_the_price_of_each_weight(locality):
    ensemble = untrained(TINY, [0, 1])
    for weights in ensemble.parameters().values():
        weights.requires_grad_()
    layout = sheets.Layout((3, 3), 2)
    layout.swap(ensemble)
    found = sheets.wiring_cost(ensemble, layout.lengths, locality)
    for k in range(2):
        arrays = {name: w[k].detach().numpy().astype(float) for name, w in ensemble.parameters().items()}
        at = sheets.positions((3, 3))[layout.cells[k]]
        total = sum(np.abs(a).sum() for a in arrays.values())
        for to in range(9):
            for of in range(9):
                length = np.abs(at[to] - at[of]).sum() / 3
                total += locality * length * abs(arrays["w_rec"][to, of])
        assert found[k].item() == pytest.approx(total, rel=1e-6)
    found.sum().backward()
    for name, weights in ensemble.parameters().items():
        price = 1 + locality * layout.lengths if name == "w_rec" else 1.0
        torch.testing.assert_close(weights.grad, price * weights.detach().sign())


def test_a_division_by_the_square_is_a_smaller_locality():
    """Liu et al. (2023) print it; 20 times less of A on a sheet of 20 x 20."""
    ensemble, lengths = untrained(TINY, [0]), torch.from_numpy(sheets.distances((3, 3))).float()
    printed = sheets.wiring_cost(ensemble, lengths / 3, 1.0)
    torch.testing.assert_close(sheets.wiring_cost(ensemble, lengths, 1 / 3), printed)


def test_scores_are_all_weights_that_reach_and_leave():
    ensemble = untrained(TINY, [0, 1])
    w_in, w_rec, w_out = (w[1].abs().numpy() for w in (ensemble.w_in, ensemble.w_rec, ensemble.w_out))
    for unit in range(9):
        expected = w_in[unit].sum() + w_rec[unit].sum() + w_rec[:, unit].sum() + w_out[:, unit].sum()
        assert sheets.scores(ensemble)[1, unit] == pytest.approx(expected, rel=1e-6)


# ------------------------------------------------------------------------------ swaps


@pytest.mark.parametrize("seed", range(4))
def test_gains_are_the_differences_of_the_full_cost(seed):
    w_rec, lengths = random_network(12, seed)
    weights = np.abs(w_rec) + np.abs(w_rec).T
    np.fill_diagonal(weights, 0)
    for unit in range(12):
        found = sheets.gains(weights, lengths, weights @ lengths, unit)
        for other in range(12):
            order = np.arange(12)
            order[[unit, other]] = other, unit
            change = cost(w_rec, lengths[np.ix_(order, order)]) - cost(w_rec, lengths)
            assert found[other] == pytest.approx(change, abs=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_a_round_is_the_one_that_tries_everything(seed):
    w_rec, lengths = random_network(16, seed)
    order = np.random.default_rng(seed).permutation(16)[:10]
    place, gain = sheets.swap(w_rec, lengths, order)
    expected, expected_gain = full_swap(w_rec, lengths, order)
    np.testing.assert_array_equal(place, expected)
    assert gain == pytest.approx(expected_gain)
    assert gain == pytest.approx(cost(w_rec, lengths) - cost(w_rec, lengths[np.ix_(place, place)]))
    assert sorted(place) == list(range(16)) and gain > 0


@pytest.mark.parametrize("seed", range(4))
def test_the_cost_never_rises_and_comes_to_rest(seed):
    w_rec, lengths = random_network(14, seed)
    costs = [cost(w_rec, lengths)]
    for _ in range(30):
        for unit in range(14):
            place, gain = sheets.swap(w_rec, lengths, [unit])
            lengths = lengths[np.ix_(place, place)]
            costs.append(cost(w_rec, lengths))
            assert gain == pytest.approx(costs[-2] - costs[-1], abs=1e-9)
    assert max(np.diff(costs)) < 1e-9
    assert costs[-1] < 0.95 * costs[0] and costs[-1] == pytest.approx(costs[-15])


def test_four_units_on_a_line_find_each_other():
    """Strong wires join 0 and 3, weak ones 1 and 2: unit 0 does best to change places with unit 2."""
    w_rec, lengths = np.zeros((4, 4)), sheets.distances((4,))
    w_rec[0, 3], w_rec[1, 2], w_rec[2, 2] = -5, 1, 9
    place, gain = sheets.swap(w_rec, lengths, [0])
    assert place.tolist() == [2, 1, 0, 3]
    assert gain == 5 * 3 / 4 + 1 / 4 - 5 / 4 - 1 / 4
    assert sheets.swap(w_rec, lengths[np.ix_(place, place)], [0, 1, 2, 3]) == (pytest.approx(range(4)), 0)


def test_nothing_moves_without_a_gain():
    lengths = sheets.distances((2, 4))
    for w_rec in (np.zeros((8, 8)), np.ones((8, 8)), np.eye(8)):
        place, gain = sheets.swap(w_rec, lengths, range(8))
        assert place.tolist() == list(range(8)) and gain == 0


def test_a_round_moves_those_with_most_weight(monkeypatch):
    monkeypatch.setattr(sheets, "CANDIDATES", 2)
    ensemble, layout = untrained(TINY, [3]), sheets.Layout((3, 3), 1)
    order = np.argsort(-sheets.scores(ensemble)[0])[:2]
    place, gain = sheets.swap(ensemble.w_rec[0].numpy(), sheets.distances((3, 3)), order)
    assert layout.swap(ensemble) == pytest.approx([gain])
    np.testing.assert_array_equal(layout.cells[0], place)


# ------------------------------------------------------------------------------ a layout and its networks


def test_swaps_and_the_order_of_units_leave_the_outputs_alone():
    ensemble = untrained(TINY, [0, 1])
    inputs = tasks.sample_trials("go_nogo", 5, 0).inputs
    layout = sheets.Layout((3, 3), 2)
    before, weights = run(ensemble, inputs), {k: v.clone() for k, v in ensemble.parameters().items()}
    assert (layout.swap(ensemble) > 0).all()
    assert all(torch.equal(v, weights[k]) for k, v in ensemble.parameters().items())
    arranged = layout.arranged(ensemble)
    after = run(arranged, inputs)
    np.testing.assert_allclose(after.outputs, before.outputs, atol=1e-6)
    for k in range(2):
        assert layout.cells[k].tolist() != list(range(9))
        np.testing.assert_allclose(after.hidden[k][..., layout.cells[k]], before.hidden[k], atol=1e-6)
    in_place = torch.from_numpy(sheets.distances((3, 3))).float()
    torch.testing.assert_close(
        sheets.wiring_cost(arranged, in_place, 1.5), sheets.wiring_cost(ensemble, layout.lengths, 1.5)
    )


def test_lengths_are_those_of_the_cells():
    ensemble, layout = untrained(TINY, [0, 1]), sheets.Layout((9,), 2)
    layout.swap(ensemble)
    for cells, lengths in zip(layout.cells, layout.lengths.numpy(), strict=True):
        np.testing.assert_allclose(lengths, np.abs(cells[:, None] - cells) / 9, rtol=1e-6)


# ------------------------------------------------------------------------------ training


def same_but_for_order(one, other):
    """Whether two ensembles hold the same units, to the last bit, in any order."""
    for k in range(len(one)):
        order = [int(np.flatnonzero((other.w_in[k] == row).all(dim=1)).item()) for row in one.w_in[k]]
        assert sorted(order) == list(range(len(order)))
        for name, axes in {"b_in": 1, "b_rec": 1, "w_rec": 2}.items():
            index = np.ix_(*[order] * axes)
            assert torch.equal(getattr(one, name)[k], getattr(other, name)[k][index]), name
        assert torch.equal(one.w_out[k], other.w_out[k][:, order])
        assert torch.equal(one.b_out, other.b_out)
    return True


def test_without_a_price_of_length_swaps_change_the_order_of_units_only():
    plain, *_ = learning.train(replace(TINY, **WIRING), [0, 1])
    swapped, *_ = learning.train(replace(TINY, sheet=(3, 3), swap_every=2, **WIRING), [0, 1])
    assert same_but_for_order(swapped, plain)
    assert not torch.equal(swapped.w_in, plain.w_in)
    still, *_ = learning.train(replace(TINY, sheet=(3, 3), **WIRING), [0, 1])
    assert all(torch.equal(getattr(still, name), getattr(plain, name)) for name in PARAMETERS)
    lengths = torch.from_numpy(sheets.distances((3, 3))).float()
    torch.testing.assert_close(
        sheets.wiring_cost(swapped, lengths, 0.0), sheets.wiring_cost(plain, lengths, 0.0)
    )


def test_without_a_penalty_swaps_arrange_and_leave_training_alone():
    plain, loss, _ = learning.train(TINY, [0, 1])
    swapped, same_loss, _ = learning.train(replace(TINY, sheet=(3, 3), swap_every=2), [0, 1])
    np.testing.assert_array_equal(loss, same_loss)
    assert same_but_for_order(swapped, plain)


def moved_by_hand(recipe, seed, moments=True):
    """The same training with units that really move: weights, and Adam's memory of them, change places."""
    ensemble = untrained(recipe, [seed])
    weights = {k: v.requires_grad_() for k, v in ensemble.parameters().items()}
    optimizer = torch.optim.Adam(weights.values(), lr=recipe.learning_rate)
    lengths = sheets.distances(recipe.sheet)
    price = 1 + recipe.locality * torch.from_numpy(lengths).float()
    batches = tasks.windows(recipe.task, recipe.window, recipe.batch, np.random.default_rng([seed, 1]))
    for step, (inputs, targets) in zip(range(recipe.steps), batches, strict=False):
        outputs = forward(ensemble, torch.from_numpy(inputs)[:, None])[0]
        loss = learning.cross_entropy(outputs, torch.from_numpy(targets)[:, None]).sum()
        cost = sum((v.abs() * (price if k == "w_rec" else 1)).sum() for k, v in weights.items())
        optimizer.zero_grad()
        (loss + recipe.penalty_strength * cost).backward()
        optimizer.step()
        if (step + 1) % recipe.swap_every == 0:
            order = np.argsort(-sheets.scores(ensemble)[0])[: sheets.CANDIDATES]
            place, _ = full_swap(ensemble.w_rec[0].detach().numpy(), lengths, order)
            unit = np.argsort(place)  # which unit now sits in each cell
            for name, array in weights.items():
                own = [optimizer.state[array][k] for k in ("exp_avg", "exp_avg_sq")] if moments else []
                for one in [array.data, *own]:
                    moved = one[0].clone()
                    for axis in {"w_rec": (0, 1), "w_out": (1,), "b_out": ()}.get(name, (0,)):
                        moved = moved.index_select(axis, torch.from_numpy(unit))
                    one[0] = moved
    return weights


def test_adams_memory_goes_with_its_unit():
    found, *_ = learning.train(BIMT, [0])
    expected = moved_by_hand(BIMT, 0)
    for name, array in expected.items():
        torch.testing.assert_close(getattr(found, name), array.detach(), rtol=0, atol=1e-5)
    forgetful = moved_by_hand(BIMT, 0, moments=False)["w_rec"].detach()
    assert (found.w_rec - forgetful).abs().max() > 1e-3, "the memory makes no difference here"


def test_networks_train_together_as_they_would_alone():
    recipe = replace(BIMT, clip=0.1)
    together, *_ = learning.train(recipe, [0, 1, 2])
    for k in range(3):
        alone, *_ = learning.train(recipe, [k])
        for name in PARAMETERS:
            torch.testing.assert_close(getattr(alone, name)[0], getattr(together, name)[k], rtol=0, atol=1e-6)


def test_checkpoints_come_in_the_order_of_the_cells_too():
    recipe = replace(BIMT, checkpoint_every=4)
    _, _, kept = learning.train(recipe, [0])
    assert list(kept) == [0, 4, 8, 12]
    for step in (4, 8, 12):
        shorter, *_ = learning.train(replace(recipe, steps=step), [0])
        assert all(torch.equal(getattr(kept[step], name), getattr(shorter, name)) for name in PARAMETERS)


def test_wiring_gets_shorter_with_a_price_and_shorter_still_with_swaps():
    lengths = torch.from_numpy(sheets.distances((4, 4))).float()
    recipe = replace(TINY, units=16, steps=120, sheet=(4, 4), **WIRING)
    share = []
    for parts in ({}, {"locality": 2.0}, {"locality": 2.0, "swap_every": 10}):
        w = learning.train(replace(recipe, **parts), [0, 1, 2])[0].w_rec.abs()
        share.append(((w * lengths).sum() / w.sum()).item())
    assert share[2] < share[1] < share[0]


# ------------------------------------------------------------------------------ clip, autapses


def test_clip_is_pytorchs_for_each_network_alone():
    rng = np.random.default_rng(0)
    shapes = [(3, 4, 5), (3, 4), (3, 2, 4)]
    weights = [torch.zeros(shape, requires_grad=True) for shape in shapes]
    for array in weights:
        array.grad = torch.from_numpy(rng.standard_normal(array.shape).astype(np.float32))
        array.grad[1] *= 1e-3  # short enough
        array.grad[2] = 0
    each = [[torch.nn.Parameter(torch.zeros(shape[1:])) for shape in shapes] for _ in range(3)]
    for k, parameters in enumerate(each):
        for parameter, array in zip(parameters, weights, strict=True):
            parameter.grad = array.grad[k].clone()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    learning._clip(weights, 1.0)
    for k, parameters in enumerate(each):
        for parameter, array in zip(parameters, weights, strict=True):
            torch.testing.assert_close(array.grad[k], parameter.grad, rtol=1e-5, atol=1e-9)
    assert sum(array.grad[0].square().sum() for array in weights).item() == pytest.approx(1, rel=1e-5)


def test_autapses_train_as_a_network_that_has_nothing_else():
    recipe = replace(TINY, autapses=True, clip=0.5, **WIRING)
    found, *_ = learning.train(recipe, [0, 1])
    off = ~torch.eye(9, dtype=torch.bool)
    start = untrained(recipe, [0, 1])
    for ensemble in (start, found):
        assert (ensemble.w_rec[:, off] == 0).all()
    own = start.w_rec.diagonal(dim1=1, dim2=2)
    assert (own.abs() <= 1).all() and own.abs().max() > 0.7
    for k, seed in enumerate([0, 1]):
        weights = {n: v[k : k + 1].clone().requires_grad_() for n, v in start.parameters().items()}
        weights["w_rec"] = own[k : k + 1].clone().requires_grad_()
        optimizer = torch.optim.Adam(weights.values(), lr=recipe.learning_rate)
        batches = tasks.windows("go_nogo", recipe.window, recipe.batch, np.random.default_rng([seed, 1]))
        for _, (inputs, targets) in zip(range(recipe.steps), batches, strict=False):
            whole = start.with_parameters(**weights | {"w_rec": torch.diag_embed(weights["w_rec"])})
            outputs = forward(whole, torch.from_numpy(inputs)[:, None])[0]
            loss = learning.cross_entropy(outputs, torch.from_numpy(targets)[:, None]).sum()
            optimizer.zero_grad()
            (loss + recipe.penalty_strength * sum(v.abs().sum() for v in weights.values())).backward()
            torch.nn.utils.clip_grad_norm_(weights.values(), recipe.clip)
            optimizer.step()
        torch.testing.assert_close(found.w_rec[k].diagonal(), weights["w_rec"][0].detach(), rtol=0, atol=1e-5)


# ------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((20, 20), 399), r"sheet is \(20, 20\) for 399 units; allowed: as many cells as units"),
        (((0, 5),), "a side of the sheet is 0; allowed: a whole number of at least 1"),
        (((2.5, 2),), "a side of the sheet is 2.5; allowed"),
        (((),), r"sheet is \(\); allowed: cells along each side"),
        ((400,), r"sheet is 400; allowed: .* as \(20, 20\) or \(400,\)"),
        (("ab",), "sheet is 'ab'; allowed"),
    ],
)
def test_sheets_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        sheets.positions(*arguments)
