import type { AppRole } from "./permissions";

/** A client secret that somebody made by hand. */
export interface ExistingSecret {
  readonly keyId: string;
  readonly displayName: string | null;
  /** ISO 8601. */
  readonly endsAt: string | null;
}

/** An app that the tenant has already. */
export interface ExistingApp {
  readonly applicationObjectId: string;
  readonly clientId: string;
  /** Undefined when the app has no service principal yet. */
  readonly servicePrincipalObjectId: string | undefined;
  readonly clientSecrets: readonly ExistingSecret[];
}

/** An app role of Microsoft Graph that a service principal holds already. */
export interface ExistingGrant {
  readonly assignmentId: string;
  readonly appRoleId: string;
}

/**
 * Which of the wanted roles are granted already, by permission name: the stack takes those over, since granting
 * them again is refused.
 */
export function grantsToTakeOver(
  roles: readonly AppRole[],
  existing: readonly ExistingGrant[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    roles.flatMap(({ name, appRoleId }) => {
      const grant = existing.find((found) => found.appRoleId === appRoleId);
      return grant === undefined ? [] : [[name, grant.assignmentId]];
    }),
  );
}

/** Permissions that an adopted app holds beyond the settings, by name where Graph knows one. */
export function grantsBeyond(
  roles: readonly AppRole[],
  existing: readonly ExistingGrant[],
  appRoleIds: Readonly<Record<string, string>>,
): string[] {
  const names = new Map(Object.entries(appRoleIds).map(([name, appRoleId]) => [appRoleId, name]));
  return existing
    .filter(({ appRoleId }) => !roles.some((role) => role.appRoleId === appRoleId))
    .map(({ appRoleId }) => names.get(appRoleId) ?? appRoleId);
}

/** What to tell whoever deploys when an app comes under the program. */
export function adoptionNotice(app: string, existing: ExistingApp, beyond: readonly string[]): string {
  const secrets = existing.clientSecrets.map(
    ({ keyId, displayName, endsAt }) =>
      `keyId ${keyId}${displayName === null ? "" : ` "${displayName}"`}${endsAt === null ? "" : `, until ${endsAt.slice(0, 10)}`}`,
  );
  return [
    `${app} takes over the app with client ID ${existing.clientId}. This run leaves the app's own properties as found; ` +
      "the next one brings them in line with the settings, and clears redirect URIs and the like, which no setting names.",
    secrets.length === 0
      ? "It has no client secrets."
      : `Its client secrets stay valid; npm run rotate removes those that this project made before ("copilot-token …"), once ` +
        `another is published; the others are nobody's but yours to remove: ${secrets.join("; ")}.`,
    ...(beyond.length === 0
      ? []
      : [`It also holds permissions that the settings do not name, and keeps them: ${beyond.join(", ")}.`]),
  ].join("\n");
}
