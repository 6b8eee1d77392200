"""Feeds damaged remittances to the reader: no crash, no hang, every byte accounted for.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris     # not among our dependencies
    /tmp/fuzz/bin/python benchmarks/fuzz_835.py -max_total_time=600 -rss_limit_mb=1024

Options after the script's name go to libFuzzer. Without atheris the same check runs on random
damage, without guidance (`--seconds`). The starting corpus is made on the spot; public sample files
beside the repository join it where they are.

What is asserted of every input:
- reading ends, raises nothing, and takes no longer than `SLOWEST` seconds of CPU time (a busy
  machine is no fault of the input; libFuzzer's own `-timeout` sees to hangs);
- the bytes in segments, those reported as passed over and the layout add up to the file;
- bytes that yield no claim yield a finding;
- facts are given whole or, with a fatal finding, not at all, and as many as there are claims;
- no finding's span lies outside the file, and a message is made of our own words and counts;
- a claim file corrected without edits is the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "x12")]

try:
    import atheris
except ImportError:
    atheris = None

if atheris:
    with atheris.instrument_imports(include=["server.x12"]):
        from server.x12 import claim_facts, correct, read_remittance, remittance_facts
        from server.x12.findings import MEANING
else:
    from server.x12 import claim_facts, correct, read_remittance, remittance_facts
    from server.x12.findings import MEANING

SLOWEST = 5.0
DETAIL = re.compile(
    "(: ([0-9]+ were found|and [0-9]+ more|BPR|HL|SV|ISA without IEA|ST without SE|"
    "IEA ends too soon))?"
)
SAMPLES = ROOT.parent / "shared" / "data"


def check(data: bytes) -> None:
    """Raises AssertionError where the reader breaks one of its promises."""
    start = time.process_time()
    remittance = read_remittance(data)
    claims = 0
    for claim in remittance.claims():
        claims += 1
        touch(claim, data)
    account = remittance.account
    found = remittance.findings
    assert account["size"] == len(data), "bytes were not read"
    assert account["segments"] + account["reported"] + account["layout"] == len(data), "bytes lost"
    assert claims or found, "no claim and no finding"
    for finding in found:
        assert DETAIL.fullmatch(finding.message.removeprefix(MEANING[finding.code][1])), "words"
        assert 0 <= (finding.start or 0) <= (finding.end or len(data)) <= len(data), "span"
    answers, again = remittance_facts(data, "x")
    assert again == found, "the second reading differs"
    assert len(answers) == (0 if remittance.fatal else claims), "facts are neither all nor none"
    claim_facts(data, "x")
    assert correct(data, {}) == data
    assert time.process_time() - start < SLOWEST, "too slow"


def touch(claim: object, data: bytes) -> None:
    """Decode everything a claim can say."""
    fields = claim.fields  # type: ignore[attr-defined]
    assert isinstance(fields.remarks, tuple)
    first, last = claim.span  # type: ignore[attr-defined]
    assert 0 <= first < last <= len(data), "a claim's span"
    for line in claim.lines:  # type: ignore[attr-defined]
        assert line.fields.units is not None
        assert first < line.span[0] < line.span[1] <= last, "a line's span"
        for adjustment in line.adjustments:
            assert claim.segment < adjustment.segment  # type: ignore[attr-defined]


def corpus() -> list[bytes]:
    from made_835 import Style, remittance, render

    files = []
    for seed in range(40):
        made = remittance(seed, claims=seed % 4, transactions=1 + seed % 2)
        style = Style(newline=("", "\n", "\r\n")[seed % 3], wrap=80 if seed % 7 == 0 else 0)
        files.append(render(made.segments, style))
    for folder in ("835", "837"):
        if (SAMPLES / folder).is_dir():
            files += [f.read_bytes()[:20_000] for f in sorted((SAMPLES / folder).iterdir())]
    return files


PIECES = [b"~", b"*", b":", b"\r", b"\n", b"ISA*", b"IEA*1*0~", b"ST*835*1~", b"SE*1*1~", b"CLP*",
          b"SVC*HC>1*", b"CAS*CO*107*", b"LX*1~", b"N1*PR*", b"PLB*", b"\xef\xbb\xbf", b"\xff",
          b"GS*HP*", b"GE*1*1~", b"-", b"9" * 30, b"1e9", b"\x00"]  # fmt: skip


def damaged(rng: random.Random, files: list[bytes]) -> bytes:
    data = bytearray(rng.choice(files))
    for _ in range(rng.randrange(1, 12)):
        at, to = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        to = min(to, at + 200)
        action = rng.randrange(5)
        if action == 0:
            del data[at:to]
        elif action == 1:
            data[at:at] = rng.choice(PIECES)
        elif action == 2:
            data[at:to] = bytes(rng.randrange(256) for _ in range(to - at))
        elif action == 3:
            data[at:at] = data[at:to]
        elif data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def without_guidance(seconds: float, seed: int) -> None:
    rng, files, runs = random.Random(seed), corpus(), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = damaged(rng, files)
        try:
            check(data)
        except Exception:
            name = Path(f"crash-{hashlib.sha256(data).hexdigest()[:12]}")
            name.write_bytes(data)
            print(f"run {runs}: input kept as {name}")
            raise
        runs += 1
    print(f"{runs} damaged files in {seconds:.0f} s, nothing found")


def with_guidance() -> None:
    folder = Path(sys.argv[-1]) if Path(sys.argv[-1]).is_dir() else None
    if folder is None:
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="fuzz-835-"))
        sys.argv.append(str(folder))
    for data in corpus():
        (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


def main() -> None:
    if atheris:
        with_guidance()
        return
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    print("atheris is not installed: random damage without guidance")
    without_guidance(chosen.seconds, chosen.seed)


if __name__ == "__main__":
    main()
