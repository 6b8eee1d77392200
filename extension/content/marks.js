/**
 * The codes found on the page and their underlines.
 *
 * Underlines are StaticRanges in one CSS highlight: the page's nodes are never created, moved or
 * changed, and a StaticRange costs the page's own edits nothing. A static range does not follow
 * edits, so every mark knows the text it stood on, and one whose text is no longer there is not
 * shown: it goes with the next scan, before the next paint.
 *
 * Browsers go through every range of a highlight whenever the page changes. Above a few hundred
 * marks only those near the viewport are drawn, so that a table of 50,000 lines stays as quick as
 * it was.
 */

/**
 * @typedef {{ node: Text, start: number, end: number }} Place A stretch of one text node.
 *
 * @typedef {object} Mark One code found.
 * @property {string} code canonical
 * @property {boolean} known whether a list, or the portal's crosswalk, names it
 * @property {Place[]} places in order; a code split over nodes has several
 * @property {string} text what stood there, all places together
 * @property {StaticRange[] | null} drawn
 */

var RemitlensMarks = (() => {
  /** Above this many marks only those near the viewport are drawn; below half of it, all again. */
  const MANY = 400;
  /** How far around the viewport marks are drawn. */
  const MARGIN = "60% 20%";

  const all = new Highlight();
  const shown = new Highlight();
  shown.priority = 1;
  /** Marks by the text node they begin in; most nodes hold one. @type {Map<Node, Mark | Mark[]>} */
  const byNode = new Map();
  /** Found, and neither drawn nor watched yet. @type {Set<Mark>} */
  const arrived = new Set();
  /** Every code ever found here. @type {Set<string>} */
  const codes = new Set();
  let size = 0;

  /** Set while only what is near is drawn. @type {IntersectionObserver | null} */
  let watch = null;
  /** Elements watched, and whether they are near. @type {Map<Element, boolean>} */
  const watched = new Map();

  /** @param {Mark | Mark[] | undefined} held @returns {readonly Mark[]} */
  const asList = (held) => (held === undefined ? [] : Array.isArray(held) ? held : [held]);

  /** @param {Mark} mark */
  const nodeOf = (mark) => /** @type {Place} */ (mark.places[0]).node;

  /** @param {Mark} mark whether its text still stands where it stood */
  function stands(mark) {
    let text = "";
    for (const { node, start, end } of mark.places) {
      if (!node.isConnected) return false;
      text += node.data.slice(start, end);
    }
    return text === mark.text;
  }

  /** @param {Mark} mark */
  const rangesOf = (mark) =>
    mark.places.map(
      ({ node, start, end }) =>
        new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end }),
    );

  /** @param {Mark} mark */
  function draw(mark) {
    if (mark.drawn) return;
    mark.drawn = rangesOf(mark);
    for (const range of mark.drawn) all.add(range);
  }

  /** @param {Mark} mark */
  function erase(mark) {
    for (const range of mark.drawn ?? []) all.delete(range);
    mark.drawn = null;
  }

  /** @param {Mark} mark */
  function forget(mark) {
    arrived.delete(mark);
    erase(mark);
    size -= 1;
  }

  /** @param {Node} node */
  function dropAt(node) {
    const held = byNode.get(node);
    if (held === undefined) return;
    byNode.delete(node);
    for (const mark of asList(held)) forget(mark);
  }

  /** Drop every mark whose nodes left the page. */
  function sweep() {
    for (const node of byNode.keys()) if (!node.isConnected) dropAt(node);
    for (const element of watched.keys()) {
      if (element.isConnected) continue;
      watched.delete(element);
      watch?.unobserve(element);
    }
  }

  /** @param {Mark} one @param {Mark} other */
  const same = (one, other) =>
    one.code === other.code &&
    one.text === other.text &&
    one.places.length === other.places.length &&
    one.places.every(({ node, start }, at) => {
      const twin = /** @type {Place} */ (other.places[at]);
      return node === twin.node && start === twin.start;
    });

  /**
   * What a text node holds is now exactly this; marks that did not change stay the same objects.
   * @param {Node} node
   * @param {readonly Mark[]} found beginning in this node
   */
  function replaceAt(node, found) {
    const held = byNode.get(node);
    if (held === undefined && found.length === 0) return;
    const had = asList(held);
    const kept = found.map((mark) => had.find((old) => same(old, mark)) ?? mark);
    for (const old of had) if (!kept.includes(old)) forget(old);
    for (const mark of kept) {
      if (had.includes(mark)) continue;
      arrived.add(mark);
      codes.add(mark.code);
      size += 1;
    }
    if (kept.length === 0) byNode.delete(node);
    else byNode.set(node, kept.length === 1 ? /** @type {Mark} */ (kept[0]) : kept);
  }

  /** Drop at once what a text node no longer says. @param {Node} node */
  function check(node) {
    const held = byNode.get(node);
    if (held === undefined) return;
    const kept = asList(held).filter(stands);
    if (kept.length < asList(held).length) replaceAt(node, kept);
  }

  /** Every mark. */
  function* each() {
    for (const held of byNode.values()) yield* asList(held);
  }

  /** Marks that begin in text directly within an element. @param {Element} element */
  function* within(element) {
    for (let node = element.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === Node.TEXT_NODE) yield* asList(byNode.get(node));
    }
  }

  /** @param {IntersectionObserverEntry[]} entries */
  function nearing(entries) {
    for (const { target, isIntersecting, boundingClientRect: box } of entries) {
      if (!watched.has(target)) continue;
      // An element without a box of its own (display: contents) tells nothing: it counts as near.
      const near = isIntersecting || (box.width === 0 && box.height === 0);
      watched.set(target, near);
      for (const mark of within(target)) near ? draw(mark) : erase(mark);
    }
  }

  function drawNear() {
    const margins = { rootMargin: MARGIN, scrollMargin: MARGIN };
    watch = new IntersectionObserver(nearing, margins);
    for (const mark of each()) erase(mark);
    all.clear();
    for (const mark of each()) arrived.add(mark);
  }

  function drawAll() {
    watch?.disconnect();
    watch = null;
    watched.clear();
    for (const mark of each()) arrived.add(mark);
  }

  /** Draw what arrived since: one batch. */
  function settle() {
    if (!watch && size > MANY) drawNear();
    else if (watch && size < MANY / 2) drawAll();
    if (arrived.size === 0) return;
    for (const mark of arrived) {
      const element = watch ? nodeOf(mark).parentElement : null;
      if (!watch || !element || watched.get(element)) draw(mark);
      else if (!watched.has(element)) {
        watched.set(element, false);
        watch.observe(element);
      }
    }
    arrived.clear();
    if (CSS.highlights.get("remitlens") === all) return;
    CSS.highlights.set("remitlens", all);
    CSS.highlights.set("remitlens-shown", shown);
  }

  /** @param {Mark | null} mark the one whose tooltip is open */
  function emphasize(mark) {
    if (shown.size) shown.clear();
    for (const range of mark ? rangesOf(mark) : []) shown.add(range);
  }

  /** @param {Mark} mark @returns {DOMRect[]} boxes in the viewport; empty where it is not shown */
  function boxes(mark) {
    const rects = [];
    const live = document.createRange();
    for (const { node, start, end } of mark.places) {
      if (end > node.length) return [];
      live.setStart(node, start);
      live.setEnd(node, end);
      for (const rect of live.getClientRects()) if (rect.width > 0 && rect.height > 0) rects.push(rect);
    }
    return rects;
  }

  /** Every mark that stands, in the order of the page. @returns {Mark[]} */
  function ordered() {
    return [...each()].filter(stands).sort((one, other) => {
      const [first, second] = [nodeOf(one), nodeOf(other)];
      if (first === second) return (one.places[0]?.start ?? 0) - (other.places[0]?.start ?? 0);
      const order = first.compareDocumentPosition(second);
      if (order & Node.DOCUMENT_POSITION_DISCONNECTED) return 0;
      return order & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
    });
  }

  function clear() {
    watch?.disconnect();
    watch = null;
    watched.clear();
    all.clear();
    shown.clear();
    byNode.clear();
    arrived.clear();
    size = 0;
    CSS.highlights.delete("remitlens");
    CSS.highlights.delete("remitlens-shown");
  }

  return {
    replaceAt,
    check,
    sweep,
    settle,
    emphasize,
    stands,
    boxes,
    nodeOf,
    ordered,
    clear,
    /** @param {Node} node */
    at: (node) => asList(byNode.get(node)),
    size: () => size,
    codes,
  };
})();
