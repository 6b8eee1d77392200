/**
 * The tooltip: one element of ours, in the page only while it is shown, closed to the page's script
 * and style. In the top layer, so that no stacking order of the page hides it; inside a modal
 * dialog when the code is in one, as everything outside is inert then.
 */

var RemitlensTip = (() => {
  const GAP = 6;
  const EDGE = 8;
  const WIDTH = 430;
  /** The part of it that has to be seen at once above or below its code. */
  const ENOUGH = 0.85;
  const STYLE = `
    :host {
      all: initial !important; display: block !important; position: fixed !important; inset: auto !important;
      margin: 0 !important; padding: 0 !important; border: 0 !important; background: transparent !important;
      overflow: visible !important; width: max-content !important; height: auto !important;
      max-width: none !important; max-height: none !important; z-index: 2147483647 !important;
      left: var(--x) !important; top: var(--y) !important; visibility: visible !important;
      pointer-events: auto !important; opacity: 1 !important;
    }
    .tip {
      width: min(${WIDTH}px, calc(100vw - ${2 * EDGE}px)); max-height: var(--room, 80vh); overflow: auto;
      overscroll-behavior: contain; border: 1px solid #c3cbd5; border-radius: 10px; background: #fff;
      box-shadow: 0 8px 28px rgb(15 25 40 / 22%), 0 1px 3px rgb(15 25 40 / 14%);
      animation: in 110ms ease-out; scrollbar-width: thin;
    }
    .tip:focus-visible { outline: 2px solid #3d82d6; outline-offset: 1px; }
    @keyframes in { from { opacity: 0; transform: translateY(3px); } }
    .spoken {
      position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap;
    }
    @media (prefers-color-scheme: dark) {
      .tip { background: #1c232b; border-color: #46515e; box-shadow: 0 8px 28px rgb(0 0 0 / 55%); }
    }
    @media (prefers-reduced-motion: reduce) { .tip { animation: none; } }
    @media (forced-colors: active) { .tip { border: 2px solid CanvasText; } }
    @media print { :host { display: none !important; } }
  `;
  /** Events inside the tooltip are nobody else's business. */
  const OURS = (
    "click dblclick auxclick contextmenu pointerdown pointerup pointermove mousedown mouseup mousemove " +
    "mouseover mouseout touchstart touchend wheel keydown keyup keypress focusin focusout input copy"
  ).split(" ");

  /** @typedef {import("../explain.js").Card} Card */

  /** @type {{ host: HTMLElement, tip: HTMLElement, spoken: HTMLElement } | null} */
  let parts = null;
  /** @type {Card | null} */
  let shownCard = null;
  /** @type {HTMLElement | null} */
  let cameFrom = null;

  /** @param {string} key @param {string[]} words */
  const t = (key, ...words) => chrome.i18n.getMessage(key, words);

  function make() {
    const host = document.createElement("remitlens-tip");
    const root = host.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE + RemitlensShared.CARD_STYLE);
    root.adoptedStyleSheets = [sheet];
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("role", "dialog");
    tip.tabIndex = -1;
    const spoken = document.createElement("div");
    spoken.className = "spoken";
    spoken.setAttribute("aria-live", "polite");
    spoken.setAttribute("role", "status");
    root.append(tip, spoken);
    for (const type of OURS) root.addEventListener(type, (event) => event.stopPropagation());
    return { host, tip, spoken };
  }

  /** @param {Node} anchor @returns {Element} where the tooltip can be used: an open modal, else the page */
  function placeFor(anchor) {
    for (let node = /** @type {Node | null} */ (anchor); node; ) {
      if (node instanceof HTMLDialogElement && node.matches(":modal")) return node;
      node = node instanceof ShadowRoot ? node.host : node.parentNode;
    }
    return document.documentElement;
  }

  /** @param {CSSStyleDeclaration} style */
  const floats = ({ position, visibility, opacity, display }) =>
    (position === "absolute" || position === "fixed") &&
    visibility === "visible" &&
    opacity !== "0" &&
    display !== "none";

  /** The box of generated content that floats at an element, as a hover box often is. @param {Element} element @param {string} part */
  function generatedBox(element, part) {
    const style = getComputedStyle(element, part);
    if (style.content === "none" || style.content === "normal" || !floats(style)) return null;
    const [left, top, width, height] = ["left", "top", "width", "height"].map((name) =>
      Number.parseFloat(style.getPropertyValue(name)),
    );
    const base = element.getBoundingClientRect();
    // Computed sizes are of the content alone, unless the page says otherwise.
    const around = (/** @type {string[]} */ ...sides) =>
      style.boxSizing === "border-box"
        ? 0
        : sides
            .flatMap((side) => [`padding-${side}`, `border-${side}-width`])
            .reduce((sum, name) => sum + (Number.parseFloat(style.getPropertyValue(name)) || 0), 0);
    const box = new DOMRect(
      base.left + (left ?? NaN),
      base.top + (top ?? NaN),
      (width ?? NaN) + around("left", "right"),
      (height ?? NaN) + around("top", "bottom"),
    );
    return Number.isFinite(box.x + box.y + box.width + box.height) ? box : null;
  }

  /** Boxes the page itself shows at a code's cell. @param {Element} cell */
  function ownBoxes(cell) {
    const boxes = [];
    for (const element of [cell, ...cell.querySelectorAll("*")].slice(0, 30)) {
      if (element !== cell && floats(getComputedStyle(element))) boxes.push(element.getBoundingClientRect());
      for (const part of ["::before", "::after"]) {
        const box = generatedBox(element, part);
        if (box) boxes.push(box);
      }
    }
    return boxes.filter(({ width, height }) => width > 8 && height > 8);
  }

  /** What must stay visible around a part of a code: its cell, where that is small, and what the page shows there. @param {Element} parent @param {DOMRect} box */
  function kept(parent, box) {
    const around = parent.closest("td, th, [role='cell'], [role='gridcell']");
    const cell = around?.getBoundingClientRect();
    const small = cell && cell.height < innerHeight / 3 && cell.width < innerWidth * 0.9;
    const own = ownBoxes(around && small ? around : parent);
    return [
      small ? cell : box,
      ...own.filter(({ width, height }) => width < 420 && height < innerHeight / 3),
    ];
  }

  /**
   * The box that must stay visible.
   * @param {Mark} mark
   * @returns {{ left: number, top: number, right: number, bottom: number } | null}
   */
  function keepFree(mark) {
    const box = RemitlensMarks.boxes(mark)[0];
    if (!box) return null;
    const boxes = RemitlensMarks.placesOf(mark).flatMap(({ node }) =>
      node.parentElement ? kept(node.parentElement, box) : [],
    );
    return {
      left: Math.min(...boxes.map(({ left }) => left)),
      top: Math.min(...boxes.map(({ top }) => top)),
      right: Math.max(...boxes.map(({ right }) => right)),
      bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
    };
  }

  /** @param {Mark} mark */
  function settle(mark) {
    const free = keepFree(mark);
    const code = RemitlensMarks.boxes(mark)[0];
    if (!parts || !free || !code) return;
    const { host, tip } = parts;
    const below = innerHeight - free.bottom - GAP - EDGE;
    const above = free.top - GAP - EDGE;
    tip.style.setProperty("--room", "none");
    const wanted = tip.offsetHeight;
    const width = tip.offsetWidth;
    let x = Math.min(Math.max(EDGE, code.left - 12), innerWidth - width - EDGE);
    let y = free.bottom + GAP;
    let room = below;
    if (wanted > below && above > below) {
      room = above;
      y = Math.max(EDGE, free.top - GAP - Math.min(wanted, above));
    }
    // Neither above nor below shows enough of it: beside the cell, where there is room for it.
    const right = innerWidth - free.right - GAP - EDGE;
    const left = free.left - GAP - EDGE;
    if (room < wanted * ENOUGH && Math.max(left, right) >= width) {
      x = right >= width ? free.right + GAP : free.left - GAP - width;
      room = innerHeight - 2 * EDGE;
      y = Math.min(Math.max(EDGE, free.top), Math.max(EDGE, innerHeight - EDGE - wanted));
    }
    tip.style.setProperty("--room", `${Math.max(80, Math.floor(room))}px`);
    host.style.setProperty("--x", `${Math.max(0, Math.round(x))}px`);
    host.style.setProperty("--y", `${Math.round(y)}px`);
  }

  /** @param {string} note @param {HTMLElement} button */
  async function copy(note, button) {
    let done = false;
    try {
      await navigator.clipboard.writeText(note);
      done = true;
    } catch {
      done = copyByEvent(note);
    }
    button.textContent = t(done ? "copied" : "copy_failed");
    if (parts) parts.spoken.textContent = button.textContent;
  }

  /** Pages without HTTPS have no clipboard of their own. @param {string} note */
  function copyByEvent(note) {
    /** @param {ClipboardEvent} event */
    const fill = (event) => {
      event.clipboardData?.setData("text/plain", note);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    addEventListener("copy", fill, { capture: true, once: true });
    const done = document.execCommand("copy");
    removeEventListener("copy", fill, { capture: true });
    return done;
  }

  /**
   * Show a card beside its code, or put another card into the open tooltip.
   * @param {Mark} mark
   * @param {Card} card
   * @param {boolean} aloud say it to screen readers
   */
  function show(mark, card, aloud) {
    parts ??= make();
    const { host, tip, spoken } = parts;
    const open = tip.querySelector("details")?.open ?? false;
    const sameCode = shownCard?.code === card.code && host.isConnected;
    const inside = sameCode && RemitlensTip.focused();
    const drawn = RemitlensShared.drawn(document, card, t, (button) => void copy(card.note, button));
    tip.replaceChildren(drawn);
    const details = tip.querySelector("details");
    if (details) {
      details.open = sameCode && open;
      details.addEventListener("toggle", () => settle(mark));
    }
    tip.setAttribute("aria-label", `${card.code}: ${card.title}`);
    const place = placeFor(mark.node);
    if (host.parentNode !== place) {
      place.append(host);
      host.popover = "manual";
      host.showPopover();
    }
    settle(mark);
    if (inside) focusInside();
    if (aloud) {
      // A live region speaks what changes after it is in the page.
      spoken.textContent = "";
      setTimeout(() => (spoken.textContent = card.spoken), 60);
    }
    shownCard = card;
  }

  function hide() {
    if (!parts || !shownCard) return;
    const back = RemitlensTip.focused() ? cameFrom : null;
    shownCard = null;
    cameFrom = null;
    parts.host.remove();
    if (back?.isConnected) back.focus({ preventScroll: true });
  }

  function focusInside() {
    const button = parts?.tip.querySelector("button");
    const active = document.activeElement;
    if (active instanceof HTMLElement && active !== parts?.host) cameFrom = active;
    /** @type {HTMLElement | null | undefined} */ (button)?.focus({ preventScroll: true });
  }

  /** @param {EventTarget | null | undefined} target */
  const isHost = (target) => parts !== null && target === parts.host;

  return {
    show,
    hide,
    settle,
    focusInside,
    isHost,
    focused: () =>
      parts !== null && parts.host.isConnected &&
      /** @type {Document | ShadowRoot} */ (parts.host.getRootNode()).activeElement === parts.host,
    isOpen: () => shownCard !== null,
  };
})();
