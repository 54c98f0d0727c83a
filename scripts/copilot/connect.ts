import { azureClient } from "../../azure/azureClient";
import { fetchConnector, fetchConnectors, type ConnectorSeen } from "../../azure/powerApps";
import { signIn } from "../../azure/signIn";
import { artefactNames } from "../../copilot/names";
import type { CopilotSettings, UserApp } from "../../copilot/settings";
import { identityIssuer } from "../../core/access/trust";
import { OperatorError } from "../../core/errors";
import { setCommand } from "../../core/settings/settingsFaults";
import { oneLine } from "../../core/sinks";
import type { World } from "../shared/world";

/** An identity is there within five minutes after the import. */
const limitSeconds = 360;

/**
 * Reads how an imported connector signs in as the app, waiting until its environment has given it an identity.
 *
 * @returns The commands that take it into the stack.
 * @throws {OperatorError} `CLOUD_FEATURE_MISSING`, `CONNECTOR_MISSING`, `CONNECTOR_PENDING`, `CONNECTOR_UNEXPECTED`.
 */
export async function connectCommand(
  world: World,
  app: UserApp,
  settings: CopilotSettings,
  environmentId: string,
): Promise<string> {
  const missing = app.cloud.missing.connectors;
  if (missing !== undefined) {
    throw new OperatorError(
      "CLOUD_FEATURE_MISSING",
      `Connectors, in ${app.cloud.title}: ${missing} Nothing was sent.`,
    );
  }
  const client = azureClient(world, { waitSeconds: limitSeconds });
  const identity = signIn(world.env, client, app.tenantId);
  const { displayName } = artefactNames(app, settings).connector;
  const all = await fetchConnectors(client, identity, environmentId);
  const found = all.filter((one) => one.displayName === displayName);
  const [first] = found;
  if (first === undefined || found.length > 1) throw notOne(displayName, environmentId, found.length);
  let pauseSeconds = 10;
  for (;;) {
    const connector = await fetchConnector(client, identity, environmentId, first.name);
    if (connector.subject !== "") {
      check(connector, app);
      const set = (key: string, value: string): string =>
        setCommand(["apps", app.name, "connectorSignIn", key], value);
      return [
        set("issuer", connector.issuer),
        set("subject", connector.subject),
        set("redirectUri", connector.redirectUrl),
        "pulumi up",
      ].join(" && ");
    }
    if (!(await client.pause(pauseSeconds, "the environment has not given the connector its identity yet"))) {
      throw new OperatorError(
        "CONNECTOR_PENDING",
        oneLine(
          `"${displayName}" has no managed identity after ${limitSeconds} s. Run this again in some minutes.`,
        ),
      );
    }
    pauseSeconds = Math.min(pauseSeconds * 2, 60);
  }
}

/** What would let another identity sign in as the app is not taken in. */
function check(
  { displayName, clientId, issuer, subject, audience, redirectUrl }: ConnectorSeen,
  app: UserApp,
): void {
  const { exchangeAudience, managedIdentitySubject, connectors } = app.cloud;
  const ownIssuer = identityIssuer(app.cloud, app.tenantId);
  const consentEnd = `.${connectors?.consentSuffix ?? ""}`;
  const wrong = [
    ...(clientId.toLowerCase() === app.clientId.toLowerCase()
      ? []
      : [`it signs in as client ${clientId}, not as ${app.clientId}`]),
    ...(issuer === ownIssuer ? [] : [`its issuer is ${issuer}, not ${ownIssuer}`]),
    ...(subject.startsWith(`${managedIdentitySubject}/t/${encodedGuid(app.tenantId)}/a/`) &&
    /^[\w/.=-]{1,600}$/.test(subject)
      ? []
      : [`its subject ${subject} is not of a Microsoft service in this tenant`]),
    ...(audience === exchangeAudience ? [] : [`its audience is ${audience}, not ${exchangeAudience}`]),
    ...(isRedirect(redirectUrl, consentEnd)
      ? []
      : [`its redirect URL is ${redirectUrl}, which is not Power Platform's`]),
  ];
  if (wrong.length > 0) {
    throw new OperatorError(
      "CONNECTOR_UNEXPECTED",
      oneLine(`"${displayName}" is not taken in: ${wrong.join("; ")}.`),
    );
  }
}

/** @param end What a host of the cloud ends with. */
function isRedirect(address: string, end: string): boolean {
  const host = /^https:\/\/([a-z.-]+)\/redirect\/[\w.-]+$/.exec(address)?.[1];
  return host !== undefined && host.endsWith(end) && /^[a-z.]+$/.test(host.slice(0, -end.length));
}

/** A GUID as a subject has it: bytes as Windows lays them, base64url. */
function encodedGuid(guid: string): string {
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes.toString("base64url");
}

function notOne(displayName: string, environmentId: string, count: number): OperatorError {
  return new OperatorError(
    "CONNECTOR_MISSING",
    oneLine(
      count === 0
        ? `The environment ${environmentId} shows no custom connector "${displayName}". Import connector/solution.zip there, and sign in (az login) as a user who may see the connector.`
        : `The environment ${environmentId} shows ${count} custom connectors "${displayName}". Delete those that are not in use.`,
    ),
  );
}
