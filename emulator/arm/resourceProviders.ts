import { json } from "../server/http";
import { ArmError, methodNotAllowed } from "./armError";
import { demandRight, type ArmRequest } from "./armRequest";
import { page } from "./lists";
import { emulatedTypes } from "./types";

/** Namespaces that Azure has and that a new subscription starts without. */
const registeredOnDemand = ["Microsoft.PowerPlatform", "Microsoft.Storage", "Microsoft.Web"];

/** Namespaces that every subscription has. */
const alwaysRegistered = ["Microsoft.Authorization", "Microsoft.Resources"];

/**
 * `/subscriptions/{s}/providers[/{namespace}[/register|/unregister]]`. Registration is remembered and shown, never
 * demanded: ARM's own clients register what they need by themselves.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types (read 2026-11)
 */
export function handleProviders(request: ArmRequest): Response {
  const { method, path, tenant } = request;
  const { namespace, types } = path;
  const verb = types[0]?.toLowerCase();
  if (namespace === undefined) {
    if (method !== "GET") throw methodNotAllowed(method);
    demandRight(request, "Microsoft.Resources/subscriptions/providers/read", path.scope);
    return json(
      200,
      page(
        knownNamespaces(request).map((name) => describe(request, name)),
        new URL(request.request.url),
      ),
    );
  }
  const name = knownNamespaces(request).find((known) => known.toLowerCase() === namespace.toLowerCase());
  if (name === undefined) {
    throw new ArmError(404, "InvalidResourceNamespace", `The resource namespace '${namespace}' is invalid.`);
  }
  if (verb === undefined && method === "GET") {
    demandRight(request, "Microsoft.Resources/subscriptions/providers/read", path.scope);
    return json(200, describe(request, name));
  }
  if (method !== "POST" || verb === undefined) throw methodNotAllowed(method);
  demandRight(request, `${name}/${verb}/action`, path.scope);
  const { registeredProviders } = tenant.state.arm;
  const index = registeredProviders.indexOf(name);
  if (verb === "register" && index < 0) registeredProviders.push(name);
  if (verb === "unregister" && index >= 0) registeredProviders.splice(index, 1);
  return json(200, describe(request, name));
}

function knownNamespaces({ tenant }: ArmRequest): string[] {
  const emulated = emulatedTypes.map(({ type }) => type.split("/")[0] ?? "");
  const all = [
    ...alwaysRegistered,
    ...emulated,
    ...registeredOnDemand,
    ...tenant.state.arm.registeredProviders,
  ];
  return [...new Set(all)].sort();
}

function describe({ tenant }: ArmRequest, namespace: string): object {
  const { subscriptionId, arm } = tenant.state;
  const registered = alwaysRegistered.includes(namespace) || arm.registeredProviders.includes(namespace);
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    resourceTypes: emulatedTypes
      .filter(({ type }) => type.startsWith(`${namespace}/`))
      .map(({ type }) => ({
        resourceType: type.slice(namespace.length + 1),
        locations: [],
        apiVersions: [],
      })),
    registrationState: registered ? "Registered" : "NotRegistered",
    registrationPolicy: "RegistrationRequired",
  };
}
