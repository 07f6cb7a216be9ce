import { expect, test } from "vitest";
import { nearest } from "../../config/nearest.ts";

const KEYS = [
  "host",
  "port",
  "httpPort",
  "deadlineSeconds",
  "intervalSeconds",
  "maxIntervalSeconds",
];

test.each([
  ["prot", "port"],
  ["Port", "port"],
  ["http_port", "httpPort"],
  ["hots", "host"],
  ["deadlineSecond", "deadlineSeconds"],
  ["intervallSeconds", "intervalSeconds"],
  ["interval", "intervalSeconds"],
  ["deadline", "deadlineSeconds"],
])("%s is probably %s", (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});

test.each(["", "x", "colour", "password", "h", "p".repeat(5000)])("%s is like nothing", (word) => {
  expect(nearest(word, KEYS)).toBeUndefined();
});

test("of several beginnings none is chosen", () => {
  expect(nearest("reconnect", ["reconnectMinSeconds", "reconnectMaxSeconds"])).toBeUndefined();
});
