// What a host knows of one device: the metrics of its last birth and the last value sent of each.

import type { EpochMs } from "../../drivers/contract/units.ts";
import { isWorthReporting, type Sample } from "./sample.ts";
import { DATATYPES, type Datatype, type MetricValue, toWire } from "./sparkplug/datatype.ts";
import type { Metric } from "./sparkplug/payload.ts";

interface Told {
  readonly alias: number;
  readonly type: Datatype;
  readonly unit: string | undefined;
  last: MetricValue | undefined;
}

export class DeviceBirth {
  readonly #nextAlias: () => number;
  /** An alias stays with its name over births and deaths. */
  readonly #aliases = new Map<string, number>();
  readonly #told = new Map<string, Told>();
  #alive = false;

  constructor(nextAlias: () => number) {
    this.#nextAlias = nextAlias;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** The metrics of a birth, oldest value first as Sparkplug demands. */
  begin(samples: readonly Sample[]): Metric[] {
    this.#alive = true;
    this.#told.clear();
    return inOrder(samples).flatMap((sample) => {
      const { name, type, unit, at } = sample;
      // Some firmware numbers two boards alike; a name may stand in a birth once.
      if (this.#told.has(name)) return [];
      const alias = this.#aliasOf(name);
      const { last, content } = contentOf(sample, sample.value);
      this.#told.set(name, { alias, type, unit, last });
      const label = unit === undefined ? {} : { unit };
      return [{ name, alias, timestamp: at, datatype: DATATYPES[type], ...label, ...content }];
    });
  }

  /** False when a sample needs a new birth: a new name, another type or unit, or no birth yet. */
  covers(samples: readonly Sample[]): boolean {
    if (!this.#alive) return false;
    return samples.every((sample) => {
      const told = this.#told.get(sample.name);
      return told !== undefined && told.type === sample.type && told.unit === sample.unit;
    });
  }

  /** What changed since it was last told; metrics that are gone become null at `now`. */
  changes(samples: readonly Sample[], now: EpochMs): Metric[] {
    if (!this.#alive) return [];
    const changed = samples.filter((sample) => {
      const told = this.#told.get(sample.name);
      return told !== undefined && isWorthReporting(told.last, sample.value, sample.deadband);
    });
    return inOrder([...changed, ...this.#vanished(samples, now)]).flatMap((sample) => {
      const told = this.#told.get(sample.name);
      if (told === undefined) return [];
      const { last, content } = contentOf(told, sample.value);
      if (last === undefined && told.last === undefined) return [];
      told.last = last;
      return [{ alias: told.alias, timestamp: sample.at, ...content }];
    });
  }

  end(): void {
    this.#alive = false;
    this.#told.clear();
  }

  #vanished(samples: readonly Sample[], at: EpochMs): Sample[] {
    if (samples.length === this.#told.size) return [];
    const present = new Set(samples.map((sample) => sample.name));
    return [...this.#told]
      .filter(([name, told]) => !present.has(name) && told.last !== undefined)
      .map(([name, told]) => ({ name, type: told.type, value: undefined, at }));
  }

  #aliasOf(name: string): number {
    const known = this.#aliases.get(name);
    if (known !== undefined) return known;
    const alias = this.#nextAlias();
    this.#aliases.set(name, alias);
    return alias;
  }
}

function inOrder(samples: readonly Sample[]): Sample[] {
  return [...samples].sort((a, b) => a.at - b.at);
}

/** A value that its type cannot carry is as unknown as an absent one. */
function contentOf(
  { type }: { readonly type: Datatype },
  value: MetricValue | undefined,
): { last: MetricValue | undefined; content: Pick<Metric, "isNull" | "value"> } {
  const wire = value === undefined ? undefined : toWire(type, value);
  return wire === undefined
    ? { last: undefined, content: { isNull: true } }
    : { last: value, content: { value: wire } };
}
