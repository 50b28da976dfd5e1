// Answers interviews with the queue of the respondents' pages, several at a
// time, against a server at the other end of a bad network.
//
//   node interviews.js QUEUE.JS < {base, seed, people: [{token, cookie}], saves, together}
//
// prints for each person {put: [[id, question, value], …], said: [id, …]} as a
// line of JSON: what was given, in order, and what the page called saved.
"use strict";

const { create } = require(require("path").resolve(process.argv[2]));
const { base, seed, people, saves, together } = JSON.parse(require("fs").readFileSync(0, "utf8"));

function chance(seed) { // mulberry32
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const quick = 0.04; // of the time that a page would wait
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function interview({ token, cookie }, n) {
  const random = chance(seed + n), skew = Math.round((random() - 0.5) * 4e9); // clocks are wrong by weeks
  const put = [], said = [];
  let finished;
  const end = new Promise((done) => (finished = done));
  const send = async (batch) => {
    const answer = await fetch(base + "/s/" + token + "/saves", { method: "POST", body: JSON.stringify(batch), signal: AbortSignal.timeout(1500),
      headers: { "Content-Type": "application/json", Cookie: "pv=" + cookie } });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
  const queue = create({ send, random, id: "d" + n, now: () => Date.now() + skew, store: { read: () => [], write() {} },
    later: (what, ms) => setTimeout(what, ms * quick),
    changed(state, reply) {
      if (state.gone || (reply && reply.refused)) throw new Error("refused: " + JSON.stringify(reply));
      if (state.saved) said.splice(0, said.length, ...put.map(([id]) => id));
      if (state.saved && said.length === saves + 1) finished();
    } });
  const give = (page, name, value, go) => {
    const fields = name ? [["was." + name, "-"], ["q." + name, value]] : go === "next" ? [["was.task_solve", ""]] : [];
    put.push(["d" + n + "-" + (put.length + 1), name, value]);
    queue.put({ page, fields, go });
  };
  for (let k = 0; k < saves - 1; k++) {
    if (k % 3 === 0) give("p_job", "year_started", String(1970 + k));
    else give("p_tasks", k % 3 === 1 ? "task_repeat" : "task_solve", ["seldom", "often"][Math.floor(k / 3) % 2]);
    await pause(random() * 120);
    if (random() < 0.2) queue.flush(); // the page is looked at again
  }
  give("p_tasks", "", "", "next");
  give("", "", "", "submit");
  await end;
  return { put, said };
}

(async () => {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < people.length) {
      const n = next++;
      results[n] = await interview(people[n], n);
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  for (const r of results) console.log(JSON.stringify(r));
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
