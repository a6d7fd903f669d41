"""The built site, as a reader meets it: in a real browser, with no other host to reach."""

import json
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import axe_playwright_python
import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import ROOT, toc_pages

from fcmod_utils import public_data

PAGES = toc_pages()
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
WITH_LAB = (
    "book/intro",
    "notebooks/function",
    "notebooks/origin",
    "notebooks/dynamics-flow",
    "notebooks/lab",
    "notebooks/feedforward",
    "notebooks/sernn",
    "notebooks/bimt",
)
REFERENCE = [page for page in PAGES if page.startswith("book/api-")]
COLORED = [page for page in PAGES if page not in REFERENCE[1:]]  # long pages of the same parts as the first
every_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture(scope="session")
def soups(site):
    """Each page of the table of contents, parsed."""
    return {
        page: BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        for page in PAGES
        if (site / f"{page}.html").is_file()
    }


# ---------------------------------------------------------------- what is written


@pytest.mark.site
@every_page
def test_page_of_the_contents_exists_and_is_not_empty(soups, page):
    assert page in soups
    article = soups[page].find("article")
    assert article.find("h1") and len(article.get_text(" ", strip=True)) > 200


@pytest.mark.site
@every_page
def test_executed_figures_have_an_alt_text(soups, page):
    for image in soups[page].select(".cell_output img, figure img"):
        alt = image.get("alt", "")
        assert len(alt) > 20 and "_images" not in alt, f"{image.get('src')}: alt text {alt!r}"


@pytest.fixture(scope="session")
def anchors(soups):
    """Names on each page that a link can lead to."""
    return {page: {tag["id"] for tag in soup.find_all(id=True)} for page, soup in soups.items()}


@pytest.mark.site
@every_page
def test_links_within_the_site_lead_somewhere(site, soups, anchors, page):
    for link in soups[page].select("a[href]"):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        target = page
        if parts.path:
            target = (Path("/") / page).parent / unquote(parts.path)
            target = target.resolve().relative_to("/").as_posix().removesuffix(".html")
        if target in soups and parts.fragment:  # what follows "--" is the state of an explorable
            assert unquote(parts.fragment).split("--")[0] in anchors[target], f"{link['href']} on {page}"
        elif target not in soups:
            assert (site / target).is_file() or (site / f"{target}.html").is_file(), link["href"]


@pytest.mark.site
@every_page
def test_nothing_needs_a_kernel(soups, page):
    text = str(soups[page])
    for word in ("application/vnd.jupyter.widget", "require.min.js", "thebe-launch", "THEBE_JS_URL"):
        assert word not in text


@pytest.mark.site
@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("notebooks/")])
def test_chapter_opens_in_colab_and_downloads_with_its_outputs(soups, site, page):
    links = [link["href"] for link in soups[page].select("a[href]")]
    assert any("colab" in href and href.endswith(f"{page}.ipynb") for href in links)
    notebook = json.loads((site / "_sources" / f"{page}.ipynb").read_text())
    assert any(cell.get("outputs") for cell in notebook["cells"])


@pytest.mark.site
def test_scoreboard_shows_every_claim_once(soups):
    rows = soups["book/scoreboard"].select("table.fc-claims tbody th")
    ledger = yaml.safe_load((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))
    assert sorted(row.get_text() for row in rows) == sorted(row["id"] for row in ledger)


@pytest.mark.site
def test_scoreboard_has_the_rule_of_every_claim(soups):
    ledger = yaml.safe_load((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))
    rules = {
        row.find("th").get_text(): row.find("details").get_text(" ", strip=True)
        for row in soups["book/scoreboard"].select("table.fc-claims tbody tr")
    }
    for claim in ledger:
        for part in ("statistic", "reproduced", "direction", "rule_note"):
            said = rules[claim["id"]].replace("≥", ">=").replace("≤", "<=").replace("−", "-")
            assert claim.get(part, "").replace("≥", ">=") in said, f"{claim['id']}: {part}"


@pytest.mark.site
@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("notebooks/")])
def test_chapter_needs_less_than_2_gb(site, page):
    assert 0 < json.loads((site.parent / "runs.json").read_text())[page]["megabytes"] < 2000


@pytest.mark.site
def test_claims_of_a_built_chapter_have_a_verdict(soups):
    ledger = yaml.safe_load((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))
    built = {Path(page).name for page in PAGES}
    verdicts = {
        row.find("th").get_text(): row.find(class_="fc-chip").get_text()
        for row in soups["book/scoreboard"].select("table.fc-claims tbody tr")
    }
    if (
        public_data.prefetch("mouse") and os.environ.get("CI") != "true"
    ):  # without them that chapter records nothing
        built.discard("brains")
    too_few = {"S17"}  # six networks of a kind have no densest third to compare; the page says so
    waiting = [row["id"] for row in ledger if row["chapter"] in built and row["id"] not in too_few]
    assert waiting and not [name for name in waiting if verdicts[name] == "not built yet"]


# ---------------------------------------------------------------- what a browser shows


@pytest.mark.site
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["http", "file"])
@every_page
def test_page_loads_without_an_error_or_another_host(opened, page, scheme):
    with opened(page, scheme) as shown:
        shown.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        shown.wait_for_timeout(300)
        formulas = shown.locator(".math.notranslate").count()
        assert formulas == 0 or shown.locator("mjx-container").count() >= formulas
        assert shown.problems == []


def check_with_axe(page, **options):
    """Run these rules of axe (all, if none are named) on what is shown."""
    page.evaluate(AXE.read_text())
    options |= {"preload": False, "resultTypes": ["violations"]}
    for wait in (500, 4000):  # colors of the theme take effect with later frames; a busy machine has few
        page.wait_for_timeout(wait)
        found = page.evaluate("options => axe.run(document, options)", options)["violations"]
        if not found:
            break
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.site
@pytest.mark.browser
@every_page
def test_axe_finds_nothing_in_light(opened, page):
    with opened(page, color_scheme="light", reduced_motion="reduce") as shown:
        assert shown.evaluate("document.documentElement.dataset.theme") == "light"
        wake_elements(shown)
        check_with_axe(shown, rules={"color-contrast": {"enabled": page in COLORED}})


@pytest.mark.site
@pytest.mark.browser
@pytest.mark.parametrize("page", COLORED)
def test_axe_finds_nothing_in_dark(opened, page):
    with opened(page, color_scheme="dark", reduced_motion="reduce") as shown:
        assert shown.evaluate("document.documentElement.dataset.theme") == "dark"
        wake_elements(shown)
        check_with_axe(shown, runOnly=["color-contrast", "link-in-text-block"])  # all that look at colors


@pytest.mark.site
@pytest.mark.browser
@every_page
def test_nothing_scrolls_sideways_on_a_phone(opened, page):
    with opened(page, viewport={"width": 375, "height": 700}, has_touch=True) as shown:
        wake_elements(shown)
        assert shown.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.site
@pytest.mark.browser
def test_rules_open_by_keyboard_on_a_phone(opened):
    with opened("book/scoreboard", viewport={"width": 375, "height": 700}, has_touch=True) as shown:
        rule = shown.locator("details.fc-rule").first
        rule.locator("summary").focus()
        assert not rule.locator("p").first.is_visible()
        shown.keyboard.press("Enter")
        assert rule.locator("p").first.is_visible()
        shown.evaluate("document.querySelectorAll('details.fc-rule').forEach(one => one.open = true)")
        assert shown.evaluate("document.documentElement.scrollWidth") <= 375
        check_with_axe(shown)


@pytest.mark.site
@pytest.mark.browser
@pytest.mark.parametrize("page", WITH_LAB)
def test_static_figure_stands_in_for_an_explorable_without_script(opened, page):
    with opened(page, java_script_enabled=False) as shown:
        names = shown.locator("[replaces]").evaluate_all(
            "all => all.map(one => one.getAttribute('replaces'))"
        )
        assert names
        for name in names:
            assert shown.locator(f"#{name}").is_visible()
    with opened(page) as shown:
        wake_elements(shown)
        for name in names:
            assert not shown.locator(f"#{name}").is_visible()


# ---------------------------------------------------------------- every control does something

STATE = """element => JSON.stringify([
  [...element.querySelectorAll('[aria-live], [role=status]')].map(one => one.textContent),
  [...element.querySelectorAll('svg')].map(one => one.outerHTML),
  [...element.querySelectorAll('canvas')].map(one => one.toDataURL())])"""
CONTROLS = "input:not([type=hidden]):visible, select:visible, button:visible"


def explorables(page):
    """All custom elements of the book on a page."""
    names = page.evaluate(
        "[...new Set([...document.querySelectorAll('article *')].map(one => one.localName))]"
        ".filter(name => name.startsWith('fc-'))"
    )
    return [page.locator(name).nth(i) for name in names for i in range(page.locator(name).count())]


def wake_elements(page):
    """Bring each explorable into view, as it may wait for that, and let it draw."""
    for element in explorables(page):
        element.scroll_into_view_if_needed()
        element.locator(CONTROLS).first.wait_for()
        page.wait_for_timeout(300)


def settled(element, before: str) -> bool:
    """Whether the element's text or drawing becomes another one than before, soon."""
    for _ in range(20):
        if element.evaluate(STATE) != before:
            return True
        element.page.wait_for_timeout(100)
    return False


def by_keyboard(control, kind: str):
    """Operate a control as someone without a mouse does."""
    control.focus()
    if kind == "range":
        at_end = control.evaluate("one => +one.value >= +one.max")
        control.press("ArrowLeft" if at_end else "ArrowRight")
    elif kind == "select-one":
        at_end = control.evaluate("one => one.selectedIndex == one.options.length - 1")
        control.press("ArrowUp" if at_end else "ArrowDown")
    else:
        control.press("Space")


def by_mouse(control, kind: str):
    """Operate a control with the pointer."""
    if kind == "range":
        share = control.evaluate("one => (one.value - one.min) / (one.max - one.min)")
        box = control.bounding_box()
        control.click(position={"x": box["width"] * (0.2 if share > 0.5 else 0.8), "y": box["height"] / 2})
    elif kind == "select-one":
        at_end = control.evaluate("one => one.selectedIndex == one.options.length - 1")
        control.select_option(index=control.evaluate("one => one.selectedIndex") + (-1 if at_end else 1))
    else:
        control.click()


def disturb(element):
    """Move some other control, so that a reset has something to do."""
    other = element.locator("input:visible, select:visible").first
    before = element.evaluate(STATE)
    by_keyboard(other, other.evaluate("one => one.type"))
    assert settled(element, before)


@pytest.mark.site
@pytest.mark.browser
@pytest.mark.parametrize("operate", [by_mouse, by_keyboard])
@pytest.mark.parametrize("page", PAGES)
def test_every_control_changes_what_is_shown(opened, soups, page, operate):
    if not soups[page].find("article").find(re.compile("^fc-")):
        assert page not in WITH_LAB
        return
    with opened(page) as shown:
        for element in explorables(shown):
            wake_elements(shown)
            assert element.locator("[aria-live], [role=status]").count(), "no text alternative"
            for i in range(element.locator(CONTROLS).count()):
                control = element.locator(CONTROLS).nth(i)
                kind = control.evaluate("one => one.type")
                if kind in ("button", "submit"):
                    disturb(element)
                before = element.evaluate(STATE)
                operate(control, kind)
                assert settled(element, before), control.evaluate("one => one.outerHTML")
        assert shown.problems == []


@pytest.mark.site
@pytest.mark.browser
def test_the_sheet_stays_where_it_is_on_a_phone_whatever_is_shown(opened):
    with opened("notebooks/bimt", viewport={"width": 375, "height": 700}, has_touch=True) as shown:
        wake_elements(shown)
        element, tops = shown.locator("fc-growing-sheet"), set()
        for kind in range(3):
            element.locator("select").first.select_option(index=kind)
            for stop in ("Home", "End"):
                element.locator("input[type=range]:visible").first.press(stop)
                shown.wait_for_timeout(300)
                parts = (element.locator(part) for part in ("canvas", "dl"))
                tops.add(tuple(one.evaluate("e => e.getBoundingClientRect().top + scrollY") for one in parts))
        assert len(tops) == 1, tops
