// Bundles and runs a program of the test folder: node run-bundled.mjs test/fuzz/main.ts ARGUMENTS.
// Node 20 does not take TypeScript.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const [entry = "", ...rest] = process.argv.slice(2);
const root = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "nockd-run-"));
try {
  const outfile = join(folder, "program.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const args = ["--enable-source-maps", outfile, ...rest];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  // Ended with its child, so that the folder goes and nothing goes on in the background.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) =>
    child.once("exit", (code, signal) => resolve(signal === null ? code : 1)),
  );
} finally {
  rmSync(folder, { recursive: true });
}
