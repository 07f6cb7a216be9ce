// What is made of the machine's answers to an order, and of those that do not come.

import { afterEach, describe, expect, it } from "vitest";
import { fixture, NEVER, open, PASSWORD, type Served, said, serve } from "./served.ts";
import { FREQUENCY, MANUAL, pools, type Script, write } from "./wishes.ts";

let served: Served | undefined;
afterEach(() => served?.daemon.stop());

describe("a refusal", () => {
  it.each([
    ["BadPassword", "UNAUTHORIZED"],
    [{ LastCmdStillPending: "Last command is still pending" }, "BUSY"],
    ["Last command is still pending", "BUSY"],
    ["SystemUpdateInProgress", "BUSY"],
    [{ InvalidUrl: "/tune" }, "UNSUPPORTED"],
    ["MissingParam", "REJECTED"],
    [null, "REJECTED"],
    [{ UnknownError: "PSU" }, "REJECTED"],
  ])("%j is %s", async (error, code) => {
    const script: Script = (path) => (path === "tune" ? said(false, error) : undefined);
    await expect(write([FREQUENCY], { summary: MANUAL }, script)).rejects.toMatchObject({ code });
  });

  it("nested deeper than a stack bears is one without words", async () => {
    const error = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
    const script: Script = (path) =>
      path === "tune" ? { body: `{"result":false,"error":${error}}` } : undefined;
    await expect(write([FREQUENCY], { summary: MANUAL }, script)).rejects.toMatchObject({
      code: "REJECTED",
      message: "tune: refused with a reason nested too deep to be told",
    });
  });

  it.each([
    [404, "UNSUPPORTED"],
    [403, "UNAUTHORIZED"],
    [400, "REJECTED"],
  ])("by HTTP %i is %s", async (status, code) => {
    const script: Script = (path) => (path === "tune" ? { status } : undefined);
    await expect(write([FREQUENCY], { summary: MANUAL }, script)).rejects.toMatchObject({ code });
  });

  it("is told without what was secret in it", async () => {
    const script: Script = (path, body) =>
      path === "coin" ? said(false, { MergeApiDecodeError: JSON.stringify(body) }) : undefined;
    const failed = await write([pools("stratum+tcp://a.example:1")], {}, script).catch(
      (error: unknown) => String(error),
    );
    expect(failed).toContain("MergeApiDecodeError");
    expect(failed).toContain("a.example");
    expect(failed).not.toContain(PASSWORD);
    expect(failed).not.toContain("swordfish");
  });

  it("after a first order says what was done", async () => {
    const script: Script = (path) => (path === "tune" ? said(false, "MissingParam") : undefined);
    await expect(write([FREQUENCY], {}, script)).rejects.toMatchObject({
      code: "REJECTED",
      message: "tune: MissingParam; before it: perpetualtune",
    });
  });

  it("for the order before it is waited for; what was refused so was not done", async () => {
    let refused = 0;
    const script: Script = (path) => {
      if (path !== "tune" || refused === 1) return undefined;
      refused += 1;
      return said(false, { LastCmdStillPending: "perpetualtune" });
    };
    const { receipt, orders } = await write([FREQUENCY], {}, script);
    expect(receipt.answer).toBe("accepted");
    expect(orders.map((order) => order.split(" ")[0])).toEqual(["perpetualtune", "tune", "tune"]);
  });
});

describe("an answer that does not come", () => {
  it.each(["lost-after-send", "empty", "html", "truncate"] as const)(
    "(%s) is silence, and is not asked for again",
    async (fault) => {
      // The look before the write is whole; the first order is not.
      let looks = 0;
      served = await serve(fixture(), (path) => {
        if (path === "summary") looks += 1;
        if (path === "summary" && looks === 2 && served !== undefined) served.daemon.fault = fault;
        return undefined;
      });
      const session = open(served.port, { password: PASSWORD });
      await session.read(NEVER);
      const before = served.requests.length;
      const silent = await session.write([FREQUENCY], NEVER);
      expect(silent).toEqual({
        answer: "silent",
        detail: "perpetualtune: no answer; 1 more not sent",
      });
      expect(served.requests.slice(before)).toEqual(["summary", "perpetualtune false"]);
      await session.close();
    },
  );

  it("because nobody listens any more is an error: nothing was sent", async () => {
    served = await serve(fixture());
    const session = open(served.port, { password: PASSWORD });
    await session.read(NEVER);
    await served.daemon.stop();
    // Which of the two depends on whether the end of the old connection was heard already.
    await expect(session.write([FREQUENCY], NEVER)).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNREACHABLE|CONNECTION_LOST)$/),
    });
    await session.close();
  });

  it("with an error of the server is silence too: it may have acted", async () => {
    const script: Script = (path) => (path === "tune" ? { status: 500, body: "oops" } : undefined);
    const { receipt } = await write([FREQUENCY], { summary: MANUAL }, script);
    expect(receipt.answer).toBe("silent");
  });
});
