// A chart whose points open their lists: the picture is put into the page, where its links work. The table has them all.

for (const picture of document.querySelectorAll("picture:has(img.opens)")) {
  const image = picture.querySelector("img");
  const open = async () => {
    const answer = await fetch(image.currentSrc, { credentials: "same-origin" });
    if (!answer.ok) return;
    const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    if (drawn.localName !== "svg") return;
    drawn.setAttribute("class", "chart");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", image.alt);
    // a picture is one thing to readers: its parts say nothing of their own
    for (const part of drawn.querySelectorAll("*"))
      for (const said of ["role", "aria-label", "aria-roledescription"]) part.removeAttribute(said);
    // keyboards and readers use the table, which leads to the same lists
    for (const link of drawn.querySelectorAll("a")) link.setAttribute("tabindex", "-1");
    picture.nextElementSibling?.matches("svg.chart") && picture.nextElementSibling.remove();
    picture.after(document.importNode(drawn, true));
    picture.hidden = true;
  };
  image.addEventListener("load", open);
  if (image.complete && image.naturalWidth) open();
}
