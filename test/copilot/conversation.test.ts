import { clouds } from "../../core/cloud/clouds";
import { beforeEach, describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { say, type Reply } from "../../emulator/powerPlatform/conversation";
import type { Platform } from "../../emulator/powerPlatform/platform";
import { noAnswerMessage } from "../../copilot/problems";
import { defaultCopilotSettings, type CopilotSettings } from "../../copilot/settings";
import type { FaultPlan } from "../../emulator/server/faults";
import { createSigningKey, hashSecret } from "../../emulator/entra/tokens";
import { tokenRequest } from "../../core/secrets/clientCredentials";
import {
  copilotTrial,
  type CopilotTrial,
  type CopilotTrialOptions,
} from "../../scripts/copilot/trial/copilotTrial";
import { textFile } from "./support/artefactFixture";

const startAt = new Date("2026-11-22T10:00:00Z");
const tokenPath = "/oauth2/v2.0/token";

const signingKey = createSigningKey();

function trialWith(
  settings: Partial<CopilotSettings> = {},
  options: CopilotTrialOptions = {},
): Promise<CopilotTrial> {
  return copilotTrial(
    { ...defaultCopilotSettings, newAgent: "Token helper", ...settings },
    { startAt, signingKey, ...options },
  );
}

type Topic = "flowTopic" | "directTopic" | "graphTopic" | "directGraphTopic";

/** What a topic is about, in the end. */
function pathOf(topic: Topic): string {
  return topic === "graphTopic" || topic === "directGraphTopic" ? "/v1.0/users" : tokenPath;
}

/** Says the topic's phrase; `platform` replaces parts of the world. */
function talk(trial: CopilotTrial, topic: Topic, platform: Partial<Platform> = {}): Promise<Reply> {
  const phrase = pathOf(topic) === tokenPath ? "Generate Access Token" : "Ask Microsoft Graph";
  return say(phrase, textFile(trial.files, artefactPaths[topic]), trial.environment, {
    ...trial.platform,
    ...platform,
  });
}

/** Answers requests of one path in Azure's place. */
function answering(trial: CopilotTrial, path: string, answer: () => Promise<Response>): Partial<Platform> {
  return {
    send: (request) =>
      new URL(request.url).pathname.endsWith(path) ? answer() : trial.platform.send(request),
  };
}

/** An answer that comes after so many seconds. */
function late(trial: CopilotTrial, path: string, seconds: number): Partial<Platform> {
  return {
    send: async (request) => {
      if (new URL(request.url).pathname.endsWith(path)) await trial.platform.wait(seconds);
      return trial.platform.send(request);
    },
  };
}

const everyTopic: readonly Topic[] = ["flowTopic", "directTopic", "graphTopic", "directGraphTopic"];
const graphTopics = ["graphTopic", "directGraphTopic"] as const;
const tokenTopics = ["flowTopic", "directTopic"] as const;

describe("a conversation", () => {
  let trial: CopilotTrial;
  beforeEach(async () => {
    trial = await trialWith();
  });

  it.each(tokenTopics)("gets a token by the %s and says its type and lifetime", async (topic) => {
    expect((await talk(trial, topic)).messages).toEqual(["Bearer token, valid for 3599 seconds."]);
  });

  it.each(graphTopics)("gets Microsoft Graph's answer by the %s", async (topic) => {
    expect((await talk(trial, topic)).messages).toEqual([
      "Microsoft Graph answered with 3 (displayName): Adele Vance, Alex Wilber, Megan Bowen",
    ]);
  });

  it("starts by its phrase only", async () => {
    const topic = textFile(trial.files, artefactPaths.flowTopic);
    await expect(say("Good morning", topic, trial.environment, trial.platform)).rejects.toThrow(
      '"Good morning" starts no topic.',
    );
  });

  it.each(tokenTopics)("posts by the %s what verify posts, after form decoding", async (topic) => {
    const posted: Request[] = [];
    await talk(trial, topic, {
      send: (request) => {
        if (request.url.includes(tokenPath)) posted.push(request.clone());
        return trial.platform.send(request);
      },
    });
    const { tenantId, clientId } = trial.app;
    const expected = tokenRequest({
      cloud: clouds.public,
      tenantId,
      clientId,
      clientSecret: trial.clientSecret,
    });
    const [request, ...others] = posted;
    expect(others).toEqual([]);
    expect(request?.url).toBe(expected.url);
    expect(request?.method).toBe("POST");
    expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
      "content-type": expected.headers["Content-Type"],
      accept: expected.headers["Accept"],
    });
    const form = new URLSearchParams(await request?.text());
    form.sort();
    const verifyForm = new URLSearchParams(expected.body);
    verifyForm.sort();
    expect([...form]).toEqual([...verifyForm]);
  });

  it.each(everyTopic)("carries a secret of every special character through the %s", async (topic) => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");
    const awkward = `${printable}+%2B&client_id=x"'€😀`;
    for (const application of Object.values(trial.tenant.state.directory.applications)) {
      application.passwordCredentials = application.passwordCredentials.map((credential) => ({
        ...credential,
        secretHash: hashSecret(awkward),
      }));
    }
    await trial.publishSecret(awkward);
    expect((await talk(trial, topic)).messages.join()).toMatch(/^(Bearer token|Microsoft Graph answered)/);
  });

  it.each(everyTopic)("says by the %s that the secret is wrong", async (topic) => {
    await trial.publishSecret("not-the-secret");
    const [message, ...others] = (await talk(trial, topic)).messages;
    expect(others).toEqual([]);
    expect(message).toMatch(/^Microsoft Entra does not accept the client secret\. .*AADSTS7000215: /s);
    expect(message).not.toContain("not-the-secret");
  });

  it.each(everyTopic)("says by the %s that the secret has expired", async (topic) => {
    trial.tenant.clock.set(new Date("2029-11-22T10:00:00Z"));
    expect((await talk(trial, topic)).messages).toEqual([
      expect.stringMatching(/^The client secret has expired\. .*AADSTS7000222: /s),
    ]);
  });

  it.each(everyTopic)("says by the %s that the app is not in the tenant", async (topic) => {
    const variables = new Map(trial.environment.variables);
    variables.set("cptoken_CopilotAPIAuthClientId", {
      isSecret: false,
      value: "0c3f9d51-8b27-4e6a-a1d4-7f2e5b9c6038",
    });
    const other = { ...trial, environment: { ...trial.environment, variables } };
    expect((await talk(other, topic)).messages).toEqual([
      expect.stringMatching(/^Microsoft Entra does not know the app in this tenant\. .*AADSTS700016: /s),
    ]);
  });

  it.each(everyTopic)(
    "says by the %s that the service is down, also when a proxy's page says so",
    async (topic) => {
      const page = (): Promise<Response> =>
        Promise.resolve(new Response("<html>Bad gateway</html>", { status: 502 }));
      expect((await talk(trial, topic, answering(trial, pathOf(topic), page))).messages).toEqual([
        expect.stringMatching(/^Microsoft's service had an error of its own\. .*HTTP_502: /),
      ]);
    },
  );

  it.each(everyTopic)("says by the %s that nothing came when the connection breaks", async (topic) => {
    const broken = (): Promise<Response> => Promise.reject(new Error("socket hang up"));
    const { messages } = await talk(trial, topic, answering(trial, pathOf(topic), broken));
    expect(messages).toEqual([expect.stringContaining(noAnswerMessage)]);
  });

  it.each(["flowTopic", "graphTopic"] as const)(
    "says by the %s that nothing came in time, when one request outlasts the agent's patience",
    async (topic) => {
      expect((await talk(trial, topic, late(trial, pathOf(topic), 119))).messages).toEqual([
        expect.stringContaining(noAnswerMessage),
      ]);
    },
  );

  it("leaves a flow's time-out to the On Error of an agent that was there before", async () => {
    const existing = { ...trial, environment: { ...trial.environment, agentSchemaName: "contoso_helpdesk" } };
    expect((await talk(existing, "flowTopic", late(trial, tokenPath, 119))).messages).toEqual([
      "Error Message: The flow took 119 s; an agent waits 100. Error Code: FlowActionTimedOut",
    ]);
  });

  it.each(["blank", "status 408"] as const)(
    "says by the directTopic that nothing came in time, whether the node then leaves %s",
    async (topicTimeout) => {
      const other = { ...trial, environment: { ...trial.environment, topicTimeout } };
      expect((await talk(other, "directTopic", late(trial, tokenPath, 31))).messages).toEqual([
        expect.stringContaining(noAnswerMessage),
      ]);
    },
  );

  it.each(tokenTopics)("takes half an answer for none by the %s", async (topic) => {
    const half = (): Promise<Response> => Promise.resolve(new Response('{"token_type":"Bearer","exp'));
    const { messages } = await talk(trial, topic, answering(trial, tokenPath, half));
    expect(messages).toEqual([
      topic === "flowTopic"
        ? expect.stringMatching(
            /^Microsoft Entra answered without a token\. .*\(NOT_A_TOKEN: HTTP 200 without the three fields of a token\)$/,
          )
        : expect.stringContaining(noAnswerMessage),
    ]);
  });

  it.each(["flowTopic", "graphTopic"] as const)(
    "says by the %s that Dataverse may not read the secret",
    async (topic) => {
      const { roleAssignments } = trial.tenant.state.arm;
      for (const id of Object.keys(roleAssignments)) Reflect.deleteProperty(roleAssignments, id);
      expect((await talk(trial, topic)).messages).toEqual([
        expect.stringMatching(
          /^The secret could not be read from the vault\. .*SECRET_HTTP_403: HTTP 403: User is not authorized to read secrets/,
        ),
      ]);
    },
  );

  it("says by the flowTopic that the vault is silent", async () => {
    const broken = (): Promise<Response> => Promise.reject(new Error("refused"));
    const { messages } = await talk(trial, "flowTopic", answering(trial, "/secrets/CopilotAPIAuth", broken));
    expect(messages).toEqual([
      expect.stringMatching(/^The secret could not be read from the vault\. .*SECRET_NO_ANSWER: .*refused/),
    ]);
  });

  it("gets a single object by the directGraphTopic too, and keeps the token in one variable", async () => {
    const single = await trialWith(
      { graphRequest: { path: "/v1.0/sites/root?$select=displayName", field: "displayName" } },
      { permissions: ["Sites.Read.All"] },
    );
    const { messages, variables } = await talk(single, "directGraphTopic");
    expect(messages).toEqual(["Microsoft Graph answered with 1 (displayName): Communication site"]);
    const holders = [...variables].filter(([, value]) => JSON.stringify(value).includes("eyJ"));
    expect(holders.map(([name]) => name)).toEqual(["TokenResponse"]);
  });

  it.each(graphTopics)("says by the %s that a permission is missing", async (topic) => {
    const bare = await trialWith({ graphRequest: { path: "/v1.0/groups?$top=5", field: "displayName" } });
    expect((await talk(bare, topic)).messages).toEqual([
      expect.stringMatching(/^Microsoft Graph refused the request: .*HTTP_403: HTTP 403: /),
    ]);
  });

  it("tells agents that the tag does not name, in the direct variant", async () => {
    const other = { ...trial.environment, agentSchemaName: "contoso_other" };
    expect((await talk({ ...trial, environment: other }, "directTopic")).messages).toEqual([
      "Error Message: Bot isn't allowed to use environment variable. Error Code: BotForbidden",
    ]);
  });
});

describe("a throttled service", () => {
  const throttled = (times?: number): FaultPlan => ({
    disturbances: [
      {
        service: "entra",
        path: tokenPath,
        action: { kind: "status", status: 429, retryAfterSeconds: 7 },
        ...(times === undefined ? {} : { times }),
      },
    ],
  });

  it.each(tokenTopics)("ends in a message of its own by the %s", async (topic) => {
    const trial = await trialWith({}, { faults: throttled() });
    expect((await talk(trial, topic)).messages).toEqual([
      expect.stringMatching(/^Microsoft is throttling requests at the moment\. .*HTTP_429: /),
    ]);
  });

  it("is waited for by the flow, as long as it asks for", async () => {
    const trial = await trialWith({}, { faults: throttled(2) });
    expect((await talk(trial, "flowTopic")).messages).toEqual(["Bearer token, valid for 3599 seconds."]);
    expect(trial.tenant.clock.now()).toEqual(new Date(startAt.getTime() + 14_000));
  });

  it("is not waited for beyond the limit of 60 seconds", async () => {
    const trial = await trialWith();
    const busy = (): Promise<Response> =>
      Promise.resolve(new Response("{}", { status: 429, headers: { "Retry-After": "61" } }));
    const { messages } = await talk(trial, "flowTopic", answering(trial, tokenPath, busy));
    expect(messages).toEqual([expect.stringContaining(noAnswerMessage)]);
    expect(trial.tenant.clock.now()).toEqual(startAt);
  });
});

describe("the token", () => {
  /** Everything that a user, a maker or an administrator could read afterwards. */
  const readable = (reply: Reply): string => JSON.stringify(reply.events.map((event) => ({ ...event })));

  it.each(everyTopic)("and the secret show nowhere by default: %s", async (topic) => {
    const trial = await trialWith();
    const reply = await talk(trial, topic);
    expect(readable(reply)).not.toContain("eyJ");
    expect(readable(reply)).not.toContain(trial.clientSecret);
    expect(JSON.stringify([...reply.variables])).not.toContain(trial.clientSecret);
    // The direct variants keep it in a variable of the topic, and nowhere else.
    expect(JSON.stringify([...reply.variables]).includes("eyJ")).toBe(topic.startsWith("direct"));
  });

  it.each(tokenTopics)("is shown by the %s when asked to, yet not in the run history", async (topic) => {
    const trial = await trialWith({ returnToken: true });
    const reply = await talk(trial, topic);
    expect(reply.messages).toEqual([
      expect.stringMatching(/^Bearer token, valid for 3599 seconds: eyJ[\w.-]+$/),
    ]);
    const history = reply.events.flatMap((event) => (event.kind === "flow" ? event.run.history : []));
    expect(JSON.stringify(history)).not.toContain("eyJ");
    expect(JSON.stringify(history)).not.toContain(trial.clientSecret);
  });

  it("and the secret are in no artefact", async () => {
    const trial = await trialWith({ returnToken: true });
    for (const [path] of trial.files) {
      expect(textFile(trial.files, path), path).not.toContain(trial.clientSecret);
    }
  });
});
