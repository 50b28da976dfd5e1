// The logic of an interview in the browser, as internal/interview has it: what
// is asked, what is worth what, which choices there are, what breaks its rule.
// It knows no page. A change computes anew only what depends on it.
//
//   const form = PanelverkForm.create(logic, {answers, zone, now, random});
//   form.set("age", "17")         as stored; gives the keys that are not as they were
//   form.offer("age", "17")       the same for what stands in a field: an answer that
//                                 breaks its rule is told, and counts for nothing
//   form.at("age")                {asked, value, choices, broken, locked, wanted}
//   PanelverkForm.read(rule, ["7,5"])   what was typed, as stored: {value} or {code}
//
// logic is interview.Script of the server: {items, lists, tables, layout}. A key
// is a question's name, in a repeat NAME@I with the instances' numbers, the
// outermost first: pet@2.1. The answer of a repeat is the list of its instances'
// numbers. Names that no item has are answers, and do not change by themselves.
(function (root) {
  "use strict";

  const node = typeof module === "object" && module.exports;
  const X = node ? require("./expr.js") : root.PanelverkExpr;
  const words = (s) => s.split(/\s+/).filter((w) => w);

  function create(logic, given) {
    const { lists = {}, tables = {}, layout } = logic;
    const answers = new Map(Object.entries(given.answers || {}));
    const stored = new Map(answers);
    const touched = new Set(); // keys that were offered
    const told = new Set(); // those whose answer breaks its rule
    const offered = new Map(); // and what stands in their fields, where that is not stored
    const items = new Map();

    // --- what reads what --------------------------------------------------------

    const repeats = new Map([["", []]]); // those around a name, itself included
    for (const [name, parent, repeat] of layout || []) repeats.set(name, repeat ? [...repeats.get(parent), name] : repeats.get(parent));
    for (const rule of logic.items) {
      const around = repeats.get(rule.n) || [];
      items.set(rule.n, { ...rule, around: rule.r ? around.slice(0, -1) : around, now: new Map(), readers: [], watchers: [], within: [], rank: -1 });
    }
    for (const it of items.values()) {
      const parent = items.get(it.p);
      if (parent) parent.within.push(it);
      for (const name of it.on || []) if (items.has(name)) items.get(name).readers.push(it);
      for (const name of it.see || []) if (items.has(name)) items.get(name).watchers.push(it);
    }
    let rank = 0;
    const order = (it, whole) => {
      if (it && it.rank < 0) {
        it.rank = 0; // a circle ends here
        order(items.get(it.p));
        for (const name of it.on || []) order(items.get(name), true);
        it.rank = ++rank;
      }
      if (it && whole) for (const child of it.within) order(child, true);
    };
    for (const it of items.values()) order(it);

    // --- instances --------------------------------------------------------------

    const key = (name, place) => (place ? name + "@" + place : name);
    const split = (k) => (k.includes("@") ? k.split("@") : [k, ""]);
    const up = (it, place) => (place ? place.split(".").slice(0, it.around.length).join(".") : "");
    // numbers gives those of the instances that a repeat has, none where it is not asked.
    function numbers(repeat, place) {
      const it = items.get(repeat), state = it && it.now.get(place);
      if (it && !(state && state.asked)) return [];
      return words(answers.get(key(repeat, place)) || "").slice(0, (it && it.most) || Infinity);
    }

    function places(around, from) {
      return around.reduce((all, repeat) => all.flatMap((at) => numbers(repeat, at).map((n) => (at ? at + "." + n : n))), [from || ""]);
    }

    // place turns indices, which expressions count by, into numbers, and here back.
    function place(name, here) {
      const around = repeats.get(name) || [];
      return here.reduce((at, i, level) => {
        const n = numbers(around[level], at)[i - 1] || "0";
        return at ? at + "." + n : n;
      }, "");
    }
    function here(around, at) {
      const own = at.split(".");
      return around.map((repeat, level) => numbers(repeat, own.slice(0, level).join(".")).indexOf(own[level]) + 1);
    }

    // --- evaluation -------------------------------------------------------------

    function value(name, at) {
      const it = items.get(name);
      if (!it) return answers.get(key(name, at)) || "";
      const state = it.now.get(at);
      return state ? state.value : "";
    }

    function table(id) {
      if (tables[id]) {
        const [header, ...rows] = tables[id];
        return { length: rows.length, cell: (row, column) => rows[row][header.indexOf(column)] };
      }
      const list = lists[id];
      return list && { length: list.length, cell: (row, column) => (column === "label" ? list[row].l || "" : cell(list[row], column)) };
    }
    const cell = ({ n, c }, column) => (c && c[column] !== undefined ? c[column] : column === "name" ? n : undefined);

    const env = {
      get: (name) => value(name, ""),
      at: (name, at) => value(name, place(name, at)),
      count: (repeat, at) => numbers(repeat, place(repeat, at)).length,
      lastSaved: (name) => (given.saved || {})[name] || "",
      label: (question, name) => {
        const it = items.get(question), c = it && (lists[it.l] || []).find((c) => c.n === name);
        return c && c.l !== undefined ? c.l : name;
      },
      table,
      layout,
      now: given.now,
      zone: given.zone,
      random: given.random,
    };

    function run(it, tree, at, self) {
      env.here = at ? here(it.around, at) : [];
      return compute(it, tree, self);
    }
    function compute(it, tree, self) {
      env.self = self;
      env.context = it.n;
      return X.evaluate(tree, env);
    }

    // count makes the instances of a repeat whose number is worked out.
    function count(it, at, s) {
      const n = s.asked ? Math.max(0, Math.min(it.most, Math.trunc(X.number(run(it, it.count, at, ""))))) || 0 : 0;
      const list = Array.from({ length: n }, (_, i) => i + 1).join(" ");
      if (list) answers.set(key(it.n, at), list);
      else answers.delete(key(it.n, at));
    }

    // near gives the instances of the repeats in a chain: those in the instance
    // at some place of the repeats in it, else all.
    function near(chain, around, at) {
      let n = 0;
      while (n < chain.length - 1 && chain[n] === around[n]) n++;
      return places(chain.slice(n), at.split(".").slice(0, n).join("."));
    }

    // answered gives the instances whose answer can be chosen.
    function answered(it, at) {
      return near(repeats.get(it.from) || [], it.around, at).filter((path, i) => {
        if (!value(it.from, path)) return false;
        env.position = i + 1;
        env.column = (name) => items.has(name) ? value(name, path.split(".").slice(0, items.get(name).around.length).join(".")) : undefined;
        return !it.filter || X.truth(run(it, it.filter, at, ""));
      });
    }

    function choices(it, at) {
      if (it.from) {
        const found = answered(it, at);
        env.column = env.position = undefined;
        return found;
      }
      const found = (lists[it.l] || []).filter((c) => {
        env.column = (name) => cell(c, name);
        return X.truth(run(it, it.filter, at, ""));
      });
      env.column = undefined;
      return found.map((c) => c.n);
    }

    function standing(it, at) {
      const parent = items.get(it.p), around = parent && parent.now.get(up(parent, at)), own = answers.get(key(it.n, at)) || "";
      const s = { asked: !parent || !!(around && around.asked), value: "" };
      if (s.asked && parent && parent.own) {
        env.here = here(it.around, at);
        s.asked = X.truth(compute(parent, parent.relevant, ""));
      }
      if (s.asked && it.relevant && !it.own) s.asked = X.truth(run(it, it.relevant, at, ""));
      if (it.count) count(it, at, s);
      if (s.asked && (it.filter || it.from)) {
        s.choices = choices(it, at);
        s.asked = s.choices.length > 0;
      }
      if (!s.asked) return s;
      s.value = it.from ? words(own).map((path) => value(it.from, path)).join(" ") : own;
      if (it.calc) s.value = X.text(run(it, it.calc, at, own));
      else if (it.t === "hidden" && !own) s.value = it.initial ? X.text(run(it, it.initial, at, "")) : it.default || "";
      return s;
    }

    function judge(it, at, s) {
      const own = answers.get(key(it.n, at)) || "";
      const holds = (tree) => X.truth(run(it, tree, at, own));
      s.broken = !!(it.constraint && s.asked && own && !holds(it.constraint));
      if (it.readonly) s.locked = holds(it.readonly);
      if (it.required) s.wanted = holds(it.required);
    }

    // --- changes ----------------------------------------------------------------

    const print = (s) => [s.asked, s.value, s.choices].join("\n");
    const verdict = (s) => [s.broken, s.locked, s.wanted].join();

    // settle computes some items anew and, rank by rank, what reads those that
    // have become others. It adds the keys that changed to a set.
    function settle(due, changed) {
      const rejudge = new Set();
      const ranks = new Map();
      const lowest = []; // a heap
      let done = 0;
      const push = (it) => {
        if (it.rank <= done || ranks.has(it.rank)) return;
        ranks.set(it.rank, it);
        let i = lowest.length;
        lowest.push(it.rank);
        for (; i > 0 && lowest[(i - 1) >> 1] > it.rank; i = (i - 1) >> 1) lowest[i] = lowest[(i - 1) >> 1];
        lowest[i] = it.rank;
      };
      const pop = () => {
        const least = lowest[0], last = lowest.pop();
        let i = 0, child;
        for (; (child = 2 * i + 1) < lowest.length; i = child) {
          if (child + 1 < lowest.length && lowest[child + 1] < lowest[child]) child++;
          if (lowest[child] >= last) break;
          lowest[i] = lowest[child];
        }
        if (lowest.length) lowest[i] = last;
        const it = ranks.get(least);
        ranks.delete(least);
        done = least; // what is in a circle is not computed twice
        return it;
      };
      for (const it of due) {
        push(it);
        rejudge.add(it);
      }
      while (lowest.length) {
        const it = pop(), before = it.now, all = it.around.length ? places(it.around) : [""];
        let other = it.r || all.length !== before.size;
        it.now = new Map();
        for (const at of all) {
          const s = standing(it, at), old = before.get(at);
          it.now.set(at, s);
          if (old) {
            s.broken = old.broken;
            s.locked = old.locked;
            s.wanted = old.wanted;
          }
          if (old && print(old) === print(s)) continue;
          other = true;
          changed.add(key(it.n, at));
        }
        if (!other) continue;
        rejudge.add(it);
        for (let g = it; g; g = items.get(g.p)) { // who reads a group reads all in it
          g.readers.forEach(push);
          for (const w of g.watchers) rejudge.add(w);
        }
        it.within.forEach(push);
      }
      for (const it of rejudge) {
        for (const [at, s] of it.now) {
          const old = verdict(s);
          judge(it, at, s);
          if (verdict(s) !== old) changed.add(key(it.n, at));
        }
      }
      return changed;
    }

    function put(k, v, changed) {
      if ((answers.get(k) || "") === v) return;
      if (v) answers.set(k, v);
      else answers.delete(k);
      const [name] = split(k), it = items.get(name);
      if (it) settle([it], changed);
      else settle([...items.values()].filter((o) => [...(o.on || []), ...(o.see || [])].includes(name)), changed);
    }

    // before gives what was stored, where that is still among the choices.
    function before(k) {
      const s = at(k), own = stored.get(k) || "";
      return s && s.choices && !words(own).every((name) => s.choices.includes(name)) ? "" : own;
    }

    // offer tries what stands in a field, undefined where it cannot be read,
    // together with what stands in the others. What breaks its rule is taken
    // back again: nothing is worked out from it.
    function offer(k, v) {
      const changed = new Set(told);
      for (const [other, typed] of offered) put(other, typed, changed);
      offered.clear();
      told.clear();
      touched.add(k);
      put(k, v === undefined ? before(k) : v, changed);
      for (const other of touched) {
        const s = at(other), typed = answers.get(other) || "";
        if (!s || !s.broken) continue;
        told.add(other);
        changed.add(other);
        if (typed !== (stored.get(other) || "")) offered.set(other, typed);
      }
      for (const other of offered.keys()) put(other, before(other), changed);
      return changed;
    }

    function at(k) {
      const [name, where] = split(k), it = items.get(name);
      return it && it.now.get(where);
    }

    // keep makes what stands now what is stored, as leaving a page does.
    function keep() {
      stored.clear();
      for (const [k, v] of answers) stored.set(k, v);
      for (const past of [touched, told, offered]) past.clear();
    }

    settle(items.values(), new Set());
    return {
      offer,
      keep,
      touched: () => [...touched],
      // run gives what an expression of a question comes to.
      run: (k, tree) => {
        const [name, at] = split(k);
        return X.text(run(items.get(name), tree, at, answers.get(k) || ""));
      },
      stored: (k) => stored.get(k) || "",
      answer: (k) => answers.get(k) || "",
      breaks: (k) => !!(at(k) || {}).broken,
      numbers: (repeat, at) => numbers(repeat, at || ""),
      // near gives the key of a question as it is seen from an instance.
      near: (name, at) => key(name, items.has(name) ? up(items.get(name), at) : ""),
      // everywhere gives its keys in all instances.
      everywhere: (name) => [...items.get(name).now.keys()].map((at) => key(name, at)),
      at: (k) => {
        const s = at(k);
        return s && touched.has(k) ? { ...s, broken: s.asked && told.has(k) } : s;
      },
      set: (k, v) => {
        const changed = new Set();
        put(k, v, changed);
        return changed;
      },
      // tick tells the time: what reads the clock is computed anew.
      tick: (now) => {
        env.now = now;
        return settle([...items.values()].filter((it) => it.timed), new Set());
      },
      value: (k) => value(...split(k)),
      rule: (name) => items.get(name),
      rules: () => [...items.values()],
      answers: () => Object.fromEntries(answers),
      keys: () => [...items.values()].flatMap((it) => [...it.now.keys()].map((where) => key(it.n, where))),
    };
  }

  // --- what is typed ------------------------------------------------------------

  const two = (n) => String(n).padStart(2, "0");
  const wrong = (code) => ({ code });
  const plain = (f) => (Object.is(f, -0) ? "-0" : X.text(f));

  // tidy takes out of a number what does not change it, thousands' points or commas too.
  function tidy(typed) {
    const s = typed.trim().replace(/[ \u00a0\u202f\u2009\t'’]/g, "").replace(/[\u2212–]/g, "-"), marks = s.replace(/[^.,]/g, "");
    return (marks[1] && /^[+-]?\d{1,3}((,\d{3})+(\.\d*)?|(\.\d{3})+(,\d*)?)$/.test(s) ? s.split(marks[0]).join("") : s).replace(/^\+/, "");
  }

  function integer(typed) {
    const s = tidy(typed);
    if (/^[+-]?\d+$/.test(s)) return Math.abs(Number(s)) > 1e15 ? wrong("too_big") : { value: String(Number(s) || 0) };
    return !s ? { value: "" } : wrong(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(s.replace(",", ".")) ? "not_whole" : "not_a_number");
  }

  function decimal(typed) {
    const s = tidy(typed).replace(",", ".");
    if (!s) return { value: "" };
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(s)) return wrong("not_a_number");
    return Math.abs(Number(s)) > 1e15 ? wrong("too_big") : { value: plain(Number(s)) };
  }

  function range(typed, [from, to, by]) {
    const r = decimal(typed), f = Number(r.value), steps = (f - from) / Math.abs(by);
    if (!r.value) return r;
    if (f < Math.min(from, to) || f > Math.max(from, to)) return wrong("out_of_range");
    return by && Math.abs(steps - Math.round(steps)) > 1e-9 ? wrong("off_step") : r;
  }

  function day(y, m, d) {
    const t = new Date(0);
    t.setUTCFullYear(y, m - 1, d);
    return Number(m) && t.getUTCMonth() === m - 1 && t.getUTCDate() === Number(d) ? y + "-" + two(Number(m)) + "-" + two(Number(d)) : "";
  }

  const forms = {
    day: [/^(\d{4})([-./])(\d\d?)\2(\d\d?)$/, /^(\d{4})()(\d\d)(\d\d)$/, /^(\d{4})() +(\d\d?) +(\d\d?)$/, /^(\d\d?)([./])(\d\d?)\2(\d{4})$/, /^(\d\d?)(\.) +(\d\d?)\. +(\d{4})$/],
    month: [/^(\d{4})([-./])(\d\d?)$/, /^(\d{4})()(\d\d)$/, /^(\d{4})() +(\d\d?)$/, /^(\d\d?)([-./])(\d{4})$/, /^(\d\d?)() +(\d{4})$/, /^(\d{4})(-)(\d\d)-01$/],
    year: [/^(\d{4})$/, /^(\d{4})-01-01$/],
  };

  function date(typed, { precise }) {
    const s = typed.trim(), form = precise || "day", m = forms[form].map((f) => f.exec(s)).find((m) => m);
    let part = m && [m[1], m[3] || "1", m[4] || "1"];
    if (part && part[0].length < 4) part = form === "day" ? part.reverse() : [m[3], m[1], "1"];
    const value = part ? day(...part) : "";
    return !s ? { value: "" } : value >= "1000" ? { value } : wrong(form === "day" ? "not_a_date" : "not_a_" + form);
  }

  function time(typed) {
    const s = typed.trim().toUpperCase();
    const m = /^(\d\d?)[:.,](\d\d)$/.exec(s) || /^(\d\d?) +(\d\d)$/.exec(s) || /^(\d\d)(\d\d)$/.exec(s) || /^(\d\d?):(\d\d):[0-5]\d(?:[.,]\d+)?$/.exec(s);
    const noon = !m && /^(\d\d?):(\d\d) +([AP])M$/.exec(s);
    const hour = m ? Number(m[1]) : noon && noon[1] <= 12 ? (noon[1] % 12) + (noon[3] === "P" ? 12 : 0) : 99;
    return !s ? { value: "" } : hour < 24 && (m || noon)[2] < 60 ? { value: two(hour) + ":" + (m || noon)[2] } : wrong("not_a_time");
  }

  function moment(typed) {
    const s = typed.trim();
    for (const { index } of s.matchAll(/[ Tt]/g)) {
      const d = date(s.slice(0, index).replace(/[ ,]+$/, ""), {}).value, t = time(s.slice(index + 1)).value;
      if (d && t) return { value: d + "T" + t };
    }
    return s ? wrong("not_a_moment") : { value: "" };
  }

  function point(typed) {
    const s = typed.replace(/\u2212/g, "-").replace(/°/g, "").replace(/;|, |\u00a0/g, " ").trim();
    let parts = words(s);
    if (parts.length === 1) parts = s.split(",");
    const most = [90, 180, 1e6, 1e6], f = parts.map((p) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(p.replace(",", ".")) ? Number(p.replace(",", ".")) : NaN));
    if (!s) return { value: "" };
    if (f.length < 2 || f.length > 4 || !f.every((x, i) => Math.abs(x) <= most[i])) return wrong("not_a_place");
    return { value: [...f, 0, 0].slice(0, 4).map(plain).join(" ") };
  }

  function several(values, list) {
    const picked = list.filter((c) => values.includes(c.n)), apart = picked.filter((c) => c.m).length;
    return apart > 1 || (apart && picked.length > apart) ? wrong("not_both") : { value: picked.map((c) => c.n).join(" ") };
  }

  function text(typed) {
    const s = typed.replace(/\r\n/g, "\n");
    if (s.includes("\0")) return wrong("bad_characters");
    return !s.trim() ? { value: "" } : s.length > 10000 && [...s].length > 10000 ? wrong("too_long") : { value: s };
  }

  const readers = { __proto__: null, integer, decimal, date, time, dateTime: moment, geopoint: point, acknowledge: (s) => ({ value: s.trim() && "OK" }) };

  // read gives what was typed or chosen as it is stored, or the code of what is
  // wrong with it; list is that of the choices.
  function read(rule, values, list) {
    const typed = values.length ? values[0] : "";
    if (rule.t === "select_multiple" && list) return several(values, list);
    if (rule.t === "rank") return { value: words(values.join(" ")).join(" ") };
    if (rule.t === "range") return range(typed, rule.range);
    return (readers[rule.t] || text)(typed, rule);
  }

  const api = { create, read };
  if (node) module.exports = api;
  else root.PanelverkForm = api;
})(globalThis);
