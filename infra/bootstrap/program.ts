import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import { roleDefinitionIdOf, delegationCondition } from "../../core/access/azureRoles";
import { openAccessLine, openTrusts } from "../../core/access/openAccess";
import { bootstrapInstructions } from "../../core/settings/bootstrapInstructions";
import {
  bootstrapNamespace,
  type BootstrapSettings,
  type IdentitySettings,
  type JudgedBootstrapSettings,
} from "../../core/settings/bootstrapSettings";
import type { Cloud } from "../../core/cloud/clouds";
import { faultsError, OperatorError } from "../../core/errors";
import type { AppRole, GraphPermissions } from "../../core/permissions/permissions";
import {
  azureRights,
  credentialWriterRole,
  graphRights,
  identityKeys,
  isCustomRole,
  rightsOf,
  secretWriterRole,
  type Arrangement,
  type AzureRight,
  type IdentityKey,
} from "../../core/access/rights";
import { logText } from "../../core/sinks";
import { keeping } from "../names";
import { adoptUnrecorded } from "../plan/adoptUnrecorded";
import type { Unrecorded } from "../plan/unrecorded";
import { makeStackMark, type StackMark } from "../stackId";
import { readGraphPermissions, readRecorded, readTarget } from "../plan/tenant";
import { WorkIdentity, type AzureRoleHeld } from "./workIdentity";

/**
 * Makes the identities that work on the stacks. Run by an administrator, with a stack of its own; everything that
 * can be refused is refused before the first registration.
 *
 * @throws {OperatorError} naming every fault of the settings.
 */
export async function bootstrap(
  judged: JudgedBootstrapSettings,
  cloud: Cloud,
  directory: Unrecorded,
): Promise<Record<string, pulumi.Input<unknown>>> {
  if (judged.settings === undefined) throw faultsError(judged.faults);
  const { settings } = judged;
  const [target, graph, recorded] = await Promise.all([readTarget(), readGraphPermissions(), readRecorded()]);
  const { tenantId, subscriptionId } = target;
  const subscription = `/subscriptions/${subscriptionId}`;
  const arrangement = {
    granterApart: settings.identities.granter !== undefined,
    certificates: settings.certificates,
    delegated: settings.delegated,
  };
  const wanted = identityKeys.flatMap((key) => {
    const identity = settings.identities[key];
    return identity === undefined
      ? []
      : [{ key, identity, graphRoles: resolveRoles(cloud, key, arrangement, graph) }];
  });

  for (const { key, identity } of wanted) {
    for (const open of openTrusts(identity.trusts, ["identities", key, "federated"], bootstrapNamespace)) {
      void pulumi.log.warn(logText(openAccessLine(open)));
    }
  }
  adoptUnrecorded(recorded, target, directory);
  const mark = makeStackMark();
  const writerRoleId = defineWriterRole(settings, subscription, mark);
  const made = wanted.map(({ key, identity, graphRoles }) => {
    const azureRoles = azureRights(rightsOf(key, arrangement)).flatMap((right) =>
      placesOf(right, identity, settings, subscription).map((scope): AzureRoleHeld => ({
        name: right.role.name,
        roleDefinitionId: isCustomRole(right.role)
          ? writerRoleId
          : roleDefinitionIdOf(subscriptionId, right.role),
        scope,
        ...(right.mayAssign === undefined ? {} : { condition: delegationCondition(right.mayAssign) }),
      })),
    );
    const displayName = identity.displayName ?? `copilot-token ${key} (${pulumi.getStack()})`;
    const { trusts } = identity;
    const { graphObjectId } = graph;
    const result = new WorkIdentity(key, {
      cloud,
      displayName,
      trusts,
      graphRoles,
      graphObjectId,
      azureRoles,
      mark,
    });
    const { clientId, servicePrincipalObjectId } = result;
    return [key, { displayName, clientId, servicePrincipalObjectId }] as const;
  });
  const identities = Object.fromEntries(made);
  return {
    tenantId,
    subscriptionId,
    identities,
    next: pulumi
      .output(identities)
      .apply((known) => bootstrapInstructions(settings, known, { cloud, tenantId, subscriptionId })),
  };
}

function resolveRoles(
  cloud: Cloud,
  key: IdentityKey,
  arrangement: Arrangement,
  graph: GraphPermissions,
): AppRole[] {
  return graphRights(rightsOf(key, arrangement)).map(({ permission }) => {
    const appRoleId = graph.appRoleIds[permission];
    if (appRoleId !== undefined) return { name: permission, appRoleId };
    throw new OperatorError(
      "PERMISSION_UNKNOWN",
      `This tenant's Microsoft Graph offers no ${permission}, which the ${key} needs. Is it a tenant of ${cloud.title}?`,
    );
  });
}

/** A custom role's name is unique in the whole tenant, so it says whose it is. */
function defineWriterRole(
  { identities: { rotator }, certificates }: BootstrapSettings,
  subscription: string,
  { stackId }: StackMark,
): pulumi.Input<string> {
  if (rotator === undefined) return "";
  const role = certificates ? credentialWriterRole : secretWriterRole;
  const scopes = rotator.scopes.length === 0 ? [subscription] : rotator.scopes;
  const definition = new authorization.RoleDefinition(
    "secret-writer",
    {
      scope: subscription,
      // A GUID of the stack's own, by which the next run finds what a killed one made.
      roleDefinitionId: stackId,
      roleName: `${role.name} (${pulumi.getStack()})`,
      description: role.description,
      assignableScopes: [...new Set([subscription, ...scopes.map(subscriptionIn)])],
      permissions: [
        {
          actions: [...role.actions],
          notActions: [],
          dataActions: [...role.dataActions],
          notDataActions: [],
        },
      ],
    },
    keeping("roleDefinitionId", {}),
  );
  return definition.id;
}

function subscriptionIn(scope: string): string {
  return scope.split("/").slice(0, 3).join("/");
}

/** Where the bootstrap gives a right; nowhere, where the stack itself gives it or there is no such place. */
function placesOf(
  { scope, byReaders }: AzureRight,
  { scopes }: IdentitySettings,
  { state }: BootstrapSettings,
  subscription: string,
): readonly string[] {
  if (byReaders === true) return [];
  if (scope === "stateContainer") return state.container === undefined ? [] : [state.container];
  if (scope === "stateKey") return state.key === undefined ? [] : [state.key];
  return scopes.length === 0 ? [subscription] : scopes;
}
