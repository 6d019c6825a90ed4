// load.mjs PORT CA TARGET KEY: requests over TLS from Node until standard input ends, on kept connections and on new ones. Prints
// {"answered": N, "failed": [reason…]} at the end.
import { readFileSync } from "node:fs";
import { Agent, get } from "node:https";

const [port, ca, path, key] = process.argv.slice(2);
const trusted = readFileSync(ca);
let [answered, stop] = [0, false];
const failed = [];
const ask = (agent) => new Promise((resolve) => {
  const fail = (why) => resolve(failed.push(String(why)));
  get({ host: "localhost", port, path, ca: trusted, agent, headers: { authorization: `Bearer ${key}` }, timeout: 60_000 }, (answer) => {
    answer.on("data", () => {});
    answer.on("error", fail);
    answer.on("end", () => (answer.statusCode === 200 ? resolve(answered++) : fail(answer.statusCode)));
  }).on("error", fail).on("timeout", () => fail("timeout"));
});
const client = async (agent) => {
  while (!stop) await ask(agent);
};
process.stdin.on("end", () => (stop = true)).resume();
const kept = new Agent({ keepAlive: true, maxSockets: 2 });
await Promise.all([client(kept), client(kept), client(false)]);
kept.destroy();
console.log(JSON.stringify({ answered, failed: failed.slice(0, 5) }));
