// The meeting by keys: j and k walk through the agenda, a letter chooses a conclusion. Without it, rows are links.
/* global announce, askFor, drafts, hasKeys, isComposing, isTyping, keys, letterOf */

const focus = document.getElementById("focus");
const narrow = matchMedia("(max-width: 900px)");
const rows = () => [...document.querySelectorAll(".rows a[data-wish]")];
const current = () => document.querySelector(".rows a[aria-current]");

// -- the wish in focus ----------------------------------------------------------------------------

const pieces = new Map();
/** So long (ms) a piece may be shown without asking again. What somebody else decides in it, the button still notices. */
const FRESH = 20_000;
let asked = 0;

async function fetched(address, before) {
  const answer = await askFor(address, before ? { "If-None-Match": before.tag } : {});
  if (answer.status === 304) return before;
  if (!answer.ok) throw new Error(String(answer.status));
  return { tag: answer.headers.get("ETag"), body: await answer.text() };
}

/** The wish of a row, as a piece; asked for again with its tag, so that what changed is seen. */
function pieceOf(row) {
  const address = `/triage/wish/${row.dataset.wish}${row.search}`;
  const known = pieces.get(address);
  if (known && Date.now() - known.at < FRESH) return known.piece;
  const piece = (known?.piece ?? Promise.resolve()).then((before) => fetched(address, before));
  pieces.set(address, { at: Date.now(), piece });
  piece.catch(() => pieces.delete(address));
  return piece;
}

/** Nothing may be decided while the panel shows another wish than the row that is marked. */
function wait(isOn) {
  focus.inert = isOn;
  focus.setAttribute("aria-busy", String(isOn));
}

/** Shows the wish of a row; `step` says how the address comes to name it: "push", "replace", or not at all. */
async function look(row, step) {
  if (!focus || narrow.matches) return location.assign(row.href);
  const mine = ++asked;
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  stood = rows().indexOf(row);
  wait(true);
  try {
    const { body } = await pieceOf(row);
    if (mine !== asked) return;
    focus.replaceChildren(...new DOMParser().parseFromString(body, "text/html").body.childNodes);
  } catch {
    if (mine === asked) location.assign(row.href);
    return;
  }
  if (step) history[`${step}State`]({ wish: row.dataset.wish }, "", row.href);
  focus.scrollTop = 0;
  wait(false);
  ready(focus);
  lookAhead();
}

/** What is asked for next is likely there already. */
function lookAhead() {
  if (!focus || narrow.matches) return;
  const all = rows(), at = all.indexOf(current());
  for (const row of [all[at + 1], all[at - 1]]) if (row) pieceOf(row).catch(() => undefined);
}

/** Where the wish in focus stood last: somebody else may have decided it since, and then its row is gone. */
let stood = Math.max(0, rows().indexOf(current()));

function walk(distance) {
  const all = rows();
  const at = all.indexOf(document.activeElement?.closest("a[data-wish]") ?? current());
  const row = all[at < 0 ? Math.max(0, Math.min(stood, all.length - 1)) : at + distance];
  if (!row) return document.querySelector(distance > 0 ? ".agenda .more:last-of-type a" : ".agenda .more:first-of-type a")?.focus();
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (!narrow.matches) look(row, "replace");
}

document.addEventListener("click", (event) => {
  const row = event.target.closest(".rows a[data-wish]");
  if (!row || narrow.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  look(row, row === current() ? "replace" : "push");
});

addEventListener("popstate", () => {
  const row = rows().find((each) => each.pathname + each.search === location.pathname + location.search);
  if (!row) return location.reload();
  if (row !== current()) look(row);
});

// -- typing ahead of the network ------------------------------------------------------------------

/** After letters that went nowhere, so long a pause (ms) says that the next one is meant for what is shown now. */
const PAUSE = 700;
let inVain = -PAUSE;

// A reason typed while its wish is on its way would be read as keys: "u" takes back, "j" walks on.
addEventListener(
  "keydown",
  (event) => {
    const isCommand = (event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter";
    if (!focus || !hasKeys || isCommand || isTyping(event.target)) return;
    const letter = letterOf(event), isEarly = event.timeStamp - inVain < PAUSE;
    if (!isEarly && !(focus.inert && letter !== "j" && letter !== "k" && letter !== "?")) return;
    if (event.key.length > 1 && event.key !== "Enter" && event.key !== "Process") return;
    inVain = event.timeStamp;
    event.stopImmediatePropagation();
    event.preventDefault();
    announce(focus.dataset.waits);
  },
  true,
);

// -- the decision ---------------------------------------------------------------------------------

const form = () => document.getElementById("decide");

function choose(letter) {
  const radio = form()?.querySelector(`[data-letter="${letter}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const next = radio.value === "duplicate" ? form().elements.into : form().elements.reason;
  enter(next);
}

function enter(field) {
  field?.focus();
  field?.scrollIntoView({ block: "nearest" });
}

for (const letter of ["a", "c", "d", "e", "m"]) keys[letter] = () => choose(letter);
keys.j = () => walk(1);
keys.k = () => walk(-1);
keys.u = () => document.querySelector("[data-undo]")?.click();
keys.s = () => enter(document.querySelector(".likes button") ?? document.getElementById("merge-into"));
keys.i = () => enter(document.getElementById("key"));
keys.t = () => document.querySelector("#decide [name=tells_all]")?.click();
keys.w = () => {
  document.getElementById("weight")?.togglePopover({ source: document.querySelector("[popovertarget=weight]") });
};

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("#decide")) {
    event.preventDefault();
    if (!focus.inert) form().requestSubmit(document.querySelector("button.first[form=decide]"));
  }
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-fills]");
  if (!chip) return;
  const field = document.getElementById(chip.dataset.fills);
  field.value = chip.dataset.words;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  drafts.keep(form());
});

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-sends]")) event.target.form.requestSubmit();
});

// -- what moves by itself -------------------------------------------------------------------------

function count() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Date.parse(place.dataset.until) - Date.now()) / 1000);
    place.textContent = ` (${left > 0 ? place.dataset.left.replace("{n}", left) : place.dataset.over})`;
  }
}

/** What is hidden where scripts do not run, and grows with what is typed. */
function ready(within) {
  for (const each of within.querySelectorAll("[data-fills], [data-prints]")) each.hidden = false;
  for (const each of within.querySelectorAll("[data-sends] button")) each.hidden = true;
  if (drafts.restore(form())) announce(form().dataset.restored);
  count();
}

document.querySelector("[data-prints]")?.addEventListener("click", () => print());
setInterval(count, 1000);
ready(document);
const faulty = document.querySelector("input[aria-invalid=true], textarea[aria-invalid=true]");
if (!narrow.matches) current()?.scrollIntoView({ block: "nearest" });
// The last rows lie below the fold: what was decided just now, and its undo, stay in sight all the same.
document.getElementById("decided")?.scrollIntoView({ block: "nearest" });
if (faulty) enter(faulty);
else if (document.getElementById("decided")) current()?.focus({ preventScroll: true });
// A refused form was answered at its own address: reloading would send it once more.
const wish = document.getElementById("wish");
if (wish && location.pathname !== "/triage") history.replaceState({}, "", wish.dataset.address);
lookAhead();
