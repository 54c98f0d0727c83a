import { z } from "zod";
import { OperatorError } from "./errors";
import { rotationCauses, type CurrentCredential } from "./rotation";

/** What an earlier successful run published of an app: the stack's memory. */
export interface PreviousApp {
  readonly applicationObjectId: string;
  readonly servicePrincipalObjectId: string;
  /** Permissions that the stack itself has granted. */
  readonly permissions: readonly string[];
  /** ARM ID of the vault secret. */
  readonly secretResourceId: string;
  readonly credential: CurrentCredential;
}

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const previousApps = z.record(
  z.string(),
  z.object({
    applicationObjectId: z.string(),
    servicePrincipalObjectId: z.string(),
    permissions: z.array(z.string()),
    secretResourceId: z.string(),
    credential: z.object({
      sequence: z.number().int().min(1),
      startsAt: instant,
      endsAt: instant.exactOptional(),
      cause: z.enum(rotationCauses),
    }),
  }),
);

/**
 * Reads the stack's previous `apps` output.
 *
 * @param apps undefined before the first successful run.
 * @throws {OperatorError} `OUTPUTS_INVALID` when they can't be read: guessing would begin the sequence anew.
 */
export function readPreviousApps(apps: unknown): Readonly<Record<string, PreviousApp>> {
  if (apps === undefined) return {};
  const result = previousApps.safeParse(apps);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `apps.${path.join(".")}: ${message}`);
  throw new OperatorError(
    "OUTPUTS_INVALID",
    `The stack's previous outputs, which say which client secret is current, cannot be read: ${faults.join("; ")}. ` +
      "Look at `pulumi stack output apps --json`; a stack of an older release needs its own upgrade notes.",
  );
}
