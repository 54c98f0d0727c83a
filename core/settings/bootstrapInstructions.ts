import type { Cloud } from "../cloud/clouds";
import { bootstrapNamespace, type BootstrapSettings } from "./bootstrapSettings";
import type { IdentityKey } from "../access/rights";
import { setCommand } from "./settingsFaults";
import { quoted } from "../sinks";

/** An identity that has been made. */
export interface MadeIdentity {
  readonly clientId: string;
  readonly servicePrincipalObjectId: string;
}

/** What is left to do by hand, as commands for a POSIX shell; no identifier in it is a secret. */
export interface BootstrapInstructions {
  /** In the project's folder, for each stack. Lists are begun anew: add to them by hand where they hold more. */
  readonly stack: readonly string[];
  readonly github: readonly string[];
  /** Once the first `pulumi up` of a stack has made its vault. */
  readonly afterFirstUp: readonly string[];
}

/** Where the bootstrap ran. */
interface Place {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly subscriptionId: string;
}

/** @param made Every identity of the settings. */
export function bootstrapInstructions(
  settings: BootstrapSettings,
  made: Readonly<Partial<Record<IdentityKey, MadeIdentity>>>,
  place: Place,
): BootstrapInstructions {
  return {
    stack: stackCommands(made),
    github: githubCommands(settings, made, place),
    afterFirstUp:
      settings.identities.rotator?.scopes.length === 0
        ? [
            "# Until then the rotator may write the secrets of every vault in the subscription. In infra/bootstrap:",
            `${setCommand(["identities", "rotator", "scopes", 0], "<vault ID>", bootstrapNamespace)} && pulumi up`,
          ]
        : [],
  };
}

function stackCommands(made: Readonly<Partial<Record<IdentityKey, MadeIdentity>>>): string[] {
  const { deployer, granter, rotator, verifier } = made;
  const owners = [deployer, rotator].flatMap((one) =>
    one === undefined ? [] : [one.servicePrincipalObjectId],
  );
  const readers = [rotator, verifier].flatMap((one) =>
    one === undefined ? [] : [one.servicePrincipalObjectId],
  );
  return [
    ...owners.map((objectId, index) => setCommand(["owners", index], objectId)),
    ...readers.flatMap((objectId, index) => [
      setCommand(["vault", "readers", index, "id"], objectId),
      setCommand(["vault", "readers", index, "type"], "ServicePrincipal"),
    ]),
    ...(granter === undefined ? [] : [setCommand(["granter", "clientId"], granter.clientId)]),
  ];
}

function githubCommands(
  { identities, state }: BootstrapSettings,
  made: Readonly<Partial<Record<IdentityKey, MadeIdentity>>>,
  { cloud, tenantId, subscriptionId }: Place,
): string[] {
  const jobs = Object.entries(identities).flatMap(([key, { trusts }]) =>
    trusts.flatMap((trust) => {
      const clientId = made[key as IdentityKey]?.clientId;
      if (trust.kind !== "github" || clientId === undefined) return [];
      // A subject may contain IDs; a repository's name does not.
      return [{ key, trust, clientId, repository: trust.repository.replace(/@\d+/g, "") }];
    }),
  );
  const backend = backendUrl(state.container);
  const shared = (repository: string): string[] => [
    variable("AZURE_TENANT_ID", tenantId, repository),
    variable("AZURE_SUBSCRIPTION_ID", subscriptionId, repository),
    ...(cloud.name === "public" ? [] : [variable("ARM_ENVIRONMENT", cloud.providers.azuread, repository)]),
    ...(backend === undefined ? [] : [variable("PULUMI_BACKEND_URL", backend, repository)]),
  ];
  // The granter's client ID is in the stack's settings: its jobs sign in as the deployer first.
  const own = jobs.flatMap(({ key, trust, clientId, repository }) =>
    key === "granter" || !("environment" in trust)
      ? []
      : [
          environmentCommand(repository, trust.environment, key === "deployer"),
          variable("AZURE_CLIENT_ID", clientId, repository, trust.environment),
        ],
  );
  return [...[...new Set(jobs.map(({ repository }) => repository))].flatMap(shared), ...own];
}

/**
 * Creates an environment that does not exist yet. It accepts only the branch main and, for the deployer, requires a
 * reviewer: the person who runs the command, until another is named. Otherwise anyone who can push a branch could sign in
 * as the identity. An existing environment stays as it is, since a PUT replaces all of its protection; what it lacks is
 * named.
 *
 * @see https://docs.github.com/rest/deployments/environments#create-or-update-an-environment (read 2026-11)
 * @see https://docs.github.com/rest/deployments/branch-policies#create-a-deployment-branch-policy (read 2026-11)
 */
function environmentCommand(repository: string, environment: string, reviewed: boolean): string {
  const address = `repos/${repository}/environments/${encodeURIComponent(environment)}`;
  const path = quoted(address);
  const reviewer = ` -F 'reviewers[][type]=User' -F "reviewers[][id]=$(gh api user --jq .id)"`;
  return (
    `if gh api --silent ${path} 2>/dev/null; then gh api ${path} --jq ${quoted(lackOf(reviewed))}; ` +
    `else gh api --silent --method PUT ${path} -F 'deployment_branch_policy[protected_branches]=false' ` +
    `-F 'deployment_branch_policy[custom_branch_policies]=true'${reviewed ? reviewer : ""} && ` +
    `gh api --silent --method POST ${quoted(`${address}/deployment-branch-policies`)} -f name=main; fi`
  );
}

/** What `gh` prints of an environment that is there and not protected; nothing of one that is. */
function lackOf(reviewed: boolean): string {
  const lacks = ["branch_policy", ...(reviewed ? ["required_reviewers"] : [])];
  return (
    `[.protection_rules[].type] as $has | ${JSON.stringify(lacks)} - $has | select(length > 0) | ` +
    `"NOT PROTECTED: the environment lacks \\(join(", ")). Anyone who can push a branch can sign in as the identity. See docs/ci.md."`
  );
}

function variable(name: string, value: string, repository: string, environment?: string): string {
  const place = environment === undefined ? "" : ` --env ${quoted(environment)}`;
  return `gh variable set ${name} --repo ${quoted(repository)}${place} --body ${quoted(value)}`;
}

/**
 * Where Pulumi finds a container.
 *
 * @see https://github.com/google/go-cloud/blob/master/blob/azureblob/azureblob.go (read 2026-11): storage_account
 */
function backendUrl(container: string | undefined): string | undefined {
  const [, account, name] =
    /\/storageAccounts\/([^/]+)\/blobServices\/default\/containers\/([^/]+)$/i.exec(container ?? "") ?? [];
  return account === undefined || name === undefined
    ? undefined
    : `azblob://${name}?storage_account=${account}`;
}
