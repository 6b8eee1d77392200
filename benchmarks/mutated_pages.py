"""1,000 mutated pages a portal, drawn from its fixtures: how many are caught, and that none lies.

Run from the root: `python benchmarks/mutated_pages.py [--count 1000]`. Exit code 1 where any
mutated page gave a record that differs from the right one, or a "not found".
"""

import argparse
import sys
import time
from pathlib import Path

from scrapers.fixtures import fixture_folder, read_fixture
from scrapers.mutate import survive
from scrapers.portal import load_portals

ROOT = Path(__file__).parents[1]


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--count", type=int, default=1000)
    ask.add_argument("--portal", action="append")
    given = ask.parse_args()
    bad = 0
    for name, portal in load_portals(ROOT / "config").items():
        folder = fixture_folder(ROOT / "tests/scrapers/fixtures", portal)
        if (given.portal and name not in given.portal) or not folder.is_dir():
            continue
        fixtures = [read_fixture(path, name) for path in sorted(folder.glob("*.html"))]
        captures = [capture for capture, expected in fixtures if "error" not in expected]
        began = time.perf_counter()
        end = survive(captures, portal, given.count)
        took = time.perf_counter() - began
        print(
            f"{name}: {end.tried} mutated pages, {end.caught} caught, "
            f"{end.tried - end.caught - len(end.wrong)} read right all the same, "
            f"{len(end.wrong)} wrong ({took:.1f} s)"
        )
        for mutation, ends in end.ends.items():
            print(f"  {mutation}: " + ", ".join(f"{n} {how}" for how, n in ends.most_common()))
        for line in end.wrong[:5]:
            print(f"  WRONG: {line}")
        bad += len(end.wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
