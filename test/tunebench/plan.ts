// The oracle where the best point changes with the hour: the way of most worth through points and
// pauses, each change at its cost in time without hashes.

import type { Unit } from "../sim/plant-unit.ts";
import type { MachineClass } from "./class.ts";
import type { Bucket } from "./meter.ts";
import { candidates, type Placed, roughOffsets } from "./oracle.ts";
import { type Aged, asleepState, type SetPoint, type Steady, steadyState } from "./steady.ts";

/** A time in which nothing varies. */
export interface Stretch {
  readonly seconds: number;
  readonly inlet: number;
  readonly aged: Aged;
  readonly allowed: (state: Steady, point: SetPoint) => boolean;
  /** What a second in that state is worth. */
  readonly worth: (state: Pick<Steady, "power" | "rate">) => number;
}

export interface Plan {
  /** One a stretch. */
  readonly used: readonly Bucket[];
  /** Stretches in which the machine offers nothing within the caps. */
  readonly broken: number;
  /** Changes and starts that took time. */
  readonly restarts: number;
}

const ASLEEP = 0;
const STOCK = 1;

/** One operating point in each of the conditions that occur. */
interface Choice {
  readonly point: SetPoint | "asleep";
  readonly states: ReadonlyMap<string, Steady>;
}

const conditionsOf = ({ inlet, aged }: Pick<Stretch, "inlet" | "aged">): string =>
  [inlet, aged.drift, aged.resistance, aged.chipsLost, aged.supply].join();

export interface PlanOptions {
  /** Least delivered / ideal. */
  readonly ratioFloor: number;
  /** Points that must be among the choices. */
  readonly extra?: readonly SetPoint[];
}

export function planOf(
  kind: MachineClass,
  unit: Unit,
  stretches: readonly Stretch[],
  options: PlanOptions,
): Plan {
  const choices = choicesOf(kind, unit, stretches, options);
  const columns = stretches.map((stretch) => columnOf(kind, choices, stretch));
  const way = bestWay(kind, columns);
  let restarts = 0;
  const used = columns.map(({ stretch, rest, states }, index) => {
    const chosen = way[index] ?? 0;
    const state = states[chosen];
    if (state === undefined) throw new Error(`no state of choice ${chosen}`);
    const dead = deadSeconds(kind, way[index - 1], chosen);
    if (dead > 0) restarts += 1;
    const alive = stretch.seconds - dead;
    return { energy: state.power * alive + rest.power * dead, hashes: state.rate * alive };
  });
  return { used, broken: columns.filter((each) => each.broken).length, restarts };
}

function choicesOf(
  kind: MachineClass,
  unit: Unit,
  stretches: readonly Stretch[],
  { ratioFloor, extra = [] }: PlanOptions,
): Choice[] {
  const conditions = new Map(stretches.map((each) => [conditionsOf(each), each]));
  const [first] = conditions.values();
  if (first === undefined) return [];
  const at = (point: SetPoint, { inlet, aged }: Stretch): Steady =>
    steadyState(kind.spec, unit, point, inlet, aged);
  const apart = roughOffsets(kind, unit);
  const state = (given: SetPoint): Placed => {
    const point = { ...given, ...apart };
    return { ...at(point, first), point };
  };
  const good = [...candidates(kind, state, { ratioFloor })].filter(
    (each) => each.ratio >= ratioFloor,
  );
  const points = [kind.spec.stock, ...extra, ...undominated(good).map((each) => each.point)];
  const everywhere = (of: (stretch: Stretch) => Steady) =>
    new Map([...conditions].map(([key, stretch]) => [key, of(stretch)]));
  return [
    {
      point: "asleep",
      states: everywhere(({ inlet, aged }) => asleepState(kind.spec, inlet, aged)),
    },
    ...points.map((point) => ({ point, states: everywhere((stretch) => at(point, stretch)) })),
  ];
}

/** Without what another point beats in watts and in hashes. */
function undominated(all: readonly Placed[]): Placed[] {
  let least = Number.POSITIVE_INFINITY;
  return [...all]
    .sort((a, b) => b.rate - a.rate || a.power - b.power)
    .filter((each) => {
      if (each.power >= least) return false;
      least = each.power;
      return true;
    });
}

interface Column {
  readonly stretch: Stretch;
  readonly rest: Steady;
  readonly states: readonly Steady[];
  readonly allowed: readonly boolean[];
  readonly broken: boolean;
}

function columnOf(kind: MachineClass, choices: readonly Choice[], stretch: Stretch): Column {
  const key = conditionsOf(stretch);
  const states = choices.flatMap((choice) => choice.states.get(key) ?? []);
  const [rest] = states;
  if (rest === undefined) throw new Error(`nothing is known under ${key}`);
  const sleeps = kind.wakeTime !== undefined;
  const allowed = choices.map(({ point }, index) => {
    const state = states[index];
    if (point === "asleep") return sleeps;
    return state !== undefined && stretch.allowed(state, point);
  });
  const broken = !allowed.some(Boolean);
  return { stretch, rest, states, allowed: broken ? leastPower(states) : allowed, broken };
}

/** Where the machine offers nothing within the caps, the nearest to them. */
function leastPower(states: readonly Steady[]): boolean[] {
  const awake = states.filter((_, index) => index !== ASLEEP).map((each) => each.power);
  const least = Math.min(...awake);
  return states.map((each, index) => index !== ASLEEP && each.power === least);
}

/** Seconds without mining at the begin of a stretch; undefined: as it was found, at stock. */
function deadSeconds(kind: MachineClass, before: number | undefined, now: number): number {
  const { deadTime, wakeTime = 0 } = kind;
  if (now === ASLEEP || now === (before ?? STOCK)) return 0;
  return before === ASLEEP ? deadTime + wakeTime : deadTime;
}

interface Place {
  readonly value: number;
  readonly before: number;
}

/** Index of the choice in each column: the way of most worth, by dynamic programming. */
function bestWay(kind: MachineClass, columns: readonly Column[]): number[] {
  const places: Place[][] = [];
  let values: readonly number[] | undefined;
  for (const column of columns) {
    const reached = column.states.map((_, now) => bestBefore(kind, column, values, now));
    places.push(reached);
    values = reached.map((each) => each.value);
  }
  let now = values === undefined ? 0 : values.indexOf(Math.max(...values));
  return places
    .toReversed()
    .map((reached) => {
      const here = now;
      now = reached[here]?.before ?? 0;
      return here;
    })
    .toReversed();
}

function bestBefore(
  kind: MachineClass,
  { stretch, rest, states, allowed }: Column,
  values: readonly number[] | undefined,
  now: number,
): Place {
  const state = states[now];
  if (state === undefined || allowed[now] !== true)
    return { value: Number.NEGATIVE_INFINITY, before: now };
  const worth = stretch.worth(state);
  const pause = stretch.worth(rest) - worth;
  const gain = (before: number | undefined) =>
    worth * stretch.seconds + pause * deadSeconds(kind, before, now);
  if (values === undefined) return { value: gain(undefined), before: STOCK };
  // Whoever mined at another point pays the same, so that only the best of them counts.
  const rivals = [now, ASLEEP, values.indexOf(Math.max(...values.slice(STOCK)), STOCK)];
  return rivals
    .map((before) => ({
      before,
      value: (values[before] ?? Number.NEGATIVE_INFINITY) + gain(before),
    }))
    .reduce((best, each) => (each.value > best.value ? each : best));
}
