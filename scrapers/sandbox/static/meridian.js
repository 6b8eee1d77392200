'use strict';
// A small single page in the manner of React: state in, whole tree out, old nodes replaced.
const root = document.getElementById('root');
const delay = Number(root.dataset.delay);
const state = {view: 'search', query: '', results: null, busy: false, claim: null, open: new Set(), allCodes: false};

function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null));
  return node;
}
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
async function ask(path) {
  const answer = await fetch(path);
  if (answer.status === 401) { location.href = 'login'; return new Promise(() => {}); }
  const body = await answer.json();
  await wait(delay / 2);
  return body;
}
function set(change) { Object.assign(state, change); render(); }

async function search(event) {
  event?.preventDefault();
  const query = document.getElementById('q')?.value.trim() ?? '';
  set({view: 'search', query, busy: true, results: null});
  const body = await ask('api/claims?q=' + encodeURIComponent(query));
  set({busy: false, results: body});
}
async function show(number) {
  set({view: 'claim', busy: true, claim: null, open: new Set(), allCodes: false});
  set({busy: false, claim: await ask('api/claims/' + encodeURIComponent(number))});
}
function toggle(line) {
  state.open.has(line) ? state.open.delete(line) : state.open.add(line);
  render();
}

const badge = (text) => h('span', {class: 'badge ' + text}, text);
const head = (...names) => h('thead', null, h('tr', null, names.map(([name, cls]) => h('th', {scope: 'col', class: cls ?? null}, name))));

function Results() {
  const found = state.results;
  if (!found.rows.length) return h('div', {class: 'card none', 'data-empty': 'claims'}, `No claims match "${found.asked}".`);
  return h('section', {class: 'card', 'data-results': found.asked},
    h('table', {id: 'results'},
      head(['Claim #'], ['Member ID'], ['Member'], ['Service date'], ['Billed', 'n'], ['Paid', 'n'], ['Status'], ['']),
      h('tbody', null, found.rows.map((row) => h('tr', {'data-claim': row.claim},
        h('td', {class: 'claim'}, row.claim), h('td', null, row.member), h('td', null, row.name), h('td', null, row.served),
        h('td', {class: 'n'}, row.billed), h('td', {class: 'n'}, row.paid), h('td', null, badge(row.status)),
        h('td', null, h('button', {class: 'quiet', type: 'button', onclick: () => show(row.claim)}, 'Details')))))));
}
function Line(line) {
  const open = state.open.has(line.line);
  const row = h('tr', {class: 'line', 'data-line': line.line},
    h('td', null, h('button', {class: 'quiet toggle', type: 'button', 'aria-expanded': String(open), 'aria-label': 'Line ' + line.line,
      onclick: () => toggle(line.line)}, open ? '\u25be' : '\u25b8')),
    h('td', null, line.line), h('td', null, line.served), h('td', {class: 'procedure'}, line.procedure), h('td', null, line.modifiers),
    h('td', {class: 'n'}, line.units), h('td', {class: 'n'}, line.billed), h('td', {class: 'n'}, line.allowed), h('td', {class: 'n'}, line.paid));
  if (!open) return [row];
  const codes = line.codes.length ? line.codes : [['--', '--']];
  return [row, h('tr', {class: 'more', 'data-of': line.line}, h('td', {colspan: '9'},
    h('table', {class: 'codes'}, head(['Adjustment'], ['Amount', 'n']),
      h('tbody', null, codes.map(([code, amount]) => h('tr', null, h('td', {class: 'code'}, code), h('td', {class: 'n'}, amount))))),
    h('p', {class: 'remarks'}, h('b', null, 'Remark codes: '), h('span', {class: 'remark-codes'}, line.remarks))))];
}
function Legend(rows) {
  const few = state.allCodes ? rows : rows.slice(0, 2);
  return h('section', {class: 'card part', id: 'legend', 'data-codes': String(rows.length)},
    h('h2', null, 'Code descriptions'),
    h('table', null, head(['Code'], ['Description']),
      h('tbody', null, few.map(([code, text]) => h('tr', null, h('td', {class: 'code'}, code), h('td', null, text))))),
    few.length < rows.length
      ? h('button', {class: 'quiet', type: 'button', id: 'show-more', onclick: () => set({allCodes: true})}, 'Show more') : null);
}
function Claim() {
  const claim = state.claim;
  const fact = (label, value) => h('div', null, h('dt', null, label), h('dd', null, value));
  return h('article', {id: 'claim', 'data-claim': claim.claim},
    h('p', {class: 'crumb'}, h('button', {class: 'quiet', type: 'button', onclick: () => set({view: 'search'})}, '\u2190 Back to results')),
    h('h1', null, 'Claim ', h('span', {class: 'claim-number'}, claim.claim)),
    h('dl', {class: 'card facts'},
      fact('Status', badge(claim.status)), fact('Payer claim control #', claim.control), fact('Remittance date', claim.remitted),
      fact('Check / EFT', claim.trace), fact('Member ID', claim.member), fact('Member', claim.name),
      fact('Billed', claim.billed), fact('Paid', claim.paid)),
    claim.lines.length ? h('section', {class: 'card part'}, h('h2', null, 'Service lines'),
      h('table', {id: 'lines', 'data-lines': String(claim.lines.length)},
        head([''], ['Line'], ['Service date'], ['Procedure'], ['Mod'], ['Units', 'n'], ['Billed', 'n'], ['Allowed', 'n'], ['Paid', 'n']),
        h('tbody', null, claim.lines.map(Line))))
      : h('div', {class: 'card none', 'data-empty': 'lines'}, 'This claim is still in process. Lines appear once it is finalized.'),
    claim.legend.length ? Legend(claim.legend) : null,
    h('footer', {class: 'end', hidden: ''}));
}
function render() {
  const body = state.busy ? h('div', {class: 'spin', role: 'status'}, 'Loading\u2026')
    : state.view === 'claim' ? Claim() : state.results ? Results() : null;
  const form = h('form', {class: 'card search', id: 'search', onsubmit: search},
    h('input', {id: 'q', 'aria-label': 'Claim number or member ID', placeholder: 'Claim number or member ID', value: state.query}),
    h('button', {type: 'submit'}, 'Search'));
  root.replaceChildren(...[state.view === 'search' ? h('h1', null, 'Claims') : null, form, body].filter(Boolean));
}
setTimeout(render, delay / 2);
