import { describe, expect, it } from "vitest";
import { z } from "zod";
import { listArm, putArm } from "../../azure/armApi";
import { azureClient } from "../../azure/azureClient";
import type { HttpAnswer, HttpRequest } from "../../azure/http";
import type { Identity } from "../../azure/signIn";
import { jsonAnswer, testWorld } from "../support/testWorld";

const identity: Identity = {
  kind: "default",
  description: "a test",
  getToken: () => Promise.resolve("token"),
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
      jsonAnswer(404, {}),
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
    ["by the link's own version", "?api-version=2020-01-01", "2020-01-01"],
    ["by the resource's version where the link has none", "", "2024-11-01"],
  ])(
    "asks the operation where Azure names one, %s, and never another host",
    async (_what, query, version) => {
      const headers = { "azure-asyncoperation": `https://elsewhere.example/operations/1${query}` };
      const { client, requests } = answering(
        jsonAnswer(202, {}, headers),
        jsonAnswer(200, { status: "InProgress" }),
        jsonAnswer(200, { status: "Succeeded" }),
      );
      await putArm(client, identity, question, "a test");
      expect(requests.slice(1)).toEqual(Array<string>(2).fill(`GET /operations/1?api-version=${version}`));
    },
  );

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
  it("reads all pages, on Azure Resource Manager's own host", async () => {
    const { client, requests } = answering(
      jsonAnswer(200, { value: [1], nextLink: "https://elsewhere.example/things?$skiptoken=1" }),
      jsonAnswer(200, { value: [2], nextLink: "" }),
    );
    expect(await listArm(client, identity, "/things", "2024-11-01", z.number())).toEqual([1, 2]);
    expect(requests).toEqual([
      "GET /things?api-version=2024-11-01",
      "GET /things?%24skiptoken=1&api-version=2024-11-01",
    ]);
  });
});
