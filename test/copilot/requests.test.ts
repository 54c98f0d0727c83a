import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { artefactNames } from "../../copilot/names";
import { requestPaths } from "../../copilot/requestParts";
import { needsMailbox, type AgentRequest } from "../../copilot/requests/agentRequest";
import { chosenRequestFaults, chosenRequests } from "../../copilot/requests/chosenRequests";
import { partsOf } from "../../copilot/requests/encoding";
import { requestTable } from "../../copilot/requests/requestTable";
import { defaultCopilotSettings } from "../../copilot/settings";
import { createSigningKey } from "../../emulator/entra/tokens";
import { say, type Reply } from "../../emulator/powerPlatform/conversation";
import { useTool } from "../../emulator/powerPlatform/toolRun";
import type { Value } from "../../emulator/powerPlatform/value";
import { copilotTrial, type CopilotTrial } from "../../scripts/copilot/trial/copilotTrial";
import { trialValues } from "../../scripts/copilot/trial/trialTenant";
import { app, makeArtefacts, textFile } from "./support/artefactFixture";

const permissions = [...new Set(requestTable.map((request) => request.permissions[0] ?? ""))];
const mailbox = "MeganB@contoso.onmicrosoft.com";
const settings = {
  ...defaultCopilotSettings,
  newAgent: "Token helper",
  requests: requestTable.map(({ key }) => key),
  mailbox,
};

let trial: CopilotTrial;
let sent: Request[];
beforeAll(async () => {
  trial = await copilotTrial(settings, {
    permissions,
    signingKey: createSigningKey(),
    startAt: new Date("2026-11-27T10:00:00Z"),
  });
});

/** What goes to Microsoft Graph meanwhile. */
function watched(): CopilotTrial["platform"] {
  sent = [];
  return {
    ...trial.platform,
    send: (request) => {
      if (new URL(request.url).hostname === "graph.microsoft.com") sent.push(request.clone());
      return trial.platform.send(request);
    },
  };
}

const ofKey = (key: string): AgentRequest => {
  const found = requestTable.find((request) => request.key === key);
  if (found === undefined) throw new Error(`no ${key}`);
  return found;
};

type Way = "topic" | "directTopic" | "tool";

/** Makes a request with these values, in their order. @returns What the agent said or the tool answered. */
async function ask(key: string, values: readonly string[], way: Way): Promise<string> {
  const request = ofKey(key);
  const { topic, flow } = artefactNames(trial.app, settings).ofRequest(request.title);
  if (way === "tool") {
    const inputs = Object.fromEntries(
      request.parameters.map(({ title }, index) => [title, values[index] ?? ""]),
    );
    const { run } = await useTool(flow.displayName, { inputs }, trial.environment, watched());
    const { answer, problem, code } = run?.answer ?? {};
    const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");
    return text(problem) === "" ? text(answer) : `${text(code)}: ${text(problem)}`;
  }
  const yaml = textFile(trial.files, requestPaths(request)[way]);
  const confirmation = request.change === undefined ? [] : ["yes"];
  const reply: Reply = await say(topic.phrase, yaml, trial.environment, watched(), [
    ...values,
    ...confirmation,
  ]);
  return reply.messages.join("\n");
}

const ways: readonly Way[] = ["topic", "directTopic", "tool"];
const reads = requestTable.filter(({ change }) => change === undefined);

describe("every request of the table", () => {
  it("names permissions that Microsoft Graph has as application permissions", () => {
    const { appRoles } = JSON.parse(readFileSync("emulator/tenant/graphPermissions.json", "utf8")) as {
      appRoles?: unknown;
    };
    const text = JSON.stringify(appRoles ?? readFileSync("emulator/tenant/graphPermissions.json", "utf8"));
    const unknown = requestTable
      .flatMap((request) => request.permissions)
      .filter((permission) => !text.includes(permission));
    expect(unknown).toEqual([]);
  });

  it("is in the documentation, with permissions that are enough for it", () => {
    const page = readFileSync("docs/copilot-studio.md", "utf8");
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\|[^|]+\| ([^|]+) \| (yes|) +\|$/gm)].map(
      ([, key = "", named = "", byDefault = ""]) => {
        const documented = [...named.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name);
        return [key, documented.every((name) => ofKey(key).permissions.includes(name)), byDefault === "yes"];
      },
    );
    expect(rows).toEqual(requestTable.map(({ key, byDefault }) => [key, true, byDefault]));
  });

  it.each(requestTable.map((request) => [request.key, request] as const))(
    "uses each of its parameters, and reads well: %s",
    (_, request) => {
      const texts = [request.path.replaceAll("{mailbox}", ""), JSON.stringify(request.body ?? "")];
      const used = texts
        .flatMap((text) => text.match(/\{(\w+)\}/g) ?? [])
        .map((placeholder) => placeholder.slice(1, -1));
      expect([...new Set(used)].sort()).toEqual(request.parameters.map(({ name }) => name).sort());
      expect(partsOf(texts[0] ?? "", request.parameters).length).toBeGreaterThan(0);
      expect(request.description).toMatch(/^[A-Z].{30,250}\.$/);
      for (const { title, description, question } of request.parameters) {
        expect([title, description, question].every((text) => text.length > 2)).toBe(true);
      }
      expect(request.change === undefined).toBe(request.method === "GET");
    },
  );

  it.each(reads.flatMap(({ key }) => ways.map((way) => [key, way] as const)))(
    "is answered by the emulated Microsoft Graph: %s by its %s",
    async (key, way) => {
      const said = await ask(key, trialValues[key] ?? [], way);
      expect(sent).toHaveLength(1);
      expect(said).not.toMatch(/HTTP|INPUT/);
      const found: Readonly<Record<string, string>> = {
        "find-person": "Adele Vance (AdeleV@contoso.onmicrosoft.com, Retail Manager)",
        "list-groups": "Contoso Team (team@contoso.onmicrosoft.com, e06b1d93-8f52-4c7a-b3d0-5a9e6c2f7184)",
        "list-group-members": "Adele Vance, Alex Wilber",
      };
      expect(said).toContain(found[key] ?? "");
    },
  );
});

const hostile = [
  "O'Brien", "x') or startswith(displayName,'A", "'", "''", "a/b", "../groups", "..", "a\\b", "?$select=id", "#fragment",
  "a&$top=999", "$count", "%2f..%2f", "%27", "a\r\nX-Header: y", "😀", "\ud83d", "x".repeat(5000), "", "   ", "@{1}",
  "{Topic.TokenResponse}", "=1+1", "a;b,c", "..;/",
]; // prettier-ignore

describe.each(ways)("a hostile value, by the %s,", (way) => {
  it.each(hostile)("stays a text of the filter, or is refused: %j", async (value) => {
    const said = await ask("find-person", [value], way);
    if (said.includes("INPUT_REFUSED")) {
      expect(sent).toEqual([]);
      return;
    }
    const text = Buffer.from(value.replaceAll("'", "''"), "utf8").toString();
    const [request] = sent;
    const url = new URL(request?.url ?? "");
    expect(url.pathname).toBe("/v1.0/users");
    expect([...url.searchParams]).toEqual([
      ["$filter", `startswith(displayName,'${text}') or startswith(surname,'${text}')`],
      ["$top", "10"],
      ["$select", "displayName,mail,jobTitle"],
    ]);
    expect(url.hash).toBe("");
    // Only a name that begins so is found: no value turns into a condition that is always true.
    expect(said).not.toMatch(/Adele|Alex|Megan/);
  });

  it.each(hostile)("stays one key of the path, or is refused: %j", async (value) => {
    const said = await ask("read-calendar", [value, "2026-11-27"], way);
    if (said.includes("INPUT_REFUSED")) {
      expect(sent).toEqual([]);
      return;
    }
    const { pathname, searchParams } = new URL(sent[0]?.url ?? "");
    const text = Buffer.from(value.replaceAll("'", "''"), "utf8").toString();
    expect(pathname.split("/").map(decodeURIComponent)).toEqual([
      "",
      "v1.0",
      `users('${text}')`,
      "calendarView",
    ]);
    expect([...searchParams.keys()]).toEqual(["startDateTime", "endDateTime", "$top", "$orderby", "$select"]);
    expect(said).toMatch(/HTTP_(?:400|404|501)/);
  });

  it.each(hostile)("stays one segment of the path, or is refused: %j", async (value) => {
    const said = await ask("list-site-files", [value], way);
    if (said.includes("INPUT_REFUSED")) {
      expect(sent).toEqual([]);
      return;
    }
    const { pathname } = new URL(sent[0]?.url ?? "");
    const text = Buffer.from(value, "utf8").toString();
    expect(pathname.split("/").map(decodeURIComponent)).toEqual(
      ["", "v1.0", "sites", text, "drive", "root", "children"],
    ); // prettier-ignore
  });

  it.each(hostile)("stays one value of the query, or is refused: %j", async (value) => {
    const said = await ask("find-site", [value], way);
    if (said.includes("INPUT_REFUSED")) {
      expect(sent).toEqual([]);
      return;
    }
    const url = new URL(sent[0]?.url ?? "");
    expect([url.pathname, url.hash]).toEqual(["/v1.0/sites", ""]);
    expect([...url.searchParams]).toEqual([["search", Buffer.from(value, "utf8").toString()]]);
  });
});

describe("a mail", () => {
  it.each(ways)("goes out once, from the mailbox of the settings, by the %s", async (way) => {
    const said = await ask("send-mail", ["adele@contoso.com", 'A "subject"', "Line 1\nLine 2 {\\n"], way);
    expect(said).toBe("The mail was handed to the mailbox for sending.");
    expect(sent).toHaveLength(1);
    expect(decodeURIComponent(new URL(sent[0]?.url ?? "").pathname)).toBe(
      `/v1.0/users('${mailbox}')/sendMail`,
    );
    expect(await sent[0]?.json()).toEqual({
      message: {
        subject: 'A "subject"',
        body: { contentType: "Text", content: "Line 1\nLine 2 {\\n" },
        toRecipients: [{ emailAddress: { address: "adele@contoso.com" } }],
      },
      saveToSentItems: true,
    });
  });

  it("does not go out without the user's consent", async () => {
    // No way to ask first is known in the new experience.
    expect(trial.files.has("tools/send-mail.mcs.yml")).toBe(false);
    const { question, run } = await useTool("Send a mail", { agreed: false }, trial.environment, watched());
    expect([question, run]).toEqual(["Shall I send this mail from the shared mailbox?", undefined]);
    for (const path of ["topics/send-mail.yaml", "topics/send-mail.direct.yaml"]) {
      const yaml = textFile(trial.files, path);
      const reply = await say("Send a mail", yaml, trial.environment, watched(), ["a@b.c", "s", "t", "no"]);
      expect([reply.messages, sent]).toEqual([["I changed nothing."], []]);
    }
  });

  it.each(hostile)("has each value in its own text, by the direct topic: %j", async (value) => {
    const said = await ask("send-mail", [value, value, value], "directTopic");
    if (said.includes("INPUT_REFUSED")) {
      expect(sent).toEqual([]);
      return;
    }
    const text = Buffer.from(value, "utf8").toString();
    expect(await sent[0]?.json()).toEqual({
      message: {
        subject: text,
        body: { contentType: "Text", content: text },
        toRecipients: [{ emailAddress: { address: text } }],
      },
      saveToSentItems: true,
    });
  });

  it.each(["topics/send-mail.yaml", "topics/send-mail.direct.yaml"])(
    "that had no answer may have gone out, says %s",
    async (path) => {
      const platform = {
        ...trial.platform,
        send: (request: Request) =>
          request.url.includes("sendMail")
            ? Promise.reject(new Error("socket hang up"))
            : trial.platform.send(request),
      };
      const answers = ["adele@contoso.com", "s", "t", "yes"];
      const reply = await say(
        "Send a mail",
        textFile(trial.files, path),
        trial.environment,
        platform,
        answers,
      );
      expect(reply.messages.join()).toMatch(/^No answer came, so the mail may have been sent all the same\./);
    },
  );

  it("is not sent a second time when the answer is lost", async () => {
    let tries = 0;
    const platform = {
      ...trial.platform,
      send: (request: Request) => {
        if (!request.url.includes("sendMail")) return trial.platform.send(request);
        tries += 1;
        return Promise.reject(new Error("socket hang up"));
      },
    };
    const inputs = { Recipient: "adele@contoso.com", Subject: "s", Text: "t" };
    const { run } = await useTool("Send a mail", { inputs }, trial.environment, platform);
    expect([tries, run?.answer["code"], run?.answer["answer"]]).toEqual([1, "NO_ANSWER", ""]);
  });
});

describe("the requests of an app", () => {
  it("are by default a read, and those that neither change anything nor show personal data", () => {
    const keys = (granted: string[]): string[] =>
      chosenRequests({ cloud: app.cloud, permissions: granted, apis: [] }, defaultCopilotSettings).map(
        ({ key }) => key,
      );
    expect(keys(["User.Read.All"])).toEqual(["ask-microsoft-graph", "find-person"]);
    expect(keys(["Mail.Send", "Calendars.Read"])).toEqual([]);
    expect(keys(permissions)).toEqual(["ask-microsoft-graph", "find-person", "list-groups", "find-site"]);
  });

  it("are refused with every reason at once", () => {
    const faults = chosenRequestFaults([app], {
      requests: ["find-persons", "read-calendar", "read-shared-mailbox"],
      mailbox: undefined,
      graphRequest: undefined,
      apiRequests: [],
    });
    expect(faults.map(({ value, reason }) => `${value}: ${reason}`)).toEqual([
      "find-persons: There is no such request.",
      expect.stringContaining("read-calendar: It needs one of the permissions Calendars.Read"),
      expect.stringContaining("read-shared-mailbox: It needs one of the permissions Mail.Read"),
    ]);
    const others = chosenRequestFaults([], {
      requests: ["send-mail"],
      mailbox: undefined,
      graphRequest: undefined,
      apiRequests: [],
    });
    expect(others.map(({ repair }) => repair)).toEqual(["--mailbox support@contoso.com"]);
    const bad = {
      requests: ["find-person"],
      mailbox: "x')/../y@z",
      graphRequest: undefined,
      apiRequests: [],
    };
    expect(chosenRequestFaults([], bad).map(({ reason }) => reason)).toEqual([
      "That is not an e-mail address.",
      "No request uses it.",
    ]);
  });

  it("never let a conversation choose the mailbox", () => {
    const mail = requestTable.filter((request) =>
      request.permissions.some((name) => name.startsWith("Mail.")),
    );
    expect(mail.map(needsMailbox)).toEqual([true, true]);
  });

  it("have a tool each, which classic orchestration does not know", () => {
    const tools = (classic: boolean): string[] =>
      [...makeArtefacts({ newAgent: "A", classic }).keys()].filter((path) => path.includes(".action."));
    expect(tools(true)).toEqual([]);
    expect(tools(false).filter((path) => path.endsWith("/data"))).toHaveLength(2);
  });
});
