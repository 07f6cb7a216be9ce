import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { credentialOf, decrypt, encrypt } from "../../../drivers/whatsminer/crypto-v2.ts";
import { md5crypt } from "../../../drivers/whatsminer/md5crypt.ts";

// Made with `openssl passwd -1` and AES of another implementation.
const A = credentialOf("admin", { time: "5626", salt: "BQ5hoXV9", newsalt: "jbzkfQls" });
const B = credentialOf("Miner_42", { time: "9876", salt: "Hs0pX2.a", newsalt: "q/Zk31nT" });

describe("md5crypt", () => {
  test("equals openssl passwd -1", () => {
    expect(md5crypt("admin", "BQ5hoXV9")).toBe("RxmaDUO33TS7O26yeMHZ81");
    expect(md5crypt("RxmaDUO33TS7O26yeMHZ815626", "jbzkfQls")).toBe("w.BNbkCV6n1aNWgiBWLzT/");
    expect(md5crypt("Miner_42", "Hs0pX2.a")).toBe("MTb2RbZ150UJzLaE/CJEy/");
  });

  test("uses eight characters of a salt, as crypt does", () => {
    expect(md5crypt("admin", "BQ5hoXV9longer")).toBe(md5crypt("admin", "BQ5hoXV9"));
  });
});

describe("credential", () => {
  test("token and AES key of vectors A and B", () => {
    expect(A.token).toBe("w.BNbkCV6n1aNWgiBWLzT/");
    expect(A.key.toString("hex")).toBe(
      "199e0a202039bb7b558db7a54697dca29cb278055b7e659a127fb844d5a2fbf6",
    );
    expect(B.token).toBe("W2NwLCIP7TlhcWlGewQe40");
    expect(B.key.toString("hex")).toBe(
      "d95444a9eb44672735c399c1dcedf8b837cb5c8ea743c50f31917bd76c8456df",
    );
  });

  test("only the last four characters of the time count", () => {
    const salts = { salt: "BQ5hoXV9", newsalt: "jbzkfQls" };
    expect(credentialOf("admin", { time: "16082005626", ...salts }).token).toBe(A.token);
  });
});

describe("encryption", () => {
  test.each([
    [
      A,
      '{"token":"w.BNbkCV6n1aNWgiBWLzT/","cmd":"set_low_power"}',
      "ztIn8gXGbnM4QY3NTovpapmN9lmZbn718Sv0yvT4EP9K9YBb8z8R2PUL+M1+8U7W0oAq3m/vwrEKvkkc+zCNmg==",
    ],
    [
      A,
      '{"cmd":"adjust_power_limit","power_limit":"3300","token":"w.BNbkCV6n1aNWgiBWLzT/"}',
      "APszrWSxSV2tQF6fMgI4ZaF773GCayhn3Xq4G82GrrC5NgdBCKVF4GB8LvkATtdQNu8SDxCuRjTywNA6MsCdSZmN9lmZbn718Sv0yvT4EP/AhZ6e2cCC3oX03jqlzb/u",
    ],
    [
      A,
      '{"STATUS":"S","When":1608200421,"Code":131,"Msg":"API command OK","Description":""}',
      "C/UGIQ8LwD66stwLyOOcM3mzW1jeRsaVWaR3yahGTEh3lluOVpsOSpBcGhtOpg0QfXzqoVOPWCksKSnoq5FdlDzf1zswfpjLBG0UghjHFmJyj0Iw94hY+ImJc0aQQ3bU",
    ],
    [
      B,
      '{"token":"W2NwLCIP7TlhcWlGewQe40","cmd":"set_power_pct_v2","percent":"80"}',
      "aiJdus0vALUc8v0QRgvMWLotdR0bxH//1CPB7scOZb3bU+vi7Sq4rGLGlaU+fgeddi0NoPIGYGrsmVqVl9EFgoSqLzF1/z2TLRkAbT0B1Mg=",
    ],
  ])("vector %#", (credential, plain, cipher) => {
    expect(encrypt(plain, credential.key)).toBe(cipher);
    expect(decrypt(cipher, credential.key)).toBe(plain);
  });

  test("takes PKCS7 padding off as well", () => {
    const pkcs7 =
      "ztIn8gXGbnM4QY3NTovpapmN9lmZbn718Sv0yvT4EP9K9YBb8z8R2PUL+M1+8U7W2Y2OCxqDVN9c4vMUDaWKyw==";
    expect(decrypt(pkcs7, A.key)).toBe('{"token":"w.BNbkCV6n1aNWgiBWLzT/","cmd":"set_low_power"}');
  });

  test("returns every JSON text unchanged", () => {
    void fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (value) => {
        const text = JSON.stringify(value);
        expect(decrypt(encrypt(text, B.key), B.key)).toBe(text);
      }),
      { seed: 1 },
    );
  });

  test("what is no whole block, or has another key, is no text", () => {
    expect(decrypt("AAAA", A.key)).toBeUndefined();
    expect(decrypt("", A.key)).toBeUndefined();
    expect(decrypt(encrypt('{"a":"b"}', A.key), B.key)?.startsWith("{")).toBe(false);
  });
});
