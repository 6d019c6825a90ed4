// check-load.mjs BINARY LOAD_CLIENT: tests the admin port under load.
// - A project of 100 datasets and 200 endpoints, all of them called: /metrics is complete and valid, and answers in under 20 ms.
// - The API port at twice its capacity (the rate of a closed loop, measured in the same run, for cached and for missed answers): every probe is
//   answered in under 50 ms.
// Prints its measurements. `make test` runs a short version that checks only the answers. OFFLOADER_SOAK=1 runs a long one that also checks the times.
import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Findings, demoKey, root, withServer } from "../openapi/server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const client = path.resolve(process.argv[3] ?? path.join(root, "build/release/dev/tools/load-client"));
const soak = Boolean(process.env.OFFLOADER_SOAK);
const findings = new Findings();
const run = promisify(execFile);

const load = async (url, target, flags) => {
  const args = Object.entries(flags).flatMap(([name, value]) => [value].flat().flatMap((each) => [`--${name}`, String(each)]));
  return JSON.parse((await run(client, ["--port", new URL(url).port, ...args, target])).stdout);
};

const datasets = 100;
const endpoints = 200;

function project(folder) {
  for (const name of ["datasets", "endpoints", "data"]) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, "offloader.yml"), "version: 1\nauth: none\n");
  const csv = "id,day,value\n1,2026-01-01,1.5\n2,2026-01-02,2.5\n";
  writeFileSync(path.join(folder, "data/part-0.csv"), csv);
  const schema = [{ name: "id", type: "BIGINT" }, { name: "day", type: "DATE" }, { name: "value", type: "DOUBLE" }];
  for (let i = 0; i < datasets; ++i) {
    const id = `dataset_${i}`;
    writeFileSync(path.join(folder, `datasets/${id}.yml`), `id: ${id}\nmanifest: data/${id}.json\nschema: ${JSON.stringify(schema)}\n`);
    writeFileSync(path.join(folder, `data/${id}.json`), JSON.stringify({
      dataset_id: id, snapshot_id: "s1", created_at: "2026-01-03T00:00:00Z", watermark: "2026-01-03T00:00:00Z", schema,
      files: [{ path: "part-0.csv", format: "csv", row_count: 2, size_bytes: csv.length }], partition_columns: [], sort_columns: ["id"], row_count: 2,
      size_bytes: csv.length, producer: "check-load", upstream_run_id: "1", schema_version: 1, data_quality_status: "passed", compatibility_policy: "exact",
    }));
  }
  for (let i = 0; i < endpoints; ++i) {
    writeFileSync(path.join(folder, `endpoints/endpoint_${i}.yml`), `name: endpoint_${i}\nversion: 1\ndataset: dataset_${i % datasets}
params: [{name: from, type: date}]
query:
  select: [{as: id, column: id}, {as: day, column: day}, {as: value, column: value}]
  filters: [{column: day, op: gte, param: from}]
columns: [id, day, value]
cache: {policy: snapshot}
`);
  }
}

const work = mkdtempSync(path.join(tmpdir(), "offloader-load-"));
try {
  project(work);
  await withServer(binary, work, async (server) => {
    for (let i = 0; i < endpoints; ++i) {
      for (const target of ["", "", "?from=wrong"]) {
        const answer = await fetch(`${server.api}/v1/endpoints/endpoint_${i}${target}`);
        findings.expect(answer.status === (target ? 422 : 200), `endpoint_${i}${target}: ${answer.status}`);
        await answer.text();
      }
    }
    const text = await (await fetch(`${server.admin}/metrics`)).text();
    const count = (pattern) => [...text.matchAll(pattern)].length;
    findings.expect(count(/^offloader_requests_total\{endpoint="endpoint_\d+",status="ok"\} 2$/gm) === endpoints, "an endpoint's requests are missing");
    findings.expect(count(/^offloader_snapshot_rows\{dataset="dataset_\d+"\} 2$/gm) === datasets, "a dataset's rows are missing");
    const promtool = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    findings.expect(promtool.status === 0, `promtool: ${promtool.stdout}${promtool.stderr}`);
    const scrapes = await load(server.admin, "/metrics", { seconds: soak ? 10 : 1 });
    findings.expect(scrapes.ok > 0 && scrapes.ok === scrapes.sent, `scrapes: ${JSON.stringify(scrapes)}`);
    console.log(`load: /metrics of ${datasets} datasets and ${endpoints} endpoints, ${text.split("\n").length} lines: p50 ${scrapes.p50} ms, p99 ${scrapes.p99} ms, of ${scrapes.sent}`);
    if (soak) findings.expect(scrapes.p99 < 20, `/metrics took ${scrapes.p99} ms at p99`);

    // A client that reads all documentation must not delay a probe.
    const [probes] = await Promise.all([load(server.admin, "/live", { seconds: soak ? 10 : 1, "think-ms": 5 }),
      load(server.admin, "/openapi.json", { seconds: soak ? 10 : 1, connections: 4 }), load(server.admin, "/docs", { seconds: soak ? 10 : 1, connections: 4, header: "accept: text/html" })]);
    findings.expect(probes.ok > 0 && probes.ok === probes.sent, `probes beside docs: ${JSON.stringify(probes)}`);
    console.log(`load: /live beside 8 readers of the docs: p50 ${probes.p50} ms, p99 ${probes.p99} ms, most ${probes.max} ms`);
    if (soak) findings.expect(probes.p99 < 50, `/live took ${probes.p99} ms at p99 beside the docs`);
  }, { OFFLOADER_ACCESS_LOG: "off" });
} finally {
  rmSync(work, { recursive: true, force: true });
}

// Runs at twice the capacity.
const authorization = `authorization: Bearer ${demoKey}`;
for (const [name, example, target, uncached] of [
  ["cached answers", "examples/customer-analytics", "/v1/endpoints/account_totals", false],
  ["missed answers", "examples/customer-analytics", "/v1/endpoints/account_totals", true],
]) {
  const folder = mkdtempSync(path.join(tmpdir(), "offloader-load-"));
  try {
    cpSync(path.join(root, example), folder, { recursive: true });
    if (uncached) {
      const file = path.join(folder, "endpoints/account_totals.yml");
      writeFileSync(file, readFileSync(file, "utf8").replace("policy: snapshot", "policy: none"));
    }
    await withServer(binary, folder, async (server) => {
      const seconds = soak ? 30 : 2;
      const closed = await load(server.api, target, { connections: 64, seconds: soak ? 10 : 1, header: authorization });
      // Pipelined requests cost less than those of the closed loop. If the server answered all of twice its rate, it was not overloaded, so
      // double the rate again.
      let rate = 2 * closed.per_second;
      let open;
      let probes;
      for (let attempt = 0; attempt < (soak ? 4 : 1); ++attempt, rate *= 2) {
        [open, ...probes] = await Promise.all([
          load(server.api, target, { connections: 256, seconds, rate, header: authorization }),
          ...["/live", "/ready", "/status"].map((probe) => load(server.admin, probe, { seconds, "think-ms": 20 })),
        ]);
        console.log(`load: ${name}: capacity ${closed.per_second}/s; of ${(rate * seconds).toFixed(0)} offered at ${rate.toFixed(0)}/s ${open.ok} ok, ${open.shed} shed, ` +
          `${open.late} not sent; probes: p50 ${Math.max(...probes.map((each) => each.p50))} ms, p99 ${Math.max(...probes.map((each) => each.p99))} ms, ` +
          `most ${Math.max(...probes.map((each) => each.max))} ms, of ${probes.reduce((sum, each) => sum + each.sent, 0)}`);
        if (open.late + open.shed > 0.1 * rate * seconds) break;
      }
      findings.expect(closed.other === 0 && open.other === 0 && open.ok > 0, `${name}: ${JSON.stringify(closed)} ${JSON.stringify(open)}`);
      for (const probe of probes) {
        findings.expect(probe.ok > 0 && probe.ok === probe.sent, `${name}: a probe failed: ${JSON.stringify(probe)}`);
        if (soak) findings.expect(probe.max < 50, `${name}: a probe took ${probe.max} ms`);
      }
    }, { OFFLOADER_ACCESS_LOG: "off", ...(uncached ? { OFFLOADER_INDEX: "off" } : {}) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
findings.end("load");
