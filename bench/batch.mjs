// batch.mjs [PROGRAM]: what a batch of ten misses costs, over what ten requests over one kept connection cost. PROGRAM is
// build/release/bin/offloader unless given. Prints both sides, and the median of the pairs' ratios with its 95 % interval, for time and for
// the server's CPU time; each with the index and by DuckDB alone. Fails only if the whole interval of the time with the index is above the
// bound. Variables and their defaults: BENCH_ROWS (10,000,000), BENCH_PAIRS (20), BENCH_SECONDS (1, for each side of a pair), BENCH_BOUND
// (0.6), BENCH_DIR (the working folder).
import { join } from "node:path";
import { Connection, timed } from "./connection.mjs";
import { binary, offloader, prepare, requestsOf } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder } from "./processes.mjs";

const program = process.argv[2] ?? binary;
const rows = Number(process.env.BENCH_ROWS ?? 1e7);
const pairs = Number(process.env.BENCH_PAIRS ?? 20);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const bound = Number(process.env.BENCH_BOUND ?? 0.6);
const SIZE = 10; // requests in a batch
const QUERY = "days"; // of bench/handmade/generate.mjs; nothing of it is cached

const say = (text) => console.error(text);

const head = (line, key) => `${line} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\n`;

// Returns units of ten different requests of one key: their bytes one by one, and those of the batch.
function unitsOf(project) {
  const byKey = new Map();
  for (const [target, key] of requestsOf(project, QUERY)) byKey.set(key, [...(byKey.get(key) ?? []), target]);
  const units = [];
  for (const [key, targets] of byKey) {
    for (let at = 0; at + SIZE <= targets.length; at += SIZE) {
      const ten = targets.slice(at, at + SIZE);
      const body = JSON.stringify({ requests: ten.map((target) => {
        const url = new URL(target, "http://localhost");
        return { endpoint: url.pathname.split("/").at(-1), params: Object.fromEntries(url.searchParams) };
      }) });
      units.push({
        alone: ten.map((target) => Buffer.from(`${head(`GET ${target}`, key)}\r\n`)),
        batch: Buffer.from(`${head("POST /v1/batch", key)}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
      });
    }
  }
  return units;
}

const ask = {
  alone: async (connection, unit) => { for (const request of unit.alone) await connection.send(request); },
  batch: (connection, unit) => connection.send(unit.batch),
};

// Fails unless a batch answers with the rows that the requests alone answer with.
async function compare(connection, unit) {
  const { results } = JSON.parse(await connection.send(unit.batch));
  for (const [i, request] of unit.alone.entries()) {
    const alone = JSON.parse(await connection.send(request));
    if (alone.meta.cache === "hit" || results[i].status !== 200 || JSON.stringify(alone.data) !== JSON.stringify(results[i].body.data))
      throw new Error(`result ${i} of a batch differs from the answer of the request alone, or is no miss`);
  }
}

function tell(name, seen, judged) {
  const { median: middle, low, high } = medianWithInterval(seen.map(([batch, alone]) => batch / alone));
  const worse = judged && low > bound; // only if the whole interval is above the bound
  const side = (which) => median(seen.map((pair) => pair[which])).toFixed(0).padStart(10);
  console.log([name.padEnd(24), side(0), side(1), middle.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18),
    judged ? (worse ? `ABOVE ${bound}` : `holds (${bound})`) : ""].join("  "));
  return worse;
}

await inWorkFolder("batch", async (work) => {
  const project = prepare(work, rows);
  const units = unitsOf(project);
  console.log(`batches of ${SIZE} misses, ${rows} rows, ${pairs} pairs of ${seconds} s, one core for the server\n`);
  console.log(["microseconds".padEnd(24), "one batch", "ten alone", "  ratio", "95 % interval".padStart(18)].join("  "));
  let failed = false;
  for (const [index, what] of [["on", "by the index"], ["off", "by DuckDB"]]) {
    say(`measuring ${what}`);
    const server = await offloader({ program, project, work, index, name: `batch-${index}` });
    const connection = await Connection.open(server.port);
    for (const unit of units) await compare(connection, unit); // warms up, too
    const once = (way) => () => timed(server, seconds, (i) => ask[way](connection, units[i % units.length]));
    const seen = await inPairs([once("batch"), once("alone")], pairs);
    failed = tell(`time, ${what}`, seen.map(([batch, alone]) => [batch.time, alone.time]), index === "on") || failed;
    tell(`CPU time, ${what}`, seen.map(([batch, alone]) => [batch.cpu, alone.cpu]), false);
    connection.close();
    await server.stop();
  }
  return failed;
});
