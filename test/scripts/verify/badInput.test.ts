import { beforeEach, describe, expect, it } from "vitest";
import { ConnectionError } from "../../../azure/connectionError";
import type { HttpAnswer } from "../../../azure/http";
import type { CheckId, CheckStatus, VerifyReport } from "../../../scripts/verify/report";
import { reportText } from "../../../scripts/verify/reportText";
import { rotateCommand } from "../../../scripts/rotate/command";
import { execute } from "../../../scripts/shared/command";
import { verifyCommand } from "../../../scripts/verify/command";
import { verify } from "../../../scripts/verify/verify";
import { deployStack, type DeployedStack } from "../../support/deployedStack";
import {
  armEnvironment,
  azureExchange,
  jsonAnswer,
  piped,
  testWorld,
  type Interception,
} from "../../support/testWorld";

/** Something wrong, where it shows, with which words, and how long it may be waited for. */
interface Case {
  readonly spoil?: (stack: DeployedStack) => unknown;
  readonly outputs?: (stack: DeployedStack) => unknown;
  readonly intercept?: Interception;
  readonly clockAheadMinutes?: number;
  readonly check: CheckId;
  readonly words: RegExp;
  /** Of that check; default `fail`. */
  readonly status?: CheckStatus;
  /** Default 0: no waiting for what does not pass by itself. */
  readonly waitSeconds?: { readonly min: number; readonly max: number };
}

const vaultHost = "copilot-test.vault.azure.net";
const upToTheLimit = { min: 80, max: 120 };

function toVault(answer: HttpAnswer | ConnectionError): Interception {
  return ({ url }) => (new URL(url).hostname === vaultHost ? answer : undefined);
}

/** The app's own token request; the caller's sign-in goes through. */
function toAppToken(answer: HttpAnswer | ConnectionError): Interception {
  return ({ url, body }) =>
    url.endsWith("/token") && !callers.some((clientId) => body?.includes(clientId)) ? answer : undefined;
}

/** The app's own read; the caller's look at the directory goes through. */
function toUsers(answer: HttpAnswer | ConnectionError): Interception {
  return ({ url }) => (url.includes("/v1.0/users") ? answer : undefined);
}

let callers: string[] = [];

function vaultRefusal(code: string, message: string): HttpAnswer {
  return jsonAnswer(403, { error: { code: "Forbidden", message, innererror: { code } } });
}

function graphRefusal(status: number, code: string, headers: Record<string, string> = {}): HttpAnswer {
  const requestId = "6f0b2c1d-3e4a-4b5c-8d7e-9f0a1b2c3d4e";
  return jsonAnswer(
    status,
    { error: { code, message: "no", innerError: {} } },
    { "request-id": requestId, ...headers },
  );
}

function changed(stack: DeployedStack, change: (app: Record<string, unknown>) => void): unknown {
  const outputs = structuredClone(stack.outputs) as unknown as {
    apps: Record<string, Record<string, unknown>>;
  };
  change(outputs.apps["CopilotAPIAuth"] ?? {});
  return outputs;
}

function secretVersion(stack: DeployedStack) {
  const version = stack.tenant.state.vaults["copilot-test"]?.secrets["copilotapiauth"]?.versions.at(-1);
  if (version === undefined) throw new Error("the test vault holds no secret");
  return version;
}

const html: HttpAnswer = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<html>Please sign in to the guest network</html>",
};
const redirect: HttpAnswer = { status: 302, headers: { location: "https://portal.example/login" }, body: "" };
const reset = new ConnectionError("CONNECTION_RESET", "The connection ended before a whole answer came.");
const silence = new ConnectionError("CONNECTION_TIMEOUT", "The host gave no whole answer within 20 s.");
const unknownHost = new ConnectionError(
  "HOST_UNKNOWN",
  `The name ${vaultHost} is not known here (ENOTFOUND).`,
);
const refusedByProxy = new ConnectionError(
  "PROXY_REFUSED",
  `The proxy proxy.example:8080 (HTTPS_PROXY) refused to connect to ${vaultHost}: 403 Forbidden.`,
);

const cases: Readonly<Record<string, Case>> = {
  "outputs of something else": {
    outputs: () => ({ url: "x" }),
    check: "outputs",
    words: /standard input: These are not/,
  },
  "outputs without an app": {
    outputs: ({ outputs }) => ({ ...outputs, apps: {} }),
    check: "outputs",
    words: /the stack has no app/,
  },
  "stale outputs": {
    outputs: (stack) =>
      changed(stack, (app) => {
        app["credential"] = {
          ...(app["credential"] as object),
          sequence: 3,
          keyId: "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49",
        };
      }),
    check: "vault-secret",
    words: /the vault holds keyId .* \(sequence 1\), the outputs name 0b7d2a51.* \(sequence 3\)/,
  },
  "outputs of another stack in the same vault": {
    outputs: (stack) => changed(stack, (app) => (app["clientId"] = "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49")),
    check: "vault-secret",
    words: /tagged for client .* the outputs name 0b7d2a51/,
  },
  "outputs that send the token elsewhere": {
    outputs: ({ outputs }) => ({ ...outputs, vaultUri: "https://vault.example.com/" }),
    check: "outputs",
    words: /vaultUri: it is not https:\/\/copilot-test\.vault\.azure\.net\/.*no token is sent there/,
  },
  "an unknown vault": { intercept: toVault(unknownHost), check: "vault-secret", words: /ENOTFOUND/ },
  "a vault behind a proxy that refuses": {
    intercept: toVault(refusedByProxy),
    check: "vault-secret",
    words: /proxy\.example:8080/,
  },
  "a vault behind its firewall": {
    intercept: toVault(vaultRefusal("ForbiddenByFirewall", "Client address is not authorized: 203.0.113.7")),
    check: "vault-secret",
    words: /firewall refuses this address \(403 ForbiddenByFirewall\).*203\.0\.113\.7/,
  },
  "a vault without public access": {
    intercept: toVault(vaultRefusal("ForbiddenByConnection", "Public network access is disabled")),
    check: "vault-secret",
    words: /takes no public connections/,
  },
  "a vault that is throttled for ever": {
    intercept: toVault(
      jsonAnswer(429, { error: { code: "Throttled", message: "Slow down" } }, { "retry-after": "7" }),
    ),
    check: "vault-secret",
    words: /429 Throttled: Slow down/,
    waitSeconds: upToTheLimit,
  },
  "a disabled secret": {
    spoil: (stack) => (secretVersion(stack).enabled = false),
    check: "vault-secret",
    words: /CopilotAPIAuth is disabled \(403 SecretDisabled\)/,
  },
  "a deleted secret": {
    spoil: (stack) => stack.call("DELETE", `https://${vaultHost}/secrets/CopilotAPIAuth?api-version=7.6`),
    check: "vault-secret",
    words: /has no secret CopilotAPIAuth \(404 SecretNotFound\)/,
  },
  "a vault secret past its date": {
    spoil: (stack) => (secretVersion(stack).exp = stack.clock.now().getTime() / 1000 - 60),
    check: "vault-secret",
    words: /it expired at 2026-11-22T10:59:00Z/,
  },
  "a vault secret with a date of no calendar": {
    spoil: (stack) => (secretVersion(stack).exp = 1e300),
    check: "vault-secret",
    words: /Key Vault answered 200 NOT_JSON: .* not what the service sends/,
  },
  "a secret's ID stored in place of its value": {
    spoil: (stack) => Object.assign(secretVersion(stack), { value: "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49" }),
    check: "vault-secret",
    words: /its value looks like a GUID/,
  },
  "a wrong secret": {
    spoil: (stack) => Object.assign(secretVersion(stack), { value: "wrong~secret" }),
    check: "token",
    words: /401 AADSTS7000215\): Invalid client secret provided/,
  },
  "an app that is gone": {
    spoil: (stack) => {
      const { applicationObjectId } = stack.outputs.apps["CopilotAPIAuth"] ?? {};
      return stack.call(
        "DELETE",
        `https://graph.microsoft.com/v1.0/applications/${applicationObjectId ?? ""}`,
      );
    },
    check: "token",
    words: /AADSTS700016/,
  },
  "a token endpoint that answers HTML": {
    intercept: toAppToken(html),
    check: "token",
    words: /NOT_JSON.*answered 200 with something that is not JSON/,
  },
  "a token endpoint that redirects": {
    intercept: toAppToken(redirect),
    check: "token",
    words: /302 NOT_JSON/,
  },
  "a token endpoint that breaks off": {
    intercept: toAppToken(reset),
    check: "token",
    words: /before a whole answer came/,
    waitSeconds: upToTheLimit,
  },
  "a token endpoint that says nothing": {
    intercept: toAppToken(silence),
    check: "token",
    words: /no whole answer within 20 s/,
    waitSeconds: upToTheLimit,
  },
  "a token endpoint that is out of order": {
    intercept: toAppToken({ status: 503, headers: {}, body: "" }),
    check: "token",
    words: /503 HTTP_503/,
    waitSeconds: upToTheLimit,
  },
  "an answer with something that is no token": {
    intercept: toAppToken(jsonAnswer(200, { access_token: "abc", token_type: "Bearer", expires_in: 3599 })),
    check: "token",
    words: /not a JSON web token/,
  },
  "Graph that refuses the token": {
    intercept: toUsers(graphRefusal(401, "InvalidAuthenticationToken")),
    check: "graph-call",
    words: /401 InvalidAuthenticationToken/,
  },
  "Graph that refuses the read": {
    intercept: toUsers(graphRefusal(403, "Authorization_RequestDenied")),
    check: "graph-call",
    words: /403 Authorization_RequestDenied/,
  },
  "Graph that throttles for ever": {
    intercept: toUsers(graphRefusal(429, "TooManyRequests", { "retry-after": "30" })),
    check: "graph-call",
    words: /429 TooManyRequests/,
    waitSeconds: upToTheLimit,
  },
  "Graph without the licence for a service": {
    intercept: toUsers(graphRefusal(400, "BadRequest")),
    check: "graph-call",
    words: /could not answer for User\.Read\.All \(400\)/,
    status: "warn",
  },
  ...Object.fromEntries(
    Object.entries({
      "200 with a page": { status: 200, body: "<html>Please sign in</html>" },
      "200 with nothing": { status: 200, body: "" },
      "200 with null": { status: 200, body: "null" },
      "200 with an empty object": { status: 200, body: "{}" },
      "200 to another read": { status: 200, body: '{"@odata.context":"x","value":[]}' },
      "204": { status: 204, body: "" },
      "302": { status: 302, body: "" },
      "308": { status: 308, body: "" },
      "400 with a page": { status: 400, body: "<html>no</html>" },
      "404 without a body": { status: 404, body: "" },
    }).map(([name, answer]): [string, Case] => [
      `an answer ${name} in Graph's place`,
      {
        intercept: toUsers({ headers: { "request-id": "6f0b2c1d-3e4a-4b5c-8d7e-9f0a1b2c3d4e" }, ...answer }),
        check: "graph-call",
        words: new RegExp(`the answer ${answer.status} to /users.* is not Microsoft Graph's own`),
      },
    ]),
  ),
  "an answer of Graph's shape without a request ID": {
    intercept: toUsers(
      jsonAnswer(200, {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(id)",
        value: [],
      }),
    ),
    check: "graph-call",
    words: /the answer 200 to \/users.* is not Microsoft Graph's own: it has no request ID/,
  },
  "a clock an hour ahead": {
    clockAheadMinutes: 60,
    check: "claims",
    words: /this machine's clock is about 6\d min ahead/,
  },
  "a clock an hour behind": {
    clockAheadMinutes: -60,
    check: "claims",
    words: /this machine's clock is about (5\d|60) min behind/,
  },
};

let stack: DeployedStack;

beforeEach(async () => {
  stack = await deployStack();
  callers = [stack.tenant.identities.deployer.clientId];
});

async function run({ outputs, intercept, clockAheadMinutes = 0 }: Partial<Case>) {
  const { tenant, clock } = stack;
  const given = outputs?.(stack) ?? stack.outputs;
  const world = testWorld({
    env: armEnvironment(tenant, "deployer"),
    exchange: azureExchange(tenant, intercept),
    now: () => new Date(clock.now().getTime() + clockAheadMinutes * 60_000),
    onSleep: (milliseconds) => {
      clock.advance(milliseconds);
    },
    stdin: piped(typeof given === "string" ? given : JSON.stringify(given)),
  });
  return { report: await verify(world, {}), world };
}

function firstTrouble({ checks }: VerifyReport) {
  return checks.find(({ status }) => status === "fail" || status === "warn");
}

describe("verify, given bad input", () => {
  it.each(Object.entries(cases))("names %s", async (_name, bad) => {
    await bad.spoil?.(stack);
    const { report, world } = await run(bad);

    const trouble = firstTrouble(report);
    expect([trouble?.id, trouble?.status, trouble?.summary]).toEqual([
      bad.check,
      bad.status ?? "fail",
      expect.stringMatching(bad.words),
    ]);
    expect(report.verified).toBe(trouble?.status === "warn");
    expect(world.sleptSeconds()).toBeGreaterThanOrEqual(bad.waitSeconds?.min ?? 0);
    expect(world.sleptSeconds()).toBeLessThanOrEqual(bad.waitSeconds?.max ?? 0);
    expect(reportText(report, false)).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  it.each([verifyCommand, rotateCommand])(
    "sends nothing for outputs of another tenant than the sign-in's: $name",
    async (command) => {
      const stack = await deployStack();
      let sent = 0;
      const exchange = azureExchange(stack.tenant, () => {
        sent += 1;
        return undefined;
      });
      const outputs = { ...stack.outputs, tenantId: "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49" };
      const world = testWorld({
        env: armEnvironment(stack.tenant, "deployer"),
        exchange,
        stdin: piped(JSON.stringify(outputs)),
      });
      const flags = command === rotateCommand ? ["--history"] : [];
      await expect(execute(command, flags, world)).rejects.toMatchObject({ code: "TENANT_DIFFERS" });
      expect([sent, world.printed]).toEqual([0, []]);
    },
  );

  it("says what was tried when there are no outputs at all", async () => {
    const report = await verify(testWorld({ directory: "/nonexistent" }), {});

    expect(report.checks.map(({ id, status }) => [id, status])).toEqual([["outputs", "fail"]]);
    expect(report.checks[0]?.summary).toBe(
      "No stack outputs were found: nothing was piped in, `pulumi stack output`: the Pulumi CLI is not installed, " +
        "and there is no .copilot-token/outputs.json. Pass them with --outputs FILE, or deploy first (pulumi up, or npm run local).",
    );
  });

  it("explains a sign-in that Entra refuses, with every check that needed it failing or skipped", async () => {
    const { tenant, clock } = stack;
    const world = testWorld({
      env: { ...armEnvironment(tenant, "deployer"), ARM_CLIENT_SECRET: "wrong" },
      exchange: azureExchange(tenant),
      now: () => clock.now(),
      stdin: piped(JSON.stringify(stack.outputs)),
    });
    const report = await verify(world, {});

    expect(firstTrouble(report)?.id).toBe("vault-secret");
    expect(firstTrouble(report)?.summary).toMatch(/Signing in as .* was refused \(AADSTS7000215\)/);
    expect(JSON.stringify(report)).not.toContain("wrong");
  });
});
