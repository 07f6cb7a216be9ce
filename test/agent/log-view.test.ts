import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RotatingFile } from "../../agent/log-file.ts";
import { prettyLine } from "../../agent/log-pretty.ts";
import { type ViewOptions, viewLog } from "../../agent/log-view.ts";

const plain = { color: false, utc: true };
const record = (fields: object) =>
  JSON.stringify({ level: 30, time: Date.UTC(2026, 2, 1, 12, 34, 56, 789), ...fields });

describe("prettyLine", () => {
  test("time, level, device, message, fields", () => {
    const text = record({
      device: "s19-1",
      watts: 3250.123456789,
      ok: true,
      words: "two words",
      list: [1, 2],
      msg: "device identified",
    });
    expect(prettyLine(text, plain)).toBe(
      '2026-03-01 12:34:56.789Z INFO  s19-1 device identified watts=3250.123 ok=true words="two words" list=[1,2]',
    );
  });

  test.each([
    [10, "TRACE"],
    [20, "DEBUG"],
    [30, "INFO "],
    [40, "WARN "],
    [50, "ERROR"],
    [60, "FATAL"],
    [35, "INFO "],
    ["high", "-    "],
  ])("level %s is %s", (level, word) => {
    expect(prettyLine(JSON.stringify({ level, time: 0, msg: "m" }), plain)).toBe(
      `1970-01-01 00:00:00.000Z ${word} m`,
    );
  });

  test("local time when not told otherwise", () => {
    const time = Date.UTC(2026, 6, 1, 12, 0, 0);
    const date = new Date(time);
    const two = (value: number) => String(value).padStart(2, "0");
    expect(
      prettyLine(JSON.stringify({ level: 30, time, msg: "m" }), { color: false, utc: false }),
    ).toBe(
      `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:00.000 INFO  m`,
    );
  });

  test("an error shows its code and message, and its frames on lines of their own", () => {
    const err = {
      type: "DeviceError",
      code: "NO_REPLY",
      message: "late",
      stack: "E: late\n    at x",
    };
    expect(prettyLine(record({ msg: "failed", err }), plain)).toBe(
      "2026-03-01 12:34:56.789Z INFO  failed code=NO_REPLY err=late\n    at x",
    );
  });

  test.each([
    ["plain text", "Killed"],
    ["half a record", '{"level":30,"time":1'],
    ["a number", "42"],
    ["a list", "[1]"],
  ])("%s stays as it is", (_, text) => {
    expect(prettyLine(text, plain)).toBe(text);
  });

  test.each([
    "{}",
    '{"time":"x","level":null,"msg":7}',
    '{"time":1e99,"level":30}',
    '{"err":null}',
  ])("the odd record %s is shown without an error", (text) => {
    expect(prettyLine(text, plain)).toMatch(/\S/);
  });

  test("terminal control codes do not reach the terminal", () => {
    const bad = "\u001b[2J\u009b31m\u0007\u202e\r\n";
    const shown = [
      prettyLine(record({ device: bad, msg: bad, [`k${bad}`]: bad, err: { message: bad } }), plain),
      prettyLine(`junk ${bad}`, plain),
    ].join("");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(shown).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/);
    expect(shown).toContain("\\u001b[2J");
  });

  test("colours only when asked", () => {
    expect(prettyLine(record({ msg: "m" }), { color: true, utc: true })).toContain(
      "\u001b[32mINFO",
    );
    expect(prettyLine(record({ msg: "m" }), plain)).not.toContain("\u001b");
  });

  test("long values are cut", () => {
    expect(prettyLine(record({ raw: "x".repeat(9000), msg: "m" }), plain).length).toBeLessThan(300);
  });
});

describe("viewLog", () => {
  let folder: string;
  let file: string;
  let stop: AbortController;
  let following: Promise<void> | undefined;
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "nockd-view-"));
    file = join(folder, "nockd.log");
    stop = new AbortController();
    following = undefined;
  });
  afterEach(async () => {
    stop.abort();
    await following;
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function capture(slow = false) {
    let text = "";
    const out = new Writable({
      highWaterMark: slow ? 1 : 65_536,
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        if (slow) setImmediate(done);
        else done();
      },
    });
    return { out, lines: () => text.split("\n").slice(0, -1) };
  }

  const view = (out: Writable, options: Partial<ViewOptions> = {}) =>
    viewLog({ file, follow: false, out, signal: stop.signal, utc: true, ...options });

  const followed = (out: Writable, options: Partial<ViewOptions> = {}): void => {
    following = view(out, { follow: true, pollInterval: 10, ...options });
  };

  const until = (condition: () => void) => vi.waitFor(condition, { timeout: 5000, interval: 5 });

  test("prints older files first, then the current one", async () => {
    fs.writeFileSync(`${file}.2`, "one\ntwo\n");
    fs.writeFileSync(`${file}.1`, "three\n");
    fs.writeFileSync(file, "four\nfive without end");
    const { out, lines } = capture();
    await view(out);
    expect(lines()).toEqual(["one", "two", "three", "four", "five without end"]);
  });

  test("prints the last lines only", async () => {
    fs.writeFileSync(`${file}.1`, "one\ntwo\n");
    fs.writeFileSync(file, "three\nfour");
    const { out, lines } = capture();
    await view(out, { lines: 3 });
    expect(lines()).toEqual(["two", "three", "four"]);
  });

  test("a missing file is an error unless it is waited for", async () => {
    await expect(view(capture().out)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("waits for a file that does not exist yet", async () => {
    const { out, lines } = capture();
    followed(out);
    fs.writeFileSync(file, "first\n");
    await until(() => expect(lines()).toEqual(["first"]));
  });

  test("letters of several bytes survive the borders of reads", async () => {
    const text = Array.from({ length: 5000 }, (_, index) => `${"é€😀".repeat(11)}${index}`);
    fs.writeFileSync(file, `${text.join("\n")}\n`);
    const { out, lines } = capture();
    await view(out);
    expect(lines()).toEqual(text);
  });

  test("a slow reader loses nothing", async () => {
    const text = Array.from({ length: 3000 }, (_, index) => `${"x".repeat(100)}${index}`);
    fs.writeFileSync(file, text.join("\n"));
    const { out, lines } = capture(true);
    await view(out);
    expect(lines()).toEqual(text);
  });

  test("follows: half a line is held until its end comes", async () => {
    fs.writeFileSync(file, "old\nha");
    const { out, lines } = capture();
    followed(out, { lines: 1 });
    await until(() => expect(lines()).toEqual(["old"]));
    fs.appendFileSync(file, "lf\nnew\n");
    await until(() => expect(lines()).toEqual(["old", "half", "new"]));
  });

  test("follows across one rotation and across several between two looks", async () => {
    const log = new RotatingFile({ path: file, maxBytes: 64, maxFiles: 8 });
    const written: string[] = [];
    const write = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        written.push(`line ${written.length} ${"x".repeat(20)}`);
        log.append(`${written.at(-1)}\n`);
      }
    };
    write(1);
    const { out, lines } = capture();
    followed(out);
    await until(() => expect(lines()).toEqual(written));
    write(3);
    await until(() => expect(lines()).toEqual(written));
    // Synchronous: the follower cannot look in between.
    write(11);
    await until(() => expect(lines()).toEqual(written));
    expect(fs.existsSync(`${file}.5`)).toBe(true);
    log.close();
  });

  test("follows while lines are written and files rotate all the time", async () => {
    const log = new RotatingFile({ path: file, maxBytes: 300, maxFiles: 50 });
    const { out, lines } = capture();
    followed(out);
    for (let index = 0; index < 400; index += 1) {
      log.append(`line ${index}\n`);
      if (index % 7 === 0) await new Promise(setImmediate);
    }
    log.close();
    await until(() =>
      expect(lines()).toEqual(Array.from({ length: 400 }, (_, index) => `line ${index}`)),
    );
  });

  test("starts again at the top of a file that was cut", async () => {
    fs.writeFileSync(file, "a long first line\n");
    const { out, lines } = capture();
    followed(out);
    await until(() => expect(lines()).toHaveLength(1));
    fs.truncateSync(file);
    fs.appendFileSync(file, "short\n");
    await until(() => expect(lines()).toEqual(["a long first line", "short"]));
  });

  test("goes on with a new file after the old one was deleted, without the older files", async () => {
    fs.writeFileSync(`${file}.1`, "older\n");
    fs.utimesSync(`${file}.1`, 1000, 1000);
    fs.writeFileSync(file, "old\n");
    const { out, lines } = capture();
    followed(out);
    await until(() => expect(lines()).toEqual(["older", "old"]));
    fs.rmSync(file);
    fs.writeFileSync(file, "new\n");
    await until(() => expect(lines()).toEqual(["older", "old", "new"]));
  });

  test("notices changes by itself when polling is rare", async () => {
    fs.writeFileSync(file, "one\n");
    const { out, lines } = capture();
    followed(out, { pollInterval: 60_000 });
    await until(() => expect(lines()).toEqual(["one"]));
    // The watch may not be set up at the first write yet.
    await until(() => {
      fs.appendFileSync(file, "more\n");
      expect(lines().length).toBeGreaterThan(1);
    });
  });

  test("ends when it is told to", async () => {
    fs.writeFileSync(file, "one\n");
    const { out, lines } = capture();
    followed(out, { pollInterval: 60_000 });
    await until(() => expect(lines()).toEqual(["one"]));
    stop.abort();
    await expect(following).resolves.toBeUndefined();
  });

  test("colours only on a terminal, and not with NO_COLOR", async () => {
    fs.writeFileSync(file, `${record({ msg: "m" })}\n`);
    const shown = async () => {
      const { out, lines } = capture();
      await view(Object.assign(out, { isTTY: true }));
      return lines().join("");
    };
    vi.stubEnv("NO_COLOR", "");
    expect(await shown()).toContain("\u001b[");
    vi.stubEnv("NO_COLOR", "1");
    expect(await shown()).not.toContain("\u001b[");
    vi.unstubAllEnvs();
    const { out, lines } = capture();
    await view(out);
    expect(lines().join("")).not.toContain("\u001b[");
  });
});
