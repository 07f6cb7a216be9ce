// The boards: rate from `devs`, heat, volts and MHz from 8080. FluxOS counts them from 1; 0 is the
// control board.

import { hottest, present, reader, readingOf, toBoolean, toNumber } from "../contract/decoding.ts";
import { rateReading, scaled, temperatureReading } from "../contract/quantities.ts";
import type { Board, Reading } from "../contract/telemetry.ts";
import { type Celsius, megahertz, millivolts } from "../contract/units.ts";
import type { AuradineModel } from "../hardware/auradine.ts";
import type { Held } from "../transport/answer.ts";
import type { Answers } from "./answers.ts";

const MEGA = 1e6;
const NOW_WINDOW = 5_000;

export function decodeBoards(answers: Answers, model: AuradineModel | undefined): Board[] {
  const ids = [answers.devs, answers.temperature, answers.voltage, answers.frequency]
    .flatMap((held): readonly { readonly ID?: unknown }[] => held?.value ?? [])
    .flatMap((row) => toNumber(row.ID) ?? [])
    .filter((id) => Number.isInteger(id) && id > 0);
  return [...new Set(ids)].sort((a, b) => a - b).map((id) => boardOf(id, answers, model));
}

function boardOf(id: number, answers: Answers, model: AuradineModel | undefined): Board {
  const dev = answers.devs?.value.find((row) => toNumber(row.ID) === id);
  const serials = answers.report?.value.HBSerialNo;
  return {
    index: id - 1,
    ...present({
      serial: serials?.[id - 1],
      chipsExpected: model?.chipsPerBoard,
      chips: chipsOf(answers),
      enabled: toBoolean(dev?.Enabled),
      hashrate:
        answers.devs === undefined
          ? undefined
          : rateReading(dev?.["MHS 5s"], { scale: MEGA, window: NOW_WINDOW }, answers.devs),
      ...heatOf(id, answers),
      frequency: meanOf(answers.frequency, id, megahertz, (row) =>
        row.ChipFrequency.map((chip) => chip.Frequency),
      ),
      voltage: meanOf(answers.voltage, id, millivolts, (row) =>
        row.ChipVoltage.map((chip) => scaled(chip.Voltage, 1000)),
      ),
    }),
  };
}

/** The machine counts chips of all boards together: told of a board only where it divides evenly. */
function chipsOf({ count }: Answers): Reading<number> | undefined {
  if (count === undefined) return undefined;
  const chips = toNumber(count.value.AsicCount);
  const boards = toNumber(count.value.BoardCount);
  if (chips === undefined || boards === undefined || boards <= 0) return undefined;
  const each = chips / boards;
  return Number.isInteger(each) ? readingOf(each, count.source, count.at) : undefined;
}

/** The coldest sensor of a board is in the inlet air, the hottest at the outlet. */
function heatOf(id: number, { temperature, devs }: Answers) {
  const row = temperature?.value.find((board) => toNumber(board.ID) === id);
  const readings = (sensors: readonly { readonly Temperature?: unknown }[] | undefined) =>
    temperature === undefined
      ? []
      : (sensors ?? []).flatMap(
          (sensor) => temperatureReading(sensor.Temperature, temperature) ?? [],
        );
  const board = readings(row?.BoardTemp);
  const dev = devs?.value.find((each) => toNumber(each.ID) === id);
  const ofDev = devs === undefined ? undefined : temperatureReading(dev?.Temperature, devs);
  return {
    chipTemperature: hottest(readings(row?.ChipTemp)),
    boardTemperature: hottest([...board, ofDev]),
    inletTemperature: coldest(board),
    outletTemperature: hottest(board),
  };
}

function coldest(readings: readonly Reading<Celsius>[]): Reading<Celsius> | undefined {
  const believable = readings.filter(({ quality }) => quality !== "implausible");
  return [...believable].sort((a, b) => a.value - b.value)[0];
}

/** Mean of the chips that tell more than 0. */
function meanOf<Row extends { readonly ID?: unknown }, Value extends number>(
  held: Held<readonly Row[]> | undefined,
  id: number,
  make: (value: number) => Value,
  valuesOf: (row: Row) => readonly unknown[],
): Reading<Value> | undefined {
  const row = held?.value.find((each) => toNumber(each.ID) === id);
  if (held === undefined || row === undefined) return undefined;
  const values = valuesOf(row).flatMap((value) => toNumber(value) ?? []);
  const alive = values.filter((value) => value > 0);
  const sum = alive.reduce((total, value) => total + value, 0);
  return alive.length === 0 ? undefined : reader(held.source, held.at)(make, sum / alive.length);
}
