import * as z from "zod";
import type { Fault } from "../errors";
import { identityKeys, type IdentityKey } from "../access/rights";
import { acceptedBy, faultsOfIssue, type SettingsProject } from "./schemaFaults";
import { faultAt, inRunnableOrder, removeCommand, setCommand } from "./settingsFaults";
import { asMap } from "../asMap";
import { decodeSettings, otherHosts, unreadSettings, type StackConfig } from "./stackConfig";
import { trustInIdentityFaults } from "./credentialFaults";
import { isExchangeAudience, signInOf, maximumTrusts, trustSchema, type Trust } from "../access/trust";

/** The bootstrap's project name: prefix of its settings. */
export const bootstrapNamespace = "copilot-token-bootstrap";

/** A GitHub environment for each identity: its reviewers decide when the identity's rights are used. */
const environments: Readonly<Record<IdentityKey, string>> = {
  deployer: "deploy",
  granter: "grant",
  rotator: "rotate",
  verifier: "verify",
};

const project: SettingsProject = {
  namespace: bootstrapNamespace,
  maps: ["identities"],
  examples: {
    "repositories[]": "contoso/agents",
    ...Object.fromEntries(
      identityKeys.flatMap((key) => [
        [`identities.${key}.environment`, environments[key]],
        [`identities.${key}.displayName`, `copilot-token ${key}`],
      ]),
    ),
    "identities.*.scopes[]": "/subscriptions/<subscription ID>/resourceGroups/<name>",
    "state.container":
      "/subscriptions/<subscription ID>/resourceGroups/<name>/providers/Microsoft.Storage/storageAccounts/<account>/blobServices/default/containers/<container>",
    "state.key":
      "/subscriptions/<subscription ID>/resourceGroups/<name>/providers/Microsoft.KeyVault/vaults/<vault>/keys/<key>",
  },
};

/** Those whose own work is in Azure, so that where they may do it can be said. */
const scoped: readonly IdentityKey[] = ["deployer", "rotator"];

const noIdentitiesHere = "The bootstrap makes no managed identities; name issuer and subject instead.";

const group = "/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/\\s]+";

function armId(pattern: string, message: string) {
  return z.string(message).refine((id) => new RegExp(`^${pattern}$`, "i").test(id), message);
}

const identity = z.strictObject({
  displayName: z.string().min(1, "A display name is missing.").max(120, "At most 120 characters.").optional(),
  /** The GitHub environment whose jobs sign in as it, in each of `repositories`. */
  environment: z.string().min(1, "The name of a GitHub environment is expected.").optional(),
  /** Who else may sign in as it. */
  federated: z.array(trustSchema, "A list of who may sign in is expected.").default([]),
  /** Where it may work; default: the subscription. */
  scopes: z
    .array(
      armId(
        `/subscriptions/[0-9a-f-]{36}(/resourceGroups/[^/\\s]+(/providers/Microsoft.KeyVault/vaults/[^/\\s]+)?)?`,
        "An ARM ID is expected: of a subscription, a resource group or a vault, from /subscriptions/ on.",
      ),
    )
    .default([]),
});

/** The shape of the settings. */
export const bootstrapSettingsSchema = z.strictObject({
  repositories: z
    .array(
      z
        .string()
        .refine(
          (github) => trustSchema.safeParse({ github, environment: "any" }).success,
          "A repository is owner/name in the very case in which GitHub writes both, or owner@ID/name@ID.",
        ),
      "A list of GitHub repositories is expected.",
    )
    .default([]),
  identities: z
    .strictObject({
      deployer: identity.optional(),
      granter: identity.optional(),
      rotator: identity.optional(),
      verifier: identity.optional(),
    })
    .default({
      deployer: { federated: [], scopes: [] },
      rotator: { federated: [], scopes: [] },
      verifier: { federated: [], scopes: [] },
    }),
  /** Whether a stack has an app with `credential: certificate`: then identities get the rights that certificates need. */
  certificates: z.boolean("Either true or false.").default(false),
  /** Whether a stack has an app with `delegated`: then the identity that consents may consent to delegated permissions. */
  delegated: z.boolean("Either true or false.").default(false),
  state: z
    .strictObject({
      /** The blob container with the stack's state; absent: it is kept elsewhere. */
      container: armId(
        `${group}/providers/Microsoft.Storage/storageAccounts/[a-z0-9]{3,24}/blobServices/default/containers/[^/\\s]+`,
        "The ARM ID of a blob container is expected: …/storageAccounts/NAME/blobServices/default/containers/NAME.",
      ).optional(),
      /** The key that seals the secrets in it. */
      key: armId(
        `${group}/providers/Microsoft.KeyVault/vaults/[^/\\s]+/keys/[^/\\s]+`,
        "The ARM ID of a key is expected: …/vaults/NAME/keys/NAME, without a version.",
      ).optional(),
    })
    .prefault({}),
});

/** A trust that the bootstrap can give: it has no managed identities of its own. */
export type MachineTrust = Exclude<Trust, { kind: "identity" }>;

/** An identity as it is going to be. */
export interface IdentitySettings {
  readonly displayName: string | undefined;
  /** Everyone who may sign in as it, at least one. */
  readonly trusts: readonly MachineTrust[];
  /** ARM IDs; none: the subscription of the run. */
  readonly scopes: readonly string[];
}

export interface BootstrapSettings {
  readonly repositories: readonly string[];
  readonly certificates: boolean;
  readonly delegated: boolean;
  readonly identities: Readonly<Partial<Record<IdentityKey, IdentitySettings>>>;
  readonly state: z.output<typeof bootstrapSettingsSchema>["state"];
}

export type JudgedBootstrapSettings =
  | { readonly settings: BootstrapSettings; readonly faults: readonly [] }
  | { readonly settings?: never; readonly faults: readonly Fault[] };

/**
 * Judges all that a stack file of the bootstrap says.
 *
 * @param environment Variables of the run, which choose a cloud too. Default: none.
 */
export function judgeBootstrapConfig(
  config: StackConfig,
  environment: Readonly<Record<string, string | undefined>> = {},
): JudgedBootstrapSettings {
  const judged = judgeBootstrapSettings(decodeSettings(config.values, bootstrapNamespace));
  const others = [
    ...unreadSettings(config, bootstrapNamespace, Object.keys(bootstrapSettingsSchema.shape)),
    ...otherHosts(config, environment),
  ];
  return others.length === 0 ? judged : { faults: [...judged.faults, ...others] };
}

/**
 * Judges the bootstrap's settings, all at once.
 *
 * @param given The values under `copilot-token-bootstrap:`, decoded from JSON.
 */
export function judgeBootstrapSettings(given: Readonly<Record<string, unknown>>): JudgedBootstrapSettings {
  const result = bootstrapSettingsSchema.safeParse(given);
  if (!result.success) {
    const accepts = acceptedBy(bootstrapSettingsSchema, given);
    const faults = result.error.issues.flatMap((issue) => faultsOfIssue(issue, given, accepts, project));
    return { faults: inRunnableOrder(faults) };
  }
  const { repositories, identities, certificates, delegated, state } = result.data;
  const settings: BootstrapSettings = {
    repositories,
    certificates,
    delegated,
    state,
    identities: Object.fromEntries(
      identityKeys.flatMap((key) => {
        const one = identities[key];
        return one === undefined
          ? []
          : [[key, { displayName: one.displayName, trusts: trustsOf(key, result.data), scopes: one.scopes }]];
      }),
    ),
  };
  const faults = [
    ...signInFaults(given, settings),
    ...scopeFaults(given),
    ...trustInIdentityFaults(given, noIdentitiesHere, bootstrapNamespace),
  ];
  return faults.length === 0 ? { settings, faults: [] } : { faults: inRunnableOrder(faults) };
}

/**
 * The GitHub environment that an identity's jobs run in.
 *
 * @param given The identity's own setting.
 */
export function environmentOf(key: IdentityKey, given: string | undefined): string {
  return given ?? environments[key];
}

/**
 * Consent is given in the middle of the deployer's run, and a GitHub job has one environment. So a deployment with a
 * separate granter runs in the granter's environment.
 */
function trustsOf(
  key: IdentityKey,
  { repositories, identities }: z.output<typeof bootstrapSettingsSchema>,
): MachineTrust[] {
  const { granter } = identities;
  const names = [environmentOf(key, identities[key]?.environment)];
  if (key === "deployer" && granter !== undefined) names.push(environmentOf("granter", granter.environment));
  const jobs = repositories.flatMap((repository) =>
    [...new Set(names)].map((environment) => ({ kind: "github" as const, repository, environment })),
  );
  return [...jobs, ...(identities[key]?.federated ?? []).filter((trust) => trust.kind !== "identity")];
}

type Given = Readonly<Record<string, unknown>>;

function fault(path: readonly PropertyKey[], given: Given, reason: string, repair: string): Fault {
  return faultAt(path, given, reason, repair, undefined, bootstrapNamespace);
}

function signInFaults(given: Given, { identities }: BootstrapSettings): Fault[] {
  const subjects = new Map<string, IdentityKey>();
  return identityKeys.flatMap((key) => {
    const trusts = identities[key]?.trusts;
    if (trusts === undefined) return [];
    if (trusts.length === 0) {
      return [
        fault(
          ["identities", key],
          given,
          "No job could sign in as this identity: it gets no secret, and no repository is listed.",
          `${setCommand(["repositories", 0], "<owner/name>", bootstrapNamespace)}, or add an entry to its list federated`,
        ),
      ];
    }
    if (trusts.length > maximumTrusts) {
      return [
        fault(
          ["identities", key, "federated"],
          given,
          `${trusts.length} federated credentials are listed, and Entra accepts ${maximumTrusts}.`,
          "Remove some, or create a second set of identities with another stack of this project.",
        ),
      ];
    }
    return trusts.flatMap((trust) => sharedSignIn(key, trust, subjects, given));
  });
}

/** One sign-in that is two identities has the rights of both: what being apart is against. */
function sharedSignIn(
  key: IdentityKey,
  trust: MachineTrust,
  subjects: Map<string, IdentityKey>,
  given: Given,
): Fault[] {
  const { issuer, subject } = signInOf(trust);
  const audience =
    trust.kind === "issuer" && !isExchangeAudience(trust.audience) ? trust.audience : undefined;
  const id = [issuer, subject, audience].join("\n");
  const other = subjects.get(id);
  subjects.set(id, key);
  const together = [key, other];
  if (other === undefined || (together.includes("deployer") && together.includes("granter"))) return [];
  return [
    fault(
      ["identities", key],
      given,
      other === key
        ? `${subject} is listed twice.`
        : `${subject} may sign in as the ${other} too: a job that can sign in as both has the permissions of both.`,
      `Give it its own environment, or remove the second entry: ${removeCommand(["identities", key], bootstrapNamespace)}`,
    ),
  ];
}

function scopeFaults(given: Given): Fault[] {
  return Object.entries(asMap(given["identities"])).flatMap(([key, one]) => {
    const path = ["identities", key, "scopes"];
    const { scopes } = asMap(one);
    if (scopes === undefined || scoped.some((name) => name === key)) return [];
    return [
      fault(
        path,
        given,
        `The ${key} gets no Azure role from the bootstrap, so it has no scopes.`,
        removeCommand(path, bootstrapNamespace),
      ),
    ];
  });
}
