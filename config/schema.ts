// The configuration file: every key with its unit, range and default. check.ts adds what spans keys.

import * as z from "zod";
import { type DeviceOptions, drivers } from "../drivers/index.ts";
import { credentialRule } from "./credentials.ts";
import { safetyOverride, safetyPolicy, tuningOverride, tuningPolicy } from "./policy.ts";
import { signalsSection } from "./signals.ts";

// Sparkplug forbids + / # in ids; a name is also a file name in the state directory.
const name = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
const NAME_WORDS = "1 to 64 letters, digits, and . _ -";
const file = z.string().min(1).max(4096);

const agentSection = z.strictObject({
  id: z.exactOptional(
    name.meta({
      description: "Name of this agent, the Sparkplug edge node; the host name when absent",
      expected: NAME_WORDS,
      examples: ["gateway-1"],
    }),
  ),
  site: name
    .default("site")
    .meta({ description: "Name of the site, the Sparkplug group", expected: NAME_WORDS }),
  stateDir: file
    .default("/var/lib/nockd")
    .meta({ description: "Folder for what must survive a restart" }),
});

const logSection = z.strictObject({
  level: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal"])
    .default("info")
    .meta({ description: "Least severity that is logged" }),
  file: z.exactOptional(
    file.meta({
      description: "Log file; standard output when absent",
      examples: ["/run/nockd/nockd.log"],
    }),
  ),
  maxFileBytes: z
    .int()
    .min(64 * 1024)
    .max(1024 ** 3)
    .default(1024 ** 2)
    .meta({ description: "Most bytes of one log file; then a new one begins", unit: "B" }),
  maxFiles: z.int().min(1).max(100).default(4).meta({
    description: "Number of log files, the current one included; the oldest is deleted",
  }),
});

const mqttSection = z.strictObject({
  url: z
    .string()
    .regex(/^mqtts?:\/\/[^\s@/?#]+\/?$/)
    .meta({
      description: "Address of the broker",
      expected:
        "mqtt://HOST, mqtt://HOST:PORT, mqtts://HOST or mqtts://HOST:PORT; user name and password have keys of their own",
      examples: ["mqtts://broker.example:8883"],
    }),
  version: z.enum(["3.1.1", "5"]).default("3.1.1").meta({ description: "MQTT protocol version" }),
  clientId: z.exactOptional(
    z
      .string()
      .min(1)
      .max(256)
      .meta({
        description: "Client id; made from site and agent id when absent",
        examples: ["nockd-gateway-1"],
      }),
  ),
  group: z.exactOptional(
    name.meta({
      description: "Sparkplug group; agent.site when absent",
      expected: NAME_WORDS,
      examples: ["site"],
    }),
  ),
  username: z.exactOptional(
    z
      .string()
      .min(1)
      .meta({ description: "User name at the broker", examples: ["nockd"] }),
  ),
  password: z.exactOptional(
    z.string().meta({ description: "Password at the broker", secret: true }),
  ),
  keepAliveSeconds: z
    .int()
    .min(1)
    .max(65_535)
    .default(30)
    .meta({ description: "Longest silence before the client pings the broker", unit: "s" }),
  reconnectMinSeconds: z
    .number()
    .min(0.05)
    .max(3600)
    .default(1)
    .meta({ description: "First wait before a new connection attempt", unit: "s" }),
  reconnectMaxSeconds: z.number().min(0.05).max(3600).default(60).meta({
    description: "Longest wait between attempts; not below reconnectMinSeconds",
    unit: "s",
  }),
  caFile: z.exactOptional(
    file.meta({
      description: "Certificates that sign the broker's, PEM; those of the system when absent",
      examples: ["/etc/nockd/ca.pem"],
    }),
  ),
  certFile: z.exactOptional(
    file.meta({
      description: "Certificate of this client, PEM; needs keyFile",
      examples: ["/etc/nockd/client.pem"],
    }),
  ),
  keyFile: z.exactOptional(
    file.meta({
      description: "Private key of this client, PEM; needs certFile",
      examples: ["/etc/nockd/client.key"],
    }),
  ),
});

const priorSection = z.strictObject({
  file: file.meta({
    description:
      "JSON file of `nockd prior export`: what machines of each model have taught, here or at other gateways. Read at the start; a wrong one is told, and left out",
    examples: ["/etc/nockd/prior.json"],
  }),
});

const pollingSection = z.strictObject({
  intervalSeconds: z
    .number()
    .min(0.05)
    .max(3600)
    .default(10)
    .meta({ description: "Time between two readings of one machine", unit: "s" }),
  maxIntervalSeconds: z.number().min(0.05).max(86_400).default(300).meta({
    description:
      "Longest time between attempts while a machine does not answer; not below intervalSeconds",
    unit: "s",
  }),
});

const deviceFields = {
  id: name.meta({
    description: "Name of the device; no two may differ in upper and lower case only",
    expected: NAME_WORDS,
  }),
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: "false: the entry stays, the machine is left alone" }),
  tuning: z.exactOptional(
    tuningOverride.meta({
      description: "Keys of tuning that differ for this device",
      examples: [{ mode: "act" }],
    }),
  ),
  safety: z.exactOptional(
    safetyOverride.meta({
      description: "Keys of safety that differ for this device",
      examples: [{ powerMaxWatts: 3500 }],
    }),
  ),
};

export type DeviceConfig = DeviceOptions & z.output<z.ZodObject<typeof deviceFields>>;

const [firstDriver, ...otherDrivers] = drivers;
// Extending a union of schemas loses which options belong to which driver; the type is the union of
// the drivers' own option types, each with the fields of every device.
const deviceConfig = z.discriminatedUnion("driver", [
  firstDriver.options.extend(deviceFields),
  ...otherDrivers.map((driver) => driver.options.extend(deviceFields)),
]) as unknown as z.ZodType<DeviceConfig>;

/** Alone it does not see what spans keys: use `checkConfig`. */
export const configSchema = z.strictObject({
  agent: agentSection.prefault({}).meta({ description: "This agent" }),
  log: logSection.prefault({}).meta({ description: "The agent's own log, one JSON object a line" }),
  mqtt: z.exactOptional(
    mqttSection.meta({ description: "Where to report; nothing is reported when absent" }),
  ),
  polling: pollingSection.prefault({}).meta({ description: "How often machines are read" }),
  tuning: tuningPolicy.prefault({}).meta({ description: "What the agent may change" }),
  safety: safetyPolicy.prefault({}).meta({ description: "What stops the agent and the machines" }),
  signals: signalsSection
    .prefault({})
    .meta({ description: "What market and site ask for: prices, curtailment, quiet nights" }),
  prior: z.exactOptional(
    priorSection.meta({
      description:
        "What is believed of machines before they are measured; what was published when absent",
    }),
  ),
  credentials: z.exactOptional(
    z.array(credentialRule).max(1000).meta({
      description:
        "Passwords by pattern: the first that matches, for what a device does not give itself",
    }),
  ),
  devices: z.array(deviceConfig).max(5000).default([]).meta({ description: "The machines" }),
});

export type Config = z.output<typeof configSchema>;

/** The driver's own part of a device's configuration. */
export function driverOptions(device: DeviceConfig): DeviceOptions {
  const { id: _id, tuning: _tuning, safety: _safety, enabled: _enabled, ...options } = device;
  // A rest over a union loses which options belong to which driver.
  return options as DeviceOptions;
}
