"""Explaining, searching and bundling the catalogue."""

from __future__ import annotations

import json

import pytest

from server.codes.entries import CarcEntry
from server.codes.lookup import catalogue


@pytest.mark.parametrize(
    ("asked", "code", "kind"),
    [
        ("CO-107", "CO-107", "carc"),
        ("co 107", "CO-107", "carc"),
        ("CO107", "CO-107", "carc"),
        ("CO*107", "CO-107", "carc"),
        ("CO/107", "CO-107", "carc"),
        ("co – 107", "CO-107", "carc"),
        ("CO-045", "CO-45", "carc"),
        (" 107 ", "107", "carc"),
        ("CARC 107", "107", "carc"),
        ("oa-b7", "OA-B7", "carc"),
        ("PRP1", "PR-P1", "carc"),
        ("PI1", "PI-1", "carc"),
        ("N122", "N122", "rarc"),
        ("rarc n122", "N122", "rarc"),
        ("MA1", "MA01", "rarc"),
        ("co", "CO", "group"),
    ],
)
def test_a_code_is_explained_however_it_is_written(asked: str, code: str, kind: str) -> None:
    told = catalogue().explain(asked)
    assert told is not None
    assert (told.code, told.kind) == (code, kind)


@pytest.mark.parametrize(
    "asked",
    ["", " ", "999", "CO-999", "XX-107", "CO-N122", "N99999", "CO-", "0", "107A", "10710", "$107"],
)
def test_what_no_list_names_is_unknown(asked: str) -> None:
    assert catalogue().explain(asked) is None


def test_the_group_is_told_in_the_words_of_the_reason_where_it_has_any() -> None:
    known = catalogue()
    told, plain = known.explain("CO-107"), known.explain("107")
    assert told is not None
    assert plain is not None
    assert isinstance(told.entry, CarcEntry)
    assert told.group_says == told.entry.groups["CO"]
    assert plain.group_says is None
    brief = known.explain("PI-246")
    assert brief is not None
    assert brief.group_says == known.groups["PI"].meaning


def test_an_explanation_is_json_with_what_a_page_needs() -> None:
    told = catalogue().explain("CO-107")
    assert told is not None
    answer = json.loads(json.dumps(told.to_dict()))
    assert answer["code"] == "CO-107"
    assert answer["group"] == "CO"
    assert answer["appealable"] == "depends"
    assert answer["reviewed"]
    assert "ended" not in answer
    assert answer["look_alikes"][0].keys() == {"code", "difference"}


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("add-on", "107"),
        ("add on code", "107"),
        ("timely filing", "29"),
        ("duplicate", "18"),
        ("medical necessity", "50"),
        ("copay", "3"),
        ("sequestration", "253"),
        ("hospice", "B9"),
        ("out of network", "242"),
        ("CO-97", "97"),
        ("n122", "N122"),
    ],
)
def test_search_puts_what_a_biller_means_first(query: str, first: str) -> None:
    assert catalogue().search(query, 5)[0].entry.code == first


def test_search_finds_word_forms_and_is_bounded() -> None:
    codes = [item.entry.code for item in catalogue().search("bundled", 8)]
    assert {"97", "234"} <= set(codes)
    assert len(codes) == 8
    scores = [item.score for item in catalogue().search("authorization missing", 30)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", ["", "   ", "of the", "qqqzzz", "***", "-" * 5000, "a" * 5000])
def test_search_of_nothing_finds_nothing(query: str) -> None:
    assert catalogue().search(query, 5) == []


def test_an_ended_code_ranks_below_the_one_in_force() -> None:
    codes = [item.entry.code for item in catalogue().search("billing error", 20)]
    assert codes.index("16") < codes.index("125")


def test_the_bundle_holds_every_entry_and_a_version_of_its_content() -> None:
    bundle = catalogue().bundle()
    assert set(bundle) == {"version", "reviewed", "groups", "carc", "rarc"}
    assert len(bundle["version"]) == 64
    assert len(json.dumps(bundle)) < 700_000
    assert bundle["carc"]["107"]["title"] == catalogue().carc["107"].title
    assert bundle["carc"]["15"]["ended"] == "2018-05-01"
    assert len(bundle["rarc"]) == len(catalogue().rarc)
    assert bundle is catalogue().bundle()


def test_the_catalogue_is_frozen() -> None:
    with pytest.raises(TypeError):
        catalogue().carc["107"] = None  # type: ignore[index]
