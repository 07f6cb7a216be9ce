// Captures a simulated machine as `nockd capture` does.

import { writeCapture } from "../../agent/cli/capture.ts";
import { captureFiles, sanitiserOf } from "../../agent/cli/capture-files.ts";
import { type Recording, record } from "../../agent/cli/record.ts";
import type { Bench } from "./bench.ts";

export interface Captured {
  /** The folder. */
  readonly out: string;
  /** With every secret in it. */
  readonly recording: Recording;
}

export async function captureBench(bench: Bench, out: string): Promise<Captured> {
  const { host, port, httpPort } = bench.options;
  const recording = await record({
    ...{ host, port, httpPort, deadline: 2000, now: bench.now },
    deviceOf: () => bench.options,
  });
  writeCapture(out, captureFiles(recording, sanitiserOf(recording, host)));
  return { out, recording };
}
