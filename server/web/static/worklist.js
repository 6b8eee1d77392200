// The worklist's keys (keys.js hears them) and choosing lines. Everything also works without it, by forms and links.
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

Object.assign(pageKeys, {
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

document.addEventListener("htmx:afterSwap", count);
count();
