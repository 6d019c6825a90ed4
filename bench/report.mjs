// The results, as text for people and as CSV.
export const nameOf = (size) => (size >= 1e6 ? `${size / 1e6}m` : `${size / 1e3}k`);
export const SIDES = ["index", "nginx", "duckdb", "handmade", "postgres"];
export const verdictOf = ({ holds }) => (holds === null ? "not judged (speaks of 10m rows)" : holds ? "holds" : "DOES NOT HOLD");

const count = (value) => (value === undefined ? "" : value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3));

// One row for each query, size and number of connections.
export function rowsOf(results) {
  const rows = new Map();
  for (const one of results.cells) {
    const key = `${one.size} ${one.query} ${one.connections}`;
    if (!rows.has(key)) rows.set(key, { size: one.size, query: one.query, connections: one.connections, rates: {} });
    rows.get(key).rates[one.who] = one.rate;
  }
  return [...rows.values()];
}

export function toText(results) {
  const lines = [`answers/s, one core each (${results.cpu}, ${results.seconds} s a cell)`, ""];
  lines.push(["rows", "query", "connections", ...SIDES].map((text, i) => (i < 3 ? text.padEnd(12) : text.padStart(10))).join(" "));
  for (const { size, query, connections, rates } of rowsOf(results)) {
    lines.push([nameOf(size), query, connections].map((text) => String(text).padEnd(12)).join(" ") + " " +
      SIDES.map((who) => count(rates[who]).padStart(10)).join(" "));
  }
  lines.push("", "costs");
  for (const [size, costs] of Object.entries(results.costs)) {
    lines.push(`  ${size === "materialize" ? size : nameOf(Number(size))}: ` + Object.entries(costs).map(([name, value]) =>
      `${name} ${name.startsWith("rss") || name.endsWith("bytes") ? (value / 1e6).toFixed(1) + " MB" : Number(value.toFixed(2))}`).join(", "));
  }
  const width = Math.max(...results.ratios.map(({ name }) => name.length));
  lines.push("", `${"ratio".padEnd(width)}  ${"wanted".padEnd(22)} ${"seen".padStart(9)}  verdict`);
  for (const ratio of results.ratios)
    lines.push(`${ratio.name.padEnd(width)}  ${ratio.wanted.padEnd(22)} ${ratio.seen.toFixed(2).padStart(9)}  ${verdictOf(ratio)}`);
  return lines.join("\n");
}

// Keyed by the name of the table.
export function toCsv(results) {
  const lines = (head, rows) => [head, ...rows].map((row) =>
    row.map((value) => (/[",]/.test(value ?? "") ? `"${String(value).replace(/"/g, '""')}"` : value ?? "")).join(",")).join("\n") + "\n";
  return {
    cells: lines(["side", "query", "rows", "connections", "answers_per_second", "p50_us", "p99_us", "processor_us", "server_cores_busy"],
      results.cells.map((c) => [c.who, c.query, c.size, c.connections, c.rate.toFixed(1), c.p50?.toFixed(1), c.p99?.toFixed(1), c.cpu?.toFixed(2),
        c.busy?.toFixed(2)])),
    ratios: lines(["ratio", "wanted", "seen", "verdict"], results.ratios.map((r) => [r.name, r.wanted, r.seen.toFixed(3), verdictOf(r)])),
  };
}
