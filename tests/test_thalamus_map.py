"""The thalamus map: its data, its JavaScript against Python, its element in a browser."""

import json
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import ask_node, axe_finds_nothing, bare_page

from fcmod_utils import brains, connectivity, explorables, modules, standin
from fcmod_utils.explorables import (
    check_thalamus,
    thalamus_map,
    thalamus_payload,
    thalamus_picture,
    thalamus_widgets,
)
from fcmod_utils.explorables.thalamus_picture import left_of


@pytest.fixture(scope="module")
def cortex():
    return standin.made_up(30, {"TH": 12}, seed=2)


@pytest.fixture(scope="module")
def data(cortex):
    return json.loads(json.dumps(thalamus_payload(cortex), allow_nan=False))


@pytest.fixture(scope="module")
def answer(node, data, tmp_path_factory):
    """What the page computes, says and draws for every choice."""
    file = tmp_path_factory.mktemp("thalamus") / "payload.json"
    file.write_text(json.dumps(data))
    return ask_node(node, "thalamus_node.mjs", file)


def similarity(weights, names, without):
    kept = [k for k, name in enumerate(names) if name != without]
    return connectivity.connection_similarity(np.asarray(weights)[:, kept])


# ------------------------------------------------------------------------------ the data


def test_payload_holds_no_connectivity(cortex, data):
    assert set(data) == {"format", "version", "source", "start", "areas", "nuclei", "shares", "places", "r"}
    assert {key: len(values) for key, values in data["r"].items()} == {"raw": 13, "distance": 13}
    np.testing.assert_allclose(np.sum(data["shares"], axis=1), 1, atol=1e-3)
    other = json.loads(json.dumps(thalamus_payload(replace(cortex, fc=-(cortex.fc**2)))))
    assert {key for key in data if data[key] != other[key]} == {"r"}, "only r may know of it"
    assert check_thalamus(data) is data


def test_r_is_that_of_the_chapter(cortex, data):
    for k, name in enumerate(["", *data["nuclei"]]):
        s = similarity(cortex.inputs["TH"], data["nuclei"], name)
        assert data["r"]["raw"][k] == pytest.approx(brains.relation(s, cortex.fc), abs=5.1e-5)
        far = brains.relation(s, cortex.fc, cortex.distance)
        assert data["r"]["distance"][k] == pytest.approx(far, abs=5.1e-5)


def test_shares_have_the_cosines_of_the_weights(cortex, data):
    for name in ("", data["nuclei"][3]):
        exact = similarity(cortex.inputs["TH"], data["nuclei"], name)
        np.testing.assert_allclose(similarity(data["shares"], data["nuclei"], name), exact, atol=1e-3)


def test_bad_input_is_named(cortex, data):
    with pytest.raises(ValueError, match="0 thalamic nuclei; allowed: two or more"):
        thalamus_payload(standin.made_up(5, {"HY": 4}))
    with pytest.raises(ValueError, match="make one with thalamus_payload"):
        check_thalamus({})
    with pytest.raises(ValueError, match=r"shares has shape \(29, 12\); allowed: \(30, 12\)"):
        check_thalamus({**data, "shares": data["shares"][1:]})
    with pytest.raises(ValueError, match="all numbers finite"):
        check_thalamus({**data, "places": [[np.nan, 0, 0], *data["places"][1:]]})
    with pytest.raises(ValueError, match="allowed: an area and a nucleus"):
        check_thalamus({**data, "start": {**data["start"], "area": "moon"}})
    with pytest.raises(ValueError, match="without is 'moon'; allowed"):
        thalamus_picture(cortex, "moon")


def test_page_carries_little(data):
    text = thalamus_map(data)._repr_html_()
    assert 'replaces=""' in text, "it stands beside the figure, which alone shows FC"
    assert len(text.encode()) < 80_000
    script = explorables.bundle("thalamus-map.js")
    assert not re.search(r"https?://|fetch\(|XMLHttpRequest|WebSocket", script)
    names = re.findall(r"^(?:async )?(?:function|const|class|let) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names)), "modules share one scope in the page"


# ------------------------------------------------------------------------------ JavaScript against Python


def test_similarity_and_what_distance_leaves_are_pythons(answer, data):
    places = np.array(data["places"])
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    for look in answer["looks"]:
        s = similarity(data["shares"], data["nuclei"], look["state"]["without"])
        expected = left_of(s, distance) if look["state"]["distance"] else s
        np.testing.assert_allclose(np.reshape(look["s"], s.shape), expected, rtol=0, atol=1e-9)


def test_modules_are_as_good_as_bctpys(answer):
    for look in answer["looks"][::4]:
        s = np.reshape(look["s"], (30, 30))
        s = (s + s.T) / 2
        assert look["q"] == pytest.approx(modules.signed_modularity(s, look["labels"]), abs=1e-9)
        assert look["q"] > modules.detect(s, 20)[1] - 1e-5


def test_modules_keep_their_numbers(answer):
    assert answer["numbered"] == [1, 1, 1, 0, 0, 2]
    for look in answer["looks"]:
        before = next(
            one for one in answer["looks"]
            if one["state"]["without"] == "" and one["state"]["distance"] == look["state"]["distance"]
        )  # fmt: skip
        assert look["moved"] == np.sum(np.not_equal(look["labels"], before["labels"]))


def test_words_carry_the_numbers_and_nothing_is_nan(answer, data):
    names = ["", *data["nuclei"]]
    for look in answer["looks"]:
        state = look["state"]
        said = " ".join(look[key] for key in ("choice", "area", "spoken", "svg"))
        assert not re.search(r"NaN|undefined|Infinity|null|−0\.00", said), state
        r = data["r"]["distance" if state["distance"] else "raw"][names.index(state["without"])]
        assert f"r = {r:.3f}".replace("-", "−") in look["choice"]
        assert ("distance taken out" in look["choice"]) == state["distance"]
        weights = np.array(data["shares"][data["areas"].index(state["area"])])
        weights[[name == state["without"] for name in data["nuclei"]]] = 0
        strongest = weights.argmax()
        share = weights[strongest] / weights.sum()
        assert f"input: {data['nuclei'][strongest]} {100 * share:.0f}\u00a0%" in look["area"]


# ------------------------------------------------------------------------------ with a kernel


def test_widgets_redraw_and_stay_out_of_the_page(monkeypatch, cortex):
    monkeypatch.setenv("FCMOD_PUBLISH", "1")
    assert thalamus_widgets(lambda **_: pytest.fail("called"), ["LGd"]) is None
    monkeypatch.delenv("FCMOD_PUBLISH")
    pytest.importorskip("ipywidgets")
    calls = []
    without, distance, reset, _ = thalamus_widgets(
        lambda **state: calls.append(state), ["MG", "LGd"]
    ).children
    assert without.options == (("none", ""), ("LGd", "LGd"), ("MG", "MG"))
    without.value, distance.value = "MG", True
    assert calls[-1] == {"without": "MG", "distance": True}
    reset.click()
    assert calls[-1] == {"without": "", "distance": False}


def test_picture_shows_what_the_map_computes(cortex, data):
    fig = thalamus_picture(cortex, data["nuclei"][2], distance=True)
    assert f"r = {data['r']['distance'][3]:.3f}" in fig.axes[0].get_title()
    plt.close(fig)


# ------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module")
def map_page(data, tmp_path_factory):
    element = thalamus_map(data, replaces="fig-thalamus")._repr_html_()
    return bare_page(tmp_path_factory.mktemp("thalamus"), {"fig-thalamus": element})


@pytest.fixture
def opened(opens, map_page):
    return opens(map_page, "fc-thalamus-map", has_touch=True)


def state(page):
    return page.evaluate("document.querySelector('fc-thalamus-map').state()")


WORDS = "e => [...e.querySelectorAll('[role=status]')].map(one => one.textContent).join()"
PICTURES = """e => [e.querySelector("canvas").toDataURL(),
                    ...[...e.querySelectorAll("svg")].map(s => s.outerHTML)].join()"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("control", "key"),
    [("without", "ArrowDown"), ("area", "ArrowDown"), ("distance", "Space"), ("reset", "Enter")],
)
def test_each_control_moves_words_pictures_and_address(opened, data, control, key):
    page = opened()
    element = page.locator("fc-thalamus-map")
    if control == "reset":
        page.locator("[data-part=distance]").press("Space")
    before = element.evaluate(WORDS), element.evaluate(PICTURES)
    height = element.bounding_box()["height"]
    page.locator(f"[data-part={control}]").press(key)
    assert element.evaluate(WORDS) != before[0]
    assert element.evaluate(PICTURES) != before[1]
    assert element.bounding_box()["height"] == height, "nothing may jump"
    assert page.evaluate("location.hash").startswith("#thalamus-map--without-")
    if control == "reset":
        assert {key: state(page)[key] for key in data["start"]} == data["start"]


@pytest.mark.browser
def test_address_restores_the_state(opened, data):
    got = state(opened("#thalamus-map--without-TH-3--distance-out--area-area-7"))
    assert {key: got[key] for key in data["start"]} == {"without": "TH 3", "distance": True, "area": "area 7"}
    assert got["r"] == data["r"]["distance"][3]
    got = state(opened("#thalamus-map--without-moon--distance-out--area-area-7"))
    assert {key: got[key] for key in data["start"]} == data["start"]


@pytest.mark.browser
def test_pointer_and_touch_name_an_area_and_pick_a_nucleus(opened):
    page = opened()
    page.locator("[data-part=map]").scroll_into_view_if_needed()
    spot = page.evaluate("document.querySelector('fc-thalamus-map').spots[10]")
    page.locator("[data-part=map]").hover(position={"x": spot["x"], "y": spot["y"]}, force=True)
    assert state(page)["area"] == "area 6"
    box = page.locator("[data-part=similarity]").bounding_box()
    page.touchscreen.tap(box["x"] + 60, box["y"] + 20)
    order = page.evaluate("document.querySelector('fc-thalamus-map').rows.order")
    assert state(page)["area"] == f"area {order[0] + 1}"
    page.locator("[data-part=strip]").tap(position={"x": 36, "y": 60}, force=True)
    strip = page.evaluate("document.querySelector('fc-thalamus-map').strip.order")
    assert state(page)["without"] == f"TH {strip[0] + 1}"


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 375])
def test_axe_finds_nothing_and_phones_do_not_scroll_sideways(opened, theme, width):
    axe_finds_nothing(
        opened("#thalamus-map--without-TH-3--distance-out--area-area-7"), "fc-thalamus-map", theme, width
    )


@pytest.mark.browser
def test_figure_is_replaced_on_screen_but_not_in_print(opened):
    page = opened()
    assert not page.locator("#fig-thalamus").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#fig-thalamus").is_visible()
    assert not page.locator("fc-thalamus-map").is_visible()
