import { describe, expect, test } from "vitest";
import { generalPrior, priorWithout } from "../../../../agent/decide/model/prior.ts";
import { WattsModel } from "../../../../agent/decide/model/watts.ts";

const { watts: prior } = generalPrior({ watts: 3000 });

/** A machine with shares of its own: fixed, switching, leakage. */
const truth =
  ([fixed, switching, leakage]: readonly [number, number, number]) =>
  (v: number, x: number, warmer = 0): number =>
    fixed + switching * v * v * x + leakage * v * Math.exp(0.055 * warmer + 1.6 * (v - 1));

describe("the watts of a machine", () => {
  test.each([[[0.04, 0.84, 0.12]], [[0.08, 0.72, 0.2]], [[0.02, 0.92, 0.06]]] as const)(
    "shares %j are learnt from a handful of points and reach where none was",
    (shares) => {
      const draws = truth(shares);
      const points: [number, number][] = [
        [1, 1],
        [0.99, 1],
        [0.98, 1],
        [0.98, 0.92],
        [0.96, 0.92],
      ];
      const evidence = points.map(([v, x]) => ({
        v,
        x,
        warmer: 0,
        power: draws(v, x),
        deviation: 0.001,
      }));
      const model = WattsModel.from(prior, evidence);
      const seen = model.power(0.93, 0.85, 0);
      expect(Math.abs(seen.mean / draws(0.93, 0.85) - 1)).toBeLessThan(0.012);
      expect(seen.deviation).toBeLessThan(
        WattsModel.from(prior, []).power(0.93, 0.85, 0).deviation,
      );
    },
  );

  test("warmer chips draw more, by about 0.7 % a kelvin of leakage", () => {
    const model = WattsModel.from(prior, []);
    const rise = model.power(1, 1, 5).mean / model.power(1, 1, 0).mean - 1;
    expect(rise).toBeGreaterThan(0.02);
    expect(rise).toBeLessThan(0.07);
  });

  test("a prior without a chip holds nothing of that chip", () => {
    const all = generalPrior({ watts: 40 });
    const without = priorWithout("BM1370")({ watts: 40 });
    expect(without.watts.shares[0][0]).toBeCloseTo(0.137, 6);
    expect(all.watts.shares[0][0]).not.toBeCloseTo(0.137, 3);
    expect(without.cliff.steepness).toBe(6.9);
    expect(priorWithout("nothing known")({ watts: 3000 })).toEqual(generalPrior({ watts: 3000 }));
  });
});
