import { describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { flowFiles, makeArtefacts, textFile } from "./support/artefactFixture";

describe("the graph-call pair", () => {
  it("is left out when nothing is known to ask, and the rest is made", () => {
    const files = makeArtefacts({}, { permissions: ["Mail.Read"] });
    expect(files.has(artefactPaths.graphTopic)).toBe(false);
    expect(flowFiles(files)).toHaveLength(1);
    expect(textFile(files, artefactPaths.postmanCollection)).not.toContain("graph.microsoft.com/v1.0");
    expect(textFile(files, artefactPaths.readme)).toContain("--graph-request");
  });

  it("asks what the setting says", () => {
    const request = { path: "/v1.0/users/adele@contoso.com/messages?$top=3", field: "subject" };
    const files = makeArtefacts({ graphRequest: request }, { permissions: ["Mail.Read"] });
    const [, flow = ""] = flowFiles(files).find(([path]) => path.includes("AskMicrosoftGraph")) ?? [];
    expect(flow).toContain(
      '"uri": "https://graph.microsoft.com/v1.0/users/adele@contoso.com/messages?$top=3"',
    );
    expect(flow).toContain("@item()?['subject']");
  });
});
