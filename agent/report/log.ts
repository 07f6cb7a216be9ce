// What this room tells the log; it never holds a secret.

export type Level = "debug" | "info" | "warn" | "error";

/** A constant message; what varies is in the facts. */
export type Log = (
  level: Level,
  message: string,
  facts?: Readonly<Record<string, string | number | boolean>>,
) => void;
