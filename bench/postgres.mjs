// PostgreSQL as a side of the comparison: a separate cluster that listens only on a Unix socket, with a covering index for the one query that
// pgbench runs. Debian's package keeps its programs out of PATH and refuses to run as root.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLIENT_CORE, Server, pinned, run, runAside } from "./processes.mjs";

const INSTALLED = "/usr/lib/postgresql";
const LONGEST_SOCKET = 107; // bytes of a Unix socket's path
const isRoot = process.getuid() === 0;
// setpriv replaces itself with the command, so signals and core pinning apply to the server.
const asPostgres = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];

// The programs of version 15 if several versions are installed; null if there is none.
export function programs() {
  if (!existsSync(INSTALLED)) return null;
  const whole = readdirSync(INSTALLED).filter((version) => existsSync(join(INSTALLED, version, "bin/initdb")));
  const version = whole.includes("15") ? "15" : whole.sort((a, b) => b - a)[0];
  return version ? { version, folder: join(INSTALLED, version, "bin") } : null;
}

export class Postgres {
  #folder;
  #bin;
  #tenants;

  static async start({ work, csv, tenants }) {
    const postgres = new Postgres();
    postgres.#bin = programs().folder;
    postgres.#tenants = tenants;
    postgres.#folder = join(work, "postgres");
    const folder = postgres.#folder;
    if (join(folder, ".s.PGSQL.5432").length > LONGEST_SOCKET) throw new Error(`BENCH_DIR is too long for a Unix socket: ${folder}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    if (isRoot) {
      run(["chown", "postgres", folder]);
      if (run([...asPostgres, "sh", "-c", `test -w '${folder}' && echo yes || true`]).trim() !== "yes")
        throw new Error(`the user postgres cannot reach ${folder}: let BENCH_DIR name a folder that it can`);
    }
    const data = join(folder, "data");
    const asOwner = { cwd: folder }; // PostgreSQL's programs must be able to return to their working folder
    run([...asPostgres, postgres.#program("initdb"), "-D", data, "-E", "UTF8", "--locale=C", "-A", "trust", "-U", "bench"], asOwner);
    postgres.server = await Server.start("PostgreSQL", [...asPostgres, postgres.#program("postgres"), "-D", data, "-k", folder,
      "-c", "listen_addresses=", "-c", "shared_buffers=1GB", "-c", "maintenance_work_mem=512MB", "-c", "jit=off", "-c", "fsync=off",
      "-c", "max_wal_size=8GB", "-c", "autovacuum=off"], {
      log: join(work, "postgres.log"), cwd: folder, signal: "SIGINT",
      ready: async () => (await runAside([postgres.#program("psql"), ...postgres.#where(), "-c", "SELECT 1"])).code === 0,
    });
    postgres.sql("CREATE TABLE facts (tenant text, day date, campaign text, clicks integer, views bigint, spend double precision)");
    postgres.sql(`\\copy facts FROM '${csv}' (FORMAT csv)`);
    postgres.sql("CREATE INDEX ON facts (tenant, day) INCLUDE (clicks, views, campaign)");
    postgres.sql("VACUUM (ANALYZE) facts");
    postgres.sql("CHECKPOINT");
    const plan = postgres.sql(`EXPLAIN ${postgres.days(tenants[0], "DATE '2025-03-01'")}`);
    if (!plan.includes("Index Only Scan")) throw new Error(`PostgreSQL does not use the covering index:\n${plan}`);
    return postgres;
  }

  #program(name) { return join(this.#bin, name); }
  #where() { return ["-h", this.#folder, "-U", "bench", "-d", "postgres"]; }

  sql(text) {
    return run([this.#program("psql"), ...this.#where(), "-X", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", text]);
  }

  days(tenant, from) {
    return `SELECT day, sum(clicks), sum(views), count(campaign) FROM facts WHERE tenant = '${tenant}' AND day BETWEEN ${from}
      AND ${from} + 19 GROUP BY day ORDER BY day LIMIT 501;`.replace(/\s+/g, " ");
  }

  // Rows in the format of the endpoint.
  answer(tenant, from) {
    const rows = this.sql(this.days(tenant, `DATE '${from}'`)).trim().split("\n").map((line) => line.split("|"));
    return JSON.stringify(rows.map(([day, clicks, views, count]) =>
      ({ day, clicks: Number(clicks), views: Number(views), rows: Number(count) })));
  }

  // Prepared statements, with a literal tenant in each of up to 50 scripts and random days.
  async measure({ connections, seconds }) {
    const scripts = this.#tenants.flatMap((tenant, i) => {
      const path = join(this.#folder, `${i}.sql`);
      writeFileSync(path, `\\set first random(0, 344)\n${this.days(tenant, "(DATE '2025-01-01' + :first::integer)")}\n`);
      chmodSync(path, 0o644);
      return ["-f", path];
    });
    const [host, socket, user, name] = this.#where();
    const command = [this.#program("pgbench"), host, socket, user, name, "-n", "-M", "prepared", "-c", String(connections), "-j", "1"];
    await runAside(pinned(CLIENT_CORE, [...command, "-T", "2", ...scripts, "postgres"]));
    // Connecting and preparing count as time and can take all of a short cell.
    for (const duration of [Math.max(3, Math.ceil(seconds)), 15]) {
      const { code, out, err } = await runAside(pinned(CLIENT_CORE, [...command, "-T", String(duration), ...scripts, "postgres"]));
      if (code !== 0) throw new Error(`pgbench ended (${code}):\n${err}${out}`);
      const answers = Number(/actually processed: (\d+)/.exec(out)?.[1]);
      if (answers >= 2 * connections) return { rate: Number(/tps = ([\d.]+)/.exec(out)[1]) };
    }
    throw new Error("pgbench: hardly a transaction in 15 s");
  }

  async stop() {
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
