import * as pulumi from "@pulumi/pulumi";
import { inParallel } from "../core/inParallel";
import type { IdentityAppSettings, RegisteredAppSettings, Settings } from "../core/settings/settings";
import { logicAppRequests } from "../core/settings/logicAppSettings";
import { granterOptions } from "./components/adminConsent";
import { ExpiryAlerts } from "./components/expiryAlerts";
import { GraphApp, type AppParts, type PlannedAppOptions } from "./components/graphApp";
import { IdentityApp, type IdentityAppArgs } from "./components/identityApp";
import { logicAppAudienceResource } from "./components/logicAppAudience";
import { makeIdentities } from "./components/managedIdentity";
import { grantKeySigners } from "./components/secretReaders";
import { SecretVault } from "./components/secretVault";
import { isKnown, valueIfKnown } from "./known";
import { adoptUnrecorded } from "./plan/adoptUnrecorded";
import { nothingToAdopt, type AppAdoption } from "./plan/appAdoption";
import { existingGrants } from "./plan/existingGrants";
import {
  elsewhere,
  identityNamed,
  plannedApp,
  publishedApis,
  publishedStack,
  type PublishedApp,
  type PublishedOutputs,
  type StackParts,
} from "./plan/plannedApp";
import { findExistingApps, planStack, refuseUsedVault, type AppPlan, type Run } from "./plan/stackPlan";
import { graphClientId } from "./plan/tenant";
import { makeStackMark } from "./stackId";

/** Apps that are registered before the first of them is there. Each holds 1 MB until then; the engine does fewer at once anyway. */
const appsAtOnce = 25;

/**
 * The whole stack: settings in, resources registered, identifiers out. Everything that can be refused is refused before
 * the first registration; only the stack's ID comes before it is asked whose the apps are.
 *
 * @throws {OperatorError} naming every fault of the settings.
 */
export async function deploy(run: Run): Promise<PublishedOutputs> {
  const plan = await planStack(run);
  const { settings, target, graph, namedAfter } = plan;
  adoptUnrecorded(plan.recorded, target, run.directory);
  const mark = makeStackMark();
  const stackId = await valueIfKnown(mark.stackId);
  const existing = await findExistingApps(plan, stackId, run.directory);
  await refuseUsedVault(plan, { stackId, existing }, run.directory);

  const planned = {
    nameSuffix: mark.nameSuffix,
    protect: settings.protect,
    namedAfter,
    ...(plan.vaultAdoption === undefined ? {} : { adoption: plan.vaultAdoption }),
  };
  const { tenantId, subscriptionId } = target;
  const vault = new SecretVault(
    "vault",
    { tenantId, subscriptionId, ...vaultArgs(settings.vault) },
    { planned },
  );
  const place = { resourceGroupName: vault.resourceGroupName, location: vault.location };
  if (settings.alerts.email !== undefined) {
    new ExpiryAlerts("expiry", {
      email: settings.alerts.email,
      ...place,
      vaultResourceId: vault.vaultResourceId,
      nameSuffix: mark.nameSuffix,
    });
  }
  if (plan.apps.some(({ certificate }) => certificate.kind !== "none")) {
    const { subscriptionId } = target;
    const { readers } = settings.vault;
    grantKeySigners("vault", { scope: vault.vaultResourceId, subscriptionId, readers }, vault);
  }
  const identities = makeIdentities(settings, plan.cloud, place);
  const granter = granterOptions(settings.granter, target.tenantId, plan.cloud);
  const stack: StackParts = { plan, mark, vault, identities };
  const apps = await inParallel(plan.apps, appsAtOnce, async (app): Promise<[string, PublishedApp]> => {
    const options: PlannedAppOptions = {
      granter,
      recorded: plan.recorded,
      existingGrants: (principal, resource) => existingGrants(app, principal, resource, run.directory),
      existingConsents: async (principal) => [
        ...(await run.directory.consentsOf(principal, graph.graphObjectId)),
      ],
      existingAssignments: async (principal) => [...(await run.directory.assignmentsTo(principal))],
    };
    const published =
      app.settings.credential === "managedIdentity"
        ? identityApp(app, app.settings, stack, place, options)
        : registeredApp(app, app.settings, existing.get(app.name) ?? nothingToAdopt, stack, options);
    // What failed does not keep the rest from being registered: the stack's outputs tell.
    await isKnown(pulumi.output(published)).catch(() => false);
    return [app.name, published];
  });
  return publishedStack(stack, Object.fromEntries(apps));
}

function vaultArgs({ name, sku, retentionDays, allowedIpRanges, readers }: Settings["vault"]) {
  return {
    ...(name === undefined ? {} : { vaultName: name }),
    sku,
    softDeleteRetentionInDays: retentionDays,
    allowedIpRanges,
    readers,
  };
}

/** @returns what the stack publishes of the app. */
function registeredApp(
  app: AppPlan,
  settings: RegisteredAppSettings,
  adoption: AppAdoption,
  stack: StackParts,
  options: PlannedAppOptions,
): PublishedApp {
  const { name } = app;
  const { args, publish } = plannedApp(app, settings, adoption, stack);
  const planned = {
    args,
    options,
    details: (parts: AppParts) => publishedStack(stack, { [name]: publish(parts) }),
  };
  const given = { vault: { id: stack.vault.vaultResourceId }, permissions: settings.permissions };
  return publish(new GraphApp(name, given, { planned }).parts);
}

/** @returns what the stack publishes of the app. */
function identityApp(
  { name, roles, apis }: AppPlan,
  { identity: key, permissions, sites, logicApp, credential }: IdentityAppSettings,
  { plan, mark, identities }: StackParts,
  place: Readonly<Record<"resourceGroupName" | "location", pulumi.Input<string>>>,
  options: PlannedAppOptions,
): PublishedApp {
  const graph = { clientId: graphClientId, objectId: plan.graph.graphObjectId, roles };
  const identity = identityNamed(key, identities);
  const args: IdentityAppArgs = {
    principalId: identity.principalId,
    identityResourceId: identity.resourceId,
    graph,
    apis,
    ...(sites === undefined
      ? {}
      : {
          sites,
          siteGrantee: {
            ...elsewhere(plan.cloud),
            tenantId: plan.target.tenantId,
            clientId: identity.clientId,
            displayName: key,
          },
        }),
    ...(logicApp === undefined
      ? {}
      : {
          logicApp: {
            ...elsewhere(plan.cloud),
            callers: logicApp.callers,
            users: logicApp.users,
            allowedIpRanges: logicApp.allowedIpRanges,
            requests: logicAppRequests(logicApp, permissions),
            tenantId: plan.target.tenantId,
            owners: plan.owners,
            protect: plan.settings.protect,
            tags: mark.tagsOf(logicAppAudienceResource(name)),
            ...place,
          },
        }),
  };
  const app = new IdentityApp(name, args, options);
  return {
    displayName: key,
    clientId: identity.clientId,
    servicePrincipalObjectId: identity.principalId,
    permissions: app.permissions,
    ...publishedApis(app),
    signIn: credential,
    identityResourceId: identity.resourceId,
    federated: [...identity.federated],
    ...(app.logicApp === undefined ? {} : { logicApp: app.logicApp }),
  };
}
