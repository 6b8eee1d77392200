/**
 * Finding denial codes in text: the server's scan (`server/codes/finder_scan.py`), step for step.
 *
 * Every short number is looked at, and what its surroundings make of it. Nothing is looked at
 * further than a fixed reach, so time grows with the text and nothing else.
 */

import { TextTables } from "./finder-columns.js";
import { FinderGuard } from "./finder-guard.js";
import {
  FINDER_ASK,
  FINDER_CARC,
  FINDER_GROUPS,
  FINDER_NUMBER,
  FINDER_RARC,
  FINDER_TAILS,
  finderWords,
  isDigits,
  isUpper,
  isWordly,
  keyKind,
  labelBefore,
  lastBefore,
  trimEnd,
} from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

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
 * @typedef {{ cell: (at: number) => FinderCell | null }} Tables
 */

const WORDLY = /[A-Za-z0-9_]/;
const GAP_REACH = 16;
const MAX_LINE = 200;
const FAR = -10000;
/** @type {ReadonlySet<FinderKind | null>} */
const OTHER_KEYS = new Set(["identity", "diagnosis", "modifier", "state"]);
/** @type {ReadonlySet<FinderKind | null>} */
const REASON_CELLS = new Set([null, "carc", "both", "code"]);

/** One pass over one text. */
export class FinderScan {
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

  run() {
    const { text } = this;
    for (const match of text.matchAll(FINDER_NUMBER)) {
      const i = match.index;
      const j = i + match[0].length;
      const form = match[1] !== undefined ? 1 : match[2] !== undefined ? 2 : match[3] !== undefined ? 3 : 0;
      if (form && this.usual(form, i, j)) continue;
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
    if (before === "*" || before === "," || i - this.runEnd <= GAP_REACH) return false;
    const { text, tables } = this;
    if (before === "\n" || before === "\t") {
      if (!(tables instanceof TextTables) || tables.rowAt(i).header) return false;
      if (i - this.columnLine <= 2 * MAX_LINE) return false;
    }
    const left = trimEnd(text.slice(Math.max(0, i - GAP_REACH), i), this.dismissing);
    const two = left.slice(-2);
    const last = two.slice(-1);
    if (two.toUpperCase() in FINDER_RULES.spellings || ")|".includes(last)) return false;
    if (isDigits(last) && !isWordly(two.slice(0, 1))) return false;
    if (FINDER_TAILS.has(two.toLowerCase()) && FINDER_TAILS.has(tailOf(left))) return false;
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
    if (!this.guard.remark(start, j, isUpper(head), labelled, listed, known)) return false;
    this.take({ code, kind: "rarc", known, spans: [[start, j]] }, start, j);
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
    } else if (before === "*" && this.triplet(s, i, j)) return;
    const apart = before === " " || (WORDLY.test(before) && s > 1 && text.slice(s - 2, s) === "  ");
    if ("\t|\n".includes(before) || text[s - 1] === "," || apart) {
      const cell = this.tables.cell(s);
      if (cell && this.inCell(cell, s, i, j)) return;
      if ((before === "\t" || before === "|") && this.triplet(s, i, j)) return;
    }
    if (before === "\n" && this.stacked(s, i, j)) return;
    this.bare(s, i, j);
  }

  /** The CARC a number is: `045` is 45, `b15` is B15, a scanned `1O7` is 107.
   * @param {number} s @param {number} i @param {number} j */
  carc(s, i, j) {
    const digits = this.text.slice(i, j).replaceAll("O", "0").replace(/^0+/, "") || "0";
    return this.text.slice(s, i).toUpperCase() + digits;
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
    if ((mixed || text[start] === "0" || text[at[1] - 1] === "0") && !legible(form, carc, known, mixed)) return false;
    if (!this.guard.grouped(group, form, at, s, j, known, listed)) return false;
    const cell = this.tables.cell(start);
    if (cell?.kind === "identity" || (!listed && this.keyed(start, cell, "carc"))) return false;
    const loose = form === "space" || form === "glued";
    if (loose && (cell?.kind === "state" || cell?.kind === "other")) return false;
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

  /** A number at the start of a cell: its column's header or the cell beside it tells.
   * @param {FinderCell} cell @param {number} s @param {number} i @param {number} j */
  inCell(cell, s, i, j) {
    const { text } = this;
    if (s - cell.start > GAP_REACH || /[^ \n\u00a0(["'#*]/.test(text.slice(cell.start, s))) return false;
    if (!REASON_CELLS.has(cell.kind)) return true;
    const sure = cell.kind === "carc" || cell.kind === "both";
    const groups = cell.groups();
    const first = groups[0];
    if (!first && !sure) return false;
    if (text.slice(j, Math.min(cell.end, j + 40)).trim() && !this.guard.value(j)) return false;
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
    if (!label || label.kind === "rarc") return;
    if (label.kind === "code" && !this.guard.groupLeft(label.start)) return;
    const carc = this.carc(s, i, j);
    const known = FINDER_CARC.has(carc);
    if (!known && !(first && label.sure && label.kind === "carc")) return;
    let group = this.guard.groupLeft(label.start) ?? (first ? this.guard.groupRight(j) : null);
    if (!this.guard.labelled(s, j, label, first, group !== null) || text.slice(i, j).includes("O")) return;
    const cell = this.tables.cell(s);
    if (cell && !REASON_CELLS.has(cell.kind)) return;
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
    return lone || FINDER_TAILS.has(two) ? labelBefore(this.text, at) : null;
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

/** Whether letters and zeros a scanner mixed up still read as one code.
 * @param {string} form @param {string} carc @param {boolean} known @param {boolean} mixed */
function legible(form, carc, known, mixed) {
  return known && (form === "dash" || (form === "space" && carc.length === 3 && !mixed));
}
