// Runs interviews in web/static/form.js for the tests in Go, line by line from
// standard input: {"logic": …, "given": …} begins one; {"set": [key, value]},
// {"offer": [key, value]} and {"type": [key, values]} change it. Each line is
// answered with how it stands then.
"use strict";
const [, , folder] = process.argv;
const PanelverkForm = require(folder + "/form.js");
require(folder + "/expr-more.js");

let form;
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
  else if (m.logic) {
    form = PanelverkForm.create(m.logic, m.given);
    answer = standing();
  } else answer = standing(m.set ? form.set(...m.set) : form.offer(...(m.type ? typed(m.type) : m.offer)));
  console.log(JSON.stringify(answer));
});
