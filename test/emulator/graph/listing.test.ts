import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseFilter } from "../../../emulator/graph/filter";
import { codeOf, TestDirectory, type Asked } from "../../support/directory";

const eventual = { ConsistencyLevel: "eventual" };

describe("lists", () => {
  let directory: TestDirectory;

  beforeAll(async () => {
    directory = await TestDirectory.create();
    for (const displayName of ["Alpha", "Beta", "Gamma", "Alpine"]) {
      await directory.graph("POST", "applications", { body: { displayName, tags: [displayName[0]] } });
    }
  });

  async function names(query: string, asked: Asked = {}): Promise<string[]> {
    const { body } = await directory.graph("GET", `applications?${query}`, asked);
    return body.value.map(({ displayName }: { displayName: string }) => displayName);
  }

  it.each([
    ["$filter=displayName eq 'Beta'", ["Beta"]],
    ["$filter=displayName eq 'beta'", ["Beta"]],
    ["$filter=startswith(displayName,'Al')", ["Alpha", "Alpine"]],
    ["$filter=displayName in ('Beta','Gamma')", ["Beta", "Gamma"]],
    ["$filter=tags/any(t:t eq 'G')", ["Gamma"]],
    ["$filter=startswith(displayName,'Al') and tags/any(t:t eq 'A')", ["Alpha", "Alpine"]],
    [
      "$filter=(displayName eq 'Beta' or displayName eq 'Alpha') and signInAudience eq 'AzureADMyOrg'",
      ["Alpha", "Beta"],
    ],
  ])("answer %s", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it("show only what $select names", async () => {
    const { body } = await directory.graph(
      "GET",
      "applications?$filter=displayName eq 'Beta'&$select=displayName,tags",
    );
    expect(body).toEqual({
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications(displayName,tags)",
      value: [{ displayName: "Beta", tags: ["B"] }],
    });
  });

  it("come in pages, each with the way to the next", async () => {
    const seen: string[] = [];
    let address = "applications?$top=4&$select=displayName";
    const sizes: number[] = [];
    for (;;) {
      const { body } = await directory.graph("GET", address);
      seen.push(...body.value.map(({ displayName }: { displayName: string }) => displayName));
      sizes.push(body.value.length);
      if (body["@odata.nextLink"] === undefined) break;
      address = body["@odata.nextLink"];
      expect(address).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/applications\?.*skiptoken=/);
    }
    expect([sizes, seen]).toEqual([
      [4, 3],
      [
        "copilot-token administrator",
        "copilot-token deployer",
        "copilot-token verifier",
        "Alpha",
        "Beta",
        "Gamma",
        "Alpine",
      ],
    ]);
  });

  it("hold 100 to a page when nothing is said", async () => {
    const own = await TestDirectory.create();
    for (let index = 0; index < 98; index += 1) {
      await own.graph("POST", "applications", { body: { displayName: `App ${index}` } });
    }
    const { body } = await own.graph("GET", "applications?$select=id");
    const next = await own.graph("GET", body["@odata.nextLink"]);
    expect([body.value.length, next.body.value.length, next.body["@odata.nextLink"]]).toEqual([
      100,
      1,
      undefined,
    ]);
  });

  it("are counted, negated and sorted with a filter only under ConsistencyLevel and $count", async () => {
    const advanced = [
      "$filter=displayName ne 'Beta'",
      "$filter=not startswith(displayName,'Al')",
      "$filter=endswith(displayName,'a')",
      "$filter=startswith(displayName,'Al')&$orderby=displayName",
    ];
    for (const query of advanced) {
      expect(codeOf(await directory.graph("GET", `applications?${query}`))).toEqual([
        400,
        "Request_UnsupportedQuery",
      ]);
    }
    const uncounted = await directory.graph("GET", "applications?$filter=displayName ne 'Beta'", {
      headers: eventual,
    });
    expect(codeOf(uncounted)).toEqual([400, "Request_UnsupportedQuery"]);
    const { body } = await directory.graph(
      "GET",
      "applications?$count=true&$filter=endswith(displayName,'a')&$orderby=displayName desc&$top=2&$select=displayName",
      {
        headers: eventual,
      },
    );
    expect([body["@odata.count"], body.value]).toEqual([
      3,
      [{ displayName: "Gamma" }, { displayName: "Beta" }],
    ]);
  });

  it("are sorted without further conditions if that is all", async () => {
    expect((await names("$orderby=displayName")).slice(0, 2)).toEqual(["Alpha", "Alpine"]);
  });

  it.each([
    "$top=0",
    "$top=1000",
    "$top=many",
    "$skiptoken=!!",
    "$filter=colour eq 'red'",
    "$filter=displayName like 'x'",
    "$filter=displayName eq",
    "$filter=displayName eq 'open",
    "$filter=(displayName eq 'a'",
    "$filter=displayName eq 'a' displayName",
    "$filter=displayName eq word",
    "$filter=length(displayName) eq 3",
    "$select=colour",
    "$expand=colour",
  ])("refuse %s", async (query) => {
    expect(codeOf(await directory.graph("GET", `applications?${query}`))).toEqual([
      400,
      "Request_BadRequest",
    ]);
  });

  it("count nothing for $count=true without ConsistencyLevel, and do not mind", async () => {
    const { status, body } = await directory.graph("GET", "applications?$count=true&$top=1");
    expect([status, body.value.length, "@odata.count" in body]).toEqual([200, 1, false]);
  });

  it("answer only their number, as plain text, at /$count", async () => {
    const asked = await directory.graph("GET", "applications/$count?$filter=startswith(displayName,'Al')", {
      headers: eventual,
    });
    expect([asked.status, asked.body, asked.headers.get("Content-Type")]).toEqual([200, 2, "text/plain"]);
    expect((await directory.graph("GET", "applications/$count")).status).toBe(400);
  });

  it.each([
    ['"displayName:al"', ["Alpha", "Alpine"]],
    ['"displayName:alpi" OR "displayName:gam"', ["Gamma", "Alpine"]],
    ['"displayName:al" AND "displayName:alpha"', ["Alpha"]],
    ['"displayName:pha"', []],
  ])("find words by $search=%s", async (search, expected) => {
    expect(await names(`$search=${encodeURIComponent(search)}`, { headers: eventual })).toEqual(expected);
  });

  it.each([
    ["no header", '"displayName:al"', {}, "Request_UnsupportedQuery"],
    ["no property", "al", eventual, "Request_BadRequest"],
    ["an unknown property", '"colour:red"', eventual, "Request_BadRequest"],
  ])("refuse a $search with %s", async (_what, search, headers, code) => {
    const asked = await directory.graph("GET", `applications?$search=${encodeURIComponent(search)}`, {
      headers,
    });
    expect(codeOf(asked)).toEqual([400, code]);
  });

  it("refuse $skip, which the directory does not serve, and ignore it nowhere", async () => {
    const refused = await directory.graph("GET", "applications?$skip=1");
    expect(codeOf(refused)).toEqual([400, "Request_UnsupportedQuery"]);
    const served = await directory.graph("GET", "sites?$skip=1", { roles: ["Sites.Read.All"] });
    expect(served.body.value).toHaveLength(1);
  });
});

describe("parseFilter", () => {
  const entity = {
    name: "O'Neil",
    count: 5,
    at: "2026-11-22T10:00:00Z",
    on: true,
    none: null,
    nested: { key: "x" },
    list: [{ id: "a" }],
  };

  it.each([
    ["name eq 'O''Neil'", true],
    ["count ge 5", true],
    ["count gt 5", false],
    ["count le 4.5", false],
    ["count lt 6", true],
    ["at ge 2026-11-22T10:00:00Z", true],
    ["at lt 2026-11-22T09:59:59Z", false],
    ["on eq true", true],
    ["on eq false", false],
    ["none eq null", true],
    ["missing eq null", true],
    ["nested/key eq 'x'", true],
    ["list/any(i:i/id eq 'a')", true],
    ["list/any(i:i/id eq 'b')", false],
    ["not (count eq 5)", false],
    ["contains(name,'neil')", true],
    ["endswith(name,'neil') or count eq 1", true],
    ["name gt 5", false],
  ])("finds %s to be %s", (text, expected) => {
    expect(parseFilter(text).matches(entity)).toBe(expected);
  });
});

describe("replication lag", () => {
  let directory: TestDirectory;

  beforeEach(async () => {
    directory = await TestDirectory.create();
  });

  async function statuses(path: string, count: number): Promise<number[]> {
    const seen: number[] = [];
    for (let index = 0; index < count; index += 1) seen.push((await directory.graph("GET", path)).status);
    return seen;
  }

  it("hides a new object for so many reads", async () => {
    directory.tenant.faults = { graphLag: { reads: 2 } };
    const { body } = await directory.graph("POST", "applications", { body: { displayName: "App" } });
    expect(await statuses(`applications/${String(body.id)}`, 4)).toEqual([404, 404, 200, 200]);
  });

  it("hides it for so many seconds, from lists too", async () => {
    directory.tenant.faults = { graphLag: { seconds: 10 } };
    const { body } = await directory.graph("POST", "applications", { body: { displayName: "App" } });
    const list = `applications?$filter=appId eq '${String(body.appId)}'`;
    expect((await directory.graph("GET", list)).body.value).toEqual([]);
    directory.tenant.clock.advance(9999);
    expect(await statuses(`applications/${String(body.id)}`, 1)).toEqual([404]);
    directory.tenant.clock.advance(1);
    expect((await directory.graph("GET", list)).body.value).toHaveLength(1);
  });

  it("differs from replica to replica, the same way from the same seed", async () => {
    const run = async (seed: number): Promise<number[]> => {
      directory = await TestDirectory.create({ faults: { seed, graphLag: { seconds: 10, replicas: 2 } } });
      const { body } = await directory.graph("POST", "applications", { body: { displayName: "App" } });
      directory.tenant.clock.advance(5000);
      return statuses(`applications/${String(body.id)}`, 10);
    };
    const first = await run(3);
    expect(new Set(first)).toEqual(new Set([200, 404]));
    expect(await run(3)).toEqual(first);
    expect(await run(4)).not.toEqual(first);
  });

  it("reaches what builds on the new object: service principal, grant, federation", async () => {
    const application = await directory.graph("POST", "applications", { body: { displayName: "App" } });
    const principal = await directory.graph("POST", "servicePrincipals", {
      body: { appId: application.body.appId },
    });
    directory.tenant.faults = { graphLag: { seconds: 10 } };
    const early = await directory.graph("POST", "servicePrincipals", {
      body: { appId: application.body.appId },
    });
    expect(early.body.error.message).toContain("does not reference a valid application object");
    const graph = "f0792d42-b8fc-4c31-9ea5-353bc241e371";
    const grant = await directory.graph("POST", `servicePrincipals/${graph}/appRoleAssignedTo`, {
      body: {
        appRoleId: "df021288-bdef-4463-88db-98f22de89214",
        principalId: principal.body.id,
        resourceId: graph,
      },
    });
    expect([grant.status, grant.body.error.message]).toEqual([400, "Not a valid reference update."]);
    expect(
      (await directory.graph("PATCH", `applications/${String(application.body.id)}`, { body: {} })).status,
    ).toBe(404);
  });

  it("does not change what was there from the start", async () => {
    directory.tenant.faults = { graphLag: { reads: 5, seconds: 1000 } };
    const { applicationObjectId } = directory.tenant.identities.deployer;
    expect(await statuses(`applications/${applicationObjectId}`, 1)).toEqual([200]);
  });
});
