// What PowerPlay says and takes over HTTP on TCP 4028. Shapes follow a captured S19 XP on PowerPlay-BMS
// 1.5.13 and the vendor's OpenAPI documents of 1.22.5 to 1.38.3. A field that is missing or odd is
// undefined and costs nothing else. Hashrates are MH/s, voltages V where not said otherwise.

import * as z from "zod";

/** Larger than any of its quantities; beyond, unit conversions would end in Infinity. */
const LARGEST = 1e15;
const figure = z
  .union([z.number(), z.string()])
  .refine((raw) => Math.abs(Number(raw)) < LARGEST)
  .optional()
  .catch(undefined);
const text = z.string().optional().catch(undefined);
const flag = z.union([z.boolean(), z.string(), z.number()]).optional().catch(undefined);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).optional().catch(undefined);
const part = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject(shape).optional().catch(undefined);

/** `Index` is the board's slot, from 0. Boards that are off are left out of some lists. */
const perBoard = <Data extends z.ZodType>(data: Data) => part({ Index: figure, Data: data });

const Status = part({
  /**
   * AdjustingClockVoltage, Idling, Initializing, Loading, Mining, PreInitCooldown, Rebooting,
   * SoftRebooting, Stopping, Testing, UpdatingFirmware.
   */
  "Operating State": text,
  "Last Command": text,
  "Last Error": text,
});

const Session = part({
  /** Seconds since the mining program started. */
  Uptime: figure,
  "Average MHs": figure,
  Accepted: figure,
  Rejected: figure,
  Submitted: figure,
  Difficulty: figure,
  /** Unix seconds. */
  "Last Accepted Share Timestamp": figure,
});

const Stratum = part({
  /** Place of the pool in use in StratumConfigs. */
  "Config Id": figure,
  "Current Pool": text,
  "Current User": text,
  IsPoolConnected: flag,
  "Worker Unique Id": flag,
});

const StratumConfig = part({ pool: text, login: text });

const Board = part({
  Index: figure,
  /** MH/s, percent of what the clock promises, and a figure that nobody explains. */
  Hashrate: list(figure),
  /** MHz. */
  "Core Clock Avg": figure,
  /** The hottest board sensor; null without one. */
  Temperature: figure,
  "Input Voltage": figure,
});

/** `{"Auto":{"Target Temperature":60,"Idle Speed":20}}` or `{"Manual":80}`; Celsius and percent. */
const FanMode = part({
  Auto: part({ "Target Temperature": figure, "Idle Speed": figure }),
  Manual: figure,
});

const TunerState = part({
  Target: figure,
  /** `TH/s`, or `W` for the power algorithm. */
  Unit: text,
  Optimized: flag,
  "Min Throttle Target": figure,
  "Throttle Step": figure,
});

export const Summary = z.looseObject({
  Status,
  Hostname: text,
  /** `PowerPlay-BMS v1.5.13`. */
  Software: text,
  Mining: part({ Coin: text, Algorithm: text }),
  Stratum,
  StratumConfigs: list(StratumConfig),
  Session,
  HBs: list(Board),
  HBStatus: list(part({ Index: figure, Enabled: flag, Detected: flag })),
  Fans: part({ "Fan Mode": FanMode, "Fans Speed": figure }),
  /** `Fans Speed 1` to `Fans Speed 12`, rpm; null where there is no fan. */
  "Fans Rpm": z.record(z.string(), figure).optional().catch(undefined),
  /** Target Voltage is in mV, all else in V and W. */
  "Power Supply Stats": part({
    "Input Power": figure,
    "Output Voltage": figure,
    "Target Voltage": figure,
  }),
  /** The algorithm in use is the only key of Algorithm. */
  PerpetualTune: part({
    Running: flag,
    Algorithm: z.record(z.string(), TunerState).optional().catch(undefined),
  }),
  HwConfig: part({ "Boards Target Clock": list(perBoard(figure)) }),
  Misc: part({ "Shutdown Temp": figure, "Locate Miner State": flag }),
  IdleOnConnectionLost: flag,
  "Last License Error": text,
});
export type Summary = z.output<typeof Summary>;

/** One operating point that ePIC names: MHz, mV, TH/s, W. */
const Preset = part({ clk: figure, voltage: figure, hashrate: figure, power: figure });

export const Capabilities = z.looseObject({
  Model: text,
  "Model Subtype": text,
  "Chip Type": text,
  "Max HBs": figure,
  /** Of the boards that are on, without their slots. */
  "Board Serial Numbers": list(text),
  "Miner Serial Number": text,
  /** MHz, mV, TH/s. */
  "Default Clock": figure,
  "Default Voltage": figure,
  "Default Hashrate": figure,
  "Tune Presets": list(Preset),
  PerpetualTune: list(part({ algorithm: text, min: figure, max: figure })),
  /** mV. `True Power`: the supply measures its input; absent in 1.5.13. */
  "Psu Info": part({
    "Min Vout": figure,
    "Max Vout": figure,
    "PSU Type": figure,
    "True Power": flag,
  }),
  /** The second is in MH/s per MHz: 894 for BM1366. */
  "Performance Estimator": part({ "Chip Count": figure, "Hashes Per Second Per Chip": figure }),
  /** What the limits in Misc speak of: `Board` or `Chip`. */
  "Temp Sensor Info": part({ Count: figure, Type: text }),
  "Control Board Version": part({ cpuHardware: text, cpuSerial: text, platform: text }),
});
export type Capabilities = z.output<typeof Capabilities>;

const Interface = part({ mac_address: text });
export const Network = z.looseObject({ dhcp: Interface, static: Interface });
export type Network = z.output<typeof Network>;

/** `temps`: the sensors of a board, inlet side first; `temps/chip`, `clocks`, `voltages`: one a chip. */
export const BoardFigures = z.array(perBoard(list(figure)));
export type BoardFigures = z.output<typeof BoardFigures>;

/** `hashrate`: for each chip MH/s, percent of what its clock promises, and the unexplained figure. */
export const ChipRates = z.array(perBoard(list(list(figure))));
export type ChipRates = z.output<typeof ChipRates>;

/** What can be asked, each with GET and no password. */
export const QUESTIONS = {
  summary: Summary,
  capabilities: Capabilities,
  network: Network,
  temps: BoardFigures,
  "temps/chip": BoardFigures,
  hashrate: ChipRates,
  clocks: BoardFigures,
} as const;
export type QuestionName = keyof typeof QUESTIONS;
export type Answer<Name extends QuestionName> = z.output<(typeof QUESTIONS)[Name]>;

/** Every order is a POST of this. `tune` takes its numbers as text, `tune/voltage` as a number. */
export type OrderParam = {
  readonly tune: { readonly clks: string; readonly voltage: string };
  /** mV. */
  readonly "tune/voltage": number;
  /** MHz. */
  readonly "tune/clock/all": number;
  /** MHz of whole boards, and of chips by their place in the chain. */
  readonly "tune/clock/board": {
    readonly v: readonly { readonly Index: number; readonly Data: number }[];
  };
  readonly "tune/clock/chip": {
    readonly v: readonly {
      readonly Index: number;
      readonly Data: readonly (readonly [chip: number, megahertz: number])[];
    }[];
  };
  readonly perpetualtune: boolean;
  readonly "perpetualtune/algo": {
    readonly algo: string;
    /** TH/s, or W for the power algorithm; whole numbers. */
    readonly target: number;
    readonly min_throttle?: number;
    readonly throttle_step?: number;
  };
  readonly fanspeed:
    | { readonly Manual: number }
    | { readonly Auto: { readonly "Target Temperature": number; readonly "Idle Speed": number } };
  readonly miner: "Stop" | "Autostart";
  readonly identify: boolean;
  readonly coin: {
    readonly coin: string;
    readonly stratum_configs: readonly {
      readonly pool: string;
      readonly login: string;
      readonly password: string;
    }[];
    readonly unique_id?: boolean;
  };
  /** Only the mining program starts anew. Seconds to wait before. */
  readonly softreboot: number;
  readonly reboot: number;
};
export type OrderName = keyof OrderParam;

/** HTTP 200 whatever came of it; `error` is a word, a sentence, or `{"Word":"sentence"}`. */
export const OrderAnswer = z.looseObject({
  result: z.boolean(),
  error: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullish()
    .catch(undefined),
});
export type OrderAnswer = z.output<typeof OrderAnswer>;
