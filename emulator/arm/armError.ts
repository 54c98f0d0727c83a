import { json } from "../server/http";

/** A refusal in ARM's form; whatever handles a request may throw it. */
export class ArmError extends Error {
  /**
   * @param status HTTP status.
   * @param code ARM's own, such as `ResourceNotFound`.
   * @param headers Further headers, such as a challenge.
   * @see https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors (read 2026-11)
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "ArmError";
  }

  toResponse(): Response {
    return json(this.status, { error: { code: this.code, message: this.message } }, this.headers);
  }
}

/** 404 for a resource group. */
export function groupNotFound(resourceGroupName: string): ArmError {
  return new ArmError(
    404,
    "ResourceGroupNotFound",
    `Resource group '${resourceGroupName}' could not be found.`,
  );
}

/** 404 for a resource, with its type and name path such as `Microsoft.KeyVault/vaults/v`. */
export function resourceNotFound(typeAndName: string, resourceGroupName: string): ArmError {
  return new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${typeAndName}' under resource group '${resourceGroupName}' was not found. ` +
      "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  );
}

/** 404 for a child whose parent is not there. */
export function parentNotFound(operation: string, type: string, parentId: string): ArmError {
  return new ArmError(
    404,
    "ParentResourceNotFound",
    `Failed to perform '${operation}' on resource(s) of type '${type}', because the parent resource ` +
      `'${parentId}' could not be found.`,
  );
}

/** 400 in the plain form that most resource providers use. */
export function badRequest(message: string, code = "BadRequest"): ArmError {
  return new ArmError(400, code, message);
}

/** 405 for a method that a resource does not have. */
export function methodNotAllowed(method: string): ArmError {
  return new ArmError(
    405,
    "MethodNotAllowed",
    `The requested resource does not support http method '${method}'.`,
  );
}
