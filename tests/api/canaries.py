"""Values that must not get out, and files and requests that carry them. All people are invented."""

from __future__ import annotations

LAST, FIRST = "CANARYSON", "WILHELMINA"
MEMBER, CLAIM, ICN = "CANMBR7781", "CANCLM9042", "CANICN3317"
BORN, BORN_X12 = "1971-05-09", "19710509"
STREET = "17 CANARY STREET"
PASSWORD = "canary-horse-battery"
NOTE = "called Mrs Canaryson at home"
FILE = "canaryson wilhelmina.835"
NEW_CLAIM = "CANNEW5521"

PLANTED = (
    LAST, FIRST, MEMBER, CLAIM, ICN, BORN, BORN_X12, STREET, PASSWORD, NOTE, FILE, NEW_CLAIM,
    "Canaryson", "Wilhelmina",
)  # fmt: skip


def _x12(kind: str, body: list[str], guide: str, code: str) -> bytes:
    isa = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVER       "
    segments = [
        isa + "*260321*0930*^*00501*000000001*0*T*:",
        f"GS*{code}*SENDERID*RECEIVER*20260321*0930*1*X*{guide}",
        *body,
        f"SE*{len(body) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    assert kind in body[0]
    return "".join(segment + "~" for segment in segments).encode()


def remittance() -> bytes:
    """One claim of two lines, the add-on denied CO-107 with N122."""
    body = [
        "ST*835*0001",
        "BPR*I*350*C*CHK************20260320",
        "TRN*1*TRACE1*1512345678",
        "DTM*405*20260320",
        "N1*PR*MERIDIAN HEALTH PLAN*XV*SBXMER",
        "N3*1 PLAN WAY",
        "N4*ATLANTA*GA*30303",
        "PER*BL*DESK*TE*4045550100",
        "N1*PE*CLINIC*XX*1234567893",
        "LX*1",
        f"CLP*{CLAIM}*1*1500*350**12*{ICN}*11*1",
        f"NM1*QC*1*{LAST}*{FIRST}****MI*{MEMBER}",
        "NM1*82*1*GRAY*MEREDITH****XX*1679576722",
        "SVC*HC:99213*350*350**1",
        "DTM*472*20260302",
        "REF*6R*L1",
        "SVC*HC:22614*1150*0**1",
        "DTM*472*20260302",
        "CAS*CO*107*1150",
        "REF*6R*L2",
        "LQ*HE*N122",
    ]
    return _x12("835", body, "005010X221A1", "HP")


def claim_file() -> bytes:
    """The claim as sent."""
    body = [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*BATCH1*20260303*0930*CH",
        "NM1*41*2*SENDER INC*****46*SENDERID",
        "PER*IC*DESK*TE*4045550100",
        "NM1*40*2*MERIDIAN HEALTH PLAN*****46*SBXMER",
        "HL*1**20*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "N3*9 OAK AVE",
        "N4*ATLANTA*GA*303031234",
        "REF*EI*123456789",
        "HL*2*1*22*0",
        "SBR*P*18*******CI",
        f"NM1*IL*1*{LAST}*{FIRST}****MI*{MEMBER}",
        f"N3*{STREET}",
        "N4*ATLANTA*GA*303030001",
        f"DMG*D8*{BORN_X12}*F",
        "NM1*PR*2*MERIDIAN HEALTH PLAN*****PI*SBXMER",
        f"CLM*{CLAIM}*1500***11:B:1*Y*A*Y*Y",
        "HI*ABK:M4316",
        "NM1*82*1*GRAY*MEREDITH****XX*1679576722",
        "LX*1",
        "SV1*HC:99213*350*UN*1***1",
        "DTP*472*D8*20260302",
        "REF*6R*L1",
        "LX*2",
        "SV1*HC:22614*1150*UN*1***1",
        "DTP*472*D8*20260302",
        "REF*6R*L2",
    ]
    return _x12("837", body, "005010X222A1", "HC")


def charges() -> bytes:
    """A signed-off charge of the primary, not billed."""
    return (
        "patient_id,claim_id,service_date,procedure,modifiers,units,charge,rendering_npi,"
        "billing_npi,signed_off,signed_at,payer_id,patient_first_name,patient_birth_date\n"
        f"{MEMBER},,2026-03-02,22612,,1,2300.00,1679576722,1234567893,yes,"
        f"2026-03-02T18:00:00,SBXMER,{FIRST},{BORN}\n"
    ).encode()


def eob() -> bytes:
    """A hand-entered answer."""
    return (
        "payer_id,payer_name,claim,payer_claim_control_number,status,produced,member_id,last_name,"
        "first_name,procedure,charge,paid,first_day,adjustments,remarks\n"
        f"SBXMER,MERIDIAN HEALTH PLAN,{CLAIM}2,{ICN}2,4,2026-03-20,{MEMBER},{LAST},{FIRST},22614,"
        "1150.00,0,2026-03-02,CO 107 1150.00,N122\n"
    ).encode()


def marks() -> bytes:
    """What was sent."""
    return (
        f"claim,procedure,sent_on,kind,new_claim\n{CLAIM}2,22614,2026-03-21,claim,{NEW_CLAIM}\n"
    ).encode()
