"""The decision: a denied line and all that bears on it in, a `Decision` out. Pure.

The rows are tried in the order of the table (see README.md beside this file); the first that
matches decides. What is unknown never becomes `ready`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from server.co107 import cause, rows, telling
from server.co107.answers import Answer, answer_kind
from server.co107.case import Case, Verdict
from server.co107.chart import Chart
from server.co107.codes import THE_CARC, carc
from server.co107.decision import Decided, Decision, Evidence, LineKey, Route, State, Step
from server.co107.history import ClaimHistory, LineHistory
from server.co107.matching import Slot
from server.co107.payers import Way
from server.co107.portal_view import undated_107
from server.co107.route import choose_route, deadline_of, earliest_known
from server.co107.surroundings import Surroundings
from server.facts import Facts

WITHOUT_DEADLINE: frozenset[State] = frozenset(("resubmitted", "appealed", "resolved", "closed"))
ROWS = (*rows.ROWS, *cause.ROWS)
NOTHING_AT_STAKE: frozenset[State] = frozenset(("resolved", "closed"))


def decide_all(facts: Facts, surroundings: Surroundings) -> list[Decided]:
    """Every line a 107 ever stood on, decided, in a stable order.

    `facts` may be those of one patient or of many: what belongs together is found here.
    """
    chart = Chart(facts, surroundings)
    decided = [_decided(Case(line, chart)) for line in denied_lines(chart)]
    decided.sort(key=lambda one: _key_order(one.key))
    return _numbered(decided)


def denied_lines(chart: Chart) -> Iterator[LineHistory]:
    """The lines that are in the table."""
    for history in chart.histories:
        if not history.has_107:
            continue
        yield from (line for line in history.lines if line.in_table)
        yield from _seen_on_portal(history)


def _seen_on_portal(history: ClaimHistory) -> Iterator[LineHistory]:
    """Lines a portal shows with a 107 but no remittance date, and no answer is known of."""
    if not history.looks:
        return
    known = {line.procedure for line in history.lines if line.slot.answers}
    for shown in undated_107(history.looks[-1].answers):
        if shown.submitted_procedure in known:
            continue
        sent = [one for one in history.lines if one.procedure == shown.submitted_procedure]
        if len(sent) == 1:
            yield sent[0]
        elif not sent:
            modifiers = frozenset(shown.submitted_modifiers)
            slot = Slot(
                shown.submitted_procedure,
                modifiers,
                shown.first_day,
                shown.last_day or shown.first_day,
                shown.charge,
                shown.units,
                shown.line_control,
                "not_loaded",
            )
            yield LineHistory(history, slot)


def decide(case: Case) -> Decision:
    """Try the rows one by one; the first that matches decides."""
    steps: list[Step] = []
    for row, test in ROWS:
        verdict = test(case)
        steps.append(Step(row, verdict.matched, verdict.saw))
        if verdict.state is not None:
            return _finish(case, verdict, verdict.state, steps)
    raise AssertionError("row 6m always matches")


def _finish(case: Case, verdict: Verdict, state: State, steps: list[Step]) -> Decision:
    """Steps 7 and 8, for what is about to be `ready` or `appeal`; the rest as it stands."""
    if state == "ready":
        choice = choose_route(case, verdict.reason)
        steps.append(Step("7", choice.route is None, choice.saw))
        verdict = verdict._replace(evidence=(*verdict.evidence, *choice.evidence))
        if choice.route is None:
            return _held(case, verdict, "route_unknown", steps)
        return _in_time(case, verdict, state, choice.route, choice.route, steps)
    if state == "appeal":
        return _in_time(case, verdict, state, "appeal", None, steps)
    return _decision(case, verdict, state, steps)


def _in_time(
    case: Case,
    verdict: Verdict,
    state: State,
    way: Way,
    route: Route | None,
    steps: list[Step],
) -> Decision:
    """Rows 8a and 8b. The last day itself is still in time."""
    found, told = deadline_of(case, way)
    day = found.service_day if found else None
    steps.append(Step("8a", day is None, told))
    if found is None or day is None:
        return _held(case, verdict, "deadline_unknown", steps)
    passed = day < case.today
    steps.append(Step("8b", passed, f"{(day - case.today).days} days are left"))
    if passed:
        return _held(case, verdict, "deadline_passed", steps)
    return Decision(
        state=state,
        reason=verdict.reason,
        route=route,
        deadline=day,
        amount=case.line.amount_107,
        evidence=(*_opening(case), *verdict.evidence, found),
        as_of=case.today,
        steps=tuple(steps),
    )


def _held(case: Case, verdict: Verdict, reason: str, steps: list[Step]) -> Decision:
    return _decision(case, verdict._replace(reason=reason), "review", steps)


def _decision(case: Case, verdict: Verdict, state: State, steps: list[Step]) -> Decision:
    last = None if state in WITHOUT_DEADLINE else earliest_known(case)
    evidence = (*_opening(case), *verdict.evidence)
    return Decision(
        state=state,
        reason=verdict.reason,
        route=None,
        deadline=last.service_day if last else None,
        amount=Decimal(0) if state in NOTHING_AT_STAKE else case.line.amount_107,
        evidence=(*evidence, last) if last else evidence,
        as_of=case.today,
        steps=tuple(steps),
    )


def _opening(case: Case) -> tuple[Evidence, ...]:
    """The denial and the line as it was sent: every decision rests on them."""
    opening: list[Evidence] = []
    if case.latest is not None:
        opening.append(telling.denial(case.line, case.latest))
    if (sent := telling.submitted(case.line)) is not None:
        opening.append(sent)
    return tuple(opening)


def line_key(line: LineHistory) -> LineKey:
    """The line's key; `occurrence` is set once all lines are known."""
    payer = line.claim.payer
    called = payer.key.removeprefix("id ").removeprefix("name ")
    return LineKey(
        payer=payer.rules.id if payer.rules else called,
        claim=line.claim.number,
        procedure=line.procedure,
        modifiers=tuple(sorted(line.modifiers)),
        first_day=line.first_day,
        line_control=line.slot.line_control,
    )


def _decided(case: Case) -> Decided:
    line = case.line
    latest: Answer | None = case.latest
    finals = [one for one in line.answers if answer_kind(one.claim) == "final"]
    told = latest or (line.answers[-1] if line.answers else None)
    groups = {one.group for one in (told.adjustments if told else ()) if carc(one.carc) == THE_CARC}
    sent = line.sendings
    return Decided(
        key=line_key(line),
        decision=decide(case),
        charge=line.slot.charge,
        units=line.slot.units,
        paid=latest.line.paid if latest is not None and latest.line is not None else Decimal(0),
        groups=tuple(sorted(groups)),
        remarks=tuple(sorted(case.remarks)),
        payer_claim_control_number=(finals[-1].claim.payer_claim_control_number if finals else ""),
        denied_on=case.anchors.first_remittance,
        answered_on=latest.produced if latest is not None else None,
        sent_on=sent[-1].sent_on if sent else None,
        missing=tuple(sorted(case.search.primaries(line.procedure))),
        rules_id=case.rules.id if case.rules else "",
        last_day=line.last_day,
    )


def _key_order(key: LineKey) -> tuple[object, ...]:
    day = key.first_day.isoformat() if key.first_day else ""
    return key.claim, key.procedure, key.line_control, day, key.modifiers, key.payer


def _numbered(decided: list[Decided]) -> list[Decided]:
    """Lines alike in everything are told apart by a number."""
    seen: dict[LineKey, int] = {}
    found = []
    for one in decided:
        count = seen[one.key] = seen.get(one.key, 0) + 1
        found.append(replace(one, key=replace(one.key, occurrence=count)) if count > 1 else one)
    return found
