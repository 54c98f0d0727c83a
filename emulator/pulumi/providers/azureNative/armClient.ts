import { setTimeout } from "node:timers/promises";
import { isRecord, text, type Properties } from "../../properties";
import type { Answer, RestClient } from "../restClient";

/** Azure Resource Manager as the real azure-native provider uses it. IDs begin with a slash. */
export interface ArmClient {
  readonly subscriptionId: string;
  /** @returns undefined for 404. */
  get(id: string, apiVersion: string): Promise<Properties | undefined>;
  /** @throws {Error} when something has the ID already, or that cannot be found out. */
  expectAbsent(id: string, apiVersion: string): Promise<void>;
  /** Sends the whole resource and waits until Azure has finished with it. */
  put(id: string, apiVersion: string, body: Properties): Promise<Answer>;
  /** Gone already is fine. */
  delete(id: string, apiVersion: string): Promise<void>;
}

const longestPollMilliseconds = 30_000;

/** @param client Signs in and sends. */
export function armClient(client: RestClient): ArmClient {
  const { resourceManager: armBase, resourceManagerAudience } = client.cloud;
  // The audience that the metadata endpoint names first, slash and all.
  const armScope = `${resourceManagerAudience}//.default`;
  const urlOf = (id: string, apiVersion: string): string => `${armBase}${id}?api-version=${apiVersion}`;
  const read = (url: string): Promise<Answer> => client.send({ method: "GET", url, scope: armScope });

  /** @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations (read 2026-11) */
  const finished = async (first: Answer, url: string): Promise<Answer> => {
    const operation = first.header("azure-asyncoperation") ?? first.header("operation-location");
    // Some resources send a Location with an answer that is final.
    const poll = operation ?? (first.status === 202 ? first.header("location") : null);
    if (poll === null && first.status !== 202 && isTerminal(provisioningState(first))) return first;
    let answer = first;
    for (;;) {
      await setTimeout(pollMilliseconds(answer));
      answer = await read(new URL(poll ?? url, armBase).href);
      const state = text(answer.json ?? {}, "status") ?? provisioningState(answer);
      if (answer.status === 202 || (state !== undefined && !isTerminal(state))) continue;
      if (state === "Failed" || state === "Canceled") throw new Error(`${state}: ${errorText(answer)}`);
      return answer;
    }
  };

  return {
    get subscriptionId() {
      return client.signIn().subscriptionId;
    },
    async get(id, apiVersion) {
      const answer = await read(urlOf(id, apiVersion));
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw new Error(errorText(answer));
      return answer.json ?? {};
    },
    async expectAbsent(id, apiVersion) {
      const answer = await read(urlOf(id, apiVersion));
      if (answer.status === 404 || answer.status === 204) return;
      if (answer.status !== 200) {
        throw new Error(
          `cannot check existence of resource '${id}': status code ${answer.status}, ${answer.text}`,
        );
      }
      if (answer.json !== undefined && Object.keys(answer.json).length > 0) {
        throw new Error(`cannot create already existing resource '${id}'`);
      }
    },
    async put(id, apiVersion, body) {
      const url = urlOf(id, apiVersion);
      const answer = await client.send({ method: "PUT", url, scope: armScope, body });
      if (![200, 201, 202].includes(answer.status)) return answer;
      await finished(answer, url);
      return answer;
    },
    async delete(id, apiVersion) {
      const url = urlOf(id, apiVersion);
      const answer = await client.send({ method: "DELETE", url, scope: armScope });
      if (answer.status === 404 || answer.status === 204 || answer.status === 200) return;
      if (answer.status !== 202) throw new Error(errorText(answer));
      const poll = answer.header("azure-asyncoperation") ?? answer.header("location");
      if (poll === null) throw new Error("response is missing polling URL");
      await finished(answer, url);
    },
  };
}

/** What ARM said, in the real provider's form. */
export function errorText({ status, json, text: body }: Answer): string {
  const error = json?.["error"];
  return isRecord(error)
    ? `Status=${status} Code="${String(error["code"])}" Message="${String(error["message"])}"`
    : `Status=${status} ${body.slice(0, 300)}`;
}

function provisioningState(answer: Answer): string | undefined {
  const properties = answer.json?.["properties"];
  return isRecord(properties) ? text(properties, "provisioningState") : undefined;
}

function isTerminal(state: string | undefined): boolean {
  return state === undefined || ["succeeded", "failed", "canceled"].includes(state.toLowerCase());
}

function pollMilliseconds(answer: Answer): number {
  const milliseconds = Number(answer.header("retry-after-ms") ?? answer.header("x-ms-retry-after-ms") ?? NaN);
  if (!Number.isNaN(milliseconds)) return milliseconds;
  const seconds = Number(answer.header("retry-after") ?? NaN);
  return Number.isNaN(seconds) ? 1000 : Math.min(seconds * 1000, longestPollMilliseconds);
}
