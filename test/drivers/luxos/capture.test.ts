// Recorded answers of a real S19k Pro with values that their source states; they lie beside the checkout.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { luxos } from "../../../drivers/luxos/index.ts";
import { type Answers, type Canned, RECORDED, serve } from "./canned.ts";

const SET = new URL(
  "../../../../shared/captures/antminer/s19k-pro--luxos--2025.4.8.220305/",
  import.meta.url,
);
const present = existsSync(SET);

function recorded(): Answers {
  const entries = readdirSync(SET)
    .filter((file) => file.endsWith(".json"))
    .map((file) => [
      file.replace(".json", "").replace("_", " "),
      JSON.parse(readFileSync(new URL(file, SET), "utf8")),
    ]);
  return Object.fromEntries(entries);
}

describe.skipIf(!present)(
  `captures of an S19k Pro${present ? "" : " (not beside this checkout)"}`,
  () => {
    let canned: Canned;
    let telemetry: Telemetry;

    beforeAll(async () => {
      canned = await serve(recorded());
      const options = luxos.options.parse({
        driver: "luxos",
        host: "127.0.0.1",
        port: canned.port,
        pauseSeconds: 0,
      });
      const session = luxos.connect(options, { now: () => RECORDED });
      telemetry = await session.read(new AbortController().signal);
      await session.close();
    });
    afterAll(() => canned.daemon.stop());

    it("reads every part of it", () => {
      expect(telemetry.problems).toEqual([]);
    });

    it("gives the stated identity", () => {
      expect(telemetry.identity).toMatchObject({
        mac: "62:F7:5E:B7:10:46",
        serial: "JYZZB0UBDJABF06RB",
        apiVersion: "3.7",
        firmwareVersion: "2025.4.8.220305",
        controlBoard: "CVITek",
        model: "S19k Pro",
        modelKnown: true,
      });
    });

    it("gives the stated power, and the power that the profile is labelled with", () => {
      expect(telemetry.power).toMatchObject({ value: 1051, basis: "formula" });
      const profile = telemetry.setpoint.profile?.value;
      const choice = telemetry.controls.profile?.choices.find(({ name }) => name === profile);
      expect(choice?.power).toBe(1188);
    });

    it("gives the stated fans, chips and groups of pools", () => {
      expect(telemetry.fans).toHaveLength(4);
      expect(telemetry.boards).toHaveLength(3);
      for (const board of telemetry.boards) {
        expect(board.chips?.value).toBe(77);
        expect(board.voltage?.value).toBe(11_880);
        expect(board.frequency?.value).toBe(300);
      }
      expect(new Set(telemetry.pools.map((pool) => pool.group)).size).toBe(2);
    });

    it("reaches as far as the maker calibrates such boards", () => {
      const { controls } = telemetry;
      expect(controls.frequency).toMatchObject({ min: 190, max: 690 });
      expect(controls.voltage).toMatchObject({ min: 11_880, max: 14_100 });
      expect(controls.profile?.choices).toHaveLength(21);
    });
  },
);
