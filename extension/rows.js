/**
 * Codes in the rows of a big table, a few rows at a time.
 *
 * `findInNodes` reads a table as a whole, which is right for most and takes too long at a stretch
 * for one of ten thousand lines. This reader gives the same answers row by row: what the headers
 * say is kept from one call to the next. It builds no frame for each element and asks for no
 * attribute it can do without.
 */

import { MAY_HOLD_GROUP, groupsIn } from "./finder-columns.js";
import { FINDER_GROUPS, headerKind, isDigits, isLower, isWordly } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";
import { findInFlow, seenText, stretchOf } from "./finder-scan.js";

/**
 * @typedef {import("./finder-columns.js").HeaderKind} HeaderKind
 * @typedef {import("./finder-labels.js").Span} Span
 * @typedef {{ node: Text, start: number, end: number }} Place
 * @typedef {{ code: string, known: boolean, places: Place[] }} FoundInRows
 * @typedef {object} Reading
 * @property {FoundInRows[]} found
 * @property {Text[]} nodes every text node read
 * @property {Element[]} inner tables inside cells, not read here
 */

const DROPPED = new Set(FINDER_RULES.tags.dropped);
const KEPT = new Set(FINDER_RULES.tags.kept);
const LINES = new Set(FINDER_RULES.tags.lines);
const LABELS = ["data-label", "data-th", "data-title", "data-header", "data-column"];
const CODED = new Set(["carc", "rarc", "both", "group"]);
const MAX_COLUMNS = 256;
const MAX_HEADER = 1600;
const BLANKS = /[ \t\n\r\f]{2,}|[\t\n\r\f]/g;
/** A cell of digits only heads nothing: rows of values are told from headers by it. */
const VALUE = /^[\d\s.,:/()-]*\d[\d\s.,:/()-]*$/;

/** @param {Element} element @returns {string} table, row, cell, head, or nothing */
export function partOf(element) {
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

class RowCell {
  /** @param {RowText} text @param {Element} element @param {number} start @param {boolean} head */
  constructor(text, element, start, head) {
    this.text = text;
    this.element = element;
    this.start = start;
    this.end = start;
    this.head = head;
    this.column = 0;
    this.headed = false;
    /** @type {RowCell[]} */
    this.row = [];
    /** @type {HeaderKind | null | undefined} */
    this.told = undefined;
    /** @type {(HeaderKind | null)[]} */
    this.kinds = [];
  }

  /** What its column's header says, else its own label. @returns {HeaderKind | null} */
  get kind() {
    if (this.told !== undefined) return this.told;
    this.told = this.kinds[this.column] ?? null;
    if (this.told === null && this.element.hasAttributes()) {
      let label = "";
      for (const name of LABELS) label ||= this.element.getAttribute(name) ?? "";
      if (label) this.told = headerKind(label);
    }
    if (this.told === "code" && this.row.some((cell) => cell !== this && cell.kind === "group")) {
      this.told = "carc";
    }
    return this.told;
  }

  words() {
    return this.text.text.slice(this.start, this.end).trim();
  }

  /** The group codes of its row that bear on it. @returns {Span[]} */
  groups() {
    const { row, column } = this;
    let first = -1;
    let left = -1;
    for (const [at, cell] of row.entries()) {
      if (cell === this || cell.kind !== "group") continue;
      if (first < 0) first = at;
      if (at < column) left = at;
    }
    let beside = row[left >= 0 ? left : first];
    if (!beside) {
      beside = row[column - 1];
      if (!beside || !MAY_HOLD_GROUP.has(beside.kind)) return [];
    }
    return groupsIn(this.text.text, beside.start, beside.end);
  }
}

/** The text of some rows, where each piece comes from, and their cells. */
class RowText {
  constructor() {
    this.text = "";
    this.last = "\n";
    this.apart = false;
    this.edge = "";
    /** @type {number[]} */
    this.starts = [];
    /** @type {Text[]} */
    this.from = [];
    /** @type {number[]} */
    this.at = [];
    /** @type {RowCell[]} */
    this.cells = [];
    /** @type {number[]} */
    this.cellStarts = [];
    /** @type {Text[]} */
    this.nodes = [];
    /** @type {Element[]} */
    this.inner = [];
  }

  /** @param {string} sign */
  mark(sign) {
    if (sign === "\n" && this.last === "\n") return;
    this.text += sign;
    this.last = sign;
    this.apart = false;
    this.edge = "";
  }

  /** @param {Text} node @param {boolean} kept */
  node(node, kept) {
    const text = node.data;
    if (!text) return;
    this.nodes.push(node);
    if ((this.apart || this.edge) && isWordly(this.last) && isWordly(text[0] ?? "")) {
      if (this.apart || (isLower(this.last) && isDigits(text[0] ?? ""))) this.put(" ");
    }
    if (kept || text.search(BLANKS) < 0) this.piece(node, 0, text);
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
      this.starts.push(this.text.length + (seen.starts[index] ?? 0));
      this.from.push(node);
      this.at.push(seen.outer[index] ?? offset);
    }
    if (seen.text) this.put(seen.text);
  }

  /** @param {string} text */
  put(text) {
    this.text += text;
    this.last = text[text.length - 1] ?? "";
  }

  /** @param {number} at @returns {RowCell | null} */
  cell(at) {
    if (this.cells.length === 0 || (this.cellStarts[0] ?? 0) > at) return null;
    const cell = this.cells[stretchOf(this.cellStarts, at)];
    return cell && at < cell.end ? cell : null;
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

/** What the headers of a table say from some row on. */
export class RowsReader {
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
   * @returns {Reading}
   */
  read(rows) {
    const text = new RowText();
    for (const row of rows) {
      text.mark("\n");
      this.row(row, text);
    }
    const found = findInFlow(text.text, text, this.crosswalk).map(({ code, known, spans }) => ({
      code,
      known,
      places: spans.flatMap(([start, end]) => text.places(start, end)),
    }));
    return { found, nodes: text.nodes, inner: text.inner };
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

  /** @param {Element} row @param {RowText} text */
  row(row, text) {
    /** @type {RowCell[]} */
    const cells = [];
    for (let node = row.firstChild; node; node = node.nextSibling) {
      if (node.nodeType !== 1) {
        if (node.nodeType === 3) text.nodes.push(/** @type {Text} */ (node));
        continue;
      }
      const element = /** @type {Element} */ (node);
      const part = partOf(element);
      if (part !== "cell" && part !== "head") {
        this.content(element, text);
        continue;
      }
      if (cells.length) text.mark("\t");
      const cell = new RowCell(text, element, text.text.length, part === "head");
      if (!this.skip(element)) this.within(element, text);
      cell.end = text.text.length;
      cells.push(cell);
    }
    text.mark("\n");
    this.layOut(row, cells, text);
  }

  /** @param {Element} element what is inside it @param {RowText} text */
  within(element, text) {
    const kept = KEPT.has(element.localName);
    for (let node = element.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === 3) text.node(/** @type {Text} */ (node), kept);
      else if (node.nodeType === 1) this.content(/** @type {Element} */ (node), text);
    }
  }

  /** @param {Element} element @param {RowText} text */
  content(element, text) {
    const tag = element.localName;
    if (DROPPED.has(tag) || tag === "noscript" || this.skip(element)) return;
    if (partOf(element)) {
      text.inner.push(element);
      text.mark("\n");
      return;
    }
    const line = LINES.has(tag) || tag === "br";
    if (line) text.mark("\n");
    else if (tag !== "wbr") {
      text.apart ||= text.edge === "close";
      text.edge = "open";
    }
    this.within(element, text);
    if (LINES.has(tag)) text.mark("\n");
    else if (tag !== "br" && tag !== "wbr") text.edge = "close";
  }

  /** @param {Element} element @param {RowCell[]} cells @param {RowText} text */
  layOut(element, cells, text) {
    /** @type {RowCell[]} */
    const laid = [];
    let next = 0;
    while ((next < cells.length || this.pending.has(laid.length)) && laid.length < MAX_COLUMNS) {
      const held = this.pending.get(laid.length);
      if (held) {
        this.pending.delete(laid.length);
        if (held.left > 1) this.pending.set(laid.length, { left: held.left - 1, cell: held.cell });
        laid.push(held.cell);
        continue;
      }
      const cell = /** @type {RowCell} */ (cells[next]);
      next += 1;
      cell.row = laid;
      cell.column = laid.length;
      const across = spanOf(cell.element, "col");
      const down = spanOf(cell.element, "row");
      for (let times = 0; times < across; times += 1) {
        if (down > 1) this.pending.set(laid.length, { left: down - 1, cell });
        laid.push(cell);
      }
      text.cells.push(cell);
      text.cellStarts.push(cell.start);
    }
    this.give(element, laid);
  }

  /** Let a header say what is below it, or a row's cells what they are. @param {Element} element @param {RowCell[]} laid */
  give(element, laid) {
    if (isHeader(laid)) {
      if (new Set(laid).size === 1 && this.kinds.length) return;
      const texts = laid.map((cell) => cell.words());
      const over = this.above;
      this.kinds = texts.map((text, at) => columnKind(text, over[at]));
      this.above = texts;
      this.headers.push({ row: element, kinds: this.kinds });
      return;
    }
    this.above = [];
    const headed = this.kinds.some(Boolean);
    for (const cell of laid) {
      // A cell that reaches down from an earlier row was told there.
      if (cell.row !== laid) continue;
      if (!cell.head || headed) cell.headed = headed;
      cell.kinds = this.kinds;
    }
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

/** Whether a row heads columns: header cells only, or words of which some head codes. @param {RowCell[]} laid */
function isHeader(laid) {
  const filled = [];
  let length = 0;
  let heads = true;
  for (const cell of new Set(laid)) {
    const text = cell.words();
    if (!text) continue;
    if (FINDER_GROUPS.has(text)) return false;
    if (!cell.head) {
      heads = false;
      if (VALUE.test(text)) return false;
    }
    length += text.length;
    filled.push(text);
  }
  if (filled.length === 0 || length > MAX_HEADER) return false;
  if (heads) return true;
  const kinds = filled.map(headerKind);
  const told = kinds.filter((kind) => kind !== null);
  if (filled.length < 2 || told.length === 0) return false;
  if (told.length < 2 && !told.some((kind) => CODED.has(kind))) return false;
  return !filled.some((text, at) => kinds[at] === null && /[0-9]/.test(text));
}
