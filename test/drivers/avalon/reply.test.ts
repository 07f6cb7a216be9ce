import { describe, expect, test } from "vitest";
import { bracketed, figuresOf, parseModule } from "../../../drivers/avalon/module-text.ts";
import { judgeReply, openReply, wordsOf } from "../../../drivers/avalon/reply.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";

const ENDING = ",Description=cgminer 4.11.1|";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isDeviceError(error)) return error.code;
    throw error;
  }
  return "none";
}

const refusal = (text: string) => codeOf(() => judgeReply(openReply(text, "t"), "t"));

describe("replies", () => {
  test("of the text form keep commas and bars inside of brackets", () => {
    const { status, sections } = openReply(
      `STATUS=S,When=0,Code=70,Msg=CGMiner stats${ENDING}STATS=0,ID=AVA100,Elapsed=7,` +
        "MM ID0=SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] B[1|2] PS[0 1],MM Count=0,Nonce Mask=0| ",
      "estats",
    );
    expect(status.Code).toBe("70");
    expect(sections["STATS"]).toEqual([
      {
        STATS: "0",
        ID: "AVA100",
        Elapsed: "7",
        "MM ID0": "SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] B[1|2] PS[0 1]",
        "MM Count": "0",
        "Nonce Mask": "0",
      },
    ]);
  });

  test("of several records are lists, with the message of many lines whole", () => {
    const { status, sections } = openReply(
      "STATUS=I,When=8337,Code=118,Msg=ASC 0 set info:\npool success set to stratum+tcp://a.b:443\n" +
        `worker is x,y\nPlease reboot miner to make config work.\n${ENDING}POOL=0,URL=a|POOL=1,URL=b|`,
      "t",
    );
    expect(status.Msg).toContain("Please reboot");
    expect(sections["POOLS"]?.map((pool) => pool["URL"])).toEqual(["a", "b"]);
  });

  test.each([
    ["STATUS=S,When=0,Code=22,Msg=CGMiner vers", "TRUNCATED_REPLY"],
    [`STATUS=S,When=0,Code=22,Msg=x${ENDING}VERSION,PROD=Aval`, "TRUNCATED_REPLY"],
    ['{"STATUS":[{"STATUS":"S"', "TRUNCATED_REPLY"],
    ["<html></html>", "HTML_REPLY"],
    ["hello", "NOT_JSON"],
    ["\0", "EMPTY_REPLY"],
    ["[1,2]", "UNEXPECTED_SHAPE"],
    ['{"code":0}', "UNEXPECTED_SHAPE"],
  ])("that are broken name how: %j", (text, code) => {
    expect(codeOf(() => openReply(text, "t"))).toBe(code);
  });

  // The words are from the mock's files, the A10 manual and the Nano 3S source.
  test.each([
    ["E,When=1,Code=120,Msg=ASC 0 set failed: Unknown option: softoff", "UNSUPPORTED"],
    ["E,When=1,Code=14,Msg=Invalid command", "UNSUPPORTED"],
    ["E,When=1,Code=45,Msg=Access denied to 'ascset' command", "WRITE_DISABLED"],
    ["E,When=1,Code=120,Msg=ASC 0 set failed: Auth Failed! password invalid!", "UNAUTHORIZED"],
    ["E,When=1,Code=132,Msg=Pool set error: userpass err", "UNAUTHORIZED"],
    [
      "E,When=1,Code=120,Msg=ASC 0 set failed: current mode 0 is caling Don't permit switch mode",
      "BUSY",
    ],
    [
      "E,When=1,Code=120,Msg=ASC 0 set failed: error:1 not support set workmode max_mode[2]",
      "REJECTED",
    ],
    // A13 gives the code of success with the status of an error.
    ["E,When=0,Code=119,Msg=ASC 0 set failed: ", "REJECTED"],
    ["S,When=0,Code=119,Msg=ASC 0 set OK", "none"],
    ["I,When=1,Code=118,Msg=ASC 0 set info: WORKMODE[1]", "none"],
  ])("are judged by STATUS, then by their words: %s", (text, code) => {
    expect(refusal(`STATUS=${text}${ENDING}`)).toBe(code);
  });

  test("show no secret of the request that they repeat", () => {
    const { status } = openReply(
      `STATUS=S,When=1,Code=133,Msg=Pool set info: \npool 0 success\nworkerpassword is s3cret\n${ENDING}`,
      "t",
    );
    expect(wordsOf(status, ["s3cret", ""])).toBe(
      "Pool set info: pool 0 success workerpassword is ***",
    );
  });
});

describe("the text of a module", () => {
  test("is read through blanks, missing blanks and the wrapping of Q", () => {
    const found = bracketed(
      "'STATS':{Ver[Q-25052801_14a19a2] Elapsed[103840]BOOTBY[1] DH[1.063%] CRC[0] CRC[3] Nonce Mask[25] " +
        "ATAOPTS0[--avalon10-freq 376:396:416:436 --avalon10-voltage-level 46 ] EMPTY[] open[1 2",
    );
    expect(found).toEqual({
      Ver: "Q-25052801_14a19a2",
      Elapsed: "103840",
      BOOTBY: "1",
      DH: "1.063%",
      CRC: "3",
      "Nonce Mask": "25",
      ATAOPTS0: "--avalon10-freq 376:396:416:436 --avalon10-voltage-level 46",
      EMPTY: "",
    });
  });

  test("gets the lists of each board under the number of the board", () => {
    const module = parseModule(
      "'STATS':{TA[4]}",
      "'HB0':{PVT_T0[58  59] MW0[1 2]} 'HB1':{PVT_T0[60 nan]}",
    );
    expect(module["PVT_T0"]).toBe("58  59");
    expect(figuresOf(module["PVT_T1"])).toEqual([60, undefined]);
    expect(figuresOf(module["PVT_T2"])).toEqual([]);
  });

  test("of a megabyte without a key costs no time", { timeout: 90_000 }, () => {
    const started = performance.now();
    bracketed("a".repeat(1_000_000));
    bracketed("a [".repeat(300_000));
    parseModule("", "'HB1':{A[1 ".repeat(90_000));
    openReply(`STATUS=S,When=1,Code=70,Msg=x${ENDING}${"a|".repeat(500_000)}`, "t");
    // Quadratic would be minutes.
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});
