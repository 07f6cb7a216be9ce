// One conversation with one Ebit machine.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Telemetry } from "../contract/telemetry.ts";
import { Answer, askAll } from "../transport/answer.ts";
import { filledPool, perform, validate } from "../transport/order.ts";
import { Client, type ClientOptions } from "./client.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { AdminInfo, AlarmLoop, MinerStatus, PATHS, PoolValues, SystemStatus } from "./wire.ts";

/** 2 s less than a usual poll of 10 s, so that one that comes early is no poll lost. */
const LIVE_EVERY = 8_000;
const POOLS_EVERY = 60_000;
const IDENTITY_EVERY = 600_000;

export class EbangSession implements Session {
  readonly #client: Client;
  readonly #now: Ports["now"];
  readonly #status: Answer<MinerStatus>;
  readonly #alarms: Answer<AlarmLoop>;
  readonly #system: Answer<SystemStatus>;
  readonly #pools: Answer<PoolValues>;
  readonly #admin: Answer<AdminInfo>;
  #last: Telemetry | undefined;

  constructor(options: ClientOptions, { now }: Ports) {
    const client = new Client(options, now);
    this.#client = client;
    this.#now = now;
    this.#status = new Answer(
      { source: "CgminerStatus", every: 0, ask: (signal) => askStatus(client, signal) },
      now,
    );
    this.#alarms = new Answer(
      {
        source: "GetAlarmLoop",
        every: LIVE_EVERY,
        live: true,
        ask: (signal) => client.ask(PATHS.alarms, AlarmLoop, signal),
      },
      now,
    );
    this.#system = new Answer(
      {
        source: "getsystemstatus",
        every: LIVE_EVERY,
        live: true,
        ask: (signal) => client.ask(PATHS.system, SystemStatus, signal),
      },
      now,
    );
    this.#pools = new Answer(
      {
        source: "CgminerGetVal",
        every: POOLS_EVERY,
        ask: (signal) => client.ask(PATHS.pools, PoolValues, signal),
      },
      now,
    );
    this.#admin = new Answer(
      {
        source: "Getadmininfo",
        every: IDENTITY_EVERY,
        ask: (signal) => client.ask(PATHS.admin, AdminInfo, signal),
      },
      now,
    );
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const sides = [this.#alarms, this.#system, this.#pools, this.#admin];
    const { main, problems } = await askAll(this.#status, sides, signal);
    const answers = {
      status: main,
      alarms: this.#alarms.held,
      system: this.#system.held,
      pools: this.#pools.held,
      admin: this.#admin.held,
    };
    this.#last = decode(answers, problems, this.#now());
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const { controls } = this.#last ?? (await this.read(signal));
    validate(settings, controls, { pool: filledPool("url", "user") });
    try {
      return await perform(encode(settings), ({ path, form }) =>
        this.#client.order(path, form, signal),
      );
    } finally {
      for (const side of [this.#alarms, this.#system, this.#pools]) side.expire();
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

/** The main answer: without one of its own keys it is another page's. */
async function askStatus(client: Client, signal: AbortSignal): Promise<MinerStatus> {
  const value = await client.ask(PATHS.status, MinerStatus, signal);
  const known = [value.fivesecfigure, value.averfigure, value.accepted, value.worktime];
  if (known.some((each) => each !== undefined)) return value;
  throw new DeviceError("UNEXPECTED_SHAPE", `${PATHS.status}: expected rates and shares`);
}
