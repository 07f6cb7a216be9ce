// What a machine said, in our words. Absent is not zero: a value that was not read is not there.

import type { Algorithm } from "./algorithm.ts";
import type { Controls, SettingValues } from "./controls.ts";
import type { DeviceErrorCode } from "./errors.ts";
import type {
  Celsius,
  EpochMs,
  HashesPerSecond,
  Megahertz,
  Milliseconds,
  Millivolts,
  Percent,
  Rpm,
  Watts,
} from "./units.ts";

/**
 * `ok`: read now, believable. `stale`: the firmware repeats an old answer. `implausible`: outside of
 * what the machine can physically do; shown to people, never used for a decision.
 */
export type Quality = "ok" | "stale" | "implausible";

export interface Reading<Value> {
  readonly value: Value;
  /** When the answer that carries it arrived; its age is the difference to now. */
  readonly at: EpochMs;
  /** The request that gave it, in the vendor's words: `summary`, `get_miner_conf.cgi`. */
  readonly source: string;
  readonly quality: Quality;
}

/**
 * Whose watts these are. `wall` a meter, `psu` the supply's own measurement at its input, `board` the
 * sum of the regulators, `formula` computed by the firmware from its settings, `unknown` not told.
 */
export type PowerBasis = "wall" | "psu" | "board" | "formula" | "unknown";

export interface PowerReading extends Reading<Watts> {
  readonly basis: PowerBasis;
}

export interface RateReading extends Reading<HashesPerSecond> {
  /** Length of the firmware's average. */
  readonly window: Milliseconds;
}

export type Activity = "starting" | "ramping" | "hashing" | "sleeping" | "stopped";

export interface Identity {
  readonly vendor: string;
  /** Who answers on the wire: "LuxOS", "Antminer stock", "btminer". */
  readonly firmware: string;
  readonly firmwareVersion?: string;
  readonly apiVersion?: string;
  readonly model?: string;
  /** The model is in the hardware table; writes are offered for known models only. */
  readonly modelKnown: boolean;
  readonly serial?: string;
  /** Upper-case, colon-separated. */
  readonly mac?: string;
  readonly hostname?: string;
  readonly controlBoard?: string;
  readonly psu?: string;
}

export interface Fan {
  readonly index: number;
  readonly speed?: Reading<Rpm>;
  readonly duty?: Reading<Percent>;
}

/** What a board tells of each of its chips, in the order of the chain. Absent where it tells none. */
export interface ChipFigures {
  /** NaN-free: a chip that returns nothing has the rate 0. */
  readonly rate?: readonly HashesPerSecond[];
  /** Length of the average behind `rate`. */
  readonly window?: Milliseconds;
  readonly temperature?: readonly Celsius[];
}

export interface Board {
  readonly index: number;
  readonly serial?: string;
  readonly hashrate?: RateReading;
  /** Rate expected at the present frequency. */
  readonly ideal?: Reading<HashesPerSecond>;
  readonly chips?: Reading<number>;
  readonly chipsExpected?: number;
  readonly chipFigures?: Reading<ChipFigures>;
  /** Hottest chip; `board` is the hottest sensor on the board, `inlet`/`outlet` where told apart. */
  readonly chipTemperature?: Reading<Celsius>;
  readonly boardTemperature?: Reading<Celsius>;
  readonly inletTemperature?: Reading<Celsius>;
  readonly outletTemperature?: Reading<Celsius>;
  readonly frequency?: Reading<Megahertz>;
  readonly voltage?: Reading<Millivolts>;
  readonly hardwareErrors?: Reading<number>;
  readonly enabled?: boolean;
}

export interface Pool {
  readonly index: number;
  readonly url: string;
  readonly user: string;
  readonly status: "alive" | "dead" | "disabled" | "unknown";
  readonly active?: boolean;
  readonly priority?: number;
  /** Group of pools that share hashrate by quota (LuxOS, Braiins). */
  readonly group?: number;
  readonly accepted?: number;
  readonly rejected?: number;
  readonly stale?: number;
  readonly difficulty?: number;
  readonly lastShareAt?: EpochMs;
}

export interface Shares {
  readonly accepted?: Reading<number>;
  readonly rejected?: Reading<number>;
  readonly stale?: Reading<number>;
  /** Work of the accepted shares in difficulty-1 units, for the check of the reported hashrate. */
  readonly difficultyAccepted?: Reading<number>;
  readonly lastShareAt?: Reading<EpochMs>;
}

/** An error code the machine itself reports. */
export interface MachineFault {
  readonly code: string;
  readonly text: string;
  readonly component?: string;
}

/** A part of the reading that failed while the rest succeeded. */
export interface ReadProblem {
  readonly code: DeviceErrorCode;
  readonly source: string;
  readonly message: string;
}

/** What the machine says each knob is set to: the read-back of every write. */
export type Setpoint = {
  readonly [Name in Exclude<keyof SettingValues, "restart" | "reboot">]?: Reading<
    SettingValues[Name]
  >;
};

export interface Telemetry {
  /** When the reading was complete. */
  readonly at: EpochMs;
  readonly identity: Identity;
  /** Absent for an unknown machine: then rates are not comparable and not shown as a unit. */
  readonly algorithm?: Algorithm;
  readonly activity?: Reading<Activity>;
  readonly hashrate?: {
    /** The shortest average the firmware gives, usually 5 s. */
    readonly now?: RateReading;
    /** A steadier average, 1 to 15 min. */
    readonly recent?: RateReading;
    /** Since the miner program started. */
    readonly average?: RateReading;
    /** Expected at the present setting. */
    readonly ideal?: Reading<HashesPerSecond>;
    /** What the maker graded or sells this unit as. */
    readonly nameplate?: Reading<HashesPerSecond>;
  };
  readonly power?: PowerReading;
  readonly temperature?: {
    /** Hottest chip of the machine. */
    readonly chip?: Reading<Celsius>;
    /** Hottest board sensor of the machine. */
    readonly board?: Reading<Celsius>;
    readonly inlet?: Reading<Celsius>;
    readonly outlet?: Reading<Celsius>;
    readonly psu?: Reading<Celsius>;
    readonly regulator?: Reading<Celsius>;
  };
  /** Highest temperatures the maker or the firmware allows; the agent stays 5 K below. */
  readonly limits?: {
    readonly chip?: Celsius;
    readonly board?: Celsius;
    readonly regulator?: Celsius;
  };
  readonly fans: readonly Fan[];
  readonly boards: readonly Board[];
  readonly pools: readonly Pool[];
  readonly shares?: Shares;
  readonly setpoint: Setpoint;
  readonly controls: Controls;
  readonly faults: readonly MachineFault[];
  readonly problems: readonly ReadProblem[];
  /** Since the miner program started, which may be later than the boot of the machine. */
  readonly uptime?: Reading<Milliseconds>;
}
