import { describe, expect, it } from "vitest";
import {
  adoptionNotice,
  grantsBeyond,
  grantsToAdopt,
  grantsGivenAgain,
  grantsRemovedOutside,
  grantsToImport,
  removedGrantsNotice,
} from "../../../core/permissions/existingApps";

const roles = [
  { name: "User.Read.All", appRoleId: "role-user-read" },
  { name: "Mail.Send", appRoleId: "role-mail-send" },
];
const grant = (assignmentId: string, appRoleId: string) => ({ assignmentId, appRoleId });

describe("grantsToAdopt", () => {
  it.each([
    ["nothing is granted yet", [], {}],
    ["one is", [grant("a-1", "role-mail-send")], { "Mail.Send": "a-1" }],
    [
      "all are, and more",
      [grant("a-1", "role-mail-send"), grant("a-2", "role-other"), grant("a-3", "role-user-read")],
      { "User.Read.All": "a-3", "Mail.Send": "a-1" },
    ],
  ])("finds assignments by permission when %s", (_when, existing, found) => {
    expect(grantsToAdopt(roles, existing)).toEqual(found);
  });
});

describe("grantsToImport", () => {
  const urnOf = (name: string): string =>
    `urn:pulumi:dev::p::copilot-token:infra:AdminConsent$azuread:index/appRoleAssignment:AppRoleAssignment::${name}`;
  const existing = [
    grant("a-1", "role-user-read"),
    grant("a-2", "role-mail-send"),
    grant("a-3", "role-other"),
  ];

  it.each([
    ["holds nothing", [], ["a-1", "a-2", "a-3"]],
    ["holds one of them, under whichever ID", [urnOf("Mail-User.Read.All")], ["a-2", "a-3"]],
    [
      "holds those of another app",
      [urnOf("Mail2-User.Read.All"), urnOf("X-Mail-Mail.Send")],
      ["a-1", "a-2", "a-3"],
    ],
  ])("imports what the state lacks when it %s", (_what, urns, imported) => {
    const found = grantsToImport("Mail", roles, existing, urns);
    expect(found.map(({ assignmentId }) => assignmentId)).toEqual(imported);
  });
});

describe("grantsGivenAgain", () => {
  it("names what the tenant grants by another assignment than the state has", () => {
    const existing = [grant("a-1", "role-user-read"), grant("a-2", "role-mail-send")];
    expect(grantsGivenAgain(roles, existing, { "User.Read.All": "a-1", "Mail.Send": "a-0" })).toEqual({
      "Mail.Send": "a-2",
    });
    expect(grantsGivenAgain(roles, existing, { "User.Read.All": "a-1" })).toBeUndefined();
  });
});

describe("grantsRemovedOutside", () => {
  it("names what an earlier run granted and the tenant lacks, and nothing that was never granted", () => {
    const held = [grant("a-1", "role-user-read")];
    expect(grantsRemovedOutside(roles, ["User.Read.All", "Mail.Send"], held)).toEqual(["Mail.Send"]);
    expect(grantsRemovedOutside(roles, ["User.Read.All"], held)).toEqual([]);
    expect(removedGrantsNotice("Mail", ["Mail.Send"], "prod")).toContain("pulumi up --refresh --stack prod");
  });
});

describe("grantsBeyond", () => {
  it("names what is held beyond the settings, by GUID where Graph knows no name", () => {
    const existing = [
      grant("a-1", "role-mail-send"),
      grant("a-2", "role-files"),
      grant("a-3", "role-of-no-name"),
    ];
    const appRoleIds = { "Mail.Send": "role-mail-send", "Files.Read.All": "role-files" };
    expect(grantsBeyond(roles, existing, appRoleIds)).toEqual(["Files.Read.All", "role-of-no-name"]);
  });
});

describe("adoptionNotice", () => {
  const existing = {
    applicationObjectId: "object-id",
    clientId: "client-id",
    displayName: "Mail",
    tags: [],
    owners: [],
    clientSecrets: [],
    certificateCount: 0,
    servicePrincipal: undefined,
  };
  const first =
    "Mail adopts the app with client ID client-id. This run leaves the app's own properties as found; " +
    "the next one brings them in line with the settings, and clears redirect URIs and the like, which no setting names.";

  it("says what happens to an app that holds nothing", () => {
    expect(adoptionNotice("Mail", existing, [])).toBe(`${first}\nIt has no client secrets.`);
  });

  it("names the secrets and permissions that stay", () => {
    const clientSecrets = [
      { keyId: "key-1", displayName: "for the demo", endsAt: "2027-01-01T00:00:00Z" },
      { keyId: "key-2", displayName: null, endsAt: null },
    ];
    expect(adoptionNotice("Mail", { ...existing, clientSecrets }, ["Files.Read.All", "Sites.Read.All"])).toBe(
      `${first}\n` +
        "Its client secrets stay valid. Once another is published, npm run rotate removes those that the stack's vault names as " +
        "published before; the others are yours to remove: " +
        'keyId key-1 "for the demo", until 2027-01-01; keyId key-2.\n' +
        "It also holds permissions that the settings do not name, and keeps them: Files.Read.All, Sites.Read.All.",
    );
  });
});
