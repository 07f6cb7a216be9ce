// The conversation of API 3.x: questions on one kept connection, in clear; writes signed, each on a
// connection of its own.

import type { Receipt } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import { FramedConnection } from "../transport/framed.ts";
import { parseReply } from "../transport/json.ts";
import { TcpExchangeError } from "../transport/tcp.ts";
import { encryptParameter, sign } from "./crypto-v3.ts";
import type { OrderV3 } from "./encode-v3.ts";
import { isGood, openReply, refusalOfV3, saltIn, secondsOf, wordsOf } from "./reply-v3.ts";
import { CODES_V3, type Reply } from "./wire-v3.ts";

export interface ApiV3Options {
  readonly host: string;
  readonly port: number;
  /** For each request, in milliseconds of real time. */
  readonly deadline: number;
  /** `super`, `user1`, `user2` or `user3`. */
  readonly account: string;
  /** Without it nothing can be written. */
  readonly password?: string | undefined;
}

export interface AnswerV3 {
  /** `msg`: the content. */
  readonly message: unknown;
  readonly at: EpochMs;
}

/** What the machine told for the next signature. */
interface Seal {
  readonly salt: string;
  /** The machine's clock less ours, seconds. */
  readonly skew: number;
}

const SALT_QUESTION = { cmd: "get.device.info", param: "salt" } as const;

export class ApiV3 {
  readonly #options: ApiV3Options;
  readonly #now: () => EpochMs;
  readonly #connection: FramedConnection;
  #seal: Seal | undefined;

  constructor(options: ApiV3Options, now: () => EpochMs) {
    this.#options = options;
    this.#now = now;
    this.#connection = new FramedConnection({ host: options.host, port: options.port });
  }

  /**
   * A question in clear. Throws DeviceError of the transport, and UNSUPPORTED, REJECTED or BUSY for
   * an answer that is a no. `deadline`: instead of the usual one, in milliseconds.
   */
  async ask(
    command: string,
    signal: AbortSignal,
    parameter?: string,
    deadline: number = this.#options.deadline,
  ): Promise<AnswerV3> {
    const message = { cmd: command, ...(parameter === undefined ? {} : { param: parameter }) };
    const text = await this.#connection.request({
      payload: JSON.stringify(message),
      deadline,
      signal,
      repeatable: true,
    });
    const at = this.#now();
    const reply = openReply(parseReply(text, command), command);
    if (!isGood(reply)) throw refusalOfV3(reply, command);
    this.#noteSeal(reply, at);
    return { message: reply.msg, at };
  }

  /**
   * A signed write. Throws WRITE_DISABLED, REJECTED, UNSUPPORTED or BUSY when the machine said no, and
   * what the transport throws before the request had left. It is sent a second time only after the
   * machine refused the signature of the first and turned out to have another salt or time since.
   */
  async order(order: OrderV3, signal: AbortSignal): Promise<Receipt> {
    const { password } = this.#options;
    if (password === undefined) {
      throw new DeviceError("UNAUTHORIZED", "no password is configured for this device");
    }
    const hide = hiding(password, order);
    const seal = this.#seal ?? (await this.#renewSeal(signal));
    const first = await this.#send(order, password, seal, signal);
    if (typeof first === "string" || Number(first.code) !== CODES_V3.notPermitted) {
      return receiptOf(first, order.command, hide);
    }
    const renewed = await this.#renewSeal(signal);
    if (renewed.salt === seal.salt && Math.abs(renewed.skew - seal.skew) <= SAME_TIME) {
      return receiptOf(first, order.command, hide);
    }
    return receiptOf(await this.#send(order, password, renewed, signal), order.command, hide);
  }

  close(): void {
    this.#seal = undefined;
    this.#connection.close();
  }

  /** The machine's answer, or words about why there is none to be read. */
  async #send(
    { command, parameter, secret }: OrderV3,
    password: string,
    seal: Seal,
    signal: AbortSignal,
  ): Promise<Reply | string> {
    // By the machine's own clock, which is the one it compares with; many of them run wrong.
    const seconds = Math.floor(this.#now() / 1000) + seal.skew;
    const { token, key } = sign(command, password, seal.salt, seconds);
    const param = secret === true ? encryptParameter(JSON.stringify(parameter), key) : parameter;
    const message = {
      cmd: command,
      ts: seconds,
      token,
      account: this.#options.account,
      ...(param === undefined ? {} : { param }),
    };
    try {
      const text = await this.#connection.request({
        payload: JSON.stringify(message),
        deadline: this.#options.deadline,
        signal,
        repeatable: false,
      });
      return openReply(parseReply(text, command), command);
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      // Not its message, which quotes an answer that may repeat what was sent.
      if (!(error instanceof TcpExchangeError)) return `the answer is not readable (${error.code})`;
      if (!error.sent || error.code === "ABORTED") throw error;
      return error.message;
    }
  }

  async #renewSeal(signal: AbortSignal): Promise<Seal> {
    this.#seal = undefined;
    await this.ask(SALT_QUESTION.cmd, signal, SALT_QUESTION.param);
    return this.#expectSeal();
  }

  #expectSeal(): Seal {
    if (this.#seal !== undefined) return this.#seal;
    throw new DeviceError("UNEXPECTED_SHAPE", "get.device.info: a salt was expected");
  }

  #noteSeal(reply: Reply, at: EpochMs): void {
    const salt = saltIn(reply);
    if (salt === undefined) return;
    const ours = Math.floor(at / 1000);
    this.#seal = { salt, skew: (secondsOf(reply) ?? ours) - ours };
  }
}

/** Seconds; rounding alone makes one. */
const SAME_TIME = 2;

/** The machine may repeat what it was sent. Shorter secrets than three letters are in every text. */
function hiding(password: string, { secrets = [] }: OrderV3): (words: string) => string {
  return (words) =>
    [password, ...secrets]
      .filter((secret) => secret.length >= 3)
      .reduce((text, secret) => text.replaceAll(secret, "***"), words);
}

function receiptOf(
  answer: Reply | string,
  command: string,
  hide: (words: string) => string,
): Receipt {
  if (typeof answer === "string") return { answer: "silent", detail: `${command}: ${answer}` };
  if (!isGood(answer)) throw refusalOfV3(answer, command, hide);
  const words = hide(wordsOf(answer));
  return { answer: "accepted", detail: `${command}: ${words === "" ? "accepted" : words}` };
}
