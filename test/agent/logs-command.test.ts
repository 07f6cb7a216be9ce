import { afterEach, expect, test, vi } from "vitest";
import { logs } from "../../agent/cli/logs.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a log file that is not there is named, with what was expected", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await logs("/nowhere/nockd.log", false)).toBe(2);
  expect(said).toHaveBeenCalledWith(
    "nockd: cannot read /nowhere/nockd.log: ENOENT; expected the file that log.file of the configuration names\n",
  );
});
