// What a driver is: one folder that speaks to one firmware.

import * as z from "zod";
import type { Setting } from "./controls.ts";
import type { Identity, Telemetry } from "./telemetry.ts";
import type { EpochMs } from "./units.ts";

/** What the machine answered to a write. It is a claim: the effect is seen at the next readings. */
export interface Receipt {
  /** `accepted`: it said yes. `silent`: the connection ended without an answer, as some restarts do. */
  readonly answer: "accepted" | "silent";
  /** The machine's own words, free of secrets. */
  readonly detail: string;
}

/** One conversation with one machine. Calls must not overlap; the fleet's lane sees to that. */
export interface Session {
  /** One reading. Throws DeviceError when nothing could be read; partial failures are `problems`. */
  read(signal: AbortSignal): Promise<Telemetry>;
  /**
   * Sends settings; frequency and voltage go out in the safe order (raising: voltage first; lowering:
   * frequency first). Throws DeviceError: REJECTED, WRITE_DISABLED, INVALID_SETTING, ... A lost
   * connection after the request was sent is a `silent` receipt, never a reason to send it again.
   */
  write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt>;
  /** Ends what is open on the machine (sessions, tokens). Never throws. */
  close(): Promise<void>;
}

/** Who answers at an address, from harmless questions alone. */
export interface Sighting {
  readonly driver: string;
  readonly identity: Identity;
  /** Higher wins when several drivers recognise the same answers; 1 generic, 5 named itself. */
  readonly confidence: number;
}

/**
 * The questions of identification. Each is sent at most once an address, whoever asks, one at a time,
 * and needs no credentials. An answer that does not come is undefined.
 */
export interface Probe {
  /** A cgminer API command on the machine's API port; the text of the reply. */
  api(command: string): Promise<string | undefined>;
  /** GET without credentials on the machine's web port, or on its API port where that speaks HTTP. */
  web(path: string, port?: "web" | "api"): Promise<ProbeHttpAnswer | undefined>;
  /**
   * A command of btminer's API 3, in a frame, on its own port; the text of the reply. Asked only of a
   * machine that is there and whose API port is closed. Absent where nothing can be asked that way.
   */
  framed?(command: string): Promise<string | undefined>;
}

export interface ProbeHttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Ports {
  readonly now: () => EpochMs;
}

/** The options that every device has. A driver adds its own with `deviceOptions.extend`. */
export const deviceOptions = z.strictObject({
  host: z
    .string()
    .min(1)
    .meta({ description: "Address or name of the machine", examples: ["192.168.1.20"] }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(4028)
    .meta({ description: "TCP port of the machine's API" }),
  httpPort: z
    .int()
    .min(1)
    .max(65_535)
    .default(80)
    .meta({ description: "TCP port of the machine's web interface" }),
  deadlineSeconds: z.number().min(0.1).max(120).default(10).meta({
    description: "Longest time for one request to the machine, from connecting to the last byte",
    unit: "s",
  }),
});

export interface Driver<Options extends z.ZodObject = z.ZodObject> {
  /** Name in the configuration: `luxos`. */
  readonly kind: string;
  /** Name for people: `LuxOS`. */
  readonly title: string;
  /**
   * Place among those asked who answers, the lowest first: firmwares that name themselves come early, one
   * whose answers its relatives share comes last. Default 50.
   */
  readonly rank?: number;
  /** Which machines and versions, in one line, for the table in the README. */
  readonly covers: string;
  /** Has `driver: z.literal(kind)`; secrets carry `.meta({ secret: true })`. */
  readonly options: Options;
  identify(probe: Probe): Promise<Sighting | undefined>;
  /** Asked last, when no driver knew the machine: with a question that only this driver has. */
  identifyLast?(probe: Probe): Promise<Sighting | undefined>;
  connect(options: z.output<Options>, ports: Ports): Session;
}

/** Keeps the option type of the driver it is given. */
export function defineDriver<const Options extends z.ZodObject>(
  driver: Driver<Options>,
): Driver<Options> {
  return driver;
}
