import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import { celsius, epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { vnish } from "../../drivers/vnish/index.ts";
import { Plant } from "./plant.ts";
import { VnishMachine } from "./vnish.ts";
import { TUNING } from "./vnish-miner.ts";
import { S21_PRO } from "./vnish-plant.ts";

const NEVER = new AbortController().signal;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: VnishMachine;
let session: Session;

beforeEach(async () => {
  machine = new VnishMachine({ host: "127.0.0.1", seed: 7, now });
  await machine.start();
  time += 30 * MINUTE;
  session = connect();
  await read();
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

function connect(password = "admin"): Session {
  const options = { driver: "vnish", ...machine.address, password, deadlineSeconds: 2 };
  return vnish.connect(vnish.options.parse(options), { now });
}

const read = () => session.read(NEVER);
const write = (...settings: Setting[]) => session.write(settings, NEVER);

/** Readings until something is seen, milliseconds of the machine's time. */
async function until(done: () => boolean | Promise<boolean>, longest: number): Promise<number> {
  const begun = time;
  while (!(await done())) {
    if (time - begun > longest) throw new Error(`not seen within ${longest} ms`);
    time += SECOND;
  }
  return time - begun;
}

const activityIs = (word: string) => async () => {
  const telemetry = await read().catch(() => undefined);
  return telemetry?.activity?.value === word;
};

describe("the plant of an S21 Pro", () => {
  test("draws its nameplate at stock and delivers it within the spread of units", () => {
    const plant = new Plant(S21_PRO, { seed: 1, now: now(), spread: false });
    expect(Math.abs(plant.truth.wallPower / 3480 - 1)).toBeLessThan(0.01);
    expect(Math.abs(plant.truth.hashrate / 234e12 - 1)).toBeLessThan(0.02);
  });

  test("is near the captured machine at its point: 495 MHz, 13.00 V, 65 Celsius, 2583 W", () => {
    const plant = new Plant(S21_PRO, { seed: 1, now: now(), spread: false });
    plant.setFrequency(megahertz(495));
    plant.setVoltage(millivolts(13_000));
    plant.advance(epochMs(time + 30 * MINUTE));
    expect(Math.abs(plant.truth.wallPower / 2583 - 1)).toBeLessThan(0.06);
    expect(plant.truth.boards[0]?.ideal).toBeCloseTo(65_505.727e9, -9);
    expect(plant.truth.boards[0]?.chipTemperature).toBeLessThan(celsius(80));
  });
});

describe("presets", () => {
  test("a tuned one is at work at once, without a restart", async () => {
    const before = await read();
    await write({ knob: "profile", value: "3160" });
    time += SECOND;
    const after = await read();
    expect(after.setpoint.profile?.value).toBe("3160");
    expect(after.activity?.value).toBe("hashing");
    expect(after.boards[0]?.frequency?.value).toBeLessThan(before.boards[0]?.frequency?.value ?? 0);
    expect(after.uptime?.value).toBeGreaterThan(before.uptime?.value ?? 0);
    expect(machine.requests).not.toContain("POST mining/restart");
  });

  test("an untuned one hashes while it is tuned for long, then is a tuned one", async () => {
    await write({ knob: "profile", value: "2800" });
    time += 30 * MINUTE;
    const tuning = await read();
    expect(tuning.activity?.value).toBe("ramping");
    expect(tuning.setpoint.profile?.value).toBe("2800");
    expect(tuning.hashrate?.now?.value).toBeGreaterThan(100e12);
    const first = tuning.boards[0]?.frequency?.value;
    expect(first).toBe(495);
    time += TUNING;
    const tuned = await read();
    expect(tuned.activity?.value).toBe("hashing");
    expect(tuned.boards[0]?.frequency?.value).toBeLessThan(first ?? 0);
    const choice = tuned.controls.profile?.choices.find(({ name }) => name === "2800");
    expect(choice).toMatchObject({ tuned: true, frequency: tuned.boards[0]?.frequency?.value });
  });

  test("the switcher moves the one at work away from the stored one", async () => {
    await write({ knob: "autotune", value: true });
    machine.plant.wear.resistance = 1.8;
    time += 20 * MINUTE;
    for (let minute = 0; minute < 12; minute += 1) {
      time += MINUTE;
      await read();
    }
    const hot = await read();
    expect(machine.miner.stored.overclock.preset).toBe("3520");
    expect(Number(hot.setpoint.profile?.value)).toBeLessThan(3520);
  });

  test("labels are 15 J/TH throughout, whatever the supply measures", async () => {
    const { controls, power, hashrate } = await read();
    for (const choice of controls.profile?.choices ?? []) {
      expect((choice.power ?? 0) / ((choice.hashrate ?? 0) / 1e12)).toBeCloseTo(15, 0);
    }
    machine.metering = false;
    const formula = await read();
    expect(formula.power?.basis).toBe("formula");
    expect(formula.power?.value).toBeCloseTo((hashrate?.ideal?.value ?? 0) / 1e12 / (1 / 15), -1);
    expect(power?.basis).toBe("psu");
  });
});

describe("figures by hand", () => {
  test("wait for the restart that the driver sends; it takes 15 to 20 s", async () => {
    const receipt = await write({ knob: "frequency", value: megahertz(550) });
    expect(receipt.detail).toBe("settings: stored; mining/restart: yes");
    expect((await read()).activity?.value).toBe("starting");
    const took = await until(activityIs("hashing"), MINUTE);
    expect(took).toBeGreaterThanOrEqual(15 * SECOND);
    expect(took).toBeLessThanOrEqual(20 * SECOND);
    const after = await read();
    expect(after.setpoint.frequency?.value).toBe(550);
    expect(after.boards.map((board) => board.frequency?.value)).toEqual([550, 550, 550]);
    expect(after.uptime?.value).toBeLessThan(MINUTE);
  });

  test("a machine that says yes and takes nothing is seen through", async () => {
    machine.miner.deaf = true;
    const before = await read();
    const receipt = await write({ knob: "voltage", value: millivolts(13_200) });
    expect(receipt.answer).toBe("accepted");
    time += MINUTE;
    expect((await read()).setpoint.voltage?.value).toBe(before.setpoint.voltage?.value);
  });

  test("a preset that the firmware does not know is answered with yes and not taken", async () => {
    machine.miner.presets.splice(
      machine.miner.presets.findIndex(({ name }) => name === "3250"),
      1,
    );
    expect((await write({ knob: "profile", value: "3250" })).answer).toBe("accepted");
    expect((await read()).setpoint.profile?.value).toBe("3520");
  });
});

describe("stops and starts", () => {
  test("asleep it draws little, and wakes to the same point", async () => {
    const before = await read();
    await write({ knob: "sleep", value: true });
    await until(activityIs("sleeping"), MINUTE);
    time += 10 * MINUTE;
    const asleep = await read();
    expect(asleep.power?.value).toBeLessThan(200);
    expect(asleep.hashrate?.now?.value).toBe(0);
    await write({ knob: "sleep", value: false });
    const took = await until(activityIs("hashing"), 5 * MINUTE);
    expect(took).toBeGreaterThan(30 * SECOND);
    expect((await read()).setpoint.profile).toMatchObject({
      value: before.setpoint.profile?.value,
    });
  });

  test("a reboot drops every connection for a minute or more and revokes the token", async () => {
    await write({ knob: "locate", value: true });
    expect((await read()).setpoint.locate?.value).toBe(true);
    const tokens = machine.keys.open;
    await write({ knob: "reboot", value: true });
    expect(tokens).toBe(1);
    time += 10 * SECOND;
    await expect(read()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    const took = await until(
      () =>
        read().then(
          () => true,
          () => false,
        ),
      3 * MINUTE,
    );
    expect(took).toBeGreaterThan(40 * SECOND);
    expect((await read()).activity?.value).toBe("starting");
    expect(machine.keys.open).toBeLessThan(2);
    await until(activityIs("hashing"), 3 * MINUTE);
    time += 2 * MINUTE;
    expect((await read()).setpoint.locate?.value).toBe(false);
  });
});

describe("the password", () => {
  test("is not tried again when it is wrong, and the machine is still read", async () => {
    const other = connect("wrong");
    for (let minute = 0; minute < 10; minute += 1) {
      const telemetry = await other.read(NEVER);
      expect(telemetry.hashrate?.now).toBeDefined();
      expect(telemetry.controls).toEqual({});
      time += MINUTE;
    }
    await other.close();
    const attempts = machine.requests.filter((what) => what === "POST unlock");
    // One of them opened the session of this suite.
    expect(attempts).toHaveLength(2);
  });

  test("a closed session leaves no token behind", async () => {
    expect(machine.keys.open).toBe(1);
    await session.close();
    expect(machine.keys.open).toBe(0);
  });
});

describe("boards and chips apart", () => {
  const chips = [0, 1, 2].map(() =>
    Array.from({ length: 65 }, (_, chip) => megahertz(chip === 64 ? 0 : chip % 2 ? -20 : 20)),
  );

  /** By hand, at work after the restart. */
  async function byHand(...settings: Setting[]): Promise<void> {
    const before = machine.orders.length;
    await write(...settings);
    expect(machine.orders.slice(before)).toEqual(["POST settings", "POST mining/restart"]);
    await until(activityIs("hashing"), MINUTE);
    // The preset at work is looked at once a minute.
    time += MINUTE;
    await read();
  }

  test("move the plant's and are read back; a frequency moves all and leaves them", async () => {
    await byHand({ knob: "frequency", value: megahertz(550) });
    await byHand({ knob: "boardOffsets", value: [10, 0, -10].map(megahertz) });
    await byHand({ knob: "chipOffsets", value: chips });
    await byHand({ knob: "frequency", value: megahertz(540) });
    const { setpoint, controls } = await read();
    expect(setpoint.frequency?.value).toBe(540);
    expect(setpoint.boardOffsets?.value).toEqual([10, 0, -10]);
    expect(setpoint.chipOffsets?.value).toEqual(chips);
    expect(controls.chipOffsets?.parts).toEqual([65, 65, 65]);
    expect(machine.plant.truth.boards.map(({ frequency }) => frequency)).toEqual([550, 540, 530]);
    machine.miner.chips.rates(time);
    time += 10 * MINUTE;
    const { boards } = await read();
    const [first = 0, second = 0] = boards[0]?.chipFigures?.value.rate ?? [];
    // 570 and 530 MHz, counted: far apart.
    expect(first / second).toBeGreaterThan(1.03);
  });

  test("an order that is not taken shows in the read-back, whatever the answer says", async () => {
    await byHand({ knob: "frequency", value: megahertz(550) });
    machine.miner.deaf = true;
    machine.miner.restartRequired = true;
    expect(await write({ knob: "chipOffsets", value: chips })).toMatchObject({
      answer: "accepted",
    });
    await until(activityIs("hashing"), MINUTE);
    const { setpoint } = await read();
    expect(setpoint.chipOffsets?.value[0]).toEqual(Array(65).fill(0));
  });

  test("are gone under a preset", async () => {
    await byHand({ knob: "frequency", value: megahertz(550) });
    await byHand({ knob: "chipOffsets", value: chips });
    await write({ knob: "profile", value: "3520" });
    time += MINUTE;
    const { controls } = await read();
    expect(controls).not.toHaveProperty("chipOffsets");
    const clocks = machine.miner.chips.clocks(0, machine.miner.stored);
    expect(new Set(clocks).size).toBe(1);
  });
});
