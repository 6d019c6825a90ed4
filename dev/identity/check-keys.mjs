// check-keys.mjs BINARY [KEYS]: the life of API keys at a running server: rotated, finished, expired and revoked by the command line under
// load; bound to addresses behind a real nginx; and 200,000 of them reloaded under load. No request that should have passed may fail, none that
// should have failed may pass.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Findings, adminToken, await_, end, pause, ports, root, withServer } from "../openapi/server.mjs";

process.env.PATH += ":/usr/sbin:/sbin"; // Debian keeps nginx there
const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const manyKeys = Number(process.argv[3] ?? 200_000);
const findings = new Findings();
const work = mkdtempSync(path.join(tmpdir(), "offloader-keys-"));
const hashOf = (token) => createHash("sha256").update(token).digest("hex");

function makeProject(name, keysFile) {
  const project = path.join(work, name);
  cpSync(path.join(root, "examples/customer-analytics"), project, { recursive: true });
  const config = path.join(project, "offloader.yml");
  writeFileSync(config, readFileSync(config, "utf8").replace(/^keys:.*$/m, `keys: ${keysFile}`));
  return project;
}

const cli = (project, ...args) =>
  JSON.parse(execFileSync(binary, ["keys", ...args, "--config", project, "--json"], { stdio: ["ignore", "pipe", "inherit"] }));
const reload = async (server) => {
  const answer = await fetch(`${server.admin}/config/reload`, { method: "POST", headers: { authorization: `Bearer ${adminToken}` } });
  findings.expect(answer.status === 200, `the reload was answered ${answer.status}: ${await answer.text()}`);
};

// Asks over a connection of its own, from an address of its own. Returns {status, body}.
const ask = (url, token, { from, headers = {}, agent } = {}) => new Promise((resolve, reject) => {
  const request = http.get(`${url}/v1/endpoints/account_daily`, { localAddress: from, agent, headers: { authorization: `Bearer ${token}`, ...headers } }, (answer) => {
    const parts = [];
    answer.on("data", (part) => parts.push(part));
    answer.on("end", () => resolve({ status: answer.statusCode, body: Buffer.concat(parts).toString() }));
  });
  request.once("error", reject);
});
const statusOf = async (...args) => (await ask(...args)).status;
const withoutId = (body) => body.replace(/"request_id":"[^"]*"/, "");
const metrics = async (server) => (await fetch(`${server.admin}/metrics`)).text();
const failures = async (server, reason) =>
  Number(new RegExp(`offloader_auth_failures_total\\{reason="${reason}"\\} (\\d+)`).exec(await metrics(server))?.[1]);

// Asks with `token()` from several connections. `end` stops that and returns how many were answered 200, and the other statuses. `uses` tells
// whether a request with a token is under way.
function load(server, token) {
  let going = true;
  const seen = { passed: 0, failed: [] };
  const sent = Array(4).fill(null);
  const clients = sent.map(async (_, i) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (going) {
      sent[i] = token();
      const status = await statusOf(server.api, sent[i], { agent }).catch(String);
      status === 200 ? ++seen.passed : seen.failed.push(status);
    }
    sent[i] = null;
    agent.destroy();
  });
  return {
    uses: (of) => sent.includes(of),
    async end() {
      going = false;
      await Promise.all(clients);
      return seen;
    },
  };
}

async function lifecycle() {
  const project = makeProject("lifecycle", "keys/keys.yml");
  const created = (id, ...more) => cli(project, "create", "--id", id, "--tenant", "acme", "--endpoints", "account_daily", ...more, "--add").token;
  let token = created("app");
  const revoked = created("leaked");
  const expiring = created("expiring", "--expires-at", "2099-01-01T00:00:00Z");
  const early = created("early", "--not-before", "2098-01-01T00:00:00Z");
  await withServer(binary, project, async (server) => {
    const unknown = withoutId((await ask(server.api, "offl_nobody")).body);
    const refused = async (of, what) => {
      const { status, body } = await ask(server.api, of);
      findings.expect(status === 401 && withoutId(body) === unknown, `${what} was answered ${status} ${body}`);
    };
    await refused(early, "a key before its time");
    findings.expect(await failures(server, "expired") === 1, "the early key did not count as expired");
    findings.expect(/offloader_key_expires_seconds\{key="expiring"\} 2\d{9}/.test(await metrics(server)), "the metric of the expiring key is missing");

    const running = load(server, () => token);
    for (let i = 0; i < 3; ++i) {
      const before = token;
      const { token: next } = cli(project, "rotate", "app");
      await reload(server);
      findings.expect(await statusOf(server.api, before) === 200, "the previous token was refused before the rotation was finished");
      token = next;
      await await_("the last request with the previous token", () => !running.uses(before));
      cli(project, "rotate", "app", "--finish");
      await reload(server);
      await refused(before, "the previous token after the rotation");
    }
    cli(project, "revoke", "leaked");
    cli(project, "expire", "expiring", "--at", "2020-01-01T00:00:00+01:00");
    await reload(server);
    await refused(revoked, "a revoked key");
    await refused(expiring, "an expired key");
    const seen = await running.end();
    findings.expect(seen.passed > 20 && seen.failed.length === 0, `under load ${JSON.stringify(seen)}`);
    console.log(`rotated three times under load: ${seen.passed} answers, ${seen.failed.length} failed`);
    findings.expect(await failures(server, "revoked") === 1, "the revoked key was not counted");
  });
}

// nginx is 127.0.0.2 and trusted; the key is bound to 127.0.0.11; everybody else is 127.0.0.12.
async function addresses() {
  const project = makeProject("addresses", "keys/keys.yml");
  const { token } = cli(project, "create", "--id", "bound", "--tenant", "acme", "--endpoints", "account_daily", "--allowed-cidrs", "127.0.0.11", "--add");
  const { OFFLOADER_API_PORT: front } = await ports();
  await withServer(binary, project, async (server) => {
    writeFileSync(path.join(work, "nginx.conf"), `daemon off; worker_processes 1; pid ${work}/nginx.pid; error_log ${work}/nginx.log warn;
events {}
http {
  access_log off; client_body_temp_path ${work}/t1; proxy_temp_path ${work}/t2; fastcgi_temp_path ${work}/t3; uwsgi_temp_path ${work}/t4; scgi_temp_path ${work}/t5;
  server {
    listen 127.0.0.1:${front};
    location / { proxy_pass ${server.api}; proxy_bind 127.0.0.2; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }
  }
}
`);
    const nginx = spawn("nginx", ["-p", work, "-c", path.join(work, "nginx.conf")], { stdio: ["ignore", "ignore", "inherit"] });
    const ended = new Promise((resolve) => { nginx.once("close", resolve); nginx.once("error", resolve); });
    const proxied = `http://127.0.0.1:${front}`;
    try {
      await await_("nginx", () => fetch(`${proxied}/healthz`).then((answer) => answer.ok, () => false));
      const [allowed, other] = ["127.0.0.11", "127.0.0.12"];
      const expect = async (wanted, what, ...args) => {
        const status = await statusOf(...args);
        findings.expect(status === wanted, `${what} was answered ${status}`);
      };
      await expect(200, "the address itself", server.api, token, { from: allowed });
      await expect(401, "another address", server.api, token, { from: other });
      await expect(401, "another address with a forged X-Forwarded-For", server.api, token, { from: other, headers: { "x-forwarded-for": allowed } });
      await expect(401, "another address with a forged Forwarded", server.api, token, { from: other, headers: { forwarded: `for=${allowed}` } });
      await expect(200, "the address through nginx", proxied, token, { from: allowed });
      await expect(200, "the address through nginx, with a forged header", proxied, token, { from: allowed, headers: { "x-forwarded-for": "8.8.8.8" } });
      await expect(401, "another address through nginx", proxied, token, { from: other });
      await expect(401, "another address through nginx with a forged X-Forwarded-For", proxied, token, { from: other, headers: { "x-forwarded-for": allowed } });
      await expect(401, "another address through nginx with a forged Forwarded", proxied, token, { from: other, headers: { forwarded: `for=${allowed}` } });
      await expect(401, "headers that disagree", proxied, token, { from: allowed, headers: { forwarded: `for=${other}` } });
      await expect(401, "the proxy itself", server.api, token, { from: "127.0.0.2" });
      findings.expect(await failures(server, "address") === 8, `${await failures(server, "address")} refused addresses were counted, not 8`);
    } finally {
      await end(nginx, ended, 5000);
    }
  }, { OFFLOADER_TRUSTED_PROXIES: "127.0.0.2/32" });
}

const anonymousBytes = (pid) => 1024 * Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

async function many() {
  const project = makeProject("many", "keys/keys.ndjson");
  const file = path.join(project, "keys/keys.ndjson");
  const tokenOf = (i) => `offl_many_${i}`;
  const line = (i, more = "") =>
    `{"id":"key_${i}","hash":"${hashOf(tokenOf(i))}","tenant":"acme","endpoints":["account_daily"],"status":"active"${more}}\n`;
  writeFileSync(file, line(0));
  await withServer(binary, project, async (server) => {
    const settled = async () => {
      await Promise.all(Array.from({ length: 50 }, () => statusOf(server.api, tokenOf(0)))); // each thread sees the newest configuration
      await pause(4000); // the server returns the memory of the replaced one
      return anonymousBytes(server.pid);
    };
    await settled();
    await reload(server);
    const before = await settled();
    const all = Array.from({ length: manyKeys }, (_, i) => line(i)).join("");
    writeFileSync(file, all);
    let known = 1;
    const running = load(server, () => tokenOf(Math.floor(Math.random() * known)));
    const begin = Date.now();
    await reload(server);
    const took = Date.now() - begin;
    known = manyKeys;
    for (let i = 0; i < 3; ++i) {
      writeFileSync(file, line(0, `,"description":"${i}"`) + all.slice(line(0).length));
      await reload(server);
    }
    const seen = await running.end();
    findings.expect(seen.passed > 20 && seen.failed.length === 0, `while ${manyKeys} keys were reloaded: ${JSON.stringify({ ...seen, failed: seen.failed.slice(0, 10) })}`);
    const each = (await settled() - before) / manyKeys;
    console.log(`${manyKeys} keys: reloaded in ${took} ms, 4 times in all, ${seen.passed} answers meanwhile, ${seen.failed.length} failed; ` +
      `${each.toFixed(0)} bytes of anonymous memory a key after that, ${(all.length / manyKeys).toFixed(0)} of them text`);
  });
}

try {
  await lifecycle();
  await addresses();
  await many();
} finally {
  rmSync(work, { recursive: true, force: true });
}
findings.end("keys");
