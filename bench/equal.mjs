// Verifies that all sides give the same answers. Runs before anything is timed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { requestsOf } from "./contenders.mjs";

const EACH = 20; // requests of every query

async function dataOf(server, [target, key]) {
  const answer = await fetch(`http://127.0.0.1:${server.port}${target}`, { headers: { authorization: `Bearer ${key}` } });
  if (answer.status !== 200) throw new Error(`${server.name} ${target}: ${answer.status} ${await answer.text()}`);
  return JSON.stringify((await answer.json()).data);
}

// Compares some requests of every query, spread over all requests. PostgreSQL has no HTTP and supports only `days`. Returns the number of
// comparisons.
export async function expectEqual(servers, project, postgres) {
  let checked = 0;
  for (const query of ["days", "days_cached", "page", "tenant_wide", "whole"]) {
    const lines = requestsOf(project, query);
    const tenants = query === "days" ? readFileSync(join(project, "days.tenants"), "utf8").trim().split("\n").map((line) => line.split(" ")[1]) : [];
    for (let i = 0; i < lines.length; i += Math.ceil(lines.length / EACH)) {
      const expected = await dataOf(servers[0], lines[i]);
      const expectSame = (name, actual) => {
        if (actual !== expected) throw new Error(`${name} answers ${lines[i][0]} otherwise:\n${actual}\n${servers[0].name}:\n${expected}`);
      };
      for (const server of servers.slice(1)) expectSame(server.name, await dataOf(server, lines[i]));
      if (query === "days") expectSame("PostgreSQL", postgres.answer(tenants[i], new URL(`http://x${lines[i][0]}`).searchParams.get("from")));
      checked++;
    }
  }
  return checked;
}
