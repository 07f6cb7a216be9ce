// Which knobs this firmware honours and lets be read back. Fans can be set but their setting is told
// nowhere; `setFreqVol` of the maker's own server changes nothing that is stored. So neither is offered.

import type { Choice, Controls, Effect } from "../contract/controls.ts";
import { present, toNumber, toText } from "../contract/decoding.ts";
import { milliseconds } from "../contract/units.ts";
import type { TuneForm, TuneStatus } from "./wire.ts";

const MINUTE = 60_000;
/** "Tuning takes about 30 minutes and the result will be saved and used again at reboot." */
const PROFILE: Effect = { settles: milliseconds(40 * MINUTE), restarts: true, persists: true };
const POOLS: Effect = { settles: milliseconds(10 * MINUTE), restarts: true, persists: true };
const RESTART: Effect = { settles: milliseconds(15 * MINUTE), restarts: true, persists: true };

export const POOL_SLOTS = 3;

/** The slider of the maker's page, from the least power to the most. */
const LEVELS = {
  efficient: [2, 3, 4],
  balanced: [0, 1, 2, 3, 4],
  factory: [0, 1, 2, 3, 4],
  performance: [0, 1, 2, 3],
} as const;
type Mode = keyof typeof LEVELS;
const MODES: readonly Mode[] = ["efficient", "balanced", "factory", "performance"];
/** Its page asks whether supply and cables bear the current before it sets one of these. */
const OVERCLOCK: Mode = "performance";

export interface ControlFacts {
  readonly modelKnown: boolean;
  readonly overclock: boolean;
  readonly tune: TuneStatus | undefined;
  readonly poolsRead: boolean;
}

/** Nothing for an unknown model, because nobody knows what it can bear. */
export function decodeControls(facts: ControlFacts): Controls {
  if (!facts.modelKnown) return {};
  const choices = decodeChoices(facts);
  return present({
    profile: choices.length === 0 ? undefined : { choices, effect: PROFILE },
    pools: facts.poolsRead ? { max: POOL_SLOTS, effect: POOLS } : undefined,
    restart: { effect: RESTART },
    reboot: { effect: RESTART },
  });
}

function decodeChoices({ tune, overclock }: ControlFacts): readonly Choice[] {
  // A machine in a mode of another list has other modes than these.
  if (tune === undefined || profileOf(tune) === undefined) return [];
  const modes = MODES.filter((mode) => overclock || mode !== OVERCLOCK);
  if (toNumber(tune.level) === undefined) return modes.map((name) => ({ name }));
  return modes.flatMap((mode) => LEVELS[mode].map((level) => ({ name: `${mode} ${level}` })));
}

/** `factory 2`; builds before the levels know the mode alone. Undefined for a word of no known list. */
export function profileOf(tune: TuneStatus): string | undefined {
  const mode = MODES.find((name) => name === toText(tune.mode));
  if (mode === undefined) return undefined;
  const level = toNumber(tune.level);
  if (level === undefined) return mode;
  return LEVELS[mode].some((known) => known === level) ? `${mode} ${level}` : undefined;
}

export function encodeProfile(name: string): TuneForm {
  const [autotune = name, level] = name.split(" ");
  return level === undefined ? { autotune } : { autotune, level };
}
