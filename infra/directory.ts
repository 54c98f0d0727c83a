import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ExistingApp, ExistingGrant } from "./core/existingApps";
import type { ServicePrincipalCandidate } from "./core/powerPlatform";
import { azureClient } from "../azure/azureClient";
import { graphApi, graphResource, type GraphApi } from "../azure/graphApi";
import { ServiceRefusal } from "../azure/serviceRefusal";
import { signIn } from "../azure/signIn";
import { httpsTransport } from "../azure/transport";

/** What the program asks the tenant's directory, as the identity that deploys. Reads only. */
export interface Directory {
  /** @returns undefined when there is no such application. */
  application(applicationObjectId: string): Promise<ExistingApp | undefined>;
  /** App roles of Microsoft Graph that a service principal already holds. */
  grantsOf(servicePrincipalObjectId: string, graphObjectId: string): Promise<readonly ExistingGrant[]>;
  servicePrincipalsNamed(displayName: string): Promise<readonly ServicePrincipalCandidate[]>;
  /** @returns the object ID, or undefined when the application has no service principal in this tenant. */
  servicePrincipalOf(clientId: string): Promise<string | undefined>;
}

const applicationShape = z.object({
  id: z.string(),
  appId: z.string(),
  passwordCredentials: z.array(
    z.object({ keyId: z.string(), displayName: z.string().nullish(), endDateTime: z.string().nullish() }),
  ),
});
const principalShape = z.object({
  id: z.string(),
  displayName: z.string(),
  appOwnerOrganizationId: z.string().nullish(),
});
const grantShape = z.object({ id: z.string(), appRoleId: z.string(), resourceId: z.string() });

/** Seconds to wait out a busy directory. */
const patienceSeconds = 60;

/**
 * Lets `work` read the directory, signed in as Pulumi's providers are: `ARM_*`, else the Azure CLI and its like.
 * Nothing is sent before the first question.
 */
export async function withDirectory<Result>(
  environment: NodeJS.ProcessEnv,
  work: (directory: Directory) => Promise<Result>,
): Promise<Result> {
  const transport = httpsTransport(environment);
  const client = azureClient(
    {
      exchange: transport.exchange,
      now: () => new Date(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      progress: (line) => {
        if (line !== undefined) void pulumi.log.info(line, undefined, undefined, true);
      },
    },
    { waitSeconds: patienceSeconds },
  );
  let identity: ReturnType<typeof signIn> | undefined;
  const graph = graphApi(client, () => (identity ??= signIn(environment, client)).getToken(graphResource));
  try {
    return await work(directoryOn(graph));
  } finally {
    transport.close();
  }
}

function directoryOn(graph: GraphApi): Directory {
  const servicePrincipals = (filter: string) =>
    graph.list(
      `/servicePrincipals?$filter=${encodeURIComponent(filter)}&$select=id,displayName,appOwnerOrganizationId`,
      principalShape,
    );
  const servicePrincipalOf = async (clientId: string): Promise<string | undefined> =>
    (await servicePrincipals(`appId eq '${clientId}'`))[0]?.id;
  return {
    application: async (applicationObjectId) => {
      let application: z.infer<typeof applicationShape>;
      try {
        application = await graph.get(
          `/applications/${applicationObjectId}?$select=id,appId,passwordCredentials`,
          applicationShape,
        );
      } catch (error) {
        if (error instanceof ServiceRefusal && error.status === 404) return undefined;
        throw error;
      }
      return {
        applicationObjectId: application.id,
        clientId: application.appId,
        servicePrincipalObjectId: await servicePrincipalOf(application.appId),
        clientSecrets: application.passwordCredentials.map(({ keyId, displayName, endDateTime }) => ({
          keyId,
          displayName: displayName ?? null,
          endsAt: endDateTime ?? null,
        })),
      };
    },
    grantsOf: async (servicePrincipalObjectId, graphObjectId) => {
      const grants = await graph.list(
        `/servicePrincipals/${servicePrincipalObjectId}/appRoleAssignments`,
        grantShape,
      );
      return grants
        .filter(({ resourceId }) => resourceId === graphObjectId)
        .map(({ id, appRoleId }) => ({ assignmentId: id, appRoleId }));
    },
    servicePrincipalsNamed: async (displayName) => {
      const found = await servicePrincipals(`displayName eq '${displayName.replaceAll("'", "''")}'`);
      return found.map((principal) => ({
        objectId: principal.id,
        displayName: principal.displayName,
        applicationTenantId: principal.appOwnerOrganizationId ?? "",
      }));
    },
    servicePrincipalOf,
  };
}
