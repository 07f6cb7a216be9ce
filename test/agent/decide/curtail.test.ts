import { describe, expect, test } from "vitest";
import type { Policies } from "../../../agent/decide/policies.ts";
import type { Signals } from "../../../config/signals.ts";
import { percent, watts } from "../../../drivers/contract/units.ts";
import { policies, START } from "../example.ts";
import { actions, type Entry, runSeries } from "../series.ts";
import { Toy } from "../toy.ts";

/** Signals by the hour since the start. */
function site(
  signalsOf: (hour: number) => Signals,
  tuning: object = {},
  safety: object = {},
): Policies {
  const signals = (now: number) => signalsOf((now - START) / 3_600_000);
  return { ...policies({ mode: "act", ...tuning }, safety), signals };
}

const at = (entries: readonly Entry[], minute: number): Entry =>
  entries.find((entry) => entry.minute >= minute)!;
const wattsAt = (entries: readonly Entry[], minute: number): number =>
  at(entries, minute).state.telemetry!.power!.value;
const reasons = (entries: readonly Entry[]): string =>
  actions(entries)
    .map((entry) => `${entry.minute.toFixed(0)}: ${entry.ruled.decision.reason}`)
    .join("\n");

describe("a cap", () => {
  test("a machine found above its share of the breaker is lowered within minutes, and stays below", () => {
    const machine = new Toy();
    const entries = runSeries(
      machine,
      site(() => ({}), {}, { powerMaxWatts: 1900 }),
      600,
    );
    expect(wattsAt(entries, 0)).toBeGreaterThan(2400);
    const late = entries.filter((entry) => entry.minute > 8);
    const most = Math.max(...late.map((entry) => entry.state.telemetry!.power!.value));
    expect(most, reasons(entries)).toBeLessThan(1900 * 1.02);
    // As near to the floor as the cap allows: 1900 of 2485 W bear more than seven tenths.
    expect(machine.frequency).toBeGreaterThan(540 * 0.72);
    expect(machine.frequency).toBeLessThan(540 * 0.9);
  });

  test.each([
    { worse: 1.06, share: 0.85 },
    { worse: 1.12, share: 0.9 },
  ])(
    "a supply that gets $worse times worse teaches: no trial ends above the cap",
    ({ worse, share }) => {
      const machine = new Toy();
      const read = machine.read.bind(machine);
      machine.read = (now) => {
        const whole = read(now);
        const waste = now - START < 5 * 3_600_000 ? 1 : worse;
        return { ...whole, power: { ...whole.power!, value: watts(whole.power!.value * waste) } };
      };
      const entries = runSeries(
        machine,
        site(() => ({ powerShare: share })),
        12 * 60,
      );
      const over = entries.filter(
        ({ minute, state }) => minute > 310 && state.telemetry!.power!.value > share * 2485 * 1.02,
      );
      expect(over, reasons(entries)).toEqual([]);
    },
  );

  test("a machine that cools down keeps its caps meanwhile", () => {
    const machine = new Toy({ ambient: 56 });
    const event = (hour: number): Signals => (hour >= 1 ? { powerShare: 0.5 } : {});
    const entries = runSeries(machine, site(event), 90);
    const before = at(entries, 59);
    expect(before.ruled.decision.reason).toContain("cooling down");
    expect(wattsAt(entries, 66), reasons(entries)).toBeLessThan(0.5 * 2485 * 1.02);
    expect(wattsAt(entries, 89)).toBeLessThan(0.5 * 2485 * 1.02);
  });

  test("nothing is lowered where the agent may not act", () => {
    const machine = new Toy();
    const policy = site(() => ({ powerShare: 0.5 }), { mode: "suggest" }, { powerMaxWatts: 1900 });
    expect(actions(runSeries(machine, policy, 120))).toEqual([]);
  });

  test("curtailment to a share acts within five minutes, and the point from before comes back", () => {
    const machine = new Toy();
    const event = (hour: number): Signals => (hour >= 6 && hour < 7 ? { powerShare: 0.6 } : {});
    const entries = runSeries(machine, site(event), 8 * 60);
    const before = at(entries, 359).state.telemetry!;
    expect(wattsAt(entries, 365), reasons(entries)).toBeLessThan(0.6 * 2485 * 1.03);
    const after = at(entries, 425).state.telemetry!;
    expect(after.setpoint.frequency!.value).toBe(before.setpoint.frequency!.value);
    // The chips are colder than they were there, and cold chips need more.
    const more = after.setpoint.voltage!.value / before.setpoint.voltage!.value;
    expect(more).toBeGreaterThanOrEqual(1);
    expect(more).toBeLessThan(1.02);
    expect(at(entries, 470).state.tuning.phase).not.toBe("baseline");
  });

  test("a share of nothing is sleep, and the machine wakes when it is over, as it was", () => {
    const machine = new Toy();
    const event = (hour: number): Signals => (hour >= 2 && hour < 3 ? { powerShare: 0 } : {});
    const entries = runSeries(machine, site(event), 5 * 60);
    const voltage = at(entries, 119).state.telemetry!.setpoint.voltage!.value;
    expect(at(entries, 122).state.telemetry!.activity!.value).toBe("sleeping");
    expect(at(entries, 179).state.telemetry!.activity!.value).toBe("sleeping");
    expect(at(entries, 183).state.telemetry!.activity!.value).toBe("hashing");
    expect(at(entries, 183).state.telemetry!.setpoint.voltage!.value).toBe(voltage);
    expect(at(entries, 290).state.tuning.asleep).toBeUndefined();
  });

  test("where it may not act it says that it would put the machine to sleep", () => {
    const machine = new Toy();
    const event = (hour: number): Signals => (hour >= 2 && hour < 3 ? { powerShare: 0 } : {});
    const entries = runSeries(machine, site(event, { mode: "suggest" }), 240);
    expect(actions(entries)).toEqual([]);
    const words = (minute: number) => at(entries, minute).ruled.decision.reason;
    expect(words(150)).toBe("sleep: curtailment (not sent: tuning.mode is suggest)");
    expect(words(200)).not.toContain("sleep");
  });

  test("an agent that may act no more gives back what it put to sleep", () => {
    const machine = new Toy();
    const asleep = runSeries(
      machine,
      site(() => ({ powerShare: 0 })),
      20,
    ).at(-1)!.state;
    expect(asleep.telemetry?.activity?.value).toBe("sleeping");
    const policy = site(() => ({ powerShare: 0 }), { mode: "observe" });
    runSeries(machine, policy, 5, asleep);
    expect(machine.asleep).toBe(false);
  });

  test("a machine that somebody else put to sleep is not woken", () => {
    const machine = new Toy({ asleep: true });
    const entries = runSeries(
      machine,
      site(() => ({})),
      60,
    );
    expect(actions(entries)).toEqual([]);
    expect(machine.asleep).toBe(true);
  });
});

describe("noise", () => {
  test("fans that are too loud at night cost power, by the fan laws", () => {
    const machine = new Toy();
    const read = machine.read.bind(machine);
    // Fans that hold a temperature: 60 % at 2,485 W.
    machine.read = (now) => {
      const whole = read(now);
      const duty = percent(60 * (whole.power!.value / 2485) ** 1.25);
      return { ...whole, fans: [{ index: 0, duty: { ...whole.power!, value: duty } }] };
    };
    const night = (hour: number): Signals =>
      hour >= 3 && hour < 6 ? { noiseMaxDecibels: 58 } : {};
    const entries = runSeries(machine, site(night, { fullSpeedDecibels: 76 }), 8 * 60);
    const decibels = (minute: number) =>
      76 + 50 * Math.log10(at(entries, minute).state.telemetry!.fans[0]!.duty!.value / 100);
    expect(decibels(179)).toBeGreaterThan(59.5);
    for (const minute of [200, 240, 300, 350]) {
      expect(decibels(minute), reasons(entries)).toBeLessThan(58.8);
    }
    expect(decibels(400)).toBeGreaterThan(59.5);
  });

  test("a machine that tells no fan duty is left alone", () => {
    const machine = new Toy();
    const read = machine.read.bind(machine);
    machine.read = (now) => ({ ...read(now), fans: [] });
    const entries = runSeries(
      machine,
      site(() => ({ noiseMaxDecibels: 30 })),
      60,
    );
    expect(actions(entries).filter((entry) => entry.ruled.action?.purpose === "protect")).toEqual(
      [],
    );
  });
});

describe("money", () => {
  // 111 TH/s and 2,485 W: 0.05 a TH/s and day are 5.55 a day; break-even is at 0.093 a kWh.
  const market = (tariffOf: (hour: number) => number) =>
    site((hour) => ({ hashpricePerThDay: 0.05, tariffPerKwh: tariffOf(hour) }), {
      objective: "profit",
    });

  test("dear energy: less of it, until mining does not pay at all; then sleep, and back", () => {
    const machine = new Toy();
    const tariff = (hour: number) => (hour < 4 ? 0.02 : hour < 7 ? 0.09 : hour < 9 ? 0.4 : 0.02);
    const entries = runSeries(machine, market(tariff), 11 * 60);
    const cheap = at(entries, 235).state.telemetry!.setpoint.frequency!.value;
    const dear = at(entries, 415).state.telemetry!.setpoint.frequency!.value;
    expect(cheap).toBe(540);
    expect(dear, reasons(entries)).toBeLessThan(500);
    expect(at(entries, 425).state.telemetry!.activity!.value).toBe("sleeping");
    expect(at(entries, 425).state.tuning.asleep?.reason).toContain("0.4 per kWh");
    expect(at(entries, 545).state.telemetry!.activity!.value).toBe("hashing");
    // Known ground: the way back to full speed is one move, not a search.
    expect(at(entries, 570).state.telemetry!.setpoint.frequency!.value).toBe(540);
  });

  test("without prices it is the tuning of efficiency", () => {
    const priced = new Toy();
    runSeries(
      priced,
      site(() => ({}), { objective: "profit" }),
      600,
    );
    const plain = new Toy();
    runSeries(
      plain,
      site(() => ({})),
      600,
    );
    expect([priced.frequency, priced.voltage]).toEqual([plain.frequency, plain.voltage]);
  });

  test("pauses are rationed: a price that swings around break-even does not wear the machine", () => {
    const machine = new Toy();
    const tariff = (hour: number) => (Math.floor(hour * 2) % 2 === 0 ? 0.02 : 0.4);
    const entries = runSeries(machine, market(tariff), 5 * 60);
    const sleeps = actions(entries).filter((entry) =>
      entry.ruled.action?.settings.some(({ knob, value }) => knob === "sleep" && value === true),
    );
    expect(sleeps.length).toBeGreaterThan(0);
    // Four restarts a day are the ration, and a wake-up is one.
    expect(sleeps.length).toBeLessThanOrEqual(4);
    const slept = entries.filter((entry) => entry.state.telemetry?.activity?.value === "sleeping");
    expect(slept.length).toBeLessThan(entries.length);
  });
});
