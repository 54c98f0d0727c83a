import { randomInt } from "node:crypto";
import { json } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { findClient, required } from "./clients";
import { giveConsent, missingConsent, requireAssignment } from "./consent";
import { EntraError } from "./entraError";
import { readScopes } from "./requestedScopes";
import { after, newTicket, type DeviceSignIn } from "./signIns";
import { consentPage, deviceCodePage, noticePage, refusalPage, signInPage } from "./signInPage";
import { resolveTenantName } from "./tenantName";
import type { EndpointVersion } from "./tokenEndpoint";
import { findUser } from "./users";

/** Where a user types the code. */
export const deviceLoginAddress = "https://login.microsoft.com/device";

const lifetimeSeconds = 900;

/**
 * `/devicecode`: what a device without a browser shows to its user.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code (read 2026-11)
 */
export async function startDeviceSignIn(
  request: Request,
  tenantName: string,
  version: EndpointVersion,
  tenant: Tenant,
): Promise<Response> {
  resolveTenantName(tenantName, tenant);
  const form = new URLSearchParams(await request.text());
  const client = findClient(required(form, "client_id"), tenant);
  const scope =
    version === "v2"
      ? required(form, "scope")
      : `${required(form, "resource")}/.default openid offline_access`;
  readScopes(scope, client, tenant);
  const deviceCode = newTicket("1.D");
  const userCode = newUserCode();
  tenant.signIns.devices.set(deviceCode, {
    userCode,
    clientId: client.appId,
    scope,
    expiresAt: after(tenant.clock.now(), lifetimeSeconds),
    outcome: "pending",
  });
  const message = `To sign in, use a web browser to open the page ${deviceLoginAddress} and enter the code ${userCode} to authenticate.`;
  const isVersion2 = version === "v2";
  return json(200, {
    user_code: userCode,
    device_code: deviceCode,
    [isVersion2 ? "verification_uri" : "verification_url"]: deviceLoginAddress,
    expires_in: isVersion2 ? lifetimeSeconds : String(lifetimeSeconds),
    interval: isVersion2 ? 5 : "5",
    message,
  });
}

/** The page behind {@link deviceLoginAddress}: code, account, consent. */
export async function deviceSignInPage(request: Request, tenant: Tenant): Promise<Response> {
  if (request.method === "GET") return deviceCodePage();
  const form = new URLSearchParams(await request.text());
  try {
    return answerDevice(form, tenant);
  } catch (error) {
    if (error instanceof EntraError) return refusalPage(error, tenant);
    throw error;
  }
}

function answerDevice(form: URLSearchParams, tenant: Tenant): Response {
  const code = (form.get("otc") ?? "").trim().toUpperCase();
  const device = findDevice(code, tenant);
  if (device === undefined) {
    return noticePage("Enter code to allow access", "That code didn’t work. Check the code and try again.");
  }
  const client = findClient(device.clientId, tenant);
  const login = form.get("login");
  if (login === null) return signInPage(client, [["otc", code]], null, tenant);
  const user = findUser(login, tenant);
  requireAssignment(client, user, tenant);
  const missing = missingConsent(client, user, readScopes(device.scope, client, tenant), tenant);
  if (form.get("consent") === "cancel") {
    device.outcome = "declined";
    return noticePage("Sign-in cancelled", "You have declined.");
  }
  if (missing.some(({ needsAdministrator }) => needsAdministrator)) {
    device.outcome = "declined";
    return noticePage(
      "Need admin approval",
      `${client.displayName} needs permission that only an admin can grant.`,
    );
  }
  if (missing.length > 0 && form.get("consent") !== "accept") {
    const fields = [["otc", code] as const, ["login", user.userPrincipalName] as const];
    return consentPage(client, fields, missing);
  }
  giveConsent(client, user, missing, tenant);
  device.outcome = { userId: user.id };
  return noticePage(
    client.displayName,
    `You have signed in to the ${client.displayName} application on your device. You may now close this window.`,
  );
}

function findDevice(userCode: string, { signIns, clock }: Tenant): DeviceSignIn | undefined {
  return [...signIns.devices.values()].find(
    (device) =>
      device.userCode === userCode && device.outcome === "pending" && device.expiresAt > clock.now(),
  );
}

/** Nine characters without those that look alike. */
function newUserCode(): string {
  const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return Array.from({ length: 9 }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}
