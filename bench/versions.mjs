// versions.mjs OLD [NEW]: see versions.sh. Variables and their defaults: BENCH_ROWS (10,000,000), BENCH_PAIRS (20), BENCH_SECONDS (1, for each
// side of a pair), BENCH_BOUND (0.97, NEW's rate over OLD's), BENCH_CELLS (comma-separated lines to measure; all), BENCH_DIR (the working
// folder).
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { askAll, binary, measure, offloader } from "./contenders.mjs";
import { inPairs, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder, run } from "./processes.mjs";

const [old, current = binary] = process.argv.slice(2);
const rows = Number(process.env.BENCH_ROWS ?? 1e7);
const pairs = Number(process.env.BENCH_PAIRS ?? 20);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const bound = Number(process.env.BENCH_BOUND ?? 0.97);
const TOKEN = "a benchmark's token";

// The cells: requests of a query (bench/handmade/generate.mjs), or the duration of a refresh, with or without the index.
const ALL = [
  { name: "cached hit", query: "days_cached", index: "on", connections: 16 },
  { name: "grouped miss", query: "days", index: "on", connections: 16 },
  { name: "page", query: "page", index: "on", connections: 16 },
  { name: "one tenant", query: "tenant_wide", index: "on", connections: 16 },
  { name: "whole table", query: "whole", index: "on", connections: 1 },
  { name: "materialization", index: "on" },
  { name: "grouped miss by DuckDB", query: "days", index: "off", connections: 16 },
  { name: "page by DuckDB", query: "page", index: "off", connections: 16 },
  { name: "one tenant by DuckDB", query: "tenant_wide", index: "off", connections: 16 },
  { name: "without the index", index: "off" },
];
const wanted = process.env.BENCH_CELLS?.split(",").map((name) => name.trim());
const CELLS = ALL.filter(({ name }) => !wanted || wanted.includes(name));
if (!CELLS.length || wanted?.some((name) => !ALL.some((cell) => cell.name === name))) {
  console.error(`bench: BENCH_CELLS is of ${ALL.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

const say = (text) => console.error(text);
let failed = false;

function tell(name, seen, processor) {
  const { median, low, high } = medianWithInterval(seen);
  const worse = high < bound; // only if the whole interval is below the bound
  failed ||= worse;
  const cpu = processor ? medianWithInterval(processor) : null;
  console.log([name.padEnd(24), median.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18),
    (cpu ? `${cpu.median.toFixed(3)} (${cpu.low.toFixed(3)} to ${cpu.high.toFixed(3)})` : "").padStart(25),
    worse ? "WORSE" : "holds"].join("  "));
}

async function materialize(server) {
  const answer = await fetch(`http://127.0.0.1:${server.admin}/datasets/facts/refresh`,
    { method: "POST", headers: { authorization: `Bearer ${TOKEN}` }, signal: AbortSignal.timeout(600_000) });
  const report = await answer.json();
  if (answer.status !== 200 || report.status !== "ok") throw new Error(`${server.name}: a refresh ended ${JSON.stringify(report)}`);
  return report.duration_ms;
}

await inWorkFolder("versions", async (work) => {
  chmodSync(work, 0o755);
  const project = join(work, "project");
  say(`generating ${rows} rows`);
  run(["node", "bench/handmade/generate.mjs", String(rows), project]);
  const sides = {};
  for (const index of new Set(CELLS.map((cell) => cell.index))) {
    sides[index] = [];
    for (const [name, program] of [["new", current], ["old", old]]) {
      const folder = join(work, name);
      mkdirSync(folder, { recursive: true });
      say(`starting ${name}, index ${index}`);
      sides[index].push(await offloader({ program, project, work: folder, index, name: `${name}-${index}` }));
    }
  }
  for (const server of sides.on ?? []) await askAll(server, project, "days_cached");
  console.log(`new over old, ${rows} rows, ${pairs} pairs of ${seconds} s, one core a server\n`);
  console.log(["".padEnd(24), "answers", "95 % interval".padStart(18), "CPU time per answer".padStart(25), ""].join("  "));
  for (const { name, query, index, connections } of CELLS) {
    say(`measuring: ${name}`);
    if (!query) {
      const seen = await inPairs(sides[index].map((server) => () => materialize(server)), pairs);
      tell(name, seen.map(([a, b]) => b / a)); // convert durations to rates
      continue;
    }
    // The whole table takes a tenth of a second per answer.
    const long = query === "whole" ? Math.max(seconds, rows / 5e6) : seconds;
    const once = (server) => () => measure(server, { name: query },
      { connections, seconds: long, warmUp: 0.3, requests: join(project, `${query}.requests`) });
    const seen = await inPairs(sides[index].map(once), pairs);
    tell(name, seen.map(([a, b]) => a.rate / b.rate), seen.map(([a, b]) => a.cpu / b.cpu));
  }
  return failed;
});
