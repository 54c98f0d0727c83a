import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { parseAllDocuments } from "yaml";
import { beforeAll, describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { requestTable } from "../../copilot/requests/requestTable";
import {
  everything,
  flowFiles,
  makeArtefacts,
  makeLogicAppArtefacts,
  makeUserArtefacts,
  textFile,
  topicFiles,
} from "./support/artefactFixture";

/** Microsoft's topic schema: `reference/bot.schema.yaml-authoring.json` of microsoft/skills-for-copilot-studio. */
const schemaFile = resolve(process.env["COPILOT_TOPIC_SCHEMA"] ?? "../shared/data/copilot-topic.schema.json");

const orders = { clientId: "11111111-2222-4333-8444-555555555555" };

const variants = [
  ["as default", () => makeArtefacts(everything)],
  ["returning the token", () => makeArtefacts({ ...everything, returnToken: true })],
  ["with the direct topic", () => makeArtefacts({ ...everything, tokenTopic: "direct" })],
  [
    "with every request",
    () =>
      makeArtefacts(
        { ...everything, requests: requestTable.map(({ key }) => key), mailbox: "support@contoso.com" },
        { permissions: requestTable.flatMap((request) => request.permissions) },
      ),
  ],
  [
    "with requests of other APIs",
    () => {
      const apis = ["Orders", "Stock", "Prices"].map((name) => ({
        ...orders,
        name,
        audience: `api://${name}`,
      }));
      const requests = { Orders: "number", Stock: "[].number", Prices: "prices[].number" };
      const apiRequests = Object.entries(requests).map(
        ([name, field]) => `api://${name} https://${name}.contoso.com/v1?top=5 ${field}`,
      );
      return makeArtefacts({ ...everything, apiRequests }, { apis });
    },
  ],
  ["for a Logic App", () => makeLogicAppArtefacts(everything)],
  ["for the signed-in user", () => makeUserArtefacts(everything)],
] as const;

interface Node {
  readonly [key: string]: unknown;
}

interface Described {
  readonly propertyName: string;
  readonly description: string;
}

interface Tool {
  readonly modelDescription: string;
  readonly inputs: readonly Described[];
  readonly outputs: readonly Described[];
  readonly action: { readonly flowId: string };
}

interface Trigger extends Node {
  readonly inputs: {
    readonly schema: { readonly properties: Record<string, Described>; readonly required: readonly string[] };
  };
}

/** Every object in a topic. */
function nodesOf(value: unknown): Node[] {
  if (typeof value !== "object" || value === null) return [];
  return [value as Node, ...Object.values(value).flatMap(nodesOf)];
}

function dialogOf(yaml: string): Node {
  const [document, ...others] = parseAllDocuments(yaml, { strict: true, uniqueKeys: true });
  if (document === undefined || !("contents" in document)) throw new Error("empty");
  expect([document.errors, document.warnings, others]).toEqual([[], [], []]);
  return document.toJS() as Node;
}

const schemaThere = existsSync(schemaFile);
const skippedBecause = schemaThere ? "" : " (skipped: COPILOT_TOPIC_SCHEMA names no file)";

describe.runIf(schemaThere)(`every topic, against Microsoft's schema${skippedBecause}`, () => {
  let validators: Readonly<Record<string, ValidateFunction>>;
  const validate = (dialog: Node): ValidateFunction["errors"] => {
    const validator = validators[String(dialog["kind"])];
    if (validator === undefined) throw new Error(`no definition of ${String(dialog["kind"])}`);
    validator(dialog);
    return validator.errors ?? [];
  };
  beforeAll(() => {
    const { definitions } = JSON.parse(readFileSync(schemaFile, "utf8")) as { definitions: object };
    // The schema itself is not valid in parts that no topic touches.
    const ajv = new Ajv({ strict: false, validateSchema: false, inlineRefs: false });
    const definitionOf = (kind: string): ValidateFunction =>
      ajv.compile({ definitions, $ref: `#/definitions/${kind}` });
    validators = {
      AdaptiveDialog: definitionOf("AdaptiveDialog"),
      TaskDialog: definitionOf("TaskDialog"),
      GptComponentMetadata: definitionOf("GptComponentMetadata"),
    };
  });

  it.each(variants)("%s is valid", (_, make) => {
    for (const [path, yaml] of topicFiles(make())) {
      expect(validate(dialogOf(yaml)), path).toEqual([]);
    }
  });

  it.each([
    ["an upper-case method", "method: Post", "method: POST"],
    ["a wrong name for the time-out", "requestTimeoutInMilliseconds", "timeout"],
    ["a form body, which does not exist", "kind: RawRequestContent", "kind: FormRequestContent"],
  ])("is strict enough to refuse %s", (_, right, wrong) => {
    const yaml = textFile(makeArtefacts(), artefactPaths.directTopic);
    expect(yaml).toContain(right);
    expect(validate(dialogOf(yaml.replace(right, wrong)))).not.toEqual([]);
  });
});

describe.each(variants)("every topic, made %s,", (_, make) => {
  const files = make();
  const topics = topicFiles(files);

  it("is the same to a YAML 1.1 reader", () => {
    for (const [path, yaml] of topics) {
      const [document] = parseAllDocuments(yaml, { version: "1.1", strict: true });
      if (document === undefined || !("contents" in document)) throw new Error("empty");
      expect(document.toJS(), path).toEqual(dialogOf(yaml));
    }
  });

  it("has no node ID twice", () => {
    for (const [path, yaml] of topics) {
      const ids = nodesOf(dialogOf(yaml)).flatMap(({ id, kind, condition }) =>
        typeof id === "string" && (kind ?? condition) !== undefined ? [id] : [],
      );
      expect(ids, path).toEqual([...new Set(ids)]);
    }
  });

  it("quotes every text that begins with a brace", () => {
    for (const [path, yaml] of topics) {
      expect(
        yaml.split("\n").filter((line) => /^\s*(?:- )?\w+: \{(?!\})/.test(line)),
        path,
      ).toEqual([]);
    }
  });

  it("names only environment variables of the solution", () => {
    const known = [...files.keys()].flatMap(
      (path) => /^solution\/environmentvariabledefinitions\/(\w+)\//.exec(path)?.[1] ?? [],
    );
    for (const [path, yaml] of topics) {
      const used = [...yaml.matchAll(/\bEnv\.(\w+)/g)].map(([, name = ""]) => name);
      expect(
        used.filter((name) => !known.includes(name)),
        path,
      ).toEqual([]);
    }
  });

  it("is a tool with the inputs and outputs of its flow, described for a model", () => {
    const tools = topics
      .map(([, yaml]) => dialogOf(yaml))
      .filter(({ kind }) => kind === "TaskDialog") as unknown as Tool[];
    expect(tools.length > 0).toBe(flowFiles(files).length > 0);
    for (const { modelDescription, inputs, outputs, action } of tools) {
      const [, text = "null"] =
        flowFiles(files).find(([path]) => path.endsWith(`-${action.flowId.toUpperCase()}.json`)) ?? [];
      const nodes = nodesOf(JSON.parse(text));
      const trigger = nodes.find(({ kind, type }) => kind === "Skills" && type === "Request") as Trigger;
      const { properties, required } = trigger.inputs.schema;
      expect(inputs.map(({ propertyName }) => propertyName)).toEqual(required);
      expect(inputs.map(({ description }) => description)).toEqual(
        Object.values(properties).map(({ description }) => description),
      );
      const response = nodes.find(({ type }) => type === "Response") as { inputs: { body: object } };
      expect(outputs.map(({ propertyName }) => propertyName)).toEqual(Object.keys(response.inputs.body));
      expect(modelDescription.length).toBeGreaterThan(40);
    }
  });

  it("binds only what its flow answers, and all of it", () => {
    const flows = flowFiles(files);
    const calls = topics.flatMap(([, yaml]) =>
      nodesOf(dialogOf(yaml)).filter(({ kind }) => kind === "InvokeFlowAction"),
    );
    expect(calls.length > 1).toBe(flows.length > 0);
    for (const call of calls) {
      const { flowId, output } = call as { flowId: string; output: { binding: object } };
      const flow = flows.find(([path]) => path.endsWith(`-${flowId.toUpperCase()}.json`));
      const response = nodesOf(JSON.parse(flow?.[1] ?? "null")).find(({ type }) => type === "Response");
      const { body } = (response as { inputs: { body: object } }).inputs;
      expect(Object.keys(output.binding)).toEqual(Object.keys(body));
    }
  });
});

describe("the topic Get Azure Access Token", () => {
  const paths = [artefactPaths.flowTopic, artefactPaths.directTopic];

  it.each(paths)("%s starts by its phrase, and by a description that quotes it", (path) => {
    const dialog = dialogOf(textFile(makeArtefacts(), path));
    expect(dialog["beginDialog"]).toMatchObject({
      kind: "OnRecognizedIntent",
      intent: { displayName: "Get Azure Access Token", triggerQueries: ["Generate Access Token"] },
    });
    expect(dialog["modelDescription"]).toContain('"Generate Access Token"');
  });

  it.each(paths)("%s shows no token, unless asked to; then it warns", (path) => {
    const safe = textFile(makeArtefacts(), path);
    const open = textFile(makeArtefacts({ returnToken: true }), path);
    const shown = /activity: .*\{Topic\.(?:TokenResponse\.access_token|AccessToken)\}/;
    expect([shown.test(safe), shown.test(open)]).toEqual([false, true]);
    expect([safe.includes("WARNING"), open.includes("WARNING")]).toEqual([false, true]);
  });

  it("posts a form to the token endpoint, secret and scope encoded, in the direct variant", () => {
    const dialog = dialogOf(textFile(makeArtefacts(), artefactPaths.directTopic));
    expect(nodesOf(dialog).find(({ kind }) => kind === "HttpRequestAction")).toEqual({
      kind: "HttpRequestAction",
      id: "httpRequestAction_getTok",
      displayName: "Request a token",
      method: "Post",
      url: '=Concatenate("https://login.microsoftonline.com/", Env.cptoken_CopilotAPIAuthTenantId, "/oauth2/v2.0/token")',
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: {
        kind: "RawRequestContent",
        contentType: "application/x-www-form-urlencoded",
        content:
          '=Concatenate("grant_type=client_credentials&client_id=", EncodeUrl(Env.cptoken_CopilotAPIAuthClientId), ' +
          '"&client_secret=", EncodeUrl(Text(Env.cptoken_CopilotAPIAuthClientSecret)), ' +
          '"&scope=", EncodeUrl(Env.cptoken_CopilotAPIAuthGraphScope))',
      },
      errorHandling: {
        kind: "ContinueOnErrorBehavior",
        statusCode: "Topic.TokenStatus",
        errorResponseBody: "Topic.TokenError",
      },
      requestTimeoutInMilliseconds: 30000,
      response: "Topic.TokenResponse",
      responseSchema: {
        kind: "Record",
        properties: { access_token: "String", expires_in: "Number", token_type: "String" },
      },
    });
  });
});
