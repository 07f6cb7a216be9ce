// One conversation on 4028, for reading: one connection a look.

import type { Receipt } from "../../contract/driver.ts";
import { DeviceError } from "../../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../../contract/telemetry.ts";
import type { EpochMs } from "../../contract/units.ts";
import { parseReply } from "../../transport/json.ts";
import { exchange } from "../../transport/tcp.ts";
import type { Backend } from "../backend.ts";
import type { LinkOptions } from "../web.ts";
import { decode, type Known } from "./decode.ts";
import { BatchAnswer, REPORTS, type ReportName } from "./wire.ts";

const NAMES = Object.keys(REPORTS) as ReportName[];
const COMMAND = NAMES.join("+");

export class CgminerBackend implements Backend {
  readonly #options: LinkOptions;
  readonly #now: () => EpochMs;

  constructor(options: LinkOptions, now: () => EpochMs) {
    this.#options = options;
    this.#now = now;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const { host, port, deadline } = this.#options;
    const payload = JSON.stringify({ command: COMMAND });
    const text = await exchange({ host, port, payload, deadline, signal });
    const batch = BatchAnswer.safeParse(parseReply(text, COMMAND));
    if (!batch.success) throw new DeviceError("UNEXPECTED_SHAPE", "4028: the answer is no object");
    const { known, problems } = this.#sections(batch.data);
    if (known.summary?.answer.SUMMARY?.[0] === undefined) {
      // BOSer, the program of 22.08 and later, answers `version` and nothing else.
      throw new DeviceError(
        "UNSUPPORTED",
        "4028: tells no summary; set the password for its web API",
      );
    }
    return decode(known, this.#now(), problems);
  }

  write(): Promise<Receipt> {
    throw new DeviceError("UNSUPPORTED", "BOSminer takes no settings on 4028");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #sections(batch: Readonly<Record<string, unknown>>) {
    const at = this.#now();
    const known: Record<string, unknown> = {};
    const problems: ReadProblem[] = [];
    for (const name of NAMES) {
      const section = batch[name];
      const parsed = REPORTS[name].safeParse(Array.isArray(section) ? section[0] : section);
      if (!parsed.success) {
        problems.push({
          code: "UNEXPECTED_SHAPE",
          source: name,
          message: `${name}: no such part in the answer`,
        });
        continue;
      }
      const [status] = parsed.data.STATUS ?? [];
      // Releases differ in what they know: a table that is not there is no fault.
      if (status?.STATUS === "E" || status?.STATUS === "F") continue;
      known[name] = { answer: parsed.data, at };
    }
    // Each name got the answer that its own schema took, which TypeScript cannot follow.
    return { known: known as Known, problems };
  }
}
