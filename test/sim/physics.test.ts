import { describe, expect, it } from "vitest";
import { celsius, epochMs, megahertz, millivolts, percent } from "../../drivers/contract/units.ts";
import { PLANTS, Plant } from "./plant.ts";
import { board, minutes, neededVolts, nominal } from "./plant-fixture.ts";

describe("power", () => {
  it.each([
    ["S19k Pro", PLANTS.s19kPro],
    ["M50S", PLANTS.m50s],
    ["Bitaxe GT", PLANTS.bitaxeGt],
    ["Bitaxe Supra", PLANTS.bitaxeSupra],
  ] as const)("%s: rises by 0.61 to 1.07 % per K around its working temperature", (_, spec) => {
    const target = spec.thermal.target;
    const power = (temperature: number) =>
      nominal(spec, { chipTemperature: celsius(temperature) }).truth.psuOutput;
    const perKelvin = (power(target + 5) / power(target - 5)) ** 0.1 - 1;
    expect(perKelvin * 100).toBeGreaterThan(0.61);
    expect(perKelvin * 100).toBeLessThan(1.07);
  });

  it("goes with V^2 f where it switches: +10 % frequency is +10 % of 84 % at stock", () => {
    const plant = nominal(PLANTS.s19kPro);
    const before = plant.truth.psuOutput;
    plant.setFrequency(megahertz(590 * 1.1));
    expect(plant.truth.psuOutput / before - 1).toBeCloseTo(0.084, 4);
  });

  it("hardly moves while the hashrate falls off the cliff", () => {
    const plant = nominal(PLANTS.bitaxeGt, { chipTemperature: celsius(50) });
    plant.setFrequency(megahertz(800));
    plant.setVoltage(millivolts(1180));
    expect(board(plant).hashRatio).toBeLessThan(0.7);
    const low = plant.truth.psuOutput;
    plant.setVoltage(millivolts(1240));
    expect(low / plant.truth.psuOutput).toBeGreaterThan(0.9);
  });

  it("idles at tens of watts when hashing is off, with cooling chips and low fans", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.setHashing(false);
    expect(plant.truth.hashrate).toBe(0);
    plant.advance(minutes(30));
    const { wallPower, fans, hashing } = plant.truth;
    expect(hashing).toBe(false);
    expect(wallPower).toBeGreaterThan(15);
    expect(wallPower).toBeLessThan(45);
    expect(board(plant).chipTemperature).toBeLessThan(27);
    for (const fan of fans) expect(fan.rpm).toBeLessThan(1560);
    expect(plant.counted(0)).toBe(0);
  });
});

describe("the cliff", () => {
  it.each([
    ["S19k Pro", PLANTS.s19kPro, 590],
    ["Bitaxe GT", PLANTS.bitaxeGt, 800],
    ["Bitaxe Supra", PLANTS.bitaxeSupra, 500],
  ] as const)(
    "%s: costs 0.56 to 0.59 % of the hashrate per chip millivolt",
    (_, spec, frequency) => {
      const plant = nominal(spec, { chipTemperature: celsius(50) });
      plant.setFrequency(megahertz(frequency));
      const volts = neededVolts(spec, frequency, 50);
      const ratioAt = (below: number) => {
        plant.setVoltage(millivolts((volts - below) * 1000 * spec.domains));
        return board(plant).hashRatio;
      };
      const perMillivolt = (ratioAt(0.03) - ratioAt(0.08)) / 50;
      expect(perMillivolt * 100).toBeGreaterThan(0.56);
      expect(perMillivolt * 100).toBeLessThan(0.59);
    },
  );

  it.each([
    ["S19k Pro", PLANTS.s19kPro, 590, 1.11],
    ["S19", PLANTS.s19, 680, 1.11],
    ["Bitaxe GT", PLANTS.bitaxeGt, 600, 1.11166],
  ] as const)("%s: colder chips need more voltage", (_, spec, frequency, perKelvin) => {
    const cold = neededVolts(spec, frequency, 20);
    const warm = neededVolts(spec, frequency, 70);
    expect(((cold - warm) * 1000) / 50).toBeCloseTo(perKelvin, 2);
  });

  it("moves by 0.42 mV of the chip for each MHz", () => {
    const rise = neededVolts(PLANTS.s19kPro, 640, 68) - neededVolts(PLANTS.s19kPro, 540, 68);
    expect((rise * 1000) / 100).toBeCloseTo(0.42, 4);
  });

  it("shows errors only near the edge and nearly none below it", () => {
    const plant = nominal(PLANTS.bitaxeGt, { chipTemperature: celsius(50) });
    plant.setFrequency(megahertz(800));
    const errorsAt = (millivoltage: number) => {
      plant.setVoltage(millivolts(millivoltage));
      return board(plant).errorRate;
    };
    expect(errorsAt(1280)).toBeLessThan(0.002);
    expect(errorsAt(1238)).toBeGreaterThan(0.02);
    expect(errorsAt(1225)).toBeLessThan(0.0001);
    expect(errorsAt(1150)).toBeLessThan(0.0001);
    expect(board(plant).hashRatio).toBeLessThan(0.6);
  });

  it("loses hashrate on a cold night at a point that was tuned on a warm day", () => {
    const plant = new Plant(PLANTS.s19kPro, {
      seed: 1,
      now: epochMs(0),
      spread: false,
      inlet: (at) => celsius(at < 3600_000 ? 30 : 2),
    });
    plant.setFanDuty(percent(80));
    plant.advance(minutes(50));
    const tight = neededVolts(PLANTS.s19kPro, 590, board(plant).meanChipTemperature) + 0.005;
    plant.setVoltage(millivolts(tight * 1000 * 11));
    expect(board(plant).hashRatio).toBeGreaterThan(0.99);
    plant.advance(minutes(120));
    expect(board(plant).hashRatio).toBeLessThan(0.92);
  });
});

describe("heat and fans", () => {
  it.each([
    ["S19k Pro", PLANTS.s19kPro, 565, 13_350],
    ["Bitaxe Supra", PLANTS.bitaxeSupra, 525, 1200],
  ] as const)("%s: a step of the tuner settles to within 1 K in 90 to 180 s", (_, spec, f, v) => {
    const plant = nominal(spec);
    plant.setFanDuty(percent(spec.stock.fanDuty));
    plant.advance(minutes(60));
    const start = board(plant).meanChipTemperature;
    plant.setFrequency(megahertz(f));
    plant.setVoltage(millivolts(v));
    const trace: number[] = [];
    for (let second = 1; second <= 3600; second += 1) {
      plant.advance(epochMs(3600_000 + second * 1000));
      trace.push(board(plant).meanChipTemperature);
    }
    const end = trace.at(-1) ?? 0;
    const settled = trace.findLastIndex((value) => Math.abs(value - end) >= 1) + 1;
    expect(Math.abs(end - start)).toBeGreaterThan(2);
    expect(settled).toBeGreaterThanOrEqual(90);
    expect(settled).toBeLessThanOrEqual(180);
  });

  it("warms the air as an S19 Pro in the field: about 16 K at full fans", () => {
    const plant = nominal(PLANTS.s19, { inlet: () => celsius(23.1) });
    plant.setFanDuty(percent(100));
    plant.advance(minutes(60));
    const rise = plant.truth.outlet - plant.truth.inlet;
    expect(rise).toBeGreaterThan(13);
    expect(rise).toBeLessThan(18);
  });

  it("holds the chips at the target with automatic fans, without swinging", () => {
    const plant = new Plant(PLANTS.s19kPro, {
      seed: 1,
      now: epochMs(0),
      spread: false,
      inlet: (at) => celsius(at < 600_000 ? 20 : 32),
    });
    plant.advance(minutes(10));
    const low = plant.truth.fans[0]?.duty ?? 0;
    plant.advance(minutes(70));
    const high = plant.truth.fans[0]?.duty ?? 0;
    expect(high).toBeGreaterThan(low + 10);
    for (let minute = 71; minute < 100; minute += 1) {
      plant.advance(minutes(minute));
      expect(board(plant).meanChipTemperature).toBeCloseTo(68, 0);
      expect(Math.abs((plant.truth.fans[0]?.duty ?? 0) - high)).toBeLessThan(1);
    }
  });

  it("has an optimum of the fan speed between the ends", () => {
    const wall = [20, 30, 40, 50, 60, 70, 80, 90, 100].map((duty) => {
      const plant = nominal(PLANTS.s19kPro);
      plant.setFanDuty(percent(duty));
      plant.setFrequency(megahertz(340));
      plant.setVoltage(millivolts(12_000));
      plant.advance(minutes(120));
      return Number(plant.truth.wallPower);
    });
    const best = wall.indexOf(Math.min(...wall));
    expect(best).toBeGreaterThan(0);
    expect(best).toBeLessThan(wall.length - 1);
    expect((wall.at(-1) ?? 0) / Math.min(...wall)).toBeGreaterThan(1.005);
  });

  it("pays for fans with the cube of their speed: 79 W for four at full speed", () => {
    const power = (duty: number) => {
      const plant = nominal(PLANTS.s19kPro);
      plant.setHashing(false);
      plant.setFanDuty(percent(duty));
      plant.advance(minutes(10));
      return plant.truth.psuOutput - 15;
    };
    expect(power(100)).toBeCloseTo(79.2, 1);
    expect(power(50)).toBeCloseTo(79.2 / 8, 1);
  });

  it("gives the same within 0.1 K in large steps and small ones", () => {
    const ends = [1, 60, 3600].map((seconds) => {
      const plant = nominal(PLANTS.s19kPro, { inlet: () => celsius(35) });
      for (let at = 0; at <= 7200; at += seconds) plant.advance(epochMs(at * 1000));
      return board(plant).meanChipTemperature;
    });
    for (const end of ends) expect(Math.abs(end - (ends[0] ?? 0))).toBeLessThan(0.1);
  });
});
