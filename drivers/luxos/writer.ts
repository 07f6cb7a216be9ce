// Sends the steps of a write: one after another, none twice, and tells what became of them.

import { setTimeout as sleep } from "node:timers/promises";
import { toBoolean } from "../contract/decoding.ts";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import { TcpExchangeError } from "../transport/tcp.ts";
import { type LuxosClient, refusal, wordsOf } from "./client.ts";
import type { Login } from "./login.ts";
import { replacePools } from "./replace-pools.ts";
import type { CommandStep, Step } from "./step.ts";
import { Answer } from "./wire.ts";

/** The largest ramp of a machine's own table takes about a minute (5 MHz at a time). */
const RAMP_POLLS = 90;

export class Writer {
  readonly #client: LuxosClient;
  readonly #login: Login;
  /** Milliseconds between two looks at a ramp. */
  readonly #rampPause: number;

  constructor(client: LuxosClient, login: Login, rampPause: number) {
    this.#client = client;
    this.#login = login;
    this.#rampPause = rampPause;
  }

  /** Throws what a step was refused with; what went before it is named in the message. */
  async perform(steps: readonly Step[], signal: AbortSignal): Promise<Receipt> {
    const done: string[] = [];
    try {
      for (const step of steps) {
        try {
          done.push(await this.#take(step, signal));
        } catch (error) {
          if (error instanceof LostWrite) return silent(step, done, steps);
          throw partly(error, done);
        }
      }
      return { answer: "accepted", detail: done.join("; ") };
    } finally {
      await this.#login.close();
    }
  }

  async #take(step: Step, signal: AbortSignal): Promise<string> {
    if (step.kind === "pools") {
      return orLost(() => replacePools(this.#client, step.pools, signal));
    }
    if (step.afterRamp === true) await this.#untilRamped(signal);
    const answer = await this.#send(step, signal);
    const refused = refusal(nameOf(step), answer);
    if (refused?.code === "UNSUPPORTED" && step.mayBeMissing === true) {
      return `${nameOf(step)}: not in this build`;
    }
    if (refused?.code === "UNEXPECTED_SHAPE") throw new LostWrite(refused.message);
    if (refused !== undefined) throw refused;
    if (step.ends === true) this.#login.forget();
    return `${nameOf(step)}: ${wordsOf(answer)}`;
  }

  /** A session that expired meanwhile is opened anew once: the refused request did nothing. */
  async #send(step: CommandStep, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#sendOnce(step, signal);
    const refused = refusal(step.command, answer);
    if (refused?.code !== "REJECTED" || !/\bsession\b/i.test(wordsOf(answer))) return answer;
    this.#login.forget();
    return this.#sendOnce(step, signal);
  }

  async #sendOnce(step: CommandStep, signal: AbortSignal): Promise<Answer> {
    const id = await this.#login.open(signal);
    try {
      const fields = [id, ...step.fields];
      return await orLost(() => this.#client.request(Answer, step.command, fields, signal));
    } catch (error) {
      if (step.ends === true && error instanceof LostWrite) this.#login.forget();
      throw error;
    }
  }

  /** Less voltage while the frequency is still on its way down would make chips fail. */
  async #untilRamped(signal: AbortSignal): Promise<void> {
    for (let poll = 0; poll < RAMP_POLLS; poll += 1) {
      const { reports, failures } = await this.#client.ask(["devs"], signal, (asked) => asked);
      const failure = failures.get("devs");
      if (failure !== undefined) throw failure;
      const ramping = (reports.devs?.DEVS ?? []).some((dev) => toBoolean(dev.IsRamping) === true);
      if (!ramping) return;
      await sleep(this.#rampPause);
    }
    throw new DeviceError("BUSY", "voltageset: not sent, the frequency is still on its way down");
  }
}

/** The session id stays out of it. */
const nameOf = (step: CommandStep): string =>
  step.fields.length === 0 ? step.command : `${step.command} ${step.fields.join(",")}`;

/** The machine may have acted on a request whose answer never came, or makes no sense. */
class LostWrite extends Error {}

async function orLost<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send();
  } catch (error) {
    if (mayHaveActed(error)) throw new LostWrite("no answer", { cause: error });
    throw error;
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  "EMPTY_REPLY",
  "TRUNCATED_REPLY",
  "HTML_REPLY",
  "NOT_JSON",
  "UNEXPECTED_SHAPE",
] satisfies DeviceErrorCode[]);

function mayHaveActed(error: unknown): boolean {
  if (error instanceof TcpExchangeError) return error.sent && error.code !== "ABORTED";
  return isDeviceError(error) && UNREADABLE.has(error.code);
}

function silent(step: Step, done: readonly string[], steps: readonly Step[]): Receipt {
  const name = step.kind === "pools" ? "pools" : nameOf(step);
  const left = steps.length - done.length - 1;
  const rest = left === 0 ? [] : [`${left} more not sent`];
  return { answer: "silent", detail: [...done, `${name}: no answer`, ...rest].join("; ") };
}

function partly(error: unknown, done: readonly string[]): unknown {
  if (!isDeviceError(error) || done.length === 0) return error;
  return new DeviceError(error.code, `${error.message}; before it: ${done.join("; ")}`, {
    cause: error,
  });
}
