// An explanation as a technician reads it at three in the morning.

import { ALGORITHMS, type Algorithm } from "../../drivers/contract/algorithm.ts";
import type { Shelved } from "../state/device-state.ts";
import type { Expected, Explanation, Option, Seen } from "../state/explanation.ts";
import { describePoint } from "../state/point.ts";
import { table } from "./table.ts";

const MINUTE = 60_000;

/** Who the machine is and what is known of it. */
export function aboutMachine(id: string, { unit, tuning }: Shelved): string {
  const { model, firmware, firmwareVersion, serial, mac } = unit;
  const runs = [firmware, firmwareVersion].filter(Boolean).join(" ");
  const who = [model ?? "unknown model", runs && `on ${runs}`, serial ?? mac].filter(Boolean);
  const measured = tuning.evidence?.length ?? 0;
  const lines = [
    `${id}: ${who.join(", ")}`,
    `  now      ${tuning.phase} since ${when(tuning.since)}; ${measured} points measured, ${tuning.evaluations} trials`,
  ];
  if (tuning.best !== undefined) lines.push(`  best     ${describePoint(tuning.best.point)}`);
  return lines.join("\n");
}

export function explanationWords(explanation: Explanation): string {
  const { seen, asked, chosen, rejected = [], expected, model, refused } = explanation;
  const facts: [string, string | undefined][] = [
    ["why", explanation.reason],
    ["but", refused && `the guard refused it: ${refused}`],
    ["seen", seenWords(seen)],
    ["asked", asked && askedWords(asked)],
    ["expected", expected && expectedWords(expected, seen)],
    ["point", chosen && optionWords(chosen, seen.algorithm)],
  ];
  const lines = facts.flatMap(([name, words]) =>
    words === undefined || words === "" ? [] : [`  ${name.padEnd(8)} ${words}`],
  );
  const others = rejected.map((each) => [
    "   ",
    describePoint(each.point),
    `${signed(each.gain)};`,
    each.why ?? "",
  ]);
  return [
    `${when(explanation.at)}  ${headline(explanation)}`,
    ...lines,
    ...(others.length === 0 ? [] : ["  not      (compared with where it stood)", table(others)]),
    ...(model === undefined ? [] : [`  model    ${model}`]),
  ].join("\n");
}

function headline({ outcome, chosen, settings, policy }: Explanation): string {
  const to = chosen === undefined ? settings.join(", ") : describePoint(chosen.point);
  const words = {
    change: `CHANGED to ${to}`,
    suggestion: `WOULD CHANGE to ${to} (tuning.mode is not act)`,
    refused: `REFUSED ${to}`,
    hold: to === "" ? "LEFT AS IT IS" : `STAYS at ${to}`,
  }[outcome];
  return `${words} [${policy}]`;
}

function seenWords({ power, basis, rate, ratio, chipTemperature, algorithm, over }: Seen): string {
  return [
    power === undefined ? "" : `${power.toFixed(0)} W (${basis ?? "unknown"})`,
    rate === undefined ? "" : rateWords(rate, algorithm),
    ratio === undefined ? "" : `${percent(ratio)} of what it should deliver`,
    chipTemperature === undefined ? "" : `hottest chip ${chipTemperature.toFixed(0)} °C`,
    over === undefined ? "" : `over ${(over / MINUTE).toFixed(0)} min`,
  ]
    .filter((each) => each !== "")
    .join(", ");
}

function askedWords({ words, floor, signals = {} }: NonNullable<Explanation["asked"]>): string {
  const told = Object.entries(signals).map(([name, value]) => `${name} ${value}`);
  return [
    words,
    floor > 0 ? `at least ${percent(floor)} of the first hashrate` : "",
    told.length === 0 ? "no signals" : `signals: ${told.join(", ")}`,
  ]
    .filter((each) => each !== "")
    .join("; ");
}

function expectedWords(expected: Expected, { algorithm }: Seen): string {
  const { gain, low, high, of, against, dead, hashes, currency } = expected;
  const where = against === "here" ? "than where it stood" : "than as it was found";
  const size = `${percent(gain)} ${of} ${where} (95 %: ${percent(low)} to ${percent(high)})`;
  if (dead === 0) return size;
  const facts = ALGORITHMS[algorithm ?? "sha256"];
  const lost = `${(hashes / facts.scale).toFixed(0)} ${facts.rateUnit.replace("/s", "")}`;
  const money = currency === undefined ? "" : `, ${currency.toPrecision(2)} of revenue`;
  return `${size}; costs ${(dead / MINUTE).toFixed(1)} min without hashes (${lost}${money})`;
}

const optionWords = ({ power, rate, over }: Option, algorithm: Algorithm | undefined): string =>
  `${power.toFixed(0)} W and ${rateWords(rate, algorithm)} are expected there, over the edge with ${percent(over)}`;

function rateWords(rate: number, algorithm: Algorithm = "sha256"): string {
  const { scale, rateUnit } = ALGORITHMS[algorithm];
  return `${(rate / scale).toFixed(2)} ${rateUnit}`;
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
const signed = (fraction: number): string => `${fraction >= 0 ? "+" : ""}${percent(fraction)}`;
const when = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");
