"""One entry of the denial-code catalogue, and the rules it must keep.

The format is described for authors in `catalogue/README.md`; these models are its check.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator

Kind = Literal["group", "carc", "rarc"]
GroupCode = Literal["CO", "PR", "OA", "PI", "CR"]
Category = Literal[
    "missing_information",
    "qualifying_service",
    "bundling",
    "eligibility",
    "coverage",
    "authorization",
    "medical_necessity",
    "duplicate",
    "timely_filing",
    "coordination_of_benefits",
    "contractual",
    "patient_share",
    "provider_enrollment",
    "coding",
    "documentation",
    "frequency_limit",
    "payment_adjustment",
    "prior_payer",
    "appeal_rights",
    "administrative",
    "liability_other",
    "demographic",
    "drug",
    "equipment",
    "facility",
]
GROUPS: tuple[str, ...] = get_args(GroupCode)

CARC_CODE = r"[1-9][0-9]{0,2}|[ABDPWY][0-9]{1,2}"
"""A claim adjustment reason code, `CAS02` of the 835, without its group."""
RARC_CODE = r"(?:MA|M|N)[0-9]{1,4}"
"""A remittance advice remark code, `LQ02` after `HE`, or in `MOA` and `MIA`."""

Text = Annotated[str, StringConstraints(min_length=2, pattern=r"^\S(?s:.*\S)?$")]
Title = Annotated[str, StringConstraints(min_length=2, max_length=90, pattern=r"^\S.*[^\s.]$")]
Texts = tuple[Text, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Head(_Part):
    """`[catalogue]`, the head of a file: what its entries are and what the wording rests on."""

    kind: Kind
    source: Text
    reviewed: date


class LookAlike(_Part):
    """A code that is easily taken for this one, and how the two differ."""

    code: str
    difference: Text


class _Entry(_Part):
    code: str
    title: Title
    source: Text
    reviewed: date
    """The day a person last read the entry."""
    keywords: tuple[str, ...] = ()
    """What a biller may type for it, where title and meaning do not say so."""


class GroupEntry(_Entry):
    """A claim adjustment group code (`CAS01`): who carries the money."""

    meaning: Text
    bill_patient: Literal["never", "yes", "depends"]
    next_steps: Texts

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code not in GROUPS:
            raise ValueError("no group code")
        return code


class CarcEntry(_Entry):
    """A claim adjustment reason code (`CAS02`): why the amount differs, and what to do."""

    meaning: Text
    category: Category
    next_steps: Texts
    """In order; the first is done first."""
    causes: Texts = ()
    appealable: Literal["yes", "no", "depends"] | None = None
    appeal_basis: Text | None = None
    look_alikes: tuple[LookAlike, ...] = ()
    groups: dict[GroupCode, Text] = {}
    """What a group code in front changes here."""
    depth: Literal["full", "brief"] = "brief"
    replaced_by: tuple[str, ...] = ()
    """The codes that took over, where this one has ended."""
    started: date | None = None
    ended: date | None = None

    @model_validator(mode="after")
    def _complete(self) -> CarcEntry:
        if not self.next_steps:
            raise ValueError("next_steps: at least one is needed")
        if self.depth == "full":
            for name in ("causes", "appealable", "appeal_basis", "look_alikes", "groups"):
                if not getattr(self, name):
                    raise ValueError(f"{name}: needed where depth is full")
        if self.replaced_by and not self.ended:
            raise ValueError("replaced_by: only where the code has ended")
        return self


class RarcEntry(_Entry):
    """A remittance advice remark code: what it asks for, or only tells."""

    category: Category
    asks_for: Text
    alert: bool = False
    """It informs and asks for nothing."""
    route: Text | None = None
    """What it changes in the route of a CO-107; set only for the codes that steer one."""
    ended: date | None = None


Entry = GroupEntry | CarcEntry | RarcEntry
