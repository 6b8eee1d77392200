"""Which claims a night looks up: those that hold an unsettled CO-107, and those they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.co107.payers import PayerBook
from server.payer_files import read_payers
from server.store import worklist
from server.store.sweeps import Wanted
from server.store.worklist import Filter, LineRow

if TYPE_CHECKING:
    from scrapers.portal import Portal
    from scrapers.sweep import Worker

STATES = ("ready", "appeal", "waiting", "review", "resubmitted", "appealed")
"""A look may change what is said of these; the others are over."""
_WAITING_FOR = frozenset({"primary_pending", "primary_denied"})
_PAGE = 500


def claims_to_look_up(worker: Worker, practice: str, portal: Portal) -> list[Wanted]:
    """The claims to look up at one portal, the nearest last day first, each once."""
    scope = frozenset({practice})
    payers = payer_names(worker, portal)
    found: dict[str, Wanted] = {}
    for row in _lines(worker, scope, payers):
        found.setdefault(row.claim, _wanted(row))
        if row.reason in _WAITING_FOR:
            for claim in _waited_for(worker, scope, row):
                found.setdefault(claim, Wanted(claim, member_id=row.patient.member_id))
    return list(found.values())


def payer_names(worker: Worker, portal: Portal) -> tuple[str, ...]:
    """Under which names the portal's payer stands on the lines: its rules' id, or its own ids."""
    rules, _ = PayerBook(read_payers(worker.settings.config / "payers")).find(portal.as_payer)
    return (*((rules.id,) if rules else ()), *portal.payer.ids)


def _lines(worker: Worker, scope: frozenset[str], payers: tuple[str, ...]) -> Iterator[LineRow]:
    if not payers:
        return
    wanted, after = Filter(states=STATES, payers=payers, open_only=False), None
    while True:
        page = worklist.page(worker.store, scope, wanted, "due", after, _PAGE)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _wanted(row: LineRow) -> Wanted:
    return Wanted(
        row.claim,
        row.patient.member_id,
        row.first_day,
        row.last_day,
        row.payer_claim_control_number,
    )


def _waited_for(worker: Worker, scope: frozenset[str], row: LineRow) -> list[str]:
    """Claims named in the evidence beside the line's own: those of its qualifying service."""
    detail = worklist.line(worker.store, scope, row.id).detail
    named = (str(one.get("claim", "")) for one in detail.get("evidence", ()))
    return [claim for claim in dict.fromkeys(named) if claim and claim != row.claim]
