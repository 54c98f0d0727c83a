import * as z from "zod/mini";
import type { PassingTrouble } from "./azureClient";
import type { GraphApi } from "./graph";
import type { HttpAnswer } from "./http";
import { isNotFound, readBody, serviceRefusal } from "./serviceRefusal";
import { microsoftGraph } from "./services";

/** A certificate to register. */
export interface NewKeyCredential {
  readonly keyId: string;
  readonly displayName: string;
  /** ISO 8601. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** The certificate, DER, base64. */
  readonly der: string;
}

/**
 * The certificates of an application or a service principal in Microsoft Graph, which takes and shows them as one list. A
 * change sends the others' back exactly as they were read.
 *
 * @see https://learn.microsoft.com/graph/api/resources/keycredential (read 2026-11)
 */
export interface KeyCredentials {
  /** Key IDs of those that carry a display name; none when there is no such object. */
  named(path: string, displayName: string): Promise<string[]>;
  has(path: string, keyId: string): Promise<boolean>;
  add(path: string, credential: NewKeyCredential): Promise<void>;
  /** Removes some, which may be gone already. */
  remove(path: string, keyIds: readonly string[]): Promise<void>;
}

const holder = z.object({
  keyCredentials: z.array(z.looseObject({ keyId: z.string(), displayName: z.nullish(z.string()) })),
});
type Listed = z.infer<typeof holder>["keyCredentials"];

/** Looks at a list, until two in a row agree. */
const mostLooks = 5;

/**
 * @param pause Between two looks.
 * @throws {ServiceRefusal} {@link ConnectionError}
 */
export function keyCredentials(graph: GraphApi, pause: () => Promise<void>): KeyCredentials {
  const listed = async (path: string): Promise<Listed> => {
    // Selected by name, each comes with its key, so that nothing is lost when it is sent back.
    const reply = await graph.ask(`${path}?$select=keyCredentials`);
    if (isNotFound(microsoftGraph.name, reply)) return [];
    return readBody(microsoftGraph.name, reply, holder).keyCredentials;
  };
  /** The list on which two looks agree: a replica that is behind would make a write remove what it does not know. */
  const settled = async (path: string): Promise<Listed> => {
    let seen = await listed(path);
    for (let look = 1; look < mostLooks; look += 1) {
      await pause();
      const again = await listed(path);
      if (JSON.stringify(again) === JSON.stringify(seen)) return again;
      seen = again;
    }
    return seen;
  };
  const write = async (path: string, list: readonly object[]): Promise<void> => {
    const reply = await graph.write("PATCH", path, { keyCredentials: list }, { passesByItself: notReady });
    if (reply.status !== 200 && reply.status !== 204) throw serviceRefusal(microsoftGraph.name, reply);
  };
  return {
    named: async (path, displayName) =>
      (await listed(path)).filter((one) => one.displayName === displayName).map(({ keyId }) => keyId),
    has: async (path, keyId) => (await listed(path)).some((one) => one.keyId === keyId),
    add: async (path, { keyId, displayName, startsAt, endsAt, der }) => {
      const others = await settled(path);
      const own = {
        keyId,
        displayName,
        startDateTime: startsAt,
        endDateTime: endsAt,
        type: "AsymmetricX509Cert",
        usage: "Verify",
        key: der,
      };
      await write(path, [...others, own]);
    },
    remove: async (path, keyIds) => {
      const before = await settled(path);
      const others = before.filter(({ keyId }) => !keyIds.includes(keyId));
      if (others.length < before.length) await write(path, others);
    },
  };
}

function notReady(answer: HttpAnswer): PassingTrouble | undefined {
  // An application that was made a moment ago has not reached every replica.
  if (isNotFound(microsoftGraph.name, answer)) return { reason: "the application is not there yet (404)" };
  return answer.status === 409 ? { reason: "another change of the application is at work (409)" } : undefined;
}
