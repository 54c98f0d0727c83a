import type { Application, ServicePrincipal } from "../tenant/tenant";
import { applications } from "./applications";
import { findByKey, requireItem } from "./entitySet";
import { parameter, type GraphContext } from "./route";
import { servicePrincipals } from "./servicePrincipals";

/** The application that the path's `{application}` names; throws as {@link requireItem} does. */
export function requireApplication(context: GraphContext): Application {
  return requireItem(applications, context);
}

/** The same for the path's `{servicePrincipal}`. */
export function requireServicePrincipal(context: GraphContext): ServicePrincipal {
  return requireItem(servicePrincipals, context);
}

/** The object ID behind the path's `{application}`, whatever the lag; the key itself where there is none. */
export function applicationObjectIdOf(context: GraphContext): string {
  const key = parameter(context, "application");
  return findByKey(applications, context.tenant, key)?.id ?? key;
}
