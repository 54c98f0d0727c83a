import { empty, isRecord, json, newGuid, wholeSeconds } from "../http";
import type { PasswordCredential } from "../tenant";
import { hashSecret, newSecret } from "../tokens";
import { writeApplications } from "./access";
import { passwordEntity } from "./applicationEntity";
import { badRequest } from "./graphError";
import { requireApplication } from "./lookup";
import { odataContext, readBody, type GraphContext, type Route } from "./route";
import { enforceAppManagementPolicy } from "./secretPolicy";

/**
 * `addPassword` and `removePassword`: the only ways to a client secret.
 *
 * @see https://learn.microsoft.com/graph/api/application-addpassword (read 2026-11)
 */
export const passwordRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: "applications/{application}/addPassword",
    allowedBy: writeApplications,
    orOwner: true,
    handle: addPassword,
  },
  {
    method: "POST",
    pattern: "applications/{application}/removePassword",
    allowedBy: writeApplications,
    orOwner: true,
    handle: removePassword,
  },
];

async function addPassword(context: GraphContext): Promise<Response> {
  const application = requireApplication(context);
  const { passwordCredential = {} } = await readBody(context);
  if (!isRecord(passwordCredential))
    throw badRequest("Invalid value specified for property 'passwordCredential'.");
  const now = context.tenant.clock.now();
  const startsAt = readInstant(passwordCredential, "startDateTime") ?? now;
  const inTwoYears = new Date(now);
  inTwoYears.setUTCFullYear(now.getUTCFullYear() + 2);
  const endsAt = readInstant(passwordCredential, "endDateTime") ?? inTwoYears;
  if (endsAt <= startsAt) throw badRequest("Credential end date must be later than its start date.");
  enforceAppManagementPolicy(application, startsAt, endsAt, context.tenant);

  const { displayName } = passwordCredential;
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
  application.passwordCredentials = [...application.passwordCredentials, credential];
  return json(200, {
    "@odata.context": odataContext(context, "microsoft.graph.passwordCredential"),
    ...passwordEntity(credential, secretText),
  });
}

async function removePassword(context: GraphContext): Promise<Response> {
  const application = requireApplication(context);
  const { keyId } = await readBody(context);
  const remaining = application.passwordCredentials.filter((credential) => credential.keyId !== keyId);
  if (remaining.length === application.passwordCredentials.length) {
    throw badRequest(`No password credential found with keyId ${String(keyId)}.`);
  }
  application.passwordCredentials = remaining;
  return empty();
}

function readInstant(credential: Readonly<Record<string, unknown>>, name: string): Date | undefined {
  const value = credential[name];
  if (value === undefined || value === null) return undefined;
  const instant = new Date(typeof value === "string" ? value : Number.NaN);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw badRequest(`Cannot convert a value of property '${name}' to type 'Edm.DateTimeOffset'.`);
}
