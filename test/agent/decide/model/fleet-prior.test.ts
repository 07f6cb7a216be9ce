import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cliff } from "../../../../agent/decide/model/cliff.ts";
import { fleetPrior, pool } from "../../../../agent/decide/model/fleet-prior.ts";
import { learntOf } from "../../../../agent/decide/model/learnt.ts";
import { LimitModel } from "../../../../agent/decide/model/limit.ts";
import {
  BOUNDS,
  leastDeviation,
  PARAMETERS,
  parametersOf,
} from "../../../../agent/decide/model/parameters.ts";
import { generalPrior, type Kin } from "../../../../agent/decide/model/prior.ts";
import {
  type FleetFile,
  fleetFileOf,
  mergeFiles,
  parsePriorFile,
  type Taught,
} from "../../../../agent/decide/model/prior-file.ts";
import type { Measured } from "../../../../agent/state/tuning.ts";
import {
  epochMs,
  hashesPerSecond,
  type JoulesPerHash,
  megahertz,
  millivolts,
  watts,
} from "../../../../drivers/contract/units.ts";

const KIN: Kin = { watts: 3000, model: "Antminer S19k Pro", firmware: "LuxOS" };
const { model = "", firmware = "" } = KIN;
const GENERAL = parametersOf(generalPrior(KIN));

const taught = (critical: number, deviation = 0.004, change: Partial<Taught> = {}): Taught => ({
  model,
  firmware,
  learnt: { critical: { mean: critical, deviation } },
  ...change,
});

/** `units` machines that all say the same. */
const unanimous = (units: number, critical: number): FleetFile =>
  fleetFileOf(Array.from({ length: units }, () => taught(critical)));

const criticalOf = (file: FleetFile, kin = KIN) => fleetPrior(file)(kin).cliff.critical;

describe("the prior of the next machine", () => {
  test("is the general one for a model that the file does not have", () => {
    const source = fleetPrior(unanimous(50, 0.95));
    expect(source({ ...KIN, model: "Antminer S21" })).toBe(generalPrior(KIN));
    expect(source({ watts: 3000 })).toBe(generalPrior(KIN));
    expect(criticalOf(fleetFileOf([]))).toEqual(generalPrior(KIN).cliff.critical);
  });

  test("one machine says little, many say nearly everything", () => {
    const [one] = criticalOf(unanimous(1, 0.945));
    const [dozen] = criticalOf(unanimous(12, 0.945));
    const [hundreds] = criticalOf(unanimous(500, 0.945));
    const way = (mean: number) => (GENERAL.critical.mean - mean) / (GENERAL.critical.mean - 0.945);
    expect(way(one)).toBeCloseTo(1 / 3, 5);
    expect(way(dozen)).toBeCloseTo(12 / 14, 5);
    expect(way(hundreds)).toBeGreaterThan(0.99);
  });

  test("is not surer for one machine that contradicts the general prior", () => {
    const [, deviation] = criticalOf(unanimous(1, 0.9));
    expect(deviation).toBeGreaterThan(GENERAL.critical.deviation);
  });

  test("is never narrower than machines of one model differ, however many agree", () => {
    for (const name of PARAMETERS) {
      const group = { units: 100_000, mean: GENERAL[name].mean, deviation: 0 };
      const { deviation } = pool(GENERAL[name], group, name, KIN);
      expect(deviation, name).toBeGreaterThanOrEqual(leastDeviation(name, KIN));
      expect(leastDeviation(name, KIN), name).toBeGreaterThan(0);
    }
  });

  test("lies within its bounds for every file that is accepted", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PARAMETERS),
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(12, 3000),
        (name, units, place, wide, power) => {
          const { min, max } = BOUNDS[name];
          const group = { units, mean: min + place * (max - min), deviation: wide * (max - min) };
          const entry = { model, firmware, units, parameters: { [name]: group } };
          const text = JSON.stringify({ format: "nockd-prior", version: 1, models: [entry] });
          const parsed = parsePriorFile(text);
          if (!parsed.ok) throw new Error(parsed.errors.join("; "));
          const kin = { ...KIN, watts: power };
          const prior = fleetPrior(parsed.file)(kin);
          const { mean, deviation } = parametersOf(prior)[name];
          expect(mean).toBeGreaterThanOrEqual(min - 1e-9);
          expect(mean).toBeLessThanOrEqual(max + 1e-9);
          if (name !== "spread")
            expect(deviation).toBeGreaterThanOrEqual(leastDeviation(name, kin));
          const total = prior.watts.shares.reduce((sum, [share]) => sum + share, 0);
          expect(total).toBeCloseTo(1, 1);
          const edge = Cliff.from(prior.cliff, []).ratio(1, 1, 0, 0.97);
          expect(Number.isFinite(edge.mean + edge.deviation + edge.below)).toBe(true);
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  test("takes the edge from all firmware of the model, watts and limits from its own", () => {
    const learnt = {
      critical: { mean: 0.95, deviation: 0.004 },
      fixed: { mean: 0.2, deviation: 0.01 },
      onset: { mean: 1.08, deviation: 0.01 },
    };
    const file = fleetFileOf(
      Array.from({ length: 20 }, () => ({ model, firmware: "Braiins OS", learnt })),
    );
    const other = parametersOf(fleetPrior(file)(KIN));
    expect(other.critical.mean).toBeLessThan(0.955);
    expect(other.fixed).toEqual(GENERAL.fixed);
    expect(other.onset).toEqual(GENERAL.onset);
    const same = parametersOf(fleetPrior(file)({ ...KIN, firmware: "Braiins OS" }));
    expect(same.fixed.mean).toBeGreaterThan(0.17);
    expect(same.onset.mean).toBeGreaterThan(1.06);
  });

  test("is laid out once for each kind of machine", () => {
    const source = fleetPrior(unanimous(5, 0.95));
    expect(source(KIN)).toBe(source({ ...KIN, watts: 3100 }));
  });

  test("gives way to three measurements that contradict it", () => {
    const prior = fleetPrior(unanimous(10_000, 0.86))(KIN).cliff;
    const seen = [0.995, 0.985, 0.975].map((v) => ({
      v,
      x: 1,
      warmer: 0,
      ratio: 1 - 6.8 * Math.max(0, 1 - v) * 0.5,
      deviation: 0.002,
    }));
    expect(Cliff.from(prior, []).ratio(0.96, 1, 0, 0.97).below).toBeLessThan(0.05);
    expect(Cliff.from(prior, seen).ratio(0.96, 1, 0, 0.97).below).toBeGreaterThan(0.9);
  });
});

describe("limits", () => {
  const at = (limit: number, rate: number): Measured => ({
    point: { powerLimit: watts(limit) },
    from: epochMs(0),
    to: epochMs(600_000),
    samples: 60,
    power: watts(Math.min(3000, limit)),
    basis: "psu",
    rate: hashesPerSecond(rate),
    efficiency: 1 as JoulesPerHash,
    uncertainty: 0.002,
  });
  const effect = { settles: 0 as never, restarts: false, persists: true };
  const knob = { min: 1500, max: 3600, step: 1, effect };

  test("begin with the onset of the fleet, and a wrong one gives way", () => {
    const learnt = { onset: { mean: 0.88, deviation: 0 }, elasticity: { mean: 0, deviation: 0 } };
    const file = fleetFileOf(Array.from({ length: 1000 }, () => ({ model, firmware, learnt })));
    const prior = fleetPrior(file)(KIN).limit;
    const reference = at(3600, 1e14);
    const point = { powerLimit: watts(2400) };
    const rateOf = (evidence: readonly Measured[]) =>
      LimitModel.from(prior, reference, evidence, knob).forecast(point)!.rate.mean;
    expect(rateOf([reference])).toBeGreaterThan(0.89);
    const truth = 0.8 ** (1 / 1.31);
    expect(rateOf([reference, at(2400, truth * 1e14)])).toBeCloseTo(truth, 2);
  });
});

describe("what one machine teaches", () => {
  const seen = (frequency: number, voltage: number, power: number, ratio: number): Measured => ({
    point: { frequency: megahertz(frequency), voltage: millivolts(voltage) },
    from: epochMs(0),
    to: epochMs(600_000),
    samples: 600,
    power: watts(power),
    basis: "psu",
    rate: hashesPerSecond((frequency / 590) * ratio * 1e14),
    efficiency: 1 as JoulesPerHash,
    uncertainty: 0.001,
    ratio,
  });
  const stock = seen(590, 13_500, 3000, 0.9995);

  test("is nothing while only the point is known at which it was found", () => {
    expect(learntOf([stock], KIN)).toEqual({});
    expect(learntOf([], KIN)).toEqual({});
  });

  test("is its edge once it was near it", () => {
    const learnt = learntOf(
      [stock, seen(590, 13_100, 2840, 0.995), seen(590, 12_900, 2760, 0.985)],
      KIN,
    );
    expect(learnt.critical!.deviation).toBeLessThan(0.02);
    expect(learnt.onset).toBeUndefined();
  });

  test("of presets too, by the frequency and voltage that the firmware names", () => {
    const preset = (measured: Measured, name: string): Measured => {
      const { frequency = 0, voltage = 0 } = measured.point;
      return { ...measured, point: { profile: name }, preset: { frequency, voltage } };
    };
    const low = seen(540, 12_500, 2400, 0.985);
    const named = learntOf([preset(stock, "a"), preset(low, "b")], KIN);
    expect(named).toEqual(learntOf([stock, low], KIN));
    expect(named.critical).toBeDefined();
  });
});

describe("the file", () => {
  const groups = fc.array(
    fc.record({
      mean: fc.double({ min: 0.9, max: 1.05, noNaN: true }),
      deviation: fc.double({ min: 0.001, max: 0.05, noNaN: true }),
      firmware: fc.constantFrom("LuxOS", "VNish"),
    }),
    { minLength: 1, maxLength: 12 },
  );

  test("of two gateways, merged, is the file of both together", () => {
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        const machines = (list: typeof a) =>
          list.map((each) => taught(each.mean, each.deviation, { firmware: each.firmware }));
        const [left, right] = [fleetFileOf(machines(a)), fleetFileOf(machines(b))];
        const merged = mergeFiles([left, right]);
        const whole = fleetFileOf([...machines(a), ...machines(b)]);
        expect(merged.models.map((each) => [each.firmware, each.units])).toEqual(
          whole.models.map((each) => [each.firmware, each.units]),
        );
        for (const [index, entry] of whole.models.entries()) {
          const { mean, deviation } = merged.models[index]!.parameters.critical!;
          expect(mean).toBeCloseTo(entry.parameters.critical!.mean, 9);
          expect(deviation).toBeCloseTo(entry.parameters.critical!.deviation, 9);
        }
        expect(parsePriorFile(JSON.stringify(merged)).ok).toBe(true);
      }),
      { seed: 11, numRuns: 100 },
    );
  });

  const entry = { model, firmware, units: 3, parameters: {} };
  const fileWith = (change: object, parameters: object = {}) =>
    JSON.stringify({
      format: "nockd-prior",
      version: 1,
      models: [{ ...entry, parameters }],
      ...change,
    });
  const group = { units: 3, mean: 0.97, deviation: 0.01 };

  test.each([
    ["no JSON", "{", /^not JSON/],
    ["a list", "[]", /^the file: \[\]: .*expected object/i],
    ["another format", fileWith({ format: "x" }), /^format: "x": .*"nockd-prior"/],
    ["another version", fileWith({ version: 2 }), /^version: 2: .*1/],
    [
      "an edge too low to be true",
      fileWith({}, { critical: { ...group, mean: 0.5 } }),
      /^models\[0\]\.parameters\.critical\.mean: 0\.5: .*>=0\.86/,
    ],
    [
      "a mean that is text",
      fileWith({}, { critical: { ...group, mean: "1" } }),
      /mean: "1": .*expected number/,
    ],
    ["half a machine", fileWith({}, { critical: { ...group, units: 0.5 } }), /units: 0\.5: .*int/],
    [
      "a negative deviation",
      fileWith({}, { slope: { ...group, mean: 0.2, deviation: -1 } }),
      /slope\.deviation: -1: .*>=0/,
    ],
    ["an unknown parameter", fileWith({}, { magic: group }), /parameters: .*magic/],
    ["a model twice", fileWith({ models: [entry, entry] }), /models\[1\]: .*once/],
    [
      "a missing model",
      fileWith({ models: [{ ...entry, model: undefined }] }),
      /models\[0\]\.model: nothing: .*expected string/,
    ],
  ])("is refused with %s, in words", (_what, text, words) => {
    const parsed = parsePriorFile(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.errors.join("\n")).toMatch(words);
  });
});
