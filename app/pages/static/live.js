// Pages that are live: pieces of them are asked for again and again, and #live says whether somebody answers.
/* global askFor */

const live = document.getElementById("live");
/** What each address answered last: its ETag. */
const known = new Map();

/** The piece of a page at this address; null if it is as it was. */
async function pieceOf(address) {
  const answer = await askFor(address, known.has(address) ? { "If-None-Match": known.get(address) } : {});
  if (answer.status === 304) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  known.set(address, answer.headers.get("ETag"));
  return new DOMParser().parseFromString(await answer.text(), "text/html").body;
}

/** Looks again every so many ms, less often where that fails or nobody sees it. Returns what looks at once. */
function keepLooking(look, every, slowest) {
  let pause = every, timer;
  async function now() {
    clearTimeout(timer);
    try {
      await look();
      pause = every;
      say("on");
    } catch {
      pause = Math.min(pause * 2, slowest);
      say("off");
    }
    clearTimeout(timer); // somebody may have looked at once meanwhile
    timer = setTimeout(now, document.hidden ? slowest : pause);
  }
  document.addEventListener("visibilitychange", () => document.hidden || now());
  return now;
}

/** Says "on" or "off" in the words of the page. */
function say(state) {
  if (live.classList.contains(state)) return;
  live.className = `live ${state}`;
  live.textContent = live.dataset[state];
}
