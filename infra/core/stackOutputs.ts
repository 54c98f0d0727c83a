import { z } from "zod";
import { OperatorError } from "./errors";
import { rotationCauses } from "./rotation";

const guid = z.guid();
const instant = z.iso.datetime({ offset: true });

const credential = z.object({
  /** Counts an app's client secrets from 1; the Pulumi resource is named by it. */
  sequence: z.number().int().min(1),
  keyId: guid,
  /** Why it was made. */
  cause: z.enum(rotationCauses),
  startsAt: instant,
  endsAt: instant,
  /** `startsAt` plus `rotation.everyDays`: the first `up` from then on makes the next secret. */
  nextRotationAt: instant,
});

const app = z.object({
  displayName: z.string().min(1),
  clientId: guid,
  applicationObjectId: guid,
  servicePrincipalObjectId: guid,
  /** Microsoft Graph application permissions, as configured. */
  permissions: z.array(z.string().min(1)),
  secretName: z.string().min(1),
  /** ARM ID of the vault secret without a version: what a Power Platform environment variable holds. */
  secretResourceId: z.string().startsWith("/subscriptions/"),
  credential,
  /** Object IDs that shall own application and service principal; absent where the stack does not say. */
  owners: z.array(guid).optional(),
});

const rotation = z.object({
  everyDays: z.number().int().min(1),
  keepDays: z.number().int().min(1),
  graceDays: z.number().int().min(0),
});

const powerPlatform = z.object({
  environmentId: z.string().optional(),
  /** Schema names of agents whose topics may read the secrets. */
  agents: z.array(z.string()).optional(),
  publisherPrefix: z.string().optional(),
  /** Who reads secrets for topics, where the settings name it. */
  virtualAgentsServiceObjectId: guid.optional(),
});

const stackOutputs = z.object({
  tenantId: guid,
  vaultName: z.string().min(3),
  /** Ends with a slash, as Azure writes it. */
  vaultUri: z.url(),
  /** As configured; absent where the stack does not say. */
  rotation: rotation.optional(),
  /** As configured; absent where the stack does not say. */
  powerPlatform: powerPlatform.optional(),
  apps: z.record(z.string(), app),
});

/** What the stack publishes: identifiers and times only, never a secret. Instants are ISO 8601, UTC. */
export type StackOutputs = z.infer<typeof stackOutputs>;
export type AppOutputs = z.infer<typeof app>;
export type CredentialOutputs = z.infer<typeof credential>;

/**
 * Judges outputs that came from a file, a pipe or the CLI.
 *
 * @throws {OperatorError} `OUTPUTS_INVALID`, naming every field that is missing or malformed.
 */
export function readStackOutputs(value: unknown): StackOutputs {
  const result = stackOutputs.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) => `  ${path.length === 0 ? "(whole)" : path.join(".")}: ${message}`,
  );
  throw new OperatorError(
    "OUTPUTS_INVALID",
    `These are not the outputs of a copilot-token stack:\n${faults.join("\n")}\n` +
      "Write them with `pulumi stack output --json > outputs.json` and pass `--outputs outputs.json`.",
  );
}
