import { describe, expect, it } from "vitest";
import * as z from "zod";
import { artefactPaths } from "../../copilot/files";
import { defaultCopilotSettings } from "../../copilot/settings";
import { azure } from "../../emulator/server/azure";
import { copilotTrial } from "../../scripts/copilot/trial/copilotTrial";
import { app, makeArtefacts, textFile } from "./support/artefactFixture";
import { filledRequest, type PostmanCollection, type PostmanEnvironment } from "./support/postmanPlayer";

const keyAndValue = { key: z.string(), value: z.string() };
const event = z.strictObject({
  listen: z.literal("test"),
  script: z.strictObject({ type: z.literal("text/javascript"), exec: z.array(z.string()) }),
});
const request = z.strictObject({
  method: z.enum(["GET", "POST"]),
  auth: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("noauth") }),
    z.strictObject({
      type: z.literal("bearer"),
      bearer: z.array(z.strictObject({ ...keyAndValue, type: z.literal("string") })),
    }),
  ]),
  header: z.array(z.strictObject(keyAndValue)),
  body: z
    .strictObject({
      mode: z.literal("urlencoded"),
      urlencoded: z.array(z.strictObject({ ...keyAndValue, type: z.literal("text") })),
    })
    .optional(),
  url: z.strictObject({
    raw: z.string(),
    // Absent where a variable holds scheme and host.
    protocol: z.literal("https").optional(),
    host: z.array(z.string()),
    path: z.array(z.string()),
    query: z.array(z.strictObject(keyAndValue)).optional(),
  }),
});

/**
 * The part of Postman's published schema, v2.1.0, that these collections use. Nothing that it takes is refused by the
 * whole schema (draft 7, https://github.com/postmanlabs/schemas), which was checked by hand in 2026-11.
 */
const collectionSchema = z.strictObject({
  info: z.strictObject({
    _postman_id: z.guid(),
    name: z.string(),
    description: z.string(),
    schema: z.literal("https://schema.getpostman.com/json/collection/v2.1.0/collection.json"),
  }),
  item: z.array(
    z.strictObject({ name: z.string(), event: z.array(event), request, response: z.array(z.never()) }),
  ),
});

const ordersApi = { clientId: app.clientId, name: "Orders API", audience: `api://${app.clientId}` };
const orders = "Orders API https://orders.contoso.com/v1/orders?status=open orders[].number";

describe("the Postman collection", () => {
  it("gets a token and Microsoft Graph's answer from the emulated tenant", async () => {
    const trial = await copilotTrial(defaultCopilotSettings);
    const collection = JSON.parse(
      textFile(trial.files, artefactPaths.postmanCollection),
    ) as PostmanCollection;
    const environment = JSON.parse(
      textFile(trial.files, artefactPaths.postmanEnvironment),
    ) as PostmanEnvironment;
    const values = new Map(environment.values.map(({ key, value }) => [key, value]));
    // What the user fills in, and what the first request's script keeps.
    values.set("clientSecret", trial.clientSecret);
    const send = azure(trial.tenant);
    const [getToken, askGraph] = collection.item;
    if (getToken === undefined || askGraph === undefined) throw new Error("two requests are expected");

    const tokenAnswer = await send(filledRequest(getToken.request, values));
    expect(tokenAnswer.status).toBe(200);
    values.set("accessToken", ((await tokenAnswer.json()) as { access_token: string }).access_token);
    const graphAnswer = await send(filledRequest(askGraph.request, values));
    const { value } = (await graphAnswer.json()) as { value: unknown };
    expect(value).toEqual([
      { displayName: "Adele Vance" },
      { displayName: "Alex Wilber" },
      { displayName: "Megan Bowen" },
    ]);
  });

  it.each([
    ["as default", {}, {}],
    ["without a call of Microsoft Graph", {}, { permissions: ["Mail.Read"] }],
    ["with a call of another API", { apiRequests: [orders] }, { apis: [ordersApi] }],
    ["with a call that has no query", { graphRequest: { path: "/beta/me", field: "id" } }, {}],
  ])("is valid: %s", (_, settings, changes) => {
    const text = textFile(makeArtefacts(settings, changes), artefactPaths.postmanCollection);
    expect(collectionSchema.safeParse(JSON.parse(text)).error?.issues).toBeUndefined();
  });

  it("says the same address twice: whole and in parts", () => {
    const { item } = JSON.parse(
      textFile(makeArtefacts(), artefactPaths.postmanCollection),
    ) as PostmanCollection;
    for (const { request } of item) {
      const { raw, protocol, host, path, query = [] } = request.url;
      const search = query.map(({ key, value }) => `${key}=${value}`).join("&");
      expect(`${protocol}://${host.join(".")}/${path.join("/")}${search === "" ? "" : `?${search}`}`).toBe(
        raw,
      );
    }
  });
});

describe("the Postman environment", () => {
  it("has base URL, scope and token of another API, and its requests name no other's token", () => {
    const files = makeArtefacts({ apiRequests: [orders] }, { apis: [ordersApi] });
    const { values } = JSON.parse(textFile(files, artefactPaths.postmanEnvironment)) as PostmanEnvironment;
    expect(values.slice(-3).map(({ key, value }) => [key, value])).toEqual([
      ["OrdersAPIBaseUrl", "https://orders.contoso.com"],
      ["OrdersAPIScope", `api://${app.clientId}/.default`],
      ["OrdersAPIAccessToken", ""],
    ]);
    const { item } = JSON.parse(textFile(files, artefactPaths.postmanCollection)) as PostmanCollection;
    expect(item.map(({ name }) => name)).toEqual([
      "Get a token",
      "Ask Microsoft Graph",
      "Get a token for Orders API",
      "Ask Orders API",
    ]);
    expect(item.map(({ request }) => request.auth.bearer?.[0]?.value)).toEqual([
      undefined,
      "{{accessToken}}",
      undefined,
      "{{OrdersAPIAccessToken}}",
    ]);
  });

  it("holds identifiers, and empty places for secrets", () => {
    const environment = JSON.parse(
      textFile(makeArtefacts(), artefactPaths.postmanEnvironment),
    ) as PostmanEnvironment;
    expect(environment).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      name: "CopilotAPIAuth: Microsoft Graph access",
      values: [
        { key: "tenantId", value: app.tenantId, type: "default", enabled: true },
        { key: "clientId", value: app.clientId, type: "default", enabled: true },
        { key: "clientSecret", value: "", type: "secret", enabled: true },
        { key: "scope", value: "https://graph.microsoft.com/.default", type: "default", enabled: true },
        { key: "accessToken", value: "", type: "secret", enabled: true },
      ],
      _postman_variable_scope: "environment",
    });
  });
});
