// What a Proto Rig says (ProtoOS 1.8.0) and what it is told.

import * as z from "zod";
import { answerOf, listOf, partOf } from "../transport/json-http.ts";

export const PATHS = {
  login: "/api/v1/auth/login",
  system: "/api/v1/system",
  network: "/api/v1/network",
  hardware: "/api/v1/hardware",
  mining: "/api/v1/mining",
  start: "/api/v1/mining/start",
  stop: "/api/v1/mining/stop",
  target: "/api/v1/mining/target",
  telemetry: "/api/v1/telemetry?level=miner,hashboard,psu",
  cooling: "/api/v1/cooling",
  pools: "/api/v1/pools",
  errors: "/api/v1/errors",
  reboot: "/api/v1/system/reboot",
} as const;

const raw = z.unknown().optional();

export const LoginReply = z.looseObject({ access_token: z.string().min(1) });

export const SystemReply = z.looseObject({
  "system-info": z.looseObject({
    model: raw,
    product_name: raw,
    board: raw,
    cb_sn: raw,
    os: partOf(z.looseObject({ name: raw, version: raw })),
    web_server: partOf(z.looseObject({ version: raw })),
  }),
});
export type SystemInfo = z.output<typeof SystemReply>["system-info"];

export const NetworkReply = z.looseObject({
  "network-info": z.looseObject({ hostname: raw, mac: raw }),
});

export const HardwareReply = z.looseObject({
  "hardware-info": z.looseObject({
    "cb-info": partOf(z.looseObject({ serial_number: raw })),
    "hashboards-info": listOf(z.looseObject({ slot: raw, hb_sn: raw, mining_asic_count: raw })),
    "psus-info": listOf(z.looseObject({ manufacturer: raw, model: raw })),
  }),
});
export type Hardware = z.output<typeof HardwareReply>["hardware-info"];

export const MiningReply = z.looseObject({
  "mining-status": z.looseObject({
    status: raw,
    mining_uptime_s: raw,
    hashrate_ghs: raw,
    average_hashrate_ghs: raw,
    ideal_hashrate_ghs: raw,
    power_usage_watts: raw,
    power_target_watts: raw,
    average_asic_temp_c: raw,
    average_hb_temp_c: raw,
    hw_errors: raw,
  }),
});
export type Mining = z.output<typeof MiningReply>["mining-status"];

/** The bounds are in the maker's own client, not in every build's answer. */
export const TargetReply = z.looseObject({
  power_target_min_watts: raw,
  power_target_max_watts: raw,
});
export type Target = z.output<typeof TargetReply>;

const metric = partOf(z.looseObject({ value: raw }));
const passage = partOf(z.looseObject({ input: raw, output: raw }));

const TelemetryBoard = z.looseObject({
  index: raw,
  serial_number: raw,
  hashrate: metric,
  voltage: metric,
  temperature: partOf(z.looseObject({ inlet: raw, outlet: raw, average: raw })),
});
export type TelemetryBoard = z.output<typeof TelemetryBoard>;

export const TelemetryReply = z.looseObject({
  miner: partOf(z.looseObject({ hashrate: metric, power: metric })),
  hashboards: listOf(TelemetryBoard),
  psus: listOf(
    z.looseObject({ power: passage, temperature: partOf(z.looseObject({ hotspot: raw })) }),
  ),
});
export type RigTelemetry = z.output<typeof TelemetryReply>;

export const CoolingReply = z.looseObject({
  "cooling-status": z.looseObject({
    fan_mode: raw,
    speed_percentage: raw,
    target_temperature_c: raw,
    fans: listOf(z.looseObject({ slot: raw, rpm: raw, speed_percentage: raw })),
  }),
});
export type Cooling = z.output<typeof CoolingReply>["cooling-status"];

export const PoolsReply = z.looseObject({
  pools: listOf(
    z.looseObject({
      id: raw,
      url: raw,
      user: raw,
      priority: raw,
      status: raw,
      enabled: raw,
      accepted: raw,
      rejected: raw,
      difficulty: raw,
    }),
  ),
});
export type RigPools = z.output<typeof PoolsReply>["pools"];

/** The code's key differs between two public clients of the maker's. */
export const ErrorsReply = answerOf(
  z.looseObject({ source: raw, slot: raw, error_code: raw, code: raw, message: raw }),
);
export type RigErrors = z.output<typeof ErrorsReply>;

export interface TargetOrder {
  readonly power_target_watts: number;
}

export interface CoolingOrder {
  readonly mode: "Auto" | "Manual";
  readonly speed_percentage?: number;
  readonly target_temperature_c?: number;
}

export type PoolsOrder = readonly {
  readonly name: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly priority: number;
}[];
