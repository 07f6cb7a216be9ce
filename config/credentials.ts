// User name and password for many machines at once: the first rule whose pattern matches a device gives
// what the device does not give itself.

import * as z from "zod";
import { type DriverKind, drivers } from "../drivers/index.ts";
import { childOf, type Path } from "./plain.ts";

const KINDS: ReadonlySet<string> = new Set(drivers.map((driver) => driver.kind));

export const credentialRule = z.strictObject({
  match: z
    .string()
    .max(256)
    .refine((text) => matcherOf(text) !== undefined)
    .meta({
      description:
        "Which devices: their driver, their network, or their address or id, where * stands for any letters and ? for one",
      expected: `a driver (${[...KINDS].join(", ")}), an IPv4 network as 10.0.0.0/22, or an address or id with * and ? as 10.0.1.* or hall-2-*`,
      examples: ["10.0.1.*"],
    }),
  username: z.exactOptional(
    z
      .string()
      .min(1)
      .max(64)
      .meta({
        description: "User name, for drivers that have one; the driver's default when absent",
        examples: ["root"],
      }),
  ),
  password: z
    .string()
    .min(1)
    .max(256)
    .meta({ description: "Password, for drivers that have one", secret: true }),
});

export type CredentialRule = z.output<typeof credentialRule>;

/** A key that a device got from a rule. */
export interface Inherited {
  readonly path: Path;
  readonly from: Path;
  readonly device: string;
}

export interface WithCredentials {
  readonly value: unknown;
  readonly inherited: readonly Inherited[];
}

const KEYS = ["username", "password"] as const;

/** The same plain configuration with the keys that its devices get from `credentials`. */
export function applyCredentials(value: unknown): WithCredentials {
  const rules = z.array(credentialRule).safeParse(childOf(value, "credentials")).data ?? [];
  const devices = childOf(value, "devices");
  if (rules.length === 0 || !Array.isArray(devices)) return { value, inherited: [] };
  const inherited: Inherited[] = [];
  const filled = devices.map((device: unknown, index) => {
    const given = rules.findIndex(({ match }) => matcherOf(match)?.(deviceOf(device)) === true);
    const added = Object.entries(rules[given] ?? {}).filter(([key]) => lacks(device, key));
    for (const [key] of added) {
      const path = ["devices", index, key];
      inherited.push({ path, from: ["credentials", given, key], device: deviceOf(device).id });
    }
    return added.length === 0 ? device : { ...Object(device), ...Object.fromEntries(added) };
  });
  return { value: { ...Object(value), devices: filled }, inherited };
}

/**
 * The patterns that match none of the devices, enabled or not: most likely a slip, with which a machine
 * goes without its password. None where no devices are listed yet.
 */
export function unmatchedPatterns(
  rules: readonly CredentialRule[],
  devices: readonly Device[],
): readonly string[] {
  if (devices.length === 0) return [];
  const matches = (match: string) => devices.some((device) => matcherOf(match)?.(device) === true);
  return rules.flatMap(({ match }) => (matches(match) ? [] : match));
}

/** A device whose driver has the key, and which does not give it itself. */
function lacks(device: unknown, key: string): boolean {
  if (!KEYS.some((known) => known === key) || childOf(device, key) !== undefined) return false;
  const { driver: kind } = deviceOf(device);
  const driver = drivers.find((each) => each.kind === (kind as DriverKind));
  return driver !== undefined && Object.hasOwn(driver.options.shape, key);
}

interface Device {
  readonly driver: string;
  readonly host: string;
  readonly id: string;
}

function deviceOf(value: unknown): Device {
  const text = (key: string) => {
    const found = childOf(value, key);
    return typeof found === "string" ? found : "";
  };
  return { driver: text("driver"), host: text("host"), id: text("id") };
}

type Matcher = (device: Device) => boolean;

/** undefined: no pattern. */
function matcherOf(text: string): Matcher | undefined {
  if (KINDS.has(text)) return ({ driver }) => driver === text;
  if (text.includes("/")) return networkMatcher(text);
  if (!/^[A-Za-z0-9_.:*?-]+$/.test(text)) return undefined;
  // What looks like an address has to be one: with a slip of the finger it would match nothing.
  if (/^[\d.*?]*\.[\d.*?]*$/.test(text) && !isAddressPattern(text)) return undefined;
  const pattern = globOf(text);
  return ({ host, id }) => pattern.test(host) || pattern.test(id);
}

function isAddressPattern(text: string): boolean {
  const parts = text.split(".");
  const whole = parts.every((part) => /[*?]/.test(part) || (part !== "" && Number(part) <= 255));
  return whole && (parts.length === 4 || (parts.length < 4 && text.includes("*")));
}

function globOf(text: string): RegExp {
  const literal = text.replaceAll(/[.:]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll(/\*+/g, ".*").replaceAll("?", ".")}$`, "i");
}

function networkMatcher(text: string): Matcher | undefined {
  const [, base = "", bits = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const network = numberOf(base);
  if (network === undefined || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  return ({ host }) => {
    const address = numberOf(host);
    return address !== undefined && Math.floor(address / size) === Math.floor(network / size);
  };
}

/** An IPv4 address as a number; undefined for anything else. */
function numberOf(dotted: string): number | undefined {
  const parts = dotted.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
