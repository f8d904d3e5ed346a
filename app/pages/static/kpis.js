// All figures on one page: those of each subject are asked for one after the other, and take their place.
/* global askFor */

const parts = [...document.querySelectorAll("[data-from]")];

/** The same part of the subject's own page. */
async function figuresOf(part) {
  const answer = await askFor(part.dataset.from);
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("section.measure");
}

async function fill(part) {
  part.setAttribute("aria-busy", "true");
  try {
    part.replaceWith(await figuresOf(part));
  } catch {
    part.removeAttribute("aria-busy");
    part.querySelector("p").prepend(`${part.dataset.failed} `);
  }
}

for (const part of parts) await fill(part);
