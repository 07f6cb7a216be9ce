// The conversation of API 2.x: one question a connection, in clear; writes encrypted under a token.

import type { Receipt } from "../contract/driver.ts";
import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import { parseReply } from "../transport/json.ts";
import { exchange, TcpExchangeError } from "../transport/tcp.ts";
import { type Credential, credentialOf, decrypt, encrypt } from "./crypto-v2.ts";
import { openEnvelope, refusalOf, verdictOf } from "./reply.ts";
import { CODES, type Envelope, type Parameters, TokenGrant } from "./wire.ts";

export interface ApiOptions {
  readonly host: string;
  readonly port: number;
  /** For each request, in milliseconds of real time. */
  readonly deadline: number;
  /** Without it nothing can be written. */
  readonly password?: string | undefined;
}

export interface Answer {
  readonly envelope: Envelope;
  readonly at: EpochMs;
}

/** Tokens live 30 min on the machine, and only 32 of them: ours is used for most of its life. */
const TOKEN_LIFE_MS = 25 * 60_000;

/** The connection ended without an answer: the machine may have acted on the request. */
const UNANSWERED: readonly DeviceErrorCode[] = ["NO_REPLY", "CONNECTION_LOST", "EMPTY_REPLY"];

/** 23: it could not decrypt the request, because its password, and with it the salt, has changed. */
const RENEWABLE: readonly (number | undefined)[] = [CODES.tokenRefused, CODES.invalidJson];

export class ApiV2 {
  readonly #options: ApiOptions;
  readonly #now: () => EpochMs;
  #key: "cmd" | "command" = "cmd";
  #credential: { readonly value: Credential; readonly at: EpochMs } | undefined;

  constructor(options: ApiOptions, now: () => EpochMs) {
    this.#options = options;
    this.#now = now;
  }

  /**
   * A question in clear. Throws DeviceError of the transport, and UNSUPPORTED, REJECTED or BUSY for
   * an answer that is a no.
   */
  async ask(command: string, signal: AbortSignal, parameters: Parameters = {}): Promise<Answer> {
    const answer = await this.#askAsIs(command, parameters, signal);
    const missed = verdictOf(answer.envelope).code === CODES.missingCommand;
    if (!missed || this.#key === "command") return accepted(answer, command);
    // Firmware before about September 2020; newer ones take both keys.
    this.#key = "command";
    return accepted(await this.#askAsIs(command, parameters, signal), command);
  }

  /**
   * An encrypted write. Throws WRITE_DISABLED, UNAUTHORIZED, BUSY, REJECTED, UNSUPPORTED when the
   * machine said no, and what the transport throws before the request had left. The request is sent a
   * second time only after the machine refused token or key of the first, both of which expire.
   */
  async order(command: string, parameters: Parameters, signal: AbortSignal): Promise<Receipt> {
    const cached = this.#credential !== undefined;
    const hide = hiding(this.#options.password, parameters);
    const first = await this.#send(command, parameters, await this.#authorize(signal), signal);
    const refused = typeof first !== "string" && RENEWABLE.includes(verdictOf(first).code);
    if (!refused || !cached) return receiptOf(first, command, hide);
    this.#credential = undefined;
    const second = await this.#send(command, parameters, await this.#authorize(signal), signal);
    return receiptOf(second, command, hide);
  }

  /** Forgets the token. The machine has no command to end one; it expires. */
  close(): void {
    this.#credential = undefined;
  }

  async #askAsIs(command: string, parameters: Parameters, signal: AbortSignal): Promise<Answer> {
    const text = await this.#exchange({ [this.#key]: command, ...parameters }, signal);
    const at = this.#now();
    return { envelope: openEnvelope(parseReply(text, command), command), at };
  }

  async #authorize(signal: AbortSignal): Promise<Credential> {
    const now = this.#now();
    if (this.#credential !== undefined && now - this.#credential.at < TOKEN_LIFE_MS) {
      return this.#credential.value;
    }
    const { password } = this.#options;
    if (password === undefined) {
      throw new DeviceError("UNAUTHORIZED", "no password is configured for this device");
    }
    const { envelope } = await this.ask("get_token", signal);
    const grant = TokenGrant.safeParse(envelope.Msg);
    if (!grant.success) {
      const { words } = verdictOf(envelope);
      if (/max connect/i.test(words)) throw new DeviceError("BUSY", `get_token: ${words}`);
      throw new DeviceError("UNEXPECTED_SHAPE", "get_token: time, salt and newsalt were expected");
    }
    const value = credentialOf(password, grant.data);
    this.#credential = { value, at: now };
    return value;
  }

  /** The machine's answer, or words about why there is none to be read. */
  async #send(
    command: string,
    parameters: Parameters,
    { token, key }: Credential,
    signal: AbortSignal,
  ): Promise<Envelope | string> {
    const data = encrypt(JSON.stringify({ token, cmd: command, ...parameters }), key);
    try {
      const text = await this.#exchange({ enc: 1, data }, signal);
      return openReply(text, key, command);
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      // Not its message, which quotes an answer that may repeat what was sent.
      if (!(error instanceof TcpExchangeError)) return `the answer is not readable (${error.code})`;
      if (!error.sent || !UNANSWERED.includes(error.code)) throw error;
      return error.message;
    }
  }

  #exchange(message: object, signal: AbortSignal): Promise<string> {
    const { host, port, deadline } = this.#options;
    return exchange({ host, port, payload: JSON.stringify(message), deadline, signal });
  }
}

/** Refusals come in clear on some firmware, encrypted on others. */
function openReply(text: string, key: Buffer, command: string): Envelope {
  const outer = openEnvelope(parseReply(text, command), command);
  if (outer.enc === undefined) return outer;
  const inner = decrypt(outer.enc, key);
  return openEnvelope(parseReply(inner ?? "", command), command);
}

/** The machine may repeat what it was sent. Shorter secrets than three letters are in every text. */
function hiding(password: string | undefined, parameters: Parameters): (words: string) => string {
  const passwords = Object.entries(parameters).filter(([name]) => name.startsWith("passwd"));
  const secrets = [password ?? "", ...passwords.map(([, value]) => value)];
  return (words) =>
    secrets
      .filter((secret) => secret.length >= 3)
      .reduce((text, secret) => text.replaceAll(secret, "***"), words);
}

function accepted(answer: Answer, command: string): Answer {
  const refusal = refusalOf(answer.envelope, command, false);
  if (refusal !== undefined) throw refusal;
  return answer;
}

function receiptOf(
  answer: Envelope | string,
  command: string,
  hide: (words: string) => string,
): Receipt {
  if (typeof answer === "string") return { answer: "silent", detail: `${command}: ${answer}` };
  const refusal = refusalOf(answer, command, true, hide);
  if (refusal !== undefined) throw refusal;
  const words = hide(verdictOf(answer).words);
  return { answer: "accepted", detail: `${command}: ${words === "" ? "accepted" : words}` };
}
