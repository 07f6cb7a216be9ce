// Answers of real boards, from a folder beside the checkout where there is one.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bitaxe } from "../../../drivers/bitaxe/index.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { HttpDaemon } from "../../sim/http-daemon.ts";
import { NEVER, NOW } from "./canned.ts";

interface CaptureSet {
  readonly dir: string;
  readonly files: readonly { readonly request: string; readonly file: string }[];
  readonly peer_expected?: Readonly<Record<string, unknown>>;
}

const CAPTURES = join(import.meta.dirname, "../../../../shared/captures");
const INDEX = join(CAPTURES, "index.json");
const sets: readonly CaptureSet[] = existsSync(INDEX)
  ? JSON.parse(readFileSync(INDEX, "utf8")).sets.filter((set: CaptureSet) =>
      set.dir.startsWith("bitaxe/"),
    )
  : [];

describe.skipIf(sets.length === 0)(
  "captured boards, where the captures are beside this checkout",
  () => {
    test.each(sets)("$dir", async (set) => {
      const answers = new Map(
        set.files.map(({ request, file }) => [
          `/api/${request.replace("_", "/")}`,
          readFileSync(join(CAPTURES, set.dir, file), "utf8"),
        ]),
      );
      const daemon = new HttpDaemon({
        host: "127.0.0.1",
        port: 0,
        handle: ({ path }) => {
          const body = answers.get(path);
          return body === undefined ? { status: 404, body: "Nothing matches" } : { body };
        },
      });
      const httpPort = await daemon.start();
      try {
        const sighting = await bitaxe.identify(
          openProbe({ host: "127.0.0.1", port: httpPort, httpPort, deadline: 2000 }),
        );
        expect(sighting?.confidence).toBe(5);
        const options = bitaxe.options.parse({ driver: "bitaxe", host: "127.0.0.1", httpPort });
        const session = bitaxe.connect(options, { now: () => epochMs(NOW) });
        const telemetry = await session.read(NEVER);
        expect(telemetry.problems).toEqual([]);
        // The folder calls it an Ultra. Board 401 with a BM1368 is a Supra (device_config.h).
        expect(telemetry.identity).toMatchObject({ model: "Supra", modelKnown: true });
        const read: Record<string, unknown> = {
          mac: telemetry.identity.mac,
          hostname: telemetry.identity.hostname,
          firmware_version: telemetry.identity.firmwareVersion,
          hashrate_ths: (telemetry.hashrate?.now?.value ?? Number.NaN) / 1e12,
          chips: telemetry.boards[0]?.chips?.value,
          fan0_rpm: telemetry.fans[0]?.speed?.value,
          // The peer files `vrTemp` under board; it is the regulator's own sensor.
          board_temp_c: telemetry.temperature?.regulator?.value,
          chip_temp_c: telemetry.boards[0]?.chipTemperature?.value,
        };
        const expected = set.peer_expected ?? {};
        expect(Object.keys(expected).filter((name) => !(name in read))).toEqual([]);
        expect(read).toEqual(expect.objectContaining(expected));
      } finally {
        await daemon.stop();
      }
    });

    test("what the peers do not state: power, set-points, knobs of v2.4.5", async () => {
      const { decode } = await import("../../../drivers/bitaxe/decode.ts");
      const { Info } = await import("../../../drivers/bitaxe/wire.ts");
      const file = join(CAPTURES, "bitaxe/ultra-401--v2.4.5/system_info.json");
      const at = epochMs(NOW);
      const info = Info.parse(JSON.parse(readFileSync(file, "utf8")));
      const telemetry = decode({ info, at }, at, []);
      expect(telemetry.power?.value).toBeCloseTo(2.65, 5);
      expect(telemetry.setpoint).toMatchObject({
        frequency: { value: 490 },
        voltage: { value: 1166 },
        fan: { value: "auto" },
      });
      expect(telemetry.boards[0]?.voltage?.value).toBe(1172);
      expect(telemetry.uptime?.value).toBe(4_000);
      expect(Object.keys(telemetry.controls).sort()).toEqual([
        "fan",
        "frequency",
        "restart",
        "voltage",
      ]);
    });
  },
);
