// Similar requests: more of them without leaving the page; and, while somebody types a request, those that are like it.
/* global askFor */

/** The list in a page or a piece of one, in the place of the one that is here; whether there was one. */
function showSimilar(html) {
  const found = new DOMParser().parseFromString(html, "text/html").getElementById("similar");
  if (found) document.getElementById("similar").replaceWith(found);
  return found;
}

// -- more -----------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const more = event.target.closest("[data-more]");
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    const answer = await askFor(more.href);
    const found = answer.ok && showSimilar(await answer.text());
    if (!found) return location.assign(more.href);
    (found.querySelector("a, button") ?? found).focus();
  } catch {
    location.assign(more.href);
  }
});

// -- while somebody types -------------------------------------------------------------------------

/** So long (ms) nothing is asked while somebody types. */
const PAUSE_OF_WORDS = 600;
const likened = document.querySelector("[data-similar]");
const liking = { timer: 0, isUnderWay: false, isOutdated: false };

/** One question at a time: what was typed meanwhile is asked for afterwards. */
async function likenWords() {
  liking.isOutdated = liking.isUnderWay;
  if (liking.isUnderWay) return;
  liking.isUnderWay = true;
  try {
    const body = new URLSearchParams(new FormData(likened.form));
    const answer = await fetch(likened.dataset.similar, { method: "POST", body });
    const html = await answer.text();
    if (answer.ok && !liking.isOutdated) tellOfSimilar(showSimilar(html));
  } catch {
    // The network is away: the form can be filed all the same.
  } finally {
    liking.isUnderWay = false;
    if (liking.isOutdated) likenWords();
  }
}

/** Says how many there are, to whoever does not see them; not again where nothing changed. */
function tellOfSimilar(found) {
  const count = document.getElementById("similar-count"), n = found.querySelectorAll(".likes li").length;
  const said = found.childElementCount ? count.dataset.words.replace("{n}", n) : "";
  if (count.textContent !== said) count.textContent = said;
}

function likenSoon() {
  clearTimeout(liking.timer);
  liking.timer = setTimeout(likenWords, PAUSE_OF_WORDS);
}

likened?.addEventListener("input", (event) => event.isComposing || likenSoon());
likened?.addEventListener("compositionend", likenSoon);
for (const each of document.querySelectorAll("[data-looks]")) each.hidden = true;
