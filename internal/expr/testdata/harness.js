// Evaluates trees in the worlds of cases.json, for the tests in Go: under Node
// line by line from standard input, and in a page.
(function (root) {
  "use strict";

  // surroundings makes the env of a world.
  function surroundings(world) {
    const key = (name, at) => name + "@" + at.join(".");
    const found = (map, k) => (map && Object.prototype.hasOwnProperty.call(map, k) ? map[k] : "");
    let drawn = 0;
    const env = {
      get: (name) => found(world.answers, name),
      at: (name, at) => found(world.answers, key(name, at)),
      count: (name, at) => found(world.counts, key(name, at)) || 0,
      self: world.self,
      context: world.context,
      here: world.here,
      position: world.position,
      zone: world.zone,
      layout: world.layout,
      calendar: world.calendar,
    };
    if (world.now) env.now = Date.parse(world.now);
    if (world.saved) env.lastSaved = (name) => found(world.saved, name);
    if (world.columns) env.column = (name) => world.columns[name];
    if (world.labels) env.label = (question, value) => found(world.labels, question + "/" + value) || value;
    if (world.random) env.random = () => world.random[drawn++ % world.random.length];
    if (world.lists) {
      env.table = (id) => {
        const list = Object.prototype.hasOwnProperty.call(world.lists, id) && world.lists[id];
        return list ? { length: list.rows.length, cell: (row, column) => list.rows[row][list.columns.indexOf(column)] } : undefined;
      };
    }
    return env;
  }

  // outcome writes a value so that Go can read it: numbers as their shortest text.
  function outcome(expr, v) {
    if (typeof v === "number") return { kind: "number", text: Object.is(v, -0) ? "-0" : String(v), string: expr.text(v), truth: expr.truth(v) };
    if (Array.isArray(v)) return { kind: "nodeset", nodes: [...v], string: expr.text(v), truth: expr.truth(v) };
    return { kind: typeof v, text: String(v), string: expr.text(v), truth: expr.truth(v) };
  }

  const run = (expr, world, tree) => outcome(expr, expr.evaluate(tree, surroundings(world)));
  if (typeof module !== "object" || !module.exports) {
    root.runAll = (worlds, jobs) => jobs.map((j) => run(root.PanelverkExpr, worlds[j.world], j.tree));
    return;
  }

  // A bundle is a script for pages: it sets what it has on globalThis.
  const [, , program, mode] = process.argv;
  if (mode === "bundle") require("vm").runInThisContext(require("fs").readFileSync(program, "utf8"));
  const expr = mode === "bundle" ? root.PanelverkExpr : require(program);
  const lines = require("readline").createInterface({ input: process.stdin });
  let worlds;
  lines.on("line", (line) => {
    const message = JSON.parse(line);
    if (!worlds) {
      worlds = message;
      return;
    }
    if (mode === "bench") {
      const env = surroundings(worlds[message.world]);
      let n = 0;
      const began = process.hrtime.bigint();
      while (n < message.rounds) {
        expr.evaluate(message.tree, env);
        n++;
      }
      console.log(JSON.stringify({ nanoseconds: Number(process.hrtime.bigint() - began) / n }));
      return;
    }
    console.log(JSON.stringify(run(expr, worlds[message.world], message.tree)));
  });
})(globalThis);
