// From the panel to Telemetry. Pure.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toMac,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { rateReading, temperatureReading } from "../contract/quantities.ts";
import type {
  Activity,
  Board,
  Fan,
  Identity,
  Pool,
  Setpoint,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, megahertz, milliseconds, rpm } from "../contract/units.ts";
import { findIceriver, type IceriverModel } from "../hardware/iceriver.ts";
import type { Held } from "../transport/answer.ts";
import { amountOf, runtimeOf } from "./amount.ts";
import type { Panel, PanelBoard, PanelPool } from "./wire.ts";

export const FIRMWARE = "IceRiver stock";
/** The panel does not tell it: rtpow is its real-time rate. */
const NOW_WINDOW = 5_000;
const LIGHT = { settles: milliseconds(60_000), restarts: false, persists: false };

/**
 * Only the light can be set: the maker's firmware has no clock, voltage or fan in its interface. What
 * fanstate and its kin say of which machine is not known, so they are no faults.
 */
export function decode(panel: Held<Panel>, at: EpochMs): Omit<Telemetry, "problems"> {
  const { value, source, at: heard } = panel;
  const identity = decodeIdentity(value);
  const model = findIceriver(identity.model ?? "");
  const boards = value.boards.map((board, place) => boardOf(board, place, panel, model));
  const setpoint: Setpoint = present({
    locate: readingOf(toBoolean(value.locate), source, heard),
  });
  const runtime = runtimeOf(value.runtime);
  const read = reader(source, heard);
  const rate = (raw: unknown, window: number) =>
    model === undefined
      ? undefined
      : rateReading(amountOf(raw, value.unit), { scale: 1, window }, panel);
  return {
    at,
    identity,
    boards,
    setpoint,
    fans: value.fans.map(
      (speed, index): Fan => ({ index, ...present({ speed: read(rpm, speed) }) }),
    ),
    pools: poolsOf(value.pools),
    controls:
      identity.modelKnown && setpoint.locate !== undefined ? { locate: { effect: LIGHT } } : {},
    faults: [],
    ...present({
      algorithm: model?.algorithm,
      activity: readingOf(activityOf(value), source, heard),
      hashrate: presentOrNone({
        now: rate(value.rtpow, NOW_WINDOW),
        average: rate(value.avgpow, runtime ?? 0),
      }),
      temperature: heatOf(boards),
      uptime: read(milliseconds, runtime),
    }),
  };
}

function heatOf(boards: readonly Board[]) {
  return presentOrNone({
    board: hottest(boards.map((board) => board.boardTemperature)),
    inlet: hottest(boards.map((board) => board.inletTemperature)),
    outlet: hottest(boards.map((board) => board.outletTemperature)),
  });
}

export function decodeIdentity(panel: Panel): Identity {
  const model = modelNameOf(panel);
  return {
    vendor: "IceRiver",
    firmware: FIRMWARE,
    modelKnown: model !== undefined && findIceriver(model) !== undefined,
    ...present({
      firmwareVersion: toText(panel.softver1),
      model,
      mac: toMac(panel.mac),
      hostname: toText(panel.host),
    }),
  };
}

/** Some builds have no model; then it is the last word of the version, `..._KS5Lminer`. */
function modelNameOf(panel: Panel): string | undefined {
  const told = toText(panel.model);
  if (told !== undefined && findIceriver(told) !== undefined) return told;
  const version = toText(panel.softver1) ?? "";
  const known = findIceriver(version.replaceAll(/miner/gi, " "));
  return known?.name ?? told ?? /_([A-Z]{2}\d\w{0,6})miner$/i.exec(version)?.[1];
}

function boardOf(
  board: PanelBoard,
  place: number,
  panel: Held<Panel>,
  model: IceriverModel | undefined,
): Board {
  const read = reader(panel.source, panel.at);
  const inletTemperature = temperatureReading(board.intmp, panel);
  const outletTemperature = temperatureReading(board.outtmp, panel);
  return {
    index: (toNumber(board.no) ?? place + 1) - 1,
    ...present({
      hashrate:
        model === undefined
          ? undefined
          : rateReading(
              amountOf(board.rtpow, panel.value.unit),
              { scale: 1, window: NOW_WINDOW },
              panel,
            ),
      // chipsuc counts those that answered at the start.
      chips: read((value) => value, toNumber(board.chipsuc) ?? toNumber(board.chipnum)),
      chipsExpected: model?.chipsPerBoard,
      frequency: read(megahertz, board.freq),
      inletTemperature,
      outletTemperature,
      boardTemperature: hottest([inletTemperature, outletTemperature]),
    }),
  };
}

function activityOf(panel: Panel): Activity | undefined {
  const powered = toBoolean(panel.powstate);
  if (powered === false) return "stopped";
  const rate = amountOf(panel.rtpow, panel.unit);
  if (rate === undefined) return undefined;
  return rate > 0 ? "hashing" : "starting";
}

/** Empty slots left out. */
function poolsOf(rows: readonly PanelPool[]): Pool[] {
  return rows.flatMap((row, place) => {
    const url = toText(row.addr);
    if (url === undefined) return [];
    const state = toNumber(row.state);
    const other = state === undefined ? ("unknown" as const) : ("dead" as const);
    return {
      index: (toNumber(row.no) ?? place + 1) - 1,
      url,
      user: toText(row.user) ?? "",
      status: state === 1 ? ("alive" as const) : other,
      ...present({
        active: toBoolean(row.connect),
        priority: toNumber(row.priority),
        accepted: toNumber(row.accepted),
        rejected: toNumber(row.rejected),
        difficulty: toNumber(row.diff),
      }),
    };
  });
}
