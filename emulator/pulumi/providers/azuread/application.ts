import { randomUUID } from "node:crypto";
import { isRecord, requiredText, text, texts, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { inputsIn } from "../../resourceProvider";
import { applicationBody, applicationInputs, applicationOutputs } from "./applicationShape";
import { filtered, notYetThere, quoted, type GraphClient } from "./graphClient";
import { newOwners, ownersChanged, readOwners, replaceOwners, settleOwners } from "./owners";
import { statedInputs } from "./statedInputs";

/**
 * `azuread.Application`.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/applications/application_resource.go (read 2026-11)
 */
export function applicationHandler(graph: GraphClient): ResourceHandler {
  const read = async (objectId: string, known: Properties): Promise<Properties | undefined> => {
    const path = `/v1.0/applications/${objectId}`;
    const found = await graph.get(path);
    if (found === undefined) return undefined;
    return applicationOutputs(found, await readOwners(graph, path), known["preventDuplicateNames"]);
  };

  return {
    inputs: applicationInputs,
    forceNew: [],
    check: (_name, _olds, news) => Promise.resolve({ signInAudience: "AzureADMyOrg", ...news }),
    async create(inputs) {
      await refuseDuplicate(graph, inputs);
      const caller = await graph.callerObjectId();
      const owners = newOwners(graph, caller, texts(inputs, "owners"));
      const created = await graph.change("Could not create application", "POST", "/v1.0/applications", {
        ...applicationBody(inputs),
        "owners@odata.bind": owners.bind,
      });
      const objectId = requiredText(created, "id");
      const path = `/v1.0/applications/${objectId}`;
      // A change that Graph takes shows that the application has reached where changes go.
      for (const displayName of [`TERRAFORM_UPDATE_${randomUUID()}`, requiredText(inputs, "displayName")]) {
        const body = { "@odata.type": "#microsoft.graph.application", displayName };
        await graph.change("Failed to patch application after creating", "PATCH", path, body, notYetThere);
      }
      await settleOwners(graph, path, owners, caller);
      await graph.settled("Waiting for application", path);
      return { id: `/applications/${objectId}`, outs: (await read(objectId, inputs)) ?? {} };
    },
    async read(id, known) {
      const outs = await read(objectIdIn(id), known);
      return (
        outs && { outs, inputs: statedInputs(withoutDefaults(outs), applicationInputs, inputsIn(known)) }
      );
    },
    async update(id, olds, news) {
      const objectId = objectIdIn(id);
      const path = `/v1.0/applications/${objectId}`;
      return await graph.exclusively(objectId, async () => {
        await refuseDuplicate(graph, news, objectId);
        const body = applicationBody(news);
        await disableEntitlements(graph, path, body);
        await graph.change("Could not update application", "PATCH", path, body, notYetThere);
        if (ownersChanged(inputsIn(olds), news)) await replaceOwners(graph, path, texts(news, "owners"));
        return (await read(objectId, news)) ?? {};
      });
    },
    async delete(id) {
      const path = `/v1.0/applications/${objectIdIn(id)}`;
      if ((await graph.get(path)) !== undefined) {
        await graph.change("deleting application", "DELETE", path);
      }
    },
  };
}

/** The object ID in a resource path such as `/applications/{objectId}`. */
export function objectIdIn(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** Version 1 is what an application has whose program says nothing of it. */
function withoutDefaults(outs: Properties): Properties {
  const { api, ...others } = outs;
  return isRecord(api) && api["requestedAccessTokenVersion"] === 1
    ? { ...others, api: { ...api, requestedAccessTokenVersion: undefined } }
    : outs;
}

/** Switches off the app roles and scopes that are about to go or to get another value: Graph takes no other way. */
async function disableEntitlements(graph: GraphClient, path: string, body: Properties): Promise<void> {
  const found = (await graph.get(path)) ?? {};
  const appRoles = withDisabled(found["appRoles"], body["appRoles"]);
  if (appRoles !== undefined) await graph.change("Could not disable App Roles", "PATCH", path, { appRoles });
  const [api, nextApi] = [found["api"], body["api"]].map((part) => (isRecord(part) ? part : {}));
  const oauth2PermissionScopes = withDisabled(
    api?.["oauth2PermissionScopes"],
    nextApi?.["oauth2PermissionScopes"],
  );
  if (oauth2PermissionScopes === undefined) return;
  const change = { api: { oauth2PermissionScopes } };
  await graph.change("Could not disable OAuth2 Permission Scopes", "PATCH", path, change);
}

/** @returns undefined when nothing has to be switched off. */
function withDisabled(before: unknown, next: unknown): Properties[] | undefined {
  const known = Array.isArray(before) ? before.filter(isRecord) : [];
  const wanted = Array.isArray(next) ? next.filter(isRecord) : [];
  const goes = ({ id, value, isEnabled }: Properties): boolean =>
    isEnabled === true &&
    !wanted.some((one) => one["id"] === id && (one["value"] ?? null) === (value ?? null));
  return known.some(goes) ? known.map((one) => (goes(one) ? { ...one, isEnabled: false } : one)) : undefined;
}

async function refuseDuplicate(graph: GraphClient, inputs: Properties, ownObjectId?: string): Promise<void> {
  if (inputs["preventDuplicateNames"] !== true) return;
  const displayName = text(inputs, "displayName") ?? "";
  const found = await graph.list(filtered("/v1.0/applications", `displayName eq ${quoted(displayName)}`));
  const other = found.find((application) => application["id"] !== ownObjectId);
  if (other === undefined) return;
  throw new Error(
    `An existing "azuread_application" with name "${displayName}" (ID: "${String(other["id"])}") was found and ` +
      "`prevent_duplicate_names` was specified. To be managed via Terraform, this resource needs to be imported " +
      'into the State. Please see the resource documentation for "azuread_application" for more information.',
  );
}
