"""Steps 7 and 8: the way back to the payer, and its last day."""

from __future__ import annotations

from datetime import date

from server.co107 import codes
from server.co107.case import Case, RouteChoice
from server.co107.deadline import earliest, last_day
from server.co107.decision import Evidence, Route
from server.co107.payers import PayerRules, Way


def wanted_by_remarks(remarks: frozenset[str]) -> tuple[set[Route], list[str]]:
    """The routes remark codes ask for, and the codes that ask."""
    routes: set[Route] = set()
    asking = sorted(
        remarks & (codes.NEW_CLAIM_WANTED | {codes.VOID_AND_NEW_WANTED, codes.REPLACEMENT_WANTED})
    )
    for code in asking:
        if code in codes.NEW_CLAIM_WANTED:
            routes.add("new_claim")
        elif code == codes.VOID_AND_NEW_WANTED:
            routes.add("void_and_new")
        else:
            routes.add("replacement_claim")
    return routes, asking


def number_to_replace(case: Case) -> str:
    """The payer claim control number (`CLP07`) of the latest final answer that bears one."""
    numbers = (one.claim.payer_claim_control_number for one in reversed(case.line.standing))
    return next((one for one in numbers if one), "")


def choose_route(case: Case, reason: str) -> RouteChoice:
    """The route of a line about to be `ready` for that reason."""
    choice = _wanted_route(case, reason)
    needs_number = choice.route in ("replacement_claim", "void_and_new")
    if needs_number and _remitted(case) and not number_to_replace(case):
        return RouteChoice(None, f"{choice.saw}, but the payer's number of the claim is not known")
    return choice


def _remitted(case: Case) -> bool:
    """Whether the latest answer is a remittance, which always bears the payer's number. A portal
    may leave it out: the packet's cover sheet then says that it is missing."""
    source = case.latest.claim.source if case.latest is not None else None
    return source is None or source.kind == "remittance"


def _wanted_route(case: Case, reason: str) -> RouteChoice:
    if split := _split(case):
        return RouteChoice(None, split)
    routes, asking = wanted_by_remarks(case.remarks)
    if len(routes) > 1:
        return RouteChoice(None, f"RARC {', '.join(asking)} contradict each other")
    if routes:
        route = routes.pop()
        if route == "replacement_claim" and not (case.rules and case.rules.replacement_claims):
            saw = "RARC N380 asks for a replacement, which the payer is not known to take"
            return RouteChoice(None, saw)
        return _chosen(route, f"RARC {', '.join(asking)}")
    return _by_payer(case.rules, reason)


def _by_payer(rules: PayerRules | None, reason: str) -> RouteChoice:
    if rules is None:
        return RouteChoice(None, "no rules are known for this payer")
    if rules.replacement_claims is None:
        return RouteChoice(None, "whether the payer takes replacement claims is not known")
    if rules.replacement_claims:
        return _chosen("replacement_claim", "the payer takes replacement claims", rules)
    if not rules.reopening:
        return RouteChoice(None, "the payer takes no replacement claims; no other way is known")
    if reason == "primary_not_billed" and not rules.reopening_adds_lines:
        return RouteChoice(None, "the payer is not known to add lines in a reopening")
    return _chosen("reopening", "the payer reopens claims", rules)


def _chosen(route: Route, saw: str, rules: PayerRules | None = None) -> RouteChoice:
    text = f"{route.replace('_', ' ')}: {saw}"
    if rules is not None:
        key = "replacement_claims" if route == "replacement_claim" else "reopening"
        text += _noted(rules, key)
    return RouteChoice(route, saw, (Evidence(role="route", text=text),))


def _noted(rules: PayerRules, key: str) -> str:
    note = rules.notes.get(key)
    if note is None:
        return f" (rules {rules.id})"
    checked = f", checked {note.checked}" if note.checked else ""
    return f" (rules {rules.id}: {note.source}{checked})"


def _split(case: Case) -> str:
    """ "" or what says that the payer parted the claim: its number names only a part then."""
    latest = case.latest
    if latest is None:
        return ""
    remarks = {
        *latest.claim.remarks,
        *(one for line in latest.claim.lines for one in line.remarks),
    }
    if codes.CLAIM_SPLIT in remarks:
        return "RARC MA15: the payer parted the claim"
    if latest.claim.claim == case.claim.number and _under_one_number(case, latest.produced):
        return ""
    numbers = {
        line.latest.claim.payer_claim_control_number
        for line in case.claim.lines
        if line.latest is not None
        and line.latest.kind == "final"
        and line.latest.produced == latest.produced
        and line.latest.claim.claim == latest.claim.claim
    }
    if len(numbers) > 1:
        return "the latest remittance answers the claim under several claim control numbers"
    return ""


def _under_one_number(case: Case, produced: date | None) -> bool:
    """Whether all answers of that day bear one number: then no two of the lines' answers differ."""
    that_day = (one for one in case.claim.answers if one.produced == produced)
    return len({one.payer_claim_control_number for one in that_day}) < 2


def deadline_of(case: Case, way: Way) -> tuple[Evidence | None, str]:
    """Evidence for the way's last day, and how it is told."""
    day = last_day(case.rules, way, case.anchors)
    if day is None or case.rules is None:
        return None, f"no last day is known for {way.replace('_', ' ')}"
    terms = " or ".join(str(one) for one in case.rules.last_day[way])
    text = f"last day {day.isoformat()}: {terms}{_noted(case.rules, f'last_day.{way}')}"
    return Evidence(role="last_day", text=text, service_day=day), text


def ways_open(rules: PayerRules | None) -> tuple[Way, ...]:
    """The routes a payer takes, and the appeal: for the earliest day of a line held back."""
    if rules is None:
        return ()
    ways: list[Way] = ["new_claim", "void_and_new", "appeal"]
    if rules.replacement_claims:
        ways.append("replacement_claim")
    if rules.reopening:
        ways.append("reopening")
    return tuple(ways)


def earliest_known(case: Case) -> Evidence | None:
    """The earliest last day of a line held back."""
    day = earliest(case.rules, ways_open(case.rules), case.anchors)
    if day is None:
        return None
    return Evidence(
        role="last_day", text=f"earliest last day known {day.isoformat()}", service_day=day
    )
