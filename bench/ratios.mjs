// The requirements, as ratios of one run.
import { nameOf } from "./report.mjs";

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
// For two sides that were measured alternately: the median of the rounds' ratios.
const pairedRatio = (a, b) => (a?.rates && b?.rates ? median(a.rates.map((rate, i) => rate / b.rates[i])) : a?.rate / b?.rate);
// If DuckDB answers for both sides, they differ only by other load on the machine.
const SAME = 0.03;
const BOUNDS_ARE_OF = 1e7; // rows

export function judge(results) {
  const { cells, costs, paired, sizes } = results;
  const ratios = [];
  const largest = sizes.at(-1);
  const n = nameOf(largest);
  const main = results.connections.includes(16) ? 16 : results.connections[0];
  const cell = (who, query, size, connections) =>
    cells.find((c) => c.who === who && c.query === query && c.size === size && c.connections === connections);
  const atLeast = (bound, text = `at least ${bound}`) => ({ wanted: text, holds: (seen) => seen >= bound });
  const atMost = (bound, text = `at most ${bound}`) => ({ wanted: text, holds: (seen) => seen <= bound });
  const below = (bound, text = `below ${bound}`) => ({ wanted: text, holds: (seen) => seen < bound });
  // `large`: the bound applies only to ten million rows.
  const add = (name, seen, { wanted, holds }, large = false) => {
    if (seen === undefined || Number.isNaN(seen)) return;
    const judged = !large || largest >= BOUNDS_ARE_OF;
    ratios.push({ name, wanted, seen, holds: judged ? holds(seen) : null });
  };

  for (const connections of results.connections) {
    add(`selective miss / cached hit, ${n} rows, ${connections} ${connections === 1 ? "connection" : "connections"}`,
      pairedRatio(cell("index", "days", largest, connections), cell("index", "cached", largest, connections)), atLeast(0.7), true);
  }
  const miss = cell("index", "days", largest, main);
  add(`selective miss / hand-made, ${n} rows`, miss.rate / cell("handmade", "days", largest, main).rate, atLeast(300), true);
  add(`selective miss / PostgreSQL's bare rate, ${n} rows`, miss.rate / cell("postgres", "days", largest, main).rate, atLeast(4), true);
  if (paired.miss_million)
    add(`cost of a miss, ${n} rows / 1m rows`, pairedRatio(paired.miss_million.at_million, paired.miss_million.at_largest), atMost(1.3), true);
  add("cached hit / nginx, wrk with one thread", paired.hit_nginx, atLeast(1.2));
  for (const size of sizes) {
    add(`whole table grouped, with the index / DuckDB alone, ${nameOf(size)} rows`,
      pairedRatio(cell("index", "whole", size, 1), cell("duckdb", "whole", size, 1)), atLeast(1 - SAME, `at least 1, within ${SAME}`));
  }
  const built = costs.materialize;
  if (built) add(`what the index adds to materialization, ${nameOf(built.rows)} rows`, built.indexed_s / built.offloader_s - 1, atMost(0.4));
  add(`index file / uncompressed columns, ${n} rows`, costs[largest].index_bytes / costs[largest].uncompressed_bytes, atMost(1));
  const tail = (query) => { const c = cell("index", query, largest, 64); return c && c.p99 / c.p50; };
  add(`p99 / p50 of misses at 64 connections, ${n} rows`, tail("days"), below(3));
  add(`p99 / p50 of misses at 64 connections, while ${n} rows are built and swapped`, tail("building"), below(3), true);
  add(`idle resident memory, ${n} rows, MB`, costs[largest].rss_idle / 1e6, below(100), true);
  return ratios;
}
