import { clouds } from "../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { artefactNames } from "../../copilot/names";
import { tokenProblems } from "../../copilot/problems";
import { importSteps } from "../../copilot/readme/importSteps";
import { defaultCopilotSettings, type CopilotSettings } from "../../copilot/settings";
import { copilotCommand } from "../../scripts/copilot/command";
import { app, everything, makeArtefacts, makeLogicAppArtefacts, textFile } from "./support/artefactFixture";

const readmeOf = (settings: Partial<CopilotSettings> = {}): string =>
  textFile(makeArtefacts(settings), artefactPaths.readme);

describe("the artefacts' README", () => {
  it("counts the clicks that its steps add up to", () => {
    const names = artefactNames(app, defaultCopilotSettings);
    const trial = { connection: "", values: "", topic: names.tokenTopic, phrase: "", reply: "" };
    const steps = importSteps(clouds.public, names, { agents: [], newAgent: undefined }, trial);
    const sum = steps.reduce((total, { clicks }) => total + clicks, 0);
    expect(readmeOf()).toContain(`\n${sum} clicks, counted from Microsoft's documentation.`);
    expect(readmeOf({ agents: ["contoso_helpdesk"] })).toContain(`\n${sum - 5} clicks`);
  });

  it("begins with three questions, whose answers lead to paths that it has", () => {
    const withMail = { requests: ["send-mail"], mailbox: "support@contoso.com" };
    const mail = textFile(makeArtefacts(withMail, { permissions: ["Mail.Send"] }), artefactPaths.readme);
    const noRequest = textFile(makeArtefacts({}, { permissions: ["Mail.Send"] }), artefactPaths.readme);
    const logicApp = textFile(makeLogicAppArtefacts(everything), artefactPaths.readme);
    const readmes: [string, number][] = [
      ...[{}, everything, { classic: true }].map((settings): [string, number] => [readmeOf(settings), 4]),
      [mail, 3],
      [noRequest, 2],
      [logicApp, 3],
    ];
    for (const [readme, paths] of readmes) {
      const [, questions = ""] = /\n## Three questions\n([^]*?)\n## /.exec(readme) ?? [];
      expect(questions.match(/^\d\. \*\*.+\?\*\*/gm)).toHaveLength(3);
      const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, title = ""]) =>
        title.toLowerCase().replaceAll(":", "").replaceAll(" ", "-"),
      );
      const links = [...readme.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = ""]) => anchor);
      expect(new Set(links).size).toBe(paths);
      expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
      for (const [, page = ""] of readme.matchAll(/\]\((https:[^)]+)\)/g)) {
        expect(page).toMatch(/^https:\/\/learn\.microsoft\.com\//);
      }
      expect(readme.match(/\(?read 2026-11\)/g)?.length).toBeGreaterThan(2);
    }
  });

  it("says in three sentences what the safe pair is and avoids", () => {
    const [, section = ""] = readmeOf().split("## Which topic\n\n");
    const [paragraph = ""] = section.split("\n\n");
    expect(paragraph.match(/[.](?= |$)/g)).toHaveLength(3);
    for (const word of ["transcripts", "run history", "telemetry"]) expect(paragraph).toContain(word);
  });

  it("names files that were made, and flags that the command has", () => {
    for (const settings of [{}, everything, { returnToken: true, flowPlan: "power-automate" as const }]) {
      const files = [...makeArtefacts(settings).keys()];
      const readme = readmeOf(settings);
      const [, table = ""] = /\n## Files\n([^]*?)\n## Which topic/.exec(readme) ?? [];
      const named = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name);
      const made = named.filter((name) => files.some((path) => path === name || path.startsWith(name)));
      expect([named.length, made]).toEqual([10, named]);
      const ours = [...readme.matchAll(/`--([a-z-]+)`/g)].map(([, flag = ""]) => flag);
      expect(ours.filter((flag) => !(flag in copilotCommand.flags))).toEqual([]);
    }
  });

  it("lists every problem that the agent can report, and quotes what it says", () => {
    const readme = readmeOf();
    for (const { message, codes } of tokenProblems(clouds.public)) {
      expect(readme).toContain(message);
      for (const code of codes) expect(readme).toContain(`\`${code}\``);
    }
  });

  it("shows the tag that the secret needs", () => {
    expect(readmeOf(everything)).toContain(
      "`AllowedBots` = `7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246/contoso_helpdesk,7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246/cptoken_Tokenhelper`",
    );
    expect(readmeOf({ environmentId: "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246" })).toContain(
      "`AllowedEnvironments` = `7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246`",
    );
  });

  it("warns when the token is handed out", () => {
    expect(
      [readmeOf(), readmeOf({ returnToken: true })].map((text) => text.includes("show the token.")),
    ).toEqual([false, true]);
  });
});
