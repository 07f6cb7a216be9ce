// Writes to a stock Antminer: read, merge, send all of it, judge by the code, read again, compare.

import type { Setting } from "../contract/controls.ts";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import { HttpExchangeError, type HttpRequest } from "../transport/http.ts";
import { validate } from "../transport/order.ts";
import { controlsOf } from "./compose.ts";
import type { ConfigView } from "./config.ts";
import { seriesOf } from "./decode-identity.ts";
import {
  differences,
  encodeForm,
  encodeJson,
  formBody,
  judgeAnswer,
  merge,
  type Wanted,
} from "./encode.ts";
import { generationOf, sleepMode } from "./firmware.ts";
import type { Questions } from "./questions.ts";
import { PAGES } from "./wire.ts";

const NORMAL_MODE = 0;

export class Writer {
  readonly #questions: Questions;
  readonly #deadline: number;
  /** The last working mode that was seen: what waking up means. */
  #wakeMode = NORMAL_MODE;

  /** `deadline` in milliseconds: a set takes 21 s on S19j Pro 2022-12. */
  constructor(questions: Questions, deadline: number) {
    this.#questions = questions;
    this.#deadline = deadline;
  }

  /** A configuration that was read. */
  saw(config: ConfigView | undefined): void {
    const mode = config?.workMode;
    const rest = sleepMode(seriesOf(this.#questions.recognised()));
    if (mode !== undefined && mode !== rest) this.#wakeMode = mode;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    if (this.#questions.recognised().firmware === undefined) await this.#questions.read(signal);
    // What is wrong by the last reading is refused without a word to the machine.
    this.#check(settings, this.#questions.config());
    const config = await this.#questions.freshConfig(signal);
    this.saw(config);
    this.#check(settings, config);
    const steps = stepsOf(settings);
    const receipts: Receipt[] = [];
    for (const [index, step] of steps.entries()) {
      const receipt = await this.#perform(step, config, signal);
      receipts.push(receipt);
      this.#questions.expire();
      if (receipt.answer === "silent" && index < steps.length - 1) {
        receipts.push({ answer: "silent", detail: "the rest was not sent" });
        break;
      }
    }
    return {
      answer: receipts.some((receipt) => receipt.answer === "silent") ? "silent" : "accepted",
      detail: receipts.map((receipt) => receipt.detail).join("; "),
    };
  }

  #check(settings: readonly Setting[], config: ConfigView | undefined): void {
    if (config === undefined) return;
    if (config.unfit !== undefined) {
      throw new DeviceError("UNSUPPORTED", `get_miner_conf.cgi: ${config.unfit}; nothing was sent`);
    }
    // Which characters a pool may have, the whole configuration decides.
    validate(settings, controlsOf(this.#questions.recognised(), config), {
      onStep: true,
      pool: () => undefined,
    });
  }

  async #perform(step: Step, config: ConfigView | undefined, signal: AbortSignal) {
    switch (step.kind) {
      case "locate":
        return await this.#locate(step.on, signal);
      case "reboot":
        return await this.#send({ path: PAGES.reboot, signal });
      case "config":
        return await this.#configure(step.settings, config, signal);
    }
  }

  async #configure(
    settings: readonly Setting[],
    config: ConfigView | undefined,
    signal: AbortSignal,
  ): Promise<Receipt> {
    if (config === undefined) {
      throw new DeviceError("UNSUPPORTED", "get_miner_conf.cgi: not read; nothing was sent");
    }
    const series = seriesOf(this.#questions.recognised());
    const wanted = merge(config, { settings, series, wakeMode: this.#wakeMode });
    const isForm = generationOf(series) === "form";
    const body = isForm ? formBody(encodeForm(config, wanted, series)) : encodeJson(config, wanted);
    const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
    const receipt = await this.#send({
      method: "POST",
      path: PAGES.setConf,
      headers: { "content-type": type },
      body,
      signal,
      deadline: this.#deadline,
    });
    if (receipt.answer === "silent") return receipt;
    const seen = await this.#compare(wanted, signal);
    return { ...receipt, detail: `${receipt.detail}, ${seen}` };
  }

  /** In words. What is not there yet may still come: the next readings tell. */
  async #compare(wanted: Wanted, signal: AbortSignal): Promise<string> {
    try {
      const config = await this.#questions.freshConfig(signal);
      const differing = config === undefined ? [] : differences(config, wanted);
      return differing.length === 0
        ? "read back"
        : `but the configuration still has another ${differing.join(", ")}`;
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code === "ABORTED") throw error;
      return `not read back yet (${error.code})`;
    }
  }

  async #locate(on: boolean, signal: AbortSignal): Promise<Receipt> {
    const series = seriesOf(this.#questions.recognised());
    const body =
      generationOf(series) === "form"
        ? `action=${on ? "startBlink" : "stopBlink"}`
        : JSON.stringify({ blink: on });
    return await this.#send({ method: "POST", path: PAGES.blink, body, signal });
  }

  /** Never a second time: what was sent may have acted, whatever became of the answer. */
  async #send(request: HttpRequest): Promise<Receipt> {
    try {
      const { body } = await this.#questions.web.request(request);
      return judgeAnswer(body, request.path.replace("/cgi-bin/", ""));
    } catch (error) {
      if (!(error instanceof HttpExchangeError) || !error.sent || error.code === "ABORTED") {
        throw error;
      }
      return { answer: "silent", detail: error.message };
    }
  }
}

type Step =
  | { readonly kind: "config"; readonly settings: readonly Setting[] }
  | { readonly kind: "locate"; readonly on: boolean }
  | { readonly kind: "reboot" };

/** The whole configuration is one request; the reboot comes last. */
function stepsOf(settings: readonly Setting[]): readonly Step[] {
  const config = settings.filter(({ knob }) => knob !== "locate" && knob !== "reboot");
  const locate = settings.find((setting) => setting.knob === "locate");
  const reboot = settings.some((setting) => setting.knob === "reboot");
  return [
    ...(config.length === 0 ? [] : [{ kind: "config" as const, settings: config }]),
    ...(locate === undefined ? [] : [{ kind: "locate" as const, on: locate.value }]),
    ...(reboot ? [{ kind: "reboot" as const }] : []),
  ];
}
