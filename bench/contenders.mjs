// Who is compared, each started over one generated dataset and measured by the same client.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLIENT_CORE, SERVER_CORE, Server, freePort, has, pinned, run, runAside } from "./processes.mjs";

export const binary = process.env.BINARY ?? "build/release/bin/offloader";
const isRoot = process.getuid() === 0;

export const requestsOf = (project, query) => readFileSync(join(project, `${query}.requests`), "utf8").trim().split("\n")
  .map((line) => line.split(" "));

// One measurement over HTTP.
export async function measure(server, query, { connections, seconds, warmUp = 1, requests, core = CLIENT_CORE }) {
  const before = server.cpuSeconds();
  const { code, out, err } = await runAside(pinned(core, [binary, "bench", "--url", `http://127.0.0.1:${server.port}${query.target ?? "/"}`,
    ...(requests ? ["--requests", requests] : []), "--connections", String(connections), "--duration", String(seconds),
    "--warm-up", String(warmUp), "--timeout", "60", "--json"]));
  if (code !== 0) throw new Error(`${server.name} ${query.name}: ${err}\n${out.slice(0, 600)}`);
  const report = JSON.parse(out);
  const span = (warmUp + seconds) / seconds;
  return {
    rate: report.answers_per_second, p50: report.latency_us.p50, p99: report.latency_us.p99,
    // The warm-up's share is taken off by time: the load is the same.
    cpu: ((server.cpuSeconds() - before) * 1e6) / span / report.answers,
  };
}

export async function offloader({ project, work, index, core = SERVER_CORE, name }) {
  const [port, admin] = [await freePort(), await freePort()];
  const server = await Server.start(name, [binary, "start"], {
    core,
    log: join(work, `${name}.log`),
    ready: `http://127.0.0.1:${admin}/ready`,
    env: {
      OFFLOADER_CONFIG: project, OFFLOADER_SECRET_KEY_BASE: "a benchmark's secret of thirty-two bytes", OFFLOADER_IO_THREADS: "1",
      OFFLOADER_ADMIN_TOKEN: "a benchmark's token", OFFLOADER_CACHE_DIR: join(work, `cache-${index}`), OFFLOADER_API_BIND: "127.0.0.1",
      OFFLOADER_API_PORT: String(port), OFFLOADER_ADMIN_PORT: String(admin), OFFLOADER_ACCESS_LOG: "off", OFFLOADER_INDEX: index,
      OFFLOADER_DRAIN_SECONDS: "0", OFFLOADER_REFRESH_INTERVAL: "0", OFFLOADER_POOL_WAIT_MS: "30000",
    },
  });
  return Object.assign(server, { port, admin });
}

export async function nginx({ work, body }) {
  const folder = join(work, "nginx");
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "hit.json"), body);
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
  writeFileSync(join(folder, "nginx.conf"), `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
${isRoot ? "user root;" : ""}
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; open_file_cache max=16 inactive=1h;
  default_type application/json; ${temporary}
  server { listen 127.0.0.1:${port}; root ${folder}; } }
`);
  const server = await Server.start("nginx", ["nginx", "-e", "/dev/null", "-c", join(folder, "nginx.conf")], {
    log: join(work, "nginx.log"), ready: `http://127.0.0.1:${port}/hit.json`,
  });
  return Object.assign(server, { port });
}

export async function handmade({ project, work }) {
  const port = await freePort();
  const server = await Server.start("handmade", ["node", "bench/handmade/server.mjs", project, join(work, "handmade.duckdb"), String(port)], {
    log: join(work, "handmade.log"), ready: `http://127.0.0.1:${port}/live`, env: { NODE_ENV: "production" },
  });
  return Object.assign(server, { port });
}

// A cluster of its own, on a Unix socket alone. Not as root: PostgreSQL refuses to run as that.
export class Postgres {
  static programs() {
    const folder = "/usr/lib/postgresql";
    if (!existsSync(folder)) return null;
    return readdirSync(folder).map((version) => join(folder, version, "bin")).find((path) => existsSync(join(path, "initdb"))) ?? null;
  }
  static async start({ work, csv, tenants }) {
    const postgres = new Postgres();
    const programs = Postgres.programs();
    if (!programs || !has("pgbench")) return null;
    Object.assign(postgres, { folder: join(work, "postgres"), tenants });
    rmSync(postgres.folder, { recursive: true, force: true });
    mkdirSync(postgres.folder);
    postgres.as = isRoot ? ["runuser", "-u", "postgres", "--"] : [];
    if (isRoot) {
      run(["chown", "postgres", postgres.folder]);
      for (let path = work; path !== "/" && path !== "/tmp" && path !== "/var/tmp"; path = join(path, "..")) chmodSync(path, 0o755);
    }
    const data = join(postgres.folder, "data");
    run([...postgres.as, join(programs, "initdb"), "-D", data, "-E", "UTF8", "--locale=C", "-A", "trust", "-U", "bench"]);
    postgres.server = await Server.start("postgres", [...postgres.as, join(programs, "postgres"), "-D", data, "-k", postgres.folder,
      "-c", "listen_addresses=", "-c", "shared_buffers=1GB", "-c", "maintenance_work_mem=512MB", "-c", "jit=off", "-c", "fsync=off",
      "-c", "max_wal_size=8GB"], {
      log: join(work, "postgres.log"),
      ready: async () => (await runAside(["psql", "-h", postgres.folder, "-U", "bench", "-d", "postgres", "-c", "SELECT 1"])).code === 0,
    });
    postgres.server.signal = "SIGINT";
    postgres.sql("CREATE TABLE facts (tenant text, day date, campaign text, clicks integer, views bigint, spend double precision)");
    postgres.sql(`\\copy facts FROM '${csv}' (FORMAT csv)`);
    postgres.sql("CREATE INDEX ON facts (tenant, day) INCLUDE (clicks, views, campaign)");
    postgres.sql("VACUUM (ANALYZE) facts");
    postgres.sql("CHECKPOINT");
    return postgres;
  }
  sql(text) {
    return run(["psql", "-h", this.folder, "-U", "bench", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", text]);
  }
  days(tenant, from) {
    return `SELECT day, sum(clicks), sum(views), count(campaign) FROM facts WHERE tenant = '${tenant}' AND day BETWEEN ${from}
      AND ${from} + 19 GROUP BY day ORDER BY day LIMIT 501;`.replace(/\s+/g, " ");
  }
  // Prepared statements, a literal tenant in each of up to 50 scripts, the days at random.
  async measure({ connections, seconds }) {
    const scripts = this.tenants.map((tenant, i) => {
      const path = join(this.folder, `${i}.sql`);
      writeFileSync(path, `\\set first random(0, 344)\n${this.days(tenant, "(DATE '2025-01-01' + :first::integer)")}\n`);
      return ["-f", path];
    }).flat();
    const command = ["pgbench", "-h", this.folder, "-U", "bench", "-n", "-M", "prepared", "-c", String(connections), "-j", "1"];
    await runAside(pinned(CLIENT_CORE, [...command, "-T", "2", ...scripts, "postgres"]));
    const { code, out, err } = await runAside(pinned(CLIENT_CORE, [...command, "-T", String(Math.max(3, Math.ceil(seconds))), ...scripts, "postgres"]));
    const rate = Number(/tps = ([\d.]+)/.exec(out)?.[1]);
    if (code !== 0 || !rate) throw new Error(`pgbench: ${err}${out}`);
    return { rate };
  }
  async stop() {
    await this.server.stop("SIGINT");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
