import { describe, expect, it } from "vitest";
import { azureClient, type Reply, type SendOptions } from "../../azure/azureClient";
import { serviceAt } from "../../azure/services";
import { ConnectionError } from "../../azure/connectionError";
import type { HttpAnswer } from "../../azure/http";
import { testWorld } from "../support/testWorld";

const startedAt = new Date("2026-11-22T10:00:00Z").getTime();
const reset = new ConnectionError("CONNECTION_RESET", "reset");
const refused = new ConnectionError("CONNECTION_REFUSED", "refused");

function answer(status: number, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers, body: "" };
}

/** Sends one request to a service that gives these answers in turn, the last one for ever. */
async function send(
  answers: readonly (HttpAnswer | ConnectionError)[],
  waitSeconds: number,
  passesByItself?: SendOptions["passesByItself"],
) {
  let now = startedAt;
  let asked = 0;
  const waits: number[] = [];
  const world = testWorld({
    now: () => new Date(now),
    onSleep: (milliseconds) => {
      waits.push(milliseconds / 1000);
      now += milliseconds;
    },
    exchange: () => {
      const next = answers[Math.min(asked++, answers.length - 1)];
      if (next === undefined) throw new Error("no answer planned");
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  });
  const client = azureClient(world, { waitSeconds });
  const service = serviceAt("it", "x");
  const options = { ...(passesByItself === undefined ? {} : { passesByItself }) };
  const outcome = await client
    .send({ to: service, method: "GET", url: "https://x/" }, options)
    .catch((error: unknown) => error);
  return { outcome, waits, asked, progressed: world.progressed };
}

describe("azureClient", () => {
  it("returns a good answer at once", async () => {
    const { outcome, waits } = await send([answer(200)], 60);
    expect([outcome, waits]).toEqual([{ ...answer(200), waitedSeconds: 0 }, []]);
  });

  it("waits longer each time, up to 10 s", async () => {
    const { waits } = await send([...Array<HttpAnswer>(7).fill(answer(503)), answer(200)], 60);
    expect(waits).toEqual([1, 1, 2, 4, 8, 10, 10]);
  });

  it.each([
    ["seconds", "7"],
    ["a date", new Date(startedAt + 7000).toUTCString()],
  ])("obeys Retry-After in %s", async (_name, retryAfter) => {
    const { outcome, waits } = await send([answer(429, { "retry-after": retryAfter }), answer(200)], 60);
    expect(waits).toEqual([7]);
    expect(outcome).toMatchObject({ status: 200, waitedSeconds: 7 });
  });

  it("gives the last answer back when the limit is reached", async () => {
    const { outcome, waits } = await send([answer(429, { "retry-after": "25" })], 60);
    expect(waits).toEqual([25, 25]);
    expect(outcome).toMatchObject({ status: 429, waitedSeconds: 50 });
  });

  it("throws the last broken connection when the limit is reached", async () => {
    const { outcome, waits } = await send([reset], 3);
    expect([outcome, waits]).toEqual([reset, [1, 1]]);
  });

  it.each([
    ["a refusal", answer(403)],
    ["what is not there", answer(404)],
    ["what is never answered", answer(501)],
  ])("does not repeat %s", async (_name, final) => {
    expect((await send([final], 60)).asked).toBe(1);
  });

  it("does not repeat a refused connection", async () => {
    const { outcome, asked } = await send([refused], 60);
    expect([outcome, asked]).toEqual([refused, 1]);
  });

  it("waits out what the caller knows to pass, within that trouble's own limit, and shows it", async () => {
    const { outcome, waits, progressed } = await send([answer(403)], 2, () => ({
      reason: "on its way",
      waitSeconds: 5,
    }));
    expect(outcome).toMatchObject({ status: 403 });
    expect(waits).toEqual([1, 1, 2]);
    expect(progressed[0]).toBe("Waiting: it: on its way; again in 1 s, for 5 s at most");
  });

  it.each([
    [false, "TIME_LIMIT"],
    [true, [200, 2]],
  ])("counts its limits for each request by itself: %s", async (forEachRequest, expected) => {
    let now = startedAt;
    const answers = [answer(200), answer(503), answer(503), answer(200)];
    const world = testWorld({
      now: () => new Date(now),
      onSleep: (milliseconds) => (now += milliseconds),
      exchange: () => Promise.resolve(answers.shift() ?? answer(500)),
    });
    const client = azureClient(world, { waitSeconds: 60, forEachRequest });
    const ask = () => client.send({ to: serviceAt("it", "x"), method: "GET", url: "https://x/" });
    await ask();
    now += 3_600_000;
    const outcome = await ask().catch((error: unknown) => error);
    expect(
      outcome instanceof ConnectionError
        ? outcome.code
        : [(outcome as Reply).status, (outcome as Reply).waitedSeconds],
    ).toEqual(expected);
  });
});
