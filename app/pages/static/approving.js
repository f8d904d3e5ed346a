// Approving by keys: j and k walk through the drafts, Ctrl+Enter approves and goes on. Without it, rows are links.
/* global announce, askFor, hasKeys, isComposing, isTyping, keys, letterOf */

const panel = document.getElementById("focus");
const small = matchMedia("(max-width: 900px)");
const entries = () => [...document.querySelectorAll("[data-draft-name]")];
const here = () => document.querySelector("[data-draft-name][aria-current]");
const approval = () => document.getElementById("approve");

// -- what somebody has typed stays in this tab until it is approved, each draft's own ---------------------------------

const keptAs = (form) => `message/${form.dataset.person}/${form.dataset.name}`;

function keepTyped(form, sent = false) {
  const text = form.elements.text;
  if (text.value === text.defaultValue && !sent) sessionStorage.removeItem(keptAs(form));
  else sessionStorage.setItem(keptAs(form), JSON.stringify({ text: text.value, was: text.defaultValue, sent }));
  markTyped();
}

/** Fills in what was typed before, unless the draft itself is another one by now. */
function restoreTyped(form) {
  if (!form) return;
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(keptAs(form)));
  } catch {
    kept = null;
  }
  const text = form.elements.text;
  if (!kept || kept.was !== text.defaultValue || kept.text === text.value) return;
  text.value = kept.text;
  announce(form.dataset.restored);
}

function markTyped() {
  const person = document.querySelector(".waiting")?.dataset.person;
  for (const place of document.querySelectorAll("[data-typed]"))
    place.hidden = sessionStorage.getItem(`message/${person}/${place.dataset.typed}`) === null;
}

const approvedNow = document.getElementById("approved");
if (approvedNow) sessionStorage.removeItem(keptAs(approvedNow));
document.addEventListener("input", (event) => event.target.form?.id === "approve" && keepTyped(event.target.form));
document.addEventListener("submit", (event) => event.target.id === "approve" && keepTyped(event.target, true));

// -- the draft in focus -----------------------------------------------------------------------------------------------

let looked = 0;

/** Nothing may be approved while the panel shows another draft than the row that is marked. */
function hold(isOn) {
  panel.inert = isOn;
  panel.setAttribute("aria-busy", String(isOn));
}

async function lookAt(row, step) {
  if (!panel || small.matches) return location.assign(row.href);
  const mine = ++looked;
  here()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  hold(true);
  try {
    const answer = await askFor(`/drafts/one${row.search}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const body = await answer.text();
    if (mine !== looked) return;
    panel.replaceChildren(...new DOMParser().parseFromString(body, "text/html").body.childNodes);
  } catch {
    if (mine === looked) location.assign(row.href);
    return;
  }
  if (step) history[`${step}State`]({}, "", row.href);
  panel.scrollTop = 0;
  hold(false);
  makeReady();
}

function walkDrafts(distance) {
  const all = entries(), row = all[all.indexOf(here()) + distance];
  if (!row) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  lookAt(row, "replace");
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-draft-name]");
  if (!row || small.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  lookAt(row, row === here() ? "replace" : "push");
});

addEventListener("popstate", () => location.reload());

// A letter typed while another draft is on its way would be read as a key of that one.
const PAUSED = 700;
let lost = -PAUSED;
addEventListener(
  "keydown",
  (event) => {
    const isCommand = (event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter";
    if (!panel || !hasKeys || isCommand || isTyping(event.target)) return;
    const letter = letterOf(event), isEarly = event.timeStamp - lost < PAUSED;
    if (!isEarly && !(panel.inert && letter !== "j" && letter !== "k" && letter !== "?")) return;
    if (event.key.length > 1 && event.key !== "Enter" && event.key !== "Process") return;
    lost = event.timeStamp;
    event.stopImmediatePropagation();
    event.preventDefault();
    announce(panel.dataset.waits);
  },
  true,
);

// -- keys -------------------------------------------------------------------------------------------------------------

if (panel) {
  keys.j = () => walkDrafts(1);
  keys.k = () => walkDrafts(-1);
  keys.z = () => document.querySelector("[data-undo]")?.click();
  keys.e = () => document.getElementById("text")?.focus();
  keys.s = () => {
    const aside = document.getElementById("aside");
    if (!aside) return;
    aside.open = true;
    document.getElementById("reason").focus();
  };
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && approval() && !event.target.closest("#aside")) {
    event.preventDefault();
    const button = document.querySelector("button.first[form=approve]");
    if (!panel.inert && button) approval().requestSubmit(button);
  }
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
});

// -- what moves by itself ---------------------------------------------------------------------------------------------

function countDown() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Date.parse(place.dataset.until) - Date.now()) / 1000);
    if (left > 600) continue;
    place.textContent = ` (${left > 0 ? place.dataset.left.replace("{n}", left) : place.dataset.over})`;
  }
}

function makeReady() {
  restoreTyped(approval());
  markTyped();
  for (const each of panel?.querySelectorAll("[data-copies]") ?? []) each.hidden = !navigator.clipboard;
}

const together = document.getElementById("together");
function countTicked() {
  const button = together?.querySelector("[data-counts]");
  if (!button) return;
  const n = together.querySelectorAll("[name=ticked]:checked").length;
  button.textContent = button.dataset.counts.replace("{n}", n);
  button.disabled = n === 0;
}
together?.addEventListener("change", countTicked);
countTicked();
setInterval(countDown, 1000);
countDown();
makeReady();
const wrongField = document.querySelector(".panel [aria-invalid=true]");
if (wrongField) wrongField.focus();
else if (approvedNow) here()?.focus({ preventScroll: true });
// A refused form was answered at its own address: reloading would send it once more.
const shown = document.getElementById("one");
if (shown && location.pathname !== "/drafts") history.replaceState({}, "", shown.dataset.address);
