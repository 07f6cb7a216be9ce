// scripts/bench-profit: money a day over a year of prices, by hand, by the product, and at best.

import { parseArgs } from "node:util";
import { CLASSES } from "./classes.ts";
import { marketYear, sampled, YEAR_DAYS } from "./market-year.ts";
import { whole, within } from "./options.ts";
import { caseOf, constantly, type Earned, onOff, oracle, presetOf, product } from "./profit.ts";

const HELP = `scripts/bench-profit [options]
  --days N      of the year, evenly taken from its 360, one after the other (30); 360 is the whole year
  --units N     of each class (1)
  --classes CDE of the classes, by letter
  --seed N      of the first unit and of the market (1)
  --floor 0.9   tuning.hashrateFloor of the product
`;

interface Options {
  readonly days: number;
  readonly units: number;
  readonly classes: string;
  readonly seed: number;
  readonly floor: number;
}

function readOptions(words: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      days: { type: "string", default: "30" },
      units: { type: "string", default: "1" },
      classes: { type: "string", default: "CDE" },
      seed: { type: "string", default: "1" },
      floor: { type: "string", default: "0.9" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { classes } = values;
  if (!CLASSES.some(({ id }) => classes.includes(id)))
    throw new Error(
      `--classes: ${classes} names none of ${CLASSES.map(({ id }) => id).join(", ")}`,
    );
  return {
    days: whole("--days", values.days, 1, YEAR_DAYS),
    units: whole("--units", values.units, 1, 1000),
    classes,
    seed: whole("--seed", values.seed, 0, 1e9),
    floor: within("--floor", values.floor, 0.3, 1),
  };
}

interface Row extends Omit<Earned, "method"> {
  readonly units: number;
}

/** Sums over units, by method in the order of the first. */
function rowsOf(all: readonly (readonly Earned[])[]): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const { method, ...earned } of all.flat()) {
    const row = rows.get(method);
    const sum = (key: keyof typeof earned) => (row?.[key] ?? 0) + earned[key];
    rows.set(method, {
      units: (row?.units ?? 0) + 1,
      money: sum("money"),
      hashes: sum("hashes"),
      energy: sum("energy"),
      restarts: sum("restarts"),
      hoursOff: sum("hoursOff"),
      violations: sum("violations"),
    });
  }
  return rows;
}

const HEAD = [
  "method",
  "money/day",
  "over stock",
  "won %",
  "to stock",
  "to oracle",
  "rate %",
  "kWh/day",
  "restarts/day",
  "h off/day",
  "viol.",
];
const WIDTHS = [13, 9, 10, 7, 8, 9, 7, 8, 12, 9, 5];

const line = (texts: readonly string[]): string =>
  `${texts
    .map((text, index) => (index === 0 ? text.padEnd(13) : text.padStart(WIDTHS[index] ?? 0)))
    .join("  ")}\n`;

/** Shares of next to nothing, or of a loss, say nothing. */
const LEAST = 0.05;
const ratio = (one: number, other: number): string =>
  other < LEAST ? "-" : (one / other).toFixed(3);

function linesOf(rows: ReadonlyMap<string, Row>, days: number): string[] {
  const [stock, best] = [rows.get("stock"), rows.get("oracle")];
  if (stock === undefined || best === undefined) return [];
  const daily = ({ money, units }: Row) => money / units / days;
  return [...rows].map(([method, row]) => {
    const won = (row.money - stock.money) / (best.money - stock.money);
    return line([
      method,
      daily(row).toFixed(3),
      (daily(row) - daily(stock)).toFixed(3),
      (100 * won + 0).toFixed(1),
      ratio(daily(row), daily(stock)),
      ratio(daily(row), daily(best)),
      ((100 * row.hashes) / stock.hashes).toFixed(1),
      (row.energy / 3.6e6 / row.units / days).toFixed(1),
      (row.restarts / row.units / days).toFixed(2),
      (row.hoursOff / row.units / days).toFixed(2),
      String(row.violations),
    ]);
  });
}

async function bench({ days, units, classes, seed, floor }: Options): Promise<void> {
  const prices = sampled(marketYear(seed), days);
  const mean = (of: (price: (typeof prices)[number]) => number | undefined) =>
    prices.reduce((sum, price) => sum + (of(price) ?? 0), 0) / prices.length;
  process.stdout.write(
    `Simulation only: ${days} days of a synthetic year of prices (test/tunebench/market-year.ts), seed ${seed}, ${units} units a class\n` +
      `hashprice ${mean((price) => price.hashpricePerThDay).toFixed(4)} per TH/s and day, tariff ${mean((price) => price.tariffPerKwh).toFixed(4)} per kWh in the mean; inlet 25 °C\n` +
      "money: hashes at the hashprice less kWh at the wall at the tariff, a unit and day; won: above stock, of what the oracle has above stock\n" +
      "nockd is run minute by minute from an untouched machine, its search included; all others come to rest at once and pay their starts\n",
  );
  for (const kind of CLASSES.filter(({ id }) => classes.includes(id))) {
    const start = performance.now();
    const all: Earned[][] = [];
    for (let unit = 0; unit < units; unit += 1) {
      const each = caseOf(kind, seed + unit, prices, floor);
      all.push([
        await product(each),
        constantly("stock", each, kind.spec.stock),
        constantly("preset -10 %", each, presetOf(each, 0.1)),
        constantly("preset -25 %", each, presetOf(each, 0.25)),
        ...(kind.wakeTime === undefined ? [] : [onOff(each)]),
        oracle(each),
      ]);
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stdout.write(`\n${kind.id}  ${kind.title} (${seconds} s)\n${line(HEAD)}`);
    for (const text of linesOf(rowsOf(all), days)) process.stdout.write(text);
  }
}

async function main(): Promise<void> {
  let options: Options | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`bench-profit: ${reason}\n`);
    process.exitCode = 2;
    return;
  }
  if (options === undefined) process.stdout.write(HELP);
  else await bench(options);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench-profit: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
