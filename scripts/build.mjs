// Builds dist/nockd.mjs, one file that runs with no node_modules beside it, and dist/nockd-demo.mjs
// with the simulated machines. `node scripts/build.mjs [--dev]`: --dev keeps names and adds source maps.

import { readFileSync, statSync } from "node:fs";
import { build } from "esbuild";

const dev = process.argv.includes("--dev");
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const root = new URL("..", import.meta.url).pathname;

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  minify: !dev,
  sourcemap: dev ? "inline" : false,
  legalComments: "none",
  alias: {
    // Node's own streams and timers do what these copies for browsers do.
    "readable-stream": "node:stream",
    "worker-timers": "node:timers",
    // Never reached: the log writes in this process, MQTT has its own sockets and no SOCKS or WebSocket.
    "thread-stream": "node:stream",
    socks: "node:net",
    ws: "node:net",
    // The same code as ES modules, of which only what is used stays.
    yaml: "./node_modules/yaml/browser/dist/index.js",
  },
  define: { NOCKD_VERSION: JSON.stringify(version) },
  // Dependencies written as CommonJS call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as nockdRequire } from "node:module"; const require = nockdRequire(import.meta.url);',
  },
  logLevel: "warning",
};

await build({ ...shared, entryPoints: ["agent/main.ts"], outfile: "dist/nockd.mjs" });
await build({ ...shared, entryPoints: ["test/sim/demo.ts"], outfile: "dist/nockd-demo.mjs" });

for (const file of ["dist/nockd.mjs", "dist/nockd-demo.mjs"]) {
  const kilobytes = statSync(new URL(`../${file}`, import.meta.url)).size / 1000;
  process.stdout.write(`${file} ${kilobytes.toFixed(0)} kB\n`);
}
