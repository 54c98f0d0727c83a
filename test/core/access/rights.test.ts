import { describe, expect, it } from "vitest";
import { allows } from "../../../emulator/arm/access";
import { builtInRoles } from "../../../emulator/arm/builtInRoles";
import { parseCondition } from "../../../emulator/arm/roleCondition";
import { graphAppRoles } from "../../../emulator/tenant/graphPermissions";
import { azureRoles, delegationCondition } from "../../../core/access/azureRoles";
import {
  azureRights,
  credentialWriterRole,
  graphRights,
  identityKeys,
  isCustomRole,
  rightsOf,
  secretWriterRole,
} from "../../../core/access/rights";

const permissionsOf = (role: ReturnType<typeof azureRights>[number]["role"]) =>
  isCustomRole(role)
    ? [{ actions: role.actions, notActions: [], dataActions: role.dataActions, notDataActions: [] }]
    : (builtInRoles.find(({ name }) => name === role.guid)?.permissions ?? []);

describe("the table of Azure roles", () => {
  it("has Azure's own names and GUIDs", () => {
    for (const { name, guid } of Object.values(azureRoles)) {
      expect([guid, builtInRoles.find((role) => role.name === guid)?.roleName]).toEqual([guid, name]);
    }
  });
});

describe("rightsOf", () => {
  it.each(identityKeys)("gives the %s roles that allow what it does by them", (key) => {
    for (const { role, uses } of azureRights([...rightsOf(key), ...rightsOf(key, { certificates: true })])) {
      const unable = uses.filter((use) => !permissionsOf(role).some((block) => allows(block, use)));
      expect([role.name, unable]).toEqual([role.name, []]);
    }
  });

  it.each(identityKeys)("names permissions for the %s that Microsoft Graph has for apps", (key) => {
    const known = new Set(graphAppRoles().map(({ value }) => value));
    const unknown = graphRights(rightsOf(key)).filter(({ permission }) => !known.has(permission));
    expect(unknown).toEqual([]);
  });

  it("adds consent for users to whichever identity gives consent, where an app acts as its users", () => {
    const holders = (granterApart: boolean) =>
      identityKeys.filter((key) =>
        graphRights(rightsOf(key, { granterApart, delegated: true })).some(
          ({ permission }) => permission === "DelegatedPermissionGrant.ReadWrite.All",
        ),
      );
    expect([holders(false), holders(true)]).toEqual([["deployer", "granter"], ["granter"]]);
  });

  it("leaves consent to the granter where there is one", () => {
    const permissions = (granterApart: boolean) =>
      graphRights(rightsOf("deployer", { granterApart })).map(({ permission }) => permission);
    expect(permissions(false)).toContain("AppRoleAssignment.ReadWrite.All");
    expect(permissions(true)).toEqual(["Application.ReadWrite.OwnedBy", "Application.Read.All"]);
  });

  it("lets only the identity that gives consent grant itself anything", () => {
    const holders = identityKeys.filter((key) =>
      graphRights(rightsOf(key, { granterApart: true })).some(
        ({ permission }) => permission === "AppRoleAssignment.ReadWrite.All",
      ),
    );
    expect(holders).toEqual(["granter"]);
  });

  it("lets the rotator make certificates and sign, and read no key, where an app signs in by one", () => {
    expect(credentialWriterRole.dataActions).toEqual([
      "Microsoft.KeyVault/vaults/certificates/create/action",
      "Microsoft.KeyVault/vaults/certificates/read",
      "Microsoft.KeyVault/vaults/keys/sign/action",
    ]);
    const dataActions = azureRights(rightsOf("rotator")).flatMap(({ role }) =>
      isCustomRole(role) ? role.dataActions : [],
    );
    expect(dataActions).toEqual([]);
  });

  it("lets the rotator read no secret value by its own role", () => {
    expect(secretWriterRole.actions).toEqual([
      "Microsoft.KeyVault/vaults/secrets/read",
      "Microsoft.KeyVault/vaults/secrets/write",
    ]);
  });
});

describe("delegationCondition", () => {
  const about = (role: string) => ({ "Microsoft.Authorization/roleAssignments:RoleDefinitionId": role });
  const met = (action: string, request: string, resource: string) =>
    parseCondition(delegationCondition([azureRoles.secretsUser, azureRoles.cryptoUser]))({
      action: `Microsoft.Authorization/roleAssignments/${action}`,
      attributes: { Request: about(request), Resource: about(resource) },
    });

  it("lets these roles be given, whatever is there", () => {
    expect(met("write", azureRoles.cryptoUser.guid, azureRoles.contributor.guid)).toBe(true);
    expect(met("write", azureRoles.accessAdministrator.guid, azureRoles.secretsUser.guid)).toBe(false);
  });

  it("lets these roles be taken away, whatever is asked", () => {
    expect(met("delete", azureRoles.contributor.guid, azureRoles.secretsUser.guid)).toBe(true);
    expect(met("delete", azureRoles.secretsUser.guid, azureRoles.contributor.guid)).toBe(false);
  });

  it("is about nothing else", () => {
    expect(met("read", azureRoles.contributor.guid, azureRoles.contributor.guid)).toBe(true);
  });
});
