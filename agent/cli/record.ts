// One look at a machine with every exchange on the wire kept.

import type { Sighting } from "../../drivers/contract/driver.ts";
import { isDeviceError } from "../../drivers/contract/errors.ts";
import type { ReadProblem, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import { connectDevice, type DeviceOptions, identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { tapped, type WireExchange } from "../../drivers/transport/tap.ts";

export interface Heard extends WireExchange {
  /** `identify`: the harmless questions of who answers; `read`: what the driver's session asked. */
  readonly phase: "identify" | "read";
  /** When it ended. */
  readonly at: EpochMs;
}

export interface Recording {
  readonly heard: readonly Heard[];
  /** Who answered to the harmless questions. */
  readonly sighting?: Sighting;
  /** Absent for a machine that no driver knows. */
  readonly device?: DeviceOptions;
  readonly telemetry?: Telemetry;
  /** Why there is no reading. */
  readonly failure?: Pick<ReadProblem, "code" | "message">;
}

export interface RecordRequest {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  /** For each request, milliseconds. */
  readonly deadline: number;
  readonly now: () => EpochMs;
  /** The options to read it with; undefined when nothing is known that could read it. */
  readonly deviceOf: (sighting: Sighting | undefined) => DeviceOptions | undefined;
}

/** Asks who answers, opens a session, reads, closes. A machine that fails is a recording, too. */
export async function record(request: RecordRequest): Promise<Recording> {
  const heard: Heard[] = [];
  const listen = (phase: Heard["phase"]) => (exchange: WireExchange) => {
    heard.push({ ...exchange, phase, at: request.now() });
  };
  const sighting = await tapped(listen("identify"), () => identify(openProbe(request)));
  const device = request.deviceOf(sighting);
  const outcome =
    device === undefined
      ? {}
      : { device, ...(await tapped(listen("read"), () => readOnce(device, request))) };
  return { heard, ...(sighting === undefined ? {} : { sighting }), ...outcome };
}

async function readOnce(
  device: DeviceOptions,
  { now, deadline }: RecordRequest,
): Promise<Pick<Recording, "telemetry" | "failure">> {
  const session = connectDevice(device, { now });
  try {
    const telemetry = await session.read(AbortSignal.timeout(deadline * 10));
    if (!telemetry.problems.some(({ code }) => code === "NO_REPLY")) return { telemetry };
    // A side that was too slow ends the questions of one reading; the next one asks the rest.
    return { telemetry: await session.read(AbortSignal.timeout(deadline * 10)) };
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return { failure: { code: error.code, message: error.message } };
  } finally {
    await session.close();
  }
}
