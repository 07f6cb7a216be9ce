import { afterEach, beforeEach, expect, test } from "vitest";
import { braiins } from "../../../drivers/braiins/index.ts";
import type { Setting } from "../../../drivers/contract/controls.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import { epochMs, megahertz, millivolts, watts } from "../../../drivers/contract/units.ts";
import { GraphqlMachine } from "./graphql-machine.ts";
import { NEVER } from "./machine.ts";

let machine: GraphqlMachine;
let session: Session;
let time: number;

beforeEach(async () => {
  machine = new GraphqlMachine();
  time = 1_800_000_000_000;
  session = await connect("root");
});
afterEach(async () => {
  await session.close();
  await machine.daemon.stop();
});

let port: number | undefined;
async function connect(password: string): Promise<Session> {
  port = machine.queries.length === 0 ? await machine.daemon.start() : port;
  return braiins.connect(
    braiins.options.parse({
      driver: "braiins",
      host: "127.0.0.1",
      port: 1,
      httpPort: port,
      password,
      deadlineSeconds: 1,
    }),
    { now: () => epochMs(time) },
  );
}

async function set(...wishes: Setting[]) {
  await session.read(NEVER);
  await session.write(wishes, NEVER);
  time += 1000;
  return session.read(NEVER);
}

test("reads a machine of 25.03", async () => {
  const telemetry = await session.read(NEVER);
  expect(telemetry.problems).toEqual([]);
  expect(telemetry.identity).toMatchObject({
    model: "S21+",
    modelKnown: true,
    firmware: "Braiins OS+",
    mac: "02:34:98:9E:9F:E1",
    serial: "SN1",
  });
  expect(telemetry.hashrate).toMatchObject({
    now: { value: 251e12 },
    average: { value: 249e12, window: 80_000_000 },
    ideal: { value: 259e12 },
  });
  // Board 2 is not there: board 3 keeps its place.
  expect(telemetry.boards.map((board) => board.index)).toEqual([0, 2]);
  expect(telemetry.boards[1]).toMatchObject({
    chipTemperature: { value: 75 },
    boardTemperature: { value: 60 },
    inletTemperature: { value: 39 },
    voltage: { value: 13_000 },
  });
  expect(telemetry.limits).toEqual({ chip: 100 });
  expect(telemetry.faults).toEqual([{ code: "ERROR", text: "fan 1 is not running" }]);
  expect(telemetry.uptime?.value).toBe(80_000_000);
});

test("a release that lacks the newer fields is read without them, and asked for them once", async () => {
  machine.old = true;
  const telemetry = await session.read(NEVER);
  expect(telemetry.problems).toEqual([]);
  expect(telemetry.boards).toHaveLength(2);
  expect(telemetry.controls.powerLimit).toBeUndefined();
  const asked = machine.queries.filter((name) => name === "limits").length;
  time += 3_600_000;
  await session.read(NEVER);
  expect(machine.queries.filter((name) => name === "limits")).toHaveLength(asked);
  expect(machine.queries.filter((name) => name === "boards")).toHaveLength(3);
});

test("watts, hashrate and back", async () => {
  expect((await set({ knob: "powerLimit", value: watts(3200) })).setpoint.powerLimit?.value).toBe(
    3200,
  );
  expect(machine.queries.findLast((text) => text.includes("updateAutotuning"))).toContain(
    "input: { powerTarget: 3200 }",
  );
  const there = await set({ knob: "profile", value: "180 TH/s" });
  expect(machine.state).toMatchObject({ mode: "HASHRATE_TARGET", hashrate: 180 });
  expect(there.setpoint.profile?.value).toBe("180 TH/s");
  const back = await set({ knob: "profile", value: "power target" });
  expect(back.setpoint.powerLimit?.value).toBe(3200);
});

test("by hand, every board is named", async () => {
  machine.state.enabled = false;
  const after = await set(
    { knob: "frequency", value: megahertz(650) },
    { knob: "voltage", value: millivolts(13_200) },
  );
  expect(after.setpoint).toMatchObject({ frequency: { value: 650 }, voltage: { value: 13_200 } });
  const orders = machine.queries.filter((text) => text.includes("updatePerformance"));
  expect(orders).toHaveLength(1);
  expect(orders[0]).toContain('{ name: "3", frequency: 650, voltage: 13.2 }');
  expect(after.controls.powerLimit).toBeUndefined();
});

test("stop and start, light, pools", async () => {
  const asleep = await set({ knob: "sleep", value: true });
  expect(asleep.setpoint.sleep?.value).toBe(true);
  expect(asleep.activity?.value).toBe("stopped");
  expect(asleep.hashrate?.now).toBeUndefined();
  expect((await set({ knob: "sleep", value: false })).activity?.value).toBe("hashing");
  expect((await set({ knob: "locate", value: true })).setpoint.locate?.value).toBe(true);
  const pool = { url: "stratum+tcp://new.test:1", user: "u", password: "p" };
  const pooled = await set({ knob: "pools", value: [pool] });
  expect(pooled.setpoint.pools?.value).toEqual([{ ...pool, password: "" }]);
  expect(machine.queries.at(-1)).not.toContain("restart");
  expect(machine.queries.some((text) => text.includes("bosminer { restart"))).toBe(true);
});

test("a refusal inside of a good answer is a refusal", async () => {
  await session.read(NEVER);
  machine.refusal = "value is out of range";
  await expect(
    session.write([{ knob: "powerLimit", value: watts(3200) }], NEVER),
  ).rejects.toMatchObject({ code: "REJECTED", message: /value is out of range/ });
});

test("a lost session is renewed, a wrong password is told", async () => {
  await session.read(NEVER);
  machine.forgetLogin();
  time += 120_000;
  expect((await session.read(NEVER)).problems).toEqual([]);
  const other = await connect("wrong");
  await expect(other.read(NEVER)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await other.close();
});
