/** What popup and options share: words, elements made of text, granting a place. */

import { CARD_STYLE, drawn } from "../card.js";
import { explain } from "../explain.js";
import { send } from "../messages.js";

/** @import { Entry, Portal } from "../messages.js" */

/** @param {string} key @param {string[]} words */
export const t = (key, ...words) => chrome.i18n.getMessage(key, words);

/** @template {HTMLElement} T @param {string} id @param {new () => T} kind @returns {T} */
export function the(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`no ${id} on this page`);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{ className?: string, text?: string, onClick?: () => void }} [what]
 * @param {...Node} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function made(tag, { className = "", text = "", onClick } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  if (onClick) element.addEventListener("click", onClick);
  element.append(...children);
  return element;
}

/** Fill in the words of a page: `data-t` its text, `data-t-label` its accessible name. */
export function speak() {
  document.documentElement.lang = chrome.i18n.getUILanguage();
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") ?? "");
  }
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.getAttribute("data-t-label") ?? ""));
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CARD_STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** @param {Entry} entry */
export function cardOf(entry) {
  const known = { entry, remarks: [], line: null, trouble: /** @type {const} */ (""), checked: "" };
  const card = explain(known, t, chrome.i18n.getUILanguage());
  return drawn(document, card, t, (button) => {
    navigator.clipboard.writeText(card.note).then(
      () => (button.textContent = t("copied")),
      () => (button.textContent = t("copy_failed")),
    );
  });
}

/**
 * A checkbox with its words.
 * @param {string} words
 * @param {{ on: boolean, locked?: boolean, change: (on: boolean) => void }} how
 */
export function tick(words, { on, locked = false, change }) {
  const box = made("input");
  box.type = "checkbox";
  box.checked = on;
  box.disabled = locked;
  box.addEventListener("change", () => change(box.checked));
  return made("label", { className: "tick" }, box, made("span", { text: words }));
}

/** Host patterns without ports: browsers grant hosts. @param {string} pattern */
const grantOf = (pattern) => pattern.replace(/^(https?:\/\/[^/:]+)(?::\d+)?\/.*$/i, "$1/*");

/**
 * Ask the browser for a place, then turn it on. Called from a click, with nothing awaited before:
 * browsers forget the click otherwise. Where the browser's question closes the popup, the worker
 * goes on when the grant arrives.
 * @param {{ site: string, portal: Portal | null, lookup: boolean, tab: number }} wanted
 * @returns {Promise<boolean>}
 */
export async function grant({ site, portal, lookup, tab }) {
  const origins = [...new Set([`${site}/`, ...(portal?.hosts ?? [])].map(grantOf))];
  const place = { site, portal: portal?.id ?? "", lookup, tab };
  void send({ type: "planned", ...place });
  const given = await chrome.permissions.request({ origins });
  if (given) await send({ type: "granted", ...place });
  return given;
}
