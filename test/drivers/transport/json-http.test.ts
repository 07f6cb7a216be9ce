import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import type { HttpClient } from "../../../drivers/transport/http.ts";
import { askJson, KeyedClient, listOf, partOf } from "../../../drivers/transport/json-http.ts";
import { HttpDaemon, type HttpReply } from "../../sim/http-daemon.ts";

const HOST = "127.0.0.1";
let daemon: HttpDaemon;
let client: KeyedClient;
let reply: HttpReply;
let key: string;
let logins: number;
let asked: number;
let time: number;

beforeEach(async () => {
  reply = { body: '{"a":1}' };
  key = "1";
  logins = 0;
  asked = 0;
  time = 1000;
  daemon = new HttpDaemon({
    host: HOST,
    port: 0,
    handle: ({ path, headers }) => {
      if (path === "/login") {
        logins += 1;
        return key === "" ? { status: 403 } : { body: key };
      }
      asked += 1;
      return headers["key"] === key ? reply : { status: 401 };
    },
  });
  const login = async (http: HttpClient) => {
    const answer = await http.expectOk({ path: "/login" }).catch(() => undefined);
    if (answer !== undefined) return { key: answer.body };
    throw new DeviceError("UNAUTHORIZED", "refused");
  };
  const options = { host: HOST, port: await daemon.start(), deadline: 5000, login };
  client = new KeyedClient(options, () => epochMs(time));
});
afterEach(async () => {
  client.close();
  await daemon.stop();
});

const Shape = z.looseObject({ a: z.number() });
const ask = () => askJson(client, { path: "/x" }, Shape);

test("logs in once for many requests", async () => {
  await ask();
  expect(await ask()).toEqual({ a: 1 });
  expect({ logins, asked }).toEqual({ logins: 1, asked: 2 });
});

test("a key that no header can carry is told, not kept", async () => {
  key = "\u0001\n\t1";
  await expect(ask()).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
  key = "1";
  expect(await ask()).toEqual({ a: 1 });
});

test("an old key is renewed, and the request sent once more", async () => {
  await ask();
  key = "2";
  expect(await ask()).toEqual({ a: 1 });
  expect({ logins, asked }).toEqual({ logins: 2, asked: 3 });
});

test("a refused login is not tried again for five minutes", async () => {
  key = "";
  await expect(ask()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  time += 299_999;
  await expect(ask()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  expect(logins).toBe(1);
  time += 1;
  key = "3";
  expect(await ask()).toEqual({ a: 1 });
});

test.each([
  [404, "UNSUPPORTED"],
  [403, "UNAUTHORIZED"],
  [422, "REJECTED"],
  [500, "HTTP_STATUS"],
])("HTTP %i is %s", async (status, code) => {
  reply = { status, body: "{}" };
  await expect(ask()).rejects.toMatchObject({ code });
});

test("another shape is named with its place", async () => {
  reply = { body: '{"a":"one"}' };
  await expect(ask()).rejects.toMatchObject({
    code: "UNEXPECTED_SHAPE",
    message: expect.stringContaining("/x: a "),
  });
});

test("lists keep the rows that fit, parts that do not fit are absent", () => {
  const list = listOf(Shape);
  expect(list.parse([{ a: 1 }, null, { a: "x" }, { a: 2 }])).toEqual([{ a: 1 }, { a: 2 }]);
  expect(list.parse("none")).toEqual([]);
  const whole = z.looseObject({ list, part: partOf(Shape) });
  expect(whole.parse({})).toEqual({ list: [] });
  expect(whole.parse({ part: 5 }).part).toBeUndefined();
});
