// exports.mjs [PROGRAM]: what exports of a whole table cost. PROGRAM is build/release/bin/offloader unless given. Four parts, all in one run:
// the rate of each format over DuckDB's own COPY to a file of that format on one thread (Arrow, which DuckDB cannot write, over its COPY to
// Parquet); how far the server's RssAnon rises, for a client that reads as fast as it can and one that reads 1 MB/s, and when the first byte
// comes; the same where DuckDB must spill what it sorts; and the 99th percentile of cached hits and of selective misses while four exports run,
// over what it is without. Fails only if a whole
// interval is past its bound. Variables and their defaults: BENCH_ROWS (10,000,000), BENCH_PAIRS (7), BENCH_SECONDS (2, for each side of a
// pair of the last part), BENCH_PARTS (rate,memory,sorted,others), BENCH_FORMATS (csv,ndjson,arrow,parquet), BENCH_DIR (the working folder).
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { readFileSync, statSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { askAll, binary, measure, offloader, prepare, requestsOf } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { SERVER_CORE, inWorkFolder, pinned, sleep } from "./processes.mjs";

const program = process.argv[2] ?? binary;
const rows = Number(process.env.BENCH_ROWS ?? 1e7);
const pairs = Number(process.env.BENCH_PAIRS ?? 7);
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const parts = (process.env.BENCH_PARTS ?? "rate,memory,sorted,others").split(",");
const formats = (process.env.BENCH_FORMATS ?? "csv,ndjson,arrow,parquet").split(",");
const MB = 1e6;
const SLOW = 1 * MB; // bytes a second
const SLOW_SECONDS = 20;
// The least rate over COPY's, by format and by who answers.
const RATES = {
  on: { csv: 0.5, ndjson: 0.5, arrow: 0.7, parquet: 0.7 },
  off: { csv: 0.7, ndjson: 0.7, arrow: 0.7, parquet: 0.7 },
};
const memoryBound = (format) => (format === "parquet" ? 128 : 64); // MB
const FIRST_BYTE = 100; // ms
const SORT_LIMIT = 256; // MB, DuckDB's memory where an export is sorted

const say = (text) => console.error(text);
let failed = false;
const verdict = (worse, wanted) => {
  failed ||= worse;
  return `${worse ? "FAILS" : "holds"} (${wanted})`;
};

const targetOf = (endpoint, format) => `/v1/endpoints/${endpoint}?format=${format}&limit=${rows}`;

// Reads an answer. `pace`: bytes a second; 0: as fast as it comes. `until`: seconds after which the client goes away. Returns the milliseconds
// to the first byte of the body, the seconds and the bytes, and whether the answer is whole.
function read(server, target, key, { pace = 0, until = Infinity } = {}) {
  return new Promise((resolve, reject) => {
    const begin = process.hrtime.bigint();
    const since = () => Number(process.hrtime.bigint() - begin) / 1e9;
    let [bytes, first, tail, head] = [0, 0, "", ""];
    const socket = connect({ port: server.port, host: "127.0.0.1", highWaterMark: 1 << 16 });
    const end = () => {
      socket.destroy();
      resolve({ first, seconds: since(), bytes, whole: tail.includes("offloader-status: complete") });
    };
    socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\nte: trailers\r\nconnection: close\r\n\r\n`);
    socket.on("error", reject);
    socket.on("data", (piece) => {
      if (first === 0) {
        head = piece.toString("latin1", 0, 64);
        if (!head.startsWith("HTTP/1.1 200")) return reject(new Error(`${target}: ${head}`));
        first = since() * 1000;
      }
      bytes += piece.length;
      tail = (tail + piece.toString("latin1", Math.max(0, piece.length - 200))).slice(-200);
      if (since() > until) return end();
      if (pace === 0) return;
      const early = bytes / pace - since();
      if (early > 0) {
        socket.pause();
        setTimeout(() => socket.resume(), early * 1000);
      }
    });
    socket.on("end", end);
  });
}

async function copier(project) {
  const [command, ...args] = pinned(SERVER_CORE, ["node", "bench/handmade/copy.mjs", join(project, "data/facts.parquet")]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    copy: async (format, file) => {
      child.stdin.write(`${format} ${file}\n`);
      return Number((await lines.next()).value);
    },
    stop: () => child.stdin.end(),
  };
}

async function rates(servers, project, work, key) {
  console.log(`exports of ${rows} rows, ${pairs} pairs, one core for the server and for COPY\n`);
  console.log(["rows per second".padEnd(28), "export".padStart(11), "COPY".padStart(11), "  ratio", "95 % interval".padStart(18)].join("  "));
  const duckdb = await copier(project);
  const file = join(work, "copied");
  for (const index of ["on", "off"]) {
    for (const format of formats) {
      say(`measuring: ${format}, index ${index}`);
      const ours = async () => {
        const { seconds: taken, whole } = await read(servers[index], targetOf("all", format), key);
        if (!whole) throw new Error(`the export as ${format} is not whole`);
        return rows / taken;
      };
      const theirs = async () => {
        const taken = await duckdb.copy(format === "arrow" ? "parquet" : format, file);
        if (statSync(file).size === 0) throw new Error("COPY wrote nothing");
        unlinkSync(file);
        return rows / taken;
      };
      const seen = await inPairs([ours, theirs], pairs);
      const { median: middle, low, high } = medianWithInterval(seen.map(([a, b]) => a / b));
      const least = RATES[index][format];
      const side = (which) => median(seen.map((pair) => pair[which])).toFixed(0).padStart(11);
      console.log([`${format}, ${index === "on" ? "by the index" : "by DuckDB"}`.padEnd(28), side(0), side(1), middle.toFixed(3).padStart(7),
        `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18), verdict(high < least, `at least ${least}`)].join("  "));
    }
  }
  duckdb.stop();
}

const rssAnon = (server) => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))[1]) * 1024;

// One export and what it did to the server's memory.
async function watched(server, endpoint, format, pace, key) {
  await sleep(1000);
  const before = rssAnon(server);
  let most = before;
  const watch = setInterval(() => { most = Math.max(most, rssAnon(server)); }, 20);
  const { first, whole } = await read(server, targetOf(endpoint, format), key, pace ? { pace, until: SLOW_SECONDS } : {});
  clearInterval(watch);
  if (!pace && !whole) throw new Error(`the export as ${format} is not whole`);
  return { before, first, rise: (most - before) / MB };
}

const memoryHeading = ["".padEnd(36), "before MB".padStart(10), "rise MB".padStart(8), "first byte ms".padStart(14)].join("  ");
const tellMemory = (name, { before, first, rise }, words) => console.log([name.padEnd(36), (before / MB).toFixed(0).padStart(10),
  rise.toFixed(1).padStart(8), first.toFixed(1).padStart(14), ...words].join("  "));

async function memory(servers, key) {
  console.log(`\nthe server's RssAnon during an export of ${rows} rows\n`);
  console.log(memoryHeading);
  for (const index of ["on", "off"]) {
    for (const format of formats) {
      for (const pace of [0, SLOW]) {
        const name = `${format}, ${index === "on" ? "index" : "DuckDB"}, ${pace ? "1 MB/s" : "full speed"}`;
        say(`measuring memory: ${name}`);
        const seen = await watched(servers[index], "all", format, pace, key);
        const words = [verdict(seen.rise > memoryBound(format), `under ${memoryBound(format)} MB`)];
        if (format !== "parquet") words.push(verdict(seen.first > FIRST_BYTE, `first byte within ${FIRST_BYTE} ms`));
        tellMemory(name, seen, words);
      }
    }
  }
}

// What must be sorted does not fit into DuckDB's limit, so DuckDB spills it.
async function sorted(project, work, key) {
  console.log(`\nthe server's RssAnon during an export of ${rows} rows that DuckDB sorts within ${SORT_LIMIT} MB\n`);
  console.log(memoryHeading);
  const server = await offloader({ program, project, work, index: "off", name: "exports-sorted",
    env: { OFFLOADER_DUCKDB_MEMORY_LIMIT: `${SORT_LIMIT}MB`, OFFLOADER_QUERY_TIMEOUT_MS: "60000" } });
  for (const format of formats) {
    say(`measuring memory: ${format}, sorted`);
    const seen = await watched(server, "all_by_views", format, 0, key);
    const most = SORT_LIMIT + memoryBound(format);
    tellMemory(`${format}, sorted`, seen, [verdict(seen.rise > most, `under ${most} MB`)]);
  }
  await server.stop();
}

// Four exports, one of each format, each again and again until they are stopped. Their clients leave the cores to the server: they would be on
// other machines.
function fourExports(server, key) {
  const clients = formats.map((format) => spawn("sh", ["-c",
    `while :; do nice -n 19 curl -sS -o /dev/null -H "authorization: Bearer ${key}" "http://127.0.0.1:${server.port}${targetOf("all", format)}"; done`],
  { detached: true, stdio: "ignore" }));
  return () => { for (const client of clients) process.kill(-client.pid, "SIGKILL"); };
}

async function others(server, project, key) {
  console.log(`\nthe 99th percentile while four exports run, ${pairs} pairs of ${seconds} s, every core for the server\n`);
  console.log(["microseconds".padEnd(28), "exports".padStart(11), "idle".padStart(11), "  ratio", "95 % interval".padStart(18)].join("  "));
  for (const [query, name] of [["days_cached", "cached hit"], ["days", "selective miss"]]) {
    say(`measuring: ${name} beside exports`);
    await askAll(server, project, query);
    const alone = () => measure(server, { name }, { connections: 4, seconds, warmUp: 0.3, requests: join(project, `${query}.requests`), core: null });
    const beside = async () => {
      const stop = fourExports(server, key);
      await sleep(500);
      const seen = await alone();
      stop();
      await sleep(500);
      return seen;
    };
    const seen = await inPairs([beside, alone], pairs);
    const { median: middle, low, high } = medianWithInterval(seen.map(([a, b]) => a.p99 / b.p99));
    const side = (which) => median(seen.map((pair) => pair[which].p99)).toFixed(0).padStart(11);
    console.log([name.padEnd(28), side(0), side(1), middle.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18),
      verdict(low > 3, "at most 3")].join("  "));
  }
}

await inWorkFolder("exports", async (work) => {
  const project = prepare(work, rows, { BENCH_EXPORTS: "1", BENCH_NO_WHOLE: "1" });
  const [[, key]] = requestsOf(project, "days");
  const servers = {};
  for (const index of ["on", "off"]) {
    say(`starting, index ${index}`);
    servers[index] = await offloader({ program, project, work, index, name: `exports-${index}` });
  }
  if (parts.includes("rate")) await rates(servers, project, work, key);
  if (parts.includes("memory")) await memory(servers, key);
  // Each of the following has a server of its own on the same cache folder.
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  if (parts.includes("sorted")) await sorted(project, work, key);
  if (parts.includes("others")) {
    say("starting, every core");
    const server = await offloader({ program, project, work, index: "on", name: "exports-others", core: null,
      env: { OFFLOADER_POOL_SIZE: "16" } }); // four exports at once
    await others(server, project, key);
  }
  return failed;
});
