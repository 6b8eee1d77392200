"""Small print of the rooms that no case folder reaches: found by changing the code and looking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.co107.codes import only_place_of_service
from server.co107.packet import PacketError, build_packet
from server.co107.pair_errors import PairFileError
from server.co107.pair_files import parse_pairs
from server.co107.pairs import PairTable
from server.co107.patients import Person, same_name_and_birth
from server.co107.payers import Term, read_rules
from server.facts import Look, Payer
from tests.co107.builders import (
    DAY,
    MERIDIAN,
    PAIRS,
    answer,
    around,
    charge,
    decided,
    decision,
    facts,
    line,
    outcome,
    paid_line,
    sent,
    sent_line,
)

CMS_TEXT = (
    "AOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT"
    "\tAOC_Edit_DelDT\tSpecial_Instruction_Notes\n"
)


def person(last: str) -> Person:
    return Person(
        first_names=frozenset({"ANNA"}),
        last_names=frozenset({last}),
        birth_dates=frozenset({date(1970, 5, 4)}),
    )


def test_name_and_birth_agree_whole_or_not_at_all() -> None:
    assert same_name_and_birth(person("ROE"), person("ROE"))
    assert not same_name_and_birth(person("ROE"), person("DOE"))


def test_a_code_that_is_no_primary_names_no_pair() -> None:
    table = PairTable(PAIRS, kind="given", version="test")
    assert table.primary_of("99999", DAY) == ()
    assert [pair.add_on for pair in table.primary_of("64493", DAY)] == ["64494"]


@pytest.mark.parametrize("code", ["02", "09", "20", "50", "99"])
def test_what_can_only_be_a_place(code: str) -> None:
    assert only_place_of_service(code)


@pytest.mark.parametrize("start", ["<!DOCTYPE html>", "<html>", "<?xml version='1.0'?>", "<body>"])
def test_a_page_in_place_of_a_pair_file_is_called_one(start: str) -> None:
    with pytest.raises(PairFileError, match=r"page|HTML|XML"):
        parse_pairs((start + "\n" + CMS_TEXT).encode(), "aoc.txt")


def test_line_ends_of_an_old_mac_end_lines() -> None:
    table = parse_pairs(b"add_on,primary,type,valid_from,valid_to\r22614,22612,1\r", "mine.csv")
    assert [pair.primary for pair in table.pairs] == ["22612"]


def test_terms_may_be_of_no_days_and_may_say_where_they_come_from() -> None:
    term = {"count": 0, "unit": "days", "anchor": "service"}
    noted = {"value": term, "source": "manual 3", "checked": "2026-01-01"}
    read = read_rules({"last_day": {"appeal": [noted], "new_claim": term}}, "x")
    assert read.last_day == {
        "appeal": (Term(0, "days", "service"),),
        "new_claim": (Term(0, "days", "service"),),
    }


def test_a_charge_on_the_last_day_of_an_answered_line_is_billed() -> None:
    """C2 is known from its remittance alone; its line runs over two days."""
    over = replace(
        paid_line(control=""), first_day=date(2026, 1, 14), last_day=DAY, charge=Decimal(4000)
    )
    claimed = charge(claim="C2")
    assert outcome(sent(), answer(), claimed)[1] == "primary_pending"
    known = answer("C2", over, number="PCN2", trace="T2")
    assert outcome(sent(), answer(), claimed, known)[1] != "primary_not_billed"


def test_a_portal_that_shows_an_undated_answer_first_is_read_to_its_end() -> None:
    """The undated one could only hold back; the dated one after it is an adjudication."""
    seen = datetime(2026, 2, 27, tzinfo=UTC)
    paid = line("22614", "CO 45 350", paid="800")
    undated, dated = answer("C1", paid, on=None), answer("C1", paid, on=date(2026, 2, 25))
    both = Look(
        payer=MERIDIAN, claim="C1", looked_at=seen, outcome="found", portal="meridian",
        answers=(undated, dated),
    )  # fmt: skip
    assert outcome(sent(), answer(), charge(), both) == ("resolved", "paid")


def test_the_payer_is_called_as_its_remittance_calls_it_else_as_the_claim_did() -> None:
    nameless = Payer(ids=MERIDIAN.ids)
    named = build_packet(facts(sent(), answer(payer=nameless), charge()), around(), "C1")
    assert named.payer_name == "MERIDIAN HEALTH"


def test_without_the_original_nothing_is_built_for_a_claim_not_loaded() -> None:
    with pytest.raises(PacketError):
        build_packet(facts(answer(), charge()), around(), "C1")


def test_each_doubtful_charge_of_a_chain_is_told() -> None:
    """64495 on 64494 on 64493: two links are missing, both named by charges of this very claim."""
    one = decision(
        sent("C1", sent_line("64495")),
        answer("C1", line("64495")),
        charge("64494", claim="C1"),
        charge("64493", claim="C1"),
        procedure="64495",
    )
    assert (one.state, one.reason) == ("review", "charge_says_billed")


def test_answers_under_two_numbers_count_of_one_day_alone() -> None:
    """An earlier answer under another number to another line is no split of the claim."""
    known = (
        sent("C1", sent_line(), sent_line("20930", "300", 2)),
        answer("C1", line("20930", "CO 45 0", paid="300", control="L2"), number="OLD",
               on=date(2026, 2, 1), trace="T0"),
        answer("C1", line(), number="NEW"),
        charge(),
    )  # fmt: skip
    assert outcome(*known) == ("ready", "primary_not_billed")


def test_two_like_lines_of_a_later_version_are_two_lines() -> None:
    """The replacement bears the add-on twice; each is a line of its own, told apart by number."""
    first = sent("C1", sent_line(control="A"))
    second = sent(
        "C1", sent_line(control="A"), sent_line(number=2, control="B"), frequency="7",
        reference="PCN1", on=date(2026, 2, 12),
    )  # fmt: skip
    denied = answer(
        "C1", line(control="A"), line(control="B"), on=date(2026, 2, 20), number="PCN2", trace="T2"
    )
    found = decided(first, second, answer("C1", line(control="A")), denied)
    assert sorted(one.key.line_control for one in found) == ["A", "B"]
