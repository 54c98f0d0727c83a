import { describe, expect, it } from "vitest";
import { readTokenAnswer } from "../../../core/secrets/clientCredentials";
import {
  verificationFailureMessage,
  verifySecret,
  type VerificationWorld,
} from "../../../core/secrets/secretVerification";

const plan = { tokens: 5, overSeconds: 10, patienceSeconds: 120 };
const startedAt = new Date("2026-11-22T10:00:00Z");

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

const token: Answer = {
  status: 200,
  body: '{"access_token": "x.y.z", "expires_in": 3599}',
  retryAfter: null,
};
const refused = (code: string, status = 401, retryAfter: string | null = null): Answer => ({
  status,
  body: JSON.stringify({ error: "invalid_client", error_description: `${code}: No.` }),
  retryAfter,
});
const unknownSecret = refused("AADSTS7000215");

/** A token endpoint that answers by plan, the last answer for ever, in a world where only sleep takes time. */
function fakeWorld(answers: readonly (Answer | Error)[], secondsPerAnswer = 0) {
  const sentAt: number[] = [];
  let elapsed = 5_000_000;
  const world: VerificationWorld = {
    requestToken: () => {
      // A verification that never ends must fail, not hang.
      if (sentAt.length >= 500) throw new Error("the verification does not end");
      sentAt.push((elapsed - 5_000_000) / 1000);
      elapsed += secondsPerAnswer * 1000;
      const answer = answers[Math.min(sentAt.length, answers.length) - 1];
      if (answer instanceof Error) return Promise.reject(answer);
      const { status, body, retryAfter } = answer ?? token;
      const read = readTokenAnswer(status, body, retryAfter);
      return Promise.resolve(read.ok ? undefined : read.refusal);
    },
    elapsed: () => elapsed,
    sleep: (milliseconds) => {
      elapsed += milliseconds;
      return Promise.resolve();
    },
    now: () => new Date(startedAt.getTime() + elapsed - 5_000_000),
  };
  return { world, sentAt };
}

describe("verifySecret", () => {
  it("gets the tokens in a row, spread over the seconds asked for", async () => {
    const { world, sentAt } = fakeWorld([token]);
    expect(await verifySecret(plan, world)).toEqual({
      verified: true,
      verifiedAt: "2026-11-22T10:00:10.000Z",
      tokens: 5,
    });
    expect(sentAt).toEqual([0, 2.5, 5, 7.5, 10]);
  });

  it.each([
    [{ ...plan, tokens: 1 }, [0]],
    [{ ...plan, tokens: 2 }, [0, 10]],
    [{ ...plan, overSeconds: 0 }, [0, 0, 0, 0, 0]],
    [{ ...plan, tokens: 3, overSeconds: 0.5 }, [0, 0.25, 0.5]],
  ])("asks by the plan %j at %j", async (otherPlan, times) => {
    const { world, sentAt } = fakeWorld([token]);
    await verifySecret(otherPlan, world);
    expect(sentAt).toEqual(times);
  });

  it("begins the count anew when the secret is refused, for one success is not enough", async () => {
    const four = [token, token, token, token];
    const { world, sentAt } = fakeWorld([...four, unknownSecret, token]);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: true, tokens: 11 });
    expect(sentAt).toEqual([0, 2.5, 5, 7.5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  });

  it("goes on counting past an answer that says nothing of the secret", async () => {
    const { world, sentAt } = fakeWorld([
      token,
      token,
      refused("AADSTS90055", 429),
      new Error("reset"),
      token,
    ]);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: true, tokens: 5 });
    expect(sentAt).toEqual([0, 2.5, 5, 6, 8, 10.5, 13]);
  });

  it("watches a secret that a replica did not know for as long again as it was on its way", async () => {
    const { world, sentAt } = fakeWorld([
      token,
      token,
      unknownSecret,
      ...Array<Answer>(8).fill(token),
      unknownSecret,
      token,
    ]);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: true, tokens: 15 });
    const seconds = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => from + index);
    expect(sentAt).toEqual([0, 2.5, 5, ...seconds(6, 9), ...seconds(16, 15)]);
  });

  it("watches it no shorter than the plan's own time", async () => {
    const { world, sentAt } = fakeWorld([unknownSecret, unknownSecret, token]);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: true, tokens: 11 });
    expect(sentAt.at(-1)).toBe(13);
  });

  it("asks ever more slowly while it is refused, at most 8 s apart", async () => {
    const { world, sentAt } = fakeWorld([...Array<Answer>(6).fill(unknownSecret), token]);
    await verifySecret({ ...plan, tokens: 1 }, world);
    expect(sentAt.slice(0, 7)).toEqual([0, 1, 3, 7, 15, 23, 31]);
  });

  it.each([
    ["secret", unknownSecret],
    ["secret that looks expired", refused("AADSTS7000222")],
    ["app", refused("AADSTS700016", 400)],
    ["service principal", refused("AADSTS7000229")],
    ["answer at a busy service", { status: 429, body: "", retryAfter: null }],
    ["answer at a broken service", { status: 503, body: "<html>", retryAfter: null }],
    ["connection", new Error("connect ECONNREFUSED")],
  ])("waits for a %s that is not there yet", async (_what, answer) => {
    const { world } = fakeWorld([answer, answer, token]);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: true });
  });

  it("waits as long as the service wishes", async () => {
    const { world, sentAt } = fakeWorld([refused("AADSTS90055", 429, "17"), token]);
    await verifySecret({ ...plan, tokens: 1 }, world);
    expect(sentAt).toEqual([0, 17]);
  });

  it.each(["0", "-5"])("does not press a service that names %s seconds", async (retryAfter) => {
    const { world, sentAt } = fakeWorld([
      refused("AADSTS90055", 429, retryAfter),
      refused("AADSTS90055", 429, retryAfter),
      token,
    ]);
    await verifySecret({ ...plan, tokens: 1 }, world);
    expect(sentAt).toEqual([0, 1, 3]);
  });

  it.each([
    ["wants longer than patience lasts", refused("AADSTS90055", 429, "131"), "AADSTS90055"],
    ["knows no such tenant", refused("AADSTS90002", 400), "AADSTS90002"],
    ["is a captive portal", { status: 302, body: "", retryAfter: null }, "NOT_JSON"],
    ["is a proxy that wants a password", { status: 407, body: "", retryAfter: null }, "HTTP_407"],
  ])("ends at once when the service %s", async (_what, answer, code) => {
    const { world, sentAt } = fakeWorld([answer]);
    expect(await verifySecret(plan, world)).toMatchObject({
      verified: false,
      refusal: { code },
      seconds: 0,
    });
    expect(sentAt).toEqual([0]);
  });

  it("takes 130 s, patience and the plan's own time, for its last chance", async () => {
    const { world, sentAt } = fakeWorld([refused("AADSTS90055", 429, "130"), token]);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: true });
    expect(sentAt).toEqual([0, 130, 132.5, 135, 137.5, 140]);
  });

  it("ends when patience does, with the last refusal and the time it took", async () => {
    const { world, sentAt } = fakeWorld([new Error("connect ECONNREFUSED"), unknownSecret]);
    expect(await verifySecret(plan, world)).toEqual({
      verified: false,
      refusal: { code: "AADSTS7000215", status: 401, description: "AADSTS7000215: No." },
      seconds: 127,
    });
    expect(sentAt.at(-1)).toBe(127);
  });

  it("counts the time that answers take", async () => {
    const { world, sentAt } = fakeWorld([new Error("timed out")], 30);
    expect(await verifySecret(plan, world)).toMatchObject({ verified: false, seconds: 127 });
    expect(sentAt).toEqual([0, 31, 63, 97]);
  });

  it("ends for a secret that flaps for ever", async () => {
    const { world } = fakeWorld(
      Array.from({ length: 400 }, (_, index) => (index % 4 === 3 ? unknownSecret : token)),
    );
    expect(await verifySecret(plan, world)).toMatchObject({ verified: false });
  });

  it("reports that there was no answer", async () => {
    const { world } = fakeWorld([new Error("getaddrinfo ENOTFOUND login.microsoftonline.com")]);
    expect(await verifySecret({ ...plan, patienceSeconds: 0, overSeconds: 0 }, world)).toEqual({
      verified: false,
      refusal: {
        code: "NO_ANSWER",
        status: 503,
        description:
          "The token endpoint could not be reached: getaddrinfo ENOTFOUND login.microsoftonline.com",
      },
      seconds: 0,
    });
  });
});

describe("verificationFailureMessage", () => {
  const subject = { what: "client secret", app: "Mail", clientId: "client-id", keyId: "key-id" };
  it.each([
    [
      { code: "AADSTS7000215", status: 401, description: "AADSTS7000215: No." },
      127,
      "Entra refused the new client secret of Mail (client ID client-id, keyId key-id) for 127 s: AADSTS7000215: AADSTS7000215: No.",
    ],
    [
      { code: "NOT_JSON", status: 302, description: "Something else.", correlationId: "c-1" },
      0,
      "Entra refused the new client secret of Mail (client ID client-id, keyId key-id): NOT_JSON: Something else. Correlation ID: c-1.",
    ],
    [
      { code: "AADSTS90002", status: 400, description: "No. Correlation ID: c-1", correlationId: "c-1" },
      0,
      "Entra refused the new client secret of Mail (client ID client-id, keyId key-id): AADSTS90002: No. Correlation ID: c-1",
    ],
  ])("tells of %j after %i s", (refusal, seconds, message) => {
    expect(verificationFailureMessage(subject, { refusal, seconds })).toBe(message);
  });
});
