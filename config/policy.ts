// How far the agent may go: what it may change (tuning) and what stops it (safety). A device may
// override any key of both. The numbers are starting values; the reason stands in each description.

import * as z from "zod";
import { LEVERS } from "../drivers/contract/controls.ts";

export const tuningPolicy = z.strictObject({
  mode: z.enum(["observe", "suggest", "act"]).default("suggest").meta({
    description:
      "observe: only read and report. suggest: also say what it would change. act: change it. Protection from heat (safety) acts in every mode",
  }),
  objective: z.enum(["efficiency", "profit", "hashrate"]).default("efficiency").meta({
    description:
      "efficiency: least energy per hash above the hashrate floor. profit: most money a day by signals.hashpricePerThDay and signals.tariffPerKwh, off included; without both of them, efficiency. hashrate: most hashes under the caps",
  }),
  hashrateFloor: z.number().min(0.3).max(1).default(0.9).meta({
    description: "Least hashrate that tuning may leave, as a fraction of the baseline hashrate",
    unit: "1",
  }),
  fullSpeedDecibels: z.number().min(20).max(130).default(76).meta({
    description:
      "Noise with the fans at full speed where signals.noiseMaxDecibels is counted; it falls by 50 dB for a tenth of the speed",
    unit: "dB",
  }),
  levers: z
    .array(z.enum(LEVERS))
    .min(1)
    .max(LEVERS.length)
    .default(LEVERS.filter((lever) => lever !== "fan"))
    .meta({
      description:
        "Knobs that tuning may turn, the preferred one first; a machine has only some. fan is left out because nobody watches a fixed fan speed when the agent is gone",
    }),
  settleMinutes: z.number().min(0.05).max(240).default(5).meta({
    description:
      "Wait after a change before measuring: chips settle in 3 min, the displayed hashrate in 6 min",
    unit: "min",
  }),
  measureMinutes: z.number().min(0.05).max(1440).default(10).meta({
    description: "Length of one measurement; a 1 % loss at 120 TH/s shows in about 13 min",
    unit: "min",
  }),
  minGain: z.number().min(0).max(0.5).default(0.001).meta({
    description: "Least relative improvement for which a machine is moved",
    unit: "1",
  }),
  minutesBetweenChanges: z.number().min(0).max(1440).default(10).meta({
    description: "Least time between two changes of one machine",
    unit: "min",
  }),
  changesPerDay: z.int().min(0).max(1000).default(24).meta({
    description: "Most changes of one machine in 24 h",
    unit: "1/d",
  }),
  restartsPerDay: z.int().min(0).max(100).default(4).meta({
    description:
      "Most restarts of mining in 24 h that tuning may cause: power cycling wears boards",
    unit: "1/d",
  }),
  allowAboveStock: z.boolean().default(false).meta({
    description: "Allow frequency, voltage and power above the factory's values",
  }),
  equalise: z.enum(["off", "boards", "chips"]).default("off").meta({
    description:
      "Once the machine is tuned, frequency moves from boards, then from chips, that lose hashrate to those that lose none. Their mean is held and never above stock unless allowAboveStock; single ones may run up to 75 MHz above it. off is the default because firmware with a tuner of its own, such as LuxOS or VNish, already moves them, and two at one knob fight",
  }),
  trialMinutes: z.number().min(0.5).max(1440).default(120).meta({
    description: "A trial that is not confirmed within this time is taken back",
    unit: "min",
  }),
  retuneHours: z.number().min(1).max(8760).default(168).meta({
    description: "Time after which a tuned machine is tuned again, because machines drift",
    unit: "h",
  }),
});

export const safetyPolicy = z.strictObject({
  chipMaxCelsius: z.number().min(40).max(115).default(95).meta({
    description:
      "Hottest chip at which mining is stopped. Healthy Whatsminers run at 93 °C; 95 °C is what fleets call critical. The limit of the model applies where it is stricter",
    unit: "°C",
  }),
  chipSoftCelsius: z.number().min(30).max(110).default(90).meta({
    description: "Hottest chip at which power is stepped down; below chipMaxCelsius",
    unit: "°C",
  }),
  boardMaxCelsius: z.number().min(30).max(105).default(75).meta({
    description:
      "Hottest board sensor at which mining is stopped. LuxOS itself stops an S19 at 70 °C, an L9 stops at 80 °C",
    unit: "°C",
  }),
  inletMaxCelsius: z.number().min(10).max(70).default(45).meta({
    description: "Inlet air or coolant at which power is stepped down; an S21 stops at 47 °C",
    unit: "°C",
  }),
  hashRatioFloor: z.number().min(0.5).max(1).default(0.985).meta({
    description: "Delivered / expected hashrate below which the last step is taken back",
    unit: "1",
  }),
  hashRatioRevert: z.number().min(0.3).max(1).default(0.95).meta({
    description:
      "Delivered / expected hashrate below which the last known good point is restored at once; not above hashRatioFloor",
    unit: "1",
  }),
  powerMaxWatts: z.exactOptional(
    z
      .number()
      .min(1)
      .max(200_000)
      .meta({
        description:
          "Most that a machine may draw: its share of the breaker, or 90 % of what its supply is rated for. A machine that is found above it is lowered, in the mode act",
        unit: "W",
        examples: [3500],
      }),
  ),
  sensorFrozenMinutes: z.number().min(0.1).max(240).default(5).meta({
    description: "A temperature that has not moved for this long counts as missing",
    unit: "min",
  }),
  resumeBelowKelvin: z.number().min(0.5).max(40).default(5).meta({
    description: "Mining resumes when it is this much cooler than the limit",
    unit: "K",
  }),
  resumeAfterMinutes: z.number().min(0).max(1440).default(10).meta({
    description: "Least pause after a thermal stop",
    unit: "min",
  }),
  crashesPerDay: z.int().min(1).max(50).default(3).meta({
    description: "Crashes in 24 h after which the machine goes back to stock and tuning stops",
    unit: "1/d",
  }),
  freezeDays: z.number().min(0).max(365).default(7).meta({
    description: "How long tuning stays off after too many crashes",
    unit: "d",
  }),
  temperatureRiseMaxKelvinPerSecond: z.number().min(0.05).max(20).default(1).meta({
    description:
      "Rise of the chip temperature, after the start, above which mining is stopped: a fan or pump failed",
    unit: "K/s",
  }),
});

export type TuningPolicy = z.output<typeof tuningPolicy>;
export type SafetyPolicy = z.output<typeof safetyPolicy>;

type Bare<Field extends z.core.SomeType> =
  Field extends z.ZodDefault<infer Inner>
    ? Inner
    : Field extends z.ZodExactOptional<infer Inner>
      ? Inner
      : Field;

type OverrideShape<Shape extends z.ZodRawShape> = {
  [Key in keyof Shape]: z.ZodExactOptional<Bare<Shape[Key]>>;
};

/** The same keys, each optional and without default, so that an absent key leaves the policy's. */
function overrideOf<Shape extends z.ZodRawShape>(
  policy: z.ZodObject<Shape>,
): z.ZodObject<OverrideShape<Shape>, z.core.$strict> {
  const fields = Object.entries(policy.shape).map(([key, field]) => {
    const wrapped = field instanceof z.ZodDefault || field instanceof z.ZodExactOptional;
    const bare = wrapped ? field.unwrap() : field;
    return [key, z.exactOptional(wrapped ? withMeta(bare, field) : bare)];
  });
  // Object.fromEntries forgets which key has which type.
  return z.strictObject(Object.fromEntries(fields) as OverrideShape<Shape>);
}

function withMeta(bare: z.core.$ZodType, outer: z.ZodType): z.core.$ZodType {
  const meta = outer.meta();
  return meta !== undefined && bare instanceof z.ZodType ? bare.meta(meta) : bare;
}

export const tuningOverride = overrideOf(tuningPolicy);
export const safetyOverride = overrideOf(safetyPolicy);

export interface Policies {
  readonly tuning: TuningPolicy;
  readonly safety: SafetyPolicy;
}

/** The policies that hold for one device: its overrides over those of the configuration. */
export function policyFor(
  config: Policies,
  device: {
    readonly tuning?: z.output<typeof tuningOverride>;
    readonly safety?: z.output<typeof safetyOverride>;
  },
): Policies {
  return {
    // Most machines have no wishes of their own: a thousand of them share one object.
    tuning: device.tuning ? { ...config.tuning, ...device.tuning } : config.tuning,
    safety: device.safety ? { ...config.safety, ...device.safety } : config.safety,
  };
}
