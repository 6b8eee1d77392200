"""Mutation check of the decision: change one thing in `server/co107`, and see whether a test fails.

The changes are mutmut's (operators, comparisons, numbers, words, arguments); the run is our own:
tests are collected once, each change is made in a forked process by exchanging the code of the one
function it touches, and the tests that call this function run there until the first fails. Not
changed: sentences told to a person (string constants with a blank), and what stands outside of
functions (tables of code numbers, types), which exchanging code cannot reach.

    python benchmarks/mutation.py [--sample 600] [--seed 1] [--minutes 15] [--only a.py] [--show]

A sample is drawn by a fixed seed. Prints killed, survived and the share, and with --show each
survivor as a diff. Exit code 1 where fewer than 90% were killed.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import os
import random
import signal
import sys
import time
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "server/co107"
TESTS = (
    *("test_decide", "test_cause", "test_way_back", "test_matching", "test_charging"),
    *("test_payers", "test_scrub", "test_money"),
)
LATER = ("test_packet", "test_pairs", "test_told")
WANTED = 0.9
SECONDS = 60


@dataclass(frozen=True)
class Mutant:
    """One change: the module, the function it stands in, and the source with the change made."""

    file: Path
    function: str
    source: str


@dataclass
class Tally:
    killed: int = 0
    survived: list[Mutant] = field(default_factory=list)

    @property
    def share(self) -> float:
        whole = self.killed + len(self.survived)
        return self.killed / whole if whole else 1.0


Change = tuple[Path, Any, Any]
"""File, parsed module, mutmut's mutation."""


def changes(only: str) -> list[Change]:
    """Every change mutmut makes within the package's functions, less those of sentences."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    found: list[Change] = []
    for file in sorted(PACKAGE.glob("*.py")):
        if only and file.name != only:
            continue
        visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
        module = MetadataWrapper(cst.parse_module(file.read_text())).visit(visitor)
        for change in visitor.mutations:
            node = change.original_node
            if not isinstance(change.contained_by_top_level_function, cst.FunctionDef):
                continue
            if isinstance(node, cst.SimpleString) and " " in node.value:
                continue
            found.append((file, module, change))
    return found


def mutant_of(change: Change) -> Mutant:
    """The change made."""
    from mutmut.mutation.file_mutation import deep_replace

    file, module, mutation = change
    changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
    function = mutation.contained_by_top_level_function.name.value
    return Mutant(file, function, changed.code)


def apply(mutant: Mutant) -> None:
    """Exchange the code of every function of the module for the mutant's."""
    name = ".".join(mutant.file.relative_to(ROOT).with_suffix("").parts)
    codes = _codes(compile(mutant.source, str(mutant.file), "exec"))
    module = sys.modules[name]
    for one in gc.get_objects():
        if not isinstance(one, types.FunctionType) or one.__module__ != name:
            continue
        code = codes.get(one.__qualname__)
        if code is not None and len(code.co_freevars) == len(one.__code__.co_freevars):
            one.__code__ = code
    fresh = types.ModuleType(name)
    fresh.__dict__.update({"__name__": name, "__file__": str(mutant.file)})
    _defaults(module, mutant, fresh)


def _codes(code: types.CodeType) -> dict[str, types.CodeType]:
    found: dict[str, types.CodeType] = {}
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            found[one.co_qualname] = one
            found.update(_codes(one))
    return found


def _defaults(module: types.ModuleType, mutant: Mutant, fresh: types.ModuleType) -> None:
    """Changed default arguments: functions of the module itself only."""
    try:
        exec(compile(mutant.source, str(mutant.file), "exec"), fresh.__dict__)  # noqa: S102
    except Exception:
        raise SystemExit(1) from None  # does not even import: killed
    for name, one in vars(fresh).items():
        old = vars(module).get(name)
        if isinstance(one, types.FunctionType) and isinstance(old, types.FunctionType):
            old.__defaults__, old.__kwdefaults__ = one.__defaults__, one.__kwdefaults__


class Runner:
    """A pytest plugin that runs the collected tests once for each mutant, each in a fork."""

    def __init__(self, chosen: list[Change], seconds: float) -> None:
        self.chosen = chosen
        self.seconds = seconds
        self.tally = Tally()
        self.clean = False
        self.callers: dict[tuple[str, str], list[tuple[float, pytest.Item]]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.clean = self._watch(session.items)
        if not self.clean:
            print("the tests fail without any change", file=sys.stderr)
            return True
        begun = _spent()
        for done, change in enumerate(self.chosen, start=1):
            mutant = mutant_of(change)
            calling = self.callers.get((str(mutant.file), mutant.function), [])
            items = [item for _, item in sorted(calling, key=lambda pair: pair[0])]
            if self._passes(items, mutant):
                self.tally.survived.append(mutant)
            else:
                self.tally.killed += 1
            if done % 50 == 0:
                print(f"{done} of {len(self.chosen)}: {self.tally.share:.1%} killed", flush=True)
            if _spent() - begun > self.seconds:
                print(f"stopped after {self.seconds / 60:.0f} minutes of processor time")
                break
        return True

    def _watch(self, items: list[pytest.Item]) -> bool:
        """Run every test once, and note which functions of the package each one calls."""
        called: set[tuple[str, str]] = set()
        package = str(PACKAGE)

        def note(frame: types.FrameType, event: str, _: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename.startswith(package):
                name = code.co_qualname.replace(".<locals>", "").split(".")
                called.update((code.co_filename, part) for part in name)

        for at, item in enumerate(items):
            called.clear()
            begun = time.process_time()
            sys.setprofile(note)
            passed = _run([item], items[at + 1] if at + 1 < len(items) else None)
            sys.setprofile(None)
            if not passed:
                return False
            for one in called:
                self.callers.setdefault(one, []).append((time.process_time() - begun, item))
        return True

    def _passes(self, items: list[pytest.Item], mutant: Mutant) -> bool:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(SECONDS)
                apply(mutant)
                code = 0 if _run(items) else 1
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def _spent() -> float:
    """Seconds of processor time of this process and its ended children."""
    return sum(os.times()[:4])


def _run(items: list[pytest.Item], then: pytest.Item | None = None) -> bool:
    from _pytest.runner import runtestprotocol

    for at, item in enumerate(items):
        after = items[at + 1] if at + 1 < len(items) else then
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=after)):
            return False
    return True


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--sample", type=int, default=600)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--minutes", type=float, default=15)
    reader.add_argument("--only", default="")
    reader.add_argument("--show", action="store_true")
    chosen = reader.parse_args()
    os.chdir(ROOT)
    every = changes(chosen.only)
    sample = random.Random(chosen.seed).sample(every, min(chosen.sample, len(every)))
    runner = Runner(sample, chosen.minutes * 60)
    folder = ROOT / "tests/co107"
    files = [str(folder / f"{name}.py") for name in (*TESTS, *LATER)]
    pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:timeout", *files], plugins=[runner])
    if not runner.clean:
        return 2
    tally = runner.tally
    ran = tally.killed + len(tally.survived)
    print(f"{len(every)} changes, {ran} tried, {tally.killed} killed: {tally.share:.1%}")
    for mutant in tally.survived if chosen.show else ():
        before = mutant.file.read_text().splitlines()
        print(f"{mutant.file.name} {mutant.function}")
        lines = difflib.unified_diff(before, mutant.source.splitlines(), n=0, lineterm="")
        print("\n".join(line for line in lines if not line.startswith(("---", "+++", "@@"))))
    return 0 if tally.share >= WANTED else 1


if __name__ == "__main__":
    raise SystemExit(main())
