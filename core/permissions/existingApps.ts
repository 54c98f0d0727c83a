import type { Cloud } from "../cloud/clouds";
import { commandFix, fixLine, onStack, personFix, refreshCommand, type Fix } from "../fix";
import { oneLine } from "../sinks";
import { isNamedByOther } from "../secrets/credentialName";
import { ownershipOf, releasedTag, stackText, type Ownership } from "../ownershipMark";
import type { AppRole } from "./permissions";
import { setCommand } from "../settings/settingsFaults";

/** A client secret that a person made by hand. */
export interface ExistingSecret {
  readonly keyId: string;
  readonly displayName: string | null;
  /** ISO 8601. */
  readonly endsAt: string | null;
}

/** An application that the tenant has already. */
export interface ExistingApplication {
  readonly applicationObjectId: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly tags: readonly string[];
  readonly owners: readonly ExistingOwner[];
  readonly clientSecrets: readonly ExistingSecret[];
  readonly certificateCount: number;
}

export interface ExistingOwner {
  readonly objectId: string;
  readonly displayName: string | null;
  /** Another program signs in as it. */
  readonly isServicePrincipal: boolean;
}

/** An application with its service principal. */
export interface ExistingApp extends ExistingApplication {
  /** Undefined when the app has no service principal yet. */
  readonly servicePrincipal: ExistingServicePrincipal | undefined;
}

export interface ExistingServicePrincipal {
  readonly servicePrincipalObjectId: string;
  readonly tags: readonly string[];
  readonly owners: readonly ExistingOwner[];
  /** Client secrets and certificates of its own. */
  readonly credentialCount: number;
}

/** An app role of Microsoft Graph that a service principal holds already. */
export interface ExistingGrant {
  /** ID of the app role assignment in Microsoft Graph. */
  readonly assignmentId: string;
  /** GUID of the app role. */
  readonly appRoleId: string;
}

/** Whose an application is that has a name which the stack is about to give. */
export type Claim =
  /** It carries this stack's mark. */
  | { readonly kind: "ours" }
  | Extract<Ownership, { kind: "otherStack" }>
  /**
   * It carries no mark, and a client secret of it is named by this program: a stack has it that has yet to mark it, being
   * from before the mark, or having adopted it in its last run.
   */
  | { readonly kind: "stackBeforeMark" }
  /** Another identity than a person owns it, and works on it. */
  | { readonly kind: "otherProgram"; readonly owner: string }
  | { readonly kind: "handMade" };

/**
 * Tells whose an application is, from what the directory shows of it.
 *
 * @param stackId Undefined for a stack that has no ID yet.
 * @param callerObjectId The deployer: what it made by other means counts as made by hand.
 */
export function claimOn(
  { tags, owners, clientSecrets }: ExistingApplication,
  stackId: string | undefined,
  callerObjectId: string | undefined,
): Claim {
  const ownership = ownershipOf(tags, stackId);
  if (ownership.kind === "ours") return { kind: "ours" };
  if (ownership.kind === "otherStack") return ownership;
  if (
    !ownership.isReleased &&
    clientSecrets.some(({ displayName }) => isNamedByOther(displayName, stackId))
  ) {
    return { kind: "stackBeforeMark" };
  }
  const program = owners.find(
    ({ objectId, isServicePrincipal }) => isServicePrincipal && objectId !== callerObjectId,
  );
  return program === undefined
    ? { kind: "handMade" }
    : { kind: "otherProgram", owner: program.displayName ?? program.objectId };
}

const markFix = personFix("name.mark", "Run pulumi up in the stack that made it, which marks it.");

/** Why an app cannot be made beside an application of the same name, and what to do. */
export interface NameConflict {
  readonly reason: string;
  readonly fixes: readonly Fix[];
}

/**
 * What to tell of an application that has a name which the stack is about to give.
 *
 * @param stack The stack's own name, which makes a display name that is free.
 */
export function nameConflict(
  { app, stack }: { app: string; stack: string },
  { displayName, clientId, applicationObjectId }: ExistingApplication,
  claim: Exclude<Claim, { kind: "ours" }>,
  cloud: Cloud,
): NameConflict {
  const existing = `the tenant has an app "${displayName}" already: client ${clientId}`;
  const adopt = onStack(setCommand(["apps", app, "adopt"], applicationObjectId), stack);
  const rename = commandFix(
    "name.rename",
    "Choose another displayName",
    onStack(setCommand(["apps", app, "displayName"], `${displayName} (${stack})`), stack),
  );
  switch (claim.kind) {
    case "handMade":
      return {
        reason: existing,
        fixes: [commandFix("name.adopt", "Choose another displayName, or adopt it", adopt)],
      };
    case "otherStack":
      return {
        reason: `${existing}, which belongs to ${stackText(claim)}`,
        fixes: [rename],
      };
    case "stackBeforeMark":
      return {
        reason: `${existing}, with client secrets that this program made, and without a stack's mark`,
        fixes: [
          rename,
          markFix,
          commandFix(
            "name.release",
            "If no stack has it any more, release it as an administrator, and adopt it",
            releaseCommand(cloud, applicationObjectId),
            adopt,
          ),
        ],
      };
    case "otherProgram":
      return {
        reason: `${existing}, which ${claim.owner} owns and works on`,
        fixes: [rename],
      };
  }
}

/**
 * Takes an application from a stack that is no more. A person decides this: where the stack still exists, it refuses from
 * then on to touch its own app.
 */
export function releaseCommand({ graph }: Pick<Cloud, "graph">, applicationObjectId: string): string {
  const body = JSON.stringify({ tags: [releasedTag] });
  return `az rest --method PATCH --url ${graph}/v1.0/applications/${applicationObjectId} --body '${body}'`;
}

/**
 * Why an application must not be adopted.
 *
 * @returns undefined when it may be.
 */
export function adoptionObstacle(
  { applicationObjectId }: ExistingApplication,
  claim: Claim,
  cloud: Cloud,
): string | undefined {
  if (claim.kind === "otherStack") {
    return (
      `It belongs to ${stackText(claim)}: two stacks with one app would remove each other's client secrets. Take ` +
      "permissions for it there, or make an app of your own. " +
      fixLine(
        commandFix(
          "adopt.other-stack",
          "If that stack is gone for good, release its app as an administrator",
          releaseCommand(cloud, applicationObjectId),
        ),
      )
    );
  }
  if (claim.kind === "stackBeforeMark") {
    return (
      "This program made client secrets of it, so a stack has it, or had it, from before applications were marked. " +
      `${markFix.text} ` +
      fixLine(
        commandFix(
          "adopt.before-mark",
          "If no stack has it any more, release it as an administrator",
          releaseCommand(cloud, applicationObjectId),
        ),
      )
    );
  }
  return undefined;
}

/** What keeps a stack from an application in its own state. */
export function notOursReason(
  { applicationObjectId }: Pick<ExistingApplication, "applicationObjectId">,
  other: Extract<Ownership, { kind: "otherStack" }>,
): string {
  return (
    `Its application ${applicationObjectId} carries the mark of ${stackText(other)}, and this stack has it in its state too. ` +
    "Two stacks with one app would remove each other's client secrets, so this stack does not change it."
  );
}

/** Which of the wanted roles are granted already, by permission name: granting them again would be refused. */
export function grantsToAdopt(
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

/**
 * Which of an app's grants the state lacks. One that it holds under another assignment ID was revoked and granted again: an
 * import would delete the earlier one, and azuread fails when that does not exist.
 *
 * @param heldUrns Of everything in the stack's state.
 */
export function grantsToImport(
  app: string,
  roles: readonly AppRole[],
  existing: readonly ExistingGrant[],
  heldUrns: readonly string[],
): ExistingGrant[] {
  const isHeld = ({ appRoleId }: ExistingGrant): boolean =>
    roles.some(
      (role) =>
        role.appRoleId === appRoleId &&
        heldUrns.some((urn) => urn.endsWith(`appRoleAssignment:AppRoleAssignment::${app}-${role.name}`)),
    );
  return existing.filter((grant) => !isHeld(grant));
}

/**
 * Permissions that the tenant grants by another assignment than the state has, or had before a refresh.
 *
 * @param assigned Assignment IDs by permission, as the state has them.
 * @returns Their assignment IDs; undefined where there are none.
 */
export function grantsGivenAgain(
  roles: readonly AppRole[],
  existing: readonly ExistingGrant[],
  assigned: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const again = Object.entries(grantsToAdopt(roles, existing)).filter(
    ([name, assignmentId]) => (assigned[name] ?? assignmentId) !== assignmentId,
  );
  return again.length === 0 ? undefined : Object.fromEntries(again);
}

/** Permissions that an earlier run granted and that were revoked since. */
export function grantsRemovedOutside(
  roles: readonly AppRole[],
  grantedBefore: readonly string[],
  existing: readonly ExistingGrant[],
): string[] {
  return roles
    .filter(
      ({ name, appRoleId }) =>
        grantedBefore.includes(name) && !existing.some((grant) => grant.appRoleId === appRoleId),
    )
    .map(({ name }) => name);
}

/** What to tell the deployer of such permissions: the engine takes its state for true until it is refreshed. */
export function removedGrantsNotice(app: string, permissions: readonly string[], stack: string): string {
  return (
    `${app}: an earlier run granted ${permissions.join(", ")}, and they were removed since. A run without --refresh ` +
    `does not grant it again. ${fixLine(commandFix("grants.removed-outside", "This one does", refreshCommand(stack)))}`
  );
}

/** What to tell the deployer of {@link grantsGivenAgain}, where the state has the assignment of before. */
export function grantsGivenAgainNotice(app: string, permissions: readonly string[], stack: string): string {
  return (
    `${app}: ${permissions.join(", ")} was removed and granted again outside of this stack, whose state has the earlier ` +
    `grant. ${fixLine(commandFix("grants.given-again", "This adopts the new one", refreshCommand(stack)))}`
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

/** What to tell the deployer when the program adopts an app. */
export function adoptionNotice(app: string, existing: ExistingApp, beyond: readonly string[]): string {
  const secrets = existing.clientSecrets.map(
    ({ keyId, displayName, endsAt }) =>
      `keyId ${keyId}${displayName === null ? "" : ` "${oneLine(displayName)}"`}${endsAt === null ? "" : `, until ${endsAt.slice(0, 10)}`}`,
  );
  return [
    `${app} adopts the app with client ID ${existing.clientId}. This run leaves the app's own properties as found; ` +
      "the next one brings them in line with the settings, and clears redirect URIs and the like, which no setting names.",
    secrets.length === 0
      ? "It has no client secrets."
      : `Its client secrets stay valid. Once another is published, npm run rotate removes those that the stack's vault names as ` +
        `published before; the others are yours to remove: ${secrets.join("; ")}.`,
    ...(beyond.length === 0
      ? []
      : [`It also holds permissions that the settings do not name, and keeps them: ${beyond.join(", ")}.`]),
  ].join("\n");
}
