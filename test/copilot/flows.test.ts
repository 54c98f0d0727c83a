import * as z from "zod";
import { describe, expect, it } from "vitest";
import { requestTable } from "../../copilot/requests/requestTable";
import { artefactNames } from "../../copilot/names";
import { defaultCopilotSettings } from "../../copilot/settings";
import { app, flowFiles, makeArtefacts, makeLogicAppArtefacts, textFile } from "./support/artefactFixture";

const statuses = z.array(z.enum(["Succeeded", "Failed", "Skipped", "TimedOut"])).min(1);
const runAfter = z.record(z.string(), statuses);
const description = z.string().max(256).optional();
const retryPolicy = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("fixed"), count: z.int().max(4), interval: z.literal("PT5S") }),
  z.strictObject({ type: z.literal("none") }),
]);
const secured = (properties: z.ZodType) =>
  z.strictObject({ secureData: z.strictObject({ properties }) }).optional();
const everythingHidden = z.tuple([z.literal("inputs"), z.literal("outputs")]);

const textProperty = z.strictObject({
  title: z.string().min(1),
  description: z.string().max(256),
  type: z.literal("string"),
  "x-ms-content-hint": z.literal("TEXT"),
  "x-ms-dynamically-added": z.literal(true),
});

const action = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("OpenApiConnection"),
    runAfter,
    description,
    inputs: z.strictObject({
      host: z.strictObject({ connectionName: z.string(), operationId: z.string(), apiId: z.string() }),
      parameters: z.record(z.string(), z.string()),
      authentication: z.literal("@parameters('$authentication')"),
      retryPolicy,
    }),
    runtimeConfiguration: secured(everythingHidden),
  }),
  z.strictObject({
    type: z.literal("Http"),
    runAfter,
    description,
    limit: z.strictObject({ timeout: z.string() }),
    inputs: z.strictObject({
      method: z.enum(["GET", "POST"]),
      uri: z.string().startsWith("https://"),
      headers: z.record(z.string(), z.string()),
      body: z.union([z.string(), z.object()]).optional(),
      authentication: z
        .strictObject({
          type: z.literal("ActiveDirectoryOAuth"),
          authority: z.url(),
          tenant: z.string(),
          audience: z.url(),
          clientId: z.string(),
          secret: z.string(),
        })
        .optional(),
      retryPolicy,
    }),
    runtimeConfiguration: secured(everythingHidden),
  }),
  z.strictObject({
    type: z.literal("ParseJson"),
    runAfter,
    description,
    inputs: z.strictObject({ content: z.string().regex(/^@(?:body|if)\(/), schema: z.object() }),
  }),
  z.strictObject({
    type: z.literal("Select"),
    runAfter,
    description,
    inputs: z.strictObject({ from: z.string(), select: z.string() }),
  }),
  z.strictObject({
    type: z.literal("Response"),
    kind: z.literal("Skills"),
    runAfter,
    description,
    inputs: z.strictObject({
      statusCode: z.literal(200),
      body: z.record(z.string(), z.string()),
      schema: z.strictObject({
        type: z.literal("object"),
        properties: z.record(z.string(), textProperty),
        additionalProperties: z.strictObject({}),
      }),
    }),
  }),
]);

/** The parts of the workflow definition language that flows for agents use, as seen in Microsoft's exports. */
const flowSchema = z.strictObject({
  properties: z.strictObject({
    connectionReferences: z.record(
      z.string(),
      z.strictObject({
        runtimeSource: z.literal("embedded"),
        connection: z.strictObject({ connectionReferenceLogicalName: z.string() }),
        api: z.strictObject({ name: z.string() }),
      }),
    ),
    definition: z.strictObject({
      $schema: z.literal(
        "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
      ),
      contentVersion: z.literal("1.0.0.0"),
      parameters: z.record(
        z.string(),
        z.union([
          z.strictObject({ defaultValue: z.strictObject({}), type: z.enum(["SecureObject", "Object"]) }),
          z.strictObject({
            defaultValue: z.string(),
            type: z.literal("String"),
            metadata: z.strictObject({ schemaName: z.string() }),
          }),
        ]),
      ),
      triggers: z.strictObject({
        manual: z.strictObject({
          type: z.literal("Request"),
          kind: z.literal("Skills"),
          inputs: z.strictObject({
            schema: z.strictObject({
              type: z.literal("object"),
              properties: z.record(z.string().regex(/^text(_\d+)?$/), textProperty),
              required: z.array(z.string()),
            }),
          }),
        }),
      }),
      actions: z.record(z.string().regex(/^\w{1,80}$/), action),
      outputs: z.strictObject({}),
    }),
    templateName: z.null(),
  }),
  schemaVersion: z.literal("1.0.0.0"),
});

type Flow = z.infer<typeof flowSchema>;

const sources = [
  { suffix: "", files: makeArtefacts(), returnToken: false },
  { suffix: ", returning the token", files: makeArtefacts({ returnToken: true }), returnToken: true },
  {
    suffix: " with every request",
    files: makeArtefacts(
      { requests: requestTable.map(({ key }) => key), mailbox: "support@contoso.com" },
      { permissions: requestTable.flatMap((request) => request.permissions) },
    ),
    returnToken: false,
  },
  { suffix: ", by a Logic App", files: makeLogicAppArtefacts(), returnToken: false },
];
const flows = sources.flatMap(({ suffix, files, returnToken }) =>
  flowFiles(files).map(([path, text]): [string, Flow, boolean] => [
    path.replace(/^.*\/(\w+)-.*$/, `$1${suffix}`),
    JSON.parse(text) as Flow,
    returnToken,
  ]),
);

const definitionOf = (flow: Flow) => flow.properties.definition;

describe.each(flows)("the flow %s", (_, flow, returnToken) => {
  const { actions, parameters } = definitionOf(flow);

  it("has the shape that exported flows have", () => {
    expect(flowSchema.safeParse(flow).error?.issues).toBeUndefined();
  });

  it("names in runAfter only actions that it has, and never goes in a circle", () => {
    const done = new Set<string>();
    for (let before = -1; before < done.size;) {
      before = done.size;
      for (const [name, { runAfter: after }] of Object.entries(actions)) {
        if (Object.keys(after).every((each) => done.has(each))) done.add(name);
      }
    }
    expect([...done].sort()).toEqual(Object.keys(actions).sort());
  });

  it("reads in expressions only actions that certainly ran before", () => {
    const ancestors = (name: string): string[] =>
      Object.keys(actions[name]?.runAfter ?? {}).flatMap((before) => [before, ...ancestors(before)]);
    const unknown = Object.entries(actions).flatMap(([name, { inputs }]) =>
      [...JSON.stringify(inputs).matchAll(/\b(?:body|outputs|actions)\('([^']+)'\)/g)]
        .map(([, source = ""]) => source)
        .filter((source) => !ancestors(name).includes(source)),
    );
    expect(unknown).toEqual([]);
  });

  it("declares every parameter that it reads, and no secret one", () => {
    const read = [...JSON.stringify(actions).matchAll(/parameters\('((?:[^']|'')+)'\)/g)].map(
      ([, name = ""]) => name.replaceAll("''", "'"),
    );
    expect([...new Set(read)].sort()).toEqual(
      Object.keys(parameters)
        .filter((name) => name !== "$connections")
        .sort(),
    );
    const { schemaName } = artefactNames(app, defaultCopilotSettings).variables.clientSecret;
    expect(JSON.stringify(parameters)).not.toContain(schemaName);
  });

  it("declares every connection that it uses", () => {
    const used = Object.values(actions).flatMap((each) =>
      each.type === "OpenApiConnection" ? [each.inputs.host.connectionName] : [],
    );
    expect(used).toEqual(Object.keys(flow.properties.connectionReferences));
  });

  it("hides inputs and outputs of every action that handles the secret or the token", () => {
    const open = Object.entries(actions)
      .filter(([, { type }]) => type === "Http" || type === "OpenApiConnection")
      .filter(([, each]) => !("runtimeConfiguration" in each) || each.runtimeConfiguration === undefined);
    expect(open).toEqual([]);
  });

  it("answers with one schema, and has an answer for every end of every action", () => {
    const responses = Object.values(actions).filter((each) => each.type === "Response");
    for (const { inputs } of responses) expect(inputs.schema).toEqual(responses[0]?.inputs.schema);
    const unanswered = Object.keys(actions)
      .filter((name) => !["Response", "Select"].includes(actions[name]?.type ?? ""))
      .flatMap((name) =>
        (["Succeeded", "Failed", "TimedOut"] as const)
          .filter((status) => !Object.values(actions).some(({ runAfter: a }) => a[name]?.includes(status)))
          .map((status) => `${name} ${status}`),
      );
    expect(unanswered).toEqual([]);
  });

  it("ends its retries long before the agent's 100 seconds", () => {
    for (const each of Object.values(actions)) {
      if (each.type === "Http") expect(each.limit.timeout).toBe("PT60S");
    }
  });

  it("answers with the token only when asked to", () => {
    const answered = Object.values(actions).flatMap((each) =>
      each.type === "Response" ? Object.keys(each.inputs.body) : [],
    );
    const isTokenFlow = "HTTP" in actions;
    expect(answered.includes("access_token")).toBe(returnToken && isTokenFlow);
  });
});

describe("the parameter of a flow", () => {
  it("doubles the quotes of an app's name", () => {
    const files = makeArtefacts({}, { name: "Bob's app" });
    const [, text = ""] = flowFiles(files)[0] ?? [];
    const { parameters, actions } = definitionOf(JSON.parse(text) as Flow);
    expect(Object.keys(parameters)).toContain("Bob's app tenant ID (cptoken_BobsappTenantId)");
    expect(JSON.stringify(actions)).toContain("parameters('Bob''s app tenant ID (cptoken_BobsappTenantId)')");
    expect(textFile(files, "deployment-settings.json")).toContain("cptoken_BobsappTenantId");
  });
});
