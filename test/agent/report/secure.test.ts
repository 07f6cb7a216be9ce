// Passwords and TLS against a real broker.

import { spawnSync } from "node:child_process";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Broker } from "../../sim/broker.ts";
import { type Rig, startReporter, until } from "./harness.ts";
import { stateOf } from "./states.ts";

let broker: Broker | undefined;
const rigs: Rig[] = [];

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.reporter.stop();
  await broker?.dispose();
});

function start(...parameters: Parameters<typeof startReporter>): Rig {
  const rig = startReporter(...parameters);
  rigs.push(rig);
  rig.reporter.publish(stateOf());
  return rig;
}

const SECRET = "hunter2-hunter2";

/** A line of mosquitto's password file. */
function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, "sha512");
  return `${user}:$7$101$${salt.toString("base64")}$${hash.toString("base64")}\n`;
}

describe.each(["3.1.1", "5"] as const)("passwords over MQTT %s", (version) => {
  it("gets in with the right one, and with a wrong one says so without telling it", async () => {
    broker = await Broker.start({
      config: ["allow_anonymous false", "password_file {dir}/passwords"],
      files: { passwords: passwordLine("agent", SECRET) },
    });
    const good = start(broker.url, { version, username: "agent", password: SECRET });
    await until("session", () => good.reporter.isUp);

    const wrong = `not-${SECRET}`;
    const bad = start(
      broker.url,
      { version, username: "agent", password: wrong },
      { node: "gw-2" },
    );
    await until("refusal", () => bad.edges.length === 1);
    expect(bad.edges[0]?.reason).toMatch(/^Connection refused: (Not authorized|Bad User)/i);
    bad.clock.advance(60_000);
    await until("second attempt", () => bad.clock.asked.length === 2);
    expect(bad.edges).toHaveLength(1);
    expect(bad.reporter.counts.sessions).toBe(0);
    expect(JSON.stringify([good.lines, good.edges, bad.lines, bad.edges])).not.toContain(SECRET);
  });
});

const openssl = spawnSync("openssl", ["version"]).status === 0;

/** A CA, a server for localhost and a client, in one folder. */
function certificates(): string {
  const directory = mkdtempSync(join(tmpdir(), "nock-tls-"));
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync("openssl", args, { cwd: directory });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  run(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=ca",
  );
  for (const name of ["server", "client"]) {
    run(
      "req",
      ...key,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}`,
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
    );
    run(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-copy_extensions",
      "copy",
      "-out",
      `${name}.pem`,
    );
  }
  return directory;
}

describe.skipIf(!openssl)("TLS (needs the openssl command)", () => {
  it("demands a server that the CA knows, and shows its own certificate", async () => {
    const directory = certificates();
    const read = (name: string) => readFileSync(join(directory, name), "utf8");
    const files = Object.fromEntries(
      ["ca.pem", "server.pem", "server.key"].map((name) => [name, read(name)]),
    );
    broker = await Broker.start({
      config: [
        "cafile {dir}/ca.pem",
        "certfile {dir}/server.pem",
        "keyfile {dir}/server.key",
        "require_certificate true",
      ],
      files,
    });
    const url = `mqtts://localhost:${broker.port}`;
    const client = {
      caFile: join(directory, "ca.pem"),
      certFile: join(directory, "client.pem"),
      keyFile: join(directory, "client.key"),
    };
    const good = start(url, client);
    await until("session", () => good.reporter.isUp);

    const noCa = start(url, { ...client, caFile: undefined }, { node: "gw-2" });
    await until("refusal", () => noCa.edges.length === 1);
    expect(noCa.edges[0]).toEqual({ up: false, reason: "SELF_SIGNED_CERT_IN_CHAIN" });

    const noFile = start(url, { ...client, keyFile: join(directory, "none") }, { node: "gw-3" });
    await until("refusal", () => noFile.edges.length === 1);
    expect(noFile.edges[0]?.reason).toBe(
      `mqtt.keyFile: cannot read ${join(directory, "none")}: ENOENT`,
    );

    const noCertificate = start(url, { caFile: client.caFile }, { node: "gw-4" });
    await until("refusal", () => noCertificate.edges.length === 1);
    expect(noCertificate.edges[0]?.up).toBe(false);
  });
});
