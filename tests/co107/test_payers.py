"""Payer rules: read, unknown stays unknown, and found by id and name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from server.co107.deadline import Anchors, after, earliest, last_day
from server.co107.payers import (
    PayerBook,
    PayerDirectory,
    PayerRulesError,
    Term,
    likeness,
    read_rules,
)
from server.errors import SettingsError
from server.facts import Payer
from server.payer_files import read_payer_file, read_payers
from tests.co107.builders import MERIDIAN, RULES, rules

CONFIG = Path(__file__).resolve().parents[2] / "config/payers"
HARBOR = rules(id="harbor", names=["Harbor Trust"], payer_ids=["HBR01", "OLDHBR"])


def test_unset_is_unknown() -> None:
    found = read_rules({}, "x")
    assert found.id == "x"
    assert found.replacement_claims is None
    assert found.reopening is None
    assert found.reopening_adds_lines is None
    assert found.uses_history is None
    assert found.related_claim_field is None
    assert found.date_tolerance_days == 0
    assert found.last_day == {}


@pytest.mark.parametrize("unset", ["", "unknown", {"source": "s"}, {"value": "", "source": "s"}])
def test_a_value_may_be_left_unset(unset: object) -> None:
    keys = ("replacement_claims", "uses_history", "related_claim_field", "date_tolerance_days")
    found = read_rules(dict.fromkeys(keys, unset) | {"last_day": {"appeal": unset}}, "x")
    assert (found.replacement_claims, found.uses_history) == (None, None)
    assert (found.related_claim_field, found.date_tolerance_days) == (None, 0)
    assert found.last_day == {}


def test_any_value_may_bear_its_source() -> None:
    found = read_rules(
        {
            "id": {"value": "y", "source": "s"},
            "names": {"value": ["N"], "source": "s"},
            "replacement_claims": {"value": False, "source": "manual 7", "checked": "2026-03-01"},
            "date_tolerance_days": {"value": 2, "source": "call"},
            "last_day": {
                "appeal": {
                    "value": [{"count": {"value": 5}, "unit": "days", "anchor": "service"}],
                    "source": "letter",
                    "checked": date(2026, 1, 2),
                }
            },
        },
        "x",
    )
    assert (found.id, found.names, found.replacement_claims) == ("y", ("N",), False)
    assert found.date_tolerance_days == 2
    assert found.last_day == {"appeal": (Term(5, "days", "service"),)}
    assert found.notes["replacement_claims"].source == "manual 7"
    assert found.notes["last_day.appeal"].checked == "2026-01-02"


def test_a_single_term_needs_no_list() -> None:
    one = {"count": 1, "unit": "years", "anchor": "service_last"}
    assert read_rules({"last_day": {"appeal": one}}, "x").last_day["appeal"] == (
        Term(1, "years", "service_last"),
    )


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"reopening": "yes"}, "reopening"),
        ({"replacement_claims": 1}, "replacement_claims"),
        ({"related_claim_field": "REF*G1"}, "related_claim_field"),
        ({"date_tolerance_days": True}, "date_tolerance_days"),
        ({"date_tolerance_days": -1}, "date_tolerance_days"),
        ({"date_tolerance_days": 367}, "date_tolerance_days"),
        ({"date_tolerance_days": "2"}, "date_tolerance_days"),
        ({"id": True}, "id"),
        ({"names": [["x"]]}, "names"),
        ({"payer_ids": [True]}, "payer_ids"),
        ({"last_day": 5}, "last_day"),
        ({"last_day": {"appeal": "soon"}}, "last_day.appeal"),
        ({"last_day": {"appeal": [{"count": -1, "unit": "days", "anchor": "service"}]}}, "count"),
        ({"last_day": {"appeal": [{"count": 1.5, "unit": "days", "anchor": "service"}]}}, "count"),
        ({"last_day": {"appeal": [{"count": 1, "unit": "weeks", "anchor": "service"}]}}, "unit"),
        ({"last_day": {"appeal": [{"count": 1, "unit": "days", "anchor": "denial"}]}}, "anchor"),
        ({"last_day": {"appeal": [{"count": True, "unit": "days", "anchor": "service"}]}}, "count"),
    ],
)
def test_a_wrong_value_is_named(table: dict, path: str) -> None:
    with pytest.raises(PayerRulesError, match=path):
        read_rules(table, "x")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"reopening": "yes"}, "reopening: must be true or false"),
        ({"date_tolerance_days": "2"}, "date_tolerance_days: must be a whole number of days"),
        ({"date_tolerance_days": 367}, "date_tolerance_days: must be 0 to 366"),
        ({"id": []}, "id: must be text"),
        ({"names": 1.5}, "names: must be a list of texts"),
        ({"last_day": 5}, "last_day: must be a table"),
        ({"last_day": {"appeal": 5}}, "last_day.appeal: must be a list of {count, unit, anchor}"),
        ({"related_claim_field": "X"}, "related_claim_field: must be one of REF*F8, NTE*ADD"),
        (
            {"last_day": {"appeal": {"count": "x"}}},
            "last_day.appeal: count must be a whole number from 0",
        ),
        (
            {"last_day": {"appeal": {"count": 1, "unit": "x"}}},
            "last_day.appeal: unit must be one of days, months, years",
        ),
        (
            {"last_day": {"appeal": {"count": 1, "unit": "days"}}},
            "last_day.appeal: anchor must be one of service, service_last, remittance, "
            "first_remittance",
        ),
    ],
)
def test_what_is_wrong_is_said(table: dict, says: str) -> None:
    with pytest.raises(PayerRulesError) as raised:
        read_rules(table, "x")
    assert str(raised.value) == says


@pytest.mark.parametrize("table", [{"replacement_claim": True}, {"last_day": {"appeals": []}}])
def test_a_misspelled_rule_is_refused_where_strict(table: dict) -> None:
    with pytest.raises(PayerRulesError, match="unknown key"):
        read_rules(table, "x", strict=True)
    read_rules(table, "x")


def test_numbers_as_ids_are_text() -> None:
    assert read_rules({"payer_ids": [60054]}, "x").payer_ids == ("60054",)
    assert read_rules({"payer_ids": "60054"}, "x").payer_ids == ("60054",)


# --- whose rules ----------------------------------------------------------------------------------
BOOK = PayerBook([rules(), HARBOR])


@pytest.mark.parametrize(
    ("payer", "found", "doubtful"),
    [
        (Payer(("MRD01",), ""), "meridian", False),
        (Payer(("mrd01 ",), "x"), "meridian", False),
        (Payer(("meridian",), ""), "meridian", False),
        (Payer(("?", "OLDHBR"), "whoever"), "harbor", False),
        (Payer((), "MERIDIAN  HEALTH."), "meridian", False),
        (Payer(("MRD01",), "Harbor Trust"), None, True),
        (Payer(("MRD01", "HBR01"), ""), None, True),
        (Payer(("?",), "Nobody"), None, False),
        (Payer(), None, False),
    ],
)
def test_found_by_id_then_by_name(payer: Payer, found: str | None, doubtful: bool) -> None:
    one, doubt = BOOK.find(payer)
    assert (one.id if one else None, doubt) == (found, doubtful)


def test_a_name_two_payers_share_needs_an_id() -> None:
    book = PayerBook([rules(), rules(id="two", payer_ids=["TWO"])])
    assert book.find(Payer((), "Meridian Health")) == (None, True)
    assert book.find(Payer(("TWO",), "Meridian Health"))[0].id == "two"


def test_a_payer_by_one_word() -> None:
    assert BOOK.find_word("HBR01").id == "harbor"
    assert BOOK.find_word("harbor trust").id == "harbor"
    assert BOOK.find_word("nobody") is None


def test_unknown_payers_are_joined_by_what_they_share() -> None:
    one, two = Payer(("A1",), "FOO"), Payer(("B2",), "Foo")
    three, none = Payer(("B2",), "BAR"), Payer(("C3",), "BAZ")
    doubtful = Payer(("MRD01",), "HARBOR TRUST")
    known = PayerDirectory(BOOK, [one, two, three, none, MERIDIAN, doubtful])
    assert likeness(known[one], known[three]) == "same"
    assert likeness(known[one], known[none]) == "unknown"
    assert likeness(known[one], known[MERIDIAN]) == "unknown"
    assert known[doubtful].doubtful


def test_two_payers_with_rules_are_known_to_be_two() -> None:
    known = PayerDirectory(BOOK, [MERIDIAN, Payer(("HBR01",), "")])
    assert likeness(known[MERIDIAN], known[Payer(("HBR01",), "")]) == "other"


# --- last days ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "term", "end"),
    [
        (date(2024, 2, 29), Term(1, "years", "service"), date(2025, 2, 28)),
        (date(2024, 2, 29), Term(4, "years", "service"), date(2028, 2, 29)),
        (date(2024, 1, 31), Term(1, "months", "service"), date(2024, 2, 29)),
        (date(2025, 1, 31), Term(1, "months", "service"), date(2025, 2, 28)),
        (date(2025, 12, 15), Term(1, "months", "service"), date(2026, 1, 15)),
        (date(2025, 11, 30), Term(13, "months", "service"), date(2026, 12, 30)),
        (date(2025, 10, 31), Term(12, "months", "service"), date(2026, 10, 31)),
        (date(2026, 1, 1), Term(0, "days", "service"), date(2026, 1, 1)),
        (date(2026, 1, 1), Term(59, "days", "service"), date(2026, 3, 1)),
        (date(9999, 12, 1), Term(31, "days", "service"), None),
        (date(9999, 12, 1), Term(1, "months", "service"), None),
    ],
)
def test_months_and_years_end_on_the_months_last_day(day: date, term: Term, end) -> None:
    assert after(day, term) == end


ANCHORS = Anchors(date(2026, 1, 1), date(2026, 1, 3), date(2026, 2, 1), None)


def days(**ways: list) -> object:
    return rules(last_day=ways)


def in_days(count: int, anchor: str) -> dict:
    return {"count": count, "unit": "days", "anchor": anchor}


def test_the_earliest_of_several_terms_counts() -> None:
    one = days(appeal=[in_days(60, "remittance"), in_days(10, "service"), in_days(90, "service")])
    assert last_day(one, "appeal", ANCHORS) == date(2026, 1, 11)


@pytest.mark.parametrize(
    ("anchor", "end"),
    [("service", 2), ("service_last", 4)],
)
def test_each_anchor_is_its_own_day(anchor: str, end: int) -> None:
    assert last_day(days(appeal=[in_days(1, anchor)]), "appeal", ANCHORS) == date(2026, 1, end)


def test_a_term_without_its_anchor_leaves_the_day_unknown() -> None:
    one = days(appeal=[in_days(10, "service"), in_days(1, "first_remittance")])
    assert last_day(one, "appeal", ANCHORS) is None
    assert earliest(one, ["appeal"], ANCHORS) == date(2026, 1, 11)


def test_unknown_rules_know_no_day() -> None:
    assert last_day(None, "appeal", ANCHORS) is None
    assert last_day(days(), "appeal", ANCHORS) is None
    assert earliest(None, ["appeal"], ANCHORS) is None
    assert earliest(days(), ["appeal"], ANCHORS) is None


# --- files ----------------------------------------------------------------------------------------
def test_every_shipped_payer_reads_strictly() -> None:
    found = {one.id: one for one in read_payers(CONFIG)}
    sandbox = {"meridian", "clearview", "harbor", "northgate", "bluestem", "fedcontract", "thicket"}
    assert set(found) == sandbox | {"medicare-part-b"}
    assert found["medicare-part-b"].replacement_claims is False
    for name in sandbox:
        assert all(note.source == "sandbox" for note in found[name].notes.values())
    assert all(note.source for note in found["medicare-part-b"].notes.values())


def test_the_template_reads_too_and_is_no_payer() -> None:
    assert read_payer_file(CONFIG / "_template.toml").id == "example"
    assert "example" not in {one.id for one in read_payers(CONFIG)}


def test_an_error_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text('id = "x"\n\nreopening = "yes"\n')
    with pytest.raises(SettingsError, match=r"x\.toml:3: reopening: must be true or false"):
        read_payer_file(file)
    file.write_text("[last_day]\nappeal = [{ count = 1 }]\n")
    with pytest.raises(SettingsError, match=r"x\.toml:2: last_day\.appeal: unit"):
        read_payer_file(file)


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('id = "x"\n')
    (tmp_path / "b.toml").write_text('id = "x"\n')
    with pytest.raises(SettingsError, match="same id"):
        read_payers(tmp_path)


def test_no_folder_is_no_rules(tmp_path: Path) -> None:
    assert read_payers(tmp_path / "none") == ()
    assert RULES["id"] == "meridian"
