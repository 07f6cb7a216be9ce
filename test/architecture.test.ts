import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { backArrows, cycles, type Graph, readGraph } from "./architecture.ts";

const ROOT = new URL("..", import.meta.url).pathname;

describe("the house", () => {
  test("has its fixed top level and no other source folder", () => {
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .filter((name) => !["node_modules", "dist", "test-results"].includes(name));
    expect(folders.sort()).toEqual(["agent", "config", "drivers", "scripts", "test"]);
  });

  test("every import follows the arrows", () => {
    const graph = readGraph(ROOT);
    expect(graph.imports.size).toBeGreaterThan(40);
    expect(backArrows(graph)).toEqual([]);
  });

  test("the tuner and the simulated truth share no code", () => {
    const { imports } = readGraph(ROOT);
    const tests = readGraph(ROOT, ["test"]).imports;
    expect(tests.size).toBeGreaterThan(100);
    for (const [file, targets] of imports)
      for (const target of targets) expect(target, file).not.toMatch(/^test\//);
    const knowing = [...tests]
      .filter(([file]) => /^test\/(sim|tunebench)\//.test(file) && !file.endsWith(".test.ts"))
      .filter(([, targets]) => targets.some((target) => /^agent\/(decide|loop)/.test(target)))
      .map(([file]) => file);
    // The one place where the product itself sits on the bench.
    expect(knowing).toEqual(["test/tunebench/agent-method.ts"]);
  });

  test("no file imports itself through others", () => {
    expect(cycles(readGraph(ROOT))).toEqual([]);
  });
});

describe("the check itself", () => {
  const planted: string[] = [];
  afterEach(() => {
    for (const folder of planted.splice(0)) rmSync(folder, { recursive: true });
  });

  function plant(files: Readonly<Record<string, string>>): Graph {
    const root = mkdtempSync(join(tmpdir(), "nockd-arrows-"));
    planted.push(root);
    for (const [name, source] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), source);
    }
    return readGraph(root);
  }

  test.each([
    ["a driver that imports the agent", "drivers/luxos/index.ts", "../../agent/loop.ts"],
    ["a driver that imports another", "drivers/luxos/index.ts", "../antminer/wire.ts"],
    ["a driver that imports the registry", "drivers/luxos/index.ts", "../index.ts"],
    ["the contract that imports a transport", "drivers/contract/units.ts", "../transport/tcp.ts"],
    ["the config that imports the agent", "config/schema.ts", "../agent/state/action.ts"],
    ["the head that imports the hands", "agent/decide/tuner.ts", "../fleet/hands.ts"],
    ["the door that imports the mouth", "agent/api/rest.ts", "../report/reporter.ts"],
    ["a room that imports the composition root", "agent/fleet/hands.ts", "../agent.ts"],
    ["shipped code that imports a test", "agent/agent.ts", "../test/sim/plant.ts"],
  ])("names %s", (_what, file, target) => {
    const graph = plant({ [file]: `import { x } from "${target}";\n` });
    expect(backArrows(graph)).toHaveLength(1);
    expect(backArrows(graph)[0]).toContain(file);
  });

  test("sees dynamic imports, type imports and re-exports too", () => {
    const graph = plant({
      "drivers/contract/a.ts": 'const x = await import("../luxos/index.ts");\n',
      "drivers/contract/b.ts": 'import type { X } from "../luxos/index.ts";\n',
      "drivers/contract/c.ts": 'export { x } from "../luxos/index.ts";\n',
      "drivers/contract/d.ts": 'import "../luxos/index.ts";\n',
    });
    expect(backArrows(graph)).toHaveLength(4);
  });

  test("names a cycle of three files", () => {
    const graph = plant({
      "agent/state/a.ts": 'import { b } from "./b.ts";\n',
      "agent/state/b.ts": 'import { c } from "./c.ts";\n',
      "agent/state/c.ts": 'import { a } from "./a.ts";\n',
    });
    expect(cycles(graph)).toEqual([
      "agent/state/a.ts -> agent/state/b.ts -> agent/state/c.ts -> agent/state/a.ts",
    ]);
  });

  test("lets what is allowed pass", () => {
    const graph = plant({
      "drivers/luxos/index.ts": 'import { x } from "../contract/units.ts";\n',
      "agent/decide/tuner.ts": 'import { x } from "../../config/policy.ts";\n',
      "agent/loop.ts": 'import { x } from "./decide/decide.ts";\n',
    });
    expect(backArrows(graph)).toEqual([]);
  });
});
