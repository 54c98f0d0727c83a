import { commandFix, fixLine, onStack, personFix, type Fix, type StackName } from "../fix";
import * as z from "zod/mini";
import type { Fault } from "../errors";
import { fittedTo, secretLifetimeDays, type RotationDays } from "./rotation";
import { credentialNouns, type PublishedKind } from "../settings/credentialKind";
import { configKey, setCommand } from "../settings/settingsFaults";

const restriction = z.looseObject({
  restrictionType: z.string(),
  /** Absent in policies that are older than the property: then it is in force. */
  state: z.nullish(z.string()),
  /** ISO 8601 duration. */
  maxLifetime: z.nullish(z.string()),
  restrictForAppsCreatedAfterDateTime: z.nullish(z.string()),
});
const restrictions = z.nullish(
  z.looseObject({
    passwordCredentials: z.nullish(z.array(restriction)),
    keyCredentials: z.nullish(z.array(restriction)),
  }),
);

/**
 * An app management policy as Graph answers it: the tenant's own (`/policies/defaultAppManagementPolicy`) or one for
 * single applications (`/applications/{id}/appManagementPolicies`). The first restricts by `applicationRestrictions`,
 * the second by `restrictions`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy (read 2026-11)
 */
export const appManagementPolicy = z.looseObject({
  id: z.string(),
  displayName: z.nullish(z.string()),
  isEnabled: z.nullish(z.boolean()),
  applicationRestrictions: restrictions,
  restrictions,
});
export type AppManagementPolicy = z.infer<typeof appManagementPolicy>;

/** Names of the restrictions on each kind of credential. */
const restrictionsOn = {
  secret: {
    list: "passwordCredentials",
    addition: "passwordAddition",
    lifetime: "passwordLifetime",
  },
  certificate: {
    list: "keyCredentials",
    // A certificate that its own key signs is none of a trusted authority.
    addition: "trustedCertificateAuthority",
    lifetime: "asymmetricKeyLifetime",
  },
} as const;

export interface SecretPolicyQuestion {
  readonly kind: PublishedKind;
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

/** What a policy says of an app's client secrets or certificates. */
export interface SecretRules {
  /** False where adding one such as the program makes is forbidden. */
  readonly allowed: boolean;
  /** The longest lifetime, in days and parts of them; Infinity without a limit. */
  readonly limitDays: number;
}

/** Reads the rules that are in force for an app of this age: its own policy replaces the tenant's. */
export function secretRules({
  kind,
  tenantPolicy,
  ownPolicy,
  createdAt,
}: Pick<SecretPolicyQuestion, "kind" | "tenantPolicy" | "ownPolicy" | "createdAt">): SecretRules {
  const policy = ownPolicy ?? tenantPolicy;
  if (policy.isEnabled !== true) return { allowed: true, limitDays: Infinity };
  const { list, addition, lifetime } = restrictionsOn[kind];
  const ofKind = (ownPolicy === undefined ? policy.applicationRestrictions : policy.restrictions)?.[list];
  const inForce = (ofKind ?? []).filter(
    ({ state, restrictForAppsCreatedAfterDateTime: after }) =>
      state !== "disabled" && (after == null || createdAt.getTime() >= Date.parse(after)),
  );
  const limits = inForce.flatMap(({ restrictionType, maxLifetime }) =>
    restrictionType === lifetime ? (durationDays(maxLifetime ?? "") ?? []) : [],
  );
  return {
    allowed: !inForce.some(({ restrictionType }) => restrictionType === addition),
    limitDays: Math.min(...limits),
  };
}

/**
 * Whether the tenant lets an app have the client secrets or certificates that the settings ask for.
 *
 * @returns The fault that Graph would answer with 400, or undefined.
 */
export function secretPolicyFault(question: SecretPolicyQuestion): Fault | undefined {
  const policy = policyName(question.ownPolicy ?? question.tenantPolicy);
  const { allowed, limitDays } = secretRules(question);
  if (!allowed) return forbidden[question.kind](question.app, policy);
  return secretLifetimeDays(question.rotation) > limitDays
    ? lifetimeFault(question.kind, question.rotation, policy, limitDays)
    : undefined;
}

/**
 * The same fault, told from Graph's refusal: for a deployer who may not read policies.
 *
 * @param message Whatever the engine said of a client secret that could not be made.
 */
export function secretPolicyRefusal(
  kind: PublishedKind,
  message: string,
  app: string,
  rotation: RotationDays,
): Fault | undefined {
  const named = /policy '([0-9a-f-]{36})'/i.exec(message)?.[1];
  const policy = named === undefined ? "an app management policy" : `the app management policy ${named}`;
  if (message.includes("CredentialTypeNotAllowedAsPerAppPolicy")) return forbidden[kind](app, policy);
  if (message.includes("CredentialInvalidLifetimeAsPerAppPolicy"))
    return lifetimeFault(kind, rotation, policy, undefined);
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

function lifetimeFault(
  kind: PublishedKind,
  rotation: RotationDays,
  policy: string,
  limitDays: number | undefined,
): Fault {
  const { everyDays, keepDays, graceDays } = rotation;
  const lifetime = secretLifetimeDays(rotation);
  const limit = limitDays === undefined ? "less" : `at most ${Math.floor(limitDays)} days`;
  const shorter =
    limitDays === undefined
      ? `Set rotation.everyDays, keepDays or graceDays lower; the portal shows the tenant's limit under Entra ID, Enterprise apps, Application policies.`
      : fixLine(lifetimeFix(rotation, limitDays, undefined));
  return {
    code: kind === "secret" ? "SECRET_LIFETIME_OVER_POLICY" : "CERTIFICATE_LIFETIME_OVER_POLICY",
    key: configKey(["rotation"]),
    value: `everyDays ${everyDays} + keepDays ${keepDays} + graceDays ${graceDays} = ${lifetime} days`,
    reason: `A ${credentialNouns[kind]} would live ${lifetime} days, and ${policy} of this tenant allows ${limit}.`,
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

/** Which authorities the tenant trusts is an administrator's to say, and the vault's certificates are none's. */
export const noCertificatesFix = personFix(
  "policy.no-certificates",
  "Give the app another credential: federated or, if the tenant allows it, secret (docs/credentials.md). " +
    "Or ask an administrator for an exception: a policy of its own for this application, without " +
    "trustedCertificateAuthority (POST /policies/appManagementPolicies, then POST /applications/{id}/appManagementPolicies/$ref).",
);

const forbidden: Readonly<Record<PublishedKind, (app: string, policy: string) => Fault>> = {
  secret: noSecretsFault,
  certificate: (app, policy) => ({
    code: "CERTIFICATES_FORBIDDEN_BY_POLICY",
    key: configKey(["apps", app]),
    value: app,
    reason: `Its app may have no certificate that the vault signs itself: ${policy} of this tenant accepts those of trusted authorities only.`,
    repair: noCertificatesFix.text,
    fixes: [noCertificatesFix],
  }),
};

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
