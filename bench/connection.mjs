import { connect } from "node:net";

// One kept connection that sends one request at a time. It is written for this purpose, because a general client spends more time on a
// request than the server does.
export class Connection {
  static async open(port) {
    const self = new Connection();
    self.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    self.received = Buffer.alloc(0);
    self.socket.on("data", (bytes) => self.take(bytes));
    self.socket.on("error", (error) => self.fail?.(error));
    self.socket.on("close", () => self.fail?.(new Error("the server closed the connection")));
    await new Promise((resolve, reject) => { self.socket.once("connect", resolve); self.fail = reject; });
    return self;
  }
  // Sends the bytes of a request. Returns the body of its answer, which must be a 200.
  send(request) {
    return new Promise((resolve, reject) => {
      Object.assign(this, { done: resolve, fail: reject });
      this.socket.write(request);
    });
  }
  take(bytes) {
    this.received = this.received.length ? Buffer.concat([this.received, bytes]) : bytes;
    const end = this.received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.received.latin1Slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (!head.startsWith("HTTP/1.1 200 ") || Number.isNaN(length)) return this.fail(new Error(`an answer begins ${head.slice(0, 60)}`));
    if (this.received.length < end + 4 + length) return;
    const body = this.received.subarray(end + 4, end + 4 + length);
    this.received = this.received.subarray(end + 4 + length);
    this.done(body);
  }
  close() {
    this.fail = undefined;
    this.socket.destroy();
  }
}

// Repeats `ask(i)` for so many seconds, and at least twice. Returns microseconds, and microseconds of the server's CPU time, for
// each.
export async function timed(server, seconds, ask) {
  const cpu = server.cpuSeconds();
  const begin = process.hrtime.bigint();
  let taken = 0;
  let count = 0;
  for (; taken < seconds || count < 2; count++) {
    await ask(count);
    taken = Number(process.hrtime.bigint() - begin) / 1e9;
  }
  return { time: (taken * 1e6) / count, cpu: ((server.cpuSeconds() - cpu) * 1e6) / count };
}
