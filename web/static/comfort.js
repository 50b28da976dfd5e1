// Two kinds of question that are easier with a script: a ranking that needs no
// new page for each press, and a line with a handle beside a number to type.
// What is sent is the same field as without this file; each change of it sends
// the events "input" and "change", like a person's.
(function () {
  "use strict";

  const make = (tag, more, ...children) => {
    const e = Object.assign(document.createElement(tag), more);
    e.append(...children);
    return e;
  };
  const fill = (text, of) => text.replace(/\{(\w+)\}/g, (_, name) => of[name]);
  const say = (field) => ["input", "change"].forEach((type) => field.dispatchEvent(new Event(type, { bubbles: true })));

  // --- ranking --------------------------------------------------------------------

  // read gives what a ranking holds: its field, what can be chosen and how it is
  // drawn, by name, and the names in the order so far.
  function read(box) {
    const id = "q-" + box.dataset.ranking, group = document.getElementById(id), labels = new Map();
    for (const li of box.querySelectorAll("li")) {
      const button = li.querySelector("button");
      labels.set(button.value.split(" ")[2], [li.querySelector("span"), button.querySelector(".vh:last-child").textContent.slice(2)]);
    }
    const field = group.querySelector("input[name='q." + box.dataset.ranking + "']");
    return { id, group, field, labels, order: field.value.split(" ").filter((name) => labels.has(name)) };
  }

  function draw(box, { id, labels, order }) {
    const t = box.dataset, hidden = (textContent) => make("span", { className: "vh", textContent });
    const button = (what, name, look) => {
      const b = make("button", { className: "btn " + (look || "two") + " slim", name: "rank", value: [t.ranking, what, name].join(" "), formNoValidate: true });
      if (what === "up" || what === "down") b.append(hidden(t.move));
      b.append(t[what === "add" ? "pick" : what], hidden(": " + labels.get(name)[1]));
      return b;
    };
    const list = (tag, key, heading, items) => {
      const e = make(tag, { className: "bare rank" }, ...items);
      e.setAttribute("aria-labelledby", id + key);
      return [make(t.level, { id: id + key, textContent: heading }), e];
    };
    const ranked = order.map((name, i) => {
      const [up, down] = [button("up", name), button("down", name)];
      up.disabled = !i;
      down.disabled = i === order.length - 1;
      return make("li", {}, make("b", { textContent: i + 1 }), " ", labels.get(name)[0], " ", make("div", {}, up, " ", down, " ", button("out", name, "plain")));
    });
    const left = t.order.split(" ").filter((name) => !order.includes(name)).map((name, i) => {
      const b = button("add", name);
      if (!i) b.id = id + "-i";
      return make("li", {}, labels.get(name)[0], " ", b);
    });
    box.replaceChildren(
      ...(ranked.length ? list("ol", "-yours", t.yours, ranked) : []),
      ...(left.length ? list("ul", "-left", fill(t.choose, { n: order.length + 1 }), left) : [make("p", { className: "hint", textContent: t.all })]));
  }

  // press does what a button says. The focus stays with the choice that moved,
  // or goes to the next one to choose, as when the server draws the page.
  function press(box, what, name) {
    const r = read(box), at = r.order.indexOf(name), t = box.dataset;
    if (what === "add" && at < 0) r.order.push(name);
    else if (at >= 0) {
      r.order.splice(at, 1);
      if (what !== "out") r.order.splice(at + (what === "up" ? -1 : 1), 0, name);
    }
    for (const apart of r.group.querySelectorAll("[name^='apart.']")) apart.checked = false;
    draw(box, r);
    const n = r.order.indexOf(name) + 1, more = box.querySelector("[value*=' add ']");
    const own = [...box.querySelectorAll("button")].filter((b) => b.value.endsWith(" " + name) && !b.disabled);
    const next = n && !(what === "add" && more) ? own.find((b) => b.value.split(" ")[1] === what) || own[0] : more || own[0];
    if (next) next.focus();
    r.field.value = r.order.join(" ");
    document.getElementById(r.id + "-s").textContent = fill(n ? t.now : t.gone, { label: r.labels.get(name)[1], n, total: r.order.length });
    say(r.field);
  }

  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-ranking] button");
    if (!button) return;
    e.preventDefault();
    const [, what, name] = button.value.split(" ");
    press(button.closest("[data-ranking]"), what, name);
  });

  // Who would rather not rank has no order.
  document.addEventListener("change", (e) => {
    if (!e.target.name || !e.target.name.startsWith("apart.") || !e.target.checked) return;
    const box = document.querySelector("[data-ranking='" + e.target.name.slice(6) + "']"), r = box && read(box);
    if (!r || !r.order.length) return;
    r.order = [];
    draw(box, r);
    r.field.value = "";
  });

  // --- the line with a handle -------------------------------------------------------

  // slide shows one. It has no handle, and says so, until it is touched or the
  // field holds one of its numbers; the button takes the answer away again. A
  // key begins at an end of it, since nowhere on it is more likely than elsewhere.
  function slide(template) {
    const field = template.previousElementSibling, line = template.content.firstElementChild, { point, none } = template.dataset;
    const [input, , clear] = line.children, decimals = (template.dataset.step.split(".")[1] || "").length;
    const show = (on) => {
      input.classList.toggle("unset", !on);
      input.setAttribute("aria-valuetext", on ? field.value : none);
      clear.hidden = !on;
    };
    const typed = () => {
      const s = field.value.trim().replace(",", "."), f = Number(s), on = s !== "" && f >= Number(input.min) && f <= Number(input.max);
      if (on) input.value = f;
      show(on);
    };
    const set = () => {
      field.value = Number(input.value).toFixed(decimals).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "").replace(".", point);
      show(true);
      say(field);
    };
    input.addEventListener("input", set);
    input.addEventListener("click", () => input.classList.contains("unset") && set()); // where its value was already
    input.addEventListener("keydown", (e) => {
      const end = { ArrowRight: "min", ArrowUp: "min", Home: "min", PageUp: "min", " ": "min", ArrowLeft: "max", ArrowDown: "max", End: "max", PageDown: "max" }[e.key];
      if (!end || !input.classList.contains("unset")) return;
      e.preventDefault();
      input.value = input[end];
      set();
    });
    clear.addEventListener("click", () => {
      field.value = "";
      show(false);
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
      if (t.dataset.slider) slide(t);
      else mount(t.content);
    }
  }
  mount(document);
  document.addEventListener("panelverk:page", () => mount(document));
})();
