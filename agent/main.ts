#!/usr/bin/env node
// The command line. Each command loads its own part, so that `run` starts fast and stays small.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { isDeviceError } from "../drivers/contract/errors.ts";

/** Set by the bundler; absent when the source is run unbundled in tests. */
declare const NOCKD_VERSION: string | undefined;
const version = typeof NOCKD_VERSION === "string" ? NOCKD_VERSION : "development";

/** Exit codes: 1 the thing asked for failed, 2 the command or the configuration is wrong. */
const FAILED = 1;

const program = new Command("nockd")
  .description("Reads, tunes and protects crypto-miners")
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command("run")
  .description("run the agent until SIGINT or SIGTERM")
  .requiredOption("-c, --config <file>", "configuration file (YAML)")
  .action(async (options: { config: string }) => {
    const { run } = await import("./cli/run.ts");
    process.exitCode = await run(options.config, version);
  });

program
  .command("poll")
  .description("read one machine once; TARGET is HOST, HOST:PORT, or a device id with --config")
  .argument("<target>")
  .option("-c, --config <file>", "take address and credentials of the device from this file")
  .option("-d, --driver <kind>", "driver to use; asked from the machine when absent")
  .option("--http-port <port>", "TCP port of the web interface", port, 80)
  .option("-u, --username <name>", "user name of the machine")
  .option("--deadline <seconds>", "longest time for one request", seconds, 10)
  .option("--json", "print the whole reading as JSON")
  .addHelpText("after", "\nThe password is taken from the environment variable NOCKD_PASSWORD.")
  .action(async (target: string, options: import("./cli/poll.ts").PollOptions) => {
    const { poll } = await import("./cli/poll.ts");
    process.exitCode = await poll(target, options);
  });

program
  .command("capture")
  .description("keep what one machine answers, without secrets, for support; TARGET as for poll")
  .argument("<target>")
  .requiredOption("-o, --out <dir>", "new folder for the answers and their index.json")
  .option("-c, --config <file>", "take address and credentials of the device from this file")
  .option("-d, --driver <kind>", "driver to use; asked from the machine when absent")
  .option("--http-port <port>", "TCP port of the web interface", port, 80)
  .option("-u, --username <name>", "user name of the machine")
  .option("--deadline <seconds>", "longest time for one request", seconds, 10)
  .addHelpText("after", "\nThe password is taken from the environment variable NOCKD_PASSWORD.")
  .action(async (target: string, options: import("./cli/capture.ts").CaptureOptions) => {
    const { capture } = await import("./cli/capture.ts");
    process.exitCode = await capture(target, options);
  });

program
  .command("scan")
  .description("identify what answers; RANGE is 10.0.0.0/24, 10.0.0.5-60, or a list with commas")
  .argument("<range>")
  .option("--port <port>", "TCP port of the machines' API", port, 4028)
  .option("--http-port <port>", "TCP port of their web interface", port, 80)
  .option("--api-port3 <port>", "TCP port of Whatsminers' API 3", port, 4433)
  .option("--deadline <seconds>", "longest time for one question", seconds, 2)
  .option("--connect-deadline <seconds>", "longest time for one connection", seconds, 1.2)
  .option("--parallel <count>", "addresses asked at the same time", count, 512)
  .option("--json", "print one JSON object a machine")
  .action(async (range: string, options: import("./cli/scan.ts").ScanOptions) => {
    const { scan } = await import("./cli/scan.ts");
    process.exitCode = await scan(range, options);
  });

program
  .command("logs")
  .description("print a log file for people")
  .argument("[file]", "log file", "/run/nockd/nockd.log")
  .option("-f, --follow", "go on with what is added")
  .action(async (file: string, options: { follow?: boolean }) => {
    const { logs } = await import("./cli/logs.ts");
    process.exitCode = await logs(file, options.follow === true);
  });

program
  .command("subscribe")
  .description("print the Sparkplug messages of a broker, one line a message")
  .option("--url <url>", "broker", "mqtt://127.0.0.1:1883")
  .option("--filter <topics>", "topics", "spBv1.0/#")
  .option("--count <n>", "stop after this many messages", count)
  .option("-u, --username <name>", "user name at the broker")
  .addHelpText(
    "after",
    "\nA message names its metrics by alias numbers when their birth came before subscribe was started.",
  )
  .addHelpText("after", "\nThe password is taken from the environment variable NOCKD_PASSWORD.")
  .action(async (options: import("./cli/subscribe.ts").SubscribeOptions) => {
    const { subscribe } = await import("./cli/subscribe.ts");
    process.exitCode = await subscribe(options);
  });

program
  .command("demo")
  .description("show the agent with simulated machines and an embedded broker, all on loopback")
  .option("--speed <factor>", "simulated seconds in one real second", positive, 120)
  .option("--seed <number>", "seed of the simulated machines", count, 1)
  .option("--seconds <n>", "stop by itself after this many real seconds", positive)
  .action(async (options: { speed: number; seed: number; seconds?: number }) => {
    process.exitCode = await demo(options);
  });

program
  .command("config")
  .description("work with configuration files")
  .command("check")
  .description("check a configuration file and print every error")
  .argument("<file>")
  .action(async (file: string) => {
    const { checkFile } = await import("./cli/config-check.ts");
    process.exitCode = checkFile(file);
  });

program
  .command("explain")
  .description(
    "tell why a machine was changed or left alone, newest first, from the agent's memory",
  )
  .argument("<device>", "id of the device in the configuration")
  .option("-s, --state <dir>", "state folder (agent.stateDir)")
  .option("-c, --config <file>", "the state folder that this configuration names")
  .option("--json", "print all of it as one JSON object")
  .action(async (device: string, options: import("./cli/explain.ts").ExplainOptions) => {
    const { explainDevice } = await import("./cli/explain.ts");
    process.exitCode = explainDevice(device, options);
  });

const prior = program
  .command("prior")
  .description("hand on what machines have taught, as a file for prior.file of other gateways");

prior
  .command("export")
  .description("gather what the machines of one or more gateways have taught")
  .option("-s, --state <dir>", "state folder (agent.stateDir); may be given again", gather, [])
  .option("-c, --config <file>", "the state folder that this configuration names")
  .requiredOption("-o, --out <file>", "file to write; - for standard output")
  .action(async (options: import("./cli/prior.ts").ExportOptions) => {
    const { exportPrior } = await import("./cli/prior.ts");
    process.exitCode = exportPrior(options);
  });

prior
  .command("merge")
  .description("make one file of several; a machine that is in two of them counts twice")
  .argument("<files...>")
  .requiredOption("-o, --out <file>", "file to write; - for standard output")
  .action(async (files: string[], options: { out: string }) => {
    const { mergePriors } = await import("./cli/prior.ts");
    process.exitCode = mergePriors(files, options.out);
  });

/** The simulated machines are a file of their own that firmware images leave out. */
async function demo(options: { speed: number; seed: number; seconds?: number }): Promise<number> {
  const bundle = new URL("./nockd-demo.mjs", import.meta.url);
  if (!existsSync(fileURLToPath(bundle))) {
    process.stderr.write("nockd demo needs nockd-demo.mjs beside nockd.mjs; images leave it out\n");
    return FAILED;
  }
  const module = (await import(bundle.href)) as { demo: (o: typeof options) => Promise<number> };
  return module.demo(options);
}

function gather(value: string, known: readonly string[]): string[] {
  return [...known, value];
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new InvalidArgumentError("expected a port from 1 to 65535.");
  }
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 120)) {
    throw new InvalidArgumentError("expected seconds from 0.1 to 120.");
  }
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("expected a whole number of 1 or more.");
  }
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 10_000)) {
    throw new InvalidArgumentError("expected a number above 0, at most 10000.");
  }
  return value;
}

try {
  await program.parseAsync();
} catch (error) {
  const words = isDeviceError(error) ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`nockd: ${words}\n`);
  process.exitCode = FAILED;
}
