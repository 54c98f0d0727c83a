import { graphObjectId } from "../../emulator/tenant/seed";
import type { Tenant } from "../../emulator/tenant/tenant";
import { deployerCalls } from "./deployedStack";

/** An app that was made by hand in the portal: redirect URI, app role, optional claims, two grants, a secret. */
export interface HandMadeApp {
  readonly applicationObjectId: string;
  readonly clientId: string;
  readonly servicePrincipalObjectId: string;
  readonly keyId: string;
  readonly secret: string;
}

/** "Agent (old)", made by the deployer through Graph: it holds User.Read.All and Mail.Read. */
export async function makeByHand(tenant: Tenant): Promise<HandMadeApp> {
  const call = deployerCalls(tenant);
  const post = async (path: string, body: unknown): Promise<Record<string, string>> =>
    (await call("POST", `https://graph.microsoft.com/v1.0${path}`, body)) as Record<string, string>;
  const app = await post("/applications", {
    displayName: "Agent (old)",
    signInAudience: "AzureADMyOrg",
    web: { redirectUris: ["https://example.com/callback"] },
    appRoles: [
      {
        id: "3f0d6b7e-52c1-4c86-9a3d-7d1f5e0b8c24",
        displayName: "Readers",
        description: "Read everything",
        value: "Reader",
        allowedMemberTypes: ["User"],
        isEnabled: true,
      },
    ],
    optionalClaims: { accessToken: [{ name: "ipaddr" }] },
  });
  const principal = await post("/servicePrincipals", { appId: app["appId"] });
  const roles = tenant.state.directory.servicePrincipals[graphObjectId]?.appRoles ?? [];
  for (const permission of ["User.Read.All", "Mail.Read"]) {
    await post(`/servicePrincipals/${graphObjectId}/appRoleAssignedTo`, {
      appRoleId: roles.find(({ value }) => value === permission)?.id,
      principalId: principal["id"],
      resourceId: graphObjectId,
    });
  }
  const password = await post(`/applications/${app["id"] ?? ""}/addPassword`, {
    passwordCredential: { displayName: "typed by hand" },
  });
  return {
    applicationObjectId: app["id"] ?? "",
    clientId: app["appId"] ?? "",
    servicePrincipalObjectId: principal["id"] ?? "",
    keyId: password["keyId"] ?? "",
    secret: password["secretText"] ?? "",
  };
}
