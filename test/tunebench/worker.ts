// A child process of the bench: one job at a time over the channel to its parent.

import { type Job, runJob } from "./job.ts";

process.on("message", (job: Job) => {
  runJob(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) =>
      process.send?.({ failed: error instanceof Error ? error.stack : String(error) }),
  );
});
