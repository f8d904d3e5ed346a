// What every page can do with a script: keys, the help dialog, copying. Pages are complete without it.

const announce = (text) => {
  const place = document.getElementById("said");
  place.textContent = text;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => (place.textContent = ""), 6000);
};

/** What shows that a request comes from a page of ours. */
const sealed = (headers = {}) => ({ "X-CSRF-Token": document.querySelector("meta[name=csrf]")?.content ?? "", ...headers });

/** Asks for a piece of this page; whoever has to sign in again is led there. */
async function askFor(address, headers = {}) {
  const answer = await fetch(address, { headers, credentials: "same-origin", redirect: "manual" });
  if (answer.status === 401 || answer.type === "opaqueredirect") location.reload();
  askFor.at = Date.now();
  return answer;
}

const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

// -- what a link leads to --------------------------------------------------------------------------

/** What the address names is open: a link to a form that is folded away would seem to do nothing. */
function unfold() {
  const named = document.getElementById(location.hash.slice(1));
  if (named?.matches("details")) named.open = true;
}

addEventListener("hashchange", unfold);
unfold();

// -- what is hidden where scripts do not run ------------------------------------------------------

for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal());
}

for (const copier of document.querySelectorAll("[data-copies]")) {
  copier.hidden = !navigator.clipboard;
  copier.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(copier.dataset.copies).textContent.trim());
    announce(copier.dataset.said);
  });
}

// -- a row of pages that is wider than the screen shows the one that is open -----------------------

for (const open of document.querySelectorAll("nav > [aria-current=page]")) {
  const row = open.parentElement, here = open.getBoundingClientRect();
  row.scrollLeft += here.left + here.width / 2 - row.getBoundingClientRect().left - row.clientWidth / 2;
}

// -- times are the company's; whoever reads elsewhere sees theirs too, on pointing at one ----------

const { lang, dataset: page } = document.documentElement;
const onClockOf = (timeZone, at) =>
  new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone }).format(at);

// Only then, so that pieces of the page that come later need no further care.
document.addEventListener("pointerover", (event) => {
  const time = event.target.closest("time[title]:not([data-told])");
  if (!time) return;
  const at = new Date(time.dateTime), own = onClockOf(undefined, at);
  if (own !== onClockOf(page.zone, at)) time.title += `\n${page.yours.replace("{time}", own)}`;
  time.dataset.told = "";
});

// -- keys: j k walk through what can be opened, h l from station to station ------------------------

const openable = () => [...document.querySelectorAll("a.open")];

function step(distance) {
  const all = openable();
  const at = all.indexOf(document.activeElement?.closest(".card, tr")?.querySelector("a.open") ?? document.activeElement);
  const next = all[at < 0 ? (distance > 0 ? 0 : all.length - 1) : at + distance];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function change(distance) {
  const stations = [...document.querySelectorAll(".station")].filter((station) => station.querySelector("a.open"));
  const at = stations.indexOf(document.activeElement?.closest(".station"));
  const next = stations[at < 0 ? 0 : at + distance];
  next?.querySelector("a.open").focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  h: () => change(-1),
  l: () => change(1),
  n: () => document.activeElement?.closest(".card")?.querySelector(".step button")?.click(),
  "/": () => document.querySelector("[role=search] input")?.focus(),
  "?": () => document.getElementById("keys").showModal(),
};

/** Is this key part of a word that a Japanese input method is still putting together? */
const isComposing = (event) => event.isComposing || event.keyCode === 229 && isTyping(event.target);

/** Which key it is. While an input method is on, browsers report "Process", "ａ" or "ち": then its place says it. */
function letterOf(event) {
  if (event.key in keys || /^[ -~]$/.test(event.key) || (event.key.length > 1 && event.key !== "Process")) return event.key;
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
}

/** Whoever speaks to their computer, or has unsteady hands, switches single letters off. */
const hasKeys = page.keys !== "off";

document.addEventListener("keydown", (event) => {
  if (!hasKeys) return;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]"))
    return;
  const letter = letterOf(event);
  if (letter in keys && !isComposing(event)) {
    event.preventDefault();
    keys[letter]();
  }
});
