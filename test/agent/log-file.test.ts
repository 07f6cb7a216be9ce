import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../agent/log.ts";
import { RotatingFile } from "../../agent/log-file.ts";
import { descriptorSink, fileSink } from "../../agent/log-sink.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "nockd-log-"));
  path = join(folder, "nockd.log");
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const read = (file: string) => fs.readFileSync(file, "utf8");
const line = (text: string, length = 20) => `${text.padEnd(length - 1, ".")}\n`;

/** All lines, oldest first. */
function allLines(): string[] {
  const files = fs.readdirSync(folder).sort((a, b) => numberOf(b) - numberOf(a));
  return files.flatMap((file) => read(join(folder, file)).split("\n").slice(0, -1));
}
const numberOf = (file: string) => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0);

describe("RotatingFile", () => {
  test("continues in FILE.1, FILE.2 and deletes the oldest", () => {
    const file = new RotatingFile({ path, maxBytes: 40, maxFiles: 3 });
    for (let index = 0; index < 9; index += 1) file.append(line(`line ${index}`));
    file.close();
    expect(fs.readdirSync(folder).sort()).toEqual(["nockd.log", "nockd.log.1", "nockd.log.2"]);
    expect(read(path)).toBe(line("line 8"));
    expect(read(`${path}.1`)).toBe(line("line 6") + line("line 7"));
    expect(read(`${path}.2`)).toBe(line("line 4") + line("line 5"));
  });

  test("fills a file to the last byte and not beyond", () => {
    const file = new RotatingFile({ path, maxBytes: 40, maxFiles: 2 });
    file.append(line("a", 20));
    file.append(line("b", 20));
    expect(fs.statSync(path).size).toBe(40);
    file.append(line("c", 2));
    expect(fs.statSync(path).size).toBe(2);
    file.close();
  });

  test("one file starts again when it is full", () => {
    const file = new RotatingFile({ path, maxBytes: 40, maxFiles: 1 });
    for (let index = 0; index < 5; index += 1) file.append(line(`line ${index}`));
    file.close();
    expect(fs.readdirSync(folder)).toEqual(["nockd.log"]);
    expect(read(path)).toBe(line("line 4"));
  });

  test("goes on after a restart, and counts what is there", () => {
    for (let index = 0; index < 3; index += 1) {
      const file = new RotatingFile({ path, maxBytes: 40, maxFiles: 3 });
      file.append(line(`run ${index}`));
      file.close();
    }
    expect(read(`${path}.1`)).toBe(line("run 0") + line("run 1"));
    expect(read(path)).toBe(line("run 2"));
  });

  test("half a line of a power cut does not swallow the next one", () => {
    fs.writeFileSync(path, '{"level":30,"ti');
    const file = new RotatingFile({ path, maxBytes: 400, maxFiles: 3 });
    file.append(line("next"));
    file.close();
    expect(read(path)).toBe(`{"level":30,"ti\n${line("next")}`);
  });

  test("makes its folder; others cannot read the file", () => {
    const deep = join(folder, "a/b/nockd.log");
    const file = new RotatingFile({ path: deep, maxBytes: 400, maxFiles: 2 });
    file.append(line("x"));
    file.close();
    expect(fs.statSync(deep).mode & 0o007).toBe(0);
  });

  test("writes to a new file after its own was deleted or moved by somebody else", () => {
    const file = new RotatingFile({ path, maxBytes: 400, maxFiles: 3 });
    file.append(line("a"));
    fs.rmSync(path);
    file.append(line("b"));
    expect(read(path)).toBe(line("b"));
    fs.renameSync(path, join(folder, "taken"));
    file.append(line("c"));
    expect(read(path)).toBe(line("c"));
    file.close();
  });

  test("sees that its file was cut by somebody else", () => {
    const file = new RotatingFile({ path, maxBytes: 40, maxFiles: 3 });
    file.append(line("a"));
    file.append(line("b"));
    fs.truncateSync(path);
    file.append(line("c"));
    file.close();
    expect(read(path)).toBe(line("c"));
    expect(fs.existsSync(`${path}.1`)).toBe(false);
  });

  test("a rotation that a power cut interrupted costs no file", () => {
    // FILE.1 had become FILE.2 already, FILE not yet FILE.1.
    fs.writeFileSync(`${path}.3`, line("oldest"));
    fs.writeFileSync(`${path}.2`, line("older"));
    fs.writeFileSync(path, line("old"));
    const file = new RotatingFile({ path, maxBytes: 20, maxFiles: 4 });
    file.append(line("new"));
    file.close();
    expect(allLines().map((text) => text.replaceAll(".", ""))).toEqual([
      "oldest",
      "older",
      "old",
      "new",
    ]);
  });

  test("drops the files that a smaller configuration has no place for", () => {
    for (const index of [1, 2, 3, 7]) fs.writeFileSync(`${path}.${index}`, line("old"));
    const file = new RotatingFile({ path, maxBytes: 400, maxFiles: 2 });
    file.append(line("new"));
    file.close();
    expect(fs.readdirSync(folder).sort()).toEqual(["nockd.log", "nockd.log.1"]);
  });

  test("any lines and restarts: no file too large, no gap, the newest lines are all there", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ length: fc.integer({ min: 8, max: 64 }), restart: fc.boolean() }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 4 }),
        (steps, maxFiles) => {
          fs.rmSync(folder, { recursive: true, force: true });
          let file = new RotatingFile({ path, maxBytes: 64, maxFiles });
          const written: string[] = [];
          for (const [index, { length, restart }] of steps.entries()) {
            if (restart) {
              file.close();
              file = new RotatingFile({ path, maxBytes: 64, maxFiles });
            }
            const text = line(String(index), length);
            file.append(text);
            written.push(text.trimEnd());
          }
          file.close();
          const files = fs.readdirSync(folder);
          for (const name of files) {
            expect(fs.statSync(join(folder, name)).size).toBeLessThanOrEqual(64);
          }
          expect(files.length).toBeLessThanOrEqual(maxFiles);
          const kept = allLines();
          expect(kept.length).toBeGreaterThan(0);
          expect(kept).toEqual(written.slice(-kept.length));
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });
});

describe("fileSink", () => {
  const now = () => 1_700_000_000_000;
  function sink(file: string, maxFileBytes = 65_536) {
    const diverted: string[] = [];
    const fallback = { write: (text: string) => diverted.push(text) };
    return { diverted, sink: fileSink({ file, maxFileBytes, maxFiles: 2, now, fallback }) };
  }

  test("a full disk: told once, records go to standard error", ({ skip }) => {
    skip(!fs.existsSync("/dev/full"), "no /dev/full here");
    const { diverted, sink: full } = sink("/dev/full");
    full.write("one\n");
    full.write("two\n");
    expect(diverted).toHaveLength(3);
    expect(JSON.parse(diverted[0]!)).toEqual({
      level: 50,
      time: now(),
      file: "/dev/full",
      code: "ENOSPC",
      msg: "log file cannot be written, records go to standard error",
    });
    expect(diverted.slice(1)).toEqual(["one\n", "two\n"]);
  });

  test("goes on in the file as soon as it can be written, and tells how many went elsewhere", () => {
    fs.mkdirSync(path);
    const { diverted, sink: blocked } = sink(path);
    blocked.write("one\n");
    blocked.write("two\n");
    fs.rmdirSync(path);
    blocked.write("three\n");
    blocked.write("four\n");
    expect(diverted.slice(1)).toEqual(["one\n", "two\n"]);
    const lines = read(path).split("\n");
    expect(lines[0]).toBe("three");
    expect(JSON.parse(lines[1]!)).toMatchObject({ level: 40, diverted: 2 });
    expect(lines[2]).toBe("four");
  });

  test("the second trouble is told again", () => {
    const { diverted, sink: flaky } = sink(path);
    for (let round = 0; round < 2; round += 1) {
      fs.rmSync(path, { force: true });
      fs.mkdirSync(path);
      flaky.write("lost\n");
      fs.rmdirSync(path);
      flaky.write("kept\n");
    }
    expect(diverted.filter((text) => text.includes("cannot be written"))).toHaveLength(2);
  });

  test("a record that cannot be rotated away goes to standard error, the file stays bounded", () => {
    fs.mkdirSync(join(folder, "nockd.log.1"));
    const { diverted, sink: stuck } = sink(path, 64);
    for (let index = 0; index < 6; index += 1) stuck.write(line(`${index}`));
    expect(fs.statSync(path).size).toBeLessThanOrEqual(64);
    expect(diverted.length).toBe(4);
  });

  test("a record as long as a file is cut, and is still a record", () => {
    const { sink: small } = sink(path);
    const record = { level: 40, time: 7, raw: "x".repeat(200_000), msg: "odd reply" };
    small.write(`${JSON.stringify(record)}\n`);
    const kept = JSON.parse(read(path)) as Record<string, unknown>;
    expect(kept).toMatchObject({ level: 40, time: 7, msg: "log record was too long and was cut" });
    expect(kept["bytes"]).toBeGreaterThan(200_000);
    expect(String(kept["begin"])).toContain('"raw":"xxx');
    expect(fs.statSync(path).size).toBeLessThan(8192);
  });

  test("a log on a bad disk never throws into the daemon", () => {
    fs.writeFileSync(join(folder, "plain"), "");
    const log = createLog({
      level: "info",
      file: join(folder, "plain", "nockd.log"),
      maxFileBytes: 65_536,
      maxFiles: 2,
      now,
      sink: sink(join(folder, "plain", "nockd.log")).sink,
    });
    expect(() => log.fatal("still alive")).not.toThrow();
  });
});

describe("createLog with a file", () => {
  test("writes NDJSON that rotates within its bounds", () => {
    const log = createLog({
      level: "info",
      file: path,
      maxFileBytes: 65_536,
      maxFiles: 3,
      now: () => 5,
    });
    for (let index = 0; index < 4000; index += 1) log.info({ index }, "a record of some length");
    const kept = allLines().map((text) => JSON.parse(text) as { index: number });
    for (const name of fs.readdirSync(folder)) {
      expect(fs.statSync(join(folder, name)).size).toBeLessThanOrEqual(65_536);
    }
    expect(fs.readdirSync(folder)).toHaveLength(3);
    expect(kept.map(({ index }) => index)).toEqual(
      Array.from({ length: kept.length }, (_, at) => 4000 - kept.length + at),
    );
  });
});

describe("descriptorSink", () => {
  const failure = (code: string) => Object.assign(new Error(code), { code });

  test("writes on when the pipe takes only a part, or nothing for a while", () => {
    let text = "";
    let calls = 0;
    const sink = descriptorSink(
      1,
      () => 0,
      (_, bytes) => {
        calls += 1;
        if (calls % 2 === 1) throw failure("EAGAIN");
        text += bytes.subarray(0, 3).toString();
        return Math.min(3, bytes.length);
      },
    );
    sink.write("0123456789\n");
    expect(text).toBe("0123456789\n");
  });

  test("counts what a closed pipe lost, and tells it when there is a reader again", () => {
    let open = true;
    const lines: string[] = [];
    const sink = descriptorSink(
      1,
      () => 9,
      (_, bytes) => {
        if (!open) throw failure("EPIPE");
        lines.push(bytes.toString());
        return bytes.length;
      },
    );
    sink.write("a\n");
    open = false;
    sink.write("b\n");
    sink.write("c\n");
    open = true;
    sink.write("d\n");
    sink.write("e\n");
    expect(lines[0]).toBe("a\n");
    expect(JSON.parse(lines[1]!)).toEqual({
      level: 40,
      time: 9,
      lost: 2,
      msg: "log records were lost",
    });
    expect(lines.slice(2)).toEqual(["d\n", "e\n"]);
  });

  test("gives up on a pipe that nobody reads, and does not wait for it again", () => {
    let calls = 0;
    const sink = descriptorSink(
      1,
      () => 0,
      () => {
        calls += 1;
        throw failure("EAGAIN");
      },
    );
    sink.write("a\n");
    expect(calls).toBe(20);
    sink.write("b\n");
    expect(calls).toBe(22);
  });

  test("half a line that a pipe took is ended before the next one", () => {
    let text = "";
    let room = 4;
    const sink = descriptorSink(
      1,
      () => 0,
      (_, bytes) => {
        if (room === 0) throw failure("EAGAIN");
        const taken = Math.min(room, bytes.length);
        room -= taken;
        text += bytes.subarray(0, taken).toString();
        return taken;
      },
    );
    sink.write("0123456789\n");
    room = Number.POSITIVE_INFINITY;
    sink.write("next\n");
    const lines = text.split("\n");
    expect(lines[0]).toBe("0123");
    expect(JSON.parse(lines[1]!)).toMatchObject({ lost: 1 });
    expect(lines.slice(2)).toEqual(["next", ""]);
  });
});
