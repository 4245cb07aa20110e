"""The report in a real browser: Chromium by chromedriver, without a window.

Set ADAPT_SCREENSHOTS to a folder to keep the screenshots.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from adapt.report import write_report

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
WIDTHS = (1200, 400)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="needs chromium and chromedriver (chromium-driver)"
    ),
]


@pytest.fixture(scope="module")
def url(judged_study, space_map, mistakes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    return write_report(judged_study, folder, space_map=space_map, confusion=mistakes).as_uri()


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory):
    kept = os.environ.get("ADAPT_SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def show(browser, url, width=1200, *, scheme="light", media="", motion="reduce"):
    """Open a page as on a screen of that width, and wait until its map is drawn."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": motion},
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(url)
    WebDriverWait(browser, 60).until(
        lambda one: one.find_elements(By.CSS_SELECTOR, "html.interactive")
    )


def places(browser, name="domain"):
    return browser.execute_script(
        "const data = Bokeh.documents.at(-1).get_model_by_name(arguments[0]).data;"
        "return [Array.from(data.x), Array.from(data.y)]",
        name,
    )


def search(browser, word):
    field = browser.find_element(By.ID, "map-word")
    field.clear()
    field.send_keys(word, Keys.ENTER)


def listed(browser, space):
    return [one.text for one in browser.find_elements(By.CSS_SELECTOR, f"#map-{space} li")]


@pytest.mark.parametrize("width", WIDTHS)
def test_it_opens_without_errors_or_requests(browser, url, width):
    show(browser, url, width)
    assert [one for one in browser.get_log("browser") if one["level"] != "INFO"] == []
    events = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert asked, "the log of requests is empty"
    assert {one.split(":")[0] for one in asked} <= {"file", "data", "blob"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(browser, url, screenshots, width, scheme):
    show(browser, url, width, scheme=scheme)
    search(browser, "joint")
    script = "return [document.documentElement.scrollWidth, window.innerWidth]"
    wanted, given = browser.execute_script(script)
    assert wanted <= given
    browser.save_screenshot(str(screenshots / f"map-{width}-{scheme}.png"))
    for section in browser.find_elements(By.TAG_NAME, "section"):
        name = section.get_attribute("id")
        section.screenshot(str(screenshots / f"{name}-{width}-{scheme}.png"))


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_have_a_size_and_say_what_they_show(browser, url, width):
    show(browser, url, width)
    figures = browser.find_elements(By.CSS_SELECTOR, "figure > svg, figure > .scroll > svg")
    shown = [one for one in figures if one.is_displayed()]
    assert len(shown) == len(figures) - 1  # that of the map is for paper
    for one in shown:
        assert len(one.get_attribute("aria-label")) > 20
        assert min(one.size.values()) > 60
    plot = browser.find_element(By.ID, "map-plot")
    assert min(plot.size.values()) > 200
    assert plot.get_attribute("aria-label")


def test_a_word_is_found_with_its_neighbours(browser, url):
    show(browser, url)
    search(browser, "Joint")
    assert "joint: in both spaces, 50 times" in browser.find_element(By.ID, "map-status").text
    assert listed(browser, "general") == ["the 0.91", "heart 0.50", "</script> 0.25",
                                          "elsewhere \N{MINUS SIGN}0.04"]  # fmt: skip
    assert len(places(browser, "marks")[0]) == 2
    browser.find_elements(By.CSS_SELECTOR, "#map-general button")[1].click()
    assert browser.find_element(By.ID, "map-word").get_attribute("value") == "heart"
    search(browser, "ataxia")
    assert listed(browser, "general") == ["has no vector of the word"]
    assert len(listed(browser, "merged")) == 4


@pytest.mark.parametrize("word", ["elsewhere", "no such", "__proto__"])
def test_a_word_that_is_not_on_the_map_is_said_to_be_absent(browser, url, word):
    show(browser, url)
    search(browser, word)
    assert "not among the 12 words" in browser.find_element(By.ID, "map-status").text


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_before_and_after_are_chosen_by_keyboard(browser, url, motion):
    show(browser, url, motion=motion)
    after, fixed = places(browser), places(browser, "general")
    browser.find_element(By.CSS_SELECTOR, "#map-form button").send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    time.sleep(1.5)  # longer than the movement takes
    before = places(browser)
    assert before != after
    assert places(browser, "general") == fixed
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    time.sleep(1.5)
    assert places(browser) == after


def test_folded_tables_open_by_keyboard(browser, url):
    show(browser, url)
    summary = browser.find_element(By.CSS_SELECTOR, "details > summary")
    summary.send_keys(Keys.ENTER)
    assert summary.find_element(By.XPATH, "..").get_attribute("open") is not None


def test_paper_has_the_figure_in_place_of_the_map(browser, url, screenshots):
    show(browser, url, media="print")
    assert not browser.find_element(By.ID, "space-map").is_displayed()
    figure = browser.find_element(By.CSS_SELECTOR, ".printed svg")
    assert figure.is_displayed()
    figure.screenshot(str(screenshots / "map-print.png"))


def test_a_study_without_a_map_needs_no_script(browser, judged_study, tmp_path):
    page = write_report(judged_study, tmp_path).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "Map of both spaces" not in page
