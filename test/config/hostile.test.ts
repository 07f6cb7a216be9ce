import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkConfig } from "../../config/check.ts";

const errorsOf = (text: string | Uint8Array) => {
  const checked = checkConfig(text);
  return checked.ok ? [] : checked.errors;
};
const repeat = (count: number, make: (index: number) => string, between = "\n") =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);

describe("broken YAML", () => {
  test("all duplicate keys, with the line of the first, and the other errors besides", () => {
    const text = "devices: []\nlog: { level: info, level: warn }\ndevices: []\nagnet: {}\n";
    expect(errorsOf(text).map(({ path, line, message }) => `${line} ${path} ${message}`)).toEqual([
      "2 log.level the key is already in line 2",
      "3 devices the key is already in line 1",
      "4 agnet unknown key; did you mean agent?",
    ]);
  });

  test("duplicate keys inside a list", () => {
    expect(errorsOf("devices:\n- { id: a }\n- { id: a, id: b }\n")[0]).toMatchObject({
      path: expect.stringMatching(/^devices/),
    });
    expect(errorsOf("devices:\n- id: a\n- id: b\n  id: c\n").map(({ path }) => path)).toContain(
      "devices[1].id",
    );
  });

  test("tabs that indent, every one of them", () => {
    const errors = errorsOf("log:\n\tlevel: info\nagent:\n\tsite: x\n");
    expect(errors.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "2 a tab cannot indent a line",
      "4 a tab cannot indent a line",
    ]);
  });

  test.each([
    ["an open list", "log: [1, 2\nagent: {}\n"],
    ["an open quote", 'agent: { site: "x }\n'],
    ["a value that begins with @", "agent: { site: @x }\n"],
    ["two documents", "log: {}\n---\nlog: {}\n"],
    ["a tag", "agent: !!js/function 'x'\n"],
    ["a binary tag", "agent: !!binary aGk=\n"],
    ["an alias without anchor", "agent: *x\n"],
    ["a merge of a word", "agent: { <<: x }\n"],
    ["a list as a key", "? [a]\n: 1\n"],
    ["a map as a key", "{ { a: 1 }: 1 }\n"],
    ["an alias as a key", "agent: &a x\n*a : 1\n"],
    ["a key without value", "agent\nlog: {}\n"],
  ])("%s", (_, text) => {
    const errors = errorsOf(text);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error.line).toBeGreaterThan(0);
      expect(error.column).toBeGreaterThan(0);
      expect(error.message).not.toBe("");
    }
  });
});

describe("odd bytes", () => {
  test("other encodings are told with their place", () => {
    const latin1 = Buffer.from("agent:\n  site: nöck\n", "latin1");
    expect(errorsOf(latin1)).toMatchObject([
      { line: 2, column: 10, message: "the file is not in UTF-8" },
    ]);
  });

  test("UTF-16 is told", () => {
    const text = "agent: {}\n";
    expect(errorsOf(Buffer.from(`\uFEFF${text}`, "utf16le"))[0]?.message).toContain("UTF-8");
    expect(errorsOf(Buffer.from(text, "utf16le"))[0]?.message).toContain("U+0000");
  });

  test("control characters are told, by their number", () => {
    expect(errorsOf("agent:\n  site: a\u001b[2Jb\u0000\n")).toMatchObject([
      { line: 2, column: 10, message: "the control character U+001B is in the file" },
      { line: 2, column: 15, message: "the control character U+0000 is in the file" },
    ]);
  });

  test("escaped control characters do not reach the reader's terminal", () => {
    const [error] = errorsOf('log: { level: "\\e[2J\\u009b\\u202e" }');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(error?.value).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/);
    const [key] = errorsOf('"\\e[2J\\u009b": 1');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(key?.path).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "the key %s is only an unknown key",
    (key) => {
      expect(errorsOf(`${key}: { devices: [] }\nlog: { ${key}: 1 }\n`)).toMatchObject([
        { path: key, message: "unknown key" },
        { path: `log.${key}`, message: "unknown key" },
      ]);
      expect(({} as Record<string, unknown>)["devices"]).toBeUndefined();
    },
  );
});

describe("texts made to hurt", () => {
  // Before the limits: process death inside the regexp compiler, stack overflow, or a minute each.
  const bomb = repeat(12, (index) =>
    index === 0
      ? "a0: &a0 [x, x, x, x, x, x, x, x, x]"
      : `a${index}: &a${index} [${repeat(9, () => `*a${index - 1}`, ", ")}]`,
  );
  test.each([
    ["deep lists", `a: ${"[".repeat(300_000)}`],
    ["deep lists, closed", `a: ${"[".repeat(5000)}${"]".repeat(5000)}`],
    ["deep maps", "{a: ".repeat(5000)],
    ["deep block lists", "- ".repeat(50_000)],
    ["deep block keys", "? ".repeat(50_000)],
    ["keys in keys", "a: ".repeat(50_000)],
    ["deep indentation", repeat(1000, (index) => `${" ".repeat(index)}a:`)],
    ["question marks in a list", `[${"?\n".repeat(20_000)}]`],
    ["an alias bomb", bomb],
    ["a list in itself", "devices: &a [*a]"],
    ["a map merged with itself", "log: &b { <<: *b }"],
    ["many anchors", repeat(30_000, (index) => `k${index}: &a${index} 1`)],
    ["many aliases", `x: &a 1\n${repeat(30_000, (index) => `k${index}: *a`)}`],
    ["many aliases without anchor", repeat(30_000, (index) => `k${index}: *x`)],
    ["many keys", repeat(40_000, (index) => `k${index}: 1`)],
    ["one key many times", repeat(40_000, () => "k: 1")],
    ["a large file", `a: ${"x".repeat(2_000_000)}`],
    ["many empty lines", `a:${"\n".repeat(500_000)}b`],
  ])("%s: refused, with few words", (_, text) => {
    const errors = errorsOf(text);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThanOrEqual(400);
    for (const error of errors) expect(error.message.length).toBeLessThan(200);
  });

  test("brackets inside texts and comments are not nesting", () => {
    const text = `# ${"[".repeat(100)}\nlog: { file: "${"[{".repeat(100)}" }\n`;
    expect(checkConfig(text).ok).toBe(true);
    const block = `agent:\n  stateDir: |\n    - - - ? ? *a &b\n    ${"[ ".repeat(100)}\n`;
    expect(checkConfig(block).ok).toBe(true);
  });

  test("a nesting that real configurations have is not refused", () => {
    expect(errorsOf("a: { b: { c: [[[[[[ 1 ]]]]]] } }")[0]?.message).toBe("unknown key");
  });

  test("any soup of YAML is checked without an exception", () => {
    const token = fc.constantFrom(
      ...["a", "log", "devices", "id", "driver", "luxos", "host", "tuning", "<<", "~", "1", ".nan"],
      ...[
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "*a ",
        "!t ",
        "!!int ",
      ],
      ...['"', "'", "|", ">", "|-\n", "\n", "\n  ", "\n    ", "\t", " ", "# ", "---\n", "...\n"],
      ...["%YAML 1.2\n", "@", "`", "\\", "\r", "\r\n", "é", "\uFEFF", "\u0085", "\u2028"],
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const checked = checkConfig(tokens.join(""));
        if (checked.ok) return;
        expect(checked.errors.length).toBeGreaterThan(0);
        for (const { line, column } of checked.errors) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { seed: 5, numRuns: 3000 },
    );
  });

  test("any bytes are checked without an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        checkConfig(bytes);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });

  test("any plain data is checked without an exception, and passes only as a configuration", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const checked = checkConfig(JSON.stringify(value));
        const isEmptyMap =
          typeof value === "object" &&
          value !== null &&
          !Array.isArray(value) &&
          Object.keys(value).length === 0;
        expect(checked.ok).toBe(isEmptyMap);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});
