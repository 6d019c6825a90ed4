// Fetches URL with Node's fetch: fetch.mjs WAY URL KEY FILE [HEADER=VALUE …]. Writes the body to FILE and exits with 0 if fetch says that all of it is
// there. WAY: "whole" (arrayBuffer()), "stream" (the body's stream), or "arrow" (apache-arrow reads the response, and its sums go to FILE).
import { writeFileSync } from "node:fs";

const [way, url, key, file, ...more] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}`, ...Object.fromEntries(more.map((each) => each.split("="))) };

async function bodyOf(response) {
  if (way === "whole") return Buffer.from(await response.arrayBuffer());
  if (way === "arrow") {
    const { tableFromIPC } = await import("apache-arrow");
    const table = await tableFromIPC(response);
    let sum = 0;
    for (const id of table.getChild("id")) sum += id;
    return JSON.stringify([table.numRows, sum]);
  }
  const parts = [];
  for await (const part of response.body) parts.push(part);
  return Buffer.concat(parts);
}

try {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`status ${response.status}`);
  writeFileSync(file, await bodyOf(response));
} catch (error) {
  console.error(`${error}: ${error.cause ?? ""}`);
  process.exitCode = 1;
}
