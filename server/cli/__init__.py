"""The `remitlens` command: finds its subcommands by name and shows errors as one line."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click

from server.cli.examples import with_examples
from server.errors import UserError

COMMAND_GROUP = "remitlens.commands"


class CommandsByName(click.Group):
    """A group whose commands are entry points, imported only when asked for.

    So `server` needs no import of `scrapers`, and `remitlens codes show` pays for no Playwright.
    """

    def _entries(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=COMMAND_GROUP)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries().get(cmd_name)
        if entry is None:
            return None
        command = entry.load()
        if not isinstance(command, click.Command):
            raise UserError(f"command {cmd_name}: {entry.value} is no command")
        return with_examples(command, cmd_name)


@click.command(cls=CommandsByName, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="remitlens")
def cli() -> None:
    """Explain denial codes, read payer portals, and turn CO-107 denials into corrected claims.

    \b
    Exit codes: 0 done, 1 something was found or is left to do, 2 bad input or setup,
    130 stopped by Ctrl-C. Bad input is said in one line, and nothing is lost.
    """


with_examples(cli, "")


def main() -> None:
    """Entry point of the console script: a `UserError` is one line and exit code 2."""
    try:
        code = cli.main(standalone_mode=False)
    except UserError as error:
        click.echo(f"remitlens: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("remitlens: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output (head, less) left: not an error of ours.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        # Nobody named it: a defect of ours. Its text may hold a patient's value, so only where it
        # happened is said; REMITLENS_DEBUG=1 shows all of it to whoever mends it.
        if os.environ.get("REMITLENS_DEBUG"):
            raise
        click.echo(f"remitlens: unexpected {_where(error)}; REMITLENS_DEBUG=1 shows more", err=True)
        sys.exit(2)
    # Outside its standalone mode click answers `Exit(code)` with the code.
    if isinstance(code, int):
        sys.exit(code)


def _where(error: BaseException) -> str:
    """The error's type and the innermost place in our own code: no value, no message."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename
    ]
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"


if __name__ == "__main__":
    main()
