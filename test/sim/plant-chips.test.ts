import { expect, test } from "vitest";
import { type EpochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { PLANTS, Plant, type PlantOptions } from "./plant.ts";

const SEED = 31;
const start = (options: Partial<PlantOptions> = {}): Plant =>
  new Plant(PLANTS.s19kPro, { seed: SEED, now: 0 as EpochMs, step: 10, ...options });

test("an equal frequency set chip by chip is the same machine as before", () => {
  const [plain, chipwise] = [start(), start()];
  for (const board of [0, 1, 2]) {
    chipwise.setChipOffsets(
      board,
      Array.from({ length: 77 }, () => 0),
    );
  }
  for (const plant of [plain, chipwise]) {
    plant.setVoltage(millivolts(12_900));
    plant.advance(3_600_000 as EpochMs);
  }
  const [a, b] = [plain.truth, chipwise.truth];
  expect(b.hashrate / a.hashrate).toBeCloseTo(1, 9);
  expect(b.wallPower / a.wallPower).toBeCloseTo(1, 9);
  expect(chipwise.counted(1)).toBe(plain.counted(1));
});

test("chips that trade frequency by their own need deliver more at the same power", () => {
  const plant = start();
  plant.setVoltage(millivolts(12_900));
  plant.advance(3_600_000 as EpochMs);
  const before = plant.truth;
  for (const board of [0, 1, 2]) {
    const ratios = plant.chipRatios(board);
    const mean = ratios.reduce((sum, each) => sum + each, 0) / ratios.length;
    plant.setChipOffsets(
      board,
      ratios.map((each) => 200 * (each - mean)),
    );
  }
  const after = plant.truth;
  expect(after.boards[0]?.frequency).toBeCloseTo(before.boards[0]?.frequency ?? 0, 6);
  expect(after.wallPower / before.wallPower).toBeCloseTo(1, 4);
  expect(after.hashrate / before.hashrate).toBeGreaterThan(1.002);
});

test("a slower chip leaves the edge by the slope of the cliff and delivers by its own frequency", () => {
  const plant = start({ spread: false });
  plant.setVoltage(millivolts(11_500));
  const low = plant.chipRatios(0)[5] ?? 0;
  plant.setChipOffsets(0, [50, -50, ...Array.from({ length: 75 }, () => 0)]);
  const ratios = plant.chipRatios(0);
  expect(ratios[5]).toBeCloseTo(low, 9);
  expect(ratios[0]).toBeLessThan(low - 0.05);
  expect(ratios[1]).toBeGreaterThan(low + 0.05);
});

test(`each chip counts with the noise of its nonces, seed ${SEED}`, () => {
  const plant = start({ spread: false });
  plant.countedChips(0);
  const minutes = 24 * 60;
  for (let minute = 1; minute <= minutes; minute += 1) {
    plant.advance((minute * 60_000) as EpochMs);
    plant.countedChips(0);
  }
  const counted = plant.countedChips(0);
  const mean = counted.reduce((sum, each) => sum + each, 0) / counted.length;
  const deviation = Math.sqrt(
    counted.reduce((sum, each) => sum + (each / mean - 1) ** 2, 0) / (counted.length - 1),
  );
  const nonces = mean / (plant.spec.difficulty * 2 ** 32);
  expect(deviation * Math.sqrt(nonces)).toBeGreaterThan(0.8);
  expect(deviation * Math.sqrt(nonces)).toBeLessThan(1.2);
  expect(mean / (plant.truth.boards[0]?.hashrate ?? 1) / 86_400).toBeCloseTo(77 ** -1, 3);
});

test("offsets that are not one number a chip are refused", () => {
  expect(() => start().setChipOffsets(0, [1, 2])).toThrow("chip offsets: 2 values, expected 77");
  expect(() => start().setFrequency(megahertz(500), 7)).toThrow("board: 7");
});
