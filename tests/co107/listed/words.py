"""What the case lists share: rules, dates, and the short forms they are written in."""

from __future__ import annotations

from tests.co107.builders import (
    PAIRS,
    RULES,
    TODAY,
    answer,
    facts,
    line,
    paid_line,
    sent,
    sent_line,
)
from tests.co107.case_files import Written

HELD = "2026-06-10"  # the appeal's last day is the earliest of Meridian's
REPLACE = "2026-08-09"
YEAR = "2027-01-15"

NO_HISTORY = RULES | {"uses_history": False}
WITH_NOTE = RULES | {"related_claim_field": "NTE*ADD"}
WITH_F8 = RULES | {"related_claim_field": "REF*F8"}
REOPENS = RULES | {"replacement_claims": False, "reopening": True, "reopening_adds_lines": True}
ONE_DAY = RULES | {"date_tolerance_days": 1}
UNSET = {k: v for k, v in RULES.items() if k != "replacement_claims"}
ALL: list[Written] = []


def case(name, story, items, *expected, today=TODAY, rules=RULES, pairs=PAIRS, swept=()):
    payers = rules if isinstance(rules, list) else [rules]
    ALL.append(Written(name, story, facts(*items), expected, today, payers, pairs, swept))


def one(state, reason, route=None, deadline=None, procedure="22614", claim="C1", control=None):
    if state in ("waiting", "review") and deadline is None:
        deadline = HELD
    entry = (claim, procedure, state, reason, route, deadline)
    return (*entry, control) if control else entry


def remarked(*remarks, **more):
    """The worked example's denial with remark codes on its line."""
    return answer(lines=[line(remarks=remarks)], **more)


def ready(reason="primary_not_billed", route="replacement_claim", deadline=REPLACE, **more):
    return one("ready", reason, route, deadline, **more)


def both_lines(**primary):
    """C1 with the primary beside the add-on."""
    return sent("C1", sent_line(), sent_line("22612", "4000", 2, **primary))


def other_claim(**more):
    """C2 with the primary alone."""
    fields = {key: more.pop(key) for key in ("day", "modifiers", "rendering") if key in more}
    return sent("C2", sent_line("22612", "4000", 1, **fields), **more)


def other_paid(**more):
    fields = {key: more.pop(key) for key in ("day", "modifiers") if key in more}
    return answer("C2", paid_line(control="L1", **fields), number="PCN2", trace="T2", **more)


DENIED_PRIMARY = line("22612", "CO 50 4000", charge="4000", control="L2")

HARBOR = RULES | {"id": "harbor", "names": ["Harbor Trust"], "payer_ids": ["HBR01"]}
SAME_PAID = [both_lines(), answer("C1", line(), paid_line(control="L2"))]
