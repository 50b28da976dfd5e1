// Evaluates the expressions of a questionnaire: the trees that internal/expr
// encodes as JSON, with the same results; one table of cases holds both to it.
//
//   PanelverkExpr.evaluate(tree, env)  a string, number, boolean, or the array
//   of a nodeset's texts; text, number and truth convert it.
//
// env is like Go's Env, all of it optional: get(name), lastSaved(name), self,
// now (milliseconds), zone ("Europe/Stockholm"), column(name), position,
// label(question, value), random(), layout, context, here [2, 1], at(name, here),
// count(repeat, here), table(id) with length and cell(row, column), calendar.
(function (root) {
  "use strict";

  const DAY = 86400000;
  const ENGLISH = {
    months: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" "),
    days: "Sun Mon Tue Wed Thu Fri Sat".split(" "),
  };
  let env = {}; // of the evaluation under way
  let item = null; // what a predicate is tested on: {node, position, size}

  function evaluate(tree, surroundings) {
    const oldEnv = env, oldItem = item;
    env = surroundings || {};
    item = null;
    try {
      return run(tree);
    } finally {
      env = oldEnv;
      item = oldItem;
    }
  }

  // --- values -----------------------------------------------------------------

  const trim = (s) => s.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const words = (s) => s.split(/[ \t\r\n]+/).filter((w) => w);
  const list = (v) => (Array.isArray(v) ? v : [text(v)]);

  function text(v) {
    if (Array.isArray(v)) return v.length ? v[0] : "";
    if (typeof v !== "number") return String(v);
    if (v === 0) return "0";
    const s = String(v), cut = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(s);
    if (!cut) return s;
    const digits = cut[2] + (cut[3] || ""), e = Number(cut[4]);
    return cut[1] + (e < 0 ? "0." + "0".repeat(-e - 1) + digits : digits.padEnd(e + 1, "0"));
  }

  function numberOf(s) {
    s = trim(s);
    if (/^-?(\d+\.?\d*|\.\d+)$/.test(s)) return Number(s);
    const m = readMoment(s);
    return m ? m.ms / DAY : NaN;
  }

  function number(v) {
    return typeof v === "number" ? v : typeof v === "boolean" ? Number(v) : numberOf(text(v));
  }

  function truth(v) {
    return Array.isArray(v) ? !!v.holds || v.some((s) => s) : !!v;
  }

  function compare(op, a, b) {
    if (Array.isArray(a) && typeof b !== "boolean") return a.some((s) => compare(op, s, b));
    if (Array.isArray(b) && typeof a !== "boolean") return b.some((s) => compare(op, a, s));
    if (op === "=" || op === "!=") {
      const either = (type) => typeof a === type || typeof b === type;
      const same = either("boolean") ? truth(a) === truth(b) : either("number") ? number(a) === number(b) : a === b;
      return same === (op === "=");
    }
    a = number(a);
    b = number(b);
    return op === "<" ? a < b : op === "<=" ? a <= b : op === ">" ? a > b : a >= b;
  }

  // --- evaluation -------------------------------------------------------------

  function run(n) {
    const a = n.args || [];
    switch (n.op) {
      case "string":
        return n.value || "";
      case "number":
        return numberOf(n.value);
      case "ref":
        return ref(n.value);
      case "path":
        return path(n);
      case "filter":
      case "|":
        return value(set(n));
      case "last-saved":
        return env.lastSaved ? env.lastSaved(n.value) : "";
      case "self":
        return self();
      case "column":
        return column(n.value);
      case "call": {
        const f = functions[n.value];
        return f && a.length >= f[0] && a.length <= f[1] ? f[2](n, ...(f[3] ? a.slice(0, f[3].length).map((x, i) => f[3][i](run(x))) : [])) : "";
      }
      case "or":
        return truth(run(a[0])) || truth(run(a[1]));
      case "and":
        return truth(run(a[0])) && truth(run(a[1]));
      case "neg":
        return -number(run(a[0]));
      case "+":
        return number(run(a[0])) + number(run(a[1]));
      case "-":
        return number(run(a[0])) - number(run(a[1]));
      case "*":
        return number(run(a[0])) * number(run(a[1]));
      case "div":
        return number(run(a[0])) / number(run(a[1]));
      case "mod":
        return number(run(a[0])) % number(run(a[1]));
      case "step":
        return "";
      default:
        return compare(n.op, run(a[0]), run(a[1]));
    }
  }

  const self = () => (item ? nodeText(item.node, "") : env.self || "");

  function column(name) {
    if (!item) return (env.column && env.column(name)) || "";
    if (item.node.k !== "item") return plain(child(item.node, name));
    const s = item.node.rows.cell(item.node.row, name);
    return s === undefined ? [] : s;
  }

  // --- nodes ------------------------------------------------------------------
  // A node has a kind k: loose, document, element, table, root, item or cell.

  const layouts = new WeakMap();
  function spot(name) {
    if (!env.layout) return undefined;
    let spots = layouts.get(env.layout);
    if (!spots) {
      layouts.set(env.layout, (spots = new Map()));
      for (const [name, parent, repeat] of env.layout) {
        const p = spots.get(parent);
        if (p) p.holds = true;
        const around = p ? p.repeats : [];
        spots.set(name, { parent, repeat: !!repeat, holds: !!repeat, repeats: repeat ? [...around, name] : around });
      }
    }
    return spots.get(name);
  }

  const element = (name, at) => ({ k: "element", name, at: at || [] });
  const current = () => ({ k: "element", name: env.context || "", at: (env.here || []).filter((i) => i > 0), own: true });
  const same = (a, b) => a.k !== "loose" && ["k", "name", "id", "row"].every((f) => a[f] === b[f]) && String(a.at) === String(b.at);

  function answer(name, at) {
    if (at.length && env.at) return env.at(name, at) || "";
    return (env.get && env.get(name)) || "";
  }

  // nodeText gives a node's text, undefined where it holds other nodes instead.
  function nodeText(d, holding) {
    if (d.k === "loose") return d.name;
    if (d.k === "cell") return d.rows.cell(d.row, d.name) || "";
    if (d.k !== "element") return holding;
    if (d.own) return env.self || "";
    const s = spot(d.name);
    return !d.name || (s && s.holds) ? holding : answer(d.name, d.at);
  }

  function value(nodes) {
    const v = nodes.map((d) => nodeText(d, ""));
    if (nodes.some((d) => nodeText(d) === undefined)) v.holds = true;
    return v;
  }

  function plain(nodes) {
    const only = nodes.length === 1 ? nodeText(nodes[0]) : undefined;
    return only === undefined ? value(nodes) : only;
  }

  // shared gives the place of a name as far as the question itself lies in the
  // same instances of repeats.
  function shared(s) {
    const own = spot(env.context), here = env.here || [], at = [];
    const most = own ? Math.min(s.repeats.length - (s.repeat ? 1 : 0), own.repeats.length) : 0;
    while (at.length < most && own.repeats[at.length] === s.repeats[at.length] && here[at.length] > 0) at.push(here[at.length]);
    return at;
  }

  function ref(name) {
    const s = spot(name);
    if (!s || !s.repeats.length) return answer(name, []);
    const at = shared(s);
    return at.length === s.repeats.length && !s.holds ? answer(name, at) : plain(expand([], name, s, at));
  }

  function named(name) {
    const s = spot(name);
    return s ? expand([], name, s, shared(s)) : [element(name)];
  }

  function expand(to, name, s, at) {
    if (at.length === s.repeats.length) {
      to.push(element(name, at));
      return to;
    }
    const n = env.count ? env.count(s.repeats[at.length], at) : 0;
    for (let i = 1; i <= n; i++) expand(to, name, s, [...at, i]);
    return to;
  }

  function set(n) {
    const a = n.args || [];
    switch (n.op) {
      case "ref":
        return named(n.value);
      case "path":
        return follow(n);
      case "self":
        return [item ? item.node : current()];
      case "column":
        if (item) return child(item.node, n.value);
        break;
      case "filter":
        return a.slice(1).reduce(filter, set(a[0]));
      case "|": {
        const nodes = set(a[0]);
        for (const d of set(a[1])) if (!nodes.some((o) => same(o, d))) nodes.push(d);
        return nodes;
      }
      case "call":
        if (n.value === "current") return [current()];
        if (n.value === "randomize") return shuffled(n);
        if (n.value === "instance") {
          const rows = table(n), id = a.length ? text(run(a[0])) : "";
          return rows ? [{ k: "table", id, rows }] : [];
        }
    }
    return list(run(n)).map((name) => ({ k: "loose", name }));
  }

  const table = (n) => (env.table && n.args ? env.table(text(run(n.args[0]))) : undefined);

  function path(n) {
    if (!n.value) return value(follow(n));
    const s = spot(n.value);
    return !s || !s.repeats.length ? answer(n.value, []) : plain(follow(n));
  }

  function follow(n) {
    let [first, ...steps] = n.args, nodes, deep = false;
    if (first.op !== "step") nodes = set(first);
    else if (!first.value) {
      if (n.value) return named(n.value);
      nodes = [{ k: "document" }];
    } else {
      nodes = [item ? item.node : current()];
      steps = n.args;
    }
    for (const s of steps) {
      if (s.value) nodes = step(nodes, s, deep);
      deep = !s.value;
    }
    return !nodes.length && n.value && (!item || first.op !== "step") ? named(n.value) : nodes;
  }

  function step(from, s, deep) {
    const to = [];
    for (const d of from) {
      let found;
      if (d.k === "root" && s.value === "item" && s.args) found = items(d, s.args);
      else {
        found = s.value === "." ? [d] : s.value === ".." ? parent(d) : s.value === "*" ? children(d) : child(d, s.value, deep);
        found = (s.args || []).reduce(filter, found);
      }
      for (const f of found) if (s.value !== ".." || !to.some((o) => same(o, f))) to.push(f);
    }
    return to;
  }

  function parent(d) {
    const s = d.k === "element" && d.name ? spot(d.name) : undefined;
    if (!s) return [];
    const p = spot(s.parent);
    return [element(s.parent, p ? d.at.slice(0, p.repeats.length) : [])];
  }

  function child(d, name, deep) {
    const inList = (k, more) => ({ k, id: d.id, rows: d.rows, ...more });
    if (d.k === "document") {
      if (!deep) return [element("")];
      d = element("");
    }
    if (d.k === "table") return name === "root" ? [inList("root")] : [];
    if (d.k === "root") return name === "item" ? Array.from({ length: d.rows.length }, (_, row) => inList("item", { row })) : [];
    if (d.k === "item") return d.rows.cell(d.row, name) === undefined ? [] : [inList("cell", { row: d.row, name })];
    if (d.k !== "element") return [];
    for (let s = spot(name); s; s = spot(s.parent)) if (s.parent === d.name) return expand([], name, spot(name), d.at);
    return [];
  }

  function children(d) {
    const to = [];
    if (d.k === "element") for (const [name, p] of env.layout || []) if (p === d.name) expand(to, name, spot(name), d.at);
    return to;
  }

  function holds(node, position, size, p) {
    const old = item;
    item = { node, position, size };
    try {
      const v = run(p);
      return typeof v === "number" ? v === position : truth(v);
    } finally {
      item = old;
    }
  }

  const filter = (nodes, p) => nodes.filter((d, i) => holds(d, i + 1, nodes.length, p));

  // items gives the rows that meet the predicates. Lists can be long: what a
  // column is compared with is computed once where it is the same for all rows.
  function items(d, predicates) {
    const rows = d.rows, first = predicates[0], found = [];
    let [col, other] = first.op === "=" ? first.args : [{}, {}];
    if (col.op !== "column") [col, other] = [other, col];
    const quick = col.op === "column" && ["string", "number", "ref"].includes(other.op);
    const wanted = quick && run(other);
    for (let row = 0; row < rows.length; row++) {
      const one = { k: "item", id: d.id, rows, row };
      if (quick) {
        const s = rows.cell(row, col.value);
        if (s === undefined || !compare("=", s, wanted)) continue;
      } else if (!holds(one, row + 1, rows.length, first)) continue;
      found.push(one);
    }
    return predicates.slice(1).reduce(filter, found);
  }

  // reference gives the name of a question or repeat that an argument names.
  function reference(n) {
    return n.op === "string" ? referenceIn(n.value || "") : n.op === "ref" || n.op === "path" ? n.value || "" : "";
  }

  function referenceIn(s) {
    s = trim(s);
    return trim(s.startsWith("${") ? s.slice(2).replace(/}$/, "") : s.slice(s.lastIndexOf("/") + 1));
  }

  // --- dates ------------------------------------------------------------------

  // readMoment reads a date with or without a time: {ms, zone in minutes}.
  function readMoment(s) {
    const m = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([^]*))?$/.exec(s);
    if (!m || m[1] === "0000") return null;
    const d = new Date(0);
    d.setUTCFullYear(Number(m[1]), m[2] - 1, Number(m[3]));
    if (d.getUTCMonth() !== m[2] - 1 || d.getUTCDate() !== Number(m[3])) return null;
    const clock = m[4] === undefined ? { ms: 0 } : readClock(m[4]);
    return clock && { ms: d.getTime() + clock.ms, zone: clock.zone };
  }

  function readClock(s) {
    const m = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?(?:Z|([+-])(0\d|1[0-4])(?::?([0-5]\d))?)?$/.exec(s);
    if (!m) return null;
    const ms = ((m[1] * 60 + Number(m[2])) * 60 + Number(m[3] || 0)) * 1000 + Number((m[4] || "").slice(0, 3).padEnd(3, "0"));
    const zone = m[5] ? (m[6] * 60 + Number(m[7] || 0)) * (m[5] === "-" ? -1 : 1) : s.endsWith("Z") ? 0 : undefined;
    return { ms, zone };
  }

  function moment(v) {
    const m = typeof v === "number" ? null : readMoment(trim(text(v)));
    if (m) return m;
    const f = number(v), ms = Math.floor(f * DAY + 0.5);
    return f >= -719162 && ms < 2932897 * DAY ? { ms } : null;
  }

  const two = (n, width) => String(n).padStart(width || 2, "0");
  const day = (ms) => {
    const d = new Date(ms);
    return two(d.getUTCFullYear(), 4) + "-" + two(d.getUTCMonth() + 1) + "-" + two(d.getUTCDate());
  };

  const clocks = new Map();
  // offset gives the seconds that the study's clock is ahead of UTC at a moment.
  // What the clocks of a zone showed before 1970 is not known the same everywhere.
  function offset(ms) {
    const zone = env.zone || "UTC";
    if (zone === "UTC") return 0;
    let f = clocks.get(zone);
    if (!f) {
      const n = "numeric";
      f = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: n, month: n, day: n, hour: n, minute: n, second: n });
      clocks.set(zone, f);
    }
    const p = {}, d = new Date(0), whole = Math.floor(Math.max(0, ms) / 1000) * 1000;
    for (const { type, value } of f.formatToParts(whole)) p[type] = value;
    d.setUTCFullYear(p.year, p.month - 1, p.day);
    return (d.setUTCHours(p.hour % 24, p.minute, p.second) - whole) / 1000;
  }

  function stamp(wall, seconds) {
    const d = new Date(wall), zone = Math.trunc(seconds / 60), z = Math.abs(zone);
    return day(wall) + "T" + two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) + ":" + two(d.getUTCSeconds()) + "." +
      two(d.getUTCMilliseconds(), 3) + (zone < 0 ? "-" : "+") + two(Math.floor(z / 60)) + ":" + two(z % 60);
  }

  const now = () => (env.now === undefined ? -62135596800000 : env.now);

  function formatDate(v, format) {
    const m = moment(v);
    if (!m) return "";
    const d = new Date(m.ms), names = env.calendar || ENGLISH, year = d.getUTCFullYear(), month = d.getUTCMonth();
    const fields = {
      __proto__: null,
      Y: two(year, 4), y: two(year % 100), m: two(month + 1), n: month + 1, b: names.months[month], d: two(d.getUTCDate()), e: d.getUTCDate(),
      H: two(d.getUTCHours()), h: d.getUTCHours(), M: two(d.getUTCMinutes()), S: two(d.getUTCSeconds()), 3: two(d.getUTCMilliseconds(), 3),
      a: names.days[d.getUTCDay()], "%": "%",
    };
    return format.replace(/%([^])/g, (all, f) => (f in fields ? fields[f] : all));
  }

  // --- numbers and chance -------------------------------------------------------

  function round(f, places) {
    places = Math.trunc(places);
    if (f !== f || places !== places) return NaN;
    if (Math.abs(f) === Infinity || f === 0 || places > 300) return f;
    if (places < -308) return 0;
    let scale = 1;
    for (let i = Math.abs(places); i > 0; i--) scale *= 10;
    const x = places > 0 ? f * scale : f / scale;
    if (Math.abs(x) === Infinity) return f;
    let whole = Math.floor(x);
    if (x - whole >= 0.5) whole++;
    if (whole === 0 && x < 0) return -0;
    return places > 0 ? whole / scale : whole * scale;
  }

  function seed(v) {
    const f = number(v);
    if (f === f) return Math.trunc(Math.max(-(2 ** 63), Math.min(f, 2 ** 63)));
    const digest = functions.digest; // a form that needs it has expr-more.js
    return digest ? Number(BigInt.asIntN(64, BigInt("0x" + digest[2](null, text(v), "SHA-256", "hex").slice(0, 16)))) : 0;
  }

  function parkMiller(s) {
    s %= 2147483647;
    if (s <= 0) s += 2147483646;
    return () => ((s = (s * 16807) % 2147483647) - 1) / 2147483646;
  }

  function order(n, next) {
    const out = [];
    for (let i = 0; i < n; i++) {
      const j = Math.min(i, Math.floor(next() * (i + 1)));
      out[i] = out[j];
      out[j] = i;
    }
    return out;
  }

  function shuffled(n) {
    if (!n.args) return [];
    const nodes = set(n.args[0]), next = n.args.length > 1 ? parkMiller(seed(run(n.args[1]))) : env.random;
    return next ? order(nodes.length, next).map((j) => nodes[j]) : nodes;
  }

  function uuid(n, length) {
    if (!env.random) return "";
    let s = "";
    if (n.args) {
      for (let i = 0; i < Math.min(length, 1000); i++) s += Math.floor(env.random() * 36).toString(36);
      return s;
    }
    for (let i = 0; i < 16; i++) {
      let b = Math.floor(env.random() * 256);
      if (i === 6) b = (b & 15) | 64;
      if (i === 8) b = (b & 63) | 128;
      s += (i > 3 && i < 11 && i % 2 === 0 ? "-" : "") + two(b.toString(16));
    }
    return s;
  }

  // --- functions --------------------------------------------------------------

  function base64Decode(s) {
    s = s.replace(/[ \t\r\n]/g, "");
    if (s.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(s)) return "";
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(atob(s), (c) => c.charCodeAt(0)));
    } catch (e) {
      return "";
    }
  }

  const arg = (n, i) => run(n.args[i]);
  // flat gives the arguments from one on as texts, nodesets node by node.
  const flat = (n, from) => (n.args || []).slice(from).flatMap((a) => list(run(a)));
  const yes = (s) => s === "yes" || s === "true" || numberOf(s) > 0;
  const within = (x, low, high) => (low === -1 || x >= low) && (high === -1 || x <= high);
  const orSelf = (n) => (n.args ? text(arg(n, 0)) : self());

  function numbers(n) {
    return (n.args || []).map(run).flatMap((v) => (Array.isArray(v) ? v.map(numberOf) : [number(v)]));
  }

  function extreme(n, before) {
    const all = numbers(n);
    return all.length ? all.reduce((a, b) => (b !== b || before(b, a) ? b : a)) : NaN;
  }

  // The pattern is Go's rewriting of what the form says, the same to both.
  const patterns = new Map();
  function regex(n, s) {
    const p = n.pattern;
    if (!p) return false;
    if (!patterns.has(p)) patterns.set(p, new RegExp(p, "u"));
    return patterns.get(p).test(s);
  }

  function pulldata(n, id, wanted, key) {
    const rows = table(n), value = arg(n, 3);
    for (let row = 0; rows && row < rows.length; row++) {
      const s = rows.cell(row, key);
      if (s !== undefined && compare("=", s, value)) return rows.cell(row, wanted) || "";
    }
    return "";
  }

  function position(n) {
    if (!n.args) return item ? item.position : Math.max(1, env.position || 0);
    const d = set(n.args[0])[0];
    if (!d) return NaN;
    if (d.k === "item") return d.row + 1;
    const s = d.k === "element" && spot(d.name);
    return s && s.repeat && d.at[s.repeats.length - 1] > 0 ? d.at[s.repeats.length - 1] : 1;
  }

  function index(n) {
    const own = spot(env.context), i = own ? own.repeats.indexOf(reference(n.args[0])) : -1;
    return i >= 0 && (env.here || [])[i] > 0 ? env.here[i] : NaN;
  }

  function indexedRepeat(n) {
    const name = reference(n.args[0]), s = spot(name);
    if (!s) return "";
    let own = shared(s);
    const at = [];
    for (const [level, repeat] of s.repeats.entries()) {
      let here = own[level];
      for (let i = 1; i + 1 < n.args.length; i += 2) {
        if (reference(n.args[i]) !== repeat) continue;
        here = number(arg(n, i + 1));
        if (!(here >= 1 && env.count && here <= env.count(repeat, at)) || !Number.isInteger(here)) return "";
        own = [];
      }
      if (!here) break;
      at.push(here);
    }
    return text(value(expand([], name, s, at)));
  }

  function dateTime(v) {
    const m = moment(v);
    if (!m) return "";
    if (m.zone !== undefined) return stamp(m.ms, m.zone * 60);
    // Between winter and summer there are times that no clock shows: as in Go.
    const at = m.ms - offset(m.ms - offset(m.ms) * 1000) * 1000;
    return stamp(at + offset(at) * 1000, offset(at));
  }

  function substr(n, s, from) {
    const all = [...s], bound = (f) => Math.trunc(Math.max(0, Math.min(f < 0 ? f + all.length : f, all.length)));
    const to = n.args.length > 2 ? number(arg(n, 2)) : all.length;
    return from !== from || to !== to ? "" : all.slice(bound(from), bound(to)).join("");
  }

  function substring(n, s, from) {
    from = round(from, 0);
    const to = n.args.length > 2 ? from + round(number(arg(n, 2)), 0) : Infinity;
    return [...s].filter((_, i) => i + 1 >= from && i + 1 < to).join("");
  }

  function translate(n, s, from, to) {
    from = [...from];
    to = [...to];
    return [...s].map((c) => (from.includes(c) ? to[from.indexOf(c)] || "" : c)).join("");
  }

  // Each function: the least and most arguments, itself, and to what its
  // arguments are converted; without that it computes them as it needs them.
  const T = [text], N = [number], TT = [text, text], NN = [number, number], ANY = Infinity;
  const of = (f) => [1, 1, (n, x) => f(x), N];
  const functions = {
    __proto__: null,
    if: [3, 3, (n) => arg(n, truth(arg(n, 0)) ? 1 : 2)],
    coalesce: [2, ANY, (n) => {
      for (const a of n.args) {
        const v = run(a);
        if (text(v) !== "") return v;
      }
      return "";
    }],
    current: [0, 0, () => env.self || ""],
    once: [1, 1, (n) => env.self || arg(n, 0)],
    not: [1, 1, (n, x) => !x, [truth]],
    true: [0, 0, () => true],
    false: [0, 0, () => false],
    boolean: [1, 1, (n, x) => x, [truth]],
    "boolean-from-string": [1, 1, (n, s) => s === "1" || s.toLowerCase() === "true", T],
    checklist: [2, ANY, (n, low, high) => within(flat(n, 2).filter(yes).length, low, high), NN],
    "weighted-checklist": [2, ANY, (n, low, high) => {
      let sum = 0;
      for (let i = 2; i + 1 < n.args.length; i += 2) if (yes(text(arg(n, i)))) sum += number(arg(n, i + 1));
      return within(sum, low, high);
    }, NN],
    selected: [2, 2, (n, s, wanted) => words(s).includes(trim(wanted)), TT],
    "selected-at": [2, 2, (n, s, i) => words(s)[i] || "", [text, number]],
    "count-selected": [1, 1, (n, s) => words(s).length, T],
    "jr:choice-name": [2, 2, (n, s, question) => (env.label && s ? env.label(referenceIn(question), s) : s), TT],
    instance: [1, 1, (n) => value(set(n))],
    pulldata: [4, 4, pulldata, [text, text, text]],
    randomize: [1, 2, (n) => value(shuffled(n))],
    position: [0, 1, position],
    last: [0, 0, () => (item ? item.size : 1)],
    index: [1, 1, index],
    "indexed-repeat": [3, 7, indexedRepeat],
    string: [0, 1, orSelf],
    "string-length": [0, 1, (n) => [...orSelf(n)].length],
    substr: [2, 3, substr, [text, number]],
    substring: [2, 3, substring, [text, number]],
    "substring-before": [2, 2, (n, s, t) => s.slice(0, Math.max(0, s.indexOf(t))), TT],
    "substring-after": [2, 2, (n, s, t) => (s.includes(t) ? s.slice(s.indexOf(t) + t.length) : ""), TT],
    concat: [0, ANY, (n) => flat(n, 0).join("")],
    join: [1, ANY, (n, s) => flat(n, 1).join(s), T],
    contains: [2, 2, (n, s, t) => s.includes(t), TT],
    "starts-with": [2, 2, (n, s, t) => s.startsWith(t), TT],
    "ends-with": [2, 2, (n, s, t) => s.endsWith(t), TT],
    "normalize-space": [0, 1, (n) => words(orSelf(n)).join(" ")],
    translate: [3, 3, translate, [text, text, text]],
    regex: [2, 2, regex, T],
    uuid: [0, 1, uuid, N],
    "base64-decode": [1, 1, (n, s) => base64Decode(s), T],
    today: [0, 0, () => day(now() + offset(now()) * 1000)],
    now: [0, 0, () => stamp(now() + offset(now()) * 1000, offset(now()))],
    date: [1, 1, (n) => {
      const m = moment(arg(n, 0));
      return m ? day(m.ms) : "";
    }],
    "date-time": [1, 1, (n) => dateTime(arg(n, 0))],
    "format-date": [2, 2, (n) => formatDate(arg(n, 0), text(arg(n, 1)))],
    "format-date-time": [2, 2, (n) => formatDate(arg(n, 0), text(arg(n, 1)))],
    "decimal-date-time": of((x) => x),
    "decimal-time": [1, 1, (n, s) => {
      const m = readMoment(trim(s)) || readClock(trim(s));
      return m ? (((m.ms % DAY) + DAY) % DAY) / DAY : NaN;
    }, T],
    sum: [1, ANY, (n) => numbers(n).reduce((a, b) => a + b, 0)],
    min: [1, ANY, (n) => extreme(n, (a, b) => a < b)],
    max: [1, ANY, (n) => extreme(n, (a, b) => a > b)],
    count: [1, 1, (n) => list(arg(n, 0)).length],
    "count-non-empty": [1, ANY, (n) => flat(n, 0).filter((s) => s).length],
    random: [0, 0, () => (env.random ? env.random() : NaN)],
    number: [0, 1, (n) => (n.args ? number(arg(n, 0)) : numberOf(self()))],
    int: of(Math.trunc),
    round: [1, 2, (n, x) => round(x, n.args.length > 1 ? number(arg(n, 1)) : 0), N],
    floor: of(Math.floor),
    ceiling: of(Math.ceil),
    abs: of(Math.abs),
    sqrt: of(Math.sqrt),
    pi: [0, 0, () => Math.PI],
  };

  // expr-more.js adds functions that few forms use.
  const more = (make) => Object.assign(functions, make({ flat, numberOf, of, round, trim, words, NN, text }));
  const api = { more, evaluate, text, number, truth, seed, shuffle: (n, s) => order(n, parkMiller(s)) };
  if (typeof module === "object" && module.exports) module.exports = api;
  else root.PanelverkExpr = api;
})(globalThis);
