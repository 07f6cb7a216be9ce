// The presets of an S21 Pro on VNish 1.2.7, and what the firmware's tuning finds for each.

import type { Presets } from "../../drivers/vnish/wire.ts";
import { S21_PRO } from "./vnish-plant.ts";

/** Watts and TH/s of the captured labels: 15 J/TH throughout, whatever the machine does. */
const LABELS: readonly (readonly [watts: number, terahashes: number])[] = [
  [2550, 170],
  [2640, 176],
  [2710, 182],
  [2800, 188],
  [2890, 194],
  [2980, 200],
  [3070, 206],
  [3160, 212],
  [3250, 218],
  [3340, 224],
  [3430, 230],
  [3520, 236],
  [3610, 242],
  [3700, 248],
  [3790, 254],
  [3880, 260],
  [3970, 266],
  [4060, 271],
];

/** Tuned when the machine is handed over; the others never were. */
const TUNED_FROM = 3070;
const TUNED_TO = 3520;

const CHIPS = S21_PRO.boards * S21_PRO.chipsPerBoard;
/** mV of the board that 1 MHz needs: the slope of the plant's cliff. */
const SLOPE = S21_PRO.cliff.slope * 1000 * S21_PRO.domains;
/** Tuning takes 0.1 V of the margin that the factory leaves. */
const TRIMMED = 100;
/** The capture shows an untuned 188 TH/s at 495 MHz: 4.6 % more than its tuned chips would need. */
const UNTUNED_SURPLUS = 1.046;

export interface OperatingPoint {
  readonly frequency: number;
  /** Board mV. */
  readonly voltage: number;
}

export interface Preset {
  readonly name: string;
  readonly pretty: string;
  /** Where the firmware's search ends. */
  readonly tunedPoint: OperatingPoint;
  /** Where it begins. */
  readonly firstPoint: OperatingPoint;
  tuned: boolean;
}

export function makePresets(): Preset[] {
  return LABELS.map(([watts, terahashes]) => {
    const needed = (terahashes * 1e12) / (CHIPS * S21_PRO.hashesPerMhzChip);
    return {
      name: String(watts),
      pretty: `${watts} watt ~ ${terahashes} TH`,
      tunedPoint: pointAt(needed, TRIMMED),
      firstPoint: pointAt(needed * UNTUNED_SURPLUS, 0),
      tuned: watts >= TUNED_FROM && watts <= TUNED_TO,
    };
  });
}

function pointAt(megahertz: number, trimmed: number): OperatingPoint {
  const { frequency: stock, voltage } = S21_PRO.stock;
  const frequency = Math.round(megahertz / 5) * 5;
  return {
    frequency,
    voltage: Math.round((voltage - trimmed + (frequency - stock) * SLOPE) / 10) * 10,
  };
}

export const itemOf = (preset: Preset) => ({
  name: preset.name,
  pretty: preset.pretty,
  status: preset.tuned ? "tuned" : "untuned",
  modded_psu_required: false,
});

/** The manual point stands in the same list. */
export function tellPresets(presets: readonly Preset[], manual: OperatingPoint): Presets {
  const settings = ({ frequency, voltage }: OperatingPoint) => ({
    freq: frequency,
    volt: voltage,
  });
  const byHand = {
    name: "disabled",
    pretty: "Disabled",
    status: "untuned",
    modded_psu_required: false,
    tune_settings: settings(manual),
  };
  return [
    byHand,
    ...presets.map((preset) =>
      preset.tuned
        ? { ...itemOf(preset), tune_settings: settings(preset.tunedPoint) }
        : itemOf(preset),
    ),
  ];
}
