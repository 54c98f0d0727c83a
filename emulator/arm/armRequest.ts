import { readJsonObject } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import type { Caller } from "../entra/tokens";
import { demand, type ConditionAttributes } from "./access";
import { badRequest } from "./armError";
import type { ArmPath } from "./armPath";

/** One request to ARM whose sender is known and whose path is taken apart. */
export interface ArmRequest {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly method: string;
  readonly path: ArmPath;
  readonly query: URLSearchParams;
  readonly apiVersion: string;
  readonly request: Request;
}

/**
 * Lets a request pass whose sender may do that.
 *
 * @param attributes What conditions on role assignments judge. Default: nothing.
 * @throws {ArmError} 403 `AuthorizationFailed`.
 */
export function demandRight(
  { tenant, caller }: ArmRequest,
  action: string,
  scope: string,
  attributes?: ConditionAttributes,
): void {
  demand(tenant, caller, action, scope, attributes);
}

/**
 * The body as a JSON object.
 *
 * @throws {ArmError} 400 `InvalidRequestContent` for anything else. No body at all counts as an empty object.
 */
export async function readBody({ request }: ArmRequest): Promise<Record<string, unknown>> {
  const body = await readJsonObject(request);
  if (body === undefined) {
    throw badRequest(
      "The request content was invalid and could not be deserialized.",
      "InvalidRequestContent",
    );
  }
  return body;
}
