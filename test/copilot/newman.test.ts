import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { defaultCopilotSettings } from "../../copilot/settings";
import { azure } from "../../emulator/server/azure";
import { copilotTrial, type CopilotTrial } from "../../scripts/copilot/trial/copilotTrial";
import { serveTenant, type EmulatedAzureServer } from "../support/emulatedAzureServer";
import { textFile } from "./support/artefactFixture";

/** Folder of the npm package `newman`, Postman's own runner: `npm install --prefix <folder> --no-save newman@6.2.1`. */
const packages = process.env["NEWMAN_PACKAGES"] ?? "";
const newman = join(packages, "node_modules/newman/bin/newman.js");
const isThere = packages !== "" && existsSync(newman);

interface PostmanEnvironment {
  values: { key: string; value: string; type: string }[];
}

/** What newman did with the collection. */
interface Run {
  readonly exitCode: number;
  /** Name and status of each answered request. */
  readonly answers: string[];
  /** What failed of the collection's own tests. */
  readonly failures: string[];
  /** The environment afterwards. */
  readonly environment: PostmanEnvironment;
}

interface NewmanReport {
  readonly run: {
    readonly executions: readonly {
      readonly item: { readonly name: string };
      readonly response?: { readonly code: number };
    }[];
    readonly failures: readonly { readonly error: { readonly test?: string; readonly message: string } }[];
  };
}

const skipped = isThere ? "" : " (skipped: NEWMAN_PACKAGES names no folder)";

// Starting it is slow on a busy machine.
describe.runIf(isThere)(`newman, Postman's runner${skipped}`, () => {
  let trial: CopilotTrial;
  let server: EmulatedAzureServer;
  /** What the next token request is answered with, instead of the emulated tenant's own answer. */
  let answerInstead: (() => Response) | undefined;
  const tokenRequests: URLSearchParams[] = [];
  const graphTokens: (string | null)[] = [];

  beforeAll(async () => {
    trial = await copilotTrial(defaultCopilotSettings);
    const answer = azure(trial.tenant);
    server = await serveTenant(trial.tenant, async (request) => {
      if (new URL(request.url).hostname === "graph.microsoft.com") {
        graphTokens.push(request.headers.get("Authorization"));
        return answer(request);
      }
      tokenRequests.push(new URLSearchParams(await request.clone().text()));
      return answerInstead?.() ?? answer(request);
    });
  });
  beforeEach(() => {
    answerInstead = undefined;
    tokenRequests.splice(0);
    graphTokens.splice(0);
  });
  afterAll(() => server.close());

  /** The written environment, with what its user fills in. */
  function environmentWith(values: Readonly<Record<string, string>>): PostmanEnvironment {
    const text = textFile(trial.files, artefactPaths.postmanEnvironment);
    const environment = JSON.parse(text) as PostmanEnvironment;
    for (const each of environment.values) each.value = values[each.key] ?? each.value;
    return environment;
  }

  /** Runs the collection. @param request Only this one. */
  async function run(environment: PostmanEnvironment, request?: string): Promise<Run> {
    const file = (name: string): string => join(server.folder, name);
    writeFileSync(file("collection.json"), textFile(trial.files, artefactPaths.postmanCollection));
    writeFileSync(file("environment.json"), JSON.stringify(environment));
    const args = [
      newman, "run", file("collection.json"), "--environment", file("environment.json"),
      "--export-environment", file("after.json"), "--reporters", "json", "--reporter-json-export", file("report.json"),
      "--ssl-extra-ca-certs", server.environment["NODE_EXTRA_CA_CERTS"] ?? "",
      ...(request === undefined ? [] : ["--folder", request]),
    ]; // prettier-ignore
    const exitCode = await new Promise<number>((resolve) => {
      const child = execFile(process.execPath, args, { env: server.environment });
      child.once("close", (code) => {
        resolve(code ?? -1);
      });
    });
    const { run: ran } = JSON.parse(readFileSync(file("report.json"), "utf8")) as NewmanReport;
    return {
      exitCode,
      answers: ran.executions.map(({ item, response }) => `${item.name}: ${response?.code ?? "no answer"}`),
      failures: ran.failures.map(({ error }) => error.test ?? error.message),
      environment: JSON.parse(readFileSync(file("after.json"), "utf8")) as PostmanEnvironment,
    };
  }

  function valueOf({ values }: PostmanEnvironment, name: string): unknown {
    return values.find(({ key }) => key === name)?.value;
  }

  const secretOf = (): PostmanEnvironment => environmentWith({ clientSecret: trial.clientSecret });

  it("gets a token and asks Microsoft Graph with it", async () => {
    const { environment, ...ran } = await run(secretOf());
    expect(ran).toEqual({
      exitCode: 0,
      answers: ["Get a token: 200", "Ask Microsoft Graph: 200"],
      failures: [],
    });
    expect(graphTokens).toEqual([`Bearer ${String(valueOf(environment, "accessToken"))}`]);
    expect([...server.refusedHosts]).toEqual([]);
  });

  it.each([
    ["a refusal", "Get a token: 401", undefined],
    ["a page of a proxy", "Get a token: 200", (): Response => new Response("<html>Sign in</html>")],
    [
      "an answer without a token",
      "Get a token: 200",
      (): Response => Response.json({ token_type: "Bearer" }),
    ],
  ])(
    "keeps no token after %s, not even an earlier one, and asks nothing with it",
    async (_, answer, instead) => {
      answerInstead = instead;
      const ran = await run(
        environmentWith({ clientSecret: "not-the-secret", accessToken: "an-earlier-token" }),
      );
      expect(ran).toMatchObject({
        exitCode: 1,
        answers: [answer],
        failures: ["Microsoft Entra gives a token"],
      });
      expect(valueOf(ran.environment, "accessToken")).toBe("");
      expect(graphTokens).toEqual([]);
    },
  );

  it("says what to do about an expired token, and a run of both requests renews it", async () => {
    const { environment: before } = await run(secretOf());
    trial.tenant.clock.advance(2 * 3_600_000);
    const alone = await run(before, "Ask Microsoft Graph");
    expect(alone).toMatchObject({
      answers: ["Ask Microsoft Graph: 401"],
      failures: ['Microsoft Graph answers (after a 401, send "Get a token" again)'],
    });
    expect(valueOf(alone.environment, "accessToken")).toBe("");
    const { answers, environment } = await run(before);
    expect(answers).toEqual(["Get a token: 200", "Ask Microsoft Graph: 200"]);
    expect(valueOf(environment, "accessToken")).not.toBe(valueOf(before, "accessToken"));
  });

  it.each([
    "a&client_id=b",
    "a+b c%41",
    "é😀\u2028",
    "{{unknown}}",
    '"; pm.environment.clear(); //',
    "a\r\nb",
  ])("sends a secret as it is: %j", async (clientSecret) => {
    await run(environmentWith({ clientSecret }));
    expect(tokenRequests.map((form) => [...form])).toEqual([
      [
        ["grant_type", "client_credentials"],
        ["client_id", trial.app.clientId],
        ["client_secret", clientSecret],
        ["scope", "https://graph.microsoft.com/.default"],
      ],
    ]);
  });

  it.each(["x@evil.example", "../../evil", "a?b#c", "//evil.example"])(
    "asks no other host for a tenant ID such as %s, and gets no token",
    async (tenantId) => {
      const ran = await run(environmentWith({ tenantId, clientSecret: trial.clientSecret }));
      expect(valueOf(ran.environment, "accessToken")).toBe("");
      expect([...server.refusedHosts, ...graphTokens]).toEqual([]);
    },
  );
});
