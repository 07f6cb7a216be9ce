// See scripts/bench-tune: bundles the bench, so that Node without type stripping can run it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "nockd-bench-"));

try {
  await build({
    absWorkingDir: root,
    entryPoints: ["test/tunebench/main.ts", "test/tunebench/worker.ts"],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "warning",
  });
  const child = spawn(process.execPath, [join(folder, "main.mjs"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) =>
    child.once("exit", (code, signal) => resolve(signal === null ? code : 1)),
  );
} finally {
  rmSync(folder, { recursive: true });
}
