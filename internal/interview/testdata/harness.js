// Runs interviews in web/static/form.js for the tests in Go, line by line from
// standard input: {"logic": …, "given": …} begins one; {"set": [key, value]},
// {"offer": [key, value]} and {"type": [key, values]} change it. Each line is
// answered with how it stands then.
"use strict";
const [, , folder] = process.argv;
const PanelverkForm = require(folder + "/form.js");
const PanelverkWay = require(folder + "/way.js");
require(folder + "/expr-more.js");

let form, way, pages; // pages: what is known of each by key, {asked, done, seen}
function path() {
  const screens = way.screens(), key = (page) => (page ? page.key : "");
  return { screens: screens.map(key), next: screens.map((p) => key(way.next(p.key))), previous: screens.map((p) => key(way.previous(p.key))), last: key(way.previous("")), resume: key(way.resume((k) => (pages[k] || {}).done)), answers: form.answers() };
}

// step does to a page what lift.js does: what was typed is tried and stored,
// and what is wrong told.
function step({ at, typed, go, number }) {
  const page = way.find(at), was = pages[at] || (pages[at] = {}), done = (k) => (pages[k] || {}).done;
  let to = page, told = [];
  if (go === "add") to = way.add(page);
  else if (go === "remove" || go === "restore") way.turn(page, number, go === "restore");
  else {
    const codes = way.take(page, typed || {});
    told = way.problems(page, codes, go === "next", was.asked);
    way.leave();
    was.seen = true;
    if (told.some((p) => p.soft)) was.asked = true;
    if (go === "back") to = way.previous(at) || page;
    else if (!told.length) {
      was.done = true;
      to = way.onward(way.find(at) || page, done);
    }
  }
  return { told, to: to ? to.key : "", ...path() };
}

function standing(changed) {
  const out = { changed: changed && [...changed], items: {} };
  for (const key of form.keys()) out.items[key] = form.at(key);
  return out;
}

function typed([key, values, list]) {
  const rule = form.rule(key.split("@")[0]);
  return [key, PanelverkForm.read(rule, values, list).value];
}

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  let answer;
  if (m.read) answer = PanelverkForm.read(...m.read);
  else if (m.legs) {
    form = PanelverkForm.create(m.logic, m.given);
    way = PanelverkWay.create(form, m.legs, m.logic.lists);
    pages = {};
    answer = path();
  } else if (m.step) answer = step(m.step);
  else if (m.open) answer = { fields: way.fields(way.find(m.open), (pages[m.open] || {}).seen).map(({ name, k, value }) => ({ name, k, value, ...form.at(k) })) };
  else if (m.logic) {
    form = PanelverkForm.create(m.logic, m.given);
    answer = standing();
  } else answer = standing(m.set ? form.set(...m.set) : form.offer(...(m.type ? typed(m.type) : m.offer)));
  console.log(JSON.stringify(answer));
});
