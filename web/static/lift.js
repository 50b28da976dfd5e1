// Going on without a network: "load, lose the network, answer all, regain it,
// submitted". Once a page can be used, the whole questionnaire is asked for.
// Pages then follow each other without a new document, so that it stays in
// memory: the server's as long as it answers, else those drawn from its blank
// pages, by the way and with the reminders that the server would have.
// What is answered goes through the queue (saving.js) in either case.
//
// Nothing is kept on a device unless its owner has said "this is my own
// device"; then a cache, named by a digest of the link, holds the pages, what
// was answered and what waits, and this file, as the service worker, opens the
// link without a network. It is wiped when the answers are sent in, with
// [data-wipe] on a page, when the server takes no more, and when the wave is over.
(function () {
  "use strict";

  const patience = 8000; // milliseconds that a page may take
  const inside = (path) => (/^\/s\/([^/]+)/.exec(path) || [])[1];
  const entry = (name) => "/s/-/" + name;

  // --- what a device keeps ------------------------------------------------------

  async function shelf(token) {
    const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("panelverk " + token));
    return "pv-" + [...new Uint8Array(sum)].slice(0, 12).map((b) => b.toString(16)).join(".");
  }
  // digest is interview.Digest; what cannot be worked out counts as touched.
  async function digest(value) {
    if (!value || !crypto.subtle) return value && "-";
    const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(value));
    return [...new Uint8Array(sum)].slice(0, 6).map((b) => b.toString(16).padStart(2, "0")).join("");
  }
  const read = async (cache, name) => {
    const found = await cache.match(entry(name));
    return found && found.json();
  };
  const write = (cache, name, what) => cache.put(entry(name), new Response(JSON.stringify(what)));

  // sweep takes away what is kept for waves that are over, and gives what is left.
  async function sweep() {
    const left = [];
    for (const name of await caches.keys()) {
      if (!name.startsWith("pv-")) continue;
      if ((await read(await caches.open(name), "until")) < Date.now()) await caches.delete(name);
      else left.push(name);
    }
    return left;
  }

  // --- the service worker -------------------------------------------------------

  if (typeof document === "undefined") {
    if (typeof clients === "undefined") return;
    addEventListener("install", () => skipWaiting());
    addEventListener("activate", (e) => e.waitUntil(sweep().then(() => clients.claim())));
    addEventListener("fetch", (e) => {
      const { method, mode, url } = e.request, token = inside(new URL(url).pathname);
      if (method !== "GET" || (mode !== "navigate" && token && !url.includes("/media/"))) return;
      e.respondWith(fetch(e.request).catch(async () => {
        if (mode === "navigate") await sweep();
        const name = token && (await shelf(token)), cache = name && (await caches.has(name)) && (await caches.open(name));
        const found = cache ? await cache.match(mode === "navigate" ? entry("shell") : url.split(token).join("-")) : !token && (await caches.match(e.request));
        if (!found) return Response.error();
        return mode === "navigate" ? new Response((await found.text()).split("\uE104").join(token), { headers: found.headers }) : found;
      }));
    });
    addEventListener("sync", (e) => e.waitUntil(send()));

    // send hands in what waits on this device while no page is open.
    async function send() {
      if ((await clients.matchAll()).length) return; // that page does it
      for (const name of await sweep()) {
        const cache = await caches.open(name), token = await read(cache, "token"), saves = await read(cache, "saves");
        if (!token || !saves || !saves.length) continue;
        const bare = saves.map(({ id, at, page, fields, go }) => ({ id, at, page, fields, go }));
        const answer = await fetch("/s/" + token + "/saves", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ now: Date.now(), saves: bare }) });
        const { saved = [], gone } = await answer.json();
        if (gone || saves.some((s) => s.go === "submit" && saved.includes(s.id))) await caches.delete(name);
        else await write(cache, "saves", saves.filter((s) => !saved.includes(s.id)));
      }
      if (!(await sweep()).length) registration.unregister();
    }
    return;
  }

  // --- the page -----------------------------------------------------------------

  const token = inside(location.pathname), base = "/s/" + token, main = document.getElementById("main");
  if (!token || !main || !globalThis.PanelverkSaves) return;
  const { queue } = PanelverkSaves;
  const keeps = !!(globalThis.caches && globalThis.crypto && crypto.subtle && navigator.serviceWorker);
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const $ = (selector) => main.querySelector(selector);
  const place = (key) => base + "/p/" + encodeURIComponent(key).replace(/%40/g, "@");
  const put = (text, more) => Object.keys(more).reduce((s, k) => s.replace("{" + k + "}", () => more[k]), text);

  let whole, form, way, page, drawn; // drawn: the page of ours that is open, {leg, at, key, within}; "review"
  let own = false, busy = false, off = false, warned, submitted = false, shown = location.pathname;
  const pages = {}, done = (k) => (pages[k] || {}).Done;
  const count = (key, n) => whole.counts[key][Math.min(n, whole.counts[key].length) - 1] || "";
  const away = () => off || navigator.onLine === false || queue.state().offline;

  async function wipe() {
    if (!keeps) return;
    own = false;
    await caches.delete(await shelf(token));
    await tidy();
  }

  // tidy leaves nothing behind where nothing is kept.
  async function tidy() {
    if (!(await sweep()).length) for (const r of await navigator.serviceWorker.getRegistrations()) if (r.scope.endsWith("/s/")) await r.unregister();
  }

  // keep puts all that is needed without a network on the owner's device.
  async function keep() {
    const cache = await caches.open(await shelf(token)), hide = (s) => s.split(token).join("\uE104");
    const shell = document.documentElement.cloneNode(true);
    shell.querySelector("main").textContent = "";
    shell.dataset.kept = "";
    for (const e of shell.querySelectorAll("script,link")) {
      const at = e.getAttribute("src") || e.getAttribute("href");
      if (at) cache.add(at).catch(() => {});
    }
    await cache.put(entry("shell"), new Response(hide("<!doctype html>" + shell.outerHTML), { headers: { "Content-Type": "text/html; charset=utf-8" } }));
    await cache.put(entry("whole"), new Response(hide(JSON.stringify(whole))));
    await write(cache, "until", whole.until);
    for (const at of new Set(JSON.stringify(whole.legs).match(/media\/[^"\\]+/g))) {
      fetch(base + "/" + at).then((r) => r.ok && cache.put("/s/-/" + at, r)).catch(() => {});
    }
    own = cache;
    navigator.serviceWorker.register(main.dataset.lift, { scope: "/s/" }).catch(() => {});
    await queue.keep({
      read: () => read(cache, "saves"),
      write: async (saves) => {
        if (!own) return;
        await write(cache, "saves", saves);
        await (saves.length ? write(cache, "token", token) : cache.delete(entry("token")));
        if (saves.length) navigator.serviceWorker.ready.then(({ sync }) => sync && sync.register("saves")).catch(() => {});
      },
    });
  }
  const remember = () => own && write(own, "state", { answers: form.answers(), pages });

  async function begin(w) {
    await PanelverkPage.powers(w.data);
    whole = w;
    const { given } = w.data, clock = Date.now();
    given.saved = w.saved;
    if (!w.at) w.until += clock - given.now; // on the device's clock, whatever that says
    else given.now += clock - w.at;
    w.at = clock;
    w.began = performance.now() - given.now;
    form = PanelverkForm.create(w.data.logic, w.data.given);
    way = PanelverkWay.create(form, w.legs, w.data.logic.lists);
    Object.assign(pages, w.pages);
  }

  // load fetches the questionnaire; a page that came from the device takes it there.
  async function load() {
    if (document.documentElement.dataset.kept !== undefined) {
      const cache = await caches.open(await shelf(token)), kept = await cache.match(entry("whole"));
      if (!kept) return;
      await begin(JSON.parse((await kept.text()).split("\uE104").join(token)));
      const { answers, pages: were } = (await read(cache, "state")) || { answers: {}, pages: {} };
      Object.assign(pages, were);
      form = PanelverkForm.create(whole.data.logic, { ...whole.data.given, answers: { ...whole.data.given.answers, ...answers } });
      way = PanelverkWay.create(form, whole.legs, whole.data.logic.lists);
      for (const save of (await read(cache, "saves")) || []) {
        const at = way.find(save.page);
        if (at && !at.leg.r) way.take(at, typed(save.fields));
        way.leave();
        submitted = submitted || save.go === "submit";
      }
      own = cache;
      off = true;
      const at = way.find(decodeURIComponent(location.pathname.split("/p/")[1] || "")) || way.resume(done);
      history.replaceState({}, "", submitted || !at ? base + "/review" : place(at.key));
      shown = location.pathname;
      submitted ? review(true) : open(at, true);
      keep();
      return;
    }
    const answer = await fetch(base + "/whole");
    if (answer.status !== 200) return;
    await begin(await answer.json());
    if (keeps && whole.own) keep();
    else wipe();
  }

  // --- what stands on a page ------------------------------------------------------

  // typed gives what fields hold, by question.
  function typed(fields) {
    const found = {}, apart = {};
    for (const [field, value] of fields) {
      const name = field.slice(field.indexOf(".") + 1);
      if (field.startsWith("was.") && !found[name]) found[name] = [];
      if (field.startsWith("q.")) (found[name] = found[name] || []).push(value);
      if (field.startsWith("apart.") && value) apart[name] = [value];
      if (field === "pre." + name && value === "same" && !String(found[name] || "")) found[name] = [whole.saved[form.rule(name).prefill]];
    }
    for (const name of Object.keys(found)) if (/^select_multiple$/.test((form.rule(name) || {}).t)) found[name] = found[name].filter((v) => v);
    return { ...found, ...apart };
  }
  const filled = () => typed([...new FormData(document.getElementById("sheet"))]);

  // named gives the first answer of an instance in words: a text before anything else.
  function named(at) {
    let name = "";
    for (const { n: q, t } of whole.data.logic.items) {
      const k = q + "@" + at;
      if (!t || /^(calculate|hidden|geopoint|file|image)$/.test(t) || form.near(q, at) !== k || !form.value(k) || (name && t !== "text")) continue;
      name = PanelverkPage.words({ form, data: whole.data, at }, q);
      if (t === "text") break;
    }
    name = name.replace(/\s+/g, " ").trim();
    const long = [...name];
    return long.length > 40 ? long.slice(0, 40).join("").replace(/ [^ ]*$/, "").replace(/[ ,;:–]+$/, "") + " …" : name;
  }

  // called gives what an instance is called: "Barn 2 av 3: Elsa".
  function called(u) {
    const n = form.numbers(u.r, u.up.length ? u.up[0].at : ""), i = n.indexOf(u.at.split(".").pop()) + 1, name = named(u.at);
    return put(whole.texts[form.rule(u.r).count ? "roster.of" : "roster.nth"], { label: whole.repeats[u.r], n: i, total: n.length }) + (name && ": " + name);
  }
  const where = (within) => [...within].reverse().map((u) => called(u)).join(" · ");

  // show puts drawn HTML on the page.
  function show(html, path, back) {
    main.innerHTML = html;
    if (!back && location.pathname !== path) history.pushState({}, "", path);
    shown = location.pathname;
    const head = $(".where strong");
    if (head) document.title = head.textContent + document.title.replace(/^.*(?= – )/, "");
    note();
    scrollTo(0, 0);
  }

  // focus ends the opening of a page: what is read first has the focus.
  function focus() {
    const at = $("[autofocus]") || $("h1") || main;
    at.tabIndex = -1;
    at.focus({ preventScroll: !at.matches("[role=alert]") });
    document.documentElement.dataset.pages = Number(document.documentElement.dataset.pages || 0) + 1; // for those who wait for it
  }

  // note says, quietly and at the top, that there is no network.
  function note() {
    const old = document.getElementById("lift"), state = drawn === "review" && $(".where .state"); // "all is saved"
    if (state) state.hidden = submitted || !!queue.state().waiting;
    const waits = whole && (submitted || away());
    if (!waits) return old && old.remove();
    const text = whole.texts[submitted ? (away() ? "lift.submitted" : "lift.sending") : "lift.off"];
    const box = old || make("div", { id: "lift", className: "note" });
    if (!old) {
      box.setAttribute("role", "status");
      main.prepend(box);
    }
    if (box.textContent !== text) box.textContent = text;
  }

  // fill puts a value into the fields of a question that was drawn without any.
  function fill(el, rule, value) {
    const all = value.split(/\s+/);
    for (const f of el.querySelectorAll("input,select,textarea")) {
      const pre = f.name.startsWith("pre.");
      if (f.name.startsWith("was.")) f.value = "-";
      else if (pre && f.value) f.checked = value && (f.value === "same") === (value === whole.saved[rule.prefill]);
      else if (pre || /hidden|file/.test(f.type)) continue;
      else if (/radio|checkbox/.test(f.type)) f.checked = !!f.value && all.includes(f.value);
      else f.value = worded(rule, value);
    }
    if (rule.t === "rank" && value && globalThis.PanelverkComfort) PanelverkComfort.rank(el, all);
  }

  // offer draws the choices of a question that are the answers to another: the
  // one that was drawn stands for all of them. Else it shuffles those that want it.
  function offer(el, rule, k) {
    const seed = (whole.seeds || {})[k], boxes = el.querySelectorAll(".opts:not(.apart),select");
    if (rule.from) {
      const first = [...el.querySelectorAll(".opts>*,option")].pop();
      for (const n of (form.at(k) || {}).choices || []) {
        const option = first.cloneNode(true), input = option.querySelector("input") || option;
        input.value = n;
        first.before(option);
        if (input !== option && option.previousElementSibling) input.removeAttribute("id");
        (option.querySelector("span") || option).textContent = form.value(rule.from + "@" + n);
      }
      first.remove();
    } else if (seed !== undefined) for (const box of boxes) {
      const all = [...box.children].filter((e) => e.value !== "");
      box.append(...PanelverkExpr.shuffle(all.length, seed).map((i) => all[i]));
    }
  }

  const worded = (rule, value) => PanelverkPage.written(rule, value, whole.data.point);

  // open draws a page of ours, with what was typed into it and what is wrong.
  function open(to, back, values = {}, told = [], gone) {
    if (!to) return review(back);
    drawn = to;
    show(to.leg.h.split("\uE103").join(""), place(to.key), back);
    const sheet = document.getElementById("sheet"), seen = pages[to.key], stands = {};
    sheet.action = place(to.key);
    if (!way.previous(to.key)) sheet.querySelector("[value=back]").remove();
    const tag = $(".tag[dir]");
    if (tag) tag.textContent = where(to.within);
    else if (to.within.length && $("h1") && !$("h1").textContent) $("h1").textContent = where(to.within);
    if (to.leg.r) list(to, gone);
    else for (const f of way.fields(to, seen)) stands[f.name] = f.value;
    for (const { dataset: { q }, content } of main.querySelectorAll("template[data-q]")) {
      const rule = form.rule(q), control = content.querySelector(".pick,[data-ranking]");
      if (PanelverkWay.remote(rule)) {
        if (control) control.replaceWith(make("p", { className: "hint", textContent: whole.texts["lift.later"] }));
        continue;
      }
      offer(content, rule, form.near(q, to.at));
      fill(content, rule, values[q] ? values[q].join(" ") : stands[q] || "");
    }
    whole.data.given.now = performance.now() - whole.began;
    page = PanelverkPage.mount({ data: whole.data, form, at: to.at });
    if (told.length) errors(told, to);
    focus();
  }

  // errors tells what is wrong with the page, as the server's template does.
  function errors(told, to) {
    const soft = told.every((p) => p.soft), box = make("div", { className: soft ? "note hand" : "note wrong", tabIndex: -1, autofocus: true });
    const items = told.map(({ name, code }) => {
      const slot = page.slots.get(form.near(name, to.at)), own = (whole.data.own || {})[name] || {};
      const text = /required|unanswered/.test(code) ? own[code] || whole.texts["problem." + code] : page.sentence(slot);
      page.tell(slot, text, false, soft);
      const li = make("li"), label = slot.el.querySelector("legend,label,h1,h2").textContent.trim();
      li.append(make("a", { href: "#q-" + name + "-i", textContent: soft ? label : label + " " + text }));
      return li;
    });
    const ul = make("ul", { className: soft ? "bare links" : "bare" });
    ul.append(...items);
    box.append(make("h2", { textContent: count(soft ? "errors.soft_title" : "errors.title", told.length) }), ul, make("p", { textContent: whole.texts[soft ? "errors.soft_text" : warned ? "errors.leaving" : "errors.kept"] }));
    box.setAttribute("role", "alert");
    box.setAttribute("autofocus", "");
    document.getElementById("sheet").before(box);
  }

  // list fills the overview of a repeat.
  function list(to, gone) {
    const numbers = form.numbers(to.leg.r, to.at), row = $("[value^=remove]").closest("li"), ul = row.parentNode, add = $("[value=add]");
    const at = (n) => (to.at ? to.at + "." : "") + n, name = (n) => called({ r: to.leg.r, at: at(n), up: to.within });
    const full = numbers.length >= form.rule(to.leg.r).most;
    add.textContent = whole.texts[numbers.length ? "roster.another" : "roster.add"];
    if (full) add.replaceWith(make("span", { className: "hint", textContent: count("roster.full", form.rule(to.leg.r).most) }));
    const undo = $("[value^=restore]");
    if (gone) {
      undo.value = "restore " + gone.number;
      undo.previousSibling.textContent = put(whole.texts["roster.gone"], { label: gone.label }) + " ";
    } else undo.closest(".note").remove();
    ul.replaceChildren(...numbers.map((n) => {
      const li = row.cloneNode(true), change = li.querySelector("a"), label = name(n);
      li.querySelector("span").textContent = label;
      for (const e of li.querySelectorAll(".vh")) e.textContent = ": " + label;
      change.href = place(way.enter(to, at(n)).key).replace(base + "/p", "."); // as the server writes it
      li.querySelector("button").value = "remove " + n;
      return li;
    }));
    if (!numbers.length) ul.replaceWith(make("p", { className: "soft", textContent: whole.texts["roster.none"] }));
  }

  // --- the review -----------------------------------------------------------------

  function review(back, wrong = []) {
    drawn = "review";
    show(whole.review, base + "/review", back);
    const heading = $("main h2, h2"), dl = $("dl"), row = dl.firstElementChild, holder = make("div");
    let part = 0, inner = "", blank = 0, rows;
    const title = (text, tag) => {
      holder.append(make(tag, { textContent: text }), (rows = dl.cloneNode(false)));
    };
    for (const p of way.screens()) {
      if (p.leg.n !== part) title(whole.parts[(part = p.leg.n) - 1], heading.tagName);
      if (p.at !== inner) title(where(p.within) || whole.parts[part - 1], (inner = p.at) ? "h3" : heading.tagName);
      const add = (label, answer, id) => {
        const div = row.cloneNode(true), [dt, dd] = div.children, link = div.querySelector("a");
        dt.textContent = label;
        const told = make(answer[0] ? "strong" : "span", { className: answer[0] ? "" : "soft", dir: "auto" });
        told.append(...(answer[0] ? answer.flatMap((line, i) => (i ? [make("br"), line] : [line])) : dd.childNodes));
        dd.replaceChildren(told);
        link.href = place(p.key) + id;
        link.querySelector(".vh").textContent = ": " + label;
        rows.append(div);
        if (!answer[0]) blank++;
      };
      if (p.leg.r) {
        const n = form.numbers(p.leg.r, p.at).length;
        add(whole.repeats[p.leg.r], [n ? count("roster.count", n) : whole.texts["roster.no"]], "");
        continue;
      }
      const drawing = make("template", { innerHTML: p.leg.h }).content;
      for (const { name, k, rule } of way.fields(p, true)) {
        const t = drawing.querySelector("[data-q='" + name + "']");
        if (!t || !(form.at(k) || {}).asked) continue;
        for (const e of t.content.querySelectorAll("[data-ref]")) e.textContent = PanelverkPage.words({ form, data: whole.data, at: p.at }, e.dataset.ref, true);
        add(t.content.querySelector("legend,label,h1,h2").textContent.trim(), said(t.content, rule, k), "#q-" + name);
      }
    }
    heading.replaceWith(holder);
    dl.remove();
    const lacks = $("h1 + p");
    if (blank) lacks.textContent = count("review.unanswered", blank);
    else lacks.remove();
    const last = way.previous(""), to = $("a.two");
    if (last) to.href = place(last.key);
    if (wrong.length) {
      const box = make("div", { className: "note wrong", tabIndex: -1 }), ul = make("ul", { className: "bare" });
      box.setAttribute("role", "alert");
      box.setAttribute("autofocus", "");
      for (const { page: p, name } of wrong) {
        const li = make("li"), t = make("template", { innerHTML: p.leg.h }).content.querySelector("[data-q='" + name + "']");
        li.append(make("a", { href: place(p.key) + "#q-" + name, textContent: t.content.querySelector("legend,label,h1,h2").textContent.trim() }));
        ul.append(li);
      }
      box.append(make("h2", { textContent: count("errors.submit_title", wrong.length) }), ul);
      $("h1").before(box);
    }
    if (submitted) close();
    focus();
  }

  // close leaves nothing to change on the review of what is handed in.
  function close() {
    for (const e of main.querySelectorAll("#send, dl a")) e.remove();
  }

  // said gives an answer in words: its lines.
  function said(el, rule, k) {
    const value = form.answer(k);
    if (!value || /^(file|image)$/.test(rule.t)) return [];
    if (rule.from) return value.split(" ").map((at) => form.value(rule.from + "@" + at));
    if (el.querySelector(".masked")) return ["••••••"];
    if (rule.t === "text") return value.split("\n");
    const of = value.split(" ").map((v) => [...el.querySelectorAll("input,option,button")].find((f) => f.value === v || f.value.endsWith(" add " + v))).filter((f) => f);
    if (!of.length) return [worded(rule, value)];
    return of.map((f, i) => (f.name === "rank" ? i + 1 + ". " : "") + (f.tagName === "OPTION" ? f : f.closest("label,li").querySelector("span")).textContent);
  }

  // --- going on ---------------------------------------------------------------------

  // asked sends a request for a page of the server's, and puts it in place.
  async function fetched(address, what, back) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), patience);
    try {
      const answer = await fetch(address, { ...what, signal: stop.signal }), text = await answer.text();
      const path = new URL(answer.url).pathname;
      if (inside(path) !== token || !/\/(p\/.+|review)$/.test(path)) {
        location.assign(answer.url);
        return true;
      }
      const next = new DOMParser().parseFromString(text, "text/html");
      off = false;
      drawn = undefined;
      document.title = next.title;
      show(next.getElementById("main").innerHTML, path, back);
      const footer = document.querySelector("footer"), other = next.querySelector("footer");
      if (footer && other) footer.replaceWith(other);
      document.documentElement.lang = next.documentElement.lang;
      page = PanelverkPage.mount();
      focus();
      return answer;
    } catch (e) {
      off = true;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  const here = () => {
    const key = decodeURIComponent((/\/p\/([^/]+)$/.exec(location.pathname) || [])[1] || "");
    return drawn && drawn.key === key ? way.find(key) || drawn : whole && way.find(key);
  };

  // learn takes what stands on a page into the logic.
  function learn(at, go, number, values) {
    const was = pages[at.key] || (pages[at.key] = {}), forward = go === "next";
    if (go === "add") return { to: way.add(at) };
    if (go === "remove" || go === "restore") {
      const gone = go === "remove" && { number, label: named((at.at ? at.at + "." : "") + number) || whole.repeats[at.leg.r] };
      way.turn(at, number, !gone);
      return { to: at, gone };
    }
    const codes = way.take(at, values);
    const lacking = way.fields(at, true).some(({ name, k }) => (form.at(k) || {}).asked && !values[name]);
    let told = way.problems(at, codes, forward, was.Asked);
    if (!forward && warned === at.key) told = [];
    const changed = new Set([...way.leave()].map((k) => k.split("@")[0]));
    if (forward && told.some((p) => p.soft)) was.Asked = true;
    if (!told.length && !lacking) {
      warned = undefined;
      if (forward) was.Done = true;
    }
    return { told, lacking, changed, to: forward ? way.onward(at, done) : way.previous(at.key) || at };
  }

  async function leave(sheet, button, go, number) {
    const at = here(), fields = new FormData(sheet), buttons = /next|back/.test(go), values = at && buttons ? filled() : {};
    if (button && button.name) fields.append(button.name, button.value);
    // Where instances are added, a request that may or may not have come is not sent again in other words.
    if (!drawn && !away() && (buttons || !at)) {
      const body = sheet.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
      if (await fetched(sheet.action, { method: "POST", body })) {
        if (at) learn(at, go, number, values);
        return remember();
      }
    }
    if (!at) return say(sheet.dataset.lost);
    const { to, told = [], lacking, changed, gone } = learn(at, go, number, values);
    PanelverkSaves.collect();
    if (changed) for (const { name, k } of way.fields(at, true)) if (!changed.has(name) && fields.has("was." + name)) fields.set("was." + name, await digest(form.stored(k)));
    queue.put(buttons ? { page: at.key, fields: [...fields].filter(([f, v]) => f !== "go" && typeof v === "string"), go: told.length || lacking ? "" : go } : { page: at.key, fields: [["roster", button.value]], go: "" });
    remember();
    if (told.length || lacking) {
      if (go === "back") warned = at.key;
      return open(at, true, values, told);
    }
    if (!away() && to !== at) {
      await Promise.race([queue.flush(), new Promise((f) => setTimeout(f, 4000))]);
      if (!queue.state().waiting && (await fetched(to ? place(to.key) : base + "/review"))) return;
    }
    open(to, false, {}, [], gone);
  }

  function say(text) {
    const box = document.getElementById("lift") || make("div", { id: "lift", className: "note hand" });
    box.setAttribute("role", "alert");
    box.textContent = text || "";
    main.prepend(box);
  }

  document.addEventListener("submit", async (e) => {
    const sheet = e.target, button = e.submitter || sheet.querySelector("button"), { name, value } = button;
    if (e.defaultPrevented) return;
    if (sheet.id === "send" && whole && (drawn || queue.state().waiting || away())) {
      e.preventDefault();
      const wrong = way.wrong();
      if (wrong.length) return review(true, wrong);
      submitted = true;
      queue.put({ page: "", fields: [], go: "submit" });
      close();
      note();
      return;
    }
    if (sheet.querySelector("[name=own]")) return sheet.querySelector("[name=own]").checked || wipe();
    if (sheet.id !== "sheet" || sheet.target) return;
    const files = [...sheet.querySelectorAll("[type=file]")].some((f) => f.files.length);
    const [go, number] = name === "roster" ? value.split(" ") : [value, ""];
    if ((name !== "go" && name !== "roster") || (name === "go" && !/^(next|back)$/.test(go)) || (files && !away())) {
      if (whole && away()) {
        e.preventDefault();
        say(name === "upload" || name === "remove" ? whole.texts["lift.later"] : sheet.dataset.lost);
      }
      return;
    }
    e.preventDefault();
    if (busy) return;
    busy = true;
    main.setAttribute("aria-busy", "true");
    await leave(sheet, button, go, Number(number) || 0).catch(() => sheet.isConnected && sheet.submit());
    busy = false;
    main.removeAttribute("aria-busy");
  });

  // go opens a page by its address, without leaving the one that is open.
  async function go(path, hash, back) {
    if (!away() && !queue.state().waiting && (await fetched(path, {}, back))) return;
    const at = way.find(decodeURIComponent(path.split("/p/")[1] || ""));
    at || path.endsWith("/review") ? open(at, back) : say(whole.texts["lift.lost"]);
    const to = hash && document.querySelector(hash);
    if (to) to.scrollIntoView();
  }
  document.addEventListener("click", (e) => {
    const a = e.target.closest && e.target.closest("a[href]");
    if (!a || !whole || e.defaultPrevented || e.ctrlKey || e.metaKey || !(drawn || away()) || a.hash && a.pathname === location.pathname) return;
    if (a.origin !== location.origin || !a.pathname.startsWith(base)) return;
    e.preventDefault();
    go(a.pathname, a.hash);
  });
  // A link to a place on the page, such as that of a mistake, is no other page.
  addEventListener("popstate", () => {
    if (location.pathname === shown) return;
    shown = location.pathname;
    if (whole && /\/(p\/.+|review)$/.test(shown)) go(shown, "", true);
    else location.reload();
  });

  async function again() {
    const { waiting, gone } = await queue.flush();
    if (!waiting && !gone) off = navigator.onLine === false;
    note();
    if (gone) wipe();
    if (submitted && !waiting) {
      await wipe();
      location.replace(base + (gone ? "" : "/thanks"));
    }
  }
  addEventListener("online", again);
  addEventListener("offline", note);
  setInterval(() => {
    const { waiting, gone, offline } = queue.state();
    if (off || submitted || offline) again();
    else note();
    if (gone && own) wipe();
  }, 3000);

  if (document.querySelector("[data-wipe]")) wipe().catch(() => {});
  else if ($("#sheet") || location.pathname.endsWith("/review") || document.documentElement.dataset.kept !== undefined) load().catch(() => {});
  if (keeps) tidy().catch(() => {});
})();
