"""Rows 0a to 5g: everything that decides a line before its cause is looked for."""

from __future__ import annotations

from datetime import date

from server.co107 import codes, telling
from server.co107.answers import denied_amount, paid_or_allowed
from server.co107.case import Case, Row, Verdict
from server.co107.history import Sending
from server.co107.portal_view import last_look


def row_0a(case: Case) -> Verdict:
    """107 on the claim itself (`CLP`'s own `CAS`), and the line unpaid."""
    latest = case.latest
    if latest is None:
        return Verdict("no answer with a remittance date is known")
    if denied_amount(latest.claim.adjustments) <= 0:
        return Verdict("no 107 stands on the claim itself")
    if latest.line is not None and paid_or_allowed(latest.line):
        return Verdict("107 stands on the claim itself, but this line is paid or allowed")
    amount = telling.money(denied_amount(latest.claim.adjustments))
    saw = f"107 of {amount} stands on the claim itself"
    return Verdict(saw, "review", "claim_level_denial")


def row_0b(case: Case) -> Verdict:
    """The answer must be about one submitted line, where the 837 is at hand."""
    match = case.line.slot.match
    if match == "none":
        saw = "the answer matches none of the claim's submitted lines"
        return Verdict(saw, "review", "ambiguous_line")
    if match == "several":
        saw = "the answer matches several of the claim's submitted lines"
        return Verdict(saw, "review", "ambiguous_line")
    if match == "one":
        return Verdict("the answer matches one submitted line")
    return Verdict("the claim's 837 is not loaded, so there is nothing to match with")


def row_1(case: Case) -> Verdict:
    """The latest answer is not final."""
    shown = case.portal
    if shown.contradicts and shown.look is not None:
        return Verdict(
            f"the portal, newer than the latest remittance, shows {shown.contradicts}",
            "waiting",
            "not_final",
            (telling.look(shown.look),),
        )
    latest = case.latest
    if latest is None:
        return Verdict("no answer with a remittance date is known", "waiting", "not_final")
    if latest.kind == "predetermination":
        return Verdict("only a predetermination is known", "waiting", "not_final")
    if latest.kind == "open":
        saw = f"the latest answer is not final (status {latest.claim.status or 'unknown'})"
        return Verdict(saw, "waiting", "not_final")
    if codes.UNDER_REVIEW in case.remarks:
        return Verdict("RARC N779 stands on the latest answer", "waiting", "not_final")
    return Verdict(f"the latest answer is of {telling.on(latest.produced)} and is final")


def row_2a(case: Case) -> Verdict:
    latest = case.latest
    if latest is None or latest.kind != "reversal":
        return Verdict("the latest answer is no reversal")
    voids = case.claim.voids
    if voids:
        saw = "the latest answer takes back a claim we voided"
        return Verdict(saw, "closed", "voided", (telling.sending(voids[-1]),))
    return Verdict("the latest answer is a reversal; nothing newer came", "waiting", "reversed")


def row_2b(case: Case) -> Verdict:
    latest = case.latest
    if latest is None or not latest.pays:
        return Verdict("the latest answer neither pays nor allows the line")
    if latest.amount_107 > 0:
        return Verdict("the latest answer pays or allows a part, but a 107 remains")
    return Verdict("the latest answer pays or allows the line", "resolved", "paid")


def row_2c(case: Case) -> Verdict:
    latest = case.latest
    if latest is not None and latest.amount_107 <= 0:
        return Verdict("the latest answer holds no 107 any more", "closed", "no_longer_107")
    return Verdict(f"the latest answer holds 107 of {telling.money(case.line.amount_107)}")


def row_2d(case: Case) -> Verdict:
    """Something was sent that the payer has yet to answer."""
    pending = [one for one in case.line.sendings if _not_older(one, case.anchors.remittance)]
    if not pending:
        return Verdict("nothing sent is waiting for an answer")
    last = pending[-1]
    state, word = ("appealed", "appeal") if last.kind == "appeal" else ("resubmitted", "claim")
    saw = f"an answer to the {word} sent on {telling.on(last.sent_on)} has not come"
    grounds = (telling.sending(last),)
    if state == "appealed":
        return Verdict(saw, "appealed", "answer_pending", grounds)
    return Verdict(saw, "resubmitted", "answer_pending", grounds)


def _not_older(sent: Sending, answered: date | None) -> bool:
    return answered is None or sent.sent_on >= answered


def row_2e(case: Case) -> Verdict:
    """Denied for 107, sent again, denied for 107 again; reversed answers count."""
    days = [one.produced for one in case.line.denials if one.produced is not None]
    for sent in case.line.sendings:
        if days and days[0] <= sent.sent_on < days[-1]:
            saw = f"what was sent on {telling.on(sent.sent_on)} was denied with 107 again"
            return Verdict(saw, "review", "denied_again", (telling.sending(sent),))
    return Verdict("nothing sent lies between two denials")


def row_2f(case: Case) -> Verdict:
    pending = [one for one in case.claim.voids if _not_older(one, case.anchors.remittance)]
    if not pending:
        return Verdict("no void is waiting for an answer")
    saw = f"an answer to the void sent on {telling.on(pending[-1].sent_on)} has not come"
    return Verdict(saw, "waiting", "void_pending", (telling.sending(pending[-1]),))


def row_2g(case: Case) -> Verdict:
    found = sorted(case.remarks & codes.ALREADY_ADJUSTED)
    if found:
        return Verdict(f"RARC {found[0]}: adjusted already", "waiting", "already_adjusted")
    return Verdict("no RARC N770, N880 or MA67")


def row_3a(case: Case) -> Verdict:
    latest = case.latest
    groups = {
        one.group
        for one in (latest.adjustments if latest else ())
        if codes.carc(one.carc) == codes.THE_CARC and one.amount > 0
    }
    if "PR" in groups:
        return Verdict("a 107 bears group PR", "review", "patient_responsibility")
    return Verdict(f"the 107 bears group {', '.join(sorted(groups)) or 'none'}")


def row_3b(case: Case) -> Verdict:
    status = case.latest.claim.status if case.latest else ""
    if status in codes.LATER_PAYER_STATUSES:
        saw = f"the payer answered as a later payer (status {status})"
        return Verdict(saw, "review", "secondary_payer")
    return Verdict(f"the payer did not answer as a later payer (status {status or 'unknown'})")


def row_4(case: Case) -> Verdict:
    others = case.latest.other_denials if case.latest else ()
    if others:
        return Verdict(f"the line also bears {', '.join(others)}", "review", "other_denial")
    return Verdict("the line bears no other denial")


def _remark_row(wanted: frozenset[str], reason: str) -> Row:
    """A row that holds a line back for one of these remark codes."""
    names = ", ".join(sorted(wanted))

    def row(case: Case) -> Verdict:
        found = sorted(case.remarks & wanted)
        if found:
            return Verdict(f"RARC {found[0]} stands on the line", "review", reason)
        return Verdict(f"no RARC {names}")

    return row


def row_5f(case: Case) -> Verdict:
    if codes.TOO_MANY_UNITS in case.remarks:
        return Verdict("RARC N362 stands on the line", "review", "units")
    if codes.INTERVAL in case.remarks:
        return Verdict("RARC N357 stands on the line", "review", "interval")
    return Verdict("no RARC N362, N357")


def row_unknown_remark(case: Case) -> Verdict:
    """A remark code nobody lists may say anything: it holds the line back."""
    strange = sorted(case.remarks - case.surroundings.known_remarks)
    if strange:
        count = len(strange)
        saw = f"{count} remark code{'s' if count > 1 else ''} in no list of remark codes"
        return Verdict(saw, "review", "unknown_remark")
    return Verdict("every remark code is in the list")


def row_5g(case: Case) -> Verdict:
    """Where a sweep covers the payer, a line needs a fresh look at its claim."""
    payer_ids = tuple(word for one in case.claim.answers for word in one.payer.ids)
    if not case.surroundings.sweeps(case.claim.payer, payer_ids):
        return Verdict("no sweep covers this payer")
    look = last_look(case.line)
    if look is None:
        saw = "a sweep covers this payer, and never looked at the claim"
        return Verdict(saw, "waiting", "unconfirmed")
    if look.outcome in ("failed", "not_found"):
        saw = f"the last look at the claim: {look.outcome}"
        return Verdict(saw, "waiting", "unconfirmed", (telling.look(look),))
    age = (case.today - look.looked_at.date()).days
    if age > case.surroundings.evidence_days:
        saw = f"the last look at the claim is {age} days old"
        return Verdict(saw, "waiting", "unconfirmed", (telling.look(look),))
    return Verdict(f"a look {max(age, 0)} days old confirms the claim")


ROWS: tuple[tuple[str, Row], ...] = (
    ("0a", row_0a),
    ("0b", row_0b),
    ("1", row_1),
    ("2a", row_2a),
    ("2b", row_2b),
    ("2c", row_2c),
    ("2d", row_2d),
    ("2e", row_2e),
    ("2f", row_2f),
    ("2g", row_2g),
    ("3a", row_3a),
    ("3b", row_3b),
    ("4", row_4),
    ("5a", _remark_row(frozenset((codes.CROSSOVER_DUPLICATE,)), "crossover_duplicate")),
    ("5b", _remark_row(frozenset((codes.IN_AUDIT,)), "in_audit")),
    ("5c", _remark_row(codes.BUNDLED, "bundled")),
    ("5d", _remark_row(frozenset((codes.PRIOR_PAYER_EOB,)), "prior_payer_eob")),
    ("5e", _remark_row(codes.CODE_OR_MODIFIER, "code_or_modifier")),
    ("5f", row_5f),
    ("5f+", row_unknown_remark),
    ("5g", row_5g),
)
