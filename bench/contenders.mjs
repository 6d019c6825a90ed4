// The sides of the comparison. Each is started on one generated dataset and measured by the same client.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { CLIENT_CORE, SERVER_CORE, Server, freePort, pinned, run, runAside } from "./processes.mjs";

export const binary = process.env.BINARY ?? "build/release/bin/offloader";
const isRoot = process.getuid() === 0;

// Generates the dataset with its project in a folder of `work`, which is returned, and leaves the server's core to the server.
export function prepare(work, rows, env = {}) {
  if (!existsSync("bench/handmade/node_modules/@duckdb"))
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: "bench/handmade" });
  const project = join(work, "project");
  console.error(`generating ${rows} rows`);
  run(["node", "bench/handmade/generate.mjs", String(rows), project], { env: { ...process.env, ...env } });
  run(["taskset", "-acp", CLIENT_CORE, String(process.pid)]);
  return project;
}

export const requestsOf = (project, query) => readFileSync(join(project, `${query}.requests`), "utf8").trim().split("\n")
  .map((line) => line.split(" "));

// Sends every request of a query once, so that all cacheable answers are cached. A warm-up by time would leave a slow side half cold.
export async function askAll(server, project, query) {
  const lines = requestsOf(project, query);
  let next = 0;
  const client = async () => {
    while (next < lines.length) {
      const [target, key] = lines[next++];
      const answer = await fetch(`http://127.0.0.1:${server.port}${target}`, { headers: { authorization: `Bearer ${key}` } });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${server.name} ${target}: ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
}

// Seconds for a side that gives too few answers in a normal cell, and for one that gives none even then.
const SLOW = 10;
const SLOWEST = 60;

const FEW = 1000; // answers

// One measurement over HTTP. A side that is so slow that its connections got hardly any answers gets more time.
export async function measure(server, query, { connections, seconds, warmUp = 1, requests, core = CLIENT_CORE }) {
  const before = server.cpuSeconds();
  const { code, out, err } = await runAside(pinned(core, [binary, "bench", "--url", `http://127.0.0.1:${server.port}${query.target ?? "/"}`,
    ...(requests ? ["--requests", requests] : []), "--connections", String(connections), "--duration", String(seconds),
    "--warm-up", String(warmUp), "--timeout", "60", "--json"]));
  const used = server.cpuSeconds() - before;
  const report = code === 2 || !out ? null : JSON.parse(out);
  const longer = seconds < SLOW ? SLOW : report?.answers === 0 ? SLOWEST : 0;
  if (report && report.answers < 2 * connections && Object.values(report.failures).every((count) => count === 0) && seconds < longer)
    return measure(server, query, { connections, seconds: longer, warmUp, requests, core });
  if (code !== 0) throw new Error(`${server.name} ${query.name}: ${err}\n${out.slice(0, 600)}`);
  // Subtract the warm-up's share of CPU time by its duration, because its load is the same.
  const share = seconds / (warmUp + seconds);
  // With few answers, the one that was cut off at the end would matter, so compute one connection's rate from the latencies of its answers.
  const few = connections === 1 && report.answers < FEW;
  return {
    rate: few ? 1e6 / report.latency_us.mean : report.answers_per_second, p50: report.latency_us.p50, p99: report.latency_us.p99,
    cpu: (used * share * 1e6) / report.answers, // microseconds of CPU time per answer
    busy: (used * share) / report.seconds, // cores: close to one, the server is the bottleneck, not the client
  };
}

export async function offloader({ program = binary, project, work, index, core = SERVER_CORE, name, env = {} }) {
  const [port, admin] = [await freePort(), await freePort()];
  const server = await Server.start(name, [program, "start"], {
    core,
    log: join(work, `${name}.log`),
    ready: `http://127.0.0.1:${admin}/ready`,
    env: {
      OFFLOADER_CONFIG: project, OFFLOADER_SECRET_KEY_BASE: "a benchmark's secret of thirty-two bytes", OFFLOADER_IO_THREADS: "1",
      OFFLOADER_ADMIN_TOKEN: "a benchmark's token", OFFLOADER_CACHE_DIR: join(work, `cache-${index}`), OFFLOADER_API_BIND: "127.0.0.1",
      OFFLOADER_API_PORT: String(port), OFFLOADER_ADMIN_PORT: String(admin), OFFLOADER_ACCESS_LOG: "off", OFFLOADER_INDEX: index,
      OFFLOADER_DRAIN_SECONDS: "0", OFFLOADER_REFRESH_INTERVAL: "0", OFFLOADER_POOL_WAIT_MS: "30000",
      ...env,
    },
  });
  return Object.assign(server, { port, admin });
}

// `tls`: the files of its certificate, if it speaks TLS. `headers`: pairs of header fields that it adds to its own.
export async function nginx({ work, body, tls, headers = [] }) {
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
  server { listen 127.0.0.1:${port}${tls ? " ssl" : ""}; root ${folder}; ${headers.map(([name, value]) => `add_header ${name} '${value}';`).join(" ")}
    ${tls ? `ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key}; ssl_protocols TLSv1.2 TLSv1.3;` : ""} } }
`);
  const accepts = () => new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket.end())).on("error", () => resolve(false));
  });
  const server = await Server.start("nginx", ["nginx", "-e", "/dev/null", "-c", join(folder, "nginx.conf")], {
    log: join(work, "nginx.log"), ready: tls ? accepts : `http://127.0.0.1:${port}/hit.json`,
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
