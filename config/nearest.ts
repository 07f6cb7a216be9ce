// "Did you mean": the known word that a mistyped one most resembles.

/** Longest word that is compared; longer ones are no typing errors. */
const MAX_LENGTH = 64;

/**
 * The known word within a third of its letters by inserted, lost, changed or swapped letters (case
 * does not count), else the only one that begins like the given word; undefined if none is close.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length === 0 || word.length > MAX_LENGTH) return undefined;
  const wanted = plain(word);
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const name = plain(candidate);
    const distance = distanceOf(wanted, name);
    const allowed = Math.max(1, Math.floor(Math.min(wanted.length, name.length) / 3));
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word ?? onlyBeginning(wanted, known);
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

// `interval` for `intervalSeconds`: the unit was left out.
function onlyBeginning(wanted: string, known: readonly string[]): string | undefined {
  if (wanted.length < 3) return undefined;
  const matches = known.filter((candidate) => plain(candidate).startsWith(wanted));
  return matches.length === 1 ? matches[0] : undefined;
}

// Optimal string alignment, three rows.
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (above[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (above[column - 1] ?? Infinity) + (same ? 0 : 1),
      );
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? Infinity) + 1);
      }
      current.push(cost);
    }
    before = above;
    above = current;
  }
  return above[b.length] ?? Infinity;
}
