// A page of questions that does by itself what an answer on it changes on it:
// questions come and go, filtered choices are drawn, broken rules are told and
// labels filled. The server has drawn everything: what is not asked waits in a
// template in its place. The focus never moves, and nothing is kept from being
// sent. Without this file the server shows the page again instead.
//
//   PanelverkPage.mount(whole)   brings the page in <main> to life, gives {slots,
//       sentence, tell}; it is called at load. whole is {data, form, at} for a
//       page that lift.js has drawn, which has the whole questionnaire's logic.
//   PanelverkPage.written(rule, value, point), .words({form, data, at}, name)
//       answers in words.
//   PanelverkPage.powers(data)   a promise of the functions that few forms use,
//       where data wants them; a page that wants them comes to life with them.
//
// Each page that has come to life is told of by the event panelverk:page.
(function () {
  "use strict";

  if (typeof document === "undefined") return; // this is the service worker

  const make = (tag, more) => Object.assign(document.createElement(tag), more);

  // --- the device's place -------------------------------------------------------

  function locating(within) {
    for (const t of within.querySelectorAll("template[data-locate]")) {
      if (!navigator.geolocation) continue;
      const input = t.previousElementSibling, row = t.content.firstElementChild;
      const [button, status] = row.children, say = status.dataset;
      t.replaceWith(row);
      button.addEventListener("click", () => {
        status.textContent = say.wait;
        navigator.geolocation.getCurrentPosition(({ coords }) => {
          input.value = [coords.latitude, coords.longitude].map((f) => f.toFixed(5).replace(".", say.point)).join(" ");
          status.textContent = say.done;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          input.dispatchEvent(new Event("change", { bubbles: true }));
        }, (e) => (status.textContent = e.code === e.PERMISSION_DENIED ? say.denied : say.failed),
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
      });
    }
  }

  // --- answers in words -----------------------------------------------------------

  // written gives an answer as it stands in a field or a label.
  function written({ t, precise }, value, point) {
    if (t === "date") return precise ? value.slice(0, precise === "year" ? 4 : 7) : value;
    if (t === "geopoint") return value.replace(/ 0 0$/, "");
    if (t === "dateTime") return value.replace("T", " ");
    return t === "decimal" || t === "range" || (t === "calculate" && value && Number(value) === Number(value)) ? value.replace(".", point) : value;
  }

  // words gives the answer to a question as labels quote it, seen from an
  // instance; with all, those of all its instances where there is none.
  function words({ form, data: { said, point }, at }, name, all) {
    const rule = form.rule(name), own = form.near(name, at), word = (value) => (said && said[name] ? value.split(" ").map((v) => said[name][v] || v).join(", ") : written(rule || {}, value, point));
    const keys = !all || form.at(own) ? [own] : rule ? form.everywhere(name) : [];
    return keys.map((k) => form.value(k)).filter((v) => v).map(word).join(", ") || "…";
  }

  let live = null; // the page that is alive, which hears of what is pressed

  const more = document.currentScript.dataset.more; // where the functions lie
  let loading;
  function powers(data) {
    return data.more ? loading || (loading = new Promise((done, failed) => document.head.append(make("script", { src: more, onload: done, onerror: failed })))) : Promise.resolve();
  }

  function mount(whole) {
    const sheet = document.getElementById("sheet"), block = document.getElementById("logic");
    live = null;
    locating(document);
    if (!sheet || (!block && !whole)) return {};
    const data = whole ? whole.data : JSON.parse(block.textContent), { logic, given, own, texts, point } = data;
    if (data.more && !PanelverkExpr.full) {
      powers(data).then(() => sheet.isConnected && announce(whole), () => (loading = null)); // as without scripts meanwhile
      return {};
    }

    // --- what stands on the page --------------------------------------------------

    const form = whole ? whole.form : PanelverkForm.create(logic, given), at = whole ? whole.at : "";
    const near = (name) => form.near(name, at);
    const region = make("p", { className: "vh" });
    region.setAttribute("role", "status");
    sheet.append(region);

    // A slot is a question's place: its element there, or the template instead.
    const slots = new Map();
    const away = new Map([...document.querySelectorAll("template[data-q]")].map((t) => [t.dataset.q, t]));
    for (const rule of logic.items) {
      const template = away.get(rule.n), el = template ? template.content.firstElementChild : document.getElementById("q-" + rule.n);
      if (!el) continue;
      if (template) locating(el);
      const slot = { rule, el, k: near(rule.n), template: template || make("template"), here: !template, choices: new Map() };
      slots.set(slot.k, slot);
      if (!(rule.filter || rule.from) || !(whole || rule.live) || rule.t === "rank") continue;
      const add = (option, stand) => slot.choices.set((option.value === undefined ? option.querySelector("input") : option).value, { option, stand: stand || make("template"), here: !stand });
      for (const e of [...el.querySelectorAll(".opts>*,option,select template")]) add(e.content ? e.content.firstElementChild : e, e.content && e);
      el.querySelector("input[type=hidden]").after(make("input", { type: "hidden", name: "drawn." + rule.n, value: "1" }));
    }

    function swap(what, to) {
      if (what.here === to) return;
      what.here = to;
      const [there, instead] = to ? [what.template || what.stand, what.el || what.option] : [what.el || what.option, what.template || what.stand];
      there.replaceWith(instead);
    }

    const fields = (slot) => [...slot.el.querySelectorAll("input,select,textarea")].filter((f) => f.name === "q." + slot.rule.n || f.name === "apart." + slot.rule.n);

    function values(slot) {
      const chosen = fields(slot).filter((f) => !/radio|checkbox/.test(f.type) || f.checked), apart = chosen.filter((f) => f.name.startsWith("apart.") && f.value);
      return (apart.length ? apart : chosen).map((f) => f.value);
    }

    // --- what an answer changes -----------------------------------------------------

    // take reads a question's fields into the logic and gives what that changes.
    function take(slot) {
      const { rule } = slot, all = fields(slot);
      if (!all.length || /^(file|image)$/.test(rule.t)) return [];
      const typed = values(slot), same = whole && !typed.join("") && slot.el.querySelector("[name^='pre.'][value=same]:checked");
      const read = same ? { value: given.saved[rule.prefill] } : PanelverkForm.read(rule, typed, rule.from ? [...slot.choices.keys()].map((n) => ({ n })) : logic.lists && logic.lists[rule.l]);
      slot.code = read.code;
      slot.typed = typed[0] || "";
      return form.offer(slot.k, read.value);
    }

    // draw brings the page up to date, and gives the questions that came up.
    function draw(changed) {
      const due = new Set(changed), come = [];
      for (const k of due) {
        const slot = slots.get(k), state = form.at(k);
        if (!slot || !state) continue;
        if (state.choices && slot.choices.size) {
          const chosen = String(values(slot));
          for (const [value, choice] of slot.choices) {
            const to = !value || state.choices.includes(value);
            const input = choice.option.querySelector("input") || choice.option;
            if (!to) input.checked = input.selected = false;
            swap(choice, to);
          }
          if (String(values(slot)) !== chosen) for (const more of take(slot)) {
            due.delete(more); // and once more, at the end
            due.add(more);
          }
        }
        if (slot.rule.readonly) for (const f of fields(slot)) lock(f, !!state.locked);
        if (whole || slot.rule.live) {
          if (state.asked && !slot.here) come.push(slot);
          swap(slot, state.asked);
        }
        const output = slot.el.querySelector("output.told");
        if (output && (whole || slot.rule.live)) output.textContent = worded(slot.rule, state.value === "NaN" ? "" : state.value) || "–";
      }
      // What waits in a template is kept up to date too: it may come up later, for another reason.
      for (const part of [document, ...[...slots.values()].filter((s) => !s.here).map((s) => s.el)]) {
        for (const e of part.querySelectorAll("[data-ref]")) if (whole || due.has(near(e.dataset.ref))) e.textContent = spoken(e.dataset.ref);
      }
      for (const head of document.querySelectorAll("[data-of]")) {
        head.hidden = !head.dataset.of.split(" ").some((name) => (slots.has(near(name)) ? slots.get(near(name)).here : document.getElementById("q-" + name)));
      }
      return come.filter((slot) => slot.here);
    }

    // lock keeps a field from being changed, and not from being sent.
    function lock(f, locked) {
      if (/^(text|tel|textarea)$/.test(f.type)) f.readOnly = locked;
      else (f.closest(".opts,.tick") || f).inert = locked;
      if (!locked) f.disabled = false;
    }

    const worded = (rule, value) => written(rule, value, point);
    const spoken = (name) => words({ form, data, at }, name, whole);

    // --- what is wrong ----------------------------------------------------------------

    function sentence(slot) {
      const state = form.at(slot.k), code = slot.code || (state && state.broken && "constraint");
      const said = code && ((own && own[slot.rule.n] && own[slot.rule.n][code]) || texts[code]);
      return said ? said.replace(/\uE100(.*?)\uE102/g, (_, name) => spoken(name)).replace("{typed}", () => slot.typed) : "";
    }

    // judge tells of a question what is wrong with it now; with mended it only
    // takes away what is so no longer.
    function judge(slot, mended) {
      return tell(slot, slot.here ? sentence(slot) : "", mended);
    }

    // tell says something of a question, of an answer that is wanted softly.
    function tell(slot, text, mended, soft) {
      const { el, rule } = slot, id = "q-" + rule.n + "-e";
      let message = el.querySelector("p.msg");
      if ((text && mended) || (!text && !message) || (message && slot.told === undefined && !slot.changed)) return "";
      const control = el.querySelector("fieldset") || fields(slot)[0];
      const ids = (control.getAttribute("aria-describedby") || "").split(" ").filter((i) => i && i !== id);
      if (message) message.remove();
      el.classList.remove("left");
      el.classList.toggle("bad", !!text && !soft);
      if (soft) el.classList.add("left");
      if (text) {
        message = make("p", { className: "msg", id });
        message.append(make("span", { className: "vh", textContent: soft ? "" : texts.prefix }), text);
        const last = [...el.querySelectorAll("legend,label[for],h1,.lead,.hint,details.more")].pop();
        (last.closest("legend") || last.closest("h1") || last).after(message);
        if (!soft) control.setAttribute("aria-invalid", "true");
        ids.push(id);
      } else control.removeAttribute("aria-invalid");
      if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
      else control.removeAttribute("aria-describedby");
      const fresh = text !== slot.told ? text : "";
      slot.told = text;
      return fresh;
    }

    // --- events -------------------------------------------------------------------------

    const timed = logic.items.some((rule) => rule.timed), began = performance.now();
    const named = (e) => e.target.name && slots.get(near(e.target.name.replace(/^(q|apart|pre)\./, "")));

    function update(slot) {
      slot.changed = true;
      const clock = timed ? form.tick(given.now + performance.now() - began) : [];
      const news = draw([...clock, ...take(slot)]).map((s) => texts.new.replace("{label}", () => s.el.querySelector("legend,label,h1,h2,p").textContent.trim()));
      if (news.length) region.textContent = news.join(" ");
    }

    sheet.addEventListener("input", (e) => {
      const slot = named(e);
      if (!slot) return;
      update(slot);
      for (const s of slots.values()) judge(s, true);
    });
    sheet.addEventListener("change", (e) => {
      const slot = named(e);
      if (!slot) return;
      update(slot);
      due = true;
      setTimeout(speak);
    });

    // A press that leaves a field is not over yet: what it is about to hit must
    // not be moved by a sentence above.
    let due = false, pressed = false;
    function speak() {
      if (!due || pressed) return;
      due = false;
      const wrong = [...slots.values()].map((s) => judge(s)).filter((s) => s);
      if (wrong.length) region.textContent = [region.textContent, ...wrong].join(" ").trim();
    }
    live = {
      press: () => (pressed = true),
      release: () => {
        pressed = false;
        setTimeout(speak);
      },
    };

    // A page that is come back to holds what was typed.
    function refresh() {
      for (const slot of slots.values()) draw(take(slot));
      draw(form.keys());
      region.textContent = "";
    }
    refresh();
    live.refresh = refresh;
    return { slots, sentence, tell };
  }

  document.addEventListener("pointerdown", () => live && live.press(), true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => live && live.release(), true);
  window.addEventListener("pageshow", () => live && live.refresh && live.refresh());

  function announce(whole) {
    const page = mount(whole);
    document.dispatchEvent(new CustomEvent("panelverk:page", { detail: { sheet: document.getElementById("sheet") } }));
    return page;
  }
  globalThis.PanelverkPage = { mount: announce, powers, written, words };
  announce();

  // What it takes to go on without a network comes once this page can be used.
  const main = document.getElementById("main");
  const idle = window.requestIdleCallback || setTimeout; // Safari has none
  if (main && main.dataset.lift) addEventListener("load", () => idle(() => document.head.append(make("script", { src: main.dataset.lift }))));
})();
