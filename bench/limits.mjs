// limits.mjs [PROGRAM]: what limits and the usage ledger cost a cached hit. PROGRAM is build/release/bin/offloader unless given. The same program is
// started several times: without either, with a limit that no request reaches, with the ledger, and with both. Pairs of measurements of one
// of these and of the plain server alternate; a ratio is that of the CPU time of the server for an answer, or of the rate. Fails if the whole
// interval of the CPU time with limits is above its bound. Variables and their defaults: BENCH_ROWS (100,000), BENCH_PAIRS (11), BENCH_SECONDS (2),
// BENCH_CONNECTIONS (16), BENCH_BOUND (1.03), BENCH_DIR (the working folder). The instructions are counted by
// `BENCH_NEW_ENV=OFFLOADER_DEFAULT_RATE=1000000/s bench/instructions.mjs PROGRAM PROGRAM`, which is exact where times are noisy.
import { askAll, binary, measure, offloader, prepare, requestsOf } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder } from "./processes.mjs";
import { join } from "node:path";

const program = process.argv[2] ?? binary;
const rows = Number(process.env.BENCH_ROWS ?? 1e5);
const pairs = Number(process.env.BENCH_PAIRS ?? 11);
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const connections = Number(process.env.BENCH_CONNECTIONS ?? 16);
const bound = Number(process.env.BENCH_BOUND ?? 1.03);
const LIMITED = { OFFLOADER_DEFAULT_RATE: "1000000/s" };
const COUNTED = { OFFLOADER_USAGE_DAYS: "90" };
const NEITHER = { OFFLOADER_USAGE_DAYS: "0" };
const SIDES = [["limits", { ...NEITHER, ...LIMITED }], ["usage ledger", COUNTED], ["both", { ...COUNTED, ...LIMITED }]];

let failed = false;
await inWorkFolder("limits", async (work) => {
  const project = prepare(work, rows, { BENCH_NO_WHOLE: "1" });
  const query = { name: "cached hit", target: requestsOf(project, "days_cached")[0][0] };
  const requests = join(project, "days_cached.requests");
  const start = async (name, env) => {
    const server = await offloader({ program, project, work, index: "on", name: name.replaceAll(" ", "-"), env: { ...env, OFFLOADER_CACHE_DIR: join(work, `cache-${name}`) } });
    await askAll(server, project, "days_cached");
    return server;
  };
  const plain = await start("plain", NEITHER);
  console.log(`cached hits of ${connections} connections, ${pairs} pairs of ${seconds} s, one core for the server\n`);
  console.log(["".padEnd(28), "with".padStart(10), "without".padStart(10), "  ratio", "95 % interval".padStart(18)].join("  "));
  for (const [name, env] of SIDES) {
    console.error(`measuring: ${name}`);
    const server = await start(name, env);
    const side = (of) => () => measure(of, query, { connections, seconds, warmUp: 0.5, requests });
    const seen = await inPairs([side(server), side(plain)], pairs);
    await server.stop();
    for (const [what, unit, digits] of [["cpu", "µs of CPU", 2], ["rate", "answers/s", 0]]) {
      const { median: middle, low, high } = medianWithInterval(seen.map(([a, b]) => a[what] / b[what]));
      const worse = name === "limits" && what === "cpu" && low > bound;
      failed ||= worse;
      const verdict = name === "limits" && what === "cpu" ? `${worse ? "FAILS" : "holds"} (at most ${bound})` : "";
      console.log([`${name}, ${unit}`.padEnd(28), ...[0, 1].map((i) => median(seen.map((pair) => pair[i][what])).toFixed(digits).padStart(10)),
        middle.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18), verdict].join("  "));
    }
  }
  return failed;
});
