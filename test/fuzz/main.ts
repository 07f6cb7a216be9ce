// See scripts/fuzz.

import { parseArgs } from "node:util";
import { campaign, type Result } from "./campaign.ts";
import { replyParsers } from "./replies.ts";
import { TRANSPORT } from "./transport.ts";
import { writeParsers } from "./writes.ts";

const HELP = `scripts/fuzz [N] [options]
  N              inputs for each parser (100000)
  --seed S       of the inputs (the time of day)
  --parser NAME  of one machine as luxos, or one parser as "luxos: identify"
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

function refuse(message: string): never {
  process.stderr.write(`fuzz: ${message}\n${HELP}`);
  process.exit(2);
}

function readWords() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
        parser: { type: "string", default: "" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= 1e9) return value;
  return refuse(
    `${name}: ${JSON.stringify(text)}: expected a whole number from ${min} to 1000000000`,
  );
}

const { values, positionals } = readWords();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (positionals.length > 1) refuse(`${positionals.join(" ")}: expected one N`);
const runs = whole("N", positionals[0] ?? "100000", 1);
const seed = whole("--seed", values.seed, 0);
const wanted = values.parser;

function row({ name, inputs, distinct, slowestMs, seconds, outcomes, broken }: Result): string {
  const codes = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`)
    .join(", ");
  const figures = [String(inputs), String(distinct), slowestMs.toFixed(1), seconds.toFixed(0)];
  const verdict = broken === undefined ? "" : "BROKEN  ";
  return `${name.padEnd(72)}  ${figures.map((text) => text.padStart(7)).join("  ")}  ${verdict}${codes}`;
}

// A machine's name selects all of its parsers, the beginning of a parser's name that one.
const machine = wanted.split(":")[0] ?? "";
const asked = (name: string) => machine === "" || name === machine;
const replies = [...(await replyParsers(asked)), ...(await writeParsers(asked))];
const parsers = [...TRANSPORT, ...replies].filter(
  ({ name }) =>
    name.startsWith(`${wanted}:`) ||
    (wanted.includes(":") && name.startsWith(wanted)) ||
    wanted === "",
);
if (parsers.length === 0) {
  refuse(`--parser: ${JSON.stringify(wanted)}: expected a machine or the beginning of a parser`);
}
say(`node ${process.version}, seed ${seed}, ${runs} inputs for each of ${parsers.length} parsers`);
say(
  `${"parser".padEnd(72)}   inputs  distinct  slow ms  seconds  read, or the code of the DeviceError`,
);
const broken: Result[] = [];
for (const parser of parsers) {
  const result = await campaign(parser, runs, seed);
  say(row(result));
  if (result.broken !== undefined) broken.push(result);
}
for (const { name, broken: reason } of broken) say(`\n${name}\n${reason}`);
process.exit(broken.length === 0 ? 0 : 1);
