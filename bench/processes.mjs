// Starts, pins, watches and ends the processes of a comparison.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

// Debian keeps nginx in this folder, which is only in root's PATH.
process.env.PATH += ":/usr/sbin:/sbin";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const running = new Set();

// The server has one core and the client another, so one thread competes with one worker.
export const SERVER_CORE = "0";
export const CLIENT_CORE = cpus().length > 1 ? "1" : "0";
export const pinned = (core, command) => (core === null ? command : ["taskset", "-c", core, ...command]);

export const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export class Server {
  // `ready` is a URL that answers 200, or a function that returns true. `signal` is the signal for an orderly stop.
  static async start(name, command, { env = {}, cwd, ready, log, core = SERVER_CORE, timeout = 600_000, signal = "SIGTERM" }) {
    const out = openSync(log, "w");
    const begin = process.hrtime.bigint();
    const [program, ...args] = pinned(core, command);
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", out, out] });
    closeSync(out);
    const server = new Server();
    Object.assign(server, { name, child, log, signal });
    running.add(server);
    child.on("exit", (code, signal) => { server.ended = true; server.code = code ?? signal; });
    child.on("error", (error) => { server.ended = true; server.code = error.message; });
    const answers = typeof ready === "function" ? ready : async () =>
      (await fetch(ready, { signal: AbortSignal.timeout(5000) }).catch(() => ({}))).status === 200;
    const told = () => `its log ends so:\n${readFileSync(log, "utf8").slice(-2000)}`;
    while (!(await answers())) {
      if (server.ended) throw new Error(`${name} ended (${server.code}); ${told()}`);
      if (Number(process.hrtime.bigint() - begin) / 1e6 > timeout)
        throw new Error(`${name} is not ready after ${timeout / 1000} s; ${told()}`);
      await sleep(20);
    }
    server.secondsToReady = Number(process.hrtime.bigint() - begin) / 1e9;
    return server;
  }
  // Seconds of CPU time and resident bytes of the process and its children.
  get pids() {
    const all = [this.child.pid];
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
        if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === this.child.pid) all.push(Number(entry));
      } catch {} // it has ended
    }
    return all;
  }
  cpuSeconds() {
    let ticks = 0;
    for (const pid of this.pids) {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        ticks += Number(fields[11]) + Number(fields[12]);
      } catch {}
    }
    return ticks / 100;
  }
  residentBytes() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
  }
  async stop() {
    running.delete(this);
    if (this.ended) return;
    this.child.kill(this.signal);
    for (let i = 0; i < 500 && !this.ended; i++) await sleep(20);
    if (!this.ended) this.child.kill("SIGKILL");
  }
}

export async function stopAll() {
  await Promise.all([...running].map((server) => server.stop()));
}

// Runs a benchmark in a new folder below BENCH_DIR, and ends its processes and removes the folder afterwards. `measure(work)` returns whether
// a bound was missed, which is the exit code 1; 2: it could not be measured. `kept`: instead of being removed, the folder is named after this text.
export async function inWorkFolder(name, measure, kept = "") {
  const work = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), `offloader-${name}-`));
  try {
    process.exitCode = (await measure(work)) ? 1 : 0;
  } catch (error) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 2;
  } finally {
    await stopAll();
    if (kept) console.error(`${kept}: ${work}`);
    else rmSync(work, { recursive: true, force: true });
  }
}

export function run(command, options = {}) {
  const [program, ...args] = command;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command.slice(0, 12).join(" ")} ended (${status ?? signal}):\n${(stderr + stdout).slice(-2000)}`);
  return stdout;
}

// Does not block, so that this process still notices when others end.
export function runAside(command) {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (bytes) => (out += bytes));
    child.stderr.on("data", (bytes) => (err += bytes));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

export const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
