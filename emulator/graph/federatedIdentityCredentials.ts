import { empty, newGuid } from "../server/http";
import type { Application, FederatedIdentityCredential } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { badRequest, GraphError, notFound } from "./graphError";
import { entityResponse, listResponse, type Entity } from "./listing";
import { isVisible, requireApplication } from "./lookup";
import { parameter, readBody, type GraphContext, type Route } from "./route";

const collection = "applications/{application}/federatedIdentityCredentials";
const one = `${collection}/{credential}`;
const entitySet = "applications/federatedIdentityCredentials";
const mostPerApplication = 20;

/**
 * `federatedIdentityCredentials`: sign-in by another issuer's assertion, without a secret.
 *
 * @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential (read 2026-11)
 */
export const federatedIdentityCredentialRoutes: readonly Route[] = [
  { method: "GET", pattern: collection, allowedBy: readApplications, orOwner: true, handle: list },
  { method: "POST", pattern: collection, allowedBy: writeApplications, orOwner: true, handle: create },
  {
    method: "GET",
    pattern: one,
    allowedBy: readApplications,
    orOwner: true,
    handle: (context) =>
      entityResponse(context, entityOf(requireCredential(context).credential), { entitySet }),
  },
  { method: "PATCH", pattern: one, allowedBy: writeApplications, orOwner: true, handle: update },
  { method: "DELETE", pattern: one, allowedBy: writeApplications, orOwner: true, handle: remove },
];

function entityOf(credential: FederatedIdentityCredential): Entity {
  return { ...credential };
}

function list(context: GraphContext): Response {
  const { federatedIdentityCredentials } = requireApplication(context);
  const visible = federatedIdentityCredentials.filter(({ id }) => isVisible(id, context.tenant));
  return listResponse(context, visible.map(entityOf), { entitySet });
}

/** By ID or, as Graph allows, by name. */
function requireCredential(context: GraphContext): {
  application: Application;
  credential: FederatedIdentityCredential;
} {
  const application = requireApplication(context);
  const key = parameter(context, "credential");
  const credential = application.federatedIdentityCredentials.find(
    ({ id, name }) => id === key || name === key,
  );
  if (credential === undefined || !isVisible(credential.id, context.tenant)) throw notFound(key);
  return { application, credential };
}

async function create(context: GraphContext): Promise<Response> {
  const application = requireApplication(context);
  const body = await readBody(context);
  const { name, description } = body;
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9_-]{2,119}$/i.test(name)) throw invalid("name");
  const federation = readFederation(body, {});
  checkUnique(application, { name, ...federation }, undefined);
  if (application.federatedIdentityCredentials.length >= mostPerApplication) {
    throw badRequest(
      `The maximum number of federated identity credentials (${mostPerApplication}) has been reached.`,
    );
  }
  const credential: FederatedIdentityCredential = {
    id: newGuid(),
    name,
    ...federation,
    description: typeof description === "string" ? description : null,
  };
  application.federatedIdentityCredentials = [...application.federatedIdentityCredentials, credential];
  context.tenant.replication.created(credential.id, context.tenant.clock.now());
  return entityResponse(context, entityOf(credential), { entitySet }, 201);
}

async function update(context: GraphContext): Promise<Response> {
  const { application, credential } = requireCredential(context);
  const body = await readBody(context);
  if ("name" in body && body["name"] !== credential.name) throw invalid("name");
  const federation = readFederation(body, credential);
  checkUnique(application, { name: credential.name, ...federation }, credential);
  Object.assign(credential, federation);
  if (typeof body["description"] === "string" || body["description"] === null)
    credential.description = body["description"];
  return empty();
}

function remove(context: GraphContext): Response {
  const { application, credential } = requireCredential(context);
  application.federatedIdentityCredentials = application.federatedIdentityCredentials.filter(
    (other) => other !== credential,
  );
  return empty();
}

type Federation = Pick<FederatedIdentityCredential, "issuer" | "subject" | "audiences">;

function readFederation(body: Readonly<Record<string, unknown>>, current: Partial<Federation>): Federation {
  const issuer = body["issuer"] ?? current.issuer;
  const subject = body["subject"] ?? current.subject;
  const audiences = body["audiences"] ?? current.audiences;
  if (typeof issuer !== "string" || !issuer.startsWith("https://") || issuer.length > 600)
    throw invalid("issuer");
  if (typeof subject !== "string" || subject === "" || subject.length > 600) throw invalid("subject");
  if (!Array.isArray(audiences) || audiences.length !== 1 || typeof audiences[0] !== "string")
    throw invalid("audiences");
  return { issuer, subject, audiences: [audiences[0]] };
}

function checkUnique(
  application: Application,
  wanted: Federation & { readonly name: string },
  self: FederatedIdentityCredential | undefined,
): void {
  const others = application.federatedIdentityCredentials.filter((other) => other !== self);
  const duplicate = others.find(
    ({ name, issuer, subject }) =>
      name === wanted.name || (issuer === wanted.issuer && subject === wanted.subject),
  );
  if (duplicate === undefined) return;
  const what = duplicate.name === wanted.name ? `name ${wanted.name}` : "this issuer and subject";
  throw new GraphError(
    409,
    "Request_MultipleObjectsWithSameKeyValue",
    `FederatedIdentityCredential with ${what} already exists.`,
  );
}

function invalid(property: string): GraphError {
  return badRequest(
    `Invalid value specified for property '${property}' of resource 'FederatedIdentityCredential'.`,
  );
}
