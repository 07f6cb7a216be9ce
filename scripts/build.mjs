// Builds dist/nockd.mjs, one file that runs with no node_modules beside it, and dist/nockd-demo.mjs
// with the simulated machines. `node scripts/build.mjs [--dev] [--drivers=luxos,vnish] [FOLDER]`: --dev keeps
// names and adds source maps; --drivers leaves out all others, for an image that needs one (no demo then);
// FOLDER is dist unless told.

import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const dev = process.argv.includes("--dev");
const named = process.argv.slice(2).find((word) => !word.startsWith("-"));
const chosen = process.argv
  .find((word) => word.startsWith("--drivers="))
  ?.slice("--drivers=".length)
  .split(",");
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const root = new URL("..", import.meta.url).pathname;
const folder = resolve(named ?? join(root, "dist"));

/** Leaves only the chosen lines in the registry. */
const chosenDrivers = {
  name: "chosen-drivers",
  setup(context) {
    context.onLoad({ filter: /[\\/]drivers[\\/]registry\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const lines = /^export \{ (\w+) \} from "\.\/\w+\/index\.ts";\n/gm;
      const known = Array.from(source.matchAll(lines), (match) => match[1]);
      const strange = chosen.filter((name) => !known.includes(name));
      if (strange.length > 0) {
        throw new Error(`--drivers: ${strange.join(", ")} unknown; there are ${known.join(", ")}`);
      }
      const contents = source.replace(lines, (line, name) => (chosen.includes(name) ? line : ""));
      return { contents, loader: "ts" };
    });
  },
};

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
    debug: "./scripts/no-debug.cjs",
    mqtt: "./scripts/mqtt-client.cjs",
    // The same code as ES modules, of which only what is used stays.
    yaml: "./node_modules/yaml/browser/dist/index.js",
  },
  define: { NOCKD_VERSION: JSON.stringify(version) },
  // Dependencies written as CommonJS call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as nockdRequire } from "node:module"; const require = nockdRequire(import.meta.url);',
  },
  plugins: chosen === undefined ? [] : [chosenDrivers],
  logLevel: "warning",
};

// One file each, so that a copy is a whole agent; drivers and commands in it run when first used.
await build({ ...shared, entryPoints: ["agent/main.ts"], outfile: join(folder, "nockd.mjs") });
const files = ["nockd.mjs"];
if (chosen === undefined) {
  files.push("nockd-demo.mjs");
  await build({
    ...shared,
    entryPoints: ["test/sim/demo.ts"],
    outfile: join(folder, "nockd-demo.mjs"),
  });
}

for (const file of files) {
  const kilobytes = statSync(join(folder, file)).size / 1000;
  process.stdout.write(`${join(named ?? "dist", file)} ${kilobytes.toFixed(0)} kB\n`);
}
