/**
 * Codes in the rows of a big table, a few rows at a time.
 *
 * `findInNodes` reads a table as a whole, which is right for most and takes too long at a stretch
 * for one of ten thousand lines. This reader gives the same answers row by row: what the headers
 * say is kept from one call to the next. It builds no frame for each element and asks for no
 * attribute it can do without.
 */

import { MAY_HOLD_GROUP, groupsIn } from "./finder-columns.js";
import { findInFlow, seenText, stretchOf } from "./finder-flow.js";
import { FINDER_GROUPS, headerKind, isDigits, isLower, isWordly } from "./finder-labels.js";
import { FINDER_RULES } from "./finder-rules.js";

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
