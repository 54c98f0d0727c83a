import type { GraphRequest } from "../permissions/graphRequest";

/** By which a caller chooses a request. */
export const requestName = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Client ID as which the connector "HTTP with Microsoft Entra ID (preauthorized)" signs its user in: one for all of
 * Power Apps and Power Automate, in every tenant.
 *
 * @see https://learn.microsoft.com/power-query/connector-authentication#microsoft-entra-id-client-ids (read 2026-11)
 */
export const connectorClientId = "7ab7862c-4c57-491e-8a45-d52a7e023983";

/** What a Logic App may be asked. */
export interface LogicAppRequest extends GraphRequest {
  /** By which a caller chooses it. */
  readonly name: string;
}
