// Each answer on a page of questions is saved as it is given: a choice at once,
// what is typed when one pauses or leaves the field. Next and the other buttons
// still send the whole form, so nothing hangs on this file. The page says
// "saved" only when the server has said so for all that was given.
//
//   PanelverkSaves.queue       the queue (queue.js), one for the life of the document
//   PanelverkSaves.collect()   puts what is on the page and was not yet saved into it
//
// The form tells that there is where to send to (data-saves) and #saved what to
// say (data-texts); pages of staff have neither.
(function () {
  "use strict";

  if (typeof document === "undefined") return; // this is the service worker

  const pause = 1200, patience = 15000; // milliseconds: after a key, and for an answer
  const form = () => document.querySelector("#sheet[data-saves]");
  const line = () => document.getElementById("saved");
  const choice = (e) => /radio|checkbox/.test(e.type);
  const address = (/^\/s\/[^/]+/.exec(location.pathname) || [""])[0] + "/saves"; // a page that lift.js opens may have no form
  let before = {}, wrong = new Set(), said = "", word = 0, fresh = true, leaving = false, away = false, slow, typing;

  // --- what is on the page ------------------------------------------------------

  // read gives the fields of each question; as the page was drawn with drawn set.
  function read(sheet, drawn) {
    const all = {};
    for (const e of sheet.elements) {
      const [, kind, name] = /^(q|was|apart|pre|drawn)\.(.+)$/.exec(e.name) || [];
      if (!name || e.disabled || e.type === "file") continue;
      const list = (all[name] = all[name] || []);
      if (kind === "was") list.unshift([e.name, "-"]); // touched: no digest of a value
      else if (choice(e) ? (drawn ? e.defaultChecked : e.checked) : true) {
        const first = drawn && e.options && [...e.options].find((o) => o.defaultSelected);
        list.push([e.name, first ? first.value : drawn && !e.options ? e.defaultValue || e.value : e.value]);
      }
    }
    for (const name in all) if (!all[name].length || !all[name][0][0].startsWith("was.")) delete all[name];
    return all;
  }

  const page = (sheet) => decodeURIComponent(sheet.getAttribute("action").split("/p/")[1]);
  const keyed = (sheet, name) => (page(sheet).includes("@") ? name + "@" + page(sheet).split("@")[1] : name);

  function collect(draft) {
    const sheet = form();
    clearTimeout(typing);
    if (!sheet) return;
    const now = read(sheet);
    let names = Object.keys(now).filter((name) => String(now[name]) !== String(before[name] || []));
    if (!names.length) return;
    if (names.length > 1 || names[0] + word !== draft) draft = "";
    names = [...names, ...Object.keys(now).filter((name) => wrong.has(keyed(sheet, name)) && !names.includes(name))];
    for (const name of names) before[name] = now[name];
    queue.put({ page: page(sheet), fields: [["key", sheet.elements.key.value], ...names.flatMap((name) => now[name])], draft });
  }

  // --- sending --------------------------------------------------------------------

  async function send(batch) {
    const cut = new AbortController(), timer = setTimeout(() => cut.abort(), patience), body = JSON.stringify(batch);
    try {
      const r = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: body.length < 30000, signal: cut.signal });
      return { status: r.status, body: await r.json().catch(() => null) };
    } finally {
      clearTimeout(timer);
    }
  }

  // --- what is said -----------------------------------------------------------------

  function show(text, aloud) {
    const at = line();
    if (!at || !text) return;
    at.textContent = text;
    at.hidden = false;
    if (aloud) at.nextElementSibling.textContent = text;
  }

  function changed(state, reply) {
    const sheet = form(), at = line();
    if (reply) take(sheet, reply);
    if (!sheet || !at || !at.dataset.texts) return;
    const texts = JSON.parse(at.dataset.texts);
    clearTimeout(slow);
    if (state.gone) show(state.gone.text, true);
    else if (state.offline) {
      const n = state.waiting, rule = window.Intl && Intl.PluralRules ? new Intl.PluralRules(document.documentElement.lang).select(n) : "other";
      show((texts.waiting[rule] || texts.waiting.other).replace("{count}", n), !away);
      away = true;
    } else if (state.waiting) slow = setTimeout(show, 600, texts.now);
    else if (wrong.size) show(texts.part);
    else if (away || said) {
      show(away ? texts.back : said, away);
      away = false;
    }
  }

  // take goes by what the server has answered.
  function take(sheet, { was = {}, told = {}, key, state, wrong: left = [], refused = [], elsewhere = [] }) {
    said = state || said;
    for (const k in was) wrong.delete(k);
    for (const k of [...left, ...refused]) wrong.add(k); // a refused save: its id, for as long as the page stands
    if (!sheet) return;
    if (key) sheet.elements.key.value = key;
    for (const e of sheet.querySelectorAll("input[name^='was.']")) {
      const name = e.name.slice(4), k = keyed(sheet, name);
      if (k in was) e.value = was[k];
      if (!elsewhere.includes(k)) continue;
      const q = document.getElementById("q-" + name), old = q.querySelector(".meanwhile");
      if (old) old.remove();
      q.append(Object.assign(document.createElement("p"), { className: "note meanwhile", textContent: told[k] }));
      line().nextElementSibling.textContent = told[k];
    }
  }

  // --- events -------------------------------------------------------------------------

  const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => (b % 36).toString(36)).join("");
  const queue = PanelverkQueue.create({ send, id, now: Date.now, changed, store: { read: () => [], write() {} } });
  globalThis.PanelverkSaves = { queue, collect };

  function begin(drawn) {
    const sheet = form();
    if (!sheet) return;
    before = read(sheet, drawn);
    wrong = new Set();
    said = "";
  }
  begin(true);
  document.addEventListener("panelverk:page", () => {
    if (!fresh) begin();
    fresh = false; // at load the page is as it was drawn, or as it was left
  });

  const ours = (e) => e.target.form && e.target.form === form();
  document.addEventListener("input", (e) => {
    if (!ours(e) || choice(e.target) || e.target.options) return;
    clearTimeout(typing);
    typing = setTimeout(collect, pause, e.target.name.replace(/^q\./, "") + word);
  });
  window.addEventListener("change", (e) => { // after what page.js makes of it, which listens further in
    if (!ours(e)) return;
    collect(e.target.name.replace(/^q\./, "") + word);
    word++; // what is written there next is another answer
  });
  window.addEventListener("submit", (e) => (leaving = !e.defaultPrevented));
  window.addEventListener("online", () => queue.flush());
  window.addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("visibilitychange", () => (document.hidden ? last() : queue.flush()));
  window.addEventListener("pagehide", () => leaving || last());

  // last is a last word: nobody may be here any more to hear the answer.
  function last() {
    collect();
    if (queue.state().waiting && !queue.state().gone && navigator.sendBeacon) {
      navigator.sendBeacon(address, new Blob([JSON.stringify(queue.unsent())], { type: "application/json" }));
    }
  }
  window.addEventListener("beforeunload", (e) => {
    if (leaving) return;
    collect();
    if (queue.state().waiting && queue.state().offline) e.returnValue = "";
  });
})();
