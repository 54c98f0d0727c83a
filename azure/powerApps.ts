import * as z from "zod/mini";
import type { AzureClient } from "./azureClient";
import { readBody } from "./serviceRefusal";
import { addressOf, powerApps } from "./services";
import type { Identity } from "./signIn";

const federated = z.partial(z.object({ Issuer: z.string(), Subject: z.string(), Audience: z.string() }));
const connector = z.object({
  name: z.string().check(z.regex(/^[\w.-]{1,200}$/)),
  properties: z.object({
    displayName: z.nullish(z.string()),
    connectionParameters: z.nullish(
      z.object({
        token: z.nullish(
          z.object({
            oAuthSettings: z.nullish(
              z.object({
                clientId: z.nullish(z.string()),
                redirectUrl: z.nullish(z.string()),
                properties: z.nullish(z.object({ FederatedIdentityCredentials: z.nullish(federated) })),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});

/** How a custom connector of an environment signs in. */
export interface ConnectorSeen {
  readonly name: string;
  readonly displayName: string;
  readonly clientId: string;
  readonly redirectUrl: string;
  readonly issuer: string;
  /** Empty until the environment has given the connector its managed identity. */
  readonly subject: string;
  readonly audience: string;
}

/**
 * Custom connectors of an environment that the signed-in identity may see.
 *
 * @throws {ServiceRefusal}
 * @see https://github.com/microsoft/PowerPlatformConnectors: paconn, get_all_connectors (read 2026-11)
 */
export async function fetchConnectors(
  client: AzureClient,
  identity: Identity,
  environmentId: string,
): Promise<ConnectorSeen[]> {
  const filter = `environment eq '${environmentId}' and IsCustomApi eq 'True'`;
  const { value } = await ask(client, identity, "", filter, z.object({ value: z.array(connector) }));
  return value.map(seen);
}

/** One connector, with what its sign-in needs. */
export async function fetchConnector(
  client: AzureClient,
  identity: Identity,
  environmentId: string,
  name: string,
): Promise<ConnectorSeen> {
  return seen(await ask(client, identity, `/${name}`, `environment eq '${environmentId}'`, connector));
}

async function ask<T>(
  client: AzureClient,
  identity: Identity,
  path: string,
  filter: string,
  shape: z.ZodMiniType<T>,
): Promise<T> {
  const query = new URLSearchParams({ "api-version": "2016-11-01", $filter: filter });
  const { cloud } = client;
  const url = addressOf(
    cloud,
    powerApps,
    `${cloud.powerApps.address}/providers/Microsoft.PowerApps/apis${path}?${query.toString()}`,
  );
  const token = await identity.getToken(powerApps);
  return readBody(powerApps.name, await client.send({ to: powerApps, method: "GET", url, token }), shape);
}

function seen({ name, properties }: z.infer<typeof connector>): ConnectorSeen {
  const settings = properties.connectionParameters?.token?.oAuthSettings;
  const credential = settings?.properties?.FederatedIdentityCredentials;
  return {
    name,
    displayName: properties.displayName ?? "",
    clientId: settings?.clientId ?? "",
    redirectUrl: settings?.redirectUrl ?? "",
    issuer: credential?.Issuer ?? "",
    subject: credential?.Subject ?? "",
    audience: credential?.Audience ?? "",
  };
}
