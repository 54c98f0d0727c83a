import { describe, expect, it } from "vitest";
import { benchCommand } from "../../bench/lib/benchCommand";
import { execute } from "../../scripts/shared/command";
import { testWorld } from "../support/testWorld";

describe("npm run bench", () => {
  it("explains itself on --help, and measures nothing", async () => {
    const world = testWorld();
    expect(await execute(benchCommand, ["--help"], world)).toBe(0);
    expect(world.printed).toEqual([expect.stringContaining("Usage: npm run bench -- [flags]") as string]);
  });

  it("takes no word that it does not know for a wish to measure", async () => {
    await expect(execute(benchCommand, ["--quick"], testWorld())).rejects.toMatchObject({
      code: "USAGE_ERROR",
    });
  });
});
