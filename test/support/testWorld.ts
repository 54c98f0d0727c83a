import { azure } from "../../emulator/server/azure";
import { wholeRequest } from "../../emulator/server/wholeBodies";
import type { Tenant } from "../../emulator/tenant/tenant";
import { ConnectionError } from "../../azure/connectionError";
import type { Exchange, HttpAnswer, HttpRequest } from "../../azure/http";
import type { Environment } from "../../azure/proxy";
import { logText, workflowCommand } from "../../core/sinks";
import type { InputStream, World } from "../../scripts/shared/world";

/** A world in which nothing is real and everything that a command said can be read. */
export interface TestWorld extends World {
  readonly printed: string[];
  readonly told: string[];
  /** Lines of progress, each shown once. */
  readonly progressed: string[];
  /** Total time slept, in seconds. */
  sleptSeconds(): number;
}

export interface TestWorldOptions extends Partial<World> {
  /** Told of each sleep, in milliseconds; a frozen clock moves on by it. */
  readonly onSleep?: (milliseconds: number) => void;
}

/** No network, no tools, no input, nothing in the environment. */
export function testWorld(options: TestWorldOptions = {}): TestWorld {
  const printed: string[] = [];
  const told: string[] = [];
  const progressed: string[] = [];
  let slept = 0;
  return {
    env: {},
    directory: process.cwd(),
    exchange: ({ url }) => Promise.reject(new Error(`no network in this test: ${url}`)),
    preconnect: () => undefined,
    now: () => new Date("2026-11-22T10:00:00Z"),
    inOtherProgram: false,
    words: (said) => said,
    print: (line) => void printed.push(logText(line, options.colours)),
    tell: (line) => void told.push(logText(line, options.colours)),
    annotate: (annotation) => void told.push(workflowCommand(annotation)),
    progress: (line) => {
      if (line !== undefined) progressed.push(logText(line));
    },
    colours: false,
    stdin: noInput,
    ask: (question) => Promise.reject(new Error(`this test answers no question: ${question}`)),
    runTool: () => Promise.resolve({ exitCode: undefined, stdout: "", stderr: "" }),
    ...options,
    sleep: (milliseconds) => {
      slept += milliseconds;
      options.onSleep?.(milliseconds);
      return Promise.resolve();
    },
    printed,
    told,
    progressed,
    sleptSeconds: () => slept / 1000,
  };
}

const noInput: InputStream = { kind: "none", read: () => Promise.resolve("") };

/** Standard input as a pipe that holds a text. */
export function piped(text: string): InputStream {
  return { kind: "pipe", read: () => Promise.resolve(text) };
}

/** Sign-in of one of the tenant's identities, as Pulumi's providers read it. */
export function armEnvironment(tenant: Tenant, who: keyof Tenant["identities"]): Environment {
  const { clientId, clientSecret } = tenant.identities[who];
  return {
    ARM_CLIENT_ID: clientId,
    ARM_CLIENT_SECRET: clientSecret,
    ARM_TENANT_ID: tenant.state.tenantId,
    ARM_SUBSCRIPTION_ID: tenant.state.subscriptionId,
  };
}

/** What answers in Azure's place; undefined lets the emulated Azure answer. */
export type Interception = (request: HttpRequest) => HttpAnswer | ConnectionError | undefined;

/**
 * The emulated Azure as a command's network, without a socket; `intercept` spoils some of it. It is asked about each request of a batch
 * to Microsoft Graph by itself.
 */
export function azureExchange(tenant: Tenant, intercept?: Interception): Exchange {
  const handle = azure(tenant);
  const exchange = async (request: HttpRequest): Promise<HttpAnswer> => {
    const spoilt = intercept?.(request);
    if (spoilt instanceof Error) throw spoilt;
    if (spoilt !== undefined) return spoilt;
    const { method, url, headers = {}, body = "" } = request;
    if (intercept !== undefined && url.endsWith("/$batch")) return answerEach(request, exchange);
    try {
      const response = await handle(wholeRequest(url, method, Object.entries(headers), Buffer.from(body)));
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    } catch (cause) {
      throw new ConnectionError("CONNECTION_RESET", `${new URL(url).host}: dropped`, { cause });
    }
  };
  return exchange;
}

/** Answers a batch of reads by one request after the other. */
async function answerEach(
  { url, headers, body = "" }: HttpRequest,
  exchange: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const root = url.slice(0, -"/$batch".length);
  const { requests } = JSON.parse(body) as { requests: { id: string; method: "GET"; url: string }[] };
  const responses: unknown[] = [];
  for (const { id, method, url: path } of requests) {
    const answer = await exchange({ method, url: root + path, ...(headers && { headers }) });
    const isJson = answer.headers["content-type"]?.includes("json") === true;
    responses.push({ id, ...answer, body: isJson ? (JSON.parse(answer.body) as unknown) : answer.body });
  }
  return jsonAnswer(200, { responses });
}

/** A JSON answer. */
export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}
