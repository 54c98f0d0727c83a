import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listArm, putArm } from "../../azure/arm";
import { azureClient } from "../../azure/azureClient";
import { Credential } from "../../azure/credential";
import type { HttpAnswer, HttpRequest } from "../../azure/http";
import type { Identity } from "../../azure/signIn";
import { jsonAnswer, testWorld } from "../support/testWorld";

const identity: Identity = {
  kind: "default",
  description: "a test",
  getToken: (service) => Promise.resolve(new Credential("token", service)),
};

/** Answers one after the other; the last one again and again. */
function answering(...answers: readonly HttpAnswer[]) {
  const requests: string[] = [];
  let milliseconds = 0;
  const world = testWorld({
    exchange: ({ method, url }: HttpRequest) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(`${method} ${url.replace("https://management.azure.com", "")}`);
      return answer === undefined ? Promise.reject(new Error("no answer")) : Promise.resolve(answer);
    },
    now: () => new Date(milliseconds),
    onSleep: (slept) => {
      milliseconds += slept;
    },
  });
  return { client: azureClient(world, { waitSeconds: 60 }), requests };
}

const resource = (provisioningState: string): HttpAnswer =>
  jsonAnswer(200, { properties: { provisioningState } });
const question = { path: "/thing", apiVersion: "2024-11-01", body: {} };

describe("putArm", () => {
  it("asks the resource itself until it is ready, through replicas that do not know it yet", async () => {
    const accepted = jsonAnswer(201, { properties: { provisioningState: "RegisteringDns" } });
    const { client, requests } = answering(
      accepted,
      jsonAnswer(404, { error: { code: "ResourceNotFound", message: "no" } }),
      resource("RegisteringDns"),
      resource("Succeeded"),
    );
    await putArm(client, identity, question, "a test");
    expect(requests).toEqual([
      "PUT /thing?api-version=2024-11-01",
      ...Array<string>(3).fill("GET /thing?api-version=2024-11-01"),
    ]);
  });

  it.each([
    [
      "by the link's own version",
      "https://management.azure.com:443/operations/1?api-version=2020-01-01",
      "2020-01-01",
    ],
    [
      "by the resource's version where the link has none",
      "https://management.azure.com/operations/1",
      "2024-11-01",
    ],
    ["resolved where it is relative", "/operations/1", "2024-11-01"],
  ])("asks the operation where Azure names one, %s", async (_what, operation, version) => {
    const headers = { "azure-asyncoperation": operation };
    const { client, requests } = answering(
      jsonAnswer(202, {}, headers),
      jsonAnswer(200, { status: "InProgress" }),
      jsonAnswer(200, { status: "Succeeded" }),
    );
    await putArm(client, identity, question, "a test");
    expect(requests.slice(1)).toEqual(Array<string>(2).fill(`GET /operations/1?api-version=${version}`));
  });

  it.each([
    ["is refused", [jsonAnswer(409, { error: { code: "Conflict", message: "No." } })], "Conflict"],
    ["fails", [jsonAnswer(201, {}), resource("Failed")], "failed"],
    ["never ends", [jsonAnswer(201, {}), resource("Updating")], "updating"],
  ])("throws when it %s", async (_what, answers, serviceCode) => {
    const { client } = answering(...answers);
    await expect(putArm(client, identity, question, "a test")).rejects.toMatchObject({ serviceCode });
  });
});

describe("listArm", () => {
  it("reads all pages", async () => {
    const { client, requests } = answering(
      jsonAnswer(200, { value: [1], nextLink: "https://management.azure.com/things?$skiptoken=1" }),
      jsonAnswer(200, { value: [2], nextLink: "" }),
    );
    expect(await listArm(client, identity, "/things", "2024-11-01", z.number())).toEqual([1, 2]);
    expect(requests).toEqual([
      "GET /things?api-version=2024-11-01",
      "GET /things?%24skiptoken=1&api-version=2024-11-01",
    ]);
  });

  it.each([
    "https://elsewhere.example/things",
    "https:////evil.example/x",
    "//evil.example/x",
    "https://management.azure.com.evil.example/x",
    "https://management.azure.com@evil.example/x",
    "https://user@management.azure.com/x",
    "https://management.azure.com:8443/x",
    "http://management.azure.com/x",
    "https://[::1",
  ])("sends no token after a link to %s", async (nextLink) => {
    const { client, requests } = answering(jsonAnswer(200, { value: [1], nextLink }));
    const list = listArm(client, identity, "/things", "2024-11-01", z.number());
    await expect(list).rejects.toMatchObject({ code: "HOST_FOREIGN" });
    expect(requests).toHaveLength(1);
  });

  it("keeps a path that begins with two slashes on its own host", async () => {
    const nextLink = "https://management.azure.com//evil.example/x";
    const { client, requests } = answering(
      jsonAnswer(200, { value: [1], nextLink }),
      jsonAnswer(200, { value: [2] }),
    );
    await listArm(client, identity, "/things", "2024-11-01", z.number());
    expect(requests[1]).toBe("GET //evil.example/x?api-version=2024-11-01");
  });

  it.each([
    ["to itself", () => "https://management.azure.com/things?api-version=2024-11-01", 1],
    ["to ever new pages", (page: number) => `https://management.azure.com/things?page=${page}`, 1000],
  ])("ends a list whose links lead %s", async (_what, link, asked) => {
    let page = 0;
    const world = testWorld({
      exchange: () => Promise.resolve(jsonAnswer(200, { value: [], nextLink: link((page += 1)) })),
    });
    const client = azureClient(world, { waitSeconds: 3 });
    const list = listArm(client, identity, "/things", "2024-11-01", z.number());
    await expect(list).rejects.toMatchObject({ code: "PAGES_ENDLESS" });
    expect(page).toBe(asked);
  });
});
