// The screen on the wall: its numbers are asked for again and again; without an answer it says so and since when they are.
/* global keepLooking, pieceOf */

const EVERY = 15_000;
const SLOWEST = 30_000;

const wall = document.getElementById("wall");

const refresh = keepLooking(async () => {
  const fresh = await pieceOf(wall.dataset.source);
  if (fresh) patch(fresh);
  document.body.classList.remove("stale");
}, EVERY, SLOWEST);

/** What is as it was stays the same element, so that whatever has the focus keeps it. */
function patch(fresh) {
  for (const tile of fresh.querySelectorAll("[data-key]")) {
    const before = wall.querySelector(`[data-key="${CSS.escape(tile.dataset.key)}"]`);
    if (before.outerHTML !== tile.outerHTML) before.replaceWith(tile);
  }
  wall.querySelector(".as-of").textContent = fresh.querySelector(".as-of").textContent;
}

// What nobody answers for any more is old: everybody who passes by has to see that.
new MutationObserver(() => document.body.classList.toggle("stale", document.getElementById("live").classList.contains("off")))
  .observe(document.getElementById("live"), { attributes: true });

refresh();
