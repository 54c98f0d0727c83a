import { cloudOf } from "../tenant/clouds";
import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import { serviceSubject } from "../entra/clientAssertion";
import { authenticate, entraIssuer } from "../entra/tokens";
import { isRecord, json, notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";

/** A custom connector in an environment. */
export interface CustomConnector {
  readonly environmentId: string;
  /** Such as `shared_cptoken-5fagent-20as-20me-5f0123456789abcdef`. */
  readonly name: string;
  readonly displayName: string;
  /** The solution's `_connectionparameters.json` and `_openapidefinition.json`. */
  readonly connectionParameters: Readonly<Record<string, unknown>>;
  readonly openApi: Readonly<Record<string, unknown>>;
  readonly importedAt: Date;
}

/** What a connector's managed identity presents to Entra as, and where its sign-ins return to. */
export interface ConnectorSignIn {
  readonly issuer: string;
  readonly subject: string;
  readonly redirectUrl: string;
}

/** The service whose managed identities sign connectors in; seen in two subjects of public exports. */
const connectorService = "c8f6de93-56ba-4c8e-a983-b0e93187eb34";
/** The service fills the subject in within some minutes. */
const identitySeconds = 90;
const root = "/providers/Microsoft.PowerApps/apis";

/** Imports a solution's connector into an environment, instead of an earlier one, whose identity it keeps. */
export function importConnector(
  tenant: Tenant,
  environmentId: string,
  solutionZip: Uint8Array,
): CustomConnector {
  const texts = new Map(
    Object.entries(unzipSync(solutionZip)).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
  );
  const [path, row = ""] = [...texts].find(([file]) => /^Connector\/[^/]*\.xml$/.test(file)) ?? [];
  if (path === undefined) throw new Error("The solution has no connector.");
  const tag = (name: string): string => new RegExp(`<${name}>(.*)</${name}>`).exec(row)?.[1] ?? "";
  const file = (name: string): Record<string, unknown> =>
    JSON.parse(texts.get(tag(name).slice(1)) ?? "") as Record<string, unknown>;
  const suffix = createHash("sha256").update(environmentId).digest("hex").slice(0, 16);
  const name = `shared_${tag("name").replaceAll("_", "-5f")}-5f${suffix}`;
  const before = tenant.connectors.findIndex(
    (one) => one.environmentId === environmentId && one.name === name,
  );
  const [earlier] = before < 0 ? [] : tenant.connectors.splice(before, 1);
  const connector: CustomConnector = {
    environmentId,
    name,
    displayName: tag("displayname"),
    connectionParameters: file("connectionparameters"),
    openApi: file("openapidefinition"),
    importedAt: earlier?.importedAt ?? tenant.clock.now(),
  };
  tenant.connectors.push(connector);
  return connector;
}

/** How a connector signs in, once its environment has given it a managed identity. */
export function connectorSignIn({ name }: CustomConnector, tenant: Tenant): ConnectorSignIn {
  const own = name.slice("shared_".length);
  return {
    issuer: entraIssuer(tenant.state),
    subject: serviceSubject(connectorService, `unitedstates-002_${own}`, tenant),
    redirectUrl: `https://global.consent.azure-apim.net/redirect/${own}`,
  };
}

/**
 * The part of the Power Apps API that tells of custom connectors. A subject stays empty for a while after the import.
 *
 * @see https://github.com/managedBlog/graph-connector-factory-v2: Install-GraphConnectorFactory.ps1 (read 2026-11)
 */
export function handlePowerApps(request: Request, tenant: Tenant): Promise<Response> {
  return answer(request, tenant);
}

async function answer(request: Request, tenant: Tenant): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || !pathname.startsWith(root)) return notEmulated(request);
  const { audience } = cloudOf(tenant.state).powerApps;
  if (!("caller" in (await authenticate(request, tenant, [audience, `${audience}/`])))) {
    return failure(401, "AuthenticationFailed", "The received access token is not valid.");
  }
  if (searchParams.get("api-version") !== "2016-11-01") {
    return failure(400, "InvalidApiVersionParameter", "The api-version is invalid.");
  }
  const environmentId = /^environment eq '([^']+)'/.exec(searchParams.get("$filter") ?? "")?.[1];
  const here = tenant.connectors.filter((one) => one.environmentId === environmentId);
  const name = pathname.slice(root.length + 1);
  if (name === "") return json(200, { value: here.map((one) => shown(one, tenant)) });
  const found = here.find((one) => one.name === name);
  return found === undefined
    ? failure(404, "ApiResourceNotFound", `Could not find the API resource '${name}'.`)
    : json(200, shown(found, tenant));
}

function shown(connector: CustomConnector, tenant: Tenant): object {
  const { name, displayName, connectionParameters, environmentId, importedAt } = connector;
  const { issuer, subject, redirectUrl } = connectorSignIn(connector, tenant);
  const isReady = tenant.clock.now().getTime() - importedAt.getTime() >= identitySeconds * 1000;
  const { token } = connectionParameters;
  const settings = isRecord(token) && isRecord(token["oAuthSettings"]) ? token["oAuthSettings"] : {};
  const properties = isRecord(settings["properties"]) ? settings["properties"] : {};
  const FederatedIdentityCredentials = {
    Issuer: issuer,
    Subject: isReady ? subject : "",
    Audience: cloudOf(tenant.state).exchangeAudience,
  };
  return {
    name,
    id: `${root}/${name}`,
    type: "Microsoft.PowerApps/apis",
    properties: {
      displayName,
      isCustomApi: true,
      environment: { name: environmentId },
      connectionParameters: {
        ...connectionParameters,
        token: {
          ...(isRecord(token) ? token : {}),
          oAuthSettings: {
            ...settings,
            redirectUrl,
            properties: { ...properties, IsFirstParty: "True", FederatedIdentityCredentials },
          },
        },
      },
    },
  };
}

function failure(status: number, code: string, message: string): Response {
  return json(status, { error: { code, message } });
}
