/** A delegated permission grant that an app has already. */
export interface ExistingConsent {
  /** ID of the grant in Microsoft Graph. */
  readonly grantId: string;
  /** Object ID of the user it is for; undefined for all users. */
  readonly userObjectId: string | undefined;
  /** Delegated permissions by name. */
  readonly permissions: string[];
}

/** The grant for one user, or for all where none is named: Microsoft Graph takes one for each. */
export function consentFor(
  consents: readonly ExistingConsent[],
  userObjectId: string | undefined,
): ExistingConsent | undefined {
  return consents.find((consent) => consent.userObjectId?.toLowerCase() === userObjectId?.toLowerCase());
}

/**
 * Why an app cannot be adopted with its existing consent: the next run would remove consent that others gave.
 *
 * @param users Object IDs for whom the settings consent; empty for all users.
 */
export function consentObstacle(
  consents: readonly ExistingConsent[],
  asked: readonly string[],
  users: readonly string[],
): string | undefined {
  const beyond = (users.length === 0 ? [undefined] : users).flatMap((user) =>
    (consentFor(consents, user)?.permissions ?? [])
      .filter((permission) => !asked.includes(permission))
      .map((permission) => `${permission} for ${user === undefined ? "all users" : `user ${user}`}`),
  );
  return beyond.length === 0
    ? undefined
    : `The application has consent for ${beyond.join(", ")}, which the settings do not ask for and the stack would take away. ` +
        "Ask for it under delegated, or remove the consent first: portal, Enterprise applications, the application, Permissions.";
}
