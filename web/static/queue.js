// What was answered and is not yet on the server, in its order. It knows no
// page and no network: both are handed to it.
//
//   const queue = PanelverkQueue.create({
//     send,     batch => promise of {status, body}: what POST /s/TOKEN/saves answers,
//               body null where that is no JSON; rejected where nothing answered
//     store,    {read(), write(saves)}: where it is kept; each may give a promise
//     id,       names this queue among all: letters and digits
//     now,      () => unix milliseconds
//     changed,  (state, reply) => after every change; reply is the body of an answer
//     random, later(what, ms)     for tests: Math.random and setTimeout
//   });
//   queue.put({page, fields, go, draft})   gives the save's id; draft names a
//       field that is being written in: the next draft of it takes this one's
//       place as long as it has not been sent. Nothing else is ever put together:
//       the history holds each answer.
//   queue.flush()    tries at once: the network is back, the page is looked at;
//                    gives a promise of the state after the try
//   queue.unsent()   gives {now, saves}: for a last word as the page goes
//   queue.keep(store)   keeps it there from now on, with what it holds already
//   queue.state()    {waiting, saved, offline, gone}: saved once the server has
//                    said so of everything; gone holds its answer where it takes
//                    no more, and nothing is sent again
//
// A save leaves the queue only when an answer names it. One request is under
// way at a time; the next begins with the oldest save that no answer has named,
// so that what arrives twice or late is known to the server by its id.
(function (root) {
  "use strict";

  const most = 50, longest = 400000; // saves, and characters of them, in one request
  const first = 1000, last = 60000; // milliseconds between tries

  function create({ send, store, id, now, changed = () => {}, random = Math.random, later = setTimeout }) {
    let waiting = [], number = 0, size = most, failures = 0, turn = 0;
    let running = null, offline = false, gone = null, ready = false;

    const state = () => ({ waiting: waiting.length, saved: ready && !waiting.length, offline, gone });
    const keep = () => Promise.resolve(store.write(waiting.map(({ sent, ...save }) => save))).catch(() => {});
    const told = (reply) => changed(state(), reply);

    // keep takes up what a store holds, before what came since.
    let loaded;
    function load(from) {
      store = from;
      return (loaded = Promise.resolve().then(() => store.read()).catch(() => null).then((kept) => {
        const had = (kept || []).filter((save) => !waiting.some((other) => other.id === save.id));
        waiting = [...had, ...waiting];
        ready = true;
        if (waiting.length) keep();
        if (had.length) told();
      }));
    }
    load(store);

    function put({ page, fields, go = "", draft }) {
      const save = { id: id + "-" + ++number, at: now(), page, fields, go, draft }, before = waiting[waiting.length - 1];
      if (draft && before && !before.sent && before.draft === draft && before.page === page && !before.go) waiting.pop();
      waiting.push(save);
      keep();
      told();
      flush();
      return save.id;
    }

    function batch() {
      const saves = [];
      let long = 0;
      for (const save of waiting) {
        long += JSON.stringify(save).length;
        if (saves.length && (saves.length >= size || long > longest)) break;
        saves.push(save);
      }
      return saves;
    }

    const bare = ({ id, at, page, fields, go }) => ({ id, at, page, fields, go });
    const unsent = () => ({ now: now(), saves: batch().map(bare) });

    // attempt sends what stands first; true where there is reason to go on at once.
    async function attempt() {
      const saves = batch();
      for (const save of saves) save.sent = true;
      let answer;
      try {
        answer = await send({ now: now(), saves: saves.map(bare) });
      } catch (e) {
        answer = { status: 0 };
      }
      const { status, body } = answer, reply = body && Array.isArray(body.saved) ? body : null;
      const named = reply ? new Set([...reply.saved, ...(reply.refused || [])]) : new Set();
      if (reply && !reply.gone && !named.size && (status === 413 || status === 422)) {
        if (saves.length > 1) size = saves.length >> 1;
        else named.add(saves[0].id); // nothing can be done for it
        if (saves.length === 1) reply.refused = [saves[0].id];
      }
      const before = waiting.length;
      waiting = waiting.filter((save) => !named.has(save.id));
      const came = waiting.length < before || (reply && size < saves.length);
      if (reply && reply.gone) gone = reply;
      if (came) {
        failures = 0;
        if (status === 200) size = most;
        await keep();
      } else failures++;
      offline = !came && !gone;
      told(reply);
      return came;
    }

    // flush runs until nothing waits, or a try fails; then it comes back by itself.
    function flush() {
      if (running) return running;
      const mine = ++turn;
      running = loaded.then(async () => {
        while (waiting.length && !gone && (await attempt()));
        running = null;
        if (waiting.length && !gone && failures) {
          const wait = Math.min(last, first * 2 ** (failures - 1)) * (0.5 + random() / 2);
          later(() => mine === turn && flush(), wait); // another try has come since
        } else if (waiting.length && !gone) flush();
        return state();
      });
      return running;
    }

    return { put, flush, unsent, state, keep: (to) => load(to).then(flush) };
  }

  const api = { create };
  if (typeof module === "object" && module.exports) module.exports = api;
  else root.PanelverkQueue = api;
})(globalThis);
