/**
 * Numbers that bear no group of their own: in a cell, under a group, after a label, in a list; and
 * what one pass keeps while it goes. As `server/codes/finder_values.py` and `finder_runs.py`.
 */

import { FinderGuard } from "./finder-guard.js";
import {
  FINDER_ASK,
  FINDER_CARC,
  FINDER_GROUPS,
  FINDER_TAILS,
  finderWords,
  isDigits,
  isWordly,
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
 * @typedef {{ cell: (at: number) => FinderCell | null, heads: (at: number) => boolean }} Tables
 */

export const GAP_REACH = 16;
export const MAX_LINE = 200;
const FAR = -10000;
/** @type {ReadonlySet<FinderKind | null>} */
const REASON_CELLS = new Set([null, "carc", "both", "code"]);

/** What a number is by its cell, its label or the list it goes on. */
export class FinderValues {
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
export function tailOf(left) {
  const word = left.slice(left.lastIndexOf(" ") + 1).toLowerCase();
  const held = finderWords("joining").has(word) ? trimEnd(left.slice(0, -word.length), LABEL_SIGNS) : left;
  return held.slice(-2).toLowerCase();
}
