// The bundle as a user has it: one file in an empty folder, no node_modules beside it.

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatRate } from "../../drivers/contract/algorithm.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { CREDENTIALS, replay } from "../drivers/antminer/replay.ts";
import { serve } from "../drivers/luxos/canned.ts";
import { startScripted } from "../drivers/whatsminer/scripted.ts";
import { type Bench, startBench } from "../sim/bench.ts";
import { Broker } from "../sim/broker.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const CAPTURES = join(ROOT, "../shared/captures");

let folder: string;
let bench: Bench;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nockd-bundle-"));
  execFileSync(process.execPath, [join(ROOT, "scripts/build.mjs"), folder]);
  bench = await startBench("luxos");
}, 60_000);
afterAll(async () => {
  await bench.machine.stop();
  rmSync(folder, { recursive: true });
});

const command = (words: readonly string[]) => [join(folder, "nockd.mjs"), ...words];

function nockd(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, NOCKD_PASSWORD: CREDENTIALS.password };
    execFile(process.execPath, command(words), { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const target = () => `${bench.machine.address.host}:${bench.machine.address.port}`;

describe("the bundle", () => {
  test("takes no typing error for a request for help", async () => {
    expect(await nockd("bogus", "--help")).toMatchObject({ code: 2, out: "" });
    expect(await nockd("poll", "--help")).toMatchObject({ code: 0, err: "" });
  });

  test("has nothing beside it", () => {
    expect(readdirSync(folder).sort()).toEqual(["nockd-demo.mjs", "nockd.mjs"]);
  });

  test("built for an image with one driver it is at most 700 kB, and knows no other", async () => {
    const image = mkdtempSync(join(tmpdir(), "nockd-image-"));
    execFileSync(process.execPath, [join(ROOT, "scripts/build.mjs"), "--drivers=luxos", image]);
    expect(readdirSync(image)).toEqual(["nockd.mjs"]);
    expect(statSync(join(image, "nockd.mjs")).size).toBeLessThanOrEqual(IMAGE_LIMIT);
    const asked = (...words: string[]) =>
      new Promise<Ended>((resolve) => {
        const all = [join(image, "nockd.mjs"), "poll", target(), ...words];
        execFile(process.execPath, all, (error, out, err) =>
          resolve({ code: error === null ? 0 : Number(error.code), out, err }),
        );
      });
    expect(JSON.parse((await asked("--json")).out).identity.firmware).toBe("LuxOS");
    const other = await asked("--driver", "antminer");
    expect(other.code).toBe(2);
    expect(other.err).toContain("luxos");
    rmSync(image, { recursive: true });
  });

  test("an image with a driver that does not exist is not built", () => {
    const build = () =>
      execFileSync(process.execPath, [join(ROOT, "scripts/build.mjs"), "--drivers=luxoz", folder], {
        stdio: "pipe",
      });
    expect(build).toThrow("luxoz unknown");
  });

  test("poll identifies a machine and prints its reading as JSON", async () => {
    const ended = await nockd("poll", target(), "--json");
    expect(ended).toMatchObject({ code: 0, err: "" });
    const telemetry = JSON.parse(ended.out) as Telemetry;
    expect(telemetry.identity).toMatchObject({ firmware: "LuxOS", model: "S19k Pro" });
    expect(telemetry.boards).toHaveLength(3);
  });

  test("poll prints a table with units for people", async () => {
    const { out } = await nockd("poll", target(), "--driver", "luxos");
    expect(out).toMatch(/power +\d+ W \(psu\)/);
    expect(out).toMatch(/efficiency +\d+\.\d\d J\/TH/);
    expect(out).toContain("voltage");
  });

  test("poll of an address where nothing answers fails in words, and in time", async () => {
    const ended = await nockd("poll", "127.0.0.1:1", "--http-port", "1", "--deadline", "1");
    expect(ended.code).toBe(1);
    expect(ended.out).toBe("");
    expect(ended.err).toContain("nothing that a driver knows answers at 127.0.0.1");
  });

  test.each([
    [["poll", "http://x"], 'target "http://x": expected HOST or HOST:PORT'],
    [["scan", "10.0.0.300"], "expected an IPv4 address"],
    [["poll", "x", "--http-port", "70000"], "expected a port from 1 to 65535"],
    [["run"], "required option '-c, --config <file>'"],
    [["config", "check", "nowhere.yaml"], "cannot read nowhere.yaml"],
    [["subscribe", "--url", "http://x"], "mqtt.url"],
    [["fly"], "unknown command"],
  ])("%j is refused with exit code 2", async (words, message) => {
    const ended = await nockd(...words);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(message);
  });

  test("scan finds the machine among its neighbours", async () => {
    const { port } = bench.machine.address;
    const ended = await nockd(
      "scan",
      "127.0.0.1-8",
      "--port",
      String(port),
      "--http-port",
      "1",
      "--json",
    );
    expect(ended.code).toBe(0);
    const found = ended.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(found).toHaveLength(1);
    expect(found[0].sighting.driver).toBe("luxos");
    expect(ended.err).toContain("1 of 8 addresses identified");
  });

  test("config check prints every error at once", async () => {
    const file = join(folder, "bad.yaml");
    writeFileSync(
      file,
      "tuning: { mode: go }\ndevices:\n  - { id: a, driver: luxos, host: x, port: 0 }\n",
    );
    const ended = await nockd("config", "check", file);
    rmSync(file);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("tuning.mode");
    expect(ended.err).toContain("devices[0].port");
  });
});

/** The aim for an image, bytes. */
const IMAGE_LIMIT = 700_000;

describe("nockd run", () => {
  test("reads, reports and stops in order on SIGTERM", { timeout: 60_000 }, async () => {
    const broker = await Broker.start();
    const { port } = bench.machine.address;
    const config = join(folder, "run.yaml");
    writeFileSync(
      config,
      `agent: { id: gw, stateDir: ${join(folder, "state")} }\nmqtt: { url: "${broker.url}" }\n` +
        `polling: { intervalSeconds: 0.2 }\n` +
        `devices:\n  - { id: m1, driver: luxos, host: 127.0.0.1, port: ${port}, pauseSeconds: 0 }\n`,
    );
    const child = spawn(process.execPath, command(["run", "--config", config]), { cwd: folder });
    const lines = await untilLogged(child, ["device identified", "broker is connected"]);
    const second = await nockd("run", "--config", config);
    expect(second.code).toBe(1);
    expect(second.out).toContain(`is used by another nockd, process ${child.pid}`);
    child.kill("SIGTERM");
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(0);
    const messages = lines.map((line) => line.msg);
    expect(messages).toContain("agent started");
    expect(messages.at(-1)).toBe("agent stopped");
    expect(JSON.stringify(lines)).not.toContain('"level":50');
    expect(readdirSync(join(folder, "state"))).not.toContain("nockd.pid");
    await broker.dispose();
    rmSync(config);
  });
});

interface Line {
  readonly msg: string;
}

/** Resolves with the list of lines, which grows on, once all of `wanted` were logged. */
function untilLogged(child: ChildProcess, wanted: readonly string[]): Promise<Line[]> {
  const lines: Line[] = [];
  let rest = "";
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${JSON.stringify(lines)}`)));
    child.stdout?.on("data", (chunk) => {
      const parts = `${rest}${chunk}`.split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.map((part) => JSON.parse(part) as Line));
      if (wanted.every((word) => lines.some((line) => line.msg === word))) resolve(lines);
    });
  });
}

describe.skipIf(!existsSync(CAPTURES))(
  "nockd poll against captures (skipped where ../shared is absent)",
  () => {
    const recorded = (set: string): [string, string][] =>
      readdirSync(join(CAPTURES, set)).map((file) => [
        file.replace(".json", ""),
        readFileSync(join(CAPTURES, set, file), "utf8"),
      ]);

    test("LuxOS: an S19k Pro", async () => {
      const answers = recorded("antminer/s19k-pro--luxos--2025.4.8.220305");
      const canned = await serve(
        Object.fromEntries(
          answers.map(([name, text]) => [name.replace("_", " "), JSON.parse(text)]),
        ),
      );
      const { out } = await nockd("poll", `127.0.0.1:${canned.port}`, "--http-port", "1", "--json");
      await canned.daemon.stop();
      const telemetry = JSON.parse(out) as Telemetry;
      expect(telemetry.identity).toMatchObject({ mac: "62:F7:5E:B7:10:46", apiVersion: "3.7" });
      expect(telemetry.power).toMatchObject({ value: 1051, basis: "formula" });
      expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([77, 77, 77]);
      expect(telemetry.fans).toHaveLength(4);
    });

    test.each([
      ["d9--stock--2024-05-28", "1752.34 GH/s", "hashing", [72, 67, 69]],
      ["z15--stock--2020-07-03", "444.31 kSol/s", "hashing", [63, 68, 63]],
      ["z11--stock--2019-10-24", "138.27 kSol/s", "hashing", [62, 65, 66]],
      ["z15e--stock--2021-01-12", "306.69 kSol/s", "hashing", [59, 60, 66]],
      ["s21+--stock--fr-1.15-250422-sleeping", "0.00 TH/s", "sleeping", [27, 27, 27]],
    ])("Antminer stock: %s", async (set, rate, activity, chips) => {
      const files = recorded(`antminer/${set}`);
      const pages = files.filter(([name]) => name.startsWith("cgi-bin_"));
      const machine = await replay({
        api: Object.fromEntries(files),
        pages: Object.fromEntries(
          pages.map(([name, text]) => [name.slice("cgi-bin_".length), text]),
        ),
      });
      const { port, httpPort } = machine.address;
      const words = [
        "poll",
        `127.0.0.1:${port}`,
        "--http-port",
        String(httpPort),
        "--username",
        "root",
      ];
      const { out } = await nockd(...words, "--json");
      await machine.stop();
      const telemetry = JSON.parse(out) as Telemetry;
      expect(telemetry.activity?.value).toBe(activity);
      expect(telemetry.boards.map((board) => board.chipTemperature?.value)).toEqual(chips);
      const now = telemetry.hashrate?.now?.value;
      expect(now === undefined ? undefined : formatRate(now, telemetry.algorithm ?? "sha256")).toBe(
        rate,
      );
    });

    test("Whatsminer: an M20S", async () => {
      const files = recorded("whatsminer/m20s--20210322.22.REL");
      const script = Object.fromEntries(files.map(([name, text]) => [name, JSON.parse(text)]));
      const machine = await startScripted(script, { joins: true });
      const { out } = await nockd(
        "poll",
        `127.0.0.1:${machine.port}`,
        "--http-port",
        "1",
        "--json",
      );
      await machine.stop();
      const telemetry = JSON.parse(out) as Telemetry;
      expect(telemetry.identity).toMatchObject({
        mac: "C4:08:28:00:A4:19",
        firmwareVersion: "20210322.22.REL",
        apiVersion: "1.4.0",
      });
      expect(telemetry.power).toMatchObject({ value: 3417, basis: "psu" });
      expect(telemetry.setpoint.powerLimit?.value).toBe(3500);
      expect(telemetry.uptime?.value).toBe(10_154_000);
      expect(telemetry.pools).toHaveLength(3);
    });
  },
);
