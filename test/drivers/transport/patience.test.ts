import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { afterPatience } from "../../../drivers/transport/patience.ts";
import { exchange } from "../../../drivers/transport/tcp.ts";

/** As a program does that has too much to do. */
function holdUp(duration: number): void {
  const end = performance.now() + duration;
  while (performance.now() < end);
}

test("a program that was held up longer than its deadline still takes the answer", async () => {
  const server = createServer((socket) => socket.once("data", () => socket.end('{"a":1}\0')));
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const answer = exchange({
    host: "127.0.0.1",
    port,
    payload: "x",
    deadline: 300,
    connectDeadline: 100,
  });
  holdUp(500);
  await expect(answer).resolves.toContain('{"a":1}');
  server.close();
});

test("it ends, and not when it was called off", async () => {
  let called = 0;
  const began = performance.now();
  await new Promise<void>((resolve) => {
    afterPatience(20, () => {
      called += 1;
      resolve();
    });
    afterPatience(10, () => {
      called += 10;
    })();
  });
  expect(called).toBe(1);
  expect(performance.now() - began).toBeGreaterThanOrEqual(19);
});
