import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { exchange } from "../../drivers/transport/tcp.ts";
import { spoil } from "./reply-fault.ts";
import { TcpDaemon, type TcpDaemonOptions } from "./tcp-daemon.ts";

const host = "127.0.0.43";
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<TcpDaemonOptions> = {}) {
  const daemon = new TcpDaemon({ host, port: 0, reply: (it) => `{"got":${it}}`, ...options });
  const port = await daemon.start();
  cleanups.push(() => daemon.stop());
  const ask = (payload: string) => exchange({ host, port, payload, deadline: 2000 });
  return { daemon, port, ask };
}

describe("TcpDaemon", () => {
  it("answers with a NUL, or without where told", async () => {
    expect(await (await start()).ask("1")).toBe('{"got":1}\0');
    expect(await (await start({ nul: false })).ask("1")).toBe('{"got":1}');
  });

  it("serves one connection at a time, in the order of their arrival", async () => {
    let open = 0;
    let most = 0;
    const order: string[] = [];
    const { daemon, ask } = await start({
      reply: async (request) => {
        open += 1;
        most = Math.max(most, open);
        await pause(10);
        order.push(request);
        open -= 1;
        return request;
      },
    });
    await Promise.all(["1", "2", "3", "4"].map(ask));
    expect(most).toBe(1);
    expect(order).toEqual(["1", "2", "3", "4"]);
    expect(daemon.connections).toBe(4);
  });

  it("is blocked by an idle connection, like the real ones", async () => {
    const { port, ask } = await start();
    const idle = createConnection({ host, port });
    await once(idle, "connect");
    const asked = ask("1");
    expect(await Promise.race([asked, pause(150, "still waiting")])).toBe("still waiting");
    idle.destroy();
    expect(await asked).toContain("got");
  });

  it("reads a request that comes in parts and has no end mark", async () => {
    const { port } = await start({ reply: (request) => request });
    const socket = createConnection({ host, port });
    socket.write('{"command":');
    await pause(10);
    socket.write('"x"}');
    const [chunk] = await once(socket, "data");
    expect(String(chunk)).toBe('{"command":"x"}\0');
  });

  it("serves more requests on a connection that it keeps open", async () => {
    const { daemon, port } = await start({ keepOpen: true });
    const socket = createConnection({ host, port });
    for (const request of ["1", "2"]) {
      socket.write(request);
      const [chunk] = await once(socket, "data");
      expect(String(chunk)).toBe(`{"got":${request}}\0`);
    }
    socket.destroy();
    expect(daemon.connections).toBe(1);
  });

  it("closes without a byte when there is no reply", async () => {
    const { ask } = await start({ reply: () => undefined });
    await expect(ask("1")).rejects.toMatchObject({ code: "EMPTY_REPLY" });
  });

  it("drops what is open and refuses connections while it restarts, on the same port", async () => {
    const { daemon, ask } = await start();
    daemon.fault = "silent";
    const dropped = expect(ask("1")).rejects.toMatchObject({ code: "EMPTY_REPLY" });
    await pause(30);
    daemon.refusing = true;
    await dropped;
    await expect(ask("1")).rejects.toMatchObject({ code: "UNREACHABLE" });
    daemon.fault = undefined;
    daemon.refusing = false;
    expect(await ask("1")).toContain("got");
  });

  it.each([
    ["nan", '{"a":1.5,"b":"2.5","c":3}', '{"a":nan,"b":"2.5","c":3}'],
    ["nan", '{"a":1,"b":2}', '{"a":nan,"b":2}'],
    ["control-characters", '{"a":1,"b":"x"}', '{"a":1,"b":"\u0001\n\tx"}'],
    ["double", "{}", "{}{}"],
    ["drip", '{"a":1.5}', '{"a":1.5}'],
  ] as const)("spoils with %s: %s", (fault, reply, spoilt) => {
    expect(spoil(reply, fault)).toBe(spoilt);
  });

  it("acts on a request that it loses, and not on one that it resets", async () => {
    const seen: string[] = [];
    const { daemon, ask } = await start({
      reply: (request) => {
        seen.push(request);
        return "{}";
      },
    });
    daemon.fault = "reset";
    await expect(ask("1")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(seen).toEqual([]);
    daemon.fault = "lost-after-send";
    await expect(ask("2")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(seen).toEqual(["2"]);
  });
});
