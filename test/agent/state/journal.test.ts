import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { crc32 } from "../../../agent/state/crc32.ts";
import { openJournal } from "../../../agent/state/journal.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-journal-"));
  file = join(folder, "deep", "journal.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("crc32 is the one of IEEE 802.3", () => {
  expect(crc32("123456789")).toBe(0xcbf43926);
  expect(crc32("")).toBe(0);
});

describe("the journal", () => {
  test("gives back the newest record of each key", () => {
    const journal = openJournal(file);
    journal.append("a", { n: 1 });
    journal.append("b", { n: 2 });
    journal.append("a", { n: 3 });
    journal.close();
    const again = openJournal(file);
    expect(Object.fromEntries(again.records)).toEqual({ a: { n: 3 }, b: { n: 2 } });
    expect(again.damaged).toBe(0);
    again.close();
  });

  test("a line is on disk when append returns", () => {
    const journal = openJournal(file);
    journal.append("a", "é");
    expect(readFileSync(file, "utf8")).toContain('["a","é"]');
    journal.close();
  });

  test("a power cut at any byte of the last line loses that line only", () => {
    const journal = openJournal(file);
    journal.append("a", { n: 1 });
    const before = statSync(file).size;
    journal.append("a", { n: 2, words: "a longer record" });
    journal.close();
    const whole = readFileSync(file);
    for (let size = before + 1; size < whole.length - 1; size += 1) {
      writeFileSync(file, whole);
      truncateSync(file, size);
      const cut = openJournal(file);
      expect(cut.records.get("a")).toEqual({ n: 1 });
      expect(cut.damaged).toBe(1);
      cut.close();
    }
  });

  test("a flipped bit loses that line only, and is told", () => {
    const journal = openJournal(file);
    journal.append("a", 1);
    journal.append("b", 2);
    journal.append("c", 3);
    journal.close();
    const bytes = readFileSync(file);
    const at = bytes.indexOf('"b"') + 1;
    bytes[at] = (bytes[at] ?? 0) ^ 0x04;
    writeFileSync(file, bytes);
    const again = openJournal(file);
    expect([...again.records.keys()]).toEqual(["a", "c"]);
    expect(again.damaged).toBe(1);
    again.close();
  });

  test("garbage between lines does no harm", () => {
    const journal = openJournal(file);
    journal.append("a", 1);
    journal.close();
    appendFileSync(file, "\u0000\u0000\nnot a record\n[1,2]\n");
    const again = openJournal(file);
    expect(again.records.get("a")).toBe(1);
    expect(again.damaged).toBe(3);
    again.close();
  });

  test("stays small however often a key is written", () => {
    const journal = openJournal(file);
    for (let count = 0; count < 1000; count += 1)
      journal.append("a", { count, words: "x".repeat(100) });
    expect(statSync(file).size).toBeLessThan(70_000);
    journal.close();
    const again = openJournal(file);
    expect(again.records.get("a")).toMatchObject({ count: 999 });
    again.close();
  });
});

describe("a disk that runs full", () => {
  test("takes a part of a line: said, the record before it counts, the next one is whole", () => {
    let room = Infinity;
    const journal = openJournal(file, (descriptor, bytes) => {
      if (room <= 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      const taken = writeSync(descriptor, bytes.subarray(0, room));
      room -= taken;
      return taken;
    });
    journal.append("a", { n: 1 });
    room = 9;
    expect(() => journal.append("a", { n: 2 })).toThrow("no space");
    expect(journal.records.get("a")).toEqual({ n: 1 });
    room = Infinity;
    journal.append("b", { n: 3 });
    journal.close();
    const again = openJournal(file);
    expect(Object.fromEntries(again.records)).toEqual({ a: { n: 1 }, b: { n: 3 } });
    again.close();
  });

  test("while it is rewritten: the old records stay, and it goes on with them", () => {
    let full = false;
    const journal = openJournal(file, (descriptor, bytes) => {
      if (full) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      return writeSync(descriptor, bytes);
    });
    journal.append("a", "x".repeat(60_000));
    full = true;
    for (let count = 0; count < 3; count += 1) {
      expect(() => journal.append("b", "y".repeat(10_000))).toThrow("no space");
    }
    full = false;
    journal.append("b", 1);
    journal.close();
    const again = openJournal(file);
    expect([...again.records.keys()]).toEqual(["a", "b"]);
    again.close();
  });

  test("before the start: what is there is read, and the agent is not kept from starting", () => {
    const journal = openJournal(file);
    journal.append("a", 1);
    journal.close();
    const again = openJournal(file, () => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    });
    expect(again.records.get("a")).toBe(1);
    expect(() => again.append("a", 2)).toThrow("no space");
    again.close();
  });
});
