/** Loopback address of machine `index`: 127.77.0.1, 127.77.0.2, ... 250 in a row. */
export function farmAddress(index: number): string {
  return `127.77.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}
