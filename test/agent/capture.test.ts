import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Recording } from "../../agent/cli/record.ts";
import { connectDevice, type DriverKind, identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { type Bench, startBench } from "../sim/bench.ts";
import { captureBench } from "../sim/capture-bench.ts";
import { CaptureReplay } from "../sim/capture-replay.ts";
import { SIMULATED } from "../sim/simulated.ts";

const NEVER = new AbortController().signal;
const KINDS = Object.keys(SIMULATED) as DriverKind[];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-capture-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const captureOf = (bench: Bench) => captureBench(bench, join(folder, "out"));

describe.each(KINDS)("a capture of %s", (kind) => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench(kind);
  });
  afterEach(async () => {
    await bench.machine.stop();
  });

  test("served again, is recognised and read to the same values", async () => {
    const replay = new CaptureReplay((await captureOf(bench)).out);
    await replay.start();
    try {
      const options = replay.optionsFor(bench.options);
      const sighting = await identify(openProbe({ ...options, deadline: 2000 }));
      expect(sighting?.driver).toBe(kind);
      const session = connectDevice(options, { now: bench.now });
      const reading = await session.read(NEVER);
      await session.close();
      expect(replay.index.reading).toEqual(JSON.parse(JSON.stringify(reading)));
      expect(reading.identity.modelKnown).toBe(true);
      expect(reading.problems).toEqual([]);
    } finally {
      replay.stop();
    }
  });

  test("holds no wallet, worker, password, MAC, serial or host of the machine", async () => {
    await setPools(bench);
    const { out, recording } = await captureOf(bench);
    const raw = recording.heard.map(({ reply }) => reply.toString("latin1")).join("\n");
    const secrets = secretsOf(recording, bench);
    expect(secrets.filter((secret) => leaks(raw, secret)).length).toBeGreaterThan(1);
    const leaked = readdirSync(out).flatMap((file) => {
      const text = `${file}\n${readFileSync(join(out, file), "latin1")}`;
      return secrets.filter((secret) => leaks(text, secret)).map((secret) => `${file}: ${secret}`);
    });
    expect(leaked).toEqual([]);
  });
});

const WALLET = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";

/** Where a machine takes pools: with a wallet, and a password that nothing else contains. */
async function setPools(bench: Bench): Promise<void> {
  const session = connectDevice(bench.options, { now: bench.now });
  const { controls } = await session.read(NEVER);
  if (controls.pools !== undefined) {
    const url = "stratum+tcp://farm.hidden-valley.example:3333";
    const value = [{ url, user: `${WALLET}.rig7`, password: "Pool-Word-9" }];
    await session.write([{ knob: "pools", value }], NEVER);
    for (let step = 0; step < 30; step += 1) bench.advance(20_000);
  }
  await session.close();
}

function secretsOf({ telemetry, heard }: Recording, bench: Bench): string[] {
  const { identity, boards, pools, setpoint } = telemetry ?? {};
  const replies = heard.map(({ reply }) => reply.toString("latin1")).join("\n");
  const macs = replies.match(/(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}/gi) ?? [];
  const credentials = Object.entries(bench.options).map(([key, value]) =>
    key === "password" ? value : undefined,
  );
  const all = [
    ...credentials,
    ...macs,
    ...[identity?.mac, identity?.serial, WALLET, "Pool-Word-9", "secret-word", "hidden-valley"],
    ...(boards ?? []).map((board) => board.serial),
    ...(pools ?? []).flatMap(({ user, url }) => [user, ...user.split("."), hostOf(url)]),
    ...(setpoint?.pools?.value ?? []).flatMap(({ user, password }) => [user, password]),
  ];
  const texts = all.filter((value) => typeof value === "string");
  // VNish's row of its own fee is named so on every machine.
  return [...new Set(texts)].filter((text) => text.length > 2 && text !== "DevFee");
}

const hostOf = (url: string): string => url.replace(/^\S+:\/\//, "").replace(/:\d+$/, "");

/** A short or plain word counts only where it is a value, a MAC in whatever writing. */
function leaks(text: string, secret: string): boolean {
  if (/^[0-9A-F]{2}(?:[:-][0-9A-F]{2}){5}$/i.test(secret)) {
    const bare = (words: string) => words.replace(/[:\- ]/g, "").toLowerCase();
    return bare(text).includes(bare(secret));
  }
  if (secret.length >= 8 || /[\d.-]/.test(secret)) return text.includes(secret);
  const value = new RegExp(`(?:[:=,[]\\s*\\\\?"?)${secret}(?:\\\\?"\\s*[,}\\]]|[&|;,\\s]|$)`, "m");
  return value.test(text);
}
