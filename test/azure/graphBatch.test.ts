import { describe, expect, it } from "vitest";
import { azureClient } from "../../azure/azureClient";
import { Credential } from "../../azure/credential";
import { batchingExchange } from "../../azure/graphBatch";
import type { Exchange, HttpAnswer, HttpRequest } from "../../azure/http";
import { microsoftGraph } from "../../azure/services";
import { testWorld } from "../support/testWorld";

const graph = "https://graph.microsoft.com";

interface Step {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** Answers every read with its own path, alone or in a batch, unless `change` makes something else of it. */
function recorded(change: (path: string) => Partial<HttpAnswer> = () => ({})) {
  const sent: HttpRequest[] = [];
  const one = (path: string): HttpAnswer => ({
    status: 200,
    headers: {},
    body: JSON.stringify({ path }),
    ...change(path),
  });
  const exchange: Exchange = (request) => {
    sent.push(request);
    if (!request.url.endsWith("/$batch")) return Promise.resolve(one(new URL(request.url).pathname));
    const { requests } = JSON.parse(request.body ?? "") as { requests: Step[] };
    const responses = requests.map(({ id, url }) => {
      const { body, ...rest } = one(`/v1.0${url}`);
      return { id, ...rest, body: JSON.parse(body) as unknown };
    });
    // Microsoft Graph answers in any order.
    const body = JSON.stringify({ responses: responses.reverse() });
    return Promise.resolve({ status: 200, headers: { "request-id": "batch" }, body });
  };
  return { exchange, sent };
}

const read = (path: string, token = "one"): HttpRequest => ({
  method: "GET",
  url: `${graph}/v1.0${path}`,
  headers: { Accept: "application/json", Authorization: `Bearer ${token}` },
});
const stepsOf = ({ body }: HttpRequest): Step[] => (JSON.parse(body ?? "") as { requests: Step[] }).requests;

describe("batchingExchange", () => {
  it("sends reads that are asked for at once together, and gives each its own answer", async () => {
    const { exchange, sent } = recorded((path) =>
      path.endsWith("/users") ? { status: 403, headers: { "Request-Id": "7" }, body: "{}" } : {},
    );
    const batching = batchingExchange(exchange, graph);
    const answers = await Promise.all(
      ["/applications/1?$select=id", "/users"].map((path) => batching(read(path), 1000)),
    );

    expect(answers).toEqual([
      { status: 200, headers: { "request-id": "batch" }, body: '{"path":"/v1.0/applications/1?$select=id"}' },
      { status: 403, headers: { "request-id": "7" }, body: "{}" },
    ]);
    expect(sent.map(({ method, url, headers }) => [method, url, headers])).toEqual([
      [
        "POST",
        `${graph}/v1.0/$batch`,
        { Accept: "application/json", Authorization: "Bearer one", "Content-Type": "application/json" },
      ],
    ]);
    expect(sent.flatMap(stepsOf)).toEqual([
      { id: "0", method: "GET", url: "/applications/1?$select=id" },
      { id: "1", method: "GET", url: "/users" },
    ]);
  });

  it("puts at most 20 into a batch, and has four under way at a time", async () => {
    const { exchange, sent } = recorded();
    let underWay = 0;
    let most = 0;
    const counted: Exchange = async (request, timeout) => {
      most = Math.max(most, ++underWay);
      await new Promise((turn) => setImmediate(turn));
      underWay -= 1;
      return exchange(request, timeout);
    };
    const batching = batchingExchange(counted, graph);
    const paths = Array.from({ length: 145 }, (_, index) => `/applications/${index}`);
    const answers = await Promise.all(paths.map((path) => batching(read(path), 1000)));

    expect(answers.map(({ body }) => body)).toEqual(
      paths.map((path) => JSON.stringify({ path: `/v1.0${path}` })),
    );
    expect(sent.map((request) => stepsOf(request).length)).toEqual([20, 20, 20, 20, 20, 20, 20, 5]);
    expect(most).toBe(4);
  });

  it.each([
    ["a single read", [read("/users")]],
    ["reads with different tokens", [read("/users", "one"), read("/users", "two")]],
    ["reads of another version", ["/a", "/b"].map((path) => ({ ...read(""), url: `${graph}/beta${path}` }))],
    [
      "reads of another host",
      ["/a", "/b"].map((path) => ({ ...read(""), url: `${graph}.example/v1.0${path}` })),
    ],
    ["changes", [1, 2].map((): HttpRequest => ({ ...read("/users"), method: "POST", body: "{}" }))],
  ])("sends %s as they are", async (_what, requests) => {
    const { exchange, sent } = recorded();
    const batching = batchingExchange(exchange, graph);
    await Promise.all(requests.map((request) => batching(request, 1000)));
    expect(sent).toEqual(requests);
  });

  it("repeats only what was throttled, after the time that it was told", async () => {
    const waits: number[] = [];
    let throttled = 1;
    const { exchange, sent } = recorded((path) =>
      path.endsWith("/b") && throttled-- > 0
        ? { status: 429, headers: { "Retry-After": "7" }, body: "{}" }
        : {},
    );
    const world = testWorld({ exchange, onSleep: (milliseconds) => waits.push(milliseconds) });
    const client = azureClient(
      { ...world, exchange: batchingExchange(world.exchange, graph) },
      { waitSeconds: 60 },
    );
    const token = new Credential("token", microsoftGraph);
    const replies = await Promise.all(
      ["/a", "/b", "/c"].map((path) =>
        client.send({ to: microsoftGraph, method: "GET", url: `${graph}/v1.0${path}`, token }),
      ),
    );

    expect(replies.map(({ status, waitedSeconds }) => [status, waitedSeconds])).toEqual([
      [200, 0],
      [200, 7],
      [200, 0],
    ]);
    expect(waits).toEqual([7000]);
    expect(sent.map(({ url }) => url)).toEqual([`${graph}/v1.0/$batch`, `${graph}/v1.0/b`]);
  });

  it("gives each the refusal of the whole batch", async () => {
    const refusal: HttpAnswer = {
      status: 401,
      headers: {},
      body: '{"error":{"code":"InvalidAuthenticationToken"}}',
    };
    const batching = batchingExchange(() => Promise.resolve(refusal), graph);
    const answers = await Promise.all(["/a", "/b"].map((path) => batching(read(path), 1000)));
    expect(answers).toEqual([refusal, refusal]);
  });

  it.each([
    ["a page in its place", "<html>"],
    ["one answer only", '{"responses":[{"id":"0","status":200,"body":{}}]}'],
    ["a status that is none", '{"responses":[{"id":"0","status":200},{"id":"1","status":"ok"}]}'],
  ])("refuses %s for all", async (_what, body) => {
    const batching = batchingExchange(() => Promise.resolve({ status: 200, headers: {}, body }), graph);
    const outcomes = await Promise.allSettled(["/a", "/b"].map((path) => batching(read(path), 1000)));
    expect(
      outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : outcome.value)),
    ).toEqual(["ANSWER_UNREADABLE", "ANSWER_UNREADABLE"]);
  });
});
