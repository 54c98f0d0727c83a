import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PreviousApp } from "../../../core/outputs/previousApps";
import { findTakeOver, type TakeOverQuestion } from "../../../infra/plan/takeOver";
import { guid } from "../../support/azureMocks";
import { fakeDirectory, type DirectoryContents } from "../../support/fakeDirectory";

const adopted = guid("ad0b7ed");
const roles = [
  { name: "User.Read.All", appRoleId: "role-user-read" },
  { name: "Mail.Send", appRoleId: "role-mail-send" },
];
const question: TakeOverQuestion = {
  name: "Mail",
  app: { permissions: ["User.Read.All", "Mail.Send"], credential: "secret", federated: [], readers: [] },
  roles,
  previous: undefined,
  graph: { graphObjectId: "graph-sp", appRoleIds: { "Files.Read.All": "role-files" }, delegatedIds: {} },
};
const previous: PreviousApp = {
  signIn: "secret",
  applicationObjectId: adopted,
  servicePrincipalObjectId: "mail-sp",
  permissions: ["User.Read.All", "Mail.Send"],
  secret: {
    resourceId: "/secret",
    current: { sequence: 1, startsAt: new Date("2026-11-22T10:00:00Z"), cause: "first" },
  },
};
const existing = {
  applicationObjectId: adopted,
  clientId: "client-id",
  servicePrincipalObjectId: "hand-made-sp",
  clientSecrets: [],
};

let said: string[];

beforeEach(() => {
  said = [];
  vi.spyOn(pulumi.log, "info").mockImplementation((message) => {
    said.push(message);
    return Promise.resolve();
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function find(more: Partial<TakeOverQuestion>, contents: DirectoryContents = {}) {
  const { directory, asked } = fakeDirectory(contents);
  return { result: await findTakeOver({ ...question, ...more }, directory), asked };
}

const withAdopt = (adopt: string): TakeOverQuestion["app"] => ({ ...question.app, adopt });

describe("findTakeOver", () => {
  it("takes over nothing in a tenant that has nothing", async () => {
    expect(await find({})).toEqual({ result: { existingGrantIds: {} }, asked: ["service principal Mail"] });
    expect(said).toEqual([]);
  });

  it("looks for the app by the name that it shows", async () => {
    const { asked } = await find({ app: { ...question.app, displayName: "Mail for Copilot" } });
    expect(asked).toEqual(["service principal Mail for Copilot"]);
  });

  it.each([
    ["made", question.app],
    ["adopted", withAdopt(adopted)],
  ])("asks nothing about an app %s by earlier runs, with every permission", async (_how, app) => {
    expect(await find({ app, previous })).toEqual({ result: { existingGrantIds: {} }, asked: [] });
  });

  it("takes over grants that somebody made since, and names them", async () => {
    const grants = { "mail-sp": [{ assignmentId: "a-1", appRoleId: "role-mail-send" }] };
    expect(await find({ previous: { ...previous, permissions: ["User.Read.All"] } }, { grants })).toEqual({
      result: { existingGrantIds: { "Mail.Send": "a-1" } },
      asked: ["grants of mail-sp on graph-sp"],
    });
    expect(said).toEqual(["Mail: already granted in the tenant, and taken over: Mail.Send."]);
  });

  it("adopts an app with its service principal and the grants that it has, and says what stays", async () => {
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
        adoption: { applicationObjectId: adopted, servicePrincipalObjectId: "hand-made-sp" },
        existingGrantIds: { "User.Read.All": "a-1" },
      },
      asked: [`application ${adopted}`, "grants of hand-made-sp on graph-sp"],
    });
    expect(said).toEqual([expect.stringContaining("keeps them: Files.Read.All.")]);
  });

  it("adopts an app that has no service principal yet", async () => {
    const contents = { applications: { [adopted]: { ...existing, servicePrincipalObjectId: undefined } } };
    expect(await find({ app: withAdopt(adopted) }, contents)).toEqual({
      result: { adoption: { applicationObjectId: adopted }, existingGrantIds: {} },
      asked: [`application ${adopted}`],
    });
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

  it("knows the adopted app again when its object ID is written in capitals", async () => {
    const { result } = await find({ app: withAdopt(adopted.toUpperCase()), previous });
    expect(result).toEqual({ existingGrantIds: {} });
  });
});
