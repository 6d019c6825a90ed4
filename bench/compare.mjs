// compare.mjs [--quick] [--out FILE]: the table of docs/benchmarks.md, all of it in one run (see there). BENCH_SIZES,
// BENCH_CONNECTIONS and BENCH_SECONDS narrow it; BENCH_DIR names the folder to work in.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Postgres, binary, handmade, measure, nginx, offloader, requestsOf } from "./contenders.mjs";
import { has, run, sleep, stopAll } from "./processes.mjs";

const quick = process.argv.includes("--quick") || !!process.env.BENCH_QUICK;
const outFile = process.argv.includes("--out") ? process.argv[process.argv.indexOf("--out") + 1] : "build/bench/results.json";
const list = (name, otherwise) => (process.env[name] ? process.env[name].split(",").map(Number) : otherwise);
const sizes = list("BENCH_SIZES", quick ? [1e6, 1e7] : [1e3, 1e6, 1e7]);
const connectionCounts = list("BENCH_CONNECTIONS", quick ? [16, 64] : [1, 16, 64]);
const seconds = Number(process.env.BENCH_SECONDS ?? (quick ? 3 : 5));
const rounds = quick ? 3 : 5;
const main = connectionCounts.includes(16) ? 16 : connectionCounts[0]; // the connections that ratios are taken at
const largest = Math.max(...sizes);
const work = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), "offloader-bench-"));
const results = { date: new Date().toISOString().slice(0, 10), cores: cpus().length, cpu: cpus()[0].model, seconds, quick, cells: [],
  costs: {}, ratios: [] };

const say = (text) => console.error(text);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const nameOf = (size) => (size >= 1e6 ? `${size / 1e6}m` : `${size / 1e3}k`);
const cell = (who, query, size, connections) =>
  results.cells.find((c) => c.who === who && c.query === query && c.size === size && c.connections === connections);

function record(who, query, size, connections, figures) {
  results.cells.push({ who, query, size, connections, ...figures });
  const latency = figures.p50 ? `p50 ${figures.p50.toFixed(0)} us, p99 ${figures.p99.toFixed(0)} us` : "";
  const cpu = figures.cpu ? `, ${figures.cpu.toFixed(1)} us of processor each` : "";
  say(`  ${nameOf(size).padEnd(5)} ${query.padEnd(12)} ${who.padEnd(10)} ${String(connections).padStart(3)}: ` +
    `${figures.rate.toFixed(0).padStart(7)}/s ${latency}${cpu}`);
}

// Some measurements turn and turn about, so that whatever else the machine does falls on all sides; the median of each.
async function alternating(sides, size, connections) {
  const seen = new Map(sides.map(([who, query]) => [who + query, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [who, query, once] of sides) seen.get(who + query).push(await once());
  }
  for (const [who, query] of sides) {
    const all = seen.get(who + query);
    const figures = {};
    for (const field of ["rate", "p50", "p99", "cpu"]) {
      if (all[0][field] !== undefined) figures[field] = median(all.map((one) => one[field]));
    }
    figures.rates = all.map((one) => Math.round(one.rate));
    record(who, query, size, connections, figures);
  }
}

async function dataOf(server, [target, key]) {
  const answer = await fetch(`http://127.0.0.1:${server.port}${target}`, { headers: { authorization: `Bearer ${key}` } });
  if (answer.status !== 200) throw new Error(`${server.name} ${target}: ${answer.status} ${await answer.text()}`);
  return JSON.stringify((await answer.json()).data);
}

async function expectEqual(servers, project, postgres) {
  let checked = 0;
  for (const query of ["days", "page", "tenant_wide", "whole"]) {
    const lines = requestsOf(project, query);
    const tenants = readFileSync(join(project, `${query}.tenants`), "utf8").trim().split("\n").map((line) => line.split(" ")[1]);
    for (let i = 0; i < lines.length; i += Math.ceil(lines.length / 20)) {
      const expected = await dataOf(servers[0], lines[i]);
      for (const server of servers.slice(1)) {
        const actual = await dataOf(server, lines[i]);
        if (actual !== expected) throw new Error(`${server.name} answers ${lines[i][0]} otherwise:\n${actual}\n${expected}`);
      }
      if (postgres && query === "days") {
        const from = new URL(`http://x${lines[i][0]}`).searchParams.get("from");
        const rows = postgres.sql(postgres.days(tenants[i], `DATE '${from}'`)).trim().split("\n").map((line) => line.split("|"));
        const actual = JSON.stringify(rows.map(([day, clicks, views, count]) =>
          ({ day, clicks: Number(clicks), views: Number(views), rows: Number(count) })));
        if (actual !== expected) throw new Error(`PostgreSQL answers ${lines[i][0]} otherwise:\n${actual}\n${expected}`);
      }
      checked++;
    }
  }
  say(`  ${checked} answers are the same from ${servers.map((s) => s.name).join(", ")}${postgres ? " and PostgreSQL" : ""}`);
}

async function metricOf(server, pattern) {
  const text = await (await fetch(`http://127.0.0.1:${server.admin}/metrics`)).text();
  return Number(pattern.exec(text)?.[1] ?? NaN);
}

async function compareAt(size) {
  say(`${nameOf(size)} rows`);
  const folder = join(work, nameOf(size));
  const project = join(folder, "project");
  mkdirSync(project, { recursive: true });
  const csv = join(folder, "facts.csv");
  const wantsPostgres = Postgres.programs() && (!quick || size === largest);
  run(["node", "bench/handmade/generate.mjs", String(size), project], { env: { ...process.env, BENCH_CSV: wantsPostgres ? csv : "" } });
  const facts = JSON.parse(readFileSync(join(project, "facts.json"), "utf8"));
  const file = (query) => ({ requests: join(project, `${query}.requests`) });

  const indexed = await offloader({ project, work: folder, index: "on", name: "index" });
  const cold = indexed.secondsToReady;
  const hit = await fetch(`http://127.0.0.1:${indexed.port}${requestsOf(project, "days_cached")[0][0]}`,
    { headers: { authorization: `Bearer ${requestsOf(project, "days_cached")[0][1]}` } });
  const still = await nginx({ work: folder, body: await hit.text() });

  // The rates that the ratios stand on, side by side.
  for (const connections of connectionCounts) {
    const how = (query) => ({ connections, seconds, ...query });
    await alternating([
      ["index", "cached", () => measure(indexed, { name: "cached" }, how(file("days_cached")))],
      ["nginx", "cached", () => measure(still, { name: "static", target: "/hit.json" }, how({}))],
      ["index", "days", () => measure(indexed, { name: "days" }, how(file("days")))],
    ], size, connections);
    record("index", "page", size, connections, await measure(indexed, { name: "page" }, how(file("page"))));
    if (!quick) record("index", "tenant_wide", size, connections, await measure(indexed, { name: "tenant_wide" }, how(file("tenant_wide"))));
  }
  const loaded = indexed.residentBytes();
  await still.stop();

  const theirs = [indexed];
  const ducks = await offloader({ project, work: folder, index: "off", name: "duckdb" });
  theirs.push(ducks);
  for (const connections of quick ? [main] : connectionCounts) {
    for (const query of quick ? ["days"] : ["days", "page", "tenant_wide"]) {
      record("duckdb", query, size, connections, await measure(ducks, { name: query }, { connections, seconds, ...file(query) }));
    }
  }
  // One client: the same query asked twice at once is run once.
  await alternating([
    ["index", "whole", () => measure(indexed, { name: "whole" }, { connections: 1, seconds, ...file("whole") })],
    ["duckdb", "whole", () => measure(ducks, { name: "whole" }, { connections: 1, seconds, ...file("whole") })],
  ], size, 1);

  let node = null;
  if (!quick || size === largest) {
    node = await handmade({ project, work: folder });
    theirs.push(node);
    for (const connections of quick ? [main] : connectionCounts) {
      for (const query of quick ? ["days"] : ["cached", "days", "page", "tenant_wide"]) {
        record("handmade", query, size, connections, await measure(node, { name: query },
          { connections, seconds, ...file(query === "cached" ? "days_cached" : query) }));
      }
    }
  }
  let postgres = null;
  if (wantsPostgres) {
    const tenants = [...new Set(readFileSync(join(project, "days.tenants"), "utf8").trim().split("\n").map((line) => line.split(" ")[1]))];
    postgres = await Postgres.start({ work: folder, csv, tenants });
    rmSync(csv);
    for (const connections of quick ? [main] : connectionCounts)
      record("postgres", "days", size, connections, await postgres.measure({ connections, seconds }));
  }
  await expectEqual(theirs, project, postgres);
  if (postgres) await postgres.stop();
  if (node) await node.stop();
  await ducks.stop();
  const byDuckdb = await metricOf(indexed, /offloader_queries_total\{executor="duckdb"\} (\d+)/);
  const byIndex = await metricOf(indexed, /offloader_queries_total\{executor="index"\} (\d+)/);
  await indexed.stop();

  const warm = await offloader({ project, work: folder, index: "on", name: "index-warm" });
  await sleep(1000);
  const idle = warm.residentBytes();
  const files = readdirSync(join(folder, "cache-on/datasets/facts"));
  const bytesOf = (suffix) => statSync(join(folder, "cache-on/datasets/facts", files.find((name) => name.endsWith(suffix)))).size;
  results.costs[size] = {
    start_cold_s: cold, start_warm_s: warm.secondsToReady, rss_idle: idle, rss_loaded: loaded, index_bytes: bytesOf(".index"),
    duckdb_bytes: bytesOf(".duckdb"), uncompressed_bytes: facts.uncompressed_bytes, by_index: byIndex, by_duckdb: byDuckdb,
  };
  await warm.stop();
  if (size === largest) await whileBuilding(project, folder, size);
  rmSync(folder, { recursive: true, force: true });
}

// Selective misses at 64 connections while the same number of rows is materialized again and swapped. Both have both
// cores, as a server that builds has.
async function whileBuilding(project, folder, size) {
  const server = await offloader({ project, work: folder, index: "on", core: null, name: "index-building" });
  const refresh = async () => {
    const answer = await fetch(`http://127.0.0.1:${server.admin}/datasets/facts/refresh`,
      { method: "POST", headers: { authorization: "Bearer a benchmark's token" }, signal: AbortSignal.timeout(600_000) });
    if (answer.status !== 200 || (await answer.json()).status !== "ok") throw new Error("the refresh failed");
  };
  const load = (duration) => measure(server, { name: "days" },
    { connections: 64, seconds: duration, core: null, requests: join(project, "days.requests") });
  record("index", "quiet", size, 64, await load(seconds));
  const begin = Date.now();
  let done = false;
  const building = refresh().then(() => (done = true));
  const figures = [];
  while (!done) figures.push(await load(2));
  await building;
  results.costs[size].rebuild_under_load_s = (Date.now() - begin) / 1000;
  const worst = figures.toSorted((a, b) => b.p99 / b.p50 - a.p99 / a.p50)[0];
  record("index", "building", size, 64, worst);
  await server.stop();
}

// Materialization with and without an index, as src/engine/bench/materialize_bench.cc measures it.
function indexBuildCost() {
  const bench = "build/release/src/engine/engine_materialize_bench";
  if (!existsSync(bench)) return;
  const rows = quick ? 1e6 : largest;
  const out = JSON.parse(run([bench, "--benchmark_format=json", "--benchmark_min_time=3"],
    { env: { ...process.env, OFFLOADER_BENCH_ROWS: String(rows) } }));
  const { duckdb_s, offloader_s, indexed_s } = out.benchmarks[0];
  results.costs.materialize = { rows, duckdb_s, offloader_s, indexed_s };
}

function judge() {
  const rate = (who, query, size = largest, connections = main) => cell(who, query, size, connections)?.rate;
  const add = (name, value, bound, atMost = false) => {
    if (value === undefined || Number.isNaN(value)) return;
    results.ratios.push({ name, value, bound, at_most: atMost, holds: atMost ? value <= bound : value >= bound });
  };
  const n = nameOf(largest);
  add(`selective miss / cached hit, ${n}`, rate("index", "days") / rate("index", "cached"), 0.7);
  add(`selective miss / handmade, ${n}`, rate("index", "days") / rate("handmade", "days"), 300);
  add(`selective miss / PostgreSQL, ${n}`, rate("index", "days") / rate("postgres", "days"), 4);
  if (sizes.includes(1e6) && largest > 1e6)
    add(`cost of a miss, ${n} / 1m`, rate("index", "days", 1e6) / rate("index", "days"), 1.3, true);
  add("cached hit / nginx", rate("index", "cached") / rate("nginx", "cached"), 1.2);
  for (const size of sizes)
    add(`whole table grouped, with the index / DuckDB alone, ${nameOf(size)}`, rate("index", "whole", size, 1) / rate("duckdb", "whole", size, 1), 1);
  const costs = results.costs[largest];
  const built = results.costs.materialize;
  if (built) add(`building the index / materialization, ${nameOf(built.rows)}`, (built.indexed_s - built.offloader_s) / built.offloader_s, 0.4, true);
  add(`index file / uncompressed columns, ${n}`, costs.index_bytes / costs.uncompressed_bytes, 1, true);
  const tail = (query) => { const c = cell("index", query, largest, 64); return c && c.p99 / c.p50; };
  add(`p99 / p50 of misses at 64 connections, ${n}`, tail("days"), 3, true);
  add(`p99 / p50 of misses while ${n} is built and swapped`, tail("building"), 3, true);
  add(`idle resident memory, ${n}, in 100 MB`, costs.rss_idle / 1e8, 1, true);
}

function print() {
  const count = (value) => (value === undefined ? "" : value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
  console.log(`\nanswers/s, one core each (${results.cpu}, ${seconds} s a cell)\n`);
  const who = ["index", "nginx", "duckdb", "handmade", "postgres"];
  console.log(["rows", "query", "conns", ...who].map((text, i) => (i < 3 ? text.padEnd(12) : text.padStart(10))).join(" "));
  const rows = new Map();
  for (const one of results.cells) {
    const key = [nameOf(one.size), one.query, one.connections].map((text) => String(text).padEnd(12)).join(" ");
    rows.set(key, { ...rows.get(key), [one.who]: one.rate });
  }
  for (const [key, rates] of rows) console.log(key + " " + who.map((name) => count(rates[name]).padStart(10)).join(" "));
  console.log("\ncosts");
  for (const [size, costs] of Object.entries(results.costs))
    console.log(`  ${size === "materialize" ? size : nameOf(Number(size))}: ` + Object.entries(costs).map(([k, v]) =>
      `${k} ${k.startsWith("rss") || k.endsWith("bytes") ? (v / 1e6).toFixed(1) + " MB" : Number(v.toFixed(2))}`).join(", "));
  console.log("\nratios");
  for (const { name, value, bound, at_most, holds } of results.ratios)
    console.log(`  ${holds ? "ok    " : "MISSED"} ${name.padEnd(62)} ${value.toFixed(2).padStart(9)}  ${at_most ? "at most" : "at least"} ${bound}`);
}

const missing = ["nginx", "taskset"].filter((program) => !has(program));
if (missing.length) throw new Error(`install ${missing.join(", ")}`);
try {
  for (const size of sizes) await compareAt(size);
  indexBuildCost();
  judge();
  mkdirSync(join(outFile, ".."), { recursive: true });
  writeFileSync(outFile, JSON.stringify(results, null, 1) + "\n");
  print();
} finally {
  await stopAll();
  rmSync(work, { recursive: true, force: true });
}
if (results.ratios.some((ratio) => !ratio.holds)) process.exitCode = 1;
