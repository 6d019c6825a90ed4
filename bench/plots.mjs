// Plots of the results, as SVG.
export const WHO = { index: "Offloader, index", nginx: "nginx, static", duckdb: "Offloader, DuckDB", handmade: "hand-made", postgres: "PostgreSQL" };
const COLOUR = { index: "#1f6feb", nginx: "#8b949e", duckdb: "#2da44e", handmade: "#d1442f", postgres: "#8250df" };
export const sizeName = (size) => (size >= 1e6 ? `${size / 1e6} million` : `${size / 1e3} thousand`);
export const number = (value) => (value === undefined ? "" : value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2));

// Horizontal bars on a logarithmic scale, because the rates differ by orders of magnitude.
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

// [{file, title, svg}]
export function plots(results) {
  const largest = results.sizes.at(-1);
  const main = results.connections.includes(16) ? 16 : results.connections[0];
  const out = [];
  const plot = (file, title, query, connections) => {
    const cells = results.cells.filter((c) => c.query === query && c.size === largest && c.connections === connections);
    if (cells.length === 0) return;
    const entries = [...cells].sort((a, b) => b.rate - a.rate).map((c) => ({ name: WHO[c.who], value: c.rate, colour: COLOUR[c.who] }));
    out.push({ file, title, svg: bars(title, entries) });
  };
  const at = `${sizeName(largest)} rows, ${main} connections: answers a second`;
  plot("cached", `Cached hit, ${at}`, "cached", main);
  plot("selective", `Selective miss, grouped, ${at}`, "days", main);
  plot("page", `Selective miss, ordered page of 50, ${at}`, "page", main);
  plot("tenant", `One tenant, grouped, ${at}`, "tenant_wide", main);
  plot("whole", `Whole table grouped, ${sizeName(largest)} rows, one connection: answers a second`, "whole", 1);
  return out;
}
