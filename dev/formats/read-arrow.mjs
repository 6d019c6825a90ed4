// Reads Arrow streams with apache-arrow. Each line of the input is [file, "values" or "sums"], and each line of the output the answer to it:
// {schema, columns: {name: [text or null, …]}}, or {rows, nulls: {name: n}, sums: {name: text}} with sums of integers, of unscaled decimals, and of
// the lengths of texts, or {error}.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { DataType, tableFromIPC } from "apache-arrow";

// 128 bits in two's complement, as four words.
function unscaled(words) {
  let value = 0n;
  for (let i = 3; i >= 0; --i) value = (value << 32n) | BigInt(words[i]);
  return BigInt.asIntN(128, value);
}

function decimal(value, scale) {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return (value < 0n ? "-" : "") + whole + (scale > 0 ? `.${digits.slice(-scale)}` : "");
}

// JavaScript's dates end at milliseconds, so takes the integers that are stored.
function moment(micros) {
  const rest = ((micros % 1000000n) + 1000000n) % 1000000n;
  const text = new Date(Number((micros - rest) / 1000n)).toISOString();
  return text.replace(/\.000Z$/, `.${rest.toString().padStart(6, "0")}`);
}

// Calls `use(type, value)` for each value of a column; moments are integers.
function each(column, use) {
  for (const chunk of column.data) {
    const stored = DataType.isTimestamp(column.type) ? chunk.values : undefined;
    const vector = stored ? undefined : new column.constructor([chunk]);
    for (let i = 0; i < chunk.length; ++i) use(!chunk.getValid(i) ? null : stored ? stored[i] : vector.get(i));
  }
}

function text(type, value) {
  if (value === null) return null;
  if (DataType.isTimestamp(type)) return moment(value) + (type.timezone ? "Z" : "");
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  if (DataType.isDecimal(type)) return decimal(unscaled(value), type.scale);
  return Object.is(value, -0) ? "-0.0" : String(value);
}

const columnsOf = (table) => table.schema.fields.map(({ name, type }, index) => ({ name, type, column: table.getChildAt(index) }));

function sumsOf(table) {
  const out = { rows: table.numRows, nulls: {}, sums: {} };
  for (const { name, type, column } of columnsOf(table)) {
    let nulls = 0;
    let large = 0n;
    let small = 0;
    each(column, (value) => {
      if (value === null) ++nulls;
      else if (DataType.isDecimal(type)) large += unscaled(value);
      else if (typeof value === "bigint") large += value;
      else if (DataType.isInt(type)) small += value;
      else if (DataType.isUtf8(type)) small += value.length;
    });
    out.nulls[name] = nulls;
    out.sums[name] = String(large + BigInt(small));
  }
  return out;
}

function valuesOf(table) {
  const out = { schema: {}, columns: {} };
  for (const { name, type, column } of columnsOf(table)) {
    out.schema[name] = String(type);
    out.columns[name] = [];
    each(column, (value) => out.columns[name].push(text(type, value)));
  }
  return out;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [file, what] = JSON.parse(line);
  let answer;
  try {
    const table = tableFromIPC(readFileSync(file));
    answer = what === "sums" ? sumsOf(table) : valuesOf(table);
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
