import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeviceError, type DeviceErrorCode } from "../../../drivers/contract/errors.ts";
import { parseReply } from "../../../drivers/transport/json.ts";

function codeOf(text: string): DeviceErrorCode | "a value" {
  try {
    parseReply(text, "test");
    return "a value";
  } catch (error) {
    if (error instanceof DeviceError) return error.code;
    throw error;
  }
}

describe("parseReply", () => {
  it.each<[string, string, unknown]>([
    ["a NUL and what follows it", '{"a":1}\0{"b":2}', { a: 1 }],
    ["white space around", '\r\n {"a":1} \n', { a: 1 }],
    ["a doubled reply", '{"a":[1]}{"a":[1]}', { a: [1] }],
    ["a stray tail", '{"a":1}"}', { a: 1 }],
    ["a missing comma between list items", '{"a":[{"b":1}{"b":2}]}', { a: [{ b: 1 }, { b: 2 }] }],
    ["bare nan, -nan and inf", '{"a":nan,"b":-nan,"c":-Inf}', { a: null, b: null, c: null }],
    ["missing values", '{"a" : ,"b":}', { a: null, b: null }],
    ["trailing and doubled commas", '{"a":[1,,2,],}', { a: [1, 2] }],
    ["control characters in a text", '{"a":"x\u0001\n\ty"}', { a: "x\u0001\n\ty" }],
    ["an escaped backslash before an apostrophe", '{"a":"\\\\\'","b":nan}', { a: "\\'", b: null }],
    ["an escaped apostrophe", '{"a":"it\\\'s","b":,}', { a: "it's", b: null }],
    ["the word nan inside a text", '{"a":"nan}{,,","b":nan}', { a: "nan}{,,", b: null }],
  ])("reads %s", (_, text, value) => {
    expect(parseReply(text, "test")).toEqual(value);
  });

  it.each<[DeviceErrorCode, string]>([
    ["EMPTY_REPLY", ""],
    ["EMPTY_REPLY", " \r\n"],
    ["EMPTY_REPLY", '\0{"a":1}'],
    ["HTML_REPLY", "<html>401</html>"],
    ["HTML_REPLY", '<?xml version="1.0"?>'],
    ["NOT_JSON", "Socket connect failed: Connection refused"],
    ["NOT_JSON", "STATUS=S,When=1,Code=11"],
    ["NOT_JSON", '{"a":1]'],
    ["NOT_JSON", "{a:1}"],
    ["TRUNCATED_REPLY", '{"a":{"b":1}'],
    ["TRUNCATED_REPLY", '{"a":"cut in a te'],
    ["TRUNCATED_REPLY", "[1,2"],
  ])("says %s of %j", (code, text) => {
    expect(codeOf(text)).toBe(code);
  });

  it("names the place and quotes the start of a broken reply, free of control characters", () => {
    expect(() => parseReply(`<html>\u0007${"x".repeat(100)}`, "10.0.0.7:4028 summary")).toThrow(
      /^10\.0\.0\.7:4028 summary: "<html> x{73}\.\.\."$/,
    );
  });

  it("throws nothing but DeviceError, whatever arrives", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        '"',
        ",",
        ":",
        "\\",
        "\\'",
        "nan",
        "-inf",
        "\0",
        "\u0001",
      ),
      fc.constantFrom("<", " ", "1", '"a":', "null", "\ud800", "1e999"),
      fc.string({ unit: "binary" }),
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (raw) => {
        codeOf(raw);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  const reply = fc.dictionary(fc.string(), fc.jsonValue());

  it("leaves every valid reply as it is", () => {
    fc.assert(
      fc.property(reply, (value) => {
        const text = JSON.stringify(value);
        expect(parseReply(text, "test")).toEqual(JSON.parse(text));
        expect(parseReply(`${text}${text}\0`, "test")).toEqual(JSON.parse(text));
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it("never makes a value of a reply that was cut", () => {
    const cut = fc.tuple(reply, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
    fc.assert(
      fc.property(cut, ([value, share]) => {
        const text = JSON.stringify(value);
        const part = text.slice(0, Math.max(1, Math.floor(text.length * share)));
        expect(codeOf(part)).toBe("TRUNCATED_REPLY");
      }),
      { seed: 13, numRuns: 1000 },
    );
  });

  it("repairs control characters and nan in any reply", () => {
    const broken = fc.tuple(fc.string({ unit: "grapheme-ascii" }), fc.integer());
    fc.assert(
      fc.property(broken, ([text, number]) => {
        const quoted = JSON.stringify(text);
        const raw = `{"a":${quoted.slice(0, -1)}\u0002","b":nan,"c":${number}}`;
        expect(parseReply(raw, "test")).toEqual({ a: `${text}\u0002`, b: null, c: number });
      }),
      { seed: 17, numRuns: 500 },
    );
  });

  it.each<[string, string]>([
    ["open brackets", "["],
    ["open braces in lists", '[{"a":'],
    ["quotes", '"'],
    ["backslashes in a text", "\\"],
    ["commas", ","],
    ["commas and blanks", ", "],
    ["colons and blanks", ":  "],
    ["blanks", " "],
    ["closing and opening brackets", "}["],
    ["closing bracket and blanks", "}    "],
    ["nan", "nan "],
    ["minus signs", "-"],
    ["letters", "i"],
    ["control characters", "\u0001"],
  ])("takes linear time for an adversarial reply of 1 MB: %s", (_, unit) => {
    for (const head of ['{"a":', '{"a":"', "[1,"]) {
      const text = head + unit.repeat(2 ** 20 / unit.length);
      const start = performance.now();
      codeOf(text);
      // Some tenths of a second when linear, minutes when quadratic.
      expect(performance.now() - start).toBeLessThan(15_000);
    }
  });
});
