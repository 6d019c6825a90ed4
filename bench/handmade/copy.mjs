// copy.mjs PARQUET: DuckDB's own COPY of a table with the rows of a Parquet file, on one thread. Reads lines `FORMAT FILE` from standard input
// and answers each with the seconds that it took. It prints `ready` first.
import { createInterface } from "node:readline";
import { DuckDBInstance } from "@duckdb/node-api";

const OPTIONS = {
  csv: "FORMAT csv, HEADER",
  ndjson: "FORMAT json",
  parquet: "FORMAT parquet, COMPRESSION zstd",
};

const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const db = await instance.connect();
await db.run(`CREATE TABLE rows AS FROM read_parquet('${process.argv[2]}')`);
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [format, file] = line.split(" ");
  const begin = process.hrtime.bigint();
  await db.run(`COPY rows TO '${file}' (${OPTIONS[format]})`);
  console.log(Number(process.hrtime.bigint() - begin) / 1e9);
}
