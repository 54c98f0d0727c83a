import type { SignIn } from "../../emulator/server/environment";
import { workflowJobOf, type WorkflowJob } from "../../emulator/github/githubJob";
import { isGuid } from "../../emulator/server/http";
import { identityNames, type Identities } from "../../emulator/tenant/seed";
import { UsageError } from "../shared/command";
import type { Rehearsal } from "../shared/emulated/emulatedTenant";

/** Who a process of a rehearsal shall be. */
export type Who =
  | { readonly kind: "identity"; readonly name: keyof Identities }
  | { readonly kind: "workload"; readonly clientId?: string }
  | { readonly kind: "workflow"; readonly job: WorkflowJob; readonly clientId?: string };

/** The forms of a GitHub job's subject, for messages and help. */
export const subjectForms = [
  "repo:OWNER/NAME:environment:ENV",
  "repo:OWNER/NAME:ref:refs/heads/BRANCH",
  "repo:OWNER/NAME:pull_request",
] as const;

/** How `az` signs in with the environment of each. */
const azLogins: Readonly<Record<Who["kind"], string | undefined>> = {
  identity:
    'az login --service-principal --username "$ARM_CLIENT_ID" --password "$ARM_CLIENT_SECRET" --tenant "$ARM_TENANT_ID"',
  workload: 'az login --identity --client-id "<client ID of the identity>" --allow-no-subscriptions',
  workflow: undefined,
};

/**
 * Reads who a process shall be.
 *
 * @param name One of the tenant's identities, `workload`, or a GitHub job's subject as credentials name it.
 * @param clientId Of the application or managed identity to sign in as.
 * @throws {UsageError} naming every fault.
 */
export function parseWho(name: string, clientId: string | undefined): Who {
  const who = whoOf(name);
  const faults = [
    ...(who === undefined
      ? [
          `--as ${name}: it is one of ${[...identityNames, "workload"].join(", ")}, or the subject of a GitHub job: ` +
            `${subjectForms.join(", ")}, in the case in which GitHub has the names.`,
        ]
      : []),
    ...(clientId !== undefined && !isGuid(clientId)
      ? [`--client-id ${clientId}: this is no client ID; it is a GUID, such as the stack's outputs name.`]
      : []),
    ...(clientId !== undefined && who?.kind === "identity"
      ? [`--client-id is for a workload or a GitHub job: the ${name} signs in as itself. Leave it out.`]
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

/** What gives a process its part in a rehearsal. */
export async function signInAs(rehearsal: Rehearsal, who: Who): Promise<SignIn> {
  switch (who.kind) {
    case "identity":
      return rehearsal.tenant.identities[who.name];
    case "workload":
      return rehearsal.workload(who.clientId);
    case "workflow":
      return rehearsal.workflow(who.job, who.clientId);
  }
}

/** The command by which `az` signs in, where variables are enough for it. */
export function azLogin(who: Who): string | undefined {
  return azLogins[who.kind];
}
