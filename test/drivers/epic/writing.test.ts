// What goes out for a wish, and which wishes do not go out.

import { afterEach, describe, expect, it } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts, percent, watts } from "../../../drivers/contract/units.ts";
import { fixture, NEVER, open, PASSWORD, type Served, serve } from "./served.ts";
import {
  type Changes,
  changed,
  FREQUENCY,
  MANUAL,
  POWER,
  pools,
  VOLTAGE,
  write,
} from "./wishes.ts";

let served: Served | undefined;
afterEach(() => served?.daemon.stop());

describe("an order", () => {
  it.each<[string, Setting[], Changes, string[]]>([
    ["both", [FREQUENCY, VOLTAGE], { summary: MANUAL }, ['tune {"clks":"500","voltage":"13000"}']],
    [
      "the clock alone",
      [FREQUENCY],
      { summary: MANUAL },
      ['tune {"clks":"500","voltage":"12600"}'],
    ],
    ["the volts alone", [VOLTAGE], { summary: MANUAL }, ['tune {"clks":"485","voltage":"13000"}']],
    [
      "the volts of boards with clocks of their own",
      [VOLTAGE],
      {
        summary: {
          ...MANUAL,
          HwConfig: {
            "Boards Target Clock": [
              { Index: 1, Data: 485 },
              { Index: 2, Data: 470 },
            ],
          },
        },
      },
      ["tune/voltage 13000"],
    ],
    [
      "a point under the governor",
      [FREQUENCY],
      {},
      ["perpetualtune false", 'tune {"clks":"500","voltage":"12600"}'],
    ],
    [
      "a point, and then the governor",
      [{ knob: "autotune", value: true }, FREQUENCY],
      { summary: MANUAL },
      ['tune {"clks":"500","voltage":"12600"}', "perpetualtune true"],
    ],
    [
      "the governor off, and a point",
      [FREQUENCY, { knob: "autotune", value: false }],
      {},
      ["perpetualtune false", 'tune {"clks":"500","voltage":"12600"}'],
    ],
    [
      "a preset",
      [{ knob: "profile", value: "407 MHz 12.60 V" }],
      { summary: MANUAL },
      ['tune {"clks":"407","voltage":"12600"}'],
    ],
    [
      "a target in the same unit, which keeps how far it may throttle",
      [{ knob: "mode", value: "BoardTune 120 TH/s" }],
      {},
      ['perpetualtune/algo {"algo":"BoardTune","target":120,"min_throttle":50,"throttle_step":5}'],
    ],
    [
      "a target while the governor is off",
      [{ knob: "mode", value: "ChipTune 142 TH/s" }],
      { summary: MANUAL },
      [
        'perpetualtune/algo {"algo":"ChipTune","target":142,"min_throttle":50,"throttle_step":5}',
        "perpetualtune true",
      ],
    ],
    [
      "a power limit",
      [{ knob: "powerLimit", value: watts(2499.6) }],
      POWER,
      ['perpetualtune/algo {"algo":"Power","target":2500,"min_throttle":2000,"throttle_step":100}'],
    ],
    [
      "a power limit below the least throttle, which goes",
      [{ knob: "powerLimit", value: watts(1800) }],
      POWER,
      ['perpetualtune/algo {"algo":"Power","target":1800}'],
    ],
    ["a fan duty", [{ knob: "fan", value: percent(80) }], {}, ['fanspeed {"Manual":80}']],
    [
      "fans by themselves, as they were last seen so",
      [{ knob: "fan", value: "auto" }],
      {
        summary: {
          Fans: { "Fan Mode": { Auto: { "Target Temperature": 55, "Idle Speed": 25 } } },
        },
      },
      ['fanspeed {"Auto":{"Target Temperature":55,"Idle Speed":25}}'],
    ],
    [
      "fans by themselves, never seen so",
      [{ knob: "fan", value: "auto" }],
      { summary: { Fans: { "Fan Mode": { Manual: 90 } } } },
      ['fanspeed {"Auto":{"Target Temperature":60,"Idle Speed":20}}'],
    ],
    [
      "pools, with the coin and the worker names as they are",
      [pools("stratum+tcp://a.example:1", "stratum+ssl://b.example:2")],
      {},
      [
        'coin {"coin":"BTC","stratum_configs":[{"pool":"stratum+tcp://a.example:1","login":"account.rig","password":"swordfish"},{"pool":"stratum+ssl://b.example:2","login":"account.rig","password":"swordfish"}],"unique_id":true}',
      ],
    ],
    ["sleep", [{ knob: "sleep", value: true }], {}, ['miner "Stop"']],
    ["waking", [{ knob: "sleep", value: false }], {}, ['miner "Autostart"']],
    ["the light", [{ knob: "locate", value: true }], {}, ["identify true"]],
    ["a restart of the program", [{ knob: "restart", value: true }], {}, ["softreboot 0"]],
    ["a reboot", [{ knob: "reboot", value: true }], {}, ["reboot 0"]],
  ])("for %s", async (_, settings, changes, orders) => {
    const sent = await write(settings, changes);
    expect(sent.orders).toEqual(orders);
    expect(sent.receipt.answer).toBe("accepted");
    const names = orders.map((order) => order.split(" ")[0]);
    expect(sent.receipt.detail).toBe(names.join("; "));
  });

  it("carries the password, and nothing else does", async () => {
    const bodies: Record<string, unknown>[] = [];
    const { receipt } = await write([FREQUENCY], { summary: MANUAL }, (path, body) => {
      if (path === "tune") bodies.push(body);
      else expect(body).toEqual({});
      return undefined;
    });
    expect(bodies).toEqual([{ param: { clks: "500", voltage: "12600" }, password: PASSWORD }]);
    expect(JSON.stringify(receipt)).not.toContain(PASSWORD);
  });
});

describe("a wish that cannot be", () => {
  it.each<[Setting[], RegExp]>([
    [[{ knob: "frequency", value: megahertz(576) }], /frequency: 576: expected 272 to 575/],
    [[{ knob: "frequency", value: Number.NaN as never }], /frequency: NaN/],
    [[{ knob: "voltage", value: millivolts(13.2) }], /voltage: 13.2: expected 11880 to 13500/],
    [[{ knob: "fan", value: percent(0) }], /fan: 0: expected 20 to 100/],
    [[{ knob: "profile", value: "custom" }], /profile: custom: expected one of 272 MHz/],
    [[{ knob: "mode", value: "manual" }], /mode: manual: expected one of/],
    [
      [{ knob: "powerLimit", value: watts(3000) }],
      /powerLimit: 3000: this machine does not offer it/,
    ],
    [[pools()], /pools: 0: expected 1 to 3/],
    [[pools("a:1", "b:1", "c:1", "d:1")], /pools: 4: expected 1 to 3/],
    [[pools("a.example:3333")], /pools: 1: number 1: "a.example:3333": expected a URL/],
    [[FREQUENCY, { knob: "profile", value: "407 MHz 12.60 V" }], /frequency and profile/],
    [[FREQUENCY, FREQUENCY], /frequency: set twice/],
    [
      [
        { knob: "mode", value: "ChipTune 142 TH/s" },
        { knob: "autotune", value: false },
      ],
      /autotune: false/,
    ],
  ])("%j is refused unsent", async (settings, message) => {
    served = await serve(fixture());
    const session = open(served.port, { password: PASSWORD });
    await session.read(NEVER);
    const before = served.requests.length;
    await expect(session.write(settings, NEVER)).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringMatching(message),
    });
    expect(served.requests).toHaveLength(before);
    await session.close();
  });

  it("is refused when the machine changed since the last look", async () => {
    let governed = true;
    const power = changed(POWER);
    served = await serve(power, (path) =>
      path === "summary" && !governed
        ? { body: JSON.stringify({ ...(power["summary"] as object), ...MANUAL }) }
        : undefined,
    );
    const session = open(served.port, { password: PASSWORD });
    await session.read(NEVER);
    // Watts for an algorithm that holds TH/s would be a target out of this world.
    governed = false;
    const wish: Setting = { knob: "powerLimit", value: watts(2500) };
    await expect(session.write([wish], NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
    expect(served.requests.at(-1)).toBe("summary");
    await session.close();
  });

  it("is refused without a password, with nothing sent", async () => {
    served = await serve(fixture());
    const session = open(served.port);
    await expect(session.write([FREQUENCY], NEVER)).rejects.toMatchObject({
      code: "UNAUTHORIZED",
      message: expect.stringContaining("password"),
    });
    expect(served.requests).toEqual([]);
    await session.close();
  });
});
