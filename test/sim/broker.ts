// A real mosquitto for tests: own configuration in a temporary folder, on a free loopback port.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface BrokerOptions {
  /** More lines of mosquitto.conf, for passwords, TLS and access lists. */
  readonly config?: readonly string[];
  /** Files that the configuration names, by name in the broker's folder: `{dir}` stands for it. */
  readonly files?: Readonly<Record<string, string>>;
}

const MISSING =
  "mosquitto is not installed: these tests need a real broker. On Debian: apt-get install mosquitto";

/** Longest start of the broker on a loaded machine, milliseconds. */
const START_DEADLINE = 10_000;

export class Broker {
  readonly port: number;
  readonly directory: string;
  readonly #program: string;
  readonly #lines: string[] = [];
  #process: ChildProcess | undefined;

  private constructor(port: number, directory: string, program: string) {
    this.port = port;
    this.directory = directory;
    this.#program = program;
  }

  /** Throws with the install command when mosquitto is missing. */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const program = findProgram("mosquitto");
    if (program === undefined) throw new Error(MISSING);
    const directory = await mkdtemp(join(tmpdir(), "nock-broker-"));
    const broker = new Broker(await freePort(), directory, program);
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await writeFile(join(directory, name), text, { mode: 0o600 });
    }
    await writeFile(join(directory, "mosquitto.conf"), broker.#configuration(options));
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Everything the broker logged so far: CONNECT with its will, SUBSCRIBE, PUBLISH, in order. */
  get log(): readonly string[] {
    return this.#lines;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const child = spawn(this.#program, ["-c", join(this.directory, "mosquitto.conf")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    this.#collect(child);
    const deadline = Date.now() + START_DEADLINE;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await this.stop();
        throw new Error(`mosquitto did not start:\n${this.#lines.slice(-10).join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the broker at once; clients see a reset. It can be started again on the same port. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  #collect(child: ChildProcess): void {
    let rest = "";
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
    });
  }

  #configuration(options: BrokerOptions): string {
    const extra = (options.config ?? []).map((line) => line.replaceAll("{dir}", this.directory));
    const anonymous = extra.some((line) => line.startsWith("allow_anonymous"))
      ? []
      : ["allow_anonymous true"];
    return [
      `listener ${this.port} 127.0.0.1`,
      // As root it would change to a user that cannot read this folder.
      "user root",
      "persistence false",
      "log_dest stderr",
      "log_type all",
      "set_tcp_nodelay true",
      ...anonymous,
      ...extra,
      "",
    ].join("\n");
  }
}

function findProgram(name: string): string | undefined {
  // Debian keeps it in /usr/sbin, which is not on everybody's path.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
