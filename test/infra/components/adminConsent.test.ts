import { describe, expect, it } from "vitest";
import { AdminConsent } from "../../../infra/components/adminConsent";
import { recordResources, valueOf } from "../../support/recordResources";

const grantType = "azuread:index/appRoleAssignment:AppRoleAssignment";
const parent = "copilot-token:infra:AdminConsent::Mail";
const roles = [
  { name: "User.Read.All", appRoleId: "role-user-read" },
  { name: "Mail.Send", appRoleId: "role-mail-send" },
];
const args = { principalObjectId: "app-sp", resourceObjectId: "graph-sp", roles };

const grant = (name: string, appRoleId: string, options: object) => ({
  type: grantType,
  name: `Mail-${name}`,
  parent,
  inputs: { appRoleId, principalObjectId: "app-sp", resourceObjectId: "graph-sp" },
  options,
});

describe("AdminConsent", () => {
  it("grants each role once, under the role's own name, and nothing else", async () => {
    const { resources, settled } = await recordResources();
    const consent = new AdminConsent("Mail", args);
    expect(await valueOf(consent.granted)).toEqual(["User.Read.All", "Mail.Send"]);
    await settled();
    expect(resources).toEqual([
      { type: "copilot-token:infra:AdminConsent", name: "Mail", parent: undefined, inputs: {}, options: {} },
      grant("User.Read.All", "role-user-read", {}),
      grant("Mail.Send", "role-mail-send", {}),
    ]);
  });

  it("imports a grant that the service principal has already, and makes the others", async () => {
    const { resources, settled } = await recordResources();
    const existingGrants = [
      { assignmentId: "grant-1", appRoleId: "role-mail-send" },
      { assignmentId: "grant-2", appRoleId: "role-other" },
    ];
    const consent = new AdminConsent("Mail", { ...args, existingGrants });
    expect(await valueOf(consent.granted)).toEqual(["User.Read.All", "Mail.Send"]);
    await settled();
    expect(resources.slice(1)).toEqual([
      grant("User.Read.All", "role-user-read", {}),
      grant("Mail.Send", "role-mail-send", {
        import: "/servicePrincipals/graph-sp/appRoleAssignedTo/grant-1",
      }),
    ]);
  });

  it.each([
    [
      "is refreshed, and so has lost it",
      [],
      { import: "/servicePrincipals/graph-sp/appRoleAssignedTo/grant-2" },
    ],
    ["still has the one of before", ["Mail-Mail.Send"], {}],
  ])("looks at the state again where a grant was given again, which %s", async (_how, held, options) => {
    const urn = (type: string, name: string) => `urn:pulumi:test::copilot-token::${type}::${name}`;
    const recorded = new Map<string, unknown>([
      [
        urn("copilot-token:infra:AdminConsent", "Mail"),
        { outputs: { assignments: { "Mail.Send": "grant-1" } } },
      ],
      [urn(grantType, "Mail-Mail.Send"), {}],
    ]);
    const { resources, outputs, settled } = await recordResources({
      heldUrns: held.map((name) => urn(grantType, name)),
    });
    const existingGrants = [{ assignmentId: "grant-2", appRoleId: "role-mail-send" }];
    new AdminConsent("Mail", { ...args, roles: roles.slice(1), existingGrants }, { recorded });
    await settled();
    expect(resources.map(({ inputs }) => inputs)[0]).toEqual({
      givenAgain: { "Mail.Send": "grant-2" },
      lookedAt: expect.any(String),
    });
    expect(resources.slice(1)).toEqual([grant("Mail.Send", "role-mail-send", options)]);
    expect(outputs.get("copilot-token:infra:AdminConsent::Mail")).toMatchObject({ granted: ["Mail.Send"] });
  });

  it("grants nothing to an app that asks for nothing", async () => {
    const { resources, settled } = await recordResources();
    const consent = new AdminConsent("Mail", { ...args, roles: [] });
    expect(await valueOf(consent.granted)).toEqual([]);
    await settled();
    expect(resources.map(({ type }) => type)).toEqual(["copilot-token:infra:AdminConsent"]);
  });
});
