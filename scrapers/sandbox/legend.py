"""What the invented payers say their codes mean, in plain words of our own."""

from __future__ import annotations

from collections.abc import Iterable

from server.facts import ClaimAdjudication

WORDING = {
    "1": "Deductible: the member pays this part",
    "2": "Coinsurance: the member's share",
    "3": "Copayment due from the member",
    "45": "Above our fee schedule; provider writes it off",
    "107": "A service this one depends on is missing from the claim",
    "N122": "Add-on procedure; its primary must be billed with it",
    "N674": "No benefit unless a prerequisite service was paid",
    "CO": "Provider's responsibility",
    "PR": "Member's responsibility",
}


def codes_of(answer: ClaimAdjudication) -> list[str]:
    """Every code of an answer, reason codes with their group first, then remarks, each once."""
    found: dict[str, None] = {}
    for line in answer.lines:
        for one in line.adjustments:
            found[f"{one.group}-{one.carc}"] = None
    for line in answer.lines:
        for remark in line.remarks:
            found[remark] = None
    return list(found)


def wording(code: str) -> str:
    return WORDING.get(code.rpartition("-")[2], "See the provider manual")


def legend(codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, wording(code)) for code in codes]
