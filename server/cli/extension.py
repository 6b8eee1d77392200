"""`remitlens extension`: where it lies, what it ships, and the zip for stores and managed use."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import click

from server.cli.classic_script import classic_script
from server.codes.lookup import catalogue
from server.errors import UserError

_ROOT = Path(__file__).resolve().parent.parent.parent
_SHARED = ("finder.js", "rows.js", "messages.js", "explain.js", "card.js")
"""Modules the content scripts share with the worker and the extension's own pages."""
_NOT_SHIPPED = ("jsconfig.json", "types/", "policy/")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class ExtensionError(UserError):
    """The extension's folder lacks a part or cannot be written."""


def extension_folder() -> Path:
    """The folder to load unpacked: the checkout's, or the one in the installed package."""
    for folder in (_ROOT / "extension", _ROOT / "server/shipped/extension"):
        if (folder / "manifest.json").is_file():
            return folder
    raise ExtensionError(f"{_ROOT / 'extension'}: no manifest.json there")


def bundle_text() -> str:
    """The code list as the extension ships it: one line of JSON, in the catalogue's order."""
    return json.dumps(catalogue().bundle(), ensure_ascii=False, separators=(",", ":")) + "\n"


def shared_text(folder: Path) -> str:
    """The shared modules as the classic script `content/shared.js`. Raises ScriptError."""
    return classic_script(folder, _SHARED, "RemitlensShared")


@click.group()
def extension() -> None:
    """The browser extension: its folder, what it ships, its zip."""


@extension.command()
def path() -> None:
    """Print the folder to load unpacked."""
    click.echo(extension_folder())


@extension.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where something is stale.")
def bundle(check: bool) -> None:
    """Refresh what is made for the extension: its code list and its shared script."""
    folder = extension_folder()
    made = {"bundle.json": bundle_text(), "content/shared.js": shared_text(folder)}
    stale = [name for name, text in made.items() if _read(folder / name) != text]
    if not check:
        for name in stale:
            _write(folder / name, made[name].encode())
    for name in stale:
        click.echo(f"{name}: {'stale' if check else 'written'}")
    if check and stale:
        raise click.exceptions.Exit(1)


@extension.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("remitlens-extension.zip"),
    show_default=True,
    help="The zip to write.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="PATTERN",
    help="Grant this host from the start, as https://portal.example/*: for managed installation.",
)
def pack(out: Path, hosts: tuple[str, ...]) -> None:
    """Write the zip for the stores or, with --host, for managed installation.

    The same files give the same bytes.
    """
    folder = extension_folder()
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for host in hosts:
        if not re.fullmatch(
            r"https://(?:\*\.)?[a-z0-9.-]+/\*|http://(?:127\.0\.0\.1|localhost)/\*", host
        ):
            raise ExtensionError(f"--host {host}: not of the form https://portal.example/*")
    if hosts:
        manifest["host_permissions"] = list(dict.fromkeys(hosts))
    count = 0
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for file in _shipped(folder):
                name = file.relative_to(folder).as_posix()
                content = (
                    json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"
                    if name == "manifest.json"
                    else file.read_bytes()
                )
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
                count += 1
    except OSError as error:
        raise ExtensionError(f"{out}: cannot be written ({error.strerror})") from None
    click.echo(f"{out}: {count} files, {out.stat().st_size / 1024:.0f} KiB")


def _shipped(folder: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(
        file
        for file in files
        if not file.relative_to(folder).as_posix().startswith(_NOT_SHIPPED)
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and not file.name.endswith(".md")
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ExtensionError(f"{file}: cannot be written ({error.strerror})") from None
