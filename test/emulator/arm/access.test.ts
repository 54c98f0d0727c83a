import { describe, expect, it } from "vitest";
import { allows, findRole, isPermitted } from "../../../emulator/arm/access";
import { builtInRoles } from "../../../emulator/arm/builtInRoles";
import { EmulatedServices } from "../../support/emulatedServices";

const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const secretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
const principalId = "11111111-2222-3333-4444-555555555555";
const readSecret = { dataAction: "Microsoft.KeyVault/vaults/secrets/getSecret/action" };

describe("allows", () => {
  const table: [roleGuid: string, right: Parameters<typeof allows>[1], allowed: boolean][] = [
    [owner, { action: "Microsoft.Authorization/roleAssignments/write" }, true],
    [owner, readSecret, false],
    [contributor, { action: "Microsoft.KeyVault/vaults/write" }, true],
    [contributor, { action: "Microsoft.Authorization/roleAssignments/write" }, false],
    [contributor, { action: "microsoft.authorization/roleassignments/DELETE" }, false],
    [contributor, { action: "Microsoft.Authorization/roleAssignments/read" }, true],
    [reader, { action: "Microsoft.KeyVault/vaults/secrets/read" }, true],
    [reader, { action: "Microsoft.KeyVault/vaults/write" }, false],
    [reader, { action: "Microsoft.KeyVault/vaults/reader" }, false],
    [
      "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
      { action: "Microsoft.Authorization/roleDefinitions/write" },
      true,
    ],
    [
      "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
      { action: "Microsoft.Authorization/roleDefinitions/write" },
      false,
    ],
    [
      "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
      { action: "Microsoft.Authorization/roleAssignments/write" },
      true,
    ],
    ["f25e0fa2-a7c8-4377-a976-54943a77a395", { action: "Microsoft.KeyVault/vaults/write" }, true],
    [
      "f25e0fa2-a7c8-4377-a976-54943a77a395",
      { action: "Microsoft.KeyVault/locations/deletedVaults/purge/action" },
      false,
    ],
    [secretsUser, readSecret, true],
    [secretsUser, { dataAction: "Microsoft.KeyVault/vaults/secrets/setSecret/action" }, false],
    [secretsUser, { action: "Microsoft.KeyVault/vaults/read" }, false],
    [secretsOfficer, { dataAction: "Microsoft.KeyVault/vaults/secrets/purge/action" }, true],
    [secretsOfficer, { dataAction: "Microsoft.KeyVault/vaults/keys/read" }, false],
    ["21090545-7ca7-4776-b22c-e363652d74d2", readSecret, false],
    ["00482a5a-887f-4fb3-b363-3b7fe8e74483", { dataAction: "Microsoft.KeyVault/vaults/keys/read" }, true],
  ];

  it.each(table)("%s, asked for %j, says %s", async (roleGuid, right, allowed) => {
    const { tenant } = await EmulatedServices.create();
    const permissions = findRole(tenant.state, roleGuid)?.permissions ?? [];
    expect(permissions.some((block) => allows(block, right))).toBe(allowed);
  });

  it("takes back by notDataActions", () => {
    const permissions = {
      actions: [],
      notActions: [],
      dataActions: ["Microsoft.KeyVault/vaults/secrets/*"],
      notDataActions: ["*/purge/action"],
    };
    expect(allows(permissions, readSecret)).toBe(true);
    expect(allows(permissions, { dataAction: "Microsoft.KeyVault/vaults/secrets/purge/action" })).toBe(false);
  });
});

describe("builtInRoles", () => {
  it("gives each role once, by GUID and by name", () => {
    expect(new Set(builtInRoles.map(({ name }) => name)).size).toBe(builtInRoles.length);
    expect(new Set(builtInRoles.map(({ roleName }) => roleName)).size).toBe(builtInRoles.length);
  });
});

describe("isPermitted", () => {
  const subscription = "/subscriptions/s";
  const group = `${subscription}/resourceGroups/rg`;
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/v`;
  const secret = `${vault}/secrets/one`;

  it.each([
    ["the subscription", subscription, secret, true],
    ["the group, in another case", group.toUpperCase(), secret, true],
    ["the vault", vault, secret, true],
    ["the secret", secret, secret, true],
    ["the secret, for the vault", secret, vault, false],
    ["another secret whose name it begins", secret, `${secret}-two`, false],
    ["a group whose name it begins", `${subscription}/resourceGroups/r`, secret, false],
    ["the tenant", "/", secret, true],
  ])("counts an assignment at %s", async (_, assignedAt, scope, expected) => {
    const azure = await EmulatedServices.create();
    azure.assign(principalId, secretsUser, assignedAt);
    expect(isPermitted(azure.tenant, principalId, readSecret, scope)).toBe(expected);
  });

  it("counts what a group holds only for its members", async () => {
    const azure = await EmulatedServices.create();
    const groupId = "99999999-2222-3333-4444-555555555555";
    azure.tenant.state.directory.groups[groupId] = {
      id: groupId,
      displayName: "readers",
      memberIds: [principalId],
    };
    azure.assign(groupId, secretsUser, vault);
    expect(isPermitted(azure.tenant, principalId, readSecret, secret)).toBe(true);
    expect(isPermitted(azure.tenant, azure.verifier, readSecret, secret)).toBe(false);
  });

  it("lets a new assignment wait for the lag, to the second", async () => {
    const azure = await EmulatedServices.create();
    azure.assign(principalId, secretsUser, vault);
    azure.tenant.clock.advance(599_999);
    expect(isPermitted(azure.tenant, principalId, readSecret, secret, { lagSeconds: 600 })).toBe(false);
    azure.tenant.clock.advance(1);
    expect(isPermitted(azure.tenant, principalId, readSecret, secret, { lagSeconds: 600 })).toBe(true);
  });
});
