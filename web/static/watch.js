// A page of staff on which something is being made shows how far it has come by
// itself. It asks for the page again every other second and takes over what stands in
// [data-watch]; when nothing does any more, the whole page is shown anew. Without this
// file a link does it.
(function () {
  "use strict";

  const every = 2000;

  async function look() {
    const here = document.querySelector("[data-watch]");
    if (!here) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) return location.reload();
      const there = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-watch]");
      if (!there) return location.reload();
      if (here.innerHTML !== there.innerHTML) here.innerHTML = there.innerHTML;
    } catch (e) {
      // The server is away for a moment: the next look tells.
    }
    setTimeout(look, every);
  }
  setTimeout(look, every);
})();
