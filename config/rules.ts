// What spans several keys. Reads the plain value, so that it finds its errors even while other parts
// of the file are wrong; whatever has the wrong shape here is the schema's to report.

import { outlineAt } from "./outline.ts";
import { childOf, type Path } from "./plain.ts";
import {
  type Policies,
  policyFor,
  type SafetyPolicy,
  safetyOverride,
  safetyPolicy,
  type TuningPolicy,
  tuningOverride,
  tuningPolicy,
} from "./policy.ts";

export interface RuleProblem {
  readonly path: Path;
  readonly expected: string;
  readonly message: string;
}

export function checkRules(value: unknown): RuleProblem[] {
  const global = globalPolicies(value);
  const problems = [
    ...ordered(value, ["polling"], "intervalSeconds", "maxIntervalSeconds", [10, 300]),
    ...ordered(value, ["mqtt"], "reconnectMinSeconds", "reconnectMaxSeconds", [1, 60]),
    ...clientCertificate(value),
    ...repeated(childOf(childOf(value, "tuning"), "levers"), ["tuning", "levers"]),
    ...policyRules(global, [], () => true),
  ];
  const devices = childOf(value, "devices");
  if (!Array.isArray(devices)) return problems;
  problems.push(...uniqueIds(devices), ...uniqueAddresses(devices));
  for (const [index, device] of devices.entries()) {
    const path = ["devices", index];
    problems.push(...deviceRules(global, device, path));
    const levers = childOf(childOf(device, "tuning"), "levers");
    problems.push(...repeated(levers, [...path, "tuning", "levers"]));
  }
  return problems;
}

function globalPolicies(value: unknown): Partial<Policies> {
  const tuning = tuningPolicy.safeParse(childOf(value, "tuning") ?? {});
  const safety = safetyPolicy.safeParse(childOf(value, "safety") ?? {});
  return {
    ...(tuning.success ? { tuning: tuning.data } : {}),
    ...(safety.success ? { safety: safety.data } : {}),
  };
}

function deviceRules(global: Partial<Policies>, device: unknown, path: Path): RuleProblem[] {
  const tuning = tuningOverride.safeParse(childOf(device, "tuning"));
  const safety = safetyOverride.safeParse(childOf(device, "safety"));
  const own: Partial<Policies> = {
    ...(global.tuning && tuning.success
      ? { tuning: policyFor({ ...EMPTY, tuning: global.tuning }, { tuning: tuning.data }).tuning }
      : {}),
    ...(global.safety && safety.success
      ? { safety: policyFor({ ...EMPTY, safety: global.safety }, { safety: safety.data }).safety }
      : {}),
  };
  // A device inherits the errors of the whole file; only those that it takes part in are its own.
  const overrides = (section: string, key: string) =>
    childOf(childOf(device, section), key) !== undefined;
  return policyRules(own, path, overrides);
}

const EMPTY: Policies = { tuning: tuningPolicy.parse({}), safety: safetyPolicy.parse({}) };

interface PolicyRule {
  readonly section: "tuning" | "safety";
  /** The one that the error is about comes first. */
  readonly keys: readonly [string, ...string[]];
  readonly holds: boolean;
  /** `below chipMaxCelsius (95)`. */
  readonly demand: string;
}

function policyRules(
  { tuning, safety }: Partial<Policies>,
  path: Path,
  concerns: (section: string, key: string) => boolean,
): RuleProblem[] {
  const rules = [
    ...(safety === undefined ? [] : safetyRules(safety)),
    ...(tuning === undefined ? [] : tuningRules(tuning)),
  ];
  return rules
    .filter(({ holds, section, keys }) => !holds && keys.some((key) => concerns(section, key)))
    .map(({ section, keys, demand }) => ({
      path: [...path, section, keys[0]],
      expected: demand,
      message: `must be ${demand}`,
    }));
}

function safetyRules(safety: SafetyPolicy): PolicyRule[] {
  const { chipSoftCelsius, chipMaxCelsius, hashRatioRevert, hashRatioFloor } = safety;
  return [
    {
      section: "safety",
      keys: ["chipSoftCelsius", "chipMaxCelsius"],
      holds: chipSoftCelsius < chipMaxCelsius,
      demand: `below chipMaxCelsius (${chipMaxCelsius})`,
    },
    {
      section: "safety",
      keys: ["hashRatioRevert", "hashRatioFloor"],
      holds: hashRatioRevert <= hashRatioFloor,
      demand: `at most hashRatioFloor (${hashRatioFloor})`,
    },
  ];
}

function tuningRules({ settleMinutes, measureMinutes, trialMinutes }: TuningPolicy): PolicyRule[] {
  const turn = settleMinutes + measureMinutes;
  return [
    {
      section: "tuning",
      keys: ["trialMinutes", "settleMinutes", "measureMinutes"],
      holds: trialMinutes >= turn,
      demand: `at least settleMinutes + measureMinutes (${turn})`,
    },
  ];
}

function ordered(
  value: unknown,
  section: Path,
  low: string,
  high: string,
  [lowDefault, highDefault]: readonly [number, number],
): RuleProblem[] {
  const part = childOf(value, section[0] ?? "");
  const least = childOf(part, low) ?? lowDefault;
  const most = childOf(part, high) ?? highDefault;
  // What is no finite number is the schema's to report.
  if (!Number.isFinite(least) || !Number.isFinite(most) || Number(least) <= Number(most)) return [];
  // Point at a key that is written in the file.
  const key = childOf(part, high) === undefined ? low : high;
  const rule = key === high ? `at least ${low} (${least})` : `at most ${high} (${most})`;
  return [{ path: [...section, key], expected: rule, message: `must be ${rule}` }];
}

function clientCertificate(value: unknown): RuleProblem[] {
  const mqtt = childOf(value, "mqtt");
  const hasCertificate = childOf(mqtt, "certFile") !== undefined;
  const hasKey = childOf(mqtt, "keyFile") !== undefined;
  if (hasCertificate === hasKey) return [];
  const [present, missing] = hasCertificate ? ["certFile", "keyFile"] : ["keyFile", "certFile"];
  const message = `needs ${missing}`;
  return [{ path: ["mqtt", present], expected: "certFile and keyFile, or neither", message }];
}

function repeated(list: unknown, path: Path): RuleProblem[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) =>
    list.indexOf(item) === index
      ? []
      : [{ path: [...path, index], expected: "each lever once", message: "is named twice" }],
  );
}

// Sparkplug: names that differ only in case SHOULD NOT be used; file systems may not tell them apart.
function uniqueIds(devices: readonly unknown[]): RuleProblem[] {
  return twice(devices, (device) => {
    const id = childOf(device, "id");
    return typeof id === "string" ? id.toLowerCase() : undefined;
  }).map(({ index, before }) => ({
    path: ["devices", index, "id"],
    expected: "an id of its own, whatever the case of its letters",
    message: `is also the id of devices[${before}]`,
  }));
}

// Real daemons serve one conversation at a time: two entries for one machine would block each other.
function uniqueAddresses(devices: readonly unknown[]): RuleProblem[] {
  return twice(devices, (device) => {
    const host = childOf(device, "host");
    if (typeof host !== "string" || childOf(device, "enabled") === false) return undefined;
    const ports = ["port", "httpPort"].map((key) => childOf(device, key) ?? defaultOf(device, key));
    return JSON.stringify([host.toLowerCase(), ...ports]);
  }).map(({ index, before }) => ({
    path: ["devices", index, "host"],
    expected: "one entry for each machine, or enabled: false for all but one",
    message: `is also the host of devices[${before}], with the same ports`,
  }));
}

/** Of a device's key; drivers differ. */
const defaultOf = (device: unknown, key: string): unknown =>
  outlineAt(["devices", 0, key], { devices: [device] })?.default;

function twice(
  devices: readonly unknown[],
  keyOf: (device: unknown) => string | undefined,
): { index: number; before: number }[] {
  const seen = new Map<string, number>();
  const found: { index: number; before: number }[] = [];
  for (const [index, device] of devices.entries()) {
    const key = keyOf(device);
    if (key === undefined) continue;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, index);
    else found.push({ index, before });
  }
  return found;
}
