// The palette: ⌘K, Ctrl+K, / or the search's icon open it, and what is typed leads anywhere. Without it, the form searches.
/* global askFor, isComposing, keys */

const palette = document.getElementById("palette");
const asks = palette.querySelector("[role=combobox]");
const offered = document.getElementById("offered");
const counted = document.getElementById("offered-count");
/** So long (ms) nothing is asked while somebody types. */
const PAUSE_OF_TYPING = 120;
let newest = 0;

const options = () => [...offered.querySelectorAll("[role=option]")];
const chosen = () => document.getElementById(asks.getAttribute("aria-activedescendant") ?? "");

// -- choosing -------------------------------------------------------------------------------------

/** Marks an option; none where there is none. */
function mark(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return asks.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  asks.setAttribute("aria-activedescendant", option.id);
}

function move(distance) {
  const all = options(), at = all.indexOf(chosen());
  if (all.length) mark(all[at < 0 ? (distance > 0 ? 0 : all.length - 1) : (at + distance + all.length) % all.length]);
}

// -- asking ---------------------------------------------------------------------------------------

/** What is offered was for other words: until the new offers are there, Enter searches instead. */
function outdate() {
  mark(null);
  offered.setAttribute("aria-busy", "true");
  return ++newest;
}

async function offer() {
  const mine = newest;
  try {
    const answer = await askFor(`/find?q=${encodeURIComponent(asks.value)}`);
    if (mine !== newest || !answer.ok) return;
    const body = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (mine !== newest) return;
    offered.replaceChildren(...body.childNodes);
    offered.setAttribute("aria-busy", "false");
    counted.textContent = counted.dataset.words.replace("{n}", options().length);
    mark(options()[0]);
  } catch {
    // The network is away: the form still leads to the search, which will say so.
  }
}

asks.addEventListener("input", () => {
  outdate();
  clearTimeout(offer.timer);
  offer.timer = setTimeout(offer, PAUSE_OF_TYPING);
});

// -- opening, going -------------------------------------------------------------------------------

function openPalette(words = "") {
  if (document.querySelector("dialog[open]")) return;
  asks.value = words;
  palette.showModal();
  asks.focus();
  asks.select();
  outdate();
  offer();
}

asks.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key === "Enter" && chosen()) {
    event.preventDefault();
    chosen().click();
  }
});

// An address on this very page only moves it.
offered.addEventListener("click", (event) => event.target.closest("a") && palette.close());
palette.addEventListener("click", (event) => (event.target === palette || event.target.closest("[data-closes]")) && palette.close());

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  if (isComposing(event)) return;
  event.preventDefault();
  if (palette.open) palette.close();
  else openPalette();
});

// On the search's own page there is no other search at the top.
document.querySelector("[data-palette]")?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPalette(event.currentTarget.closest("form").elements.q.value);
});

keys["/"] = () => openPalette();
