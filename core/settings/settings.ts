import { z } from "zod";
import { faultsError, type Fault } from "../errors";
import { credentialFaults } from "./credentialFaults";
import { credentialKindOf, credentialKinds, type CredentialKind } from "./credentialKind";
import { asMap, crossFaults, defaultDays, wholeDays } from "./settingsTogether";
import { isIpv4Range } from "../vault/ipv4Range";
import { logicAppFaults, logicAppSchema } from "./logicAppSettings";
import { acceptedBy, faultsOfIssue } from "./schemaFaults";
import { inRunnableOrder } from "./settingsFaults";
import { isAgentSchemaName, isEnvironmentId, isPublisherPrefix } from "../agent/powerPlatform";
import { tierZeroPermissions } from "../permissions/tierZero";
import { maximumTrusts, trustSchema } from "../access/trust";
import { vaultAdoptionFault } from "../vault/vaultAdoption";
import { vaultNameFault } from "../vault/vaultName";

const objectId = z.guid("An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555.");

const reader = z.strictObject({
  /** Object ID, not client ID. */
  id: objectId,
  type: z.enum(
    ["ServicePrincipal", "User", "Group"],
    "One of ServicePrincipal, User, Group; Azure needs it for identities that are new.",
  ),
});

const permissionName = z
  .string("A permission is a name, such as User.Read.All.")
  .refine((name) => name === name.trim() && !/\s/.test(name), "A permission name holds no blanks.")
  .refine((name) => name !== "", "A permission name is missing.");

const trusts = z
  .array(trustSchema, "A list of who may sign in is expected.")
  .max(maximumTrusts, `Entra keeps at most ${maximumTrusts} federated credentials an app or identity.`)
  .default([]);

const app = z.strictObject({
  displayName: z
    .string()
    .refine((name) => name.trim() !== "", "A display name is missing.")
    .refine((name) => name.length <= 120, "At most 120 characters.")
    .optional(),
  permissions: z
    .array(permissionName, "A list of permission names is expected.")
    .min(1, "An app without permissions gets tokens that open nothing."),
  credential: z.enum(credentialKinds, "One of secret, federated, managedIdentity.").default("secret"),
  /** The managed identity that stands for the app; a key of `identities`. */
  identity: z.string("The key of one of copilot-token:identities is expected.").optional(),
  /** Who may sign in as the app without a secret. */
  federated: trusts,
  /** Asks Microsoft Graph as the app's managed identity, for an agent that has no identity of its own. */
  logicApp: logicAppSchema.optional(),
  readers: z.array(reader).default([]),
  adopt: objectId.optional(),
});

const granter = z.strictObject({
  /** Who gives admin consent, signed in by federation; absent: whoever deploys. */
  clientId: z.guid("A client ID is a GUID, such as 11111111-2222-4333-8444-555555555555.").optional(),
});

const ipRange = z
  .string()
  .refine(isIpv4Range, "An IPv4 address or a range such as 203.0.113.0/24: Key Vault takes nothing else.");

const settingsSchema = z.strictObject({
  apps: z
    .record(
      z.string(),
      app,
      "A map of apps is expected, such as { CopilotAPIAuth: { permissions: [User.Read.All] } }.",
    )
    .refine((apps) => Object.keys(apps).length > 0, "At least one app is needed.")
    .prefault({ CopilotAPIAuth: { permissions: ["User.Read.All"] } }),
  /** User-assigned managed identities that the stack makes, by a stable key that is their name in Azure too. */
  identities: z
    .record(
      z.string(),
      // `agent:` with nothing behind it is YAML's null.
      z.preprocess((value) => value ?? {}, z.strictObject({ federated: trusts })),
      "A map of identities is expected, such as { agent: {} }.",
    )
    .default({}),
  granter: granter.prefault({}),
  rotation: z
    .strictObject({
      everyDays: wholeDays.default(defaultDays.everyDays),
      keepDays: wholeDays.default(defaultDays.keepDays),
      graceDays: wholeDays.default(defaultDays.graceDays),
      proof: z
        .strictObject({
          /** Tokens to get in a row with a new secret before it is published. */
          tokens: z
            .number()
            .int("Tokens are whole.")
            .min(1, "At least 1.")
            .max(50, "At most 50.")
            .default(10),
          /** Seconds over which they are spread: replicas of the sign-in service differ for a while. */
          overSeconds: z.number().min(0, "Not negative.").max(300, "At most 300.").default(10),
        })
        .prefault({}),
    })
    .prefault({}),
  vault: z
    .strictObject({
      /** Exact name; default: from the stack's name and a random suffix. */
      name: z
        .string()
        .superRefine((name, context) => {
          const message = vaultNameFault(name);
          if (message !== undefined) context.addIssue({ code: "custom", message });
        })
        .optional(),
      /** ARM ID of a vault that this program made and that is in no stack's state: the stack takes it over. */
      adopt: z
        .string()
        .superRefine((vaultId, context) => {
          const message = vaultAdoptionFault(vaultId);
          if (message !== undefined) context.addIssue({ code: "custom", message });
        })
        .optional(),
      /** Days that a deleted vault or secret can be recovered; fixed once the vault exists. */
      retentionDays: z
        .number()
        .int("Days are whole.")
        .min(7, "Key Vault keeps deleted secrets for 7 to 90 days.")
        .max(90, "Key Vault keeps deleted secrets for 7 to 90 days.")
        .default(90),
      sku: z.enum(["standard", "premium"], "Either standard or premium.").default("standard"),
      /** May read every secret of the vault. */
      readers: z.array(reader).default([]),
      /** IPv4 addresses and ranges that may reach the vault; empty: from everywhere. */
      allowedIpRanges: z.array(ipRange).default([]),
    })
    .prefault({}),
  owners: z.array(objectId).default([]),
  protect: z.boolean("Either true or false.").default(true),
  alerts: z
    .strictObject({
      /** Who hears of a secret near its end; absent: nobody. */
      email: z.email("An e-mail address is expected.").optional(),
    })
    .prefault({}),
  powerPlatform: z
    .strictObject({
      /** The environment whose topics and flows may use the secrets; absent: Power Platform gets no access. */
      environmentId: z
        .string()
        .refine(isEnvironmentId, "An environment ID is a GUID, or Default- and the tenant's GUID.")
        .optional(),
      /** Agents whose topics may; none: all of the environment. */
      agents: z
        .array(
          z
            .string()
            .refine(isAgentSchemaName, "An agent's schema name is expected, such as contoso_helpdesk."),
        )
        .default([]),
      publisherPrefix: z
        .string()
        .refine(isPublisherPrefix, "A publisher prefix has 2 to 8 letters and digits, a letter first.")
        .optional(),
      /** Who imports the solution: Dataverse checks that they may read the secrets themselves. */
      importers: z.array(reader).default([]),
      /** Names the enterprise application that reads secrets for topics, where looking it up is not enough. */
      virtualAgentsServiceObjectId: objectId.optional(),
    })
    .prefault({}),
  acceptTierZero: z
    .array(
      z
        .string()
        .refine(
          (name) => tierZeroPermissions.has(name),
          "Not a permission that can take over the tenant, so there is nothing to accept.",
        ),
    )
    .default([]),
});

/** Everything a stack file can say, defaults filled in. */
export type Settings = z.output<typeof settingsSchema>;
export type Reader = z.output<typeof reader>;
export type AppSettings = Settings["apps"][string];

/** An app, as far as its permissions matter. */
export interface AskingApp {
  readonly permissions: readonly string[];
  /** Who gets at what they open hangs on it. Default `secret`. */
  readonly credential?: CredentialKind;
}

/** Permission names asked for, as far as faulty settings can be read: the tenant may know more faults. */
export interface AskedPermissions {
  readonly apps: Readonly<Record<string, AskingApp>>;
  readonly acceptTierZero: readonly string[];
}

export type JudgedSettings =
  | { readonly settings: Settings; readonly faults: readonly [] }
  | { readonly settings?: never; readonly faults: readonly Fault[]; readonly asked: AskedPermissions };

/**
 * Judges a stack's settings, all at once.
 *
 * @param given The values under `copilot-token:`, decoded from JSON; absent keys get their defaults.
 * @returns The settings, or every fault found.
 */
export function judgeSettings(given: Readonly<Record<string, unknown>>): JudgedSettings {
  const result = settingsSchema.safeParse(given);
  const accepts = acceptedBy(settingsSchema, given);
  const faults = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => faultsOfIssue(issue, given, accepts))),
    ...crossFaults(given),
    ...credentialFaults(given),
    ...Object.entries(asMap(given["apps"])).flatMap(([name, app]) => logicAppFaults(name, asMap(app), given)),
  ];
  return result.success && faults.length === 0
    ? { settings: result.data, faults: [] }
    : { faults: inRunnableOrder(faults), asked: askedPermissions(given) };
}

/**
 * {@link judgeSettings} for those who have nothing to add to the faults.
 *
 * @throws {OperatorError} `SETTINGS_INVALID`, or the one fault's own code.
 */
export function checkSettings(given: Readonly<Record<string, unknown>>): Settings {
  const judged = judgeSettings(given);
  if (judged.settings === undefined) throw faultsError(judged.faults);
  return judged.settings;
}

function askedPermissions(given: Readonly<Record<string, unknown>>): AskedPermissions {
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  const apps = Object.entries(asMap(given["apps"])).map(([name, app]) => {
    const { permissions, credential: given } = asMap(app);
    const credential = credentialKindOf(given);
    return [
      name,
      { permissions: texts(permissions), ...(credential === undefined ? {} : { credential }) },
    ] as const;
  });
  return { apps: Object.fromEntries(apps), acceptTierZero: texts(given["acceptTierZero"]) };
}
