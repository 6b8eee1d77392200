"""An example or two for every command whose own help has none: shown at the end of `--help`.

They stand together so that one look tells whether they speak alike; a test walks every command and
reads each example as the command itself would.
"""

from __future__ import annotations

import click

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": ("import remits.835", "lines list --state ready", "codes show CO-107"),
    "account": ("account list",),
    "account list": ("account list --practice north",),
    "account remove": ("account remove meridian-office",),
    "account resume": ("account resume meridian-office",),
    "audit": ("audit verify",),
    "audit list": ("audit list --since 2026-03-01 --what line.patient",),
    "audit verify": ("audit verify", "audit verify --head 1204:9f86d081884c7d65"),
    "backup": ("backup /mnt/safe/remitlens-2026-03-01.tar",),
    "cases": ("cases run tests/co107/cases",),
    "claims": ("claims read today.837",),
    "claims import": ("claims import today.837",),
    "claims read": ("claims read today.837 --json",),
    "codes": ("codes show CO-107",),
    "codes find": ("codes find saved-page.html", "codes find note.txt --json"),
    "codes import": ("codes import carc-list.csv",),
    "codes search": ('codes search "add-on"',),
    "codes show": ("codes show CO-107 N122",),
    "era": ("era read remits.835",),
    "era check": ("era check remits.835",),
    "era import": ("era import remits.835",),
    "era read": ("era read remits.835",),
    "era template": ("era template",),
    "extension": ("extension pack",),
    "extension bundle": ("extension bundle --check",),
    "extension pack": ("extension pack --out remitlens.zip",),
    "extension path": ("extension path",),
    "import": ("import remits.835 claims.837 charges.csv", "import /mnt/clearinghouse/today"),
    "keys": ("keys show",),
    "keys init": ("keys init", "keys init --print"),
    "keys rotate": ("keys rotate",),
    "keys show": ("keys show",),
    "lines": ("lines list",),
    "lines assign": ("lines assign 12 bea",),
    "lines decide": ("lines decide",),
    "lines list": ("lines list --state ready --sort -amount", "lines list --due-to 2026-03-15"),
    "lines note": ('lines note 12 "Called, they want the operative note."',),
    "lines packet": ("lines packet 12 --out packets",),
    "lines sent": ("lines sent 12 --on 2026-03-01", "lines sent 12 --on 2026-03-01 --kind appeal"),
    "lines undo": ("lines undo 12",),
    "lines why": ("lines why 12",),
    "lines worked": ("lines worked 12", "lines worked 12 --not"),
    "pair": ("pair", "pair list"),
    "pair list": ("pair list --all",),
    "pair revoke": ("pair revoke 3",),
    "pairs": ("pairs show 22614",),
    "pairs import": ("pairs import aoc_v20260401.txt",),
    "pairs show": ("pairs show 22614 --on 2026-03-01",),
    "people": ("people list",),
    "people add": ('people add bea --name "Bea Biller" --role biller',),
    "people disable": ("people disable bea", "people disable bea --again"),
    "people list": ("people list",),
    "people reset": ("people reset bea",),
    "people role": ("people role bea north manager",),
    "portal": ("portal list",),
    "portal check": ("portal check meridian",),
    "portal list": ("portal list",),
    "portal new": ("portal new exampleplan --family meridian",),
    "purge": ("purge --before 2019-01-01",),
    "report": ("report night",),
    "restore": ("restore /mnt/safe/remitlens-2026-03-01.tar",),
    "sandbox": ("sandbox", "sandbox --port 8800 --practice practice"),
    "serve": ("serve", "serve --port 9000 --workers 4"),
}
_LEAD = "\b\nExamples:\n"


def with_examples(command: click.Command, name: str) -> click.Command:
    """The command, and those under it, with its examples at the end of its help."""
    shown = EXAMPLES.get(name, ())
    if shown and "remitlens " not in (command.help or "").replace("`remitlens ", ""):
        lead = _LEAD if len(shown) > 1 else _LEAD.replace("Examples", "Example")
        command.epilog = lead + "\n".join(f"  remitlens {one}" for one in shown)
    if isinstance(command, click.Group) and name:
        for under, one in command.commands.items():
            with_examples(one, f"{name} {under}")
    return command
