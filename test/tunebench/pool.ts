// Jobs over a few child processes.

import { fork } from "node:child_process";
import type { Job, JobResult } from "./job.ts";

interface Answer {
  readonly result?: JobResult;
  readonly failed?: string;
}

/** Runs all jobs; `done` is called after each. A job that fails ends everything with its error. */
export async function runAll(
  worker: string,
  processes: number,
  jobs: readonly Job[],
  done: (count: number) => void,
): Promise<JobResult[]> {
  const queue = [...jobs];
  const results: JobResult[] = [];
  let count = 0;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(worker, { serialization: "advanced" });
      const next = () => {
        const job = queue.shift();
        if (job === undefined) {
          child.disconnect();
          resolve();
        } else child.send(job);
      };
      child.on("message", ({ result, failed }: Answer) => {
        if (failed !== undefined) {
          queue.length = 0;
          child.disconnect();
          reject(new Error(failed));
          return;
        }
        if (result !== undefined) results.push(result);
        count += 1;
        done(count);
        next();
      });
      child.once("error", reject);
      child.once("exit", (code) => {
        if (code !== 0) reject(new Error(`a child process of the bench ended with code ${code}`));
      });
      next();
    });
  await Promise.all(Array.from({ length: processes }, one));
  return results;
}
