// check-metrics.mjs BINARY: tests /metrics of a running server after requests of every kind. `promtool check metrics` must find nothing. The families,
// types, labels and label values must be those of the contract and contain no tenant, key or param.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { Findings, adminToken, demoKey, root, withServer } from "../openapi/server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const findings = new Findings();

const endpoint = /^(_unknown|account_daily|account_totals|revenue|top_accounts)$/;
const dataset = /^account_daily$/;
const outcome = /^(ok|unchanged|rejected|failed)$/;
const stores = /^(local|s3|gcs|https?)$/;
const contract = {
  gauge: {
    offloader_up: {}, offloader_ready: {}, offloader_duckdb_up: {},
    offloader_build_info: { version: /^\d+\.\d+\.\d+$/, config_version: /^[0-9a-f]{16}$/, duckdb: /^v\d+\.\d+\.\d+$/ },
    offloader_pool_connections: {}, offloader_pool_busy: {}, offloader_pool_waiting: {}, offloader_cache_disk_free_bytes: {},
    offloader_response_cache_entries: {}, offloader_response_cache_bytes: {}, offloader_response_memory_bytes: {},
    offloader_response_memory_limit_bytes: {}, offloader_connections: { port: /^(api|admin)$/ },
    offloader_config_sync_enabled: {}, offloader_config_sync_ok: {}, offloader_audit_ok: {}, offloader_jwks_ok: { issuer: /^[a-z][a-z0-9_]*$/ },
    offloader_snapshot_age_seconds: { dataset }, offloader_snapshot_stale: { dataset }, offloader_snapshot_rows: { dataset },
    offloader_snapshot_bytes: { dataset }, offloader_snapshot_indexed: { dataset }, offloader_refresh_ok: { dataset }, offloader_source_reachable: { dataset },
    offloader_refresh_last_success_timestamp_seconds: { dataset },
    process_resident_memory_bytes: {}, process_virtual_memory_bytes: {}, process_start_time_seconds: {}, process_open_fds: {}, process_max_fds: {},
    process_threads: {},
  },
  counter: {
    offloader_requests_total: { endpoint, status: /^(ok|client_error|server_error|not_ready)$/ },
    offloader_response_cache_total: { endpoint, result: /^(hit|miss|off)$/ },
    offloader_shed_total: { reason: /^(pool|connections|starting|memory|export|audit)$/ },
    offloader_auth_failures_total: { reason: /^(missing|malformed|unknown|revoked|expired|address|token|issuer|certificate)$/ },
    offloader_rate_limited_total: { key: /^(_anonymous|_other|[a-z][a-z0-9_]{0,62})$/ },
    offloader_admin_auth_failures_total: {},
    offloader_refresh_total: { dataset, outcome },
    offloader_object_store_requests_total: { store: stores, operation: /^[a-z_]+$/, code: /^([a-z_]+|\d{3})$/ },
    offloader_object_store_bytes_total: { store: stores },
    offloader_rows_returned_total: { endpoint },
    offloader_queries_total: { executor: /^(index|duckdb)$/ },
    offloader_log_dropped_total: {},
    process_cpu_seconds_total: {},
  },
  histogram: {
    offloader_request_duration_seconds: { endpoint, cache: /^(hit|miss|off)$/ },
    offloader_query_duration_seconds: { endpoint },
    offloader_refresh_duration_seconds: { dataset },
  },
};
// These appear with the first request to a store, with an issuer, and with the first request that a limit refuses.
const optional = new Set(["offloader_object_store_requests_total", "offloader_jwks_ok", "offloader_rate_limited_total"]);

// Returns [{name, labels, value}] and the type of each family.
function parse(text) {
  const types = new Map();
  const samples = [];
  for (const line of text.split("\n")) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type) types.set(type[1], type[2]);
    const sample = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!sample) continue;
    const labels = Object.fromEntries([...(sample[2] ?? "").matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map((each) => [each[1], each[2]]));
    samples.push({ name: sample[1], labels, value: Number(sample[3]) });
  }
  return { types, samples };
}

await withServer(binary, path.join(root, "examples/customer-analytics"), async (server) => {
  const scrape = async () => (await fetch(`${server.admin}/metrics`)).text();
  const before = parse(await scrape());
  const call = (target, authorization, method = "GET") => fetch(`${server.api}${target}`, { method, headers: authorization ? { authorization } : {} });
  const good = `Bearer ${demoKey}`;
  for (let i = 0; i < 3; ++i) await (await call("/v1/endpoints/account_daily?account_id=secret-account&limit=7", good)).text();
  await call("/v1/endpoints/account_totals?region=nowhere", good);
  await call("/v1/endpoints/made_up_endpoint", good);
  await call("/made/up/path", good);
  await call("/v1/endpoints/account_daily", good, "DELETE");
  await call("/v1/endpoints/account_daily");
  await call("/v1/endpoints/account_daily", "Basic Zm9vOmJhcg==");
  await call("/v1/endpoints/account_daily", `Bearer offl_${"0".repeat(48)}`);
  await call("/v1/endpoints/account_daily", "Bearer offl_94f43e4f917f9fc57c243b64a0f3466f6f4f387c62877cd2");
  const refreshed = await fetch(`${server.admin}/datasets/account_daily/refresh`, { method: "POST", headers: { authorization: `Bearer ${adminToken}` } });
  findings.expect(refreshed.status === 200, `refresh: ${refreshed.status}`);

  const text = await scrape();
  const { types, samples } = parse(text);
  const { stdout, stderr, status, error } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  findings.expect(status === 0 && stdout === "" && stderr === "", `promtool check metrics: ${error?.message ?? ""}${stdout}${stderr}`);

  for (const [type, families] of Object.entries(contract)) {
    for (const [family, labels] of Object.entries(families)) {
      if (optional.has(family) && !types.has(family)) continue;
      findings.expect(types.get(family) === type, `${family} is ${types.get(family) ?? "absent"}, not a ${type}`);
      const own = samples.filter(({ name }) => name === family || (type === "histogram" && name.replace(/_(bucket|sum|count)$/, "") === family));
      findings.expect(own.length > 0, `${family} has no sample`);
      for (const sample of own) {
        const wanted = [...Object.keys(labels), ...(sample.name.endsWith("_bucket") ? ["le"] : [])].sort().join();
        findings.expect(Object.keys(sample.labels).sort().join() === wanted, `${family} has the labels ${Object.keys(sample.labels)}`);
        for (const [label, value] of Object.entries(labels)) {
          findings.expect(value.test(sample.labels[label]), `${family}: ${label} is ${sample.labels[label]}`);
        }
      }
    }
  }
  const known = Object.values(contract).flatMap((families) => Object.keys(families));
  for (const family of types.keys()) findings.expect(known.includes(family), `${family} is not in the contract`);

  const value = (name, labels, from = samples) => from.find((each) => each.name === name && Object.entries(labels).every(([k, v]) => each.labels[k] === v))?.value;
  const is = (name, labels, wanted) => findings.expect(value(name, labels) === wanted, `${name} ${JSON.stringify(labels)}: ${value(name, labels)}, not ${wanted}`);
  is("offloader_up", {}, 1);
  is("offloader_ready", {}, 1);
  is("offloader_duckdb_up", {}, 1);
  is("offloader_config_sync_enabled", {}, 0);
  is("offloader_config_sync_ok", {}, 1);
  is("offloader_requests_total", { endpoint: "account_daily", status: "ok" }, 3);
  is("offloader_requests_total", { endpoint: "account_totals", status: "client_error" }, 1);
  is("offloader_response_cache_total", { endpoint: "account_daily", result: "miss" }, 1);
  is("offloader_response_cache_total", { endpoint: "account_daily", result: "hit" }, 2);
  is("offloader_request_duration_seconds_count", { endpoint: "account_daily", cache: "hit" }, 2);
  is("offloader_query_duration_seconds_count", { endpoint: "account_daily" }, 1);
  is("offloader_auth_failures_total", { reason: "missing" }, 1);
  is("offloader_auth_failures_total", { reason: "malformed" }, 1);
  is("offloader_auth_failures_total", { reason: "unknown" }, 1);
  is("offloader_auth_failures_total", { reason: "revoked" }, 1);
  is("offloader_snapshot_rows", { dataset: "account_daily" }, 2160);
  is("offloader_snapshot_stale", { dataset: "account_daily" }, 1);
  is("offloader_refresh_ok", { dataset: "account_daily" }, 1);
  is("offloader_source_reachable", { dataset: "account_daily" }, 1);
  is("offloader_refresh_total", { dataset: "account_daily", outcome: "ok" }, 2);
  is("offloader_refresh_duration_seconds_count", { dataset: "account_daily" }, 2);
  findings.expect(value("offloader_requests_total", { endpoint: "_unknown", status: "client_error" }) >= 2, "unknown endpoints are not counted as _unknown");
  findings.expect(value("offloader_queries_total", { executor: "index" }) + value("offloader_queries_total", { executor: "duckdb" }) === 1, "one query ran");
  findings.expect(Math.abs(value("offloader_refresh_last_success_timestamp_seconds", {}) - Date.now() / 1000) < 60, "the last success is not now");
  for (const { name, labels, value: old } of before.samples) {
    if (types.get(name) === "counter") findings.expect(value(name, labels) >= old, `${name} went back`);
  }
  // The last bucket of a histogram equals its count.
  for (const sample of samples.filter(({ name }) => name.endsWith("_count"))) {
    const buckets = samples.filter(({ name, labels }) => name === sample.name.replace(/_count$/, "_bucket") && Object.entries(sample.labels).every(([k, v]) => labels[k] === v));
    findings.expect(buckets.at(-1).labels.le === "+Inf" && buckets.at(-1).value === sample.value, `${sample.name}: the last bucket`);
    findings.expect(buckets.every((each, i) => i === 0 || each.value >= buckets[i - 1].value), `${sample.name}: buckets are not cumulative`);
  }
  for (const secret of ["acme", "globex", demoKey, adminToken, "secret-account", "nowhere", "made_up", "made/up"]) {
    findings.expect(!text.includes(secret), `${secret} is in the metrics`);
  }
});
findings.end("metrics");
