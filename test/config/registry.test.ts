import { describe, expect, test } from "vitest";
import * as z from "zod";
import { epochMs } from "../../drivers/contract/units.ts";
import { connectDevice, DeviceOptions, driverOf, drivers, identify } from "../../drivers/index.ts";

describe("the registry", () => {
  test("has each kind once", () => {
    const kinds = drivers.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  test.each(drivers.map((driver) => [driver.kind, driver] as const))(
    "%s: strict options that name the driver",
    (kind, driver) => {
      const schema = z.toJSONSchema(driver.options, { io: "input" });
      expect(schema.additionalProperties).toBe(false);
      expect(schema.properties?.["driver"]).toMatchObject({ const: kind });
      expect(schema.properties).toHaveProperty("host");
    },
  );

  test.each(drivers.map(({ kind }) => [kind]))("%s is found by its kind", (kind) => {
    const { driver } = DeviceOptions.parse({ driver: kind, host: "127.0.0.1" });
    expect(driverOf(driver).kind).toBe(kind);
  });

  test.each(drivers.map(({ kind }) => [kind]))(
    "%s opens a session without traffic",
    async (kind) => {
      const options = DeviceOptions.parse({
        driver: kind,
        host: "127.0.0.1",
        port: 1,
        httpPort: 1,
      });
      const session = connectDevice(options, { now: () => epochMs(0) });
      await expect(session.close()).resolves.toBeUndefined();
    },
  );

  test("nobody recognises a machine that does not answer", async () => {
    const silent = { api: async () => undefined, web: async () => undefined };
    await expect(identify(silent)).resolves.toBeUndefined();
  });
});
