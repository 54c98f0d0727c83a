import { clouds, connectorRedirect } from "../cloud/clouds";
import * as z from "zod";
import { PrincipalType } from "../access/azureRoles";
import { CertificateKeySize, ExportFormat, type CertificateWish } from "../secrets/certificateKey";
import { faultsError, type Fault } from "../errors";
import { credentialFaults } from "./credentialFaults";
import { credentialKindOf, credentialKinds, type CredentialKind } from "./credentialKind";
import { asMap } from "../asMap";
import { crossFaults, defaultDays, wholeDays } from "./settingsTogether";
import { forbiddenRangeOf, isIpv4Range } from "../vault/ipv4Range";
import { logicAppFaults, logicAppSchema } from "./logicAppSettings";
import { acceptedBy, faultsOfIssue, type SettingsProject } from "./schemaFaults";
import { inRunnableOrder, settingsNamespace } from "./settingsFaults";
import { isAgentSchemaName, isEnvironmentId, isPublisherPrefix } from "../agent/powerPlatform";
import { siteExample, siteFaults, siteSchema } from "./siteSettings";
import { riskOfDelegated } from "../permissions/tierZero";
import { maximumTrusts, trustSchema } from "../access/trust";
import { agentSignInSchema, connectorSignInSchema, delegatedFaults, userSignInSchema } from "./userSignIn";
import { vaultAdoptionFault } from "../vault/vaultAdoption";
import { vaultNameFault } from "../vault/vaultName";

const objectId = z.guid("An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555.");

/** Pricing tier of a key vault; `premium` keeps keys in hardware. */
export const VaultSku = { standard: "standard", premium: "premium" } as const;
export type VaultSku = (typeof VaultSku)[keyof typeof VaultSku];

const reader = z.strictObject({
  id: objectId.describe("Object ID of the identity, not its client ID."),
  type: z
    .enum(PrincipalType, "One of ServicePrincipal, User, Group; Azure needs it for identities that are new.")
    .describe("Kind of the identity. A managed identity is a ServicePrincipal."),
});

const permissionName = z
  .string("A permission is a name, such as User.Read.All.")
  .refine((name) => name === name.trim() && !/\s/.test(name), "A permission name holds no blanks.")
  .refine(
    (name) => /\s/.test(name) || !/[,;]/.test(name),
    "A permission name holds no commas: each name has a place of its own.",
  )
  .refine((name) => name !== "", "A permission name is missing.");

const trusts = z
  .array(trustSchema, "A list of who may sign in is expected.")
  .max(maximumTrusts, `Entra keeps at most ${maximumTrusts} federated credentials an app or identity.`)
  .default([])
  .meta({
    shape:
      "list of `{ github, environment }`, `{ github, branch }`, `{ identity }` or `{ issuer, subject, audience? }`",
  });

const certificate = z.strictObject({
  keySize: z
    .literal(Object.values(CertificateKeySize), "Either 2048 or 3072.")
    .default(2048)
    .describe("Bits of the RSA key. It counts from the next rotation on."),
  exportable: z
    .boolean("Either true or false.")
    .default(false)
    .describe(
      "Whether readers may copy the private key out of the vault, for consumers that can only take a file. See [certificates](certificates.md#a-key-that-may-be-exported). It counts from the next rotation on.",
    ),
  format: z
    .enum(ExportFormat, "Either pfx or pem.")
    .default("pfx")
    .describe("Form of a private key that may be exported."),
});

const appShape = z.strictObject({
  displayName: z
    .string()
    .refine((name) => name.trim() !== "", "A display name is missing.")
    .refine((name) => name.length <= 120, "At most 120 characters.")
    .optional()
    .describe("Name of the app in Entra, 1 to 120 characters. Default: the app's key."),
  permissions: z
    .array(permissionName, "A list of permission names is expected.")
    .describe(
      "Application permissions of Microsoft Graph, by name: the app acts as itself. Names are looked up in your tenant. Required without `delegated` and `apis`.",
    ),
  apis: z
    .record(
      z.string(),
      z
        .array(permissionName, "A list of permission names is expected.")
        .min(1, "An API is named here for at least one of its permissions."),
      "A map of APIs is expected, such as { Office365Management: [ActivityFeed.Read] }.",
    )
    .optional()
    .describe(
      "Application permissions of APIs beside Microsoft Graph, by API. The key is the API's client ID, its application ID URI or a well-known name. See [other APIs](other-apis.md).",
    ),
  sites: z
    .array(siteSchema, "A list of sites is expected.")
    .optional()
    .describe(
      "SharePoint sites that the app may reach, each granted by itself. Only with the permission `Sites.Selected`. See [SharePoint](other-apis.md#sharepoint).",
    ),
  delegated: z
    .array(permissionName, "A list of permission names is expected.")
    .min(1, "An app needs at least one permission.")
    .optional()
    .describe(
      "Delegated permissions of Microsoft Graph, by name: the app acts as the user who is signed in. Not beside `permissions`.",
    ),
  agentSignIn: agentSignInSchema
    .optional()
    .describe(
      "Federated credential of an agent that signs users in, as Copilot Studio shows it. Only with `delegated` and `credential: federated`.",
    ),
  connectorSignIn: connectorSignInSchema
    .optional()
    .describe(
      "Federated credential of a custom connector that acts as the user of an agent. The app then exposes a scope for the connector's sign-in. Only with `delegated` and `credential: federated`.",
    ),
  userSignIn: userSignInSchema.optional().describe("How users sign in to the app. Only with `delegated`."),
  credential: z
    .enum(credentialKinds, "One of secret, certificate, federated, managedIdentity.")
    .default("secret")
    .describe("How consumers sign in as the app. See [credentials](credentials.md)."),
  certificate: certificate
    .optional()
    .describe("How the certificate's key is made. Only with `credential: certificate`."),
  identity: z
    .string("The key of one of copilot-token:identities is expected.")
    .optional()
    .describe(
      "The managed identity that is the app: a key of `identities`. Required with `credential: managedIdentity`, not allowed otherwise.",
    ),
  federated: trusts.describe(
    "Federated credentials: the jobs and workloads that may sign in as the app without a secret. Required with `credential: federated`. At most 20.",
  ),
  logicApp: logicAppSchema
    .optional()
    .describe(
      "A Logic App that calls Microsoft Graph as the app's managed identity, for agents: no documented way lets them use their own Entra Agent ID for it. Only with `credential: managedIdentity`.",
    ),
  readers: z
    .array(reader)
    .default([])
    .describe(
      "Identities that may read this app's vault secret, or sign with its certificate, and no other.",
    ),
  adopt: objectId
    .optional()
    .describe(
      "Object ID of an existing application registration. `pulumi up` adopts it, with its client ID, service principal, grants and secrets.",
    ),
});

/** An app that acts as its user asks for no application permission, and has the defaults of a sign-in. */
const app = z.preprocess((value) => {
  if (typeof value !== "object" || value === null) return value;
  if ("delegated" in value) return { permissions: [], userSignIn: {}, ...value };
  return "apis" in value ? { permissions: [], ...value } : value;
}, appShape);

const granter = z.strictObject({
  clientId: z
    .guid("A client ID is a GUID, such as 11111111-2222-4333-8444-555555555555.")
    .optional()
    .describe(
      "Client ID of a separate identity that gives admin consent. It signs in by federation, in the deployer's run. Default: the deployer gives consent.",
    ),
});

const ipRange = z.string().superRefine((range, context) => {
  const message = vaultRangeFault(range);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

function vaultRangeFault(range: string): string | undefined {
  if (!isIpv4Range(range)) {
    return "An IPv4 address or a range such as 203.0.113.0/24: Key Vault takes nothing else.";
  }
  const forbidden = forbiddenRangeOf(range);
  if (forbidden === undefined) return undefined;
  return (
    `It lies in ${forbidden}, and Key Vault's firewall accepts public addresses only. ` +
    "Name the public address under which the network reaches the internet."
  );
}

/** The shape of the settings. Its descriptions become docs/settings.md. */
export const settingsSchema = z.strictObject({
  apps: z
    .record(
      z.string(),
      app,
      "A map of apps is expected, such as { CopilotAPIAuth: { permissions: [User.Read.All] } }.",
    )
    .refine((apps) => Object.keys(apps).length > 0, "At least one app is needed.")
    .prefault({ CopilotAPIAuth: { permissions: ["User.Read.All"] } })
    .describe(
      "The apps of the stack, by a key that stays the same. A renamed key is a new app. A key starts with a letter and has up to 100 letters, digits, `.`, `_` and `-`.",
    ),
  identities: z
    .record(
      z.string(),
      // `agent:` with nothing behind it is YAML's null.
      z.preprocess(
        (value) => value ?? {},
        z.strictObject({
          federated: trusts.describe(
            "Workloads outside Azure that may sign in as the managed identity, such as the CI job that verifies it.",
          ),
        }),
      ),
      "A map of identities is expected, such as { agent: {} }.",
    )
    .default({})
    .describe("User-assigned managed identities that the stack creates. The key is the name in Azure."),
  granter: granter.prefault({}),
  rotation: z
    .strictObject({
      everyDays: wholeDays
        .default(defaultDays.everyDays)
        .describe("Age in days at which a client secret or certificate is replaced."),
      keepDays: wholeDays
        .default(defaultDays.keepDays)
        .describe("Days for which a superseded client secret or certificate stays valid."),
      graceDays: wholeDays
        .default(defaultDays.graceDays)
        .describe("Days by which a rotation may be late without shortening `keepDays`."),
      verification: z
        .strictObject({
          tokens: z
            .number()
            .int("Tokens are whole.")
            .min(1, "At least 1.")
            .max(50, "At most 50.")
            .default(10)
            .describe(
              "Tokens that a new client secret or certificate must get in a row before it is published.",
            ),
          overSeconds: z
            .number()
            .min(0, "Not negative.")
            .max(300, "At most 300.")
            .default(10)
            .describe(
              "Seconds over which these requests are spread. Entra's replicas learn of a new secret at different times.",
            ),
        })
        .prefault({}),
    })
    .prefault({}),
  vault: z
    .strictObject({
      name: z
        .string()
        .superRefine((name, context) => {
          const message = vaultNameFault(name);
          if (message !== undefined) context.addIssue({ code: "custom", message });
        })
        .optional()
        .describe(
          "Name of the vault: 3 to 24 letters, digits and hyphens, unique in Azure. Default: from the stack's name and a random suffix.",
        ),
      adopt: z
        .string()
        .superRefine((vaultId, context) => {
          const message = vaultAdoptionFault(vaultId);
          if (message !== undefined) context.addIssue({ code: "custom", message });
        })
        .optional()
        .describe(
          "ARM ID of a vault that this program created and that is in no stack's state. `pulumi up` adopts it with its resource group. Keep the setting afterwards.",
        ),
      retentionDays: z
        .number()
        .int("Days are whole.")
        .min(7, "Key Vault keeps deleted secrets for 7 to 90 days.")
        .max(90, "Key Vault keeps deleted secrets for 7 to 90 days.")
        .default(90)
        .describe(
          "Days for which a deleted vault or secret can be recovered. It cannot change once the vault exists.",
        ),
      sku: z
        .enum(VaultSku, "Either standard or premium.")
        .default("standard")
        .describe(
          "Pricing tier of the vault. Premium has keys in hardware, which this project does not use, for certificates either.",
        ),
      readers: z
        .array(reader)
        .default([])
        .describe(
          "Identities that may read every secret of the vault, and sign with the certificates of its apps.",
        ),
      allowedIpRanges: z
        .array(ipRange)
        .default([])
        .describe(
          "IPv4 addresses and ranges that may reach the vault. Default: all networks. Include the CI runners, because `verify` and `rotate` read the vault.",
        ),
    })
    .prefault({}),
  owners: z
    .array(objectId)
    .default([])
    .describe(
      "Object IDs that own every application and service principal of the stack, exactly these. Default: the identity that deploys first.",
    ),
  protect: z
    .boolean("Either true or false.")
    .default(true)
    .describe(
      "Protects apps and vault from deletion, by `pulumi destroy` and by an app leaving the settings. Set it to false before you delete them.",
    ),
  alerts: z
    .strictObject({
      email: z
        .email("An e-mail address is expected.")
        .optional()
        .describe(
          "Address that gets an e-mail 30 days before a published secret expires, through Event Grid and Azure Monitor.",
        ),
    })
    .prefault({}),
  powerPlatform: z
    .strictObject({
      environmentId: z
        .string()
        .refine(isEnvironmentId, "An environment ID is a GUID, or Default- and the tenant's GUID.")
        .optional()
        .describe(
          "The Power Platform environment whose flows and topics may use the secrets: a GUID, or `Default-` and the tenant's GUID. Default: Power Platform gets no access.",
        ),
      agents: z
        .array(
          z
            .string()
            .refine(isAgentSchemaName, "An agent's schema name is expected, such as contoso_helpdesk."),
        )
        .default([])
        .describe(
          "Schema names of the agents whose topics may use the secrets. Default: all agents of the environment.",
        ),
      publisherPrefix: z
        .string()
        .refine(isPublisherPrefix, "A publisher prefix has 2 to 8 letters and digits, a letter first.")
        .optional()
        .describe(
          "Prefix of the solution that `npm run copilot` writes: 2 to 8 letters and digits, a letter first. Default: `cptoken`.",
        ),
      importers: z
        .array(reader)
        .default([])
        .describe("Users who import the solution. Dataverse requires that they can read the secret."),
      virtualAgentsServiceObjectId: objectId
        .optional()
        .describe(
          "Object ID of the enterprise application that reads secrets for topics. Default: it is looked up by name and used only if Microsoft owns it.",
        ),
    })
    .prefault({}),
  acceptTierZero: z
    .array(
      z
        .string()
        .refine(
          (name) => riskOfDelegated(name) !== undefined,
          "Not a permission that can take over the tenant, so there is nothing to accept.",
        ),
    )
    .default([])
    .describe(
      "Permissions that can take over the tenant and that you accept, by name. Without the name here such a permission is refused.",
    ),
});

/** Names of the settings that there are. */
export const settingKeys: readonly string[] = Object.keys(settingsSchema.shape);

type GivenSettings = z.output<typeof settingsSchema>;
type GivenApp = z.output<typeof app>;

/** Everything a stack file can say, defaults filled in. */
export type Settings = Omit<GivenSettings, "apps"> & { readonly apps: Readonly<Record<string, AppSettings>> };
export type Reader = z.output<typeof reader>;

/** An app, by how consumers sign in as it. */
export type AppSettings = RegisteredAppSettings | IdentityAppSettings;

/** A value that works, for each setting of a stack: for fixes and for docs/settings.md. */
export const settingExamples: Readonly<Record<string, string>> = {
  "apps.*.displayName": "CopilotAPIAuth",
  "apps.*.permissions[]": "User.Read.All",
  "apps.*.apis.*[]": "ActivityFeed.Read",
  "apps.*.sites[].url": siteExample,
  "apps.*.sites[].role": "read",
  "apps.*.delegated[]": "User.Read",
  "apps.*.agentSignIn.issuer": "<Federated credential issuer>",
  "apps.*.agentSignIn.subject": "<Federated credential value>",
  "apps.*.connectorSignIn.issuer": "<Issuer>",
  "apps.*.connectorSignIn.subject": "<Subject>",
  "apps.*.connectorSignIn.redirectUri": `${connectorRedirect(clouds.public)}/<connector>`,
  "apps.*.userSignIn.regions[]": "global",
  "apps.*.userSignIn.redirectUris[]": "<redirect URI>",
  "apps.*.userSignIn.users[]": "<object ID>",
  "apps.*.userSignIn.assignedTo[]": "<object ID>",
  "apps.*.userSignIn.teamsAppId": "<Teams app ID>",
  "apps.*.readers[].id": "<object ID>",
  "apps.*.readers[].type": "ServicePrincipal",
  "apps.*.adopt": "<application object ID>",
  "apps.*.credential": "secret",
  "apps.*.certificate.keySize": "2048",
  "apps.*.certificate.exportable": "false",
  "apps.*.certificate.format": "pfx",
  "apps.*.identity": "agent",
  "granter.clientId": "<client ID>",
  "apps.*.logicApp.callers[]": "<client ID>",
  "apps.*.logicApp.users[]": "<object ID>",
  "apps.*.logicApp.allowedIpRanges[]": "203.0.113.0/24",
  "apps.*.logicApp.requests.*.path": "/v1.0/users",
  "apps.*.logicApp.requests.*.field": "displayName",
  "rotation.everyDays": "60",
  "rotation.keepDays": "60",
  "rotation.graceDays": "14",
  "rotation.verification.tokens": "10",
  "rotation.verification.overSeconds": "10",
  "vault.name": "copilot-token-prod",
  "vault.adopt":
    "/subscriptions/<subscription>/resourceGroups/copilot-token-<…>/providers/Microsoft.KeyVault/vaults/<name>",
  "vault.retentionDays": "90",
  "vault.sku": "standard",
  "vault.readers[].id": "<object ID>",
  "vault.readers[].type": "ServicePrincipal",
  "vault.allowedIpRanges[]": "203.0.113.0/24",
  "owners[]": "<object ID>",
  protect: "true",
  "alerts.email": "admin@example.com",
  "powerPlatform.environmentId": "<environment ID>",
  "powerPlatform.agents[]": "contoso_helpdesk",
  "powerPlatform.publisherPrefix": "contoso",
  "powerPlatform.importers[].id": "<object ID>",
  "powerPlatform.importers[].type": "User",
  "powerPlatform.virtualAgentsServiceObjectId": "<object ID>",
};

/** The stack's own settings. */
const stackSettings: SettingsProject = {
  namespace: settingsNamespace,
  maps: ["apps", "identities", "apps.*.apis", "apps.*.logicApp.requests"],
  examples: settingExamples,
};

/** An app registration, with a client secret, with a certificate, or only with federated credentials. */
export type RegisteredAppSettings = Omit<GivenApp, "credential" | "certificate" | "identity" | "logicApp"> & {
  readonly credential: "secret" | "certificate" | "federated";
  /** How its certificate is made; present with `credential: certificate`. */
  readonly certificate?: CertificateWish;
};

/** A managed identity, which holds the permissions itself. */
export type IdentityAppSettings = Pick<GivenApp, "permissions" | "apis" | "sites" | "logicApp"> & {
  readonly credential: "managedIdentity";
  /** A key of `identities`. */
  readonly identity: string;
};

/** The apps that are app registrations, by key. */
export function registeredApps({ apps }: Settings): [name: string, app: RegisteredAppSettings][] {
  return Object.entries(apps).flatMap(([name, app]) =>
    app.credential === "managedIdentity" ? [] : [[name, app]],
  );
}

/** The part of an app that concerns its permissions. */
export interface AskingApp {
  readonly permissions: readonly string[];
  /** Delegated permissions. Default: none. */
  readonly delegated?: readonly string[] | undefined;
  /** Permissions of other APIs, by the text that names each. Default: none. */
  readonly apis?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Who gets at what they open hangs on it. Default `secret`. */
  readonly credential?: CredentialKind;
}

/** Permission names that could be read from invalid settings: the tenant may find more errors in them. */
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
    ...(result.success
      ? []
      : result.error.issues.flatMap((issue) => faultsOfIssue(issue, given, accepts, stackSettings))),
    ...crossFaults(given),
    ...delegatedFaults(given),
    ...siteFaults(given),
    ...credentialFaults(given),
    ...Object.entries(asMap(given["apps"])).flatMap(([name, app]) => logicAppFaults(name, asMap(app), given)),
  ];
  return result.success && faults.length === 0
    ? { settings: { ...result.data, apps: mapValues(result.data.apps, appSettings) }, faults: [] }
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

/** Only for an app without faults: an identity is named then. */
function appSettings({
  credential,
  certificate: wish = certificate.parse({}),
  identity = "",
  logicApp,
  ...registered
}: GivenApp): AppSettings {
  if (credential === "certificate") return { ...registered, certificate: wish, credential };
  if (credential !== "managedIdentity") return { ...registered, credential };
  const { permissions, apis, sites } = registered;
  return {
    credential,
    identity,
    permissions,
    ...(apis === undefined ? {} : { apis }),
    ...(sites === undefined ? {} : { sites }),
    ...(logicApp === undefined ? {} : { logicApp }),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}

function askedPermissions(given: Readonly<Record<string, unknown>>): AskedPermissions {
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  const apps = Object.entries(asMap(given["apps"])).map(([name, app]) => {
    const { permissions, delegated, apis, credential: given } = asMap(app);
    const credential = credentialKindOf(given);
    return [
      name,
      {
        permissions: texts(permissions),
        delegated: texts(delegated),
        ...(apis === undefined ? {} : { apis: mapValues(asMap(apis), texts) }),
        ...(credential === undefined ? {} : { credential }),
      },
    ] as const;
  });
  return { apps: Object.fromEntries(apps), acceptTierZero: texts(given["acceptTierZero"]) };
}
