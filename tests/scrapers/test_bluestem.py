"""Codes of a payer's own: the portal's crosswalk maps them, nothing else does."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scrapers.errors import SiteChanged
from scrapers.fixtures import fixture_folder, read_fixture
from scrapers.portal import Cross, load_portals
from scrapers.read import parse
from scrapers.visit import read_look

ROOT = Path(__file__).parents[2]
PORTAL = load_portals(ROOT / "config")["bluestem"]


def capture(name):
    folder = fixture_folder(ROOT / "tests/scrapers/fixtures", PORTAL)
    return read_fixture(folder / f"{name}.html", "bluestem")[0]


def line(name, portal=PORTAL):
    return read_look(capture(name), portal).answers[0].lines[0]


def showing(shown, html):
    """The capture with other HTML in its one page."""
    return replace(shown, pages=(replace(shown.pages[0], text=html),))


def with_crosswalk(**more):
    return PORTAL.model_copy(update={"crosswalk": PORTAL.crosswalk | more})


def test_what_the_crosswalk_lacks_is_unmapped_with_its_amount_and_no_group():
    seen = line("several_adjustments")
    codes = [(one.group, one.carc) for one in seen.adjustments]
    assert codes == [("CO", "45"), ("CO", "107"), ("", "unmapped:P0001")]
    assert seen.adjustments[2].amount > 0
    assert seen.charge - seen.paid == sum((one.amount for one in seen.adjustments), Decimal(0))
    assert seen.remarks == ("N122", "unmapped:R0674")


def test_the_legend_of_the_page_maps_nothing_whatever_it_says():
    shown = capture("several_adjustments")
    page = shown.pages[0]
    assert "Deductible" in page.text
    told = page.text.replace("Deductible: the member pays this part", "CO-107")
    read = read_look(showing(shown, told), PORTAL).answers[0].lines[0]
    assert read.adjustments == line("several_adjustments").adjustments


def test_a_code_a_person_adds_to_the_crosswalk_is_mapped():
    portal = with_crosswalk(P0001=Cross(group="PR", carc="1"), R0674=Cross(remark="N674"))
    seen = line("several_adjustments", portal)
    assert [(one.group, one.carc) for one in seen.adjustments][2] == ("PR", "1")
    assert seen.remarks == ("N122", "N674")


def test_a_statement_explained_in_a_pdf_alone_is_read_all_the_same():
    shown = capture("seven_lines")
    assert "in-pdf" in shown.pages[0].text
    assert "<dt>A0" not in shown.pages[0].text
    answer = read_look(shown, PORTAL).answers[0]
    assert len(answer.lines) == 7
    assert ("CO", "107") in [(one.group, one.carc) for one in answer.lines[0].adjustments]


@pytest.mark.parametrize("cut", ["#explanations dt", "#explanations dl"])
def test_a_legend_that_lacks_a_code_is_a_changed_page(cut):
    shown = capture("denied_107_n122")
    soup = parse(shown.pages[0].text)
    soup.select_one(cut).decompose()
    told = str(soup)
    with pytest.raises(SiteChanged):
        read_look(showing(shown, told), PORTAL)
