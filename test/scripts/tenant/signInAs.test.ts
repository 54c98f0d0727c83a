import { describe, expect, it } from "vitest";
import { parseWho } from "../../../scripts/tenant/signInAs";

const clientId = "1bf5547b-76f6-467a-bf1b-6ba3b0ac1548";

function messageOf(name: string, id?: string): string {
  try {
    parseWho(name, id);
  } catch (error) {
    expect(error).toMatchObject({ code: "USAGE_ERROR" });
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
}

describe("parseWho", () => {
  it.each([
    ["verifier", undefined, { kind: "identity", name: "verifier" }],
    ["workload", undefined, { kind: "workload" }],
    ["workload", clientId, { kind: "workload", clientId }],
    [
      "repo:Contoso/agents:environment:Rotate",
      clientId,
      { kind: "workflow", job: { repository: "Contoso/agents", environment: "Rotate" }, clientId },
    ],
  ])("reads %s with client ID %s", (name, id, who) => {
    expect(parseWho(name, id)).toEqual(who);
  });

  it("names every fault at once", () => {
    const lines = messageOf("root", "abc").split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^--as root: .*deployer, verifier.*workload.*repo:OWNER\/NAME:environment:ENV/),
      expect.stringMatching(/^--client-id abc is not a client ID\. .*GUID/),
    ]);
  });

  it("refuses a client ID for an identity that has its own", () => {
    expect(messageOf("deployer", clientId)).toMatch(/^--client-id is only for a workload or a GitHub job/);
  });
});
