/**
 * Finding denial codes in text: the server's scan (`server/codes/finder_scan.py`), step for step.
 *
 * Every short number is looked at, and what its surroundings make of it. Nothing is looked at
 * further than a fixed reach, so time grows with the text and nothing else.
 */

import { TextTables } from "./finder-columns.js";
import {
  FINDER_ASK,
  FINDER_CARC,
  FINDER_GROUPS,
  FINDER_NUMBER,
  FINDER_RARC,
  isDigits,
  isUpper,
  isWordly,
  keyKind,
  lastBefore,
  trimEnd,
} from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";
import { FinderValues, GAP_REACH, MAX_LINE, tailOf } from "./finder-values.js";

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
export class FinderScan extends FinderValues {
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
