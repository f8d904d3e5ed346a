// Several people at one meeting: what somebody else decides shows within seconds, but nothing moves under a hand that types.
/* global announce, askFor, current, drafts, focus, form, isTyping, look, pieces, rows */

const EVERY = 4000;
const SLOWEST = 30_000;

const agenda = document.getElementById("agenda");
let known = agenda?.dataset.tag;
let newest = agenda?.dataset.news;
let pause = EVERY;
let timer;

const wishShown = () => document.getElementById("wish");
/** What is typed and not sent is somebody's work; so is a field that has the caret. */
const isBusy = () => isTyping(document.activeElement) || Boolean(form() && !drafts.isEmpty(form()));

async function refresh() {
  clearTimeout(timer);
  try {
    const address = new URL(agenda.dataset.source, location.href);
    if (wishShown()) address.searchParams.set("at", wishShown().dataset.name);
    const answer = await askFor(address.href, { "If-None-Match": known });
    if (answer.status === 200) {
      show(new DOMParser().parseFromString(await answer.text(), "text/html").body);
      known = answer.headers.get("ETag");
    }
    pause = answer.ok || answer.status === 304 ? EVERY : Math.min(pause * 2, SLOWEST);
  } catch {
    pause = Math.min(pause * 2, SLOWEST);
  }
  timer = setTimeout(refresh, document.hidden ? SLOWEST : pause);
}

function show(fresh) {
  pieces.clear();
  patch(fresh);
  tell(fresh.querySelector("[data-news]"));
  changed(fresh.querySelector("[data-about]"));
}

/** The rows and the progress; what is marked, focused and scrolled stays so. */
function patch(fresh) {
  const list = agenda.querySelector(".rows"), top = list.scrollTop;
  const marked = current()?.dataset.wish, focused = document.activeElement?.closest(".rows a")?.dataset.wish;
  agenda.querySelector(".agenda-head .count").textContent = fresh.querySelector(".count").textContent;
  document.querySelector(".sitting .progress")?.replaceWith(fresh.querySelector(".progress"));
  list.replaceChildren(...fresh.querySelector(".rows").childNodes);
  list.scrollTop = top;
  for (const row of rows()) {
    if (row.dataset.wish === marked) row.setAttribute("aria-current", "true");
    if (row.dataset.wish === focused) row.focus({ preventScroll: true });
  }
  drafts.mark();
}

/** What others did last; whoever did it knows. */
function tell(news) {
  if (!news || news.dataset.news === newest) return;
  newest = news.dataset.news;
  if (news.dataset.by !== agenda.dataset.person) announce(news.textContent);
}

/** Something else holds for the wish in focus: it is shown anew, or, to whoever types, a line says so. */
function changed(about) {
  const wish = wishShown();
  if (!wish || !about) return;
  const isSame = about.dataset.about === wish.dataset.turn;
  if (isSame && (isBusy() || about.dataset.issues === wish.dataset.issues)) return;
  if (!isBusy() && current()) return look(current());
  if (!isBusy()) return location.reload();
  focus.querySelector(".news")?.remove();
  const banner = document.createElement("p");
  banner.className = "did news";
  banner.setAttribute("role", "status");
  const link = Object.assign(document.createElement("a"), { href: wish.dataset.address, textContent: focus.dataset.reads });
  banner.append(about.textContent, " ", link);
  (document.getElementById("decide") ?? wish).before(banner);
}

document.addEventListener("visibilitychange", () => document.hidden || !agenda || refresh());
if (agenda) timer = setTimeout(refresh, EVERY);
