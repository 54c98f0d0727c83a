import type { ArtefactNames } from "../names";
import { table } from "../readme/markdown";
import type { UserApp } from "../settings";
import type { AsMeRequest } from "./asMeRequests";
import { operationId } from "./connector";

/** The README's section about the connector. */
export function connectorSection(
  app: UserApp,
  { connector, connectorSolution }: ArtefactNames,
  requests: readonly AsMeRequest[],
): string {
  return `## Authenticate with Microsoft, and the connector

1. ${app.cloud.makers.powerApps}: choose the environment, **Solutions**, **Import solution**, \`connector/solution.zip\`; or \`pac solution import --path connector/solution.zip\`. It is imported when "${connectorSolution.displayName}" is in the list. Custom connectors are a premium feature, and data policies must allow it.
2. The environment gives the connector a managed identity, which signs in as the app: there is no secret. Read it, as a user who may see the connector (\`az login\`), and take it into the stack by the command that is printed:

       npm run copilot -- --connect --app ${app.name} --environment-id <environment ID>

3. In the agent: **Settings**, **Security**, **Authentication**, **Authenticate with Microsoft**.
4. **Tools**, **Add a tool**, **Connector**, "${connector.displayName}", an operation, **Add and configure**; as authentication choose the user's own (**End user credentials**):

${table(
  ["Operation", "What it asks", "What it answers with"],
  requests.map((request) => [
    `\`${operationId(request)}\``,
    `\`GET ${request.path}\``,
    `\`${request.field}\``,
  ]),
)}

5. Share the connector with the users (**Can view**), and **Publish** the agent. On first use it asks each user to allow the connection; then the connector asks as that user.

Another environment, or the connector made again, has another subject: run step 2 there too. In one environment, only one connector can act on behalf of users of this app. A connection that was made before a change keeps the old identity: delete it.

${table(
  ["What happens", "Cause"],
  [
    [
      "AADSTS700213 or AADSTS7002138",
      "The federated credential is not the connector's: run step 2 again and `pulumi up`.",
    ],
    ["AADSTS50011", "The connector's redirect URI is missing: as above."],
    ["AADSTS65001", "Consent is missing: `pulumi up`, and `npm run verify`."],
    ["AADSTS50105", "The user is not assigned to the app (`userSignIn.assignedTo`)."],
    [
      "403 of Microsoft Graph",
      "The user may not see it. Its owner can share it with the user; the connector cannot reach more.",
    ],
  ],
)}`;
}
