import { describe, expect, it } from "vitest";
import { AppRegistration, type AppRegistrationArgs } from "../../../infra/components/appRegistration";
import { createInAzure } from "../../support/azureMocks";
import { recordResources, valueOf } from "../../support/recordResources";

const parent = "copilot-token:infra:AppRegistration::Mail";
const args: AppRegistrationArgs = {
  displayName: "Mail for Copilot",
  graphClientId: "graph-client",
  roles: [
    { name: "User.Read.All", appRoleId: "role-user-read" },
    { name: "Mail.Send", appRoleId: "role-mail-send" },
  ],
  owners: { objectIds: ["owner-1", "owner-2"], managed: true },
  tags: { application: ["mark"], servicePrincipal: ["mark", "theirs"] },
  protect: false,
};

async function registered(more: Partial<AppRegistrationArgs>) {
  const { resources, settled } = await recordResources({ create: createInAzure });
  const registration = new AppRegistration("Mail", { ...args, ...more });
  await settled();
  return { registration, resources };
}

/** The options of application and service principal, by type. */
async function optionsOf(more: Partial<AppRegistrationArgs>): Promise<object> {
  const { resources } = await registered(more);
  return Object.fromEntries(
    resources.slice(1).map(({ type, options }) => [type.replace(/^.*:/, ""), options]),
  );
}

describe("AppRegistration", () => {
  it("makes an application only for this tenant, and its service principal", async () => {
    const { resources } = await registered({});
    expect(resources).toEqual([
      {
        type: "copilot-token:infra:AppRegistration",
        name: "Mail",
        parent: undefined,
        inputs: {},
        options: {},
      },
      {
        type: "azuread:index/application:Application",
        name: "Mail",
        parent,
        inputs: {
          displayName: "Mail for Copilot",
          signInAudience: "AzureADMyOrg",
          owners: ["owner-1", "owner-2"],
          tags: ["mark"],
          requiredResourceAccesses: [
            {
              resourceAppId: "graph-client",
              resourceAccesses: [
                { id: "role-user-read", type: "Role" },
                { id: "role-mail-send", type: "Role" },
              ],
            },
          ],
        },
        options: {},
      },
      {
        type: "azuread:index/servicePrincipal:ServicePrincipal",
        name: "Mail",
        parent,
        inputs: {
          clientId: "Mail-client",
          owners: ["owner-1", "owner-2"],
          tags: ["mark", "theirs"],
        },
        options: {},
      },
    ]);
  });

  it("publishes which identifier is which", async () => {
    const { registration } = await registered({});
    expect({
      clientId: await valueOf(registration.clientId),
      applicationObjectId: await valueOf(registration.applicationObjectId),
      applicationId: await valueOf(registration.applicationId),
      servicePrincipalObjectId: await valueOf(registration.servicePrincipalObjectId),
      owners: await valueOf(registration.owners),
    }).toEqual({
      clientId: "Mail-client",
      applicationObjectId: "Mail-object",
      applicationId: "/applications/Mail-object",
      servicePrincipalObjectId: "Mail-sp",
      owners: ["owner-1", "owner-2"],
    });
  });

  it("guards both against deletion when told to", async () => {
    expect(await optionsOf({ protect: true })).toEqual({
      Application: { protect: true },
      ServicePrincipal: { protect: true },
    });
  });

  it("sets the creator as owner once, so that nothing depends on who runs it next", async () => {
    expect(await optionsOf({ owners: { objectIds: ["creator"], managed: false } })).toEqual({
      Application: { ignoreChanges: ["owners"] },
      ServicePrincipal: { ignoreChanges: ["owners"] },
    });
  });

  it("leaves an app as found in the run that adopts it", async () => {
    const adoption = { applicationObjectId: "a-1", servicePrincipalObjectId: "s-1" };
    expect(await optionsOf({ adoption })).toEqual({
      Application: { ignoreChanges: ["*"], import: "/applications/a-1" },
      ServicePrincipal: { ignoreChanges: ["*"], import: "/servicePrincipals/s-1" },
    });
  });

  it("makes the service principal that an adopted app never had", async () => {
    expect(await optionsOf({ adoption: { applicationObjectId: "a-1" } })).toEqual({
      Application: { ignoreChanges: ["*"], import: "/applications/a-1" },
      ServicePrincipal: { ignoreChanges: ["*"] },
    });
  });
});
