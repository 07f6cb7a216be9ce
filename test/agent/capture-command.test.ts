import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { capture } from "../../agent/cli/capture.ts";
import type { CaptureIndex } from "../../agent/cli/capture-files.ts";
import { type Bench, startBench } from "../sim/bench.ts";
import { overhear } from "./overhear.ts";

let folder: string;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-capture-"));
  said = "";
  overhear((text) => {
    said += text;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const indexOf = (out: string): CaptureIndex =>
  JSON.parse(readFileSync(join(out, "index.json"), "utf8")) as CaptureIndex;

async function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await startBench("bitaxe");
  try {
    await run(bench);
  } finally {
    await bench.machine.stop();
  }
}

test("a machine at an address is captured into a new folder, complete", async () => {
  await withBench(async ({ options }) => {
    const out = join(folder, "deep", "new");
    const target = `${options.host}:${options.port}`;
    const code = await capture(target, { out, httpPort: options.httpPort, deadline: 2 });
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/\d+ replies of a bitaxe machine \(Gamma/),
    ]);
    const index = indexOf(out);
    expect(index).toMatchObject({ format: "nockd-capture/1", driver: "bitaxe" });
    const files = index.exchanges.flatMap(({ file }) => file ?? []);
    expect(readdirSync(out).sort()).toEqual([...files, "index.json"].sort());
    expect(readdirSync(join(folder, "deep"))).toEqual(["new"]);
  });
});

test("a device of the configuration is captured with its driver, and no word of its password", async () => {
  const bench = await startBench("antminer");
  const { host, port, httpPort } = bench.options;
  const file = join(folder, "nockd.yaml");
  writeFileSync(
    file,
    `devices:\n  - id: rack7\n    driver: antminer\n    host: ${host}\n    port: ${port}\n    httpPort: ${httpPort}\n    username: root\n    password: Wrong-Word-99\n`,
  );
  const out = join(folder, "new");
  const code = await capture("rack7", { out, config: file, httpPort: 80, deadline: 2 });
  await bench.machine.stop();
  expect([code, said]).toEqual([0, expect.stringContaining("antminer")]);
  // The password is wrong, and the refusal is part of the capture.
  expect(indexOf(out).reading?.problems.map(({ code: it }) => it)).toContain("UNAUTHORIZED");
  const text = readdirSync(out).map((name) => readFileSync(join(out, name), "latin1"));
  expect(text.join("\n")).not.toContain("Wrong-Word-99");
});

test.each([
  ["holds a capture already", { "index.json": "{}" }],
  ["is not empty", { "notes.txt": "mine" }],
])("a folder that %s is refused before anything is asked", async (words, files) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const code = await capture("127.0.0.1:9", { out: folder, httpPort: 9, deadline: 0.2 });
  expect([code, said]).toEqual([2, expect.stringContaining(words)]);
  expect(readdirSync(folder)).toEqual(Object.keys(files));
});

test("a file in the place of the folder, and a target that is none, are refused", async () => {
  const out = join(folder, "file");
  writeFileSync(out, "");
  expect(await capture("127.0.0.1:9", { out, httpPort: 9, deadline: 0.2 })).toBe(2);
  expect(said).toContain("ENOTDIR");
  const fresh = join(folder, "new");
  expect(await capture("a b", { out: fresh, httpPort: 9, deadline: 0.2 })).toBe(2);
  expect(await capture("127.0.0.1", { out: fresh, httpPort: 9, deadline: 0.2, config: out })).toBe(
    2,
  );
  expect(existsSync(fresh)).toBe(false);
});

test("an empty folder is taken", async () => {
  await withBench(async ({ options }) => {
    const out = join(folder, "empty");
    mkdirSync(out);
    const target = `${options.host}:${options.port}`;
    expect(await capture(target, { out, httpPort: options.httpPort, deadline: 2 })).toBe(0);
    expect(readdirSync(out)).toContain("index.json");
  });
});

test("where nothing answers nothing is written", async () => {
  const out = join(folder, "new");
  expect(await capture("127.0.0.1:9", { out, httpPort: 9, deadline: 0.5 })).toBe(1);
  expect(said).toContain("nothing answers");
  expect(readdirSync(folder)).toEqual([]);
});

test("of a machine that no driver knows the harmless answers are kept, without its secrets", async () => {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(
      `{"brand":"Newcomer","path":"${request.url}","mac":"B4:A2:EB:31:AB:01","sn":"NC000777X"}`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const out = join(folder, "new");
  const code = await capture(`127.0.0.1:9`, { out, httpPort: port, deadline: 1 });
  server.close();
  server.closeAllConnections();
  expect([code, said]).toEqual([0, expect.stringContaining("a machine that no driver knows")]);
  const index = indexOf(out);
  expect(index.driver).toBeUndefined();
  expect(index.reading).toBeUndefined();
  expect(new Set(index.exchanges.map(({ phase }) => phase))).toEqual(new Set(["identify"]));
  expect(index.exchanges.map(({ request }) => request.method ?? "API")).not.toContain("POST");
  const texts = readdirSync(out).map((name) => readFileSync(join(out, name), "latin1"));
  expect(texts.join()).toContain("Newcomer");
  expect(texts.join()).not.toMatch(/B4:A2:EB|NC000777X/);
});

test("a driver that is named and does not fit leaves a capture that says why", async () => {
  await withBench(async ({ options }) => {
    const out = join(folder, "new");
    const target = `${options.host}:${options.port}`;
    const asked = { out, driver: "vnish", httpPort: options.httpPort, deadline: 1 };
    expect(await capture(target, asked)).toBe(0);
    expect(indexOf(out)).toMatchObject({ driver: "vnish", failure: { code: expect.any(String) } });
    expect(said).toContain("no reading came of them");
    expect(await capture(target, { ...asked, out: `${out}2`, driver: "nobody" })).toBe(2);
    expect(existsSync(`${out}2`)).toBe(false);
  });
});
