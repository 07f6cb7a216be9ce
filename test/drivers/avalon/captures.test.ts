// Real answers of an A1246 and a Nano 3S and a fleet tool's mock of an A1346, in addition to our own
// fixtures, when the shared folder lies beside the checkout.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { avalon } from "../../../drivers/avalon/index.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { NEVER, type Script, type Scripted, startScripted } from "./scripted.ts";

const CAPTURES = new URL("../../../../shared/captures/", import.meta.url);
const A1246 = "avalon/a1246-83--21072802_4ec6bb0_211fc46";
const A1346 = "avalon/a1346-miningos-mock--23042501_6d4cd98_d3a493a";
const NANO = "avalon/nano3s--25021401_56abae7";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

const textOf = (set: string, file: string): string =>
  readFileSync(new URL(`${set}/${file}`, CAPTURES), "utf8");

function expectations(set: string): Readonly<Record<string, unknown>> {
  const index = JSON.parse(readFileSync(new URL("index.json", CAPTURES), "utf8")) as {
    sets: { dir: string; peer_expected: Record<string, unknown> | null }[];
  };
  return index.sets.find(({ dir }) => dir === set)?.peer_expected ?? {};
}

async function serve(script: Script): Promise<Scripted> {
  machine = await startScripted(script);
  return machine;
}

const tera = (rate: number | undefined): number => (rate ?? Number.NaN) / 1e12;

describe.skipIf(!existsSync(new URL(A1246, CAPTURES)))(
  "captures (skipped where ../shared is absent)",
  () => {
    test("A1246: what another library reads from the same bytes", async () => {
      const expected = expectations(A1246);
      expect(Object.keys(expected).sort()).toEqual([
        "avg_temp_c",
        "board0_freq_mhz",
        "board0_outlet_chip_temp_c",
        "chips_per_board",
        "control_board",
        "expected_hashrate_ths",
        "fans",
        "serial",
        "uptime_s",
        "wattage_w",
      ]);
      const { asked, read } = await serve({ stats: textOf(A1246, "avalon_a_stats.json") });
      const telemetry = await read();
      // The capture is of `stats` alone; the other two forms were tried first.
      expect(asked.slice(0, 3)).toEqual(["estats", "litestats", "stats"]);
      expect(telemetry.uptime?.value).toBe(Number(expected["uptime_s"]) * 1000);
      expect(telemetry.identity.serial).toBe(expected["serial"]);
      expect(tera(telemetry.hashrate?.ideal?.value)).toBeCloseTo(
        Number(expected["expected_hashrate_ths"]),
        6,
      );
      expect(telemetry.fans).toHaveLength(Number(expected["fans"]));
      expect(telemetry.fans.map(({ speed }) => speed?.value)).toEqual([5344, 5392, 5349, 5309]);
      expect(telemetry.fans[0]?.duty?.value).toBe(72);
      expect(telemetry.boards.map(({ chipsExpected }) => chipsExpected)).toEqual([120, 120, 120]);
      expect(telemetry.boards[0]?.chips?.value).toBe(expected["chips_per_board"]);
      expect(telemetry.boards[0]?.chipTemperature?.value).toBe(
        expected["board0_outlet_chip_temp_c"],
      );
      // The library's 3189 W is PS[4], what the supply delivers; at the wall it is PS[6].
      expect(expected["wattage_w"]).toBe(3189);
      expect(telemetry.power).toMatchObject({ value: 3504, basis: "psu" });
      // The library gives the whole machine's Freq, 502.41; this is the mean of the clocks of board 0.
      const clock = Number(telemetry.boards[0]?.frequency?.value);
      expect(Math.abs(clock / Number(expected["board0_freq_mhz"]) - 1)).toBeLessThan(0.005);
      // MM4v2X3 is in `version`, which the capture lacks; the mean chip temperature (65) has no place in
      // the contract, whose limits are for the hottest.
      expect(telemetry.identity.controlBoard).toBeUndefined();
      expect(telemetry.temperature?.chip?.value).toBe(77);
    });

    test("A1246: boards, rates, modes and set-points", async () => {
      const { read } = await serve({ stats: textOf(A1246, "avalon_a_stats.json") });
      const telemetry = await read();
      expect(telemetry.identity).toMatchObject({
        vendor: "Canaan",
        model: "Avalon A1246",
        modelKnown: true,
        firmwareVersion: "21072802_4ec6bb0_211fc46",
      });
      expect(telemetry.activity?.value).toBe("hashing");
      expect(tera(telemetry.hashrate?.average?.value)).toBeCloseTo(79.65663, 6);
      expect(tera(telemetry.hashrate?.nameplate?.value)).toBe(83);
      expect(telemetry.hashrate?.now).toBeUndefined();
      expect(telemetry.boards.map(({ hashrate }) => tera(hashrate?.value))).toEqual([
        26.90701, 26.02506, 26.72456,
      ]);
      const ideals = telemetry.boards.map(({ ideal }) => tera(ideal?.value));
      expect(ideals.reduce((sum, value) => sum + value, 0)).toBeCloseTo(83.92304, 6);
      expect(telemetry.boards.map(({ hardwareErrors }) => hardwareErrors?.value)).toEqual([
        999, 697, 1039,
      ]);
      expect(telemetry.boards[0]?.voltage?.value).toBe(13_160);
      expect(telemetry.temperature?.inlet?.value).toBe(30);
      expect(telemetry.faults).toEqual([]);
      expect(telemetry.limits?.chip).toBe(105);
      expect(telemetry.setpoint.mode?.value).toBe("high performance");
      expect(telemetry.setpoint.locate?.value).toBe(false);
      expect(telemetry.controls.mode?.choices).toEqual([
        { name: "normal", frequency: 406 },
        { name: "high performance", frequency: 502, power: 3200 },
      ]);
      // No list of options and no password: what the manual names for this generation.
      expect(Object.keys(telemetry.controls)).toEqual(["mode", "sleep", "locate", "reboot"]);
    });

    test("A1246: the bytes and their parsed form tell the same", async () => {
      const parsed = JSON.parse(textOf(A1246, "avalon_a_stats_parsed.json")) as {
        STATS: { "MM ID0": Record<string, unknown> }[];
      };
      const peer = parsed.STATS[0]?.["MM ID0"] ?? {};
      const { read } = await serve({ stats: textOf(A1246, "avalon_a_stats.json") });
      const telemetry = await read();
      expect(telemetry.boards.map(({ hashrate }) => (hashrate?.value ?? 0) / 1e9)).toEqual(
        peer["MGHS"],
      );
      expect(telemetry.boards.map(({ chipTemperature }) => chipTemperature?.value)).toEqual(
        peer["MTmax"],
      );
      expect(telemetry.power?.value).toBe((peer["PS"] as number[])[6]);
      expect(telemetry.uptime?.value).toBe(Number(peer["Elapsed"]) * 1000);
    });

    test("A1346 mock in the text form: asleep, with the mock's random rates marked", async () => {
      const { read } = await serve({
        ...Object.fromEntries(
          ["estats", "pools", "summary", "version"].map((name) => [
            name,
            textOf(A1346, `${name}.txt`),
          ]),
        ),
      });
      const telemetry = await read();
      expect(telemetry.problems).toEqual([]);
      expect(telemetry.identity).toEqual({
        vendor: "Canaan",
        firmware: "Avalon stock",
        firmwareVersion: "23042501_6d4cd98_d3a493a",
        apiVersion: "3.7",
        model: "Avalon A1346",
        modelKnown: true,
        serial: "020100008c000000",
        mac: "B4:A2:EB:3F:23:48",
        controlBoard: "MM4v1_X3",
      });
      expect(telemetry.activity?.value).toBe("sleeping");
      expect(telemetry.setpoint.sleep?.value).toBe(true);
      expect(tera(telemetry.hashrate?.nameplate?.value)).toBe(116);
      // The mock invents 297 TH/s and a full load for a machine that says it is idle.
      expect(telemetry.hashrate?.now).toMatchObject({ quality: "implausible", window: 30_000 });
      expect(telemetry.power).toMatchObject({ value: 3324, quality: "implausible" });
      expect(telemetry.fans.map(({ speed }) => speed?.value)).toEqual([0, 0]);
      expect(telemetry.boards.map(({ chipsExpected }) => chipsExpected)).toEqual([120, 120, 120]);
      expect(telemetry.boards[0]?.chips).toBeUndefined();
      expect(telemetry.pools.map(({ url, user, status }) => [url, user, status])).toEqual([
        ["stratum+tcp://btc.f2pool.com:1314", "haven7346", "alive"],
        ["stratum+tcp://btc-asia.f2pool.com:1314", "haven7346", "alive"],
        ["stratum+tcp://btc-euro.f2pool.com:1314", "haven7346", "alive"],
      ]);
      expect(telemetry.shares?.accepted?.value).toBe(81);
      expect(telemetry.shares?.difficultyAccepted?.value).toBe(1_048_576);
      expect(telemetry.controls.mode?.choices).toEqual([
        { name: "normal", frequency: 478, voltage: 12_720, power: 3100 },
        { name: "high performance", frequency: 590, voltage: 13_030 },
        { name: "mode 2", frequency: 590, voltage: 13_030 },
      ]);
    });

    test.each(
      existsSync(new URL(A1346, CAPTURES))
        ? readdirSync(new URL(A1346, CAPTURES)).filter((name) => name.startsWith("ascset"))
        : [],
    )("A1346 mock: %s is understood as what it is", async (file) => {
      const { session, read } = await serve({
        estats: textOf(A1346, "estats.txt"),
        version: textOf(A1346, "version.txt"),
        "ascset 0,led,0-1": textOf(A1346, file),
      });
      await read();
      const write = session.write([{ knob: "locate", value: true }], NEVER);
      if (file.includes("rejected") || file.includes("password")) {
        await expect(write).rejects.toMatchObject({
          code: /setpool|password/.test(file) ? "UNAUTHORIZED" : "REJECTED",
        });
      } else {
        await expect(write).resolves.toMatchObject({ answer: "accepted" });
      }
    });

    test("Nano 3S: identity and summary; without statistics there is no reading", async () => {
      const answers = {
        version: textOf(NANO, "version.json"),
        summary: textOf(NANO, "summary.json"),
      };
      const bare = await serve(answers);
      await expect(bare.read()).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
      const probe = openProbe({ host: "127.0.0.1", port: bare.port, httpPort: 9, deadline: 2000 });
      expect(await avalon.identify(probe)).toEqual({
        driver: "avalon",
        confidence: 5,
        identity: {
          vendor: "Canaan",
          firmware: "Avalon stock",
          firmwareVersion: "25021401_56abae7",
          apiVersion: "3.7",
          model: "Avalon Nano 3S",
          modelKnown: true,
          serial: "020100003cbe4d15",
          mac: "02:00:00:00:00:01",
          controlBoard: "N_MM1v1_X1",
        },
      });
      await bare.stop();
      const { read } = await serve({
        ...answers,
        estats:
          "STATUS=S,When=1765004100,Code=70,Msg=CGMiner stats,Description=cgminer 4.11.1|STATS=0,ID=AVA100," +
          "MM ID0=Ver[Nano3s-25021401_56abae7] SYSTEMSTATU[Work: In Work, Hash Board: 1] Elapsed[133960]|",
      });
      const { hashrate, shares } = await read();
      expect(tera(hashrate?.now?.value)).toBeCloseTo(5.44335111, 8);
      expect(hashrate?.now?.window).toBe(5000);
      expect(tera(hashrate?.average?.value)).toBeCloseTo(6.56472778, 8);
      expect(shares?.difficultyAccepted?.value).toBe(200_844_480);
      expect(shares?.stale?.value).toBe(14);
    });
  },
);
