import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ExistingApp, ExistingGrant } from "./core/existingApps";
import { azureClient } from "../scripts/lib/azureClient";
import { graphApi, type GraphApi } from "../scripts/lib/graphApi";
import { ServiceRefusal } from "../scripts/lib/serviceRefusal";
import { graphResource } from "../scripts/lib/graphApi";
import { signIn } from "../scripts/lib/signIn";
import { httpsTransport } from "../scripts/lib/transport";

/** What the program asks the tenant's directory, as the identity that deploys. Reads only. */
export interface Directory {
  /** @returns undefined when there is no such application. */
  application(applicationObjectId: string): Promise<ExistingApp | undefined>;
  /** App roles of Microsoft Graph that a service principal already holds. */
  grantsOf(servicePrincipalObjectId: string, graphObjectId: string): Promise<readonly ExistingGrant[]>;
  /** @returns the object ID of the only service principal of this name, if there is just one. */
  servicePrincipalNamed(displayName: string): Promise<string | undefined>;
}

const applicationShape = z.object({
  id: z.string(),
  appId: z.string(),
  passwordCredentials: z.array(
    z.object({ keyId: z.string(), displayName: z.string().nullish(), endDateTime: z.string().nullish() }),
  ),
});
const idShape = z.object({ id: z.string() });
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
    graph.list(`/servicePrincipals?$filter=${encodeURIComponent(filter)}&$select=id`, idShape);
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
      const [principal] = await servicePrincipals(`appId eq '${application.appId}'`);
      return {
        applicationObjectId: application.id,
        clientId: application.appId,
        servicePrincipalObjectId: principal?.id,
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
    servicePrincipalNamed: async (displayName) => {
      const found = await servicePrincipals(`displayName eq '${displayName.replaceAll("'", "''")}'`);
      return found.length === 1 ? found[0]?.id : undefined;
    },
  };
}
