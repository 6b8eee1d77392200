/** The popup: this page's codes, any code, the worklist's counts, the server, granting this portal. */

import { send } from "../messages.js";
import { cardOf, grant, made, speak, t, the, tick } from "../own/own.js";

/** @import { Entry, PageState, Status } from "../messages.js" */

let tab = -1;

/** @param {Status} status */
function showServer(status) {
  const dot = the("dot", HTMLSpanElement);
  const words = the("server", HTMLSpanElement);
  if (!status.paired) {
    dot.className = "dot";
    words.textContent = t("server_unpaired");
  } else if (status.trouble) {
    dot.className = "dot bad";
    words.textContent = t(`server_${status.trouble}`);
  } else {
    dot.className = "dot good";
    words.textContent = t("server_well", status.practice || status.server);
  }
  the("options", HTMLButtonElement).textContent = t(status.paired ? "popup_options" : "popup_pair");
  the("list", HTMLSpanElement).textContent = t(
    status.list.shipped ? "list_shipped" : "list_server",
    status.list.reviewed,
  );
}

/** @param {Status} status */
function showWork(status) {
  the("work", HTMLElement).hidden = !status.paired;
  the("worklist", HTMLAnchorElement).href = status.server;
  the("counts", HTMLUListElement).replaceChildren(
    ...status.counts
      .filter(({ lines }) => lines > 0)
      .map(({ state, lines, amount }) =>
        made(
          "li",
          {},
          made("b", { text: String(lines) }),
          document.createTextNode([t(`state_${state}`) || state, amount].filter(Boolean).join(" · ")),
        ),
      ),
  );
}

/** @param {Entry | { code: string, title: string }} entry @param {string} times @param {() => void} onClick */
const codeRow = ({ code, title }, times, onClick) =>
  made(
    "li",
    {},
    made(
      "button",
      { onClick },
      made("span", { className: "code", text: code }),
      made("span", { text: title }),
      made("span", { className: "times", text: times }),
    ),
  );

/** @param {PageState} page @param {Status} status */
function showPage(page, status) {
  const words = the("place", HTMLParagraphElement);
  const actions = the("place-actions", HTMLDivElement);
  const codes = the("codes", HTMLUListElement);
  actions.replaceChildren();
  codes.replaceChildren();
  const name = page.portal?.name ?? page.site.replace(/^https?:\/\//, "");
  if (!page.site) {
    words.textContent = t("place_none");
  } else if (page.portal?.permission === "forbidden") {
    words.textContent = t("place_forbidden", name, page.portal.permission_reason || t("place_no_reason"));
  } else if (!page.granted) {
    offer(page, status, name);
  } else if (page.codes.length === 0) {
    words.textContent = t("place_no_codes", name);
  } else {
    words.textContent = t("place_on", name);
    codes.append(
      ...page.codes.map((found) =>
        codeRow(found, found.count > 1 ? `×${found.count}` : "", () => {
          void send({ type: "show", tab, frame: found.frame, index: found.index });
        }),
      ),
    );
  }
  if (page.granted) switches(page, status);
}

/** @param {PageState} page @param {Status} status @param {string} name */
function offer(page, status, name) {
  const words = the("place", HTMLParagraphElement);
  if (!page.portal && !status.policy.other_sites) {
    words.textContent = t("place_not_offered", name);
    return;
  }
  words.textContent = t("place_off", name);
  let lookup = status.policy.lookup ?? true;
  const actions = the("place-actions", HTMLDivElement);
  if (page.portal && status.paired && page.portal.claim_number.length && status.policy.lookup === null) {
    actions.append(tick(t("allow_lookup"), { on: lookup, change: (on) => (lookup = on) }));
  }
  const button = made("button", {
    className: "main",
    text: t("grant", name),
    onClick: () => {
      void grant({ site: page.site, portal: page.portal, lookup, tab }).then((given) => {
        if (given) void show();
      });
    },
  });
  actions.append(button);
}

/** What the user may switch on the portal at hand. @param {PageState} page @param {Status} status */
function switches(page, status) {
  const { portal } = page;
  const actions = the("place-actions", HTMLDivElement);
  if (portal && status.paired && portal.claim_number.length) {
    actions.append(
      tick(t("allow_lookup"), {
        on: status.policy.lookup ?? status.lookup[portal.id] === true,
        locked: status.policy.lookup !== null,
        change: (on) => void send({ type: "allow", portal: portal.id, what: "lookup", on }),
      }),
    );
  }
  const driven = portal?.permission === "person_drives" || portal?.permission === "automated";
  if (portal && status.paired && driven && status.policy.hand_over) {
    actions.append(
      tick(t("allow_hand_over"), {
        on: status.hand_over[portal.id] === true,
        change: (on) => void send({ type: "allow", portal: portal.id, what: "hand_over", on }),
      }),
    );
  }
}

/** @param {string} query */
async function search(query) {
  const found = the("found", HTMLUListElement);
  const card = the("card", HTMLDivElement);
  const none = the("none", HTMLParagraphElement);
  const reply = query.trim() ? await send({ type: "search", query: query.slice(0, 80) }) : null;
  if (query !== the("query", HTMLInputElement).value) return;
  const entries = reply?.entries ?? [];
  /** @param {Entry} entry */
  const open = (entry) => {
    card.replaceChildren(cardOf(entry));
    card.hidden = false;
  };
  card.hidden = true;
  found.replaceChildren();
  none.hidden = !query.trim() || entries.length > 0;
  none.textContent = t("search_none");
  const [only, ...others] = entries;
  if (only && others.length === 0) open(only);
  else found.append(...entries.map((entry) => codeRow(entry, "", () => open(entry))));
}

async function show() {
  const status = await send({ type: "status" });
  if (!status) return;
  showServer(status);
  showWork(status);
  const page = await send({ type: "page", tab: Math.max(0, tab) });
  if (page) showPage(page, status);
}

async function start() {
  speak();
  const [active] = await chrome.tabs.query({ active: true, currentWindow: true });
  tab = active?.id ?? -1;
  const query = the("query", HTMLInputElement);
  query.addEventListener("input", () => void search(query.value));
  the("options", HTMLButtonElement).addEventListener("click", () => void chrome.runtime.openOptionsPage());
  await show();
}

void start();
