// check-openapi.mjs BINARY: tests /openapi.json of running servers. It must pass a public validator (Redocly's) and match the server: requests
// derived from it (each param absent, present, at its limits, wrong) must get a documented status, with a body that its schemas allow and exactly
// the documented headers.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Findings, demoKey, root, withServer } from "./server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const here = path.join(root, "dev/openapi");
const findings = new Findings();
// Headers of HTTP itself, which a specification does not list.
const transport = new Set(["content-type", "content-length", "transfer-encoding", "connection", "date", "keep-alive"]);

function lint(name, text) {
  const work = mkdtempSync(path.join(tmpdir(), "offloader-openapi-"));
  try {
    const file = path.join(work, `${name}.json`);
    writeFileSync(file, text);
    const ran = spawnSync(process.execPath, [path.join(here, "node_modules/@redocly/cli/bin/cli.js"), "lint", file,
      "--max-problems=20", `--config=${path.join(here, "redocly.yaml")}`, "--format=json"], {
      encoding: "utf8",
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    });
    // Warnings count as findings too. If there is no report, the validator itself failed.
    const report = ran.stdout.startsWith("{") ? JSON.parse(ran.stdout) : undefined;
    if (!report) return [`the validator did not report: ${ran.stdout}${ran.stderr}`];
    return report.problems.map((each) => `${each.severity} ${each.ruleId}: ${each.message} at ${each.location?.[0]?.pointer}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

class Spec {
  constructor(document) {
    this.document = document;
    this.ajv = addFormats(new Ajv2020({ strict: false, allErrors: true, validateFormats: true }));
    this.ajv.addFormat("decimal", true);
    this.ajv.addSchema(document, "spec");
    this.compiled = new Map();
  }
  resolve(object) {
    if (!object?.$ref) return object;
    return this.resolve(object.$ref.slice(2).split("/").reduce((at, key) => at[key], this.document));
  }
  // A validator for the schema at a JSON pointer of the document, so that its references resolve.
  validator(pointer) {
    if (!this.compiled.has(pointer)) this.compiled.set(pointer, this.ajv.compile({ $ref: `spec#${pointer}` }));
    return this.compiled.get(pointer);
  }
  response(route, status, method = "GET") {
    const operation = method === "POST" ? "post" : "get";
    const responses = this.document.paths[route][operation].responses;
    if (!responses[status]) return undefined;
    const reference = responses[status].$ref;
    const pointer = reference ? reference.slice(1) : `/paths/${route.replaceAll("/", "~1")}/${operation}/responses/${status}`;
    return { ...this.resolve(responses[status]), pointer };
  }
}

async function hold(spec, route, where, response, expected, method = "GET") {
  findings.expect(expected.includes(response.status), `${where}: ${response.status} and not ${expected}`);
  const documented = spec.response(route, response.status, method);
  if (!findings.expect(documented, `${where}: the specification has no ${response.status}`)) return undefined;
  const bytes = Buffer.from(await response.arrayBuffer());
  for (const name of response.headers.keys()) {
    findings.expect(transport.has(name) || documented.headers?.[name], `${where}: ${name} is sent with ${response.status} and not documented`);
  }
  const type = response.headers.get("content-type");
  const json = !documented.content || type === "application/json";
  // Formats other than JSON are exports if there are trailers, one of which is whether there are more rows.
  const exported = !json && documented.headers?.trailer !== undefined;
  const unsent = { "content-disposition": json, trailer: !exported, "offloader-has-more": exported };
  for (const [name, reference] of Object.entries(documented.headers ?? {})) {
    const value = response.headers.get(name);
    if (unsent[name]) {
      findings.expect(value === null, `${where}: ${name}: ${value} with ${type}`);
      continue;
    }
    // These appear only if the body is large enough, the caller requests them, there is a next page, or the caller is limited.
    if (value === null && ["content-encoding", "link", "ratelimit", "ratelimit-policy"].includes(name)) continue;
    if (!findings.expect(value !== null, `${where}: ${name} is documented for ${response.status} and not sent`)) continue;
    const header = spec.resolve(reference);
    const typed = header.schema.type === "integer" ? Number(value) : value;
    findings.expect(spec.ajv.validate(header.schema, typed), `${where}: ${name}: ${value} does not fit its schema`);
  }
  if (!documented.content) {
    findings.expect(bytes.length === 0, `${where}: a body where none is documented`);
    return undefined;
  }
  const format = Object.keys(documented.content).find((each) => each === type.split(";")[0]);
  if (!findings.expect(format, `${where}: ${type} is not documented`)) return undefined;
  if (!json) {
    findings.expect(reads(spec, route, format, bytes), `${where}: the body is no ${format}`);
    return undefined;
  }
  const text = bytes.toString();
  const validate = spec.validator(`${documented.pointer}/content/application~1json/schema`);
  const body = JSON.parse(text);
  const fits = validate(body);
  findings.expect(fits, `${where}: ${spec.ajv.errorsText(validate.errors)}`);
  return body;
}

// Whether a body is in the format, as far as can be told without a library: dev/formats reads them with several.
function reads(spec, route, format, bytes) {
  const row = `Row_${route.split("/").pop()}`;
  const columns = Object.keys(spec.document.components.schemas[row].properties);
  const text = bytes.toString();
  switch (format) {
    case "text/csv": {
      const head = text.slice(0, text.indexOf("\r\n")).split(",");
      return head.length > 0 && head.every((each) => columns.includes(each));
    }
    case "application/x-ndjson": {
      const validate = spec.validator(`/components/schemas/${row}`);
      return text === "" || (text.endsWith("\n") && text.trimEnd().split("\n").every((each) => validate(JSON.parse(each))));
    }
    case "application/vnd.apache.arrow.stream":
      return bytes.readUInt32LE(0) === 0xffffffff && bytes.readUInt32LE(bytes.length - 8) === 0xffffffff && bytes.readUInt32LE(bytes.length - 4) === 0;
    case "application/vnd.apache.parquet":
      return text.startsWith("PAR1") && text.endsWith("PAR1");
    default:
      return false;
  }
}

// [value as sent, accepted statuses]: derived from a param's schema. `unchosen` are the columns that are not in an answer without `by`.
function values(schema, example, unchosen) {
  const good = [200];
  const bad = [422];
  const out = [[String(example), good]];
  if (schema.type === "array") {
    const all = schema.items.enum;
    const expected = (list) => {
      const names = list.map((each) => each.replace(/^-/, ""));
      const fits = list.length >= (schema.minItems ?? 0) && list.length <= (schema.maxItems ?? Infinity) &&
        new Set(names).size === names.length && !names.some((each) => unchosen.has(each));
      return fits ? good : bad;
    };
    const lists = [...all.map((each) => [each]), all, [...all].reverse(), []];
    return [...lists.map((list) => [list.join(","), expected(list)]), ["no_such_column", bad], [`${all[0]},no_such_column`, bad]];
  }
  if (schema.enum) {
    for (const each of schema.enum) out.push([each, good]);
    out.push(["no such value", bad], ["", bad], [schema.enum[0].toUpperCase() + "x", bad]);
  } else if (schema.type === "integer") {
    const least = schema.minimum ?? "-9223372036854775808";
    const most = schema.maximum ?? "9223372036854775807";
    out.push([String(least), good], [String(most), good], [String(BigInt(least) - 1n), bad], [String(BigInt(most) + 1n), bad]);
    out.push(["1.5", bad], ["one", bad], ["", bad], ["0x10", bad], [" 1", bad]);
  } else if (schema.format === "date") {
    out.push(["2024-02-29", good], ["0001-01-01", good], ["9999-12-31", good]);
    out.push(["2023-02-29", bad], ["2024-13-01", bad], ["2024-1-1", bad], ["tomorrow", bad], ["", bad], ["2024-01-01T00:00:00", bad]);
  } else {
    out.push([`${example}`, good]);
    out.push(["invalid \u0000", bad]);
  }
  return out;
}

async function check(name, server, token) {
  const text = await (await fetch(`${server.admin}/openapi.json`)).text();
  for (const problem of lint(name, text)) findings.expect(false, `${name}: ${problem}`);
  findings.expect(true, "linted");
  const document = JSON.parse(text);
  const docs = await (await fetch(`${server.admin}/docs`)).json();
  const spec = new Spec(document);
  const secured = Object.keys(document.components.securitySchemes ?? {}).length > 0;
  const authorization = secured ? { authorization: `Bearer ${token}` } : {};
  const routes = Object.keys(document.paths).filter((each) => each.startsWith("/v1/endpoints/"));
  findings.expect(routes.length > 0, `${name}: no path`);
  findings.expect(document.servers[0].url.endsWith(new URL(server.api).port), `${name}: the server is not where the API is`);
  const rowsSeen = new Map(routes.map((route) => [route, 0]));

  for (const route of routes) {
    const operation = document.paths[route].get;
    const params = operation.parameters.map((each) => spec.resolve(each)).filter((each) => each.in === "query");
    const reserved = new Set(["limit", "offset", "columns", "cursor", "format"]);
    const { pagination, export: offer } = docs.endpoints.find((each) => each.path === route);
    const limit = params.find((each) => each.name === "limit").schema;
    findings.expect(limit.maximum === (offer?.max_rows ?? pagination.max_limit), `${name} ${route}: limit is at most ${limit.maximum}`);
    const declared = params.filter((each) => !reserved.has(each.name));
    const sets = operation["x-param-combinations"];
    // A valid set of declared params that contains this one (null: any valid set).
    const companions = (wanted) => {
      const needed = declared.filter((each) => each.required).map((each) => each.name);
      if (!sets) return [...new Set([...needed, ...(wanted ? [wanted] : [])])];
      return sets.find((set) => needed.every((each) => set.includes(each)) && (!wanted || set.includes(wanted)));
    };
    const ask = async (pairs, expected, where, headers = authorization, method = "GET") => {
      const query = pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
      const response = await fetch(`${server.api}${route}${query ? "?" : ""}${query}`, { method, headers });
      const body = await hold(spec, route, `${name} ${route}?${query} (${where})`, response, expected);
      if (body?.data) rowsSeen.set(route, rowsSeen.get(route) + body.data.length);
      return { response, body };
    };
    const example = (key) => String(declared.find((each) => each.name === key).example);
    const base = (wanted) => companions(wanted).map((key) => [key, example(key)]);

    const plain = await ask(base(), [200], "the least");
    await ask(base(), [304], "unchanged", { ...authorization, "if-none-match": plain.response.headers.get("etag") });
    await ask(base(), [200], "changed", { ...authorization, "if-none-match": '"other"' });
    const own = await ask(base(), [200], "own id", { ...authorization, "x-request-id": "checks-1" });
    findings.expect((own.body.meta.request_id === "checks-1") === secured, `${name} ${route}: x-request-id`);
    await ask([...base(), ["no_such_param", "1"]], [422], "undeclared");
    await ask(base(), [405], "DELETE", authorization, "DELETE");
    const post = async (body, expected, where, type = "application/json") => {
      const response = await fetch(server.api + route, { method: "POST", headers: { ...authorization, "content-type": type }, body });
      return hold(spec, route, `${name} ${route} POST (${where})`, response, expected, "POST");
    };
    const documentedBody = document.paths[route].post.requestBody.content["application/json"];
    const posted = await post(JSON.stringify(documentedBody.example), [200], "the example");
    findings.expect(posted.meta.row_count === plain.body.meta.row_count, `${name} ${route}: POST and GET differ`);
    await post("{", [400], "not JSON");
    await post("{}", [415], "text", "text/plain");
    await post('{"no_such_param":1,"limit":0}', [422], "two problems");
    if (secured) {
      await ask(base(), [401], "no key", {});
      await ask(base(), [401], "a wrong key", { authorization: `Bearer offl_${"0".repeat(48)}` });
    }
    const by = params.find((each) => each.name === "by" && each.schema.items)?.schema;
    const hidden = new Set(by?.items.enum.filter((each) => !by.default.includes(each)));
    if (params.some((each) => each.name === "cursor")) await checkPages(ask, post, base(), `${name} ${route}`);
    const formats = params.find((each) => each.name === "format")?.schema.enum ?? [];
    if (formats.length > 0) await checkFormats(ask, post, base(), `${name} ${route}`, { formats, limit, pagination, authorization, document, route, server });
    for (const param of params.filter((each) => each.name !== "cursor")) {
      const others = reserved.has(param.name) ? base() : base(param.name).filter(([key]) => key !== param.name);
      const first = String(param.example ?? param.schema.default ?? param.schema.items?.enum[0] ?? param.schema.enum?.[0]);
      if (param.required) await ask(others, [422], `${param.name} absent`);
      await ask([...others, [param.name, first], [param.name, first]], [422], `${param.name} repeated`);
      // The maximum of the specification is that of exports; pages in JSON may have less.
      const schema = param.name === "limit" ? { ...limit, maximum: pagination.max_limit } : param.schema;
      const derived = values(schema, first, param.name === "by" ? new Set() : hidden);
      for (const [value, expected] of derived) await ask([...others, [param.name, value]], expected, param.name);
    }
    if (sets) {
      const same = (a, b) => a.length === b.length && a.every((each) => b.includes(each));
      for (const set of sets) await ask(set.map((key) => [key, example(key)]), [200], "combination");
      const every = declared.map((each) => each.name);
      for (let mask = 0; mask < 1 << every.length; ++mask) {
        const subset = every.filter((_, i) => mask & (1 << i));
        if (!sets.some((set) => same(set, subset))) await ask(subset.map((key) => [key, example(key)]), [422], "no combination");
      }
    }
    // Request all rows, so that every form of a row is validated.
    await ask([...base(), ["limit", String(pagination.max_limit)]], [200], "most rows");
    const schema = document.components.schemas[`Row_${operation.operationId}`];
    const stated = documentedExample(spec, route);
    findings.expect(stated, `${name} ${route}: the example answer does not fit its own schema`);
    findings.expect(Object.keys(schema.properties).length > 0, `${name} ${route}: no columns`);
  }
  const listed = await fetch(`${server.api}/v1`, { headers: authorization });
  const list = await hold(spec, "/v1", `${name} /v1`, listed, [200]);
  findings.expect(JSON.stringify(list.data.map((each) => each.path)) === JSON.stringify(routes), `${name}: /v1 lists other endpoints`);
  const same = await fetch(`${server.api}/v1`, { headers: { ...authorization, "if-none-match": listed.headers.get("etag") } });
  await hold(spec, "/v1", `${name} /v1, unchanged`, same, [304]);
  const batch = async (body, expected, where, headers = authorization) => {
    const response = await fetch(`${server.api}/v1/batch`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });
    return hold(spec, "/v1/batch", `${name} /v1/batch (${where})`, response, expected, "POST");
  };
  const requests = routes.map((route) => ({
    id: route,
    endpoint: route.slice("/v1/endpoints/".length),
    params: document.paths[route].post.requestBody.content["application/json"].example,
  }));
  const batched = await batch(JSON.stringify({ requests: requests.slice(0, 19).concat([{ endpoint: "no such" }]) }), [200], "each endpoint");
  findings.expect(JSON.stringify(batched.results.map((each) => each.status)) ===
    JSON.stringify([...requests.slice(0, 19).map(() => 200), 404]), `${name}: statuses of a batch`);
  await batch("[]", [422], "no batch");
  await batch("{", [422], "no JSON");
  if (secured) await batch('{"requests":[]}', [401], "no key", {});
  const missing = `${routes[0]}_that_is_not_there`;
  const response = await fetch(server.api + missing, { headers: authorization });
  await hold(spec, routes[0], `${name} ${missing}`, response, [404]);
  return rowsSeen;
}

// Pages by cursor: all of them are the whole answer, and what is no cursor of the request is rejected.
async function checkPages(ask, post, base, where) {
  const whole = await ask(base, [200], "one page");
  const paged = [];
  let cursor;
  for (;;) {
    const { response, body } = await ask([...base, ["limit", "1"], ...(cursor ? [["cursor", cursor]] : [])], [200], "a page");
    if (!body) return;
    paged.push(...body.data);
    const next = body.meta.next_cursor;
    findings.expect((next !== null) === body.meta.has_more, `${where}: next_cursor is ${next}`);
    findings.expect(body.meta.snapshot_changed === (cursor ? false : undefined), `${where}: snapshot_changed`);
    const link = response.headers.get("link");
    findings.expect(next ? link?.startsWith("</v1/") && link.endsWith(`cursor=${next}>; rel="next"`) : link === null, `${where}: link: ${link}`);
    if (!next || paged.length === 100) break;
    cursor = next;
  }
  findings.expect(paged.length > 1, `${where}: one page only`);
  findings.expect(JSON.stringify(paged.slice(0, whole.body.data.length)) === JSON.stringify(whole.body.data), `${where}: pages by cursor have other rows`);
  const forged = (cursor.startsWith("A") ? "B" : "A") + cursor.slice(1);
  for (const value of ["", "no_cursor", "=", forged, cursor.slice(1), "A".repeat(4097)]) await ask([...base, ["cursor", value]], [422], "no cursor");
  await ask([...base, ["cursor", cursor], ["cursor", cursor]], [422], "cursor repeated");
  await ask([...base, ["cursor", cursor], ["offset", "0"]], [422], "cursor and offset");
  await ask([...base, ["cursor", cursor], ["columns", Object.keys(paged[0])[0]]], [422], "cursor of other params");
  const posted = await post(JSON.stringify({ ...Object.fromEntries(base), limit: 1, cursor }), [200], "a cursor");
  findings.expect(JSON.stringify(posted?.data) === JSON.stringify(paged.slice(-1)), `${where}: POST gives another page`);
  await post(JSON.stringify({ ...Object.fromEntries(base), cursor: forged }), [422], "a forged cursor");
}

// Every documented format, by `format` and by Accept.
async function checkFormats(ask, post, base, where, { formats, limit, pagination, authorization, document, route, server }) {
  const content = document.paths[route].get.responses["200"].content;
  findings.expect(formats[0] === "json" && formats.length === Object.keys(content).length, `${where}: formats ${formats} and ${Object.keys(content)}`);
  const tags = new Set();
  const seen = new Set();
  for (const format of formats) {
    const named = [...base, ["format", format]];
    const { response } = await ask(named, [200], format);
    const type = response.headers.get("content-type").split(";")[0];
    seen.add(type);
    tags.add(response.headers.get("etag"));
    const vary = (response.headers.get("vary") ?? "").split(", ");
    findings.expect(vary.includes("Accept"), `${where}: vary: ${vary}`);
    const accepted = await ask(base, [200], `accept ${type}`, { ...authorization, accept: `${type}, */*;q=0.1` });
    findings.expect(accepted.response.headers.get("content-type").split(";")[0] === type, `${where}: accept ${type}`);
    await ask(named, [200], "format before Accept", { ...authorization, accept: "image/png" });
    await ask(named, [304], `unchanged, ${format}`, { ...authorization, "if-none-match": response.headers.get("etag") });
    const most = format === "json" ? pagination.max_limit : limit.maximum;
    await ask([...named, ["limit", String(most)]], [200], `most rows, ${format}`);
    await ask([...named, ["limit", String(most + 1)]], [422], `too many rows, ${format}`);
    await post(JSON.stringify({ ...Object.fromEntries(base), format }), [200], format);
    if (format !== "json" && limit.maximum > pagination.max_limit) {
      const trailers = await trailersOf(`${server.api}${route}?${new URLSearchParams(named)}`, authorization);
      const wanted = document.paths[route].get.responses["200"].description.match(/Offloader-[A-Za-z-]+/g).map((each) => each.toLowerCase());
      findings.expect(JSON.stringify(Object.keys(trailers).sort()) === JSON.stringify(wanted.sort()), `${where}: trailers of ${format}: ${JSON.stringify(trailers)}`);
      findings.expect(trailers["offloader-status"] === "complete", `${where}: ${format} is not complete`);
    }
  }
  findings.expect(tags.size === formats.length, `${where}: formats share an ETag`);
  findings.expect(JSON.stringify([...seen].sort()) === JSON.stringify(Object.keys(content).sort()), `${where}: media types ${[...seen]}`);
  await ask(base, [406], "not acceptable", { ...authorization, accept: "image/png" });
}

// fetch() gives no trailers.
function trailersOf(url, headers) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { ...headers, te: "trailers" } }, (answer) => {
      answer.on("end", () => resolve(answer.trailers)).on("error", reject).resume();
    });
    sent.on("error", reject).end();
  });
}

function documentedExample(spec, route) {
  const { pointer, content } = spec.response(route, 200);
  return spec.validator(`${pointer}/content/application~1json/schema`)(content["application/json"].example);
}

// The fixture's watermark is old, but its rows are still served.
for (const [name, project, token] of [
  ["customer-analytics", "examples/customer-analytics", demoKey],
  ["public-metrics", "examples/public-metrics", ""],
  ["fixture", "dev/openapi/fixture", ""],
]) {
  await withServer(binary, path.join(root, project), async (server) => {
    for (const [route, rows] of await check(name, server, token)) findings.expect(rows > 0, `${name} ${route}: not one row was seen`);
  });
}

// A cursor of another version of the endpoint, from a replica with the same secret: 410, as documented.
{
  const fixture = path.join(root, "dev/openapi/fixture");
  const next = mkdtempSync(path.join(tmpdir(), "offloader-openapi-"));
  try {
    cpSync(fixture, next, { recursive: true });
    const contract = path.join(next, "endpoints/orders.yml");
    writeFileSync(contract, readFileSync(contract, "utf8").replace("version: 3", "version: 4"));
    const route = "/v1/endpoints/orders";
    const target = `${route}?shop=1&limit=1`;
    const { meta } = await withServer(binary, fixture, async (server) => (await fetch(server.api + target)).json());
    await withServer(binary, next, async (server) => {
      const spec = new Spec(await (await fetch(`${server.admin}/openapi.json`)).json());
      const expired = await hold(spec, route, "an expired cursor", await fetch(`${server.api}${target}&cursor=${meta.next_cursor}`), [410]);
      findings.expect(expired?.error.family === "cursor_expired", "an expired cursor: another family");
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ shop: 1, limit: 1, cursor: meta.next_cursor });
      await hold(spec, route, "an expired cursor by POST", await fetch(server.api + route, { method: "POST", headers, body }), [410], "POST");
    });
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

// A dataset without a snapshot: 503, as documented.
await withServer(binary, path.join(root, "examples/failure-lab/missing-file"), async (server) => {
  const spec = new Spec(await (await fetch(`${server.admin}/openapi.json`)).json());
  for (const route of Object.keys(spec.document.paths).filter((each) => each.startsWith("/v1/endpoints/"))) {
    const response = await fetch(server.api + route, { headers: { authorization: `Bearer ${demoKey}` } });
    await hold(spec, route, `missing-file ${route}`, response, [503]);
  }
}, {}, { ready: false });

// Verifies that the validator finds faults.
findings.expect(lint("broken", '{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{}}}}').length > 0,
  "a specification without responses passes the validator");

findings.end("openapi");
