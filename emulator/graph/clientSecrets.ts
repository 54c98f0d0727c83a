import { hashSecret, newSecret } from "../entra/tokens";
import { isRecord, newGuid, wholeSeconds } from "../server/http";
import type { Application, PasswordCredential, ServicePrincipal, Tenant } from "../tenant/tenant";
import { badRequest } from "./graphError";
import { invalidValue } from "./properties";
import { enforceAppManagementPolicy } from "./secretPolicy";

/**
 * Makes a client secret as a client asks for it: Entra chooses its text.
 *
 * @throws {GraphError} 400 for what Entra, or the tenant's policy, does not allow.
 */
export function makePassword(
  kind: "application" | "servicePrincipal",
  holder: Pick<Application | ServicePrincipal, "id" | "createdDateTime">,
  given: unknown,
  tenant: Tenant,
): { readonly credential: PasswordCredential; readonly secretText: string } {
  if (!isRecord(given)) throw badRequest("Invalid value specified for property 'passwordCredential'.");
  const { displayName, secretText: ownText } = given;
  if (ownText !== undefined && ownText !== null) throw invalidValue("PasswordCredential", "secretText");
  const now = tenant.clock.now();
  const startsAt = readInstant(given, "startDateTime") ?? now;
  const inTwoYears = new Date(now);
  inTwoYears.setUTCFullYear(now.getUTCFullYear() + 2);
  const endsAt = readInstant(given, "endDateTime") ?? inTwoYears;
  if (endsAt <= startsAt) throw badRequest("Credential end date must be later than its start date.");
  enforceAppManagementPolicy(kind, holder, { list: "passwordCredentials", startsAt, endsAt }, tenant);
  const secretText = newSecret();
  const credential: PasswordCredential = {
    keyId: newGuid(),
    displayName: typeof displayName === "string" ? displayName : null,
    startDateTime: wholeSeconds(startsAt),
    endDateTime: wholeSeconds(endsAt),
    hint: secretText.slice(0, 3),
    secretHash: hashSecret(secretText),
    createdDateTime: now.toISOString(),
  };
  return { credential, secretText };
}

function readInstant(credential: Readonly<Record<string, unknown>>, name: string): Date | undefined {
  const value = credential[name];
  if (value === undefined || value === null) return undefined;
  const instant = new Date(typeof value === "string" ? value : Number.NaN);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw badRequest(`Cannot convert a value of property '${name}' to type 'Edm.DateTimeOffset'.`);
}
