import * as z from "zod/mini";
import type { PassingTrouble } from "./azureClient";
import { ConnectionError } from "./connectionError";
import { Credential } from "./credential";
import type { HttpAnswer } from "./http";
import type { GraphApi } from "./graph";
import { readJson } from "./json";
import { isNotFound, readBody, serviceRefusal } from "./serviceRefusal";
import { entra, microsoftGraph, resourceManager } from "./services";

/** A client secret that was just added: the only time that Entra tells its value. */
export interface AddedSecret {
  readonly keyId: string;
  /** ISO 8601. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** To verify it. */
  readonly forEntra: Credential;
  /** To publish it. */
  readonly forResourceManager: Credential;
}

export interface NewSecret {
  /** Graph's resource path, `/applications/{objectId}`. */
  readonly applicationId: string;
  readonly displayName: string;
  /** ISO 8601. */
  readonly endDate: string;
}

/** An application's client secrets in Microsoft Graph. */
export interface ClientSecrets {
  /** Key IDs of those that carry a display name; none when there is no such application. */
  named(applicationId: string, displayName: string): Promise<string[]>;
  has(applicationId: string, keyId: string): Promise<boolean>;
  /**
   * Adds one. After a lost answer, what it may have added is found by its display name and removed, since its value is
   * unknown; what was there before stays.
   */
  add(wanted: NewSecret): Promise<AddedSecret>;
  /** Removes one; it may be gone already. */
  remove(applicationId: string, keyId: string): Promise<void>;
}

const application = z.object({
  passwordCredentials: z.array(z.object({ keyId: z.string(), displayName: z.nullish(z.string()) })),
});
const added = z.object({
  keyId: z.string(),
  startDateTime: z.string(),
  endDateTime: z.string(),
  secretText: z.string().check(z.minLength(1)),
});

/** @throws {ServiceRefusal} {@link ConnectionError} */
export function clientSecrets(graph: GraphApi): ClientSecrets {
  const listed = async (applicationId: string) => {
    const reply = await graph.ask(`${applicationId}?$select=passwordCredentials`);
    if (isNotFound(microsoftGraph.name, reply)) return [];
    return readBody(microsoftGraph.name, reply, application).passwordCredentials;
  };
  const named = async (applicationId: string, displayName: string): Promise<string[]> =>
    (await listed(applicationId)).filter((one) => one.displayName === displayName).map(({ keyId }) => keyId);
  const remove = async (applicationId: string, keyId: string): Promise<void> => {
    const reply = await graph.write("POST", `${applicationId}/removePassword`, { keyId });
    const refusal = [200, 204].includes(reply.status)
      ? undefined
      : serviceRefusal(microsoftGraph.name, reply);
    // The first attempt did it and its answer was lost, or another client was faster.
    if (refusal !== undefined && !/No password credential found/i.test(refusal.detail)) throw refusal;
  };
  return {
    named,
    remove,
    has: async (applicationId, keyId) => (await listed(applicationId)).some((one) => one.keyId === keyId),
    add: async ({ applicationId, displayName, endDate }) => {
      const before = await named(applicationId, displayName);
      let mayBeLost = false;
      const removeLost = async (kept?: string): Promise<void> => {
        if (!mayBeLost) return;
        for (const keyId of await named(applicationId, displayName)) {
          if (keyId !== kept && !before.includes(keyId)) await remove(applicationId, keyId);
        }
      };
      const body = { passwordCredential: { displayName, endDateTime: endDate } };
      const reply = await graph
        .write("POST", `${applicationId}/addPassword`, body, {
          passesByItself: notReady,
          onAttempt: (outcome) => {
            mayBeLost ||= mayHaveLost(outcome);
          },
        })
        .catch(async (error: unknown) => {
          await removeLost();
          throw error;
        });
      const secret = secretIn(reply);
      await removeLost(secret?.keyId);
      if (secret === undefined) throw serviceRefusal(microsoftGraph.name, reply);
      return secret;
    },
  };
}

/** Whether Graph may have added a secret whose value never arrived. */
function mayHaveLost(outcome: HttpAnswer | ConnectionError): boolean {
  if (outcome instanceof ConnectionError) return true;
  return secretIn(outcome) === undefined && (outcome.status < 400 || outcome.status >= 500);
}

function notReady(answer: HttpAnswer): PassingTrouble | undefined {
  // An application that was made a moment ago has not reached every replica.
  if (isNotFound(microsoftGraph.name, answer)) return { reason: "the application is not there yet (404)" };
  return answer.status === 409 ? { reason: "another change of the application is at work (409)" } : undefined;
}

/** @returns undefined for anything but Graph's own answer. */
function secretIn({ status, body }: HttpAnswer): AddedSecret | undefined {
  const found = status === 200 ? readJson(added, body) : undefined;
  if (found === undefined) return undefined;
  const { keyId, startDateTime, endDateTime, secretText } = found;
  return {
    keyId,
    startsAt: startDateTime,
    endsAt: endDateTime,
    forEntra: new Credential(secretText, entra),
    forResourceManager: new Credential(secretText, resourceManager),
  };
}
