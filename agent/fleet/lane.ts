// One conversation a device: whatever is asked of a machine waits for its turn.

export interface Lane {
  run<Result>(task: () => Promise<Result>): Promise<Result>;
}

export function createLane(): Lane {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = tail.then(task);
      // The next in line does not care how this one ended; its own caller does.
      tail = result.catch(() => undefined);
      return result;
    },
  };
}
