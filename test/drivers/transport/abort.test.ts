import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { disregard, heed } from "../../../drivers/transport/abort.ts";

it("calls who waits for a signal once, with one listener for all, and not who has gone", () => {
  const stop = new AbortController();
  const called: string[] = [];
  const [one, two, gone] = ["one", "two", "gone"].map((name) => () => void called.push(name));
  for (const each of [one, gone, two]) heed(stop.signal, each ?? (() => undefined));
  disregard(stop.signal, gone ?? (() => undefined));
  expect(getEventListeners(stop.signal, "abort")).toHaveLength(1);
  stop.abort();
  expect(called).toEqual(["one", "two"]);
});
