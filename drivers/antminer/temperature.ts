// The sensors of a board. Which of them sits where differs between air and water machines.

import { toNumber } from "../contract/decoding.ts";
import type { Reading } from "../contract/telemetry.ts";
import { type Celsius, celsius, type EpochMs } from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import type { Sensors } from "./wire.ts";

/**
 * `"73-45-64-65"` or `[73, 45, 64, 65]`, position by position. A dash after a digit separates, any other
 * is a sign: `"-1--1-40-41"` is -1, -1, 40, 41. `m` is no sensor.
 */
export function parseSensors(raw: Sensors | unknown): readonly (number | undefined)[] {
  if (Array.isArray(raw)) return raw.map(believable);
  if (typeof raw !== "string") return [];
  return Array.from(raw.trim().matchAll(/(-?\d+(?:\.\d+)?|[a-z]+)-?/gi), (match) =>
    believable(match[1]),
  );
}

/** 0 and less is a sensor that is missing or broken (-83 was seen), not a cold chip. */
function believable(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}

export interface BoardSensors {
  /** Hottest by the firmware's own count. */
  readonly chipMax?: unknown;
  readonly boardMax?: unknown;
  readonly chip: Sensors | unknown;
  readonly pcb: Sensors | unknown;
  readonly pic: Sensors | unknown;
}

export interface BoardTemperatures {
  readonly chipTemperature: Reading<Celsius> | undefined;
  readonly boardTemperature: Reading<Celsius> | undefined;
  readonly inletTemperature: Reading<Celsius> | undefined;
  readonly outletTemperature: Reading<Celsius> | undefined;
}

type Values = readonly (number | undefined)[];
interface Places {
  readonly chip: Values;
  readonly board: Values;
  readonly inlet?: Values;
  readonly outlet?: Values;
}

/** Above this no chip computes: a broken sensor. */
const HIGHEST = 150;

export function boardTemperatures(
  sensors: BoardSensors,
  model: AntminerModel | undefined,
  source: string,
  at: EpochMs,
): BoardTemperatures {
  const places = placesOf(sensors, model?.name ?? "");
  const reading = (values: Values = []): Reading<Celsius> | undefined => {
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) return undefined;
    const sane = known.filter((value) => value <= HIGHEST);
    const value = celsius(Math.max(...(sane.length === 0 ? known : sane)));
    return { value, at, source, quality: sane.length === 0 ? "implausible" : "ok" };
  };
  const [inlet, outlet] = [reading(places.inlet), reading(places.outlet)];
  // Water gets no colder on its way: an S21 XP Hyd gave 53 and 47 there, which are other sensors.
  const water = inlet === undefined || outlet === undefined || inlet.value <= outlet.value;
  return {
    chipTemperature: reading([believable(sensors.chipMax), ...places.chip]),
    boardTemperature: reading(places.board),
    inletTemperature: water ? inlet : undefined,
    outletTemperature: water ? outlet : undefined,
  };
}

function placesOf(sensors: BoardSensors, model: string): Places {
  const chip = parseSensors(sensors.chip);
  const pcb = parseSensors(sensors.pcb);
  const pic = parseSensors(sensors.pic);
  const boardMax = believable(sensors.boardMax);
  if (!model.includes("Hyd")) return { chip, board: [boardMax, ...pcb] };
  if (model === "S21+ Hyd") {
    return {
      chip: [...chip, pic[0]],
      board: [pcb[1], pcb[3], ...pic.slice(1)],
      inlet: [pcb[0]],
      outlet: [pcb[2]],
    };
  }
  const water: Pick<Places, "inlet" | "outlet"> =
    model === "S19 XP Hyd"
      ? { inlet: pic.slice(2, 4), outlet: pic.slice(0, 2) }
      : { inlet: [pic[2]], outlet: [pic[1]] };
  return { chip, board: [boardMax, ...pcb], ...water };
}
