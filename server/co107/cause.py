"""Step 6, the cause: rows 6a to 6m in the order printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.co107 import codes, telling
from server.co107.case import Case, Row, Verdict
from server.co107.chain import End
from server.co107.decision import Evidence
from server.co107.fit import Found
from server.facts import ClaimAdjudication

NTE = "NTE*ADD"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a missing claim reference could be."""

    wanted: str
    """The RARC that asks, and what for."""
    numbers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    needs_note: bool
    """Only `NTE*ADD` can name it: `REF*F8` names the claim that is replaced."""


def references(case: Case) -> list[Reference]:
    """The claim references the remark codes ask for, with everything that fits."""
    found = []
    for remark in sorted(case.remarks & codes.CONTROL_NUMBER_MISSING):
        found.append(_earlier_answers(case, remark))
    if codes.SURGERY_MISSING in case.remarks:
        found.append(_earlier_surgery(case))
    return found


def earlier_answers(case: Case) -> list[ClaimAdjudication]:
    """Final answers to the same claim number that stand, older than the latest one."""
    latest = case.latest
    if latest is None:
        return []
    standing = case.claim.standing_answers
    mine = [place for place, one in enumerate(standing) if one is latest.claim]
    before = standing[: mine[0]] if mine else standing
    return [one for one in before if one.payer_claim_control_number]


def _earlier_answers(case: Case, remark: str) -> Reference:
    before = earlier_answers(case)
    evidence = tuple(
        Evidence(
            role="reference",
            text=f"an earlier answer of {telling.on(one.produced)} to the same claim number",
            claim=one.claim,
            source=one.source,
        )
        for one in before
    )
    numbers = tuple(one.payer_claim_control_number for one in before)
    if case.claim.kind == "unknown":
        numbers, evidence = (), ()
    return Reference(f"{remark}: the earlier claim's number", numbers, evidence, False)


def _earlier_surgery(case: Case) -> Reference:
    surgeries = case.search.surgeries()
    if len(surgeries) == 1 and not surgeries[0].certain:
        surgeries = []
    return Reference(
        "N214: the related surgery",
        tuple(one.claim for one in surgeries),
        tuple(telling.service(one) for one in surgeries),
        True,
    )


def row_6a(case: Case) -> Verdict:
    wanted = references(case)
    if not wanted:
        return Verdict("no remark code asks for a claim reference (M47, N152, N214)")
    field = case.rules.related_claim_field if case.rules else None
    found = [
        one
        for one in wanted
        if len(one.numbers) == 1 and (field == NTE if one.needs_note else field is not None)
    ]
    if len(found) < len(wanted):
        return Verdict("a claim reference is asked for, and not all is at hand to give it")
    saw = f"{found[0].wanted}; exactly one fits, and the payer takes it in {field}"
    grounds = tuple(evidence for one in found for evidence in one.evidence)
    return Verdict(saw, "ready", "reference_found", grounds)


def row_6b(case: Case) -> Verdict:
    wanted = references(case)
    for one in wanted:
        if not one.numbers:
            return Verdict(f"{one.wanted}: none fits", "review", "related_claim_not_found")
    for one in wanted:
        if len(one.numbers) > 1:
            saw = f"{one.wanted}: {len(one.numbers)} fit"
            return Verdict(saw, "review", "related_claim_ambiguous", one.evidence)
    if wanted:
        need = f"{NTE} is needed" if wanted[-1].needs_note else "its field is needed"
        field = (case.rules.related_claim_field if case.rules else None) or "not known"
        saw = f"one fits; {need}, the payer's field is {field}"
        return Verdict(saw, "review", "reference_field_unknown", wanted[-1].evidence)
    return Verdict("no claim reference is asked for")


def row_6c(case: Case) -> Verdict:
    """A reading (26) whose procedure is in no pair: the facility's claim for it."""
    search = case.search
    if search.pairs(case.line.procedure):
        return Verdict("the procedure is in a pair")
    if codes.PROFESSIONAL_COMPONENT not in case.line.modifiers:
        return Verdict("the line bears no modifier 26")
    if case.surroundings.pairs.kind == "starter":
        return Verdict("only the starter table is loaded: the procedure may be in a pair")
    facilities = search.facility_claims()
    if len(facilities) > 1:
        saw = f"{len(facilities)} facility claims for the procedure and day"
        grounds = tuple(telling.service(one) for one in facilities)
        return Verdict(saw, "review", "related_claim_ambiguous", grounds)
    if not facilities or not facilities[0].certain:
        return Verdict("no facility claim for the procedure and day is known, paid or allowed")
    field = case.rules.related_claim_field if case.rules else None
    grounds = (telling.service(facilities[0]),)
    if field != NTE:
        saw = f"one facility claim; {NTE} is needed, the payer's field is {field or 'not known'}"
        return Verdict(saw, "review", "reference_field_unknown", grounds)
    saw = f"one facility claim for the procedure and day; the payer takes it in {field}"
    return Verdict(saw, "ready", "facility_claim_found", grounds)


def row_6d(case: Case) -> Verdict:
    search, table = case.search, case.surroundings.pairs
    day = telling.on(case.line.first_day)
    if not search.pairs(case.line.procedure):
        saw = f"{case.line.procedure or 'the claim'} is in no pair on {day} (table {_name(case)})"
        return Verdict(saw, "review", "no_pair_rule")
    warning = table.age_warning(case.today)
    return Verdict(
        f"{case.line.procedure} is an add-on of type {search.pair_type} on {day}; listed "
        f"primaries: {telling.listing(search.primaries(case.line.procedure))} "
        f"(table {_name(case)})" + (f"; {warning}" if warning else "")
    )


def _name(case: Case) -> str:
    table = case.surroundings.pairs
    return table.version or table.kind


def row_6e(case: Case) -> Verdict:
    paid = [one for one in _paid(case) if one.found and one.found.same_claim]
    if not paid:
        return Verdict("no listed primary is paid or allowed on the same claim")
    saw = f"{_seen(paid)} is paid or allowed on the same claim"
    if codes.UNPROCESSABLE in case.remarks:
        return _review(case, f"{saw}; RARC MA130", "unprocessable", paid)
    if codes.NO_APPEAL_RIGHT in case.remarks:
        return _review(case, f"{saw}; RARC N211", "no_appeal_right", paid)
    return _appeal(case, saw, "primary_paid_same_claim", paid)


def row_6g(case: Case) -> Verdict:
    paid = [one for one in _paid(case) if one.found and not one.found.same_claim]
    if not paid:
        return Verdict("no listed primary is paid or allowed on another claim")
    saw = f"{_seen(paid)} is paid or allowed on another claim"
    if codes.UNPROCESSABLE in case.remarks:
        return _review(case, f"{saw}; RARC MA130", "unprocessable", paid)
    if case.rules is not None and case.rules.uses_history is False:
        saw = f"{saw}; the payer wants both on one claim"
        return _review(case, saw, "combine_claims", paid)
    if codes.NO_APPEAL_RIGHT in case.remarks:
        return _review(case, f"{saw}; RARC N211", "no_appeal_right", paid)
    return _appeal(case, saw, "primary_paid_other_claim", paid)


def _paid(case: Case) -> list[End]:
    return [one for one in case.way_down if one.kind == "paid"]


def _seen(found: Sequence[End]) -> str:
    return telling.listing(
        dict.fromkeys(
            telling.coded(one.found.procedure, one.found.service.modifiers)
            for one in found
            if one.found
        )
    )


def _grounds(case: Case, found: Iterable[Found]) -> tuple[Evidence, ...]:
    table, search = case.surroundings.pairs, case.search
    grounds: list[Evidence] = []
    for one in found:
        grounds.append(telling.service(one))
        kind = search.pair_type
        grounds.append(telling.pair(table, case.line.procedure, one.procedure, kind, case.today))
    return tuple(grounds)


def _review(case: Case, saw: str, reason: str, found: Sequence[End]) -> Verdict:
    return Verdict(saw, "review", reason, _grounds(case, _links(found)))


def _appeal(case: Case, saw: str, reason: str, found: Sequence[End]) -> Verdict:
    certain = [one for one in found if one.certain]
    if not certain:
        return Verdict(
            f"{saw}, but whether both claims are professional (or institutional) is not known: "
            "load the 837"
        )
    return Verdict(saw, "appeal", reason, _grounds(case, _links(certain)))


def _links(found: Sequence[End]) -> list[Found]:
    return list({id(one.found): one.found for one in found if one.found is not None}.values())


def row_6f(case: Case) -> Verdict:
    return _held(case, same_claim=True, where="the same claim")


def row_6h(case: Case) -> Verdict:
    return _held(case, same_claim=False, where="another claim")


def _held(case: Case, *, same_claim: bool, where: str) -> Verdict:
    found = [
        one
        for one in case.way_down
        if one.found is not None
        and one.found.same_claim is same_claim
        and one.kind in ("denied", "pending")
    ]
    denied = [one for one in found if one.kind == "denied"]
    if denied:
        saw = f"{_seen(denied)} on {where} is denied or reversed"
        return Verdict(saw, "waiting", "primary_denied", _grounds(case, _links(denied)))
    if found:
        saw = f"{_seen(found)} on {where} is pending or unanswered"
        return Verdict(saw, "waiting", "primary_pending", _grounds(case, _links(found)))
    return Verdict(f"no listed primary on {where} is denied, pending or unanswered")


def row_6i(case: Case) -> Verdict:
    near = [
        one
        for code in _missing_primaries(case)
        for one in (*case.search.billed.get(code, ()), *case.search.unbilled.get(code, ()))
        if len(one.off) == 1
    ]
    if not near:
        return Verdict("no listed primary stands near with one thing off")
    saw = "; ".join(
        f"{telling.coded(one.procedure, one.service.modifiers)}: {telling.off_words(one)}"
        for one in near
    )
    return Verdict(saw, "review", "mismatch", tuple(telling.service(one) for one in near))


def _missing_primaries(case: Case) -> list[str]:
    links = case.mends.links
    return list(dict.fromkeys(code for add_on in links for code in case.search.primaries(add_on)))


def _may_be_billed(case: Case) -> str:
    """ "" where rows 6j and 6k may match, else what bars them."""
    if case.search.pair_type == 2:
        return "type 2: the payer decides what qualifies"
    down = case.way_down
    if any(one.kind != "missing" for one in down):
        return "a claim bears a listed primary"
    codes_missing = _missing_primaries(case)
    if any(one for code in codes_missing for one in case.search.billed.get(code, ())):
        return "a listed primary is billed near the day of service, with more than one thing off"
    if not case.mends.any_charge:
        return "no charge of a listed primary fits"
    return ""


def row_6k(case: Case) -> Verdict:
    if barred := _may_be_billed(case):
        return Verdict(barred)
    mends = case.mends
    charges = tuple(telling.charge(one) for one in (*mends.charges, *mends.said_billed))
    if not case.claim.loaded:
        saw = "a charge of a listed primary is there, but the claim's 837 is not loaded"
        return Verdict(saw, "review", "claim_not_loaded", charges)
    if mends.said_billed:
        saw = "a charge of a listed primary names a claim that lacks the line"
        return Verdict(saw, "review", "charge_says_billed", charges)
    if mends.several:
        saw = "several charges fit one link, or a charge may be another person's"
        return Verdict(saw, "review", "primary_ambiguous", charges)
    return Verdict("the 837 is loaded, and no charge stands in doubt")


def row_6j(case: Case) -> Verdict:
    if barred := _may_be_billed(case):
        return Verdict(barred)
    mends = case.mends
    if not mends.whole or not mends.charges or mends.said_billed or not case.claim.loaded:
        return Verdict("no charge fits for some missing link")
    table, search = case.surroundings.pairs, case.search
    grounds = [telling.charge(one) for one in mends.charges]
    grounds += [
        telling.pair(table, add_on, one.procedure, search.pair_type, case.today)
        for add_on, one in zip(mends.links, mends.charges, strict=False)
    ]
    names = telling.listing(
        telling.coded(one.procedure, one.service.modifiers) for one in mends.charges
    )
    saw = f"no claim bears a listed primary; an unbilled, signed-off charge holds {names}"
    return Verdict(saw, "ready", "primary_not_billed", tuple(grounds))


def row_6l(case: Case) -> Verdict:
    kind = case.search.pair_type
    if kind == 2:
        return Verdict("type 2: the payer decides", "review", "payer_defined_primary")
    if kind == 3 and not _listed_anywhere(case):
        saw = "type 3, and no listed primary is found, on a claim or as a charge"
        return Verdict(saw, "review", "payer_defined_primary")
    return Verdict(f"type {kind}")


def _listed_anywhere(case: Case) -> bool:
    search = case.search
    return any(
        search.billed.get(code) or search.unbilled.get(code) or search.said_billed.get(code)
        for code in search.primaries(case.line.procedure)
    )


def row_6m(case: Case) -> Verdict:
    del case
    return Verdict("nothing more is known", "review", "primary_not_documented")


ROWS: tuple[tuple[str, Row], ...] = (
    ("6a", row_6a),
    ("6b", row_6b),
    ("6c", row_6c),
    ("6d", row_6d),
    ("6e", row_6e),
    ("6g", row_6g),
    ("6f", row_6f),
    ("6h", row_6h),
    ("6i", row_6i),
    ("6k", row_6k),
    ("6j", row_6j),
    ("6l", row_6l),
    ("6m", row_6m),
)
