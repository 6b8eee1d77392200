"""Every command: its help shows an example, and the example is one that the command would take."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from server.cli import cli
from server.cli.examples import EXAMPLES

PROGRAM = Path(sys.executable).with_name("remitlens")


def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*path, name))


COMMANDS = dict(walk(cli, ()))


def shown(path: str) -> list[str]:
    told = COMMANDS[path].get_help(click.Context(COMMANDS[path], info_name=f"remitlens {path}"))
    lines = [line.strip() for line in told.splitlines()]
    return [line for line in lines if line.startswith("remitlens ")]


def test_there_are_many_commands_and_no_example_is_for_one_that_is_gone() -> None:
    assert len(COMMANDS) > 60
    assert EXAMPLES.keys() <= COMMANDS.keys()


@pytest.mark.parametrize("path", list(COMMANDS))
def test_its_help_says_what_it_does_and_shows_an_example(path: str) -> None:
    assert (COMMANDS[path].help or "").strip()
    examples = shown(path)
    assert examples, f"remitlens {path} --help shows no example"
    if path:
        assert any(one.split(" ")[1:][: path.count(" ") + 1] == path.split() for one in examples)


@pytest.mark.parametrize("path", list(COMMANDS))
def test_its_examples_are_read_as_it_would_read_them(path: str, monkeypatch, tmp_path) -> None:
    """Words, options and their values; the files an example names are made first."""
    monkeypatch.chdir(tmp_path)
    for example in shown(path):
        words = shlex.split(example.partition(" #")[0])[1:]
        for word in words:
            if "." in word and "/" not in word:
                Path(word).touch()
        command: click.Command = cli
        context = click.Context(cli, info_name="remitlens")
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            name = words.pop(0)
            command = command.get_command(context, name)
            assert command is not None, example
            context = click.Context(command, info_name=name, parent=context)
        for param in command.params:
            # Whether a file is there is not what is asked here, and nobody types a password.
            if isinstance(param.type, click.Path):
                monkeypatch.setattr(param.type, "exists", False)
            if getattr(param, "prompt", None):
                monkeypatch.setattr(param, "prompt", None)
                monkeypatch.setattr(param, "required", False)
        if not isinstance(command, click.Group):
            command.make_context(command.name, words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes(shell: str, tmp_path: Path) -> None:
    """In the shell itself: what the README says to evaluate, then what TAB would offer."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell} on this machine")
    setup = {
        "bash": f'eval "$(_REMITLENS_COMPLETE=bash_source {PROGRAM})"; complete -p remitlens',
        "zsh": (
            "autoload -Uz compinit; compinit -u; "
            f'eval "$(_REMITLENS_COMPLETE=zsh_source {PROGRAM})"; echo $_comps[remitlens]'
        ),
        "fish": (
            f'_REMITLENS_COMPLETE=fish_source {PROGRAM} | source; complete -C "remitlens cod"'
        ),
    }[shell]
    bare = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    told = subprocess.run(
        [found, *bare, "-c", setup],
        env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert ("codes" if shell == "fish" else "_remitlens_completion") in told.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [("remitlens cod", "codes"), ("remitlens codes sh", "show"), ("remitlens lines ", "why")],
)
def test_what_bash_is_offered(words: str, offered: str) -> None:
    done = subprocess.run(
        [str(PROGRAM)],
        env={
            **os.environ,
            "_REMITLENS_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert f"plain,{offered}" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["codes", "show", "CO-107"], 0),
        (["codes", "search", "nosuchword"], 1),
        (["codes", "frobnicate"], 2),
        (["scrub", "not-there.837"], 2),
    ],
)
def test_exit_codes(words: list[str], code: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PROGRAM), *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
