// The programs of test/bench as child processes that tell one JSON value a line; for bench-poll and bench-scan.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
/** Of this run; gone after `end()`. */
export const folder = mkdtempSync(join(tmpdir(), "nockd-bench-"));
const children = new Set();

export async function bundle(name) {
  await build({
    absWorkingDir: root,
    entryPoints: [`test/bench/${name}.ts`],
    outfile: join(folder, `${name}.mjs`),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    minify: true,
    // As in scripts/build.mjs: never reached, and CommonJS asks for Node's own modules.
    alias: { "thread-stream": "node:stream" },
    banner: {
      js: 'import { createRequire as benchRequire } from "node:module"; const require = benchRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}

/** `flags` are Node's; `next` resolves with the next line that the program prints. */
export function start(name, args, { flags = [], env = process.env } = {}) {
  const script = join(folder, `${name}.mjs`);
  const child = spawn(process.execPath, [...flags, script, ...args.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
    env,
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early`);
    return JSON.parse(value);
  };
  return { child, next };
}

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Ends what is still running and leaves no file. */
export function end() {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
}
