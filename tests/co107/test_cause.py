"""The qualifying service: what fits, charges, references, chains."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from server.co107.charging import charge_key
from server.co107.codes import only_place_of_service
from server.co107.pairs import Pair
from server.facts import Patient, Payer
from tests.co107.builders import (
    ANNA,
    BEN,
    DAY,
    NOT_DOCUMENTED,
    OTHER_GROUP,
    OTHER_SURGEON,
    PAIRS,
    READY,
    SURGEON,
    answer,
    around,
    both,
    charge,
    decided,
    earlier,
    line,
    mark,
    other,
    other_paid,
    outcome,
    paid_elsewhere,
    paid_line,
    rules,
    sent,
    sent_line,
)


# --- the qualifying service -----------------------------------------------------------------------
def test_another_surgeon_of_the_group_qualifies() -> None:
    items = paid_elsewhere({"rendering": OTHER_SURGEON})
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_the_same_surgeon_under_another_group_qualifies() -> None:
    items = [other(billing=OTHER_GROUP), other_paid(billing=OTHER_GROUP)]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_but_a_charge_of_another_billing_provider_does_not() -> None:
    assert outcome(sent(), answer(), charge(billing=OTHER_GROUP)) == ("review", "mismatch")
    assert outcome(sent(), answer(), charge(billing="")) == ("review", "mismatch")
    assert outcome(sent(), answer(), charge(rendering=OTHER_SURGEON)) == READY


@pytest.mark.parametrize(
    ("mine", "its", "same_surgeon", "fits"),
    [
        ((), (), True, True),
        (("26",), ("26",), True, True),
        (("26",), ("26",), False, True),
        (("26",), (), True, True),
        (("26",), (), False, False),
        (("26",), ("TC",), True, False),
        (("TC",), ("TC",), False, True),
        (("TC",), (), False, True),
        (("TC",), ("26",), True, False),
        ((), ("26",), True, False),
        ((), ("TC",), True, False),
    ],
)
def test_components(mine: tuple, its: tuple, same_surgeon: bool, fits: bool) -> None:
    rendering = SURGEON if same_surgeon else OTHER_SURGEON
    found = outcome(
        sent("C1", sent_line(modifiers=mine)),
        answer("C1", line(modifiers=mine)),
        *[other(modifiers=its, rendering=rendering), other_paid(modifiers=its)],
    )
    assert found == (("appeal", "primary_paid_other_claim") if fits else ("review", "mismatch"))


@pytest.mark.parametrize("modifier", ["53", "73", "74", "80", "81", "82", "AS", "GY", "GZ"])
def test_no_primary_to_stand_on(modifier: str) -> None:
    items = [other(modifiers=(modifier,)), other_paid(modifiers=(modifier,))]
    assert outcome(sent(), answer(), *items) == ("review", "mismatch")


@pytest.mark.parametrize(
    ("mine", "its", "fits"),
    [
        (("RT",), ("RT",), True),
        (("RT",), (), True),
        ((), ("LT",), True),
        (("RT",), ("LT", "RT"), True),
        (("LT",), ("RT",), False),
    ],
)
def test_sides(mine: tuple, its: tuple, fits: bool) -> None:
    found = outcome(
        sent("C1", sent_line(modifiers=mine)),
        answer("C1", line(modifiers=mine)),
        *[other(modifiers=its), other_paid(modifiers=its)],
    )
    assert found[1] == ("primary_paid_other_claim" if fits else "mismatch")


@pytest.mark.parametrize(
    ("days", "tolerance", "found"),
    [
        (0, 0, "primary_paid_other_claim"),
        (1, 0, "mismatch"),
        (-3, 0, "mismatch"),
        (4, 0, "primary_not_documented"),
        (1, 1, "primary_paid_other_claim"),
        (-1, 1, "primary_paid_other_claim"),
        (4, 1, "mismatch"),
        (5, 1, "primary_not_documented"),
    ],
)
def test_days(days: int, tolerance: int, found: str) -> None:
    day = date(2026, 1, 15 + days)
    near = around(rules(date_tolerance_days=tolerance))
    items = [other(day=day), other_paid(day=day)]
    assert outcome(sent(), answer(), *items, surroundings=near)[1] == found


def test_a_charge_five_days_off_is_no_charge() -> None:
    assert outcome(sent(), answer(), charge(day=date(2026, 1, 20))) == NOT_DOCUMENTED


def test_spans_that_touch_share_a_day() -> None:
    wide = other(day=date(2026, 1, 10), last_day=DAY)
    assert outcome(sent(), answer(), wide) == ("waiting", "primary_pending")


@pytest.mark.parametrize("off", [{"patient": BEN}, {"patient": replace(ANNA, first_name="CARA")}])
def test_another_of_the_family_qualifies_nothing(off: dict) -> None:
    items = [other(**off), other_paid(patient=replace(off["patient"], birth_date=None))]
    assert outcome(sent(), answer(), *items, charge()) == READY


def test_unknown_names_do_not_part_a_patient() -> None:
    items = [other(patient=Patient("M100")), other_paid(patient=Patient("M100"))]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_without_an_id_name_and_birth_date_tell() -> None:
    nameless = replace(ANNA, member_id="")
    items = [other(patient=nameless), other_paid(patient=Patient("", "ROE", "ANNA"))]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")
    items = [other(patient=replace(nameless, birth_date=date(1970, 5, 5)))]
    assert outcome(sent(), answer(), *items) == NOT_DOCUMENTED


def test_the_same_person_under_a_payer_not_known() -> None:
    strange = Payer(("Z9",), "NOBODY")
    items = [other(payer=strange), other_paid(payer=strange)]
    assert outcome(sent(), answer(), *items) == ("review", "mismatch")


def test_two_things_off_still_bar_a_charge() -> None:
    items = [other(day=date(2026, 1, 17), modifiers=("80",))]
    assert outcome(sent(), answer(), *items, charge()) == NOT_DOCUMENTED
    items = [other(day=date(2026, 1, 19), modifiers=("80",))]
    assert outcome(sent(), answer(), *items, charge()) == READY


def test_a_fitting_charge_beside_a_near_one_is_a_mismatch() -> None:
    near = charge("22630", day=date(2026, 1, 16))
    assert outcome(sent(), answer(), charge(), near) == ("review", "mismatch")


def test_a_paid_primary_comes_before_everything_else() -> None:
    items = [other(), other_paid(), charge("22630")]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")
    items.append(replace(other(procedure="22633"), claim="C3"))
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_paid_elsewhere_comes_before_denied_here() -> None:
    two = sent("C1", sent_line(), sent_line("22630", "4000", 2))
    one = answer("C1", line(), line("22630", "CO 50 4000", charge="4000", control="L2"))
    assert outcome(two, one, other(), other_paid()) == ("appeal", "primary_paid_other_claim")


def test_pending_here_comes_before_denied_elsewhere() -> None:
    items = [other(procedure="22630"), answer("C2", line("22630", "CO 50 4000", charge="4000"),
                                              number="P2", trace="T2")]  # fmt: skip
    assert outcome(both(), answer(), *items) == ("waiting", "primary_pending")


def test_a_primary_sent_again_is_pending() -> None:
    again = mark("C2", "claim", date(2026, 2, 20), "")
    assert outcome(sent(), answer(), other(), other_paid(), again) == (
        "waiting",
        "primary_pending",
    )


@pytest.mark.parametrize("facility", ["02", "10", "15", "19", "20", "24", "49", "50", "60", "99"])
def test_a_place_of_service_and_nothing_else(facility: str) -> None:
    assert only_place_of_service(facility)
    found = outcome(sent(), answer(), other_paid(facility=facility))
    assert found == ("appeal", "primary_paid_other_claim")


@pytest.mark.parametrize(
    "facility",
    ["11", "12", "14", "18", "21", "22", "23", "28", "34", "81", "79", "131", "", "00", "A1"],
)
def test_a_place_of_service_or_a_bill_type(facility: str) -> None:
    assert not only_place_of_service(facility)
    assert outcome(sent(), answer(), other_paid(facility=facility)) == NOT_DOCUMENTED


def test_a_claim_of_unknown_kind_holds_back() -> None:
    denied = answer("C2", line("22612", "CO 50 4000", charge="4000"), number="P2", trace="T2")
    assert outcome(sent(), answer(), denied) == ("waiting", "primary_denied")
    no_history = around(rules(uses_history=False))
    assert outcome(sent(), answer(), other_paid(), surroundings=no_history) == (
        "review",
        "combine_claims",
    )


def test_its_own_line_is_not_appealed_either() -> None:
    one = answer("C1", line(), paid_line(control="L2"))
    assert outcome(one) == NOT_DOCUMENTED
    assert outcome(replace(one, facility_code="20")) == ("appeal", "primary_paid_same_claim")


def test_an_835_of_a_hospital_neither_qualifies_nor_mismatches() -> None:
    assert outcome(sent(), answer(), other_paid(institutional=True), charge()) == READY


def test_a_hospitals_own_add_on() -> None:
    hospital = {"kind": "institutional", "facility": "13"}
    mine = sent("C1", sent_line(), sent_line("22612", "4000", 2), **hospital)
    found = outcome(mine, answer("C1", line(), paid_line(control="L2")))
    assert found == ("appeal", "primary_paid_same_claim")


# --- charges --------------------------------------------------------------------------------------
def test_a_charge_of_another_payer_is_not_ours() -> None:
    harbor = rules(id="harbor", names=["H"], payer_ids=["HBR"])
    near = around(rules(), harbor)
    assert outcome(sent(), answer(), charge(payer_id="HBR"), surroundings=near) == NOT_DOCUMENTED
    assert outcome(sent(), answer(), charge(payer_id="MRD01"), surroundings=near) == READY
    assert outcome(sent(), answer(), charge(payer_id="meridian"), surroundings=near) == READY
    assert outcome(sent(), answer(), charge(payer_id="?"), surroundings=near) == (
        "review",
        "mismatch",
    )


def test_a_charge_in_its_own_packet_is_still_unbilled() -> None:
    mine = around(packeted={charge_key(charge()): "C1"})
    assert outcome(sent(), answer(), charge(), surroundings=mine) == READY


def test_a_charge_in_another_claims_packet_counts_as_billed() -> None:
    theirs = around(packeted={charge_key(charge()): "C5"})
    found = outcome(sent(), sent("C5", sent_line("99213")), answer(), charge(),
                    surroundings=theirs)  # fmt: skip
    assert found == ("review", "charge_says_billed")
    assert outcome(sent(), answer(), charge(), surroundings=theirs) == (
        "waiting",
        "primary_pending",
    )


def test_a_charge_whose_claim_bears_it_says_nothing_new() -> None:
    items = [other(), other_paid(), charge(claim="C2")]
    assert outcome(sent(), answer(), *items) == ("appeal", "primary_paid_other_claim")


def test_says_billed_comes_before_several() -> None:
    items = [charge(claim="C1"), charge("22630"), charge("22633")]
    assert outcome(sent(), answer(), *items) == ("review", "charge_says_billed")


def test_whose_charge_is_not_known_where_the_line_names_nobody() -> None:
    nobody = Patient("M100")
    items = [
        sent(patient=nobody),
        answer(patient=nobody),
        sent("B1", sent_line("99213"), patient=BEN),
        sent("B2", sent_line("99213"), patient=ANNA),
    ]
    assert outcome(*items, charge()) == ("review", "primary_ambiguous")


def test_twins_of_one_birth_date_need_a_name() -> None:
    twin = replace(ANNA, first_name="CARA")
    items = [sent(), answer(), sent("B1", sent_line("99213"), patient=twin)]
    by_birth = charge(patient=Patient("M100", birth_date=ANNA.birth_date))
    assert outcome(*items, by_birth) == ("review", "primary_ambiguous")
    assert outcome(*items, charge()) == READY


# --- references -----------------------------------------------------------------------------------
NOTE = around(rules(related_claim_field="NTE*ADD"))
F8 = around(rules(related_claim_field="REF*F8"))
SURGERY_DAY = date(2025, 12, 1)


def surgery(claim="S1", day=SURGERY_DAY, procedure="27447", modifiers=(), paid="3000", **more):
    claim_ = sent(claim, sent_line(procedure, "4000", day=day, modifiers=modifiers), **more)
    its = paid_line(procedure, paid, control="L1", day=day, modifiers=modifiers)
    return [
        claim_,
        answer(claim, its, number=f"P{claim}", trace="TS", on=date(2026, 1, 2),
               patient=replace(claim_.patient, birth_date=None), billing=claim_.billing_npi),
    ]  # fmt: skip


def n214(*items):
    return outcome(sent(), answer(lines=[line(remarks=("N214",))]), *items, surroundings=NOTE)[1]


@pytest.mark.parametrize("day", [date(2025, 10, 17), date(2026, 1, 14)])
def test_surgery_within_ninety_days(day: date) -> None:
    assert n214(*surgery(day=day)) == "reference_found"


@pytest.mark.parametrize("day", [date(2025, 10, 16), date(2026, 1, 15), date(2026, 1, 16)])
def test_surgery_outside_of_them(day: date) -> None:
    assert n214(*surgery(day=day)) == "related_claim_not_found"


@pytest.mark.parametrize("procedure", ["10004", "69990"])
def test_the_range_of_surgery(procedure: str) -> None:
    assert n214(*surgery(procedure=procedure)) == "reference_found"


@pytest.mark.parametrize("procedure", ["10003", "69991", "99213", "0054T", "01967"])
def test_what_is_no_surgery(procedure: str) -> None:
    assert n214(*surgery(procedure=procedure)) == "related_claim_not_found"


@pytest.mark.parametrize("modifier", ["55", "56", "80", "81", "82", "AS"])
def test_not_the_surgeons_own(modifier: str) -> None:
    assert n214(*surgery(modifiers=(modifier,))) == "related_claim_not_found"


def test_the_surgery_of_another_group_patient_or_payer_is_none() -> None:
    assert n214(*surgery(billing=OTHER_GROUP)) == "related_claim_not_found"
    assert n214(*surgery(patient=BEN)) == "related_claim_not_found"
    assert n214(surgery()[0]) == "related_claim_not_found"
    assert n214(surgery()[1]) == "related_claim_not_found"


def test_two_surgical_lines_of_one_claim_are_one_claim() -> None:
    two = sent("S1", sent_line("27447", "4000", 1, day=SURGERY_DAY),
               sent_line("27446", "4000", 2, day=SURGERY_DAY))  # fmt: skip
    paid = answer(
        "S1",
        paid_line("27447", control="L1", day=SURGERY_DAY),
        paid_line("27446", control="L2", day=SURGERY_DAY),
        number="PS", trace="TS", on=date(2026, 1, 2),
    )  # fmt: skip
    assert n214(two, paid) == "reference_found"


def m47(*items, around_=F8, remarks=("M47",)):
    return outcome(sent(), answer(lines=[line(remarks=remarks)]), *items, surroundings=around_)


def test_an_earlier_answer_without_a_number_is_none() -> None:
    assert m47(earlier("")) == ("review", "related_claim_not_found")


def test_a_predetermination_is_no_earlier_answer() -> None:
    assert m47(earlier(status="25")) == ("review", "related_claim_not_found")


def test_both_references_must_be_found() -> None:
    both_wanted = ("M47", "N214")
    assert m47(earlier(), *surgery(), around_=NOTE, remarks=both_wanted) == (
        "ready",
        "reference_found",
    )
    assert m47(earlier(), around_=NOTE, remarks=both_wanted)[1] == "related_claim_not_found"
    assert m47(earlier(), *surgery(), remarks=both_wanted)[1] == "reference_field_unknown"


def test_a_reference_from_an_835_alone_is_never_ready() -> None:
    one = answer(lines=[line(remarks=("M47",))])
    assert outcome(one, earlier(), surroundings=F8) == ("review", "related_claim_not_found")


READING = sent("C1", sent_line("72148", "200", modifiers=("26",)))
READ = answer("C1", line("72148", "CO 107 200", charge="200", modifiers=("26",)))


def facility(kind="institutional", modifiers=(), day=DAY, procedure="72148", paid="400"):
    its = line(procedure, "CO 45 500", charge="900", paid=paid, control="L1", day=day,
               modifiers=modifiers)  # fmt: skip
    return [
        sent("H1", sent_line(procedure, "900", modifiers=modifiers, day=day), kind=kind,
             billing=OTHER_GROUP, rendering=OTHER_SURGEON, facility="13"),
        answer("H1", its, number="PH", trace="TH", billing=OTHER_GROUP),
    ]  # fmt: skip


def reading(*items, around_=NOTE):
    return outcome(READING, READ, *items, surroundings=around_, procedure="72148")[1]


def test_the_facilitys_claim() -> None:
    assert reading(*facility()) == "facility_claim_found"
    assert reading(*facility("professional", ("TC",))) == "facility_claim_found"


@pytest.mark.parametrize(
    "items",
    [
        facility("professional"),
        facility("professional", ("26",)),
        facility("institutional", ("26",)),
        facility(day=date(2026, 1, 16)),
        facility(procedure="72147"),
        facility(paid="0"),
        facility()[:1],
    ],
)
def test_no_facilitys_claim(items: list) -> None:
    assert reading(*items) == "no_pair_rule"


def test_the_starter_table_does_not_tell_what_is_in_no_pair() -> None:
    starter = around(rules(related_claim_field="NTE*ADD"), kind="starter")
    assert reading(*facility(), around_=starter) == "no_pair_rule"


# --- chains ---------------------------------------------------------------------------------------
def chain(*procedures: str):
    lines = [sent_line(code, "500", at) for at, code in enumerate(procedures, start=1)]
    return sent("C1", *lines)


def chain_answer(**became: str):
    made = {"denied": ("CO 107 500", 0), "other": ("CO 50 500", 0), "paid": ("CO 45 100", 400)}
    lines = [
        line(code.lstrip("c"), made[what][0], charge="500", paid=made[what][1], control=f"L{at}")
        for at, (code, what) in enumerate(became.items(), start=1)
    ]
    return answer("C1", lines=lines)


def chained(*items, pairs=PAIRS):
    return outcome(*items, procedure="64495", surroundings=around(pairs=pairs))


def test_a_paid_link_on_nothing_known_is_neither_appealed_nor_mended() -> None:
    items = [chain("64495", "64494"), chain_answer(c64495="denied", c64494="paid")]
    assert chained(*items, charge("64493")) == NOT_DOCUMENTED


def test_an_unanswered_link_is_not_mended_below() -> None:
    items = [chain("64495", "64494"), chain_answer(c64495="denied")]
    assert chained(*items, charge("64493")) == ("waiting", "primary_pending")


def test_a_link_denied_for_107_waits_where_its_base_is_paid() -> None:
    items = [
        chain("64495", "64494", "64493"),
        chain_answer(c64495="denied", c64494="denied", c64493="paid"),
    ]
    assert chained(*items) == ("waiting", "primary_denied")


def test_the_lowest_link_decides() -> None:
    items = [
        chain("64495", "64494", "64493"),
        chain_answer(c64495="denied", c64494="denied"),
    ]
    assert chained(*items) == ("waiting", "primary_pending")


def test_a_denied_base_decides_though_the_middle_is_missing() -> None:
    items = [chain("64495", "64493"), chain_answer(c64495="denied", c64493="other")]
    assert chained(*items, charge("64494")) == ("waiting", "primary_denied")


def test_a_missing_middle_on_a_paid_base_is_mended() -> None:
    items = [chain("64495", "64493"), chain_answer(c64495="denied", c64493="paid")]
    assert chained(*items, charge("64494")) == READY
    assert chained(*items) == NOT_DOCUMENTED


def test_every_missing_link_needs_its_charge() -> None:
    items = [chain("64495"), chain_answer(c64495="denied")]
    assert chained(*items, charge("64494")) == NOT_DOCUMENTED
    assert chained(*items, charge("64493")) == NOT_DOCUMENTED
    assert chained(*items, charge("64494"), charge("64493")) == READY


def test_any_listed_primary_will_do() -> None:
    pairs = (*PAIRS, Pair("64495", "64493", 1))
    items = [chain("64495", "64493"), chain_answer(c64495="denied", c64493="paid")]
    assert chained(*items, pairs=pairs) == ("appeal", "primary_paid_same_claim")


def test_a_table_that_runs_in_a_circle_ends() -> None:
    pairs = (Pair("64495", "64494", 1), Pair("64494", "64495", 1))
    items = [chain("64495", "64494"), chain_answer(c64495="denied", c64494="denied")]
    assert chained(*items, pairs=pairs)[0] in ("waiting", "review")
    assert chained(chain("64495"), chain_answer(c64495="denied"), charge("64494"), pairs=pairs)


def test_a_table_in_which_all_list_each_other_comes_to_an_end() -> None:
    codes = [f"{10000 + place}" for place in range(24)]
    table = [Pair(one, two, 1) for one in codes for two in codes if one != two]
    lines = [sent_line(code, "1150", place) for place, code in enumerate(codes, start=1)]
    denied = [line(code, control=f"L{place}") for place, code in enumerate(codes, start=1)]
    found = decided(sent("C1", *lines), answer("C1", *denied), surroundings=around(pairs=table))
    assert {one.decision.reason for one in found} == {"primary_denied"}
    one = decided(sent("C1", lines[0]), answer("C1", denied[0]), surroundings=around(pairs=table))
    assert [each.decision.reason for each in one] == ["primary_not_documented"]


def test_answers_nothing_tells_apart_are_taken_in_one_order() -> None:
    one, two = answer(), answer("C1", line("22614", "CO 50 1150"))
    assert decided(sent(), one, two) == decided(sent(), two, one)
