// check-identity.mjs BINARY: a real OpenID provider issues tokens that a running server must accept, rotates its keys under load, and goes down.
// No token may appear in the server's log.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Findings, await_, demoKey, pause, root, withServer } from "../openapi/server.mjs";
import { IdentityProvider, audience, makeKey } from "./provider.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const findings = new Findings();
const seconds = Number(process.env.OFFLOADER_SOAK ? 60 : 3); // of load before and after the rotation
const work = mkdtempSync(path.join(tmpdir(), "offloader-identity-"));

function writeProject(provider, name) {
  const project = path.join(work, name);
  cpSync(path.join(root, "examples/customer-analytics"), project, { recursive: true });
  const config = path.join(project, "offloader.yml");
  writeFileSync(config, `${readFileSync(config, "utf8")}identity: identity.yml\nallowed_origins: ["${provider.url}"]\n`);
  writeFileSync(path.join(project, "identity.yml"), `issuers:
  - id: idp
    issuer: "${provider.url}"
    audience: ["${audience}"]
    jwks: "${provider.url}/jwks"
    algorithms: [RS256, PS256, ES256, EdDSA]
    typ: at+jwt
    tenant_claim: org.id
    endpoints_claim: scope
    endpoints_prefix: "read:"
    tenants: [acme, globex]
`);
  return config;
}

const ask = (server, token, endpoint = "account_daily") =>
  fetch(`${server.api}/v1/endpoints/${endpoint}`, { headers: { authorization: `Bearer ${token}` } });
const statusOf = async (server, token, endpoint) => {
  const answer = await ask(server, token, endpoint);
  await answer.arrayBuffer();
  return answer.status;
};
const metric = async (server, line) => (await (await fetch(`${server.admin}/metrics`)).text()).includes(line);
const tokens = new Set();
const tokenOf = async (...args) => {
  const token = await provider.token(...args);
  tokens.add(token);
  return token;
};

// Asks with a new token each time, from several clients, until `done`. Returns how many were answered 200, and the other statuses.
async function load(server, done) {
  const seen = { passed: 0, failed: [] };
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (!done()) {
      const status = await statusOf(server, await tokenOf());
      status === 200 ? ++seen.passed : seen.failed.push(status);
    }
  }));
  return seen;
}
const for_ = (duration) => {
  const until = Date.now() + duration * 1000;
  return () => Date.now() > until;
};

const first = makeKey("RS256");
const provider = await IdentityProvider.start([first]);
try {
  await withServer(binary, writeProject(provider, "rotation"), async (server) => {
    // Each tenant reads its own rows, and the same as with its key.
    const byToken = await (await ask(server, await tokenOf("acme"), "account_daily")).json();
    const byKey = await (await ask(server, demoKey, "account_daily")).json();
    findings.expect(JSON.stringify(byToken.data) === JSON.stringify(byKey.data), "a token and a key of acme have different rows");
    const other = await (await ask(server, await tokenOf("globex"), "account_daily")).json();
    findings.expect(other.data?.length > 0 && JSON.stringify(other.data) !== JSON.stringify(byKey.data), "globex has the rows of acme");
    findings.expect(await statusOf(server, await tokenOf("acme", "read:account_daily"), "account_totals") === 404, "a scope was widened");
    findings.expect(await statusOf(server, await tokenOf("acme"), "revenue") === 404, "an endpoint without a scope was granted");
    const token = await tokenOf();
    findings.expect(await statusOf(server, `${token.slice(0, -2)}AA`) === 401, "a changed signature was accepted");

    // The provider signs with a new key at once, which nobody has fetched yet, in the middle of the load.
    const before = await load(server, for_(seconds));
    findings.expect(before.passed > 20 && before.failed.length === 0, `before the rotation ${JSON.stringify(before)}`);
    const old = await tokenOf();
    findings.expect(await statusOf(server, old) === 200, "a token of the first key was refused");
    const fetches = provider.fetches;
    const second = makeKey("ES256");
    const loaded = load(server, for_(2 * seconds));
    await pause(seconds * 1000);
    provider.rotate([second, first]);
    const during = await loaded;
    findings.expect(during.passed > 20 && during.failed.length === 0, `during the rotation ${JSON.stringify(during)}`);
    findings.expect(provider.fetches === fetches + 1, `the rotation caused ${provider.fetches - fetches} fetches`);
    findings.expect(await statusOf(server, old) === 200, "a token of a key that is still published was refused");
    findings.expect(await metric(server, 'offloader_jwks_ok{issuer="idp"} 1'), "offloader_jwks_ok is not 1");
    if (process.env.OFFLOADER_SOAK) {
      // A minute later, the next unknown key is followed at once too, and the withdrawn ones end.
      for (const alg of ["EdDSA", "PS256"]) {
        const last = await tokenOf();
        provider.rotate([makeKey(alg)]);
        const seen = await load(server, for_(seconds + 5));
        findings.expect(seen.passed > 20 && seen.failed.length === 0, `after the rotation to ${alg} ${JSON.stringify(seen)}`);
        findings.expect(await statusOf(server, last) === 401, "a token of the withdrawn key was accepted");
      }
    }
    const text = server.log.map((each) => JSON.stringify(each)).join("\n");
    for (const each of tokens) {
      const [header, payload, signature] = each.split(".");
      findings.expect(!text.includes(payload) && !text.includes(signature) && header !== "", "the log contains a token");
    }
    findings.expect(!text.includes(demoKey), "the log contains a key");
  }, { OFFLOADER_LOG_LEVEL: "debug" });

  // The provider withdraws a key, which the next fetch notices. Then it goes down, and its keys become stale.
  await withServer(binary, writeProject(provider, "down"), async (server) => {
    const token = await tokenOf();
    findings.expect(await statusOf(server, token) === 200, "a token was refused before its key was withdrawn");
    provider.rotate([makeKey("ES256")]);
    const next = await tokenOf();
    findings.expect(await statusOf(server, next) === 200, "a token of the new key was refused");
    await await_("the end of the withdrawn key", async () => (await statusOf(server, token)) === 401);
    findings.expect(await statusOf(server, next) === 200, "a token of the new key was refused after the old one was withdrawn");
    await provider.stop();
    await await_("offloader_jwks_ok 0", () => metric(server, 'offloader_jwks_ok{issuer="idp"} 0'));
    await await_("the end of the known keys", async () => (await statusOf(server, next)) === 401);
    findings.expect(await statusOf(server, demoKey) === 200, "a key was refused while the provider was down");
    findings.expect(await metric(server, 'offloader_auth_failures_total{reason="issuer"}'), "no failure was counted under `issuer`");
    findings.expect(server.log.filter((each) => /cannot be fetched/.test(each.message ?? "")).length === 1, "the failure was not logged once");
  }, { OFFLOADER_JWKS_MAX_STALE_SECONDS: "6" });

  // A start while the provider is down.
  await withServer(binary, path.join(work, "down", "offloader.yml"), async (server) => {
    findings.expect(await statusOf(server, demoKey) === 200, "a key was refused after a start without the provider");
    findings.expect(await statusOf(server, [...tokens].at(-1)) === 401, "a token was accepted without a key set");
  });
} finally {
  await provider.stop().catch(() => {});
  rmSync(work, { recursive: true, force: true });
}
findings.end("identity");
