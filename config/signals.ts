// What the market and the site ask for, and when: prices, curtailment, quiet nights. Static values, times
// of day over them, and a file that an operator or a price feed may rewrite while the agent runs.

import * as z from "zod";

/** What holds at one moment. Absent: nobody said. */
export interface Signals {
  /** Currency per TH/s and day. */
  readonly hashpricePerThDay?: number;
  /** Currency per kWh; negative when the grid pays. */
  readonly tariffPerKwh?: number;
  /** Highest share of the watts that the machine drew as it was found; 0: no mining. */
  readonly powerShare?: number;
  /** dB(A), as `tuning.fullSpeedDecibels` counts them. */
  readonly noiseMaxDecibels?: number;
}

const signalFields = {
  hashpricePerThDay: z.exactOptional(
    z
      .number()
      .min(0)
      .max(1e6)
      .meta({
        description: "What hashing earns, in the currency of tariffPerKwh",
        unit: "per TH/s and day",
        examples: [0.045],
      }),
  ),
  tariffPerKwh: z.exactOptional(
    z
      .number()
      .min(-100)
      .max(100)
      .meta({
        description: "What energy costs; negative when the grid pays",
        unit: "per kWh",
        examples: [0.06],
      }),
  ),
  powerShare: z.exactOptional(
    z
      .number()
      .min(0)
      .max(1)
      .meta({
        description:
          "Highest share of the watts that a machine drew as it was found; 0: it is put to sleep",
        unit: "1",
        examples: [0.5],
      }),
  ),
  noiseMaxDecibels: z.exactOptional(
    z
      .number()
      .min(0)
      .max(120)
      .meta({
        description: "Most noise of one machine, by the speed of its fans",
        unit: "dB",
        examples: [45],
      }),
  ),
};

const DAYS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

const windowFields = z.strictObject({
  from: timeOfDay.meta({
    description: "Begin, time of day in timeZone",
    expected: "HH:MM from 00:00 to 23:59, in quotes",
  }),
  to: timeOfDay.meta({
    description: "End, not included; before from: on the next day",
    expected: "HH:MM from 00:00 to 23:59, in quotes",
  }),
  days: z.exactOptional(
    z
      .array(z.enum(DAYS))
      .min(1)
      .max(7)
      .meta({
        description: "Days on which the window begins; every day when absent",
        examples: [["saturday", "sunday"]],
      }),
  ),
  ...signalFields,
});

export const signalsSection = z.strictObject({
  ...signalFields,
  timeZone: z.string().max(64).refine(isTimeZone).default("UTC").meta({
    description: "Time zone of the windows",
    expected: "an IANA name such as Europe/Oslo, or UTC",
  }),
  windows: z
    .array(windowFields)
    .max(200)
    .default([])
    .meta({ description: "Times of day at which other values hold; the last that matches counts" }),
  file: z.exactOptional(
    z
      .string()
      .min(1)
      .max(4096)
      .meta({
        description:
          "JSON list of {from, to} as ISO 8601 times with any of the four values; read again when it changes; goes before windows",
        examples: ["/run/nockd/signals.json"],
      }),
  ),
  rampMinutes: z.number().min(0).max(240).default(0).meta({
    description:
      "After curtailment the machines of a site come back spread over this time, each at its own moment",
    unit: "min",
  }),
});

export type SignalsConfig = z.output<typeof signalsSection>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const instant = z.string().refine((text) => INSTANT.test(text) && !Number.isNaN(Date.parse(text)), {
  error: "is no ISO 8601 time with its offset, such as 2026-12-01T16:00:00Z",
});

/** One entry of the file. */
const intervalFields = z
  .strictObject({ from: instant, to: instant, ...signalFields })
  .transform(({ from, to, ...values }) => ({
    from: Date.parse(from),
    to: Date.parse(to),
    values: values as Signals,
  }));

export interface Interval {
  /** Epoch, ms. */
  readonly from: number;
  /** Epoch, ms, not included. */
  readonly to: number;
  readonly values: Signals;
}

export type ParsedSignals =
  | { readonly ok: true; readonly intervals: readonly Interval[] }
  | { readonly ok: false; readonly message: string };

/** A week of five-minute prices is 2,016 entries. */
const MOST_INTERVALS = 20_000;
const intervalList = z.array(intervalFields).max(MOST_INTERVALS);

/** The text of a signals file; a bad one is refused as a whole, with the entry and key that are wrong. */
export function parseSignalsFile(text: string): ParsedSignals {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (error) {
    return { ok: false, message: `not JSON: ${error instanceof Error ? error.message : error}` };
  }
  const parsed = intervalList.safeParse(plain);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.map((step) => (typeof step === "number" ? `[${step}]` : step));
    return {
      ok: false,
      message: `${where?.join(".") ?? ""} ${issue?.message ?? "is wrong"}`.trim(),
    };
  }
  const backwards = parsed.data.findIndex((each) => each.to <= each.from);
  if (backwards >= 0) return { ok: false, message: `[${backwards}] to is not after from` };
  return { ok: true, intervals: parsed.data.toSorted((a, b) => a.from - b.from) };
}

/** What holds at a moment, epoch ms: the file before the windows before the static values. */
export function signalsAt(
  section: SignalsConfig,
  intervals: readonly Interval[],
  now: number,
): Signals {
  const { timeZone, windows, file: _file, rampMinutes: _ramp, ...fixed } = section;
  const current = windows.length === 0 ? undefined : localTime(now, timeZone);
  const daily = current === undefined ? [] : windows.filter((window) => holds(window, current));
  const dated = intervals.filter((each) => each.from <= now && now < each.to);
  const layers: Signals[] = [
    fixed,
    ...daily.map(({ from: _from, to: _to, days: _days, ...values }) => values),
    ...dated.map((each) => each.values),
  ];
  return Object.assign({}, ...layers) as Signals;
}

interface LocalTime {
  /** 0: Sunday. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
}

const MINUTES = 24 * 60;

function holds(
  { from, to, days }: Pick<z.output<typeof windowFields>, "from" | "to" | "days">,
  { day, minute }: LocalTime,
): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const overnight = end <= begin;
  const inside = overnight ? minute >= begin || minute < end : minute >= begin && minute < end;
  if (!inside || days === undefined) return inside;
  // After midnight of a window that began on the day before.
  const began = overnight && minute < end ? (day + 6) % 7 : day;
  return days.some((name) => DAYS.indexOf(name) === began);
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localTime(now: number, timeZone: string): LocalTime {
  if (timeZone === "UTC") {
    const minute = Math.floor(now / 60_000);
    // 1970-01-01 was a Thursday.
    return { day: (Math.floor(minute / MINUTES) + 4) % 7, minute: minute % MINUTES };
  }
  const format = FORMATS.get(timeZone) ?? formatOf(timeZone);
  FORMATS.set(timeZone, format);
  const parts = format.formatToParts(now);
  const find = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const day = DAYS.findIndex((name) => name.startsWith(find("weekday").toLowerCase()));
  return { day, minute: Number(find("hour")) * 60 + Number(find("minute")) };
}

const formatOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
