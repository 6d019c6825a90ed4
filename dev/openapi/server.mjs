// Starts the real server on ephemeral ports with a project, for the checks beside this file.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const adminToken = "operator-checks";

// The demo token in the example's README.
export const demoKey = /`acme_demo`.*`(offl_[0-9a-f]{48})`/.exec(
  readFileSync(path.join(root, "examples/customer-analytics/README.md"), "utf8"),
)[1];

const bound = (milliseconds, what) =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`gave up waiting for ${what}`)), milliseconds).unref());

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Waits for `ended`, at most this long, and then kills the process. Leaves no timer that would keep this process alive.
export async function end(child, ended, milliseconds) {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
  await ended;
  clearTimeout(timer);
}

// Polls until `condition` returns a truthy value, and returns that.
export async function await_(what, condition, milliseconds = 60000) {
  const until = Date.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > until) throw new Error(`gave up waiting for ${what}`);
    await pause(50);
  }
}

// Two ports that are currently free, for a server whose log does not show its ports.
export async function ports() {
  const servers = [createServer(), createServer()];
  const taken = await Promise.all(servers.map((each) => new Promise((resolve, reject) => {
    each.once("error", reject);
    each.listen(0, "127.0.0.1", () => resolve(String(each.address().port)));
  })));
  await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
  return { OFFLOADER_API_PORT: taken[0], OFFLOADER_ADMIN_PORT: taken[1] };
}

// Starts a server, runs `use({api, admin, log})` and always stops the server. `api` and `admin` are URLs without a final slash. `log` has the
// parsed log lines of the server.
export async function withServer(binary, project, use, environment = {}, { ready = true } = {}) {
  const work = mkdtempSync(path.join(tmpdir(), "offloader-check-"));
  const log = [];
  const child = spawn(binary, ["start"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      OFFLOADER_CONFIG: project,
      OFFLOADER_SECRET_KEY_BASE: "only-for-checks-only-for-checks-0000",
      OFFLOADER_ADMIN_TOKEN: adminToken,
      OFFLOADER_CACHE_DIR: path.join(work, "cache"),
      OFFLOADER_API_BIND: "127.0.0.1",
      OFFLOADER_POOL_WAIT_MS: "10000", // so that a busy machine sheds none of a check's requests
      OFFLOADER_API_PORT: "0",
      OFFLOADER_ADMIN_PORT: "0",
      OFFLOADER_DRAIN_SECONDS: "0",
      OFFLOADER_POOL_SIZE: "4",
      OFFLOADER_DUCKDB_MEMORY_LIMIT: "512MB",
      OFFLOADER_LOG_FORMAT: "json",
      ...environment,
    },
  });
  // "close" comes after "exit", when the log has been read to its end.
  const ended = new Promise((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
    child.once("error", (error) => resolve(String(error)));
  });
  const listening = new Promise((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      let entry;
      try {
        entry = JSON.parse(line);
      } catch {
        entry = { text: line };
      }
      log.push(entry);
      if (entry.message === "listening") resolve(entry);
    });
  });
  try {
    const early = ended.then((status) => {
      throw new Error(`the server ended with ${status}:\n${log.map((each) => each.text ?? JSON.stringify(each)).join("\n")}`);
    });
    early.catch(() => {});
    const given = environment.OFFLOADER_API_PORT && { api_port: environment.OFFLOADER_API_PORT, admin_port: environment.OFFLOADER_ADMIN_PORT };
    const { api_port, admin_port } = given ?? (await Promise.race([listening, early, bound(60000, "the ports")]));
    const server = { api: `http://127.0.0.1:${api_port}`, admin: `http://127.0.0.1:${admin_port}`, log, pid: child.pid };
    if (ready) await Promise.race([early, await_("readiness", () => fetch(`${server.admin}/ready`).then((answer) => answer.ok, () => false))]);
    return await use(server);
  } finally {
    await end(child, ended, 20000);
    rmSync(work, { recursive: true, force: true });
  }
}

// Collects findings, so that a run reports all of them. `end` sets the exit status.
export class Findings {
  #all = [];
  checks = 0;
  expect(holds, message) {
    ++this.checks;
    if (!holds) this.#all.push(message);
    return holds;
  }
  end(what) {
    for (const finding of this.#all.slice(0, 50)) console.error(finding);
    if (this.checks === 0) {
      console.error(`${what}: nothing was checked`);
      process.exitCode = 1;
    } else if (this.#all.length > 0) {
      console.error(`${what}: ${this.#all.length} of ${this.checks} checks failed`);
      process.exitCode = 1;
    } else {
      console.log(`${what}: ${this.checks} checks hold`);
    }
  }
}
