// The picture: gain over time against the oracle, one panel a class.

import type { MachineClass } from "./class.ts";
import type { JobResult } from "./job.ts";
import { TURNS } from "./meter.ts";
import { capture, gain } from "./score.ts";
import { judge } from "./worth.ts";

const PANEL = { width: 400, height: 260, left: 52, right: 22, top: 46, bottom: 40 };
const COLUMNS = 3;
const HEAD = 64;
/** Okabe and Ito: told apart by colour-blind people too; dashes and marks say it once more. */
const STYLES: readonly Style[] = [
  { colour: "#0072B2", width: 3.2, dash: "", mark: "circle" },
  { colour: "#8a8a8a", width: 1.4, dash: "", mark: "none" },
  { colour: "#E69F00", width: 1.5, dash: "", mark: "square" },
  { colour: "#E69F00", width: 1.5, dash: "2 3", mark: "square" },
  { colour: "#009E73", width: 1.5, dash: "", mark: "triangle" },
  { colour: "#CC79A7", width: 1.5, dash: "2 3", mark: "diamond" },
  { colour: "#D55E00", width: 1.5, dash: "", mark: "diamond" },
  { colour: "#56B4E9", width: 1.5, dash: "6 3", mark: "square" },
  { colour: "#7a3b00", width: 1.5, dash: "6 3", mark: "triangle" },
  { colour: "#CC79A7", width: 1.2, dash: "1 2", mark: "cross" },
  { colour: "#009E73", width: 1.5, dash: "6 2 1 2", mark: "circle" },
];
const ORACLE: Style = { colour: "#000000", width: 1.8, dash: "7 4", mark: "none" };

interface Style {
  readonly colour: string;
  readonly width: number;
  readonly dash: string;
  readonly mark: "none" | "circle" | "square" | "triangle" | "diamond" | "cross";
}

interface Line {
  readonly name: string;
  readonly style: Style;
  /** Percent of J per hash saved against stock, one value a bucket. */
  readonly gains: readonly number[];
}

/** Of the cold start; an empty frame with words where that was not run. */
export function pictureOf(
  results: readonly JobResult[],
  classes: readonly MachineClass[],
  methods: readonly string[],
): string {
  const shown = classes.filter((kind) => coldStart(results, kind).length > 0);
  const rows = Math.ceil((shown.length + 1) / COLUMNS);
  const columns = Math.min(COLUMNS, shown.length + 1);
  const width = columns * PANEL.width;
  const height = HEAD + rows * PANEL.height + 10;
  const panels = shown.map((kind, index) =>
    at(index, panel(kind, coldStart(results, kind), methods, index)),
  );
  const units = shown.map((kind) => coldStart(results, kind).length);
  const floor = results[0]?.floor ?? 0;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="26" font-size="17" font-weight="bold">Energy per hash saved against stock, over the first day of tuning</text>
<text x="16" y="46" fill="#444444">Simulated machines, ${Math.max(0, ...units)} units a class, wall watts, hashrate kept at ${Math.round(floor * 100)} % of stock or more; what is missing of that counts at its stock cost</text>
${panels.join("\n")}
${at(shown.length, legend(methods))}
</svg>
`;
}

const coldStart = (results: readonly JobResult[], kind: MachineClass): JobResult[] =>
  results.filter((each) => each.scenario === "S1" && each.classId === kind.id);

function at(index: number, content: string): string {
  const x = (index % COLUMNS) * PANEL.width;
  const y = HEAD + Math.floor(index / COLUMNS) * PANEL.height;
  return `<g transform="translate(${x} ${y})">${content}</g>`;
}

function linesOf(results: readonly JobResult[], methods: readonly string[]): Line[] {
  const count = results[0]?.reference.stock.length ?? 0;
  const series = (name: string, of: "method" | "oracle"): number[] =>
    Array.from({ length: count }, (_, bucket) => {
      const units = results.flatMap((result) => {
        const run = result.runs[name];
        return run === undefined ? [] : [judge(result, run, bucket, bucket + 1)];
      });
      return 100 * gain(units, of);
    });
  const [any = ""] = Object.keys(results[0]?.runs ?? {});
  const lines = methods.flatMap((name, index) => {
    const style = STYLES[index % STYLES.length];
    return style === undefined || results.every((result) => result.runs[name] === undefined)
      ? []
      : [{ name, style, gains: series(name, "method") }];
  });
  // The product last, so that it lies on top.
  return [{ name: "oracle", style: ORACLE, gains: series(any, "oracle") }, ...lines.reverse()];
}

function panel(
  kind: MachineClass,
  results: readonly JobResult[],
  methods: readonly string[],
  index: number,
): string {
  const lines = linesOf(results, methods);
  const oracle = lines[0]?.gains[0] ?? 1;
  const step = niceStep(oracle);
  const top = Math.ceil((oracle * 1.15) / step) * step;
  const bottom = -Math.ceil((oracle * 0.5) / step) * step;
  const count = results[0]?.reference.stock.length ?? 1;
  const hours = (count * TURNS) / 60;
  const x = (hour: number) =>
    PANEL.left + (hour / hours) * (PANEL.width - PANEL.left - PANEL.right);
  const y = (value: number) =>
    PANEL.top + ((top - value) / (top - bottom)) * (PANEL.height - PANEL.top - PANEL.bottom);
  const ticks = [];
  for (let tick = bottom; tick <= top + 1e-9; tick += step) ticks.push(tick);
  const [left, right] = [x(0), x(hours)];
  return [
    `<clipPath id="p${index}"><rect x="${left}" y="${y(top)}" width="${right - left + 8}" height="${y(bottom) - y(top)}"/></clipPath>`,
    `<text x="${PANEL.left}" y="16" font-weight="bold" font-size="12">${escaped(`${kind.id}  ${kind.title}`)}</text>`,
    `<text x="${PANEL.left}" y="32" fill="#444444">${summary(results, methods[0] ?? "", oracle)}</text>`,
    ...ticks.map(
      (tick) =>
        `<line x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${Math.abs(tick) < 1e-9 ? "#888888" : "#e3e3e3"}"/><text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${Number(tick.toFixed(2))}</text>`,
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map(
      (share) =>
        `<text x="${x(hours * share)}" y="${y(bottom) + 15}" text-anchor="middle">${Number((hours * share).toFixed(1))}</text>`,
    ),
    `<text x="${(left + right) / 2}" y="${y(bottom) + 31}" text-anchor="middle" fill="#444444">hours since the start</text>`,
    `<text transform="translate(14 ${(y(top) + y(bottom)) / 2}) rotate(-90)" text-anchor="middle" fill="#444444">% less J per hash</text>`,
    `<g clip-path="url(#p${index})">`,
    ...lines.map((line) => path(line, x, y, bottom)),
    "</g>",
  ].join("\n");
}

function summary(results: readonly JobResult[], product: string, oracle: number): string {
  const units = results.flatMap((result) => {
    const run = result.runs[product];
    const count = result.reference.stock.length;
    return run === undefined ? [] : [judge(result, run, count - 4, count)];
  });
  const first = `possible: ${oracle.toFixed(1)} %`;
  if (units.length === 0) return first;
  return `${first}; ${escaped(product)} ends at ${(100 * gain(units)).toFixed(1)} %, ${(100 * capture(units)).toFixed(0)} % of it`;
}

/** About four lines from zero to the oracle's gain. */
function niceStep(oracle: number): number {
  const rough = Math.max(0.05, oracle / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
}

function path(
  { style, gains }: Line,
  x: (hour: number) => number,
  y: (value: number) => number,
  bottom: number,
): string {
  const points = gains.map((value, bucket) => {
    const shown = Math.max(bottom - 1, Number.isFinite(value) ? value : bottom - 1);
    return `${x(((bucket + 0.5) * TURNS) / 60).toFixed(1)},${y(shown).toFixed(1)}`;
  });
  const last = gains.at(-1) ?? 0;
  const end = mark(style, x((gains.length * TURNS) / 60), y(Math.max(bottom, last)));
  return `<polyline points="${points.join(" ")}" ${stroke(style)}/>${end}`;
}

const stroke = ({ colour, width, dash }: Style): string =>
  `fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}`;

function mark({ mark: shape, colour }: Style, x: number, y: number): string {
  const place = `transform="translate(${x.toFixed(1)} ${y.toFixed(1)})" fill="${colour}"`;
  switch (shape) {
    case "circle":
      return `<circle ${place} r="4"/>`;
    case "square":
      return `<rect ${place} x="-3.5" y="-3.5" width="7" height="7"/>`;
    case "triangle":
      return `<path ${place} d="M0-4.5 4.2 3.2H-4.2Z"/>`;
    case "diamond":
      return `<path ${place} d="M0-5 5 0 0 5-5 0Z"/>`;
    case "cross":
      return `<path ${place} d="M-4-4 4 4M4-4-4 4" stroke="${colour}" stroke-width="1.6"/>`;
    case "none":
      return "";
  }
}

function legend(methods: readonly string[]): string {
  const entries = [
    { name: "oracle: knows the unit, same caps", style: ORACLE },
    ...methods.map((name, index) => ({ name, style: STYLES[index % STYLES.length] ?? ORACLE })),
  ];
  const rows = entries.map(({ name, style }, index) => {
    const y = 30 + index * 17;
    const bold = index === 1 ? ' font-weight="bold"' : "";
    return `<line x1="${PANEL.left}" x2="${PANEL.left + 34}" y1="${y}" y2="${y}" ${stroke(style)}/>${mark(style, PANEL.left + 34, y)}<text x="${PANEL.left + 48}" y="${y + 4}"${bold}>${escaped(name)}</text>`;
  });
  return `${rows.join("\n")}<text x="${PANEL.left}" y="${30 + entries.length * 17 + 8}" fill="#444444">No line: the firmware offers it nothing to turn.</text>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
