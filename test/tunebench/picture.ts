import type { MachineClass } from "./class.ts";
import type { JobResult } from "./job.ts";

export function pictureOf(
  _results: readonly JobResult[],
  _classes: readonly MachineClass[],
  _methods: readonly string[],
): string {
  return '<svg xmlns="http://www.w3.org/2000/svg"/>\n';
}
