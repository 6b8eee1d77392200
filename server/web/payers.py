"""The payers' page: what is known of each, what is not, and the dollars that holds back."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from flask import render_template

from server.co107.payers import FLAGS, WAYS, PayerRules
from server.errors import SettingsError
from server.payer_files import read_payers
from server.security.callers import practices, require
from server.security.surroundings import around
from server.store import listing
from server.web.blueprint import blueprint
from server.wording import reason_text

_HELD = {
    "route_unknown": "its routes",
    "deadline_unknown": "its last days",
    "reference_field_unknown": "where it wants a related claim's number",
    "payer_defined_primary": "what it accepts as primary",
    "no_pair_rule": "which service it pairs with",
}
_FLAGS = {
    "replacement_claims": "Takes replacement claims",
    "reopening": "Reopens on request",
    "reopening_adds_lines": "A reopening can add lines",
    "uses_history": "Looks at other claims for the primary",
}
_WAYS = {
    "replacement_claim": "Replacement claim",
    "new_claim": "New claim",
    "void_and_new": "Void and new claim",
    "reopening": "Reopening",
    "appeal": "Appeal",
}


@dataclass(slots=True)
class Rule:
    """One thing that may be known of a payer; `value` "" where it is not."""

    name: str
    value: str
    source: str = ""
    checked: str = ""


@dataclass(slots=True)
class PayerShown:
    """A payer with its rules, and what the unknown ones hold back."""

    id: str
    name: str
    known: bool
    rules: list[Rule] = field(default_factory=list)
    held: list[listing.Group] = field(default_factory=list)
    open_amount: Decimal = Decimal("0.00")

    @property
    def unknown(self) -> list[Rule]:
        """What is not known."""
        return [rule for rule in self.rules if not rule.value]

    @property
    def held_amount(self) -> Decimal:
        """The dollars its unknown rules hold back."""
        return sum((one.amount for one in self.held), Decimal("0.00"))


@blueprint.get("/payers")
@require("viewer", "lines:read", page=True)
def payers_page() -> str:
    """What each payer's unknown rules hold back, the dearest first."""
    place, broken = around(), ""
    try:
        rules = {one.id: one for one in read_payers(place.settings.config / "payers", strict=False)}
    except SettingsError as error:
        # The folder's place on this machine is nobody's business here.
        rules, broken = {}, str(error).rpartition("/")[2]
    found: dict[str, PayerShown] = {}
    for group in listing.groups(place.store, practices()):
        shown = found.setdefault(
            group.payer, _shown(group.payer, group.payer_name, rules.get(group.payer))
        )
        shown.open_amount += group.amount
        if group.reason in _HELD:
            shown.held.append(group)
    for one in rules.values():
        found.setdefault(one.id, _shown(one.id, next(iter(one.names), one.id), one))
    return render_template(
        "payers.html",
        payers=sorted(
            found.values(), key=lambda one: (-one.held_amount, -one.open_amount, one.name)
        ),
        broken=broken,
        asks=_HELD,
        reason_text=reason_text,
    )


def _shown(payer: str, name: str, rules: PayerRules | None) -> PayerShown:
    made = PayerShown(payer, name, rules is not None)
    known = rules or PayerRules(payer)
    for flag in FLAGS:
        value = getattr(known, flag)
        said = "" if value is None else "yes" if value else "no"
        # Without reopening it does not matter what one could add.
        if flag != "reopening_adds_lines" or known.reopening:
            made.rules.append(_rule(known, flag, _FLAGS[flag], said))
    made.rules.append(
        _rule(
            known,
            "related_claim_field",
            "Wants a related claim's number in",
            known.related_claim_field or "",
        )
    )
    for way in WAYS:
        if way == "replacement_claim" and known.replacement_claims is False:
            continue
        if way == "reopening" and not known.reopening:
            continue
        terms = " or ".join(str(term) for term in known.last_day.get(way, ()))
        made.rules.append(_rule(known, f"last_day.{way}", f"Last day: {_WAYS[way].lower()}", terms))
    return made


def _rule(rules: PayerRules, key: str, name: str, value: str) -> Rule:
    note = rules.notes.get(key)
    return Rule(name, value, note.source if note else "", note.checked if note else "")
