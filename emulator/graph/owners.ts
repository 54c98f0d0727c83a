import { empty } from "../server/http";
import { readApplications, writeApplications } from "./access";
import { checkOwner, describeObjects } from "./directoryObjects";
import { badRequest, notFound } from "./graphError";
import { listResponse } from "./listing";
import { requireApplication, requireServicePrincipal } from "./lookup";
import { objectIdOfLink } from "./properties";
import { parameter, readBody, type GraphContext, type Route } from "./route";

interface Owned {
  readonly id: string;
  ownerIds: string[];
}

/** `owners` of applications and service principals, and what a service principal owns. */
export const ownerRoutes: readonly Route[] = [
  ...routesFor("applications/{application}", requireApplication),
  ...routesFor("servicePrincipals/{servicePrincipal}", requireServicePrincipal),
  {
    method: "GET",
    pattern: "servicePrincipals/{servicePrincipal}/ownedObjects",
    allowedBy: readApplications,
    // The way for a holder of Application.ReadWrite.OwnedBy to find its applications, only for itself.
    orOwner: true,
    handle: listOwnedObjects,
  },
];

function routesFor(base: string, find: (context: GraphContext) => Owned): Route[] {
  const write = { allowedBy: writeApplications, orOwner: true } as const;
  return [
    {
      method: "GET",
      pattern: `${base}/owners`,
      allowedBy: readApplications,
      orOwner: true,
      handle: (context) =>
        listResponse(context, describeObjects(context, find(context).ownerIds), {
          entitySet: "directoryObjects",
        }),
    },
    {
      method: "POST",
      pattern: `${base}/owners/$ref`,
      ...write,
      handle: (context) => addOwner(context, find(context)),
    },
    {
      method: "DELETE",
      pattern: `${base}/owners/{owner}/$ref`,
      ...write,
      handle: (context) => removeOwner(context, find(context)),
    },
  ];
}

async function addOwner(context: GraphContext, owned: Owned): Promise<Response> {
  const body = await readBody(context);
  const ownerId = objectIdOfLink(body["@odata.id"]);
  checkOwner(context, ownerId);
  if (owned.ownerIds.includes(ownerId)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'owners'.",
    );
  }
  owned.ownerIds = [...owned.ownerIds, ownerId];
  return empty();
}

function removeOwner(context: GraphContext, owned: Owned): Response {
  const ownerId = parameter(context, "owner").toLowerCase();
  if (!owned.ownerIds.includes(ownerId)) throw notFound(ownerId);
  owned.ownerIds = owned.ownerIds.filter((id) => id !== ownerId);
  return empty();
}

function listOwnedObjects(context: GraphContext): Response {
  const { applications, servicePrincipals } = context.tenant.state.directory;
  const selfContext = { ...context, ownedOnly: false };
  const owner = requireServicePrincipal(selfContext);
  if (context.ownedOnly && owner.id !== context.caller.objectId) requireServicePrincipal(context);
  const owned = [...Object.values(applications), ...Object.values(servicePrincipals)].filter(({ ownerIds }) =>
    ownerIds.includes(owner.id),
  );
  const entities = describeObjects(
    context,
    owned.map(({ id }) => id),
  );
  return listResponse(context, entities, { entitySet: "directoryObjects" });
}
