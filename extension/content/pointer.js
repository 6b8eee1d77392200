/** Which code the pointer is on. Highlights have no boxes of their own: the ranges' are asked. */

var RemitlensPointer = (() => {
  /** Above this many marks in one element the caret decides instead of every mark's boxes. */
  const MANY = 40;
  /** Pixels beside a code that still count as on it. */
  const SLACK = 3;

  /** @param {number} x @param {number} y @returns {Element | null} the innermost, through shadow roots */
  function elementAt(x, y) {
    let element = document.elementFromPoint(x, y);
    while (element) {
      const root = RemitlensWalk.shadowOf(element);
      const inner = root?.elementFromPoint(x, y) ?? null;
      if (!inner || inner === element) break;
      element = inner;
    }
    return element;
  }

  /** @param {Mark} mark @param {number} x @param {number} y */
  const covers = (mark, x, y) =>
    RemitlensMarks.boxes(mark).some(
      ({ left, right, top, bottom }) =>
        x >= left - SLACK && x <= right + SLACK && y >= top - 1 && y <= bottom + 1,
    );

  /** @param {Element} element @returns {Mark[]} marks whose text is in the element's own children */
  function marksIn(element) {
    const found = [];
    for (let node = element.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === Node.TEXT_NODE) found.push(...RemitlensMarks.at(node));
    }
    return found;
  }

  /** @param {Mark[]} marks @param {number} x @param {number} y */
  function byCaret(marks, x, y) {
    const caret = document.caretPositionFromPoint?.(x, y);
    if (!caret) return marks;
    return marks.filter((mark) =>
      RemitlensMarks.placesOf(mark).some(
        ({ node, start, end }) =>
          node === caret.offsetNode && caret.offset >= start && caret.offset <= end,
      ),
    );
  }

  /**
   * The code under a point of the viewport. Where the page lays an element over the text (a link
   * stretched over its row), the row's codes are tried too.
   * @param {number} x
   * @param {number} y
   * @returns {Mark | null}
   */
  function markAt(x, y) {
    const top = elementAt(x, y);
    if (!top) return null;
    const own = marksIn(top);
    const near = own.length > MANY ? byCaret(own, x, y) : own;
    const direct = near.find((mark) => covers(mark, x, y) && RemitlensMarks.stands(mark));
    if (direct) return direct;
    const row = top.closest("tr, [role='row'], li") ?? top.closest("p, svg") ?? (top.childElementCount < 20 ? top : null);
    if (!row) return null;
    const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    let looked = 0;
    for (let node = texts.nextNode(); node && looked < 400; node = texts.nextNode()) {
      looked += 1;
      for (const mark of RemitlensMarks.at(node)) {
        if (covers(mark, x, y) && RemitlensMarks.stands(mark)) return mark;
      }
    }
    return null;
  }

  return { markAt, covers };
})();
