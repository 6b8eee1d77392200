"""Makes claim files (837P and 837I, 5010) that a validator accepts; all people are invented."""

from __future__ import annotations

NPI = {"billing": "1234567893", "rendering": "1679576722", "other": "1245319599"}


def professional(claims: int = 1, newline: str = "\n", dependent: bool = False) -> bytes:
    """Claims P1.. of one subscriber each: 22614 (add-on), 99213 and 20930, three lines."""
    body = _head("005010X222A1", "CLINIC")
    level = 1
    for n in range(1, claims + 1):
        body += [
            f"HL*{level + 1}*1*22*{int(dependent)}",
            f"SBR*P*{'' if dependent else '18'}*******CI",
        ]
        level += 1
        body += [f"NM1*IL*1*DOE*JANE****MI*MEMBER{n:03}", "N3*1 ELM ST", "N4*ATLANTA*GA*303030001"]
        body += ["DMG*D8*19700101*F"]
        body += ["NM1*PR*2*MERIDIAN HEALTH*****PI*MERID"]
        if dependent:
            body += [f"HL*{level + 1}*{level}*23*0", "PAT*19", "NM1*QC*1*DOE*JOHN", "N3*1 ELM ST"]
            body += ["N4*ATLANTA*GA*303030001", "DMG*D8*20100203*M"]
            level += 1
        body += [f"CLM*P{n}*1500***11:B:1*Y*A*Y*Y", "REF*D9*CLEARING1", "HI*ABK:M4316*ABF:M5416"]
        body += [f"NM1*82*1*GRAY*MEREDITH****XX*{NPI['rendering']}", "PRV*PE*PXC*207X00000X"]
        body += _line(1, "SV1*HC:22614*1150*UN*1***1:2", f"L{n}A")
        body += _line(2, "SV1*HC:99213:25*200*UN*1***1", f"L{n}B")
        body += _line(3, "SV1*HC:20930*150*UN*1*22**2", f"L{n}C")
    return _whole(body, "005010X222A1", newline)


def institutional(newline: str = "") -> bytes:
    """One hospital claim I1 of bill type 131 with two lines."""
    body = _head("005010X223A2", "HOSPITAL")
    body += ["HL*2*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*DOE*JANE****MI*MEMBER001"]
    body += ["N3*1 ELM ST", "N4*ATLANTA*GA*303030001", "DMG*D8*19700101*F"]
    body += ["NM1*PR*2*MERIDIAN HEALTH*****PI*MERID"]
    body += ["CLM*I1*900***13:A:1**A*Y*Y", "DTP*434*RD8*20260105-20260106", "CL1*3*1*01"]
    body += ["REF*D9*CLEARING1", "HI*ABK:M4316", "HI*APR:M4316"]
    body += [f"NM1*71*1*GRAY*MEREDITH****XX*{NPI['rendering']}"]
    body += _line(1, "SV2*0360*HC:22614*800*UN*1", "IA")
    body += _line(2, "SV2*0250**100*UN*4", "IB")
    return _whole(body, "005010X223A2", newline)


def _head(guide: str, who: str) -> list[str]:
    return [
        f"ST*837*0001*{guide}",
        "BHT*0019*00*BATCH1*20260110*0930*CH",
        "NM1*41*2*SENDER INC*****46*SENDERID",
        "PER*IC*DESK*TE*4045550100",
        "NM1*40*2*MERIDIAN HEALTH*****46*MERID",
        "HL*1**20*1",
        f"NM1*85*2*{who}*****XX*{NPI['billing']}",
        "N3*9 OAK AVE",
        "N4*ATLANTA*GA*303031234",
        "REF*EI*123456789",
    ]


def _line(number: int, service: str, control: str) -> list[str]:
    return [f"LX*{number}", service, "DTP*472*D8*20260105", f"REF*6R*{control}"]


def _whole(body: list[str], guide: str, newline: str) -> bytes:
    isa = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*MERID          "
    segments = [
        isa + "*260110*0930*^*00501*000000001*0*T*:",
        f"GS*HC*SENDERID*MERID*20260110*0930*1*X*{guide}",
        *body,
        f"SE*{len(body) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "".join(segment + "~" + newline for segment in segments).encode()
