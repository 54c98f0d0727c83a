import { describe, expect, it } from "vitest";
import { twelveRotations } from "../../support/twelveRotations";

describe("twelve rotations in a bad year", () => {
  it.each([1, 2])("are noticed by no consumer (seed %i)", async (seed) => {
    const year = await twelveRotations({ seed });
    expect(year).toMatchObject({ failedRuns: [], outages: [], sequence: 13, mostLive: 3 });
    // While the rhythm is no shorter than keepDays, a run leaves the published secret and the one before.
    expect(year.liveAfterRuns.slice(0, 4)).toEqual([2, 2, 2, 2]);
    expect(year.requests).toBeGreaterThan(4000);
  });

  it("are noticed at once where a secret is published unverified", async () => {
    const year = await twelveRotations({ seed: 1, rotations: 2, variant: "publish unverified" });
    expect(new Set(year.outages.map(({ consumer, refusal }) => `${consumer}: ${refusal}`))).toEqual(
      new Set(["reads the vault at each call: AADSTS7000215"]),
    );
  });

  it("are noticed by every cache where the old secret goes at once", async () => {
    const year = await twelveRotations({ seed: 1, rotations: 2, variant: "remove at once" });
    expect(new Set(year.outages.map(({ consumer }) => consumer))).toEqual(
      new Set(["keeps the secret for 1 days", "keeps the secret for 60 days"]),
    );
  });
});
