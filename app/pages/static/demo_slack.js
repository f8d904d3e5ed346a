// The demo's Slack keeps itself up to date: ask every second, and change what changed. Typing is never disturbed.
/* global keepLooking, pieceOf, say, sealed */
const EVERY = 1000;
const SLOWEST = 15000;

const slack = document.getElementById("slack");
const composer = document.getElementById("composer");
const source = slack.dataset.source;

const part = (name, within = slack) => within.querySelector(`[data-part="${name}"]`);
const talk = () => part("talk");

// -- asking ---------------------------------------------------------------------------------------

const refresh = keepLooking(async () => {
  const fresh = await pieceOf(source);
  if (fresh) patch(fresh);
}, EVERY, SLOWEST);

// -- changing what changed ------------------------------------------------------------------------

/** What came, before anybody typed into it or opened something. */
const written = new WeakMap();
const remember = (element) => written.set(element, element.outerHTML);
const markup = (element) => written.get(element) ?? element.outerHTML;

function patch(fresh) {
  for (const next of fresh.querySelectorAll("[data-part]")) {
    const old = part(next.dataset.part);
    if (markup(old) === next.outerHTML) continue;
    const focus = focused(old);
    remember(next);
    const left = old.querySelector("ul")?.scrollLeft;
    if (next.dataset.part === "talk" && patchTalk(old, next)) refocus(old, focus);
    else replacePart(old, next, left, focus);
  }
}

function replacePart(old, next, left, focus) {
  const isAtEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
  old.replaceWith(next);
  if (left) next.querySelector("ul").scrollLeft = left;
  if (next.dataset.part === "talk" && isAtEnd) next.scrollTop = next.scrollHeight;
  if (next.dataset.part === "modal") present(old.querySelector("dialog"));
  else refocus(next, focus);
}

/** Messages that are as they were stay where they are, with what is open in them and what somebody types there. */
function patchTalk(old, next) {
  const list = old.querySelector("ol");
  const fresh = next.querySelector("ol");
  if (!list || !fresh) return false;
  const isAtEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
  written.set(old, next.outerHTML);
  const kept = new Map([...list.children].map((message) => [message.dataset.key, message]));
  let at = list.firstElementChild;
  for (const message of [...fresh.children]) {
    const same = kept.get(message.dataset.key);
    const stays = same && markup(same) === message.outerHTML && isFrom(at, same);
    while (stays && at !== same) at = dropped(at);
    if (stays) at = same.nextElementSibling;
    else list.insertBefore(remembered(message), at);
  }
  while (at) at = dropped(at);
  if (isAtEnd && !list.contains(document.activeElement)) old.scrollTop = old.scrollHeight;
  return true;
}

/** Does one of these come after the other, or are they the same? */
const isFrom = (at, other) => at && (at === other || at.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

/** Take it out; what followed it. */
function dropped(element) {
  const next = element.nextElementSibling;
  element.remove();
  return next;
}

function remembered(element) {
  remember(element);
  return element;
}

const CONTROLS = "a, button:not([hidden]), input:not([type=hidden]), select, textarea, summary";

/** What has the focus in a part: which message, and which of its controls. */
function focused(within) {
  const active = document.activeElement;
  if (!within.contains(active)) return null;
  const owner = active.closest("[data-key]");
  return { key: owner?.dataset.key, at: [...(owner ?? within).querySelectorAll(CONTROLS)].indexOf(active) };
}

function refocus(within, focus) {
  if (!focus || document.activeElement !== document.body) return;
  const owner = focus.key ? within.querySelector(`[data-key="${CSS.escape(focus.key)}"]`) : within;
  const controls = owner?.querySelectorAll(CONTROLS) ?? [];
  (focus.at < 0 ? within : (controls[focus.at] ?? controls[0] ?? within)).focus({ preventScroll: true });
}

// -- forms ----------------------------------------------------------------------------------------

/** Lay the form that is there upon the page; the focus goes to what is wrong, else to the first field. */
function present(before) {
  const dialog = part("modal").querySelector("dialog");
  if (!dialog) {
    if (before) composer.elements.text.focus({ preventScroll: true });
    return;
  }
  dialog.removeAttribute("open");
  dialog.showModal();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    dialog.querySelector("[data-closes]").click();
  });
  const wrong = dialog.querySelector("[aria-invalid=true]");
  const first = (wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong) ?? dialog.querySelector(".fields input, .fields textarea, .fields select");
  (first ?? dialog.querySelector(".ends button")).focus();
  for (const menu of dialog.querySelectorAll("[data-search]")) settle(menu);
}

/** Of what was offered only the chosen stays in sight. */
function settle(menu) {
  menu.querySelector(".find button").hidden = true;
  const chosen = menu.querySelector(".choices input:checked")?.closest("label");
  if (!chosen) return;
  menu.querySelector(".find input").value = chosen.textContent.trim();
  menu.querySelector(".choices").replaceChildren(chosen);
}

let asked = 0;
let waiting;

async function offer(menu) {
  const place = menu.querySelector(".choices");
  const mine = ++asked;
  const form = new FormData(menu.form ?? menu.closest("form"));
  form.set("search", menu.dataset.search);
  const answer = await fetch("/demo/slack/offered", {
    method: "POST",
    body: new URLSearchParams(form),
    headers: sealed(),
  });
  const { found, said } = await answer.json();
  if (mine !== asked || !menu.isConnected) return;
  const typed = menu.querySelector(".find input").value.trim();
  place.replaceChildren(...found.map(([value, words]) => choice(menu.dataset.search, value, words)));
  if (!found.length && typed) place.textContent = said || place.dataset.none;
}

function choice(field, value, words) {
  const label = document.createElement("label");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: `field.${field}`, value });
  label.append(radio, words);
  return label;
}

slack.addEventListener("input", (event) => {
  const menu = event.target.closest("[data-search]");
  if (!menu || event.target.type === "radio") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => offer(menu).catch(() => say("off")), 150);
});

slack.addEventListener("keydown", (event) => {
  const menu = event.target.closest("[data-search]");
  if (!menu || event.isComposing) return;
  const choices = [...menu.querySelectorAll(".choices input")];
  const isTyping = event.target.type === "text";
  if (event.key === "ArrowDown" && isTyping && choices.length) {
    event.preventDefault();
    choices[0].focus();
    choices[0].checked = true;
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (isTyping && choices.length) choices[0].checked = true;
    settle(menu);
    menu.querySelector(".find input").focus();
  }
});

slack.addEventListener("click", (event) => {
  // a click with the mouse; the arrow keys click as well, but without a place
  if (event.target.matches("[data-search] .choices input") && event.detail) settle(event.target.closest("[data-search]"));
});

slack.addEventListener("focusout", (event) => {
  const menu = event.target.closest("[data-search]");
  if (menu && !menu.contains(event.relatedTarget) && event.relatedTarget) settle(menu);
});

// -- buttons --------------------------------------------------------------------------------------

/** Where messages are sent to. */
const WRITTEN = /\/(say|reply)$/;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-act]")) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  if (button.getAttribute("aria-busy") === "true") return;
  const sent = new FormData(form);
  if (button.name) sent.set(button.name, button.value);
  const address = button.getAttribute("formaction") ?? form.getAttribute("action");
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(sent),
      headers: sealed({ Accept: "application/json" }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { done } = await answer.json();
    if (done && WRITTEN.test(address)) form.elements.text.value = "";
    if (done) form.closest("[popover]")?.hidePopover();
    button.closest(".actions, .sure")?.removeAttribute("open");
  } catch {
    say("off");
  }
  button.removeAttribute("aria-busy");
  await refresh();
  if (button.isConnected && WRITTEN.test(address)) form.elements.text.focus();
});

slack.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("[data-clears] [name=text]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// whoever opens the box below a thread writes there
slack.addEventListener(
  "toggle",
  (event) => event.target.matches(".below details[open]") && event.target.querySelector("textarea").focus(),
  true,
);

for (const element of slack.querySelectorAll("[data-part], [data-key]")) remember(element);
for (const chosen of slack.querySelectorAll("nav [aria-current]")) chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
talk().scrollTop = talk().scrollHeight;
present();
refresh();
