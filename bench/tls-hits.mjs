// tls-hits.mjs [PROGRAM]: what TLS costs a cached hit on a kept connection: the rate over TLS over that of plain HTTP, and over that of nginx,
// which serves the same body over TLS from a file, with our header fields. One core for each server and one for wrk, which asks all of them. PROGRAM is
// build/release/bin/offloader unless given. Fails only if a whole interval is past its bound. Variables and their defaults: BENCH_ROWS
// (1,000,000), BENCH_PAIRS (15), BENCH_SECONDS (2, for each side of a pair), BENCH_CONNECTIONS (32), BENCH_DIR (the working folder).
import { mkdirSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { binary, nginx, offloader, prepare, requestsOf } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { CLIENT_CORE, inWorkFolder, pinned, run, runAside } from "./processes.mjs";

const program = process.argv[2] ?? binary;
const rows = Number(process.env.BENCH_ROWS ?? 1e6);
const pairs = Number(process.env.BENCH_PAIRS ?? 15);
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const connections = Number(process.env.BENCH_CONNECTIONS ?? 32);
const LEAST = { plain: 0.6, nginx: 1 };

const say = (text) => console.error(text);
let failed = false;

function certificate(work) {
  const [cert, key] = [join(work, "port.pem"), join(work, "port.key")];
  run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
  return { cert, key };
}

// Fields that nginx writes itself.
const OWN = new Set(["content-type", "content-length", "date", "connection", "etag"]);

const ask = (url, key) => new Promise((resolve, reject) => {
  get(url, { rejectUnauthorized: false, headers: { authorization: `Bearer ${key}` } }, (answer) => {
    const parts = [];
    answer.on("data", (part) => parts.push(part));
    answer.on("end", () => (answer.statusCode === 200 ? resolve({ body: Buffer.concat(parts), headers: Object.entries(answer.headers).filter(([name]) => !OWN.has(name)) }) : reject(new Error(`${url}: ${answer.statusCode}`))));
  }).on("error", reject);
});

// Returns answers per second and microseconds of the server's CPU time for each.
async function hits(server, url, key) {
  const before = server.cpuSeconds();
  const { code, out, err } = await runAside(pinned(CLIENT_CORE, ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-H", `Authorization: Bearer ${key}`, url]));
  const used = server.cpuSeconds() - before;
  const rate = Number(/Requests\/sec: +([\d.]+)/.exec(out)?.[1]);
  const answers = Number(/(\d+) requests in/.exec(out)?.[1]);
  if (code !== 0 || !rate || /Non-2xx|Socket errors/.test(out)) throw new Error(`wrk of ${url} ended (${code}):\n${err}${out}`);
  return { rate, cpu: (used * 1e6) / answers };
}

async function compare(name, least, ours, theirs) {
  say(`measuring: ${name}`);
  const seen = await inPairs([ours, theirs], pairs);
  const { median: middle, low, high } = medianWithInterval(seen.map(([a, b]) => a.rate / b.rate));
  const cpu = medianWithInterval(seen.map(([a, b]) => a.cpu / b.cpu));
  const worse = high < least;
  failed ||= worse;
  const side = (which) => median(seen.map((pair) => pair[which].rate)).toFixed(0).padStart(11);
  console.log([name.padEnd(16), side(0), side(1), middle.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18),
    `${cpu.median.toFixed(3)} (${cpu.low.toFixed(3)} to ${cpu.high.toFixed(3)})`.padStart(25), `${worse ? "FAILS" : "holds"} (at least ${least})`].join("  "));
}

await inWorkFolder("tls-hits", async (work) => {
  const project = prepare(work, rows);
  const [target, key] = requestsOf(project, "days_cached")[0];
  const files = certificate(work);
  const start = (name, env) => {
    const folder = join(work, name);
    mkdirSync(folder);
    return offloader({ program, project, work: folder, index: "on", name, env });
  };
  const plain = await start("plain", {});
  const tls = await start("tls", { OFFLOADER_API_TLS_CERT: files.cert, OFFLOADER_API_TLS_KEY: files.key });
  const tlsUrl = `https://127.0.0.1:${tls.port}${target}`;
  const { body, headers } = await ask(tlsUrl, key);
  const file = await nginx({ work, body, headers, tls: files });
  const sides = { plain: () => hits(plain, `http://127.0.0.1:${plain.port}${target}`, key), tls: () => hits(tls, tlsUrl, key),
    nginx: () => hits(file, `https://127.0.0.1:${file.port}/hit.json`, key) };
  for (const one of Object.values(sides)) await one(); // warm
  console.log(`cached hits of ${body.length} bytes over TLS, ${pairs} pairs of ${seconds} s, ${connections} kept connections, one core a server\n`);
  console.log(["answers/s".padEnd(16), "TLS".padStart(11), "the other".padStart(11), "  ratio", "95 % interval".padStart(18), "CPU time per answer".padStart(25)].join("  "));
  await compare("over plain HTTP", LEAST.plain, sides.tls, sides.plain);
  await compare("over nginx's TLS", LEAST.nginx, sides.tls, sides.nginx);
  return failed;
});
