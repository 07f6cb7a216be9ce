// The supply voltage of one board.

import { toNumber } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import { type Millivolts, millivolts } from "../contract/units.ts";
import { type LuxosClient, refusal } from "./client.ts";
import { VoltageAnswer } from "./wire.ts";

/** As set. */
export async function hearVoltage(
  client: LuxosClient,
  board: number,
  signal: AbortSignal,
): Promise<Millivolts> {
  const answer = await client.request(VoltageAnswer, "voltageget", [String(board)], signal);
  const refused = refusal("voltageget", answer);
  if (refused !== undefined) throw refused;
  const volts = toNumber(answer.VOLTAGE?.[0]?.Voltage);
  if (volts === undefined) {
    throw new DeviceError("UNEXPECTED_SHAPE", "voltageget: the answer has no Voltage");
  }
  return millivolts(Math.round(volts * 1000));
}
