import * as z from "zod/mini";
import { isArmId } from "../armId";
import { byName } from "../byName";
import { english } from "../english";
import { CloudName, clouds, type Cloud } from "../cloud/clouds";
import { OperatorError } from "../errors";
import { logicAppOutputs } from "./logicAppOutputs";
import { RotationCause } from "../secrets/rotation";
import {
  credentialKinds,
  isPublishedKind,
  publishedKinds,
  type PublishedKind,
} from "../settings/credentialKind";
import { appNamePattern } from "../settings/settingsFaults";
import { oneLine } from "../sinks";
import { vaultNameSources, type PreviousVault } from "../vault/vaultKept";
import { vaultNameFault } from "../vault/vaultName";
import { publishedAnywhere } from "./publishedAnywhere";

// The one schema of the stack's outputs. `infra/program.ts` publishes its type; the next run and every command read with it.
// Outputs also come as files and CI artifacts that others can write, so nothing in them is trusted: what becomes part of an
// address, a path or a message must have the form that Azure gives it.
const guid = z.guid();
const instant = z.iso.datetime({ offset: true });

/** Text for people, or of another system. */
function text(longest: number) {
  return z.string().check(
    z.minLength(1),
    z.maxLength(longest),
    z.refine((given) => !/[\p{Cc}\u2028\u2029]/u.test(given), "a line break or another control character"),
  );
}

const credential = z.object({
  /** Counts an app's client secrets from 1; the Pulumi resource is named by it. */
  sequence: z.int().check(z.minimum(1), z.maximum(999_999)),
  keyId: guid,
  /** Why it was made. */
  cause: z.enum(RotationCause),
  startsAt: instant,
  endsAt: instant,
  /** `startsAt` plus `rotation.everyDays`: the first `up` from then on makes the next secret. */
  nextRotationAt: instant,
  /** Since when the app signs in without it, where it does; see `retirement.ts`. */
  retiredSince: z.optional(instant),
});

/** A federated credential of the app, or of its managed identity: who may sign in as it without a secret. */
const federatedCredential = z.object({
  name: text(120),
  issuer: text(600),
  subject: text(600),
  audience: text(600),
  /** The managed identity that it trusts, where that is one of the stack's. */
  identityClientId: z.optional(guid),
});

/** @param types As {@link isArmId} takes them. */
function armId(...types: readonly string[]) {
  const message = `the ARM ID of a ${types.join("/…/")} is expected, such as /subscriptions/…`;
  return z.string().check(z.refine((given) => isArmId(given, ...types), message));
}

const vaultId = armId("Microsoft.KeyVault/vaults");
const secretId = armId("Microsoft.KeyVault/vaults", "secrets");
const identityId = armId("Microsoft.ManagedIdentity/userAssignedIdentities");
const vaultName = z.string().check(
  z.superRefine((name, context) => {
    const message = vaultNameFault(name);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }),
);
const secretName = z
  .string()
  .check(z.regex(/^[0-9A-Za-z-]{1,127}$/, "the name of a vault secret has letters, digits and hyphens only"));

/** An application ID URI; nothing is ever sent there. */
const apiAudience = /^(?:api|https):\/\/[\w.*~@:/-]+$/;
/** A certificate: its key is in the vault, and a vault secret names the version that consumers sign with. */
const certificate = z.object({
  /** Name of the certificate in the vault, and of its key. */
  certificateName: secretName,
  secretName,
  secretResourceId: secretId,
  /** Whether the private key may be exported. */
  exportable: z.boolean(),
  credential,
});

const permissionNames = z
  .array(z.string().check(z.regex(/^[\w.-]{1,200}$/, "no name of a permission")))
  .check(z.maxLength(1000));

const app = z
  .object({
    displayName: text(256),
    clientId: guid,
    /** Absent for a managed identity, which has no app registration. */
    applicationObjectId: z.optional(guid),
    servicePrincipalObjectId: guid,
    /** Microsoft Graph application permissions, as configured. */
    permissions: permissionNames,
    /** Application permissions of other APIs, as configured; absent for an app that asks for none. */
    apis: z.optional(
      z
        .array(
          z.object({
            /** Client ID of the API. */
            clientId: guid,
            name: text(256),
            /** What tokens are asked for, without `/.default`. */
            audience: z.union([
              guid,
              z.string().check(z.maxLength(300), z.regex(apiAudience, "no application ID URI")),
            ]),
            permissions: permissionNames,
          }),
        )
        .check(z.maxLength(50)),
    ),
    /** SharePoint sites that are granted one by one; absent where there are none. */
    sites: z.optional(
      z
        .array(
          z.object({
            url: z.url().check(z.maxLength(400)),
            role: text(40),
            siteId: z.string().check(z.regex(/^[\w.,-]{1,300}$/)),
          }),
        )
        .check(z.maxLength(100)),
    ),
    /** Microsoft Graph delegated permissions, as configured; absent for an app that acts as itself. */
    delegated: z.optional(permissionNames),
    /** How users sign in; absent for an app that acts as itself. */
    userSignIn: z.optional(
      z.object({
        redirectUris: z.array(text(256)).check(z.maxLength(256)),
        /** Object IDs of the users for whom consent is given; empty for all users. */
        users: z.array(guid),
        assignedTo: z.array(guid),
        /** The full name of the app's own scope for single sign-on. */
        tokenExchangeUrl: z.optional(text(300)),
      }),
    ),
    /** How consumers sign in as the app. */
    signIn: z.enum(credentialKinds),
    secretName: z.optional(secretName),
    /** ARM ID of the vault secret without a version: what a Power Platform environment variable holds. */
    secretResourceId: z.optional(secretId),
    /** The published client secret; absent where there is none. */
    credential: z.optional(credential),
    /** The sequence number of the last client secret of an app that has none any more: no number comes twice. */
    lastSequence: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
    /** The published certificate; absent where there is none. */
    certificate: z.optional(certificate),
    /** The same of the last certificate of an app that has none any more. */
    lastCertificate: z.optional(z.int().check(z.minimum(1), z.maximum(999_999))),
    federated: z.array(federatedCredential),
    /** ARM ID of the managed identity that the app is. */
    identityResourceId: z.optional(identityId),
    /** What asks Microsoft Graph as that identity. */
    logicApp: z.optional(logicAppOutputs),
    /** Object IDs of the owners of application and service principal; absent for a managed identity. */
    owners: z.optional(z.array(guid)),
  })
  .check(
    z.superRefine((given, context) => {
      const needed =
        given.signIn === "managedIdentity"
          ? (["identityResourceId"] as const)
          : given.signIn === "secret" ||
              given.credential !== undefined ||
              given.secretResourceId !== undefined
            ? (["applicationObjectId", "secretName", "secretResourceId", "credential"] as const)
            : given.signIn === "certificate"
              ? (["applicationObjectId", "certificate"] as const)
              : (["applicationObjectId"] as const);
      for (const key of needed) {
        if (given[key] === undefined) {
          context.addIssue({ code: "custom", path: [key], message: `needed with signIn ${given.signIn}` });
        }
      }
    }),
  );

/** A hundred years: whatever is added to an instant by it stays one. */
const maximumDays = 36_500;

const rotation = z.object({
  everyDays: z.int().check(z.minimum(1), z.maximum(maximumDays)),
  keepDays: z.int().check(z.minimum(1), z.maximum(maximumDays)),
  graceDays: z.int().check(z.minimum(0), z.maximum(maximumDays)),
});

const powerPlatform = z.object({
  environmentId: z.optional(text(200)),
  /** Schema names of agents whose topics may read the secrets. */
  agents: z.array(text(200)),
  publisherPrefix: z.optional(text(20)),
  /** Who reads secrets for topics, where the settings name it. */
  virtualAgentsServiceObjectId: z.optional(guid),
});

const stackOutputs = z.object({
  /** The ID that the tags of the stack's apps contain; absent in outputs of release 0.2.0, which wrote no tags. */
  stackId: z.optional(guid),
  tenantId: guid,
  /** Absent for the public cloud. */
  cloud: z.optional(z.enum(CloudName)),
  vaultName,
  /** Ends with a slash, as Azure writes it. */
  vaultUri: z.url().check(z.maxLength(200)),
  /** ARM ID. */
  vaultResourceId: vaultId,
  /** Which setting gave the vault its name. */
  vaultNameFrom: z.enum(vaultNameSources),
  /** The stack's name when it created its vault; absent in outputs of release 0.2.0. */
  namedAfter: z.optional(z.string()),
  /** As configured. */
  rotation,
  /** As configured. */
  powerPlatform,
  /** Managed identities that the stack created, by their keys in the settings. */
  identities: z.pipe(
    z.record(z.string(), z.object({ clientId: guid, principalId: guid, resourceId: identityId })),
    z.transform(byName),
  ),
  /** The identity that gives admin consent; absent where the deployer does. */
  granter: z.optional(z.object({ clientId: guid })),
  apps: z.pipe(z.record(z.string().check(z.regex(appNamePattern)), app), z.transform(byName)),
});

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

/** What names the vault names the same one: a token for it goes where `vaultName` says. */
function contradictions(outputs: z.infer<typeof stackOutputs>): Contradiction[] {
  const { vaultName, vaultUri, vaultResourceId, apps } = outputs;
  const vault = vaultName.toLowerCase();
  const cloud = cloudOf(outputs);
  const host = `https://${vault}.${cloud.vaultSuffix}`;
  const found: Contradiction[] = [];
  if (vaultUri.toLowerCase().replace(/\/$/, "") !== host) {
    found.push({
      path: ["vaultUri"],
      message: `it is not ${host}/, where the vault ${vaultName} of ${cloud.title} is; no token is sent there`,
    });
  }
  if (!vaultResourceId.toLowerCase().endsWith(`/vaults/${vault}`)) {
    found.push({ path: ["vaultResourceId"], message: `it is not the vault ${vaultName}` });
  }
  for (const [name, app] of Object.entries(apps)) {
    if (
      app.logicApp !== undefined &&
      !new URL(app.logicApp.endpoint).hostname.endsWith(`.${cloud.logicAppSuffix}`)
    ) {
      found.push({
        path: ["apps", name, "logicApp", "endpoint"],
        message: `no address of Azure Logic Apps (https://….${cloud.logicAppSuffix}/); no token may be sent there`,
      });
    }
    for (const { kind, secretName, secretResourceId } of allPublished(app)) {
      const end = `/vaults/${vault}/secrets/${secretName.toLowerCase()}`;
      if (secretResourceId.toLowerCase().endsWith(end)) continue;
      found.push({
        path: ["apps", name, ...(kind === "secret" ? [] : [kind]), "secretResourceId"],
        message: `it is not the secret ${secretName} of the vault ${vaultName}`,
      });
    }
  }
  return found;
}

/** What the stack publishes: identifiers and times only, never a secret. Instants are ISO 8601, UTC. */
export type StackOutputs = z.infer<typeof stackOutputs>;
export type AppOutputs = z.infer<typeof app>;

/** An app with a client secret in the vault: its way to sign in, or on its way out. */
export type SecretAppOutputs = AppOutputs & {
  readonly [key in "applicationObjectId" | "secretName" | "secretResourceId" | "credential"]: NonNullable<
    AppOutputs[key]
  >;
};

/** Whether an app has a client secret in the vault. */
export function hasSecret(app: AppOutputs): app is SecretAppOutputs {
  return app.credential !== undefined;
}

/** A credential that the vault publishes: the app signs in with it, or is about to lose it. */
export interface PublishedOutputs {
  readonly kind: PublishedKind;
  /** The vault secret that publishes it. */
  readonly secretName: string;
  readonly secretResourceId: string;
  readonly credential: NonNullable<AppOutputs["credential"]>;
}

/** @returns undefined where the app has none of the kind in the vault. */
export function publishedOf(app: AppOutputs | undefined, kind: PublishedKind): PublishedOutputs | undefined {
  if (app === undefined) return undefined;
  if (kind === "certificate") return app.certificate && { kind, ...app.certificate };
  const { secretName, secretResourceId, credential } = app;
  return secretName === undefined || secretResourceId === undefined || credential === undefined
    ? undefined
    : { kind, secretName, secretResourceId, credential };
}

/** Every credential of an app that the vault publishes. */
export function allPublished(app: AppOutputs): PublishedOutputs[] {
  return publishedKinds.flatMap((kind) => publishedOf(app, kind) ?? []);
}

/** The published credential that an app signs in with; undefined for one that signs in without. */
export function signingCredential(app: AppOutputs): PublishedOutputs | undefined {
  return isPublishedKind(app.signIn) ? publishedOf(app, app.signIn) : undefined;
}

/** The cloud that a stack is in. */
export function cloudOf({ cloud }: Pick<StackOutputs, "cloud">): Cloud {
  return clouds[cloud ?? "public"];
}

/** The vault that these outputs describe. */
export function publishedVault(outputs: StackOutputs): PreviousVault {
  const { vaultName: name, vaultResourceId: resourceId, vaultNameFrom: nameFrom, namedAfter } = outputs;
  return { name, resourceId, nameFrom, ...(namedAfter === undefined ? {} : { namedAfter }) };
}

/**
 * Validates outputs that came from a file, a pipe or the CLI. A program of another project exports the `details` of its components
 * wherever it wants.
 *
 * @throws {OperatorError} `OUTPUTS_INVALID`, naming every field that is missing or malformed.
 */
export function readStackOutputs(value: unknown): StackOutputs {
  return outputsIn(publishedAnywhere(value), {
    heading: "These are not the outputs of a copilot-token stack",
    advice: "Write them with `pulumi stack output --json > outputs.json` and pass `--outputs outputs.json`.",
  });
}

/**
 * Validates what the last successful run of this stack published.
 *
 * @param value undefined or empty before the first successful run.
 * @returns undefined before the first successful run.
 * @throws {OperatorError} `OUTPUTS_INVALID`: a guess would start the sequence of client secrets again.
 */
export function readPreviousOutputs(value: unknown): StackOutputs | undefined {
  if (value === undefined || isEmpty(value)) return undefined;
  return outputsIn(value, {
    heading: "The stack's previous outputs, which say which client secret is current, cannot be read",
    advice: "Nothing was changed. Compare them with `pulumi stack output --json`.",
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** A document with more faults than this is something else. */
const shownFaults = 50;

function outputsIn(
  value: unknown,
  error: { readonly heading: string; readonly advice: string },
): StackOutputs {
  const result = stackOutputs.safeParse(value, { ...english, jitless: true });
  const issues = result.success ? contradictions(result.data) : result.error.issues;
  if (result.success && issues.length === 0) return result.data;
  const faults = issues
    .slice(0, shownFaults)
    .map(
      ({ path, message }) =>
        `  ${oneLine(path.length === 0 ? "(whole)" : path.join(".")).slice(0, 200)}: ${message.slice(0, 300)}`,
    );
  if (issues.length > shownFaults) faults.push(`  and ${issues.length - shownFaults} more`);
  throw new OperatorError("OUTPUTS_INVALID", `${error.heading}:\n${faults.join("\n")}\n${error.advice}`);
}
