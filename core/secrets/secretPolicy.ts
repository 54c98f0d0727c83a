import { commandFix, fixLine, onStack, personFix, type Fix, type StackName } from "../fix";
import { z } from "zod";
import type { Fault } from "../errors";
import { fittedTo, secretLifetimeDays, type RotationDays } from "./rotation";
import { configKey, setCommand } from "../settings/settingsFaults";

const restriction = z.looseObject({
  restrictionType: z.string(),
  /** Absent in policies that are older than the property: then it is in force. */
  state: z.string().nullish(),
  /** ISO 8601 duration. */
  maxLifetime: z.string().nullish(),
  restrictForAppsCreatedAfterDateTime: z.string().nullish(),
});
const restrictions = z.looseObject({ passwordCredentials: z.array(restriction).nullish() }).nullish();

/**
 * An app management policy as Graph answers it: the tenant's own (`/policies/defaultAppManagementPolicy`) or one for
 * single applications (`/applications/{id}/appManagementPolicies`). The first restricts by `applicationRestrictions`,
 * the second by `restrictions`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy (read 2026-11)
 */
export const appManagementPolicy = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  isEnabled: z.boolean().nullish(),
  applicationRestrictions: restrictions,
  restrictions,
});
export type AppManagementPolicy = z.infer<typeof appManagementPolicy>;

export interface SecretPolicyQuestion {
  /** The app's key in the settings. */
  readonly app: string;
  /** The tenant's policy. */
  readonly tenantPolicy: AppManagementPolicy;
  /** The application's own, which replaces the tenant's. Undefined when it has none, or is new. */
  readonly ownPolicy?: AppManagementPolicy | undefined;
  /** When the application was registered; for one that is yet to be made, now. */
  readonly createdAt: Date;
  readonly rotation: RotationDays;
}

/** What a policy says of an app's client secrets. */
export interface SecretRules {
  /** False where adding one is forbidden. */
  readonly allowed: boolean;
  /** The longest lifetime, in days and parts of them; Infinity without a limit. */
  readonly limitDays: number;
}

/** Reads the rules that are in force for an app of this age: its own policy replaces the tenant's. */
export function secretRules({
  tenantPolicy,
  ownPolicy,
  createdAt,
}: Pick<SecretPolicyQuestion, "tenantPolicy" | "ownPolicy" | "createdAt">): SecretRules {
  const policy = ownPolicy ?? tenantPolicy;
  if (policy.isEnabled !== true) return { allowed: true, limitDays: Infinity };
  const onSecrets = (ownPolicy === undefined ? policy.applicationRestrictions : policy.restrictions)
    ?.passwordCredentials;
  const inForce = (onSecrets ?? []).filter(
    ({ state, restrictForAppsCreatedAfterDateTime: after }) =>
      state !== "disabled" && (after == null || createdAt.getTime() >= Date.parse(after)),
  );
  const limits = inForce.flatMap(({ restrictionType, maxLifetime }) =>
    restrictionType === "passwordLifetime" ? (durationDays(maxLifetime ?? "") ?? []) : [],
  );
  return {
    allowed: !inForce.some(({ restrictionType }) => restrictionType === "passwordAddition"),
    limitDays: Math.min(...limits),
  };
}

/**
 * Whether the tenant lets an app have the client secrets that the settings ask for.
 *
 * @returns The fault that Graph would answer with 400, or undefined.
 */
export function secretPolicyFault(question: SecretPolicyQuestion): Fault | undefined {
  const policy = policyName(question.ownPolicy ?? question.tenantPolicy);
  const { allowed, limitDays } = secretRules(question);
  if (!allowed) return noSecretsFault(question.app, policy);
  return secretLifetimeDays(question.rotation) > limitDays
    ? lifetimeFault(question.rotation, policy, limitDays)
    : undefined;
}

/**
 * The same fault, told from Graph's refusal: for a deployer who may not read policies.
 *
 * @param message Whatever the engine said of a client secret that could not be made.
 */
export function secretPolicyRefusal(message: string, app: string, rotation: RotationDays): Fault | undefined {
  const named = /policy '([0-9a-f-]{36})'/i.exec(message)?.[1];
  const policy = named === undefined ? "an app management policy" : `the app management policy ${named}`;
  if (message.includes("CredentialTypeNotAllowedAsPerAppPolicy")) return noSecretsFault(app, policy);
  if (message.includes("CredentialInvalidLifetimeAsPerAppPolicy"))
    return lifetimeFault(rotation, policy, undefined);
  return undefined;
}

/** @returns Days, in parts; undefined for what is no duration of days and less: Graph's `Edm.Duration` has no months. */
export function durationDays(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text === "P") return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number((part as string | undefined) ?? 0));
  return days + (hours + (minutes + seconds / 60) / 60) / 24;
}

function policyName({ displayName, id }: AppManagementPolicy): string {
  return `the app management policy ${displayName == null ? id : `"${displayName}" (${id})`}`;
}

function lifetimeFault(rotation: RotationDays, policy: string, limitDays: number | undefined): Fault {
  const { everyDays, keepDays, graceDays } = rotation;
  const lifetime = secretLifetimeDays(rotation);
  const limit = limitDays === undefined ? "less" : `at most ${Math.floor(limitDays)} days`;
  const shorter =
    limitDays === undefined
      ? `Set rotation.everyDays, keepDays or graceDays lower; the portal shows the tenant's limit under Entra ID, Enterprise apps, Application policies.`
      : fixLine(lifetimeFix(rotation, limitDays, undefined));
  return {
    code: "SECRET_LIFETIME_OVER_POLICY",
    key: configKey(["rotation"]),
    value: `everyDays ${everyDays} + keepDays ${keepDays} + graceDays ${graceDays} = ${lifetime} days`,
    reason: `A client secret would live ${lifetime} days, and ${policy} of this tenant allows ${limit}.`,
    repair: shorter,
  };
}

/** What makes the lifetime of a client secret fit the tenant's limit. */
export function lifetimeFix(rotation: RotationDays, limitDays: number, stack: StackName): Fix {
  const fitted = fittedTo(limitDays, rotation);
  if (fitted === undefined) return noSecretsFix;
  const keys = ["everyDays", "keepDays", "graceDays"] as const;
  const commands = keys
    .filter((key) => fitted[key] !== rotation[key])
    .map((key) => onStack(setCommand(["rotation", key], String(fitted[key])), stack));
  return commandFix("policy.lifetime", "", ...commands);
}

/** Whom an app can trust instead of a client secret is its owner's to say; an exception is an administrator's. */
export const noSecretsFix = personFix(
  "policy.no-secrets",
  "Give the app no client secret: credential: federated, with federated saying who may sign in as it (docs/credentials.md). " +
    "Or ask an administrator for an exception: a policy of its own for this application, without passwordAddition " +
    "(POST /policies/appManagementPolicies, then POST /applications/{id}/appManagementPolicies/$ref).",
);

function noSecretsFault(app: string, policy: string): Fault {
  return {
    code: "SECRETS_FORBIDDEN_BY_POLICY",
    key: configKey(["apps", app]),
    value: app,
    reason: `Its app may have no client secret at all: ${policy} of this tenant forbids adding one.`,
    repair: noSecretsFix.text,
    fixes: [noSecretsFix],
  };
}
