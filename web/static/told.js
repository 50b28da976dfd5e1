// A form that hands out a file which takes long to make shows how far it has come. The
// answer tells it line by line, and then holds the file (internal/site/staff/told.go);
// whatever else comes is a page, for which the form is sent as it is without this file.
(function () {
  "use strict";
  const form = document.querySelector("form[data-told]");
  if (!form) return;
  const kind = "application/vnd.panelverk.told";
  const making = form.querySelector("[data-making]"), bar = making.querySelector("progress"), figure = making.querySelector("[data-percent]");
  const ended = form.querySelector("[data-ended]"), button = form.querySelector(".acts button");

  function show(done, total) {
    const percent = String(Math.floor((100 * done) / Math.max(total, 1)));
    making.hidden = false;
    bar.value = percent;
    figure.textContent = figure.dataset.percent.replace("{}", percent);
  }

  // receive reads the lines, then the file; it gives the file and what it is.
  async function receive(body) {
    const reader = body.getReader(), parts = [];
    let head = new Uint8Array(), what = null;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (what) {
        parts.push(value);
        continue;
      }
      const read = new Uint8Array(head.length + value.length);
      read.set(head);
      read.set(value, head.length);
      head = read;
      for (let end; !what && (end = head.indexOf(10)) >= 0; head = head.subarray(end + 1)) {
        const line = JSON.parse(new TextDecoder().decode(head.subarray(0, end)));
        if (line.name) what = line;
        else show(line.done, line.total);
      }
      if (what) parts.push(head);
    }
    if (!what) throw new Error("no file");
    return { name: what.name, blob: new Blob(parts, { type: what.type }) };
  }

  function keep({ name, blob }) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function end(how) {
    making.hidden = true;
    ended.textContent = ended.dataset[how];
    ended.hidden = false;
    button.disabled = false;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    ended.hidden = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: kind }, credentials: "same-origin", cache: "no-store", redirect: "manual" });
      if (answer.headers.get("Content-Type") !== kind) return form.submit();
      show(0, 1);
      keep(await receive(answer.body));
      end("made");
    } catch (e) {
      end("broken");
    }
  });
})();
