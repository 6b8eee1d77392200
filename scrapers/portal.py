"""A portal's definition, `config/portals/<id>.toml`: what it is, and what may be done there."""

from __future__ import annotations

import importlib
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from scrapers.capture import Family
from scrapers.errors import PermissionMissing
from server.errors import SettingsError
from server.facts import Payer
from server.settings import first_problem, read_toml


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Marker(_Table):
    """A positive sign: a visible element that matches the CSS selector and holds the text."""

    selector: str = Field(min_length=1)
    text: str = ""
    """Part of the element's text, letter case ignored; "" : the element alone is the sign."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Markers = Annotated[tuple[Marker, ...], BeforeValidator(_as_list)]


class Outcomes(_Table):
    """Signs of what a page is. One table, or a list of tables of which any counts."""

    signed_in: Markers = ()
    login_page: Markers = ()
    wrong_password: Markers = ()
    locked: Markers = ()
    code_needed: Markers = ()
    code_rejected: Markers = ()
    terms: Markers = ()
    action_needed: Markers = ()
    challenge: Markers = (
        Marker(selector="iframe[src*=captcha], .captcha, .g-recaptcha, .h-captcha"),
    )
    blocked: Markers = ()
    maintenance: Markers = (Marker(selector="h1, h2", text="maintenance"),)
    session_expired: Markers = ()
    loading: Markers = ()
    """Shown while a page is still working; a page stuck there is down, not changed."""


class Login(_Table):
    """The sign-in form. `next` is for pages that ask name and password one after another."""

    path: str = ""
    """Relative to the base address, or an address of its own (a hosted identity page)."""
    username: str = ""
    next: str = ""
    password: str = ""
    submit: str = ""
    mfa: Literal["none", "totp", "sms", "email"] = "none"
    send_code: str = ""
    """The button that sends a code; pressed only where a person waits to type it."""
    code: str = ""
    code_submit: str = ""
    hosts: tuple[str, ...] = ()
    """Hosts besides the portal's own to which the password may be typed."""


class Terms(_Table):
    """Terms a person accepted: the sweep may accept them again while their text is unchanged."""

    text: str = ""
    accept: str = ""
    accepted_by: str = ""
    accepted_on: date | None = None
    sha256: str = ""


class Pacing(_Table):
    """How gently the portal is used."""

    sessions_at_once: int = Field(default=1, ge=1)
    looks_per_minute: float = Field(default=6.0, gt=0)
    quiet_from: time | None = None
    quiet_to: time | None = None
    time_zone: str = "America/New_York"
    sign_ins_per_sweep: int = Field(default=3, ge=1, le=20)
    seconds_to_wait: float = Field(default=30.0, gt=0)
    """How long a page may take before it counts as down."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("no such time zone")
        return value

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Cross(_Table):
    """What a portal's own code stands for; "" where it says nothing about that part."""

    group: str = ""
    carc: str = ""
    remark: str = ""


class PayerNames(_Table):
    ids: tuple[str, ...] = ()
    name: str = ""


class InPage(_Table):
    """For the extension: where it may run, and where a code's claim number stands.

    From the code's element go outwards: the first ancestor that holds a match of `claim_number`
    holds the claim it belongs to (its first match); `procedure` likewise for the line.
    """

    match: tuple[str, ...] = ("{base}/*",)
    """Match patterns; `{base}` stands for the base address."""
    claim_number: str = ""
    procedure: str = ""


class Portal(_Table):
    """One portal. `id` is its file's name."""

    id: str = Field("", pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    family: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    base_address: str = ""
    provenance: str = ""
    """Where the definition comes from, and whether it was seen to work live."""
    permission: Literal["", "automated", "person_drives", "forbidden"] = ""
    allowed_by: str = ""
    allowed_on: date | None = None
    payer: PayerNames = PayerNames()
    login: Login = Login()
    outcomes: Outcomes = Outcomes()
    terms: Terms = Terms()
    pacing: Pacing = Pacing()
    paths: dict[str, str] = {}
    columns: dict[str, tuple[str, ...]] = {}
    """Header texts by field, where this portal's differ from its family's."""
    statuses: dict[str, str] = {}
    """The portal's status words to `CLP02`, or `pending`."""
    crosswalk: dict[str, Cross] = {}
    extension: InPage = InPage()
    file: Path = Path()

    @field_validator("base_address")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("https", "http") or not parts.hostname):
            raise ValueError("must be a web address")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("must be https unless it is this machine")
        if parts.username or parts.password:
            raise ValueError("must hold no user name or password")
        return value.rstrip("/")

    @property
    def as_payer(self) -> Payer:
        return Payer(ids=self.payer.ids, name=self.payer.name)

    def address(self, path: str) -> str:
        """The full address of a path below the base address (or the address itself)."""
        if path.startswith(("https://", "http://")):
            return path
        return urljoin(self.base_address + "/", path.lstrip("/"))

    def match_patterns(self) -> tuple[str, ...]:
        """Where the extension may run; none while the portal has no address."""
        if not self.base_address:
            return ()
        return tuple(one.replace("{base}", self.base_address) for one in self.extension.match)

    def may_sweep(self) -> None:
        """Raise PermissionMissing unless someone allowed automated reading, and it is said when."""
        if self.permission == "automated" and self.allowed_by.strip() and self.allowed_on:
            if self.base_address:
                return
            why, do = "no address is set", "set base_address"
        elif self.permission == "forbidden":
            why = "its payer forbids automated reading"
            do = "look these claims up by hand"
        elif self.permission == "person_drives":
            why = "only a person may drive it"
            do = "open the claim yourself and let the extension hand it over"
        elif self.permission == "automated":
            why = "it is not said who allowed automated reading, and when"
            do = "fill in allowed_by and allowed_on"
        else:
            why = "automated reading is not allowed yet"
            do = (
                'ask the payer, then set permission = "automated", allowed_by and allowed_on '
                "(the date of the answer)"
            )
        raise PermissionMissing(f"{self.file or self.id}: {self.id} is not swept: {why}; {do}")

    def walker(self) -> Family:
        """The family module that walks and reads it; raises SettingsError where there is none."""
        name = f"scrapers.portals.{self.family}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise SettingsError(f"{self.file}: family: no module {name}") from None
        if not callable(getattr(module, "open", None)) or not callable(
            getattr(module, "read", None)
        ):
            raise SettingsError(f"{self.file}: family: {name} lacks open or read")
        return cast(Family, module)

    def moved_to(self, base_address: str) -> Portal:
        """The same portal at another address (a sandbox on a free port)."""
        return self.model_copy(update={"base_address": base_address.rstrip("/")})


def load_portal(path: Path) -> Portal:
    """Read and check one definition; raises SettingsError naming file and line."""
    content, text = read_toml(path)
    try:
        return Portal.model_validate({**content, "id": path.stem, "file": path})
    except ValidationError as error:
        raise SettingsError(first_problem(error, path, text)) from None


def load_portals(config: Path) -> dict[str, Portal]:
    """Every definition in `config/portals`, by id; raises SettingsError for the first bad one."""
    files = sorted((config / "portals").glob("*.toml"))
    return {file.stem: load_portal(file) for file in files}
