"""Every setting, read once from `config/settings.toml` and the environment.

The environment wins (`REMITLENS_SERVER__PORT=9000`), then the file named by `REMITLENS_SETTINGS`
or `settings.toml` in the config folder, then the defaults here. An unknown key is an error that
names file and line.
"""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.errors import SettingsError

_ROOT = Path(__file__).resolve().parent.parent


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(_Section):
    url: str = ""
    """SQLAlchemy URL; empty: SQLite in the home folder."""


class KeySettings(_Section):
    """Where the master key comes from; `REMITLENS_KEY` itself holds the key, not a setting."""

    source: Literal["auto", "keyring", "environment", "command", "file"] = "auto"
    command: str = ""
    """Prints the key as base64 on one line; used where `source = "command"`."""


class EngineSettings(_Section):
    url: str = ""
    """Database of the job engine; empty: SQLite in the home folder."""


class ServerSettings(_Section):
    host: str = "127.0.0.1"
    port: int = Field(8737, ge=1, le=65535)
    tls_certificate: str = ""
    tls_key: str = ""
    behind_proxy: bool = False
    """True where a proxy in front ends TLS; needed to bind anything but loopback without TLS."""
    allowed_hosts: list[str] = ["127.0.0.1", "localhost", "[::1]"]
    workers: int = Field(1, ge=1)
    logoff_minutes: int = Field(15, ge=1)
    requests_per_minute: int = Field(1200, ge=1)
    """How often one token, person or unknown address may ask; pairing and sign-in less often."""


class IntakeSettings(_Section):
    max_file_mib: int = Field(64, ge=1)
    keep_claim_files: bool = True
    """Keep imported 837 files, sealed: a packet is built from the original bytes."""


class DecisionSettings(_Section):
    evidence_days: int = Field(3, ge=0)
    """A sweep's look older than this no longer confirms a line (row 5g)."""


class SweepSettings(_Section):
    schedule: str = "30 2 * * *"
    time_zone: str = "America/New_York"
    browser: str = ""
    headless: bool = True
    accounts_at_once: int = Field(4, ge=1)
    """How many accounts one worker's browser reads at once."""
    sign_in_seconds_apart: int = Field(60, ge=0)
    """No two submitted sign-ins of one account closer than this."""
    tries: int = Field(4, ge=1)
    """How often a page that is down or asks to slow down is tried, with growing pauses."""
    try_minutes: float = Field(10, gt=0)
    worker: str = ""
    """This worker's name, one of its kind; empty: made from the machine's name."""
    silent_seconds: float = Field(120, gt=0)
    """A worker silent for so long is taken for dead and its work handed on."""


class SecretSettings(_Section):
    source: Literal["auto", "keyring", "environment", "command"] = "auto"
    command: str = ""
    """Gets the account id as its last argument and prints JSON {username, password, totp}."""


class MailSettings(_Section):
    smtp_host: str = ""
    smtp_port: int = 25
    starttls: bool = False
    username: str = ""
    sender: str = ""
    recipients: list[str] = []
    webhook: str = ""


class AuditSettings(_Section):
    anchor: str = "file"
    """Where the head of the audit chain is kept outside the database: `file` or `syslog`."""


class OidcSettings(_Section):
    issuer: str = ""
    client_id: str = ""


def config_folder() -> Path:
    """The folder a user edits: `REMITLENS_CONFIG`, `./config`, the checkout's or the shipped."""
    named = os.environ.get("REMITLENS_CONFIG")
    if named:
        return Path(named)
    for folder in (Path.cwd() / "config", _ROOT / "config", _ROOT / "server/shipped/config"):
        if (folder / "settings.toml").is_file():
            return folder
    return _ROOT / "config"


class Settings(BaseSettings):
    """All settings. `home` holds the database, keys' fallback file and evidence."""

    model_config = SettingsConfigDict(
        env_prefix="REMITLENS_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = Path(platformdirs.user_data_dir("remitlens"))
    config: Path = Field(default_factory=config_folder)
    practice: str = "default"
    store: StoreSettings = StoreSettings()
    keys: KeySettings = KeySettings()
    engine: EngineSettings = EngineSettings()
    server: ServerSettings = ServerSettings()
    intake: IntakeSettings = IntakeSettings()
    decision: DecisionSettings = DecisionSettings()
    sweep: SweepSettings = SweepSettings()
    secrets: SecretSettings = SecretSettings()
    mail: MailSettings = MailSettings()
    audit: AuditSettings = AuditSettings()
    oidc: OidcSettings = OidcSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())

    @property
    def store_url(self) -> str:
        return self.store.url or f"sqlite:///{self.home / 'remitlens.sqlite'}"

    @property
    def engine_url(self) -> str:
        return self.engine.url or f"sqlite:///{self.home / 'engine.sqlite'}"


def settings_file() -> Path:
    """The TOML file in force."""
    named = os.environ.get("REMITLENS_SETTINGS")
    return Path(named) if named else config_folder() / "settings.toml"


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line (from 1) on which the last key of a dotted TOML path stands; 1 where not found."""
    table, line = "", 1
    wanted = [str(part) for part in path if isinstance(part, str)]
    if not wanted:
        return 1
    for number, raw in enumerate(text.splitlines(), start=1):
        stripped = raw.strip()
        if stripped.startswith("["):
            table = stripped.strip("[]").split("]")[0].strip()
            if table == ".".join(wanted):
                line = number
        elif "=" in stripped:
            key = stripped.split("=", 1)[0].strip().strip('"')
            if ".".join(filter(None, (table, key))) == ".".join(wanted[: len(wanted)]):
                return number
    return line


def first_problem(error: ValidationError, file: Path, text: str) -> str:
    """One line for the first thing wrong with a TOML file: file, line, key, what."""
    problem = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    what = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"]
    return f"{file}:{line_of(text, problem['loc'])}: {key}: {what}"


def read_toml(file: Path) -> tuple[dict[str, Any], str]:
    """Parse a TOML file; raises SettingsError naming file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except FileNotFoundError:
        raise SettingsError(f"{file}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read ({type(error).__name__})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process; raises SettingsError with one line."""
    file = settings_file()
    text = read_toml(file)[1] if file.is_file() else ""
    try:
        loaded = Settings()
    except ValidationError as error:
        raise SettingsError(first_problem(error, file, text)) from None
    return loaded.model_copy(update={"home": loaded.home.expanduser()})
