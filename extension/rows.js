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

/**
 * @typedef {object} Row A row's cells, made into objects only when one is asked about.
 * @property {RowText} text
 * @property {number} first index of its first cell in `text`
 * @property {number} count
 * @property {RowCell[] | null} laid column by column, where cells span several
 * @property {(HeaderKind | null)[]} kinds what the columns hold
 */

/** @param {Row} row @param {number} column @returns {RowCell | undefined} */
function cellIn(row, column) {
  if (row.laid) return row.laid[column];
  return column < 0 || column >= row.count ? undefined : row.text.made(row, column);
}

class RowCell {
  /**
   * @param {Row} row
   * @param {number} column
   * @param {number} index in the row's text
   */
  constructor(row, column, index) {
    const { text } = row;
    this.row = row;
    this.column = column;
    this.start = text.cellStarts[index] ?? 0;
    this.end = text.cellEnds[index] ?? 0;
    this.head = text.heads[index] ?? false;
    this.element = /** @type {Element} */ (text.cellElements[index]);
    /** @type {HeaderKind | null | undefined} */
    this.told = undefined;
  }

  get headed() {
    return this.row.kinds.some(Boolean);
  }

  /** What its column's header says, else its own label. @returns {HeaderKind | null} */
  get kind() {
    if (this.told !== undefined) return this.told;
    const { row, column, element } = this;
    this.told = row.kinds[column] ?? null;
    if (this.told === null && element.hasAttributes()) {
      let label = "";
      for (const name of LABELS) label ||= element.getAttribute(name) ?? "";
      if (label) this.told = headerKind(label);
    }
    if (this.told === "code" && this.others().some((cell) => cell.kind === "group")) this.told = "carc";
    return this.told;
  }

  /** @returns {RowCell[]} the row's other cells, column by column */
  others() {
    const { row } = this;
    const cells = [];
    for (let at = 0; at < (row.laid?.length ?? row.count); at += 1) {
      const cell = cellIn(row, at);
      if (cell && cell !== this) cells.push(cell);
    }
    return cells;
  }

  words() {
    return this.row.text.text.slice(this.start, this.end).trim();
  }

  /** The group codes of its row that bear on it. @returns {Span[]} */
  groups() {
    const { row, column } = this;
    const columns = row.laid?.length ?? row.count;
    let found = -1;
    for (let at = 0; at < columns && (at < column || found < 0); at += 1) {
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
    /** @type {number[]} */
    this.cellStarts = [];
    /** @type {number[]} */
    this.cellEnds = [];
    /** @type {boolean[]} */
    this.heads = [];
    /** @type {Element[]} */
    this.cellElements = [];
    /** @type {Row[]} */
    this.cellRows = [];
    /** @type {Map<number, RowCell>} */
    this.cells = new Map();
    /** @type {Text[]} */
    this.nodes = [];
    /** @type {Element[]} */
    this.inner = [];
    /** @type {Element[]} */
    this.elements = [];
  }

  length() {
    return this.text.length;
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
    if (!ODD.test(text)) {
      this.starts.push(this.text.length);
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

  /** @param {Row} row @param {number} column @returns {RowCell} */
  made(row, column) {
    const index = row.first + column;
    let cell = this.cells.get(index);
    if (!cell) this.cells.set(index, (cell = new RowCell(row, column, index)));
    return cell;
  }

  /** @param {number} at @returns {RowCell | null} */
  cell(at) {
    if (this.cellStarts.length === 0 || (this.cellStarts[0] ?? 0) > at) return null;
    const index = stretchOf(this.cellStarts, at);
    const row = this.cellRows[index];
    if (!row || at >= (this.cellEnds[index] ?? 0)) return null;
    if (!row.laid) return this.made(row, index - row.first);
    return row.laid.find((cell) => cell.row === row && cell.start <= at && at < cell.end) ?? null;
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
    let spans = this.pending.size > 0;
    for (let node = element.firstChild; node; node = node.nextSibling) {
      if (node.nodeType !== 1) {
        if (node.nodeType === 3) text.nodes.push(/** @type {Text} */ (node));
        continue;
      }
      const child = /** @type {Element} */ (node);
      const plain = !child.hasAttributes();
      const part = plain ? (FINDER_RULES.parts[child.localName] ?? "") : partOf(child);
      if (part !== "cell" && part !== "head") {
        this.content(child, text);
        continue;
      }
      if (text.cellStarts.length > first) text.mark("\t");
      text.cellStarts.push(text.length());
      if (plain || !this.skip(child)) this.within(child, text);
      text.cellEnds.push(text.length());
      text.heads.push(part === "head");
      text.cellElements.push(child);
      spans ||= !plain && (spanOf(child, "col") > 1 || spanOf(child, "row") > 1);
    }
    text.mark("\n");
    const count = text.cellStarts.length - first;
    /** @type {Row} */
    const row = { text, first, count, laid: null, kinds: this.kinds };
    for (let at = 0; at < count; at += 1) text.cellRows.push(row);
    if (spans) this.layOut(row);
    this.give(element, row);
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
    text.elements.push(element);
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

  /** Put the cells of a row into their columns, with those that reach down from above. @param {Row} row */
  layOut(row) {
    /** @type {RowCell[]} */
    const laid = [];
    let next = 0;
    while ((next < row.count || this.pending.has(laid.length)) && laid.length < MAX_COLUMNS) {
      const held = this.pending.get(laid.length);
      if (held) {
        this.pending.delete(laid.length);
        if (held.left > 1) this.pending.set(laid.length, { left: held.left - 1, cell: held.cell });
        laid.push(held.cell);
        continue;
      }
      const cell = new RowCell(row, laid.length, row.first + next);
      next += 1;
      const across = spanOf(cell.element, "col");
      const down = spanOf(cell.element, "row");
      for (let times = 0; times < across; times += 1) {
        if (down > 1) this.pending.set(laid.length, { left: down - 1, cell });
        laid.push(cell);
      }
    }
    row.laid = laid;
  }

  /** Let a header say what is below it. @param {Element} element @param {Row} row */
  give(element, row) {
    if (!isHeader(row)) {
      this.above = [];
      return;
    }
    // What stands in a header row is under no header itself.
    row.kinds = [];
    const texts = [];
    for (let at = 0; at < (row.laid?.length ?? row.count); at += 1) texts.push(cellIn(row, at)?.words() ?? "");
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
  const { text } = row;
  const filled = [];
  let length = 0;
  let heads = true;
  for (let at = 0; at < (row.laid?.length ?? row.count); at += 1) {
    const held = row.laid?.[at];
    if (held && held === row.laid?.[at - 1]) continue;
    const index = row.first + at;
    const words = held
      ? held.words()
      : text.text.slice(text.cellStarts[index], text.cellEnds[index]).trim();
    if (!words) continue;
    if (FINDER_GROUPS.has(words)) return false;
    if (!(held ? held.head : text.heads[index])) {
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
