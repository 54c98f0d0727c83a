/** A connector of Power Platform that a flow uses. */
export interface Connector {
  /** Such as `shared_webcontents`: the name that exports give a flow's connection too. */
  readonly name: string;
  readonly id: string;
  readonly displayName: string;
  /** What the flows use it for. */
  readonly purpose: string;
}

/** Reads secret environment variables, by an unbound action. */
export const dataverse: Connector = {
  name: "shared_commondataserviceforapps",
  id: "/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps",
  displayName: "Dataverse",
  purpose: "Reads the secret environment variable.",
};

/**
 * Sends requests with a token of the user who signed the connection in, so that a flow needs no secret. It signs in as
 * `connectorClientId`, which the API it calls has to preauthorize.
 *
 * @see https://learn.microsoft.com/connectors/webcontents (read 2026-11)
 */
export const httpWithEntra: Connector = {
  name: "shared_webcontents",
  id: "/providers/Microsoft.PowerApps/apis/shared_webcontents",
  displayName: "HTTP with Microsoft Entra ID (preauthorized)",
  purpose: "Asks the Logic App.",
};

/** A connector under the name by which an import binds a connection to it. */
export interface ConnectionReference {
  readonly logicalName: string;
  readonly connector: Connector;
}
