// What FluxOS says and what it is told: GCMiner on 4028, the maker's commands on 8080.

import * as z from "zod";
import { listOf } from "../transport/json-http.ts";

const raw = z.unknown().optional();
const first = <Shape extends z.ZodType>(shape: Shape) => z.tuple([shape]).rest(z.unknown());

export const VersionReply = z.looseObject({
  VERSION: first(z.looseObject({ API: raw, GCMiner: raw })),
});
export type Version = z.output<typeof VersionReply>["VERSION"][0];

export const DetailsReply = z.looseObject({ DEVDETAILS: listOf(z.looseObject({ Model: raw })) });

export const DevsReply = z.looseObject({
  DEVS: listOf(
    z.looseObject({ ID: raw, Enabled: raw, Status: raw, "MHS 5s": raw, Temperature: raw }),
  ),
});
export type Devs = z.output<typeof DevsReply>["DEVS"];

export const CountReply = z.looseObject({
  ASCCount: first(z.looseObject({ AsicCount: raw, BoardCount: raw })),
});
export type Count = z.output<typeof CountReply>["ASCCount"][0];

export const TokenReply = z.looseObject({
  Token: first(z.looseObject({ Token: z.string().min(1) })),
});

export const IpReportReply = z.looseObject({
  IPReport: first(
    z.looseObject({
      model: raw,
      mac: raw,
      hostname: raw,
      version: raw,
      SerialNo: raw,
      InternalType: raw,
      HBSerialNo: listOf(z.string()),
    }),
  ),
});
export type IpReport = z.output<typeof IpReportReply>["IPReport"][0];

export const FanReply = z.looseObject({
  Fan: listOf(z.looseObject({ ID: raw, Max: raw, Speed: raw, Target: raw })),
});
export type FluxFans = z.output<typeof FanReply>["Fan"];

export const LedReply = z.looseObject({ LED: first(z.looseObject({ Code: raw, Msg: raw })) });
export type Led = z.output<typeof LedReply>["LED"][0];

/** `Power` in W, `Ths` in TH/s, `Sleep` on or off, `Tune` power or ths. */
export const ModeReply = z.looseObject({
  Mode: first(z.looseObject({ Mode: raw, Power: raw, Sleep: raw, Ths: raw, Tune: raw })),
});
export type Mode = z.output<typeof ModeReply>["Mode"][0];

/** Values carry their unit: `58.94W`. */
export const PsuReply = z.looseObject({
  PSU: first(z.looseObject({ PowerIn: raw, PoutMax: raw, Vout: raw, VoutSet: raw })),
});
export type Psu = z.output<typeof PsuReply>["PSU"][0];

const sensors = listOf(z.looseObject({ Temperature: raw }));
export const TemperatureReply = z.looseObject({
  Temperature: listOf(z.looseObject({ ID: raw, BoardTemp: sensors, ChipTemp: sensors })),
});
export type Temperatures = z.output<typeof TemperatureReply>["Temperature"];

/** Volts of single chips. */
export const VoltageReply = z.looseObject({
  Voltage: listOf(z.looseObject({ ID: raw, ChipVoltage: listOf(z.looseObject({ Voltage: raw })) })),
});
export type Voltages = z.output<typeof VoltageReply>["Voltage"];

/** MHz of single chips. */
export const FrequencyReply = z.looseObject({
  Frequency: listOf(
    z.looseObject({ ID: raw, ChipFrequency: listOf(z.looseObject({ Frequency: raw })) }),
  ),
});
export type Frequencies = z.output<typeof FrequencyReply>["Frequency"];

/** Commands on 8080; GET asks, POST with parameters orders. */
export type WebCommand =
  | "token"
  | "ipreport"
  | "fan"
  | "led"
  | "mode"
  | "psu"
  | "temperature"
  | "voltage"
  | "frequency"
  | "updatepools"
  | "restart";

/** Of the table of lights that a public client carries; 2 is Normal in a recording as well. */
export const LED_NORMAL = 2;
export const LED_LOCATE = 3;

export interface Order {
  readonly command: WebCommand;
  readonly parameters: Readonly<Record<string, unknown>>;
}
