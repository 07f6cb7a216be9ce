// Real answers of real machines, where a folder of captures lies beside the checkout.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { recognise } from "../../../drivers/antminer/decode-identity.ts";
import { antminer } from "../../../drivers/antminer/index.ts";
import { decodeReply, SystemInfo } from "../../../drivers/antminer/wire.ts";
import { ALGORITHMS, formatRate } from "../../../drivers/contract/algorithm.ts";
import type { Probe } from "../../../drivers/contract/driver.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { CREDENTIALS, type Recording, replay } from "./replay.ts";

const FOLDER = resolve(import.meta.dirname, "../../../../shared/captures");
const here = existsSync(join(FOLDER, "index.json"));
const NOW = epochMs(1_800_000_000_000);

interface Expected {
  readonly status?: string;
  readonly algo?: string;
  readonly hashrate?: string;
  readonly chip_temps_c?: readonly number[];
  readonly fans?: readonly number[];
}
interface Capture {
  readonly dir: string;
  readonly firmware: string;
  readonly files: readonly { readonly file: string; readonly expected?: Expected }[];
}

const captures: readonly Capture[] = here
  ? (
      JSON.parse(readFileSync(join(FOLDER, "index.json"), "utf8")) as { sets: Capture[] }
    ).sets.filter((set) => set.dir.startsWith("antminer/"))
  : [];
const stock = captures.filter((set) => set.firmware === "stock");

function record(dir: string): Recording {
  const api: Record<string, string> = {};
  const pages: Record<string, string> = {};
  for (const file of readdirSync(join(FOLDER, dir))) {
    const text = readFileSync(join(FOLDER, dir, file), "utf8");
    const name = file.replace(/\.(?:json|txt)$/, "");
    if (name.startsWith("cgi-bin_")) pages[name.slice("cgi-bin_".length)] = text;
    else api[name] = text;
  }
  return { api, pages };
}

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

async function readCapture(dir: string): Promise<Telemetry> {
  const machine = await replay(record(dir));
  stop = machine.stop;
  const options = antminer.options.parse({
    driver: "antminer",
    ...machine.address,
    ...CREDENTIALS,
    deadlineSeconds: 2,
  });
  const session = antminer.connect(options, { now: () => NOW });
  try {
    return await session.read(new AbortController().signal);
  } finally {
    await session.close();
  }
}

const STATUS: Readonly<Record<string, string>> = { Running: "hashing", Sleep: "sleeping" };
const chipTemperatures = (telemetry: Telemetry) =>
  telemetry.boards.map((board) => board.chipTemperature?.value);
const turning = (telemetry: Telemetry) => telemetry.fans.map((fan) => fan.speed?.value);

function mustMatch(telemetry: Telemetry, expected: Expected): void {
  const { status, algo, hashrate, chip_temps_c, fans } = expected;
  const { algorithm = "sha256", activity } = telemetry;
  if (status !== undefined) expect(activity?.value).toBe(STATUS[status]);
  if (algo !== undefined) expect(ALGORITHMS[algorithm].name).toBe(algo);
  if (hashrate !== undefined) {
    const now = telemetry.hashrate!.now!;
    expect(formatRate(now.value, algorithm)).toBe(hashrate);
    expect(now.quality).toBe("ok");
  }
  if (chip_temps_c !== undefined) expect(chipTemperatures(telemetry)).toEqual(chip_temps_c);
  if (fans !== undefined) expect(turning(telemetry)).toEqual(fans);
}

describe.skipIf(!here)("captures of stock machines (needs ../shared/captures)", () => {
  test("are there", () => {
    expect(stock.length).toBeGreaterThanOrEqual(9);
  });

  const complete = stock.filter((set) => !set.dir.includes("fr-1.12"));
  test.each(complete.map((set) => [set.dir, set] as const))("%s", async (dir, set) => {
    const telemetry = await readCapture(dir);
    expect(telemetry.identity.firmware).toBe("Antminer stock");
    for (const { expected } of set.files) {
      if (expected !== undefined) mustMatch(telemetry, expected);
    }
  });

  const read = (name: string) => readCapture(`antminer/${name}`);

  test("S21 of 2024-07: watts as told, boards and serials from the page", async () => {
    const telemetry = await read("s21--stock--2024-07-11");
    expect(telemetry.identity).toMatchObject({
      model: "Antminer S21",
      modelKnown: true,
      firmwareVersion: "Thu Jul 11 16:38:25 CST 2024",
      serial: "SMTTATUBDJAAI00A5",
      mac: "02:50:53:09:DA:D9",
    });
    expect(telemetry.power).toMatchObject({ value: 3250, basis: "unknown", source: "stats" });
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(203_007.01e9, -9);
    expect(telemetry.boards.map((board) => board.hashrate?.value)).toEqual([
      67_293.41e9, 68_916.75e9, 70_691.63e9,
    ]);
    expect(chipTemperatures(telemetry)).toEqual([73, 72, 73]);
    expect(telemetry.boards.map((board) => board.boardTemperature?.value)).toEqual([68, 67, 68]);
    expect(telemetry.boards.map((board) => board.frequency?.value)).toEqual([490, 490, 490]);
    expect(telemetry.boards.map((board) => board.serial)).toEqual([
      "SMTTYRHBDJAAI019D",
      "SMTTYRHBDJAAI019N",
      "SMTTYRHBDJAAI019S",
    ]);
    expect(telemetry.hashrate?.ideal?.value).toBeCloseTo(202_575e9, -9);
    expect(turning(telemetry)).toEqual([6000, 5880, 5040, 5040]);
    // Two of the three pools are empty slots, spelt Deed.
    expect(telemetry.pools).toHaveLength(1);
    expect(telemetry.pools[0]).toMatchObject({
      status: "alive",
      active: true,
      accepted: 11_187,
      difficulty: 262_000,
      lastShareAt: NOW - 12_000,
    });
    expect(telemetry.shares?.difficultyAccepted?.value).toBe(2_785_931_264);
    expect(telemetry.controls.mode?.choices.map((choice) => choice.name)).toEqual([
      "low",
      "normal",
    ]);
    expect(telemetry.setpoint).toMatchObject({
      mode: { value: "normal" },
      sleep: { value: false },
      fan: { value: "auto" },
    });
    expect(telemetry.faults).toEqual([]);
  });

  test("S19 of 2023-11: the page alone, without stats on 4028", async () => {
    const telemetry = await read("s19--stock--2023-11-17");
    expect(telemetry.identity.model).toBe("Antminer S19");
    expect(telemetry.hashrate?.now?.value).toBe(88_422e9);
    expect(telemetry.hashrate?.nameplate?.value).toBe(95_000e9);
    expect(chipTemperatures(telemetry)).toEqual([67, 68, 70]);
    expect(turning(telemetry)).toEqual([4080, 4380, 3750, 3690]);
    expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([88, 88, 88]);
    expect(telemetry.pools.map((pool) => pool.status)).toEqual(["alive", "dead", "dead"]);
    // Its freq-level is "", which is no destroyed configuration.
    expect(Object.keys(telemetry.controls).sort()).toEqual([
      "fan",
      "locate",
      "pools",
      "reboot",
      "sleep",
    ]);
    expect(telemetry.power).toBeUndefined();
  });

  test("S21+ asleep: no knob, as only a part of its configuration was captured", async () => {
    const telemetry = await read("s21+--stock--fr-1.15-250422-sleeping");
    expect(telemetry.identity.firmwareVersion).toBe("FR-1.15(250422-S21+)");
    expect(telemetry.setpoint.sleep?.value).toBe(true);
    expect(turning(telemetry)).toEqual([0, 0, 0, 0]);
    expect(telemetry.temperature?.chip?.value).toBe(27);
    expect(telemetry.controls).toEqual({});
  });

  test("Z11 of 2019-04 counts totals in kSol/s, of 2019-10 in Sol/s", async () => {
    const early = await read("z11--stock--2019-04-23-ksol-build");
    expect(early.hashrate?.now?.value).toBe(227_400);
    expect(early.hashrate?.average?.value).toBe(70_600);
    expect(early.boards.map((board) => board.hashrate?.value)).toEqual([62_260, 42_600, 122_550]);
    expect(early.boards.map((board) => board.hardwareErrors?.value)).toEqual([
      349_565, 423_920, 384_961,
    ]);
    await stop?.();
    const late = await read("z11--stock--2019-10-24");
    expect(late.hashrate?.now?.value).toBe(138_267.72);
  });

  test("D9: GH/s without a unit, and the limits of its image", async () => {
    const telemetry = await read("d9--stock--2024-05-28");
    expect(telemetry.limits).toEqual({ chip: 95, board: 80 });
    expect(telemetry.setpoint.sleep?.value).toBe(false);
    expect(telemetry.temperature?.board?.value).toBe(60);
  });

  test("S21 FR-1.12: the release is the version, a masked address is none", () => {
    const dir = "antminer/s21--stock--fr-1.12-251009";
    const text = record(dir).pages!["get_system_info.cgi"]!;
    const { identity } = recognise({ system: decodeReply(SystemInfo, text, "system") });
    expect(identity).toMatchObject({
      firmware: "Antminer stock",
      firmwareVersion: "FR-1.12(251009-S21)",
      model: "Antminer S21",
      serial: "THQING0BDJAB024NF",
    });
    expect(identity.mac).toBeUndefined();
  });
});

describe.skipIf(!here)("who it is not (needs ../shared/captures)", () => {
  const probeOf = (dir: string): Probe => {
    const { api } = record(dir);
    return {
      api: (command) => Promise.resolve(api?.[command]),
      web: () => Promise.resolve(undefined),
    };
  };

  test.each(captures.map((set) => [set.dir, set.firmware] as const))(
    "%s",
    async (dir, firmware) => {
      const sighting = await antminer.identify(probeOf(dir));
      if (firmware === "stock") {
        if (sighting === undefined) expect(record(dir).api).toEqual({});
        else
          expect(sighting).toMatchObject({
            confidence: 3,
            identity: { firmware: "Antminer stock" },
          });
      } else if (firmware === "mskminer") {
        expect(sighting).toMatchObject({
          confidence: 1,
          identity: { firmware: "MSKMiner", modelKnown: false },
        });
      } else {
        expect(sighting).toBeUndefined();
      }
    },
  );

  test("MSKMiner is read like stock, and offers nothing", async () => {
    const telemetry = await readCapture("antminer/s19-nopic-88-chips--mskminer--2.6.0.39");
    expect(telemetry.identity).toMatchObject({ firmware: "MSKMiner", modelKnown: false });
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(99_989.59e9, -9);
    expect(telemetry.boards).toHaveLength(3);
    expect(chipTemperatures(telemetry)).toEqual([59, 57, 58]);
    expect(turning(telemetry)).toEqual([5010, 5160, 5070, 5040]);
    expect(telemetry.controls).toEqual({});
  });
});
