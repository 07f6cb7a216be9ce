// Where a machine may go at once, because it has been somewhere harder: at least the frequency, with no
// more voltage than that frequency's. Every step into the unknown is a trial; moves within what is
// proven are not.

import type { Point } from "../state/action.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { EDGE } from "./model/reading.ts";

/** Of 1.2 V at a chip, 1.1 mV more are needed for each K colder. */
const VOLTAGE_PER_KELVIN = 0.0009;
/**
 * Relative volts that the edge falls by at least for a relative MHz less: the flattest of six machines
 * shows 0.155. What is left of it pays for chips that cool down with the power.
 */
export const LEAST_SLOPE = 0.1;
/** Readings below which a measured point proves nothing. */
const LEAST_SAMPLES = 3;
/** Relative; firmware rounds. */
const SAME = 0.0005;

/** A point that the machine bore. */
export interface Proof {
  readonly frequency: number;
  /** mV, with what cold chips need more. */
  readonly voltage: number;
}

/**
 * `chipNow`: Celsius. The machine as it was found is proof as well, and the ceiling; a crash at an easier
 * point takes a proof away.
 */
export function proofsOf(tuning: TuningState, chipNow: number | undefined): readonly Proof[] {
  const evidence = tuning.evidence ?? [];
  const crashes = evidence.filter((each) => each.crashed === true);
  const borne = evidence.filter(
    (each) => each.crashed !== true && each.samples >= LEAST_SAMPLES && (each.ratio ?? 1) >= EDGE,
  );
  return [
    ...borne.map((each) => proofAt(each.point, colder(each, chipNow))),
    proofAt(tuning.stock ?? {}, 0),
  ]
    .filter((proof) => proof !== undefined)
    .filter((proof) => !crashes.some((crash) => contradicts(crash, proof)));
}

const colder = ({ chipTemperature }: Measured, chipNow: number | undefined): number =>
  Math.max(0, (chipTemperature ?? 0) - (chipNow ?? chipTemperature ?? 0));

function proofAt({ frequency, voltage }: Point, kelvin: number): Proof | undefined {
  if (frequency === undefined || voltage === undefined) return undefined;
  return { frequency, voltage: voltage * (1 + VOLTAGE_PER_KELVIN * kelvin) };
}

/** The machine fell over although it was asked for less. */
function contradicts({ point }: Measured, proof: Proof): boolean {
  const { frequency, voltage } = point;
  if (frequency === undefined || voltage === undefined) return false;
  return frequency <= proof.frequency * (1 + SAME) && voltage >= proof.voltage * (1 - SAME);
}

/** True where neither frequency nor voltage is in the point: other levers are not over any edge. */
export function isProven(
  { frequency, voltage }: Point,
  proofs: readonly Proof[],
  stock: Point,
): boolean {
  if (frequency === undefined && voltage === undefined) return true;
  if (frequency === undefined || voltage === undefined) return false;
  if (frequency > (stock.frequency ?? 0) * (1 + SAME)) return false;
  if (voltage > (stock.voltage ?? 0) * (1 + SAME)) return false;
  return proofs.some((proof) => bears(proof, frequency, voltage));
}

function bears(proof: Proof, frequency: number, voltage: number): boolean {
  const slower = 1 - frequency / proof.frequency;
  if (slower < -SAME) return false;
  return voltage >= proof.voltage * (1 - LEAST_SLOPE * Math.max(0, slower) - SAME);
}
