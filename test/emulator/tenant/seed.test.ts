import { describe, expect, it } from "vitest";
import { azureRights, graphRights, isCustomRole, rights, rightsOf } from "../../../core/access/rights";
import { delegationCondition } from "../../../core/access/azureRoles";
import { deployerGraphPermissions, seedState } from "../../../emulator/tenant/seed";
import { TestDirectory } from "../../support/directory";

describe("the seed", () => {
  it("gives the deployer what the README tells users to give, and the verifier nothing, the administrator all", async () => {
    const { tenant } = await TestDirectory.create();
    const { administrator, deployer, verifier } = tenant.identities;
    const { directory, arm, subscriptionId } = tenant.state;
    const roleNames = new Map(
      Object.values(directory.servicePrincipals).flatMap(({ appRoles }) =>
        appRoles.map(({ id, value }) => [id, value]),
      ),
    );
    const grantsOf = (objectId: string) => [
      ...Object.values(directory.appRoleAssignments)
        .filter(({ principalId }) => principalId === objectId)
        .map(({ appRoleId }) => roleNames.get(appRoleId)),
      ...Object.values(arm.roleAssignments)
        .filter(({ principalId }) => principalId === objectId)
        .map(
          ({ roleDefinitionId, scope, condition }) =>
            `${roleDefinitionId.slice(-36)} on ${scope}${condition === undefined ? "" : " for some roles"}`,
        ),
    ];
    expect(grantsOf(deployer.objectId)).toEqual([
      "Application.ReadWrite.OwnedBy",
      "AppRoleAssignment.ReadWrite.All",
      "Application.Read.All",
      "DelegatedPermissionGrant.ReadWrite.All",
      `b24988ac-6180-42a0-ab88-20f7382dd24c on /subscriptions/${subscriptionId}`,
      `f58310d9-a9f6-439a-9e8d-f62e7b41a168 on /subscriptions/${subscriptionId} for some roles`,
      `b86a8fe4-44ce-4948-aee5-eccb2c155cd7 on /subscriptions/${subscriptionId}`,
      `a4417e6f-fecd-4de8-b567-7b0420556985 on /subscriptions/${subscriptionId}`,
      `12338af0-0e69-4776-bea7-57ae8d297424 on /subscriptions/${subscriptionId}`,
    ]);
    expect(grantsOf(verifier.objectId)).toEqual([]);
    expect(grantsOf(administrator.objectId)).toEqual([
      "Application.ReadWrite.All",
      "AppRoleAssignment.ReadWrite.All",
      "DelegatedPermissionGrant.ReadWrite.All",
      "Domain.Read.All",
      "Group.ReadWrite.All",
      "Policy.Read.All",
      "Policy.ReadWrite.ApplicationConfiguration",
      "User.ReadWrite.All",
      `8e3af657-a8ff-443c-a75c-2fe8c4bcb635 on /subscriptions/${subscriptionId}`,
    ]);
  });

  it("gives the deployer the rights of the table that bootstrap and doctor use", async () => {
    const { tenant } = await TestDirectory.create();
    const held = Object.values(tenant.state.arm.roleAssignments)
      .filter(({ principalId }) => principalId === tenant.identities.deployer.objectId)
      .map(({ roleDefinitionId, condition }) => [roleDefinitionId.slice(-36), condition]);
    const needed = azureRights(rightsOf("deployer", { certificates: true })).flatMap(
      ({ scope, role, mayAssign }) =>
        scope === "stack" && !isCustomRole(role)
          ? [[role.guid, mayAssign === undefined ? undefined : delegationCondition(mayAssign)]]
          : [],
    );
    expect(held).toEqual(needed);
    expect(deployerGraphPermissions).toEqual(
      graphRights(rights.deployer).map(({ permission }) => permission),
    );
  });

  it("holds the services that tokens are for and those that read a vault secret for an agent, each Microsoft's own", async () => {
    const { tenant } = await TestDirectory.create();
    const found = Object.values(tenant.state.directory.servicePrincipals)
      .filter(
        ({ appOwnerOrganizationId }) => appOwnerOrganizationId === "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
      )
      .map(({ displayName, appId }) => `${displayName} ${appId}`);
    expect(found).toEqual([
      "Microsoft Graph 00000003-0000-0000-c000-000000000000",
      "Windows Azure Service Management API 797f4846-ba00-4fd7-ba43-dac1f8f63013",
      "Azure Key Vault cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
      "Dataverse 00000007-0000-0000-c000-000000000000",
      "Power Virtual Agents Service 9d8f559b-5984-46a4-902a-ad4271e83efa",
      "Office 365 SharePoint Online 00000003-0000-0ff1-ce00-000000000000",
      "Office 365 Exchange Online 00000002-0000-0ff1-ce00-000000000000",
      "Office 365 Management APIs c5393580-f805-4401-95e8-94b7a6ef2fc2",
      "PowerApps Service 475226c6-020e-4fb2-8a90-7a972cbfc1d4",
      "AAD Token Exchange Endpoint - Public fb60f99c-7a34-4190-8149-302f77469936",
    ]);
  });

  it("makes other secrets for each tenant, and is JSON through and through", async () => {
    const [one, two] = [await TestDirectory.create(), await TestDirectory.create()];
    expect(one.tenant.identities.deployer.clientSecret).not.toBe(two.tenant.identities.deployer.clientSecret);
    const state = seedState(new Date("2026-11-22T10:00:00Z"));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it("adds identities that a tenant of an earlier version lacks, unless they were deleted there", async () => {
    const directory = await TestDirectory.create();
    const { tenant } = directory;
    const { administrator, verifier } = tenant.identities;
    const { applications, servicePrincipals } = tenant.state.directory;
    Reflect.deleteProperty(applications, administrator.applicationObjectId);
    Reflect.deleteProperty(servicePrincipals, administrator.objectId);
    await directory.graph("DELETE", `applications/${verifier.applicationObjectId}`);

    const next = await TestDirectory.create({ state: tenant.state });
    const signedIn: number[] = [];
    for (const { clientId, clientSecret } of Object.values(next.tenant.identities)) {
      const answer = await next.token({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        scope: "https://graph.microsoft.com/.default",
      });
      signedIn.push(answer.status);
    }
    expect(signedIn).toEqual([200, 200, 400]);
  });
});
