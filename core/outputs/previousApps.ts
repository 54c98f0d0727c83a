import { z } from "zod";
import { OperatorError } from "../errors";
import type { RememberedSecret } from "../secrets/retirement";
import { RotationCause, type CurrentCredential } from "../secrets/rotation";
import { credentialKinds, type CredentialKind } from "../settings/credentialKind";

/** What an earlier successful run published of an app: the stack's memory. */
export interface PreviousApp {
  readonly signIn: CredentialKind;
  /** Absent for a managed identity. */
  readonly applicationObjectId?: string;
  readonly servicePrincipalObjectId: string;
  /** Permissions that the stack itself has granted. */
  readonly permissions: readonly string[];
  /** Permissions of other APIs that the stack itself has granted, by the API's client ID. */
  readonly apis?: readonly { readonly clientId: string; readonly permissions: readonly string[] }[];
  /** Absent for an app that never had a client secret. */
  readonly secret?: PreviousSecret;
}

/** A client secret that the vault holds, or the number of the last one that it held. */
export type PreviousSecret =
  | { readonly resourceId: string; readonly current: CurrentCredential; readonly retiredSince?: Date }
  | Extract<RememberedSecret, { lastSequence: number }>;

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const previousApps = z.record(
  z.string(),
  z
    .object({
      signIn: z.enum(credentialKinds).default("secret"),
      applicationObjectId: z.string().exactOptional(),
      servicePrincipalObjectId: z.string(),
      permissions: z.array(z.string()),
      apis: z.array(z.object({ clientId: z.string(), permissions: z.array(z.string()) })).exactOptional(),
      secretResourceId: z.string().exactOptional(),
      credential: z
        .object({
          sequence: z.number().int().min(1),
          startsAt: instant,
          endsAt: instant.exactOptional(),
          cause: z.enum(RotationCause),
          retiredSince: instant.exactOptional(),
        })
        .exactOptional(),
      lastSequence: z.number().int().min(1).exactOptional(),
    })
    .refine(
      ({ signIn, credential, secretResourceId }) =>
        (credential === undefined) === (secretResourceId === undefined) &&
        (signIn !== "secret" || credential !== undefined),
      { path: ["credential"], message: "credential and secretResourceId belong together" },
    )
    .transform(({ secretResourceId, credential, lastSequence, ...app }): PreviousApp => {
      if (credential !== undefined && secretResourceId !== undefined) {
        const { retiredSince, ...current } = credential;
        const since = retiredSince === undefined ? {} : { retiredSince };
        return { ...app, secret: { resourceId: secretResourceId, current, ...since } };
      }
      return lastSequence === undefined ? app : { ...app, secret: { lastSequence } };
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
