// compare.mjs [--quick] [--out FILE]: measures everything for the tables of docs/benchmarks.md in one run. BENCH_SIZES, BENCH_CONNECTIONS,
// BENCH_SECONDS and BENCH_ROUNDS change the amount of work. BENCH_DIR names the working folder.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { askAll, binary, handmade, measure, nginx, offloader, requestsOf } from "./contenders.mjs";
import { expectEqual } from "./equal.mjs";
import { plots } from "./plots.mjs";
import { Postgres, programs } from "./postgres.mjs";
import { has, run, runAside, sleep, stopAll } from "./processes.mjs";
import { judge } from "./ratios.mjs";
import { nameOf, toCsv, toText } from "./report.mjs";

const QUERIES = ["days", "page", "tenant_wide"];
const ONE_MILLION = 1e6;
const MATERIALIZE_BENCH = "build/release/src/local_executor/local_executor_materialize_bench";

const quick = process.argv.includes("--quick") || !!process.env.BENCH_QUICK;
const outFile = process.argv.includes("--out") ? process.argv[process.argv.indexOf("--out") + 1] : "build/bench/results.json";
const list = (name, otherwise) => (process.env[name] ? process.env[name].split(",").map(Number) : otherwise);
const sizes = list("BENCH_SIZES", quick ? [1e3, ONE_MILLION] : [1e3, ONE_MILLION, 1e7]).sort((a, b) => a - b);
const connectionCounts = list("BENCH_CONNECTIONS", quick ? [16, 64] : [1, 16, 64]);
const seconds = Number(process.env.BENCH_SECONDS ?? (quick ? 1.5 : 4));
const rounds = Number(process.env.BENCH_ROUNDS ?? (quick ? 3 : 5));
const warmUp = Math.min(1, seconds / 3);
const largest = sizes.at(-1);
const results = { date: new Date().toISOString().slice(0, 10), cores: cpus().length, cpu: cpus()[0].model, seconds, rounds, quick,
  sizes, connections: connectionCounts, cells: [], costs: {}, paired: {} };
let work = null;

const say = (text) => console.error(text);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// Adds the step's name to its errors.
async function step(name, work) {
  say(`  ${name}`);
  try {
    return await work();
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}

function record(who, query, size, connections, figures) {
  results.cells.push({ who, query, size, connections, ...figures });
  const latency = figures.p50 ? `p50 ${figures.p50.toFixed(0)} us, p99 ${figures.p99.toFixed(0)} us` : "";
  const cpu = figures.cpu ? `, ${figures.cpu.toFixed(1)} us of processor each, server ${(figures.busy * 100).toFixed(0)} % busy` : "";
  say(`    ${query.padEnd(12)} ${who.padEnd(10)} ${String(connections).padStart(3)}: ` +
    `${figures.rate.toFixed(0).padStart(7)}/s ${latency}${cpu}`);
}

// Measures the sides alternately, so that other load on the machine affects all of them. Returns the results of all rounds for each side.
async function alternating(sides, times = rounds) {
  const seen = sides.map(() => []);
  for (let round = 0; round < times; round++) {
    for (const [i, once] of sides.entries()) seen[i].push(await once());
  }
  return seen;
}

// The medians over the rounds, and the rates of all rounds, which pair with the rates of the other sides.
function summary(figures) {
  const out = {};
  for (const field of ["rate", "p50", "p99", "cpu", "busy"]) {
    if (figures[0][field] !== undefined) out[field] = median(figures.map((one) => one[field]));
  }
  return { ...out, rates: figures.map((one) => one.rate) };
}

async function sideBySide(size, connections, sides, times) {
  const seen = await alternating(sides.map(([, , once]) => once), times);
  sides.forEach(([who, query], i) => record(who, query, size, connections, summary(seen[i])));
}

async function metricOf(server, pattern) {
  const text = await (await fetch(`http://127.0.0.1:${server.admin}/metrics`)).text();
  return Number(pattern.exec(text)?.[1] ?? 0);
}

const loadOf = (server, project, query, connections, duration = seconds) =>
  measure(server, { name: query }, { connections, seconds: duration, warmUp, requests: join(project, `${query}.requests`) });

async function compareAt(size) {
  say(`${nameOf(size)} rows`);
  const folder = join(work, nameOf(size));
  const project = join(folder, "project");
  const csv = join(folder, "facts.csv");
  mkdirSync(project, { recursive: true });
  await step("generating the rows", () =>
    run(["node", "bench/handmade/generate.mjs", String(size), project], { env: { ...process.env, BENCH_CSV: csv } }));

  const indexed = await step("starting Offloader", () => offloader({ project, work: folder, index: "on", name: "index" }));
  const ducks = await step("starting Offloader without the index", () =>
    offloader({ project, work: folder, index: "off", name: "duckdb" }));
  const node = await step("starting the hand-made service", () => handmade({ project, work: folder }));
  const tenants = [...new Set(readFileSync(join(project, "days.tenants"), "utf8").trim().split("\n").map((line) => line.split(" ")[1]))];
  const postgres = await step("loading PostgreSQL", () => Postgres.start({ work: folder, csv, tenants }));
  rmSync(csv);
  const still = await step("starting nginx", async () => {
    const [target, key] = requestsOf(project, "days_cached")[0];
    const hit = await fetch(`http://127.0.0.1:${indexed.port}${target}`, { headers: { authorization: `Bearer ${key}` } });
    return nginx({ work: folder, body: await hit.text() });
  });
  const checked = await step("comparing answers", () => expectEqual([indexed, ducks, node], project, postgres));
  say(`    ${checked} answers are the same from Offloader, with and without the index, the hand-made service and PostgreSQL`);

  await step("filling the caches", async () => {
    for (const server of [indexed, node]) await askAll(server, project, "days_cached");
  });
  // If sides are close and a bound applies to them, a minute of other load must not decide.
  const often = size === largest ? 2 * rounds : rounds;
  await step("measuring", async () => {
    for (const connections of connectionCounts) {
      await sideBySide(size, connections, [
        ["index", "cached", () => loadOf(indexed, project, "days_cached", connections)],
        ["nginx", "cached", () => measure(still, { name: "static", target: "/hit.json" }, { connections, seconds, warmUp })],
        ["index", "days", () => loadOf(indexed, project, "days", connections)],
      ], often);
      for (const query of ["page", "tenant_wide"])
        record("index", query, size, connections, await loadOf(indexed, project, query, connections));
    }
    results.costs[size] = { rss_loaded: indexed.residentBytes() };
    for (const connections of connectionCounts) {
      for (const query of QUERIES) record("duckdb", query, size, connections, await loadOf(ducks, project, query, connections));
      for (const query of ["days_cached", ...QUERIES]) {
        record("handmade", query === "days_cached" ? "cached" : query, size, connections, await loadOf(node, project, query, connections));
      }
      record("postgres", "days", size, connections, await postgres.measure({ connections, seconds }));
    }
    // One client, because concurrent identical queries run once. Many short turns, because the largest table takes a tenth of a second per
    // answer, and other load changes the rates by more than the sides differ.
    const long = Math.max(seconds, size / 5e6);
    await sideBySide(size, 1, [
      ["index", "whole", () => loadOf(indexed, project, "whole", 1, long)],
      ["duckdb", "whole", () => loadOf(ducks, project, "whole", 1, long)],
    ], often);
    record("handmade", "whole", size, 1, await loadOf(node, project, "whole", 1, long));
  });
  if (size === largest) await step("a cached hit beside nginx, by wrk", () => hitBesideNginx(project, indexed));
  if (size === largest && size > ONE_MILLION && sizes.includes(ONE_MILLION))
    await step("a miss beside the same of a million rows", () => missBesideMillion(project, indexed));

  Object.assign(results.costs[size], {
    start_cold_s: indexed.secondsToReady, start_cold_without_index_s: ducks.secondsToReady,
    by_index: await metricOf(indexed, /offloader_queries_total\{executor="index"\} (\d+)/),
    by_duckdb: await metricOf(indexed, /offloader_queries_total\{executor="duckdb"\} (\d+)/),
  });
  await Promise.all([still, postgres, node, ducks, indexed].map((one) => one.stop()));
  await step("starting warm", () => startWarm(project, folder, size));
  if (size === largest) await step("a snapshot is built and swapped under load", () => whileBuilding(project, folder, size));
  // Measure the million rows once more, alternating with the largest table.
  rmSync(size === ONE_MILLION && size < largest ? join(folder, "cache-off") : folder, { recursive: true, force: true });
}

// Uses the usual client for measuring nginx, so that ours cannot favour a side.
async function hitBesideNginx(project, server) {
  const [target, key] = requestsOf(project, "days_cached")[0];
  const { code, out, err } = await runAside(["bench/hit-vs-nginx.sh", `http://127.0.0.1:${server.port}${target}`, String(server.child.pid),
    String(rounds), String(Math.max(2, Math.round(seconds))), "-H", `Authorization: Bearer ${key}`]);
  const value = Number(/^ratio: +([\d.]+)/m.exec(out)?.[1]);
  if (code !== 0 || !value) throw new Error(`bench/hit-vs-nginx.sh ended (${code}):\n${err}${out}`);
  say(out.trim().replace(/^/gm, "    "));
  results.paired.hit_nginx = value;
}

async function missBesideMillion(project, server) {
  const folder = join(work, nameOf(ONE_MILLION));
  const small = await offloader({ project: join(folder, "project"), work: folder, index: "on", name: "index-million" });
  const connections = connectionCounts.includes(16) ? 16 : connectionCounts[0];
  const [few, many] = await alternating([
    () => loadOf(small, join(folder, "project"), "days", connections),
    () => loadOf(server, project, "days", connections),
  ]);
  await small.stop();
  const [at_million, at_largest] = [few, many].map((figures) => summary(figures));
  results.paired.miss_million = { connections, at_million, at_largest };
  say(`    a million: ${at_million.rate.toFixed(0)}/s, ${at_million.cpu.toFixed(1)} us each; ` +
    `${nameOf(largest)}: ${at_largest.rate.toFixed(0)}/s, ${at_largest.cpu.toFixed(1)} us each`);
}

async function startWarm(project, folder, size) {
  const warm = await offloader({ project, work: folder, index: "on", name: "index-warm" });
  await sleep(1000);
  const built = join(folder, "cache-on/datasets/facts");
  const bytesOf = (suffix) => statSync(join(built, readdirSync(built).find((name) => name.endsWith(suffix)))).size;
  Object.assign(results.costs[size], {
    start_warm_s: warm.secondsToReady, rss_idle: warm.residentBytes(), index_bytes: bytesOf(".index"), duckdb_bytes: bytesOf(".duckdb"),
    uncompressed_bytes: JSON.parse(readFileSync(join(project, "facts.json"), "utf8")).uncompressed_bytes,
  });
  await warm.stop();
}

// Selective misses at 64 connections while the same number of rows is materialized and swapped again and again. Server, build and client share
// all cores, as on a real machine.
async function whileBuilding(project, folder, size) {
  const server = await offloader({ project, work: folder, index: "on", core: null, name: "index-building" });
  const load = (duration) => measure(server, { name: "days" },
    { connections: 64, seconds: duration, warmUp, core: null, requests: join(project, "days.requests") });
  record("index", "quiet", size, 64, await load(Math.max(5, seconds)));
  const begin = Date.now();
  let over = false;
  let swaps = 0;
  const building = (async () => {
    while (!over) {
      const answer = await fetch(`http://127.0.0.1:${server.admin}/datasets/facts/refresh`,
        { method: "POST", headers: { authorization: "Bearer a benchmark's token" }, signal: AbortSignal.timeout(600_000) });
      const text = await answer.text();
      if (answer.status !== 200 || JSON.parse(text).status !== "ok") throw new Error(`the refresh failed: ${answer.status} ${text}`);
      if (!over) swaps++;
      results.costs[size].rebuild_under_load_s ??= (Date.now() - begin) / 1000;
    }
  })();
  building.catch(() => {}); // awaited below
  let longer = Math.max(10, 2.5 * results.costs[size].start_cold_s);
  let figures = await load(longer);
  // Repeat until a complete build and its swap fell into the measurement.
  while (swaps === 0 && longer < 300) figures = await load((longer *= 2));
  over = true;
  await building;
  record("index", "building", size, 64, { ...figures, swaps });
  await server.stop();
}

// Materialization with and without an index, measured by src/local_executor/bench/materialize_bench.cc.
function indexBuildCost() {
  const rows = quick ? ONE_MILLION : largest;
  const out = JSON.parse(run([MATERIALIZE_BENCH, "--benchmark_format=json", "--benchmark_min_time=3"],
    { env: { ...process.env, OFFLOADER_BENCH_ROWS: String(rows) } }));
  if (out.benchmarks[0].error_occurred) throw new Error(out.benchmarks[0].error_message);
  const { duckdb_s, offloader_s, indexed_s } = out.benchmarks[0];
  results.costs.materialize = { rows, duckdb_s, offloader_s, indexed_s };
}

function checkPrerequisites() {
  const missing = ["nginx", "taskset", "wrk", "curl", "setpriv"].filter((program) => !has(program));
  if (!programs()) missing.push("PostgreSQL");
  if (missing.length) throw new Error(`not installed: ${missing.join(", ")}; dev/scripts/setup.sh --tools bench installs what is needed`);
  for (const path of [binary, MATERIALIZE_BENCH]) {
    if (!existsSync(path)) throw new Error(`${path} is not there: make build`);
  }
  if ([...sizes, ...connectionCounts, seconds, rounds].some((value) => !(value > 0)))
    throw new Error("BENCH_SIZES, BENCH_CONNECTIONS, BENCH_SECONDS and BENCH_ROUNDS are numbers above zero");
}

async function leave() {
  await stopAll();
  if (work) rmSync(work, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => leave().finally(() => process.exit(130)));
try {
  checkPrerequisites();
  work = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), "offloader-bench-"));
  chmodSync(work, 0o755); // PostgreSQL runs as its own user
  for (const size of sizes) await compareAt(size);
  say("the cost of building an index");
  await step("materializing with and without it", indexBuildCost);
  results.ratios = judge(results);
  const folder = dirname(outFile);
  mkdirSync(folder, { recursive: true });
  writeFileSync(outFile, JSON.stringify(results, null, 1) + "\n");
  const stem = join(folder, basename(outFile, ".json"));
  for (const [name, text] of Object.entries(toCsv(results))) writeFileSync(`${stem}-${name}.csv`, text);
  for (const { file, svg } of plots(results)) writeFileSync(join(folder, `${file}.svg`), svg);
  console.log(toText(results));
  say(`\nwritten: ${outFile}, ${stem}-*.csv, and plots (*.svg) beside them`);
  if (results.ratios.some((ratio) => ratio.holds === false)) process.exitCode = quick ? 0 : 1;
} catch (error) {
  say(`bench: ${error.message}`);
  process.exitCode = 2;
} finally {
  await leave();
}
