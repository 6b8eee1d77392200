/**
 * Which parts of the page are read together, and how: small parts as a whole, big tables row by
 * row, everything else piece by piece.
 *
 * Read-only. Inputs, lists of choices and editable text are left alone; read-only islands inside
 * editable text are read.
 */

var RemitlensWalk = (() => {
  /** @param {string} names */
  const names = (names) => new Set(names.split(" "));
  const SKIPPED = names(
    "SCRIPT STYLE NOSCRIPT TEMPLATE TEXTAREA INPUT SELECT OPTION DATALIST IFRAME OBJECT EMBED CANVAS " +
      "VIDEO AUDIO HEAD TITLE METER PROGRESS REMITLENS-TIP REMITLENS-SIGN",
  );
  const INLINE = names(
    "A ABBR ACRONYM B BDI BDO BIG CITE CODE DATA DEL DFN EM FONT I INS KBD LABEL MARK NOBR Q S SAMP " +
      "SMALL SPAN STRIKE STRONG SUB SUP TIME TT U VAR WBR",
  );
  /** The elements, besides custom ones, that may carry a shadow root. */
  const HOSTS = names(
    "ARTICLE ASIDE BLOCKQUOTE BODY DIV FOOTER H1 H2 H3 H4 H5 H6 HEADER MAIN NAV P SECTION SPAN",
  );
  /** Up to so many nodes a part is read as a whole: some milliseconds of work. */
  const SMALL = 300;
  /** Rows of a big table read at a stretch. */
  const ROWS = 40;
  /** Characters that weigh as much as a node, and of a text read at a stretch. */
  const HEAVY = 128;
  const STRETCH = 20_000;
  /** Elements looked at for shadow roots at a stretch. */
  const ELEMENTS = 500;
  const MOST_CANDIDATES = 2000;

  /** @typedef {InstanceType<typeof RemitlensShared.RowsReader>} RowsReader */

  /** @type {Record<string, string>} the portal's own codes and what they stand for */
  let crosswalk = {};
  /** Likely hosts without a shadow root so far. @type {Set<Element>} */
  const candidates = new Set();
  /** What is known of the headers of big tables. @type {WeakMap<Node, RowsReader>} */
  const readers = new WeakMap();
  /** Whether this is the first reading of all: there is nothing found before to be replaced. */
  let fresh = false;
  /** Editable elements met while reading. @type {Element[]} */
  let edited = [];
  /** Called with each shadow root met. @type {(host: Element, root: ShadowRoot) => void} */
  let enter = () => undefined;

  /** @type {readonly Mark[]} */
  const NONE = [];

  /** @param {Node | null} node @returns {node is Element} */
  const isElement = (node) => node !== null && node.nodeType === Node.ELEMENT_NODE;

  /** @param {Node} node */
  const isInline = (node) => !isElement(node) || INLINE.has(node.tagName);

  /** @param {Element} element */
  function isEditable(element) {
    const set = element.getAttribute("contenteditable");
    return set !== null && set.toLowerCase() !== "false";
  }

  /** @param {Element} element */
  function skip(element) {
    if (SKIPPED.has(element.tagName)) return true;
    if (!isEditable(element)) return false;
    edited.push(element);
    return true;
  }

  /** @param {Node} root @returns {number} nodes inside, counted no further than needed */
  function weigh(root) {
    let count = 0;
    let node = root;
    for (;;) {
      count += node.nodeType === Node.TEXT_NODE ? 1 + /** @type {Text} */ (node).length / HEAVY : 1;
      if (count > SMALL) return count;
      if (node.firstChild) {
        node = node.firstChild;
        continue;
      }
      while (node !== root && !node.nextSibling && node.parentNode) node = node.parentNode;
      if (node === root || !node.nextSibling) return count;
      node = node.nextSibling;
    }
  }

  /**
   * The smallest part of the page that tells all about a node: the outermost table around it that
   * is small enough, else its row, else its block with its neighbours.
   * @param {Node} node
   * @param {Map<Node, boolean>} small what was weighed in this scan
   * @returns {Node}
   */
  function unitOf(node, small) {
    const isSmall = (/** @type {Node} */ part) => {
      let known = small.get(part);
      if (known === undefined) small.set(part, (known = weigh(part) <= SMALL));
      return known;
    };
    /** @type {Element[]} */
    const tables = [];
    /** @type {Element | null} */
    let row = null;
    /** @type {Node | null} */
    let block = null;
    for (let above = /** @type {Node | null} */ (node); above; above = above.parentNode) {
      if (!isElement(above)) continue;
      const part = RemitlensShared.partOf(above);
      if (part === "table" || above.localName === "dl") tables.push(above);
      else if (part === "row" && tables.length === 0) row = above;
      else if (!block && !part && !INLINE.has(above.tagName)) block = above;
    }
    for (const table of tables.toReversed()) if (isSmall(table)) return table;
    if (tables[0]) return row ?? tables[0];
    const parent = block?.parentNode ?? null;
    return parent && isSmall(parent) ? parent : (block ?? node);
  }

  /** @param {Node} node whether its coming or going changes what is written around it */
  const counts = (node) =>
    node.nodeType === Node.TEXT_NODE ? /\S/.test(/** @type {Text} */ (node).data) : isElement(node) && isInline(node);

  /**
   * Note what has to be read again after children of `target` came or went.
   * @param {Set<Node>} dirty
   * @param {MutationRecord} record
   */
  function touch(dirty, { target, addedNodes, removedNodes }) {
    let around = target.nodeName === "TR";
    for (let at = 0; at < addedNodes.length; at += 1) {
      const node = /** @type {Node} */ (addedNodes[at]);
      if (counts(node)) around = true;
      else if (isElement(node) && !SKIPPED.has(node.nodeName)) dirty.add(node);
    }
    for (let at = 0; at < removedNodes.length && !around; at += 1) {
      around = counts(/** @type {Node} */ (removedNodes[at]));
    }
    if (around) dirty.add(target);
  }

  /**
   * @param {Iterable<Node>} nodes all that were read
   * @param {{ code: string, known: boolean, places: Place[] }[]} found
   */
  function keep(nodes, found) {
    /** @type {Map<Node, Mark[]>} */
    const byNode = new Map();
    for (const { code, known, places } of found) {
      const first = places[0]?.node;
      if (!first) continue;
      const here = byNode.get(first);
      const mark = RemitlensMarks.made(code, known, places);
      if (here) here.push(mark);
      else byNode.set(first, [mark]);
    }
    if (fresh) for (const [node, marks] of byNode) RemitlensMarks.replaceAt(node, marks);
    else for (const node of nodes) RemitlensMarks.replaceAt(node, byNode.get(node) ?? NONE);
  }

  /** @param {Node} root */
  function* textsIn(root) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) yield node;
  }

  /** @param {Node} root @param {(element: Element) => boolean} without */
  function whole(root, without = skip) {
    const found = RemitlensShared.findInNodes(root, { crosswalk, skip: without });
    const marks = found.map(({ code, known, ranges }) => ({ code, known, places: ranges }));
    if (without === skip) return keep(textsIn(root), marks);
    const own = [...root.childNodes].filter((node) => !isElement(node) || !without(node));
    keep(own.flatMap((node) => (isElement(node) ? [...textsIn(node)] : [node])), marks);
  }

  /**
   * Read a part; a step a few milliseconds.
   * @param {Node} root
   * @returns {Generator<void, void>}
   */
  function* part(root) {
    if (!root.isConnected || (isElement(root) && skip(root))) return;
    if (weigh(root) <= SMALL) {
      whole(root);
      yield;
    } else if (isElement(root) && RemitlensShared.partOf(root) === "table") {
      yield* table(root);
    } else {
      yield* pieces(root);
    }
  }

  /** @param {Node} node @returns {node is Text} */
  const isLong = (node) =>
    node.nodeType === Node.TEXT_NODE && /** @type {Text} */ (node).length > STRETCH;

  /** A part too big to be read at a stretch: its own words, then each block in it. @param {Node} root */
  function* pieces(root) {
    const apart = new Set();
    const long = [...root.childNodes].some(isLong);
    for (const node of root.childNodes) {
      if (long && node.nodeType === Node.TEXT_NODE) yield* stretches(/** @type {Text} */ (node));
      else if (isElement(node) && (long || !isInline(node) || weigh(node) > SMALL)) apart.add(node);
    }
    if (!long && [...root.childNodes].some((node) => !apart.has(node) && counts(node))) {
      whole(root, (element) => apart.has(element) || skip(element));
      yield;
    }
    for (const node of apart) yield* part(node);
  }

  /** Where a stretch of a text ends: after its last line or segment, else after its last word. @param {string} text @param {number} from @param {number} most */
  function cutBefore(text, from, most) {
    if (most >= text.length) return text.length;
    for (const end of ["\n", "~", " "]) {
      const at = text.lastIndexOf(end, most - 1);
      if (at > from + STRETCH / 2) return at + 1;
    }
    return most;
  }

  /** One text of many pages, as a file shown raw: stretch by stretch, cut between words. @param {Text} node */
  function* stretches(node) {
    const text = node.data;
    /** @type {{ code: string, known: boolean, places: Place[] }[]} */
    const found = [];
    for (let from = 0; from < text.length; ) {
      const to = cutBefore(text, from, from + STRETCH);
      for (const { code, known, spans } of RemitlensShared.findInText(text.slice(from, to), { crosswalk })) {
        const places = spans.map(([start, end]) => ({ node, start: from + start, end: from + end }));
        found.push({ code, known, places });
      }
      from = to;
      yield;
    }
    if (node.data === text) keep([node], found);
  }

  /** @param {HTMLTableElement} root the rows as they stand; `rows` of a table is slow to go through */
  function tableRows(root) {
    /** @type {Element[]} */
    const rows = [];
    for (let section = root.firstElementChild; section; section = section.nextElementSibling) {
      if (section.localName === "tr") rows.push(section);
      else if (!(section instanceof HTMLTableSectionElement)) continue;
      for (let row = section.firstElementChild; row; row = row.nextElementSibling) {
        if (row.localName === "tr") rows.push(row);
      }
    }
    return rows;
  }

  /** @param {Element} root @returns {Element[]} rows of its own */
  function rowsOf(root) {
    if (root instanceof HTMLTableElement) return tableRows(root);
    return [...root.querySelectorAll("[role='row'], tr")].filter((row) => {
      const around = row.parentElement?.closest("table, [role='table'], [role='grid'], [role='treegrid']");
      return around === root;
    });
  }

  /** @param {Element} root a big table */
  function* table(root) {
    const reader = new RemitlensShared.RowsReader(crosswalk, skip);
    readers.set(root, reader);
    if (root instanceof HTMLTableElement && root.caption) yield* part(root.caption);
    const rows = rowsOf(root);
    for (let at = 0; at < rows.length; at += ROWS) {
      yield* reading(reader.read(rows.slice(at, at + ROWS).filter((row) => row.isConnected), fresh));
    }
  }

  /** @param {import("../rows.js").Reading} read */
  function* reading({ nodes, found, inner, elements }) {
    keep(nodes, found);
    for (const element of elements) lookInto(element);
    yield;
    for (const element of inner) yield* part(element);
  }

  /** @param {Node} unit a row of a big table, read on its own where its headers are known */
  function* rowAgain(unit) {
    const root = unit.parentElement?.closest("table, [role='table'], [role='grid'], [role='treegrid']");
    if (!root) return yield* part(unit);
    const read = readers.get(root)?.again(/** @type {Element} */ (unit));
    if (read) yield* reading(read);
    else yield* part(root);
  }

  /**
   * Editable text is cleared of marks; its read-only islands are read.
   * @returns {Generator<void, void>}
   */
  function* islands() {
    const met = edited;
    edited = [];
    for (const element of met) {
      for (const node of textsIn(element)) RemitlensMarks.replaceAt(node, NONE);
      for (const island of element.querySelectorAll("[contenteditable='false' i]")) yield* part(island);
    }
    if (edited.length) yield* islands();
  }

  /** @param {Node} unit */
  function startsEditable(unit) {
    const element = isElement(unit) ? unit : unit.parentElement;
    return element instanceof HTMLElement && element.isContentEditable;
  }

  /**
   * Read a unit; a step a few milliseconds.
   * @param {Node} unit
   * @param {(host: Element, root: ShadowRoot) => void} entering
   * @returns {Generator<void, void>}
   */
  function* read(unit, entering) {
    enter = entering;
    fresh = unit === document.documentElement && RemitlensMarks.size() === 0;
    if (document.designMode === "on") return;
    if (startsEditable(unit) && isElement(unit)) edited.push(unit);
    else if (isElement(unit) && RemitlensShared.partOf(unit) === "row") yield* rowAgain(unit);
    else yield* part(unit);
    if (edited.length) yield* islands();
    yield* hosts(unit);
  }

  /** @param {Element} element @returns {ShadowRoot | null} open or closed */
  function shadowOf(element) {
    const firefox = /** @type {{ openOrClosedShadowRoot?: ShadowRoot | null }} */ (element);
    if (firefox.openOrClosedShadowRoot !== undefined) return firefox.openOrClosedShadowRoot;
    return chrome.dom?.openOrClosedShadowRoot(/** @type {HTMLElement} */ (element)) ?? null;
  }

  /** @param {Element} element */
  const mayHost = (element) =>
    HOSTS.has(element.tagName)
      ? element.firstElementChild === null
      : element.localName.includes("-") && !SKIPPED.has(element.nodeName);

  /** Enter an element's shadow root, or remember that it may get one. @param {Element} element */
  function lookInto(element) {
    if (!mayHost(element)) return;
    const root = shadowOf(element);
    if (root) enter(element, root);
    else if (candidates.size < MOST_CANDIDATES && (!element.firstChild || !HOSTS.has(element.tagName))) {
      candidates.add(element);
    }
  }

  /** Look into every element of a unit; big tables' own were looked into as they were read. @param {Node} unit */
  function* hosts(unit) {
    let seen = 0;
    let node = isElement(unit) ? unit : unit.firstChild;
    while (node && !isElement(node)) node = node.nextSibling;
    for (let element = /** @type {Element | null} */ (node); element; ) {
      seen += 1;
      if (seen % ELEMENTS === 0) yield;
      lookInto(element);
      if (element.firstElementChild && !readers.has(element)) {
        element = element.firstElementChild;
        continue;
      }
      while (element && element !== unit && !element.nextElementSibling) {
        element = /** @type {Element | null} */ (element.parentNode === unit ? null : element.parentElement);
      }
      if (!element || element === unit) return;
      element = element.nextElementSibling;
    }
  }

  /** @returns {[Element, ShadowRoot][]} likely hosts that have a shadow root by now */
  function newRoots() {
    /** @type {[Element, ShadowRoot][]} */
    const found = [];
    for (const element of candidates) {
      const root = element.isConnected ? shadowOf(element) : null;
      if (root) found.push([element, root]);
      if (root || !element.isConnected) candidates.delete(element);
    }
    return found;
  }

  return {
    touch,
    unitOf,
    read,
    newRoots,
    shadowOf,
    /** @param {Record<string, string>} codes */
    setCrosswalk: (codes) => {
      crosswalk = codes;
    },
  };
})();
