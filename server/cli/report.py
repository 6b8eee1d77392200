"""`remitlens report`: what the night changed, on the screen, as HTML, by mail or to a webhook."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from server.cli.opened import opened, scope_of, scope_option, today_option, who
from server.errors import UserError
from server.portal_files import portal_files
from server.report import Report, gather, worklist_address
from server.report_pages import html, text
from server.report_sending import SendError, by_mail, by_webhook, message
from server.settings import Settings
from server.store import Store, audit, report_marks

_FIRST = timedelta(days=1)


@click.group()
def report() -> None:
    """Reports; no patient is named in them."""


@report.command("night")
@scope_option
@today_option
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Count from this moment instead of the last report that was sent.",
)
@click.option(
    "--html",
    "html_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it as HTML too.",
)
@click.option("--send", is_flag=True, help="Send it as [mail] in the settings says.")
def night_report(
    practice: tuple[str, ...],
    as_of: datetime | None,
    since: datetime | None,
    html_file: Path | None,
    send: bool,
) -> None:
    """What changed since the last report that was sent (at first: since yesterday).

    \b
    Examples:
      remitlens report night
      remitlens report night --html night.html
      remitlens report night --send
      remitlens report night --since 2026-11-01
    Only --send moves the moment the next report counts from.
    """
    with opened() as (store, found):
        at, zone = datetime.now(UTC), ZoneInfo(found.sweep.time_zone)
        scope = scope_of(store, practice)
        begin = since.replace(tzinfo=zone) if since else _last(store, scope, at)
        today = as_of.date() if as_of else at.astimezone(zone).date()
        address = worklist_address(found.server)
        made = gather(store, scope, begin, today, address, portal_files(found.config))
        for one in sorted(scope):
            audit.append(store, who(), "report.night", one, sent=send)
        click.echo(text(made, zone))
        if html_file:
            _write(html_file, html(made, zone))
        if send:
            _send(found, made, zone, at)
            report_marks.move(store, scope, at)


def _last(store: Store, scope: frozenset[str], at: datetime) -> datetime:
    return report_marks.last(store, scope) or at - _FIRST


def _write(file: Path, shown: str) -> None:
    try:
        file.write_text(shown, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file}: cannot be written ({type(error).__name__})") from None
    click.echo(f"Written to {file}", err=True)


def _send(found: Settings, made: Report, zone: ZoneInfo, at: datetime) -> None:
    """By mail and webhook, as far as they are set; what failed is told after both were tried."""
    mail, failed = found.mail, []
    if not mail.smtp_host and not mail.webhook:
        raise UserError("nothing to send by: set smtp_host or webhook in [mail] of settings.toml")
    if mail.smtp_host:
        if not mail.sender or not mail.recipients:
            raise UserError("[mail] of settings.toml: set sender and recipients too")
        try:
            by_mail(found, message(mail, made.subject(), text(made, zone), html(made, zone), at))
            click.echo(f"Sent to {len(mail.recipients)} by mail", err=True)
        except SendError as error:
            failed.append(str(error))
    if mail.webhook:
        try:
            by_webhook(mail.webhook, made.as_json())
            click.echo("Sent to the webhook", err=True)
        except SendError as error:
            failed.append(str(error))
    for one in failed[:-1]:
        click.echo(f"remitlens: {one}", err=True)
    if failed:
        sys.stdout.flush()
        raise SendError(failed[-1])
