// The best point that perfect knowledge would choose, under the same caps as every method.

import type { Unit } from "../sim/plant-unit.ts";
import type { MachineClass } from "./class.ts";
import { equalGains, equalMargins } from "./equalised.ts";
import { type Aged, NEW, type SetPoint, type Steady, steadyState } from "./steady.ts";

export interface Caps {
  /** Least share of the stock hashrate. */
  readonly hashrateFloor: number;
  /** Least delivered / ideal hashrate. */
  readonly ratioFloor: number;
  /** Celsius. */
  readonly chip: number;
  readonly board: number;
  /** W at the wall. */
  readonly power?: number;
}

export interface Placed extends Steady {
  readonly point: SetPoint;
}

export interface Best extends Placed {
  /** False: no point that the machine offers keeps the caps, and this is stock. */
  readonly allowed: boolean;
}

/** Least J per hash at the wall; the stock point when no other is better and allowed. */
export function oracleBest(
  kind: MachineClass,
  unit: Unit,
  inlet: number,
  caps: Caps,
  stockRate: number,
  aged: Aged = NEW,
): Best {
  const stock: SetPoint = kind.spec.stock;
  const least = caps.hashrateFloor * stockRate;
  const state = (point: SetPoint): Placed => ({
    ...steadyState(kind.spec, unit, point, inlet, aged),
    point,
  });
  const rough = roughOffsets(kind, unit);
  const allowed = (at: Steady): boolean =>
    at.rate >= least &&
    at.ratio >= caps.ratioFloor &&
    at.chip <= caps.chip &&
    at.board <= caps.board &&
    (caps.power === undefined || at.power <= caps.power);
  let best = state(stock);
  let found = allowed(best);
  const weigh = (candidate: Placed): void => {
    if (!allowed(candidate)) return;
    if (found && candidate.power / candidate.rate >= best.power / best.rate) return;
    best = candidate;
    found = true;
  };
  const roughly = (point: SetPoint) => state({ ...point, ...rough });
  for (const candidate of candidates(kind, roughly, caps)) weigh(candidate);
  for (const point of near(kind, best.point)) weigh(state(exact(kind, unit, state(point))));
  return { ...best, allowed: found };
}

/** Good enough to find the place of the optimum. */
export function roughOffsets(
  { interface: face }: MachineClass,
  unit: Unit,
): Pick<SetPoint, "offsets"> {
  return face.kind === "per-chip" ? { offsets: equalMargins(unit, face.offsetMax) } : {};
}

/** The points around the one found with rough offsets, where exact ones may move the optimum. */
function* near(
  { interface: face, spec: { stock } }: MachineClass,
  at: SetPoint,
): Generator<SetPoint> {
  if (face.kind !== "per-chip") return;
  for (const frequencySteps of [0, -1, 1]) {
    for (const voltageSteps of [0, -1, 1]) {
      const frequency = at.frequency + frequencySteps * face.frequencyStep;
      const voltage = at.voltage + voltageSteps * face.voltageStep;
      if (frequency <= stock.frequency && voltage <= stock.voltage) {
        yield { ...at, frequency, voltage };
      }
    }
  }
}

function exact({ interface: face, spec }: MachineClass, unit: Unit, at: Placed): SetPoint {
  if (face.kind !== "per-chip") return at.point;
  const { frequency } = at.point;
  const offsets = equalGains(spec, unit.slope, frequency, at.margins(), face.offsetMax);
  return { ...at.point, offsets };
}

/** What the machine offers, of each frequency only the voltages that can be best. */
export function* candidates(
  kind: MachineClass,
  state: (point: SetPoint) => Placed,
  caps: Pick<Caps, "ratioFloor">,
): Generator<Placed> {
  const { interface: face, spec } = kind;
  const frequency: number = spec.stock.frequency;
  const voltage: number = spec.stock.voltage;
  if (face.kind === "presets") {
    for (const preset of face.presets) yield state(preset);
    return;
  }
  if (face.kind === "power-limit") {
    for (let mhz = frequency; mhz >= frequency * 0.5; mhz -= 2) {
      yield state({ frequency: mhz, voltage: voltage + face.slope * (mhz - frequency) });
    }
    return;
  }
  for (let mhz: number = frequency; mhz >= frequency * 0.5; mhz -= face.frequencyStep) {
    yield* voltagesAt(mhz, face.voltageStep, voltage, state, caps);
  }
}

/** Around the lowest voltage that the ratio floor allows: below it nothing is allowed, above it costs. */
function* voltagesAt(
  frequency: number,
  step: number,
  stock: number,
  state: (point: SetPoint) => Placed,
  caps: Pick<Caps, "ratioFloor">,
): Generator<Placed> {
  let low = Math.floor((stock * 0.75) / step);
  let high = Math.floor(stock / step);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (state({ frequency, voltage: middle * step }).ratio >= caps.ratioFloor) high = middle;
    else low = middle;
  }
  const first = high * step;
  for (let up = 0; up < 12 && first + up * step <= stock; up += up < 4 ? 1 : 4) {
    yield state({ frequency, voltage: first + up * step });
  }
}
