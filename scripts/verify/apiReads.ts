import type { AzureClient } from "../../azure/azureClient";
import type { Credential } from "../../azure/credential";
import { parseJson } from "../../azure/json";
import type { Service } from "../../azure/services";
import type { Cloud } from "../../core/cloud/clouds";
import { faultsError, type Fault } from "../../core/errors";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { apiAddressFault, apisNamed } from "../../core/permissions/apiAddress";
import { knownApiOf } from "../../core/permissions/knownApis";
import { UsageError } from "../shared/command";
import type { ApiReadSeen } from "./evidence";

/**
 * Reads of APIs that the caller names, each as `API URL`, by the API's client ID. They come from the command line alone: an
 * outputs file that others can write must not say where a token goes.
 *
 * @throws {UsageError} naming every text whose API no app has, or whose URL is not where the API is.
 */
export function readsAskedFor(
  cloud: Cloud,
  texts: readonly string[],
  { apps }: StackOutputs,
): ReadonlyMap<string, URL> {
  const apis = [
    ...new Map(
      Object.values(apps).flatMap((app) => (app.apis ?? []).map((api) => [api.clientId, api] as const)),
    ).values(),
  ];
  const reads = new Map<string, URL>();
  const faults = texts.flatMap((value): Fault[] => {
    const fault = (reason: string, repair: string): Fault[] => [
      { code: "USAGE_ERROR", key: "--api-read", value, reason, repair },
    ];
    const [, name = "", address = ""] = /^(\S.*?)\s+(https:\/\/\S+)$/.exec(value) ?? [];
    if (!URL.canParse(address)) {
      return fault(
        "An API and an https URL of it are expected, with a space between.",
        "--api-read 'api://<client ID> https://api.contoso.com/orders'",
      );
    }
    const [api, ...others] = apisNamed(name, apis);
    if (api === undefined) {
      const names = apis.map((one) => one.name).join(", ");
      return fault(
        names === "" ? "No app has permissions of other APIs." : "No app has permissions of it.",
        names === "" ? "Leave it out." : `The apps have those of: ${names}.`,
      );
    }
    if (others.length > 0) return fault("Several APIs have this name.", "Name it by its client ID.");
    if (reads.has(api.clientId)) return fault(`${api.name} has one read already.`, "Leave one of them out.");
    const url = new URL(address);
    reads.set(api.clientId, url);
    const refusal = apiAddressFault(cloud, url, knownApiOf(api.clientId));
    return refusal === undefined ? [] : fault(...refusal);
  });
  if (faults.length > 0) throw UsageError.from(faultsError(faults));
  return reads;
}

/**
 * Reads a URL of an API twice, with the app's token and without: only an API that refuses the second shows by its answer
 * to the first that it takes the token.
 *
 * @param resource Whom the token is for; it owns the URL's host.
 */
export async function readApi(
  client: AzureClient,
  resource: Service,
  url: URL,
  token: Credential,
): Promise<ApiReadSeen> {
  const request = { to: resource, method: "GET", url } as const;
  const answer = await client.send({ ...request, token });
  const anonymous = await client.send(request);
  return {
    url: `${url.origin}${url.pathname}`,
    status: answer.status,
    isJson: parseJson(answer.body) !== undefined,
    statusWithoutToken: anonymous.status,
  };
}
