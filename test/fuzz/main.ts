// See scripts/fuzz.

import { campaign, type Result } from "./campaign.ts";
import { replyParsers } from "./replies.ts";
import { TRANSPORT } from "./transport.ts";

const args = process.argv.slice(2);
const optionOf = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
};
const runs = Number(args.find((arg) => /^\d+$/.test(arg) && arg !== optionOf("--seed")) ?? 100_000);
const seed = Number(optionOf("--seed") ?? Date.now() % 1_000_000_000);
const wanted = optionOf("--parser") ?? "";

const say = (line: string) => process.stdout.write(`${line}\n`);

function row({ name, inputs, slowestMs, seconds, outcomes, broken }: Result): string {
  const codes = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`)
    .join(", ");
  const figures = [String(inputs), slowestMs.toFixed(1), seconds.toFixed(0)];
  const verdict = broken === undefined ? "" : "BROKEN  ";
  return `${name.padEnd(72)}  ${figures.map((text) => text.padStart(7)).join("  ")}  ${verdict}${codes}`;
}

// A machine's name selects all of its parsers, the beginning of a parser's name that one.
const machine = wanted.split(":")[0] ?? "";
const replies = await replyParsers((name) => machine === "" || name === machine);
const parsers = [...TRANSPORT, ...replies].filter(
  ({ name }) =>
    name.startsWith(`${wanted}:`) ||
    (wanted.includes(":") && name.startsWith(wanted)) ||
    wanted === "",
);
if (parsers.length === 0) {
  say(`no parser begins with ${JSON.stringify(wanted)}`);
  process.exit(2);
}
say(`node ${process.version}, seed ${seed}, ${runs} inputs for each of ${parsers.length} parsers`);
say(`${"parser".padEnd(72)}   inputs  slow ms  seconds  read, or the code of the DeviceError`);
const broken: Result[] = [];
for (const parser of parsers) {
  const result = await campaign(parser, runs, seed);
  say(row(result));
  if (result.broken !== undefined) broken.push(result);
}
for (const { name, broken: reason } of broken) say(`\n${name}\n${reason}`);
process.exit(broken.length === 0 ? 0 : 1);
