"""`remitlens main-job`, what `./run` does: the sandbox's night, then serving."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

import click

from scrapers.portal import load_portals
from server.errors import UserError
from server.settings import Settings, settings
from server.store.sweeps import SweepReport

MAIN_JOB = ("meridian",)


@click.command("main-job")
@click.option("--once", is_flag=True, help="End after the table.")
def main_job(once: bool) -> None:
    """Import a small practice, sweep the sandbox payer with a real browser, decide, and serve.

    \b
    Examples:
      remitlens main-job --once
      REMITLENS_SERVER__PORT=9000 remitlens main-job
    """
    run_night(settings(), MAIN_JOB, once)


def run_night(chosen: Settings, portals: Sequence[str], once: bool) -> None:
    """The night on these sandbox portals, its table, and then the server until stopped."""
    from scrapers import demo
    from scrapers.cli.sweep import Beating, follow
    from scrapers.sandbox.serve import DEFAULT_PORT
    from scrapers.sweep import today_in

    today = today_in(chosen)()
    with demo.only_one(chosen):
        if not once:
            demo.free_port(chosen)
        made = demo.ensure_key(chosen)
        if made:
            click.echo(f"Made the key that seals patients' identifiers: {made}", err=True)
        day = demo.practice_day(chosen, today)
        with demo.payers(day, 0 if once else DEFAULT_PORT) as sandbox:
            imported = demo.bring_in(chosen, portals, day, today)
            for one in imported.files:
                what = f"{one.new} new" if one.new else "nothing new"
                click.echo(f"  {one.name}: {what if one.taken else 'refused: ' + one.reason}")
            click.echo(f"Signing in to {', '.join(portals)} and reading what it shows ...")
            report = demo.sweep_once(chosen, sandbox, portals, today, follow, Beating)
            _show(chosen, report)
            if once:
                _say_what_failed(report)
            else:
                _serve(chosen, sandbox.address)


def _say_what_failed(report: SweepReport) -> None:
    """Raise UserError where no portal could be read; what was imported and decided stays."""
    if not any(one.state == "done" for one in report.accounts):
        reasons = "; ".join(f"account {one.account}: {one.reason}" for one in report.accounts)
        raise UserError(reasons or "no account was swept")


def _show(chosen: Settings, report: SweepReport) -> None:
    from scrapers import demo
    from scrapers.cli.sweep import show
    from server.cli.lines_shown import console, lines_table

    show(report)
    rows = demo.every_line(chosen)
    screen = console()
    screen.print()
    screen.print(lines_table(list(rows)))
    ready = [row for row in rows if row.state == "ready"]
    screen.print(
        f"{len(rows)} lines with a CO-107; {len(ready)} ready for corrected resubmission, "
        f"{sum(row.amount for row in ready):,.2f} at stake. Nothing is sent: a person releases."
    )


def _way_in(chosen: Settings) -> str:
    """A single-use sign-in link for the first person; "" where others are known already."""
    from server.entry import entry_address, first_person
    from server.store import open_store, people

    login = getpass.getuser()
    store = open_store(chosen)
    try:
        if any(one.login != login for one in people.everyone(store)):
            return ""
        first_person(store, chosen.practice, login)
        return entry_address(store, chosen.server, login, "main-job")
    except UserError:
        # Served beyond this machine: links are refused there, people sign in with a password.
        return ""
    finally:
        store.close()


def _serve(chosen: Settings, sandbox: str) -> None:
    from server.cli.extension import extension_folder
    from server.serving import serve

    enter = _way_in(chosen)
    address = f"http://{chosen.server.host}:{chosen.server.port}"
    portal = load_portals(chosen.config)[MAIN_JOB[0]]
    lines = [
        "",
        f"Worklist    {address}/",
        f"API         {address}/api/v1/docs",
        f"Portals     {sandbox}/ (try the extension on {portal.base_address})",
        "Extension   open chrome://extensions, switch on developer mode, load unpacked:",
        f"            {extension_folder()}",
        "            (Firefox: about:debugging, load temporary add-on: manifest.json there)",
        "Pair it     ./run pair   shows a code to type into the extension's popup",
    ]
    if enter:
        lines.append(f"Sign in     {enter} (once, within 5 minutes)")
    else:
        lines.append("Sign in     ./run people link NAME   prints a link that works once")
    lines.append("Ctrl-C ends.")
    click.echo("\n".join(lines))
    serve(chosen)
