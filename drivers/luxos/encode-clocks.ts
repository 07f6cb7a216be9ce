// Orders of frequency: of boards, and of chips apart from their board.

import type { Setting, SettingValues } from "../contract/controls.ts";
import { type CommandStep, command, notOffered, type Present } from "./step.ts";

/** MHz by which a chip's clock is the same. */
const SAME = 0.5;

type Wishes = {
  readonly [Knob in "frequency" | "boardOffsets" | "chipOffsets"]?: SettingValues[Knob];
};

/**
 * All that is wished of clocks, given at the first of its settings. Boards that are apart stay apart, and so
 * do chips. Assumed, as no source tells: an order for a board makes its chips equal, so that each chip's own
 * is sent again when the ramp of the boards is over; and an order for one chip moves no other. Only chips that
 * change are sent, those downwards first: what is cut off in the middle runs slower and not faster.
 */
export function clockSteps(setting: Setting, all: readonly Setting[], now: Present): CommandStep[] {
  const wishes = wishesOf(all);
  const [first] = Object.keys(wishes);
  if (setting.knob !== first) return [];
  const { frequency: common, offsets } = boardsAfter(all, now);
  if (common === undefined) return notOffered(setting);
  const clocks = now.boards.map((_, place) => common + (offsets?.[place] ?? 0));
  const boardsMove = wishes.frequency !== undefined || wishes.boardOffsets !== undefined;
  const boards = boardsMove
    ? now.boards.map((board, place) => order([board, rounded(clocks[place] ?? common)]))
    : [];
  const chips = chipSteps(clocks, boardsMove, wishes, now);
  return [...boards, ...(boardsMove ? afterRamp(chips) : chips)];
}

export type BoardClocks = Pick<Present, "frequency" | "offsets">;

/** Where these wishes, or what was there before, have the boards. */
function boardsAfter(all: readonly Setting[], now: Present): BoardClocks {
  const wishes = wishesOf(all);
  const frequency = wishes.frequency ?? now.frequency;
  const offsets = wishes.boardOffsets ?? now.offsets;
  return {
    ...(frequency === undefined ? {} : { frequency }),
    ...(offsets === undefined ? {} : { offsets }),
  };
}

/** Where the boards stay while nothing but chips is moved; undefined where they move themselves. */
export function boardsMeant(all: readonly Setting[], now: Present): BoardClocks | undefined {
  const { frequency, boardOffsets } = wishesOf(all);
  return frequency === undefined && boardOffsets === undefined ? boardsAfter(all, now) : undefined;
}

function wishesOf(all: readonly Setting[]): Wishes {
  const found = (["frequency", "boardOffsets", "chipOffsets"] as const).flatMap((knob) =>
    all.filter((each) => each.knob === knob).map(({ value }) => [knob, value]),
  );
  return Object.fromEntries(found) as Wishes;
}

function chipSteps(
  clocks: readonly number[],
  level: boolean,
  { chipOffsets }: Wishes,
  now: Present,
): CommandStep[] {
  const offsets = chipOffsets ?? now.chips?.offsets;
  if (chipOffsets !== undefined && now.chips === undefined) {
    return notOffered({ knob: "chipOffsets", value: chipOffsets });
  }
  return now.boards.flatMap((board, place) => {
    const common = clocks[place] ?? 0;
    const present = now.chips?.clocks[place] ?? [];
    return present
      .map((before, chip) => {
        const wanted = rounded(common + (offsets?.[place]?.[chip] ?? 0));
        return { chip, wanted, move: wanted - (level ? common : before) };
      })
      .filter(({ move }) => Math.abs(move) > SAME)
      .toSorted((a, b) => Math.sign(a.move) - Math.sign(b.move))
      .map(({ chip, wanted }) => order([board, wanted, chip]));
  });
}

function afterRamp([first, ...rest]: readonly CommandStep[]): CommandStep[] {
  return first === undefined ? [] : [{ ...first, afterRamp: true }, ...rest];
}

const order = (fields: readonly number[]): CommandStep =>
  command("frequencyset", fields.map(String));

const rounded = (value: number): number => Math.round(value * 100) / 100;
