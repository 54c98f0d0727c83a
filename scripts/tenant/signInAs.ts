import type { SignIn } from "../../emulator/server/environment";
import { workflowJobOf, type WorkflowJob } from "../../emulator/github/githubJob";
import { isGuid } from "../../emulator/server/http";
import { identityNames, type Identities } from "../../emulator/tenant/seed";
import { UsageError } from "../shared/command";
import type { EmulatedTenant } from "../../emulator/startTenant";
import { subjectForms } from "./subjectForms";

/** The identity that a process in the emulated tenant signs in as. */
export type Who =
  | { readonly kind: "identity"; readonly name: keyof Identities }
  | { readonly kind: "workload"; readonly clientId?: string }
  | { readonly kind: "workflow"; readonly job: WorkflowJob; readonly clientId?: string };

/** How `az` signs in with the environment of each. */
const azLogins: Readonly<Record<Who["kind"], string | undefined>> = {
  // Signed in from the start.
  identity: undefined,
  workload: 'az login --identity --client-id "<client ID of the identity>" --allow-no-subscriptions',
  workflow: undefined,
};

/**
 * Reads the identity that a process signs in as.
 *
 * @param name One of the tenant's identities, `workload`, or a GitHub job's subject as credentials name it.
 * @param clientId Of the application or managed identity to sign in as.
 * @throws {UsageError} naming every invalid flag.
 */
export function parseWho(name: string, clientId: string | undefined): Who {
  const who = whoOf(name);
  const faults = [
    ...(who === undefined
      ? [
          `--as ${name}: use one of ${[...identityNames, "workload"].join(", ")}, or the subject of a GitHub job ` +
            `(${subjectForms.join(", ")}), with the names exactly as GitHub writes them.`,
        ]
      : []),
    ...(clientId !== undefined && !isGuid(clientId)
      ? [`--client-id ${clientId} is not a client ID. A client ID is a GUID; the stack's outputs list them.`]
      : []),
    ...(clientId !== undefined && who?.kind === "identity"
      ? [`--client-id is only for a workload or a GitHub job. Remove it: the ${name} signs in as itself.`]
      : []),
  ];
  if (who === undefined || faults.length > 0) throw new UsageError(faults.join("\n"));
  return who.kind === "identity" || clientId === undefined ? who : { ...who, clientId };
}

function whoOf(name: string): Who | undefined {
  const identity = identityNames.find((known) => known === name);
  if (identity !== undefined) return { kind: "identity", name: identity };
  if (name === "workload") return { kind: "workload" };
  const job = workflowJobOf(name);
  return job === undefined ? undefined : { kind: "workflow", job };
}

/** How a process in the emulated tenant signs in. */
export async function signInAs(emulated: EmulatedTenant, who: Who): Promise<SignIn> {
  switch (who.kind) {
    case "identity":
      return emulated.tenant.identities[who.name];
    case "workload":
      return emulated.workload(who.clientId);
    case "workflow":
      return emulated.workflow(who.job, who.clientId);
  }
}

/** The command that signs `az` in, if variables are enough for it. */
export function azLogin(who: Who): string | undefined {
  return azLogins[who.kind];
}
