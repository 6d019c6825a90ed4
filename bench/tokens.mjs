// tokens.mjs [PROGRAM]: the rate of authorized hits by JWT over that of hits by key, on one server and in interleaved pairs: for a caller that keeps
// its connections, and for callers that take turns on them, as behind a proxy. The bound is that of the former. Variables and their defaults:
// BENCH_PAIRS (20), BENCH_SECONDS (1, for each side of a pair), BENCH_BOUND (0.9), BENCH_TOKENS (100, different tokens of one tenant, in turns).
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKeyPairSync, sign } from "node:crypto";
import { binary, measure, offloader } from "./contenders.mjs";
import { inPairs, medianWithInterval } from "./pairs.mjs";
import { inWorkFolder } from "./processes.mjs";

const program = process.argv[2] ?? binary;
const pairs = Number(process.env.BENCH_PAIRS ?? 20);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const bound = Number(process.env.BENCH_BOUND ?? 0.9);
const count = Number(process.env.BENCH_TOKENS ?? 100);

const example = "examples/customer-analytics";
const key = /`acme_demo`.*`(offl_[0-9a-f]{48})`/.exec(readFileSync(join(example, "README.md"), "utf8"))[1];
const target = "/v1/endpoints/account_totals";
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

// Tokens with the usual claims and sizes of an identity provider (RS256, about 900 bytes).
function makeTokens(project) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(project, "jwks.json"), JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }] }));
  writeFileSync(join(project, "offloader.yml"), `${readFileSync(join(project, "offloader.yml"), "utf8")}identity: identity.yml\n`);
  writeFileSync(join(project, "identity.yml"), `issuers:
  - {id: idp, issuer: "https://id.example/", audience: [offloader], jwks: jwks.json, algorithms: [RS256], tenant_claim: org.id, endpoints_claim: scope}
`);
  const now = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, (_, i) => {
    const text = `${encoded({ alg: "RS256", typ: "at+jwt", kid: "k1" })}.${encoded({
      iss: "https://id.example/", sub: `auth0|${String(i).padStart(24, "0")}`, aud: ["offloader", "https://id.example/userinfo"], iat: now, exp: now + 86400,
      scope: "openid profile email offline_access account_totals account_daily", azp: "0123456789abcdef0123456789abcdef", org: { id: "acme", name: "Acme" },
    })}`;
    return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
  });
}

await inWorkFolder("tokens", async (work) => {
  const project = join(work, "project");
  cpSync(example, project, { recursive: true });
  const tokens = makeTokens(project);
  const requests = { key: join(work, "key.requests"), kept: join(work, "kept.requests"), turns: join(work, "turns.requests") };
  writeFileSync(requests.key, `${target} ${key}\n`.repeat(count));
  writeFileSync(requests.kept, `${target} ${tokens[0]}\n`.repeat(count));
  writeFileSync(requests.turns, tokens.map((token) => `${target} ${token}\n`).join(""));
  const server = await offloader({ program, project, work, index: "on", name: "offloader" });
  for (const token of [key, ...tokens]) {
    const answer = await fetch(`http://127.0.0.1:${server.port}${target}`, { headers: { authorization: `Bearer ${token}` } });
    if (answer.status !== 200) throw new Error(`a hit is ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }
  const side = (name) => () => measure(server, { name }, { connections: 16, seconds, warmUp: 0.3, requests: requests[name] });
  const shown = ({ median, low, high }) => `${median.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  console.log(`hits by JWT over hits by key, ${pairs} pairs of ${seconds} s, tokens of ${tokens[0].length} bytes, one core a server`);
  let failed = false;
  for (const [name, what] of [["kept", "a caller on its own connections"], ["turns", `${count} callers in turns on each connection`]]) {
    const seen = await inPairs([side(name), side("key")], pairs);
    const rate = medianWithInterval(seen.map(([a, b]) => a.rate / b.rate));
    const cpu = medianWithInterval(seen.map(([a, b]) => a.cpu / b.cpu));
    const middle = (side, what) => medianWithInterval(seen.map((pair) => pair[side][what])).median;
    const worse = name === "kept" && rate.high < bound; // only if the whole interval is below the bound
    failed ||= worse;
    console.log(`
${what}
by key        ${middle(1, "rate").toFixed(0)} answers a second, ${middle(1, "cpu").toFixed(2)} µs of CPU time each
by JWT        ${middle(0, "rate").toFixed(0)} answers a second, ${middle(0, "cpu").toFixed(2)} µs of CPU time each
rate          ${shown(rate)}, 95 % interval${name === "kept" ? `; at least ${bound}: ${worse ? "WORSE" : "holds"}` : ""}
CPU time      ${shown(cpu)}`);
  }
  return failed;
});
