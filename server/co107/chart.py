"""Everything known of a group of patients, indexed once: claims, charges, looks and marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import TypeVar

from server.co107.charging import CountedCharge, counted
from server.co107.history import REPLACEMENT, ClaimHistory
from server.co107.matching import VOID
from server.co107.patients import (
    NameAndBirth,
    Person,
    evidently_others,
    names_and_births,
    person_of,
    same_person,
)
from server.co107.payers import PayerDirectory, PayerRef, likeness
from server.co107.surroundings import Surroundings
from server.co107.words import code
from server.facts import ClaimAdjudication, Facts, Look, Patient, Payer, SubmittedClaim

Numbered = TypeVar("Numbered", SubmittedClaim, ClaimAdjudication, Look)


class Chart:
    """One set of facts, ready to be asked. Built once for all its lines."""

    def __init__(self, facts: Facts, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.payers = PayerDirectory(surroundings.book, _payers(facts))
        self._claims = _by_number(_once(facts.claims))
        answers = [*facts.answers, *_dated_answers(facts.looks, facts.answers)]
        today = surroundings.today
        self._answers = _by_number(
            one for one in _once(answers) if one.produced is None or one.produced <= today
        )
        self._looks = _by_number(facts.looks)
        self.histories = tuple(self._histories())
        self._by_number: dict[str, list[ClaimHistory]] = {}
        self._by_member: dict[str, list[ClaimHistory]] = {}
        self._by_name: dict[NameAndBirth, list[ClaimHistory]] = {}
        for history in self.histories:
            self._by_number.setdefault(history.number, []).append(history)
            for member in history.person.member_ids:
                self._by_member.setdefault(member, []).append(history)
            for name in names_and_births(history.person):
                self._by_name.setdefault(name, []).append(history)
        self._add_marks(facts)
        self._add_renumbered()
        self.charges = counted(facts.charges, today)
        self._charges_by_member = _charges_by_member(self.charges)
        self._people = _people(self.histories, self.charges)

    def near(self, person: Person) -> tuple[ClaimHistory, ...]:
        """Histories that may be of this person, whatever the payer."""
        found: dict[int, ClaimHistory] = {}
        for member in person.member_ids:
            found.update((id(one), one) for one in self._by_member.get(member, ()))
        for name in names_and_births(person):
            found.update((id(one), one) for one in self._by_name.get(name, ()))
        return tuple(one for one in found.values() if same_person(person, one.person))

    def charges_of(self, person: Person) -> tuple[CountedCharge, ...]:
        """Charges that bear one of the person's member ids."""
        return tuple(
            one
            for member in sorted(person.member_ids)
            for one in self._charges_by_member.get(member, ())
        )

    def people_under(self, person: Person) -> tuple[Person, ...]:
        """Everyone known under the person's member ids."""
        return tuple(one for member in person.member_ids for one in self._people.get(member, ()))

    def known_claims(self, number: str) -> list[ClaimHistory]:
        """Histories under a claim number, of any payer."""
        return self._by_number.get(number, [])

    def _histories(self) -> Iterator[ClaimHistory]:
        for number in sorted({*self._claims, *self._answers, *self._looks}):
            versions = self._claims.get(number, [])
            answers = self._answers.get(number, [])
            looks = self._looks.get(number, [])
            for group_versions, group_answers in _people_apart(versions, answers):
                yield from self._by_payer(number, group_versions, group_answers, looks)

    def _by_payer(
        self,
        number: str,
        versions: list[SubmittedClaim],
        answers: list[ClaimAdjudication],
        looks: list[Look],
    ) -> Iterator[ClaimHistory]:
        """One history a payer that answered or was sent the claim. A version of a payer not
        known goes with whoever answered; where none was sent to a payer, all versions do."""
        refs: dict[str, PayerRef] = {}
        for payer in (*(one.payer for one in answers), *(one.payer for one in looks)):
            refs.setdefault(self.payers[payer].key, self.payers[payer])
        for version in versions:
            ref = self.payers[version.payer]
            if all(likeness(ref, known) == "other" for known in refs.values()):
                refs[ref.key] = ref
        if looks and len(refs) > 1:
            refs = _without_strange_looks(refs, self.payers, answers, versions)
        for ref in refs.values():
            mine = [one for one in versions if likeness(self.payers[one.payer], ref) != "other"]
            own = [one for one in answers if self.payers[one.payer].key == ref.key]
            sent = mine or versions
            person = person_of([*(one.patient for one in sent), *(one.patient for one in own)])
            history = ClaimHistory(
                number,
                ref,
                person,
                _in_order(sent, _version_order),
                _in_order(own, _answer_order),
            )
            history.looks = sorted(
                (one for one in looks if likeness(self.payers[one.payer], ref) != "other"),
                key=_look_order,
            )
            yield history

    def _add_marks(self, facts: Facts) -> None:
        for mark in dict.fromkeys(facts.marks):
            for history in self._by_number.get(mark.claim, ()):
                history.marks.append(mark)
                if mark.new_claim and mark.new_claim != mark.claim:
                    self._join(history, mark.new_claim)

    def _add_renumbered(self) -> None:
        """837s of frequency 7 or 8 under a number of their own, found by their `REF*F8`."""
        by_control: dict[str, list[ClaimHistory]] = {}
        for history in self.histories:
            for control in history.control_numbers:
                by_control.setdefault(control, []).append(history)
        for number, versions in self._claims.items():
            for version in versions:
                if version.frequency not in (REPLACEMENT, VOID):
                    continue
                for history in by_control.get(version.original_reference, ()):
                    if history.number == number or (
                        likeness(self.payers[version.payer], history.payer) == "other"
                    ):
                        continue
                    history.renumbered.append(version)
                    if version.frequency == REPLACEMENT:
                        self._join(history, number)

    def _join(self, history: ClaimHistory, new_number: str) -> None:
        for other in self._by_number.get(new_number, ()):
            same = likeness(history.payer, other.payer) == "same"
            if same and other not in history.sent_as:
                history.sent_as.append(other)
                other.sent_for.append(history)


def _payers(facts: Facts) -> Iterable[Payer]:
    yield from (one.payer for one in facts.claims)
    yield from (one.payer for one in facts.answers)
    for look in facts.looks:
        yield look.payer
        yield from (answer.payer for answer in look.answers)


def _once(facts: Iterable[Numbered]) -> list[Numbered]:
    """Each fact once: the same claim or answer read from two files is one. What one file holds
    twice stays twice, at its two places."""
    near: dict[object, list[Numbered]] = {}
    for one in facts:
        near.setdefault(_glance(one), []).append(one)
    found: list[Numbered] = []
    for alike in near.values():
        found += alike if len(alike) == 1 else _apart(alike)
    return found


def _apart(alike: list[Numbered]) -> list[Numbered]:
    copies: dict[object, dict[tuple[str, str], list[Numbered]]] = {}
    for one in alike:
        source = one.source
        file = ("", "") if source is None else (source.name, source.digest)
        copies.setdefault(_bare(one), {}).setdefault(file, []).append(one)
    found: list[Numbered] = []
    for files in copies.values():
        _, most = min(files.items(), key=lambda item: (-len(_places(item[1])), item[0]))
        found += _places(most)
    return found


def _glance(fact: object) -> object:
    """What equal facts surely share: most facts are told apart by it, and never read whole."""
    if isinstance(fact, SubmittedClaim):
        return fact.claim, fact.sent_on, fact.frequency, fact.charge
    if isinstance(fact, ClaimAdjudication):
        return fact.claim, fact.produced, fact.status, fact.payer_claim_control_number
    return fact


def _places(facts: list[Numbered]) -> list[Numbered]:
    return list({getattr(one, "order", 0): one for one in facts}.values())


def _bare(fact: object) -> object:
    """A fact without its sources and its place in the file, to compare by. A remittance without
    a trace number keeps its place: nothing else tells two answers of one day apart."""
    if isinstance(fact, SubmittedClaim | ClaimAdjudication):
        lines = tuple(_fields(line) for line in fact.lines)
        traced = isinstance(fact, SubmittedClaim) or bool(fact.trace)
        return (*_fields(fact), lines, 0 if traced else fact.order)
    return fact


def _fields(fact: object) -> tuple[object, ...]:
    names = type(fact).__slots__  # type: ignore[attr-defined]
    skipped = ("source", "lines", "order")
    return tuple(getattr(fact, name) for name in names if name not in skipped)


def _by_number(facts: Iterable[Numbered]) -> dict[str, list[Numbered]]:
    found: dict[str, list[Numbered]] = {}
    for one in facts:
        found.setdefault(one.claim, []).append(one)
    return found


def _dated_answers(
    looks: Iterable[Look], answers: Iterable[ClaimAdjudication]
) -> Iterator[ClaimAdjudication]:
    """What portals showed with a remittance date, each answer as last seen. A remittance of that
    day already at hand is the same answer, and says more."""
    remitted = {(one.claim, one.produced) for one in answers}
    shown: dict[object, ClaimAdjudication] = {}
    for look in sorted(looks, key=_look_order):
        if look.outcome != "found":
            continue
        for answer in look.answers:
            if answer.produced is None or (answer.claim, answer.produced) in remitted:
                continue
            number = answer.payer_claim_control_number
            shown[(answer.claim, answer.payer, answer.produced, number, answer.order)] = answer
    yield from shown.values()


def _look_order(look: Look) -> tuple[object, ...]:
    return look.looked_at, look.outcome, look.portal, look.account, len(look.answers)


def _without_strange_looks(
    refs: dict[str, PayerRef],
    payers: PayerDirectory,
    answers: list[ClaimAdjudication],
    versions: list[SubmittedClaim],
) -> dict[str, PayerRef]:
    """Payers that only a look names, by a word no file uses, are not payers of their own."""
    named = {payers[one.payer].key for one in answers} | {payers[one.payer].key for one in versions}
    return {key: ref for key, ref in refs.items() if key in named} if named else refs


def _in_order(
    facts: Iterable[Numbered], order: Callable[[Numbered], tuple[object, ...]]
) -> list[Numbered]:
    """Sorted by `order`; what it cannot tell apart, by all that was read: never by import."""
    several = list(facts)
    if len(several) < 2:
        return several
    keyed = sorted(((order(one), one) for one in several), key=lambda pair: pair[0])
    found: list[Numbered] = []
    for _, group in groupby(keyed, key=lambda pair: pair[0]):
        alike = [one for _, one in group]
        found += alike if len(alike) == 1 else sorted(alike, key=lambda one: repr(_bare(one)))
    return found


def _version_order(one: SubmittedClaim) -> tuple[object, ...]:
    lines = tuple((line.procedure, line.line_control, line.charge) for line in one.lines)
    sent = one.sent_on or date.min
    return sent, one.frequency, one.order, one.original_reference, one.charge, lines


def _answer_order(one: ClaimAdjudication) -> tuple[object, ...]:
    lines = tuple((line.submitted_procedure, line.charge, line.paid) for line in one.lines)
    number = one.payer_claim_control_number
    return one.produced or date.min, one.order, one.trace, number, one.paid, one.status, lines


def _people_apart(
    versions: list[SubmittedClaim], answers: list[ClaimAdjudication]
) -> list[tuple[list[SubmittedClaim], list[ClaimAdjudication]]]:
    """A claim number that evidently different people share is a claim of each."""
    patients = [*(one.patient for one in versions), *(one.patient for one in answers)]
    if len({(one.last_name, one.first_name) for one in patients}) < 2:
        return [(versions, answers)]
    groups: list[tuple[list[SubmittedClaim], list[ClaimAdjudication]]] = []
    for version in _in_order(versions, _version_order):
        _group_of(version.patient, groups)[0].append(version)
    for answer in _in_order(answers, _answer_order):
        _group_of(answer.patient, groups)[1].append(answer)
    return groups


def _group_of(
    patient: Patient, groups: list[tuple[list[SubmittedClaim], list[ClaimAdjudication]]]
) -> tuple[list[SubmittedClaim], list[ClaimAdjudication]]:
    person = person_of([patient])
    for group in groups:
        known = person_of([*(one.patient for one in group[0]), *(one.patient for one in group[1])])
        if not evidently_others(person, known):
            return group
    groups.append(([], []))
    return groups[-1]


def _charges_by_member(charges: Iterable[CountedCharge]) -> dict[str, list[CountedCharge]]:
    found: dict[str, list[CountedCharge]] = {}
    for one in charges:
        found.setdefault(code(one.charge.patient.member_id), []).append(one)
    return found


def _people(
    histories: Iterable[ClaimHistory], charges: Iterable[CountedCharge]
) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for person in [*(one.person for one in histories), *(one.person for one in charges)]:
        for member in person.member_ids:
            if person not in found.setdefault(member, []):
                found[member].append(person)
    return found
