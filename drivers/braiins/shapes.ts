// Loose shapes that the wire files of all three protocols share: a field that is missing or odd is
// undefined and costs nothing else.

import * as z from "zod";
import type { EpochMs } from "../contract/units.ts";

/** Numbers come as numbers or as text in the same field across builds. */
export const figure = z.union([z.number(), z.string()]).optional().catch(undefined);
export const text = z.string().optional().catch(undefined);
export const flag = z.union([z.boolean(), z.string(), z.number()]).optional().catch(undefined);

export const list = <Item extends z.ZodType>(item: Item) =>
  z.array(item).optional().catch(undefined);

export const part = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject(shape).optional().catch(undefined);

/** One answer and when it arrived. */
export interface Heard<Answer> {
  readonly answer: Answer;
  readonly at: EpochMs;
}
