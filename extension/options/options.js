/** The options page: server and pairing, portals, other sites, keys, and what leaves the browser. */

import { send } from "../messages.js";
import { grant, made, speak, t, the, tick } from "../own/own.js";

/** @import { Portal, Status } from "../messages.js" */

/** @param {Status} status */
function showServer(status) {
  const words = status.paired
    ? status.trouble
      ? t(`server_${status.trouble}`)
      : t("server_paired", status.server, status.practice, status.server_version)
    : t("server_unpaired");
  the("state", HTMLParagraphElement).textContent = words;
  the("pair", HTMLFormElement).hidden = status.paired;
  the("paired", HTMLDivElement).hidden = !status.paired;
  const address = the("address", HTMLInputElement);
  if (!address.value || status.managed) address.value = status.server;
  address.readOnly = status.managed;
  the("list", HTMLParagraphElement).textContent = t(
    status.list.shipped ? "list_shipped" : "list_server",
    status.list.reviewed,
  );
}

/** @param {Portal} portal @param {Status} status */
function portalRow(portal, status) {
  const site = status.sites.find((each) => each.portal === portal.id);
  const name = made("div", { className: "name" }, made("span", { text: portal.name }));
  const row = made("li", {}, name);
  if (portal.permission === "forbidden") {
    const reason = portal.permission_reason || t("place_no_reason");
    row.append(made("p", { className: "soft", text: t("place_forbidden", portal.name, reason) }));
    return row;
  }
  if (!site) {
    const origin = originOf(portal);
    if (origin) {
      const ask = () => void grant({ site: origin, portal, lookup: true, tab: 0 }).then(() => show());
      name.append(made("button", { text: t("grant_short"), onClick: ask }));
    }
    return row;
  }
  name.append(
    made("button", {
      text: t("forget"),
      onClick: () => void send({ type: "forget", site: site.site }).then(() => show()),
    }),
  );
  if (portal.claim_number.length) {
    row.append(
      tick(t("allow_lookup"), {
        on: status.policy.lookup ?? status.lookup[portal.id] === true,
        locked: status.policy.lookup !== null,
        change: (on) => void send({ type: "allow", portal: portal.id, what: "lookup", on }),
      }),
    );
  }
  if (portal.permission === "person_drives" || portal.permission === "automated") {
    row.append(
      tick(t("allow_hand_over"), {
        on: status.policy.hand_over && status.hand_over[portal.id] === true,
        locked: !status.policy.hand_over,
        change: (on) => void send({ type: "allow", portal: portal.id, what: "hand_over", on }),
      }),
    );
  }
  return row;
}

/** @param {Portal} portal */
function originOf(portal) {
  try {
    return new URL(portal.base_address).origin;
  } catch {
    return "";
  }
}

/** @param {Status} status */
function showPlaces(status) {
  the("no-portals", HTMLParagraphElement).hidden = status.portals.length > 0;
  the("portals", HTMLUListElement).replaceChildren(
    ...status.portals.map((portal) => portalRow(portal, status)),
  );
  const others = status.sites.filter(
    ({ portal }) => !status.portals.some(({ id }) => id === portal),
  );
  the("sites-section", HTMLElement).hidden = others.length === 0;
  the("sites", HTMLUListElement).replaceChildren(
    ...others.map(({ site }) => {
      const forget = () => void send({ type: "forget", site }).then(() => show());
      const button = made("button", { text: t("forget"), onClick: forget });
      return made("li", {}, made("div", { className: "name" }, made("span", { text: site }), button));
    }),
  );
}

async function showKeys() {
  const commands = await chrome.commands.getAll();
  const rows = commands
    .filter(({ description, shortcut }) => description && shortcut)
    .flatMap(({ description = "", shortcut = "" }) => [
      made("dt", {}, made("kbd", { text: shortcut })),
      made("dd", { text: description }),
    ]);
  for (const [key, words] of [
    ["Tab", "key_tab"],
    ["Esc", "key_escape"],
  ]) {
    rows.push(made("dt", {}, made("kbd", { text: key ?? "" })), made("dd", { text: t(words ?? "") }));
  }
  the("keys", HTMLDListElement).replaceChildren(...rows);
}

async function show() {
  const status = await send({ type: "status" });
  if (!status) return;
  showServer(status);
  showPlaces(status);
}

/** @param {string} address the host pattern of a server's address, or nothing */
function hostOf(address) {
  try {
    const { protocol, hostname } = new URL(address.includes("://") ? address : `https://${address}`);
    return [`${protocol}//${hostname}/*`];
  } catch {
    return [];
  }
}

/** @param {SubmitEvent} event */
async function pair(event) {
  event.preventDefault();
  const trouble = the("trouble", HTMLParagraphElement);
  const address = the("address", HTMLInputElement).value.trim();
  const code = the("code", HTMLInputElement);
  trouble.textContent = "";
  // A server that lets paired extensions in by CORS needs no grant: a refusal is no end.
  await chrome.permissions.request({ origins: hostOf(address) }).catch(() => false);
  const reply = await send({ type: "pair", address, code: code.value.trim() });
  code.value = "";
  if (!reply?.paired) trouble.textContent = t(reply?.trouble || "trouble_wrong");
  await show();
}

async function start() {
  speak();
  the("pair", HTMLFormElement).addEventListener("submit", (event) => void pair(event));
  the("refresh", HTMLButtonElement).addEventListener("click", () => {
    void send({ type: "refresh" }).then(() => show());
  });
  the("unpair", HTMLButtonElement).addEventListener("click", () => {
    void send({ type: "unpair" }).then(() => show());
  });
  await Promise.all([show(), showKeys()]);
}

void start();
