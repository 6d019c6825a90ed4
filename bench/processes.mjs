// The processes of a comparison: started, pinned, watched and ended.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { cpus } from "node:os";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const running = new Set();

// The server has one core and the client another: "one thread against one worker".
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
  // `ready` is a URL that answers 200, or a function that tells.
  static async start(name, command, { env = {}, ready, log, core = SERVER_CORE, timeout = 600_000 }) {
    const out = openSync(log, "w");
    const begin = process.hrtime.bigint();
    const [program, ...args] = pinned(core, command);
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", out, out] });
    closeSync(out);
    const server = new Server();
    Object.assign(server, { name, child, log });
    running.add(server);
    child.on("exit", (code) => { server.ended = true; server.code = code; });
    const answers = typeof ready === "function" ? ready : async () => (await fetch(ready).catch(() => ({}))).status === 200;
    while (!(await answers())) {
      if (server.ended) throw new Error(`${name} ended (${server.code}): ${readFileSync(log, "utf8").slice(-2000)}`);
      if (Number(process.hrtime.bigint() - begin) / 1e6 > timeout) throw new Error(`${name} is not ready`);
      await sleep(20);
    }
    server.secondsToReady = Number(process.hrtime.bigint() - begin) / 1e9;
    return server;
  }
  // Of the process and its children: seconds of processor, bytes resident.
  get pids() {
    const all = [this.child.pid];
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
        if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === this.child.pid) all.push(Number(entry));
      } catch {} // gone meanwhile
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
  async stop(signal = "SIGTERM") {
    running.delete(this);
    if (this.ended) return;
    this.child.kill(signal);
    for (let i = 0; i < 500 && !this.ended; i++) await sleep(20);
    if (!this.ended) this.child.kill("SIGKILL");
  }
}

export async function stopAll() {
  for (const server of [...running]) await server.stop(server.signal);
}

export function run(command, options = {}) {
  const [program, ...args] = command;
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"], ...options });
}

// Without blocking, so that this process goes on seeing others end.
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
