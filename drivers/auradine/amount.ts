// FluxOS writes some quantities with their unit in one string.

/** `58.94W`, `4052.00 RPM`, `11.53V` or a bare number; undefined for all else. */
export function amount(raw: unknown): number | undefined {
  if (typeof raw === "number") return Number.isFinite(raw) ? raw : undefined;
  if (typeof raw !== "string") return undefined;
  const digits = /^\s*(-?\d+(?:\.\d+)?)\s*[A-Za-z]*\s*$/.exec(raw)?.[1];
  const value = digits === undefined ? undefined : Number(digits);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
