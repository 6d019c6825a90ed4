// plot.mjs RESULTS: writes docs/benchmarks/*.svg and the figures of docs/benchmarks.md, between its markers, from what
// compare.mjs measured.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const results = JSON.parse(readFileSync(process.argv[2] ?? "build/bench/results.json", "utf8"));
const WHO = { index: "Offloader, index", nginx: "nginx, static", duckdb: "Offloader, DuckDB", handmade: "hand-made", postgres: "PostgreSQL" };
const COLOUR = { index: "#1f6feb", nginx: "#8b949e", duckdb: "#2da44e", handmade: "#d1442f", postgres: "#8250df" };
const QUERY = { cached: "cached hit", days: "selective miss, grouped", page: "selective miss, ordered page of 50", tenant_wide: "one tenant, grouped",
  whole: "whole table, grouped", quiet: "selective miss, both cores", building: "the same while a snapshot is built" };
const sizeName = (size) => (size >= 1e6 ? `${size / 1e6} million` : `${size / 1e3} thousand`);
const number = (value) => (value === undefined ? "" : value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2));
const sizes = [...new Set(results.cells.map((c) => c.size))];
const largest = Math.max(...sizes);

// Horizontal bars on a scale of powers of ten: the rates lie orders of magnitude apart.
function bars(title, entries) {
  const [width, row, left] = [860, 26, 190];
  const top = Math.ceil(Math.log10(Math.max(...entries.map((e) => e.value))));
  const x = (value) => left + (Math.max(0, Math.log10(value)) / top) * (width - left - 90);
  const height = 60 + entries.length * row;
  let out = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui,sans-serif" font-size="13">\n` +
    `<title>${title}</title>\n<rect width="${width}" height="${height}" fill="#fff"/>\n<text x="10" y="22" font-size="15">${title}</text>\n`;
  for (let power = 0; power <= top; power++) {
    const at = x(10 ** power).toFixed(1);
    out += `<line x1="${at}" x2="${at}" y1="34" y2="${height - 24}" stroke="#ddd"/>` +
      `<text x="${at}" y="${height - 8}" text-anchor="middle" fill="#57606a">${(10 ** power).toLocaleString("en")}</text>\n`;
  }
  entries.forEach((entry, i) => {
    const y = 38 + i * row;
    out += `<text x="${left - 8}" y="${y + 16}" text-anchor="end">${entry.name}</text><rect x="${left}" y="${y + 3}" height="${row - 8}" ` +
      `width="${Math.max(1, x(entry.value) - left).toFixed(1)}" fill="${entry.colour}"/><text x="${(x(entry.value) + 6).toFixed(1)}" y="${y + 16}">${number(entry.value)}</text>\n`;
  });
  return out + "</svg>\n";
}

mkdirSync("docs/benchmarks", { recursive: true });
const plots = [];
const plot = (file, title, entries) => {
  if (entries.length === 0) return;
  writeFileSync(`docs/benchmarks/${file}.svg`, bars(title, entries));
  plots.push(`![${title}](benchmarks/${file}.svg)`);
};
const at = (query, size, connections) => results.cells.filter((c) => c.query === query && c.size === size && c.connections === connections);
const asBars = (cells) => cells.toSorted((a, b) => b.rate - a.rate).map((c) => ({ name: WHO[c.who], value: c.rate, colour: COLOUR[c.who] }));
plot("selective", `Selective miss, ${sizeName(largest)} rows, 16 connections: answers a second`, asBars(at("days", largest, 16)));
plot("cached", "Cached hit, 16 connections: answers a second", asBars(at("cached", largest, 16)));
plot("whole", `Whole table grouped, ${sizeName(largest)} rows: answers a second`, asBars(at("whole", largest, 1)));

const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
let text = `Measured ${results.date} on ${results.cores} cores (${results.cpu}), ${results.seconds} s a cell${results.quick ? ", quick mode" : ""}.\n\n`;
text += table(["ratio", "measured", "bound"], results.ratios.map((r) => [r.name, r.value.toFixed(2) + (r.holds ? "" : " **missed**"),
  `${r.at_most ? "at most" : "at least"} ${r.bound}`])) + "\n\n" + plots.join("\n") + "\n\n### Answers a second\n\n";
const who = Object.keys(WHO).filter((name) => results.cells.some((c) => c.who === name));
const keys = [...new Map(results.cells.map((c) => [`${c.size} ${c.query} ${c.connections}`, c])).values()];
text += table(["rows", "query", "connections", ...who.map((name) => WHO[name])], keys.map((key) => [sizeName(key.size), QUERY[key.query] ?? key.query,
  key.connections, ...who.map((name) => number(results.cells.find((c) => c.who === name && c.query === key.query && c.size === key.size &&
    c.connections === key.connections)?.rate))])) + "\n\n### Latency and processor time of the index path\n\n";
text += table(["rows", "query", "connections", "p50, us", "p99, us", "processor an answer, us"], results.cells.filter((c) => c.who === "index")
  .map((c) => [sizeName(c.size), QUERY[c.query] ?? c.query, c.connections, number(c.p50), number(c.p99), c.cpu.toFixed(1)])) + "\n\n### Costs\n\n";
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
text += table(["", ...sizes.map((size) => `${sizeName(size)} rows`)], [
  ["index file", (c) => megabytes(c.index_bytes)], ["DuckDB file", (c) => megabytes(c.duckdb_bytes)],
  ["uncompressed columns", (c) => megabytes(c.uncompressed_bytes)], ["resident, idle after a warm start", (c) => megabytes(c.rss_idle)],
  ["resident, after the load", (c) => megabytes(c.rss_loaded)], ["start, cold (materializes)", (c) => `${c.start_cold_s.toFixed(1)} s`],
  ["start, warm", (c) => `${c.start_warm_s.toFixed(2)} s`],
].map(([name, of]) => [name, ...sizes.map((size) => of(results.costs[size]))])) + "\n";
const built = results.costs.materialize;
if (built) text += `\nMaterializing ${sizeName(built.rows)} CSV rows: ${built.offloader_s.toFixed(2)} s without an index, ${built.indexed_s.toFixed(2)} s with one; ` +
  `DuckDB's own \`CREATE TABLE AS … ORDER BY\` ${built.duckdb_s.toFixed(2)} s.\n`;

const page = "docs/benchmarks.md";
const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];
const old = readFileSync(page, "utf8");
const [before, after] = [old.slice(0, old.indexOf(begin) + begin.length), old.slice(old.indexOf(end))];
writeFileSync(page, `${before}\n${text}${after}`);
