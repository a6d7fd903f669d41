"""Claims: the ledger is complete, and verdicts follow from rules."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcmod_utils import claims

# Every claim of the papers, as the book's sources name them: none may be dropped when it turns out badly.
IDS = (
    "F1e,g", "F1f,h", "F1b-d", "F1j", "F1k", "FS1b", "FS1c", "FS1d", "FS1e-g", "FS2", "FS2x", "FS3-1",
    "FS3-2,3", "O0", "OS6e", "OS6f-j", "OS6k-o", "OS7c", "OS7d", "O2b", "O2c-d", "OS4a,b", "OS4d,e", "OS4f,g",
    "OS4n", "OS4p", "OS5b,c", "OS5e,f", "OS5a", "OS5d", "OS8d", "O3c", "O3d", "O3e", "O3h", "O3i", "O3j",
    "OS15", "O3l-n", "O3o", "OS12a,b", "OS12c", "OS14b,c", "OS14d,e", "OS9b", "OS9c", "OS9f", "OS9g,h",
    "D4b", "D4c", "D4f", "D4g", "D4h, DS10c", "DS10a,b", "D5a", "D5b,c", "D5f", "D5d,e", "DS11c,d,f",
    "DS11d,e", "DS13",
    *(f"S{n}" for n in range(1, 23)), "X1", "X2",
    *(f"B{n}" for n in (*range(1, 20), 23, 24, 25, 28)),
)  # fmt: skip
CHAPTERS = {"function", "origin", "dynamics", "feedforward", "brains", "sernn", "bimt"}
ROW = {"reproduced": ">= 0.7", "direction": "> 0"}


def ledger(tmp_path, *rows):
    """Path of a ledger with these rows, complete but for what a row says."""
    whole = {
        "id": "A1",
        "chapter": "function",
        "sentence": "s",
        "source": "x",
        "statistic": "t",
        "paper": "n",
    }
    made = [{k: v for k, v in (whole | ROW | row).items() if v is not None} for row in rows]
    path = tmp_path / "claims.yml"
    path.write_text(json.dumps(made))  # JSON is YAML
    return str(path)


# ------------------------------------------------------------------------------ the ledger


def test_the_ledger_has_every_claim_of_the_paper_once():
    assert sorted(claims.load()) == sorted(IDS)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("id", IDS)
def test_every_row_is_whole(id):
    row = claims.load()[id]
    assert row["chapter"] in CHAPTERS
    for field in ("sentence", "source", "statistic", "paper"):
        assert str(row[field]).strip(), field
    if "not_testable" in row:
        assert row["not_testable"].strip()
        assert not {"reproduced", "direction"} & row.keys()
    else:
        assert row["rule_note"].strip()
        for rule in ("reproduced", "direction"):
            assert claims.meets(0.0, row[rule]) in (True, False)


def test_anchors_on_the_page_are_unique():
    anchors = [made_record(id).anchor for id in IDS]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"statistic": None}], r"'A1': lacks \['statistic'\]"),
        ([{"id": None}], r"None: lacks \['id'\]"),
        ([{}, {}], "'A1': .* appears twice"),
        ([{"reproduced": None}], "rule 'None'; allowed"),
        ([{"direction": "positive"}], "rule 'positive'; allowed: one of >=, <=, ==, >, < and a number"),
    ],
)
def test_a_broken_ledger_is_refused(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        claims.load(ledger(tmp_path, *rows))


def test_rows_without_a_test_need_no_rule(tmp_path):
    row = {"not_testable": "no picture survives", "reproduced": None, "direction": None}
    assert list(claims.load(ledger(tmp_path, row))) == ["A1"]


# ------------------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("rule", "met", "missed"),
    [
        (">= 0.7", [0.7, 2], [0.699]),
        ("> 0", [1e-9], [0, -1]),
        ("<= 0.1", [0.1, -5], [0.11]),
        ("< -0.5", [-0.6], [-0.5, 0]),
        ("== 4", [4], [3.999, 5]),
        ("  >=0.25 ", [0.25], [0.2]),
    ],
)
def test_rules(rule, met, missed):
    assert all(claims.meets(value, rule) for value in met)
    assert not any(claims.meets(value, rule) for value in missed)


@pytest.mark.parametrize(
    "rule", ["", "0.7", ">=", "=> 1", "> a", ">= 0.7 and < 1", "!= 3", "> 1e", "> nan", "None"]
)
def test_other_rules_are_refused(rule):
    with pytest.raises(ValueError, match=r"rule .*; allowed: one of"):
        claims.meets(1.0, rule)


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ((0.8, 0.75, 0.9), "reproduced"),
        ((0.7, 0.1, 0.9), "reproduced"),  # the rule is on the value, the direction on the interval
        ((0.69, 0.1, 0.9), "same direction"),
        ((0.8, 0.0, 0.9), "not reproduced"),  # the interval touches 0
        ((0.8, -0.1, 0.9), "not reproduced"),
        ((-0.5, -0.9, -0.1), "not reproduced"),
    ],
)
def test_verdicts(numbers, verdict):
    assert claims.verdict(ROW, *numbers) == verdict
    assert verdict in claims.VERDICTS


def test_a_negative_claim_looks_at_the_other_end():
    row = {"reproduced": "<= -0.5", "direction": "< 0"}
    assert claims.verdict(row, -0.6, -0.8, -0.1) == "reproduced"
    assert claims.verdict(row, -0.6, -0.8, 0.1) == "not reproduced"


def test_what_cannot_be_tested_has_its_own_verdict():
    assert claims.verdict({"not_testable": "why"}, 1, 1, 1) == "not testable here"


# ------------------------------------------------------------------------------ records


def made_record(id="F1e,g", value=0.95, low=0.9, high=0.99, **more):
    return claims.record(id, value, low, high, n=100, **more)


def test_a_record_says_the_same_in_three_ways(monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", "quick")
    found = made_record(unit="nets", note="a < b & c")
    bundle = found._repr_mimebundle_()
    assert bundle.keys() == {claims.MIME, "text/html", "text/plain"}
    data = json.loads(json.dumps(bundle[claims.MIME], allow_nan=False))
    row = claims.load()["F1e,g"]
    assert data.keys() == {
        "id", "chapter", "sentence", "source", "statistic", "paper", "reproduced", "direction",
        "value", "low", "high", "shown", "n", "unit", "note", "verdict", "scale",
    }  # fmt: skip
    for field in ("id", "chapter", "sentence", "source", "statistic", "paper", "reproduced", "direction"):
        assert data[field] == str(row[field])
    assert [data[k] for k in ("value", "low", "high", "n", "unit")] == [0.95, 0.9, 0.99, 100, "nets"]
    assert (data["verdict"], data["scale"]) == ("reproduced", "quick")
    html, text = bundle["text/html"], bundle["text/plain"]
    assert '<p id="claim-F1e-g" class="fc-claim">' in html
    assert '<span class="fc-chip fc-chip-reproduced">reproduced</span>' in html
    assert "a &lt; b &amp; c" in html
    assert "\n" not in text
    for shown in ("0.95 [0.90, 0.99], n = 100 nets", "reproduced"):
        assert shown in html
        assert shown in text


@pytest.mark.parametrize(
    ("value", "chip"), [(0.95, "reproduced"), (0.6, "same-direction"), (0.1, "not-reproduced")]
)
def test_the_chip_follows_the_verdict(value, chip):
    html = made_record(value=value, low=value - 0.05, high=value + 0.05)._repr_mimebundle_()["text/html"]
    assert f'class="fc-chip fc-chip-{chip}"' in html


def test_a_number_above_zero_does_not_show_as_zero():
    found = made_record(value=0.0069, low=0.0032, high=0.0107)
    assert found.numbers().startswith("0.007 [0.003, 0.011], ")
    assert found._repr_mimebundle_()[claims.MIME]["shown"] == ["0.007", "0.003", "0.011"]
    assert made_record(value=0.5, low=0.0, high=1).numbers().startswith("0.50 [0.00, 1.00], ")
    assert made_record(value=-0.5, low=-1, high=1).numbers().startswith("−0.50 [−1.00, 1.00], ")


def test_numbers_of_numpy_become_plain_ones():
    found = claims.record("F1e,g", np.float32(0.5), np.float64(0.25), np.float32(0.75), n=np.int64(3))
    json.dumps(found._repr_mimebundle_()[claims.MIME])
    assert (type(found.value), type(found.n)) == (float, int)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "F9"}, "unknown claim 'F9'; allowed: F1e,g, F1f,h"),
        ({"value": float("nan")}, "F1e,g: value nan with interval .*; allowed: low <= value <= high"),
        ({"high": float("inf")}, "inf"),
        ({"low": 0.96}, r"interval \[0.96, 0.99\]; allowed"),
        ({"high": 0.94}, r"interval \[0.9, 0.94\]; allowed"),
    ],
)
def test_numbers_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        made_record(**change)


# ------------------------------------------------------------------------------ intervals


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None)
def test_the_interval_holds_the_median_and_stays_within_the_data(values):
    value, low, high = claims.median_interval(np.array(values), n_resamples=200)
    assert value == np.median(values)
    assert min(values) <= low <= value <= high <= max(values)


def test_the_interval_covers_the_true_median_about_95_times_in_100():
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(300):
        _, low, high = claims.median_interval(rng.normal(2, 1, 40), seed, n_resamples=400)
        hits += low <= 2 <= high
    assert 0.91 < hits / 300 < 0.99


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_interval_of_a_share_is_about_that_of_the_binomial(share):
    answers = np.arange(200) < 200 * share
    value, low, high = claims.mean_interval(answers)
    assert value == share
    np.testing.assert_allclose(
        [high - share, share - low], 1.96 * np.sqrt(share * (1 - share) / 200), atol=0.01
    )


def test_the_interval_narrows_with_more_networks():
    def width(n):
        values = np.random.default_rng(0).normal(size=n)
        return np.ptp(claims.median_interval(values, n_resamples=1000)[1:])

    assert width(10) > 1.5 * width(100) > 3 * width(1000)


def test_the_seed_decides_the_interval():
    values = np.random.default_rng(0).normal(size=20)
    first, same, other = (claims.median_interval(values, seed, n_resamples=20) for seed in (1, 1, 2))
    assert first == same != other


@pytest.mark.parametrize("values", [[], [[1.0, 2.0]], [1.0, np.nan]])
def test_values_that_have_no_interval_are_refused(values):
    with pytest.raises(ValueError, match=r"values have shape .*; allowed: \(network,\), finite"):
        claims.median_interval(np.array(values))


def test_a_phrase_gives_median_spread_and_number():
    assert claims.phrase(np.arange(101.0), digits=0) == "50 (90 % of networks between 5 and 95, n = 101)"
    assert claims.phrase(np.ones(3), 1, unit="draws") == "1.0 (90 % of draws between 1.0 and 1.0, n = 3)"


@pytest.mark.parametrize(("n", "said"), [(1, "n = 1 network"), (2, "n = 2 networks")])
def test_one_network_is_no_networks(n, said):
    assert claims.record("F1j", 1.0, 1.0, 1.0, n=n).numbers().endswith(said)
