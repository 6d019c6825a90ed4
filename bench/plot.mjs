// plot.mjs [RESULTS]: writes docs/benchmarks/*.svg and the figures between the markers of docs/benchmarks.md, from the results of compare.mjs.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { WHO, number, plots, sizeName } from "./plots.mjs";
import { rowsOf, verdictOf } from "./report.mjs";

const results = JSON.parse(readFileSync(process.argv[2] ?? "build/bench/results.json", "utf8"));
const QUERY = { cached: "cached hit", days: "selective miss, grouped", page: "selective miss, ordered page of 50", tenant_wide: "one tenant, grouped",
  whole: "whole table, grouped", quiet: "selective miss, all cores", building: "the same while a snapshot is built" };
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n") + "\n\n";
const { sizes, costs } = results;

mkdirSync("docs/benchmarks", { recursive: true });
const images = plots(results).map(({ file, title, svg }) => {
  writeFileSync(`docs/benchmarks/${file}.svg`, svg);
  return `![${title}](benchmarks/${file}.svg)`;
});

let text = `Measured ${results.date} on ${results.cores} cores (${results.cpu}), ${results.seconds} s a cell, ${results.rounds} rounds of what is ` +
  `measured turn and turn about${results.quick ? ", quick mode" : ""}.\n\n`;
text += table(["ratio", "wanted", "seen", ""], results.ratios.map((r) => [r.name, r.wanted, r.seen.toFixed(2), verdictOf(r)]));
text += images.join("\n") + "\n\n### Answers a second\n\n";
const who = Object.keys(WHO).filter((name) => results.cells.some((c) => c.who === name));
text += table(["rows", "query", "connections", ...who.map((name) => WHO[name])], rowsOf(results).map((row) =>
  [sizeName(row.size), QUERY[row.query] ?? row.query, row.connections, ...who.map((name) => number(row.rates[name]))]));
text += "### Latency and CPU time of the index path\n\n";
text += table(["rows", "query", "connections", "p50, us", "p99, us", "CPU time per answer, us"], results.cells.filter((c) => c.who === "index")
  .map((c) => [sizeName(c.size), QUERY[c.query] ?? c.query, c.connections, number(c.p50), number(c.p99), c.cpu.toFixed(1)]));
text += "### Costs\n\n";
text += table(["", ...sizes.map((size) => `${sizeName(size)} rows`)], [
  ["index file", (c) => megabytes(c.index_bytes)], ["DuckDB file", (c) => megabytes(c.duckdb_bytes)],
  ["uncompressed columns", (c) => megabytes(c.uncompressed_bytes)], ["resident, idle after a warm start", (c) => megabytes(c.rss_idle)],
  ["resident, after the load", (c) => megabytes(c.rss_loaded)],
  ["start, cold (materializes Parquet), one core", (c) => `${c.start_cold_s.toFixed(1)} s`],
  ["the same without an index", (c) => `${c.start_cold_without_index_s.toFixed(1)} s`],
  ["start, warm", (c) => `${c.start_warm_s.toFixed(2)} s`],
].map(([name, of]) => [name, ...sizes.map((size) => of(costs[size]))]));
const built = costs.materialize;
if (built) text += `Materializing ${sizeName(built.rows)} CSV rows: ${built.offloader_s.toFixed(2)} s without an index, ${built.indexed_s.toFixed(2)} s with one; ` +
  `DuckDB's own \`CREATE TABLE AS … ORDER BY\` ${built.duckdb_s.toFixed(2)} s.\n`;

const page = "docs/benchmarks.md";
const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];
const old = readFileSync(page, "utf8");
const [before, after] = [old.slice(0, old.indexOf(begin) + begin.length), old.slice(old.indexOf(end))];
writeFileSync(page, `${before}\n${text}${after}`);
