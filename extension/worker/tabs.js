/** A tab's codes: listing them for the popup, and walking from one to the next by key. */

import { describeAll } from "./codes.js";

/** @import { PageState } from "../messages.js" */

/**
 * @typedef {{ code: string, count: number, index: number, visible: boolean }} Listed
 * @typedef {{ list: () => Listed[], walk: (step: number) => boolean, show: (index: number) => boolean, dismiss: () => void }} Page
 */

/** The frame whose code was shown last, by tab. @type {Map<number, number>} */
const lastFrame = new Map();

/**
 * Run in the frames of a tab, where the content scripts are.
 * @template T
 * @param {number} tab
 * @param {(...parts: number[]) => T} func
 * @param {number[]} args
 * @param {number} [frame]
 * @returns {Promise<{ frame: number, result: T }[]>}
 */
async function inFrames(tab, func, args, frame) {
  const target = frame === undefined ? { tabId: tab, allFrames: true } : { tabId: tab, frameIds: [frame] };
  try {
    const results = await chrome.scripting.executeScript({ target, func, args });
    return results
      .filter(({ result }) => result !== null && result !== undefined)
      .map(({ frameId, result }) => ({ frame: frameId, result: /** @type {T} */ (result) }));
  } catch {
    // A tab we may not look into has no codes for us.
    return [];
  }
}

// The functions below are sent to the page's isolated world: they see nothing of this file.

function listThere() {
  const page = /** @type {{ remitlens?: Page }} */ (/** @type {unknown} */ (globalThis)).remitlens;
  return page ? page.list() : null;
}

/** @param {number} step */
function walkThere(step) {
  const page = /** @type {{ remitlens?: Page }} */ (/** @type {unknown} */ (globalThis)).remitlens;
  return page ? page.walk(step) : null;
}

/** @param {number} index */
function showThere(index) {
  const page = /** @type {{ remitlens?: Page }} */ (/** @type {unknown} */ (globalThis)).remitlens;
  return page ? page.show(index) : null;
}

function dismissThere() {
  const page = /** @type {{ remitlens?: Page }} */ (/** @type {unknown} */ (globalThis)).remitlens;
  page?.dismiss();
}

/** Close the tooltip in whichever frame of a tab shows one. @param {number} tab */
export const dismiss = (tab) => inFrames(tab, dismissThere, []);

/** @param {number} tab @returns {Promise<PageState["codes"]>} */
export async function codesOf(tab) {
  const found = (await inFrames(tab, listThere, [])).flatMap(({ frame, result }) =>
    (result ?? []).slice(0, 500).map((listed) => ({ frame, ...listed })),
  );
  const entries = await describeAll([...new Set(found.map(({ code }) => code))]);
  return found.map(({ frame, index, code, count, visible }) => ({
    frame,
    index,
    code,
    count,
    visible,
    title: entries[code]?.title ?? "",
  }));
}

/** @param {number} tab @param {number} frame @param {number} index */
export async function showCode(tab, frame, index) {
  const [shown] = await inFrames(tab, showThere, [index], frame);
  return shown?.result === true;
}

/**
 * Show the next or the previous code of a tab, frame after frame, round and round.
 * @param {number} tab
 * @param {1 | -1} step
 */
export async function walk(tab, step) {
  const frames = (await inFrames(tab, listThere, []))
    .filter(({ result }) => (result?.length ?? 0) > 0)
    .map(({ frame }) => frame)
    .sort((one, other) => one - other);
  if (frames.length === 0) return;
  const at = frames.indexOf(lastFrame.get(tab) ?? -1);
  let place = at >= 0 ? at : step > 0 ? 0 : frames.length - 1;
  for (let tried = 0; tried <= frames.length; tried += 1) {
    const frame = /** @type {number} */ (frames[place]);
    const [moved] = await inFrames(tab, walkThere, [step], frame);
    if (moved?.result) {
      lastFrame.set(tab, frame);
      return;
    }
    place = (place + step + frames.length) % frames.length;
  }
}

/** @param {number} tab */
export const forgetTab = (tab) => lastFrame.delete(tab);
