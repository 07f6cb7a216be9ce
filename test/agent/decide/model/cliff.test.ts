import { describe, expect, test } from "vitest";
import { Cliff, type RatioEvidence } from "../../../../agent/decide/model/cliff.ts";
import { expectedExcess } from "../../../../agent/decide/model/excess.ts";
import { generalPrior } from "../../../../agent/decide/model/prior.ts";

const { cliff: prior } = generalPrior({ watts: 3000 });
const EDGE = 0.97;

/** A machine with known figures; the law written out anew, integrated by hand over its chips. */
function delivered(v: number, x: number, warmer: number, v0: number, slope: number): number {
  const needed = v0 + slope * (x - 1) - 0.0009 * warmer;
  let lost = 0;
  const chips = 2001;
  for (let chip = 0; chip < chips; chip += 1) {
    const z = -4 + (8 * chip) / (chips - 1);
    const weight = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * (8 / (chips - 1));
    lost += weight * Math.max(0, needed + 0.018 * z - v);
  }
  return 1 - prior.steepness * lost;
}

const measured = (v: number, x: number, v0: number, slope = 0.21, warmer = 0): RatioEvidence => ({
  v,
  x,
  warmer,
  ratio: delivered(v, x, warmer, v0, slope),
  deviation: 0.003,
});

describe("the edge of a machine", () => {
  test("the expected excess of a normal variable is right where it is tabulated and beyond", () => {
    expect(expectedExcess(0)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 6);
    expect(expectedExcess(-8)).toBe(8);
    expect(expectedExcess(8)).toBe(0);
    expect(expectedExcess(1)).toBeCloseTo(0.0833155, 5);
  });

  test("without evidence the stock point is safe more often than not, and much lower is not", () => {
    const cliff = Cliff.from(prior, []);
    expect(cliff.ratio(1, 1, 0, EDGE).below).toBeLessThan(0.3);
    expect(cliff.ratio(0.9, 1, 0, EDGE).below).toBeGreaterThan(0.9);
  });

  test.each([0.95, 0.975, 1.0])("finds the critical voltage of a unit at %f of stock", (v0) => {
    const points = [1, 0.99, 0.98, 0.97].map((v) => measured(v, 1, v0));
    const cliff = Cliff.from(prior, points);
    const seen = cliff.ratio(0.965, 1, 0, EDGE);
    expect(Math.abs(seen.mean - delivered(0.965, 1, 0, v0, 0.21))).toBeLessThan(0.01);
    expect(Math.abs(cliff.describe().critical[0] - v0)).toBeLessThan(0.012);
  });

  test("more evidence makes it surer, never less", () => {
    const few = Cliff.from(prior, [measured(1, 1, 0.97)]);
    const more = Cliff.from(prior, [measured(1, 1, 0.97), measured(0.98, 1, 0.97)]);
    expect(more.describe().critical[1]).toBeLessThan(few.describe().critical[1]);
  });

  test("less voltage, more frequency and colder chips are each nearer to the edge", () => {
    const cliff = Cliff.from(prior, [measured(1, 1, 0.97)]);
    const here = cliff.ratio(0.98, 0.97, 0, EDGE).mean;
    expect(cliff.ratio(0.97, 0.97, 0, EDGE).mean).toBeLessThan(here);
    expect(cliff.ratio(0.98, 1, 0, EDGE).mean).toBeLessThan(here);
    expect(cliff.ratio(0.98, 0.97, -20, EDGE).mean).toBeLessThan(here);
  });

  test("one impossible measurement does not break what the others say", () => {
    const good = [1, 0.99, 0.98, 0.97].map((v) => measured(v, 1, 0.96));
    const wild: RatioEvidence = { v: 1, x: 1, warmer: 0, ratio: 0.2, deviation: 0.003 };
    const cliff = Cliff.from(prior, [...good, wild]);
    expect(cliff.ratio(0.98, 1, 0, EDGE).below).toBeLessThan(0.05);
  });
});
