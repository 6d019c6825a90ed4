// check-snippets.mjs BINARY: runs every snippet of /docs unchanged against a running server: curl in the shell, TypeScript type-checked (strict)
// and then run by Node.js, Python by python3, those of pandas, Polars and DuckDB by the readers in .deps/readers (setup.sh --tools test), those of
// browsers by a headless Chromium. Each must succeed and give the rows, and fail if the server refuses.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import ts from "typescript";
import { Findings, demoKey, root, withServer } from "./server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const here = path.join(root, "dev/openapi");
const findings = new Findings();
const run = promisify(execFile);
// Write it inside this folder, so that the compiler finds @types/node.
const work = mkdtempSync(path.join(here, "snippets-"));

// The compiler's messages for each file. All files are one program, because most of the work is compiling the same libraries.
function compile(files) {
  const options = {
    strict: true, noEmitOnError: true, types: ["node"], typeRoots: [path.join(here, "node_modules/@types")], lib: ["lib.es2022.d.ts"],
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const program = ts.createProgram(files, options);
  const all = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return all.map((each) => `${path.basename(each.file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(each.messageText, " ")}`);
}

// Runs a snippet of a browser, which is HTML with a link or a function of the key, and returns the text of the file that it saves.
async function saved(page, snippet, key) {
  const download = page.waitForEvent("download", { timeout: 20000 });
  download.catch(() => {});
  if (snippet.startsWith("<")) {
    await page.setContent(snippet);
    await page.click("a");
  } else {
    await page.evaluate(`${snippet}; download(${JSON.stringify(key)})`);
  }
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

// Each snippet for formats, and whether its output has all rows. Requires: csv is among the formats of the endpoint.
async function checkFormats(endpoint, { server, page, key, where, attempt }) {
  const { snippets, formats, export: offer } = endpoint;
  const has = (format) => formats.includes(format);
  const expected = ["curl", "typescript", "python", "pandas", ...(has("csv") || has("arrow") ? ["polars"] : []),
    ...(has("csv") || has("parquet") ? ["duckdb"] : []), "browser"];
  findings.expect(JSON.stringify(Object.keys(snippets)) === JSON.stringify(expected), `${where("formats")}: ${Object.keys(snippets)}`);
  findings.expect(!key || !Object.values(snippets).some((each) => each.includes(key)), `${where("formats")}: a key`);
  const query = /\?([^"]*)"/.exec(snippets.pandas)[1].replace("format=parquet", "format=csv");
  findings.expect(!offer || query.includes(`limit=${offer.max_rows}`), `${where("pandas")}: not all rows: ${query}`);
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  const csv = await (await fetch(`${server.api}${endpoint.path}?${query}`, { headers })).text();
  // No value of these projects has a line end.
  const rows = csv.trimEnd().split("\r\n").length - 1;
  findings.expect(rows > 1, `${where("csv")}: ${csv}`);
  const columns = csv.split("\r\n", 1)[0].split(",");
  writeFileSync(path.join(work, "snippet.py"), snippets.pandas);
  const pandas = await attempt("pandas", "python", ["snippet.py"]);
  findings.expect(new RegExp(`^${rows - 1} `, "m").test(pandas) && pandas.includes(columns[0]), `${where("pandas")}: ${pandas}`);
  writeFileSync(path.join(work, "snippet.py"), snippets.polars);
  const polars = await attempt("Polars", "python", ["snippet.py"]);
  findings.expect(polars.replaceAll("_", "").includes(`shape: (${rows}, ${columns.length})`), `${where("Polars")}: ${polars}`);
  const duckdb = await attempt("DuckDB", "sh", ["-eu", "-c", snippets.duckdb]);
  const total = (rows >= 10 ? new RegExp(`\\b${rows} rows\\b`) : /./).test(duckdb);
  findings.expect(total && duckdb.includes(columns[0]), `${where("DuckDB")}: ${duckdb}`);
  const file = await saved(page, snippets.browser, key).catch((error) => ({ text: String(error) }));
  findings.expect(file.text === csv && file.name?.startsWith(endpoint.name) && file.name.endsWith(".csv"), `${where("browser")}: ${file.name}: ${file.text}`);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  for (const [name, key] of [["examples/customer-analytics", demoKey], ["examples/public-metrics", ""], ["dev/openapi/fixture", ""]]) {
    await withServer(binary, path.join(root, name), async (server) => {
      const { endpoints } = await (await fetch(`${server.admin}/docs`)).json();
      const page = await browser.newPage();
      const env = { PATH: `${path.join(root, ".deps/readers/bin")}:${process.env.PATH}`, HOME: work, ...(key ? { OFFLOADER_KEY: key } : {}) };
      const source = (endpoint) => path.join(work, `${endpoint.name}.mts`);
      for (const endpoint of endpoints) writeFileSync(source(endpoint), endpoint.snippets.typescript);
      const errors = compile(endpoints.map(source));
      findings.expect(errors.length === 0, `${name}: TypeScript: ${errors.join("; ")}`);
      for (const endpoint of endpoints) {
        const where = (language) => `${name} ${endpoint.name}, ${language}`;
        const attempt = async (language, command, args) => {
          try {
            const { stdout, stderr } = await run(command, args, { env, cwd: work, timeout: 60000 });
            findings.expect(stderr === "", `${where(language)}: ${stderr}`);
            return stdout;
          } catch (error) {
            findings.expect(false, `${where(language)}: ${error.stderr || error.message}${error.stdout}`);
            return "";
          }
        };
        const curl = await attempt("curl", "sh", ["-eu", "-c", endpoint.snippets.curl]);
        findings.expect(curl.startsWith('{"data":[') && JSON.parse(curl).meta.endpoint === endpoint.name, `${where("curl")}: ${curl}`);

        if (errors.length === 0) {
          const said = await attempt("TypeScript", process.execPath, ["--no-warnings", source(endpoint).replace(".mts", ".mjs")]);
          findings.expect(said.includes("watermark"), `${where("TypeScript")}: ${said}`);
        }

        writeFileSync(path.join(work, "snippet.py"), endpoint.snippets.python);
        const said = await attempt("Python", "python3", ["snippet.py"]);
        findings.expect(said.startsWith("[") && said.includes("watermark"), `${where("Python")}: ${said}`);

        if (endpoint.formats) await checkFormats(endpoint, { server, page, key, where, attempt });
      }
      // A snippet must report a rejected request: without a key, each of them must fail.
      if (key) {
        env.OFFLOADER_KEY = "offl_wrong";
        const [{ name: first, snippets }] = endpoints;
        writeFileSync(path.join(work, "snippet.py"), snippets.python);
        for (const language of ["pandas", "polars"]) writeFileSync(path.join(work, `use_${language}.py`), snippets[language]);
        for (const [command, args] of [["sh", ["-c", snippets.curl]], [process.execPath, [path.join(work, `${first}.mjs`)]], ["python3", ["snippet.py"]],
          ["python", ["use_pandas.py"]], ["python", ["use_polars.py"]], ["sh", ["-c", snippets.duckdb]]]) {
          const status = await run(command, args, { env, cwd: work, timeout: 60000 }).then(() => 0, (error) => error.code);
          findings.expect(status !== 0, `${first}: ${command} ${args} does not notice a refusal`);
        }
        const refused = await saved(page, snippets.browser, env.OFFLOADER_KEY).then(() => "", String);
        findings.expect(refused.includes("status 401"), `${first}: a browser does not notice a refusal: ${refused}`);
      }
    }, { OFFLOADER_CORS_ORIGINS: "*" });
  }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}
findings.end("snippets");
