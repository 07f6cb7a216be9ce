// See scripts/captures-table.

import { captureSets, capturesAreHere, compareSet, type Row, tableOf } from "./compare.ts";
import { DIFFERENT, NOT_READ } from "./reasons.ts";

if (!capturesAreHere) {
  process.stdout.write("no ../shared/captures beside this checkout: nothing to compare\n");
  process.exit(0);
}
const rows: Row[] = [];
for (const set of captureSets()) rows.push(await compareSet(set));
const reasons = { ...DIFFERENT, ...NOT_READ };
process.stdout.write(`${tableOf(rows, reasons)}\n`);
const compared = rows.reduce((sum, row) => sum + row.compared, 0);
const differing = rows.flatMap(({ dir, differences }) =>
  differences.map(({ field }) => `${dir} ${field}`),
);
const unread = rows.flatMap(({ dir, failure }) => (failure === undefined ? [] : dir));
const unexplained = [...differing, ...unread].filter((place) => !(place in reasons));
process.stdout.write(
  `${rows.length} sets, ${unread.length} not read; ${compared} values compared, ${differing.length} differ, ${unexplained.length} without a reason\n`,
);
process.exit(unexplained.length === 0 ? 0 : 1);
