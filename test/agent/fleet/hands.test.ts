import { describe, expect, test } from "vitest";
import { createHands } from "../../../agent/fleet/hands.ts";
import type { Action, Approved } from "../../../agent/state/action.ts";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import { START, telemetry } from "../example.ts";

const bug = () => Promise.reject(new TypeError("x is undefined"));
const signal = new AbortController().signal;

function clumsy() {
  const bugs: unknown[] = [];
  const session = { read: bug, write: bug, close: () => Promise.resolve() };
  const hands = createHands(
    () => session,
    () => START,
    (error) => bugs.push(error),
  );
  return { hands, bugs };
}

describe("a bug in a driver", () => {
  test("is told, and its machine counts as one that cannot be read", async () => {
    const { hands, bugs } = clumsy();
    const seen = await hands.observe(signal);
    expect(seen).toMatchObject({ kind: "fault", code: "UNEXPECTED_SHAPE" });
    expect(bugs).toHaveLength(1);
  });

  test("in a write: it may have acted, so it is watched like any other", async () => {
    const { hands, bugs } = clumsy();
    const action = { device: "d", settings: [] } as unknown as Approved<Action>;
    expect(await hands.act(action)).toMatchObject({ kind: "sent", answer: "silent" });
    expect(bugs).toHaveLength(1);
  });
});

test("after a silence the session begins anew: another machine may answer now", async () => {
  let opened = 0;
  let down = false;
  const open = () => {
    opened += 1;
    const number = opened;
    return {
      read: () =>
        down
          ? Promise.reject(new DeviceError("UNREACHABLE", "refused"))
          : Promise.resolve(telemetry({ at: START, chip: number })),
      write: () => Promise.reject(new DeviceError("REJECTED", "no")),
      close: () => Promise.resolve(),
    };
  };
  const hands = createHands(
    open,
    () => START,
    () => undefined,
  );
  const lose = async (times: number) => {
    down = true;
    for (let count = 0; count < times; count += 1) await hands.observe(signal);
    down = false;
  };
  await hands.observe(signal);
  await lose(2);
  await hands.observe(signal);
  expect(opened).toBe(1);
  await lose(3);
  const seen = await hands.observe(signal);
  expect(opened).toBe(2);
  expect(seen).toMatchObject({ telemetry: { temperature: { chip: { value: 2 } } } });
});

test("an order without an answer is told as such, and sent once however often is looked", async () => {
  let sent = 0;
  const session = {
    read: () => Promise.resolve(telemetry({ at: START })),
    write: () => {
      sent += 1;
      return Promise.resolve({ answer: "silent", detail: "no answer" } as const);
    },
    close: () => Promise.resolve(),
  };
  const hands = createHands(
    () => session,
    () => START,
    () => undefined,
  );
  const action = { device: "d", settings: [] } as unknown as Approved<Action>;
  expect(await hands.act(action)).toMatchObject({ kind: "sent", answer: "silent" });
  for (let look = 0; look < 5; look += 1) await hands.observe(signal);
  expect(sent).toBe(1);
});
