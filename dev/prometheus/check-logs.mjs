// check-logs.mjs BINARY: tests the log of a running server with each log setting: one JSON object per line, one access line per request with the
// contract's fields, and nothing that callers sent. Also tests that a rejected refresh is visible within one interval: its findings in diagnostics,
// its code in the log, and 0 in offloader_refresh_ok. Prints how long this took. With OFFLOADER_SOAK=1, it may take at most the interval plus a
// second for the build.
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Findings, adminToken, await_, demoKey, ports, root, withServer } from "../openapi/server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const findings = new Findings();
const example = path.join(root, "examples/customer-analytics");
const good = { authorization: `Bearer ${demoKey}` };
const requests = (log) => log.filter((each) => each.message === "request");

async function callAll(server) {
  const call = (target, headers = {}) => fetch(server.api + target, { headers });
  await call("/v1/endpoints/account_daily?account_id=secret-account&limit=2", {
    ...good, "x-request-id": "checks-1", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
  await call("/v1/endpoints/account_daily?account_id=secret-account&limit=2", good);
  await call("/v1/endpoints/account_daily?secret_param=secret-value", good);
  await call("/v1/endpoints/secret_endpoint", good);
  await call("/secret/path");
}

await withServer(binary, example, async (server) => {
  await callAll(server);
  const log = await await_("five access lines", () => requests(server.log).length >= 5 && requests(server.log));
  findings.expect(log.length === 5, `${log.length} access lines for five requests`);
  for (const entry of server.log) {
    findings.expect(entry.text === undefined, `a line that is not JSON: ${entry.text}`);
    findings.expect(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(entry.time), `time: ${entry.time}`);
    findings.expect(["error", "warning", "info"].includes(entry.level), `level: ${entry.level}`);
    findings.expect(typeof entry.message === "string" && entry.message !== "", "a line without a message");
  }
  const fields = ["time", "level", "message", "request_id", "method", "endpoint", "status", "duration_ms", "cache", "rows", "snapshot", "bytes", "key_id", "client", "trace_id"];
  for (const entry of log) findings.expect(Object.keys(entry).join() === fields.join(), `fields: ${Object.keys(entry)}`);
  const [first, second, third, fourth, fifth] = log;
  const { time, duration_ms, bytes, ...rest } = first;
  const wanted = { level: "info", message: "request", request_id: "checks-1", method: "GET", endpoint: "account_daily", status: 200, cache: "miss", rows: 0,
    snapshot: "2025-03-31", key_id: "acme_demo", client: "127.0.0.1", trace_id: "0af7651916cd43dd8448eb211c80319c" };
  findings.expect(JSON.stringify(rest) === JSON.stringify(wanted), `the access line is ${JSON.stringify(rest)}`);
  findings.expect(time && duration_ms > 0 && bytes > 100, `duration ${duration_ms}, bytes ${bytes}`);
  findings.expect(second.cache === "hit" && second.status === 200, `the second is ${second.cache}`);
  findings.expect(third.status === 422 && third.endpoint === "account_daily", `the third is ${third.status}`);
  findings.expect(fourth.status === 404 && fourth.endpoint === "_unknown" && fourth.key_id === "acme_demo", "the fourth");
  findings.expect(fifth.status === 404 && fifth.endpoint === "_unknown" && fifth.key_id === "", "the fifth");
  const text = JSON.stringify(server.log);
  for (const secret of ["secret", "acme\"", "globex", demoKey, adminToken]) findings.expect(!text.includes(secret), `${secret} is in the log`);
});

for (const [name, environment, expected] of [
  ["access log off", { OFFLOADER_ACCESS_LOG: "off" }, 0],
  ["access log of errors", { OFFLOADER_ACCESS_LOG: "errors" }, 3],
]) {
  await withServer(binary, example, async (server) => {
    await callAll(server);
    // A later line in the log proves that the earlier one was not written.
    await fetch(`${server.admin}/datasets/account_daily/refresh`, { method: "POST", headers: { authorization: `Bearer ${adminToken}` } });
    await await_("the refresh's line", () => server.log.filter((each) => each.message === "refresh").length >= 2);
    findings.expect(requests(server.log).length === expected, `${name}: ${requests(server.log).length} access lines, not ${expected}`);
    findings.expect(requests(server.log).every((each) => each.status >= 400), `${name}: a success is in it`);
  }, environment);
}

// Settings that suppress lines, so there is no line to wait for.
for (const [level, allowed] of [["error", ["error"]], ["warning", ["error", "warning"]], ["debug", ["error", "warning", "info", "debug"]], ["notice", ["error", "warning", "info"]]]) {
  const quiet = level === "error" || level === "warning";
  const logged = [];
  await withServer(binary, example, async (server) => {
    await callAll(server);
    logged.push(server.log);
  }, { OFFLOADER_LOG_LEVEL: level, ...(quiet ? await ports() : {}) });
  const levels = logged[0].map((each) => each.level).filter(Boolean);
  findings.expect(levels.every((each) => allowed.includes(each)), `level ${level}: ${levels}`);
  if (level === "debug") findings.expect(levels.includes("debug"), "no debug line at level debug");
}

await withServer(binary, example, async (server) => {
  await callAll(server);
  const lines = () => server.log.map((each) => each.text ?? "").filter((each) => / info request /.test(each));
  await await_("text lines", () => lines().length >= 5);
  findings.expect(/^\d{4}-\S+Z info request request_id=checks-1 method=GET endpoint=account_daily status=200 duration_ms=\S+ cache=miss rows=0 /.test(lines()[0]), `text: ${lines()[0]}`);
}, { OFFLOADER_LOG_FORMAT: "text", ...(await ports()) });

// A rejected refresh.
const interval = 2;
const work = mkdtempSync(path.join(tmpdir(), "offloader-refused-"));
try {
  cpSync(example, work, { recursive: true });
  const manifest = path.join(work, "data/account_daily/manifest.json");
  await withServer(binary, work, async (server) => {
    const value = async () => /^offloader_refresh_ok\{dataset="account_daily"\} (\S+)$/m.exec(await (await fetch(`${server.admin}/metrics`)).text())[1];
    findings.expect(await value() === "1", "the refresh is not ok to begin with");
    const refused = JSON.parse(readFileSync(manifest, "utf8"));
    refused.snapshot_id = "refused";
    refused.row_count += 1;
    writeFileSync(`${manifest}.new`, JSON.stringify(refused));
    renameSync(`${manifest}.new`, manifest);
    const began = Date.now();
    await await_("0 in offloader_refresh_ok", async () => await value() === "0");
    const took = (Date.now() - began) / 1000;
    const headers = { authorization: `Bearer ${adminToken}` };
    const [dataset] = (await (await fetch(`${server.admin}/diagnostics`, { headers })).json()).datasets;
    findings.expect(dataset.findings.some((each) => each.code === "row_count_mismatch"), `findings: ${JSON.stringify(dataset.findings)}`);
    findings.expect(dataset.last_attempted.status === "rejected" && dataset.last_attempted.snapshot_id === "refused", JSON.stringify(dataset.last_attempted));
    findings.expect(dataset.manifest_valid === false && dataset.source_reachable === true, "manifest_valid, source_reachable");
    findings.expect(dataset.active_snapshot.snapshot_id === "2025-03-31", "the good snapshot is gone");
    const line = await await_("the refusal's line", () => server.log.find((each) => each.message === "refresh" && each.outcome === "rejected"));
    findings.expect(line.error.includes("row_count_mismatch") && line.level === "warning", `the log says ${JSON.stringify(line)}`);
    console.log(`logs: a refused refresh shows ${took.toFixed(2)} s after its manifest, the interval being ${interval} s`);
    if (process.env.OFFLOADER_SOAK) findings.expect(took <= interval + 1, `${took} s`);
  }, { OFFLOADER_REFRESH_INTERVAL: String(interval), OFFLOADER_ACCESS_LOG: "off" });
} finally {
  rmSync(work, { recursive: true, force: true });
}
findings.end("logs");
