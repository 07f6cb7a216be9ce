import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Two workers: the gateway boards and CI boxes that this must pass on have two cores.
    maxWorkers: 2,
  },
});
