// large-project.mjs OLD [NEW]: memory and refreshes of a large project by two builds of the server: 200 endpoints that read all 60
// columns of one dataset and filter by up to eight of them. OLD and NEW are programs; NEW is build/release/bin/offloader unless given.
// Prints both sides and their ratio. BENCH_PAIRS (10) refreshes a side are timed; each swaps in a snapshot of three rows, so that the
// swap is what they cost. Fails if NEW holds more than 120 MB (RssAnon) after every combination of filters was asked for once, or
// refreshes more slowly than OLD.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary, offloader } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder } from "./processes.mjs";

const [old, current = binary] = process.argv.slice(2);
if (!old) {
  console.error("usage: node bench/large-project.mjs OLD [NEW]");
  process.exit(2);
}
const ENDPOINTS = 200;
const COLUMNS = 60;
const FILTERS = 8;
const MEMORY_BOUND_MB = 120;
const pairs = Number(process.env.BENCH_PAIRS ?? 10);
const TOKEN = "a benchmark's token";
const column = (i) => `a_column_of_facts_${i}`;
const range = (n) => [...Array(n).keys()];

function writeProject(project) {
  for (const folder of ["datasets", "endpoints", "data"]) mkdirSync(join(project, folder), { recursive: true });
  writeFileSync(join(project, "offloader.yml"), "version: 1\nauth: none\n");
  writeFileSync(join(project, "datasets/facts.yml"),
    `id: facts\nmanifest: data/facts.json\nschema:\n${range(COLUMNS).map((c) => `  - {name: ${column(c)}, type: BIGINT}\n`).join("")}`);
  for (const i of range(ENDPOINTS)) {
    writeFileSync(join(project, `endpoints/e${i}.yml`), `name: endpoint_${i}
version: 1
dataset: facts
params:
${range(FILTERS).map((f) => `  - {name: filter_${f}, type: integer}\n`).join("")}query:
  select:
${range(COLUMNS).map((c) => `    - {as: ${column(c)}, column: ${column(c)}}\n`).join("")}  filters:
${range(FILTERS).map((f) => `    - {column: ${column(f)}, op: gte, param: filter_${f}}\n`).join("")}columns: [${range(COLUMNS).map(column).join(", ")}]
`);
  }
}

function publish(project, number) {
  const rows = range(3).map((r) => range(COLUMNS).map((c) => number * 1000 + r * COLUMNS + c).join(","));
  const file = `facts-${number}.csv`;
  writeFileSync(join(project, "data", file), `${range(COLUMNS).map(column).join(",")}\n${rows.join("\n")}\n`);
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString().replace(".000Z", "Z");
  writeFileSync(join(project, "data/facts.json"), JSON.stringify({
    dataset_id: "facts", snapshot_id: `s${number}`, created_at: at, watermark: at,
    schema: range(COLUMNS).map((c) => ({ name: column(c), type: "BIGINT" })), files: [{ path: file, format: "csv" }],
    partition_columns: [], sort_columns: [], row_count: 3, size_bytes: 1, producer: "bench", upstream_run_id: "run", schema_version: 1,
    data_quality_status: "passed", compatibility_policy: "exact",
  }));
}

const anonymousMb = (server) =>
  Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))[1]) / 1024;

async function askEveryShape(server) {
  for (const i of range(ENDPOINTS)) {
    const asked = range(1 << FILTERS).map((mask) =>
      `http://127.0.0.1:${server.port}/v1/endpoints/endpoint_${i}?limit=1${range(FILTERS).filter((f) => mask & (1 << f)).map((f) => `&filter_${f}=1`).join("")}`);
    for (let from = 0; from < asked.length; from += 32) {
      await Promise.all(asked.slice(from, from + 32).map(async (url) => {
        const answer = await fetch(url);
        if (answer.status !== 200) throw new Error(`${server.name}: ${answer.status} for ${url}`);
        await answer.arrayBuffer();
      }));
    }
  }
}

let published = 1;
async function refresh(server, project) {
  publish(project, ++published);
  const begin = performance.now();
  const answer = await fetch(`http://127.0.0.1:${server.admin}/datasets/facts/refresh`,
    { method: "POST", headers: { authorization: `Bearer ${TOKEN}` } });
  const report = await answer.json();
  if (report.status !== "ok") throw new Error(`${server.name}: a refresh ended ${JSON.stringify(report)}`);
  return performance.now() - begin;
}

await inWorkFolder("large", async (work) => {
  const project = join(work, "project");
  writeProject(project);
  publish(project, published);
  const servers = [];
  for (const [name, program] of [["new", current], ["old", old]]) {
    mkdirSync(join(work, name));
    servers.push(await offloader({ program, project, work: join(work, name), index: "on", name }));
  }
  const report = (what, [now, then], unit) =>
    console.log(`${what.padEnd(44)}new ${now.toFixed(1)} ${unit}, old ${then.toFixed(1)} ${unit}, new over old ${(now / then).toFixed(3)}`);
  report("RssAnon after the start", servers.map(anonymousMb), "MB");
  for (const server of servers) await askEveryShape(server);
  const held = servers.map(anonymousMb);
  report("RssAnon after every combination of filters", held, "MB");
  const seen = await inPairs(servers.map((server) => () => refresh(server, project)), pairs);
  report("a refresh of three rows, median", [median(seen.map(([a]) => a)), median(seen.map(([, b]) => b))], "ms");
  const ratio = medianWithInterval(seen.map(([a, b]) => a / b));
  console.log(`its ratio in pairs: ${ratio.median.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})`);
  return held[0] > MEMORY_BOUND_MB || ratio.low > 1;
});
