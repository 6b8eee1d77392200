/**
 * Reads the page's text as a person sees it, block by block, and finds the codes in it.
 *
 * Read-only. Inputs, lists of choices and editable text are left alone; read-only islands inside
 * editable text are read.
 */

/**
 * @typedef {object} Block Text that belongs together: a paragraph's, or a table row's.
 * @property {string} text
 * @property {Text[]} nodes
 * @property {number[]} starts where each node's text begins in `text`
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
  const CELLS = names("TD TH");

  /** @type {Record<string, string>} the portal's own codes and what they stand for */
  let crosswalk = {};
  /** Likely hosts without a shadow root so far. @type {Set<Element>} */
  const candidates = new Set();
  const MOST_CANDIDATES = 3000;

  /** @param {Element} element @returns {ShadowRoot | null} open or closed */
  function shadowOf(element) {
    const firefox = /** @type {{ openOrClosedShadowRoot?: ShadowRoot | null }} */ (element);
    if (firefox.openOrClosedShadowRoot !== undefined) return firefox.openOrClosedShadowRoot;
    return chrome.dom?.openOrClosedShadowRoot(/** @type {HTMLElement} */ (element)) ?? null;
  }

  /** @param {Element} element */
  const mayHost = (element) =>
    HOSTS.has(element.tagName) ? element.firstElementChild === null : element.localName.includes("-");

  /** @param {Node} node */
  const isInline = (node) => node.nodeType !== Node.ELEMENT_NODE || INLINE.has(/** @type {Element} */ (node).tagName);

  /** @param {Node} node the smallest part of the page that can be read on its own */
  function unitOf(node) {
    let unit = node;
    while (unit.parentNode && isInline(unit)) unit = unit.parentNode;
    for (let above = /** @type {Node | null} */ (unit); above; above = above.parentNode) {
      if (above.nodeName === "TR") return above;
      if (above.nodeName === "TABLE") break;
    }
    return unit;
  }

  /**
   * Note what has to be read again after children of `target` came or went.
   * @param {Set<Node>} dirty
   * @param {MutationRecord} record
   */
  function touch(dirty, { target, addedNodes, removedNodes }) {
    let inline = target.nodeName === "TR";
    for (let at = 0; at < addedNodes.length; at += 1) {
      const node = /** @type {Node} */ (addedNodes[at]);
      if (isInline(node)) inline = true;
      else if (!SKIPPED.has(node.nodeName)) dirty.add(node);
    }
    for (let at = 0; at < removedNodes.length && !inline; at += 1) {
      inline = isInline(/** @type {Node} */ (removedNodes[at]));
    }
    if (inline) dirty.add(target);
  }

  /** @param {Element} element @param {boolean} above */
  function editable(element, above) {
    const set = element.getAttribute("contenteditable");
    if (set === null) return above;
    return set.toLowerCase() !== "false";
  }

  /** @param {Node} unit */
  function startsEditable(unit) {
    if (document.designMode === "on") return true;
    const element = unit instanceof Element ? unit : unit.parentElement;
    return element instanceof HTMLElement && element.isContentEditable;
  }

  /** @type {readonly Mark[]} */
  const NONE = [];

  /** @param {Block} block */
  function mark(block) {
    const found = RemitlensShared.findInText(block.text, {});
    if (found.length === 0) {
      for (const node of block.nodes) RemitlensMarks.replaceAt(node, NONE);
      return;
    }
    /** @type {Map<Node, Mark[]>} */
    const byNode = new Map();
    for (const { code, known, spans } of found) {
      const places = [];
      let text = "";
      for (const [start, end] of spans) {
        for (let at = 0; at < block.nodes.length; at += 1) {
          const node = /** @type {Text} */ (block.nodes[at]);
          const from = /** @type {number} */ (block.starts[at]);
          const begin = Math.max(0, start - from);
          const stop = Math.min(node.data.length, end - from);
          if (begin >= stop) continue;
          text += node.data.slice(begin, stop);
          places.push({ node, start: begin, end: stop });
        }
      }
      const first = places[0]?.node;
      if (!first) continue;
      byNode.set(first, [...(byNode.get(first) ?? []), { code, known, places, text, drawn: null }]);
    }
    for (const node of block.nodes) RemitlensMarks.replaceAt(node, byNode.get(node) ?? NONE);
  }

  /**
   * Read a part of the page; a step a block.
   * @param {Node} unit
   * @param {(host: Element, root: ShadowRoot) => void} enter
   * @returns {Generator<void, void>}
   */
  function* read(unit, enter) {
    /** @type {Block} */
    let block = { text: "", nodes: [], starts: [] };
    const edited = [startsEditable(unit)];
    const flush = () => {
      if (block.nodes.length) mark(block);
      block = { text: "", nodes: [], starts: [] };
    };
    let row = 0;
    /** @type {Node | null} */
    let node = unit;
    while (node) {
      let down = false;
      if (node.nodeType === Node.TEXT_NODE) {
        if (!edited.at(-1)) {
          block.nodes.push(/** @type {Text} */ (node));
          block.starts.push(block.text.length);
          block.text += /** @type {Text} */ (node).data;
        }
      } else if (node.nodeType === Node.ELEMENT_NODE || node === unit) {
        const element = /** @type {Element} */ (node);
        if (!SKIPPED.has(element.tagName)) {
          if (node.nodeType === Node.ELEMENT_NODE && mayHost(element)) {
            const root = shadowOf(element);
            if (root) enter(element, root);
            else if (candidates.size < MOST_CANDIDATES) candidates.add(element);
          }
          if (!isInline(node) && row === 0) {
            flush();
            yield;
          }
          if (node.nodeName === "TR") row += 1;
          down = node.firstChild !== null;
          if (down) edited.push(editable ? (node.nodeType === Node.ELEMENT_NODE ? editable(element, edited.at(-1) ?? false) : false) : false);
        }
      }
      if (down) {
        node = /** @type {Node} */ (node).firstChild;
        continue;
      }
      while (node && node !== unit && !node.nextSibling) {
        node = /** @type {Node} */ (node).parentNode;
        edited.pop();
        if (!node) return;
        if (CELLS.has(node.nodeName)) block.text += "\t";
        if (node.nodeName === "TR") row -= 1;
        if (!isInline(node) && row === 0) flush();
      }
      if (!node || node === unit) break;
      if (CELLS.has(node.nodeName) && !node.firstChild) block.text += "\t";
      node = node.nextSibling;
    }
    flush();
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
    crosswalk: () => crosswalk,
  };
})();
