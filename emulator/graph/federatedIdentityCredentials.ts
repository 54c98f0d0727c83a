import { empty, isRecord, newGuid } from "../server/http";
import type { Application, FederatedIdentityCredential } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { isVisible, locationOf } from "./entitySet";
import { badRequest, GraphError, notFound, refused } from "./graphError";
import { entityResponse, listResponse, type Entity, type ListOptions } from "./listing";
import { requireApplication } from "./lookup";
import { parameter, readBody, type GraphContext, type Route } from "./route";

const collection = "applications/{application}/federatedIdentityCredentials";
const one = `${collection}/{credential}`;
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
      entityResponse(
        context,
        entityOf(context, requireCredential(context).credential),
        optionsOf(requireApplication(context)),
      ),
  },
  { method: "PATCH", pattern: one, allowedBy: writeApplications, orOwner: true, handle: update },
  { method: "DELETE", pattern: one, allowedBy: writeApplications, orOwner: true, handle: remove },
];

/** Only Graph's beta knows that a subject can be given by an expression. */
function entityOf({ version }: GraphContext, credential: FederatedIdentityCredential): Entity {
  const { claimsMatchingExpression = null, ...entity } = credential;
  return version === "beta" ? { ...entity, claimsMatchingExpression } : entity;
}

function optionsOf({ id }: Application): ListOptions {
  return { entitySet: `applications('${id}')/federatedIdentityCredentials` };
}

function list(context: GraphContext): Response {
  const application = requireApplication(context);
  const visible = application.federatedIdentityCredentials
    .filter(({ id }) => isVisible(id, context.tenant))
    .map((credential) => entityOf(context, credential));
  return listResponse(context, visible, optionsOf(application));
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

/** "URL friendly": what needs no escape in a path. The stricter rule, without dots, is that of managed identities. */
const namePattern = /^[a-z0-9][a-z0-9._~-]{2,119}$/i;

async function create(context: GraphContext): Promise<Response> {
  const application = requireApplication(context);
  const body = await readBody(context);
  const { name, description } = body;
  if (typeof name !== "string" || !namePattern.test(name)) throw invalid("name");
  const federation = readFederation(context, body, {});
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
  const response = entityResponse(context, entityOf(context, credential), optionsOf(application), 201);
  response.headers.set("Location", locationOf(context, "federatedIdentityCredentials", credential.id));
  return response;
}

async function update(context: GraphContext): Promise<Response> {
  const { application, credential } = requireCredential(context);
  const body = await readBody(context);
  if ("name" in body && body["name"] !== credential.name) throw invalid("name");
  const federation = readFederation(context, body, credential);
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

type Federation = Pick<
  FederatedIdentityCredential,
  "issuer" | "subject" | "audiences" | "claimsMatchingExpression"
>;

function readFederation(
  { version }: GraphContext,
  body: Readonly<Record<string, unknown>>,
  current: Partial<Federation>,
): Federation {
  const issuer = body["issuer"] ?? current.issuer;
  const subject = body["subject"] ?? current.subject ?? null;
  const audiences = body["audiences"] ?? current.audiences;
  const expression = version === "beta" ? readExpression(body, current) : current.claimsMatchingExpression;
  if (typeof issuer !== "string" || !issuer.startsWith("https://") || issuer.length > 600)
    throw invalid("issuer");
  if (!Array.isArray(audiences) || audiences.length !== 1 || typeof audiences[0] !== "string")
    throw invalid("audiences");
  const common = { issuer, audiences: [audiences[0]] };
  if (expression !== undefined) {
    // One of both says whom the credential trusts.
    if (subject !== null && body["subject"] !== undefined) throw invalid("subject");
    return { ...common, subject: null, claimsMatchingExpression: expression };
  }
  if (typeof subject !== "string" || subject === "" || subject.length > 600) throw invalid("subject");
  return { ...common, subject };
}

/** @see https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials (read 2026-11) */
function readExpression(
  body: Readonly<Record<string, unknown>>,
  current: Partial<Federation>,
): FederatedIdentityCredential["claimsMatchingExpression"] {
  const given = body["claimsMatchingExpression"] ?? current.claimsMatchingExpression;
  if (given === undefined) return undefined;
  const { value, languageVersion = 1 } = isRecord(given) ? given : {};
  if (typeof value !== "string" || !/^claims\[/.test(value) || typeof languageVersion !== "number") {
    throw invalid("claimsMatchingExpression");
  }
  return { value, languageVersion };
}

/** @see https://github.com/Azure/azure-workload-identity/issues/434 for the refusal of a second subject */
function checkUnique(
  application: Application,
  wanted: Federation & { readonly name: string },
  self: FederatedIdentityCredential | undefined,
): void {
  const others = application.federatedIdentityCredentials.filter((other) => other !== self);
  if (others.some(({ name }) => name === wanted.name)) {
    throw new GraphError(
      409,
      "Request_MultipleObjectsWithSameKeyValue",
      `FederatedIdentityCredential with name ${wanted.name} already exists.`,
    );
  }
  const { issuer, subject } = wanted;
  if (subject === null || !others.some((other) => other.issuer === issuer && other.subject === subject))
    return;
  throw refused(
    "InvalidFederatedIdentityCredentialValue",
    `The combination of issuer and subject must be unique for the application. Issuer ${issuer} and Subject: ${subject} ` +
      `already exist. paramName: FederatedIdentityCredential.Subject, paramValue: ${subject}, ` +
      "objectType: Microsoft.Online.DirectoryServices.Application",
  );
}

function invalid(property: string): GraphError {
  return badRequest(
    `Invalid value specified for property '${property}' of resource 'FederatedIdentityCredential'.`,
  );
}
