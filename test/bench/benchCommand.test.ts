import { describe, expect, it } from "vitest";
import { benchCommand } from "../../bench/lib/benchCommand";
import { measureInTurn } from "../../bench/lib/processes";
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

  it("measures processes in turn: time, processor time and memory, also of children", async () => {
    const child = `require("child_process").execFileSync(process.execPath, ["-e", "Buffer.alloc(400e6, 1)"])`;
    const [small, large] = await measureInTurn(
      [
        { name: "small", command: [process.execPath, "-e", ""] },
        { name: "large", command: [process.execPath, "-e", child] },
      ],
      1,
    );
    expect(small?.processorSeconds).toBeGreaterThan(0);
    expect(small?.peakMegabytes).toBeLessThan(300);
    expect(large?.peakMegabytes).toBeGreaterThan(300);
  });
});
