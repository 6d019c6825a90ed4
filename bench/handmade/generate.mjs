// generate.mjs ROWS FOLDER: generates a dataset of ROWS rows with its project and manifest, and the same rows as CSV for PostgreSQL. Each tenant
// has 10,000 rows (fewer rows make one smaller tenant), spread over 365 days. With BENCH_CONTRACTS, also the endpoints of bench/contracts.mjs,
// with BENCH_EXPORTS those of bench/exports.mjs.
import { createHash } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const rows = Number(process.argv[2]);
const folder = process.argv[3];
const tenants = Math.max(1, rows / 10_000);
for (const part of ["datasets", "endpoints", "keys", "data"]) mkdirSync(join(folder, part), { recursive: true });

const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const db = await instance.connect();
// Uses hash() of the row's number, so the rows are the same on every run and machine.
await db.run(`CREATE VIEW facts AS SELECT
  'tenant-' || lpad((i % ${tenants})::VARCHAR, 6, '0') AS tenant,
  DATE '2025-01-01' + (i // ${tenants} % 365)::INTEGER AS day,
  'campaign ' || (hash(i) % 97) AS campaign,
  (hash(i + 1) % 1000)::INTEGER AS clicks,
  (hash(i + 2) % 100000)::BIGINT AS views,
  ((hash(i + 3) % 1000000) / 64.0)::DOUBLE AS spend
  FROM range(${rows}) t(i)`);
const parquet = join(folder, "data", "facts.parquet");
await db.run(`COPY facts TO '${parquet}' (FORMAT parquet)`);
if (process.env.BENCH_CSV) // for PostgreSQL
  await db.run(`COPY facts TO '${process.env.BENCH_CSV}' (FORMAT csv, HEADER false)`);

const uncompressed = await db.runAndReadAll(`SELECT sum(4 + 4 + 8 + 8 + (4 + strlen(tenant)) + (4 + strlen(campaign)))::BIGINT
  AS bytes FROM facts`);
const write = (path, text) => writeFileSync(join(folder, path), text);
// The size of the rows as plain arrays: fixed widths, and for a string its bytes and four bytes of length.
write("facts.json", JSON.stringify({ rows, tenants, uncompressed_bytes: Number(uncompressed.getRowObjects()[0].bytes) }) + "\n");
write("offloader.yml", "version: 1\nkeys: keys/keys.yml\n");
write("datasets/facts.yml", `id: facts
schema:
  - {name: tenant, type: VARCHAR}
  - {name: day, type: DATE}
  - {name: campaign, type: VARCHAR}
  - {name: clicks, type: INTEGER}
  - {name: views, type: BIGINT}
  - {name: spend, type: DOUBLE}
tenant_column: tenant
manifest: data/manifest.json
`);
const columns = [["tenant", "VARCHAR"], ["day", "DATE"], ["campaign", "VARCHAR"], ["clicks", "INTEGER"],
  ["views", "BIGINT"], ["spend", "DOUBLE"]];
const manifest = (dataset, schema) => JSON.stringify({
  dataset_id: dataset, snapshot_id: "s1", created_at: "2026-01-01T00:00:00Z", watermark: "2026-01-01T00:00:00Z", schema,
  files: [{ path: "facts.parquet", format: "parquet", row_count: rows, size_bytes: statSync(parquet).size }],
  partition_columns: [], sort_columns: [], row_count: rows, size_bytes: statSync(parquet).size, producer: "bench",
  upstream_run_id: "bench", schema_version: 1, data_quality_status: "passed", compatibility_policy: "additive_only",
}, null, 2) + "\n";
const schema = columns.map(([name, type]) => ({ name, type }));
write("data/manifest.json", manifest("facts", schema));
const span = `params:
  - {name: from, type: date}
  - {name: to, type: date}
`;
const filters = `  filters:
    - {column: day, op: gte, param: from}
    - {column: day, op: lte, param: to}
`;
const grouped = `query:
  select:
    - {as: day, column: day}
    - {as: clicks, column: clicks, agg: sum}
    - {as: views, column: views, agg: sum}
    - {as: rows, column: campaign, agg: count}
${filters}  group_by: [day]
  order_by: [{column: day}]
columns: [day, clicks, views, rows]
pagination: {default_limit: 500, max_limit: 500}
`;
const page = `query:
  select:
    - {as: day, column: day}
    - {as: campaign, column: campaign}
    - {as: clicks, column: clicks}
    - {as: views, column: views}
${filters}  order_by: [{column: clicks, dir: desc}]
columns: [day, campaign, clicks, views]
pagination: {default_limit: 50, max_limit: 500}
`;
// Queries over all rows of one tenant. For the whole table, a dataset without a tenant uses the same file.
const wide = `query:
  select:
    - {as: campaign, column: campaign}
    - {as: clicks, column: clicks, agg: sum}
    - {as: views, column: views, agg: sum}
  group_by: [campaign]
  order_by: [{column: campaign}]
columns: [campaign, clicks, views]
pagination: {default_limit: 500, max_limit: 500}
`;
const endpoint = (name, rest, dataset, policy) => write(`endpoints/${name}.yml`,
  `name: ${name}\nversion: 1\ndataset: ${dataset}\n${dataset === "facts" ? "tenant: {column: tenant}\n" : ""}` +
  `${rest}cache: {policy: ${policy}}\n`);
endpoint("days", span + grouped, "facts", "none");
endpoint("days_cached", span + grouped, "facts", "snapshot");
endpoint("page", span + page, "facts", "none");
endpoint("tenant_wide", wide, "facts", "none");
const names = ["days", "days_cached", "page", "tenant_wide"];
if (!process.env.BENCH_NO_WHOLE) {
  write("datasets/whole.yml", `id: whole
schema:
  - {name: campaign, type: VARCHAR}
  - {name: clicks, type: INTEGER}
  - {name: views, type: BIGINT}
manifest: data/whole.json
`);
  write("data/whole.json", manifest("whole", schema.filter(({ name }) => ["campaign", "clicks", "views"].includes(name))));
  endpoint("whole", wide, "whole", "none");
  names.push("whole");
}
// The selective query with one feature more each, and a dataset to page through by cursor.
if (process.env.BENCH_CONTRACTS) {
  const feature = (name, change) => {
    const text = change(span + grouped);
    if (text === span + grouped) throw new Error(`${name} is the plain query`);
    endpoint(name, text, "facts", "none");
    names.push(name);
  };
  const days = "{as: day, column: day}";
  feature("days_in", (text) => text.replace("params:\n", "params:\n  - {name: campaigns, type: string, list: {max: 50}}\n")
    .replace("  filters:\n", "  filters:\n    - {column: campaign, op: in, param: campaigns}\n"));
  feature("months", (text) => text.replace(days, "{as: day, column: day, bucket: {grain: month}}"));
  feature("days_having", (text) => text.replace("params:\n", "params:\n  - {name: least, type: integer}\n")
    .replace("  order_by:", "  having: [{column: clicks, op: gte, param: least}]\n  order_by:"));
  feature("days_expr", (text) => text.replace("    - {as: rows,", "    - {as: rate, expr: clicks / views}\n    - {as: rows,")
    .replace("columns: [day,", "columns: [rate, day,"));
  write("datasets/events.yml", `id: events
schema:
  - {name: day, type: DATE}
  - {name: campaign, type: VARCHAR}
  - {name: clicks, type: INTEGER}
  - {name: views, type: BIGINT}
manifest: data/events.json
`);
  write("data/events.json", manifest("events", schema.filter(({ name }) => !["tenant", "spend"].includes(name))));
  for (const [name, order] of [["events", "{column: day, dir: desc}"], ["events_by_views", "{column: views, dir: desc}"]]) {
    endpoint(name, `query:
  select:
    - {as: day, column: day}
    - {as: campaign, column: campaign}
    - {as: clicks, column: clicks}
    - {as: views, column: views}
  order_by: [${order}]
columns: [day, campaign, clicks, views]
pagination: {default_limit: 50, max_limit: 100000, cursor: true}
`, "events", "none");
    names.push(name);
  }
}

// The whole table in its own order, for bench/exports.mjs, and in another one.
if (process.env.BENCH_EXPORTS) {
  write("datasets/all.yml", `id: all
schema:
${columns.map(([name, type]) => `  - {name: ${name}, type: ${type}}`).join("\n")}
manifest: data/all.json
`);
  write("data/all.json", manifest("all", schema));
  for (const [name, order] of [["all", ""], ["all_by_views", "  order_by: [{column: views, dir: desc}]\n"]]) {
    endpoint(name, `query:
  select:
${columns.map(([column]) => `    - {as: ${column}, column: ${column}}`).join("\n")}
${order}columns: [${columns.map(([column]) => column).join(", ")}]
pagination: {default_limit: 50, max_limit: 500}
formats: [csv, ndjson, arrow, parquet]
export: {max_rows: ${rows}, concurrency: 4}
`, "all", "none");
    names.push(name);
  }
}

// A key for each of up to 50 tenants, and 20 spans of 20 days: a thousand different requests.
const token = (i) => "offl_" + createHash("sha256").update(`bench ${i}`).digest("hex").slice(0, 48);
const used = Math.min(50, tenants);
let keys = "keys:\n";
const requests = { days: [], page: [], tenant_wide: [], whole: ["/v1/endpoints/whole " + token(0)] };
for (let i = 0; i < used; i++) {
  const tenant = "tenant-" + String(Math.floor((i * tenants) / used)).padStart(6, "0");
  keys += `  - {id: key_${i}, hash: ${createHash("sha256").update(token(i)).digest("hex")}, tenant: ${tenant}, ` +
    `endpoints: [${names.join(", ")}], status: active}\n`;
  for (let span = 0; span < 20; span++) {
    const date = (days) => new Date(Date.UTC(2025, 0, 1 + days)).toISOString().slice(0, 10);
    const first = (span * 17 + i) % 345;
    requests.days.push(`/v1/endpoints/days?from=${date(first)}&to=${date(first + 19)} ${token(i)} ${tenant}`);
    requests.page.push(`/v1/endpoints/page?from=${date(first)}&to=${date(first + 19)} ${token(i)} ${tenant}`);
  }
  requests.tenant_wide.push(`/v1/endpoints/tenant_wide ${token(i)} ${tenant}`);
}
write("keys/keys.yml", keys);
// Spread the requests, so that successive ones are not neighbours in the table.
const spread = (list) => list.map((line, i) => [(i * 7919) % list.length, line]).sort((a, b) => a[0] - b[0]).map((x) => x[1]);
for (const [name, list] of Object.entries(requests)) {
  const lines = spread(list);
  write(`${name}.requests`, lines.map((line) => line.split(" ").slice(0, 2).join(" ")).join("\n") + "\n");
  write(`${name}.tenants`, lines.map((line) => `${line.split(" ")[1]} ${line.split(" ")[2] ?? ""}`).join("\n") + "\n");
}
if (process.env.BENCH_CONTRACTS) {
  const fifty = Array.from({ length: 50 }, (_, i) => `campaign+${(i * 2) % 97}`).join(",");
  const asked = (name, change) => write(`${name}.requests`, spread(requests.days).map((line) =>
    change(line.split(" ").slice(0, 2).join(" ").replace("/v1/endpoints/days?", `/v1/endpoints/${name}?`))).join("\n") + "\n");
  const year = (line) => line.replace(/from=[^&]*&to=\S*/, "from=2025-01-01&to=2025-12-31");
  asked("days_in", (line) => line.replace("?", `?campaigns=${fifty}&`));
  asked("days_having", (line) => line.replace("?", "?least=5000&"));
  asked("days_expr", (line) => line);
  asked("months", year);
  write("days_of_year.requests", spread(requests.days).map((line) => year(line.split(" ").slice(0, 2).join(" "))).join("\n") + "\n");
  write("events.requests", `/v1/endpoints/events ${token(0)}\n`);
}
write("days_cached.requests", spread(requests.days).map((line) =>
  line.split(" ").slice(0, 2).join(" ").replace("/v1/endpoints/days?", "/v1/endpoints/days_cached?")).join("\n") + "\n");
