// Filing by hand: companies on record are offered while somebody types a name.
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
