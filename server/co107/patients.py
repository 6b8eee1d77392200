"""Who a claim, an answer or a charge is about, and whether two of them are about one person.

One member id may stand for a family: the id makes two records the same patient only where
neither first name nor birth date differs. Without an id, name and birth date must agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from server.co107.words import code, plain
from server.facts import Patient


@dataclass(frozen=True, slots=True)
class Person:
    """All that is known of one person: several spellings may stand side by side."""

    member_ids: frozenset[str] = frozenset()
    first_names: frozenset[str] = frozenset()
    last_names: frozenset[str] = frozenset()
    birth_dates: frozenset[date] = frozenset()


def person_of(patients: Iterable[Patient]) -> Person:
    """One person from every record of them."""
    known = set(patients)
    return Person(
        frozenset(code(one.member_id) for one in known if one.member_id.strip()),
        frozenset(name for one in known if (name := plain(one.first_name))),
        frozenset(name for one in known if (name := plain(one.last_name))),
        frozenset(one.birth_date for one in known if one.birth_date is not None),
    )


NameAndBirth = tuple[str, str, date]


def names_and_births(person: Person) -> list[NameAndBirth]:
    """Every last name, first name and birth date a person may be found by."""
    return [
        (last, first, day)
        for last in sorted(person.last_names)
        for first in sorted(person.first_names)
        for day in sorted(person.birth_dates)
    ]


def _apart(one: frozenset[object], two: frozenset[object]) -> bool:
    return bool(one) and bool(two) and not one & two


def differ(one: Person, two: Person) -> bool:
    """Whether birth date or first name are different, where both sides know them."""
    return _apart(one.birth_dates, two.birth_dates) or _apart(one.first_names, two.first_names)


def same_name_and_birth(one: Person, two: Person) -> bool:
    """Whether last name, first name and birth date are known on both sides and agree."""
    return bool(
        one.birth_dates & two.birth_dates
        and one.first_names & two.first_names
        and one.last_names & two.last_names
    )


def same_patient(one: Person, two: Person) -> bool:
    """The same patient, the payer being the same."""
    if one.member_ids and two.member_ids:
        return bool(one.member_ids & two.member_ids) and not differ(one, two)
    return same_name_and_birth(one, two)


def same_person(one: Person, two: Person) -> bool:
    """The same human being, whatever the payer or the member id."""
    return same_name_and_birth(one, two) or (
        bool(one.member_ids & two.member_ids) and not differ(one, two)
    )


def evidently_others(one: Person, two: Person) -> bool:
    """Two people under one claim number: first name and one more thing differ. A nickname or a
    misspelled name alone does not part a claim from its answer."""
    return _apart(one.first_names, two.first_names) and (
        _apart(one.last_names, two.last_names) or _apart(one.birth_dates, two.birth_dates)
    )
