// The worklist's keys, choosing lines, dialogs. Everything also works without it, by forms and links.
const here = () => document.querySelector("#rows tr.here") ?? document.activeElement?.closest?.("#rows tr[data-line]");
const rows = () => [...document.querySelectorAll("#rows tr[data-line]")];
const boxes = () => [...document.querySelectorAll('#rows input[name="line"]')];
const form = document.querySelector("#many");
const bulk = document.querySelector("#bulk");

function count() {
  if (!bulk) return;
  const many = boxes().filter((box) => box.checked).length;
  bulk.hidden = many === 0;
  const text = many === 1 ? "1 line chosen" : `${many} lines chosen`;
  document.querySelector("#chosen").textContent = many ? text : "";
  const all = document.querySelector("#all");
  all.checked = many > 0 && many === boxes().length;
  all.indeterminate = many > 0 && !all.checked;
}

function go(step) {
  const every = rows();
  if (!every.length) return;
  const now = every.indexOf(here());
  const next = every[Math.max(0, Math.min(every.length - 1, now + step))];
  for (const row of every) row.classList.toggle("here", row === next);
  next.querySelector("a.open").focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(what) {
  if (!bulk) return;
  if (!boxes().some((box) => box.checked)) choose(true);
  if (boxes().some((box) => box.checked)) form.requestSubmit(bulk.querySelector(`button[value="${what}"]`));
}

function choose(on) {
  const box = here()?.querySelector('input[name="line"]');
  if (!box) return;
  box.checked = on ?? !box.checked;
  count();
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  x: () => choose(),
  p: () => here()?.querySelector(".packet")?.click(),
  v: () => here()?.querySelector(".mask")?.click(),
  a: () => {
    const to = bulk?.querySelector('select[name="to"]');
    if (to) to.selectedIndex = 0;
    press("assign");
  },
  w: () => press("worked"),
  u: () => document.querySelector("#undo")?.click(),
  "/": () => document.querySelector('input[name="q"]').focus(),
  "?": () => document.querySelector("#keys").showModal(),
};

const on = document.querySelector("#keys-on");
on.checked = localStorage.getItem("keys") !== "off";
on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !on.checked) return;
  if (event.target.closest('input:not([type="checkbox"]), select, textarea, dialog')) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#rows tr[data-line]");
  for (const one of document.querySelectorAll("tr.here")) one.classList.toggle("here", one === row);
  row?.classList.add("here");
});

document.addEventListener("change", (event) => {
  if (event.target.id === "all") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.id === "all" || event.target.name === "line") count();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.querySelector(`#${opener.dataset.opens}`).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
});

document.addEventListener("htmx:afterSwap", count);
count();
