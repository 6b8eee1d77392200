"""How fast and how truly codes are found: `python -m benchmarks.finder [--corpus]`.

Speed: megabytes of page text a second of one core's time, best of five, on made-up portal pages
of the kinds a biller opens; the claim is 20. Beside it, in the same run: one plain pattern over
the same text (which tells no State column from a group), and a loop that looks at every word.

`--corpus`: precision and recall on the corpora in `tests/codes`, every difference printed. The
held-out one was written after the rules and run once before anything was mended: precision 0.951,
recall 0.978. `more` are short forms and traps, kept as they were checked by eye.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from server.codes.finder import find_in_html, find_in_text  # noqa: E402
from tests.codes.finder_marks import Snippet, read  # noqa: E402

CLAIM = 20.0
MENU = "Home  Claims  Eligibility  Authorizations  Remittances  Resources  Help  Sign out\n"
LEGAL = (
    "Information shown here is not a guarantee of payment. Benefits are subject to the terms of"
    " the member's plan on the date of service. If you believe a decision was made in error you"
    " may ask for a reconsideration within one hundred eighty days of the remittance advice, in"
    " writing, together with the records that support it.\nContact provider services at"
    " 1-800-555-0107, Monday through Friday, 8:00 a.m. to 5:00 p.m. Mountain Time, or write to"
    " PO Box 10710, Denver, CO 80202-0107.\n\xa9 2026. All rights reserved. Privacy notice."
    " Terms of use. Accessibility. Language assistance. Nondiscrimination notice.\n"
)
PROSE = (
    "Submit corrected claims electronically with the payer claim control number of the original."
    " A corrected claim replaces the original in full, so every line must be included again, also"
    " those that were paid. Allow 30 days before you check the status of a corrected claim."
    " Supporting records are accepted as PDF or TIFF files of up to 45 MB each; mail and fax take"
    " 7 to 10 business days longer. Prior authorization is needed for the services on the list"
    " effective 01/01/2026, and is requested under Authorizations.\n"
)


SIDE = (
    "Message center (3)\nTasks (16)\nSaved searches\nRecent claims\n2026031500123\n2026030900456\n"
    "2026022700789\nQuick links\nSubmit an appeal\nUpload records\nFee schedule look-up\nPayment"
    " policies\nPreauthorization list\nNetwork directory\nTraining and webinars\nForms\n"
)


def claim_page(pick: random.Random) -> str:
    """One claim in detail: header, lines with adjustments, what the codes mean."""
    number = pick.randrange(10**12, 10**13)
    rows = "".join(
        f"{line}\t03/0{pick.randint(1, 9)}/2026\t{pick.choice(['99213', '22612', '64493'])}\t"
        f"{pick.choice(['25', '59', ''])}\t1\t${pick.randint(80, 4500)}.00\t"
        f"${pick.randint(0, 900)}.{pick.randint(10, 99)}\tCO\t{pick.choice([45, 97, 107])}\t"
        f"{pick.choice(['', '', 'N122', 'M15'])}\t${pick.randint(5, 900)}.00\n"
        for line in range(1, pick.randint(3, 7))
    )
    return (
        f"{MENU}{SIDE}Claim {number}\nPatient DOE, JANE  Member ID W{number % 10**9}  Birth date"
        " 07/16/1961  Plan PPO Gold 1500\nRelationship Self  Group number 0045107  Coverage active"
        " 01/01/2026 - 12/31/2026\nBilling provider GREEN VALLEY SPINE 1234567893  Tax ID"
        " 12-3456789  Rendering provider CARR, N. 1987654321\nFacility GREEN VALLEY SURGERY CENTER"
        "  107 Elm St Ste 16, Boulder, CO 80301\n"
        "Received 03/04/2026  Finalized 03/15/2026  Check 000123456  Paid $1,802.33  Deductible"
        " $150.00  Coinsurance $38.20  Copay $0.00  Other insurance $0.00\nDiagnosis M48.06, M54.16"
        "\nLine\tDate\tProcedure\tMod\tUnits\tBilled\tAllowed\tGroup\tReason\tRemark\tAmount\n"
        f"{rows}\nWhat the codes mean\nCO-45: The charge is above what the contract allows for"
        " the service. The difference is written off and is not billed to the member.\nCO-107:"
        " The claim lacks the service this one depends on. Check that the primary procedure is on"
        " the same claim, and send a corrected claim with both.\nN122: An add-on service is not"
        f" paid by itself.\n{PROSE * 2}{LEGAL}"
    )


def search_page(pick: random.Random) -> str:
    """A list of claims."""
    rows = "".join(
        f"{pick.randrange(10**12, 10**13)}\tDOE, JANE\tW{pick.randrange(10**8, 10**9)}\t"
        f"0{pick.randint(1, 9)}/1{pick.randint(0, 9)}/2026\t${pick.randint(80, 4500)}.00\t"
        f"${pick.randint(0, 900)}.00\tGREEN VALLEY SPINE\t"
        f"{pick.choice(['Paid', 'Paid', 'Pending', 'Denied CO-107', 'Denied CO-16'])}\n"
        for _ in range(25)
    )
    head = "Claim number\tPatient\tMember\tService date\tBilled\tPaid\tProvider\tStatus\n"
    return f"{MENU}{SIDE}Showing 1 to 25 of 107 claims\n{head}{rows}{LEGAL}"


REMARKS = ("", "", "REM: N122\n")


def notice_page(pick: random.Random) -> str:
    """A remittance notice as a PDF's text gives it: dense with codes."""
    claims = "".join(
        f"NAME  DOE, JANE   MID 1EG4TE5MK{pick.randint(10, 99)}  ACNT PCN{pick.randint(1000, 9999)}"
        f"  ICN 02260740{pick.randint(10000, 99999)}  ASG Y  MOA MA01{pick.choice(['', ' MA18'])}\n"
        f"1234567893 0301 0301{pick.randint(20, 26)} 11   1 {pick.choice(['99213', '22614'])}"
        f"        {pick.randint(80, 999)}.00   {pick.randint(0, 80)}.10     0.00    18.42"
        f"  CO-45   {pick.randint(5, 300)}.90    73.68\n{pick.choice(REMARKS)}"
        f"PT RESP  18.42     CLAIM TOTALS    {pick.randint(80, 999)}.00   92.10     0.00    18.42"
        "          117.90    73.68\nADJ TO TOTALS:  PREV PD 0.00  INTEREST 0.00  LATE FILING CHARGE"
        " 0.00                    NET 73.68\n\n"
        for _ in range(8)
    )
    head = "PERF PROV  SERV DATE  POS NOS  PROC  BILLED  ALLOWED  DEDUCT  COINS  GRP/RC-AMT  PD\n"
    return f"MEDICARE REMITTANCE NOTICE\n107 MAIN ST\nBOULDER, CO 80301\n{head}{claims}{LEGAL}"


def member_page(pick: random.Random) -> str:
    """A member's coverage: numbers and no code."""
    rows = "".join(
        f"{name}\t${pick.randint(10, 90)} copay\t{pick.choice([10, 20, 30])}%\t"
        f"{pick.randint(0, 30)} of {pick.randint(30, 60)} visits used\t01/01/2026 - 12/31/2026\n"
        for name in ("Office visit", "Specialist", "Physical therapy", "Imaging", "Surgery") * 3
    )
    return (
        f"{MENU}{SIDE}Member W{pick.randrange(10**8, 10**9)}  DOE, JANE  107 Elm St, Denver, CO"
        f" 80202\nPlan PPO 107  Group 00045\nService\tIn network\tCoinsurance\tLimit\tPeriod\n"
        f"{rows}{PROSE}{LEGAL}"
    )


def help_page(pick: random.Random) -> str:
    """Words."""
    return MENU + PROSE * pick.randint(6, 9) + LEGAL


KINDS = (claim_page, search_page, notice_page, member_page, help_page)

PLAIN = re.compile(
    r"\b(?:CO|PR|OA|PI|CR)[ -]?(?:\d{1,3}|[ABDPWY]\d{1,2})\b|\b(?:MA|M|N)\d{1,3}\b", re.ASCII
)


def every_word(text: str) -> int:
    """The loop the finder is not: split, then ask every word."""
    return sum(bool(PLAIN.fullmatch(word)) for word in text.split())


def rate(work: Callable[[], object], size: int) -> float:
    """Megabytes a second of processor time, best of five."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return size / best / 1e6


def speed() -> int:
    pick = random.Random(107)
    pages = [kind(pick) for _ in range(300) for kind in KINDS]
    whole = "\n".join(pages)
    size = len(whole.encode())
    codes = len(find_in_text(whole))
    print(f"{size / 1e6:.1f} MB of page text, {codes / size * 1e6:.0f} codes a MB, one core")
    reached = rate(lambda: find_in_text(whole), size)
    print(f"  find_in_text                {reached:7.1f} MB/s  (the claim: {CLAIM:.0f})")
    print(f"  one plain pattern           {rate(lambda: PLAIN.findall(whole), size):7.1f} MB/s")
    print(f"  a loop over every word      {rate(lambda: every_word(whole), size):7.1f} MB/s")
    for kind in KINDS:
        text = "\n".join(kind(pick) for _ in range(200))
        found = len(find_in_text(text))
        told = rate(partial(find_in_text, text), len(text))
        print(f"    {kind.__name__:<14} {found / len(text) * 1e6:6.0f} codes/MB {told:7.1f} MB/s")
    html = "".join(
        f"<section><h2>{page[:40]}</h2><table>"
        + "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in line.split("\t")) + "</tr>"
            for line in page.splitlines()
        )
        + "</table></section>"
        for page in pages[:200]
    )
    print(f"  find_in_html                {rate(lambda: find_in_html(html), len(html)):7.1f} MB/s")
    return int(reached < CLAIM)


def corpus() -> int:
    failed = 0
    for file in sorted((ROOT / "tests/codes").glob("finder_corpus*.jsonl")):
        name = file.stem
        right = wrong = missed = traps = count = 0
        for snippet in read(file):
            count += 1
            traps += not snippet.expected
            got = {tuple(one) for one in _found(snippet)}
            expected = set(snippet.expected)
            right += len(got & expected)
            wrong += len(got - expected)
            missed += len(expected - got)
            if got != expected:
                print(f"  {name} {snippet.number}: {snippet.content!r}")
        precision = right / (right + wrong)
        recall = right / (right + missed)
        print(
            f"{name}: {count} snippets, {traps} without a code;"
            f" precision {precision:.4f}, recall {recall:.4f} on {right + missed} codes"
        )
        failed += wrong > 0 or recall < 0.99
    return failed


def _found(snippet: Snippet) -> list[tuple[object, ...]]:
    find = find_in_html if snippet.form == "html" else find_in_text
    return [tuple(one) for one in find(snippet.content, snippet.crosswalk)]


if __name__ == "__main__":
    sys.exit(corpus() if "--corpus" in sys.argv[1:] else speed())
