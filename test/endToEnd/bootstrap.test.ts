import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRehearsal, type Rehearsal } from "../../scripts/lib/rehearsal/rehearsal";
import { bootstrapIn, type BootstrapOutputs } from "../support/bootstrappedTenant";

describe("try", () => {
  let rehearsal: Rehearsal;
  beforeAll(async () => {
    rehearsal = await startRehearsal({
      projectDir: resolve("."),
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    });
  });
  afterAll(() => rehearsal.close());
  it("runs", async () => {
    const b = bootstrapIn(rehearsal);
    const run = await b.up({ repositories: ["Contoso/agents"] });
    console.log(run.said, run.steps, JSON.stringify(run.outputs, undefined, 1));
    const again = await b.up({ repositories: ["Contoso/agents"] });
    console.log(again.said, again.steps);
    expect((run.outputs as unknown as BootstrapOutputs).tenantId).toBe("x");
  });
});
