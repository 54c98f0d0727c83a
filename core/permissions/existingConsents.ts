/** A delegated permission grant that an app has already. */
export interface ExistingConsent {
  /** ID of the grant in Microsoft Graph. */
  readonly grantId: string;
  /** Object ID of the user it is for; undefined for all users. */
  readonly userObjectId: string | undefined;
  /** Delegated permissions by name. */
  readonly permissions: string[];
}

/** A user or group that may use an app already, without a role of the app's own. */
export interface ExistingAssignment {
  /** ID of the app role assignment in Microsoft Graph. */
  readonly assignmentId: string;
  /** Object ID of the user or group. */
  readonly assignedObjectId: string;
}

/** The role of an assignment to an application that declares no role. */
export const defaultAccess = "00000000-0000-0000-0000-000000000000";

/** The grant for one user, or for all where none is named: Microsoft Graph takes one for each. */
export function consentFor(
  consents: readonly ExistingConsent[],
  userObjectId: string | undefined,
): ExistingConsent | undefined {
  return consents.find((consent) => consent.userObjectId?.toLowerCase() === userObjectId?.toLowerCase());
}

/**
 * Consent that an app has beyond the settings, such as `Mail.Read for all users`.
 *
 * @param users Object IDs for whom the settings consent; empty for all users.
 */
export function consentBeyond(
  consents: readonly ExistingConsent[],
  asked: readonly string[],
  users: readonly string[],
): string[] {
  return (users.length === 0 ? [undefined] : users).flatMap((user) =>
    (consentFor(consents, user)?.permissions ?? [])
      .filter((permission) => !asked.includes(permission))
      .map((permission) => `${permission} for ${user === undefined ? "all users" : `user ${user}`}`),
  );
}

/** Why an app cannot be adopted with its existing consent: the next run would remove consent that others gave. */
export function consentObstacle(beyond: readonly string[]): string | undefined {
  return beyond.length === 0
    ? undefined
    : `The application has consent for ${beyond.join(", ")}, which the settings do not ask for and the stack would take away. ` +
        consentRemedy;
}

/** What to do about consent beyond the settings. */
export const consentRemedy =
  "Ask for it under delegated, or remove the consent first: portal, Enterprise applications, the application, Permissions.";
