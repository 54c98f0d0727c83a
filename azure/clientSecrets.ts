import { z } from "zod";
import { ConnectionError } from "./connectionError";
import { Credential } from "./credential";
import { retryAfterSeconds } from "./http";
import type { AzureClient, Reply } from "./azureClient";
import type { GraphApi } from "./graph";
import { parseJson, readBody, serviceRefusal } from "./serviceRefusal";
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

export interface ClientSecretsWorld {
  /** Waits out what passes by itself. */
  readonly client: AzureClient;
  readonly graph: GraphApi;
  /** Sends each request once: an `addPassword` must not be repeated blindly. */
  readonly graphOnce: GraphApi;
  readonly now: () => Date;
}

/** An application's client secrets in Microsoft Graph. */
export interface ClientSecrets {
  /** Key IDs of those that carry a display name; none when there is no such application. */
  named(applicationId: string, displayName: string): Promise<string[]>;
  has(applicationId: string, keyId: string): Promise<boolean>;
  /**
   * Adds one. Where an answer was lost, what it may have added is found by its display name and removed, since nobody knows
   * its value; what was there before stays.
   */
  add(wanted: NewSecret): Promise<AddedSecret>;
  /** Removes one; it may be gone already. */
  remove(applicationId: string, keyId: string): Promise<void>;
}

const application = z.object({
  passwordCredentials: z.array(z.object({ keyId: z.string(), displayName: z.string().nullish() })),
});
const added = z.object({
  keyId: z.string(),
  startDateTime: z.string(),
  endDateTime: z.string(),
  secretText: z.string().min(1),
});

/** @throws {ServiceRefusal} {@link ConnectionError} */
export function clientSecrets({ client, graph, graphOnce, now }: ClientSecretsWorld): ClientSecrets {
  const listed = async (applicationId: string) => {
    const reply = await graph.ask(`${applicationId}?$select=passwordCredentials`);
    return reply.status === 404 ? [] : readBody(microsoftGraph.name, reply, application).passwordCredentials;
  };
  const named = async (applicationId: string, displayName: string): Promise<string[]> =>
    (await listed(applicationId)).filter((one) => one.displayName === displayName).map(({ keyId }) => keyId);
  const remove = async (applicationId: string, keyId: string): Promise<void> => {
    const reply = await graph.write("POST", `${applicationId}/removePassword`, { keyId });
    const refusal = [200, 204].includes(reply.status)
      ? undefined
      : serviceRefusal(microsoftGraph.name, reply);
    // The first attempt was done and its answer lost, or somebody else was faster.
    if (refusal !== undefined && !/No password credential found/i.test(refusal.detail)) throw refusal;
  };
  const addOnce = async ({
    applicationId,
    displayName,
    endDate,
  }: NewSecret): Promise<Reply | ConnectionError> => {
    const body = { passwordCredential: { displayName, endDateTime: endDate } };
    try {
      return await graphOnce.write("POST", `${applicationId}/addPassword`, body);
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      throw error;
    }
  };
  return {
    named,
    remove,
    has: async (applicationId, keyId) => (await listed(applicationId)).some((one) => one.keyId === keyId),
    add: async (wanted) => {
      const { applicationId, displayName } = wanted;
      const before = await named(applicationId, displayName);
      const removeLost = async (kept?: string): Promise<void> => {
        const lost = (await named(applicationId, displayName)).filter(
          (keyId) => keyId !== kept && !before.includes(keyId),
        );
        for (const keyId of lost) await remove(applicationId, keyId);
      };
      let mayBeLost = false;
      for (let seconds = 1; ; seconds = Math.min(seconds * 2, 8)) {
        const outcome = await addOnce(wanted);
        const secret = outcome instanceof ConnectionError ? undefined : secretIn(outcome);
        if (secret !== undefined) {
          if (mayBeLost) await removeLost(secret.keyId);
          return secret;
        }
        mayBeLost ||= mayHaveAdded(outcome);
        const reason = whyAgain(outcome);
        const asked = outcome instanceof ConnectionError ? undefined : retryAfterSeconds(outcome, now());
        if (
          reason !== undefined &&
          (await client.pause(Math.max(seconds, asked ?? 0), `${microsoftGraph.name}: ${reason}`))
        ) {
          continue;
        }
        if (mayBeLost) await removeLost();
        throw outcome instanceof ConnectionError ? outcome : serviceRefusal(microsoftGraph.name, outcome);
      }
    },
  };
}

/** Whether Graph may have added a secret whose value never arrived. */
function mayHaveAdded(outcome: Reply | ConnectionError): boolean {
  return outcome instanceof ConnectionError || outcome.status < 400 || outcome.status >= 500;
}

/** @returns undefined for a final answer. */
function whyAgain(outcome: Reply | ConnectionError): string | undefined {
  if (outcome instanceof ConnectionError) return outcome.passesByItself ? "the connection broke" : undefined;
  const { status } = outcome;
  if (status === 429) return "it is busy (429)";
  // An application that was made a moment ago has not reached every replica.
  if (status === 404) return "the application is not there yet (404)";
  if (status === 409) return "another change of the application is at work (409)";
  return status >= 500 && status !== 501 ? `it is out of order (${status})` : undefined;
}

/** @returns undefined for anything but Graph's own answer. */
function secretIn({ status, body }: Reply): AddedSecret | undefined {
  const parsed = status === 200 ? added.safeParse(parseJson(body)) : undefined;
  if (parsed?.success !== true) return undefined;
  const { keyId, startDateTime, endDateTime, secretText } = parsed.data;
  return {
    keyId,
    startsAt: startDateTime,
    endsAt: endDateTime,
    forEntra: new Credential(secretText, entra),
    forResourceManager: new Credential(secretText, resourceManager),
  };
}
