// Made of the modules beside it by `remitlens extension bundle`. Edit those, not this.
var RemitlensShared = (() => {
const in_finder_rules = (() => {
// Made from server/codes/finder_rules.toml by `python -m server.codes.export_finder`.
// Edit that file, not this one.

/**
 * @typedef {object} FinderRules
 * @property {string[]} groups
 * @property {Record<string, string>} spellings
 * @property {Record<string, string>} known
 * @property {Record<string, string>} chars
 * @property {Record<string, string[]>} words
 * @property {Record<string, string[]>} headers
 * @property {Record<string, [string, string]>} patterns
 * @property {Record<string, string[]>} tags
 * @property {Record<string, string>} roles
 * @property {Record<string, string>} parts
 */

/** @type {FinderRules} */
const FINDER_RULES = {
  "groups": [
    "CO",
    "PR",
    "OA",
    "PI",
    "CR"
  ],
  "spellings": {
    "CO": "CO",
    "PR": "PR",
    "OA": "OA",
    "PI": "PI",
    "CR": "CR",
    "C0": "CO",
    "0A": "OA"
  },
  "known": {
    "carc": "1-306 A0-A8 B1-B23 D1-D23 P1-P32 W1-W9 Y1-Y3",
    "rarc": "M1-M144 MA1-MA134 N1-N812 N815-N895"
  },
  "chars": {
    "spaces": " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "dashes": "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63",
    "unseen": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\ufeff",
    "ruled": " \r\t-=_+|:*"
  },
  "words": {
    "carc": [
      "carc",
      "carcs",
      "reason",
      "reasons",
      "rsn",
      "rsns",
      "reas"
    ],
    "carc_sure": [
      "carc",
      "carcs",
      "rsn",
      "rsns"
    ],
    "rarc": [
      "rarc",
      "rarcs",
      "remark",
      "remarks",
      "rmk",
      "rmks",
      "rmrk",
      "rmrks",
      "rem",
      "moa",
      "mia"
    ],
    "group": [
      "group",
      "groups",
      "grp",
      "grps",
      "cagc",
      "cagcs",
      "gc"
    ],
    "code": [
      "code",
      "codes",
      "cd",
      "cds",
      "s",
      "no",
      "nbr",
      "num"
    ],
    "plural": [
      "codes",
      "cds",
      "s",
      "carcs",
      "rarcs",
      "reasons",
      "rsns",
      "remarks",
      "rmks",
      "rmrks"
    ],
    "denial": [
      "denial",
      "den",
      "denials",
      "deny",
      "denied",
      "reject",
      "rejected",
      "rejection",
      "adj",
      "adjs",
      "adjust",
      "adjustment",
      "adjustments",
      "adjmt",
      "adjst",
      "adjusted",
      "ansi",
      "hipaa",
      "cas",
      "nonpayment"
    ],
    "filler": [
      "claim",
      "claims",
      "clm",
      "line",
      "lines",
      "ln",
      "level",
      "svc",
      "service",
      "payer",
      "payor",
      "primary",
      "secondary",
      "medicare",
      "medicaid",
      "remittance",
      "remit",
      "advice",
      "era",
      "x12",
      "standard",
      "national",
      "and",
      "or",
      "the",
      "a",
      "an",
      "with",
      "under",
      "per",
      "by",
      "as",
      "on",
      "using",
      "used",
      "your",
      "our",
      "this",
      "its",
      "following",
      "eob",
      "in",
      "contractual",
      "additional",
      "other",
      "all",
      "main"
    ],
    "joining": [
      "is",
      "are",
      "was",
      "were",
      "of",
      "as",
      "equals",
      "shows",
      "reads",
      "says",
      "being"
    ],
    "noise": [
      "sort",
      "sorted",
      "sortable",
      "click",
      "to",
      "by",
      "ascending",
      "descending",
      "asc",
      "desc",
      "filter",
      "help",
      "info",
      "tooltip",
      "column",
      "menu",
      "show",
      "hide",
      "expand"
    ],
    "road_stems": [
      "highway",
      "hwy",
      "route",
      "interstate",
      "i-",
      "freeway",
      "turnpike",
      "traffic",
      "detour",
      "roadw",
      "road clos",
      "expressway",
      "interchange",
      "mile",
      "bound",
      "lane clos",
      "canyon",
      "tunnel",
      "toll",
      "intersection",
      "chain law",
      "snow",
      "closed ",
      " km",
      "jenkins",
      "github",
      "gitlab",
      "bitbucket",
      "merg",
      "commit",
      "branch",
      "repo ",
      "repository",
      "pipeline",
      "build",
      "deploy",
      "pull req",
      "code review",
      "unit test",
      "ci/cd",
      "changelog",
      "hotfix",
      "refactor",
      "rebase"
    ],
    "header_stems": [
      "carc",
      "rarc",
      "reason",
      "rsn",
      "remark",
      "rmk",
      "grp",
      "group",
      "cagc",
      "gc",
      "code",
      "cd",
      "dx",
      "diag",
      "icd",
      "mod",
      "state",
      "denial",
      "adj",
      "moa"
    ],
    "diagnosis_stems": [
      "dx",
      "diag",
      "icd",
      "princip",
      "second",
      "admit",
      "bus",
      "filter",
      "cartridge",
      "screw",
      "bolt",
      "rifle",
      "carbine",
      "niosh",
      "surgical",
      "particulate",
      "macbook",
      "processor",
      "motorway",
      "subway",
      "metro",
      "mask",
      "respirator",
      "esrd",
      "ckd",
      "renal",
      "kidney",
      "dialysis",
      "urinary",
      "prostat",
      "bph",
      "cystitis",
      "calculus",
      "neph",
      "menopaus",
      "endometri",
      "ovarian",
      "hyperplasia",
      "arthritis",
      "arthrosis",
      "gout",
      "spondyl",
      "lumbar",
      "pain",
      "failure",
      "hx of",
      "pmh"
    ],
    "wary": [
      "highway",
      "highways",
      "hwy",
      "hwys",
      "route",
      "routes",
      "rte",
      "rtes",
      "road",
      "interstate",
      "carr",
      "carretera",
      "carreteras",
      "expreso",
      "autopista",
      "freeway",
      "expressway",
      "turnpike",
      "parkway",
      "exit",
      "exits",
      "along",
      "toward",
      "via",
      "mile",
      "marker",
      "onto",
      "junction",
      "take",
      "cross",
      "and",
      "or",
      "state",
      "of",
      "st",
      "province",
      "license",
      "licence",
      "lic",
      "plate",
      "plates",
      "dl",
      "in",
      "zip",
      "postal",
      "city",
      "county",
      "no",
      "number",
      "num",
      "nbr",
      "id",
      "acct",
      "account",
      "member",
      "policy",
      "ref",
      "invoice",
      "check",
      "auth",
      "tracking",
      "ticket",
      "mrn",
      "npi",
      "dcn",
      "icn",
      "phone",
      "tel",
      "telephone",
      "fax",
      "call",
      "sku",
      "serial",
      "flight",
      "file",
      "filename",
      "project",
      "username",
      "login",
      "password",
      "name",
      "employer",
      "company",
      "vendor",
      "attn",
      "order",
      "room",
      "rm",
      "suite",
      "ste",
      "apt",
      "unit",
      "bldg",
      "building",
      "bus",
      "buses",
      "line",
      "gate",
      "floor",
      "fl",
      "motorway",
      "the",
      "model",
      "part",
      "mask",
      "masks",
      "respirator",
      "niosh",
      "study",
      "protocol",
      "badge",
      "course",
      "dxs",
      "poa",
      "tooth",
      "class",
      "form",
      "box",
      "loop",
      "segment",
      "seg",
      "element",
      "field",
      "locator",
      "hall",
      "wing",
      "bay",
      "bed",
      "zone",
      "aisle",
      "lot",
      "space",
      "parking",
      "tail",
      "train",
      "platform",
      "ward",
      "pod",
      "dorm",
      "house",
      "block",
      "section",
      "sector",
      "district",
      "galaxy",
      "screw",
      "bolt",
      "thread",
      "roll",
      "rifle",
      "carbine",
      "processor",
      "chip",
      "postcode",
      "course",
      "grid",
      "appendix",
      "figure",
      "fig",
      "table",
      "page",
      "key",
      "version",
      "release",
      "v",
      "mod",
      "mods",
      "modifier",
      "modifiers"
    ]
  },
  "headers": {
    "diagnosis": [
      "dx",
      "diag",
      "diags",
      "diagnosis",
      "diagnoses",
      "icd",
      "icd9",
      "icd10",
      "icd10cm",
      "cm",
      "principal",
      "admitting",
      "admit",
      "admission",
      "discharge",
      "final",
      "working",
      "poa",
      "problem",
      "condition",
      "conditions"
    ],
    "modifier": [
      "mod",
      "mods",
      "modifier",
      "modifiers",
      "m1",
      "m2",
      "m3",
      "m4"
    ],
    "state": [
      "state",
      "st",
      "province",
      "region",
      "territory",
      "country",
      "jurisdiction",
      "license",
      "licence",
      "plate",
      "county",
      "city",
      "address",
      "addr",
      "location",
      "zip",
      "postal",
      "residence"
    ],
    "identity": [
      "id",
      "number",
      "num",
      "no",
      "nbr",
      "account",
      "acct",
      "member",
      "subscriber",
      "policy",
      "invoice",
      "check",
      "cheque",
      "eft",
      "trace",
      "phone",
      "telephone",
      "tel",
      "fax",
      "npi",
      "tin",
      "mrn",
      "dcn",
      "icn",
      "ssn",
      "auth",
      "authorization",
      "reference",
      "ref",
      "claim",
      "patient",
      "name",
      "user",
      "login",
      "file",
      "document",
      "batch",
      "ticket",
      "case",
      "order",
      "control",
      "key",
      "provider",
      "payee",
      "employer",
      "plan",
      "company",
      "vendor",
      "contact",
      "email",
      "sku",
      "part",
      "item",
      "model",
      "serial",
      "version",
      "course",
      "flight",
      "product",
      "room",
      "bed",
      "ward",
      "floor",
      "building",
      "bldg",
      "suite",
      "gate",
      "locker",
      "highway",
      "highways",
      "hwy",
      "unit",
      "road",
      "roads",
      "route",
      "routes",
      "bus",
      "test",
      "tests",
      "lab",
      "labs",
      "analyte"
    ],
    "other": [
      "amount",
      "amt",
      "amts",
      "amounts",
      "billed",
      "charge",
      "charges",
      "charged",
      "paid",
      "payment",
      "payments",
      "allowed",
      "units",
      "qty",
      "quantity",
      "count",
      "counts",
      "total",
      "totals",
      "age",
      "date",
      "dates",
      "dos",
      "time",
      "days",
      "day",
      "pos",
      "place",
      "cpt",
      "hcpcs",
      "procedure",
      "procedures",
      "proc",
      "rev",
      "revenue",
      "drg",
      "ndc",
      "tooth",
      "surface",
      "line",
      "ln",
      "balance",
      "deductible",
      "deduct",
      "coins",
      "coinsurance",
      "copay",
      "visits",
      "visit",
      "rank",
      "percent",
      "pct",
      "minutes",
      "page",
      "year",
      "month",
      "week",
      "fee",
      "rvu",
      "tob",
      "status",
      "queue",
      "hours",
      "score",
      "weight",
      "height",
      "bp",
      "pulse",
      "rate",
      "result",
      "results",
      "value",
      "range",
      "specialty",
      "taxonomy",
      "sequence",
      "seq",
      "row",
      "index",
      "volume",
      "frequency",
      "claims",
      "denials",
      "lines",
      "responsibility",
      "resp",
      "interest",
      "withhold",
      "net",
      "gross",
      "type",
      "channel",
      "open",
      "closed",
      "pending",
      "worked",
      "average",
      "avg"
    ]
  },
  "patterns": {
    "number": [
      "[0-9](?<![0-9.$\\u20ac\\u00a3].)(?![0-9]{3})(?:(?<=[\\n\\t (](?:CO|PR|OA|PI|CR)-.)([0-9]{0,2})(?=[\\n\\t)|\\]]|[.](?![0-9A-Za-z])|[ ,;:](?![0-9xX\\u00d7%\\u0027\"])|$)|(?<=[\\n\\t (][MN].)([0-9]{2})(?=[\\n\\t)|\\]]|[.](?![0-9A-Za-z])|[ ,;:](?![0-9xX\\u00d7%\\u0027\"])|$)|(?<=[\\n\\t (]MA.)([0-9]{1,2})(?=[\\n\\t)|\\]]|[.](?![0-9A-Za-z])|[ ,;:](?![0-9xX\\u00d7%\\u0027\"])|$)|(?<![0-9]:.)(?<![1-9]-.)(?<!/[0-9][0-9]/.)(?<!/[0-9]/.)[0-9O]{0,2}(?![0-9A-Za-rt-z_%@\\u00b0\\u2030\\u00b2\\u00b3]|s[0-9A-Za-z_]|[.-][0-9]|:[0-9](?![0-9,]*[.][0-9]{2})|/[0-9]{1,2}/[0-9]|/[0-9]{4}(?![0-9,]*[.][0-9])))",
      ""
    ],
    "gap_dash": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}[(\\[]?$",
      ""
    ],
    "gap_mark": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[*:=_/(\\[][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$",
      ""
    ],
    "gap_space": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{1,12}$",
      ""
    ],
    "list_gap": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}(?:[,;/&+|]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]{1,2})?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}\\n?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}(?:(?:and|or|AND|OR|And)(?=[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]))?(?:with|w/)?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}[(\\[\"]?)$",
      ""
    ],
    "list_gap_firm": [
      "[,;/&+|]|and|or|AND|OR|And",
      ""
    ],
    "label_gap": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[:=.#()\"`\\[\\u2192>*]|\\u0027|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|\\n|\\t|\\|){0,24}$",
      ""
    ],
    "index_gap": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[#(]?([1-9])[)]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:[:=\\t|]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}$",
      ""
    ],
    "word_gap": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[_./&()\"#,:-]|\\u0027){0,4}$",
      ""
    ],
    "not_after": [
      "^(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63][0-9]|,[0-9]{3}(?![0-9A-Za-z])|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?%|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]of[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000][0-9]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?/[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:min|sec|hr|day|week|month|year|[dm]?[lL]|kg)(?![A-Za-z])|[.](?:pdf|html?|docx?|xlsx?|csv|txt|png|jpe?g|gif|json|xml|php|aspx|com|org|gov|net|us)(?![A-Za-z0-9])|[.][A-Za-z0-9-]{1,30}[.](?:com|org|gov|net|us|html?)(?![A-Za-z0-9]))",
      ""
    ],
    "next_amount": [
      "^,[0-9]{1,3}(?:,[0-9]{3}){0,2}[.][0-9]{2}(?![0-9])",
      ""
    ],
    "measure_after": [
      "^[\\u0027\\u2032\"\\u2033](?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[0-9])",
      ""
    ],
    "times_after": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[x\\u00d7][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[0-9]",
      ""
    ],
    "amount_after": [
      "^[/:][0-9][0-9,]{0,9}[.][0-9]{2}(?![0-9])",
      ""
    ],
    "not_after_dash": [
      "^[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63](?:[A-Za-z]{1,2}(?![A-Za-z])|[A-Za-z]+[0-9]|[A-Z]{3}(?![A-Za-z]))",
      ""
    ],
    "code_after_dash": [
      "^[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63](?:MA?|N)[0-9]{1,3}(?![0-9A-Za-z])",
      ""
    ],
    "units_after": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:ms|msec|bpm|mmhg|mg|mcg|ml|cc|cm|mm|kg|lbs?|oz|ft|feet|inch(?:es)?|miles?|mi|km|acres?|units?|days?|visits?|sessions?|hours?|hrs?|mins?|minutes?|seconds?|secs?|years?|yrs?|months?|mos?|weeks?|wks?|people|persons|employees|members|patients|claims|lines|items|records|rows|results|pages?|beds?|points?|pts|percent|times|dollars|cents|usd|requests|merge[ds]?|trials?|stud(?:y|ies)|sites?|subjects?|degrees?|watts?|volts?|gb|mb|kb|tablets?|capsules?|doses?|copies|files|documents|occurrences|cases|accounts|providers|users|locations|trucks|boxes|counties|cities|states|hospitals|clinics|offices|branches|residents|voters|ppm|ppb|lpm|psi|l/min|hz|ext)(?![a-z0-9])",
      "i"
    ],
    "phone_after": [
      "^[)\\]]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[.])?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}[0-9]{3}(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[.]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])[0-9]{4}(?![0-9])",
      ""
    ],
    "address_after": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:[NSEW][.]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[NS][EW][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])?(?:[A-Za-z0-9.]{1,16}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]){0,3}(?:street|ave|avenue|road|rd|blvd|boulevard|lane|ln|drive|highway|hwy|pkwy|parkway|suite|ste|apt|plaza|square|terrace|st(?=[.,;]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?\\n))(?![a-z0-9])",
      "i"
    ],
    "road_before": [
      "(?:highways?|hwys?[.]?|carr[.]?|carreteras?|routes?|rtes?[.]?|state[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]road|county[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]road|interstate|expreso|autopista|freeway|expressway|turnpike|parkway|exits?|along|toward|via|mile(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]marker)?|onto|junction|take|cross|us[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000][0-9]{1,3}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]and)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:(?:CO|PR|CR|US|I)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[0-9]{1,3}(?:,?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:and|or|to|&)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|,[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]))?$",
      "i"
    ],
    "road_after": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:km|departs|departed|arrives|arrived|lands|landed|boarding|nonstop|toward|near|north|south|east|west|northbound|southbound|eastbound|westbound|between|exit|junction|mile|bridge|(?:is[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])?closed[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:at|near|between|due|in|from|until)|just|past|area|expressway|interchange|corridor|business[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]route|road[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]clos(?:ed|ures?)|(?:and|&)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]us[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]?[0-9])(?![a-z])",
      "i"
    ],
    "house_before": [
      "^[^A-Za-z0-9]{0,4}[0-9]{1,5}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]$",
      ""
    ],
    "town_after": [
      "^,[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[A-Z][a-z]",
      ""
    ],
    "road_near": [
      "(?<![a-z])(?:highways?|hwy|routes?|interstate|i-[0-9]{2}|freeway|turnpike|traffic|detour|roadwork|roadway|mile[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:marker|post)|mileposts?|(?:north|south|east|west)bound|lane[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]closures?|road[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]closures?|expressway|interchange|us[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000][0-9]{1,3}|colorado|puerto[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]rico|canyon|tunnel|toll|intersection|chain[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]law|snow)(?![a-z])",
      "i"
    ],
    "city_before": [
      "(?:^|[^A-Za-z0-9])([A-Z][A-Za-z.\\u0027]{1,20}),[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}$",
      ""
    ],
    "company_before": [
      "(?:[&]|(?<![A-Za-z])(?:and|ins|insurance|insur|life|mutual|casualty|cas|indemnity|assurance|trust|fire|surety|mfg|manufacturing|supply|steel|oil|motors?|bros|brothers|sons|trading|holding|holdings|paper|gas|electric|power|light|water|telephone|drug|packing|lumber|coal|railway|railroad|shipping|publishing|brewing|foods?|logistics|construction|benefit|reinsurance|title|guaranty|engine|ladder|rescue|national|american|united|pacific|general|continental|standard|royal|federal|central|western|eastern|northern|southern|atlantic|universal|global|international)[.,]?)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}$",
      "i"
    ],
    "reading_before": [
      "(?:^|[^A-Za-z])(?:bp|hr|rr|temp|spo2|qrs|qtc?|ecg|ekg|rhythm|sinus|pulse|vitals?|interval|avg|average|investigators?|output|cardiac|ef|ci|sv|svr|lab|labs|na|cl|bun|glucose|co2|bicarb|anion|po2|pco2|ph|creat|sodium|chloride|potassium|hgb|wbc|plt)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[:=,;%]|[0-9./]){1,12}$",
      "i"
    ],
    "state_before": [
      "(?:^|[^A-Za-z])(?:state|state[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]of|st|province|licen[sc]e|lic|plates?|dl|issued[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]in|zip|postal|resident[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]of|(?:bcbs|cross|shield|plan|university|medicaid|people|west|east|north|south|parts?|out|outside|most|rest)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]of|city|county|born[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]in|located[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]in)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[.]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:no[.]?|number|#|code)?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:#=-]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$",
      "i"
    ],
    "identity_before": [
      "(?:^|[^A-Za-z])(?:(?:sku|flight|course|study|trial|protocol|part|model|invoice|policy|ticket|serial|lot|badge|room|suite|apt|form|gate|locker|no[.])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:#=]?|(?:claim|clm|acct|account|member|subscriber|policy|ref|reference|invoice|inv|check|cheque|auth|authorization|tracking|ticket|case|order|batch|trace|plan|mrn|npi|tin|dcn|icn|file|document|doc|form|group|employer|provider|contract|confirmation|control|receipt|room|rm|part|item|model|serial|version|flight|po|purchase[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]order|lot|badge|unit|route|patient|location|site|store|dept|department|project|grant|study|protocol|rfc|pull[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]request|issue|bug)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:#|no[.]?(?=[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|:)|number:?|num[.]?|nbr|id)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:#=]?|(?:acct|account|member[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]id|policy|ref|invoice|check|auth|tracking|ticket|mrn|npi|dcn|icn|id|phone|tel|telephone|fax|call|sku|serial|flight|file|filename|project|username|login|password|name|employer|company|vendor|attn)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:=#])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$",
      "i"
    ],
    "pair_before": [
      "(?:^|[^A-Za-z0-9])(?:(?!(?:CO|PR|OA|PI|CR|MA)(?![A-Z]))[A-Z]{2}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[0-9]{1,4}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?/|(?:A[KRZ]|C[AT]|FL|GA|I[AL]|K[SY]|M[DINOST]|N[CDEHJMVY]|OH|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000][0-9]{1,4}(?:,|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]and|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]&))[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$",
      ""
    ],
    "pair_after": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?/[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?!(?:CO|PR|OA|PI|CR|MA)(?![A-Z]))[A-Z]{2}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?|(?:,|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]and|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]&)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:A[KRZ]|C[AT]|FL|GA|I[AL]|K[SY]|M[DINOST]|N[CDEHJMVY]|OH|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])[0-9]{1,4}(?![0-9A-Za-z.])",
      ""
    ],
    "software_near": [
      "(?<![a-z])(?:jenkins|github|gitlab|bitbucket|merged?|merging|commits?|branch|repo(?:sitory)?|pipeline|build|builds|deploy(?:ed|ment)?|pull[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]requests?|code[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]review|unit[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]tests?|ci/cd|changelog|hotfix|refactor(?:ed|ing)?|rebased?)(?![a-z])",
      "i"
    ],
    "claim_near": [
      "(?<![a-z])(?:den(?:y|ied|ials?)|adj(?:s|usted|ustments?)?|reasons?|rsn|remarks?|rmk|carc|rarc|cagc|grp|group[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]code|paid|allowed|billed|non-?covered|contractual|obligation|write-?off|deductible|coinsurance|co-?pay|remit(?:tance)?|eob|era|835|cas|appeal(?:ed|s)?|rejected|rep|refil(?:e|ed|ing)|rebill(?:ed)?|resubmit(?:ted)?|payer|payor|primary|secondary|bcbs|uhc|procedure|cpt|dos|claims?)(?![a-z])",
      "i"
    ],
    "group_before_cell": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\"\\[(])*$",
      ""
    ],
    "claim_word": [
      "^(?:den(?:ied|ial|ials|y)|adj(?:s|usted|ustment|ustments)?|obligations?|reductions?|reversals?|contractual|codes?|reasons?|group|rejected|note|notes|line|claim|payer|carc|rarc|rsn|remarks?|applied|paid|amount|adjudicated|finalized|processed|responsibility|pended|pending|suspended|posted|received|returned|reversed|resubmitted|appealed|unfortunately|however|also|again|yes|no|hi|hello|thanks|today|status|error|edit|level|provider|medicare|medicaid|response|result|action)[.:]?$",
      "i"
    ],
    "remark_not_before": [
      "(?:^|[^A-Za-z])(?:invoice|order|ticket|check|account|acct|policy|member|room|rm|suite|ste|apt|unit|bldg|building|bus|buses|line|route|rte|gate|floor|fl|hwy|highway|motorway|exit|junction|on[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]the|take[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]the|model|part|serial|sku|mask|masks|respirator|kn95|3m|niosh|dx|dxs|diag|diags|diagnos[ei]s|icd|icd-?(?:9|10)(?:-?cm)?|icd[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:9|10)|principal|admitting|poa|tooth|class|form|box|loop|segment|seg|element|field|locator|hall|wing|bay|bed|zone|aisle|lot|space|parking|flight|tail|train|platform|ward|pod|dorm|house|block|section|sector|district|galaxy|screw|bolt|thread|roll|rifle|carbine|processor|chip|postcode|course|grid|appendix|figure|fig|table|page|key|ticket|version|release|v)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:code|codes|cd|cds|no[.]?|number|#|[1-9])?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:#=.-]{0,2}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$",
      "i"
    ],
    "modifier_before": [
      "(?:^|[^A-Za-z])(?:mod|mods|modifiers?)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:code|codes|[1-4])?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:#=-]{0,2}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?$",
      "i"
    ],
    "remark_not_after": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?)?(?:masks?|filters?|cartridges?|respirators?|particulate|surgical|face|bus|buses|street|motorway|highway|screws?|bolts?|thread|fastener|carbine|rifle|processor|chip|macbook|style|type|rated|approved|fit[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]test(?:ed|ing)?|niosh)(?![a-z])",
      "i"
    ],
    "transit_near": [
      "(?<![a-z])(?:bus|buses|subway|metro|motorways?|transit|masks?|respirators?)(?![a-z])[^\\n.;]{0,60}$",
      "i"
    ],
    "modifiers_before": [
      "(?:(?<![a-z])(?:mods?|modifiers?)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[:#]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:[a-z0-9]{2}(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[,/]){1,2}){0,4}|(?:^|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|,)(?:GO|GP|GN|KX|CQ|GC|GT|FQ)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|,)+)$",
      "i"
    ],
    "diagnosis_near": [
      "(?<![A-Za-z])(?:dx|dxs|diag|diags|diagnos[ei]s|icd(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|-)?(?:9|10)?(?:-?cm)?|icd9|icd10|principal|secondary|admitting)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[:#=(,.-])(?![^\\n]*(?:remark|rarc|rmk|reason|carc|denial|denied))[^\\n\\t|;]{0,90}$",
      "i"
    ],
    "disease_near": [
      "(?<![a-z])(?:esrd|ckd|renal|kidneys?|dialysis|urinary|prostat[a-z]{1,6}|bph|cystitis|calculus|(?:hydro|pyelo)?neph[a-z]{1,14}|menopaus[a-z]{1,4}|endometri[a-z]{1,5}|ovarian|hyperplasia|(?:osteo|poly)?arthritis|(?:osteo|poly)?arthrosis|gout|spondyl[a-z]{1,12}|lumbar|(?:back|joint|neck|pelvic|chronic)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]pain|(?:heart|organ)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]failure|hx[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]of|pmh)(?![a-z])",
      "i"
    ],
    "diagnosis_neighbour_left": [
      "(?:^|[^A-Za-z0-9])(?:[CE-LOQ-VXZ][0-9][0-9AB](?:[.]?[0-9A-Z]{1,4})?|[A-Z][0-9][0-9A-Z][.][0-9A-Z]{1,4})[,;/|]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}$",
      ""
    ],
    "diagnosis_neighbour_right": [
      "^[,;/|]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}(?:[CE-LOQ-VXZ][0-9][0-9AB](?:[.]?[0-9A-Z]{1,4})?|[A-Z][0-9][0-9A-Z][.][0-9A-Z]{1,4})(?![0-9A-Za-z])",
      ""
    ],
    "denial_near": [
      "(?<![a-z])(?:den(?:y|ied|ials?)|adj(?:s|usted|ustments?)?|rsn|remarks?|rmk|carc|rarc|cagc)(?![a-z])",
      "i"
    ],
    "next_in_list": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}(?:[,;/&+|]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63])?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}(?:(?:C[O0]|PR|OA|PI|CR)(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])?[A-Z]?[0-9]{1,3}|MA[0-9]{2,3}|[MN][0-9]{3})(?![0-9A-Za-z]|[.][0-9A-Za-z])",
      ""
    ],
    "inherited_gap": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}(?:[,;&/+][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}(?:(?:and|or|&)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])?|(?:and|or)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])$",
      ""
    ],
    "inherited_rest": [
      "^[\"\\u0027)\\]]{0,3}(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*(?:\\n|\\t|$)|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}[,;](?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[A-Z]|[0-9]{1,3}(?![0-9.]))|[/&|](?![0-9]{4})|[.](?![0-9])|[)]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]{1,2}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000][A-Za-z]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,2}[(\\[][A-Za-z]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:and|or|&|on|for|per|by|with|w/|remark|rarc|denied|denials?|only|both|again)(?![A-Za-z]))",
      "i"
    ],
    "value_rest": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[)\\]}\"\\u0027])*(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*(?:\\n|\\t|$)|[&<]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*[,;|/]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[:=.(])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*(?:[^0-9]|$)|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]+[(\\[]?[A-Z$]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{2,})",
      ""
    ],
    "value_rest_loose": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[)\\]}\"\\u0027])*(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*(?:\\n|\\t|$)|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*[,;|/&+<]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]*(?:[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[:=.(!?])|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]+[(\\[$A-Za-z0-9])",
      ""
    ],
    "spoken_rest": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:amt|amount|adj|remark|rarc|rmk|on|for|was|is|applied|with|and|per|posted|denied|qty)(?![a-z])",
      "i"
    ],
    "list_rest": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[,;/&][ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[ABDPWY]?[0-9]{1,3}){1,8}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[.]?(?:\\n|$)",
      ""
    ],
    "value_list": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{1,2}[ABDPWY]?[0-9]{1,3}){1,12}[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:\\n|\\t|[|]|$)",
      ""
    ],
    "next_is_value": [
      "^[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?(?:[:=)\\t|]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63])[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3}(?:[ABDPWY]?[0-9]{1,3}|(?:C[O0]|PR|OA|PI|CR)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[*/])?[A-Z]?[0-9]{1,3}|MA?[0-9]{1,3}|N[0-9]{1,3})(?![0-9A-Za-z]|[.][0-9A-Za-z])",
      ""
    ],
    "next_is_code": [
      "^(?:[.):]|[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]){1,4}(?:(?:[Cc][Oo0Rr]|[Pp][RrIi]|[Oo][Aa])(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]?|[*/])[A-Z]?[0-9]{1,3}|MA?[0-9]{1,3}|N[0-9]{1,3})(?![0-9A-Za-z])",
      ""
    ],
    "group_left": [
      "(?:^|[^A-Za-z0-9&])([Cc][Oo0Rr]|[Pp][RrIi]|[Oo0][Aa])(?:(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[(]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]){1,3}(?:contractual[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]obligations?|patient[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]resp(?:onsibility|[.])|other[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]adjustments?|pay[eo]r[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]initiated(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]reductions?)?|corrections?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:and|&)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]reversals?))?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[,;|/:)\"\\n\\t]|\\u0027|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63])*(?:(?:claim|adj|adjustment|adjust|denial|ansi|line|service)[.]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000])*$",
      "i"
    ],
    "group_label_left": [
      "(?:group|groups|grp|cagc|gc)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|_|-)?(?:code|cd)?[\"\\u0027]?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[:=\\n\\t|(]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63])*[\"\\u0027]?$",
      "i"
    ],
    "group_named": [
      "^(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\"\\u0027(\\[])*(?:([Cc][Oo]|[Pp][RrIi]|[Oo][Aa]|[Cc][Rr])(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[:=(]){1,5}(?:contractual|patient|other|payer|payor|corrections?)(?![a-z])[^0-9]{0,40}|(?:contractual(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]obligations?)?|patient(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:responsibility|resp[.]?))?|other(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]adjustments?)?|pay[eo]r(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]initiated)?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]reductions?)?|corrections?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000](?:and|&)[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]reversals?)?)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]|[:=]){0,5}[(\\[]?([Cc][Oo]|[Pp][RrIi]|[Oo][Aa]|[Cc][Rr])[)\\]]?[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{0,3})$",
      "i"
    ],
    "group_right": [
      "^[\"\\u0027)]?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[,;|/\\n\\t]){0,6}[\"\\u0027]?(?:(?:claim|adj|adjustment)[.]?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|_)?)*(?:group|grp|cagc)(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|_|-)?(?:code|cd)?[\"\\u0027]?(?:[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]|[:=\\n\\t(]|[\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63]){1,4}[\"\\u0027]?([Cc][Oo0Rr]|[Pp][RrIi]|[Oo0][Aa])(?![0-9A-Za-z&])",
      "i"
    ],
    "segment": [
      "^[\"\\u0027(\\[]?([A-Z][A-Z0-9]{1,2})([*|^])",
      ""
    ],
    "columns": [
      "[ \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000]{2,}",
      ""
    ],
    "token": [
      "[^ \\t\\n|,;\\u00a0]+",
      ""
    ],
    "value": [
      "[0-9]{3}|[$][0-9]",
      ""
    ]
  },
  "tags": {
    "dropped": [
      "rp",
      "rt",
      "script",
      "style",
      "template"
    ],
    "kept": [
      "pre",
      "textarea"
    ],
    "lines": [
      "address",
      "article",
      "aside",
      "blockquote",
      "body",
      "button",
      "caption",
      "center",
      "dd",
      "details",
      "dialog",
      "dir",
      "div",
      "dl",
      "dt",
      "fieldset",
      "figcaption",
      "figure",
      "footer",
      "form",
      "h1",
      "h2",
      "h3",
      "h4",
      "h5",
      "h6",
      "head",
      "header",
      "hr",
      "html",
      "legend",
      "li",
      "main",
      "menu",
      "nav",
      "ol",
      "optgroup",
      "option",
      "p",
      "pre",
      "search",
      "section",
      "select",
      "summary",
      "table",
      "tbody",
      "textarea",
      "tfoot",
      "thead",
      "title",
      "tr",
      "ul"
    ]
  },
  "roles": {
    "table": "table",
    "grid": "table",
    "treegrid": "table",
    "row": "row",
    "cell": "cell",
    "gridcell": "cell",
    "columnheader": "head",
    "rowheader": "cell"
  },
  "parts": {
    "table": "table",
    "tr": "row",
    "td": "cell",
    "th": "head"
  }
};
return { FINDER_RULES };
})();
const in_finder_labels = (() => {
/**
 * The finder's grammar made ready, and labels: what the words right before a value, or in a header
 * cell, say the value is. The rules come from `finder-rules.js`; the server reads the same ones.
 */

const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {"carc" | "rarc" | "both" | "code" | "group" | "diagnosis" | "modifier" | "state" |
 *   "identity" | "other"} HeaderKind
 * @typedef {object} Label
 * @property {"carc" | "rarc" | "both" | "code"} kind
 * @property {boolean} sure it says "code" or is jargon; a bare "Reason" is not sure
 * @property {boolean} plural
 * @property {number} start
 * @property {boolean} crosses a line's or cell's edge lies between label and value
 * @typedef {readonly [number, number]} Span
 */

/** @param {string} name @param {string} [flags] */
const finderPattern = (name, flags = "") => {
  const [source, own] = /** @type {[string, string]} */ (FINDER_RULES.patterns[name]);
  return new RegExp(source, own + flags);
};

/** Every pattern by its name. */
const FINDER_ASK = Object.fromEntries(
  Object.keys(FINDER_RULES.patterns).map((name) => [name, finderPattern(name)]),
);
const FINDER_NUMBER = finderPattern("number", "g");
const FINDER_TOKEN = finderPattern("token", "g");
const FINDER_COLUMNS = finderPattern("columns", "g");

/** @param {string} ranges `1-3 MA1-MA2` @returns {Set<string>} 1, 2, 3, MA01, MA02 */
function finderSpelledOut(ranges) {
  const found = new Set();
  for (const part of ranges.split(" ")) {
    const [first = "", last = first] = part.split("-");
    const head = first.replace(/[0-9]+$/, "");
    const width = head === "MA" ? 2 : 1;
    for (let at = Number(first.slice(head.length)); at <= Number(last.slice(head.length)); at += 1) {
      found.add(head + String(at).padStart(width, "0"));
    }
  }
  return found;
}

const FINDER_GROUPS = new Set(FINDER_RULES.groups);
const FINDER_CARC = finderSpelledOut(FINDER_RULES.known.carc ?? "");
const FINDER_RARC = finderSpelledOut(FINDER_RULES.known.rarc ?? "");
/** @type {Record<string, Set<string>>} */
const FINDER_WORDS = Object.fromEntries(
  Object.entries(FINDER_RULES.words).map(([kind, words]) => [kind, new Set(words)]),
);
/** @type {[HeaderKind, Set<string>][]} */
const HEADER_WORDS = Object.entries(FINDER_RULES.headers).map(([kind, words]) => [
  /** @type {HeaderKind} */ (kind),
  new Set(words),
]);
/** Every word a label may consist of. */
const LABEL_WORDS = new Set(
  ["carc", "rarc", "group", "code", "denial", "filler"].flatMap((kind) => [...finderWords(kind)]),
);
const EVERY_HEADER_WORD = new Set([...LABEL_WORDS, ...HEADER_WORDS.flatMap(([, words]) => [...words])]);
/** Last two letters of every word that may stand right before a value. */
const FINDER_TAILS = new Set([
  "si",
  ...["carc", "rarc", "code", "joining"].flatMap((kind) =>
    [...finderWords(kind)].map((word) => word.slice(-2)),
  ),
]);
const BARE_CODE = new Set([...finderWords("code")].filter((word) => !["no", "nbr", "num", "s"].includes(word)));

const REACH = 96;
const MAX_KEY = 40;
const LABEL_EDGES = "\n\t|";

/** @param {string} kind @returns {Set<string>} */
function finderWords(kind) {
  return FINDER_WORDS[kind] ?? new Set();
}

/** @param {string} text */
const isLetters = (text) => /^\p{L}+$/u.test(text);
/** @param {string} text */
const isWordly = (text) => /^[\p{L}\p{N}]+$/u.test(text);
/** @param {string} text */
const isDigits = (text) => /^[0-9]+$/.test(text);
/** @param {string} text */
const isUpper = (text) => text === text.toUpperCase() && text !== text.toLowerCase();
/** @param {string} text */
const isLower = (text) => text === text.toLowerCase() && text !== text.toUpperCase();

/** @param {string} text @param {string} signs @returns text without those at its end */
function trimEnd(text, signs) {
  let end = text.length;
  while (end > 0 && signs.includes(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end);
}

/** @param {string} text @param {string} signs @returns text without those at either end */
function trimBoth(text, signs) {
  let start = 0;
  const held = trimEnd(text, signs);
  while (start < held.length && signs.includes(held[start] ?? "")) start += 1;
  return held.slice(start);
}

/**
 * Where `sign` last stands in text[low, at), or -1. Looks no further left than `low`.
 * @param {string} text @param {string} sign @param {number} at @param {number} [low]
 */
function lastBefore(text, sign, at, low = 0) {
  if (at <= low) return -1;
  if (low === 0) return text.lastIndexOf(sign, at - 1);
  const found = text.slice(low, at).lastIndexOf(sign);
  return found < 0 ? -1 : low + found;
}

/** @param {Set<string>} said @param {Set<string>} words */
const meets = (said, words) => {
  for (const word of said) if (words.has(word)) return true;
  return false;
};
/** @param {Set<string>} said @param {Set<string>} words */
const within = (said, words) => {
  for (const word of said) if (!words.has(word)) return false;
  return true;
};

/** @param {string} word `adjReasonCode` as its words; a word of the vocabulary stays whole */
function splitWord(word) {
  const lower = word.toLowerCase();
  if (LABEL_WORDS.has(lower) || finderWords("joining").has(lower)) return [lower];
  return (word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((part) => part.toLowerCase());
}

/**
 * The label whose value begins at `at`, or null.
 * @param {string} text @param {number} at
 * @returns {Label | null}
 */
function labelBefore(text, at) {
  const runs = text.slice(Math.max(0, at - REACH), at).match(/[A-Za-z]+|[^A-Za-z]+/g) ?? [];
  if (!runs.length) return null;
  let place = at;
  let crosses = false;
  let indexed = false;
  let gap = "";
  if (!/^[A-Za-z]/.test(runs.at(-1) ?? "")) {
    gap = runs.pop() ?? "";
    place -= gap.length;
    crosses = [...LABEL_EDGES].some((edge) => gap.includes(edge));
    if (!FINDER_ASK.label_gap?.test(gap)) {
      if (!FINDER_ASK.index_gap?.test(gap)) return null;
      indexed = true;
    }
  }
  const { said, start } = collectWords(runs, place);
  const kind = labelKind(said);
  if (!kind) return null;
  if (crosses && !fillsLine(text, start, gap.includes("\n") ? "\n" : LABEL_EDGES)) return null;
  const sure =
    meets(said, finderWords("carc_sure")) ||
    meets(said, finderWords("rarc")) ||
    meets(said, finderWords("code")) ||
    said.has("ansi");
  return { kind, sure, plural: !indexed && meets(said, finderWords("plural")), start, crosses };
}

/** @param {string[]} runs @param {number} place where they end */
function collectWords(runs, place) {
  /** @type {Set<string>} */
  const said = new Set();
  let start = place;
  for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
    if (!/^[A-Za-z]/.test(run)) {
      if (!FINDER_ASK.word_gap?.test(run)) break;
      place -= run.length;
      continue;
    }
    const words = splitWord(run);
    let whole = true;
    for (const word of words.toReversed()) {
      if (LABEL_WORDS.has(word) || (word === "for" && meets(said, finderWords("denial")))) said.add(word);
      else if (finderWords("joining").has(word) && !said.size) continue;
      else {
        whole = false;
        break;
      }
    }
    if (!whole && words.length === 1) break;
    place -= run.length;
    start = place;
    if (!whole) break;
  }
  return { said, start };
}

/** @param {Set<string>} said @returns {"carc" | "rarc" | "both" | "code" | null} */
function labelKind(said) {
  const remark = meets(said, finderWords("rarc"));
  let reason = meets(said, finderWords("carc")) || said.has("ansi");
  const denial = meets(said, finderWords("denial")) && meets(said, finderWords("code"));
  if (denial && !meets(said, finderWords("group"))) reason = true;
  if (remark && reason) return meets(said, finderWords("carc")) ? "both" : "rarc";
  if (said.size && within(said, BARE_CODE)) return "code";
  return remark ? "rarc" : reason ? "carc" : null;
}

/** Whether nothing but space stands between the line's or cell's edge and `start`.
 * @param {string} text @param {number} start @param {string} edges */
function fillsLine(text, start, edges) {
  const before = text.slice(Math.max(0, start - REACH), start);
  const cut = Math.max(...[...edges].map((edge) => before.lastIndexOf(edge)));
  if (cut < 0 && start > REACH) return false;
  return !/[\p{L}\p{N}]/u.test(before.slice(cut + 1));
}

/**
 * What the line above, or the cell before, says a value at `at` is: "Auth #", "Diagnosis".
 * @param {string} text @param {number} at
 * @returns {HeaderKind | null}
 */
function keyKind(text, at) {
  const edge = text[at - 1];
  if (edge !== "\n" && edge !== "\t") return null;
  let key = text.slice(Math.max(0, at - 1 - MAX_KEY), at - 1);
  key = key.slice(Math.max(key.lastIndexOf("\n"), edge === "\n" ? -1 : key.lastIndexOf("\t")) + 1);
  if (key.length === MAX_KEY || key.includes("\t") || (key.match(/[0-9]/g) ?? []).length > 2) return null;
  return headerKind(trimBoth(key, " :*\u00a0"));
}

/** @type {Map<string, HeaderKind | null>} */
const headersSeen = new Map();

/**
 * What a column holds whose header cell says `text`; null where the words say nothing.
 * @param {string} text
 * @returns {HeaderKind | null}
 */
function headerKind(text) {
  if (text.length > REACH) return null;
  const seen = headersSeen.get(text);
  if (seen !== undefined) return seen;
  if (headersSeen.size > 8192) headersSeen.clear();
  const kind = weighHeader(text);
  headersSeen.set(text, kind);
  return kind;
}

/** @param {string} text @returns {HeaderKind | null} */
function weighHeader(text) {
  const said = new Set((text.match(/[A-Za-z]+[0-9]*/g) ?? []).flatMap(headerWords));
  for (const word of finderWords("noise")) said.delete(word);
  // "Reason for denial"
  if (meets(said, finderWords("denial"))) said.delete("for");
  if (!said.size) {
    return text.includes("#") ? "identity" : text.includes("$") || text.includes("%") ? "other" : null;
  }
  if (within(said, LABEL_WORDS)) {
    const core = meets(said, finderWords("carc")) || meets(said, finderWords("rarc"));
    if (text.includes("#") && !core) return "identity";
    const numbered = ["no", "nbr", "num"].some((word) => said.has(word));
    if (meets(said, finderWords("group")) && !numbered) return labelKind(said) ?? "group";
    const kind = labelKind(said);
    if (kind) return kind;
  }
  return otherKind(said);
}

/** @param {string} run */
function headerWords(run) {
  const lower = run.toLowerCase();
  if (HEADER_WORDS.some(([, words]) => words.has(lower))) return [lower];
  const bare = run.replace(/[0-9]+$/, "");
  return bare ? splitWord(bare) : [];
}

/** @param {Set<string>} said @returns {HeaderKind | null} */
function otherKind(said) {
  if (!within(said, EVERY_HEADER_WORD)) return null;
  for (const [kind, words] of HEADER_WORDS) {
    if (meets(said, words) && within(said, new Set([...words, ...LABEL_WORDS]))) return kind;
  }
  for (const [kind, words] of HEADER_WORDS.slice(3)) if (meets(said, words)) return kind;
  return null;
}
return { FINDER_ASK, FINDER_NUMBER, FINDER_TOKEN, FINDER_COLUMNS, FINDER_GROUPS, FINDER_CARC, FINDER_RARC, FINDER_WORDS, FINDER_TAILS, finderWords, isLetters, isWordly, isDigits, isUpper, isLower, trimEnd, trimBoth, lastBefore, labelBefore, keyKind, headerKind };
})();
const in_finder_columns = (() => {
/** Columns in plain text: tabs, pipes, commas, or two and more spaces under a header line. */

const { FINDER_ASK, FINDER_COLUMNS, FINDER_GROUPS, FINDER_TOKEN, headerKind, lastBefore, trimBoth } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {import("./finder-labels.js").HeaderKind} HeaderKind
 * @typedef {import("./finder-labels.js").Span} Span
 * @typedef {object} Header
 * @property {string} mark the delimiter; two spaces where columns are aligned by position
 * @property {(HeaderKind | null)[]} kinds
 * @property {Span[]} spans of each header cell, within its line
 * @property {number[]} group for each column the group column its values belong to, or -1
 * @typedef {object} Cell a table's cell, in flow offsets
 * @property {number} start
 * @property {number} end
 * @property {HeaderKind | null} kind
 * @property {boolean} headed
 * @property {() => Span[]} groups the group codes of its row that bear on it
 * @typedef {object} Row a line of text that has cells
 * @property {number} start
 * @property {number} end
 * @property {string} mark
 * @property {Header | null} header
 * @property {Span[] | null} cells
 */

/** @type {ReadonlySet<HeaderKind | null>} */
const CODED = new Set(["carc", "rarc", "both", "group"]);
/** @type {ReadonlySet<HeaderKind | null>} */
const MAY_HOLD_GROUP = new Set([null, "carc", "both", "code"]);
const MAX_HEADER_LINE = 600;
const MAX_NAMED = 80;
const MAX_ROW = 2000;
const WIDE = "  ";

/** @param {Header} header @param {number} index @returns {number} */
function nearestGroup(header, index) {
  for (let column = Math.min(index, header.kinds.length) - 1; column >= 0; column -= 1) {
    if (header.kinds[column] === "group") return column;
  }
  return header.kinds.indexOf("group");
}

/**
 * The group codes a cell consists of; none where it holds anything else.
 * @param {string} text @param {number} start @param {number} end
 * @returns {Span[]}
 */
function groupsIn(text, start, end) {
  if (end - start > MAX_HEADER_LINE) return [];
  /** @type {Span[]} */
  const found = [];
  for (const token of text.slice(start, end).matchAll(FINDER_TOKEN)) {
    let low = start + token.index;
    let high = low + token[0].length;
    while (low < high && "\"'([".includes(text[low] ?? "")) low += 1;
    while (high > low && "\"')]:-*".includes(text[high - 1] ?? "")) high -= 1;
    if (!FINDER_GROUPS.has(text.slice(low, high).toUpperCase())) return named(text, start, end);
    found.push([low, high]);
  }
  return found;
}

/** The group of a cell that says its name as well: "CO - Contractual Obligations".
 * @param {string} text @param {number} start @param {number} end @returns {Span[]} */
function named(text, start, end) {
  if (end - start > MAX_NAMED) return [];
  const cell = text.slice(start, end);
  const shown = trimBoth(cell, "\r\n ");
  const found = FINDER_ASK.group_named?.exec(shown);
  if (!found) return [];
  const letters = found[1] ?? found[2] ?? "";
  // The group is the first of its letters where it comes first, else the last.
  const at = found[1] ? found[0].indexOf(letters) : found[0].lastIndexOf(letters);
  const low = start + cell.indexOf(shown) + at;
  return [[low, low + 2]];
}

/** What cuts a line into cells: a tab, a pipe, two spaces, a comma; "" for plain words.
 * @param {string} line */
function cutBy(line) {
  for (const mark of ["\t", "|", WIDE]) if (line.includes(mark)) return mark;
  return line.split(",").length > 2 && !line.includes(", ") ? "," : "";
}

/** @param {string} line */
function mayHead(line) {
  if (line.length > MAX_HEADER_LINE || FINDER_ASK.value?.test(line)) return false;
  const words = line.toLowerCase();
  return (FINDER_RULES.words.header_stems ?? []).some((stem) => words.includes(stem));
}

/** @param {string} text @returns {Header | null} */
function cutHeader(text) {
  if (!mayHead(text)) return null;
  const line = text.trimEnd();
  const mark = cutBy(line);
  /** @type {Span[]} */
  const spans = [];
  let at = 0;
  if (mark === WIDE) {
    for (const gap of (line + WIDE).matchAll(FINDER_COLUMNS)) {
      if (gap.index > at) spans.push([at, gap.index]);
      at = gap.index + gap[0].length;
    }
  } else if (mark) {
    for (const part of line.split(mark)) {
      spans.push([at, at + part.length]);
      at += part.length + 1;
    }
  }
  const kinds = spans.map(([low, high]) => headerKind(trimBoth(line.slice(low, high), ' "*')));
  const told = kinds.filter(Boolean);
  if (spans.length < 2 || !told.length) return null;
  if (told.length < 2 && !told.some((kind) => CODED.has(kind))) return null;
  for (const [index, [low, high]] of spans.entries()) {
    const cell = line.slice(low, high).trim();
    // A row of values may hold a label too; what has digits or a group in it heads nothing.
    if (FINDER_GROUPS.has(cell) || (!kinds[index] && /[0-9]/.test(cell))) return null;
  }
  /** @type {Header} */
  const header = { mark, kinds, spans, group: [] };
  if (kinds.includes("group")) {
    header.group = kinds.map((_, column) => nearestGroup(header, column));
  }
  return header;
}

/** Finds the cell an offset of plain text stands in, line by line and only where asked. */
class TextTables {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** @type {Row} */
    this.row = { start: 0, end: -1, mark: "", header: null, cells: null };
    this.read = 0;
    /** @type {Header | null} */
    this.last = null;
    this.lastMark = "";
  }

  /** @param {number} at @returns {Row} the line that holds it, with the header in force */
  rowAt(at) {
    return this.row.start <= at && at <= this.row.end ? this.row : this.enter(at);
  }

  /** @param {number} at @returns {Cell | null} */
  cell(at) {
    const row = this.rowAt(at);
    if (!row.mark) return null;
    if (row.mark === WIDE) return this.byPosition(row, at);
    const cells = this.cells(row);
    if (cells.length < 2) return null;
    let index = 0;
    for (let high = cells.length - 1; index < high; ) {
      const middle = (index + high + 1) >> 1;
      if (/** @type {Span} */ (cells[middle])[0] <= at) index = middle;
      else high = middle - 1;
    }
    return this.made(row, /** @type {Span} */ (cells[index]), index);
  }

  /** @param {number} at @returns {boolean} whether the line of an offset heads columns itself */
  heads(at) {
    const row = this.rowAt(at);
    return cutHeader(this.text.slice(row.start, row.end)) !== null;
  }

  /** @param {number} at @returns {Row} */
  enter(at) {
    const start = lastBefore(this.text, "\n", at) + 1;
    const stop = this.text.indexOf("\n", at);
    const end = stop < 0 ? this.text.length : stop;
    let mark = cutBy(this.text.slice(start, end));
    const header = mark ? this.header(start, end, mark) : null;
    if (!header && mark !== "\t" && mark !== "|") mark = "";
    if (mark === WIDE && end - start > MAX_ROW) mark = "";
    this.row = { start, end, mark, header, cells: null };
    return this.row;
  }

  /** @param {Row} row @returns {Span[]} */
  cells(row) {
    if (!row.cells) {
      let at = row.start;
      row.cells = this.text
        .slice(row.start, row.end)
        .split(row.mark)
        .map((part) => {
          /** @type {Span} */
          const span = [at, at + part.length];
          at += part.length + 1;
          return span;
        });
    }
    return row.cells;
  }

  /** @param {Row} row @param {Span} span @param {number} index @returns {Cell} */
  made(row, span, index) {
    const kind = row.header?.kinds[index] ?? null;
    return {
      start: span[0],
      end: span[1],
      kind,
      headed: row.header !== null,
      groups: () => this.groups(row, index),
    };
  }

  /** @param {Row} row @param {number} index @returns {Span[]} */
  groups(row, index) {
    const header = row.header;
    if (header?.kinds.includes("group")) {
      const column = header.group[Math.min(index, header.group.length - 1)] ?? 0;
      if (header.mark === WIDE) return this.aligned(row, /** @type {Span} */ (header.spans[column]));
      const cell = this.cells(row)[column];
      return cell ? groupsIn(this.text, ...cell) : [];
    }
    if (header?.mark === WIDE || !index) return [];
    const kinds = header?.kinds ?? [];
    if (index <= kinds.length && !MAY_HOLD_GROUP.has(kinds[index - 1] ?? null)) return [];
    return groupsIn(this.text, .../** @type {Span} */ (this.cells(row)[index - 1]));
  }

  /** @param {Row} row @param {number} at @returns {Cell | null} */
  byPosition(row, at) {
    const { start, end, header } = row;
    const { text } = this;
    let stop = at;
    while (stop < end && !" \t\u00a0".includes(text[stop] ?? "")) stop += 1;
    // Aligned values stand apart; a word of a sentence below the table does not.
    if (text.slice(start, at).trim() && text.slice(at - 2, at).trim()) return null;
    const after = text.slice(stop, Math.min(stop + 2, end)).trim();
    if (after && !",;/".includes(text[stop - 1] ?? "")) return null;
    let best = Infinity;
    let column = -1;
    for (const [index, [low, high]] of (header?.spans ?? []).entries()) {
      const distance = Math.max(low - (stop - start), at - start - high, 0);
      if (distance < best) [best, column] = [distance, index];
    }
    return best <= 2 ? this.made(row, [at, stop], column) : null;
  }

  /** @param {Row} row @param {Span} column @returns {Span[]} */
  aligned(row, column) {
    for (const token of this.text.slice(row.start, row.end).matchAll(FINDER_TOKEN)) {
      const low = token.index;
      const high = low + token[0].length;
      if (low >= column[1] + 2 || high <= column[0] - 2) continue;
      const found = groupsIn(this.text, row.start + low, row.start + high);
      if (found.length) return found.slice(0, 1);
    }
    return [];
  }

  /**
   * The header in force for a line: the last one above it among lines cut alike; up to two lines
   * that are blank or ruled may stand between.
   * @param {number} start @param {number} end @param {string} mark
   * @returns {Header | null}
   */
  header(start, end, mark) {
    const { text } = this;
    /** @type {string[]} */
    const above = [];
    /** @type {Header | null} */
    let header = null;
    for (let top = start, idle = 0; top > 0 && idle < 3; ) {
      if (top <= this.read) {
        header = this.lastMark === mark ? this.last : null;
        break;
      }
      const low = lastBefore(text, "\n", top - 1) + 1;
      const words = text.slice(low, top - 1);
      if (cutBy(words) === mark) {
        above.push(words);
        idle = 0;
      } else if (trimBoth(words, FINDER_RULES.chars.ruled ?? "")) break;
      else idle += 1;
      top = low;
    }
    for (const words of above.reverse()) header = cutHeader(words) ?? header;
    this.last = cutHeader(text.slice(start, end)) ?? header;
    this.lastMark = mark;
    this.read = end + 1;
    return header;
  }
}

return { MAY_HOLD_GROUP, groupsIn, cutBy, TextTables };
})();
const in_finder_edges = (() => {
/**
 * The windows around one candidate, and what touches it: parts of names, amounts, X12 elements.
 * Every question is about a bounded window left or right of one place, cut at the line's end.
 */

const { FINDER_ASK, FINDER_CARC, isDigits, isLetters, isLower, isUpper, isWordly, lastBefore } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

const LEFT_REACH = 72;
const RIGHT_REACH = 56;
const TOKEN_REACH = 240;
const QUOTED = 12;

/** @param {string} name @param {string} text */
const asked = (name, text) => /** @type {RegExp} */ (FINDER_ASK[name]).test(text);

/** Answers for one text. */
class FinderEdges {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.spaces = FINDER_RULES.chars.spaces ?? "";
    this.dashes = FINDER_RULES.chars.dashes ?? "";
  }

  /** @param {number} at @returns the text left of `at`, within its line and cell */
  left(at) {
    let window = this.text.slice(Math.max(0, at - LEFT_REACH), at);
    for (const edge of "\n\t|") window = window.slice(window.lastIndexOf(edge) + 1);
    return window;
  }

  /** @param {number} at @returns the text right of `at`, within its line */
  right(at) {
    const window = this.text.slice(at, at + RIGHT_REACH);
    const cut = window.indexOf("\n");
    return cut < 0 ? window : window.slice(0, cut + 1);
  }

  /** Whether the line speaks of a claim's adjustment close by.
   * @param {number} start @param {number} end @param {string} [name] */
  claims(start, end, name = "claim_near") {
    let left = this.text.slice(Math.max(0, start - LEFT_REACH), start);
    left = left.slice(left.lastIndexOf("\n") + 1);
    const right = this.right(end);
    return asked(name, left) || asked(name, right) || right.includes("$");
  }

  /** @param {number} start whether it is inside a web address or a path */
  address(start) {
    const token = this.text.slice(Math.max(0, start - TOKEN_REACH), start);
    const last = (/\S*$/.exec(token)?.[0] ?? "").replace(/^[(["']+/, "");
    return last.includes("://") || last.includes("www.") || last.startsWith("/") || last.startsWith("?") || last.includes("\\");
  }

  /** Whether nothing glued on the left makes the code part of something longer.
   * @param {number} start @param {boolean} listed */
  clearLeft(start, listed) {
    if (start === 0) return true;
    const before = this.text[start - 1] ?? "";
    const further = start > 1 ? (this.text[start - 2] ?? "") : " ";
    if ("#&@$\\\u20ac\u00a3".includes(before) && !(before === "#" && listed)) return false;
    if (this.dashes.includes(before) && isWordly(further)) {
      if (listed) return true;
      const word = /\S*$/.exec(this.text.slice(Math.max(0, start - 24), start - 1))?.[0] ?? "";
      return isLetters(word) && word.length > 2 && !isUpper(word);
    }
    if (before === "." && isWordly(further) && isLower(this.text[start] ?? "")) return false;
    if ("/=?.".includes(before) && isWordly(further) && this.address(start)) return false;
    return !(before === "/" && this.address(start));
  }

  /** Whether a quote after the number says feet or inches: none opens before it.
   * @param {number} j @param {string} right */
  measured(j, right) {
    return asked("measure_after", right) && !this.text.slice(Math.max(0, j - QUOTED), j).includes(right[0] ?? "");
  }

  /** Whether nothing glued on the right makes the number part of something longer.
   * @param {number} j @param {string} right @param {boolean} listing a comma or slash may go on with the next code
   * @param {boolean} [counted] "x2" may follow */
  clearRight(j, right, listing, counted = false) {
    if (!right) return true;
    const first = right[0] ?? "";
    if (first === "," && counted && asked("next_amount", right)) return true;
    if (first === "," && listing) {
      const three = right.slice(1, 4);
      if (three.length !== 3 || !isDigits(three) || isDigits(right[4] ?? "")) return true;
      // "CO-16,107" lists two codes; "CO-107,500" and "1,150.00" are amounts.
      return FINDER_CARC.has(three) && !(right[4] === "." && isDigits(right[5] ?? ""));
    }
    if ("/:".includes(first) && isDigits(right[1] ?? "")) return listing || asked("amount_after", right);
    if (first === "-" && right[1] === ">") return true;
    if (asked("not_after", right) || (!counted && (asked("times_after", right) || this.measured(j, right)))) return false;
    if (this.dashes.includes(first)) return asked("code_after_dash", right) || !asked("not_after_dash", right);
    return first !== "_" && first !== "\\";
  }

  /** The X12 segment an offset stands in: its id, where it begins, its element mark.
   * @param {number} at @returns {{ id: string, begin: number, mark: string } | null} */
  segment(at) {
    const low = Math.max(0, at - TOKEN_REACH);
    const begin = Math.max(...[..." \n~\t"].map((sign) => lastBefore(this.text, sign, at, low))) + 1;
    if (begin === 0 && low > 0) return null;
    const found = FINDER_ASK.segment?.exec(this.text.slice(begin, begin + 5));
    if (!found) return null;
    const start = begin + found[0].indexOf(found[1] ?? "");
    return start >= at ? null : { id: found[1] ?? "", begin: start, mark: found[2] ?? "" };
  }

  /** @param {number} start whether a group there is an element of a segment */
  otherSegment(start) {
    return start > 0 && "*^".includes(this.text[start - 1] ?? "");
  }
}
return { LEFT_REACH, RIGHT_REACH, asked, FinderEdges };
})();
const in_finder_guard = (() => {
/**
 * What a number's surroundings forbid: amounts, dates, roads, states, companies, diagnoses.
 * Every question is about a bounded window left or right of one candidate, cut at the line's end.
 */

const { FinderEdges, LEFT_REACH, RIGHT_REACH, asked } = in_finder_edges;
const { FINDER_ASK, FINDER_GROUPS, finderWords, isDigits, isLetters, isLower, isUpper, trimBoth, trimEnd } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {import("./finder-labels.js").Label} FinderLabel
 * @typedef {import("./finder-labels.js").Span} FinderSpan
 * @typedef {"dash" | "mark" | "space" | "glued"} Form
 */

const MAX_WARY = 10000;
const BULLETS = " \u00a0\u2022\u00b7*-(\"'";
const ENDS = " \u00a0.)\"'\n";
const REMARK_SEGMENTS = new Set(["LQ", "MOA", "MIA", "HE"]);

/** @param {string} text @param {string} signs */
const holdsAny = (text, signs) => [...signs].some((sign) => text.includes(sign));

/** Answers for one text. */
class FinderGuard extends FinderEdges {
  /** @param {string} text */
  constructor(text) {
    super(text);
    /** @type {Map<string, "fine" | "code" | "wary">} */
    this.words = new Map();
  }

  /** @param {number} start whether the word before a code calls for a second look */
  wary(start) {
    const words = this.text.slice(Math.max(0, start - 24), start - 1).split(/\s+/).filter(Boolean);
    const last = words.at(-1) ?? "";
    let held = this.words.get(last);
    if (!held) {
      if (this.words.size > MAX_WARY) this.words.clear();
      held = this.weigh(last);
      this.words.set(last, held);
    }
    if (held !== "code") return held === "wary";
    // "Remark codes N122": the word before says of what.
    return this.weigh(words.at(-2) ?? "") !== "fine";
  }

  /** @param {string} last @returns {"fine" | "code" | "wary"} */
  weigh(last) {
    const city = last.endsWith(",") && isUpper(last[0] ?? "") && isLetters(last.slice(0, -1));
    const word = trimBoth(last, ":.;(-\u2013\"'").toLowerCase();
    if (last.includes("#") || "&=".includes(last.slice(-1)) || city || finderWords("wary").has(word) || !word) {
      return "wary";
    }
    return finderWords("code").has(word) ? "code" : "fine";
  }

  /** Whether a line (in small letters) could speak of what the stems belong to.
   * @param {string} line @param {string} stems */
  holds(line, stems) {
    for (const stem of finderWords(stems)) if (line.includes(stem)) return true;
    return false;
  }

  /** Whether a group with its number is a road's, by the words around it.
   * @param {number} start @param {number} j */
  road(start, j) {
    const left = this.left(start);
    const right = this.right(j);
    return !this.claims(start, j) && this.roadAround(this.text.slice(start, start + 2), left, right);
  }

  /** Whether the line speaks of a claim's adjustment, or another code follows.
   * @param {number} start @param {number} j */
  claimed(start, j) {
    return asked("next_in_list", this.right(j)) || this.claims(start, j);
  }

  /** Whether neither neighbour of a remark code looks like a diagnosis: a letter, digits.
   * @param {number} start @param {number} j */
  lone(start, j) {
    const before = trimEnd(this.text.slice(Math.max(0, start - 3), start), " ,;");
    if (isDigits(before.slice(-1))) return false;
    const after = this.text.slice(j, j + 4).replace(/^[ ,;]+/, "");
    return !(isDigits(after[1] ?? "") && isLetters(after[0] ?? "") && !"MN".includes(after[0] ?? ""));
  }

  /** Whether a remark code stands in no list of diagnoses.
   * @param {number} start @param {number} j */
  noDiagnosis(start, j) {
    if (this.disease(start, j) || !this.remarkFits(this.left(start))) return false;
    const right = this.right(j);
    return !asked("diagnosis_neighbour_right", right) && !asked("remark_not_after", right);
  }

  /** Whether the words around name a disease and no denial: `ESRD N186` is N18.6.
   * @param {number} start @param {number} j */
  disease(start, j) {
    const named = asked("disease_near", this.left(start)) || asked("disease_near", this.right(j));
    return named && !this.claims(start, j);
  }

  /**
   * Whether group and number, joined in this form, are a denial code here.
   * @param {string} group @param {Form} form @param {FinderSpan} at @param {number} s
   * @param {number} j @param {boolean} known @param {boolean} listed a label or a code before says so
   */
  grouped(group, form, at, s, j, known, listed) {
    const letters = this.text.slice(at[0], at[1]);
    const right = this.right(j);
    const gap = this.text.slice(at[1], s);
    const star = gap.includes("*");
    if (!this.clearLeft(at[0], listed)) return false;
    const tight = form === "dash" || form === "glued";
    const listing = form === "dash" || listed || (right[0] === "/" && this.claims(at[0], j));
    if (!this.clearRight(j, right, listing, tight)) return false;
    // "Two CO-107s" are codes; "PR 90s" is not.
    if (right[0] === "s" && !(tight && isUpper(letters))) return false;
    if (asked("phone_after", right)) return false;
    if (!star && at[0] && this.text[at[0] - 1] === "*" && this.segment(at[0])) return false;
    if (holdsAny(gap, "([") && right[0] !== ")" && right[0] !== "]") return false;
    if (listed) return true;
    const left = this.left(at[0]);
    if (left && this.elsewhere(left)) return false;
    const bound = (form === "dash" || form === "mark") && !holdsAny(gap, this.spaces);
    const firm = bound && (form === "dash" || star);
    if (!known && !(isUpper(letters) && (firm || this.told(left, j - s)))) return false;
    const claims = this.claims(at[0], j);
    const numbered = group === "CO" || group === "PR" || group === "CR";
    if (numbered && !claims && this.roadAround(group, left, right)) return false;
    const city = bound ? null : FINDER_ASK.city_before?.exec(left);
    if (city && !asked("claim_word", city[1] ?? "")) return false;
    if (!bound && !this.plain(group, left, right, claims)) return false;
    return this.written(group, form, letters, at[0], s, j, left, claims);
  }

  /** Whether the word right before says that a number no list names is a reason.
   * @param {string} left @param {number} length */
  told(left, length) {
    const words = trimEnd(left, " :-\u2013");
    const word = words.slice(words.lastIndexOf(" ") + 1);
    return length === 3 && FINDER_ASK.denial_near?.exec(word)?.[0] === word && word !== "";
  }

  /** Whether the line speaks of roads, houses, or (PR) of pull requests.
   * @param {string} group @param {string} left @param {string} right */
  roadAround(group, left, right) {
    const window = `${left} ${right}`;
    if (group === "PR" && asked("software_near", window)) return true;
    if (asked("house_before", left) && asked("town_after", right)) return true;
    return asked("road_after", right) || asked("road_near", window);
  }

  /** @param {string} left whether its last words say: a road, a state, an account */
  elsewhere(left) {
    return asked("road_before", left) || asked("state_before", left) || asked("identity_before", left);
  }

  /** Whether a group loosely joined to its number is neither company, address nor reading.
   * @param {string} group @param {string} left @param {string} right @param {boolean} claims */
  plain(group, left, right, claims) {
    if (asked("units_after", right) || asked("modifiers_before", left)) return false;
    if (asked("address_after", right) && !claims) return false;
    if (group === "CO" && asked("company_before", left)) return false;
    if (asked("pair_before", left) || asked("pair_after", right)) return false;
    return claims || !asked("reading_before", left);
  }

  /**
   * Whether the letters are written as a group code would be in this form.
   * @param {string} group @param {Form} form @param {string} letters @param {number} start
   * @param {number} s @param {number} j @param {string} left @param {boolean} claims
   */
  written(group, form, letters, start, s, j, left, claims) {
    const number = this.text.slice(s, j);
    if (group === "CR" && form !== "dash") return isUpper(letters) && claims;
    if (isUpper(letters)) {
      if (form === "glued" && (letters + number === "CO2" || !isDigits(number))) {
        // "COB1" to "COB3" say which payer comes first, second, third.
        const order = /^COB[123]$/.test(letters + number);
        return !isDigits(number) && !order;
      }
      const loose = form === "space" || form === "mark";
      const doubtful = (group === "CO" && number === "2") || (group === "PI" && number.length === 1);
      return loose && doubtful ? claims : true;
    }
    const edge = !trimBoth(left, BULLETS);
    if (isLower(letters)) return form === "dash" || claims || (edge && group !== "PI" && this.alone(start, j));
    // "Co" and "Pr" with a capital are companies and names, unless what stands before is ours.
    const last = left.trim().split(/\s+/).at(-1) ?? "";
    let ours = edge || asked("claim_word", trimBoth(last, ":,;(-\u2013")) || ":;(,=-".includes(last.slice(-1));
    ours ||= form === "dash" && isLower(last);
    return ours && (form === "dash" || form === "mark" || claims || this.alone(start, j));
  }

  /**
   * Whether M, MA or N with its number is a remark code here.
   * @param {number} start @param {number} j @param {boolean} upper
   * @param {boolean} labelled a label or a column says so @param {boolean} listed @param {boolean} known
   * @param {boolean} [beside] a code stands before it in the line
   */
  remark(start, j, upper, labelled, listed, known, beside = false) {
    const right = this.right(j);
    if (!this.clearLeft(start, listed || labelled) || !this.clearRight(j, right, true, j - start > 3)) return false;
    const before = start ? (this.text[start - 1] ?? "") : "";
    if ((right[0] === "*" && before !== "*") || (right[0] === "s" && j - start < 4)) return false;
    if (before === "*" || before === ":") {
      const found = this.segment(start);
      if (found && !REMARK_SEGMENTS.has(found.id)) return false;
      if (before === "*") return known && (found !== null || j - start > 2);
    }
    if (asked("remark_not_after", right)) return false;
    if (labelled) return true;
    if (!upper || !known) return false;
    const left = this.left(start);
    if (!listed && (this.disease(start, j) || !this.remarkFits(left))) return false;
    if (j - start === 2 && asked("modifier_before", left)) return false;
    if (asked("diagnosis_neighbour_right", right) && !listed) return false;
    const two = this.text[start + 1] === "A";
    const digits = j - start - (two ? 2 : 1);
    if (two) return digits > 1 || listed || asked("next_in_list", right);
    if (digits === 3 || listed || asked("next_in_list", right)) return true;
    if (digits !== 2 || this.text.slice(start, j) === "N95") return false;
    return beside || this.claims(start, j, "denial_near");
  }

  /** @param {string} left */
  remarkFits(left) {
    return !(
      asked("remark_not_before", left) ||
      asked("identity_before", left) ||
      asked("diagnosis_near", left) ||
      asked("transit_near", left) ||
      asked("diagnosis_neighbour_left", left)
    );
  }

  /**
   * Whether a bare number after its label is the value the label announces.
   * @param {number} s @param {number} j @param {FinderLabel} label
   * @param {boolean} first no other value stands between
   * @param {boolean} paired a group is named beside the label
   */
  labelled(s, j, label, first, paired) {
    const right = this.right(j);
    if (!this.clearRight(j, right, true) || asked("units_after", right)) return false;
    const number = this.text.slice(s, j);
    if (asked("next_is_code", right) && isDigits(number)) {
      // "Reason codes: 1. CO-45  2. CO-97": the number counts the codes.
      if (".):".includes(right[0] ?? "") && Number(number) <= 20) return false;
      if (Number(number) <= 9 && !label.plural && !"MN".includes(right.trimStart()[0] ?? "")) return false;
    }
    if (!first) return asked("value_rest_loose", right) || !right;
    const gap = this.text.slice(Math.max(0, s - 6), s);
    // "Reason code 1: 107": the number counts the labels.
    if (number.length === 1 && !holdsAny(gap, ":=#\n\t|") && asked("next_is_value", right)) return false;
    if (label.plural && gap.includes("(") && right[0] === ")" && !label.crosses) return false;
    if ((label.sure || paired) && !label.crosses) return !right || asked("value_rest_loose", right);
    if (!right || asked("value_rest", right)) {
      return label.crosses || holdsAny(gap, ":=#") || holdsAny(gap, this.dashes) || this.spoken(s, j, label);
    }
    const named = asked("denial_near", this.text.slice(label.start, s));
    return named && number.length > 1 && asked("spoken_rest", right);
  }

  /** Whether "reason 107" without a colon names a code: what begins so, or is of a denial.
   * @param {number} s @param {number} j @param {FinderLabel} label */
  spoken(s, j, label) {
    if (j - s < 2) return false;
    if (asked("denial_near", this.text.slice(label.start, s))) return true;
    if (this.claims(label.start, j, "denial_near") || this.alone(label.start, j)) return true;
    const left = this.left(label.start).trimEnd();
    if (!left && asked("list_rest", this.right(j))) return true;
    const begins = !left || ",;:.(/-\u2013".includes(left.slice(-1));
    return begins && (j - s > 2 || !isDigits(this.text.slice(s, j)));
  }

  /** Whether a group in brackets that open at `at` is one: what stands before is ours.
   * @param {number} at @param {number} j */
  enclosed(at, j) {
    const left = this.left(at).trimEnd();
    const word = left.slice(left.lastIndexOf(" ") + 1);
    return (!left || ":;,-\u2013".includes(left.slice(-1)) || asked("claim_word", word)) && this.value(j);
  }

  /** Whether a bare number goes on with the group of the code before it: "CO-16, 45".
   * @param {string} group @param {string} gap @param {number} s @param {number} j */
  inherits(group, gap, s, j) {
    if (!asked("inherited_gap", gap)) return false;
    if (j - s === 1 && !(group === "PR" && "123".includes(this.text.slice(s, j)))) return false;
    const right = this.right(j);
    if (asked("units_after", right) || !this.clearRight(j, right, true)) return false;
    return !right || asked("inherited_rest", right);
  }

  /** @param {number} j whether what follows leaves it a value: nothing, a list, a description */
  value(j) {
    const right = this.right(j);
    if (asked("units_after", right) || !this.clearRight(j, right, true)) return false;
    return !right || asked("value_rest", right);
  }

  /** Whether [s, j) is all its line holds. @param {number} s @param {number} j */
  alone(s, j) {
    const right = this.right(j).split(/[\t|]/)[0] ?? "";
    return !trimBoth(this.left(s), BULLETS) && !trimBoth(right, ENDS);
  }

  /** @param {string} line whether it announces a state: "State:" */
  stateLine(line) {
    return asked("state_before", `${line.trim()}:`);
  }

  /** The group named right before a label that begins at `at`.
   * @param {number} at @returns {FinderSpan | null} */
  groupLeft(at) {
    const begin = Math.max(0, at - LEFT_REACH);
    const window = this.text.slice(begin, at);
    const found = FINDER_ASK.group_left?.exec(window);
    const letters = found?.[1] ?? "";
    if (!found || !(letters.toUpperCase() in FINDER_RULES.spellings) || !isUpper(letters)) return null;
    const low = found.index + found[0].indexOf(letters);
    /** @type {FinderSpan} */
    const span = [begin + low, begin + low + 2];
    const before = window.slice(0, low);
    if (asked("group_label_left", before)) return span;
    if (holdsAny(this.text.slice(span[1], at), "\n\t|")) return null;
    const line = trimEnd(before.slice(before.lastIndexOf("\n") + 1), " \"'([");
    if (!line || "\t|:;".includes(line.slice(-1)) || asked("claim_near", line.slice(-32))) {
      return asked("state_before", before) ? null : span;
    }
    return null;
  }

  /** The group named right after a value: "Reason code: 107, group code: CO".
   * @param {number} j @returns {FinderSpan | null} */
  groupRight(j) {
    const found = FINDER_ASK.group_right?.exec(this.text.slice(j, j + RIGHT_REACH));
    const letters = found?.[1] ?? "";
    if (!found || !FINDER_GROUPS.has(letters)) return null;
    const low = j + found[0].lastIndexOf(letters);
    return [low, low + 2];
  }

}
return { FinderGuard };
})();
const in_finder_values = (() => {
/**
 * Numbers that bear no group of their own: in a cell, under a group, after a label, in a list; and
 * what one pass keeps while it goes. As `server/codes/finder_values.py` and `finder_runs.py`.
 */

const { FinderGuard } = in_finder_guard;
const { FINDER_ASK, FINDER_CARC, FINDER_GROUPS, FINDER_TAILS, finderWords, isDigits, isWordly, labelBefore, lastBefore, trimEnd } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {import("./finder-columns.js").Cell} FinderCell
 * @typedef {import("./finder-guard.js").FinderLabel} FinderLabel
 * @typedef {import("./finder-guard.js").FinderSpan} FinderSpan
 * @typedef {import("./finder-labels.js").HeaderKind} FinderKind
 * @typedef {object} Found One code at one place.
 * @property {string} code `CO-107`, `107`, `N122`, or the payer's own as it stands
 * @property {"carc" | "rarc" | "payer"} kind
 * @property {boolean} known whether a list, or the crosswalk, names it
 * @property {[number, number][]} spans start and end of each part, in the text's offsets
 * @typedef {{ cell: (at: number) => FinderCell | null, heads: (at: number) => boolean }} Tables
 */

const GAP_REACH = 16;
const MAX_LINE = 200;
const FAR = -10000;
/** @type {ReadonlySet<FinderKind | null>} */
const REASON_CELLS = new Set([null, "carc", "both", "code"]);

/** What a number is by its cell, its label or the list it goes on. */
class FinderValues {
  /** @param {string} text @param {Tables} tables */
  constructor(text, tables) {
    this.text = text;
    this.tables = tables;
    this.guard = new FinderGuard(text);
    /** @type {Found[]} */
    this.hits = [];
    this.strip = `${FINDER_RULES.chars.spaces}${FINDER_RULES.chars.dashes}*:=/_([#"'`;
    this.dismissing = `${this.strip.replace("*", "")}\n\t.\`>\u2192`;
    // The codes that follow one another as one list, and the label before the first of them.
    this.runStart = FAR;
    this.runEnd = FAR;
    /** @type {FinderLabel | null} */
    this.runLabel = null;
    this.runAsked = true;
    /** @type {FinderSpan[]} */
    this.runGroups = [];
    this.columnLine = FAR;
    this.lineEnd = FAR;
    this.line = "";
    this.taken = FAR;
  }

  /** The CARC a number is: `045` is 45, `b15` is B15, a scanned `1O7` is 107.
   * @param {number} s @param {number} i @param {number} j */
  carc(s, i, j) {
    const digits = this.text.slice(i, j).replaceAll("O", "0").replace(/^0+/, "") || "0";
    return this.text.slice(s, i).toUpperCase() + digits;
  }

  /** A number at the start of a cell: its column's header or the cell beside it tells.
   * @param {FinderCell} cell @param {number} s @param {number} i @param {number} j */
  inCell(cell, s, i, j) {
    const { text } = this;
    if (s - cell.start > GAP_REACH || /[^ \n\u00a0(["'#*]/.test(text.slice(cell.start, s))) return false;
    if (!REASON_CELLS.has(cell.kind)) return true;
    const groups = cell.groups();
    const first = groups[0];
    const coded = cell.kind === "carc" || cell.kind === "both";
    if (!first && !coded) return false;
    // "Code" beside a column of groups.
    const sure = coded || (cell.kind === "code" && cell.headed);
    if (text.slice(j, Math.min(cell.end, j + 40)).trim() && !this.guard.value(j)) {
      if (!sure || !FINDER_ASK.value_list?.test(text.slice(j, cell.end))) return false;
    }
    const carc = this.carc(s, i, j);
    const known = FINDER_CARC.has(carc);
    if (!known && !(sure && first)) return false;
    if (first) {
      if (!sure && s < i) return false;
      const code = `${text.slice(...first).toUpperCase()}-${carc}`;
      this.take({ code, kind: "carc", known, spans: [[...first], [s, j]] }, s, j);
    } else this.take({ code: carc, kind: "carc", known, spans: [[s, j]] }, s, j);
    this.runLabel = { kind: "carc", sure: true, plural: true, start: s, crosses: true };
    this.runAsked = true;
    this.runGroups = groups.length > 1 ? groups.slice(1) : groups;
    return true;
  }

  /** A number that begins a line: the line above is a group, or the same list goes on.
   * @param {number} s @param {number} i @param {number} j */
  stacked(s, i, j) {
    const { text } = this;
    const line = lastBefore(text, "\n", s, Math.max(0, s - GAP_REACH));
    if (line < 0) return false;
    const above = lastBefore(text, "\n", line, Math.max(0, line - MAX_LINE)) + 1;
    const carc = this.carc(s, i, j);
    if (!FINDER_CARC.has(carc)) return false;
    const over = line - above < MAX_LINE ? text.slice(above, line) : "";
    if (FINDER_GROUPS.has(over.trim()) && this.guard.alone(s, j)) {
      const stop = Math.max(above - 1, 0);
      const begin = lastBefore(text, "\n", stop, Math.max(0, above - MAX_LINE)) + 1;
      if (this.guard.stateLine(text.slice(begin, Math.max(above - 1, begin)))) return false;
      const low = above + over.length - over.trimStart().length;
      const code = `${text.slice(low, low + 2)}-${carc}`;
      this.take({ code, kind: "carc", known: true, spans: [[low, low + 2], [s, j]] }, s, j);
      return true;
    }
    if (above !== this.columnLine || !this.guard.value(j)) return false;
    this.take({ code: carc, kind: "carc", known: true, spans: [[s, j]] }, s, j);
    this.columnLine = line + 1;
    return true;
  }

  /** A number without a group: a label before it, or a list that a label began.
   * @param {number} s @param {number} i @param {number} j */
  bare(s, i, j) {
    const { text } = this;
    const { label, first } = this.announced(s);
    const carc = this.carc(s, i, j);
    const known = FINDER_CARC.has(carc);
    if (known && this.inherited(carc, s, j)) return;
    if (!label || label.kind === "rarc") return;
    if (label.kind === "code" && !this.guard.groupLeft(label.start)) return;
    if (!known && !(first && label.sure && label.kind === "carc")) return;
    let group = this.guard.groupLeft(label.start) ?? (first ? this.guard.groupRight(j) : null);
    if (!this.guard.labelled(s, j, label, first, group !== null) || text.slice(i, j).includes("O")) return;
    const cell = this.tables.cell(s);
    if (cell && !REASON_CELLS.has(cell.kind)) return;
    // "Reason code 2" heads a column.
    if (j - s === 1 && !text.slice(Math.max(0, s - 3), s).includes(":") && this.tables.heads(s)) return;
    const groups = first ? [] : this.runGroups;
    group = groups[0] ?? group;
    const name = group ? `${text.slice(...group).toUpperCase().replaceAll("0", "O")}-` : "";
    if (first && label.crosses) {
      const line = lastBefore(text, "\n", s, Math.max(0, s - GAP_REACH)) + 1;
      if (line && !text.slice(line, s).trim()) this.columnLine = line;
    }
    const start = first ? s : this.runStart;
    const kept = first ? label : this.runLabel;
    this.take({ code: name + carc, kind: "carc", known, spans: group ? [[...group], [s, j]] : [[s, j]] }, s, j);
    this.runStart = start;
    this.runLabel = kept;
    this.runAsked = true;
    this.runGroups = groups.length > 1 ? groups.slice(1) : groups;
  }

  /** The second number of "CO-16, 45": it bears the first one's group.
   * @param {string} carc @param {number} s @param {number} j */
  inherited(carc, s, j) {
    const hit = this.hits.at(-1);
    const apart = s - this.runEnd;
    if (!hit || hit.kind !== "carc" || apart < 1 || apart > GAP_REACH || this.runGroups.length) return false;
    const low = hit.spans[0]?.[0] ?? 0;
    const group = this.text.slice(low, low + 2);
    if (!FINDER_GROUPS.has(group)) return false;
    if (!this.guard.inherits(group, this.text.slice(this.runEnd, s), s, j)) return false;
    this.take({ code: `${group}-${carc}`, kind: "carc", known: true, spans: [[low, low + 2], [s, j]] }, s, j);
    return true;
  }

  /** The label a bare number answers, and whether it is the first value after it.
   * @param {number} s @returns {{ label: FinderLabel | null, first: boolean }} */
  announced(s) {
    if (s - this.runEnd <= GAP_REACH) {
      const gap = this.text.slice(this.runEnd, s);
      if (FINDER_ASK.list_gap?.test(gap)) {
        const label = this.runOf();
        const firm = FINDER_ASK.list_gap_firm?.test(gap);
        if (label && label.kind !== "rarc" && (firm || label.plural)) return { label, first: false };
      }
    }
    return { label: this.quickLabel(s), first: true };
  }

  /** Whether a code that begins here goes on the list of the code before. @param {number} start */
  follows(start) {
    const apart = start - this.runEnd;
    if (apart < 0 || apart > GAP_REACH) return false;
    return FINDER_ASK.list_gap?.test(this.text.slice(this.runEnd, start)) ?? false;
  }

  /** The label of the list a code at `start` belongs to, or right before it. @param {number} start */
  label(start) {
    return this.follows(start) ? this.runOf() : this.quickLabel(start);
  }

  runOf() {
    if (!this.runAsked) {
      this.runAsked = true;
      this.runLabel = this.quickLabel(this.runStart);
    }
    return this.runLabel;
  }

  /** The label before `at`; most text is dismissed by the two letters it ends with.
   * @param {number} at @returns {FinderLabel | null} */
  quickLabel(at) {
    const two = tailOf(trimEnd(this.text.slice(Math.max(0, at - GAP_REACH), at), LABEL_SIGNS));
    // "code(s): 107" and "Reason code 1: 107" end with a bracket or a lone digit.
    const last = two.slice(-1);
    const lone = last === ")" || (isDigits(last) && !isWordly(two[0] ?? ""));
    return lone || this.announces(two, at) ? labelBefore(this.text, at) : null;
  }

  /** Whether two letters (small ones) before a value at `at` may end a label.
   * @param {string} two @param {number} at */
  announces(two, at) {
    // "Reason for denial:" and "Reason for adjustment:" need their colon.
    if (FINDER_TAILS.has(two)) return true;
    return (two === "al" || two === "nt") && this.text.slice(Math.max(0, at - 2), at).includes(":");
  }

  /** Keep a code, unless its number is taken, and let it go on or begin a list.
   * @param {Found} hit @param {number} start @param {number} end */
  take(hit, start, end) {
    if (start < this.taken) return;
    this.hits.push(hit);
    this.taken = end;
    if (!this.follows(start)) {
      this.runStart = start;
      this.runLabel = null;
      this.runAsked = false;
      this.runGroups = [];
    }
    this.runEnd = end;
  }
}

const LABEL_SIGNS = " \u00a0\n\t|:=.#(*`>-\u2013\u2014\"'[\u2192";

/** The last two letters before a value, in small letters; "code is" ends with "code".
 * @param {string} left */
function tailOf(left) {
  const word = left.slice(left.lastIndexOf(" ") + 1).toLowerCase();
  const held = finderWords("joining").has(word) ? trimEnd(left.slice(0, -word.length), LABEL_SIGNS) : left;
  return held.slice(-2).toLowerCase();
}
return { GAP_REACH, MAX_LINE, FinderValues, tailOf };
})();
const in_finder_scan = (() => {
/**
 * Finding denial codes in text: the server's scan (`server/codes/finder_scan.py`), step for step.
 *
 * Every short number is looked at, and what its surroundings make of it. Nothing is looked at
 * further than a fixed reach, so time grows with the text and nothing else.
 */

const { TextTables } = in_finder_columns;
const { FINDER_ASK, FINDER_CARC, FINDER_GROUPS, FINDER_NUMBER, FINDER_RARC, isDigits, isUpper, isWordly, keyKind, lastBefore, trimEnd } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;
const { FinderValues, GAP_REACH, MAX_LINE, tailOf } = in_finder_values;

/**
 * @typedef {import("./finder-columns.js").Cell} FinderCell
 * @typedef {import("./finder-guard.js").FinderSpan} FinderSpan
 * @typedef {import("./finder-labels.js").HeaderKind} FinderKind
 * @typedef {import("./finder-values.js").Found} Found
 * @typedef {import("./finder-values.js").Tables} Tables
 */

const NEAR = 60;
const WORDLY = /[A-Za-z0-9_]/;
/** @type {ReadonlySet<FinderKind | null>} */
const OTHER_KEYS = new Set(["identity", "diagnosis", "modifier", "state"]);

/** One pass over one text. */
class FinderScan extends FinderValues {
  run() {
    const { text } = this;
    for (const match of text.matchAll(FINDER_NUMBER)) {
      const i = match.index;
      const j = i + match[0].length;
      const form = match[1] !== undefined ? 1 : match[2] !== undefined ? 2 : match[3] !== undefined ? 3 : 0;
      if (form && this.usual(form, i, j)) continue;
      if (" -".includes(text[i - 1] ?? "?") && "NMA".includes(text[i - 2] ?? "?") && this.apart(i, j)) continue;
      this.weigh(i, j);
    }
    return this.hits;
  }

  /** @param {number} i @param {number} j */
  weigh(i, j) {
    const { text } = this;
    const before = i ? (text[i - 1] ?? "") : "\n";
    if (!WORDLY.test(before)) {
      if (!this.dismissed(i, before)) this.number(i, i, j);
      return;
    }
    if ("MNmnAa".includes(before) && this.remark(i, j)) return;
    if ("OoRrAaIi".includes(before) && this.glued(i, i, j)) return;
    const label = "Cc".includes(before) && text.slice(Math.max(0, i - 4), i).toUpperCase() === "CARC";
    if (before === "_" || label) this.number(i, i, j);
    else if ("ABDPWYabdpwy".includes(before)) {
      const k = i - 1;
      if (!WORDLY.test(k ? (text[k - 1] ?? "") : "\n")) this.number(k, i, j);
      else this.glued(k, i, j);
    }
  }

  /** Whether what stands before a number announces no code: most numbers of most texts.
   * @param {number} i @param {string} before */
  dismissed(i, before) {
    const { text, tables } = this;
    if (before === "*" || before === "," || i - this.runEnd <= GAP_REACH) return false;
    if (before === '"' && text[i - 2] === ",") return false;
    if (before === "\n" || before === "\t") {
      if (!(tables instanceof TextTables) || tables.rowAt(i).header) return false;
      if (i - this.columnLine <= 2 * MAX_LINE) return false;
    }
    const left = trimEnd(text.slice(Math.max(0, i - GAP_REACH), i), this.dismissing);
    const two = left.slice(-2);
    const last = two.slice(-1);
    if (two.toUpperCase() in FINDER_RULES.spellings || ")|".includes(last)) return false;
    if (isDigits(last) && !isWordly(two.slice(0, 1))) return false;
    if (this.announces(two.toLowerCase(), i) && this.announces(tailOf(left), i)) return false;
    return before !== " " || text[i - 2] !== " " || !tables.cell(i);
  }

  /** `CO-107`, `N122` or `MA130` (form 1, 2, 3): the pattern saw to what touches it.
   * @param {number} form @param {number} i @param {number} j */
  usual(form, i, j) {
    const { text } = this;
    const start = form === 1 ? i - 3 : form === 2 ? i - 1 : i - 2;
    const known = form === 1 ? FINDER_CARC.has(text.slice(i, j)) : FINDER_RARC.has(text.slice(start, j));
    if (!known) return false;
    if (text[start - 1] === " " && this.guard.wary(start)) return false;
    if (start > this.lineEnd) this.nextLine(start);
    if (this.elsewhere(form, start)) return false;
    const stems = form === 1 ? "road_stems" : "diagnosis_stems";
    const doubt = this.guard.holds(this.line, stems) || (form === 2 && !this.guard.lone(start, j));
    if (doubt && !this.unhindered(form, start, j)) return false;
    const kind = form === 1 ? "carc" : "rarc";
    this.take({ code: text.slice(start, j), kind, known: true, spans: [[start, j]] }, start, j);
    return true;
  }

  /** Whether the value is named as something else by the line above, or the cell before.
   * @param {number} start @param {FinderCell | null} cell @param {"carc" | "rarc"} kind */
  keyed(start, cell, kind) {
    if (cell?.headed) return false;
    const key = keyKind(this.text, start);
    return key === "identity" || (kind === "carc" ? key === "state" : OTHER_KEYS.has(key));
  }

  /** Note what the line of `at` says. @param {number} at */
  nextLine(at) {
    const low = lastBefore(this.text, "\n", at) + 1;
    const high = this.text.indexOf("\n", at);
    this.lineEnd = high < 0 ? this.text.length : high;
    this.line = this.text.slice(low, this.lineEnd).toLowerCase();
  }

  /** Whether the column a usual form stands in holds something else.
   * @param {number} form @param {number} start */
  elsewhere(form, start) {
    const cell = this.tables.cell(start);
    const kind = cell?.kind ?? null;
    if (kind === null && OTHER_KEYS.has(keyKind(this.text, start))) return !cell?.headed;
    return form === 1 ? kind === "identity" : OTHER_KEYS.has(kind);
  }

  /** Whether the words around do not say a usual form is something else.
   * @param {number} form @param {number} start @param {number} j */
  unhindered(form, start, j) {
    if (form === 1) return !this.guard.road(start, j);
    return this.follows(start) || this.guard.noDiagnosis(start, j);
  }

  /** A remark code that ends at j: M1, MA01, N122. @param {number} i @param {number} j */
  remark(i, j) {
    const { text } = this;
    let start = i - 1;
    if ("Aa".includes(text[start] ?? "")) {
      start -= 1;
      if (start < 0 || !"Mm".includes(text[start] ?? "")) return false;
    }
    const head = text.slice(start, i);
    const number = text.slice(i, j);
    if (number.includes("O") || (start && WORDLY.test(text[start - 1] ?? ""))) return false;
    const digits = number.replace(/^0+/, "");
    const two = head.length === 2;
    if (!digits || (number[0] === "0" && !two && number.length < 3)) return false;
    const code = head.toUpperCase() + (two ? digits.padStart(2, "0") : digits);
    const known = FINDER_RARC.has(code);
    let place = this.label(start);
    if (place?.kind === "code") place = null;
    let labelled = place !== null && place.kind !== "carc";
    const cell = labelled ? null : this.tables.cell(start);
    if (!place && this.keyed(start, cell, "rarc")) return false;
    if (cell) {
      labelled = cell.kind === "rarc" || cell.kind === "both" || cell.kind === "carc";
      if (!place && OTHER_KEYS.has(cell.kind)) return false;
    }
    const listed = place !== null || this.follows(start);
    if (!this.guard.remark(start, j, isUpper(head), labelled, listed, known, this.beside(start))) return false;
    this.take({ code, kind: "rarc", known, spans: [[start, j]] }, start, j);
    return true;
  }

  /** Whether a code with a group stands shortly before, in the same line and cell.
   * @param {number} start */
  beside(start) {
    const apart = start - this.runEnd;
    if (!this.hits.length || apart < 0 || apart > NEAR) return false;
    return this.hits.at(-1)?.kind === "carc" && !/[\n\t|.]/.test(this.text.slice(this.runEnd, start));
  }

  /** `RARC N 122`: a remark code written in two, which only a label makes one.
   * @param {number} i @param {number} j */
  apart(i, j) {
    const { text } = this;
    let start = i - 2;
    if (text[start] === "A") {
      start -= 1;
      if (start < 0 || text[start] !== "M") return false;
    }
    if (start < 1 || WORDLY.test(text[start - 1] ?? "")) return false;
    const code = text.slice(start, i - 1) + text.slice(i, j);
    const label = FINDER_RARC.has(code) ? this.label(start) : null;
    if (label?.kind !== "rarc" && label?.kind !== "both") return false;
    const said = text.slice(label.start, start).toLowerCase();
    if (j - i < 3 && !said.includes("rarc") && !said.includes("code")) return false;
    if (!this.guard.remark(start, j, true, true, true, true)) return false;
    this.take({ code, kind: "rarc", known: true, spans: [[start, j]] }, start, j);
    return true;
  }

  /** A number (with its letter from s) whose digits are [i, j): what stands left of it?
   * @param {number} s @param {number} i @param {number} j */
  number(s, i, j) {
    const { text } = this;
    const low = Math.max(0, s - GAP_REACH);
    const left = trimEnd(text.slice(low, s), this.strip);
    const edge = low + left.length;
    const before = left ? left.slice(-1) : edge ? (text[edge - 1] ?? "") : "\n";
    if (WORDLY.test(before)) {
      const group = FINDER_RULES.spellings[text.slice(Math.max(0, edge - 2), edge).toUpperCase()];
      if (group && this.afterGroup(group, edge, s, i, j)) return;
      if (text[s - 1] === "*" && this.triplet(s, i, j)) return;
    } else if (before === "*") {
      if (this.triplet(s, i, j)) return;
    } else if (")]".includes(before) && this.enclosed(edge, s, i, j)) return;
    const apart = before === " " || (WORDLY.test(before) && s > 1 && text.slice(s - 2, s) === "  ");
    if ("\t|\n".includes(before) || ',"'.includes(text[s - 1] ?? ",") || apart) {
      const cell = this.tables.cell(s);
      if (cell && this.inCell(cell, s, i, j)) return;
      if ((before === "\t" || before === "|") && this.triplet(s, i, j)) return;
    }
    if (before === "\n" && this.stacked(s, i, j)) return;
    this.bare(s, i, j);
  }

  /** A group that ends at `edge`, and a number after a gap.
   * @param {string} group @param {number} edge @param {number} s @param {number} i @param {number} j */
  afterGroup(group, edge, s, i, j) {
    const { text } = this;
    const start = edge - 2;
    if (start && WORDLY.test(text[start - 1] ?? "")) return false;
    const gap = text.slice(edge, s);
    /** @type {import("./finder-guard.js").Form} */
    let form = "space";
    if (FINDER_ASK.gap_dash?.test(gap)) form = "dash";
    else if (FINDER_ASK.gap_mark?.test(gap)) form = "mark";
    else {
      if (!FINDER_ASK.gap_space?.test(gap)) return false;
      const cell = gap.length > 1 ? this.tables.cell(s) : null;
      if (cell?.headed && this.inCell(cell, s, i, j)) return true;
    }
    if (form === "mark" && gap.includes("*") && this.guard.otherSegment(start)) return this.triplet(s, i, j);
    return this.takeGrouped(group, form, [start, edge], s, i, j);
  }

  /** `Contractual Obligation (CO) 107`: a group in brackets that close before `edge`.
   * @param {number} edge @param {number} s @param {number} i @param {number} j */
  enclosed(edge, s, i, j) {
    const { text } = this;
    const start = edge - 3;
    const group = text.slice(Math.max(0, start), edge - 1);
    if (start < 1 || !"([".includes(text[start - 1] ?? "?") || !FINDER_GROUPS.has(group)) return false;
    const carc = this.carc(s, i, j);
    if (!FINDER_CARC.has(carc) || !this.guard.enclosed(start - 1, j)) return false;
    this.take({ code: `${group}-${carc}`, kind: "carc", known: true, spans: [[start, j]] }, start, j);
    return true;
  }

  /** `CO107`, `PRB7`: a group right before the number.
   * @param {number} s @param {number} i @param {number} j */
  glued(s, i, j) {
    const { text } = this;
    const start = s - 2;
    if (start < 0 || (start && WORDLY.test(text[start - 1] ?? ""))) return false;
    const group = text.slice(start, s).toUpperCase();
    return FINDER_GROUPS.has(group) && this.takeGrouped(group, "glued", [start, s], s, i, j);
  }

  /**
   * @param {string} group @param {import("./finder-guard.js").Form} form @param {FinderSpan} at
   * @param {number} s @param {number} i @param {number} j
   */
  takeGrouped(group, form, at, s, i, j) {
    const { text } = this;
    const carc = this.carc(s, i, j);
    const known = FINDER_CARC.has(carc);
    const start = at[0];
    const place = this.label(start);
    const listed = this.follows(start) || (place !== null && place.kind !== "code");
    const mixed = text.slice(i, j).includes("O");
    if ((mixed || text[start] === "0" || text[at[1] - 1] === "0") && !this.legible(form, carc, known, mixed, start, j)) return false;
    if (!this.guard.grouped(group, form, at, s, j, known, listed)) return false;
    const cell = this.tables.cell(start);
    if (cell?.kind === "identity" || (!listed && this.keyed(start, cell, "carc"))) return false;
    const loose = form === "space" || form === "glued";
    if (loose && cell?.kind === "state") return false;
    this.take({ code: `${group}-${carc}`, kind: "carc", known, spans: [[start, j]] }, start, j);
    return true;
  }

  /** A reason of an X12 `CAS` segment: group, then reason, amount, quantity, over and over.
   * @param {number} s @param {number} i @param {number} j */
  triplet(s, i, j) {
    const found = this.guard.segment(s);
    if (!found || found.id !== "CAS") return false;
    const { text } = this;
    const index = text.slice(found.begin, s).split(found.mark).length - 1;
    if (index % 3 !== 2) return false;
    if (!text.startsWith(found.mark, j) && !"~\n ".includes(text[j] ?? "")) return false;
    const low = text.indexOf(found.mark, found.begin) + 1;
    const high = text.indexOf(found.mark, low);
    const group = text.slice(low, high).trim();
    if (!FINDER_GROUPS.has(group)) return false;
    const carc = this.carc(s, i, j);
    /** @type {[number, number][]} */
    const spans = index === 2 ? [[low, j]] : [[low, high], [s, j]];
    this.take({ code: `${group}-${carc}`, kind: "carc", known: FINDER_CARC.has(carc), spans }, s, j);
    return true;
  }

  /** Whether letters and zeros a scanner mixed up still read as one code.
   * @param {string} form @param {string} carc @param {boolean} known @param {boolean} mixed
   * @param {number} start @param {number} j */
  legible(form, carc, known, mixed, start, j) {
    if (form === "dash" || !known) return known;
    if (form !== "space" || mixed) return false;
    return carc.length === 3 || this.guard.claimed(start, j);
  }
}
return { FinderScan };
})();
const in_finder_flow = (() => {
/**
 * The text the grammar reads: what a reader sees of it, and everything found in it.
 */

const { FINDER_ASK } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;
const { FinderScan } = in_finder_scan;

/**
 * @typedef {import("./finder-scan.js").Found} Found
 * @typedef {import("./finder-scan.js").Tables} Tables
 */

/** Where each stretch of a seen text begins in itself and outside.
 * @typedef {{ text: string, starts: number[], outer: number[] }} Seen */

const UNSEEN = new RegExp(`[${FINDER_RULES.chars.unseen}]+`, "g");
const ODD = new RegExp(`[${FINDER_RULES.chars.unseen}\uff01-\uff5e\r]`);

/** The text as a reader sees it: unseen characters dropped, full-width ones narrowed.
 * @param {string} text @param {number} [outer] @returns {Seen} */
function seenText(text, outer = 0) {
  if (!ODD.test(text)) return { text, starts: [0], outer: [outer] };
  const narrow = text
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll("\r", " ");
  const starts = [0];
  const places = [outer];
  let seen = "";
  let last = 0;
  for (const gap of narrow.matchAll(UNSEEN)) {
    seen += narrow.slice(last, gap.index);
    last = gap.index + gap[0].length;
    starts.push(seen.length);
    places.push(outer + last);
  }
  return { text: seen + narrow.slice(last), starts, outer: places };
}

/** @param {number[]} starts @param {number} at the index of the stretch that holds `at` */
function stretchOf(starts, at) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The payer's own codes a portal's crosswalk names, where they stand alone.
 * @param {string} text @param {Tables} tables @param {Record<string, string>} crosswalk
 * @returns {Found[]} */
function payerCodes(text, tables, crosswalk) {
  const codes = new Set(Object.keys(crosswalk).filter((code) => code.trim()));
  if (!codes.size) return [];
  const odd = [...codes].filter((code) => !/^[\p{L}\p{N}]+$/u.test(code)).sort((a, b) => b.length - a.length);
  const longest = Math.max(...[...codes].map((code) => code.length));
  const bodies = odd.map((code) => code.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"));
  if (odd.length < codes.size) bodies.push(`[A-Za-z0-9]{1,${longest}}`);
  const token = new RegExp(`(?<![A-Za-z0-9_#$])(?:${bodies.join("|")})(?![A-Za-z0-9_%]|[.,-][0-9])`, "g");
  /** @type {Found[]} */
  const found = [];
  for (const match of text.matchAll(token)) {
    if (!codes.has(match[0])) continue;
    const start = match.index;
    const line = text.slice(Math.max(0, start - 72), start).split(/[\n\t|]/).at(-1) ?? "";
    if (/[\p{L}\p{N}][-.]$/u.test(line) || FINDER_ASK.identity_before?.test(line)) continue;
    const kind = tables.cell(start)?.kind;
    if (kind === "identity" || kind === "other" || kind === "state") continue;
    found.push({ code: match[0], kind: "payer", known: true, spans: [[start, start + match[0].length]] });
  }
  return found;
}

/** Everything one flow holds, in its offsets and order.
 * @param {string} text @param {Tables} tables @param {Record<string, string>} [crosswalk] */
function findInFlow(text, tables, crosswalk = {}) {
  const found = new FinderScan(text, tables).run();
  const taken = found.flatMap((hit) => hit.spans);
  const free = (/** @type {Found} */ hit) =>
    !taken.some(([start, end]) => hit.spans.some((span) => start < span[1] && span[0] < end));
  found.push(...payerCodes(text, tables, crosswalk).filter(free));
  for (const hit of found) hit.spans.sort((a, b) => a[0] - b[0]);
  return found;
}
return { seenText, stretchOf, findInFlow };
})();
const in_finder_grids = (() => {
/**
 * Tables of a page: rows, spans and headers, from table markup, ARIA roles, or like rows of
 * blocks. Built while the page is walked; read only once the whole flow is there.
 */

const { MAY_HOLD_GROUP, TextTables, groupsIn } = in_finder_columns;
const { stretchOf } = in_finder_flow;
const { FINDER_GROUPS, headerKind, isDigits } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {object} PageCell
 * @property {number} start
 * @property {number} end
 * @property {boolean} head
 * @property {number} across
 * @property {number} down
 * @property {string} label
 * @property {import("./finder-columns.js").HeaderKind | null} kind
 * @property {boolean} headed
 * @property {PageCell[]} row
 * @property {number} column
 * @property {number} parent
 * @property {() => import("./finder-labels.js").Span[]} groups
 * @typedef {object} Frame an element while its content is read, and after
 * @property {Frame | null} parent
 * @property {number} start
 * @property {number} end
 * @property {boolean} plain neither table, row nor cell: may turn out to be a row of blocks
 * @property {[number, number][]} kids
 * @property {PageTable | null} opened
 * @property {PageCell | null} cell
 * @typedef {{ rows: PageCell[][], rowOpen: boolean }} PageTable
 */

const STRUCTURE = new Set(["html", "head", "body", "thead", "tbody", "tfoot", "colgroup"]);
const LABEL_ATTRIBUTES = ["data-label", "data-th", "data-title", "data-header", "data-column"];
/** @type {ReadonlySet<import("./finder-columns.js").HeaderKind | null>} */
const HEADS_CODES = new Set(["carc", "rarc", "both", "group"]);
const MAX_COLUMNS = 256;
const MAX_LIKE = 40;
const MAX_HEADER = 400;
const REACH_UP = 3;
const MAX_DEPTH = 64;
const PATIENCE = 20000;

/** @param {string | null} text @param {number} most a span's count: at least 1 */
function spanCount(text, most) {
  const digits = (text ?? "").trim();
  if (!isDigits(digits)) return 1;
  const count = Number(digits.slice(0, 6));
  return count === 0 ? most : Math.min(count, most);
}

/** @param {string} text @param {string[]} above @param {number} at */
function columnKind(text, above, at) {
  const kind = headerKind(text);
  const over = above[at];
  if ((kind === null || kind === "code") && over !== undefined && over !== text) {
    return headerKind(`${over} ${text}`) ?? kind;
  }
  return kind;
}

/** The tables of one page. */
class PageGrids {
  constructor() {
    this.text = "";
    /** @type {Frame[]} */
    this.frames = [];
    /** @type {PageTable[]} */
    this.open = [];
    /** @type {PageTable[]} */
    this.tables = [];
    /** @type {Frame[]} */
    this.like = [];
    /** @type {PageCell[]} */
    this.cells = [];
    /** @type {number[]} */
    this.starts = [];
    /** @type {TextTables | null} */
    this.typed = null;
    this.patience = 0;
  }

  inRow() {
    return this.open.at(-1)?.rowOpen ?? false;
  }

  inRowWithCells() {
    return this.inRow() && (this.open.at(-1)?.rows.at(-1)?.length ?? 0) > 0;
  }

  /** @param {Element} node @param {string} tag @param {string} role @param {number} at */
  enter(node, tag, role, at) {
    /** @type {Frame} */
    const frame = {
      parent: this.frames.at(-1) ?? null,
      start: at,
      end: at,
      plain: !role && !STRUCTURE.has(tag),
      kids: [],
      opened: null,
      cell: null,
    };
    this.frames.push(frame);
    if (role === "table" || (role && !this.open.length)) {
      frame.opened = { rows: [], rowOpen: false };
      this.open.push(frame.opened);
    }
    const table = this.open.at(-1);
    if (!table || !role || role === "table") return;
    if (role === "row" || !table.rowOpen) {
      // Cells without a row around them are one row.
      table.rows.push([]);
      table.rowOpen = true;
    }
    if (role === "row") return;
    frame.cell = this.made(at, at);
    frame.cell.head = role === "head";
    frame.cell.across = spanCount(node.getAttribute("colspan") ?? node.getAttribute("aria-colspan"), MAX_COLUMNS);
    frame.cell.down = spanCount(node.getAttribute("rowspan") ?? node.getAttribute("aria-rowspan"), 10000);
    for (const name of LABEL_ATTRIBUTES) frame.cell.label ||= node.getAttribute(name) ?? "";
    table.rows.at(-1)?.push(frame.cell);
  }

  /** @param {number} start @param {number} end @returns {PageCell} */
  made(start, end) {
    /** @type {PageCell} */
    const cell = {
      start,
      end,
      head: false,
      across: 1,
      down: 1,
      label: "",
      kind: null,
      headed: false,
      row: [],
      column: 0,
      parent: -1,
      groups: () => this.groups(cell),
    };
    return cell;
  }

  /** @param {PageCell} cell @returns {import("./finder-labels.js").Span[]} */
  groups(cell) {
    const columns = [...cell.row.keys()].filter((at) => cell.row[at]?.kind === "group" && cell.row[at] !== cell);
    const left = columns.filter((at) => at < cell.column);
    let beside = cell.row[left.at(-1) ?? columns[0] ?? -1];
    if (!beside) {
      beside = cell.row[cell.column - 1];
      if (!beside || !MAY_HOLD_GROUP.has(beside.kind)) return [];
    }
    return groupsIn(this.text, beside.start, beside.end);
  }

  /** @param {string} role @param {number} at */
  leave(role, at) {
    const frame = this.frames.pop();
    if (!frame) return;
    frame.end = at;
    if (frame.cell) frame.cell.end = at;
    const table = this.open.at(-1);
    if (role === "row" && table) table.rowOpen = false;
    if (frame.opened) {
      this.tables.push(frame.opened);
      this.open.pop();
    }
    if (frame.parent && frame.parent.kids.length <= MAX_LIKE) frame.parent.kids.push([frame.start, at]);
    if (frame.plain && frame.kids.length >= 2 && frame.kids.length <= MAX_LIKE) this.like.push(frame);
  }

  /** The flow is whole: lay the tables out and read their headers.
   * @param {string} text @param {boolean} typed some of it has its own line ends and columns */
  finish(text, typed) {
    this.text = text;
    this.typed = typed || text.includes("|") ? new TextTables(text) : null;
    for (const table of this.tables) this.layOut(table.rows);
    this.likeRows();
    this.cells.sort((a, b) => a.start - b.start || b.end - a.end);
    this.starts = this.cells.map((cell) => cell.start);
    /** @type {number[]} */
    const open = [];
    for (const [index, cell] of this.cells.entries()) {
      while (open.length && (this.cells[open.at(-1) ?? 0]?.end ?? 0) < cell.end) open.pop();
      cell.parent = open.at(-1) ?? -1;
      open.push(index);
    }
  }

  /** @param {number} at @returns {boolean} whether it stands in a row of headers */
  heads(at) {
    const cell = this.pageCell(at);
    return cell ? this.isHeader([...new Set(cell.row)]) : (this.typed?.heads(at) ?? false);
  }

  /** @param {number} at @returns {import("./finder-columns.js").Cell | null} */
  cell(at) {
    return this.pageCell(at) ?? this.typed?.cell(at) ?? null;
  }

  /** @param {number} at @returns {PageCell | null} */
  pageCell(at) {
    let index = this.starts.length && (this.starts[0] ?? 0) <= at ? stretchOf(this.starts, at) : -1;
    for (let depth = 0; depth < MAX_DEPTH && index >= 0; depth += 1) {
      const cell = /** @type {PageCell} */ (this.cells[index]);
      if (at < cell.end) return cell;
      index = cell.parent;
    }
    return null;
  }

  /** @param {PageCell} cell */
  words(cell) {
    return this.text.slice(cell.start, cell.end).trim();
  }

  /** @param {PageCell[][]} rows */
  layOut(rows) {
    /** @type {PageCell[][]} */
    const grid = [];
    /** @type {Map<number, { left: number, cell: PageCell }>} */
    const pending = new Map();
    for (const row of rows) {
      /** @type {PageCell[]} */
      const laid = [];
      let next = 0;
      while ((next < row.length || pending.has(laid.length)) && laid.length < MAX_COLUMNS) {
        const held = pending.get(laid.length);
        if (held) {
          pending.delete(laid.length);
          if (held.left > 1) pending.set(laid.length, { left: held.left - 1, cell: held.cell });
          laid.push(held.cell);
          continue;
        }
        const cell = /** @type {PageCell} */ (row[next]);
        next += 1;
        cell.row = laid;
        cell.column = laid.length;
        for (let times = 0; times < cell.across; times += 1) {
          if (cell.down > 1) pending.set(laid.length, { left: cell.down - 1, cell });
          laid.push(cell);
        }
        this.cells.push(cell);
      }
      grid.push(laid);
    }
    this.giveKinds(grid);
  }

  /** Give every cell the kind its column's header says. @param {PageCell[][]} grid */
  giveKinds(grid) {
    /** @type {(import("./finder-columns.js").HeaderKind | null)[]} */
    let kinds = [];
    /** @type {string[]} */
    let above = [];
    for (const row of grid) {
      const distinct = [...new Set(row)];
      if (this.isHeader(distinct)) {
        if (distinct.length === 1 && kinds.length) continue;
        const texts = row.map((cell) => this.words(cell));
        const over = above;
        kinds = texts.map((text, at) => columnKind(text, over, at));
        above = texts;
        continue;
      }
      above = [];
      const headed = kinds.some(Boolean);
      for (const cell of distinct) {
        if (!cell.head || headed) cell.headed = headed;
        cell.kind ??= kinds[cell.column] ?? null;
        if (!cell.kind && cell.label) cell.kind = headerKind(cell.label);
      }
    }
  }

  /** Whether a row heads columns: header cells only, or words of which some head codes.
   * @param {PageCell[]} cells */
  isHeader(cells) {
    const filled = cells.map((cell) => ({ cell, text: this.words(cell) })).filter(({ text }) => text);
    if (!filled.length || filled.some(({ text }) => FINDER_GROUPS.has(text))) return false;
    if (filled.reduce((sum, { text }) => sum + text.length, 0) > MAX_HEADER * 4) return false;
    if (filled.every(({ cell }) => cell.head)) return true;
    const kinds = filled.map(({ text }) => headerKind(text));
    const told = kinds.filter(Boolean);
    if (filled.length < 2 || !told.length) return false;
    if (told.length < 2 && !told.some((kind) => HEADS_CODES.has(kind))) return false;
    return !filled.some(({ text }, at) => kinds[at] === null && /[0-9]/.test(text));
  }

  /** Rows of blocks, all of as many parts, below one that reads like a header. */
  likeRows() {
    this.like.sort((a, b) => a.start - b.start || b.end - a.end);
    this.patience = PATIENCE + 20 * this.like.length;
    const stems = FINDER_RULES.words.header_stems ?? [];
    /** @type {Map<number, boolean>} */
    const heads = new Map();
    for (const [index, frame] of this.like.entries()) {
      if (frame.end - frame.start > MAX_HEADER) continue;
      const words = this.text.slice(frame.start, frame.end).toLowerCase();
      if (stems.some((stem) => words.includes(stem))) heads.set(index, this.isHeader(this.rowOf(frame)));
    }
    for (const [index, head] of heads) {
      if (!head) continue;
      const rows = this.below(index, heads);
      const top = /** @type {Frame} */ (this.like[index]);
      if (rows.length) this.layOut([top, ...rows].map((frame) => this.rowOf(frame)));
    }
  }

  /** @param {Frame} frame */
  rowOf(frame) {
    return frame.kids.map(([start, end]) => this.made(start, end));
  }

  /** @param {number} index @param {Map<number, boolean>} heads @returns {Frame[]} */
  below(index, heads) {
    const head = /** @type {Frame} */ (this.like[index]);
    let scope = head.parent;
    for (let up = 0; up < REACH_UP && scope; up += 1) {
      /** @type {Frame[]} */
      const rows = [];
      for (let at = index + 1; at < this.like.length; at += 1) {
        const frame = /** @type {Frame} */ (this.like[at]);
        this.patience -= 1;
        if (frame.start >= scope.end || this.patience < 0) break;
        if (frame.start < head.end || frame.kids.length !== head.kids.length) continue;
        if (heads.get(at)) break;
        const last = rows.at(-1);
        if (!last || frame.start >= last.end) rows.push(frame);
      }
      if (rows.length) return rows;
      scope = scope.parent;
    }
    return [];
  }
}
return { PageGrids };
})();
const in_finder_pages = (() => {
/**
 * Codes in a live page: read from its text nodes, answered as ranges of them. Nothing is changed.
 *
 * The page is read as the server reads HTML (`server/codes/finder_pages.py`): blocks are lines,
 * cells are cells. Of a node only `nodeType`, `localName`, `data`, `firstChild`, `nextSibling`,
 * `parentNode` and `getAttribute` are asked.
 */

const { findInFlow, seenText, stretchOf } = in_finder_flow;
const { PageGrids } = in_finder_grids;
const { isDigits, isLower, isWordly } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {{ node: Text, start: number, end: number }} TextRange within one text node
 * @typedef {object} FoundInNodes
 * @property {string} code
 * @property {"carc" | "rarc" | "payer"} kind
 * @property {boolean} known
 * @property {TextRange[]} ranges in the page's order
 */

const TAGS_DROPPED = new Set(FINDER_RULES.tags.dropped);
const TAGS_KEPT = new Set(FINDER_RULES.tags.kept);
const TAGS_LINES = new Set(FINDER_RULES.tags.lines);
/** Collects the flow, piece by piece, and which text node each piece comes from. */
class PageWriter {
  constructor() {
    this.text = "";
    this.last = "\n";
    /** @type {number[]} */
    this.starts = [];
    /** @type {{ node: Text, at: number }[]} */
    this.places = [];
    this.apart = false;
    this.edge = "";
    this.typed = false;
  }

  /** @param {string} sign a line's or a cell's edge; lines are not doubled */
  mark(sign) {
    if (sign === "\n" && this.last === "\n") return;
    this.put(sign);
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {boolean} kept whether its blanks are its own */
  node(node, kept) {
    const text = node.data;
    if (!text) return;
    const first = text[0] ?? "";
    if (isWordly(this.last) && isWordly(first)) {
      // Elements that meet without a blank are still apart to the eye, mostly.
      if (this.apart || (this.edge && isLower(this.last) && isDigits(first))) this.put(" ");
    }
    if (kept) {
      this.typed = true;
      this.piece(node, 0, text);
    } else this.collapsed(node, text);
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {string} text */
  collapsed(node, text) {
    let at = 0;
    for (const gap of text.matchAll(/[ \t\n\r\f]{2,}|[\t\n\r\f]/g)) {
      if (gap.index > at) this.piece(node, at, text.slice(at, gap.index));
      if (!" \n\t".includes(this.last)) this.piece(node, gap.index, " ");
      at = gap.index + gap[0].length;
    }
    if (at < text.length) this.piece(node, at, text.slice(at));
  }

  /** @param {Text} node @param {number} at @param {string} text */
  piece(node, at, text) {
    const seen = seenText(text, at);
    for (const [index, start] of seen.starts.entries()) {
      this.starts.push(this.text.length + start);
      this.places.push({ node, at: seen.outer[index] ?? at });
    }
    if (seen.text) this.put(seen.text);
  }

  /** @param {string} text */
  put(text) {
    this.text += text;
    this.last = text.slice(-1);
  }

  /** A stretch of the flow as ranges of text nodes; edges written in between belong to none.
   * @param {number} start @param {number} end @returns {TextRange[]} */
  ranges(start, end) {
    /** @type {TextRange[]} */
    const found = [];
    for (let index = stretchOf(this.starts, start); index < this.starts.length; index += 1) {
      const from = this.starts[index] ?? 0;
      const { node, at } = /** @type {{ node: Text, at: number }} */ (this.places[index]);
      if (from >= end) break;
      const next = this.starts[index + 1] ?? this.text.length;
      const low = at + Math.max(start, from) - from;
      const high = Math.min(at + Math.min(end, next) - from, node.data.length);
      const before = found.at(-1);
      if (low >= high) continue;
      if (before?.node === node) before.end = high;
      else found.push({ node, start: low, end: high });
    }
    return found;
  }
}

/** @param {Element} node @param {string} tag */
function roleOf(node, tag) {
  return FINDER_RULES.roles[node.getAttribute("role") ?? ""] ?? FINDER_RULES.parts[tag] ?? "";
}

/** @param {Element} node @param {PageWriter} writer @param {PageGrids} grids */
function openElement(node, writer, grids) {
  const tag = node.localName;
  const role = roleOf(node, tag);
  if (tag === "br") writer.mark("\n");
  else if (role === "cell" || role === "head") {
    if (grids.inRowWithCells()) writer.mark("\t");
    else if (!grids.inRow()) writer.mark("\n");
  } else if (TAGS_LINES.has(tag) || role) writer.mark("\n");
  else if (tag !== "wbr") {
    // A raised figure after a code is a footnote's.
    writer.apart ||= writer.edge === "close" || tag === "sup";
    writer.edge = "open";
  }
  grids.enter(node, tag, role, writer.text.length);
}

/** @param {Element} node @param {PageWriter} writer @param {PageGrids} grids */
function closeElement(node, writer, grids) {
  const tag = node.localName;
  const role = roleOf(node, tag);
  grids.leave(role, writer.text.length);
  if (role === "cell" || role === "head") return;
  if (TAGS_LINES.has(tag) || role) writer.mark("\n");
  else if (tag !== "br" && tag !== "wbr") writer.edge = "close";
}

/**
 * The part of the page a node must be read with, for its labels and headers to be seen: the
 * outermost table, grid or list of terms around it, else the closest block with its neighbours.
 * @param {Node} node
 * @returns {Node}
 */
function finderScope(node) {
  /** @type {Node | null} */
  let scope = null;
  /** @type {Node | null} */
  let block = null;
  for (let above = /** @type {Node | null} */ (node); above; above = above.parentNode) {
    if (above.nodeType !== 1) continue;
    const element = /** @type {Element} */ (above);
    const tag = element.localName;
    if (roleOf(element, tag) === "table" || tag === "dl") scope = above;
    if (!block && TAGS_LINES.has(tag) && !roleOf(element, tag)) block = above;
  }
  return scope ?? block?.parentNode ?? block ?? node;
}

/**
 * Every denial code in a part of a page, in the page's order, as ranges of its text nodes.
 * @param {Node} root read as a whole: pass `finderScope(node)` where only a node changed
 * @param {object} [options]
 * @param {Record<string, string>} [options.crosswalk] a payer's own codes and what they mean
 * @param {(element: Element) => boolean} [options.skip] elements to leave out, with all they hold
 * @returns {FoundInNodes[]}
 */
function findInNodes(root, { crosswalk = {}, skip = () => false } = {}) {
  const writer = new PageWriter();
  const grids = new PageGrids();
  let kept = 0;
  const enters = (/** @type {Node} */ node) => {
    if (node.nodeType === 3) writer.node(/** @type {Text} */ (node), kept > 0);
    if (node.nodeType !== 1) return node.nodeType === 11 || node.nodeType === 9;
    const element = /** @type {Element} */ (node);
    const tag = element.localName;
    if (TAGS_DROPPED.has(tag) || tag === "noscript" || skip(element)) return false;
    if (TAGS_KEPT.has(tag)) kept += 1;
    openElement(element, writer, grids);
    return true;
  };
  const leaves = (/** @type {Node} */ node) => {
    if (node.nodeType !== 1) return;
    const element = /** @type {Element} */ (node);
    closeElement(element, writer, grids);
    if (TAGS_KEPT.has(element.localName)) kept -= 1;
  };
  /** @type {Node} */
  let node = root;
  for (;;) {
    if (enters(node)) {
      if (node.firstChild) {
        node = node.firstChild;
        continue;
      }
      leaves(node);
    }
    while (node !== root && !node.nextSibling && node.parentNode) {
      node = node.parentNode;
      leaves(node);
    }
    if (node === root || !node.nextSibling) break;
    node = node.nextSibling;
  }
  grids.finish(writer.text, writer.typed);
  return findInFlow(writer.text, grids, crosswalk)
    .map(({ code, kind, known, spans }) => ({
      from: spans[0]?.[0] ?? 0,
      to: spans.at(-1)?.[1] ?? 0,
      found: { code, kind, known, ranges: spans.flatMap(([start, end]) => writer.ranges(start, end)) },
    }))
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .map(({ found }) => found);
}
return { finderScope, findInNodes };
})();
const in_finder = (() => {
/**
 * Finding denial codes: `findInText` in plain text, `findInNodes` in a live page.
 *
 * The rules are the server's own, made into `finder-rules.js`; a test holds both to the same
 * answers on one corpus.
 */

const { TextTables } = in_finder_columns;
const { findInFlow, seenText, stretchOf } = in_finder_flow;
const { findInNodes, finderScope } = in_finder_pages;

/** @typedef {import("./finder-scan.js").Found} Found */

/** Where a code stands, for the order of the answers. @param {Found} a @param {Found} b */
const byPlace = (a, b) =>
  (a.spans[0]?.[0] ?? 0) - (b.spans[0]?.[0] ?? 0) || (a.spans.at(-1)?.[1] ?? 0) - (b.spans.at(-1)?.[1] ?? 0);

/**
 * Every denial code in plain text, in the order they stand. Offsets are UTF-16 units.
 * @param {string} text
 * @param {{ crosswalk?: Record<string, string> }} [options] a payer's own codes and what they mean
 * @returns {Found[]}
 */
function findInText(text, { crosswalk = {} } = {}) {
  const seen = seenText(text);
  const found = findInFlow(seen.text, new TextTables(seen.text), crosswalk);
  const place = (/** @type {number} */ at) => {
    const index = stretchOf(seen.starts, at);
    return (seen.outer[index] ?? 0) + at - (seen.starts[index] ?? 0);
  };
  for (const hit of found) hit.spans = hit.spans.map(([start, end]) => [place(start), place(end - 1) + 1]);
  return found.sort(byPlace);
}

return { findInText, findInNodes, finderScope };
})();
const in_rows = (() => {
/**
 * Codes in the rows of a big table, a few rows at a time.
 *
 * `findInNodes` reads a table as a whole, which is right for most and takes too long at a stretch
 * for one of ten thousand lines. This reader gives the same answers row by row: what the headers
 * say is kept from one call to the next. It builds no frame for each element and asks for no
 * attribute it can do without.
 */

const { MAY_HOLD_GROUP, groupsIn } = in_finder_columns;
const { findInFlow, seenText, stretchOf } = in_finder_flow;
const { FINDER_GROUPS, headerKind, isDigits, isLower, isWordly } = in_finder_labels;
const { FINDER_RULES } = in_finder_rules;

/**
 * @typedef {import("./finder-columns.js").HeaderKind} HeaderKind
 * @typedef {import("./finder-labels.js").Span} Span
 * @typedef {{ node: Text, start: number, end: number }} Place
 * @typedef {{ code: string, known: boolean, places: Place[] }} FoundInRows
 * @typedef {object} Reading
 * @property {FoundInRows[]} found
 * @property {Text[]} nodes every text node read
 * @property {Element[]} inner tables inside cells, not read here
 * @property {Element[]} elements those met inside cells
 */

const DROPPED = new Set(FINDER_RULES.tags.dropped);
const KEPT = new Set(FINDER_RULES.tags.kept);
const LINES = new Set(FINDER_RULES.tags.lines);
const LABELS = ["data-label", "data-th", "data-title", "data-header", "data-column"];
const CODED = new Set(["carc", "rarc", "both", "group"]);
const MAX_COLUMNS = 256;
const MAX_HEADER = 1600;
const BLANKS = /[ \t\n\r\f]{2,}|[\t\n\r\f]/g;
/** What keeps a text from being taken as it stands: blanks to fold, signs a reader does not see. */
const ODD = / {2}|[\t\n\r\f\u00ad\u200b-\uffff]/;
/** A cell of digits only heads nothing: rows of values are told from headers by it. */
const VALUE = /^[\d\s.,:/()-]*\d[\d\s.,:/()-]*$/;

/** @param {Element} element @returns {string} table, row, cell, head, or nothing */
function partOf(element) {
  const role = element.getAttribute("role");
  return (role && FINDER_RULES.roles[role]) || FINDER_RULES.parts[element.localName] || "";
}

/** @param {Element} element @param {"col" | "row"} way */
function spanOf(element, way) {
  const own = /** @type {HTMLTableCellElement} */ (element);
  const most = way === "col" ? MAX_COLUMNS : 10_000;
  const plain = way === "col" ? own.colSpan : own.rowSpan;
  if (plain !== undefined) {
    if (plain === 1) return 1;
    return plain === 0 ? most : Math.min(plain, most);
  }
  const set = Number(element.getAttribute(`aria-${way}span`) ?? 1);
  return set >= 1 ? Math.min(set, most) : 1;
}

/**
 * @typedef {object} Row A row's cells, made into objects only when one is asked about.
 * @property {RowText} text
 * @property {Element} element
 * @property {number} first index of its first cell in `text`
 * @property {number} count
 * @property {number} end where its last cell ends
 * @property {boolean[] | null} heads which of its cells are header cells; null: none
 * @property {boolean} plain whether none of its cells has attributes
 * @property {boolean} value whether a cell, no header cell, is a bare value: it heads nothing then
 * @property {RowCell[] | null} laid column by column, where cells span several
 * @property {(HeaderKind | null)[]} kinds what the columns hold
 */

/** @param {Row} row */
const columnsOf = (row) => row.laid?.length ?? row.count;

/** @param {Row} row @param {number} column @returns {RowCell | undefined} */
function cellIn(row, column) {
  if (row.laid) return row.laid[column];
  return column < 0 || column >= row.count ? undefined : row.text.made(row, column);
}

/** @param {Element} row @returns {Element[]} */
const cellElements = (row) =>
  [...row.children].filter((child) => {
    const part = partOf(child);
    return part === "cell" || part === "head";
  });

class RowCell {
  /**
   * @param {Row} row
   * @param {number} column
   * @param {number} place among the row's own cells
   */
  constructor(row, column, place) {
    this.row = row;
    this.column = column;
    this.place = place;
    this.start = row.text.cellStarts[row.first + place] ?? 0;
    this.end = row.text.cellEnd(row, place);
    this.head = row.heads?.[place] ?? false;
    /** @type {HeaderKind | null | undefined} */
    this.told = undefined;
  }

  get headed() {
    return this.row.kinds.some(Boolean);
  }

  get element() {
    return /** @type {Element} */ (cellElements(this.row.element)[this.place]);
  }

  /** What its column's header says, else its own label. @returns {HeaderKind | null} */
  get kind() {
    if (this.told !== undefined) return this.told;
    const { row, column } = this;
    this.told = row.kinds[column] ?? null;
    if (this.told === null && !row.plain) {
      const { element } = this;
      let label = "";
      for (const name of LABELS) label ||= element.getAttribute(name) ?? "";
      if (label) this.told = headerKind(label);
    }
    return this.told;
  }

  words() {
    return this.row.text.text.slice(this.start, this.end).trim();
  }

  /** The group codes of its row that bear on it. @returns {Span[]} */
  groups() {
    const { row, column } = this;
    let found = -1;
    for (let at = 0; at < columnsOf(row) && (at < column || found < 0); at += 1) {
      const cell = cellIn(row, at);
      if (cell !== this && cell?.kind === "group") found = at;
    }
    let beside = cellIn(row, found);
    if (!beside) {
      beside = cellIn(row, column - 1);
      if (!beside || !MAY_HOLD_GROUP.has(beside.kind)) return [];
    }
    return groupsIn(row.text.text, beside.start, beside.end);
  }
}

/** The text of some rows, where each piece comes from, and their cells. */
class RowText {
  /** @param {boolean} fresh nothing was found here before: the nodes need not be told */
  constructor(fresh) {
    this.fresh = fresh;
    /** @type {string[]} */
    this.parts = [];
    this.length = 0;
    this.last = "\n";
    this.apart = false;
    this.edge = "";
    /** @type {number[]} */
    this.starts = [];
    /** @type {Text[]} */
    this.from = [];
    /** @type {number[]} */
    this.at = [];
    /** @type {number[]} */
    this.cellStarts = [];
    /** @type {Row[]} */
    this.rows = [];
    /** @type {number[]} */
    this.rowFirsts = [];
    /** @type {Map<number, RowCell>} */
    this.cells = new Map();
    /** @type {Text[]} */
    this.nodes = [];
    /** @type {Element[]} */
    this.inner = [];
    /** @type {Element[]} */
    this.elements = [];
  }

  /** All that was put so far. */
  get text() {
    if (this.parts.length > 1) this.parts = [this.parts.join("")];
    return this.parts[0] ?? "";
  }

  /** @param {string} sign */
  mark(sign) {
    if (sign === "\n" && this.last === "\n") return;
    this.put(sign);
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {boolean} kept */
  node(node, kept) {
    const text = node.data;
    if (!text) return;
    if (!this.fresh) this.nodes.push(node);
    if ((this.apart || this.edge) && isWordly(this.last) && isWordly(text[0] ?? "")) {
      if (this.apart || (isLower(this.last) && isDigits(text[0] ?? ""))) this.put(" ");
    }
    if (!ODD.test(text)) {
      this.starts.push(this.length);
      this.from.push(node);
      this.at.push(0);
      this.put(text);
    } else if (kept) this.piece(node, 0, text);
    else this.collapsed(node, text);
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {string} text */
  collapsed(node, text) {
    let at = 0;
    for (const gap of text.matchAll(BLANKS)) {
      if (gap.index > at) this.piece(node, at, text.slice(at, gap.index));
      if (!" \n\t".includes(this.last)) this.piece(node, gap.index, " ");
      at = gap.index + gap[0].length;
    }
    if (at < text.length) this.piece(node, at, text.slice(at));
  }

  /** @param {Text} node @param {number} offset @param {string} text */
  piece(node, offset, text) {
    const seen = seenText(text, offset);
    for (let index = 0; index < seen.starts.length; index += 1) {
      this.starts.push(this.length + (seen.starts[index] ?? 0));
      this.from.push(node);
      this.at.push(seen.outer[index] ?? offset);
    }
    if (seen.text) this.put(seen.text);
  }

  /** @param {string} text */
  put(text) {
    this.parts.push(text);
    this.length += text.length;
    this.last = text[text.length - 1] ?? "";
  }

  /** @param {Row} row @param {number} place @returns {number} */
  cellEnd(row, place) {
    // A tab stands between two cells.
    return place === row.count - 1 ? row.end : (this.cellStarts[row.first + place + 1] ?? 1) - 1;
  }

  /** @param {Row} row @param {number} column @returns {RowCell} */
  made(row, column) {
    const index = row.first + column;
    let cell = this.cells.get(index);
    if (!cell) this.cells.set(index, (cell = new RowCell(row, column, column)));
    return cell;
  }

  /** @param {number} at @returns {RowCell | null} */
  cell(at) {
    if (this.cellStarts.length === 0 || (this.cellStarts[0] ?? 0) > at) return null;
    const index = stretchOf(this.cellStarts, at);
    const row = this.rows[stretchOf(this.rowFirsts, index)];
    if (!row || at >= this.cellEnd(row, index - row.first)) return null;
    if (!row.laid) return this.made(row, index - row.first);
    return row.laid.find((cell) => cell.row === row && cell.start <= at && at < cell.end) ?? null;
  }

  /** @param {number} at @returns {boolean} whether it stands in a row of headers */
  heads(at) {
    const cell = this.cell(at);
    return cell !== null && isHeader(cell.row);
  }

  /** @param {number} start @param {number} end @returns {Place[]} */
  places(start, end) {
    /** @type {Place[]} */
    const found = [];
    for (let index = stretchOf(this.starts, start); index < this.starts.length; index += 1) {
      const from = this.starts[index] ?? 0;
      if (from >= end) break;
      const node = /** @type {Text} */ (this.from[index]);
      const at = this.at[index] ?? 0;
      const next = this.starts[index + 1] ?? this.length;
      const low = at + Math.max(start, from) - from;
      const high = Math.min(at + Math.min(end, next) - from, node.data.length);
      const before = found.at(-1);
      if (low >= high) continue;
      if (before?.node === node) before.end = high;
      else found.push({ node, start: low, end: high });
    }
    return found;
  }
}

/** What the headers of a table say from some row on. */
class RowsReader {
  /**
   * @param {Record<string, string>} crosswalk a payer's own codes
   * @param {(element: Element) => boolean} skip elements to leave out, with all they hold
   */
  constructor(crosswalk, skip) {
    this.crosswalk = crosswalk;
    this.skip = skip;
    /** @type {(HeaderKind | null)[]} */
    this.kinds = [];
    /** @type {string[]} */
    this.above = [];
    /** @type {Map<number, { left: number, cell: RowCell }>} */
    this.pending = new Map();
    /** The header rows met, and what holds below each. @type {{ row: Element, kinds: (HeaderKind | null)[] }[]} */
    this.headers = [];
  }

  /**
   * Read rows that follow those read before.
   * @param {Element[]} rows
   * @param {boolean} [fresh] nothing was found in them before: `nodes` may stay empty
   * @returns {Reading}
   */
  read(rows, fresh = false) {
    const text = new RowText(fresh);
    for (const row of rows) {
      text.mark("\n");
      this.row(row, text);
    }
    const found = findInFlow(text.text, text, this.crosswalk).map(({ code, known, spans }) => ({
      code,
      known,
      places: spans.flatMap(([start, end]) => text.places(start, end)),
    }));
    return { found, nodes: text.nodes, inner: text.inner, elements: text.elements };
  }

  /** Read a row again: what holds for it is what its nearest header above says. @param {Element} row */
  again(row) {
    this.pending.clear();
    this.above = [];
    this.kinds = [];
    const { headers } = this;
    for (const header of headers) {
      if (header.row === row) return null;
      if (header.row.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING) {
        this.kinds = header.kinds;
      }
    }
    const known = headers.length;
    const reading = this.read([row]);
    return headers.length === known ? reading : null;
  }

  /** @param {Element} element @param {RowText} text */
  row(element, text) {
    const first = text.cellStarts.length;
    /** @type {boolean[] | null} */
    let heads = null;
    let spans = this.pending.size > 0;
    let end = text.length;
    let value = false;
    let bare = true;
    for (let child = element.firstElementChild; child; child = child.nextElementSibling) {
      const plain = !child.hasAttributes();
      const tag = child.localName;
      const part = plain ? (FINDER_RULES.parts[tag] ?? "") : partOf(child);
      if (part !== "cell" && part !== "head") {
        this.content(child, text);
        continue;
      }
      bare &&= plain;
      const place = text.cellStarts.length - first;
      if (place) text.mark("\t");
      text.cellStarts.push(text.length);
      if (part === "head") (heads ??= [])[place] = true;
      const before = text.parts.length;
      if (plain || !this.skip(child)) this.within(child, text, false);
      end = text.length;
      value ||= part === "cell" && text.parts.length === before + 1 && VALUE.test(text.parts[before] ?? "");
      spans ||= !plain && (spanOf(child, "col") > 1 || spanOf(child, "row") > 1);
    }
    text.mark("\n");
    const count = text.cellStarts.length - first;
    if (count === 0) return;
    /** @type {Row} */
    const row = {
      text, element, first, count, end, heads, value, plain: bare, laid: null, kinds: this.kinds,
    };
    text.rows.push(row);
    text.rowFirsts.push(first);
    if (spans) this.layOut(row);
    this.give(element, row);
  }

  /** @param {Element} element what is inside it @param {RowText} text @param {boolean} kept */
  within(element, text, kept) {
    for (let node = element.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === 3) text.node(/** @type {Text} */ (node), kept);
      else if (node.nodeType === 1) this.content(/** @type {Element} */ (node), text);
    }
  }

  /** @param {Element} element @param {RowText} text */
  content(element, text) {
    const tag = element.localName;
    if (DROPPED.has(tag) || tag === "noscript" || this.skip(element)) return;
    text.elements.push(element);
    if (partOf(element)) {
      text.inner.push(element);
      text.mark("\n");
      return;
    }
    const line = LINES.has(tag) || tag === "br";
    if (line) text.mark("\n");
    else if (tag !== "wbr") {
      // A raised figure after a code is a footnote's.
      text.apart ||= text.edge === "close" || tag === "sup";
      text.edge = "open";
    }
    this.within(element, text, KEPT.has(tag));
    if (LINES.has(tag)) text.mark("\n");
    else if (tag !== "br" && tag !== "wbr") text.edge = "close";
  }

  /** Put the cells of a row into their columns, with those that reach down from above. @param {Row} row */
  layOut(row) {
    /** @type {RowCell[]} */
    const laid = [];
    const elements = cellElements(row.element);
    let next = 0;
    while ((next < row.count || this.pending.has(laid.length)) && laid.length < MAX_COLUMNS) {
      const held = this.pending.get(laid.length);
      if (held) {
        this.pending.delete(laid.length);
        if (held.left > 1) this.pending.set(laid.length, { left: held.left - 1, cell: held.cell });
        laid.push(held.cell);
        continue;
      }
      const cell = new RowCell(row, laid.length, next);
      const element = /** @type {Element} */ (elements[next]);
      next += 1;
      const across = spanOf(element, "col");
      const down = spanOf(element, "row");
      for (let times = 0; times < across; times += 1) {
        if (down > 1) this.pending.set(laid.length, { left: down - 1, cell });
        laid.push(cell);
      }
    }
    row.laid = laid;
  }

  /** Let a header say what is below it. @param {Element} element @param {Row} row */
  give(element, row) {
    if (row.value || !isHeader(row)) {
      this.above = [];
      return;
    }
    // What stands in a header row is under no header itself.
    row.kinds = [];
    const texts = [];
    for (let at = 0; at < columnsOf(row); at += 1) texts.push(cellIn(row, at)?.words() ?? "");
    const one = row.laid ? row.laid.at(-1) === row.laid[0] : row.count === 1;
    if (one && this.kinds.length) return;
    const over = this.above;
    this.kinds = texts.map((text, at) => columnKind(text, over[at]));
    this.above = texts;
    this.headers.push({ row: element, kinds: this.kinds });
  }
}

/** @param {string} text @param {string | undefined} over */
function columnKind(text, over) {
  const kind = headerKind(text);
  if ((kind === null || kind === "code") && over !== undefined && over !== text) {
    return headerKind(`${over} ${text}`) ?? kind;
  }
  return kind;
}

/** Whether a row heads columns: header cells only, or words of which some head codes. @param {Row} row */
function isHeader(row) {
  const filled = [];
  let length = 0;
  let heads = true;
  const { text } = row.text;
  for (let at = 0; at < columnsOf(row); at += 1) {
    const held = row.laid?.[at];
    if (held && held === row.laid?.[at - 1]) continue;
    const words = held
      ? held.words()
      : text.slice(row.text.cellStarts[row.first + at], row.text.cellEnd(row, at)).trim();
    if (!words) continue;
    if (FINDER_GROUPS.has(words)) return false;
    if (!(held ? held.head : row.heads?.[at])) {
      heads = false;
      if (VALUE.test(words)) return false;
    }
    length += words.length;
    filled.push(words);
  }
  if (filled.length === 0 || length > MAX_HEADER) return false;
  if (heads) return true;
  const kinds = filled.map(headerKind);
  const told = kinds.filter((kind) => kind !== null);
  if (filled.length < 2 || told.length === 0) return false;
  if (told.length < 2 && !told.some((kind) => CODED.has(kind))) return false;
  return !filled.some((words, at) => kinds[at] === null && /[0-9]/.test(words));
}
return { partOf, RowsReader };
})();
const in_messages = (() => {
/**
 * Every message between page, worker and popup: one table, checked at run time.
 *
 * `page` messages come from content scripts, which live beside pages we do not trust; `own` ones
 * from the extension's own pages. A message that is not in the table, carries a field too many or a
 * value out of its form is not answered. What a page may say about codes is a code of the closed
 * list and nothing else; the claim number of `line` ends in the worker, which sends its keyed hash.
 */

/**
 * @template T
 * @typedef {(value: unknown) => value is T} Check
 */

const CODE = /^(?:(?:CO|PR|OA|PI|CR)(?:-(?:[ABDPWY]?[0-9]{1,3}))?|[ABDPWY]?[0-9]{1,3}|(?:MA|M|N)[0-9]{1,4})$/;
const SITE = /^https?:\/\/[a-z0-9.[\]:-]{1,253}$/i;
const PORTAL = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * A group, a reason code with or without its group, or a remark code.
 * @param {unknown} value
 * @returns {value is string}
 */
const isCode = (value) => typeof value === "string" && CODE.test(value);

/** @param {unknown} value @returns {value is number} */
const isCount = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** @param {unknown} value @returns {value is boolean} */
const isBoolean = (value) => typeof value === "boolean";

/** @param {number} longest @returns {Check<string>} */
const text = (longest) => /** @type {Check<string>} */ (
  (value) => typeof value === "string" && value.length <= longest
);

/** @param {RegExp} form @returns {Check<string>} */
const like = (form) => /** @type {Check<string>} */ (
  (value) => typeof value === "string" && form.test(value)
);

/** @template {string} T @param {...T} words @returns {Check<T>} */
const oneOf = (...words) => /** @type {Check<T>} */ (
  (value) => words.includes(/** @type {T} */ (value))
);

/** @template T @param {Check<T>} each @param {number} most @returns {Check<T[]>} */
const listOf = (each, most) => /** @type {Check<T[]>} */ (
  (value) => Array.isArray(value) && value.length <= most && value.every(each)
);

const PLACE = { site: like(SITE), portal: text(64), lookup: isBoolean, tab: isCount };

const MESSAGES = {
  /** A frame asks whether it is on a portal, and what that portal is. */
  hello: { from: "page", fields: {} },
  /** What these codes mean. */
  explain: { from: "page", fields: { codes: listOf(isCode, 200) } },
  /** What the server knows of the lines of this claim. */
  line: { from: "page", fields: { claim: text(64) } },
  /** The page shows a claim and has come to rest; sent only where hand-over is on. */
  rested: { from: "page", fields: {} },
  /** Escape was pressed in a frame that shows no tooltip: another frame may show one. */
  escape: { from: "page", fields: {} },

  status: { from: "own", fields: {} },
  page: { from: "own", fields: { tab: isCount } },
  search: { from: "own", fields: { query: text(80) } },
  show: { from: "own", fields: { tab: isCount, frame: isCount, index: isCount } },
  pair: { from: "own", fields: { address: text(300), code: text(40) } },
  unpair: { from: "own", fields: {} },
  refresh: { from: "own", fields: {} },
  /** The user is being asked by the browser; `granted` follows where the popup outlives it. */
  planned: { from: "own", fields: PLACE },
  granted: { from: "own", fields: PLACE },
  forget: { from: "own", fields: { site: like(SITE) } },
  allow: {
    from: "own",
    fields: { portal: like(PORTAL), what: oneOf("lookup", "hand_over"), on: isBoolean },
  },
};

/** @typedef {typeof MESSAGES} Table */
/** @typedef {keyof Table} Kind */
/** @template C @typedef {C extends Check<infer T> ? T : never} Checked */
/**
 * @template {Kind} K
 * @typedef {{ type: K } & { [F in keyof Table[K]["fields"]]: Checked<Table[K]["fields"][F]> }} Message
 */
/** @typedef {{ [K in Kind]: Message<K> }[Kind]} AnyMessage */

/**
 * The message, where it is one of the table's, whole and from where it may come; else null.
 * @param {unknown} raw
 * @param {"page" | "own"} from
 * @returns {AnyMessage | null}
 */
function received(raw, from) {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return null;
  const message = /** @type {Record<string, unknown>} */ (raw);
  const type = message.type;
  if (typeof type !== "string" || !Object.hasOwn(MESSAGES, type)) return null;
  const { from: wanted, fields } = MESSAGES[/** @type {Kind} */ (type)];
  if (wanted !== from) return null;
  const checks = /** @type {Record<string, Check<unknown>>} */ (fields);
  const names = Object.keys(message).filter((name) => name !== "type");
  if (names.length !== Object.keys(checks).length) return null;
  if (!names.every((name) => Object.hasOwn(checks, name) && checks[name]?.(message[name]))) return null;
  return /** @type {AnyMessage} */ (raw);
}

/**
 * @typedef {object} Entry What one code means, as the tooltip shows it.
 * @property {string} code canonical: `CO-107`, `107`, `N122`, `CO`
 * @property {"carc" | "rarc" | "group"} kind
 * @property {boolean} known false: no list names it
 * @property {string} title
 * @property {string} meaning
 * @property {string[]} steps in order
 * @property {string} payer who bears the money; empty where no group is named
 * @property {"never" | "yes" | "depends" | ""} bill
 * @property {string} appeal
 * @property {{ code: string, difference: string }[]} alike
 * @property {string} route what a remark code changes in the route of a CO-107
 * @property {string} ended ISO date, or empty
 * @property {string} reviewed ISO date of the list
 */

/**
 * @typedef {object} Line What the server knows of one service line.
 * @property {string} line_id
 * @property {string} procedure
 * @property {string[]} modifiers
 * @property {string} service_date
 * @property {string} code
 * @property {string[]} remarks
 * @property {string} state
 * @property {string} reason_text
 * @property {string} route_text
 * @property {string} deadline ISO date, or empty
 * @property {number | null} days_left
 * @property {string} rule_text
 * @property {string} amount
 * @property {string} missing
 * @property {string} found_at
 * @property {string} next_step
 * @property {string} why_now
 * @property {string} as_of
 * @property {string} checked_at
 */

/**
 * @typedef {object} ClaimNumber Where a portal's page shows the claim number, or a line's procedure.
 * @property {string} selector
 * @property {string | null} attribute
 * @property {string | null} pattern
 * @property {"row" | "page"} scope
 */

/**
 * @typedef {object} Portal
 * @property {string} id
 * @property {string} name
 * @property {string} base_address
 * @property {string[]} hosts
 * @property {string} permission
 * @property {string} permission_reason
 * @property {ClaimNumber[]} claim_number
 * @property {ClaimNumber[]} procedure where a line's procedure stands
 * @property {Record<string, string>} crosswalk
 */

/** @typedef {"" | "unpaired" | "unreachable" | "slow" | "wrong" | "refused"} Trouble */

/**
 * @typedef {object} Site A place the user granted.
 * @property {string} site origin, as `https://portal.example`
 * @property {string} portal id of the server's portal, or empty
 */

/**
 * @typedef {object} Replies
 * @property {{ on: boolean, portal: string, claim_number: ClaimNumber[], procedure: ClaimNumber[], crosswalk: Record<string, string>, lookup: boolean, hand_over: boolean }} hello
 * @property {{ entries: Record<string, Entry> }} explain
 * @property {{ lines: Line[], trouble: Trouble, checked: string }} line
 * @property {{ taken: boolean }} rested
 * @property {{ done: boolean }} escape
 * @property {Status} status
 * @property {PageState} page
 * @property {{ entries: Entry[] }} search
 * @property {{ shown: boolean }} show
 * @property {{ paired: boolean, trouble: string }} pair
 * @property {{ done: boolean }} unpair
 * @property {Status} refresh
 * @property {{ done: boolean }} planned
 * @property {{ done: boolean }} granted
 * @property {{ done: boolean }} forget
 * @property {{ done: boolean }} allow
 */

/**
 * @typedef {object} Status
 * @property {string} server
 * @property {boolean} managed true where a policy sets the server
 * @property {boolean} paired
 * @property {string} practice
 * @property {string} server_version
 * @property {Trouble} trouble
 * @property {{ reviewed: string, shipped: boolean }} list
 * @property {{ state: string, lines: number, amount: string }[]} counts
 * @property {Portal[]} portals
 * @property {Site[]} sites
 * @property {Record<string, boolean>} lookup
 * @property {Record<string, boolean>} hand_over
 * @property {{ lookup: boolean | null, hand_over: boolean, other_sites: boolean }} policy
 */

/**
 * @typedef {object} PageState
 * @property {string} site origin of the tab, or empty where it is none of ours
 * @property {Portal | null} portal
 * @property {boolean} granted
 * @property {{ frame: number, index: number, code: string, title: string, count: number, visible: boolean }[]} codes
 */

/**
 * Send a message to the worker; null where nothing (any more) answers.
 * @template {Kind} K
 * @param {Message<K>} message
 * @returns {Promise<Replies[K] | null>}
 */
async function send(message) {
  try {
    return (await chrome.runtime.sendMessage(message)) ?? null;
  } catch {
    // The extension was updated or removed under an open page: there is no one to ask.
    return null;
  }
}
return { isCode, MESSAGES, received, send };
})();
const in_explain = (() => {
/**
 * What a tooltip says, and in which order: pure, so that page, popup and tests share it.
 *
 * Short first: the code and one line; who pays; what this line lacks and where it was found; the
 * next step and why; the last day; remark codes of the line; its state; source and date.
 */

/** @import { Entry, Line, Trouble } from "./messages.js" */

/**
 * @typedef {(key: string, ...parts: string[]) => string} Translate
 * @typedef {"pays" | "missing" | "found" | "next" | "why" | "deadline" | "rule" | "remark" | "state"
 *   | "route" | "meaning" | "ended" | "notice"} Part
 * @typedef {{ part: Part, label: string, text: string, tone?: "good" | "warn" | "bad" | "calm" }} Row
 * @typedef {object} Card
 * @property {string} code
 * @property {string} title
 * @property {boolean} known
 * @property {string} state state of the line, or empty
 * @property {string} stateText
 * @property {Row[]} rows in reading order
 * @property {Row[]} more what is folded away
 * @property {string} source
 * @property {string} note for the clipboard
 * @property {string} spoken for screen readers
 */

/**
 * @typedef {object} Known What is known when a card is made.
 * @property {Entry} entry
 * @property {Entry[]} remarks remark codes on the same line
 * @property {Line | null} line
 * @property {Trouble} trouble
 * @property {string} checked time of the server's answer, or empty
 */

/** Days left from which on a last day is urgent, and close. */
const URGENT = 3;
const CLOSE = 14;

/** @param {string} iso @param {string} language */
function day(iso, language) {
  const at = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(language || "en", {
    year: "numeric",
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(at);
}

/** @param {number} left @param {Translate} t */
function daysLeft(left, t) {
  if (left < 0) return t("days_past", String(-left));
  if (left === 0) return t("days_today");
  return left === 1 ? t("days_one") : t("days_left", String(left));
}

/** @param {number | null} left @returns {Row["tone"]} */
function urgency(left) {
  if (left === null) return "calm";
  if (left <= URGENT) return "bad";
  return left <= CLOSE ? "warn" : "calm";
}

/** The server's words as a line of their own begins. @param {string} text */
const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** @param {Line} line @param {Translate} t @param {string} language @returns {Row[]} */
function lineRows(line, t, language) {
  /** @type {Row[]} */
  const rows = [];
  if (line.missing) rows.push({ part: "missing", label: t("label_missing"), text: line.missing });
  if (line.found_at) rows.push({ part: "found", label: t("label_found"), text: sentence(line.found_at) });
  if (line.next_step) rows.push({ part: "next", label: t("label_next"), text: line.next_step });
  if (line.why_now) rows.push({ part: "why", label: t("label_why"), text: sentence(line.why_now) });
  if (line.deadline) {
    const left = line.days_left === null ? "" : ` · ${daysLeft(line.days_left, t)}`;
    rows.push({
      part: "deadline",
      label: t("label_deadline"),
      text: `${day(line.deadline, language)}${left}`,
      tone: urgency(line.days_left),
    });
    // The server's words begin with the day that was just said.
    const rule = line.rule_text.replace(/^last day \d{4}-\d{2}-\d{2}: */i, "");
    if (rule) rows.push({ part: "rule", label: t("label_rule"), text: sentence(rule.replaceAll("_", " ")) });
  }
  return rows;
}

/** @param {Entry} entry @param {Translate} t @returns {Row[]} */
function codeRows(entry, t) {
  /** @type {Row[]} */
  const rows = [];
  if (entry.steps[0]) rows.push({ part: "next", label: t("label_next"), text: entry.steps[0] });
  if (entry.meaning) rows.push({ part: "why", label: t("label_why"), text: entry.meaning });
  return rows;
}

/** @param {Entry} entry @param {boolean} hasLine @param {Translate} t @returns {Row[]} */
function folded(entry, hasLine, t) {
  /** @type {Row[]} */
  const more = [];
  if (hasLine && entry.meaning) {
    more.push({ part: "meaning", label: t("label_meaning"), text: entry.meaning });
  }
  for (const step of entry.steps.slice(hasLine ? 0 : 1)) {
    more.push({ part: "next", label: t("label_then"), text: step });
  }
  if (entry.appeal) more.push({ part: "route", label: t("label_appeal"), text: entry.appeal });
  for (const { code, difference } of entry.alike) {
    const said = difference.startsWith(`${code}:`) ? difference.slice(code.length + 1).trim() : difference;
    more.push({ part: "meaning", label: t("label_alike", code), text: said });
  }
  return more;
}

/**
 * What a biller pastes into the account's notes: which line, then the card's words.
 * @param {Card} card @param {Line | null} line @param {string} language
 */
function noteOf(card, line, language) {
  const which = line ? [line.procedure, line.service_date && day(line.service_date, language)] : [];
  const lines = [`${[card.code, ...which].filter(Boolean).join(", ")}: ${card.title}`];
  for (const { label, text } of card.rows) lines.push(label ? `${label}: ${text}` : text);
  return [...lines, card.source].join("\n");
}

/**
 * @param {Known} known
 * @param {Translate} t
 * @param {string} language BCP 47
 * @returns {Card}
 */
function explain({ entry, remarks, line, trouble, checked }, t, language) {
  /** @type {Row[]} */
  const rows = [];
  if (entry.payer) {
    const tone = entry.bill === "never" ? "good" : entry.bill === "yes" ? "warn" : "calm";
    rows.push({ part: "pays", label: t("label_pays"), text: entry.payer, tone });
  }
  if (entry.ended) {
    rows.push({ part: "ended", label: "", text: t("ended", day(entry.ended, language)), tone: "warn" });
  }
  rows.push(...(line ? lineRows(line, t, language) : codeRows(entry, t)));
  if (entry.route) rows.push({ part: "route", label: t("label_route"), text: entry.route });
  for (const remark of remarks) {
    rows.push({ part: "remark", label: remark.code, text: remark.title });
  }
  let stateText = "";
  if (line) {
    const name = t(`state_${line.state}`) || line.state;
    stateText = name;
    // Of a line that is ready, why it stands so is said above already.
    const reason = line.state === "ready" && line.why_now ? "" : line.reason_text;
    const words = [reason, line.route_text, line.amount].filter(Boolean);
    const said = words.map((each) => each.replace(/\.$/, "")).join(" · ");
    rows.push({ part: "state", label: t("label_state"), text: said ? `${name}: ${said}` : name });
  }
  if (trouble) rows.push({ part: "notice", label: "", text: t(`trouble_${trouble}`), tone: "calm" });
  const reviewed = entry.reviewed ? day(entry.reviewed, language) : "";
  const sources = [reviewed ? t("source_list", reviewed) : t("source_list_undated")];
  if (line) {
    const at = line.checked_at || line.as_of || checked;
    const asked = at ? day(at, language) : "";
    if (asked && asked === reviewed) sources[0] = t("source_both", asked);
    else sources.unshift(asked ? t("source_server", asked) : t("source_server_undated"));
  }
  /** @type {Card} */
  const card = {
    code: entry.code,
    title: entry.title,
    known: entry.known,
    state: line ? line.state : "",
    stateText,
    rows,
    more: folded(entry, line !== null, t),
    source: sources.join(" · "),
    note: "",
    spoken: "",
  };
  card.note = noteOf(card, line, language);
  card.spoken = [`${entry.code}. ${entry.title}.`, ...rows.map((row) => `${row.label} ${row.text}.`)]
    .join(" ")
    .replaceAll("..", ".");
  return card;
}
return { day, explain };
})();
const in_card = (() => {
/** The card a tooltip and the popup show: elements made of text only, and their style. */

/** @import { Card, Row, Translate } from "./explain.js" */

const CARD_STYLE = `
.card {
  --ink: #1b2430; --soft: #55606e; --line: #dfe4ea; --paper: #ffffff; --tint: #f5f7fa;
  --accent: #1d5fb4; --good: #17663a; --good-tint: #e6f4ec; --warn: #8a4b00; --warn-tint: #fff1dc;
  --bad: #a3171f; --bad-tint: #fde8e8;
  color: var(--ink); background: var(--paper); color-scheme: light dark;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  letter-spacing: normal; text-align: start; overflow-wrap: anywhere; white-space: normal;
}
@media (prefers-color-scheme: dark) {
  .card {
    --ink: #e8ecf1; --soft: #a9b4c1; --line: #3a4450; --paper: #1c232b; --tint: #252d37;
    --accent: #8bbcf6; --good: #8fdcae; --good-tint: #17392a; --warn: #ffc98a; --warn-tint: #43300f;
    --bad: #ffadad; --bad-tint: #4a1d20;
  }
}
.card * { box-sizing: border-box; }
.head { display: flex; align-items: baseline; gap: 8px; padding: 10px 14px 0; }
.code { font-weight: 700; font-size: 15px; white-space: nowrap; color: var(--accent); }
.chip {
  margin-inline-start: auto; padding: 1px 9px; border-radius: 99px; font-size: 12px; font-weight: 600;
  background: var(--tint); color: var(--ink); border: 1px solid var(--line); white-space: nowrap;
}
.chip.ready { background: var(--good-tint); color: var(--good); border-color: transparent; }
.chip.appeal, .chip.review { background: var(--warn-tint); color: var(--warn); border-color: transparent; }
.title { margin: 1px 14px 8px; font-weight: 600; font-size: 14px; line-height: 1.35; }
.rows { margin: 0; padding: 0 14px 8px; display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; }
.rows > dt { color: var(--soft); font-size: 12px; line-height: 18px; min-width: 58px; }
.rows > dd { margin: 0; min-width: 0; }
.rows > dd.wide { grid-column: 1 / -1; }
.rows > dd.rule { color: var(--soft); font-size: 12px; }
.card > .rows > dd.missing, .card > .rows > dd.next { font-weight: 600; }
.rows > dt.remark { font-weight: 600; color: var(--accent); font-size: 13px; }
.rows > .first { margin-top: 3px; padding-top: 6px; border-top: 1px solid var(--line); }
.rows > dt.first + dd { margin-top: 3px; padding-top: 6px; border-top: 1px solid var(--line); margin-inline-start: -14px; padding-inline-start: 14px; }
.tone { display: inline-block; border-radius: 5px; padding: 1px 7px; margin-inline-start: -7px; }
.good .tone { background: var(--good-tint); color: var(--good); }
.warn .tone { background: var(--warn-tint); color: var(--warn); }
.bad .tone { background: var(--bad-tint); color: var(--bad); font-weight: 600; }
.notice { color: var(--soft); font-style: italic; }
details { margin: 0; padding: 0 14px 8px; }
summary { cursor: pointer; color: var(--accent); font-size: 12px; width: max-content; border-radius: 4px; }
details .rows { padding: 6px 0 0; }
.foot {
  position: sticky; bottom: 0; display: flex; align-items: center; gap: 10px; padding: 7px 14px 8px; background: var(--tint);
  border-top: 1px solid var(--line); color: var(--soft); font-size: 11.5px; line-height: 1.35;
}
.foot .copy { margin-inline-start: auto; flex: none; }
button {
  font: inherit; font-size: 12px; color: var(--accent); background: var(--paper); cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; min-height: 26px;
}
button:hover { border-color: var(--accent); }
button:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
@media (forced-colors: active) {
  .chip, .tone, button { border: 1px solid CanvasText; }
}
`;

/**
 * @param {Document} page
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
function made(page, tag, className, text) {
  const element = page.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Parts that open a group of rows of their own. */
const OPENS = new Set(["missing", "remark", "state"]);

/** @param {Document} page @param {Row[]} rows */
function list(page, rows) {
  const element = made(page, "dl", "rows");
  let before = "";
  for (const row of rows) {
    const first = before && OPENS.has(row.part) && before !== row.part ? " first" : "";
    const repeated = before === row.part && row.part === "next";
    before = row.part;
    const value = made(page, "dd", `${row.part} ${row.tone ?? ""}`);
    if (row.tone && row.tone !== "calm") value.append(made(page, "span", "tone", row.text));
    else value.textContent = row.text;
    if (row.label) element.append(made(page, "dt", `${row.part}${first}`, repeated ? " " : row.label));
    else value.className += ` wide${first}`;
    element.append(value);
  }
  return element;
}

/**
 * @param {Document} page
 * @param {Card} card
 * @param {Translate} t
 * @param {(button: HTMLElement) => void} onCopy
 * @returns {HTMLElement}
 */
function drawn(page, card, t, onCopy) {
  const element = made(page, "div", "card");
  const head = made(page, "div", "head");
  head.append(made(page, "span", "code", card.code));
  if (card.stateText) head.append(made(page, "span", `chip ${card.state}`, card.stateText));
  element.append(head, made(page, "div", "title", card.title));
  if (card.rows.length) element.append(list(page, card.rows));
  if (card.more.length) {
    const more = page.createElement("details");
    more.append(made(page, "summary", "", t("more")), list(page, card.more));
    element.append(more);
  }
  const foot = made(page, "div", "foot");
  const copy = made(page, "button", "copy", t("copy"));
  copy.setAttribute("type", "button");
  copy.addEventListener("click", () => onCopy(copy));
  foot.append(made(page, "span", "source", card.source), copy);
  element.append(foot);
  return element;
}
return { CARD_STYLE, drawn };
})();
  return {
    ...in_finder,
    ...in_rows,
    ...in_messages,
    ...in_explain,
    ...in_card,
  };
})();
