"""How values are written on a page: dollars, days, moments, states. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from server.co107.codes import UNMAPPED
from server.security.surroundings import around
from server.wording import next_step, reason_text, route_text, state_text

SOON, NEAR = 14, 30
_SIGNS = {
    "ready": "●",
    "appeal": "▲",
    "waiting": "◔",
    "review": "?",
    "resubmitted": "→",
    "appealed": "↗",
    "resolved": "✓",
    "closed": "–",
}
_ROLES = {
    "denial": "The denial",
    "submitted": "The claim as it was sent",
    "service": "The qualifying service",
    "charge": "A charge",
    "pair": "The pair rule",
    "reference": "The related claim",
    "route": "How this payer takes corrections",
    "last_day": "The last day",
    "mark": "What was sent again",
    "look": "A look at the portal",
}
_SOURCES = {
    "remittance": "835",
    "claim_file": "837",
    "charges": "charges",
    "portal": "portal",
    "eob": "EOB",
}


def money(value: Decimal | None) -> str:
    """US dollars: `$1,150.00`; "" where not known."""
    if value is None:
        return ""
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"


def whole_money(value: Decimal) -> str:
    """US dollars without cents, for headlines."""
    return f"${value:,.0f}"


def day(value: date | None) -> str:
    """`2026-11-03`; "" where not known."""
    return value.isoformat() if value else ""


def moment(value: datetime | str | None) -> str:
    """`2026-11-03 07:15` in the practice's time zone; "" where there is none."""
    if not value:
        return ""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.astimezone(_zone()):%Y-%m-%d %H:%M}"


def _zone() -> ZoneInfo:
    return around().zone


def quantity(value: Decimal | None) -> str:
    """Units without needless zeros."""
    return "" if value is None else f"{value.normalize():f}"


def days_text(left: int | None) -> str:
    """`3 days left`, `today`, `2 days past`; "no last day" where none is known."""
    if left is None:
        return "no last day"
    if left == 0:
        return "today"
    many = f"{abs(left):,} day{'' if abs(left) == 1 else 's'}"
    return f"{many} left" if left > 0 else f"{many} past"


def days_level(left: int | None) -> str:
    """How pressing: `past`, `soon` (14 days), `near` (30), `far` or `none`."""
    if left is None:
        return "none"
    if left < 0:
        return "past"
    if left <= SOON:
        return "soon"
    return "near" if left <= NEAR else "far"


def sign(state: str) -> str:
    """A state's sign beside its name: told apart without colour."""
    return _SIGNS.get(state, "•")


def role_text(role: str) -> str:
    """What a piece of evidence is."""
    return _ROLES.get(role, role.replace("_", " ").capitalize())


def source_text(source: dict[str, Any] | None) -> str:
    """Where a fact was read: file and segment, or portal and time."""
    if not source:
        return ""
    kind = str(source.get("kind", ""))
    if source.get("seen_at"):
        return f"{source.get('name', '')}, seen {moment(str(source['seen_at']))}"
    place = f", segment {source['segment']}" if source.get("segment") is not None else ""
    if kind == "charges":
        place = place.replace("segment", "row")
    return f"{_SOURCES.get(kind, kind)} {source.get('name', '')}{place}".strip()


def said(reason: str) -> str:
    """What stopped a sweep, without the file of this machine it may begin with."""
    head, _, rest = reason.partition(": ")
    return rest[:1].upper() + rest[1:] if rest and head.endswith(".toml") else reason


def without_lead(text: str, code: str) -> str:
    """A sentence without the code it begins with, where the page shows the code itself."""
    return text.removeprefix(f"{code}: ")


def code_path(code: str, groups: Sequence[str] = ()) -> str:
    """A code as its page is called: with the group where the line bears one alone."""
    with_group = len(groups) == 1 and not code.startswith(UNMAPPED)
    return f"{groups[0]}-{code}" if with_group else code


def code_text(code: str, groups: Sequence[str] = ()) -> str:
    """A code as a person reads it; a payer's own by its own name."""
    own = code.removeprefix(UNMAPPED)
    return f"{own} (payer's own)" if own != code else code_path(code, groups)


FILTERS: dict[str, Callable[..., Any]] = {
    "code_path": code_path,
    "code_text": code_text,
    "money": money,
    "whole_money": whole_money,
    "day": day,
    "moment": moment,
    "quantity": quantity,
    "days_text": days_text,
    "days_level": days_level,
    "sign": sign,
    "state_text": state_text,
    "reason_text": reason_text,
    "next_step": next_step,
    "route_text": route_text,
    "role_text": role_text,
    "source_text": source_text,
    "said": said,
    "without_lead": without_lead,
}
