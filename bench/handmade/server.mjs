// server.mjs PROJECT DATABASE PORT: a service for the same endpoints as a team would write it by hand. It uses Fastify, a pool of DuckDB
// connections, statements prepared once per connection, rows sorted for these queries at load, keys in a Map of hashes, and complete answers in
// a Map. It listens on loopback.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import Fastify from "fastify";

const [project, database, port] = process.argv.slice(2);
const POOL_SIZE = 16;
const CACHE_ENTRIES = 10_000;

if (!existsSync(database)) {
  const building = await DuckDBInstance.create(database);
  const connection = await building.connect();
  await connection.run(`CREATE TABLE facts AS SELECT * FROM read_parquet('${join(project, "data", "facts.parquet")}')
    ORDER BY tenant, day`);
  await connection.run("CHECKPOINT");
  connection.closeSync();
  building.closeSync();
}
const instance = await DuckDBInstance.create(database, {
  access_mode: "READ_ONLY",
  threads: process.env.DUCKDB_THREADS ?? "2",
});

const DAYS = `SELECT strftime(day, '%Y-%m-%d') AS day, sum(clicks)::BIGINT AS clicks, sum(views)::BIGINT AS views,
  count(campaign) AS rows FROM facts WHERE tenant = $1 AND day BETWEEN $2::DATE AND $3::DATE
  GROUP BY facts.day ORDER BY facts.day LIMIT 501`;
const PAGE = `SELECT strftime(day, '%Y-%m-%d') AS day, campaign, clicks, views FROM facts
  WHERE tenant = $1 AND day BETWEEN $2::DATE AND $3::DATE
  ORDER BY facts.clicks DESC, facts.day, facts.campaign, facts.views LIMIT 51`;
const TENANT_WIDE = `SELECT campaign, sum(clicks)::BIGINT AS clicks, sum(views)::BIGINT AS views FROM facts WHERE tenant = $1
  GROUP BY campaign ORDER BY campaign LIMIT 501`;
const WHOLE = `SELECT campaign, sum(clicks)::BIGINT AS clicks, sum(views)::BIGINT AS views FROM facts
  GROUP BY campaign ORDER BY campaign LIMIT 501`;

class Pool {
  #idle = [];
  #waiting = [];
  static async open(size) {
    const pool = new Pool();
    for (let i = 0; i < size; i++) pool.#idle.push({ connection: await instance.connect(), statements: new Map() });
    return pool;
  }
  async query(sql, values) {
    const slot = this.#idle.pop() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    try {
      let statement = slot.statements.get(sql);
      if (!statement) slot.statements.set(sql, (statement = await slot.connection.prepare(sql)));
      values.forEach((value, i) => statement.bindVarchar(i + 1, value));
      const result = await statement.runAndReadAll();
      return result.getRowObjectsJS();
    } finally {
      const next = this.#waiting.shift();
      if (next) next(slot);
      else this.#idle.push(slot);
    }
  }
}

const pool = await Pool.open(POOL_SIZE);
const tenants = new Map(
  [...readFileSync(join(project, "keys", "keys.yml"), "utf8").matchAll(/hash: ([0-9a-f]{64}), tenant: ([a-z0-9-]+)/g)].map(
    ([, hash, tenant]) => [hash, tenant]));
const cache = new Map();

function tenantOf(request) {
  const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  return tenants.get(createHash("sha256").update(token).digest("hex"));
}

// A BIGINT arrives as BigInt. These sums are far below 2^53.
const envelope = (rows, limit) => JSON.stringify({
  data: rows.slice(0, limit),
  meta: { row_count: Math.min(rows.length, limit), has_more: rows.length > limit, snapshot_id: "s1" },
}, (_, value) => (typeof value === "bigint" ? Number(value) : value));

const app = Fastify({ logger: false });
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const route = (path, sql, { span, limit, cached, scoped = true }) =>
  app.get(path, async (request, reply) => {
    const tenant = tenantOf(request);
    if (tenant === undefined) return reply.code(401).send({ error: { code: "unauthorized" } });
    const values = scoped ? [tenant] : [];
    if (span) {
      const { from = "0001-01-01", to = "9999-12-31" } = request.query;
      if (!DATE.test(from) || !DATE.test(to)) return reply.code(422).send({ error: { code: "invalid_param" } });
      values.push(from, to);
    }
    reply.header("content-type", "application/json; charset=utf-8");
    const key = cached && path + "\0" + values.join("\0");
    let body = cached && cache.get(key);
    if (!body) {
      body = envelope(await pool.query(sql, values), limit);
      if (cached) {
        if (cache.size >= CACHE_ENTRIES) cache.delete(cache.keys().next().value);
        cache.set(key, body);
      }
    }
    return reply.send(body);
  });
route("/v1/endpoints/days", DAYS, { span: true, limit: 500, cached: false });
route("/v1/endpoints/days_cached", DAYS, { span: true, limit: 500, cached: true });
route("/v1/endpoints/page", PAGE, { span: true, limit: 50, cached: false });
route("/v1/endpoints/tenant_wide", TENANT_WIDE, { span: false, limit: 500, cached: false });
route("/v1/endpoints/whole", WHOLE, { span: false, limit: 500, cached: false, scoped: false });
app.get("/live", async () => "ok");
await app.listen({ port: Number(port), host: "127.0.0.1" });
