// LUXminer's session: not a secret, but a word between tools who writes now. One at a time, 60 s idle.

import { DeviceError, isDeviceError } from "../contract/errors.ts";
import { codeOf, type LuxosClient, refusal } from "./client.ts";
import { CODES } from "./request.ts";
import { Answer, SessionAnswer } from "./wire.ts";

export class Login {
  readonly #client: LuxosClient;
  #id: string | undefined;
  /** Ours, and perhaps still open: its end was not confirmed. */
  #left: string | undefined;

  constructor(client: LuxosClient) {
    this.#client = client;
  }

  /**
   * The id of a session of ours: the one that is open, or a new one. A session that is not ours belongs
   * to a tool in the middle of a change: BUSY. One of ours whose end got lost is taken up again.
   */
  async open(signal: AbortSignal): Promise<string> {
    this.#id ??= (await this.#takeUp(signal)) ?? (await this.#logon(signal));
    return this.#id;
  }

  /** Its program ended, or it says that it does not know this session. */
  forget(): void {
    this.#id = undefined;
  }

  /** Never throws: a session that cannot be ended ends by itself after 60 s. */
  async close(): Promise<void> {
    const id = this.#id ?? this.#left;
    if (id === undefined) return;
    this.#id = undefined;
    this.#left = id;
    try {
      await this.#client.request(Answer, "logoff", [id]);
      this.#left = undefined;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
    }
  }

  async #takeUp(signal: AbortSignal): Promise<string | undefined> {
    const left = this.#left;
    if (left === undefined) return undefined;
    this.#left = undefined;
    const answer = await this.#client.request(SessionAnswer, "session", [], signal);
    const live = codeOf(answer) === CODES.SESSION_INFORMATION && answer.SESSION?.[0]?.SessionID;
    return live === left ? left : undefined;
  }

  async #logon(signal: AbortSignal): Promise<string> {
    const answer = await this.#client.request(SessionAnswer, "logon", [], signal);
    const refused = refusal("logon", answer);
    if (refused !== undefined) throw refused;
    const id = answer.SESSION?.[0]?.SessionID ?? "";
    if (id === "") throw new DeviceError("UNEXPECTED_SHAPE", "logon: no session id in the answer");
    return id;
  }
}
