import { describe, expect, it } from "vitest";
import { readersOf, type Consumer } from "../../support/consumers";
import { day, rotatedStack, type RotatedStack } from "../../support/rotatedStack";

const rotation = { everyDays: 60, keepDays: 60, graceDays: 14 };

/** Asks on every day of a span; the first reading of the vault is on the first. */
async function askDaily(
  { advanceDays }: RotatedStack,
  consumers: readonly Consumer[],
  days: number,
): Promise<void> {
  for (let passed = 0; passed < days; passed += 1) {
    for (const consumer of consumers) await consumer.ask();
    advanceDays(1);
  }
}

const rotationCheck = async (rotated: RotatedStack) =>
  (await rotated.rotate("due", { dryRun: true })).verifiedBefore.checks.find(({ id }) => id === "rotation")
    ?.status;

describe("a schedule that was missed", () => {
  it("is warned of from the due date on, and fails once the grace is used up", async () => {
    const rotated = await rotatedStack();
    rotated.advanceDays(59);
    expect(await rotationCheck(rotated)).toBe("pass");
    rotated.advanceDays(1);
    expect(await rotationCheck(rotated)).toBe("warn");
    rotated.advanceDays(15);
    expect(await rotationCheck(rotated)).toBe("fail");
    expect(await rotated.rotate()).toMatchObject({
      ok: true,
      apps: [{ occasion: "due", after: { sequence: 2 } }],
    });
    expect(await rotationCheck(rotated)).toBe("pass");
  });

  it("leaves the published secret working to its stated end, a month late and beyond", async () => {
    const rotated = await rotatedStack();
    const [reader] = await readersOf(rotated.stack, [0]);
    if (reader === undefined) throw new Error("no request reads it");
    await askDaily(rotated, [reader], 133);
    expect(reader.outages).toEqual([]);
    expect(await rotated.rotate()).toMatchObject({ ok: true, apps: [{ after: { sequence: 2 } }] });
    await askDaily(rotated, [reader], 30);
    expect([reader.requests, reader.outages]).toEqual([163, []]);
  });

  it("costs a cache nothing while it is no later than graceDays", async () => {
    const rotated = await rotatedStack();
    rotated.advanceDays(73);
    const [cached] = await readersOf(rotated.stack, [60]);
    if (cached === undefined) throw new Error("no request reads it");
    await cached.ask();
    rotated.advanceDays(1);
    await rotated.rotate();
    await askDaily(rotated, [cached], 59);
    expect(cached.outages).toEqual([]);
  });
});

describe("settings that change on a live stack", () => {
  it("take over a rotation that a longer everyDays would put past the secret's end", async () => {
    const rotated = await rotatedStack();
    const consumers = await readersOf(rotated.stack, [0, 60]);
    rotated.model.rotation = { ...rotation, everyDays: 365 };
    await rotated.model.up();
    for (let week = 0; week < 30; week += 1) {
      await askDaily(rotated, consumers, 7);
      await rotated.rotate();
    }
    expect(consumers.flatMap(({ outages }) => outages)).toEqual([]);
    expect(rotated.published().sequence).toBe(2);
  });

  it("cut no cache off that a shorter keepDays would no longer wait for", async () => {
    const rotated = await rotatedStack();
    const [cached] = await readersOf(rotated.stack, [60]);
    rotated.advanceDays(59);
    await cached?.ask();
    rotated.advanceDays(1);
    await rotated.rotate();
    rotated.model.rotation = { ...rotation, keepDays: 1, graceDays: 1 };
    await rotated.model.up();
    for (let week = 0; week < 8; week += 1) {
      await askDaily(rotated, cached === undefined ? [] : [cached], 7);
      await rotated.rotate();
    }
    expect(cached?.outages).toEqual([]);
  });

  it("rotate at once where keepDays grew beyond what is left of the secret", async () => {
    const rotated = await rotatedStack();
    rotated.model.rotation = { ...rotation, keepDays: 110 };
    await rotated.model.up();
    rotated.advanceDays(10);
    expect((await rotated.rotate()).apps).toMatchObject([{ occasion: "due", after: { sequence: 2 } }]);
  });

  it.each([
    ["everyDays", { ...rotation, everyDays: 30 }, 30],
    ["keepDays", { ...rotation, keepDays: 20 }, 60],
    ["graceDays", { ...rotation, graceDays: 1 }, 60],
  ])("count from the next secret on: %s", async (_which, changed, dueAfter) => {
    const rotated = await rotatedStack();
    rotated.advanceDays(20);
    rotated.model.rotation = changed;
    await rotated.model.up();
    expect(rotated.published().sequence).toBe(1);
    rotated.advanceDays(dueAfter - 20);
    await rotated.rotate();
    expect(rotated.published().sequence).toBe(2);
    const outputs = await rotated.model.outputs();
    const { startsAt, endsAt } = outputs.apps["CopilotAPIAuth"]?.credential ?? { startsAt: "", endsAt: "" };
    const lifetime = changed.everyDays + changed.keepDays + changed.graceDays;
    expect((Date.parse(endsAt) - Date.parse(startsAt)) / day).toBe(lifetime);
  });
});
