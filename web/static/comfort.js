// Two kinds of question that are easier with a script: a ranking that needs no
// new page for each press, and a line with a handle beside a number to type.
// What is sent is the same field as without this file; each change of it sends
// the events "input" and "change", like a person's.
(function () {
  "use strict";
  if (typeof document === "undefined") return;

  const say = (field) => ["input", "change"].forEach((type) => field.dispatchEvent(new Event(type, { bubbles: true })));

  // --- ranking --------------------------------------------------------------------

  // A row has the buttons for where it is, and in a template those for where it
  // is not: the first button in either names its choice.
  const named = (row) => (row.querySelector("button") || row.querySelector("template").content.querySelector("button")).value.split(" ")[2];

  // rank puts a ranking into an order, which it gives without what is no choice.
  function rank(box, order) {
    const [yours, ol, left, ul, all] = box.children, rows = new Map(), place = (row) => box.dataset.order.split(" ").indexOf(named(row));
    for (const row of box.querySelectorAll("li")) rows.set(named(row), row);
    order = order.filter((name) => rows.has(name));
    for (const [name, row] of rows) {
      const n = order.indexOf(name) + 1, template = row.querySelector("template"), label = row.querySelector("span");
      if (!n === !!row.querySelector("b")) {
        const come = [...template.content.children];
        template.content.append(...[...row.children].filter((e) => e !== label && e !== template));
        template.before(...come);
      }
      if (!n) continue;
      const number = row.querySelector("b"), [up, down] = row.querySelectorAll("button");
      row.prepend(number);
      number.textContent = n;
      up.disabled = n === 1;
      down.disabled = n === order.length;
    }
    ol.append(...order.map((name) => rows.get(name)));
    ul.append(...[...rows.values()].filter((row) => !order.includes(named(row))).sort((a, b) => place(a) - place(b)));
    yours.hidden = ol.hidden = !order.length;
    left.hidden = ul.hidden = !(all.hidden = order.length < rows.size);
    left.textContent = box.dataset.choose.replace("{n}", order.length + 1);
    box.parentNode.querySelector("[name='q." + box.dataset.ranking + "']").value = order.join(" ");
    return order;
  }

  // The focus stays with the choice that moved, or goes to the next one to
  // choose, as when the server draws the page.
  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-ranking] button");
    if (!button) return;
    e.preventDefault();
    const box = button.closest("[data-ranking]"), group = box.parentNode, row = button.closest("li"), [, what, name] = button.value.split(" ");
    const field = group.querySelector("[name='q." + box.dataset.ranking + "']"), next = field.value.split(" ").filter((other) => other && other !== name), before = field.value.split(" ").indexOf(name);
    if (what !== "out") next.splice(what === "add" ? next.length : before + (what === "up" ? -1 : 1), 0, name);
    for (const apart of group.querySelectorAll("[name^='apart.']")) apart.checked = false;
    const order = rank(box, next), n = order.indexOf(name) + 1, more = (what === "add" || what === "out") && box.querySelector("ul button");
    const own = [...row.querySelectorAll("button")].filter((b) => !b.disabled);
    (more || own.find((b) => b === button) || own[0]).focus();
    const label = row.querySelector("button .vh:last-child").textContent.slice(2), told = { label, n, total: order.length };
    group.querySelector("[role=status]").textContent = box.dataset[n ? "now" : "gone"].replace(/{(\w+)}/g, (_, word) => told[word]);
    say(field);
  });

  // Who would rather not rank has no order.
  document.addEventListener("change", ({ target }) => {
    const box = /^apart\./.test(target.name) && target.checked && document.querySelector("[data-ranking='" + target.name.slice(6) + "']");
    if (box) rank(box, []);
  });

  // --- the line with a handle -------------------------------------------------------

  // slide shows one. It has no handle, and says so, until it is touched or the
  // field holds one of its numbers; the button takes the answer away again. A
  // key begins at an end of it, since nowhere on it is more likely than elsewhere.
  function slide(template) {
    const field = template.previousElementSibling, line = template.content.firstElementChild, { point, none } = template.dataset;
    const [input, , clear] = line.children;
    const show = (on) => {
      input.classList.toggle("unset", !on);
      input.setAttribute("aria-valuetext", on ? field.value : none);
      clear.hidden = !on;
    };
    const typed = () => {
      const s = field.value.trim().replace(",", "."), on = s && +s >= +input.min && +s <= +input.max;
      if (on) input.value = s;
      show(on);
    };
    const set = () => {
      field.value = input.value.replace(".", point);
      say(field);
    };
    input.addEventListener("input", set);
    input.addEventListener("click", set); // where its value was already
    input.addEventListener("keydown", (e) => {
      const end = /^(Arrow(Right|Up)|Home|PageUp| )$/.test(e.key) ? "min" : /^(Arrow|End|Page)/.test(e.key) && "max";
      if (!end || clear.hidden === false) return;
      e.preventDefault();
      input.value = input[end];
      set();
    });
    clear.addEventListener("click", () => {
      field.value = "";
      say(field);
      input.focus();
    });
    field.addEventListener("input", typed);
    template.replaceWith(line);
    typed();
  }

  // A question that may yet come up waits in a template.
  function mount(within) {
    for (const t of within.querySelectorAll("template")) {
      if (t.dataset.point) slide(t);
      else mount(t.content);
    }
  }
  mount(document);
  document.addEventListener("panelverk:page", () => mount(document));
  globalThis.PanelverkComfort = { rank: (el, order) => rank(el.querySelector("[data-ranking]"), order) };
})();
