// check-snippets.mjs BINARY: runs every snippet of /docs unchanged against a running server: curl in the shell, TypeScript type-checked (strict)
// and then run by Node.js, Python by python3. Each must succeed and print rows.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
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

try {
  for (const [name, key] of [["examples/customer-analytics", demoKey], ["examples/public-metrics", ""], ["dev/openapi/fixture", ""]]) {
    await withServer(binary, path.join(root, name), async (server) => {
      const { endpoints } = await (await fetch(`${server.admin}/docs`)).json();
      const env = { PATH: process.env.PATH, HOME: work, ...(key ? { OFFLOADER_KEY: key } : {}) };
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
      }
      // A snippet must report a rejected request: without a key, each of them must fail.
      if (key) {
        env.OFFLOADER_KEY = "offl_wrong";
        const [{ name: first, snippets }] = endpoints;
        writeFileSync(path.join(work, "snippet.py"), snippets.python);
        for (const [command, args] of [["sh", ["-c", snippets.curl]], [process.execPath, [path.join(work, `${first}.mjs`)]], ["python3", ["snippet.py"]]]) {
          const status = await run(command, args, { env, cwd: work, timeout: 60000 }).then(() => 0, (error) => error.code);
          findings.expect(status !== 0, `${first}: ${command} does not notice a refusal`);
        }
      }
    });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
findings.end("snippets");
