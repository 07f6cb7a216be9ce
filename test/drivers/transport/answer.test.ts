import { expect, test } from "vitest";
import { DeviceError, type DeviceErrorCode } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { Answer, askAll } from "../../../drivers/transport/answer.ts";
import { NEVER } from "../code-of.ts";

/** Answers 1, 2, 3 ... or fails as it is told. */
function scripted(every: number) {
  const state = { time: 1000, asked: 0, fails: undefined as DeviceErrorCode | undefined };
  const ask = () => {
    state.asked += 1;
    const { fails } = state;
    if (fails !== undefined) return Promise.reject(new DeviceError(fails, "scripted"));
    return Promise.resolve(state.asked);
  };
  const now = () => epochMs(state.time);
  return { state, answer: new Answer({ source: "s", every, ask }, now) };
}

test("a slow answer is kept with its own time and asked again when it is due", async () => {
  const { state, answer } = scripted(60_000);
  const main = scripted(0).answer;
  await askAll(main, [answer], NEVER);
  state.time += 59_999;
  await askAll(main, [answer], NEVER);
  expect(answer.held).toEqual({ value: 1, at: 1000, source: "s" });
  state.time += 1;
  await askAll(main, [answer], NEVER);
  expect(answer.held).toEqual({ value: 2, at: 61_000, source: "s" });
});

test("an answer of the moment is not kept when the next one fails", async () => {
  const { state, answer } = scripted(0);
  const main = scripted(0).answer;
  await askAll(main, [answer], NEVER);
  expect(answer.held?.value).toBe(1);
  state.fails = "NOT_JSON";
  const problems = await askAll(main, [answer], NEVER);
  expect(answer.held).toBeUndefined();
  expect(problems).toEqual([{ code: "NOT_JSON", source: "s", message: "scripted" }]);
});

test("a slow answer that fails is a problem, its last value stays", async () => {
  const { state, answer } = scripted(10);
  const main = scripted(0).answer;
  await askAll(main, [answer], NEVER);
  state.fails = "CONNECTION_LOST";
  state.time += 10;
  expect(await askAll(main, [answer], NEVER)).toHaveLength(1);
  expect(answer.held?.value).toBe(1);
});

test("what a build does not know is no problem, and not asked for half an hour", async () => {
  const { state, answer } = scripted(10);
  const main = scripted(0).answer;
  state.fails = "UNSUPPORTED";
  expect(await askAll(main, [answer], NEVER)).toEqual([]);
  state.time += 20 * 60_000;
  answer.expire();
  await askAll(main, [answer], NEVER);
  expect(state.asked).toBe(1);
  state.time += 11 * 60_000;
  await askAll(main, [answer], NEVER);
  expect(state.asked).toBe(2);
});

test("after a silence the rest is not asked, and what was of the moment is forgotten", async () => {
  const main = scripted(0).answer;
  const first = scripted(0);
  const second = scripted(0);
  const sides = [first.answer, second.answer];
  await askAll(main, sides, NEVER);
  first.state.fails = "NO_REPLY";
  expect(await askAll(main, sides, NEVER)).toHaveLength(1);
  expect(second.state.asked).toBe(1);
  expect(second.answer.held).toBeUndefined();
});

test("the failure of the main answer ends the reading", async () => {
  const main = scripted(0);
  const side = scripted(0);
  main.state.fails = "EMPTY_REPLY";
  await expect(askAll(main.answer, [side.answer], NEVER)).rejects.toMatchObject({
    code: "EMPTY_REPLY",
  });
  expect(side.state.asked).toBe(0);
});

test("an abort is no failure of the machine's", async () => {
  const { state, answer } = scripted(0);
  state.fails = "ABORTED";
  await expect(answer.ask(NEVER)).rejects.toMatchObject({ code: "ABORTED" });
  expect(answer.failure).toBeUndefined();
});
