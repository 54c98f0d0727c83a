import { cloudOfEnvironment, clouds, type Cloud } from "../../tenant/clouds";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import { EmulatorError } from "../../errors";
import { isRecord, text, type Properties } from "../properties";
import { readEmulatedAzure, type EmulatedAzure } from "./emulatorOnly";
import { readProviderSignIn, type AssertionSource, type ProviderSignIn } from "./providerSignIn";

/** An answer whose body has been read. */
export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined when the body is empty or something else. */
  readonly json: Properties | undefined;
  readonly text: string;
  header(name: string): string | null;
}

export interface RestRequest {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  /** Scope of the token to send. */
  readonly scope: string;
  readonly body?: unknown;
}

/** Sends signed-in requests to the emulated Azure. */
export interface RestClient {
  /** The cloud that environment or configuration choose. */
  readonly cloud: Cloud;
  /**
   * Who it signs in as; read when it is first needed, so that an unused provider needs no credentials.
   *
   * @throws {EmulatorError} see {@link readProviderSignIn}.
   */
  signIn(): ProviderSignIn;
  /** Waits out throttling and passing faults, then gives whatever the service says. */
  send(request: RestRequest): Promise<Answer>;
  /** Claims of the token for a scope. */
  claims(scope: string): Promise<Properties>;
}

interface HeldToken {
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** More connections than these only cost more TLS handshakes. */
const connectionsPerHost = 6;
const attempts = 5;
const passingStatuses = [408, 429, 500, 502, 503, 504];
/** What the real providers ask a federated token for, in whatever cloud, unless they are told another audience. */
const publicAudience = clouds.public.exchangeAudience;
/** A token is fetched anew when it has less than this left. */
const tokenMarginMilliseconds = 300_000;

/**
 * Makes a client for one identity.
 *
 * @param environment Points at the emulator and holds the `ARM_*` variables, or what a provider's configuration says
 *   in their place.
 * @throws {EmulatorError} see {@link readEmulatedAzure}.
 */
export function restClient(environment: NodeJS.ProcessEnv): RestClient {
  const azure = readEmulatedAzure(environment);
  const cloud = readCloud(environment);
  const dispatcher = dispatcherTo(azure);
  const tokens = new Map<string, Promise<HeldToken>>();

  const exchange = async (url: string, init: object): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url, { ...init, dispatcher, redirect: "manual" });
        const text = await response.text();
        if (!passingStatuses.includes(response.status) || attempt === attempts) {
          return {
            status: response.status,
            json: parseObject(text),
            text,
            header: (name) => response.headers.get(name),
          };
        }
        await setTimeout(waitMilliseconds(attempt, response.headers.get("retry-after")));
      } catch (error) {
        if (attempt === attempts || !passesByItself(error)) throw unreachable(url, error);
        await setTimeout(waitMilliseconds(attempt, null));
      }
    }
  };

  let read: ProviderSignIn | undefined;
  const signIn = (): ProviderSignIn => (read ??= readProviderSignIn(environment));

  /** A fresh one for each token: an assertion lives for minutes. */
  const fetchAssertion = async (source: AssertionSource): Promise<string> => {
    if (source.kind === "value") return source.assertion;
    if (source.kind === "file") return (await readFile(source.path, "utf8")).trim();
    const url = new URL(source.url);
    url.searchParams.set(
      "audience",
      environment["ARM_OIDC_AUDIENCE"] ?? url.searchParams.get("audience") ?? publicAudience,
    );
    const answer = await exchange(url.href, {
      headers: { Authorization: `Bearer ${source.bearer}`, Accept: "application/json" },
    });
    const value = answer.json?.["value"];
    if (typeof value === "string") return value;
    throw new EmulatorError(
      "SIGN_IN_REFUSED",
      // Not the whole answer: what it is instead of an assertion may be one nevertheless.
      `${source.variable} gave no assertion: ${answer.status} ${text(answer.json ?? {}, "message") ?? ""}`.trimEnd(),
    );
  };

  const fetchToken = async (scope: string): Promise<HeldToken> => {
    const { tenantId, clientId, credential } = signIn();
    const fields =
      "clientSecret" in credential
        ? { client_secret: credential.clientSecret }
        : {
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: await fetchAssertion(credential.assertion),
          };
    const form = { grant_type: "client_credentials", client_id: clientId, scope, ...fields };
    const answer = await exchange(`${cloud.authority}/${tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
      body: new URLSearchParams(form).toString(),
    });
    const accessToken = text(answer.json ?? {}, "access_token");
    if (answer.status !== 200 || accessToken === undefined) {
      const reason = text(answer.json ?? {}, "error_description") ?? `HTTP ${answer.status}`;
      throw new EmulatorError("SIGN_IN_REFUSED", `Signing in as ${clientId}: ${reason}`);
    }
    return { accessToken, expiresAt: Date.now() + Number(answer.json?.["expires_in"] ?? 0) * 1000 };
  };

  /** One request for all who ask at the same time; a refused one is asked again the next time. */
  const startToken = (scope: string): Promise<HeldToken> => {
    const token = fetchToken(scope);
    tokens.set(scope, token);
    token.catch(() => tokens.delete(scope));
    return token;
  };

  const accessToken = async (scope: string): Promise<string> => {
    const held = tokens.get(scope) ?? startToken(scope);
    const token = await held;
    if (token.expiresAt - Date.now() > tokenMarginMilliseconds) return token.accessToken;
    const newer = tokens.get(scope);
    const fresh = newer === undefined || newer === held ? startToken(scope) : newer;
    return (await fresh).accessToken;
  };

  return {
    cloud,
    signIn,
    send: async ({ method, url, scope, body }) =>
      exchange(url, {
        method,
        headers: {
          Accept: "application/json",
          Authorization: `Bearer ${await accessToken(scope)}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json; charset=utf-8" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    claims: async (scope) => {
      const payload = (await accessToken(scope)).split(".")[1] ?? "";
      return parseObject(Buffer.from(payload, "base64url").toString("utf8")) ?? {};
    },
  };
}

const dispatchers = new Map<string, EnvHttpProxyAgent>();

/** One for all clients of an emulated Azure: idle connections stay for the next run, and do not keep the process alive. */
function dispatcherTo({ proxy, certificateAuthority: ca }: EmulatedAzure): EnvHttpProxyAgent {
  const key = JSON.stringify([proxy, ca]);
  const dispatcher =
    dispatchers.get(key) ??
    new EnvHttpProxyAgent({
      httpsProxy: proxy,
      noProxy: "",
      requestTls: { ca },
      connections: connectionsPerHost,
    });
  dispatchers.set(key, dispatcher);
  return dispatcher;
}

/** @throws {EmulatorError} `EMULATOR_SIGN_IN` for a value that the real providers refuse. */
function readCloud({ ARM_ENVIRONMENT: given }: NodeJS.ProcessEnv): Cloud {
  const cloud = cloudOfEnvironment(given);
  if (cloud !== undefined) return cloud;
  throw new EmulatorError("EMULATOR_SIGN_IN", `The provider knows no environment ${JSON.stringify(given)}.`);
}

function waitMilliseconds(attempt: number, retryAfter: string | null): number {
  const seconds = Number.parseFloat(retryAfter ?? "");
  return Number.isNaN(seconds) ? 250 * 2 ** attempt : seconds * 1000;
}

/** Whether a connection just broke; a certificate or a host that is refused stays refused. */
function passesByItself(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return (
    isRecord(cause) && ["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET"].includes(String(cause["code"]))
  );
}

function parseObject(text: string): Properties | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function unreachable(url: string, error: unknown): Error {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new Error(`${new URL(url).hostname} cannot be reached through the emulator's proxy: ${reason}`, {
    cause: error,
  });
}
