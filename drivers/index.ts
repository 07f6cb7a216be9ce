// The drivers, by name and by who answers.

import * as z from "zod";
import type { Ports, Probe, Session, Sighting } from "./contract/driver.ts";
import * as registry from "./registry.ts";

type AnyDriver = (typeof registry)[keyof typeof registry];

const DEFAULT_RANK = 50;
const rankOf = ({ rank = DEFAULT_RANK }: { readonly rank?: number }): number => rank;

/** In the order in which they are asked who answers. */
const ranked = Object.values(registry).sort((a, b) => rankOf(a) - rankOf(b));
// A registry without a driver would be no agent; the type of a sorted list cannot say so.
export const drivers = ranked as unknown as readonly [AnyDriver, ...AnyDriver[]];

type DriverByKind = {
  [Driver in AnyDriver as z.output<Driver["options"]>["driver"]]: Driver;
};

/** Name of a driver in the configuration. */
export type DriverKind = keyof DriverByKind;

const [first, ...others] = drivers;

/** The options of one device, whichever driver it has; `driver` tells which. */
export const DeviceOptions = z.discriminatedUnion("driver", [
  first.options,
  ...others.map((driver) => driver.options),
]);
export type DeviceOptions = z.output<typeof DeviceOptions>;

/** Throws only for a kind that is not in the registry, which the configuration check rules out. */
export function driverOf<Kind extends DriverKind>(kind: Kind): DriverByKind[Kind] {
  const found = drivers.find((driver) => driver.kind === kind);
  if (found === undefined) throw new Error(`no driver is named ${JSON.stringify(kind)}`);
  // The table type says which driver has this kind; find() cannot.
  return found as DriverByKind[Kind];
}

/** Opens a session with the driver that the options name. Sends nothing yet. */
export function connectDevice(options: DeviceOptions, ports: Ports): Session {
  // Options and driver have the same kind, which TypeScript cannot follow through the union.
  const connect = driverOf(options.driver).connect as (
    options: DeviceOptions,
    ports: Ports,
  ) => Session;
  return connect(options, ports);
}

/** The confidence of a machine that named itself: nothing can be surer. */
const CERTAIN = 5;

/**
 * Asks every driver, one after another, until one is certain; the highest confidence wins, then the
 * earlier driver.
 */
export async function identify(probe: Probe): Promise<Sighting | undefined> {
  let best: Sighting | undefined;
  for (const driver of drivers) {
    const sighting = await driver.identify(probe);
    if (sighting === undefined || sighting.confidence <= (best?.confidence ?? -Infinity)) continue;
    best = sighting;
    if (best.confidence >= CERTAIN) return best;
  }
  return best ?? (await identifyLast(probe));
}

async function identifyLast(probe: Probe): Promise<Sighting | undefined> {
  for (const driver of drivers) {
    if (!("identifyLast" in driver)) continue;
    const sighting = await driver.identifyLast?.(probe);
    if (sighting !== undefined) return sighting;
  }
  return undefined;
}
