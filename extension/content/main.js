/** Starts a frame: asks the worker what this place is, follows the page, answers pointer and keys. */

/** @typedef {import("../messages.js").Entry} Entry */
/** @typedef {import("../messages.js").Replies} Replies */
/** @typedef {{ list: () => object[], walk: (step: number) => boolean, show: (index: number) => boolean, dismiss: () => void, stop: () => void }} Remitlens */

var RemitlensMain = (() => {
  /** The pointer rests this long on a code before its tooltip opens (milliseconds). */
  const DELAY = 120;
  /** The tooltip stays this long after the pointer left code and tooltip (milliseconds). */
  const GRACE = 250;
  /** A page that loads longer than this is read before it is whole (milliseconds). */
  const LOADING = 2000;
  /** A page is at rest when nothing changed for this long (milliseconds). */
  const REST = 1500;

  const world = /** @type {{ remitlens?: Remitlens }} */ (/** @type {unknown} */ (globalThis));
  const { send, explain } = RemitlensShared;
  const stopping = new AbortController();
  /** @type {Replies["hello"]} */
  let place = {
    on: true,
    portal: "",
    claim_number: [],
    procedure: [],
    crosswalk: {},
    lookup: false,
    hand_over: false,
  };
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  /** @type {Mark | null} */
  let shown = null;
  let byKey = false;
  let pointer = { x: -1, y: -1, inside: false };
  let looking = 0;
  let opening = 0;
  let closing = 0;
  let resting = 0;
  /** @type {Mark | null} */
  let next = null;
  /** What Escape closed: it stays closed until the pointer has left it. @type {Mark | null} */
  let dismissed = null;

  /** @param {string} key @param {string[]} words */
  const t = (key, ...words) => chrome.i18n.getMessage(key, words);

  /** The list's code a mark stands for. @param {Mark} mark */
  const listed = (mark) => place.crosswalk[mark.code] ?? mark.code;

  /** @param {Iterable<string>} codes ask the worker about those not known yet */
  async function learn(codes) {
    const wanted = [...codes].filter((code) => !entries.has(code) && RemitlensShared.isCode(code));
    for (let at = 0; at < wanted.length; at += 200) {
      const reply = await send({ type: "explain", codes: wanted.slice(at, at + 200) });
      for (const [code, entry] of Object.entries(reply?.entries ?? {})) entries.set(code, entry);
    }
  }

  /** @param {Mark} mark @returns {Promise<Entry>} */
  async function entryOf(mark) {
    const code = listed(mark);
    // A number no list names is not sent: only its group is asked about.
    const asked = mark.known ? code : (/^(?:CO|PR|OA|PI|CR)(?=-)/.exec(code)?.[0] ?? "");
    if (asked && !entries.has(asked)) await learn([asked]);
    const entry = entries.get(asked);
    if (entry && mark.known) return code === mark.code ? entry : { ...entry, code: `${mark.code} = ${code}` };
    return {
      code: mark.code,
      kind: "carc",
      known: false,
      title: t("unknown_title"),
      meaning: t("unknown_meaning"),
      steps: [],
      payer: entry?.title ?? "",
      bill: entry?.bill ?? "",
      appeal: "",
      alike: [],
      route: "",
      ended: "",
      reviewed: entry?.reviewed ?? "",
    };
  }

  /** @param {string[]} codes @param {string} own */
  function remarks(codes, own) {
    const found = codes.filter((code) => code !== own && entries.get(code)?.kind === "rarc");
    return [...new Set(found)].slice(0, 6).flatMap((code) => entries.get(code) ?? []);
  }

  /** @param {Mark} mark @param {boolean} keyed */
  async function open(mark, keyed) {
    shown = mark;
    byKey = keyed;
    // The code left on the way here is not waited for any more.
    clearTimeout(closing);
    closing = 0;
    const first = mark.node;
    const row = RemitlensClaim.rowOf(first);
    const beside = (row ? RemitlensClaim.codesIn(row) : []).map((code) => place.crosswalk[code] ?? code);
    const entry = await entryOf(mark);
    await learn(beside);
    if (shown !== mark) return;
    if (!RemitlensMarks.stands(mark)) return close();
    /** @param {Partial<Replies["line"]>} answer */
    const cardOf = ({ lines = [], trouble = "", checked = "" }) => {
      const text = RemitlensClaim.procedureFor(first, row, place.procedure) || (row?.textContent ?? "");
      const line = RemitlensClaim.lineOf(lines, listed(mark), beside, text);
      const codes = [...beside, ...(line?.remarks ?? [])];
      return explain(
        { entry, remarks: remarks(codes, listed(mark)), line, trouble, checked },
        t,
        chrome.i18n.getUILanguage(),
      );
    };
    RemitlensTip.show(mark, cardOf({}), keyed);
    RemitlensMarks.emphasize(mark);
    if (!place.lookup || !mark.known) return;
    const claim = RemitlensClaim.numberFor(first, place.claim_number);
    if (!claim) return;
    const answer = await send({ type: "line", claim });
    if (!answer || shown !== mark || (answer.lines.length === 0 && !answer.trouble)) return;
    await learn(answer.lines.flatMap((line) => line.remarks));
    if (shown === mark && RemitlensMarks.stands(mark)) RemitlensTip.show(mark, cardOf(answer), keyed);
  }

  function close() {
    clearTimeout(opening);
    clearTimeout(closing);
    next = null;
    shown = null;
    byKey = false;
    RemitlensMarks.emphasize(null);
    RemitlensTip.hide();
  }

  function dismiss() {
    dismissed = shown;
    close();
  }

  function closeSoon() {
    clearTimeout(closing);
    closing = setTimeout(() => {
      if (!RemitlensTip.focused()) close();
    }, GRACE);
  }

  /** What is under the pointer now. */
  function look() {
    looking = 0;
    if (!alive()) return stop();
    if (pointer.inside) {
      clearTimeout(closing);
      closing = 0;
      return;
    }
    const mark = pointer.x < 0 || RemitlensMarks.size() === 0 ? null : RemitlensPointer.markAt(pointer.x, pointer.y);
    if (mark !== next) {
      clearTimeout(opening);
      next = mark;
      if (mark && mark !== shown && mark !== dismissed) {
        void learn(mark.known ? [listed(mark)] : []);
        opening = setTimeout(() => {
          if (next === mark) void open(mark, false);
        }, DELAY);
      }
    }
    if (shown && mark === shown) {
      clearTimeout(closing);
      closing = 0;
    } else if (shown && !byKey && !closing) {
      closeSoon();
    }
  }

  function lookSoon() {
    if (looking === 0) looking = requestAnimationFrame(look);
  }

  /** @param {PointerEvent} event */
  function moved(event) {
    if (event.pointerType === "touch") return;
    pointer = { x: event.clientX, y: event.clientY, inside: RemitlensTip.isHost(event.target) };
    if (dismissed && !RemitlensPointer.covers(dismissed, pointer.x, pointer.y)) dismissed = null;
    lookSoon();
  }

  function left() {
    pointer = { x: -1, y: -1, inside: false };
    lookSoon();
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (!shown) {
      // The pointer may rest on a code of another frame than the one that has the keys.
      if (event.key === "Escape" && (window !== window.top || window.length > 0)) void send({ type: "escape" });
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopImmediatePropagation();
      dismiss();
    } else if (event.key === "Tab" && byKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      if (RemitlensTip.focused()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      RemitlensTip.focusInside();
    }
  }

  function scrolled() {
    if (!shown) return;
    const box = RemitlensMarks.boxes(shown)[0];
    if (!box || box.bottom < 0 || box.top > innerHeight) close();
    else RemitlensTip.settle(shown);
    lookSoon();
  }

  /** False once the extension was updated or removed under an open page. */
  const alive = () => Boolean(chrome.runtime?.id);

  function edited() {
    if (!alive()) return stop();
    if (document.documentElement !== heard) listen();
    if (shown && !RemitlensMarks.stands(shown)) close();
  }

  function scanned() {
    void learn(RemitlensMarks.codes);
    if (shown) RemitlensTip.settle(shown);
    next = null;
    if (pointer.x >= 0) lookSoon();
    if (place.hand_over && window === window.top) {
      clearTimeout(resting);
      resting = setTimeout(() => {
        if (RemitlensMarks.size() > 0) void send({ type: "rested" });
      }, REST);
    }
  }

  /** Marks one can see, in order. */
  const visible = () => RemitlensMarks.ordered().filter((mark) => RemitlensMarks.boxes(mark).length > 0);

  /** @param {Mark} mark */
  function goTo(mark) {
    const element = mark.node.parentElement;
    element?.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    clearTimeout(opening);
    void open(mark, true);
  }

  /** The mark the keys were on last. @type {Mark | null} */
  let walked = null;

  /** @param {number} step @returns {boolean} false at the end of this frame's codes */
  function walk(step) {
    const marks = visible();
    const at = marks.indexOf(shown ?? walked ?? /** @type {Mark} */ ({}));
    const to = at < 0 ? (step > 0 ? 0 : marks.length - 1) : at + step;
    walked = marks[to] ?? null;
    if (!walked) {
      close();
      return false;
    }
    goTo(walked);
    return true;
  }

  /** @param {number} index as `list` gave it */
  function show(index) {
    const mark = RemitlensMarks.ordered()[index];
    if (!mark) return false;
    walked = mark;
    goTo(mark);
    return true;
  }

  /** The codes of this frame, each once, with the place of its first. */
  function list() {
    /** @type {Map<string, { code: string, count: number, index: number, visible: boolean }>} */
    const found = new Map();
    RemitlensMarks.ordered().forEach((mark, index) => {
      const had = found.get(mark.code);
      if (had) had.count += 1;
      else {
        const seen = RemitlensMarks.boxes(mark).length > 0;
        found.set(mark.code, { code: mark.code, count: 1, index, visible: seen });
      }
    });
    return [...found.values()];
  }

  function stop() {
    stopping.abort();
    clearTimeout(resting);
    close();
    RemitlensScan.stop();
    RemitlensSign.hide();
    if (world.remitlens?.stop === stop) delete world.remitlens;
  }

  /**
   * Resolves when the page is parsed: following a parser node by node would cost more than the
   * parsing itself.
   * @returns {Promise<void>}
   */
  const parsed = () =>
    new Promise((resolve) => {
      if (document.readyState !== "loading") return resolve();
      setTimeout(resolve, LOADING);
      document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
    });

  /** The document that listens: `document.open` takes all listeners away. @type {Element | null} */
  let heard = null;

  function listen() {
    heard = document.documentElement;
    const { signal } = stopping;
    const quiet = { capture: true, passive: true, signal };
    addEventListener("pointermove", moved, quiet);
    document.addEventListener("pointerleave", left, quiet);
    addEventListener("blur", left, quiet);
    addEventListener("scroll", scrolled, quiet);
    addEventListener("resize", scrolled, quiet);
    addEventListener("keydown", pressed, { capture: true, signal });
  }

  async function start() {
    // From the first moment: where the pointer rests when the codes are found matters.
    listen();
    const [answer] = await Promise.all([send({ type: "hello" }), parsed()]);
    if (stopping.signal.aborted) return;
    if (answer && !answer.on) return stop();
    if (answer) place = answer;
    RemitlensWalk.setCrosswalk(place.crosswalk);
    if (place.hand_over && window === window.top) RemitlensSign.show();
    RemitlensScan.start({ onEdit: edited, afterScan: scanned });
  }

  world.remitlens = { list, walk, show, dismiss, stop };
  void start();
  return { start };
})();
