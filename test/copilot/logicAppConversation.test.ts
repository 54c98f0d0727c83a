import { describe, expect, it } from "vitest";
import { defaultCopilotSettings } from "../../copilot/settings";
import type { FaultPlan } from "../../emulator/server/faults";
import { createSigningKey } from "../../emulator/entra/tokens";
import {
  logicAppTrial,
  type LogicAppTrial,
  type LogicAppTrialOptions,
} from "../../scripts/copilot/trial/logicAppTrial";

const startAt = new Date("2026-11-22T10:00:00Z");

const signingKey = createSigningKey();

function trialWith(options: LogicAppTrialOptions = {}): Promise<LogicAppTrial> {
  return logicAppTrial(
    { ...defaultCopilotSettings, newAgent: "Directory helper" },
    { startAt, signingKey, ...options },
  );
}

/** Microsoft Graph throttles so many requests; all of them when it does not say how many. */
const throttled = (times?: number): FaultPlan => ({
  disturbances: [
    {
      service: "graph",
      path: "/v1.0/users",
      ...(times === undefined ? {} : { times }),
      action: { kind: "status", status: 429, retryAfterSeconds: 10 },
    },
  ],
});

describe("a conversation by way of a Logic App", () => {
  it("says what Microsoft Graph answers, and nothing secret lies anywhere on the way", async () => {
    const trial = await trialWith();
    const reply = await trial.ask();
    expect(reply.messages).toEqual([
      "Microsoft Graph answered with 3 (displayName): Adele Vance, Alex Wilber, Megan Bowen",
    ]);
    const runs = trial.platform.logicAppRuns.map(({ history }) => history);
    const flow = reply.events.flatMap((event) => (event.kind === "flow" ? event.run.history : []));
    expect(runs).toHaveLength(1);
    expect(flow.map(({ action }) => action)).toContain("Ask_the_Logic_App");
    expect(JSON.stringify([runs, flow, [...reply.variables]])).not.toContain("eyJ");
  });

  it.each<[string, LogicAppTrialOptions, RegExp]>([
    [
      "a user whom the settings do not name",
      { connection: { userObjectId: "9c0f3a55-6f5d-4b0e-9a1d-27c6b1e0d9a4" } },
      /^The Logic App did not take the call\. .*LOGIC_APP_HTTP_403: HTTP 403: One or more claims/,
    ],
    [
      "an address outside the ranges",
      { allowedIpRanges: ["198.51.100.0/24"] },
      /^The Logic App did not take the call\. .*LOGIC_APP_HTTP_401: HTTP 401: The client IP address '203\.0\.113\.7'/,
    ],
    [
      "a resource that has not preauthorised the connector",
      { connection: { resourceUri: "https://graph.microsoft.com" } },
      /^The flow's connection could not sign in .*AADSTS65001: AADSTS65001/,
    ],
    [
      "a resource that is none",
      { connection: { resourceUri: "api://elsewhere" } },
      /^The flow's connection could not sign in .*AADSTS500011: AADSTS500011/,
    ],
    [
      "an identity without the permission",
      {
        permissions: ["Group.Read.All"],
        requests: { people: { path: "/v1.0/users", field: "displayName" } },
      },
      /^Microsoft Graph refused the request: .*HTTP_403/,
    ],
  ])("tells of %s", async (_, options, said) => {
    const { messages } = await (await trialWith(options)).ask();
    expect(messages).toEqual([expect.stringMatching(said)]);
  });

  it("outlasts throttling that passes", async () => {
    const trial = await trialWith({ faults: throttled(2) });
    expect((await trial.ask()).messages).toEqual([
      "Microsoft Graph answered with 3 (displayName): Adele Vance, Alex Wilber, Megan Bowen",
    ]);
  });

  it("tells of throttling that does not pass, before the agent gives up", async () => {
    const trial = await trialWith({ faults: throttled() });
    expect((await trial.ask()).messages).toEqual([
      expect.stringMatching(/^Microsoft is throttling requests at the moment\. .*HTTP_429/),
    ]);
    expect(trial.tenant.clock.now().getTime() - startAt.getTime()).toBeLessThan(100_000);
  });
});
