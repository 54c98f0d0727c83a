import type { Cloud } from "../../core/cloud/clouds";
import type { Fault } from "../../core/errors";
import {
  audienceIn,
  graphApiName,
  hostsText,
  knownApiOf,
  readWrittenApi,
  type KnownApi,
} from "../../core/permissions/knownApis";
import { apiAddressFault, apisNamed, type NamedApi, type Refusal } from "../../core/permissions/apiAddress";
import { appIdentifier, isSecretApp, type CopilotApp } from "../settings";
import type { AgentRequest, RequestApi } from "./agentRequest";

/** A read of another API, as the command line has it. */
interface WrittenRequest {
  /** The API's name, client ID or application ID URI. */
  readonly api: string;
  readonly url: URL;
  /** Property that has the list; "" where the answer itself is the list; undefined where the text names none. */
  readonly list: string | undefined;
  readonly field: string;
}

const sharePointName = "Office365SharePointOnline";

/** Reads `API URL FIELD`, where FIELD is a property, or `LIST[].PROPERTY`, or `[].PROPERTY`. */
function readRequest(text: string): WrittenRequest | undefined {
  const [, api, address = "", list, field] =
    /^(\S.*?)\s+(https:\/\/\S+)\s+(?:([a-z_]\w*|)\[\]\.)?([a-z_]\w*)$/i.exec(text) ?? [];
  if (api === undefined || field === undefined || !URL.canParse(address)) return undefined;
  return { api, url: new URL(address), list, field };
}

/**
 * The reads of other APIs that an app can make.
 *
 * @param apis Of which the app has permissions.
 * @param texts Judged before, by {@link apiRequestFaults}.
 */
export function apiRequestsOf(
  cloud: Cloud,
  apis: readonly NamedApi[],
  texts: readonly string[],
): AgentRequest[] {
  return texts.flatMap((text) => {
    const request = readRequest(text);
    const [api] = request === undefined ? [] : askedApis(cloud, request, apis);
    return request === undefined || api === undefined ? [] : [agentRequest(request, api)];
  });
}

function agentRequest(
  { url, list, field }: WrittenRequest,
  { clientId, name, audience }: NamedApi,
): AgentRequest {
  const plainName = plain(name) || `API ${clientId}`;
  const path = `${url.pathname}${url.search}`;
  return {
    key: `ask-${appIdentifier(plainName).toLowerCase()}`,
    title: `Ask ${plainName}`,
    description: `Returns ${field} of each object of GET ${path} of ${plainName}.`,
    permissions: [],
    method: "GET",
    path,
    parameters: [],
    fields: [field],
    byDefault: true,
    api: { name: plainName, audience, baseUrl: url.origin, ...noteOf(clientId) },
    ...(list === undefined ? {} : { list }),
  };
}

function noteOf(id: string): Pick<RequestApi, "note"> {
  const { instead, note = instead } = knownApiOf(id) ?? {};
  return note === undefined ? {} : { note };
}

/** A name becomes part of messages and scripts, where brackets and quotes mean something. */
function plain(name: string): string {
  return /[a-z0-9]/i.test(name)
    ? name
        .replaceAll(/[^\p{L}\p{N} .-]/gu, " ")
        .replaceAll(/ +/g, " ")
        .trim()
        .slice(0, 60)
    : "";
}

/** The APIs that a request names: of the app, or one to which access is given otherwise than by app roles. */
function askedApis(cloud: Cloud, { api: text, url }: WrittenRequest, apis: readonly NamedApi[]): NamedApi[] {
  const written = readWrittenApi(text);
  const known = written.kind === "clientId" ? written.known : undefined;
  const named = apisNamed(text, apis);
  if (named.length > 0 || known?.instead === undefined || hostsText(cloud, known) === undefined) return named;
  const { clientId, title } = known;
  return [{ clientId, name: title, audience: audienceIn(cloud, known) ?? url.origin }];
}

/** The APIs that requests name, for an app without a stack. */
export function apisOfRequests(cloud: Cloud, texts: readonly string[]): NamedApi[] {
  return texts.flatMap((text) => {
    const request = readRequest(text);
    if (request === undefined) return [];
    const written = readWrittenApi(request.api);
    if (written.kind === "unknown") return [];
    if (written.kind === "uri")
      return [{ clientId: "", name: `API ${written.uri.replace(/^\w+:\/\//, "")}`, audience: written.uri }];
    const { clientId, known } = written;
    if (known === undefined) return [{ clientId, name: clientId, audience: clientId }];
    const audience = audienceIn(cloud, known, written.audience) ?? clientId;
    return known.instead === undefined ? [{ clientId, name: known.title, audience }] : [];
  });
}

/** What the settings ask of other APIs that no app may do, or that would send a token to another host. */
export function apiRequestFaults(apps: readonly CopilotApp[], texts: readonly string[]): Fault[] {
  const [app] = apps;
  if (app === undefined) return [];
  const { cloud } = app;
  const apis = distinct(apps.flatMap((app) => (isSecretApp(app) ? app.apis : [])));
  const keys = new Set<string>(["ask-microsoftgraph"]);
  return texts.flatMap((value): Fault[] => {
    const refusal = refusalOf(cloud, readRequest(value), apis, keys);
    if (refusal === undefined) return [];
    const [reason, repair] = refusal;
    return [{ code: "COPILOT_SETTING_INVALID", key: "--api-request", value, reason, repair }];
  });
}

/** @param keys Of the requests so far, of which two must not be the same. */
function refusalOf(
  cloud: Cloud,
  request: WrittenRequest | undefined,
  apis: readonly NamedApi[],
  keys: Set<string>,
): Refusal | undefined {
  if (request === undefined) {
    return ["An API, an https URL and a property are expected, with spaces between.", example];
  }
  const [api] = askedApis(cloud, request, apis);
  const key = api === undefined ? "" : agentRequest(request, api).key;
  const isTaken = keys.has(key);
  keys.add(key);
  const refusal = requestFault(cloud, request, apis);
  if (refusal !== undefined || !isTaken) return refusal;
  return ["An API has one request, and the names of two have to differ.", "Leave one of them out."];
}

const example = "--api-request 'api://<client ID> https://api.contoso.com/orders value[].id'";

function requestFault(cloud: Cloud, request: WrittenRequest, apis: readonly NamedApi[]): Refusal | undefined {
  const named = distinct(askedApis(cloud, request, apis));
  const [api] = named;
  const written = readWrittenApi(request.api);
  const known = written.kind === "clientId" ? written.known : knownApiOf(api?.clientId ?? "");
  if (known?.name === graphApiName) {
    return [
      "That is Microsoft Graph, which has a flag of its own.",
      `--graph-request '${pathOf(request.url)}'`,
    ];
  }
  if (known?.name === sharePointName) {
    return [
      "Flows and topics sign in with a client secret, and SharePoint's REST API refuses app-only tokens that were got with one.",
      "Ask Microsoft Graph instead: --graph-request '/v1.0/sites/root?$select=displayName'",
    ];
  }
  if (api === undefined) {
    const names = apis.map(({ name }) => name).join(", ");
    return [
      apis.length === 0
        ? "No app with a client secret has permissions of other APIs."
        : `No app with a client secret has permissions of it. They have those of: ${names}.`,
      known?.instead ?? "Add it to the app's apis, which docs/other-apis.md describes, and deploy.",
    ];
  }
  if (named.length > 1) {
    const ids = named.map(({ clientId }) => clientId).join(" or ");
    return ["Several APIs have this name.", `Name it by its client ID: ${ids}`];
  }
  return urlFault(cloud, request.url, known);
}

/** What the workflow language and Power Fx read as a formula; a URL parser leaves them in a query. */
const formulaCharacters = /[{}\\^`|]/;

function urlFault(cloud: Cloud, url: URL, known: KnownApi | undefined): Refusal | undefined {
  if (formulaCharacters.test(pathOf(url))) {
    return [
      "Its path has characters that a flow or a topic reads as a formula.",
      "Name it without { } \\ ^ ` |.",
    ];
  }
  return apiAddressFault(cloud, url, known);
}

function pathOf({ pathname, search }: URL): string {
  return `${pathname}${search}`;
}

function distinct(apis: readonly NamedApi[]): NamedApi[] {
  return [...new Map(apis.map((api) => [api.clientId || api.audience, api])).values()];
}
