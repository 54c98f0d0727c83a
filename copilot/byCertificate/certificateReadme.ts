import type { ArtefactNames } from "../names";
import { table, readmeOrigin } from "../readme/markdown";
import type { AgentRequest } from "../requests/agentRequest";
import type { CertificateApp } from "../settings";
import { certificateOperationId } from "./certificateConnector";

/** The README for an app with a certificate whose key may be exported. */
export function certificateReadme(
  app: CertificateApp,
  names: ArtefactNames,
  requests: readonly AgentRequest[],
): string {
  return [
    `# ${app.name} in Copilot Studio, by a certificate`,
    `${readmeOrigin} It holds no secret. The agent acts as the app, with the same rights for everyone who talks to it. Not yet imported into a live tenant: formats are those of Microsoft's and others' public exports.`,
    ...(requests.length === 0
      ? [
          "No request that a connector could make is known for the app's permissions, so none was written. Name one with `--graph-request` and `--graph-field`.",
        ]
      : [connectorSection(app, names, requests), connectionSection(app, names), problemsSection()]),
  ]
    .join("\n\n")
    .concat("\n");
}

function connectorSection(
  { cloud }: CertificateApp,
  { certificateConnector, connectorSolution }: ArtefactNames,
  requests: readonly AgentRequest[],
): string {
  return `## The connector

1. ${cloud.makers.powerApps}: choose the environment, **Solutions**, **Import solution**, \`connector/solution.zip\`; or \`pac solution import --path connector/solution.zip\`. It is imported when "${connectorSolution.displayName}" is in the list. Custom connectors are a premium feature, and data policies must allow it.
2. Make [the connection](#the-connection).
3. In the agent: **Tools**, **Add a tool**, **Connector**, "${certificateConnector.displayName}", an operation, **Add and configure**; as authentication choose the maker's (**Maker-provided credentials**). In a flow: **Custom**, "${certificateConnector.displayName}", an operation.

${table(
  ["Operation", "What it asks"],
  requests.map((request) => [`\`${certificateOperationId(request)}\``, `\`GET ${request.path}\``]),
)}`;
}

function connectionSection(app: CertificateApp, { certificateConnector }: ArtefactNames): string {
  const { vaultName, certificateName, secretName } = app.certificate;
  return `## The connection

Everyone who holds the file of the certificate can sign in as the app until the certificate ends. Do this on a machine that you trust, and delete the file. As a reader of the app's vault secrets:

    KEY=$(az keyvault secret show --vault-name ${vaultName} --name ${secretName} --query value -o tsv)
    az keyvault secret download --vault-name ${vaultName} --name ${certificateName} --version "\${KEY##*/}" --encoding base64 --file app.pfx

The vault gives a PFX where the app's setting \`certificate.format\` is \`pfx\`; it has no password. At ${app.cloud.makers.powerAutomate}, **Connections**, **New connection**, "${certificateConnector.displayName}":

${table(
  ["Field", "Value"],
  [
    ["Authentication type", "Client Certificate Auth"],
    ["Client ID", `\`${app.clientId}\``],
    ["Client certificate", "The file `app.pfx`; leave the password empty"],
    ["Tenant ID", `\`${app.tenantId}\``],
  ],
)}

Then delete the file. After each rotation the connection needs the new certificate: the previous one is removed after \`rotation.keepDays\`. \`npm run rotate\` says when it replaced one.`;
}

function problemsSection(): string {
  return `## When it does not work

${table(
  ["What happens", "Cause"],
  [
    ["AADSTS700027", "The connection has an older certificate: give it the file of the published version."],
    ["403 of Microsoft Graph", "The app lacks the permission, or consent: `npm run verify`."],
    [
      "The certificate is not accepted as a file",
      "It is not a PFX: see `certificate.format` in docs/certificates.md.",
    ],
  ],
)}`;
}
