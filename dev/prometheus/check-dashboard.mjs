// check-dashboard.mjs BINARY: a real Prometheus scrapes the example under load, with the rules of deploy/prometheus. Every query of the dashboard
// and of its variables must succeed with a result, except those of object stores, which the example does not read. Every rule must be evaluated
// without an error, and none may fire without a cause.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Findings, adminToken, await_, demoKey, end, pause, ports, root, withServer } from "../openapi/server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const findings = new Findings();
const dashboard = JSON.parse(readFileSync(path.join(root, "deploy/prometheus/grafana-dashboard.json"), "utf8"));
const window = "15s";
const scraping = 10000;  // of load, in milliseconds

// Replaces Grafana's variables as Grafana does when everything is selected.
const filled = (query) => query.replaceAll("$__rate_interval", window).replaceAll(/\$(job|instance|endpoint|dataset)\b/g, ".*");

async function withPrometheus(target, use) {
  const work = mkdtempSync(path.join(tmpdir(), "offloader-prometheus-"));
  const { OFFLOADER_ADMIN_PORT: port } = await ports();
  writeFileSync(path.join(work, "prometheus.yml"), JSON.stringify({
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [path.join(root, "deploy/prometheus/offloader.rules.yml")],
    scrape_configs: [{ job_name: "offloader", static_configs: [{ targets: [target] }] }],
  }));
  const said = [];
  const child = spawn("prometheus", [`--config.file=${work}/prometheus.yml`, `--storage.tsdb.path=${work}/data`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (data) => said.push(data));
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => { said.push(String(error)); resolve(); });
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    const up = await_("Prometheus", () => fetch(`${url}/-/ready`).then((response) => response.ok, () => false));
    await Promise.race([up, ended.then(() => { throw new Error(`Prometheus ended:\n${said.join("")}`); })]);
    return await use(async (route, params) => (await fetch(`${url}/api/v1/${route}?${new URLSearchParams(params)}`)).json());
  } finally {
    await end(child, ended, 10000);
    rmSync(work, { recursive: true, force: true });
  }
}

// Sends valid and invalid requests until `stop.now` is set.
async function load(server, stop) {
  const good = { authorization: `Bearer ${demoKey}` };
  for (let i = 0; !stop.now; ++i) {
    const day = `2025-01-${String(1 + (i % 28)).padStart(2, "0")}`;
    for (const [target, headers] of [[`account_daily?from=${day}&offset=${i}`, good], ["top_accounts", good], ["top_accounts", good], ["account_totals?region=nowhere", good],
      ["missing_endpoint", good], ["top_accounts", {}]]) {
      await (await fetch(`${server.api}/v1/endpoints/${target}`, { headers })).text();
    }
    if (i % 20 === 0) await fetch(`${server.admin}/datasets/account_daily/refresh`, { method: "POST", headers: { authorization: `Bearer ${adminToken}` } });
    await pause(20);
  }
}

await withServer(binary, path.join(root, "examples/customer-analytics"), async (server) => {
  await withPrometheus(new URL(server.admin).host, async (ask) => {
    const stop = { now: false };
    const loading = load(server, stop);
    const began = Date.now();
    try {
      await await_("samples of a whole window", async () => {
        const answer = await ask("query", { query: 'count_over_time(offloader_up[1m])' });
        return Date.now() - began > scraping && Number(answer.data?.result[0]?.value[1]) >= 8;
      });
      // The time of a scrape. A later one may have failed, because the server or Prometheus was slow, and then nothing is found after it.
      const now = await await_("a scrape", async () => Number((await ask("query", { query: "timestamp(offloader_up)" })).data?.result[0]?.value[1]));
      let queries = 0;
      for (const panel of dashboard.panels.flatMap((each) => [each, ...(each.panels ?? [])])) {
        for (const target of panel.targets ?? []) {
          ++queries;
          const query = filled(target.expr);
          findings.expect(!query.includes("$"), `${panel.title}: a variable that is not known in ${query}`);
          const answer = target.instant ? await ask("query", { query, time: now }) : await ask("query_range", { query, start: now - 5, end: now, step: 1 });
          if (!findings.expect(answer.status === "success", `${panel.title}: ${query}: ${answer.error}`)) continue;
          const values = answer.data.result.flatMap((each) => each.values ?? [each.value]).map((each) => Number(each[1]));
          if (query.includes("offloader_object_store_requests")) continue;
          findings.expect(values.length > 0, `${panel.title}: empty: ${query}`);
          findings.expect(values.some((each) => Number.isFinite(each)), `${panel.title}: no number: ${query}`);
        }
      }
      findings.expect(queries > 40, `only ${queries} queries`);
      for (const variable of dashboard.templating.list.filter((each) => each.type === "query")) {
        const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(filled(variable.query.query));
        const answer = await ask(`label/${label}/values`, { "match[]": series, start: now - 60, end: now });
        findings.expect(answer.status === "success" && answer.data.length > 0, `variable ${variable.name}: ${JSON.stringify(answer)}`);
      }
      // The example's data is old, and the load includes callers without a key.
      const caused = ["OffloaderSnapshotStale", "OffloaderAuthFailures"];
      const expected = (rule) => rule.state === "inactive" || (caused.includes(rule.name) && rule.state === "pending");
      // One slow scrape or request makes a rule pending, until it is followed by enough quick ones.
      let rules = [];
      await await_("rules in their expected states", async () => {
        rules = (await ask("rules", {})).data.groups.flatMap((group) => group.rules);
        return rules.every((rule) => rule.health === "ok" && expected(rule));
      }).catch(() => {});  // the findings below say more
      findings.expect(rules.length >= 12, `only ${rules.length} rules`);
      for (const rule of rules) {
        findings.expect(rule.health === "ok", `${rule.name}: ${rule.health} ${rule.lastError ?? ""}`);
        findings.expect(expected(rule), `${rule.name} is ${rule.state}`);
      }
    } finally {
      stop.now = true;
      await loading;
    }
  });
});

// Verifies that the runbooks of the alerts exist.
const rulesText = readFileSync(path.join(root, "deploy/prometheus/offloader.rules.yml"), "utf8");
const links = [...rulesText.matchAll(/runbook: (\S+)#(\S+)/g)];
findings.expect(links.length === [...rulesText.matchAll(/- alert:/g)].length, "an alert without a runbook");
for (const [, file, anchor] of existsSync(path.join(root, "docs/operations/runbooks.md")) ? links : []) {
  const headings = [...readFileSync(path.join(root, file), "utf8").matchAll(/^#+ (.*)$/gm)];
  const anchors = headings.map((each) => each[1].toLowerCase().replaceAll(/[^a-z0-9 -]/g, "").replaceAll(" ", "-"));
  findings.expect(anchors.includes(anchor), `${file} has no heading for #${anchor}`);
}
findings.end("dashboard and rules");
