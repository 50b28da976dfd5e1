// The way through a whole questionnaire in the browser, as internal/interview has
// it, and the answering of its pages. It knows no document.
//
//   const way = PanelverkWay.create(form, legs, lists);
//
// form is PanelverkForm's of interview.Logic.Script, legs are interview.Leg. A page
// is {leg, at, key, within}, where within holds the instances around it, the
// innermost first: {r, at, up, leg}.
(function (root) {
  "use strict";

  const node = typeof module === "object" && module.exports;
  const { read } = node ? require("./form.js") : root.PanelverkForm || {};
  const words = (s) => s.split(/\s+/).filter((w) => w);

  // remote tells a question that takes the server: a file, a ranking of what
  // other answers decide.
  const remote = ({ t, from, filter }) => /^(file|image)$/.test(t) || (t === "rank" && !!(from || filter));

  function create(form, legs, lists) {
    const named = (name, at) => (at ? name + "@" + at : name);

    function* walk(some, within) {
      const at = within.length ? within[0].at : "";
      for (const leg of some) {
        for (const n of leg.r ? form.numbers(leg.r, at) : []) yield* walk(leg.s, [{ r: leg.r, at: at ? at + "." + n : n, up: within, leg }, ...within]);
        if (leg.k) yield { leg, at, key: named(leg.k, at), within };
      }
    }
    const all = () => walk(legs, []);
    const asked = (k) => (form.at(k) || {}).asked;
    const visible = ({ leg, at }) => (leg.r ? asked(named(leg.r, at)) : leg.q.some((name) => asked(form.near(name, at))));
    const lies = (within, u) => within.some((o) => o.r === u.r && o.at === u.at);
    const overview = ({ leg, up }) => ({ leg, at: up.length ? up[0].at : "", key: named(leg.k, up.length ? up[0].at : ""), within: up });

    function find(k) {
      for (const page of all()) if (page.key === k) return page;
    }

    // by gives the page that one comes to on the way from one place to a page at another.
    function by(here, there, page) {
      for (const u of here) if (u.leg.k && !lies(there, u)) return overview(u);
      for (const u of there) if (u.leg.k && !lies(here, u)) page = overview(u);
      return page;
    }

    function next(k) {
      const here = k ? (find(k) || { within: [] }).within : [];
      let past = !k;
      for (const page of all()) {
        if (past && visible(page)) return by(here, page.within, page);
        past = past || page.key === k;
      }
      return by(here, [], undefined);
    }

    function previous(k) {
      const own = k && find(k), here = own ? own.within : [];
      let before;
      for (const page of all()) {
        if (page.key === k) break;
        if (own && own.leg.r && page.within.some((u) => u.r === own.leg.r && (u.up.length ? u.up[0].at : "") === own.at)) continue;
        if (visible(page)) before = page;
      }
      return by(here, before ? before.within : [], before);
    }

    const first = (test) => {
      for (const page of all()) if (test(page) && visible(page)) return page;
    };
    const under = (page, { leg, at }) => page.within.some((u) => u.r === leg.r && (u.up.length ? u.up[0].at : "") === at);

    // --- answering a page -----------------------------------------------------

    const shaped = ({ t }, v) => (t === "date" ? v.slice(0, 10) : t === "dateTime" ? v.slice(0, 16) : v);
    const initial = (rule, k) => (rule.initial ? shaped(rule, form.run(k, rule.initial)) : rule.default || "");

    // leave stores what stands now, with what the program answers by itself, and
    // gives the keys whose answers have changed.
    function leave() {
      const touched = form.touched();
      for (const k of touched) if (!asked(k)) form.set(k, form.stored(k)); // it is on no page
      return note(new Set(touched.filter((k) => form.answer(k) !== form.stored(k))));
    }
    function note(changed) {
      const set = (k, v) => {
        if (form.answer(k) === v) return;
        form.set(k, v);
        changed.add(k);
      };
      const moves = (name, k) => [...changed].some((other) => {
        const [n, at] = other.split("@");
        return n === name && ((k.split("@")[1] || "") + ".").startsWith(at ? at + "." : "");
      });
      const each = (test, what) => {
        if (changed.size) for (const rule of form.rules()) if (test(rule)) for (const k of form.everywhere(rule.n)) what(rule, k);
      };
      each(({ t }) => /^(start|end|today)$/.test(t), (rule, k) => {
        if (rule.t === "end" || !form.answer(k)) set(k, form.run(k, { op: "call", value: rule.t === "today" ? "today" : "now" }));
      });
      each(({ by }) => by, (rule, k) => {
        if (rule.by.some((name) => moves(name, k)) && (rule.t === "calculate" || !changed.has(k))) set(k, rule.set ? shaped(rule, form.run(k, rule.set)) : "");
      });
      form.keep();
      return changed;
    }
    function alter(changes) {
      for (const [k, v] of changes) form.set(k, v);
      note(new Set(changes.map(([k]) => k)));
    }

    const asks = (rule) => rule.t && !/^(note|calculate|hidden|start|end|today|deviceid)$/.test(rule.t);
    const picks = (rule, k) => (rule.from ? ((form.at(k) || {}).choices || []).map((n) => ({ n })) : (lists || {})[rule.l]);

    // fields gives the questions of a page: {name, k, rule, value}, value being
    // what stands in a field when the page is opened.
    const fields = (page, seen) => (page.leg.q || []).map((name) => {
      const k = form.near(name, page.at), rule = form.rule(name);
      return { name, k, rule, value: form.stored(k) || (seen || !asks(rule) ? "" : initial(rule, k)) };
    }).filter(({ rule }) => asks(rule));

    // take tries what is typed into the fields of a page, and gives the code of
    // what cannot be read, by name.
    function take(page, typed) {
      const codes = {};
      for (const { name, k, rule } of fields(page, true)) {
        if (!typed[name] || remote(rule)) continue;
        const r = read(rule, typed[name], picks(rule, k));
        if (r.code) codes[name] = r.code;
        form.offer(k, r.value);
      }
      return codes;
    }

    // problems gives what is wrong with a page whose fields were taken; reminded
    // tells that blank answers were asked for once.
    function problems(page, codes, forward, reminded) {
      const out = [];
      for (const { name, k, rule } of fields(page, true)) {
        const s = form.at(k), need = s && s.wanted !== false && rule.need;
        if (!s || !s.asked) continue;
        if (codes[name] || s.broken) out.push({ name, code: codes[name] || "constraint" });
        else if (!forward || form.answer(k) || remote(rule)) continue;
        else if (need === "hard") out.push({ name, code: "hard_required" });
        else if (need && !reminded) out.push({ name, code: "unanswered", soft: true });
      }
      return out;
    }

    // onward gives the page after one that is done with.
    const onward = (page, done) => (page.leg.r && first((p) => under(p, page) && !done(p.key))) || next(page.key);

    // enter gives the first page of an instance of an overview.
    const enter = (page, at) => first((p) => p.within.some((u) => u.r === page.leg.r && u.at === at)) || page;

    // add and turn change the instances of an overview. Numbers are never used again.
    const number = (k) => Number(k.slice(k.lastIndexOf("@") + 1).split(".").pop());
    function add(page) {
      const list = words(form.answer(page.key)), before = page.at ? page.at + "." : "";
      const used = Object.keys(form.answers()).filter((k) => k.startsWith(page.leg.r + "@" + before) && k.slice((page.leg.r + "@" + before).length).match(/^\d+$/)).map(number);
      const n = Math.max(0, ...list.map(Number), ...used) + 1, at = before + n;
      alter([[page.key, [...list, n].join(" ")], [page.leg.r + "@" + at, "added"]]);
      return enter(page, at);
    }
    function turn(page, n, back) {
      const list = words(form.answer(page.key)).map(Number).filter((i) => i !== n);
      if (back) list.push(n);
      alter([[page.key, list.sort((a, b) => a - b).join(" ")], [page.leg.r + "@" + (page.at ? page.at + "." : "") + n, back ? "added" : "removed"]]);
    }

    // wrong gives what stands in the way of submitting: {page, name, code}.
    const wrong = () => [...all()].flatMap((page) => (page.leg.r ? [] : fields(page, true).flatMap(({ name, k, rule }) => {
      const s = form.at(k) || {}, own = form.answer(k);
      const code = !s.asked || remote(rule) ? "" : !own ? rule.need === "hard" && s.wanted !== false && "hard_required" : (form.breaks(k) || (s.choices && !words(own).every((n) => s.choices.includes(n)))) && "constraint";
      return code ? [{ page, name, code }] : [];
    })));

    return {
      add,
      enter,
      fields,
      leave,
      find,
      next,
      onward,
      problems,
      take,
      turn,
      wrong,
      previous,
      visible,
      screens: () => [...all()].filter(visible),
      // resume gives the first page that was not left forward yet.
      resume: (done) => first((page) => !done(page.key)),
    };
  }

  if (node) module.exports = { create, remote };
  else root.PanelverkWay = { create, remote };
})(globalThis);
