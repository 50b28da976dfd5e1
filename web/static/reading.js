// The page on which people's own words are read before they leave. What looks like
// a name or a number becomes a button that takes it out; words that are selected in
// a text go with Delete or a button; 1, 2 and 3 choose. What is sent is the same
// form as without this file.
(function () {
  "use strict";
  const form = document.querySelector("form[data-reading]");
  if (!form) return;
  const gone = "[…]";
  let unsaved = false;

  // ready makes a text a thing to press and select in. As long as the words that
  // leave follow from the stretches that were taken out, these can be put back;
  // once somebody has written there by hand, words are taken out where they stand.
  function ready(card) {
    const said = card.querySelector(".said"), area = card.querySelector("textarea"), write = card.querySelector("[value=redacted]");
    const whole = said.textContent, marks = [...said.querySelectorAll("mark")];
    let out = [], drawn = null;

    const where = (node, offset) => {
      const before = document.createRange();
      before.setStart(said, 0);
      before.setEnd(node, offset);
      return before.toString().length;
    };
    const spans = marks.map((mark) => {
      const from = where(mark, 0);
      return [from, from + mark.textContent.length];
    });
    const follows = () => area.value === drawn;
    const isOut = ([from, to]) => follows() ? out.some(([a, b]) => a <= from && to <= b) : !area.value.includes(whole.slice(from, to));

    // add takes a stretch out; those with nothing but spaces between are one.
    function add([from, to]) {
      const all = [...out, [from, to]].sort((a, b) => a[0] - b[0]);
      out = [];
      for (const [a, b] of all) {
        const last = out[out.length - 1];
        if (last && (a <= last[1] || !whole.slice(last[1], a).trim())) last[1] = Math.max(last[1], b);
        else out.push([a, b]);
      }
    }

    function draw() {
      let text = "", at = 0;
      for (const [from, to] of out) {
        text += whole.slice(at, from) + gone;
        at = to;
      }
      return text + whole.slice(at);
    }

    // show says on the marks what is taken out, where that is what was chosen.
    const show = () => marks.forEach((mark, i) => mark.setAttribute("aria-pressed", String(write.checked && isOut(spans[i]))));

    function changed() {
      write.checked = unsaved = true;
      show();
      card.querySelector(".take").hidden = false;
    }

    function take(span) {
      if (follows()) {
        add(span);
        area.value = drawn = draw();
      } else {
        area.value = area.value.split(whole.slice(span[0], span[1])).join(gone);
      }
      changed();
    }

    function giveBack([from, to]) {
      if (!follows()) return;
      const rest = out.flatMap(([a, b]) => b <= from || a >= to ? [[a, b]] : [[a, from], [to, b]]);
      out = [];
      rest.filter(([a, b]) => whole.slice(a, b).trim()).forEach(add);
      area.value = drawn = draw();
      changed();
    }

    marks.forEach((mark, i) => { if (mark.hasAttribute("data-out")) add(spans[i]); });
    if (draw() === area.value) drawn = area.value;
    marks.forEach((mark, i) => {
      mark.setAttribute("role", "button");
      mark.tabIndex = 0;
      const flip = () => {
        if (!isOut(spans[i])) take(spans[i]);
        else if (write.checked) giveBack(spans[i]);
        else changed();
      };
      mark.addEventListener("click", () => { if (getSelection().isCollapsed) flip(); });
      mark.addEventListener("keydown", (e) => {
        if (e.key !== "Enter" && e.key !== " ") return;
        e.preventDefault();
        flip();
      });
    });
    card.addEventListener("change", show);
    show();

    // selected gives what is selected in the text, without the spaces at its ends.
    const selected = () => {
      const selection = getSelection();
      if (!selection.rangeCount || selection.isCollapsed) return null;
      const range = selection.getRangeAt(0);
      if (!said.contains(range.startContainer) || !said.contains(range.endContainer)) return null;
      let from = where(range.startContainer, range.startOffset), to = where(range.endContainer, range.endOffset);
      while (from < to && !whole[from].trim()) from++;
      while (to > from && !whole[to - 1].trim()) to--;
      return from < to ? [from, to] : null;
    };
    card.takeSelected = () => {
      const span = selected();
      if (span) {
        getSelection().removeAllRanges();
        take(span);
      } else if (area.selectionStart < area.selectionEnd) {
        area.setRangeText(gone, area.selectionStart, area.selectionEnd, "end");
        changed();
      }
      return !!span;
    };
    const button = card.querySelector(".take");
    const offer = () => { button.hidden = !write.checked && !selected(); };
    button.addEventListener("mousedown", (e) => e.preventDefault()); // the selection stays
    button.querySelector("button").addEventListener("click", card.takeSelected);
    area.addEventListener("input", changed);
    card.addEventListener("change", offer);
    document.addEventListener("selectionchange", offer);
    offer();
  }

  const cards = [...form.querySelectorAll(".card")];
  cards.forEach(ready);
  form.closest("main").querySelector("[data-keys]").hidden = false;

  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && form.contains(e.target)) {
      e.preventDefault();
      form.querySelector(".acts button").click();
    } else if ((e.key === "Delete" || e.key === "Backspace") && !/^(INPUT|TEXTAREA)$/.test(e.target.tagName)) {
      if (cards.some((card) => card.takeSelected())) e.preventDefault();
    } else if (/^[123]$/.test(e.key) && e.target.type === "radio" && form.contains(e.target) && !e.ctrlKey && !e.altKey && !e.metaKey) {
      e.preventDefault();
      const card = e.target.closest(".card"), radio = card.querySelectorAll("[type=radio]")[e.key - 1], next = cards[cards.indexOf(card) + 1];
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
      if (radio.value === "redacted") card.querySelector("textarea").focus();
      else (next ? next.querySelector("[type=radio]:checked") || next.querySelector("[type=radio]") : form.querySelector(".acts button")).focus();
    }
  });

  form.addEventListener("change", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (e) => { if (unsaved) e.preventDefault(); });
})();
