import { newGuid } from "../server/http";
import type { Application } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { applicationEntity, asStored, completed, passwordEntity } from "./applicationForm";
import { applicationDefaults, applicationReadOnly } from "./applicationProperties";
import { checkApplication } from "./applicationRules";
import { makePassword } from "./clientSecrets";
import { checkOwner, describeObjects } from "./directoryObjects";
import { createdNow, entityRoutes, type EntitySet } from "./entitySet";
import { badRequest } from "./graphError";
import { enforceOnNewKeys, keysWithValues, readKeyCredentials } from "./keyCredentials";
import { boundOwnerIds, merged } from "./properties";
import type { Route } from "./route";
import { followApplication, servicePrincipalOf } from "./servicePrincipalForm";

/** `applications`: registrations in this tenant. */
export const applications: EntitySet<Application> = {
  name: "applications",
  kind: "application",
  readers: readApplications,
  writers: writeApplications,
  orOwner: true,
  keys: ["appId", "uniqueName"],
  properties: applicationDefaults,
  readOnly: applicationReadOnly,
  describe: applicationEntity,
  selected: { keyCredentials: (application) => keysWithValues(application["keyCredentials"]) },
  expansions: (context) => {
    const { applications: all } = context.tenant.state.directory;
    return {
      owners: ({ id }) => describeObjects(context, all[String(id)]?.ownerIds ?? []),
      federatedIdentityCredentials: ({ id }) => all[String(id)]?.federatedIdentityCredentials ?? [],
    };
  },
  create: (context, { passwordCredentials, ...given }, body) => {
    const { tenant, caller } = context;
    checkApplication(given, undefined, tenant);
    const ownerIds = new Set(boundOwnerIds(body));
    for (const ownerId of ownerIds) checkOwner(context, ownerId);
    // A caller that may only write what it owns becomes the owner of what it creates.
    if (context.ownedOnly) ownerIds.add(caller.objectId);
    const sent = whole(given, undefined);
    const item: Application = {
      ...asStored(sent),
      id: newGuid(),
      appId: newGuid(),
      displayName: String(sent["displayName"]),
      createdDateTime: createdNow(context),
      createdByAppId: caller.clientId,
      passwordCredentials: [],
      federatedIdentityCredentials: [],
      ownerIds: [...ownerIds],
    };
    enforceOnNewKeys("application", item, { before: [], now: item["keyCredentials"] }, tenant);
    const wanted: readonly unknown[] = Array.isArray(passwordCredentials) ? passwordCredentials : [];
    const secrets = wanted.map((one) => makePassword("application", item, one, tenant));
    item.passwordCredentials = secrets.map(({ credential }) => credential);
    return {
      item,
      // Only this answer has lists in the order in which they were sent, and secrets.
      answered: {
        ...applicationEntity({ ...item, ...sent }, tenant),
        passwordCredentials: secrets.map(({ credential, secretText }) =>
          passwordEntity(credential, secretText),
        ),
      },
    };
  },
  update: (context, application, given) => {
    const { tenant } = context;
    if ("passwordCredentials" in given) {
      throw badRequest("Property 'passwordCredentials' is read-only and cannot be set.");
    }
    checkApplication(given, application, tenant);
    const changed = whole(given, application);
    const keys = { before: application["keyCredentials"], now: changed["keyCredentials"] };
    enforceOnNewKeys("application", application, keys, tenant);
    Object.assign(application, asStored(changed));
    const servicePrincipal = servicePrincipalOf(application.appId, tenant);
    if (servicePrincipal !== undefined) followApplication(servicePrincipal, application, tenant);
  },
};

/** What a client sent, with all that Graph adds to it and, in a change, with the parts that it left as they are. */
function whole(
  given: Readonly<Record<string, unknown>>,
  current: Application | undefined,
): Record<string, unknown> {
  const values = completed(given);
  if ("keyCredentials" in values) {
    const before = current?.["keyCredentials"];
    values["keyCredentials"] = readKeyCredentials("Application", values["keyCredentials"], before);
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      merged(applicationDefaults[name], current?.[name], value),
    ]),
  );
}

export const applicationRoutes: readonly Route[] = entityRoutes(applications);
