import type { Application, PasswordCredential, Tenant } from "../tenant/tenant";
import { hashSecret } from "./tokens";
import { EntraError } from "./entraError";

/** A client that signs in with a secret, of an application or of its service principal. */
type SecretClient = Pick<Application, "appId" | "passwordCredentials">;

/** Replicas of the sign-in service that differ while a new secret is on its way, when the plan says flapping. */
const flappingReplicas = 3;

/**
 * Judges a client secret as the replica of the sign-in service that this request meets would.
 *
 * @throws {EntraError} AADSTS7000215 for a wrong one, AADSTS7000222 when every one the replica knows has expired, or
 *   the code that the fault plan names.
 */
export function checkClientSecret(client: SecretClient, clientSecret: string, tenant: Tenant): void {
  const now = tenant.clock.now();
  const known = client.passwordCredentials.filter((credential) => hasArrived(credential, tenant));
  const hash = hashSecret(clientSecret);
  const match = known.find(({ secretHash }) => secretHash === hash);
  if (match !== undefined && isValidAt(match, now)) return;

  const late = client.passwordCredentials.some(
    (credential) => credential.secretHash === hash && !known.includes(credential),
  );
  const plannedCode = late ? tenant.faults.secretLag?.code : undefined;
  if (plannedCode !== undefined) throw refusal(Number(plannedCode.replace(/^AADSTS/i, "")), client, tenant);

  const allExpired = known.length > 0 && known.every(({ endDateTime }) => new Date(endDateTime) <= now);
  throw refusal(match !== undefined || allExpired ? 7000222 : 7000215, client, tenant);
}

/** AADSTS700016: no such application here. */
export function unknownApplication(clientId: string, tenant: Tenant): EntraError {
  return new EntraError(
    400,
    "unauthorized_client",
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${tenant.state.tenantDisplayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  );
}

function hasArrived(credential: PasswordCredential, tenant: Tenant): boolean {
  const { faults, clock, replication } = tenant;
  if (faults.secretLag === undefined) return true;
  const { seconds, flapping } = faults.secretLag;
  const ageSeconds = (clock.now().getTime() - Date.parse(credential.createdDateTime)) / 1000;
  if (ageSeconds >= seconds) return true;
  if (flapping !== true) return false;
  // The first replica knows the secret at once, the last one after all of the time.
  const replica = replication.pick(flappingReplicas, faults);
  return ageSeconds >= (seconds * replica) / (flappingReplicas - 1);
}

function isValidAt(credential: PasswordCredential, now: Date): boolean {
  return new Date(credential.startDateTime) <= now && now < new Date(credential.endDateTime);
}

function refusal(code: number, client: SecretClient, tenant: Tenant): EntraError {
  const clientId = client.appId;
  switch (code) {
    case 7000222:
      return new EntraError(
        401,
        "invalid_client",
        code,
        `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
      );
    case 700016:
      return unknownApplication(clientId, tenant);
    default:
      return new EntraError(
        401,
        "invalid_client",
        7000215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
      );
  }
}
