// contracts.mjs [PROGRAM]: what contracts cost that say more than the plain ones, each over a plain one in the same run. PROGRAM is
// build/release/bin/offloader unless given. First the rate of a selective miss by the index with one feature more (a list of 50 values, months
// over a year, `having`, `expr`) over the rate without it: at least BENCH_BOUND. Then the time of page 100,000 by cursor over the time of
// page 1, in the order in which the index stores the rows and in another one: at most BENCH_PAGE_BOUND; and, unjudged, by DuckDB alone.
// Prints both sides, and the median of the pairs' ratios with its 95 % interval, also for the server's CPU time. Fails only if a whole interval is past
// its bound. Variables and their defaults: BENCH_ROWS (10,000,000), BENCH_PAIRS (20), BENCH_SECONDS (1, for each side of a pair), BENCH_BOUND
// (0.5), BENCH_PAGE_BOUND (1.2), BENCH_DIR (the working folder).
import { join } from "node:path";
import { Connection, timed } from "./connection.mjs";
import { askAll, binary, measure, offloader, prepare, requestsOf } from "./contenders.mjs";
import { inPairs, median, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder } from "./processes.mjs";

const program = process.argv[2] ?? binary;
const rows = Number(process.env.BENCH_ROWS ?? 1e7);
const pairs = Number(process.env.BENCH_PAIRS ?? 20);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const bound = Number(process.env.BENCH_BOUND ?? 0.5);
const pageBound = Number(process.env.BENCH_PAGE_BOUND ?? 1.2);
const PAGE = 50; // rows
const DEEP = Math.min(100_000, Math.floor(rows / PAGE / 2)); // the number of the deep page

const FEATURES = [
  { name: "in of 50 values", query: "days_in", plain: "days" },
  { name: "months over a year", query: "months", plain: "days_of_year" },
  { name: "having", query: "days_having", plain: "days" },
  { name: "expr", query: "days_expr", plain: "days" },
];

const say = (text) => console.error(text);
let failed = false;

// `past(low, high)`: whether the interval is past its bound.
function tell(name, seen, digits, wanted, past) {
  const { median: middle, low, high } = medianWithInterval(seen.map(([one, other]) => one / other));
  const worse = wanted !== "" && past(low, high);
  failed ||= worse;
  const side = (which) => median(seen.map((pair) => pair[which])).toFixed(digits).padStart(11);
  console.log([name.padEnd(36), side(0), side(1), middle.toFixed(3).padStart(7), `${low.toFixed(3)} to ${high.toFixed(3)}`.padStart(18),
    wanted && `${worse ? "FAILS" : "holds"} (${wanted})`].join("  "));
}

const heading = (...words) => console.log([words[0].padEnd(36), words[1].padStart(11), words[2].padStart(11), "  ratio",
  "95 % interval".padStart(18)].join("  "));

async function features(server, project) {
  console.log(`selective misses by the index, ${rows} rows, ${pairs} pairs of ${seconds} s, one core for the server\n`);
  heading("answers per second", "with", "without");
  for (const { name, query, plain } of FEATURES) {
    say(`measuring: ${name}`);
    await askAll(server, project, query); // every answer is a 200
    const once = (which) => () => measure(server, { name: which },
      { connections: 16, seconds, warmUp: 0.3, requests: join(project, `${which}.requests`) });
    const seen = await inPairs([once(query), once(plain)], pairs);
    tell(name, seen.map(([a, b]) => [a.rate, b.rate]), 0, `at least ${bound}`, (low, high) => high < bound);
    tell("  microseconds of CPU time", seen.map(([a, b]) => [a.cpu, b.cpu]), 1, "");
  }
}

// Returns the target of a deep page of the endpoint, found by a walk in long pages.
async function deepTarget(server, endpoint, key) {
  let cursor = "";
  for (let left = (DEEP - 1) * PAGE; left > 0;) {
    const limit = Math.min(left, 100_000);
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/endpoints/${endpoint}?limit=${limit}${cursor && `&cursor=${cursor}`}`,
      { headers: { authorization: `Bearer ${key}` } });
    const { data, meta } = await answer.json();
    if (answer.status !== 200 || data.length !== limit || !meta.next_cursor) throw new Error(`the walk of ${endpoint} ended early`);
    cursor = meta.next_cursor;
    left -= limit;
  }
  return `/v1/endpoints/${endpoint}?limit=${PAGE}&cursor=${cursor}`;
}

async function pages(servers, project) {
  const [[, key]] = requestsOf(project, "events");
  console.log(`\npage ${DEEP} over page 1, ${PAGE} rows a page, ${rows} rows, ${pairs} pairs\n`);
  heading("microseconds", `page ${DEEP}`, "page 1");
  for (const [endpoint, order] of [["events", "stored order"], ["events_by_views", "another order"]]) {
    say(`finding page ${DEEP} of ${endpoint}`);
    const deep = await deepTarget(servers.on, endpoint, key);
    const offset = `/v1/endpoints/${endpoint}?limit=${PAGE}&offset=${(DEEP - 1) * PAGE}`;
    for (const [index, what] of [["on", "with the index"], ["off", "by DuckDB"]]) {
      say(`measuring: ${order}, ${what}`);
      const connection = await Connection.open(servers[index].port);
      const request = (target) => Buffer.from(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\n\r\n`);
      const answer = async (target) => JSON.stringify(JSON.parse(await connection.send(request(target))).data);
      // The cursor is of the other server: replicas read each other's.
      if ((await answer(deep)) !== (await answer(offset))) throw new Error(`the page of ${endpoint} by cursor is not the one by offset`);
      const once = (target) => () => timed(servers[index], seconds, () => connection.send(request(target)));
      const seen = await inPairs([once(deep), once(`/v1/endpoints/${endpoint}?limit=${PAGE}`)], pairs);
      tell(`${order}, ${what}`, seen.map(([a, b]) => [a.time, b.time]), 0, index === "on" ? `at most ${pageBound}` : "", (low) => low > pageBound);
      tell("  CPU time", seen.map(([a, b]) => [a.cpu, b.cpu]), 0, "");
      connection.close();
    }
  }
}

await inWorkFolder("contracts", async (work) => {
  const project = prepare(work, rows, { BENCH_CONTRACTS: "1", BENCH_NO_WHOLE: "1" });
  const servers = {};
  for (const index of ["on", "off"]) {
    say(`starting, index ${index}`);
    servers[index] = await offloader({ program, project, work, index, name: `contracts-${index}` });
  }
  await features(servers.on, project);
  await pages(servers, project);
  return failed;
});
