"""Every offline check of a portal: its definition, its code, its fixtures, and mutated pages."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import soupsieve

from scrapers.errors import PermissionMissing
from scrapers.fixtures import FixtureError, fixture_folder, outcome_of, read_fixture
from scrapers.mutate import survive
from scrapers.portal import Portal
from server.errors import SettingsError

LARGEST = 100
"""Lines of a portal, its TOML and its family's code counted, blank lines and comments not."""
FEWEST_FIXTURES = 8
MUTATED_PAGES = 40
_CLP02 = {"1", "2", "3", "4", "19", "20", "21", "22", "23", "25", "", "pending"}
_NEEDED_OUTCOMES = ("signed_in", "login_page", "wrong_password", "locked")
_NEEDED_KINDS = {
    "a line denied with 107": lambda told: '"carc": "107"' in told,
    "a claim without 107": lambda told: '"found"' in told and '"carc": "107"' not in told,
    "a pending claim": lambda told: '"pending"' in told,
    "no such claim": lambda told: '"not_found"' in told,
    "a page that must raise": lambda told: '"error"' in told,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check's end: what was checked, and what is wrong ("" : nothing)."""

    what: str
    wrong: str = ""
    notice: str = ""


def check_portal(portal: Portal, fixtures: Path) -> Iterator[Check]:
    """All offline checks of one portal; `fixtures` is the folder that holds every portal's."""
    yield _permission(portal)
    yield _login(portal)
    yield _selectors(portal)
    yield _statuses(portal)
    try:
        yield _family(portal)
    except SettingsError as error:
        yield Check("family", str(error))
        return
    yield from _fixtures(portal, fixture_folder(fixtures, portal))


def _permission(portal: Portal) -> Check:
    try:
        portal.may_sweep()
    except PermissionMissing as error:
        return Check("permission", notice=str(error).partition(": ")[2])
    told = f"automated, allowed by {portal.allowed_by} on {portal.allowed_on}"
    return Check("permission", notice=told)


def _login(portal: Portal) -> Check:
    login, missing = portal.login, []
    missing += [key for key in ("username", "password", "submit") if not getattr(login, key)]
    missing += [key for key in _NEEDED_OUTCOMES if not getattr(portal.outcomes, key)]
    if login.mfa != "none":
        missing += [key for key in ("code", "code_submit") if not getattr(login, key)]
        missing += [k for k in ("code_needed", "code_rejected") if not getattr(portal.outcomes, k)]
    return Check("sign-in", f"not filled in: {', '.join(missing)}" if missing else "")


def _selectors(portal: Portal) -> Check:
    login = portal.login
    found = [login.username, login.next, login.password, login.submit, login.send_code]
    found += [login.code, login.code_submit, portal.terms.text, portal.terms.accept]
    found += [portal.extension.claim_number, portal.extension.procedure]
    for name in type(portal.outcomes).model_fields:
        found += [marker.selector for marker in getattr(portal.outcomes, name)]
    for selector in filter(None, found):
        try:
            soupsieve.compile(selector)
        except soupsieve.SelectorSyntaxError:
            return Check("selectors", f"{selector!r} is no CSS selector")
    return Check("selectors")


def _statuses(portal: Portal) -> Check:
    strange = sorted(word for word, means in portal.statuses.items() if means not in _CLP02)
    wrong = f"neither a CLP02 code nor `pending`: {', '.join(strange)}" if strange else ""
    return Check("status words", wrong)


def _family(portal: Portal) -> Check:
    module = portal.walker()
    path = Path(inspect.getsourcefile(module) or "")  # type: ignore[arg-type]
    source = path.read_text(encoding="utf-8")
    if _imports_playwright(ast.parse(source)):
        return Check("family", f"{path.name} imports Playwright outside TYPE_CHECKING")
    lines = _lines(source) + (_lines(portal.file.read_text("utf-8")) if portal.file.name else 0)
    wrong = f"{lines} lines with its TOML, {LARGEST} at most" if lines > LARGEST else ""
    return Check("family", wrong, f"{portal.family}, {lines} lines with its TOML")


def _lines(text: str) -> int:
    stripped = (line.strip() for line in text.splitlines())
    return sum(1 for line in stripped if line and not line.startswith("#"))


def _imports_playwright(tree: ast.Module) -> bool:
    for node in tree.body:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if any(name.startswith("playwright") for name in names):
            return True
    return False


def _fixtures(portal: Portal, folder: Path) -> Iterator[Check]:
    files = sorted(folder.glob("*.html"))
    wrong = f"{len(files)} in {folder}, {FEWEST_FIXTURES} at least"
    yield Check("fixtures", wrong if len(files) < FEWEST_FIXTURES else "", f"{len(files)}")
    captures, told = [], []
    for file in files:
        try:
            capture, expected = read_fixture(file, portal.id)
        except FixtureError as error:
            yield Check(f"fixture {file.stem}", str(error))
            continue
        outcome = outcome_of(capture, portal)
        if outcome != expected:
            gave = outcome.get("error", outcome.get("outcome", "?"))
            yield Check(f"fixture {file.stem}", f"gives {gave}, not what {file.stem}.json says")
        elif "error" not in expected:
            captures.append(capture)
        told.append(file.with_suffix(".json").read_text("utf-8"))
    missing = [what for what, has in _NEEDED_KINDS.items() if not any(map(has, told))]
    yield Check("outcomes", f"no fixture shows {', '.join(missing)}" if missing else "")
    if captures:
        end = survive(captures, portal, MUTATED_PAGES)
        wrong = f"{len(end.wrong)} gave a wrong record: {end.wrong[0]}" if end.wrong else ""
        told_end = f"{end.tried} tried, {end.caught} caught, the rest read right"
        yield Check("mutated pages", wrong, told_end)
