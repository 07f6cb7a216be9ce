// What a new model and a new vendor cost: tried out on a copy of the sources, and counted.

import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HttpDaemon } from "./sim/http-daemon.ts";
import { TcpDaemon } from "./sim/tcp-daemon.ts";

const ROOT = join(import.meta.dirname, "..");
const SOURCES = ["agent", "config", "drivers"];
const HOST = "127.0.0.1";

let copy: string;
beforeEach(() => {
  for (const folder of SOURCES) {
    rmSync(join(copy, folder), { recursive: true, force: true });
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
  }
});
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "nockd-growth-"));
  for (const file of ["package.json", "tsconfig.json"]) cpSync(join(ROOT, file), join(copy, file));
  symlinkSync(realpathSync(join(ROOT, "node_modules")), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Lines that come and go in each file that is not as in the checkout: `drivers/registry.ts +1 -0`. */
function touched(): string[] {
  return filesOf(copy).flatMap((file) => {
    const before = linesOf(join(ROOT, file));
    const after = linesOf(join(copy, file));
    const more = missing(after, before);
    const fewer = missing(before, after);
    return more + fewer === 0 ? [] : `${file} +${more} -${fewer}`;
  });
}

function filesOf(root: string): string[] {
  return SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** How many lines of `these` are not in `those`, as often as they occur. */
function missing(these: readonly string[], those: readonly string[]): number {
  const left = [...those];
  return these.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  }).length;
}

function addLine(file: string, after: string, line: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  expect(text.split(after)).toHaveLength(2);
  writeFileSync(path, text.replace(after, `${after}\n${line}`));
}

/** Makes the agent of the copy as it now is. */
async function bundle(): Promise<void> {
  await build({
    absWorkingDir: copy,
    entryPoints: ["agent/main.ts"],
    outfile: join(copy, "nockd.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    logLevel: "error",
  });
}

/** What it prints; throws with its complaint when it fails. */
async function nockd(...args: string[]): Promise<string> {
  const env = { ...process.env, NOCKD_PASSWORD: "p" };
  const program = [join(copy, "nockd.mjs"), ...args];
  return (await promisify(execFile)(process.execPath, program, { env })).stdout;
}

function typeCheck(): void {
  const config = JSON.parse(readFileSync(join(copy, "tsconfig.json"), "utf8"));
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify({ ...config, include: SOURCES }));
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", copy], { stdio: "pipe" });
}

describe("a made-up model", () => {
  let web: HttpDaemon;
  let httpPort: number;
  /** What such a machine would be captured with. */
  const CAPTURE: Readonly<Record<string, unknown>> = {
    "/mcb/status": { model: "KD9", firmware: "2.3.0", hardware: "KD9" },
    "/mcb/setting": {
      name: "28E297000005",
      select: 0,
      ledcontrol: false,
      powerplans: [
        { level: 0, info: "hashrate" },
        { level: 1, info: "low power" },
      ],
    },
    "/mcb/cgminer?cgminercmd=devs": {
      DEVS: [{ ID: 0, "MHS 20s": 4.5e6, "MHS av": 4.4e6, "tstemp-2": "62.5 C" }],
    },
    "/mcb/cgminer?cgminercmd=devdetails": { DEVS: [{ ID: 0, "chips-nr": 46 }] },
    "/mcb/pools": [{ url: "stratum+tcp://pool.test:1", user: "w", active: true, dragid: 0 }],
  };

  beforeAll(async () => {
    web = new HttpDaemon({
      host: HOST,
      port: 0,
      handle: ({ path }) => {
        if (path.startsWith("/user/login")) return { body: '{"JWT Token":"t"}' };
        const body = CAPTURE[path];
        return body === undefined ? { status: 404 } : { body: JSON.stringify(body) };
      },
    });
    httpPort = await web.start();
  });
  afterAll(() => web.stop());

  const read = async () => {
    await bundle();
    const http = ["--http-port", `${httpPort}`];
    return JSON.parse(await nockd("poll", HOST, "-d", "goldshell", ...http, "--json"));
  };

  test("is not known, and then one line makes it known with its knobs", {
    timeout: 180_000,
  }, async () => {
    const before = await read();
    expect(before.identity).toMatchObject({ model: "KD9", modelKnown: false });
    expect(before.controls).toEqual({});

    addLine(
      "drivers/hardware/goldshell.ts",
      "const MODELS: readonly GoldshellModel[] = [",
      '  { name: "KD9", algorithm: "blake2s", boards: 1, chipsPerBoard: 46, fans: 4 },',
    );
    expect(touched()).toEqual(["drivers/hardware/goldshell.ts +1 -0"]);
    const after = await read();
    expect(after.identity).toMatchObject({ model: "KD9", modelKnown: true });
    expect(after.algorithm).toBe("blake2s");
    expect(after.boards).toHaveLength(1);
    expect(Object.keys(after.controls).sort()).toEqual(["locate", "profile"]);
    typeCheck();
  });
});

const MADE_UP = `// A vendor that does not exist.

import * as z from "zod";
import { defineDriver, deviceOptions, type Probe } from "../contract/driver.ts";
import { epochMs } from "../contract/units.ts";
import { DeviceError } from "../contract/errors.ts";
import { CgminerSummary, SummaryReply, askCgminer, summaryRates } from "../transport/cgminer.ts";
import { parsedOrNone } from "../transport/json-http.ts";

const Version = z.object({ VERSION: z.tuple([z.object({ MadeUp: z.string() })]) });
const identityOf = (model: string) =>
  ({ vendor: "Made Up", firmware: "MadeUpOS", model, modelKnown: false }) as const;

export const madeup = defineDriver({
  kind: "madeup",
  title: "Made Up",
  covers: "nothing",
  options: deviceOptions.extend({
    driver: z.literal("madeup"),
    colour: z.enum(["red", "blue"]).default("red").meta({ description: "Colour of the machine" }),
  }),
  identify: async (probe: Probe) => {
    const found = Version.safeParse(parsedOrNone(await probe.api("version")));
    if (!found.success) return undefined;
    const identity = identityOf(found.data.VERSION[0].MadeUp);
    return { driver: "madeup", identity, confidence: 5 };
  },
  connect: ({ host, port, deadlineSeconds }, { now }) => ({
    read: async (signal) => {
      const address = { host, port, deadline: deadlineSeconds * 1000 };
      const { SUMMARY } = await askCgminer(address, { command: "summary" }, SummaryReply, signal);
      const at = epochMs(now());
      const hashrate = summaryRates(CgminerSummary.parse(SUMMARY[0]), { source: "summary", at });
      const { now: rate } = hashrate;
      return {
        at,
        identity: identityOf("M1"),
        algorithm: "sha256",
        hashrate: rate === undefined ? {} : { now: rate },
        fans: [],
        boards: [],
        pools: [],
        setpoint: {},
        controls: {},
        faults: [],
        problems: [],
      };
    },
    write: () => Promise.reject(new DeviceError("UNSUPPORTED", "madeup: nothing can be set")),
    close: () => Promise.resolve(),
  }),
});
`;

describe("a made-up vendor", () => {
  let api: TcpDaemon;
  let port: number;
  beforeAll(async () => {
    api = new TcpDaemon({
      host: HOST,
      port: 0,
      reply: (request) => {
        const { command } = JSON.parse(request) as { readonly command?: string };
        if (command === "version") return '{"VERSION":[{"MadeUp":"M1"}]}';
        if (command === "summary") return '{"SUMMARY":[{"MHS 5s":1000000,"Elapsed":60}]}';
        return '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}]}';
      },
    });
    port = await api.start();
  });
  afterAll(() => api.stop());

  test("is a folder and one line in the registry", {
    timeout: 180_000,
  }, async () => {
    mkdirSync(join(copy, "drivers/madeup"));
    writeFileSync(join(copy, "drivers/madeup/index.ts"), MADE_UP);
    addLine(
      "drivers/registry.ts",
      'export { luxos } from "./luxos/index.ts";',
      'export { madeup } from "./madeup/index.ts";',
    );
    const lines = MADE_UP.split("\n").length;
    expect(touched().sort()).toEqual([
      `drivers/madeup/index.ts +${lines} -0`,
      "drivers/registry.ts +1 -0",
    ]);
    typeCheck();
    await bundle();

    const found = await nockd("scan", HOST, "--port", `${port}`, "--http-port", "9", "--json");
    expect(JSON.parse(found)).toMatchObject({ sighting: { driver: "madeup" } });
    const target = `${HOST}:${port}`;
    const asked = JSON.parse(await nockd("poll", target, "--http-port", "9", "--json"));
    expect(asked.identity).toMatchObject({ vendor: "Made Up", model: "M1" });
    expect(asked.hashrate.now.value).toBe(1e12);

    const file = join(copy, "nockd.yaml");
    const config = (colour: string) =>
      `devices:\n  - id: one\n    driver: madeup\n    host: ${HOST}\n    port: ${port}\n    colour: ${colour}\n`;
    writeFileSync(file, config("blue"));
    expect(await nockd("config", "check", file)).toContain("valid; 1 devices");
    expect(await nockd("poll", "one", "--config", file)).toContain("M1");
    writeFileSync(file, config("green"));
    await expect(nockd("config", "check", file)).rejects.toThrow(/colour/);

    mkdirSync(join(copy, "scripts"));
    cpSync(join(ROOT, "scripts/config-docs.mjs"), join(copy, "scripts/config-docs.mjs"));
    execFileSync(process.execPath, [join(copy, "scripts/config-docs.mjs")], { stdio: "pipe" });
    expect(readFileSync(join(copy, "config/schema.json"), "utf8")).toContain(
      "Colour of the machine",
    );
  });
});
