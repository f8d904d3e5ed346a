// Says five minutes before that a login ends: after a long pause, which pressing the button ends, or for good.
/* global askFor */

const ending = document.getElementById("ending");
const WARNED = 5 * 60_000;
const opened = Date.now();

/** When the service signs this browser out at the earliest; every answer since then has put that off. */
const outAt = () => Math.min(Date.parse(ending.dataset.ends), (askFor.at ?? opened) + Number(ending.dataset.lasts));

function warn() {
  const at = outAt(), isFinal = at === Date.parse(ending.dataset.ends) || Date.now() >= at;
  const [words, button, link] = ending.children;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: document.documentElement.dataset.zone });
  const said = words.dataset.words.replace("{time}", time.format(at));
  // What is hidden and shown again would be read aloud each time.
  if (words.textContent !== said) words.textContent = said;
  link.hidden = !(button.hidden = isFinal);
  link.search = new URLSearchParams({ again: "yes", next: location.pathname + location.search });
  ending.hidden = Date.now() < at - WARNED;
}

ending.querySelector("button").addEventListener("click", async () => {
  await askFor("/account");
  warn();
});
setInterval(warn, 15_000);
document.addEventListener("visibilitychange", warn);
warn();
