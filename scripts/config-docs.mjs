// Writes config/schema.json and config/example.yaml from the schema. `--check`: only tells whether
// they are up to date, by the exit code.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const checkOnly = process.argv.includes("--check");
const folder = await mkdtemp(join(tmpdir(), "nockd-config-"));
try {
  const bundle = join(folder, "document.mjs");
  // Node 20 runs no TypeScript.
  await build({
    entryPoints: [join(root, "config/document.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // yaml and others are CommonJS for Node; their require() of built-in modules needs one.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  const { exampleYaml, schemaJson } = await import(pathToFileURL(bundle).href);
  await update("config/schema.json", schemaJson());
  await update("config/example.yaml", exampleYaml());
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function update(name, wanted) {
  const file = join(root, name);
  const present = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (present === wanted) return;
  if (checkOnly) {
    process.stderr.write(`${name} is out of date: run node scripts/config-docs.mjs\n`);
    process.exitCode = 1;
    return;
  }
  await writeFile(file, wanted);
  process.stdout.write(`wrote ${name}\n`);
}
