// Which names, of any vendor, carry something that tells whose machine it is or opens it.

export type SecretKind = "mac" | "serial" | "password" | "token" | "user" | "host" | "address";

/** In this order; the first that fits counts. Keys of JSON, of cgminer's text, of forms and of queries. */
const KINDS: readonly (readonly [SecretKind, RegExp])[] = [
  ["mac", /mac(?:_?addr(?:ess)?)?\d*$/i],
  ["serial", /serial|serinum|sn\d*$|^dna$|uuid$|^uid$|(?:miner|device|machine)_?id$/i],
  ["password", /pass(?:w(?:or)?d|phrase)?\d*$|pwd\d*$|^pw$|^psk$|^word$|secret|private_?key/i],
  [
    "token",
    /token|jwt|salt$|cookie|^c?nonce$|opaque|session_?id$|^session$|^sid$|sysauth|api_?key|^authorization$|^sign(?:ature)?$|^enc$/i,
  ],
  ["user", /(?:user(?:_?name)?|login|worker(?:_?name)?|mwork|account|wallet|e-?mail|ssid)\d*$/i],
  ["host", /host(?:_?name)?$/i],
  ["address", /url\d*$|pool\d*$|mip\d*$|^(?:net|miner)?_?ip(?:_?addr(?:ess)?)?$|gateway$/i],
];

/** Undefined for a name that carries nothing secret. */
export function secretKind(key: string): SecretKind | undefined {
  return KINDS.find(([, pattern]) => pattern.test(key.trim()))?.[0];
}

/** Stands for "none"; masking it would invent something. */
export const isPlaceholder = (value: string): boolean =>
  /^[\s0:.-]*$|^(?:n\/?a|none|null|undefined|unknown|true|false|x)$/i.test(value);
