"""Mutation check of the decision: change one thing in `server/co107`, and see whether a test fails.

The changes are mutmut's (operators, comparisons, numbers, words, arguments); the run is our own:
tests are collected once, each change is made in a forked process by exchanging the code of the one
function it touches, and the tests that call this function run there, the quickest first, until one
fails. Not changed: sentences told to a person (string constants with a blank), and what stands
outside of functions (tables of code numbers, types), which exchanging code cannot reach.

    python benchmarks/mutation.py --write        600 changes, at most 22 minutes, into RESULTS.md
    python benchmarks/mutation.py --sample 150 --show
    python benchmarks/mutation.py --only chain.py --sample 1000

A sample is drawn by a fixed seed. What was tried is kept in a file beside the system's temporary
ones, so that a run cut short goes on where it stopped, as long as neither the package nor its tests
changed. Prints killed, survived and the share, and with --show each survivor as a diff. Exit code 1
where fewer than 90% were killed, 2 where the tests fail without any change.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import hashlib
import json
import os
import platform
import random
import resource
import sys
import tempfile
import time
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PACKAGE = ROOT / "server/co107"
TESTS = ROOT / "tests/co107"
LEFT_OUT = ("test_cases", "test_properties", "test_real_remittance")
"""Slow beside what they add: `test_told` decides every case folder, and compares more."""
WANTED = 0.9
SECONDS = 60
"""Processor time a change may take before it counts as killed: it made something endless."""


@dataclass(frozen=True)
class Mutant:
    """One change: the module, the function it stands in, and the source with the change made."""

    file: Path
    function: str
    source: str


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
    import libcst as cst
    from mutmut.mutation.file_mutation import deep_replace

    file, module, mutation = change
    changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
    assert isinstance(changed, cst.Module)
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
    for one in vars(module).values():
        if hasattr(one, "cache_clear"):
            one.cache_clear()
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


class Kept:
    """What was tried before: by the change's place among all, whether it was killed."""

    def __init__(self, every: int) -> None:
        digest = hashlib.sha256(str(every).encode())
        for file in sorted((*PACKAGE.glob("*.py"), *TESTS.glob("*.py"), TESTS / "told.jsonl")):
            digest.update(file.read_bytes())
        name = f"remitlens-mutation-{digest.hexdigest()[:16]}.json"
        self.file = Path(tempfile.gettempdir()) / name
        self.killed: dict[str, bool] = {}
        if self.file.exists():
            self.killed = json.loads(self.file.read_text())

    def keep(self, place: int, killed: bool) -> None:
        self.killed[str(place)] = killed
        self.file.write_text(json.dumps(self.killed))


class Runner:
    """A pytest plugin that runs the collected tests once for each change, each in a fork."""

    def __init__(self, every: list[Change], sample: list[int], kept: Kept, minutes: float) -> None:
        self.every = every
        self.sample = sample
        self.kept = kept
        self.until = time.monotonic() + minutes * 60
        self.clean = False
        self.callers: dict[tuple[str, str], list[tuple[float, pytest.Item]]] = {}
        self.running: dict[int, int] = {}

    @property
    def tried(self) -> dict[int, bool]:
        killed = self.kept.killed
        return {one: killed[str(one)] for one in self.sample if str(one) in killed}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        waiting = [one for one in self.sample if str(one) not in self.kept.killed]
        self.clean = not waiting or self._watch(session.items)
        if not self.clean:
            print("the tests fail without any change", file=sys.stderr)
            return True
        jobs = os.cpu_count() or 1
        while (waiting and time.monotonic() < self.until) or self.running:
            while waiting and len(self.running) < jobs and time.monotonic() < self.until:
                place = waiting.pop(0)
                self.running[self._start(place)] = place
            pid, status = os.wait()
            self.kept.keep(self.running.pop(pid), status != 0)
            if len(self.tried) % 50 == 0:
                share = sum(self.tried.values()) / len(self.tried)
                print(f"{len(self.tried)} of {len(self.sample)}: {share:.1%} killed", flush=True)
        return True

    def _start(self, place: int) -> int:
        """Try one change in a process of its own; it ends with 0 where every test passes."""
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            mutant = mutant_of(self.every[place])
            calling = self.callers.get((str(mutant.file), mutant.function), [])
            apply(mutant)
            items = [item for _, item in sorted(calling, key=lambda pair: pair[0])]
            code = 0 if _run(items) else 1
        finally:
            os._exit(code)

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


def _run(items: list[pytest.Item], then: pytest.Item | None = None) -> bool:
    from _pytest.runner import runtestprotocol

    for at, item in enumerate(items):
        after = items[at + 1] if at + 1 < len(items) else then
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=after)):
            return False
    return True


def test_files() -> list[str]:
    return [str(one) for one in sorted(TESTS.glob("test_*.py")) if one.stem not in LEFT_OUT]


def difference(mutant: Mutant) -> str:
    before = mutant.file.read_text().splitlines()
    lines = difflib.unified_diff(before, mutant.source.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def told(every: int, tried: dict[int, bool]) -> str:
    killed = sum(tried.values())
    return f"{every} changes, {len(tried)} tried, {killed} killed: {killed / len(tried):.1%}"


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--sample", type=int, default=600)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--minutes", type=float, default=20, help="no change is begun after these")
    reader.add_argument("--only", default="", help="one file of the package")
    reader.add_argument("--show", action="store_true", help="survivors as diffs")
    reader.add_argument("--write", action="store_true", help="into RESULTS.md")
    chosen = reader.parse_args()
    os.chdir(ROOT)
    begun = time.monotonic()
    every = changes("")
    places = [at for at, one in enumerate(every) if chosen.only in ("", one[0].name)]
    sample = random.Random(chosen.seed).sample(places, min(chosen.sample, len(places)))
    runner = Runner(every, sample, Kept(len(every)), chosen.minutes)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:warnings"]
    pytest.main([*options, *test_files()], plugins=[runner])
    tried = runner.tried
    if not runner.clean or not tried:
        return 2
    print(told(len(places), tried))
    for place in [one for one, killed in tried.items() if not killed] if chosen.show else ():
        mutant = mutant_of(every[place])
        print(f"{mutant.file.name} {mutant.function}\n{difference(mutant)}")
    if chosen.write:
        from benchmarks.decide import write_section

        text = (
            f"`python benchmarks/mutation.py --write`, Python {platform.python_version()}, "
            f"{platform.machine()}, {(time.monotonic() - begun) / 60:.0f} minutes: a sample drawn "
            f"with seed {chosen.seed} of all changes mutmut makes in the functions of "
            f"`server/co107`, sentences aside.\n\n{told(len(places), tried)}."
        )
        write_section("mutation", text)
    return 0 if sum(tried.values()) / len(tried) >= WANTED else 1


if __name__ == "__main__":
    raise SystemExit(main())
