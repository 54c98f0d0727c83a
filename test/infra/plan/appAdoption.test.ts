import { clouds } from "../../../core/cloud/clouds";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ExistingApp } from "../../../core/permissions/existingApps";
import { releasedTag, tagsWithMark } from "../../../core/ownershipMark";
import { findAppAdoption, type AdoptionQuestion } from "../../../infra/plan/appAdoption";
import { publishedSecretApp } from "../../support/publishedOutputs";
import { callerObjectId, guid, stackId } from "../../support/azureMocks";
import { existingApp, fakeDirectory, type DirectoryContents } from "../../support/fakeDirectory";

const adopted = guid("ad0b7ed");
const otherId = guid("07e45");
const roles = [
  { name: "User.Read.All", appRoleId: "role-user-read" },
  { name: "Mail.Send", appRoleId: "role-mail-send" },
];
const question: AdoptionQuestion = {
  cloud: clouds.public,
  words: (text) => text,
  name: "Mail",
  app: { permissions: ["User.Read.All", "Mail.Send"], credential: "secret", federated: [], readers: [] },
  roles,
  previous: undefined,
  graph: { graphObjectId: "graph-sp", appRoleIds: { "Files.Read.All": "role-files" }, delegatedIds: {} },
  stackId,
  callerObjectId,
  ownerObjectIds: ["an-owner"],
};
const previous = { ...publishedSecretApp("Mail"), applicationObjectId: adopted };
const existing = existingApp({ applicationObjectId: adopted, servicePrincipalObjectId: "hand-made-sp" });
const markOf = (id: string, resource = "Mail"): string[] =>
  tagsWithMark({ stackId: id, resource, stack: "copilot-token/other" }, []);
const secretNamed = (displayName: string) => ({ keyId: "k", displayName, endsAt: null });

let said: string[];

beforeEach(async () => {
  said = [];
  await pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "p",
    "test",
  );
  vi.spyOn(pulumi.log, "info").mockImplementation((message) => {
    said.push(message);
    return Promise.resolve();
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function find(more: Partial<AdoptionQuestion>, contents: DirectoryContents = {}) {
  const { directory, asked } = fakeDirectory(contents);
  return { result: await findAppAdoption({ ...question, ...more }, directory), asked };
}

const withAdopt = (adopt: string): AdoptionQuestion["app"] => ({ ...question.app, adopt });
const nothing = { tags: { application: [], servicePrincipal: [] } };

describe("findAppAdoption", () => {
  it("adopts nothing in a tenant that has nothing, and looks for no service principal by name", async () => {
    expect(await find({})).toEqual({
      result: nothing,
      asked: [`applications marked ${stackId}`, "applications named Mail"],
    });
    expect(said).toEqual([]);
  });

  it("asks whether the name is free that the app shows", async () => {
    const { asked } = await find({ app: { ...question.app, displayName: "Mail for Copilot" } });
    expect(asked).toContain("applications named Mail for Copilot");
  });

  it.each([
    ["made", question.app],
    ["adopted", withAdopt(adopted)],
    ["adopted, its object ID in capitals,", withAdopt(adopted.toUpperCase())],
  ])("keeps the tags that others wrote on an app %s by earlier runs, found by its ID", async (_how, app) => {
    const tagged = {
      ...existing,
      tags: ["theirs"],
      servicePrincipal: { ...existing.servicePrincipal, tags: ["HideApp"] },
    };
    const contents = { applications: { [adopted]: tagged as ExistingApp } };
    expect(await find({ app, previous }, contents)).toEqual({
      result: { tags: { application: ["theirs"], servicePrincipal: ["HideApp"] } },
      asked: [`application ${adopted}`],
    });
  });

  it.each([
    ["this stack has an ID", stackId],
    ["this stack has none yet", undefined],
  ])("refuses an app in its state that carries another stack's mark, when %s", async (_when, own) => {
    const contents = { applications: { [adopted]: { ...existing, tags: markOf(otherId) } } };
    const { result } = await find({ previous, stackId: own }, contents);
    expect(result).toMatchObject({
      code: "APP_NOT_OURS",
      key: "copilot-token:apps.Mail",
      reason: expect.stringContaining(`stack copilot-token/other (ID ${otherId})`) as string,
    });
  });

  it("adopts an app with its service principal, and says which permissions stay", async () => {
    const contents = {
      applications: { [adopted]: existing },
      grants: {
        "hand-made-sp": [
          { assignmentId: "a-1", appRoleId: "role-user-read" },
          { assignmentId: "a-2", appRoleId: "role-files" },
        ],
      },
    };
    expect(await find({ app: withAdopt(adopted) }, contents)).toEqual({
      result: {
        ...nothing,
        adoption: { applicationObjectId: adopted, servicePrincipalObjectId: "hand-made-sp" },
      },
      asked: [`application ${adopted}`, "grants of hand-made-sp on graph-sp"],
    });
    expect(said).toEqual([expect.stringContaining("keeps them: Files.Read.All.")]);
  });

  it("adopts an app that has no service principal yet", async () => {
    const contents = { applications: { [adopted]: { ...existing, servicePrincipal: undefined } } };
    expect((await find({ app: withAdopt(adopted) }, contents)).result).toEqual({
      ...nothing,
      adoption: { applicationObjectId: adopted },
    });
  });

  it("adopts an app again whose client secret a killed run of this stack made", async () => {
    const clientSecrets = [secretNamed(`copilot-token Mail-1 ${stackId}`)];
    const contents = { applications: { [adopted]: { ...existing, clientSecrets } } };
    expect((await find({ app: withAdopt(adopted) }, contents)).result).toHaveProperty("adoption");
  });

  it.each([
    ["another stack has marked", { tags: markOf(otherId) }, `stack copilot-token/other (ID ${otherId})`],
    [
      "a stack has that is from before the mark",
      { clientSecrets: [secretNamed("copilot-token Mail-1")] },
      "Run pulumi up in the stack that made it",
    ],
    [
      "another stack adopted in its last run",
      { clientSecrets: [secretNamed(`copilot-token Mail-1 ${otherId}`)] },
      "Run pulumi up in the stack that made it",
    ],
  ])("refuses to adopt an app that %s", async (_whose, more, words) => {
    const contents = { applications: { [adopted]: { ...existing, ...more } } };
    const { result } = await find({ app: withAdopt(adopted) }, contents);
    expect(result).toMatchObject({
      code: "ADOPT_IMPOSSIBLE",
      reason: expect.stringContaining(words) as string,
    });
  });

  it("adopts an app that its former stack has released, with that stack's client secrets", async () => {
    const clientSecrets = [secretNamed(`copilot-token Mail-1 ${otherId}`)];
    const contents = { applications: { [adopted]: { ...existing, tags: [releasedTag], clientSecrets } } };
    expect((await find({ app: withAdopt(adopted) }, contents)).result).toHaveProperty("adoption");
  });

  it("refuses to adopt what the tenant does not have", async () => {
    expect((await find({ app: withAdopt(adopted) })).result).toEqual({
      code: "ADOPT_IMPOSSIBLE",
      key: "copilot-token:apps.Mail.adopt",
      value: JSON.stringify(adopted),
      reason: "The tenant has no application with this object ID (it is not the client ID).",
      repair: "pulumi config rm --path 'copilot-token:apps.Mail.adopt'",
    });
  });

  it("refuses to adopt another app than the one that the stack has", async () => {
    const { result, asked } = await find({ app: withAdopt(guid("07e4")), previous });
    expect(result).toEqual({
      code: "ADOPT_IMPOSSIBLE",
      key: "copilot-token:apps.Mail.adopt",
      value: JSON.stringify(guid("07e4")),
      reason:
        `This stack has already made the app with object ID ${adopted} under this key. ` +
        "Adopt the other one under a key of its own.",
      repair: "pulumi config rm --path 'copilot-token:apps.Mail.adopt'",
    });
    expect(asked).toEqual([]);
  });
});

describe("findAppAdoption, for an app whose name is taken,", () => {
  const taken = async (more: Partial<ExistingApp>) => {
    const { result } = await find({}, { namesakes: { Mail: [{ ...existing, ...more }] } });
    if (!("reason" in result)) throw new Error("it was not refused");
    return result;
  };
  const rename = `pulumi config set --path 'copilot-token:apps.Mail.displayName' 'Mail (test)'`;
  const adopt = `pulumi config set --path 'copilot-token:apps.Mail.adopt' ${adopted}`;

  it.each([
    ["made by hand", {}, 'the tenant has an app "Mail" already: client client-id', adopt, rename],
    [
      "another stack's",
      { tags: markOf(otherId) },
      `belongs to stack copilot-token/other (ID ${otherId})`,
      rename,
      adopt,
    ],
    [
      "another program's",
      { owners: [{ objectId: "o", displayName: "Terraform", isServicePrincipal: true }] },
      "which Terraform owns and works on",
      rename,
      adopt,
    ],
  ])("suggests what fits one that is %s, and nothing else", async (_whose, more, reason, fix, notThis) => {
    const fault = await taken(more);
    expect(fault.code).toBe("APP_NAME_TAKEN");
    expect(fault.reason).toContain(reason);
    expect(fault.repair).toContain(fix);
    expect(fault.repair).not.toContain(notThis);
  });

  it("suggests another name, or to mark it, for one that a stack has from before the mark", async () => {
    const fault = await taken({ clientSecrets: [secretNamed("copilot-token Mail-1")] });
    expect(fault.repair).toContain(rename);
    expect(fault.repair).toContain("Run pulumi up in the stack that made it, which marks it");
    expect(fault.repair).toContain(`{"tags":["${releasedTag}"]}`);
  });

  it("counts what the deployer itself made by other means as made by hand", async () => {
    const owners = [{ objectId: callerObjectId, displayName: "CI", isServicePrincipal: true }];
    expect((await taken({ owners })).repair).toContain(adopt);
  });
});

describe("findAppAdoption, after a run that was killed,", () => {
  const ownOwner = { objectId: callerObjectId, displayName: "CI", isServicePrincipal: true };
  const halfMade: ExistingApp = { ...existing, tags: markOf(stackId), owners: [ownOwner] };
  const after = async (app: ExistingApp, federated: Record<string, number> = {}) => {
    const contents = {
      marked: { [stackId]: [app] },
      namesakes: { Mail: [app] },
      applications: { [app.applicationObjectId]: app },
      federated,
    };
    return (await find({}, contents)).result;
  };

  it("adopts the application that it made automatically", async () => {
    expect(await after(halfMade)).toEqual({
      adoption: { applicationObjectId: adopted, servicePrincipalObjectId: "hand-made-sp", isHalfMade: true },
      tags: { application: halfMade.tags, servicePrincipal: [] },
    });
    expect(await after({ ...halfMade, servicePrincipal: undefined })).toHaveProperty("adoption", {
      applicationObjectId: adopted,
      isHalfMade: true,
    });
  });

  it("asks only about the one of a thousand marked applications that it looks for", async () => {
    const others = Array.from({ length: 1000 }, (_, index) => ({
      ...halfMade,
      applicationObjectId: `other-${index}`,
      tags: markOf(stackId, `Other-${index}`),
    }));
    const contents = { marked: { [stackId]: [...others, halfMade] }, applications: { [adopted]: halfMade } };
    expect((await find({}, contents)).asked).toEqual([
      `applications marked ${stackId}`,
      "applications named Mail",
      `application ${adopted}`,
      `federated credentials of ${adopted}`,
    ]);
  });

  it.each([
    ["another owner", { owners: [ownOwner, ...existing.owners] }, {}],
    ["no owner", { owners: [] }, {}],
    ["it has a client secret", { clientSecrets: [secretNamed(`copilot-token Mail-1 ${stackId}`)] }, {}],
    ["it has a certificate", { certificateCount: 1 }, {}],
    ["a federated credential", {}, { [adopted]: 1 }],
    ["it is another app of the stack", { tags: markOf(stackId, "Files") }, {}],
    ["it carries another stack's mark too", { tags: [...markOf(stackId), ...markOf(otherId)] }, {}],
    [
      "another owner of its service principal",
      {
        servicePrincipal: {
          servicePrincipalObjectId: "sp",
          tags: [],
          owners: existing.owners,
          credentialCount: 0,
        },
      },
      {},
    ],
    [
      "its service principal has a client secret",
      { servicePrincipal: { servicePrincipalObjectId: "sp", tags: [], owners: [], credentialCount: 1 } },
      {},
    ],
  ])("adopts nothing by a mark that anyone could have written: %s", async (_what, more, federated) => {
    expect(await after({ ...halfMade, ...more }, federated)).not.toHaveProperty("adoption");
  });
});
