/**
 * The row a code stands in: the remark codes beside it, its claim number, and which line it is.
 *
 * Nothing found here is sent anywhere but the claim number, and that only to the worker.
 */

/** @typedef {import("../messages.js").ClaimNumber} ClaimNumber */
/** @typedef {import("../messages.js").Line} Line */

var RemitlensClaim = (() => {
  const ROWS = "tr, [role='row'], li";
  const PROCEDURE = /(?<![\w-])[0-9A-V][0-9]{3}[0-9A-Z](?![\w-])/;

  /** The parent, out of a shadow tree into its host. @param {Node} node @returns {Element | null} */
  function above(node) {
    const parent = node.parentNode;
    if (parent instanceof Element) return parent;
    return parent instanceof ShadowRoot ? parent.host : null;
  }

  /** @param {Node} node @returns {Element | null} the row it stands in, else its block */
  function rowOf(node) {
    const first = above(node);
    for (let place = first; place; place = above(place)) if (place.matches(ROWS)) return place;
    return first;
  }

  /** @param {Element} found @param {ClaimNumber} rule */
  function numberIn(found, rule) {
    const text = rule.attribute ? found.getAttribute(rule.attribute) : found.textContent;
    if (!text) return "";
    if (!rule.pattern) return text.trim().slice(0, 64);
    const match = new RegExp(rule.pattern, "u").exec(text);
    return (match?.[1] ?? match?.[0] ?? "").trim().slice(0, 64);
  }

  /** @param {ParentNode} place @param {ClaimNumber} rule the one number there; empty where none or several */
  function onlyNumber(place, rule) {
    let number = "";
    for (const found of place.querySelectorAll(rule.selector)) {
      const here = numberIn(found, rule);
      if (here && number && here !== number) return null;
      number = here || number;
    }
    return number;
  }

  /**
   * The claim number that goes with a code: the nearest one around its row, else the page's only
   * one. Several at one height belong to nobody.
   * @param {Node} node
   * @param {ClaimNumber[]} rules
   */
  function numberFor(node, rules) {
    for (const rule of rules) {
      try {
        if (rule.scope === "page") {
          const number = onlyNumber(document, rule);
          if (number) return number;
          continue;
        }
        for (let place = above(node); place; place = above(place)) {
          const number = place.matches(rule.selector) ? numberIn(place, rule) : onlyNumber(place, rule);
          if (number === null) break;
          if (number) return number;
        }
      } catch {
        // A selector this browser does not know finds nothing.
      }
    }
    return "";
  }

  /**
   * The procedure that goes with a code: its row's, else the nearest above it, as where a line's
   * adjustments stand in rows below it. Empty where the portal does not say where procedures are.
   * @param {Node} node
   * @param {Element | null} row
   * @param {ClaimNumber[]} rules
   */
  function procedureFor(node, row, rules) {
    for (const rule of rules) {
      try {
        const inside = row ? onlyNumber(row, rule) : "";
        if (inside) return inside;
        const root = /** @type {Document | ShadowRoot} */ (node.getRootNode());
        let nearest = null;
        for (const found of root.querySelectorAll(rule.selector)) {
          if (!(found.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
          nearest = found;
        }
        if (nearest) return numberIn(nearest, rule);
      } catch {
        // A selector this browser does not know finds nothing.
      }
    }
    return "";
  }

  /**
   * Which of a claim's lines the row shows; null where that is not certain.
   * @param {Line[]} lines
   * @param {string} code
   * @param {string[]} beside the row's other codes
   * @param {string} text the procedure that goes with the code, else the row's text
   */
  function lineOf(lines, code, beside, text) {
    const codes = new Set([code, ...beside]);
    const bears = lines.filter(
      (line) =>
        codes.has(line.code) ||
        codes.has(line.code.replace(/^[A-Z]{2}-/, "")) ||
        line.remarks.some((remark) => codes.has(remark)),
    );
    const words = new Set(text.toUpperCase().split(/[^0-9A-Z]+/));
    const shown = bears.filter(({ procedure }) => procedure && words.has(procedure.toUpperCase()));
    if (shown.length === 1) return shown[0] ?? null;
    if (shown.length > 1) {
      const exact = shown.filter(({ modifiers }) => modifiers.every((modifier) => words.has(modifier)));
      return exact.length === 1 ? (exact[0] ?? null) : null;
    }
    return bears.length === 1 && !PROCEDURE.test(text) ? (bears[0] ?? null) : null;
  }

  /**
   * @param {Element} row
   * @returns {string[]} the codes that stand in a row, each once
   */
  function codesIn(row) {
    const codes = new Set();
    const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      for (const mark of RemitlensMarks.at(node)) codes.add(mark.code);
    }
    return [...codes];
  }

  return { rowOf, numberFor, procedureFor, lineOf, codesIn };
})();
