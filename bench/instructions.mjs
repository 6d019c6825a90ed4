// instructions.mjs OLD [NEW]: the instructions that two builds of the program execute for a JSON answer, counted by callgrind: a cached hit, a
// selective miss by the index, and a page of rows. NEW is build/release/bin/offloader unless given. Fails if NEW needs more than BENCH_BOUND
// times as many. The count includes all threads between the first and the last request, so it repeats to about a tenth of a percent.
// Variables and their defaults: BENCH_ROWS (100,000), BENCH_REQUESTS (2,000), BENCH_BOUND (1.02), BENCH_DIR (the working folder),
// BENCH_KEEP (keeps the profiles, for callgrind_annotate), BENCH_OLD_ENV and BENCH_NEW_ENV (settings of one side, `NAME=value` separated by
// spaces: with one program as both sides, they count what a setting costs).
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Connection } from "./connection.mjs";
import { binary, prepare, requestsOf } from "./contenders.mjs";
import { Server, freePort, inWorkFolder, run } from "./processes.mjs";

const [old, current = binary] = process.argv.slice(2);
if (!old) {
  console.error("usage: bench/instructions.mjs OLD [NEW]");
  process.exit(2);
}
const rows = Number(process.env.BENCH_ROWS ?? 1e5);
const requests = Number(process.env.BENCH_REQUESTS ?? 2000);
const bound = Number(process.env.BENCH_BOUND ?? 1.02);
const QUERIES = [["days_cached", "cached hit"], ["days", "selective miss"], ["page", "page of 50 rows"]];

const settingsOf = (variable) => Object.fromEntries((process.env[variable] ?? "").split(" ").filter(Boolean)
  .map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]));

const say = (text) => console.error(text);

async function counted(program, project, work, name, settings) {
  const [port, admin] = [await freePort(), await freePort()];
  const folder = join(work, name);
  const server = await Server.start(name, ["valgrind", "--tool=callgrind", "--instr-atstart=yes", "--dump-instr=no",
    `--callgrind-out-file=${folder}.callgrind`, resolve(program), "start"], {
    core: null, log: `${folder}.log`, ready: `http://127.0.0.1:${admin}/ready`,
    env: {
      OFFLOADER_CONFIG: project, OFFLOADER_SECRET_KEY_BASE: "a benchmark's secret of thirty-two bytes", OFFLOADER_IO_THREADS: "1",
      OFFLOADER_ADMIN_TOKEN: "a benchmark's token", OFFLOADER_CACHE_DIR: `${folder}.cache`, OFFLOADER_API_BIND: "127.0.0.1",
      OFFLOADER_API_PORT: String(port), OFFLOADER_ADMIN_PORT: String(admin), OFFLOADER_ACCESS_LOG: "off", OFFLOADER_DRAIN_SECONDS: "0",
      OFFLOADER_REFRESH_INTERVAL: "0", OFFLOADER_POOL_WAIT_MS: "30000", ...settings,
    },
  });
  const out = {};
  const connection = await Connection.open(port);
  for (const [query] of QUERIES) {
    const all = requestsOf(project, query).map(([target, key]) =>
      Buffer.from(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\n\r\n`));
    for (const request of all) await connection.send(request); // what is cached is cached from here on
    run(["callgrind_control", "-z", String(server.child.pid)]);
    for (let i = 0; i < requests; i++) await connection.send(all[i % all.length]);
    run(["callgrind_control", "-d", query, String(server.child.pid)]);
    const dump = readdirSync(work).filter((file) => file.startsWith(`${name}.callgrind.`)).sort((a, b) => Number(a.split(".")[2]) - Number(b.split(".")[2])).at(-1);
    const total = /^(?:summary|totals): (\d+)/m.exec(readFileSync(join(work, dump), "utf8"));
    if (!total) throw new Error(`${dump} has no total`);
    out[query] = Number(total[1]) / requests;
  }
  connection.close();
  await server.stop();
  return out;
}

let failed = false;
await inWorkFolder("instructions", async (work) => {
  const project = prepare(work, rows, { BENCH_NO_WHOLE: "1" });
  say(`counting: ${old}`);
  const before = await counted(old, project, work, "old", settingsOf("BENCH_OLD_ENV"));
  say(`counting: ${current}`);
  const after = await counted(current, project, work, "new", settingsOf("BENCH_NEW_ENV"));
  console.log(["instructions for an answer".padEnd(28), "old".padStart(10), "new".padStart(10), "  ratio"].join("  "));
  for (const [query, name] of QUERIES) {
    const ratio = after[query] / before[query];
    failed ||= ratio > bound;
    console.log([name.padEnd(28), before[query].toFixed(0).padStart(10), after[query].toFixed(0).padStart(10), ratio.toFixed(4).padStart(7),
      `${ratio > bound ? "FAILS" : "holds"} (at most ${bound})`].join("  "));
  }
  return failed;
}, process.env.BENCH_KEEP ? "profiles, for callgrind_annotate" : "");
