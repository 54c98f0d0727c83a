import { setTimeout } from "node:timers/promises";
import { isRecord, type Properties } from "../../properties";
import type { Answer, RestClient, RestRequest } from "../restClient";

/** Microsoft Graph as the real azuread provider uses it. */
export interface GraphClient {
  /** Address of Microsoft Graph. */
  readonly base: string;
  /** Object ID of the signed-in identity. */
  callerObjectId(): Promise<string>;
  claims(): Promise<Properties>;
  /** @returns undefined for 404. */
  get(path: string): Promise<Properties | undefined>;
  list(path: string): Promise<Properties[]>;
  /**
   * Sends a change.
   *
   * @param deed What it is for, as the error's beginning: `Could not create application`.
   * @param passes Refusals to repeat the request for: they end with replication.
   */
  change(
    deed: string,
    method: RestRequest["method"],
    path: string,
    body?: unknown,
    passes?: (answer: Answer) => boolean,
  ): Promise<Properties>;
  /**
   * Reads something that another resource made; a moment's absence is lag.
   *
   * @returns undefined when it stays away.
   */
  find(path: string): Promise<Properties | undefined>;
  /** Reads until `accept` takes the answer: a new object reaches Graph's replicas one by one. */
  settled(deed: string, path: string, accept?: (found: Properties) => boolean): Promise<Properties>;
  /** Runs changes to one application one after another: Graph refuses simultaneous ones. */
  exclusively<T>(objectId: string, work: () => Promise<T>): Promise<T>;
}

/** Replication is waited for this long; the real provider gives up after five minutes too. */
const replicationMilliseconds = 300_000;
/** What another resource made has been seen by that resource already, so it is missed for a moment only. */
const momentMilliseconds = 10_000;
const longestPauseMilliseconds = 5000;

/**
 * @param client Signs in and sends.
 * @param patience Factor for every wait; below 1 for tests of what never comes.
 */
export function graphClient(client: RestClient, patience = 1): GraphClient {
  const base = client.cloud.graph;
  const graphScope = `${base}/.default`;
  const replication = replicationMilliseconds * patience;
  const moment = momentMilliseconds * patience;
  const queues = new Map<string, Promise<unknown>>();
  const send = (method: RestRequest["method"], path: string, body?: unknown): Promise<Answer> =>
    client.send({
      method,
      url: base + path,
      scope: graphScope,
      ...(body === undefined ? {} : { body }),
    });

  const get = async (path: string): Promise<Properties | undefined> => {
    const answer = await send("GET", path);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refusal(`Retrieving ${path}`, answer);
    return answer.json ?? {};
  };

  return {
    base,
    claims: () => client.claims(graphScope),
    callerObjectId: async () => String((await client.claims(graphScope))["oid"]),
    get,
    list: async (path) => {
      const items: Properties[] = [];
      for (let next: string | undefined = path; next !== undefined;) {
        const page: Properties | undefined = await get(next);
        if (Array.isArray(page?.["value"])) items.push(...page["value"].filter(isRecord));
        const link: unknown = page?.["@odata.nextLink"];
        next = typeof link === "string" ? link.slice(base.length) : undefined;
      }
      return items;
    },
    change: async (deed, method, path, body, passes = () => false) => {
      const taken = ({ status }: Answer): boolean => status < 300;
      const attempt = (): Promise<Answer> => send(method, path, body);
      const answer = await poll(attempt, (each) => taken(each) || !passes(each), replication);
      if (!taken(answer)) throw refusal(deed, answer);
      return answer.json ?? {};
    },
    find: (path) =>
      poll(
        () => get(path),
        (found) => found !== undefined,
        moment,
      ),
    settled: async (deed, path, accept = () => true) => {
      const accepted = (found: Properties | undefined): boolean => found !== undefined && accept(found);
      const found = await poll(() => get(path), accepted, replication);
      if (found !== undefined && accept(found)) return found;
      throw new Error(`${deed}: ${path} did not get there in time`);
    },
    exclusively: async <T>(objectId: string, work: () => Promise<T>): Promise<T> => {
      const earlier = queues.get(objectId) ?? Promise.resolve();
      const mine = earlier.then(work, work);
      queues.set(
        objectId,
        mine.catch(() => undefined),
      );
      return mine;
    },
  };
}

/** A new object is not yet where the request arrived, or another change to it is under way. */
export function notYetThere({ status }: Answer): boolean {
  return status === 404 || status === 409;
}

/** Repeats an attempt, at growing distances, until it is done or patience ends; gives the last outcome. */
async function poll<T>(
  attempt: () => Promise<T>,
  done: (outcome: T) => boolean,
  milliseconds: number,
): Promise<T> {
  const giveUpAt = Date.now() + milliseconds;
  for (let pause = 50; ; pause = Math.min(pause * 2, longestPauseMilliseconds)) {
    const outcome = await attempt();
    if (done(outcome) || Date.now() > giveUpAt) return outcome;
    await setTimeout(pause);
  }
}

/** Reports what Graph answered, with the real provider's text. */
function refusal(deed: string, { status, json, text }: Answer): Error {
  const error = json?.["error"];
  const reason = isRecord(error)
    ? `${String(error["code"])}: ${String(error["message"])}`
    : text.slice(0, 300);
  return new Error(`${deed}: unexpected status ${status} with error: ${reason}`);
}

/** Whether Graph refused for a reason that its message tells. */
export function refusedWith(answer: Answer, status: number, message: RegExp): boolean {
  return answer.status === status && message.test(answer.text);
}

/** A value in an OData filter. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A path with a filter. */
export function filtered(path: string, filter: string): string {
  return `${path}?$filter=${encodeURIComponent(filter)}`;
}
