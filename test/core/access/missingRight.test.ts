import { describe, expect, it } from "vitest";
import { explainMissingRight } from "../../../core/access/missingRight";

const arm = (action: string) =>
  `Status=403 Code="AuthorizationFailed" Message="The client 'c' with object id 'o' does not have authorization to perform ` +
  `action '${action}' over scope '/subscriptions/s/x' or the scope is invalid."`;

describe("explainMissingRight", () => {
  it.each([
    [
      arm("Microsoft.KeyVault/vaults/secrets/write"),
      "Missing right: Microsoft.KeyVault/vaults/secrets/write at /subscriptions/s/x. The deployer by the role Contributor, " +
        "the rotator by the role copilot-token secret writer. infra/bootstrap gives it; npm run doctor -- --for rotator names all that is missing.",
    ],
    [
      "The client 'c' with object id 'o' has an authorization with ABAC condition that is not fulfilled to perform action " +
        "'Microsoft.Authorization/roleAssignments/write' over scope '/s' or the scope is invalid.",
      "Missing right: Microsoft.Authorization/roleAssignments/write at /s, which a condition on its role forbids. The deployer " +
        "by the role Role Based Access Control Administrator, only for Key Vault Secrets User. infra/bootstrap gives it; " +
        "npm run doctor -- --for deployer names all that is missing.",
    ],
    [
      "403 ForbiddenByRbac: Caller is not authorized.\r\nCaller: appid=c\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: '/s/secrets/a'\r\nAssignment: (not found)",
      "Missing right: Microsoft.KeyVault/vaults/secrets/getSecret/action at /s/secrets/a. The rotator by the role Key Vault " +
        "Secrets User (setting vault.readers), the verifier by the role Key Vault Secrets User (setting vault.readers). " +
        "infra/bootstrap gives it; npm run doctor -- --for verifier names all that is missing.",
    ],
    [
      "Key Vault answered 403 ForbiddenByRbac: Action: 'Microsoft.KeyVault/vaults/certificates/create/action'\r\nResource: '/s/certificates/a'",
      "Missing right: Microsoft.KeyVault/vaults/certificates/create/action at /s/certificates/a. The deployer by the role Key " +
        "Vault Certificates Officer, the rotator by the role copilot-token secret writer. infra/bootstrap gives it; npm run " +
        "doctor -- --for rotator names all that is missing.",
    ],
    [
      "creating app role assignment: unexpected status 403 with error: Authorization_RequestDenied: Insufficient privileges to complete the operation.",
      "Missing right: to grant admin consent. The deployer by the Graph permission AppRoleAssignment.ReadWrite.All, the granter " +
        "by the Graph permission AppRoleAssignment.ReadWrite.All. infra/bootstrap gives it; npm run doctor -- --for granter names all that is missing.",
    ],
    [
      "Could not create delegated permission grant: unexpected status 403 with error: Authorization_RequestDenied: Insufficient privileges to complete the operation.",
      "Missing right: to consent to delegated permissions. The deployer by the Graph permission DelegatedPermissionGrant.ReadWrite.All, " +
        "the granter by the Graph permission DelegatedPermissionGrant.ReadWrite.All. infra/bootstrap gives it; npm run doctor -- --for granter names all that is missing.",
    ],
    [
      "Listing service principals for filter: unexpected status 403 with error: Authorization_RequestDenied: Insufficient privileges",
      expect.stringContaining("by the Graph permission Application.Read.All"),
    ],
    [
      "adding password: Authorization_RequestDenied",
      expect.stringContaining(
        "the rotator by the Graph permission Application.ReadWrite.OwnedBy and owning the app (setting owners)",
      ),
    ],
  ])("names the right behind %j", (message, words) => {
    expect(explainMissingRight(message)).toEqual(words);
  });

  it.each(["AADSTS7000215: Invalid client secret", arm("Microsoft.Web/sites/write"), ""])(
    "has nothing to say to %j",
    (message) => {
      expect(explainMissingRight(message)).toBeUndefined();
    },
  );
});
