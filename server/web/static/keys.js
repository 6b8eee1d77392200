// Single keys on every page: an element says which key reaches it (data-key). Dialogs open and close.
const pageKeys = { "?": () => document.querySelector("#keys").showModal() };
const keysOn = document.querySelector("#keys-on");
keysOn.checked = localStorage.getItem("keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));
for (const opener of document.querySelectorAll('[data-opens="keys"]')) opener.hidden = false;

function reach(element) {
  if (element.matches("input, select, textarea")) element.focus();
  else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
  if (event.target.closest('input:not([type="checkbox"]), select, textarea, dialog[open]')) return;
  const marked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const act = pageKeys[event.key] ?? (marked && (() => reach(marked)));
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.querySelector(`#${opener.dataset.opens}`).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
});
