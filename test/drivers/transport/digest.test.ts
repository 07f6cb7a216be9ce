import { describe, expect, it } from "vitest";
import {
  authorize,
  type DigestChallenge,
  parseChallenge,
} from "../../../drivers/transport/digest.ts";

function offer(header: string): DigestChallenge {
  const challenge = parseChallenge(header);
  if (challenge === undefined) throw new Error(`no digest in ${header}`);
  return challenge;
}

const responseOf = (header: string) => /response="([^"]*)"/.exec(header)?.[1];

describe("digest authentication", () => {
  const rfc7616 = (algorithm: string) =>
    offer(
      'Digest realm="http-auth@example.org", qop="auth, auth-int", ' +
        `algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ` +
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );
  const mufasa = { username: "Mufasa", password: "Circle of Life" };
  const index = { method: "GET", path: "/dir/index.html", count: 1 };

  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("gives the response of RFC 7616 section 3.9.1 with %s", (algorithm, response) => {
    const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    const header = authorize(rfc7616(algorithm), mufasa, index, cnonce);
    expect(responseOf(header)).toBe(response);
    expect(header).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
    expect(header).toContain("nc=00000001");
  });

  const testrealm = (more: string) =>
    offer(
      `Digest realm="testrealm@host.com", ${more}nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ` +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );

  it("gives the response of RFC 2617 section 3.5", () => {
    const challenge = testrealm('qop="auth,auth-int", ');
    const password = { username: "Mufasa", password: "Circle Of Life" };
    const header = authorize(challenge, password, index, "0a4f113b");
    expect(responseOf(header)).toBe("6629fae49393a05397450978507c4ef1");
  });

  it("gives the response of RFC 2069 (as corrected) to a server without qop", () => {
    const password = { username: "Mufasa", password: "CircleOfLife" };
    const header = authorize(testrealm(""), password, index);
    expect(responseOf(header)).toBe("1949323746fe6a43ef61f9606e7febea");
    expect(header).not.toContain("qop");
    expect(header).not.toContain("cnonce");
  });

  it("counts the uses of a nonce in eight hexadecimal digits", () => {
    const header = authorize(rfc7616("MD5"), mufasa, { ...index, count: 4097 }, "c");
    expect(header).toContain("nc=00001001");
  });

  it("reads what lighttpd on an Antminer sends", () => {
    const header =
      'Digest realm="antMiner Configuration", charset="UTF-8", nonce="5f:ab", qop="auth"';
    expect(parseChallenge(header)).toEqual({
      realm: "antMiner Configuration",
      nonce: "5f:ab",
      algorithm: "MD5",
      qop: true,
      stale: false,
    });
  });

  it("takes the server's first digest and none of the second, nor of another scheme", () => {
    const joined =
      'Basic realm="old", Digest realm="a", nonce="1", qop="auth", algorithm=SHA-256, ' +
      'Digest realm="b", nonce="2", algorithm=MD5, stale=true';
    expect(parseChallenge(joined)).toEqual({
      realm: "a",
      nonce: "1",
      algorithm: "SHA-256",
      qop: true,
      stale: false,
    });
  });

  it("does not take auth-int for auth", () => {
    expect(offer('Digest realm="a", nonce="1", qop="auth-int"').qop).toBe(false);
  });

  it.each([undefined, "", 'Basic realm="x"', 'Digest realm="no nonce"', "Bearer digest x"])(
    "finds no challenge in %j",
    (header) => {
      expect(parseChallenge(header)).toBeUndefined();
    },
  );
});
