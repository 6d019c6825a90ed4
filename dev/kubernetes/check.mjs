// Reads rendered Kubernetes objects as YAML from standard input and checks each one against the API's schemas. The validator of its kind checks
// its values, and the TypeScript compiler checks its field names, because it rejects unknown fields. Exits with 1 and one line for each finding
// if there are findings.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const name = process.argv[2] ?? "stdin";
const findings = [];
const objects = [];
for (const document of parseAllDocuments(readFileSync(0, "utf8"))) {
  for (const error of document.errors) findings.push(error.message);
  const object = document.toJS();
  if (object === null) continue;
  // kustomize splits long base64 into lines. The API server joins them, but this validator does not.
  if (object.kind === "Secret") for (const key in object.data) object.data[key] = object.data[key].replace(/\n/g, "");
  objects.push(object);
}
if (objects.length === 0) findings.push("no object at all");

const folder = mkdtempSync(path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "check-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const sources = [];
for (const [index, object] of objects.entries()) {
  const where = `${object.kind}/${object.metadata?.name}`;
  const module = `kubernetes-models/${object.apiVersion}/${object.kind}`;
  let Kind;
  try {
    Kind = (await import(module))[object.kind];
  } catch {
    findings.push(`${where}: ${object.apiVersion} has no ${object.kind}`);
    continue;
  }
  try {
    new Kind(object).validate();
  } catch (error) {
    findings.push(`${where}: ${error.message}`);
  }
  const source = path.join(folder, `object-${index}.ts`);
  writeFileSync(source, `import type { I${object.kind} } from "${module}";\nexport const object: I${object.kind} = ${JSON.stringify(object, null, 1)};\n`);
  sources.push({ source, where });
}

const program = ts.createProgram(sources.map((each) => each.source), {
  strict: true, noEmit: true, skipLibCheck: true, types: [],
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
});
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
  const at = sources.find((each) => diagnostic.file && path.resolve(diagnostic.file.fileName) === each.source);
  findings.push(`${at?.where ?? "check"}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`);
}

for (const finding of findings) console.error(`${name}: ${finding}`);
if (findings.length > 0) process.exit(1);
console.log(`${name}: ${objects.length} objects fit the schemas`);
