// What VNish tells of each chip: GET boards since 1.3, GET chains in 1.2, and GET chips before it. Shapes
// follow the firmware's own OpenAPI (1.2.7, 1.3.4); none was captured, so that a shape that is not as
// expected is refused as a whole and nothing is guessed.

import * as z from "zod";

const figure = z.number().gte(-1e30).lte(1e30);
const anything = z.unknown();

const Chip = z.looseObject({
  /** Its place in the chain. */
  id: figure,
  /** In `Info.hr_measure`, as every rate of this firmware. */
  hr: figure.min(0).optional(),
  hashrate: figure.min(0).optional(),
  /** Celsius; 0 where no sensor is near. */
  temp: anything,
});

const Board = z.looseObject({ id: figure, chips: z.array(Chip) });

/** The same for all three paths. */
export interface ChipReport {
  readonly boards: readonly {
    /** From 1, as in the summary. */
    readonly id: number;
    /** In the order of the chain. */
    readonly chips: readonly { readonly rate: number; readonly temperature: unknown }[];
  }[];
}

export const ChipAnswer = z
  .union([z.array(Board), z.looseObject({ chains: z.array(Board) })], {
    error: "expected boards, each with an id and its chips",
  })
  .transform((answer, context): ChipReport => {
    const told = Array.isArray(answer) ? answer : answer.chains;
    // The OpenAPI allows 0 where the captured summaries count from 1.
    const shift = told.some(({ id }) => id === 0) ? 1 : 0;
    const boards = told.map(({ id, chips }) => ({
      id: id + shift,
      chips: chips.toSorted((a, b) => a.id - b.id),
    }));
    for (const { id, chips } of boards) {
      const first = chips[0]?.id ?? 0;
      // One that is left out, or told twice, would shift all behind it.
      if (chips.some((chip, place) => chip.id !== first + place) || first > 1) {
        context.addIssue(`board ${id}: expected every chip once, from 0 or 1`);
      }
      if (chips.some(({ hr, hashrate }) => hr === undefined && hashrate === undefined)) {
        context.addIssue(`board ${id}: a chip tells no hashrate`);
      }
    }
    return {
      boards: boards.map(({ id, chips }) => ({
        id,
        chips: chips.map(({ hr, hashrate, temp }) => ({
          rate: hr ?? hashrate ?? 0,
          temperature: temp,
        })),
      })),
    };
  });
