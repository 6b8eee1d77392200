/** Columns in plain text: tabs, pipes, commas, or two and more spaces under a header line. */

import { FINDER_ASK, FINDER_COLUMNS, FINDER_GROUPS, FINDER_TOKEN, headerKind, lastBefore, trimBoth } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

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
export const MAY_HOLD_GROUP = new Set([null, "carc", "both", "code"]);
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
export function groupsIn(text, start, end) {
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
export function cutBy(line) {
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
export class TextTables {
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

