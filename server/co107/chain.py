"""The chain from an add-on down to its base: what stands, what breaks it, what could mend it.

Any listed primary will do, but one that is itself an add-on must have its own. Where the chain
breaks, the lowest broken link decides. A missing link may be mended by a charge only where every
link above it is missing too, or denied by nothing but 107.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from server.co107.fit import Found
from server.co107.search import Search
from server.co107.standing import denied_for_107_alone

EndKind = Literal["paid", "denied", "pending", "missing", "unfounded"]
"""`missing`: no claim bears a listed primary of `add_on`. `unfounded`: a paid link stands on
nothing that is known, which no charge can mend."""


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """Where one way down the chain ends."""

    kind: EndKind
    add_on: str
    """The add-on whose primary this link is."""
    found: Found | None = None
    certain: bool = True
    """False where a claim it stands on may be of the other kind."""


def ends(search: Search, add_on: str, above: frozenset[str] = frozenset()) -> list[End]:
    """Every way down from an add-on over billed services that fit.

    `above` guards against tables that run in a circle. What stands below a code is worked out once:
    where many codes list each other the ways are more than can be walked.
    """
    known = search.ends_below.get(add_on)
    if known is None:
        known = search.ends_below[add_on] = _ends(search, add_on, above | {add_on})
    return known


def _ends(search: Search, add_on: str, path: frozenset[str]) -> list[End]:
    fitting = _fitting(search, add_on)
    found: list[End] = []
    for link in fitting:
        if link.procedure in path or not search.primaries(link.procedure):
            found.append(End(link.status, add_on, link, link.certain))
            continue
        found += _over(link, add_on, ends(search, link.procedure, path))
    if not fitting:
        found.append(End("missing", add_on))
        found += _broken_below(search, add_on, path)
    return list({(one.kind, one.add_on, id(one.found), one.certain): one for one in found}.values())


def _fitting(search: Search, add_on: str) -> list[Found]:
    return [
        one
        for primary in search.primaries(add_on)
        for one in search.billed.get(primary, ())
        if one.fits
    ]


def _over(link: Found, add_on: str, below: list[End]) -> list[End]:
    """A billed link that is itself an add-on, with what became of its own chain."""
    if any(one.kind == "paid" for one in below):
        certain = link.certain and any(one.kind == "paid" and one.certain for one in below)
        return [End(link.status, add_on, link, certain)]
    broken = [one for one in below if one.kind in ("denied", "pending")]
    if broken:
        return broken
    if link.status == "paid":
        return [End("unfounded", add_on, link)]
    alone = link.line is not None and denied_for_107_alone(link.line)
    if link.status == "denied" and alone and link.certain:
        return below
    return [End(link.status, add_on, link, link.certain)]


def _broken_below(search: Search, add_on: str, path: frozenset[str]) -> Iterator[End]:
    """Links denied or pending below a primary that is missing itself."""
    for primary in search.primaries(add_on):
        if primary in path or not search.primaries(primary):
            continue
        for end in ends(search, primary, path):
            if end.kind in ("denied", "pending"):
                yield end


@dataclass(slots=True)
class Mend:
    """What charges could do for the missing links."""

    charges: list[Found] = field(default_factory=list)
    """One for each missing link, the highest first, where `whole`."""
    whole: bool = True
    several: bool = False
    """More than one charge fits a link, or a charge may be another person's."""
    any_charge: bool = False
    """A charge of a listed primary fits some missing link, billed or not."""
    said_billed: list[Found] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Every add-on found without its primary, the highest first."""


def mend(search: Search, missing: list[str]) -> Mend:
    """The charges that would close these missing links (named by their add-ons)."""
    result = Mend()
    for add_on in dict.fromkeys(missing):
        _mend_link(search, add_on, frozenset(), result)
    distinct = {id(one.counted): one for one in result.charges}
    result.charges = list(distinct.values())
    return result


def _mend_link(search: Search, add_on: str, above: frozenset[str], result: Mend) -> None:
    path = above | {add_on}
    result.links.append(add_on)
    primaries = search.primaries(add_on)
    fitting = [one for code in primaries for one in search.unbilled.get(code, ()) if one.fits]
    said = [one for code in primaries for one in search.said_billed.get(code, ()) if one.fits]
    result.said_billed += said
    result.any_charge = result.any_charge or bool(fitting or said)
    doubtful = any(
        one.counted is not None and search.people_in_doubt(one.counted) for one in fitting
    )
    if len(fitting) > 1 or doubtful:
        result.several = True
    if len(fitting) != 1:
        result.whole = False
        return
    charge = fitting[0]
    result.charges.append(charge)
    if charge.procedure in path or not search.primaries(charge.procedure):
        return
    below = ends(search, charge.procedure, path)
    if any(one.kind == "paid" and one.certain for one in below):
        return
    missing = missing_links(below)
    if any(one.kind != "missing" for one in below):
        result.whole = False
    for lower in missing:
        _mend_link(search, lower, path, result)


def missing_links(found: list[End]) -> list[str]:
    """Add-ons that no claim bears a primary of."""
    return list(dict.fromkeys(one.add_on for one in found if one.kind == "missing"))
