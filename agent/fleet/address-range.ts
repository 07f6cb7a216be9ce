// Which addresses a range of IPv4 means.

/** A /16 and no more: what is typed by mistake must not knock on half of the internet. */
export const MAX_ADDRESSES = 65_536;

/**
 * `10.0.0.0/24` (network and broadcast address left out from /30 up), `10.0.0.5-60`,
 * `10.0.0.5-10.0.1.9`, one address, or several of these with commas. Throws RangeError that names the
 * part, and what was expected.
 */
export function parseRange(text: string): string[] {
  const addresses = new Set<string>();
  for (const part of text.split(",").map((piece) => piece.trim())) {
    const [first, last] = boundsOf(part);
    if (last < first) throw new RangeError(`"${part}": the range ends before it begins`);
    if (addresses.size + (last - first) >= MAX_ADDRESSES) {
      throw new RangeError(`"${text}": more than ${MAX_ADDRESSES} addresses`);
    }
    for (let value = first; value <= last; value += 1) addresses.add(toDotted(value));
  }
  return [...addresses];
}

function boundsOf(part: string): [number, number] {
  const cidr = /^([\d.]+)\/(\d{1,2})$/.exec(part);
  if (cidr !== null) return networkBounds(part, cidr[1] ?? "", Number(cidr[2]));
  const dash = /^([\d.]+)-([\d.]+)$/.exec(part);
  if (dash === null) {
    const only = toNumber(part, part);
    return [only, only];
  }
  const first = toNumber(dash[1] ?? "", part);
  const end = dash[2] ?? "";
  if (end.includes(".")) return [first, toNumber(end, part)];
  const last = Number(end);
  if (last > 255) throw new RangeError(`"${part}": ${last} is no last part of an address`);
  return [first, first - (first % 256) + last];
}

function networkBounds(part: string, base: string, bits: number): [number, number] {
  if (bits > 32) throw new RangeError(`"${part}": expected a prefix of 0 to 32 bits`);
  const size = 2 ** (32 - bits);
  const address = toNumber(base, part);
  const network = address - (address % size);
  return bits >= 31 ? [network, network + size - 1] : [network + 1, network + size - 2];
}

function toNumber(dotted: string, part: string): number {
  const pieces = dotted.split(".").map((piece) => (/^\d{1,3}$/.test(piece) ? Number(piece) : 256));
  if (pieces.length !== 4 || pieces.some((piece) => piece > 255)) {
    throw new RangeError(
      `"${part}": expected an IPv4 address, A.B.C.D-E, A.B.C.D-E.F.G.H or A.B.C.D/BITS`,
    );
  }
  return pieces.reduce((sum, piece) => sum * 256 + piece, 0);
}

const toDotted = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
