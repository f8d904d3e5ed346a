// The enquiries as they are now: asked for every few seconds, with the minutes of those who wait counted in between.
/* global keepLooking, pieceOf */

const EVERY = 15_000;
const SLOWEST = 60_000;
const MINUTE = 60_000;

const lists = document.getElementById("enquiries");
const written = new WeakMap();
/** How far the service's clock is ahead of this machine's. */
const ahead = Number(lists.dataset.clock) - Date.now();

const markup = (element) => written.get(element) ?? element.outerHTML;
const keyed = (root) => root.querySelectorAll("[data-key]");

const refresh = keepLooking(async () => {
  const fresh = await pieceOf(lists.dataset.source);
  if (fresh) patch(fresh);
}, EVERY, SLOWEST);

/** What is as it was stays the same element, and whatever had the focus has it again. */
function patch(fresh) {
  const focus = focused();
  const old = new Map([...keyed(lists)].map((element) => [element.dataset.key, element]));
  for (const element of keyed(fresh)) {
    const text = element.outerHTML, before = old.get(element.dataset.key);
    if (before && markup(before) === text) element.replaceWith(before);
    else written.set(element, text);
  }
  lists.replaceChildren(...fresh.childNodes);
  if (focus && document.activeElement === document.body) refocus(focus);
  count();
}

function focused() {
  const owner = document.activeElement?.closest("#enquiries [data-key]");
  return owner && { key: owner.dataset.key, at: [...owner.querySelectorAll("a")].indexOf(document.activeElement) };
}

function refocus({ key, at }) {
  const links = lists.querySelector(`[data-key="${CSS.escape(key)}"]`)?.querySelectorAll("a");
  (links?.[at] ?? links?.[0])?.focus({ preventScroll: true });
}

/** A minute is full when the service says so, and each one after it a minute later. */
function count() {
  const now = Date.now() + ahead;
  for (const clock of lists.querySelectorAll("[data-next]")) {
    const more = Math.max(0, Math.floor((now - Number(clock.dataset.next)) / MINUTE) + 1);
    const text = clock.dataset.words.replace("{n}", Number(clock.dataset.minutes) + more);
    if (clock.textContent !== text) clock.textContent = text;
  }
}

for (const element of keyed(lists)) written.set(element, element.outerHTML);
setInterval(count, 1000);
refresh();
