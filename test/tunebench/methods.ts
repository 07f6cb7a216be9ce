// Every method of the bench, the product first.

import { agentMethod, levelAgentMethod } from "./agent-method.ts";
import type { Method } from "./method.ts";
import { capFollower } from "./methods/cap-follower.ts";
import { coordinateDescent } from "./methods/coordinate-descent.ts";
import { errorRatchet } from "./methods/error-ratchet.ts";
import { fixedPreset } from "./methods/fixed-preset.ts";
import { hillClimb } from "./methods/hill-climb.ts";
import { onOff } from "./methods/on-off.ts";
import { powerTarget } from "./methods/power-target.ts";
import { randomSearch } from "./methods/random-search.ts";
import { safeOpt } from "./methods/safe-opt.ts";
import { stock } from "./methods/stock.ts";
import { thermalSwitcher } from "./methods/thermal-switcher.ts";

export const METHODS: readonly Method[] = [
  agentMethod,
  levelAgentMethod,
  stock,
  fixedPreset(0.1),
  fixedPreset(0.25),
  hillClimb,
  errorRatchet,
  powerTarget,
  thermalSwitcher,
  coordinateDescent,
  randomSearch,
  safeOpt,
  capFollower,
  onOff,
];
