"""Packets and appeals: what goes into the corrected claim, and what a person reads."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from server.co107.appeal import build_appeal
from server.co107.packet import PacketError, build_packet
from server.co107.pairs import PairTable
from server.facts import Facts, Source, SubmittedClaim
from server.packets import appeal_files, packet_files
from server.packets.files import safe_name
from server.packets.words import latin
from server.x12 import Stamp, claim_facts
from tests.co107.builders import (
    OTHER_SURGEON,
    PAIRS,
    TODAY,
    answer,
    around,
    bare_answer,
    charge,
    facts,
    line,
    paid_line,
    rules,
    sent,
    sent_line,
)
from tests.co107.case_files import claims_837

NOTE = rules(related_claim_field="NTE*ADD")
STAMPS = [Stamp(str(n), str(n), f"000{n}", f"R{n}", TODAY, time(8)) for n in (7, 8)]


def file_of(known: Facts, claim: str = "C1") -> bytes:
    """The 837 that holds the claim, as a practice has it."""
    return claims_837([one for one in known.claims if one.claim == claim], institutional=False,
                      control=1).encode()  # fmt: skip


def made(*items: object, payer=None, **more):
    """The packet of C1, and what its corrected 837s hold when read again."""
    known = facts(*items)
    packet = build_packet(known, around(payer or rules()), "C1", **more)
    files = packet_files(packet, file_of(known), STAMPS)
    read = {
        name: claim_facts(content, name) for name, content in files.items() if name[-3:] == "837"
    }
    for _, findings in read.values():
        assert not [one for one in findings if one.severity == "fatal"]
    return packet, files, {name: claims[0] for name, (claims, _) in read.items()}


def procedures(claim: SubmittedClaim) -> list[str]:
    return [one.procedure for one in claim.lines]


def test_the_worked_example() -> None:
    packet, files, claims = made(sent(), answer(), charge())
    assert (packet.route, packet.amount, packet.last_day) == (
        "replacement_claim",
        Decimal(1150),
        date(2026, 8, 9),
    )
    assert list(files) == ["C1-1-replacement.837", "C1-cover.html", "C1-cover.pdf"]
    (claim,) = claims.values()
    assert (claim.frequency, claim.original_reference) == ("7", "PCN1")
    assert procedures(claim) == ["22612", "22614"]
    assert claim.charge == Decimal(5150)
    assert claim.sent_on == TODAY
    added = claim.lines[0]
    assert (added.charge, added.units, added.first_day) == (4000, 1, date(2026, 1, 15))
    assert added.line_control == "ADD1"
    assert [one.standing for one in packet.before] == ["ready"]
    assert [one.standing for one in packet.after] == ["added", "ready"]
    assert [one.procedure for one in packet.charges] == ["22612"]


def test_a_replacement_carries_every_line() -> None:
    two = sent("C1", sent_line(), sent_line("99213", "100", 2))
    answered = answer("C1", line(), line("99213", "CO 45 40", charge="100", paid="60",
                                         control="L2"))  # fmt: skip
    packet, _, claims = made(two, answered, charge())
    (claim,) = claims.values()
    assert procedures(claim) == ["22612", "22614", "99213"]
    assert [one.standing for one in packet.after] == ["added", "ready", "kept"]
    assert "paid $60.00" in [one.note for one in packet.before]


def test_a_new_claim_carries_the_ready_lines_and_their_primaries_alone() -> None:
    two = sent("C1", sent_line(), sent_line("99213", "100", 2))
    answered = answer("C1", line(remarks=("N142",)), line("99213", "CO 45 40", charge="100",
                                                          paid="60", control="L2"))  # fmt: skip
    packet, _, claims = made(two, answered, charge(), new_number="C1A")
    (claim,) = claims.values()
    assert packet.route == "new_claim"
    assert (claim.claim, claim.frequency, claim.original_reference) == ("C1A", "1", "")
    assert procedures(claim) == ["22612", "22614"]
    assert [one.procedure for one in packet.after] == ["22612", "22614"]
    assert [one.procedure for one in packet.before] == ["22614", "99213"]


def test_an_added_line_stands_at_its_day_and_an_allowed_one_says_so() -> None:
    two = sent("C1", sent_line(), sent_line("99213", "100", 2), sent_line("99214", "90", 3))
    answered = answer(
        "C1",
        line(),
        line("99213", "PR 1 100", charge="100", control="L2"),
        line("99214", "CO 50 90", charge="90", control="L3"),
    )
    packet, _, _ = made(two, answered, charge(day=date(2026, 1, 15)))
    assert [one.first_day for one in packet.after] == [date(2026, 1, 15)] * 4
    notes = [one.note for one in packet.before]
    assert notes == ["denied, 107 of $1,150.00", "allowed, paid $0.00", "denied"]


def test_a_claim_answered_without_lines_first_shows_its_lines_alone() -> None:
    whole = bare_answer(adjustments=("CO 107 1150",), status="4", on=date(2026, 2, 1), trace="T0")
    packet, _, _ = made(sent(), whole, answer(), charge())
    assert [one.procedure for one in packet.before] == ["22614"]


def test_an_old_pair_table_is_told() -> None:
    table = PairTable(PAIRS, kind="cms", version="old", published=date(2024, 1, 1))
    here = replace(around(), pairs=table)
    packet = build_packet(facts(sent(), answer(), charge()), here, "C1")
    told = [one for one in packet.notices if "quarters old" in one]
    assert told == ["The pair table is of 2024-01-01, 8 quarters old."]


def test_a_new_claim_forgets_what_it_replaced() -> None:
    first = sent(frequency="7", reference="OLD")
    _, _, claims = made(first, answer(remarks=("N142",)), charge())
    (claim,) = claims.values()
    assert (claim.claim, claim.original_reference) == ("C1", "")


def test_lines_keep_their_modifiers_and_amounts() -> None:
    claim = sent("C1", sent_line(modifiers=("RT", "59"), units=2))
    packet, _, _ = made(claim, answer("C1", line(modifiers=("RT", "59"), units=2)),
                        charge(modifiers=("RT", "51"), units=3))  # fmt: skip
    shown = [(one.procedure, one.modifiers, one.units, one.charge) for one in packet.after]
    assert shown == [("22612", ("51", "RT"), 3, 4000), ("22614", ("59", "RT"), 2, 1150)]
    assert [one.note for one in packet.after] == ["signed off on 2026-01-16", ""]
    assert [one.line_control for one in packet.after] == ["ADD1", "L1"]


def test_two_lines_of_one_number_are_named_by_their_place() -> None:
    odd = sent("C1", sent_line(control="X"), sent_line("99213", "10", 2, control="X"))
    one = answer("C1", line(control=""), line("99213", "CO 45 1", charge="10", paid="9",
                                              control=""))  # fmt: skip
    _, _, claims = made(odd, one, charge())
    (claim,) = claims.values()
    assert procedures(claim) == ["22612", "22614", "99213"]


def test_void_and_new_is_two_claims() -> None:
    two = sent("C1", sent_line(), sent_line("99213", "100", 2))
    packet, files, claims = made(two, answer(remarks=("N798",)), charge())
    assert list(files)[:2] == ["C1-1-void.837", "C1-2-new.837"]
    void, new = claims.values()
    assert (void.frequency, void.original_reference) == ("8", "PCN1")
    assert procedures(void) == ["22614", "99213"]
    assert (new.frequency, new.original_reference) == ("1", "")
    assert procedures(new) == ["22612", "22614", "99213"]
    assert any("void first" in one for one in packet.notices)


def test_a_reopening_has_no_837() -> None:
    payer = rules(replacement_claims=False, reopening=True, reopening_adds_lines=True)
    packet, files, _ = made(sent(), answer(), charge(), payer=payer)
    assert packet.to_write == ()
    assert packet.after == ()
    assert list(files) == ["C1-cover.html", "C1-cover.pdf"]
    assert b"PCN1" in files["C1-cover.html"]


def test_one_packet_holds_all_ready_lines_of_the_claim() -> None:
    two = sent("C1", sent_line(), sent_line("22614", "1150", 2, modifiers=("59",)))
    answered = answer("C1", line(), line(modifiers=("59",), control="L2"))
    packet, _, claims = made(two, answered, charge())
    (claim,) = claims.values()
    assert len(packet.lines) == 2
    assert packet.amount == Decimal(2300)
    assert procedures(claim) == ["22612", "22614", "22614"]


def test_a_chain_brings_both_charges_the_base_first() -> None:
    one = sent("C1", sent_line("64495", "500"))
    answered = answer("C1", line("64495", "CO 107 500", charge="500"))
    _, _, claims = made(one, answered, charge("64494", amount="600"), charge("64493"))
    (claim,) = claims.values()
    assert procedures(claim) == ["64493", "64494", "64495"]
    assert [one.line_control for one in claim.lines] == ["ADD1", "ADD2", "L1"]


def test_m47_puts_the_found_number_into_ref_f8() -> None:
    earlier = answer("C1", line("22614", "CO 16 1150"), number="PCN0", on=date(2026, 1, 30))
    asked = answer(lines=[line(remarks=("M47",))])
    packet, _, claims = made(sent(), earlier, asked, payer=rules(related_claim_field="REF*F8"))
    (claim,) = claims.values()
    assert claim.original_reference == "PCN0"
    assert packet.charges == ()
    assert procedures(claim) == ["22614"]


def test_n214_names_the_surgery_in_a_note() -> None:
    day = date(2025, 12, 1)
    _, _, claims = made(
        sent(),
        sent("S1", sent_line("27447", "4000", day=day)),
        answer("S1", paid_line("27447", control="L1", day=day), number="PCNS", trace="TS"),
        answer(lines=[line(remarks=("N214",))]),
        payer=NOTE,
    )
    (claim,) = claims.values()
    assert claim.original_reference == "PCN1"
    assert claim.notes == ("RELATED CLAIM PCNS SERVICE DATE 20251201",)


def test_without_the_original_the_cover_stands_alone() -> None:
    packet = build_packet(facts(sent(), answer(), charge()), around(), "C1")
    files = packet_files(packet, None)
    assert list(files) == ["C1-cover.html", "C1-cover.pdf"]
    assert b"not at hand" in files["C1-cover.html"]


def test_a_number_the_portal_left_out_is_asked_for() -> None:
    portal = Source("portal", "meridian", seen_at=datetime(2026, 2, 28, tzinfo=UTC))
    known = facts(sent(), answer(number="", source=portal), charge())
    files = packet_files(build_packet(known, around(), "C1"), file_of(known))
    assert list(files) == ["C1-cover.html", "C1-cover.pdf"]
    assert b"look it up first" in files["C1-cover.html"]


def test_an_837_never_loaded_says_so() -> None:
    """A paid surgery, N214, and the claim's own 837 missing: nothing is ready without it."""
    with pytest.raises(PacketError, match="no line of the claim is ready"):
        build_packet(facts(answer(), charge()), around(), "C1")


def test_a_claim_the_file_does_not_bear_gives_a_cover_that_says_so() -> None:
    known = facts(sent(), answer(), charge())
    files = packet_files(
        build_packet(known, around(), "C1"), file_of(facts(sent("OTHER")), "OTHER")
    )
    assert list(files) == ["C1-cover.html", "C1-cover.pdf"]
    assert b"No corrected 837 could be written" in files["C1-cover.html"]


def test_a_colleague_who_performed_the_primary_is_named_on_its_line() -> None:
    two = sent("C1", sent_line(), sent_line("99213", "100", 2, rendering=OTHER_SURGEON))
    _, _, claims = made(two, answer(), charge(rendering=OTHER_SURGEON))
    (claim,) = claims.values()
    assert claim.lines[0].rendering_npi == OTHER_SURGEON


def test_anesthesia_counts_minutes() -> None:
    one = sent("C1", sent_line("01968", "700"))
    answered = answer("C1", line("01968", "CO 107 700", charge="700"))
    _, files, _ = made(one, answered, charge("01967", units=45))
    assert b"SV1*HC:01967*4000*MJ*45*" in files["C1-1-replacement.837"]


def test_lines_without_numbers_get_none() -> None:
    _, _, claims = made(sent("C1", sent_line(control="")), answer(), charge())
    (claim,) = claims.values()
    assert [one.line_control for one in claim.lines] == ["", ""]


def test_different_routes_are_for_a_person() -> None:
    two = sent("C1", sent_line(), sent_line("22614", "1150", 2, modifiers=("59",)))
    answered = answer("C1", line(remarks=("N142",)), line(modifiers=("59",), control="L2"))
    with pytest.raises(PacketError, match="different routes"):
        build_packet(facts(two, answered, charge()), around(), "C1")


def test_several_payers_of_a_number_must_be_told_apart() -> None:
    harbor = rules(id="harbor", names=["H"], payer_ids=["HBR"])
    theirs = replace(answer(), payer=replace(answer().payer, ids=("HBR",), name="H"))
    known, near = facts(sent(), answer(), theirs, charge()), around(rules(), harbor)
    with pytest.raises(PacketError, match="several payers"):
        build_packet(known, near, "C1")
    assert build_packet(known, near, "C1", "meridian").rules_id == "meridian"


def test_the_same_packet_gives_the_same_bytes() -> None:
    known = facts(sent(), answer(), charge())
    packet = build_packet(known, around(), "C1")
    assert packet_files(packet, file_of(known)) == packet_files(packet, file_of(known))


# --- the cover sheet ------------------------------------------------------------------------------
def text_of(pdf: bytes, folder: Path) -> str:
    file = folder / "x.pdf"
    file.write_bytes(pdf)
    try:
        ran = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True,
                             text=True, check=True)  # fmt: skip
    except FileNotFoundError:
        pytest.skip("pdftotext is not on this machine")
    return ran.stdout


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_the_cover_tells_all_in_one_page(tmp_path: Path, ending: str) -> None:
    _, files, _ = made(sent(), answer(), charge())
    content = files[f"C1-cover.{ending}"]
    told = content.decode() if ending == "html" else text_of(content, tmp_path)
    for word in (
        "$1,150.00",
        "08/09/2026",
        "161",
        "22612",
        "22614",
        "test pairs",
        "rules meridian",
        "180 days after the remittance",
        "one.835, segment 12",
        "ROE, ANNA",
        "PCN1",
        "Nothing has been sent",
    ):
        assert word in told, word
    assert told.count("\f") <= 1


def test_a_long_claim_still_fits_one_page(tmp_path: Path) -> None:
    more = [sent_line("99213", "10", number) for number in range(2, 40)]
    _, files, _ = made(sent("C1", sent_line(), *more), answer(), charge())
    told = text_of(files["C1-cover.pdf"], tmp_path)
    assert told.count("\f") == 1
    assert "more" in told
    assert "22612" in told


def test_a_name_cannot_break_the_page() -> None:
    odd = replace(sent().patient, last_name="<b>O'HARA & SÖHNE</b>", first_name="ŁUKASZ")
    _, files, _ = made(
        sent(patient=odd), answer(patient=replace(odd, birth_date=None)),
        charge(patient=replace(odd, last_name="")),
    )  # fmt: skip
    assert b"<b>" not in files["C1-cover.html"]
    assert files["C1-cover.pdf"].startswith(b"%PDF")
    assert latin("Łódź – “x”") == "?ódz - ?x?"


@pytest.mark.parametrize(("claim", "name"), [("A/../B", "A_.._B"), ("..", "claim"), ("C 1", "C_1")])
def test_file_names_are_plain(claim: str, name: str) -> None:
    assert safe_name(claim) == name


# --- the appeal -----------------------------------------------------------------------------------
SAME = (
    sent("C1", sent_line(), sent_line("22612", "4000", 2)),
    answer("C1", line(remarks=("N122",)), paid_line(control="L2")),
)
ELSEWHERE = (
    sent(),
    answer(),
    sent("C2", sent_line("22612", "4000")),
    answer("C2", paid_line(control="L1"), number="PCN2", trace="T2", on=date(2026, 2, 12)),
)


def test_an_appeal_cites_the_related_claim_its_remittance_and_the_pair() -> None:
    appeal = build_appeal(facts(*ELSEWHERE), around(), "C1")
    (one,) = appeal.lines
    assert (one.related.claim, one.related.payer_claim_control_number) == ("C2", "PCN2")
    assert (one.related.remitted_on, one.related.payment) == (date(2026, 2, 12), "T2")
    assert one.related.became == "paid $3,000.00"
    assert not one.related.same_claim
    assert "22614 may stand on 22612" in one.pair
    assert (appeal.amount, appeal.last_day) == (1150, date(2026, 6, 10))
    assert "120 days after the remittance" in appeal.last_day_says
    assert appeal.denied_on == date(2026, 2, 10)
    assert (appeal.claim, appeal.payer_name, appeal.billing_npi) == (
        "C1",
        "MERIDIAN HEALTH",
        "9999999991",
    )
    assert appeal.payer_claim_control_number == "PCN1"
    assert (one.charge, one.amount, one.remarks) == (1150, 1150, ())
    assert (one.related.procedure, one.related.modifiers) == ("22612", ())
    assert one.related.first_day == date(2026, 1, 15)
    assert one.related.source is not None


def test_an_appeal_from_an_835_alone() -> None:
    one = replace(SAME[1], facility_code="20")
    appeal = build_appeal(facts(one), around(), "C1")
    assert (appeal.patient.last_name, appeal.patient.member_id) == ("ROE", "M100")
    assert appeal.lines[0].decision.reason == "primary_paid_same_claim"


@pytest.mark.parametrize("ending", ["html", "pdf"])
@pytest.mark.parametrize("items", [SAME, ELSEWHERE])
def test_the_letter_says_it(tmp_path: Path, ending: str, items: tuple) -> None:
    files = appeal_files(build_appeal(facts(*items), around(), "C1"))
    content = files[f"C1-appeal.{ending}"]
    told = content.decode() if ending == "html" else text_of(content, tmp_path)
    for word in ("22614", "22612", "$1,150.00", "PCN1", "M100", "paid $3,000.00", "test pairs"):
        assert word in told, word
    assert ("this claim" in told) is (items is SAME)
    assert ("N122" in told) is (items is SAME)


def test_the_letter_can_be_edited() -> None:
    files = appeal_files(build_appeal(facts(*SAME), around(), "C1"))
    assert b"contenteditable" in files["C1-appeal.html"]


def test_nothing_to_appeal() -> None:
    with pytest.raises(PacketError, match="no line of the claim is to be appealed"):
        build_appeal(facts(sent(), answer(), charge()), around(), "C1")
