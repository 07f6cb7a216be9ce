// One conversation with one IceRiver machine: one page tells everything.

import type { Setting } from "../contract/controls.ts";
import { toNumber, toText } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import type { HttpAnswer, HttpClient } from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import { KeyedClient, mustBeOk, type PageOptions, shaped } from "../transport/json-http.ts";
import { perform, validate } from "../transport/order.ts";
import { decode } from "./decode.ts";
import { locatePath, loginPath, PANEL, type Panel, PanelReply, Refusal } from "./wire.ts";

export class IceriverSession implements Session {
  readonly #client: KeyedClient;
  readonly #now: Ports["now"];
  #last: Telemetry | undefined;

  constructor(options: PageOptions, { now }: Ports) {
    const { host, httpPort, deadline, username, password } = options;
    const login = (client: HttpClient, signal: AbortSignal | undefined) =>
      logIn(client, password === undefined ? undefined : loginPath(username, password), signal);
    // Without a valid session it sends its page for people.
    const expired = ({ body }: HttpAnswer) => body.trimStart().startsWith("<");
    this.#client = new KeyedClient({ host, port: httpPort, deadline, login, expired }, now);
    this.#now = now;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const panel = await this.#ask(signal);
    const held = { value: panel, at: this.#now(), source: "userpanel" };
    this.#last = { ...decode(held, this.#now()), problems: [] };
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls);
    return await perform(settings, async (setting) => {
      if (setting.knob !== "locate") {
        throw new DeviceError("INVALID_SETTING", `${setting.knob}: not offered by this machine`);
      }
      const request = { method: "POST", path: locatePath(setting.value), signal } as const;
      const answer = await this.#client.request(request);
      mustBeOk(answer, "userpanel");
      return `locate: HTTP ${answer.status}`;
    });
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async #ask(signal: AbortSignal): Promise<Panel> {
    const answer = await this.#client.request({ method: "POST", path: PANEL, signal });
    mustBeOk(answer, "userpanel");
    const reply = parseReply(answer.body, "userpanel");
    const { error, message } = shaped(Refusal, reply, "userpanel");
    const code = toNumber(error);
    if (code !== undefined && code !== 0) {
      const words = toText(message) ?? "without a reason";
      throw new DeviceError("REJECTED", `userpanel: error ${code}, ${words}`);
    }
    return shaped(PanelReply, reply, "userpanel").data;
  }
}

/** The address holds the password, so errors are told without it. */
async function logIn(
  client: HttpClient,
  path: string | undefined,
  signal: AbortSignal | undefined,
) {
  if (path === undefined) throw new DeviceError("UNAUTHORIZED", "no password is configured");
  const given = signal === undefined ? {} : { signal };
  try {
    const answer = await client.request({ method: "POST", path, ...given });
    mustBeOk(answer, "loginpost");
    const cookie = answer.headers["set-cookie"]?.split(";")[0];
    if (cookie === undefined) {
      throw new DeviceError("UNAUTHORIZED", "loginpost: no session was opened");
    }
    return { cookie };
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    throw new DeviceError(error.code, error.message.replaceAll(path, "/user/loginpost"));
  }
}
