// The work modes of a machine: what they are called, what they are tuned to, which one runs.

import type { Choice } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import { megahertz, millivolts, watts } from "../contract/units.ts";
import type { Who } from "./decode-identity.ts";
import { figureOf } from "./module-text.ts";
import { type Module, tunedKey } from "./wire.ts";

/** From the A10 manual; 2 is there on A13 and A15 without a name. */
const NAMES = ["normal", "high performance"];
/** The largest that any source names. */
const MOST_MODES = 3;
/** From A13 on the level is in 10 mV (1180, 1272, 1303); before it counts unknown units (46, 55). */
const LEAST_CENTIVOLTS = 1000;

/** By number. Empty when the machine does not tell which it has. */
export function modesOf(module: Module, { model, generation }: Who): Choice[] {
  const names = generation === 3 ? model?.modes : modeNames(module);
  if (names === undefined || current(module) === undefined) return [];
  const tuned = figureOf(module.CALIALL);
  const power = figureOf(module.MPO);
  return names.map((name, mode) =>
    present({
      name,
      ...labelsOf(module[tunedKey(mode)]),
      // Of the present mode alone.
      power:
        mode === current(module) && power !== undefined && power > 0 ? watts(power) : undefined,
      tuned: tuned === undefined ? undefined : ((tuned >> mode) & 1) === 1,
    }),
  );
}

export function currentMode(module: Module, who: Who): string | undefined {
  const mode = current(module);
  return mode === undefined ? undefined : modesOf(module, who)[mode]?.name;
}

const current = (module: Module): number | undefined => figureOf(module.WORKMODE);

/** As many as have a tuned command line; 0 and 1 where none is told, as on A10. */
function modeNames(module: Module): string[] {
  let count = 0;
  while (count < MOST_MODES && (module[tunedKey(count)] ?? "") !== "") count += 1;
  const least = Math.max(count, NAMES.length);
  return Array.from({ length: least }, (_, mode) => NAMES[mode] ?? `mode ${mode}`);
}

/** `--avalon10-freq 472:492:512:532 --avalon10-voltage-level 55`: mean of the steps. */
function labelsOf(options: unknown): Pick<Choice, "frequency" | "voltage"> {
  if (typeof options !== "string") return {};
  const steps = /-freq\s+([\d:]+)/.exec(options)?.[1]?.split(":").map(Number) ?? [];
  const level = Number(/-voltage-level\s+(\d{1,5})\b/.exec(options)?.[1] ?? 0);
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return {
    ...(Number.isFinite(mean) && mean > 0 ? { frequency: megahertz(mean) } : {}),
    ...(level >= LEAST_CENTIVOLTS ? { voltage: millivolts(level * 10) } : {}),
  };
}
