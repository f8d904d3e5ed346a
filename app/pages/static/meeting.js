// The meeting by keys: j and k walk through the agenda, a letter chooses a conclusion. Without it, rows are links.
/* global announce, askFor, isTyping, keys */

const focus = document.getElementById("focus");
const narrow = matchMedia("(max-width: 900px)");
const rows = () => [...document.querySelectorAll(".rows a[data-wish]")];
const current = () => document.querySelector(".rows a[aria-current]");
const pieces = new Map();

// -- the wish in focus ----------------------------------------------------------------------------

/** The wish of a row, as a piece; asked for again with its tag, so that what changed is seen. */
async function pieceOf(row) {
  const address = `/triage/wish/${row.dataset.wish}${row.search}`;
  const known = pieces.get(address);
  const answer = await askFor(address, known ? { "If-None-Match": known.tag } : {});
  if (answer.status === 304) return known.body;
  if (!answer.ok) throw new Error(String(answer.status));
  const body = await answer.text();
  pieces.set(address, { tag: answer.headers.get("ETag"), body });
  return body;
}

let asked = 0;

async function look(row, remember = true) {
  if (!focus || narrow.matches) return location.assign(row.href);
  const mine = ++asked;
  try {
    const body = await pieceOf(row);
    if (mine !== asked) return;
    focus.replaceChildren(...new DOMParser().parseFromString(body, "text/html").body.childNodes);
  } catch {
    return location.assign(row.href);
  }
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  if (remember) history.pushState({ wish: row.dataset.wish }, "", row.href);
  focus.scrollTop = 0;
  ready(focus);
}

function walk(distance) {
  const all = rows();
  const at = all.indexOf(document.activeElement?.closest("a[data-wish]") ?? current());
  const row = all[at < 0 ? 0 : at + distance];
  if (!row) return document.querySelector(distance > 0 ? ".agenda .more:last-of-type a" : ".agenda .more:first-of-type a")?.focus();
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (!narrow.matches) look(row);
}

document.addEventListener("click", (event) => {
  const row = event.target.closest(".rows a[data-wish]");
  if (!row || narrow.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  look(row);
});

addEventListener("popstate", () => location.reload());

// -- the decision ---------------------------------------------------------------------------------

const form = () => document.getElementById("decide");

function choose(letter) {
  const radio = form()?.querySelector(`[data-letter="${letter}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const next = radio.value === "duplicate" ? form().elements.into : form().elements.reason;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

for (const letter of ["a", "c", "d", "e", "m"]) keys[letter] = () => choose(letter);
keys.j = () => walk(1);
keys.k = () => walk(-1);
keys.u = () => document.querySelector("[data-undo]")?.click();
keys.w = () => {
  const weight = document.getElementById("weight");
  if (weight) weight.open = !weight.open;
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("#decide")) {
    event.preventDefault();
    form().requestSubmit(form().querySelector("button.first"));
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
  count();
}

document.querySelector("[data-prints]")?.addEventListener("click", () => print());
setInterval(count, 1000);
ready(document);
(document.querySelector("[aria-invalid=true]") ?? (document.getElementById("decided") ? current() : null))?.focus({ preventScroll: true });
if (!narrow.matches) current()?.scrollIntoView({ block: "nearest" });
