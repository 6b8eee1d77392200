/**
 * Follows the page: what changed is read again, once a frame however many edits there were.
 *
 * Long reads are cut into slices, so the page stays answering; what a slice found is drawn after
 * the first slice, then at growing intervals, so that drawing stays cheap too.
 */

var RemitlensScan = (() => {
  /** Longest a slice works before the page gets its turn (milliseconds). */
  const SLICE = 20;
  /** Where no frame comes (a hidden tab, a stalled page), a scan starts after this (milliseconds). */
  const LATEST = 200;
  /** A scan is followed by so many times its own length without one, and by no more than the most. */
  const REST = 8;
  const MOST_REST = 250;
  /** How often places that may grow a shadow root are looked at again (milliseconds). */
  const LOOK_AGAIN = 300;

  /** @type {Set<Node>} */
  const dirty = new Set();
  /** @type {Map<ShadowRoot, Element>} */
  const roots = new Map();
  /** @type {() => void} */
  let afterScan = () => undefined;
  /** @type {() => void} */
  let onEdit = () => undefined;
  /** No scan before this: the page's own work comes first. */
  let restUntil = 0;
  let planned = false;
  let running = false;
  let stopped = false;
  let frame = 0;
  let timer = 0;
  let again = 0;

  const OBSERVED = {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["contenteditable"],
  };

  const observer = new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "childList") RemitlensWalk.touch(dirty, record);
      else dirty.add(record.target);
      if (record.type === "characterData") RemitlensMarks.check(record.target);
    }
    onEdit();
    plan();
  });

  /** @param {Element} host @param {ShadowRoot} root */
  function enter(host, root) {
    if (roots.has(root)) return;
    roots.set(root, host);
    observer.observe(root, OBSERVED);
    dirty.add(root);
  }

  function plan() {
    if (planned || running || stopped) return;
    planned = true;
    const start = () => {
      if (!planned) return;
      planned = false;
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      void scan();
    };
    const soon = () => {
      frame = requestAnimationFrame(start);
      timer = setTimeout(start, LATEST);
    };
    // A page that never rests is read less often the longer reading it takes.
    const wait = restUntil - performance.now();
    if (wait > 16) timer = setTimeout(soon, wait);
    else soon();
  }

  /** The dirty nodes' own units, none inside another. @returns {Node[]} */
  function units() {
    const found = new Set();
    const small = new Map();
    for (const node of dirty) if (node.isConnected) found.add(RemitlensWalk.unitOf(node, small));
    dirty.clear();
    if (found.size === 1) return [...found];
    const outer = [];
    for (const unit of found) {
      let above = unit.parentNode;
      while (above && !found.has(above)) above = above.parentNode;
      if (!above) outer.push(unit);
    }
    return outer;
  }

  // A task of its own kind: timers of 0 are held back to 4 ms when nested.
  const channel = new MessageChannel();
  /** @type {(() => void)[]} */
  const waiting = [];
  channel.port1.onmessage = () => waiting.shift()?.();

  /** @returns {Promise<void>} resolves when the page had its turn */
  const turn = () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(0);
    });

  /** @returns {Promise<void>} resolves when what was drawn is on the screen, or nothing is painted now */
  const painted = () =>
    new Promise((resolve) => {
      const late = setTimeout(resolve, LATEST);
      requestAnimationFrame(() => {
        clearTimeout(late);
        void turn().then(resolve);
      });
    });

  async function scan() {
    running = true;
    RemitlensMarks.sweep();
    forgetGoneRoots();
    let began = performance.now();
    let until = began + SLICE;
    let spent = 0;
    let drawn = 0;
    let pause = 0;
    while (dirty.size && !stopped) {
      for (const unit of units()) {
        const reading = RemitlensWalk.read(unit, enter);
        while (!reading.next().done) {
          if (performance.now() < until) continue;
          if (performance.now() - drawn > pause) {
            RemitlensMarks.settle();
            drawn = performance.now();
            pause = pause * 2 + 100;
            spent += drawn - began;
            await painted();
          } else {
            spent += performance.now() - began;
            await turn();
          }
          if (stopped) return;
          began = performance.now();
          until = began + SLICE;
        }
      }
      // What was edited meanwhile waits for the next frame, unless it is a shadow root just met.
      if (![...dirty].every((node) => node instanceof ShadowRoot)) break;
    }
    RemitlensMarks.settle();
    running = false;
    if (stopped) return;
    const now = performance.now();
    restUntil = now + Math.min(MOST_REST, (spent + now - began) * REST);
    afterScan();
    if (dirty.size) plan();
  }

  function forgetGoneRoots() {
    for (const [root, host] of roots) if (!host.isConnected) roots.delete(root);
  }

  /** Elements get shadow roots without any event: look at the likely ones again. */
  function lookAgain() {
    if (!document.hidden) {
      for (const [host, root] of RemitlensWalk.newRoots()) enter(host, root);
      if (dirty.size) plan();
    }
    again = setTimeout(lookAgain, LOOK_AGAIN);
  }

  /**
   * @param {{ onEdit: () => void, afterScan: () => void }} listeners
   */
  function start(listeners) {
    ({ onEdit, afterScan } = listeners);
    stopped = planned = running = false;
    observer.observe(document, OBSERVED);
    if (document.documentElement) dirty.add(document.documentElement);
    plan();
    again = setTimeout(lookAgain, LOOK_AGAIN);
  }

  function stop() {
    stopped = true;
    observer.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    clearTimeout(again);
    dirty.clear();
    roots.clear();
    RemitlensMarks.clear();
  }

  return { start, stop, roots };
})();
