import { expect, test } from "vitest";
import { DeviceError, type DeviceErrorCode } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { Answer, askAll, type Question } from "../../../drivers/transport/answer.ts";
import { NEVER } from "../code-of.ts";

/** Answers 1, 2, 3 ... or fails as it is told. */
function scripted(every: number, more: Partial<Question<number>> = {}) {
  const state = { time: 1000, asked: 0, fails: undefined as DeviceErrorCode | undefined };
  const ask = () => {
    state.asked += 1;
    const { fails } = state;
    if (fails !== undefined) return Promise.reject(new DeviceError(fails, "scripted"));
    return Promise.resolve(state.asked);
  };
  const now = () => epochMs(state.time);
  return { state, answer: new Answer({ source: "s", every, ask, ...more }, now) };
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
  const { problems } = await askAll(main, [answer], NEVER);
  expect(answer.held).toBeUndefined();
  expect(problems).toEqual([{ code: "NOT_JSON", source: "s", message: "scripted" }]);
});

test("a slow answer that fails is a problem, its last value stays", async () => {
  const { state, answer } = scripted(10);
  const main = scripted(0).answer;
  await askAll(main, [answer], NEVER);
  state.fails = "CONNECTION_LOST";
  state.time += 10;
  expect((await askAll(main, [answer], NEVER)).problems).toHaveLength(1);
  expect(answer.held?.value).toBe(1);
});

test("what a build does not know is no problem, and not asked for half an hour", async () => {
  const { state, answer } = scripted(10);
  const main = scripted(0).answer;
  state.fails = "UNSUPPORTED";
  expect((await askAll(main, [answer], NEVER)).problems).toEqual([]);
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
  expect((await askAll(main, sides, NEVER)).problems).toHaveLength(1);
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

test("what takes its time is due from the asking on, not from the answer", async () => {
  const { state, answer } = scripted(1000, {
    ask: () => {
      state.asked += 1;
      state.time += 900;
      return Promise.resolve(state.asked);
    },
  });
  await answer.refresh(NEVER);
  expect(answer.held).toMatchObject({ value: 1, at: 1900 });
  state.time += 100;
  await answer.refresh(NEVER);
  expect(answer.held?.value).toBe(2);
});

test("what was answered once and is refused now has failed, however the refusal is worded", async () => {
  const { state, answer } = scripted(10);
  await answer.refresh(NEVER);
  state.fails = "UNSUPPORTED";
  for (const asked of [2, 3]) {
    state.time += 10;
    await answer.refresh(NEVER);
    expect(state.asked).toBe(asked);
    expect(answer.problem?.code).toBe("UNSUPPORTED");
    expect(answer.held?.value).toBe(1);
  }
});

test("each question says which failures mean that a build lacks it", async () => {
  const { state, answer } = scripted(10, { absentOn: new Set(["UNREACHABLE"]) });
  state.fails = "NOT_JSON";
  await answer.refresh(NEVER);
  expect(answer.problem?.code).toBe("NOT_JSON");
  state.fails = "UNREACHABLE";
  state.time += 10;
  expect(await answer.refresh(NEVER)).toBe(false);
  expect(answer.problem).toBeUndefined();
  answer.expire();
  state.time += 29 * 60_000;
  expect(await answer.refresh(NEVER)).toBe(true);
  expect(state.asked).toBe(2);
});

test("of the present state: kept while it is not due, hidden once it failed or was not asked", async () => {
  const main = scripted(0);
  const first = scripted(0);
  const live = scripted(10, { live: true });
  const sides = [first.answer, live.answer];
  await askAll(main.answer, sides, NEVER);
  first.state.fails = "NO_REPLY";
  await askAll(main.answer, sides, NEVER);
  expect(live.answer.held?.value).toBe(1);
  live.state.time += 10;
  await askAll(main.answer, sides, NEVER);
  expect(live.answer.held).toBeUndefined();
  first.state.fails = undefined;
  await askAll(main.answer, sides, NEVER);
  expect(live.answer.held?.value).toBe(2);
  live.state.time += 10;
  live.state.fails = "EMPTY_REPLY";
  await live.answer.refresh(NEVER);
  expect(live.answer.held).toBeUndefined();
});

test("who is not let in any more sees nothing old", async () => {
  const { state, answer } = scripted(10);
  await answer.refresh(NEVER);
  state.fails = "UNAUTHORIZED";
  state.time += 10;
  await answer.refresh(NEVER);
  expect(answer.held).toBeUndefined();
});
