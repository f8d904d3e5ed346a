// The loop moves by itself: ask for the board every second, and let the cards that changed their station travel.
/* global announce, keepLooking, pieceOf, say, sealed */

const EVERY = 1000;
const SLOWEST = 15000;

const board = document.getElementById("board");
const desk = document.getElementById("desk");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let chosen = new URLSearchParams(location.search).get("chat") ?? "";

// -- asking ---------------------------------------------------------------------------------------

const refresh = keepLooking(async () => {
  const fresh = await pieceOf(board.dataset.source);
  if (fresh) patchBoard(fresh);
  if (!drawer?.open) return;
  const freshDesk = await pieceOf(`${desk.dataset.source}?chat=${encodeURIComponent(chosen)}`);
  if (freshDesk) patchDesk(freshDesk);
}, EVERY, SLOWEST);

// -- the board ------------------------------------------------------------------------------------

const written = new WeakMap();
const markup = (element) => written.get(element) ?? element.outerHTML;
for (const card of board.querySelectorAll(".card")) written.set(card, card.outerHTML);

function patchBoard(fresh) {
  const focus = focused();
  const before = new Map();
  for (const card of board.querySelectorAll(".card"))
    before.set(card.dataset.key, { card, station: stationOf(card), place: card.getBoundingClientRect() });
  const scrolled = [...board.querySelectorAll(".cards")].map((list) => [list.closest(".station").id, list.scrollTop]);
  for (const card of fresh.querySelectorAll(".card")) keep(card, before.get(card.dataset.key)?.card);
  board.replaceChildren(...fresh.childNodes);
  for (const [id, top] of scrolled) {
    const list = document.getElementById(id)?.querySelector(".cards");
    if (list) list.scrollTop = top;
  }
  refocus(focus);
  for (const card of board.querySelectorAll(".card")) welcome(card, before);
}

/** Keep the card as it is where nothing about it changed, so that what a reader opened on it stays open. */
function keep(fresh, old) {
  const text = fresh.outerHTML;
  if (old && markup(old) === text) fresh.replaceWith(old);
  else written.set(fresh, text);
}

const stationOf = (card) => card.closest(".station").dataset.station;

/** Let a card travel from where it was; a new wish comes out of its chat. */
function welcome(card, before) {
  const was = before.get(card.dataset.key) ?? before.get(`chat-${card.dataset.chat}`);
  if (!was || was.station === stationOf(card)) return;
  card.classList.add("arrived");
  setTimeout(() => card.classList.remove("arrived"), 4000);
  announce(`${card.dataset.name} → ${card.closest(".station").dataset.name}`);
  if (drawer && stationOf(card) === "ended") endRound();
  if (!still.matches) travel(card, was.place);
}

/** A copy flies above everything, because a station cuts off what leaves it. */
function travel(card, from) {
  card.scrollIntoView({ block: "nearest" });
  const to = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  ghost.removeAttribute("id");
  ghost.classList.add("ghost");
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  Object.assign(ghost.style, { left: `${to.left}px`, top: `${to.top}px`, width: `${to.width}px` });
  document.body.append(ghost);
  card.classList.add("flying");
  const path = [{ transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)` }, { transform: "none" }];
  ghost.animate(path, { duration: 600, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => {
    ghost.remove();
    card.classList.remove("flying");
  });
}

/** What has the focus: the card or desk, and which of its controls. */
function focused() {
  const owner = document.activeElement?.closest("[data-key]");
  if (!owner) return null;
  const controls = [...owner.querySelectorAll("a, button, input, select, textarea, summary")];
  return { key: owner.dataset.key, at: controls.indexOf(document.activeElement) };
}

function refocus(focus) {
  if (!focus || document.activeElement !== document.body) return;
  const owner = document.querySelector(`[data-key="${CSS.escape(focus.key)}"]`);
  const controls = owner?.querySelectorAll("a, button, input, select, textarea, summary");
  (controls?.[focus.at] ?? controls?.[0])?.focus({ preventScroll: true });
}

// -- the desks ------------------------------------------------------------------------------------

function patchDesk(fresh) {
  for (const part of fresh.querySelectorAll(".desk")) {
    const old = desk.querySelector(`[data-key="${part.dataset.key}"]`);
    if (!old || markup(old) === part.outerHTML || old.querySelector("input:focus, select:focus, textarea:focus")) continue;
    written.set(part, part.outerHTML);
    const focus = focused();
    const lines = old.querySelector(".lines");
    const grew = part.querySelectorAll(".line").length > old.querySelectorAll(".line").length;
    const same = part.querySelector("select")?.value === old.querySelector("select")?.value;
    carryOver(old, part);
    old.replaceWith(part);
    const list = part.querySelector(".lines");
    if (list && same) list.scrollTop = grew ? list.scrollHeight : (lines?.scrollTop ?? 0);
    refocus(focus);
  }
}

/** What somebody typed or chose, and has not sent. */
function carryOver(old, part) {
  for (const field of old.querySelectorAll(".say :is(select, input[type=text])")) {
    const same = part.querySelector(`.say [name="${field.name}"]`);
    if (same && field.value) same.value = field.value;
  }
}

const drawer = desk?.closest("details");
drawer?.addEventListener("toggle", () => sessionStorage.setItem("desks", drawer.open ? "open" : "closed"));
if (drawer && sessionStorage.getItem("desks") === "closed") drawer.open = false;

for (const list of desk?.querySelectorAll(":is([data-key=desk-slack], [data-key=desk-customer]) .lines") ?? [])
  list.scrollTop = list.scrollHeight;

/** The first round has been seen: from now on there is more room for the board, and the desks are opened by hand. */
function endRound() {
  if (sessionStorage.getItem("round")) return;
  sessionStorage.setItem("round", "seen");
  drawer.open = false;
}

function choose(chat) {
  chosen = chat;
  history.replaceState(null, "", `?${new URLSearchParams({ chat })}`);
  drawer.open = true;
  refresh();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-chooses]");
  if (!link || !desk || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  choose(link.dataset.chooses);
});

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-choose]")) return;
  event.target.blur();
  choose(event.target.value);
});

// -- the buttons ----------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-choose]")) return event.preventDefault();
  if (!form.matches("[data-live]")) return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  const sent = new FormData(form);
  if (button?.name) sent.set(button.name, button.value);
  try {
    const answer = await fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), {
      method: "POST",
      body: new URLSearchParams(sent),
      headers: sealed({ Accept: "application/json" }),
    });
    const { said, chat: reached } = await answer.json();
    announce(said);
    if (answer.ok && form.matches("[data-clears]"))
      form.querySelectorAll("input[type=text]").forEach((field) => ((field.value = ""), field.blur()));
    if (form.matches(".step") && reached) chosen = reached;
    if (!sent.has("chat") && reached) choose(reached);
  } catch {
    say("off");
  }
  setTimeout(() => button?.removeAttribute("aria-busy"), 1500);
  refresh();
});

refresh();
