// What somebody has typed into a decision stays in this tab until it is decided, each wish's own: another row may be
// looked at meanwhile, and whoever has to sign in again finds it where it was.

const drafts = (() => {
  const keyOf = (form) => `draft/${form.dataset.person}/${form.dataset.wish}`;
  const names = ["conclusion", "reason", "answer", "into", "issue", "tells_all"];
  const typed = (form) => Object.fromEntries(names.map((name) => [name, new FormData(form).get(name) ?? ""]));
  const isPicked = (field) => ["radio", "checkbox"].includes(field.type);
  const brought = (field) => (isPicked(field) ? field.defaultChecked && field.value : field.defaultValue);

  /** What the page itself brings: nothing, but for what was decided and undone a moment ago. */
  function given(form, name) {
    if (!("undone" in form.dataset)) return "";
    return [...form.elements].filter((field) => field.name === name).map(brought).find(Boolean) || "";
  }

  /** Has nobody typed anything? */
  const isEmpty = (form) => Object.entries(typed(form)).every(([name, text]) => text === given(form, name));

  function read(form) {
    try {
      return JSON.parse(sessionStorage.getItem(keyOf(form)));
    } catch {
      return null;
    }
  }

  /** Keeps what stands in the form. `sent`: it is on its way, and over once the page says that it was decided. */
  function keep(form, sent = false) {
    if (isEmpty(form)) sessionStorage.removeItem(keyOf(form));
    else sessionStorage.setItem(keyOf(form), JSON.stringify({ ...typed(form), sent }));
    mark();
  }

  /** Fills a form as it was left, unless the page itself brings what was typed; was there something to fill in? */
  function restore(form) {
    const draft = form && isEmpty(form) && read(form);
    if (!draft) return false;
    for (const name of names) {
      const field = form.elements[name];
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = Boolean(draft[name]);
      else if (field && (draft[name] || "undone" in form.dataset)) field.value = draft[name];
    }
    return true;
  }

  /** Says in the agenda of which wishes something is typed and not decided. */
  function mark() {
    for (const place of document.querySelectorAll("[data-draft]")) {
      const { person } = place.closest("[data-person]").dataset;
      place.hidden = sessionStorage.getItem(`draft/${person}/${place.dataset.draft}`) === null;
    }
  }

  /** What was decided is no draft any more; what was typed anew since then is one. */
  function over(place) {
    const key = `draft/${place.dataset.person}/${place.dataset.wish}`;
    if (JSON.parse(sessionStorage.getItem(key) ?? "{}").sent) sessionStorage.removeItem(key);
  }

  const decided = document.getElementById("decided");
  if (decided) over(decided);
  mark();
  document.addEventListener("input", (event) => event.target.form?.id === "decide" && keep(event.target.form));
  document.addEventListener("change", (event) => event.target.form?.id === "decide" && keep(event.target.form));
  document.addEventListener("submit", (event) => event.target.id === "decide" && keep(event.target, true));
  return { keep, restore, mark, isEmpty };
})();
