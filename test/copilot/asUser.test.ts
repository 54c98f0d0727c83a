import { describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/artefacts";
import { userReads, userReadsFor, userRequest } from "../../core/permissions/userReads";
import { isGraphPath } from "../../core/permissions/graphRequest";
import { everything, makeUserArtefacts, textFile, zipEntries } from "./support/artefactFixture";

describe("the files for an app that acts as its signed-in user", () => {
  it("have each value of Copilot Studio's page, and the one command that takes back what it shows", () => {
    const readme = textFile(makeUserArtefacts(), artefactPaths.readme);
    expect(readme).toContain("| Service provider | Microsoft Entra ID V2 with federated credentials |");
    expect(readme).toContain("| Scopes | `openid profile User.Read Files.ReadWrite` |");
    expect(readme).toContain("| Require users to sign in | On |");
    expect(readme).toContain(
      "    pulumi config set --path 'copilot-token:apps.HelpdeskAgent.agentSignIn.issuer' '<Federated credential issuer>' && " +
        "pulumi config set --path 'copilot-token:apps.HelpdeskAgent.agentSignIn.subject' '<Federated credential value>' && pulumi up\n",
    );
    expect(readme).toContain("Authentication settings do not travel in a solution.");
  });

  it("ask what the permissions allow, with the user's token in the header and nowhere else", () => {
    const topic = textFile(makeUserArtefacts(), artefactPaths.asMeTopic);
    expect([...topic.matchAll(/https:\/\/graph\.microsoft\.com(\S+)"/g)].map(([, path]) => path)).toEqual([
      "/v1.0/me?$select=displayName",
      "/v1.0/me/drive/root/children?$top=5&$select=name",
    ]);
    const uses = topic.split("\n").filter((line) => line.includes("AccessToken"));
    expect(uses.map((line) => line.trim().split(":")[0])).toEqual([
      "condition",
      "Authorization",
      "Authorization",
    ]);
  });

  it("ask what the settings name in place of that", () => {
    const graphRequest = { path: "/v1.0/me/manager?$select=displayName", field: "displayName" };
    const topic = textFile(makeUserArtefacts({ graphRequest }), artefactPaths.asMeTopic);
    expect(topic.match(/https:\/\/graph/g)).toHaveLength(1);
  });

  it("are a README and the sign-in topic where no read fits", () => {
    const files = makeUserArtefacts({}, { delegated: ["Mail.Send"] });
    expect([...files.keys()]).toEqual(["README.md", "topics/sign-in.yaml"]);
    expect(textFile(files, "README.md")).toContain("--graph-request");
  });

  it("are a solution of topics alone where an agent is named", () => {
    const entries = zipEntries(makeUserArtefacts(everything));
    expect([...entries.keys()].filter((path) => path.startsWith("Workflows/"))).toEqual([]);
    expect(entries.get("customizations.xml")).toContain("<connectionreferences />");
    expect([...entries.keys()]).toContain(
      "botcomponents/contoso_helpdesk.topic.AskMicrosoftGraphasmeHelpdeskAgent/data",
    );
    expect(entries.get("botcomponents/cptoken_Tokenhelper.topic.Signin/data")).toContain(
      "I then reach what you can reach",
    );
  });
});

describe("reads of the user's own data", () => {
  it("are each allowed by one of their permissions, and are paths that a topic may ask", () => {
    for (const read of userReads) {
      for (const permission of read.permissions) expect(userReadsFor([permission])).toContain(read);
      expect(isGraphPath(userRequest(read).path)).toBe(true);
    }
    expect(userReadsFor(["openid", "Mail.Send"])).toEqual([]);
  });
});
