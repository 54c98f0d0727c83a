import { beforeEach, describe, expect, it } from "vitest";
import { codeOf, TestDirectory, type Asked } from "../../support/directory";

const asJson = { "Content-Type": "application/json" };
let directory: TestDirectory;

beforeEach(async () => {
  directory = await TestDirectory.create();
});

const batch = (requests: unknown, asked: Asked = {}) =>
  directory.graph("POST", "$batch", { ...asked, body: { requests } });
const register = (id: string, displayName: string, more: object = {}) => ({
  id,
  method: "POST",
  url: "/applications",
  headers: asJson,
  body: { displayName },
  ...more,
});
const names = () =>
  Object.values(directory.tenant.state.directory.applications)
    .map(({ displayName }) => displayName)
    .filter((name) => !name.startsWith("copilot-token "));

describe("$batch", () => {
  it("answers each request like a separate one", async () => {
    const { status, body } = await batch([
      register("make", "App"),
      { id: "look", method: "GET", url: "applications?$filter=displayName eq 'App'&$select=displayName" },
      { id: "gone", method: "get", url: "/users/00000000-1111-2222-3333-444444444444" },
      { id: "unknown", method: "GET", url: "/planets" },
    ]);
    expect(status).toBe(200);
    const [make, look, gone, unknown] = body.responses;
    expect([make.id, make.status, make.body.displayName]).toEqual(["make", 201, "App"]);
    expect([look.status, look.body.value]).toEqual([200, [{ displayName: "App" }]]);
    expect([gone.id, gone.status, gone.body.error.code]).toEqual(["gone", 404, "Request_ResourceNotFound"]);
    expect(unknown.status).toBe(501);
    expect(make.headers["content-type"]).toMatch(/^application\/json/);
  });

  it("asks in the name of its sender, whatever a request says of itself", async () => {
    const forged = { ...asJson, Authorization: "Bearer stolen" };
    const { body } = await batch([register("make", "App", { headers: forged })], {
      roles: ["User.Read.All"],
    });
    expect(body.responses).toMatchObject([
      { status: 403, body: { error: { code: "Authorization_RequestDenied" } } },
    ]);
    expect(names()).toEqual([]);
  });

  it("does not go on to what depends on a failure", async () => {
    const { body } = await batch([
      { id: "1", method: "DELETE", url: "/applications/00000000-1111-2222-3333-444444444444" },
      register("b", "Second", { dependsOn: ["1"] }),
      register("3", "Third", { dependsOn: ["B"] }),
      register("4", "Fourth"),
    ]);
    const statuses = body.responses.map(({ id, status }: { id: string; status: number }) => [id, status]);
    expect(statuses).toEqual([
      ["1", 404],
      ["b", 424],
      ["3", 424],
      ["4", 201],
    ]);
    expect(names()).toEqual(["Fourth"]);
  });

  it("says nothing where an answer has no body", async () => {
    const { applicationObjectId } = await directory.register("App");
    const { body } = await batch([
      { id: "1", method: "DELETE", url: `/applications/${applicationObjectId}` },
    ]);
    expect(body.responses).toEqual([{ id: "1", status: 204, headers: expect.any(Object) }]);
  });

  it.each<[string, unknown, string, string]>([
    ["none", [], "BadRequest", "Invalid batch payload format."],
    ["no list", "all", "BadRequest", "Invalid batch payload format."],
    ["one without an ID", [{ method: "GET", url: "/users" }], "BadRequest", "Invalid batch payload format."],
    [
      "one elsewhere",
      [{ id: "1", method: "GET", url: "https://graph.microsoft.com/v1.0/users" }],
      "BadRequest",
      "Invalid batch payload format.",
    ],
    [
      "two of one ID, whatever its case",
      [register("a", "A"), register("A", "B")],
      "BadRequest",
      "Request Id A has to be unique in a batch.",
    ],
    [
      "a batch within",
      [
        {
          id: "1",
          method: "POST",
          url: "/$batch",
          headers: asJson,
          body: { requests: [register("2", "A")] },
        },
      ],
      "BadRequest",
      "Invalid batch payload format.",
    ],
    [
      "one that climbs out of its version",
      [{ id: "1", method: "GET", url: "/../beta/users" }],
      "BadRequest",
      "Invalid batch payload format.",
    ],
    ...[
      "/%24batch",
      "/./$batch",
      "/%2e%2e/v1.0/$batch",
      "/%2e%2e/beta/users",
      "//example.com/users",
      "/%zz",
    ].map((url): [string, unknown, string, string] => [
      `one that writes ${url}`,
      [register("1", "A"), register("2", "B", { url })],
      "BadRequest",
      "Invalid batch payload format.",
    ]),
    ...[{ method: "A B" }, { method: "TRACE" }, { headers: { ...asJson, "a b": "c" } }].map(
      (more): [string, unknown, string, string] => [
        `what can be no request, ${JSON.stringify(more)}`,
        [register("1", "A"), register("2", "B", more)],
        "BadRequest",
        "Invalid batch payload format.",
      ],
    ),
    [
      "a body without a content type",
      [register("1", "A"), register("2", "B", { headers: {} })],
      "BadRequest",
      "Write request id : 2 does not contain Content-Type header or body.",
    ],
    [
      "one that waits for a later one",
      [register("1", "A", { dependsOn: ["2"] }), register("2", "B")],
      "BadRequest",
      "Request Id 1 depends on 2, which is no request before it.",
    ],
    [
      "21",
      Array.from({ length: 21 }, (_, index) => register(String(index), "A")),
      "MaximumValueExceeded",
      "Number of batch request steps exceeds the maximum value of 20.",
    ],
  ])("with %s does nothing", async (_what, requests, code, message) => {
    const answer = await batch(requests);
    expect([codeOf(answer), answer.body.error.message]).toEqual([[400, code], message]);
    expect(names()).toEqual([]);
  });
});
