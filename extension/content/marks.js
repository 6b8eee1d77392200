/**
 * The codes found on the page and their underlines.
 *
 * Underlines are StaticRanges in one CSS highlight: the page's nodes are never created, moved or
 * changed, and a StaticRange costs the page's own edits nothing. A static range does not follow
 * edits, so every mark knows the text it stood on, and one whose text is no longer there is not
 * shown: it goes with the next scan, before the next paint.
 */

/**
 * @typedef {object} Mark One code found.
 * @property {string} code canonical
 * @property {"carc" | "rarc" | "group" | "own"} kind
 * @property {boolean} known
 * @property {StaticRange[]} ranges one a text node
 * @property {string} text what stood there, all ranges together
 */

var RemitlensMarks = (() => {
  const all = new Highlight();
  const shown = new Highlight();
  /** Marks by the text node they begin in; most nodes hold one. @type {Map<Node, Mark | Mark[]>} */
  const byNode = new Map();
  /** Found, not drawn yet. @type {Set<Mark>} */
  const arrived = new Set();
  /** Every code ever found here. @type {Set<string>} */
  const codes = new Set();
  let size = 0;

  /** @param {Mark | Mark[] | undefined} held @returns {Mark[]} */
  const asList = (held) => (held === undefined ? [] : Array.isArray(held) ? held : [held]);

  /** @param {StaticRange} range */
  const textOf = ({ startContainer, startOffset, endOffset }) =>
    /** @type {Text} */ (startContainer).data.slice(startOffset, endOffset);

  /** @param {Mark} mark whether its text still stands where it stood */
  function stands(mark) {
    let text = "";
    for (const range of mark.ranges) {
      if (!range.startContainer.isConnected) return false;
      text += textOf(range);
    }
    return text === mark.text;
  }

  /** @param {Mark} mark */
  function erase(mark) {
    if (!arrived.delete(mark)) for (const range of mark.ranges) all.delete(range);
    size -= 1;
  }

  /** @param {Node} node */
  function dropAt(node) {
    const held = byNode.get(node);
    if (held === undefined) return;
    byNode.delete(node);
    for (const mark of asList(held)) erase(mark);
  }

  /** Drop every mark whose nodes left the page. */
  function sweep() {
    for (const node of byNode.keys()) if (!node.isConnected) dropAt(node);
  }

  /** @param {Mark} one @param {Mark} other */
  const same = (one, other) =>
    one.code === other.code &&
    one.text === other.text &&
    one.ranges.length === other.ranges.length &&
    one.ranges.every((range, at) => {
      const twin = /** @type {StaticRange} */ (other.ranges[at]);
      return (
        range.startContainer === twin.startContainer &&
        range.startOffset === twin.startOffset &&
        range.endOffset === twin.endOffset
      );
    });

  /**
   * What a text node holds is now exactly this; marks that did not change stay the same objects.
   * @param {Node} node
   * @param {Mark[]} found beginning in this node
   */
  function replaceAt(node, found) {
    const had = asList(byNode.get(node));
    if (had.length === 0 && found.length === 0) return;
    const kept = found.map((mark) => had.find((old) => same(old, mark)) ?? mark);
    for (const old of had) if (!kept.includes(old)) erase(old);
    for (const mark of kept) {
      if (had.includes(mark)) continue;
      arrived.add(mark);
      codes.add(mark.code);
      size += 1;
    }
    if (kept.length === 0) byNode.delete(node);
    else byNode.set(node, kept.length === 1 ? /** @type {Mark} */ (kept[0]) : kept);
  }

  /** Draw what arrived since: one batch. */
  function draw() {
    if (arrived.size === 0) return;
    for (const mark of arrived) for (const range of mark.ranges) all.add(range);
    arrived.clear();
    if (CSS.highlights.get("remitlens") !== all) {
      CSS.highlights.set("remitlens", all);
      shown.priority = 1;
      CSS.highlights.set("remitlens-shown", shown);
    }
  }

  /** @param {Mark | null} mark the one whose tooltip is open */
  function emphasize(mark) {
    shown.clear();
    for (const range of mark?.ranges ?? []) shown.add(range);
  }

  /** @param {Mark} mark @returns {DOMRect[]} boxes in the viewport; empty where it is not drawn */
  function boxes(mark) {
    const rects = [];
    const live = document.createRange();
    for (const { startContainer, startOffset, endOffset } of mark.ranges) {
      live.setStart(startContainer, startOffset);
      live.setEnd(startContainer, endOffset);
      for (const rect of live.getClientRects()) if (rect.width > 0 && rect.height > 0) rects.push(rect);
    }
    return rects;
  }

  /** Every mark that stands, in the order of the page. @returns {Mark[]} */
  function ordered() {
    const marks = [];
    for (const held of byNode.values()) for (const mark of asList(held)) if (stands(mark)) marks.push(mark);
    return marks.sort((one, other) => {
      const [first, second] = [one.ranges[0], other.ranges[0]];
      if (!first || !second) return 0;
      if (first.startContainer === second.startContainer) return first.startOffset - second.startOffset;
      const order = first.startContainer.compareDocumentPosition(second.startContainer);
      if (order & Node.DOCUMENT_POSITION_DISCONNECTED) return 0;
      return order & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
    });
  }

  function clear() {
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
    dropAt,
    sweep,
    draw,
    emphasize,
    stands,
    boxes,
    ordered,
    clear,
    /** @param {Node} node */
    at: (node) => asList(byNode.get(node)),
    size: () => size,
    codes,
  };
})();
