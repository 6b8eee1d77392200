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
 * @typedef {object} Mark One code found. Nearly all stand in one place, which costs no object.
 * @property {string} code canonical
 * @property {boolean} known whether a list, or the portal's crosswalk, names it
 * @property {Text} node
 * @property {number} start
 * @property {number} end
 * @property {Place[] | null} more further places, of a code split over nodes
 * @property {string} text what stood there, all places together
 * @property {StaticRange[] | null} drawn
 * @property {Group | null} group
 *
 * @typedef {object} Group Marks of neighbouring rows, which come near together.
 * @property {Mark[]} marks
 * @property {Element} last the last row of them
 * @property {boolean} near
 */

var RemitlensMarks = (() => {
  /** Above this many marks only those near the viewport are drawn; below half of it, all again. */
  const MANY = 400;
  /** How far around the viewport marks are drawn. */
  const MARGIN = "100% 30%";
  /** Marks in a group, and rows between two of its marks, at most. */
  const GROUP = 16;
  const APART = 4;
  const ROW = "tr, [role='row'], li";

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
  /** Groups by the element that is watched for them. @type {Map<Element, Group>} */
  const groups = new Map();
  /** The group that is being filled. @type {Group | null} */
  let filling = null;
  /** One string for each text that stands for a code. @type {Map<string, string>} */
  const texts = new Map();

  /** @param {Mark | Mark[] | undefined} held @returns {readonly Mark[]} */
  const asList = (held) => (held === undefined ? [] : Array.isArray(held) ? held : [held]);

  /** @param {Mark} mark @returns {Place[]} */
  const placesOf = (mark) => (mark.more ? [mark, ...mark.more] : [mark]);

  /** @param {Place[]} places */
  const textOf = (places) => places.map(({ node, start, end }) => node.data.slice(start, end)).join("");

  /** @param {string} text */
  function shared(text) {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size > 4000) texts.clear();
    // Joined anew, so that it does not keep the page's whole text alive.
    const own = [...text].join("");
    texts.set(own, own);
    return own;
  }

  /**
   * @param {string} code
   * @param {boolean} known
   * @param {Place[]} places at least one
   * @returns {Mark}
   */
  function made(code, known, places) {
    const { node, start, end } = /** @type {Place} */ (places[0]);
    const text = shared(textOf(places));
    const more = places.length > 1 ? places.slice(1) : null;
    return { code: shared(code), known, node, start, end, more, text, drawn: null, group: null };
  }

  /** @param {Mark} mark whether its text still stands where it stood */
  function stands(mark) {
    if (!mark.more) {
      const { node, start, end } = mark;
      return node.isConnected && node.data.slice(start, end) === mark.text;
    }
    const places = placesOf(mark);
    return places.every(({ node }) => node.isConnected) && textOf(places) === mark.text;
  }

  /** @param {Mark} mark */
  const rangesOf = (mark) =>
    placesOf(mark).map(
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
    const { group } = mark;
    if (!group) return;
    mark.group = null;
    const at = group.marks.indexOf(mark);
    if (at >= 0) group.marks.splice(at, 1);
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
    for (const [element, group] of groups) {
      if (element.isConnected && group.marks.length) continue;
      unwatch(element, group);
    }
  }

  /** Nothing is left of a group, or the element watched for it is gone. @param {Element} element @param {Group} group */
  function unwatch(element, group) {
    groups.delete(element);
    watch?.unobserve(element);
    if (filling === group) filling = null;
    for (const mark of group.marks) {
      mark.group = null;
      arrived.add(mark);
    }
  }

  /** @param {Mark} one @param {Mark} other */
  const same = (one, other) =>
    one.code === other.code &&
    one.text === other.text &&
    one.node === other.node &&
    one.start === other.start &&
    (one.more?.length ?? 0) === (other.more?.length ?? 0) &&
    (one.more ?? []).every(({ node, start }, at) => {
      const twin = other.more?.[at];
      return node === twin?.node && start === twin.start;
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

  /** @param {IntersectionObserverEntry[]} entries */
  function nearing(entries) {
    for (const { target, isIntersecting, boundingClientRect: box } of entries) {
      const group = groups.get(target);
      if (!group) continue;
      // An element without a box of its own (display: contents) tells nothing: it counts as near.
      group.near = isIntersecting || (box.width === 0 && box.height === 0);
      for (const mark of group.marks) group.near ? draw(mark) : erase(mark);
    }
  }

  function drawNear() {
    const margins = { rootMargin: MARGIN, scrollMargin: MARGIN };
    watch = new IntersectionObserver(nearing, margins);
    for (const mark of each()) {
      mark.drawn = null;
      arrived.add(mark);
    }
    all.clear();
  }

  function drawAll() {
    watch?.disconnect();
    watch = null;
    groups.clear();
    filling = null;
    for (const mark of each()) {
      mark.group = null;
      arrived.add(mark);
    }
  }

  /** Whether a row is the same as, or a little below, the last of a group. @param {Group} group @param {Element} row */
  function continues({ marks, last }, row) {
    if (marks.length >= GROUP) return false;
    let next = /** @type {Element | null} */ (last);
    for (let hops = 0; next && hops <= APART; hops += 1) {
      if (next === row) return true;
      next = next.nextElementSibling;
    }
    return false;
  }

  /** Let a mark be drawn when it is near. @param {Mark} mark @param {IntersectionObserver} observer */
  function join(mark, observer) {
    const element = mark.node.parentElement;
    if (!element) return draw(mark);
    const row = element.closest(ROW) ?? element;
    let group = groups.get(row) ?? null;
    if (!group && filling && continues(filling, row)) group = filling;
    if (!group) {
      group = { marks: [], last: row, near: false };
      groups.set(row, group);
      observer.observe(row);
    }
    filling = group;
    group.last = row;
    group.marks.push(mark);
    mark.group = group;
    if (group.near) draw(mark);
  }

  /** Draw what arrived since: one batch. */
  function settle() {
    if (!watch && size > MANY) drawNear();
    else if (watch && size < MANY / 2) drawAll();
    if (arrived.size === 0) return;
    for (const mark of arrived) watch ? join(mark, watch) : draw(mark);
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
    for (const { node, start, end } of placesOf(mark)) {
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
      if (one.node === other.node) return one.start - other.start;
      const order = one.node.compareDocumentPosition(other.node);
      if (order & Node.DOCUMENT_POSITION_DISCONNECTED) return 0;
      return order & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
    });
  }

  function clear() {
    watch?.disconnect();
    watch = null;
    groups.clear();
    filling = null;
    texts.clear();
    all.clear();
    shown.clear();
    byNode.clear();
    arrived.clear();
    size = 0;
    // A younger copy of the extension may have put its own in their place.
    if (CSS.highlights.get("remitlens") === all) CSS.highlights.delete("remitlens");
    if (CSS.highlights.get("remitlens-shown") === shown) CSS.highlights.delete("remitlens-shown");
  }

  return {
    replaceAt,
    check,
    sweep,
    settle,
    emphasize,
    stands,
    boxes,
    made,
    placesOf,
    ordered,
    clear,
    /** @param {Node} node */
    at: (node) => asList(byNode.get(node)),
    size: () => size,
    codes,
  };
})();
