// What the demo shows: one block a machine, start against now, and the last decision with its reason.

import { table } from "../../agent/cli/table.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { describePoint } from "../../agent/state/point.ts";
import { gainPercent } from "../../agent/state/samples.ts";
import type { Measured } from "../../agent/state/tuning.ts";
import { ALGORITHMS } from "../../drivers/contract/algorithm.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";

export interface DemoView {
  readonly speed: number;
  readonly seed: number;
  /** Simulated milliseconds since the start. */
  readonly elapsed: number;
  readonly brokerUrl: string;
  readonly messages: Readonly<Record<string, number | undefined>>;
  readonly machines: readonly { readonly state: DeviceState; readonly wallWatts: number }[];
}

export function demoScreen(view: DemoView): string {
  const rows = view.machines.flatMap((machine) => [
    ...machineRows(machine.state, machine.wallWatts),
  ]);
  return [
    header(view),
    table([["machine", "", "watts", "hashrate", "efficiency", "point"], ...rows]),
    ...view.machines.map(({ state }) => decisionLines(state)),
    mqttLine(view),
  ].join("\n\n");
}

function header(view: DemoView): string {
  const minutes = Math.floor(view.elapsed / 60_000);
  const clock = `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return (
    `nockd demo: SIMULATED machines (seed ${view.seed}), no hardware. ` +
    `Time runs ${view.speed} times as fast as real time: ${clock} simulated.`
  );
}

function machineRows(state: DeviceState, wallWatts: number): string[][] {
  const { telemetry, tuning } = state;
  const model = telemetry?.identity.model ?? "not identified yet";
  const rows: string[][] = [[state.id, model]];
  if (telemetry === undefined) return rows;
  if (tuning.baseline !== undefined)
    rows.push(["", "at the start", ...figures(telemetry, tuning.baseline)]);
  if (tuning.best !== undefined && tuning.best !== tuning.baseline) {
    rows.push(["", "best so far", ...figures(telemetry, tuning.best, tuning.baseline)]);
  }
  rows.push(["", "now", ...presentFigures(telemetry, wallWatts)]);
  return rows;
}

function figures(telemetry: Telemetry, measured: Measured, baseline?: Measured): string[] {
  const facts = ALGORITHMS[telemetry.algorithm ?? "sha256"];
  const joules = `${(measured.efficiency * facts.scale).toFixed(2)} ${facts.efficiencyUnit}`;
  const gain =
    baseline === undefined
      ? ""
      : ` (${gainPercent(measured.efficiency, baseline.efficiency).toFixed(1)} % at ` +
        `${((measured.rate / baseline.rate) * 100).toFixed(1)} % hashrate)`;
  return [
    `${measured.power.toFixed(0)} W ${measured.basis}`,
    `${(measured.rate / facts.scale).toFixed(2)} ${facts.rateUnit}`,
    joules + gain,
    describePoint(measured.point),
  ];
}

/** The last reading as it is: noisy, and beside it what a meter at the wall would show. */
function presentFigures(telemetry: Telemetry, wallWatts: number): string[] {
  const facts = ALGORITHMS[telemetry.algorithm ?? "sha256"];
  const power = telemetry.power;
  const rate = telemetry.hashrate?.recent?.value ?? telemetry.hashrate?.now?.value;
  const hashing = telemetry.activity === undefined || telemetry.activity.value === "hashing";
  const efficient = power !== undefined && rate !== undefined && rate > 0 && hashing;
  return [
    power === undefined ? "-" : `${power.value.toFixed(0)} W ${power.basis}`,
    rate === undefined ? "-" : `${(rate / facts.scale).toFixed(2)} ${facts.rateUnit}`,
    efficient
      ? `${((power.value / rate) * facts.scale).toFixed(2)} ${facts.efficiencyUnit}`
      : `${telemetry.activity?.value ?? "-"}`,
    `wall of the simulation: ${wallWatts.toFixed(0)} W`,
  ];
}

function decisionLines(state: DeviceState): string {
  const { decision, outcome, tuning, link } = state;
  const lines = [`${state.id}: ${link.status}, ${tuning.phase}, ${tuning.evaluations} trials`];
  if (decision !== undefined)
    lines.push(
      `  decision: ${decision.reason}${decision.refused === undefined ? "" : ` (not yet: ${decision.refused})`}`,
    );
  if (outcome !== undefined) lines.push(`  last write: ${outcome.verdict}, ${outcome.detail}`);
  return lines.join("\n");
}

function mqttLine(view: DemoView): string {
  const counts = Object.entries(view.messages).map(([type, count]) => `${type} ${count}`);
  return (
    `MQTT: ${counts.join(", ") || "nothing yet"} at ${view.brokerUrl}\n` +
    `watch: node dist/nockd.mjs subscribe --url ${view.brokerUrl}`
  );
}
