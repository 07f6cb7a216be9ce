// Writes the table of drivers into README.md: `node scripts/readme-table.mjs`.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "nockd-table-"));
try {
  const outfile = join(folder, "table.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["test/driver-table.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  const { driverTable, withTable } = await import(pathToFileURL(outfile).href);
  const file = join(root, "README.md");
  writeFileSync(file, withTable(readFileSync(file, "utf8"), await driverTable()));
  process.stdout.write("wrote the table of drivers into README.md\n");
} finally {
  rmSync(folder, { recursive: true });
}
