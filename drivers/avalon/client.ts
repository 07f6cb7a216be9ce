// One request at a time to an Avalon, each on a connection of its own: its API is a single thread.

import { type DeviceError, isDeviceError } from "../contract/errors.ts";
import { exchange, TcpExchangeError } from "../transport/tcp.ts";
import { judgeReply, openReply, type Reply, wordsOf } from "./reply.ts";
import type { Command, Question } from "./wire.ts";

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** Milliseconds of real time for one request. */
  readonly deadline: number;
}

/** The largest known answer, estats of an A1566, is 32 KB. */
const MAX_BYTES = 1024 * 1024;

export class AvalonClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Throws DeviceError: network faults, a broken reply, or the machine's refusal. */
  async ask(question: Question, signal: AbortSignal): Promise<Reply> {
    const reply = openReply(await this.#exchange({ command: question }, signal), question);
    judgeReply(reply, question);
    return reply;
  }

  /** Information that an `ascset` option gives without a value. */
  async inquire(command: Command, signal: AbortSignal): Promise<string> {
    const where = whereOf(command);
    const reply = openReply(await this.#exchange(command, signal), where);
    judgeReply(reply, where);
    return wordsOf(reply.status);
  }

  /**
   * Sends a write once. undefined: the connection ended without an answer after the request was sent, as
   * reboot and softon do. Throws DeviceError when the machine said no or was not reached.
   */
  async order(
    command: Command,
    secrets: readonly string[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const where = whereOf(command);
    try {
      const reply = openReply(await this.#exchange(command, signal), where);
      judgeReply(reply, where, secrets);
      return wordsOf(reply.status, secrets);
    } catch (error) {
      if (isDeviceError(error) && isSilence(error)) return undefined;
      throw error;
    }
  }

  async #exchange(command: Command, signal: AbortSignal): Promise<string> {
    const { host, port, deadline } = this.#options;
    return await exchange({
      host,
      port,
      deadline,
      signal,
      payload: JSON.stringify(command),
      maxBytes: MAX_BYTES,
    });
  }
}

/** The option without its values: they may hold passwords. */
function whereOf({ command, parameter }: Command): string {
  return command === "ascset" ? `ascset ${parameter?.split(",")[1] ?? ""}` : command;
}

/** The machine had the request and may have acted on it. */
function isSilence(error: DeviceError): boolean {
  if (error instanceof TcpExchangeError) return error.sent && error.code !== "ABORTED";
  return error.code === "EMPTY_REPLY" || error.code === "TRUNCATED_REPLY";
}
