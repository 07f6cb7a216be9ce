// Real answers and a fleet tool's mock, in addition to our own fixtures, when the shared folder lies
// beside the checkout. m50_vh84 speaks API 3.x and has a test of its own.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { whatsminer } from "../../../drivers/whatsminer/index.ts";
import { type Script, type Scripted, startScripted } from "./scripted.ts";

const CAPTURES = new URL("../../../../shared/captures/", import.meta.url);
const M20S = "whatsminer/m20s--20210322.22.REL";
const M53 = "whatsminer/m53_vh30-miningos-mock--20230714.15.Rel";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

describe.skipIf(!existsSync(new URL(M20S, CAPTURES)))(
  "captures (skipped where ../shared is absent)",
  () => {
    test("M20S, API 1.4.0: what another library reads from the same bytes", async () => {
      const expected = expectations(M20S);
      const telemetry = await readCapture(M20S, {});
      expect(telemetry.problems).toEqual([]);
      expect(telemetry.identity).toMatchObject({
        mac: expected["mac"],
        apiVersion: expected["api_version"],
        firmwareVersion: expected["firmware_version"],
      });
      expect(telemetry.identity.controlBoard).toContain(expected["control_board"]);
      expect(terahashes(telemetry.hashrate?.recent?.value)).toBeCloseTo(
        Number(expected["hashrate_ths"]),
        6,
      );
      expect(terahashes(telemetry.hashrate?.nameplate?.value)).toBeCloseTo(
        Number(expected["expected_hashrate_ths"]),
        6,
      );
      expect(telemetry.power?.value).toBe(expected["wattage_w"]);
      expect(telemetry.setpoint.powerLimit?.value).toBe(expected["power_limit_w"]);
      expect(telemetry.uptime?.value).toBe(Number(expected["uptime_s"]) * 1000);
      expect(telemetry.activity?.value).toBe("hashing");
      expect(telemetry.fans).toHaveLength(Number(expected["fans"]));
      expect(telemetry.pools).toHaveLength(Number(expected["pools"]));
      expect(telemetry.faults).toEqual([]);
    });

    test("M20S with error codes in the summary", async () => {
      const expected = expectations(M20S)["messages_from_summary_with_errors"];
      const telemetry = await readCapture(M20S, { summary: "summary_with_errors" });
      const codes = telemetry.faults.map(({ code }) => Number(code));
      expect(codes).toEqual((expected as { code: number }[]).map(({ code }) => code));
      expect(telemetry.faults[0]?.component).toBe("fan 0");
    });

    test("M53 mock, API 2.0.5: identity, four liquid-cooled boards, three pools", async () => {
      const telemetry = await readCapture(M53, {});
      expect(telemetry.identity).toMatchObject({
        model: "M53_VH30",
        modelKnown: true,
        apiVersion: "2.0.5",
        firmwareVersion: "20230714.15.Rel",
        mac: "CA:7A:0A:00:02:23",
        serial: "HTM00000000",
        psu: "P564B",
      });
      expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([128, 128, 128, 128]);
      expect(telemetry.boards.map((board) => board.chipsExpected)).toEqual([128, 128, 128, 128]);
      expect(telemetry.fans).toEqual([]);
      expect(telemetry.power?.value).toBeCloseTo(2666.67, 1);
      expect(telemetry.temperature?.inlet?.value).toBe(30.29);
      expect(telemetry.setpoint.powerLimit?.value).toBe(8000);
      expect(telemetry.pools).toHaveLength(3);
      expect(telemetry.faults).toEqual([]);
      // The mock has no answer to `status`, which is a gap and no fault of the machine.
      expect(telemetry.problems).toEqual([]);
    });
  },
);

const terahashes = (value: number | undefined): number => (value ?? 0) / 1e12;

function expectations(dir: string): Readonly<Record<string, unknown>> {
  const index: { sets: { dir: string; peer_expected?: Record<string, unknown> }[] } = JSON.parse(
    readFileSync(new URL("index.json", CAPTURES), "utf8"),
  );
  const found = index.sets.find((set) => set.dir === dir)?.peer_expected;
  if (found === undefined) throw new Error(`no expectations for ${dir}`);
  return found;
}

/** `renamed`: which file answers a command, where its name is another. */
async function readCapture(
  dir: string,
  renamed: Readonly<Record<string, string>>,
): Promise<Telemetry> {
  const folder = new URL(`${dir}/`, CAPTURES);
  const script: Record<string, unknown> = {};
  const load = (file: string): unknown =>
    JSON.parse(readFileSync(new URL(`${file}.json`, folder), "utf8"));
  for (const file of readdirSync(folder)) {
    const command = file.replace(".json", "");
    script[command] = load(renamed[command] ?? command);
  }
  machine = await startScripted(script as Script, { joins: dir === M53 });
  const options = whatsminer.options.parse({
    driver: "whatsminer",
    host: "127.0.0.1",
    port: machine.port,
  });
  const now = () => epochMs(1_800_000_000_000);
  return await whatsminer.connect(options, { now }).read(new AbortController().signal);
}
