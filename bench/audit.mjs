// audit.mjs [PROGRAM]: what recording reads in the audit log costs a cached hit. PROGRAM is build/release/bin/offloader unless given. Measures one
// program twice, with OFFLOADER_AUDIT_READS on (once as it is, once with OFFLOADER_AUDIT_REQUIRED) and off, each on one core that it shares with
// the thread that writes the log. Prints both sides, and the median of the pairs' ratios with its 95 % interval, for answers and for CPU time.
// Verifies each log afterwards. Fails if a log is not whole, or if the whole interval of the answers is below the bound. Variables and their
// defaults: BENCH_ROWS (1,000,000), BENCH_PAIRS (20), BENCH_SECONDS (1, for each side of a pair), BENCH_BOUND (0.7, on's rate over off's),
// BENCH_DIR (the working folder).
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { askAll, binary, measure, offloader, prepare } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder } from "./processes.mjs";

const program = process.argv[2] ?? binary;
const rows = Number(process.env.BENCH_ROWS ?? 1e6);
const pairs = Number(process.env.BENCH_PAIRS ?? 20);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const bound = Number(process.env.BENCH_BOUND ?? 0.7);
const SECRET = "a benchmark's secret of thirty-two bytes"; // of contenders.mjs
const QUERY = "days_cached"; // of bench/handmade/generate.mjs

const say = (text) => console.error(text);
let failed = false;

async function started(project, work, name, env) {
  say(`starting, ${name}`);
  const server = await offloader({ program, project, work, index: `on-${name}`, name: `audit-${name}`, env: { OFFLOADER_INDEX: "on", ...env } });
  await askAll(server, project, QUERY);
  return server;
}

function tell(name, seen) {
  const rate = medianWithInterval(seen.map(([on, off]) => on.rate / off.rate));
  const cpu = medianWithInterval(seen.map(([on, off]) => on.cpu / off.cpu));
  const side = (which, what, digits) => median(seen.map((pair) => pair[which][what])).toFixed(digits).padStart(10);
  const worse = rate.high < bound; // only if the whole interval is below the bound
  failed ||= worse;
  const line = (what, digits, { median: middle, low, high }, ...more) => console.log([`${name}, ${what}`.padEnd(32), side(0, what, digits),
    side(1, what, digits), middle.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18), ...more].join("  "));
  line("rate", 0, rate, `${worse ? "FAILS" : "holds"} (at least ${bound})`);
  line("cpu", 2, cpu);
}

await inWorkFolder("audit", async (work) => {
  const project = prepare(work, rows);
  const off = await started(project, work, "off", {});
  const logs = {};
  console.log(`cached hits with recorded reads over those without, ${rows} rows, ${pairs} pairs of ${seconds} s, one core a server\n`);
  console.log(["answers/s, CPU µs per answer".padEnd(32), "on".padStart(10), "off".padStart(10), "  ratio", "95 % interval".padStart(18)].join("  "));
  for (const required of ["off", "on"]) {
    const name = required === "on" ? "required" : "recorded";
    logs[name] = join(work, `${name}.log`);
    const on = await started(project, work, name,
      { OFFLOADER_AUDIT_LOG: logs[name], OFFLOADER_AUDIT_READS: "on", OFFLOADER_AUDIT_REQUIRED: required });
    const once = (server) => () => measure(server, { name }, { connections: 16, seconds, warmUp: 0.3, requests: join(project, `${QUERY}.requests`) });
    tell(name, await inPairs([once(on), once(off)], pairs));
    await on.stop();
  }
  await off.stop();
  for (const [name, file] of Object.entries(logs)) {
    const { status, stdout } = spawnSync(program, ["audit", "verify", file], { encoding: "utf8", env: { ...process.env, OFFLOADER_SECRET_KEY_BASE: SECRET } });
    console.log(`\n${name}: ${stdout.trim()}`);
    failed ||= status !== 0;
  }
  return failed;
});
