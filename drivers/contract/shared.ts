// What the machines of a site say alike is kept once: a thousand of one model have one list of profiles.

import { createHash } from "node:crypto";

const copies = new Map<string, WeakRef<object>>();
const gone = new FinalizationRegistry<string>((name) => {
  // The name may have been taken again meanwhile.
  if (copies.get(name)?.deref() === undefined) copies.delete(name);
});

/**
 * An equal value that somebody holds, or this one; frozen, so that nobody changes what is of all. For what
 * JSON can tell: text, numbers, lists and plain objects, no deeper than the stack.
 */
export function shared<Value extends object>(value: Value): Value {
  const name = createHash("sha256").update(JSON.stringify(value)).digest("base64");
  const held = copies.get(name)?.deref();
  // Of the same text, so of the same shape.
  if (held !== undefined) return held as Value;
  copies.set(name, new WeakRef(frozen(value)));
  gone.register(value, name);
  return value;
}

function frozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) frozen(inner);
  }
  return Object.freeze(value);
}

/** Whether two values of text, numbers, lists and plain objects are equal all the way down. */
export function alike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other)) return false;
  for (const key in one) if (!alike(one[key], other[key])) return false;
  for (const key in other) if (!(key in one)) return false;
  return true;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
