// Filing by hand: companies on record are offered while somebody types a name; the title that is proposed, and the
// sentences to be read out, follow what is typed.
let waiting;
let asked = 0;

for (const field of document.querySelectorAll("[data-offers]")) {
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => offer(field).catch(() => {}), 150);
  });
}

async function offer(field) {
  const mine = ++asked;
  const answer = await fetch(`${field.dataset.offers}?${new URLSearchParams({ q: field.value })}`);
  if (!answer.ok || mine !== asked) return;
  const names = await answer.json();
  field.list.replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
}

const filing = document.getElementById("filing");
let proposing;
let proposed = 0;

filing?.addEventListener("input", (event) => {
  if (!["person", "quote", "source"].includes(event.target.name)) return;
  clearTimeout(proposing);
  proposing = setTimeout(() => propose().catch(() => {}), 150);
});

async function propose() {
  const mine = ++proposed;
  const body = new URLSearchParams(new FormData(filing));
  const answer = await fetch("/wishes/proposals", { method: "POST", body });
  if (!answer.ok || mine !== proposed) return;
  const { title, sentences } = await answer.json();
  filing.elements.title.placeholder = title;
  for (const sentence of filing.querySelectorAll("[data-promise]")) {
    sentence.textContent = sentences[sentence.dataset.promise] ?? sentence.textContent;
  }
}
