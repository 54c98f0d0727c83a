import * as authorization from "@pulumi/azure-native/authorization";
import * as keyvault from "@pulumi/azure-native/keyvault";
import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import { setTimeout } from "node:timers/promises";
import type { GraphPermissions } from "../../core/permissions/permissions";
import { readPublishedCredential, readSecretResourceId } from "../../core/secrets/publishedSecret";
import {
  publishedOf,
  readPreviousOutputs,
  type AppOutputs,
  type StackOutputs,
} from "../../core/outputs/stackOutputs";
import { rememberedSecret, type RememberedSecret } from "../../core/secrets/retirement";
import type { PublishedKind } from "../../core/settings/credentialKind";
import { newerCredential, type CurrentCredential } from "../../core/secrets/rotation";

/** Client ID of Microsoft Graph in every tenant. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";

/** Where the run deploys to, and as whom. */
export interface Target {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Object ID of the identity that runs the program. */
  readonly callerObjectId: string;
}

/** @param options Which provider to ask; default: the program's. */
export async function readTarget(options?: pulumi.InvokeOptions): Promise<Target> {
  const { tenantId, subscriptionId, objectId } = await authorization.getClientConfig(options);
  return { tenantId, subscriptionId, callerObjectId: objectId };
}

/**
 * What this tenant's Microsoft Graph offers. Asked of the tenant, so that no table of ours can go stale; and
 * only ever read, as an invoke, since a managed resource could be deleted with the stack.
 */
export async function readGraphPermissions(options?: pulumi.InvokeOptions): Promise<GraphPermissions> {
  const graph = await azuread.getServicePrincipal({ clientId: graphClientId }, options);
  return {
    graphObjectId: graph.objectId,
    appRoleIds: graph.appRoleIds,
    delegatedIds: graph.oauth2PermissionScopeIds,
  };
}

/** What the stack's last successful run published; undefined before the first. */
export async function readPreviousRun(pause?: Pause): Promise<StackOutputs | undefined> {
  return readPreviousOutputs(await readState("readStackOutputs", "name", pause));
}

/** Type and outputs of all that the state holds as the run begins, that of a killed run among it, by URN. */
export type Recorded = ReadonlyMap<string, unknown>;

export async function readRecorded(pause?: Pause): Promise<Recorded> {
  const outputs = await readState("readStackResourceOutputs", "stackName", pause);
  return new Map(typeof outputs === "object" && outputs !== null ? Object.entries(outputs) : []);
}

type Pause = (milliseconds: number) => Promise<void>;

/**
 * Asks the engine for a part of the stack's own state.
 *
 * Asked for as a function and not by a `StackReference`: the engine saves the stack's beginning at this very time, a
 * state in files is half written for an instant, and what a resource could not read would end the run.
 */
async function readState(name: string, parameter: string, pause: Pause = setTimeout): Promise<unknown> {
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return outputsIn(await pulumi.runtime.invoke(`pulumi:pulumi:${name}`, { [parameter]: stack }));
    } catch (error) {
      const isHalfWritten = error instanceof Error && /failed to load checkpoint/.test(error.message);
      if (!isHalfWritten || attempt === attemptsAtState) throw error;
      await pause(attempt * 100);
    }
  }
}

const attemptsAtState = 5;

function outputsIn(answer: unknown): unknown {
  return typeof answer === "object" && answer !== null && "outputs" in answer ? answer.outputs : undefined;
}

/**
 * Which client secret or certificate of an app is current: by the stack's outputs, or by the vault where that is ahead. The
 * vault is asked through Azure Resource Manager, which shows tags and never a value.
 */
export async function readCurrentSecret(
  app: AppOutputs,
  kind: PublishedKind,
): Promise<RememberedSecret | undefined> {
  const remembered = rememberedSecret(app, kind);
  if (remembered === undefined || !("current" in remembered)) return remembered;
  const published = await readInVault(publishedOf(app, kind)?.secretResourceId ?? "");
  return { ...remembered, current: newerCredential(remembered.current, published) ?? remembered.current };
}

/** Which credential a vault secret publishes, by its tags; undefined where there is none of ours. */
export async function readInVault(secretResourceId: string): Promise<CurrentCredential | undefined> {
  const place = readSecretResourceId(secretResourceId);
  return place && readPublishedCredential(await readSecretTags(place));
}

async function readSecretTags(place: {
  resourceGroupName: string;
  vaultName: string;
  secretName: string;
}): Promise<Record<string, string> | undefined> {
  try {
    return (await keyvault.getSecret(place)).tags;
  } catch (error) {
    // Deleted by hand, or with its vault: this run makes it again. The status alone would be a proxy's or a portal's, too.
    if (error instanceof Error && /NotFound\b/.test(error.message)) return undefined;
    throw error;
  }
}
