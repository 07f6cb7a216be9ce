import { describe, expect, it } from "vitest";
import { celsius, epochMs, megahertz, millivolts, percent } from "../../drivers/contract/units.ts";
import { PLANTS, Plant, type PlantOptions, type PlantSpec } from "./plant.ts";

const minutes = (count: number) => epochMs(count * 60_000);

function nominal(spec: PlantSpec, more: Partial<PlantOptions> = {}): Plant {
  return new Plant(spec, { seed: 1, now: epochMs(0), spread: false, ...more });
}

const board = (plant: Plant, index = 0) => {
  const found = plant.truth.boards[index];
  if (found === undefined) throw new Error(`no board ${index}`);
  return found;
};

/** Lowest chip voltage, in V, at which 98 % is delivered. */
function neededVolts(spec: PlantSpec, frequency: number, temperature: number): number {
  const plant = nominal(spec, { chipTemperature: celsius(temperature) });
  plant.setFrequency(megahertz(frequency));
  let low = 0.5;
  let high = 2;
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    plant.setVoltage(millivolts(middle * 1000 * spec.domains));
    if (board(plant).hashRatio < 0.98) low = middle;
    else high = middle;
  }
  return high;
}

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

describe("wear", () => {
  it("dust and a dead fan warm the chips, an ageing supply draws more", () => {
    const settled = (change: (plant: Plant) => void) => {
      const plant = nominal(PLANTS.s19kPro);
      plant.setFanDuty(percent(80));
      change(plant);
      plant.advance(minutes(60));
      return { chip: board(plant).meanChipTemperature, wall: plant.truth.wallPower, plant };
    };
    const clean = settled(() => undefined);
    const dusty = settled((plant) => {
      plant.wear.resistance = 1.15;
    });
    const stuck = settled((plant) => {
      plant.wear.fans[2] = 0;
    });
    const supply = settled((plant) => {
      plant.wear.supply = 0.97;
    });
    expect(dusty.chip).toBeGreaterThan(clean.chip + 4);
    expect(stuck.chip).toBeGreaterThan(clean.chip + 4);
    expect(stuck.plant.truth.fans[2]?.rpm).toBeLessThan(1);
    expect(supply.wall / clean.wall).toBeCloseTo(1 / 0.97, 3);
  });

  it("dead chips and drift take hashrate from one board alone", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.setChips(1, 70);
    plant.setDrift(millivolts(60), 2);
    expect(board(plant, 0).hashRatio).toBeCloseTo(1, 3);
    expect(board(plant, 1).hashRatio).toBeCloseTo(70 / 77, 3);
    expect(board(plant, 1).chips).toBe(70);
    expect(board(plant, 2).hashRatio).toBeCloseTo(1 - 5.7 * 0.0325, 2);
    expect(plant.chipRatios(1).filter((ratio) => ratio === 0)).toHaveLength(7);
  });
});

describe("counting", () => {
  it("counts the true hashrate with the noise of nonces at difficulty 256", () => {
    const plant = nominal(PLANTS.s19kPro);
    const expected = board(plant).hashrate * 60;
    const errors: number[] = [];
    let before = 0;
    for (let minute = 1; minute <= 400; minute += 1) {
      plant.advance(minutes(minute));
      errors.push((plant.counted(0) - before) / expected - 1);
      before = plant.counted(0);
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    const theory = 1 / Math.sqrt(expected / (256 * 2 ** 32));
    expect(theory).toBeCloseTo(0.0212, 3);
    expect(Math.abs(mean)).toBeLessThan((4 * theory) / Math.sqrt(400));
    expect(deviation / theory).toBeGreaterThan(0.88);
    expect(deviation / theory).toBeLessThan(1.12);
  });

  it("counts whole nonces and their errors", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.advance(minutes(120));
    expect((plant.counted(0) / (256 * 2 ** 32)) % 1).toBe(0);
    const share = plant.errors(0) / (plant.counted(0) / (256 * 2 ** 32));
    expect(share).toBeGreaterThan(0.0007);
    expect(share).toBeLessThan(0.0013);
  });
});

describe("units", () => {
  const units = (spec: PlantSpec, length = 200) =>
    Array.from({ length }, (_, seed) => new Plant(spec, { seed, now: epochMs(0) }));
  const spread = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(square / values.length) };
  };

  it("are the same for the same seed and the same calls, and differ for another seed", () => {
    const run = (seed: number) => {
      const plant = new Plant(PLANTS.m50s, { seed, now: epochMs(0) });
      for (const second of [1, 3.5, 60, 61, 5000]) plant.advance(epochMs(second * 1000));
      return [plant.truth, plant.counted(0), plant.counted(2), plant.errors(1)];
    };
    expect(run(42)).toEqual(run(42));
    expect(run(43)).not.toEqual(run(42));
  });

  it("differ in power at equal voltage, frequency and temperature by 7 %", () => {
    const { mean, deviation } = spread(
      units(PLANTS.s19kPro).map((plant) => Number(board(plant).power)),
    );
    const nominalPower: number = board(nominal(PLANTS.s19kPro)).power;
    expect(mean / nominalPower).toBeCloseTo(1, 1);
    expect(deviation / mean).toBeGreaterThan(0.055);
    expect(deviation / mean).toBeLessThan(0.085);
  });

  it("differ in Vc between boards by 20 mV, a few of them by 70 mV more", () => {
    // Mean Vc above nominal, from the ratio far below the cliff where it falls in a straight line.
    const offsets = units(PLANTS.bitaxeGt, 1000).map((plant) => {
      plant.setFrequency(megahertz(525));
      plant.setVoltage(millivolts(1040));
      const loss = (ratio: number) => (1 - ratio) / 5.62884;
      const reference = nominal(PLANTS.bitaxeGt);
      reference.setVoltage(millivolts(1040));
      return loss(board(plant).hashRatio) - loss(board(reference).hashRatio);
    });
    const usual = offsets.filter((offset) => Math.abs(offset) < 0.06);
    // 20 mV of the board and, of its mean of two chips, 15 / sqrt 2; the slope's part comes on top.
    expect(spread(usual).deviation).toBeGreaterThan(0.019);
    expect(spread(usual).deviation).toBeLessThan(0.03);
    // The usual spread alone would put one in a thousand there.
    const outliers = offsets.filter((offset) => offset > 0.08).length;
    expect(outliers).toBeGreaterThanOrEqual(5);
    expect(outliers).toBeLessThanOrEqual(25);
  });

  it("mostly hash well at stock, as a factory would let them go", () => {
    const ratios = units(PLANTS.s19kPro).map((plant) => {
      const { boards } = plant.truth;
      return boards.reduce((sum, it) => sum + it.hashRatio, 0) / boards.length;
    });
    const { mean } = spread(ratios);
    expect(mean).toBeGreaterThan(0.975);
    expect(ratios.filter((ratio) => ratio > 0.97).length).toBeGreaterThan(170);
    expect(Math.min(...ratios)).toBeGreaterThan(0.85);
  });

  it("have chips that differ by 15 mV and 3.7 K", () => {
    const plant = new Plant(PLANTS.m50s, { seed: 5, now: epochMs(0) });
    plant.setVoltage(millivolts(11_000));
    const offsets = plant.chipRatios(0).map((ratio) => (1 - ratio) / 5.7);
    const theory = Math.hypot(0.015, 0.00111 * 3.7);
    expect(spread(offsets).deviation / theory).toBeGreaterThan(0.8);
    expect(spread(offsets).deviation / theory).toBeLessThan(1.2);
    expect(board(plant).chipTemperature - board(plant).meanChipTemperature).toBeGreaterThan(5);
    expect(board(plant).chipTemperature - board(plant).meanChipTemperature).toBeLessThan(16);
  });
});

describe("use", () => {
  it("sets one board or all of them", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.setFrequency(megahertz(500), 1);
    plant.setVoltage(millivolts(13_000));
    expect(plant.truth.boards.map((it) => it.frequency)).toEqual([590, 500, 590]);
    for (const it of plant.truth.boards) expect(it.voltage).toBeCloseTo(13_000, 6);
  });

  it.each([
    ["frequency: 0 is not a positive number", (plant: Plant) => plant.setFrequency(megahertz(0))],
    ["voltage: NaN is not a", (plant: Plant) => plant.setVoltage(millivolts(Number.NaN))],
    ["fan duty: 101 is not within 0 to 100 %", (plant: Plant) => plant.setFanDuty(percent(101))],
    ["board: 3 is not within 0 to 2", (plant: Plant) => plant.setFrequency(megahertz(500), 3)],
    ["board: -1 is not within 0 to 2", (plant: Plant) => plant.counted(-1)],
  ])("refuses %s", (message, act) => {
    expect(() => act(nominal(PLANTS.s19kPro))).toThrow(message);
  });

  it("costs less than 5 % of a core for three machines at 120 times real time", () => {
    const plants = [1, 2, 3].map((seed) => new Plant(PLANTS.s19kPro, { seed, now: epochMs(0) }));
    const before = process.cpuUsage();
    for (let second = 12; second <= 7200; second += 12) {
      for (const plant of plants) {
        plant.advance(epochMs(second * 1000));
        expect(plant.truth.hashing).toBe(true);
      }
    }
    const { user, system } = process.cpuUsage(before);
    const realSeconds = 7200 / 120;
    expect((user + system) / 1e6 / realSeconds).toBeLessThan(0.05);
  });

  it("does nothing when its time does not advance", () => {
    const plant = nominal(PLANTS.s19kPro);
    plant.advance(minutes(10));
    const before = [plant.truth, plant.counted(0)];
    plant.advance(minutes(10));
    plant.advance(minutes(5));
    expect([plant.truth, plant.counted(0)]).toEqual(before);
  });
});
