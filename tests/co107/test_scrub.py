"""Before submission: what would come back with 107."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.scrub import scrub as scrub_command
from server.co107.pairs import PairTable
from server.co107.scrub import scrub
from server.errors import UserError
from tests.co107.builders import (
    BEN,
    OTHER_GROUP,
    OTHER_SURGEON,
    PAIRS,
    rules,
    sent,
    sent_line,
)
from tests.co107.case_files import claims_837

TABLE = PairTable(PAIRS, kind="given")
NOTE = rules(related_claim_field="NTE*ADD")


def found(*claims, payers=None) -> list[tuple[str, str, str]]:
    return [
        (one.kind, one.claim, one.procedure) for one in scrub(claims, TABLE, payers or [rules()])
    ]


ALONE = [("primary_missing", "C1", "22614")]
PRIMARY = sent_line("22612", "4000", 2)


def test_an_add_on_alone() -> None:
    assert found(sent()) == ALONE
    (one,) = scrub([sent()], TABLE)
    assert (one.severity, one.line) == ("error", 1)
    assert one.primaries == ("22600", "22610", "22612", "22630", "22633")


def test_a_primary_beside_it() -> None:
    assert found(sent("C1", sent_line(), PRIMARY)) == []


def test_a_primary_on_another_claim_of_the_batch() -> None:
    assert found(sent(), sent("C2", PRIMARY)) == []


@pytest.mark.parametrize(
    "other",
    [
        sent("C2", PRIMARY, patient=BEN),
        sent("C2", PRIMARY, kind="institutional"),
        sent("C2", PRIMARY, frequency="8"),
        sent("C2", sent_line("22612", "4000", 2, day=date(2026, 1, 16))),
        sent("C2", sent_line("22612", "4000", 2, modifiers=("80",))),
        sent("C2", sent_line("22612", "4000", 2, rendering=OTHER_SURGEON), billing=OTHER_GROUP),
    ],
)
def test_what_does_not_help(other) -> None:
    assert found(sent(), other) == ALONE


def test_spans_that_touch_share_a_day() -> None:
    wide = sent_line("22612", "4000", 2, day=date(2026, 1, 12), last_day=date(2026, 1, 15))
    assert found(sent("C1", sent_line(), wide)) == []
    single = sent_line("22612", "4000", 2, last_day=None)
    assert found(sent("C1", sent_line(), single)) == []


def test_a_near_primary_is_named() -> None:
    (one,) = scrub([sent("C1", sent_line(), sent_line("22612", "9", 2, modifiers=("80",)))], TABLE)
    assert "22612 is there, but does not fit" in one.says


def test_the_payers_tolerance_counts() -> None:
    other = sent("C2", sent_line("22612", "4000", 2, day=date(2026, 1, 16)))
    assert found(sent(), other, payers=[rules(date_tolerance_days=1)]) == []


@pytest.mark.parametrize("procedure", ["0054T", "93320"])
def test_types_2_and_3_are_a_notice(procedure: str) -> None:
    (one,) = scrub([sent("C1", sent_line(procedure, "10"))], TABLE)
    assert (one.kind, one.severity) == ("payer_defined", "notice")
    assert f"type {2 if procedure == '0054T' else 3}: the payer decides" in one.says


def test_type_3_with_a_listed_primary_is_fine() -> None:
    assert found(sent("C1", sent_line("93320", "10"), sent_line("93303", "20", 2))) == []


def test_a_reading_without_its_facility() -> None:
    reading = sent("C1", sent_line("72148", "200", modifiers=("26",)))
    kinds = [("facility_reference_missing", "C1", "72148")]
    assert found(reading, payers=[NOTE]) == kinds
    assert found(reading) == []
    noted = sent("C1", sent_line("72148", "200", modifiers=("26",)), notes=("RELATED CLAIM X",))
    assert found(noted, payers=[NOTE]) == []


def test_an_ended_pair_wants_nothing() -> None:
    assert found(sent("C1", sent_line("11111", "10"))) == []
    assert found(sent("C1", sent_line("11111", "10", day=date(2025, 12, 31))))


def test_a_void_is_left_alone() -> None:
    assert found(sent(frequency="8")) == []


def run(tmp_path: Path, *claims, arguments: tuple[str, ...] = ()):
    file = tmp_path / "out.837"
    file.write_text(claims_837(claims, institutional=False, control=1))
    return CliRunner().invoke(scrub_command, [str(file), *arguments])


def test_the_command_exits_1_where_something_is_found(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    ran = run(tmp_path, sent())
    assert ran.exit_code == 1
    assert "error: claim C1 line 1 22614" in ran.stdout
    assert "out.837, segment" in ran.stdout


def test_the_command_exits_0_where_nothing_is(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    ran = run(tmp_path, sent("C1", sent_line(), PRIMARY))
    assert ran.exit_code == 0


def test_json_is_one_object_a_finding(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    ran = run(tmp_path, sent(), arguments=("--json",))
    (one,) = map(json.loads, ran.stdout.splitlines())
    assert (one["kind"], one["claim"], one["line"]) == ("primary_missing", "C1", 1)


def test_a_wrong_file_is_one_line(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    file = tmp_path / "page.837"
    file.write_text("<html>sign in</html>")
    ran = CliRunner().invoke(scrub_command, [str(file)])
    assert isinstance(ran.exception, UserError)
    assert "page.837" in str(ran.exception)
